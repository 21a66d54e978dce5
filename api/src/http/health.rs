//! `/health`: whether this process can answer readers, for who watches it.

use super::plain_text;
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Response, StatusCode},
    routing::get,
};
use domain::db::Db;
use std::time::Duration;

/// How long the database has to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers 200 `ok` when the database does, 503 otherwise. It tells nothing else: anybody may ask.
pub fn router(db: Db) -> Router {
    Router::new().route("/health", get(health)).with_state(db)
}

async fn health(State(db): State<Db>) -> Response<Body> {
    match tokio::time::timeout(PATIENCE, db.ping()).await {
        Ok(Ok(())) => plain_text(StatusCode::OK, "ok\n"),
        Ok(Err(_)) | Err(_) => plain_text(StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n"),
    }
}
