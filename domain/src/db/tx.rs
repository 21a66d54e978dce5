//! What a use case holds: a connection in a transaction, the time, and the tags of what it read and changed.

use super::conn::Conn;
use crate::{
    change::CacheTag,
    error::Result,
    ports::{Clock, Entropy},
    time::Instant,
};
use diesel::{Connection, connection::TransactionManager};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

type Manager = <Conn as Connection>::TransactionManager;

/// The tags of what was read, shared with who keeps the page.
#[derive(Debug, Clone, Default)]
pub struct Seen(Arc<Mutex<BTreeSet<CacheTag>>>);

impl Seen {
    fn note(&self, tag: CacheTag) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(tag);
    }

    /// What was noted so far; the list is empty afterwards.
    pub fn take(&self) -> Vec<CacheTag> {
        let tags = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        tags.into_iter().collect()
    }
}

/// A transaction (or, for a read, a connection). Not to be kept: it lives as long as the closure it is given to.
pub struct Tx<'c> {
    pub(crate) conn: &'c mut Conn,
    now: Instant,
    entropy: &'c dyn Entropy,
    seen: Option<Seen>,
    effects: Effects,
}

/// What others must hear of once a transaction is committed.
#[derive(Debug, Default)]
pub(super) struct Effects {
    /// Tags of the kept pages that are stale now.
    pub(super) dropped: BTreeSet<CacheTag>,
    /// Whether there is work for the workers.
    pub(super) enqueued: bool,
}

impl Effects {
    pub(super) fn add(&mut self, other: Self) {
        self.dropped.extend(other.dropped);
        self.enqueued |= other.enqueued;
    }
}

impl<'c> Tx<'c> {
    pub(super) fn new(conn: &'c mut Conn, clock: &dyn Clock, entropy: &'c dyn Entropy, seen: Option<Seen>) -> Self {
        Self {
            conn,
            now: clock.now(),
            entropy,
            seen,
            effects: Effects::default(),
        }
    }

    /// The moment at which this began: the same during the whole transaction.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// A new identifier (UUIDv7): sorts by time of making, and cannot be guessed.
    pub fn new_uuid(&self) -> Uuid {
        let mut random = [0; 10];
        self.entropy.fill(&mut random);
        let millis = u64::try_from(self.now.micros() / 1000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// Notes that this was read, or looked for in vain: a kept page that shows it is dropped when it changes.
    pub(crate) fn saw(&self, tag: CacheTag) {
        if let Some(seen) = &self.seen {
            seen.note(tag);
        }
    }

    /// Notes that what pages with this tag show has changed.
    pub(crate) fn dropped(&mut self, tags: impl IntoIterator<Item = CacheTag>) {
        self.effects.dropped.extend(tags);
    }

    /// Runs `f` in a savepoint: when it fails, what it did is undone, and only that.
    ///
    /// # Errors
    /// Those of `f` and of the database.
    pub(crate) fn attempt<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = std::mem::take(&mut self.effects);
        Manager::begin_transaction(self.conn)?;
        let result = f(self);
        let effects = std::mem::replace(&mut self.effects, before);
        match result {
            Ok(value) => {
                Manager::commit_transaction(self.conn)?;
                self.effects.add(effects);
                Ok(value)
            }
            Err(error) => {
                Manager::rollback_transaction(self.conn)?;
                Err(error)
            }
        }
    }

    /// Notes that a job was queued: the worker of this process is woken by the commit.
    pub(crate) fn enqueued(&mut self) {
        self.effects.enqueued = true;
    }

    pub(super) fn take_effects(&mut self) -> Effects {
        std::mem::take(&mut self.effects)
    }
}
