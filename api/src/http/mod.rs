//! What HTTP needs around every answer, whoever gives it: bounds, the right host, and headers that protect readers.

pub mod crawlers;
pub mod feed;
pub mod headers;
mod host;
mod limits;
mod measure;
pub mod media;

pub use host::Hosts;
pub use limits::MOST_BODY;

use crate::error::Incident;
use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderValue, Response, StatusCode, header},
    middleware::{self, Next},
};
use futures_util::FutureExt;
use measure::Measured;
use std::{any::Any, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::time::timeout;
use url::Url;

/// From the head of a request to the head of its answer.
const TIME: Duration = Duration::from_secs(30);

/// Puts the door around a router: bounds of size and time, the host, what catches a panic, and around all of them figures and headers, so that
/// refusals and faults have them too. A route may raise the size of bodies for itself with its own [`DefaultBodyLimit`].
pub fn protect(router: Router, public_url: &Url) -> Router {
    let door = Arc::new(Door {
        hosts: Hosts::of(public_url),
        https: public_url.scheme() == "https",
    });
    router.layer(middleware::from_fn_with_state(door, guard))
}

struct Door {
    hosts: Hosts,
    https: bool,
}

/// One layer with plain functions in it: each layer of axum costs a copy of all that lie below it and a boxed future,
/// and together they cost more than giving out a kept page.
async fn guard(State(door): State<Arc<Door>>, mut request: Request, next: Next) -> Response<Body> {
    let measured = Measured::begin(&request);
    let refused = limits::refusal(&request).or_else(|| host::refusal(&door.hosts, &request));
    let mut answer = match refused {
        Some((status, words)) => plain_text(status, words),
        None => {
            DefaultBodyLimit::max(MOST_BODY).apply(&mut request);
            let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
            match timeout(TIME, answer).await {
                Ok(answer) => answer.unwrap_or_else(panicked),
                Err(_) => plain_text(StatusCode::SERVICE_UNAVAILABLE, "This takes too long; try again."),
            }
        }
    };
    headers::secure(answer.headers_mut(), door.https);
    measured.end(&answer);
    answer
}

/// A few words, for programs and for people whose browser misbehaves; not to be kept.
pub(crate) fn plain_text(status: StatusCode, words: impl Into<Body>) -> Response<Body> {
    let mut answer = Response::new(words.into());
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

#[expect(clippy::needless_pass_by_value, reason = "what a panic is caught as")]
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let incident = Incident::new();
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    tracing::error!(%incident, panic = text.unwrap_or_default(), "a handler panicked");
    let words = format!("Something went wrong here. Tell the administrators this number: {incident}\n");
    plain_text(StatusCode::INTERNAL_SERVER_ERROR, words)
}

#[cfg(test)]
mod tests;
