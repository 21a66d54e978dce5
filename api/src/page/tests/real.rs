//! The built front end, where there is one, over an API that has nothing.

use super::{Read, Site, request, send, settings};
use crate::{
    http::{headers, protect},
    page::{
        Pages,
        cache::{CacheLimits, PageCache},
        fetch::{Answer, Fetch, Query},
        files::Files,
        front::{self, FrontEnd},
        pool::{Pool, PoolSettings},
    },
};
use async_trait::async_trait;
use axum::{Router, http::StatusCode};
use domain::{
    caller::Caller,
    db::{Seen, testing::FrozenClock},
};
use std::sync::Arc;

const ID: &str = "01976a3e-8f4b-7c11-9d4e-5f60718293a4";

/// Answers every query with the same status.
struct Nothing(u16);

#[async_trait]
impl Fetch for Nothing {
    async fn run(&self, query: Query, _: Caller, _: Seen) -> Answer {
        let operations: serde_json::Value = serde_json::from_str(front::OPERATIONS).unwrap();
        assert!(operations.get(&query.id).is_some(), "{} is not registered", query.id);
        Answer {
            status: self.0,
            body: r#"{"data":null,"errors":[{"message":"none","code":"none","status_code":404}]}"#.to_owned(),
        }
    }
}

fn site(status: u16) -> Router {
    let front = FrontEnd::embedded();
    let settings = Arc::new(settings());
    let public_url = settings.public_url.clone();
    let site: Site = Arc::new(move || settings.clone());
    let fetch: Arc<dyn Fetch> = Arc::new(Nothing(status));
    let handle = tokio::runtime::Handle::current();
    let pages = Pages {
        pool: Pool::start(PoolSettings::default(), &front.script, &fetch, &handle).unwrap(),
        cache: PageCache::new(CacheLimits::default()),
        front,
        files: Files::embedded(),
        site,
        clock: FrozenClock::at("2026-12-01T12:00", "Europe/Brussels"),
        link: Arc::new(|_| None),
    };
    protect(crate::page::router(Arc::new(pages)), &public_url)
}

async fn get(router: &Router, path: &str) -> Read {
    send(router, request("GET", path, &[("accept-language", "fr")])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_the_front_end_render_and_are_strict() {
    if !front::IS_BUILT {
        return;
    }
    let table = [
        (200, StatusCode::NOT_FOUND),
        (503, StatusCode::SERVICE_UNAVAILABLE),
        (500, StatusCode::INTERNAL_SERVER_ERROR),
    ];
    for (api, expected) in table {
        let router = site(api);
        for path in ["/", "/search?q=soupe", "/subscribe", "/about", "/@ada", "/tags/soupe"] {
            let page = get(&router, path).await;
            assert_eq!(page.status, expected, "{path}: {}", page.body);
            assert_page(&page, "fr");
        }
        for kind in ["events", "series", "address"] {
            assert_eq!(get(&router, &format!("/{kind}/{ID}")).await.status, expected, "{kind}");
        }
    }
    let missing = get(&site(200), "/en/nothing").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_page(&missing, "en");
}

fn assert_page(page: &Read, language: &str) {
    assert!(
        page.body.contains(&format!("<html lang=\"{language}\"")),
        "{}",
        page.body
    );
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(headers::is_strict(page.header("content-security-policy")));
    assert!(!page.body.contains(" style="), "{}", page.body);
    assert!(!page.body.contains(" onclick="), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_that_a_page_names_is_there() {
    if !front::IS_BUILT {
        return;
    }
    let router = site(200);
    let page = get(&router, "/nothing").await.body;
    let named = page
        .split(['"', '\''])
        .filter(|text| text.starts_with("/_app/") || text.starts_with("/icons/"));
    let named: Vec<_> = named.map(|text| text.split('#').next().unwrap()).collect();
    assert!(named.len() > 3, "{named:?}");
    for path in named {
        let file = send(&router, request("GET", path, &[("accept-encoding", "br")])).await;
        assert_eq!(file.status, StatusCode::OK, "{path}");
        let cache = file.header("cache-control");
        assert_eq!(
            cache.contains("immutable"),
            path.starts_with("/_app/immutable/"),
            "{path}: {cache}"
        );
        let known = send(&router, request("GET", path, &[("if-none-match", file.header("etag"))])).await;
        assert_eq!(
            (known.status, known.body.as_str()),
            (StatusCode::NOT_MODIFIED, ""),
            "{path}"
        );
    }
    for traversal in [
        "/_app/../ssr.js",
        "/_app/immutable/..%2f..%2f..%2fssr.js",
        "/icons/../../ssr.js",
        "/ssr.js",
        "/favicon.svg.br",
    ] {
        assert_eq!(
            get(&router, traversal).await.status,
            StatusCode::NOT_FOUND,
            "{traversal}"
        );
    }
}
