//! Counts requests and their time, by the shape of their address: never the address itself.

use axum::{
    extract::MatchedPath,
    http::{Method, Request, Response, StatusCode},
};
use metrics::{Counter, Histogram, counter, histogram};
use std::{cell::RefCell, collections::HashMap, time::Instant};

/// The shape of addresses that have no route.
const NO_ROUTE: &str = "other";

/// A request that is being answered.
pub(super) struct Measured {
    begun: Instant,
    method: &'static str,
    path: Option<MatchedPath>,
}

impl Measured {
    pub(super) fn begin<B>(request: &Request<B>) -> Self {
        Self {
            begun: Instant::now(),
            method: method(request.method()),
            path: request.extensions().get().cloned(),
        }
    }

    pub(super) fn end<B>(self, answer: &Response<B>) {
        let path = self.path.as_ref().map_or(NO_ROUTE, MatchedPath::as_str);
        let (status, time) = (answer.status(), self.begun.elapsed());
        FOUND.with_borrow_mut(|found| match found.get_mut(path) {
            Some(figures) => figures.count(self.method, status, time.as_secs_f64()),
            None => {
                let mut figures = OfPath::new(path);
                figures.count(self.method, status, time.as_secs_f64());
                found.insert(path.to_owned(), figures);
            }
        });
    }
}

thread_local! {
    /// To find a figure by its name and labels takes longer than to give out a kept page. There are as many as there
    /// are routes, methods and statuses.
    static FOUND: RefCell<HashMap<String, OfPath>> = RefCell::default();
}

/// What is counted of one shape of address.
struct OfPath {
    path: String,
    seconds: Histogram,
    totals: HashMap<(&'static str, StatusCode), Counter>,
}

impl OfPath {
    fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            seconds: histogram!("kermesse_http_request_seconds", "path" => path.to_owned()),
            totals: HashMap::new(),
        }
    }

    fn count(&mut self, method: &'static str, status: StatusCode, seconds: f64) {
        self.seconds.record(seconds);
        let path = &self.path;
        let total = self.totals.entry((method, status)).or_insert_with(|| {
            let status = status.as_str().to_owned();
            counter!("kermesse_http_requests_total", "method" => method, "path" => path.clone(), "status" => status)
        });
        total.increment(1);
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
