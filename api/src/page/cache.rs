//! Pages and feeds that are kept, dropped by the tags of what they were made of.
//!
//! No reader sees a state older than a write that was acknowledged before the reader asked:
//! - [`PageCache::begin`] takes page, flight and generation under one lock, before anything is read;
//! - a commit drops its tags on the writing thread, before the writer's caller hears of it ([`PageCache::drop_tags`]);
//! - [`Flight::finish`] keeps a page only if none of its tags was dropped since its generation;
//! - who waits for the page of another gets it only then, and begins again otherwise.
//!
//! Pages that are only old stay a while: they are better than an error. What a write made stale goes at once.

use super::{error::Failure, kept::Kept};
use domain::{change::CacheTag, db::Heard};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// Tags whose last drop is remembered; past that, what is being made now is not kept.
const MOST_DROPS: usize = 10_000;
/// One answer takes at most this part of all.
const MOST_SHARE: usize = 8;
/// What an entry takes beside its bytes, and what each of its tags takes.
const ENTRY_BYTES: usize = 1_024;
const TAG_BYTES: usize = 128;

/// How much is kept, and how long.
#[derive(Debug, Clone, Copy)]
pub struct CacheLimits {
    /// Bytes in all.
    pub bytes: usize,
    /// How long a page is shown without being made again.
    pub fresh: Duration,
    /// How old a page may be that is shown instead of an error.
    pub stale: Duration,
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self {
            bytes: 16 << 20,
            fresh: Duration::from_mins(1),
            stale: Duration::from_mins(10),
        }
    }
}

/// What is kept under one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A page that exists.
    Page,
    /// The page that says so of all addresses that do not.
    Missing,
    /// A feed, with its format: `ics`.
    Feed(&'static str),
}

/// What makes two answers the same. The build is the process: nothing of it survives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// What it is.
    pub kind: Kind,
    /// The path in its one writing, with its language if it names one.
    pub path: String,
    /// What of the query is read, in its one writing.
    pub query: String,
    /// BCP 47, or empty where it makes no difference.
    pub language: &'static str,
}

/// What the makers of an answer tell those who wait for it.
#[derive(Debug, Clone)]
pub(super) enum Told {
    Answer(Arc<Kept>),
    Failure(Failure),
}

/// How an answer is begun.
pub(super) enum Begin {
    /// It is there.
    Fresh(Arc<Kept>),
    /// Somebody makes it.
    Follow(Follower),
    /// This one makes it.
    Lead(Flight),
}

/// Waits for what another one makes.
pub(super) struct Follower(watch::Receiver<Option<Told>>);

impl Follower {
    /// `None`: it left, or what it made is stale already; begin again.
    pub(super) async fn wait(mut self) -> Option<Told> {
        self.0.changed().await.ok()?;
        self.0.borrow_and_update().clone()
    }
}

/// An answer that is being made. Dropping it wakes those who wait.
pub(super) struct Flight {
    cache: Arc<PageCache>,
    key: Arc<Key>,
    number: u64,
    generation: u64,
    begun: Instant,
    tell: watch::Sender<Option<Told>>,
}

/// The kept pages. One lock, held for moments: nothing is read, made or compressed under it.
pub struct PageCache {
    limits: CacheLimits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Counts drops.
    generation: u64,
    /// When each tag was dropped last.
    dropped: HashMap<CacheTag, u64>,
    /// Drops until here are forgotten: nothing begun before it is kept.
    floor: u64,
    entries: HashMap<Arc<Key>, Entry>,
    by_tag: HashMap<CacheTag, HashSet<Arc<Key>>>,
    /// By age since they were kept, or since they were spared last.
    queue: BTreeMap<u64, Arc<Key>>,
    bytes: usize,
    flights: HashMap<Arc<Key>, (u64, watch::Receiver<Option<Told>>)>,
    /// The last number of a flight or of a place in the queue.
    last: u64,
}

struct Entry {
    answer: Arc<Kept>,
    tags: Vec<CacheTag>,
    made: Instant,
    place: u64,
    /// Read since it was queued: spared once.
    used: bool,
    /// What it counts in `State::bytes`.
    bytes: usize,
}

