//! GraphQL over HTTP, as Mobilizon's clients speak it: `POST` and `GET` at `/api` and `/graphql`.
//!
//! Answers have status 200 also where the operation failed, because the clients do not read any other; 400 is for what
//! cannot be read, 405 for a mutation by `GET`, 413 and 415 for what is too large or of a type that is not taken.
//!
//! A request with the session's cookie is taken only in forms that another site cannot make a browser send: JSON, and
//! not from elsewhere (`security.md` §7.1).

mod body;

use super::{Answer, Budget, Gql, Operation};
use crate::{
    error::{Told, tell},
    limit::Client,
    state::ApiState,
};
use axum::{
    Extension, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use body::{Asked, Fields, Unreadable};
use domain::{Error, caller::Caller};

/// The most bytes of a request.
pub const MOST_BYTES: usize = 100_000;
/// The cookie of a session.
const SESSION: &str = "__Host-sid=";

/// The routes of the API.
pub fn routes() -> Router<ApiState> {
    let door = get(by_get).post(by_post);
    Router::new()
        .route("/api", door.clone())
        .route("/api/", door.clone())
        .route("/graphql", door)
        .layer(DefaultBodyLimit::max(MOST_BYTES))
}

/// Where a request came from; `None` where nobody counts.
type From = Option<Extension<Client>>;

async fn by_get(State(state): State<ApiState>, from: From, Query(fields): Query<Fields>) -> Response {
    if let Err(error) = count(&state, from, 1) {
        return too_often(&error);
    }
    let operation = match fields.operation() {
        Ok(operation) => operation,
        Err(why) => return unreadable(&why),
    };
    let caller = Caller::Anonymous;
    match state.gql.prepare(operation, &mut Budget::of(&caller)) {
        Ok(prepared) if prepared.is_query() => respond(state.gql.execute(prepared, caller, None).await),
        Ok(_) => {
            let told = Told::new(405, "method_not_allowed", "A mutation must be sent by POST.");
            let mut response = respond(Answer::refusal(405, told));
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("POST"));
            response
        }
        Err(refusal) => respond(refusal),
    }
}

async fn by_post(
    State(state): State<ApiState>,
    from: From,
    Query(fields): Query<Fields>,
    headers: HeaderMap,
    Bounded(body): Bounded,
) -> Response {
    let asked = match body::read(&headers, fields, &body) {
        Ok(asked) => asked,
        Err(why) => return unreadable(&why),
    };
    if let Err(why) = refuse_other_sites(&state, &headers) {
        return unreadable(&why);
    }
    if let Err(error) = count(&state, from, asked.len()) {
        return too_often(&error);
    }
    let caller = Caller::Anonymous;
    let mut budget = Budget::of(&caller);
    match asked {
        Asked::One(operation) => respond(run(&state.gql, operation, &caller, &mut budget).await),
        Asked::Batch(operations) => {
            let mut answers = Vec::with_capacity(operations.len());
            for operation in operations {
                answers.push(run(&state.gql, operation, &caller, &mut budget).await);
            }
            respond(joined(&answers))
        }
    }
}

/// The bytes of a request; none of them are waited for where it says that there are too many.
struct Bounded(Bytes);

impl<S: Send + Sync> FromRequest<S> for Bounded {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let too_large = || unreadable(&Unreadable::TooLarge(MOST_BYTES));
        let said = request.headers().get(header::CONTENT_LENGTH);
        let said = said.and_then(|value| value.to_str().ok()?.parse().ok());
        if said.is_some_and(|bytes: usize| bytes > MOST_BYTES) {
            return Err(too_large());
        }
        let read = Bytes::from_request(request, state).await;
        read.map(Self).map_err(|why| match why.status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(),
            _ => why.into_response(),
        })
    }
}

async fn run(gql: &Gql, operation: Operation, caller: &Caller, budget: &mut Budget) -> Answer {
    match gql.prepare(operation, budget) {
        Ok(prepared) => gql.execute(prepared, caller.clone(), None).await,
        Err(refusal) => refusal,
    }
}

/// The answers to a batch: an array of them.
fn joined(answers: &[Answer]) -> Answer {
    let bodies: Vec<&[u8]> = answers.iter().map(|answer| &*answer.body).collect();
    let body = [b"[", bodies.join(&b","[..]).as_slice(), b"]"].concat();
    Answer {
        status: answers.iter().map(|answer| answer.status).max().unwrap_or(200),
        body: body.into(),
        is_error: answers.iter().any(|answer| answer.is_error),
    }
}

fn count(state: &ApiState, from: From, operations: u32) -> domain::Result<()> {
    match (&state.operations, from) {
        (Some(limiter), Some(Extension(client))) => limiter.take(client, operations),
        _ => Ok(()),
    }
}

/// Refused before anything ran, and said in the status too: clients back off by it.
fn too_often(error: &Error) -> Response {
    let Some(told) = tell(error).into_iter().next() else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    let pause = told.retry_after.map(HeaderValue::from);
    let mut response = respond(Answer::refusal(told.status, told));
    response
        .headers_mut()
        .extend(pause.map(|seconds| (header::RETRY_AFTER, seconds)));
    response
}

/// With a session's cookie: JSON only, and from a page of ours, or from no page at all.
fn refuse_other_sites(state: &ApiState, headers: &HeaderMap) -> Result<(), Unreadable> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let has_session = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|cookies| {
            cookies
                .split(';')
                .any(|cookie| cookie.trim_start().starts_with(SESSION))
        });
    if !has_session {
        return Ok(());
    }
    if !body::is_json(headers) {
        return Err(Unreadable::Type("With a session, send application/json."));
    }
    let is_ours =
        text(header::ORIGIN).is_none_or(|origin| origin == state.settings.public_url.origin().ascii_serialization());
    let is_from_here = text(header::HeaderName::from_static("sec-fetch-site"))
        .is_none_or(|site| matches!(site, "same-origin" | "none"));
    if is_ours && is_from_here {
        Ok(())
    } else {
        Err(Unreadable::OtherSite)
    }
}

fn unreadable(why: &Unreadable) -> Response {
    let (status, code) = match why {
        Unreadable::Text(_) => (400, "unreadable"),
        Unreadable::Type(_) => (415, "unsupported_type"),
        Unreadable::TooLarge(_) => (413, "too_large"),
        Unreadable::OtherSite => (403, "other_site"),
    };
    respond(Answer::refusal(status, Told::new(status, code, why.to_string())))
}

fn respond(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = [
        (header::CONTENT_TYPE, "application/json; charset=utf-8"),
        (header::CACHE_CONTROL, "private, no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, answer.body).into_response()
}
