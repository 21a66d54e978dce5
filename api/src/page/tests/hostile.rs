//! Pages that abuse the engine: each gets a clean answer, and the next page renders.

use super::{TestSite, quick};
use crate::page::{
    cache::CacheLimits,
    engine::{Engine, Limits, Platform, Reading, Request},
    fetch::Fetch,
    pool::PoolSettings,
};
use axum::http::StatusCode;
use std::{rc::Rc, sync::Arc, time::Duration};
use tokio::time::timeout;

const BROKEN: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;
const BUSY: StatusCode = StatusCode::SERVICE_UNAVAILABLE;

/// How each abuse ends.
const ABUSES: [(&str, StatusCode); 15] = [
    ("loop", BROKEN),
    ("stubborn", BROKEN),
    ("recursion", BROKEN),
    ("allocation", BROKEN),
    ("regexp", BROKEN),
    ("throwing", BROKEN),
    ("throwing_nothing", BROKEN),
    ("never", BROKEN),
    ("jobs", BROKEN),
    ("no_json", BROKEN),
    ("wrong", BROKEN),
    ("huge", BROKEN),
    ("panic", BROKEN),
    ("slow", BUSY),
    ("broken_later", BROKEN),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_abuse_gets_a_clean_answer_and_the_next_page_renders() {
    // One thread: the next page needs the engine that was abused, or its successor.
    let site = TestSite::with(PoolSettings { threads: 1, ..quick() }, CacheLimits::default());
    for round in 0..3 {
        for (abuse, expected) in ABUSES {
            let page = site.get(&format!("/search?q={abuse}&page={round}")).await;
            assert_eq!(page.status, expected, "{abuse}: {}", page.body);
            assert!(page.header("content-type").starts_with("text/html"), "{abuse}");
            assert_eq!(page.header("x-content-type-options"), "nosniff", "{abuse}");
            let next = site.get(&format!("/search?q=fine_{abuse}&page={round}")).await;
            assert_eq!(next.status, StatusCode::OK, "after {abuse}");
            if expected == BROKEN {
                assert!(next.body.ends_with("render 1"), "after {abuse} the engine is a new one");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_loop_keeps_one_thread_and_nobody_else() {
    let settings = PoolSettings {
        fetch_time: Duration::ZERO,
        grace: Duration::ZERO,
        limits: Limits {
            time: Duration::from_millis(200),
            ..Limits::default()
        },
        ..quick()
    };
    let site = TestSite::with(settings, CacheLimits::default());
    let (stuck, other) = tokio::join!(site.get("/search?q=native"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        site.get("/about").await
    });
    assert_eq!(other.status, StatusCode::OK);
    assert_eq!((stuck.status, stuck.header("retry-after")), (BUSY, "2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_and_a_long_wait_mean_come_back() {
    let settings = PoolSettings {
        threads: 1,
        waiting: 2,
        patience: Duration::from_millis(100),
        ..quick()
    };
    let site = TestSite::with(settings, CacheLimits::default());
    let all = (1..=12).map(|n| {
        let site = &site;
        async move { site.get(&format!("/search?q=loop&page={n}")).await }
    });
    let answers = futures_util::future::join_all(all).await;
    let busy: Vec<_> = answers.iter().filter(|answer| answer.status == BUSY).collect();
    assert!(busy.len() >= 9, "{}", busy.len());
    assert!(
        busy.iter()
            .all(|answer| answer.header("retry-after") == "2" && answer.body == "<h1>503 fr</h1>")
    );
    // Whoever comes back is answered, as soon as the pages before are over: how long that is, the machine decides.
    let back = timeout(Duration::from_secs(60), async {
        loop {
            let back = site.get("/about").await;
            if back.status != BUSY {
                return back;
            }
            tokio::task::yield_now().await;
        }
    });
    let back = back.await.expect("the queue never empties");
    assert_eq!(back.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_leaves_behind_asks_nothing_in_the_name_of_the_next_reader() {
    let site = TestSite::with(PoolSettings { threads: 1, ..quick() }, CacheLimits::default());
    assert_eq!(site.get("/search?q=leftover").await.body, "left");
    assert_eq!(site.get("/search?q=left").await.body, "403");
    assert!(site.asked.lock().unwrap().is_empty());
    assert_eq!(site.get("/search?q=endless_leftover").await.body, "fine");
    assert!(
        site.get("/about").await.body.ends_with("render 1"),
        "the engine is a new one"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_reaches_the_api_and_nothing_else() {
    let site = TestSite::new();
    let page = site.get("/search?q=outside").await;
    assert!(page.body.contains(r#""status":404"#), "{}", page.body);
    assert!(site.asked.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_character_becomes_a_replacement() {
    let site = TestSite::new();
    let page = site.get("/search?q=half").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.starts_with("half \u{fffd}"), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_that_does_not_start_is_a_clean_500() {
    for script in [
        "throw new Error('no')",
        "for (;;);",
        "{",
        "globalThis.handle = () => 'no promise';",
        "",
    ] {
        let fetch: Arc<dyn Fetch> = Arc::new(super::Echo(super::Asked::default()));
        let pages = super::pages(script, quick(), CacheLimits::default(), &fetch);
        let router = crate::http::protect(crate::page::router(pages), &super::settings().public_url);
        let page = super::send(&router, super::request("GET", "/", &[])).await;
        assert_eq!(
            (page.status, page.body.as_str()),
            (BROKEN, "<h1>500 fr</h1>"),
            "{script}"
        );
    }
}

#[test]
fn a_runtime_stays_within_its_memory() {
    let fetch: Rc<dyn Fn(&str) -> String> = Rc::new(|_: &str| String::new());
    let engine = Engine::start(super::SCRIPT, fetch, quick().limits, Rc::default()).unwrap();
    let request = Request {
        url: "https://fete.example/about".to_owned(),
        method: "GET",
        headers: [("accept", "text/html")],
        platform: Platform {
            locale: "fr",
            prefix: "",
            clock: Reading {
                instant: "2026-12-01T11:00:00Z".to_owned(),
                local: "2026-12-01T12:00:00".to_owned(),
            },
            site_name: "La fête".to_owned(),
        },
    };
    for _ in 0..100 {
        engine.handle(&request).unwrap();
    }
    let before = engine.memory();
    for _ in 0..2_000 {
        engine.handle(&request).unwrap();
        assert!(engine.settle());
    }
    assert!(engine.memory() < before + 100_000, "{before} → {}", engine.memory());
}
