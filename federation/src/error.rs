//! What another server hears when something fails: one table. The cause goes to the log, never to the answer.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::Error;
use serde_json::json;

/// Seconds until somebody whom the database refused may come again.
const SOON: u32 = 30;

/// The answer for a failure.
pub(crate) fn response(error: &Error) -> Response {
    match error {
        Error::NotFound(_) | Error::Unauthenticated | Error::Forbidden(_) => {
            refusal(StatusCode::NOT_FOUND, "not_found")
        }
        Error::Gone(_) => refusal(StatusCode::GONE, "gone"),
        Error::Invalid(_) => refusal(StatusCode::BAD_REQUEST, "malformed"),
        Error::Conflict(_) => refusal(StatusCode::CONFLICT, "conflict"),
        Error::RateLimited { retry_after } => later(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", *retry_after),
        Error::Unavailable(_) => later(StatusCode::SERVICE_UNAVAILABLE, "unavailable", SOON),
        Error::Internal(cause) => {
            tracing::error!(%cause, "a document could not be made");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "internal")
        }
    }
}

/// A refusal that says when to come again, in seconds.
pub(crate) fn later(status: StatusCode, code: &str, seconds: u32) -> Response {
    let mut response = refusal(status, code);
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn refusal(status: StatusCode, code: &str) -> Response {
    (status, Json(json!({ "error": code }))).into_response()
}
