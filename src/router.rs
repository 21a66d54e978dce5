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
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use std::time::Duration;
use tokio::time::Instant;
use tower_http::timeout::TimeoutLayer;

/// From the head of a request to the head of its answer.
const TIME: Duration = Duration::from_secs(30);

/// Everything that this program answers. `doors`: what the API, pages and federation answer.
pub fn router(app: &App, figures: Figures, doors: Router) -> Router {
    let house = Router::new()
        .route("/health", get(health::ready))
        .route("/health/live", get(health::live))
        .with_state(app.clone());
    let figures = Router::new()
        .route("/metrics", get(figures::show))
        .with_state((app.clone(), figures));
    let all = doors
        .merge(house)
        .merge(figures)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIME));
    protect(all, &app.settings.public_url).layer(middleware::from_fn(measure))
}

/// Counts requests and their time, by the shape of their address: never the address itself.
async fn measure(path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().as_str().to_owned();
    let response = next.run(request).await;
    let path = path.map_or_else(|| "other".to_owned(), |path| path.as_str().to_owned());
    let status = response.status().as_u16().to_string();
    let seconds = begun.elapsed();
    metrics::histogram!("kermesse_http_request_seconds", "path" => path.clone()).record(seconds);
    metrics::counter!("kermesse_http_requests_total", "method" => method, "path" => path, "status" => status)
        .increment(1);
    response
}

/// An answer with nothing in it, for what is not there or not for this reader.
fn not_found() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// What the handlers of the house need.
type House = State<App>;
