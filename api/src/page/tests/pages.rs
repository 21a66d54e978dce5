//! What readers get.

use super::{TestSite, quick, request, send};
use crate::page::{cache::CacheLimits, pool::PoolSettings};
use axum::http::StatusCode;
use domain::{
    caller::{Caller, SiteRole},
    change::CacheTag,
    id::ProfileId,
};
use std::time::Duration;

#[tokio::test]
async fn a_page_is_rendered_once_and_for_nobody() {
    let site = TestSite::new();
    let first = site
        .get_with(
            "/search?utm=1&q=f%C3%AAte",
            &[
                ("cookie", "theme=dark; __Host-sid=x"),
                ("accept", "application/json"),
                ("x-forwarded-host", "evil.example"),
                ("authorization", "Bearer x"),
            ],
        )
        .await;
    assert_eq!(first.status, StatusCode::OK);
    let expected =
        r#"/search?q=f%C3%AAte fete.example fr [] 2026-12-01T12:00:00 La fête [["accept","text/html"]] render 1"#;
    assert_eq!(first.body, expected);
    let second = site.get("/search/?q=f%c3%aate&page=").await;
    assert_eq!(second.body, expected, "the same page, written otherwise");
    assert_eq!(second.header("etag"), first.header("etag"));
    assert_eq!(second.header("x-sveltekit-page"), "");
    let known = site
        .get_with("/search?q=f%C3%AAte", &[("if-none-match", first.header("etag"))])
        .await;
    assert_eq!((known.status, known.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(site.pages.cache.sizes().0, 1);
}

#[tokio::test]
async fn the_language_is_of_the_address_then_of_the_reader_then_of_the_site() {
    let site = TestSite::new();
    let language = async |path, accept| {
        let page = site.get_with(path, &[("accept-language", accept)]).await;
        page.body.split(' ').skip(2).take(2).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(language("/", "de").await, "fr []");
    assert_eq!(language("/", "de, en;q=0.5").await, "en []");
    assert_eq!(language("/en/about", "fr").await, "en [/en]");
    assert_eq!(language("/fr", "en").await, "fr [/fr]");
    assert_eq!(language("/fr/", "en").await, "fr [/fr]");
    // `/fr` and `/` in French differ in their links.
    assert_eq!(language("/", "fr").await, "fr []");
    assert_eq!(site.pages.cache.sizes().0, 4);
}

#[tokio::test]
async fn invented_addresses_share_one_page_in_each_language() {
    let site = TestSite::new();
    for n in 0..50 {
        let page = site.get(&format!("/wp-admin/{n}?x={n}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(page.body.starts_with("/not-found fete.example fr"), "{}", page.body);
        assert!(page.body.ends_with("render 1"), "{}", page.body);
    }
    assert_eq!(site.get("/en/nothing").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.pages.cache.sizes().0, 2);
    let missing = site.get("/_app/immutable/gone.js").await;
    assert_eq!(
        (missing.status, missing.header("content-type")),
        (StatusCode::NOT_FOUND, "text/plain; charset=utf-8")
    );
}

#[tokio::test]
async fn an_old_address_leads_to_the_new_one_and_nowhere_else() {
    let site = TestSite::new();
    let moved = site.get("/en/tag/Soupe").await;
    assert_eq!(
        (moved.status, moved.header("location")),
        (StatusCode::MOVED_PERMANENTLY, "/en/tags/soupe")
    );
    for path in [
        "//evil.example",
        "//evil.example/..",
        "/fr//evil.example",
        "/%2F%2Fevil.example",
    ] {
        let page = site.get(path).await;
        assert_eq!(
            (page.status, page.header("location")),
            (StatusCode::NOT_FOUND, ""),
            "{path}"
        );
    }
}

#[tokio::test]
async fn pages_can_only_be_read() {
    let site = TestSite::new();
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"] {
        let refused = send(&site.router, request(method, "/about", &[])).await;
        assert_eq!(
            (refused.status, refused.header("allow")),
            (StatusCode::METHOD_NOT_ALLOWED, "GET, HEAD")
        );
    }
    let (head, get) = (
        send(&site.router, request("HEAD", "/about", &[])).await,
        site.get("/about").await,
    );
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));
    assert_eq!(head.header("etag"), get.header("etag"));
    assert_eq!(head.header("content-length"), get.body.len().to_string());
    let long = format!("/search?q={}", "x".repeat(2_000));
    assert_eq!(site.get(&long).await.status, StatusCode::URI_TOO_LONG);
}

#[tokio::test]
async fn a_page_of_somebody_is_for_nobody_else() {
    let site = TestSite::new();
    let caller = Caller::Local {
        profile: ProfileId(uuid::Uuid::from_u128(7)),
        site: SiteRole::Member,
    };
    let mut own = request("GET", "/search?q=whoami", &[("cookie", "__Host-sid=x")]);
    own.extensions_mut().insert(caller);
    let own = send(&site.router, own).await;
    assert!(own.body.contains("Local"), "{}", own.body);
    assert_eq!(own.header("cache-control"), "private, no-store");
    assert_eq!(own.header("x-robots-tag"), "noindex");
    assert_eq!(site.pages.cache.sizes().0, 0);

    let other = site.get_with("/search?q=whoami", &[("cookie", "__Host-sid=x")]).await;
    assert!(other.body.contains("Anonymous"), "{}", other.body);
    assert_eq!(other.header("cache-control"), "no-cache");
    for part in [
        "accept",
        "cookie",
        "authorization",
        "signature",
        "accept-language",
        "accept-encoding",
    ] {
        assert!(other.header("vary").split(", ").any(|one| one == part), "{part}");
    }
    let callers: Vec<_> = site
        .asked
        .lock()
        .unwrap()
        .iter()
        .map(|(_, caller)| caller.clone())
        .collect();
    assert!(matches!(callers.as_slice(), [Caller::Local { .. }, Caller::Anonymous]));
}

#[tokio::test]
async fn only_success_is_kept() {
    let site = TestSite::new();
    let gone = site.get("/search?q=gone").await;
    assert_eq!(gone.status, StatusCode::GONE);
    let busy = site.get("/search?q=status503").await;
    assert_eq!(
        (busy.status, busy.body.as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "kit's own page")
    );
    assert_eq!(busy.header("retry-after"), "2");
    let cookie = site.get("/search?q=cookie").await;
    assert_eq!((cookie.status, cookie.header("set-cookie")), (StatusCode::OK, ""));
    assert_eq!(
        site.pages.cache.sizes().0,
        1,
        "what asked for a cookie lost it and is like any other page"
    );
}

#[tokio::test]
async fn a_page_s_policy_may_add_hashes_and_nothing_else() {
    let site = TestSite::new();
    let hashed = site.get("/search?q=hashed").await;
    assert!(hashed.header("content-security-policy").contains("'sha256-abc='"));
    let loose = site.get("/search?q=loose").await;
    assert_eq!(loose.header("content-security-policy"), crate::http::headers::POLICY);
}

#[tokio::test]
async fn a_dropped_tag_drops_the_page_and_an_old_page_is_better_than_an_error() {
    let limits = CacheLimits {
        fresh: Duration::ZERO,
        ..CacheLimits::default()
    };
    // One thread, and so one engine: its script counts.
    let pool = PoolSettings { threads: 1, ..quick() };
    let site = TestSite::with(pool, limits);
    assert_eq!(site.get("/search?q=once").await.body, "good once");
    let old = site.get("/search?q=once").await;
    assert_eq!(
        (old.status, old.body.as_str()),
        (StatusCode::OK, "good once"),
        "instead of 500"
    );
    // The engine was replaced after its 500: the script counts from one again.
    assert_eq!(site.get("/search?q=once").await.body, "good once");
    site.pages.cache.drop_tags(&[CacheTag::Settings]);
    assert_eq!(site.pages.cache.sizes(), (0, 0));
    let failed = site.get("/search?q=throwing").await;
    assert_eq!(
        (failed.status, failed.body.as_str()),
        (StatusCode::INTERNAL_SERVER_ERROR, "<h1>500 fr</h1>")
    );
}

#[tokio::test]
async fn many_who_ask_at_once_are_given_one_render() {
    let site = TestSite::new();
    let all = (0..64).map(|_| site.get("/subscribe"));
    let pages = futures_util::future::join_all(all).await;
    assert!(pages.iter().all(|page| page.body == pages[0].body));
    assert!(pages[0].body.ends_with("render 1"));
}

#[tokio::test]
async fn who_waits_for_one_who_leaves_makes_the_page() {
    let site = TestSite::new();
    let leader = tokio::spawn({
        let (router, request) = (site.router.clone(), request("GET", "/search?q=slow", &[]));
        async move { send(&router, request).await }
    });
    while site.asked.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let follower = tokio::spawn({
        let (router, request) = (site.router.clone(), request("GET", "/search?q=slow", &[]));
        async move { send(&router, request).await }
    });
    tokio::task::yield_now().await;
    leader.abort();
    let page = follower.await.unwrap();
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    let asked = site.asked.lock().unwrap().len();
    assert!(asked >= 2, "the follower asked for itself: {asked}");
}

#[tokio::test]
async fn a_failing_leader_fails_those_who_wait_at_once() {
    let site = TestSite::new();
    let begun = std::time::Instant::now();
    let all = (0..20).map(|_| site.get("/search?q=loop"));
    let pages = futures_util::future::join_all(all).await;
    assert!(
        pages
            .iter()
            .all(|page| page.status == StatusCode::INTERNAL_SERVER_ERROR)
    );
    assert!(begun.elapsed() < Duration::from_secs(3), "not one after the other");
}

#[tokio::test]
async fn the_reader_s_codings_are_made_of_one_render() {
    let site = TestSite::new();
    for (accept, expected) in [("gzip, br", "br"), ("gzip", "gzip"), ("identity", ""), ("", "")] {
        let page = site
            .get_with("/search?q=panicking&near=Lyon", &[("accept-encoding", accept)])
            .await;
        assert_eq!(page.status, StatusCode::OK);
        let small = page.header("content-encoding");
        assert!(small == expected || small.is_empty());
    }
    site.pages.cache.check();
}
