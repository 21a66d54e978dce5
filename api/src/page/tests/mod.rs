//! Pages with a small script in the place of SvelteKit's server.

mod hostile;
mod model;
mod pages;
mod racing;
mod real;

use super::{
    Pages, Site,
    cache::{CacheLimits, PageCache},
    engine::Limits,
    fetch::{Answer, Fetch, Query},
    files::Files,
    front::FrontEnd,
    language::Language,
    pool::{Pool, PoolSettings},
};
use crate::http::protect;
use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use domain::{caller::Caller, db::Seen, db::testing::FrozenClock, settings::Settings, time::Zone};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tower::ServiceExt;

/// `handle` renders `/search?q=NAME` by the function of that name, and everything else by `usual`.
const SCRIPT: &str = include_str!("script.js");

/// What a test reads of an answer.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Read {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// Sends a request through a router.
pub(super) async fn send(router: &Router, request: Request<Body>) -> Read {
    let answer = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let bytes = to_bytes(body, 10 << 20).await.unwrap();
    Read {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// A request with headers, to the site's own host.
pub(super) fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", "fete.example");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

/// What the API was asked, and for whom.
type Asked = Arc<Mutex<Vec<(Query, Caller)>>>;

/// An API that answers with what it was asked, or late, or panics.
struct Echo(Asked);

#[async_trait]
impl Fetch for Echo {
    async fn run(&self, query: Query, caller: Caller, _: Seen) -> Answer {
        self.0.lock().unwrap().push((query.clone(), caller.clone()));
        match query.id.as_str() {
            "slow" => tokio::time::sleep(Duration::from_mins(1)).await,
            "panic" => panic!("a resolver fails"),
            "status" => {
                return Answer {
                    status: u16::try_from(query.variables.as_u64().unwrap()).unwrap(),
                    body: "{}".to_owned(),
                };
            }
            _ => {}
        }
        Answer {
            status: 200,
            body: serde_json::json!({ "caller": format!("{caller:?}"), "id": query.id }).to_string(),
        }
    }
}

/// A site of tests.
pub(super) struct TestSite {
    pub(super) router: Router,
    pub(super) pages: Arc<Pages>,
    pub(super) asked: Asked,
}

/// Short times, so that hostile pages end soon.
pub(super) fn quick() -> PoolSettings {
    PoolSettings {
        threads: 2,
        waiting: 256,
        patience: Duration::from_secs(20),
        fetch_time: Duration::from_millis(300),
        grace: Duration::from_secs(10),
        limits: Limits {
            time: Duration::from_millis(400),
            ..Limits::default()
        },
    }
}

pub(super) fn settings() -> Settings {
    Settings {
        public_url: "https://fete.example".parse().unwrap(),
        name: "La fête".to_owned(),
        description: String::new(),
        zone: Zone::named("Europe/Brussels").unwrap(),
        languages: vec!["fr".to_owned(), "en".to_owned()],
        country: None,
        contact: None,
    }
}

/// Pages made by `script` over an API.
pub(super) fn pages(script: &str, pool: PoolSettings, cache: CacheLimits, fetch: &Arc<dyn Fetch>) -> Arc<Pages> {
    let front = FrontEnd {
        script: script.into(),
        errors: vec![
            (StatusCode::INTERNAL_SERVER_ERROR, Language::French, "<h1>500 fr</h1>"),
            (StatusCode::SERVICE_UNAVAILABLE, Language::French, "<h1>503 fr</h1>"),
        ],
    };
    let settings = Arc::new(settings());
    let site: Site = Arc::new(move || settings.clone());
    let handle = tokio::runtime::Handle::current();
    Arc::new(Pages {
        pool: Pool::start(pool, &front.script, fetch, &handle).unwrap(),
        cache: PageCache::new(cache),
        front,
        files: Files::embedded(),
        site,
        clock: FrozenClock::at("2026-12-01T12:00", "Europe/Brussels"),
        link: Arc::new(|_| None),
    })
}

impl TestSite {
    pub(super) fn new() -> Self {
        Self::with(quick(), CacheLimits::default())
    }

    pub(super) fn with(pool: PoolSettings, cache: CacheLimits) -> Self {
        let asked = Asked::default();
        let fetch: Arc<dyn Fetch> = Arc::new(Echo(asked.clone()));
        let pages = pages(SCRIPT, pool, cache, &fetch);
        let router = protect(super::router(pages.clone()), &settings().public_url);
        Self { router, pages, asked }
    }

    pub(super) async fn get(&self, path: &str) -> Read {
        self.get_with(path, &[]).await
    }

    pub(super) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Read {
        send(&self.router, request("GET", path, headers)).await
    }
}
