//! `/health`: whether this node can serve readers, for load balancers and people. `/health/live`: whether it runs at all.

use super::House;
use crate::app::{App, media_folder};
use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::job;
use rustix::fs::{Access, access, statvfs};
use serde_json::json;
use std::{path::Path, time::Duration};

/// For the database to answer.
const TIME: Duration = Duration::from_secs(2);
/// Less than this is as good as full: SQLite needs room for its log.
const LEAST_FREE: u64 = 16 * 1024 * 1024;

/// 200 while requests are taken, whatever else is wrong.
pub(super) async fn live() -> Response {
    answer(StatusCode::OK, &json!({ "status": "ok" }))
}

/// 200 while pages can be made: `ok`, or `degraded` where nothing can be written. 503 where the database is away.
pub(super) async fn ready(State(app): House) -> Response {
    let backlog = tokio::time::timeout(TIME, app.db.read(job::backlog)).await;
    let Ok(Ok(backlog)) = backlog else {
        let body = json!({ "status": "down", "database": "does not answer" });
        return answer(StatusCode::SERVICE_UNAVAILABLE, &body);
    };
    let disk = disk(&app);
    let body = json!({
        "status": if disk == "ok" { "ok" } else { "degraded" },
        "database": "ok",
        "disk": disk,
        "jobs": { "waiting": backlog.waiting, "dead": backlog.dead },
        "version": env!("CARGO_PKG_VERSION"),
    });
    answer(StatusCode::OK, &body)
}

fn answer(status: StatusCode, body: &serde_json::Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Whether the folders of the data can be written: asked of the system, not tried.
fn disk(app: &App) -> &'static str {
    let folders = [app.config.base.data_dir.clone(), media_folder(&app.config)];
    folders
        .iter()
        .map(|folder| state(folder))
        .find(|state| *state != "ok")
        .unwrap_or("ok")
}

fn state(folder: &Path) -> &'static str {
    if access(folder, Access::WRITE_OK).is_err() {
        return "read-only";
    }
    match statvfs(folder) {
        Ok(disk) if disk.f_bavail.saturating_mul(disk.f_frsize) < LEAST_FREE => "full",
        _ => "ok",
    }
}
