//! The cache against a model: whatever happens in whatever order, nobody is shown less than what was acknowledged
//! before they asked.

use super::super::{
    cache::{Begin, CacheLimits, Flight, Follower, Key, Kind, PageCache, Told},
    error::Failure,
    kept::{Kept, Made},
};
use axum::http::{HeaderMap, StatusCode};
use domain::{change::CacheTag, id::EventId};
use futures_util::FutureExt;
use proptest::prelude::*;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Things that change, and pages: page `k` shows the things `k` and `k + 1`.
const THINGS: usize = 4;
type Versions = [u64; THINGS];

#[derive(Debug, Clone, Copy)]
enum Step {
    Ask(usize),
    Read(usize),
    Finish(usize),
    Fail(usize),
    Leave(usize),
    Commit(usize),
    Acknowledge,
    Clear,
    Age,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..THINGS).prop_map(Step::Ask),
        6 => any::<usize>().prop_map(Step::Read),
        6 => any::<usize>().prop_map(Step::Finish),
        1 => any::<usize>().prop_map(Step::Fail),
        1 => any::<usize>().prop_map(Step::Leave),
        4 => (0..THINGS).prop_map(Step::Commit),
        4 => Just(Step::Acknowledge),
        1 => Just(Step::Clear),
        1 => Just(Step::Age),
    ]
}

fn things(page: usize) -> [usize; 2] {
    [page, (page + 1) % THINGS]
}

fn tag(thing: usize) -> CacheTag {
    CacheTag::Event(EventId(uuid::Uuid::from_u128(thing as u128)))
}

fn key(page: usize) -> Arc<Key> {
    Arc::new(Key {
        kind: Kind::Page,
        path: page.to_string(),
        query: String::new(),
        language: "fr",
    })
}

fn kept(versions: Versions) -> Arc<Kept> {
    let made = Made {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: format!("{versions:?}").into(),
    };
    Arc::new(Kept::new(made).now_or_never().unwrap().unwrap())
}

fn versions(kept: &Kept) -> Versions {
    let numbers: Vec<u64> = kept
        .text()
        .trim_matches(['[', ']'])
        .split(", ")
        .map(|n| n.parse().unwrap())
        .collect();
    numbers.try_into().unwrap()
}

struct Waiting {
    follower: Follower,
    page: usize,
    acknowledged: Versions,
}

struct Flying {
    flight: Flight,
    page: usize,
    read: Option<Versions>,
}

struct World {
    cache: Arc<PageCache>,
    now: Instant,
    committed: Versions,
    acknowledged: Versions,
    /// Commits whose tags are not dropped yet: their writers wait.
    pending: Vec<usize>,
    flying: Vec<Flying>,
    waiting: Vec<Waiting>,
}

impl World {
    fn new(bytes: usize) -> Self {
        let limits = CacheLimits {
            bytes,
            ..CacheLimits::default()
        };
        Self {
            cache: PageCache::new(limits),
            now: Instant::now(),
            committed: [0; THINGS],
            acknowledged: [0; THINGS],
            pending: Vec::new(),
            flying: Vec::new(),
            waiting: Vec::new(),
        }
    }

