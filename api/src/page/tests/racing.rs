//! Reads race writes on a real database: nobody sees a state older than what was acknowledged before they asked.

use super::{pages, request, send};
use crate::page::{
    Pages,
    cache::{CacheLimits, Key, Kind},
    fetch::{Answer, Fetch, Query},
    kept::Made,
    pool::PoolSettings,
};
use async_trait::async_trait;
use axum::{
    Router,
    body::to_bytes,
    http::{HeaderMap, StatusCode},
};
use domain::{
    caller::Caller,
    db::{
        Db, PoolSizes, Seen,
        testing::{FrozenClock, SeededEntropy, TestDb, postgres_url, test_keys},
    },
    event::{self, Content, EventPatch, NewEvent, Schedule},
    id::EventId,
    profile::{self, Kind as ProfileKind, NewProfile},
    text::{Handle, PlainText, RichText},
    time::Zone,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

const SCRIPT: &str = r#"
globalThis.handle = async (json) => {
  const { pathname } = JSON.parse(__url(JSON.parse(json).url, ""));
  const url = `/api?id=title&variables=${encodeURIComponent(JSON.stringify(pathname.slice(8)))}`;
  const { status, body } = JSON.parse(__fetch(JSON.stringify({ url, method: "GET" })));
  return JSON.stringify({ status, headers: [["content-type", "text/html"]], body });
};"#;
/// Writes in all, and reading connections in all, over as many events.
const ROUNDS: u64 = 1_000;
const READERS: u64 = 32;
const LANES: u64 = 8;

/// Answers with the title of an event.
struct Titles(Db);

#[async_trait]
impl Fetch for Titles {
    async fn run(&self, query: Query, caller: Caller, seen: Seen) -> Answer {
        let id = EventId(query.variables.as_str().unwrap().parse().unwrap());
        let title = self
            .0
            .read_noting(Some(seen), move |tx| event::visible(tx, &caller, id))
            .await;
        match title {
            Ok(event) => Answer {
                status: 200,
                body: event.title.as_str().to_owned(),
            },
            Err(_) => Answer::empty(404),
        }
    }
}

fn title(version: u64) -> PlainText {
    PlainText::required("title", &version.to_string(), 200).unwrap()
}

async fn an_event(db: &Db, n: u64) -> EventId {
    let zone = Zone::named("Europe/Brussels").unwrap();
    let made = db.write(move |tx| {
        let new = NewProfile {
            kind: ProfileKind::Group,
            name: Handle::new(&format!("fete{n}"))?,
            display_name: PlainText::required("name", "La fête", 200)?,
            summary: RichText::default(),
            zone: None,
            language: None,
        };
        let organizer = profile::create(tx, &Caller::System, new, &test_keys())?.id;
        let new = NewEvent {
            organizer,
            group: None,
            schedule: Schedule {
                begin: "2026-12-05T18:00".parse()?,
                end: None,
                zone,
                all_day: false,
            },
            content: Content::titled(title(0)),
            ical_uid: None,
        };
        event::create(tx, &Caller::System, new)
    });
    made.await.unwrap().id
}

async fn rename(db: &Db, id: EventId, version: u64) {
    let patch = EventPatch {
        title: Some(title(version)),
        ..EventPatch::default()
    };
    let write = db.write(move |tx| event::update(tx, &Caller::System, id, patch));
    write.await.unwrap();
}

fn site(db: &Db) -> (Router, Arc<Pages>) {
    let fetch: Arc<dyn Fetch> = Arc::new(Titles(db.clone()));
    let pages = pages(SCRIPT, PoolSettings::default(), CacheLimits::default(), &fetch);
    (crate::page::router(pages.clone()), pages)
}

async fn page(router: &Router, id: EventId) -> u64 {
    let page = send(router, request("GET", &format!("/events/{id}"), &[])).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    page.body.parse().unwrap()
}

/// The same through the cache alone, as a feed is made.
async fn feed(pages: &Pages, db: &Db, id: EventId) -> u64 {
    let key = Key {
        kind: Kind::Feed("txt"),
        path: id.to_string(),
        query: String::new(),
        language: "",
    };
    let produce = async |seen| {
        let event = db.read_noting(Some(seen), move |tx| event::visible(tx, &Caller::Anonymous, id));
        Ok(Made {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: event.await?.title.as_str().to_owned().into(),
        })
    };
    let answer = pages.cache.serve(key, &HeaderMap::new(), produce).await.unwrap();
    let bytes = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    String::from_utf8_lossy(&bytes).parse().unwrap()
}

/// An event, its readers' page, and the last version whose writer was answered.
struct Lane {
    id: EventId,
    acknowledged: AtomicU64,
}

/// Reads one event until its last version is acknowledged and seen.
async fn read_on(lane: Arc<Lane>, router: Router, pages: Arc<Pages>, db: Db, as_feed: bool) -> u64 {
    for reads in 1.. {
        let before = lane.acknowledged.load(Ordering::SeqCst);
        let shown = if as_feed {
            feed(&pages, &db, lane.id).await
        } else {
            page(&router, lane.id).await
        };
        assert!(shown >= before, "{shown} is older than {before}");
        if before == ROUNDS / LANES {
            return reads;
        }
        tokio::task::yield_now().await;
    }
    0
}

async fn race(test: &TestDb) {
    let (router, pages) = site(&test.db);
    let cache = pages.cache.clone();
    test.db.on_commit(move |tags| cache.drop_tags(tags));
    let (mut readers, mut writers) = (Vec::new(), Vec::new());
    for n in 0..LANES {
        let lane = Arc::new(Lane {
            id: an_event(&test.db, n).await,
            acknowledged: AtomicU64::new(0),
        });
        for reader in 0..READERS / LANES {
            let (router, pages, db) = (router.clone(), pages.clone(), test.db.clone());
            readers.push(tokio::spawn(read_on(lane.clone(), router, pages, db, reader == 0)));
        }
        let (db, router) = (test.db.clone(), router.clone());
        writers.push(tokio::spawn(async move {
            for version in 1..=ROUNDS / LANES {
                rename(&db, lane.id, version).await;
                lane.acknowledged.store(version, Ordering::SeqCst);
                assert_eq!(page(&router, lane.id).await, version);
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let mut reads = 0;
    for reader in readers {
        reads += reader.await.unwrap();
    }
    pages.cache.check();
    println!("{reads} reads beside {ROUNDS} writes");
    assert!(reads >= ROUNDS, "the race was none: {reads} reads");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_stale_page_in_a_thousand_rounds_on_sqlite() {
    race(&TestDb::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_stale_page_in_a_thousand_rounds_on_postgresql() {
    let Some(url) = postgres_url() else { return };
    race(&TestDb::postgres(&url)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn another_node_shows_a_change_within_a_quarter_of_a_second() {
    let Some(url) = postgres_url() else { return };
    let here = TestDb::postgres(&url);
    let clock = FrozenClock::at("2026-12-01T12:00", "Europe/Brussels");
    let there = Db::open(
        here.db.location(),
        PoolSizes::default(),
        clock,
        Arc::new(SeededEntropy::default()),
    )
    .unwrap();
    let (router, pages) = site(&there);
    let cache = pages.cache.clone();
    there.listen(move |heard| cache.hear(&heard)).unwrap();
    let id = an_event(&here.db, 0).await;
    let mut waits = Vec::new();
    for version in 1..=200 {
        page(&router, id).await; // now it is kept, with the title before
        rename(&here.db, id, version).await;
        let acknowledged = Instant::now();
        while page(&router, id).await != version {
            assert!(acknowledged.elapsed() < Duration::from_secs(5), "it is never heard");
            tokio::task::yield_now().await;
        }
        waits.push(acknowledged.elapsed());
    }
    waits.sort();
    let p99 = waits[waits.len() * 99 / 100];
    let median = waits[waits.len() / 2];
    println!("p50 {median:?}, p99 {p99:?}");
    // Other tests run beside this one: on a quiet machine p99 is far below.
    assert!(median <= Duration::from_millis(250), "{median:?}");
}
