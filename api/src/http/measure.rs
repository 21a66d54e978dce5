//! Counts requests and their time, by the shape of their address: never the address itself.

use axum::{
    extract::MatchedPath,
    http::{Method, Request, Response},
};
use metrics::{SharedString, counter, histogram};
use std::time::Instant;

/// A request that is being answered.
pub(super) struct Measured {
    begun: Instant,
    method: &'static str,
    path: SharedString,
}

impl Measured {
    pub(super) fn begin<B>(request: &Request<B>) -> Self {
        let path = request.extensions().get::<MatchedPath>();
        Self {
            begun: Instant::now(),
            method: method(request.method()),
            path: path.map_or(SharedString::const_str("other"), |path| {
                SharedString::from_owned(path.as_str().to_owned())
            }),
        }
    }

    pub(super) fn end<B>(self, answer: &Response<B>) {
        let status = answer.status().as_str().to_owned();
        histogram!("kermesse_http_request_seconds", "path" => self.path.clone()).record(self.begun.elapsed());
        counter!("kermesse_http_requests_total", "method" => self.method, "path" => self.path, "status" => status)
            .increment(1);
    }
}

/// Methods that we do not know are one: who invents them fills nothing.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