    fn check(&self, page: usize, shown: Versions, acknowledged: Versions) {
        for thing in things(page) {
            assert!(
                shown[thing] >= acknowledged[thing],
                "page {page}: {shown:?} < {acknowledged:?}"
            );
            assert!(shown[thing] <= self.committed[thing]);
        }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Ask(page) => self.ask(page),
            Step::Read(n) => {
                let committed = self.committed;
                let index = n % self.flying.len().max(1);
                if let Some(flying) = self.flying.get_mut(index) {
                    flying.read.get_or_insert(committed);
                }
            }
            Step::Finish(n) => self.land(n, true),
            Step::Fail(n) => self.land(n, false),
            Step::Leave(n) => {
                if !self.flying.is_empty() {
                    let flying = self.flying.remove(n % self.flying.len());
                    drop(flying.flight);
                    self.told(flying.page);
                }
            }
            Step::Commit(thing) => {
                self.committed[thing] += 1;
                self.pending.push(thing);
            }
            Step::Acknowledge => {
                if let Some(thing) = self.pending.pop() {
                    self.cache.drop_tags(&[tag(thing)]);
                    // Later commits of the same thing may wait still, but each was committed before its drop.
                    self.acknowledged[thing] = self.committed[thing];
                }
            }
            Step::Clear => self.cache.clear(),
            Step::Age => self.now += Duration::from_secs(61),
        }
        self.cache.check();
    }

    fn ask(&mut self, page: usize) {
        let key = key(page);
        if let Some(old) = self.cache.stale(&key, self.now) {
            self.check(page, versions(&old), self.acknowledged);
        }
        match self.cache.begin(&key, self.now) {
            Begin::Fresh(kept) => self.check(page, versions(&kept), self.acknowledged),
            Begin::Lead(flight) => self.flying.push(Flying {
                flight,
                page,
                read: None,
            }),
            Begin::Follow(follower) => {
                assert!(self.flying.iter().any(|flying| flying.page == page), "nobody leads");
                self.waiting.push(Waiting {
                    follower,
                    page,
                    acknowledged: self.acknowledged,
                });
            }
        }
    }

    fn land(&mut self, n: usize, well: bool) {
        let read: Vec<usize> = (0..self.flying.len())
            .filter(|i| self.flying[*i].read.is_some())
            .collect();
        let Some(index) = read.get(n % read.len().max(1)) else {
            return;
        };
        let Flying { flight, page, read } = self.flying.remove(*index);
        if well {
            flight.finish(&kept(read.unwrap()), things(page).map(tag).to_vec());
        } else {
            flight.fail(Failure::Broken);
        }
        self.told(page);
    }

    /// Everybody who waited for a page hears of its end.
    fn told(&mut self, page: usize) {
        let (those, others) = self.waiting.drain(..).partition(|waiting| waiting.page == page);
        self.waiting = others;
        let those: Vec<Waiting> = those;
        for waiting in those {
            match waiting.follower.wait().now_or_never().expect("an end") {
                Some(Told::Answer(kept)) => self.check(page, versions(&kept), waiting.acknowledged),
                Some(Told::Failure(_)) | None => {}
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nobody_is_shown_less_than_was_acknowledged(
        steps in prop::collection::vec(step(), 1..120),
        bytes in prop_oneof![Just(16 << 20), Just(12_000)],
    ) {
        let mut world = World::new(bytes);
        for step in steps {
            world.step(step);
        }
    }
}

/// Fills a page of a size with a tag.
fn fill(cache: &Arc<PageCache>, path: &str, bytes: usize, now: Instant) {
    let key = Arc::new(Key {
        path: path.to_owned(),
        ..Key::clone(&key(0))
    });
    let Begin::Lead(flight) = cache.begin(&key, now) else {
        panic!("{path} is there already")
    };
    // Random letters do not become smaller.
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).unwrap();
    let made = Made {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: random.into(),
    };
    let kept = Arc::new(Kept::new(made).now_or_never().unwrap().unwrap());
    flight.finish(&kept, vec![tag(0)]);
    cache.check();
}

fn is_kept(cache: &Arc<PageCache>, path: &str, now: Instant) -> bool {
    let key = Arc::new(Key {
        path: path.to_owned(),
        ..Key::clone(&key(0))
    });
    matches!(cache.begin(&key, now), Begin::Fresh(_))
}

#[test]
fn a_flood_of_rare_pages_spares_those_that_are_read() {
    let limits = CacheLimits {
        bytes: 200_000,
        ..CacheLimits::default()
    };
    let (cache, now) = (PageCache::new(limits), Instant::now());
    fill(&cache, "home", 10_000, now);
    for n in 0..200 {
        assert!(is_kept(&cache, "home", now), "after {n} others");
        fill(&cache, &format!("rare {n}"), 10_000, now);
    }
    fill(&cache, "too large", 50_000, now);
    assert!(!is_kept(&cache, "too large", now), "an eighth of all is the most");
    assert!(is_kept(&cache, "home", now));
    assert!(
        !is_kept(&cache, "home", now + Duration::from_secs(61)),
        "a minute is the most"
    );
}

#[test]
fn ten_thousand_drops_are_remembered_and_more_are_feared() {
    let (cache, now) = (PageCache::new(CacheLimits::default()), Instant::now());
    let Begin::Lead(flight) = cache.begin(&key(0), now) else {
        panic!("a lead")
    };
    for n in 100..10_200 {
        cache.drop_tags(&[tag(n)]);
    }
    flight.finish(&kept([0; THINGS]), vec![tag(0)]);
    assert_eq!(cache.sizes().0, 0, "its own tag may be among the forgotten ones");
    let Begin::Lead(flight) = cache.begin(&key(0), now) else {
        panic!("a lead")
    };
    flight.finish(&kept([0; THINGS]), vec![tag(0)]);
    assert_eq!(cache.sizes().0, 1);
}
