//! HTTP: routes, headers, and the choice between a document and a page.

use crate::{
    Address, Document, State,
    accept::{self, Wish},
    address::{Actor, Collection},
    document::{Kind, document},
    error,
};
use axum::{
    Router, extract,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use domain::{
    db::Seen,
    error::{Error, What},
};

/// Seconds after which a server may try our inboxes again.
const INBOX_RETRY: u32 = 3_600;

/// The addresses that only programs ask. Those shared with pages are [`negotiate`]'s.
pub fn router(state: State) -> Router {
    let documents = [
        "/.well-known/webfinger",
        "/.well-known/host-meta",
        "/.well-known/host-meta.json",
        "/.well-known/nodeinfo",
        "/nodeinfo/2.0",
        "/nodeinfo/2.1",
        "/FEDERATION.md",
        "/relay",
        "/events/{uuid}/attendees",
        "/events/{uuid}/replies",
    ];
    let mut router = Router::new();
    for path in documents {
        router = router.route(path, get(read));
    }
    for collection in Collection::ALL {
        router = router.route(&format!("/@{{name}}/{}", collection.name()), get(read));
        if collection.is_of(domain::profile::Kind::Application) {
            router = router.route(&format!("/relay/{}", collection.name()), get(read));
        }
    }
    for inbox in ["/inbox", "/relay/inbox", "/@{name}/inbox"] {
        router = router.route(inbox, post(|| async { refuse_for_now() }));
    }
    router.with_state(state)
}

/// The document of an address that a page has too, where the request prefers it; `None`: show the page, with
/// `Vary: Accept` and the [`alternate`] of the address.
pub async fn negotiate(state: &State, request: &Parts) -> Option<Response> {
    if !matches!(request.method, Method::GET | Method::HEAD) {
        return None;
    }
    let address = parse(&request.uri).filter(Address::is_shared)?;
    match accept::wish(&request.headers) {
        Wish::Document(kind) => Some(answer(state, &address, kind).await),
        Wish::Page | Wish::Anything => None,
    }
}

/// The `Link` header of a page that is a document too; `None` for any other page.
pub fn alternate(state: &State, path: &str) -> Option<HeaderValue> {
    Address::parse(path, "").filter(Address::is_shared)?;
    let url = state.settings.url(path);
    HeaderValue::try_from(format!(
        "<{url}>; rel=\"alternate\"; type=\"application/activity+json\""
    ))
    .ok()
}

async fn read(extract::State(state): extract::State<State>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(address) = parse(&uri) else {
        return dressed(error::response(&Error::NotFound(What::Profile)), "no-cache");
    };
    let kind = match accept::wish(&headers) {
        // The site's actor has its page elsewhere.
        Wish::Page if address == Address::Actor(Actor::Site) => {
            let page = Redirect::to(&state.settings.url("/about")).into_response();
            return dressed(page, "public, max-age=60");
        }
        Wish::Document(kind) => kind,
        Wish::Page | Wish::Anything => accept::ACTIVITY,
    };
    answer(&state, &address, kind).await
}

/// Until activities are understood here, whoever sends one keeps it and tries again.
fn refuse_for_now() -> Response {
    let response = error::later(StatusCode::SERVICE_UNAVAILABLE, "not_yet", INBOX_RETRY);
    dressed(response, "no-store")
}

fn parse(uri: &Uri) -> Option<Address> {
    Address::parse(uri.path(), uri.query().unwrap_or_default())
}

async fn answer(state: &State, address: &Address, activity: &'static str) -> Response {
    match document(state, address, Seen::default()).await {
        Ok(document) => {
            let cache = format!("public, max-age={}", document.kind.max_age());
            dressed(written(document, activity), &cache)
        }
        Err(error) => dressed(error::response(&error), "no-cache"),
    }
}

fn written(document: Document, activity: &'static str) -> Response {
    let content_type = match document.kind {
        Kind::Activity => activity,
        other => other.content_type(),
    };
    let status = if document.is_gone {
        StatusCode::GONE
    } else {
        StatusCode::OK
    };
    let headers = [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))];
    (status, headers, document.bytes).into_response()
}

/// The headers of every answer: readable by scripts of other sites, chosen by `Accept`.
fn dressed(mut response: Response, cache: &str) -> Response {
    let headers = response.headers_mut();
    headers.extend(HeaderValue::try_from(cache).map(|value| (header::CACHE_CONTROL, value)));
    for (name, value) in [
        (header::VARY, "accept"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
