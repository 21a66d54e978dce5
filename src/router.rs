//! Joins what the doors answer with what belongs to the house: health, figures, and what protects them all.

mod figures;
mod health;
#[cfg(test)]
mod tests;

use crate::{app::App, telemetry::Figures};
use api::http::protect;
use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use std::borrow::Cow;
use tokio::time::Instant;

/// Everything that this program answers. `doors`: what the API, pages and federation answer.
pub fn router(app: &App, figures: Figures, doors: Router) -> Router {
    let house = Router::new()
        .route("/health", get(health::ready))
        .route("/health/live", get(health::live))
        .with_state(app.clone());
    let figures = Router::new()
        .route("/metrics", get(figures::show))
        .with_state((app.clone(), figures));
    let all = doors.merge(house).merge(figures);
    protect(all, &app.settings.public_url).layer(middleware::from_fn(measure))
}

/// Counts requests and their time, by the shape of their address: never the address itself.
async fn measure(path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = method(&request);
    let response = next.run(request).await;
    let path = path.map_or(Cow::Borrowed("other"), |path| Cow::Owned(path.as_str().to_owned()));
    let status = response.status().as_str().to_owned();
    let seconds = begun.elapsed();
    metrics::histogram!("kermesse_http_request_seconds", "path" => path.clone()).record(seconds);
    metrics::counter!("kermesse_http_requests_total", "method" => method, "path" => path, "status" => status)
        .increment(1);
    response
}

/// Invented methods are one.
fn method(request: &Request) -> &'static str {
    match *request.method() {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// An answer with nothing in it, for what is not there or not for this reader.
fn not_found() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// What the handlers of the house need.
type House = State<App>;