impl PageCache {
    /// An empty cache.
    pub fn new(limits: CacheLimits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            state: Mutex::default(),
        })
    }

    /// Drops what was made of these. To be called after a commit and before it is acknowledged: `Db::on_commit`.
    pub fn drop_tags(&self, tags: &[CacheTag]) {
        let mut state = self.state();
        state.generation += 1;
        let generation = state.generation;
        for tag in tags {
            state.dropped.insert(*tag, generation);
            for key in state.by_tag.remove(tag).unwrap_or_default() {
                state.remove(&key);
            }
        }
        if state.dropped.len() > MOST_DROPS {
            state.forget_drops();
        }
    }

    /// Drops everything, also what is being made.
    pub fn clear(&self) {
        let mut state = self.state();
        state.generation += 1;
        state.forget_drops();
        state.entries.clear();
        state.by_tag.clear();
        state.queue.clear();
        state.bytes = 0;
    }

    /// Drops what another node changed: `Db::listen`.
    pub fn hear(&self, heard: &Heard) {
        match heard {
            Heard::Tags(tags) => self.drop_tags(tags),
            Heard::Everything => self.clear(),
        }
    }

    pub(super) fn begin(self: &Arc<Self>, key: &Arc<Key>, now: Instant) -> Begin {
        let mut state = self.state();
        if let Some(entry) = state.entries.get_mut(key)
            && now.saturating_duration_since(entry.made) < self.limits.fresh
        {
            entry.used = true;
            return Begin::Fresh(entry.answer.clone());
        }
        if let Some((_, told)) = state.flights.get(key) {
            return Begin::Follow(Follower(told.clone()));
        }
        let (tell, told) = watch::channel(None);
        let number = state.next();
        state.flights.insert(key.clone(), (number, told));
        Begin::Lead(Flight {
            cache: self.clone(),
            key: key.clone(),
            number,
            generation: state.generation,
            begun: now,
            tell,
        })
    }

    /// An answer that is only old, to be shown instead of an error.
    pub(super) fn stale(&self, key: &Key, now: Instant) -> Option<Arc<Kept>> {
        let state = self.state();
        let entry = state.entries.get(key)?;
        let age = now.saturating_duration_since(entry.made);
        (age < self.limits.stale).then(|| entry.answer.clone())
    }

    /// Counts again what an answer takes: other encodings of it are made when they are asked for.
    pub(super) fn weigh(&self, key: &Key, answer: &Arc<Kept>) {
        let mut state = self.state();
        let State { entries, bytes, .. } = &mut *state;
        if let Some(entry) = entries.get_mut(key)
            && Arc::ptr_eq(&entry.answer, answer)
        {
            let now = size(key, answer, &entry.tags);
            *bytes = *bytes - entry.bytes + now;
            entry.bytes = now;
            state.make_room(self.limits.bytes);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn sizes(&self) -> (usize, usize) {
        let state = self.state();
        (state.entries.len(), state.bytes)
    }

    /// Whether its tables agree with each other.
    #[cfg(test)]
    pub(super) fn check(&self) {
        let state = self.state();
        assert_eq!(
            state.bytes,
            state.entries.values().map(|entry| entry.bytes).sum::<usize>()
        );
        assert!(state.bytes <= self.limits.bytes);
        assert_eq!(state.queue.len(), state.entries.len());
        for (key, entry) in &state.entries {
            assert_eq!(state.queue.get(&entry.place), Some(key));
            assert!(entry.tags.iter().all(|tag| state.by_tag[tag].contains(key)));
        }
        for (tag, keys) in &state.by_tag {
            assert!(!keys.is_empty());
            assert!(keys.iter().all(|key| state.entries[key].tags.contains(tag)));
        }
    }
}

impl State {
    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn forget_drops(&mut self) {
        self.floor = self.generation;
        self.dropped.clear();
    }

    /// Whether something with these tags was dropped since `generation`.
    fn moved(&self, tags: &[CacheTag], generation: u64) -> bool {
        let dropped_since = |tag| self.dropped.get(tag).is_some_and(|at| *at > generation);
        generation < self.floor || tags.iter().any(dropped_since)
    }

    fn keep(&mut self, key: &Arc<Key>, answer: Arc<Kept>, tags: Vec<CacheTag>, made: Instant) {
        self.remove(key);
        for tag in &tags {
            self.by_tag.entry(*tag).or_default().insert(key.clone());
        }
        let (bytes, place) = (size(key, &answer, &tags), self.next());
        self.bytes += bytes;
        self.queue.insert(place, key.clone());
        let entry = Entry {
            answer,
            tags,
            made,
            place,
            used: false,
            bytes,
        };
        self.entries.insert(key.clone(), entry);
    }

    fn remove(&mut self, key: &Key) {
        let Some(entry) = self.entries.remove(key) else { return };
        self.bytes -= entry.bytes;
        self.queue.remove(&entry.place);
        for tag in &entry.tags {
            if let Some(keys) = self.by_tag.get_mut(tag) {
                keys.remove(key);
                if keys.is_empty() {
                    self.by_tag.remove(tag);
                }
            }
        }
    }

    /// Drops the oldest; those that were read since get another turn, so that a flood of rare pages spares them.
    fn make_room(&mut self, most: usize) {
        while self.bytes > most
            && let Some((_, key)) = self.queue.pop_first()
        {
            let place = self.next();
            match self.entries.get_mut(&key) {
                Some(entry) if entry.used => {
                    (entry.used, entry.place) = (false, place);
                    self.queue.insert(place, key);
                }
                _ => self.remove(&key),
            }
        }
    }
}

fn size(key: &Key, answer: &Kept, tags: &[CacheTag]) -> usize {
    answer.size() + 2 * (key.path.len() + key.query.len()) + tags.len() * TAG_BYTES + ENTRY_BYTES
}

impl Flight {
    /// Shows an answer to those who wait, and keeps it if it may be kept, unless something it was made of has changed
    /// since.
    pub(super) fn finish(self, answer: &Arc<Kept>, tags: Vec<CacheTag>) {
        let mut state = self.cache.state();
        self.land(&mut state);
        if state.moved(&tags, self.generation) || !answer.is_shared() {
            return; // those who wait begin again
        }
        let most = self.cache.limits.bytes;
        if answer.is_kept(self.key.kind) && size(&self.key, answer, &tags) <= most / MOST_SHARE {
            state.keep(&self.key, answer.clone(), tags, self.begun);
            state.make_room(most);
        }
        drop(state);
        // Nobody may wait.
        drop(self.tell.send(Some(Told::Answer(answer.clone()))));
    }

    /// Tells those who wait that there is no answer: they would only fail one after the other.
    pub(super) fn fail(self, failure: Failure) {
        self.land(&mut self.cache.state());
        drop(self.tell.send(Some(Told::Failure(failure))));
    }

    /// Another flight may stand at its place.
    fn land(&self, state: &mut State) {
        if state
            .flights
            .get(&self.key)
            .is_some_and(|(number, _)| *number == self.number)
        {
            state.flights.remove(&self.key);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.land(&mut self.cache.state());
    }
}
