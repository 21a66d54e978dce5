//! What HTTP needs around every answer, whoever gives it: bounds, the right host, and headers that protect readers.

pub mod crawlers;
pub mod feed;
pub mod headers;
mod host;
mod limits;
pub mod media;

pub use host::Hosts;
pub use limits::MOST_BODY;

use crate::error::Incident;
use axum::{
    Router,
    body::Body,
    extract::DefaultBodyLimit,
    http::{HeaderValue, Response, StatusCode, header},
    middleware,
};
use std::{any::Any, sync::Arc};
use tower_http::catch_panic::CatchPanicLayer;
use url::Url;

/// Puts the door around a router: headers outermost, so that refusals and faults have them too; then what catches a
/// panic; bounds; the host; the size of bodies, which a route may raise for itself with its own [`DefaultBodyLimit`].
pub fn protect(router: Router, public_url: &Url) -> Router {
    let hosts = Arc::new(Hosts::of(public_url));
    let https = public_url.scheme() == "https";
    router
        .layer(DefaultBodyLimit::max(MOST_BODY))
        .layer(middleware::from_fn_with_state(hosts, host::check))
        .layer(middleware::from_fn(limits::check))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::map_response_with_state(https, headers::secure))
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

#[expect(clippy::needless_pass_by_value, reason = "the shape that the layer calls")]
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
