//! `/metrics`: for who has the token, or where none is set, for this machine only.

use super::not_found;
use crate::{app::App, config::Config, telemetry::Figures};
use api::http::Hosts;
use axum::{
    extract::{ConnectInfo, Request, State},
    http::{
        HeaderMap, Version,
        header::{self, AUTHORIZATION},
        uri::Authority,
    },
    response::{IntoResponse, Response},
};
use domain::job;
use std::net::SocketAddr;

/// Added by proxies: who asks is somebody else than the peer.
const FORWARDED: [&str; 5] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/// The figures, with those of the queue as they are now.
pub(super) async fn show(State((app, figures)): State<(App, Figures)>, request: Request) -> Response {
    if !may_read(&app.config, &request) {
        return not_found();
    }
    if let Ok(backlog) = app.db.read(job::backlog).await {
        for (state, jobs) in [("waiting", backlog.waiting), ("dead", backlog.dead)] {
            let jobs = f64::from(i32::try_from(jobs).unwrap_or(i32::MAX));
            metrics::gauge!("kermesse_jobs", "state" => state).set(jobs);
        }
    }
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    (
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")],
        figures.render(),
    )
        .into_response()
}

fn may_read(config: &Config, request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    match &config.metrics.token {
        Some(token) => bearer(request.headers()).is_some_and(|given| token.is(given)),
        None => peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback()) && is_direct(request),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let one = all.next()?.to_str().ok()?;
    match all.next() {
        None => one.strip_prefix("Bearer "),
        Some(_) => None,
    }
}

/// Whether the peer itself asks: a proxy on this machine would open the figures to everybody. nginx, which may add no
/// header, speaks HTTP/1.0 unless told otherwise; where it is, it passes on the name of the site, which is none of this
/// machine's.
fn is_direct(request: &Request) -> bool {
    let headers = request.headers();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.or(request.uri().authority().map(Authority::as_str));
    request.version() >= Version::HTTP_11
        && FORWARDED.iter().all(|name| !headers.contains_key(*name))
        && host.is_some_and(|host| Hosts::of_this_machine().allow(host))
}
