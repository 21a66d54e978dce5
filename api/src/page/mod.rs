//! Pages: SvelteKit's server runs here, on an embedded JavaScript engine; what it makes is kept and given to many.
//!
//! In reading order: [`route`] (which addresses are pages), [`language`], the handler below, [`cache`] and `serve`, the
//! threads of [`pool`] with an [`engine`] each, and [`fetch`], by which a page asks the API.
//!
//! What surprises: a page that is kept is rendered for nobody. No cookie, no header and no host of the reader reaches
//! it; who reads is a value that only an uncached render has.

pub mod cache;
mod encoding;
pub mod engine;
pub mod error;
pub mod fetch;
pub mod files;
pub mod front;
mod kept;
pub mod language;
mod natives;
pub mod pool;
pub mod route;
mod serve;

pub use kept::Made;

use crate::http::{headers, plain_text};
use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{Request as HttpRequest, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header, request::Parts},
};
use cache::{Key, Kind, PageCache};
use domain::{caller::Caller, db::Seen, ports::Clock, settings::Settings};
use engine::{Platform, Reading, Reply, Request};
use error::{Failure, RETRY_AFTER};
use files::Files;
use front::FrontEnd;
use language::Language;
use pool::Pool;
use route::{Address, Route};
use std::sync::Arc;

/// The address that stands for all that do not exist.
const MISSING: &str = "/not-found";
/// What SvelteKit may say of an answer. Cookies are written by Rust alone.
const FROM_KIT: [HeaderName; 4] = [
    header::CONTENT_TYPE,
    header::CONTENT_SECURITY_POLICY,
    header::LOCATION,
    HeaderName::from_static("x-robots-tag"),
];
/// Kit leaves the character set to the document.
const HTML: &str = "text/html; charset=utf-8";
/// By what a page differs: its language; whether it is one's own; the ActivityPub document behind the same address.
const VARY: &str = "accept, accept-encoding, accept-language, authorization, cookie, signature";

/// The site as it is now.
pub type Site = Arc<dyn Fn() -> Arc<Settings> + Send + Sync>;

/// Finds the value of a `Link` header (RFC 8288).
pub type Link = Arc<dyn Fn(&str) -> Option<HeaderValue> + Send + Sync>;

/// What pages are made with.
pub struct Pages {
    /// The threads that render.
    pub pool: Pool,
    /// What was rendered; feeds are kept in it too.
    pub cache: Arc<PageCache>,
    /// The built front end.
    pub front: FrontEnd,
    /// Its files.
    pub files: Files,
    /// Name, address, zone and languages of the site.
    pub site: Site,
    /// The time that pages are told.
    pub clock: Arc<dyn Clock>,
    /// The `Link` of a page, by its path without a language: what else there is of what it shows.
    pub link: Link,
}

/// The pages and the files of the front end, for every address that no other route takes.
///
/// Who reads is the request's extension [`Caller`]; without one, everybody is [`Caller::Anonymous`].
pub fn router(pages: Arc<Pages>) -> Router {
    let read = |State(pages): State<Arc<Pages>>, request: HttpRequest| async move {
        pages.read(&request.into_parts().0).await
    };
    Router::new().fallback(read).with_state(pages)
}

/// In which language, and how the address said so.
#[derive(Debug, Clone, Copy)]
struct Spoken {
    language: Language,
    prefix: &'static str,
}

/// The same headers as for GET.
fn without_body(answer: Response<Body>) -> Response<Body> {
    let (mut parts, body) = answer.into_parts();
    if let Some(length) = body.size_hint().exact()
        && parts.status != StatusCode::NOT_MODIFIED
    {
        parts.headers.insert(header::CONTENT_LENGTH, length.into());
    }
    Response::from_parts(parts, Body::empty())
}

impl Pages {
    /// The page or the file at an address, as [`router`] gives it.
    pub async fn read(&self, asked: &Parts) -> Response<Body> {
        if asked.method != Method::GET && asked.method != Method::HEAD {
            let mut refusal = plain_text(StatusCode::METHOD_NOT_ALLOWED, "This can only be read.\n");
            let allow = HeaderValue::from_static("GET, HEAD");
            refusal.headers_mut().insert(header::ALLOW, allow);
            return refusal;
        }
        let answer = if self.files.owns(asked.uri.path()) {
            self.files.answer(asked.uri.path(), &asked.headers)
        } else {
            self.answer(asked).await
        };
        if asked.method == Method::HEAD {
            without_body(answer)
        } else {
            answer
        }
    }

    async fn answer(&self, asked: &Parts) -> Response<Body> {
        let site = (self.site)();
        let (chosen, path) = Language::split(asked.uri.path());
        let spoken = Spoken {
            language: chosen.unwrap_or_else(|| preferred(&asked.headers, &site)),
            prefix: chosen.map_or("", Language::prefix),
        };
        let query = asked.uri.query().unwrap_or_default();
        let answer = match Address::parse(path) {
            Some(Address::Moved(route)) => return moved(spoken, &route),
            Some(Address::Page(route)) => match route.query(query) {
                Some(query) => self.page(asked, &site, spoken, &route, query).await,
                None => return plain_text(StatusCode::URI_TOO_LONG, "The address is too long.\n"),
            },
            None => self.missing(asked, &site, spoken).await,
        };
        answer.unwrap_or_else(|failure| self.failed(failure, spoken.language))
    }

