//! Joins what the doors answer with what belongs to the house: health, figures, and what protects them all.

mod figures;
mod health;
#[cfg(test)]
mod tests;

use crate::{app::App, telemetry::Figures};
use api::http::protect;
use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};

/// Everything that this program answers. `doors`: what the API, pages and federation answer.
pub fn router(app: &App, figures: Figures, doors: Router) -> Router {
    let house = Router::new()
        .route("/health", get(health::ready))
        .route("/health/live", get(health::live))
        .with_state(app.clone());
    let figures = Router::new()
        .route("/metrics", get(figures::show))
        .with_state((app.clone(), figures));
    protect(doors.merge(house).merge(figures), &app.settings.public_url)
}

/// An answer with nothing in it, for what is not there or not for this reader.
fn not_found() -> Response {
    StatusCode::NOT_FOUND.into_response()
}

/// What the handlers of the house need.
type House = State<App>;