    async fn page(
        &self,
        asked: &Parts,
        site: &Settings,
        spoken: Spoken,
        route: &Route,
        query: String,
    ) -> Result<Response<Body>, Failure> {
        let path = route.path();
        match asked.extensions.get::<Caller>() {
            None | Some(Caller::Anonymous) => {
                let key = Key {
                    kind: Kind::Page,
                    path: format!("{}{}", spoken.prefix, if path == "/" { "" } else { &path }),
                    query: query.clone(),
                    language: spoken.language.code(),
                };
                let produce = |seen| self.render(site, spoken, &path, &query, Caller::Anonymous, seen);
                self.cache.serve(key, &asked.headers, produce).await
            }
            Some(caller) => {
                let seen = Seen::default();
                let made = self.render(site, spoken, &path, &query, caller.clone(), seen).await?;
                serve::private(made, &asked.headers).await
            }
        }
    }

    /// One page for all addresses that do not exist: inventing them neither renders nor fills anything.
    async fn missing(&self, asked: &Parts, site: &Settings, spoken: Spoken) -> Result<Response<Body>, Failure> {
        let key = Key {
            kind: Kind::Missing,
            path: spoken.prefix.to_owned(),
            query: String::new(),
            language: spoken.language.code(),
        };
        let produce = |seen| self.render(site, spoken, MISSING, "", Caller::Anonymous, seen);
        self.cache.serve(key, &asked.headers, produce).await
    }

    async fn render(
        &self,
        site: &Settings,
        spoken: Spoken,
        path: &str,
        query: &str,
        caller: Caller,
        seen: Seen,
    ) -> Result<Made, Failure> {
        let request = self.request(site, spoken, path, query);
        let reply = self.pool.render(request, caller, seen).await;
        let mut made = made(reply.inspect_err(log)?);
        if made.status == StatusCode::OK
            && let Some(link) = (self.link)(path)
        {
            made.headers.insert(header::LINK, link);
        }
        Ok(made)
    }

    /// What SvelteKit is asked. The address is on the site's own host, whatever the reader wrote.
    fn request(&self, site: &Settings, spoken: Spoken, path: &str, query: &str) -> Request {
        let now = self.clock.now();
        let mark = if query.is_empty() { "" } else { "?" };
        Request {
            url: format!("{}{mark}{query}", site.url(path)),
            method: "GET",
            headers: [("accept", "text/html")],
            platform: Platform {
                locale: spoken.language.code(),
                prefix: spoken.prefix,
                clock: Reading {
                    instant: now.rfc3339(),
                    local: site.zone.local(now).to_string(),
                },
                site_name: site.name.clone(),
            },
        }
    }

    /// The page that the build of the front end wrote for this, because nothing can render one now.
    fn failed(&self, failure: Failure, language: Language) -> Response<Body> {
        let status = failure.status();
        let mut page = Response::new(Body::from(self.front.error(status, language)));
        *page.status_mut() = status;
        let headers = page.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(HTML));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if failure == Failure::Busy {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
        }
        page
    }
}

fn log(error: &pool::RenderError) {
    match error {
        pool::RenderError::Crash(crash) => tracing::error!(%crash, "a page failed"),
        other => tracing::warn!(error = %other, "a page was not rendered"),
    }
}

fn preferred(headers: &HeaderMap, site: &Settings) -> Language {
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    let accepted = accepted.and_then(Language::accepted);
    accepted.unwrap_or_else(|| Language::of_site(&site.languages))
}

fn moved(spoken: Spoken, to: &Route) -> Response<Body> {
    let mut answer = plain_text(StatusCode::MOVED_PERMANENTLY, "");
    // Made of what we read in the address, never the address itself: `//elsewhere.example` leads nowhere.
    if let Ok(location) = HeaderValue::try_from(format!("{}{}", spoken.prefix, to.path())) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    answer
}

/// What SvelteKit answered, with only those of its headers that may pass.
fn made(reply: Reply) -> Made {
    let mut kept = HeaderMap::new();
    for (name, value) in reply.headers {
        let parsed = (HeaderName::try_from(name), HeaderValue::try_from(value));
        let (Ok(name), Ok(value)) = parsed else { continue };
        if name == header::SET_COOKIE {
            tracing::error!("a page set a cookie; it was dropped");
        }
        if FROM_KIT.contains(&name) {
            kept.insert(name, value);
        }
    }
    if let Some(policy) = kept.get(header::CONTENT_SECURITY_POLICY)
        && !policy.to_str().is_ok_and(headers::is_strict)
    {
        tracing::error!(?policy, "a page's policy is not strict; ours is sent instead");
        kept.remove(header::CONTENT_SECURITY_POLICY);
    }
    if let Some(kind) = kept.get_mut(header::CONTENT_TYPE)
        && kind == "text/html"
    {
        *kind = HeaderValue::from_static(HTML);
    }
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    kept.insert(header::VARY, HeaderValue::from_static(VARY));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        kept.insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
    }
    Made {
        status,
        headers: kept,
        body: reply.body.into(),
    }
}

#[cfg(test)]
mod tests;
