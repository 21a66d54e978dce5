//! Writes. SQLite: one thread, several closures a commit, each in its savepoint. PostgreSQL: a transaction each.

use super::{
    Inner, PoolSizes, Tx,
    conn::{self, Conn, Location, Mode, Pool},
    dialect, panicked,
    tx::Effects,
};
use crate::error::{Error, Reason, Result};
use diesel::{Connection, connection::TransactionManager};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, Weak, mpsc},
    time::{Duration, Instant},
};
use tokio::sync::oneshot;

/// The most closures in one commit.
const MOST_IN_A_GROUP: usize = 64;
/// The longest that a commit waits for those whose writes were in the one before: a fraction of what its sync takes.
const GATHERING: Duration = Duration::from_millis(1);
/// The most closures that wait; more are refused.
const MOST_WAITING: usize = 1024;

type Manager = <Conn as Connection>::TransactionManager;

pub(super) enum Writer {
    Each(Pool),
    Group(mpsc::SyncSender<Queued>),
}

/// Tells a closure's caller how the commit went.
type Finish = Box<dyn FnOnce(Result<()>) + Send>;
/// Runs a closure: whether its savepoint is kept, and how to answer.
type Work = Box<dyn FnOnce(&mut Tx<'_>) -> (bool, Finish) + Send>;

pub(super) struct Queued {
    abandoned: Box<dyn Fn() -> bool + Send>,
    work: Work,
    /// Answers a closure that did not run or did not finish.
    fail: Box<dyn FnOnce(Error) + Send>,
}

impl Writer {
    pub(super) fn start(location: &Location, sizes: PoolSizes, inner: Weak<Inner>) -> Self {
        if matches!(location, Location::Postgres(_)) {
            return Self::Each(Pool::new(location, Mode::Write, sizes.writers.max(1), 0));
        }
        let (queue, waiting) = mpsc::sync_channel(MOST_WAITING);
        let (location, cache_kb) = (location.clone(), sizes.cache_kb);
        let thread = std::thread::Builder::new().name("writer".into());
        if let Err(error) = thread.spawn(move || write_groups(&inner, &location, cache_kb, &waiting)) {
            tracing::error!(%error, "the writer thread does not start");
        }
        Self::Group(queue)
    }
}

pub(super) async fn write<T, F>(inner: &Arc<Inner>, f: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
{
    match &inner.writer {
        Writer::Each(pool) => {
            let permit = pool.permit().await?;
            let inner = inner.clone();
            let run = move || {
                let _permit = permit;
                write_alone(&inner, f)
            };
            tokio::task::spawn_blocking(run).await.map_err(|_gone| panicked())?
        }
        Writer::Group(queue) => {
            let (queued, answer) = queued(f);
            queue.try_send(queued).map_err(|refused| match refused {
                mpsc::TrySendError::Full(_) => Error::Unavailable(Reason::Busy),
                mpsc::TrySendError::Disconnected(_) => Error::Unavailable(Reason::Stopping),
            })?;
            answer.await.map_err(|_gone| panicked())?
        }
    }
}

/// A transaction that does not begin or end says nothing about what its closure did: try again.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn in_doubt(error: diesel::result::Error) -> Error {
    tracing::error!(%error, "a transaction does not begin or end");
    Error::Unavailable(Reason::Database)
}

fn write_alone<T>(inner: &Inner, f: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    let Writer::Each(pool) = &inner.writer else {
        return Err(Error::bug("no pool to write"));
    };
    let mut effects = Effects::default();
    let result = pool.with(|conn| {
        dialect::begin_write(conn).map_err(in_doubt)?;
        let mut tx = Tx::new(conn, &*inner.clock, &*inner.entropy, None);
        let result = f(&mut tx);
        effects = tx.take_effects();
        let result = result.and_then(|value| dialect::notify(conn, &effects.dropped).map(|()| value));
        match result {
            Ok(value) => Manager::commit_transaction(conn).map(|()| value).map_err(in_doubt),
            Err(error) => {
                effects = Effects::default(); // nothing of it is there
                Manager::rollback_transaction(conn).map_err(in_doubt).and(Err(error))
            }
        }
    });
    inner.committed(&effects);
    result
}

fn queued<T, F>(f: F) -> (Queued, oneshot::Receiver<Result<T>>)
where
    T: Send + 'static,
    F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
{
    let (answer, result) = oneshot::channel();
    let answer = Arc::new(Mutex::new(Some(answer)));
    let (watched, failing) = (answer.clone(), answer.clone());
    let fail = move |error| {
        if let Some(sender) = failing.lock().unwrap_or_else(PoisonError::into_inner).take() {
            drop(sender.send(Err(error)));
        }
    };
    let abandoned = move || {
        let sender = watched.lock().unwrap_or_else(PoisonError::into_inner);
        sender.as_ref().is_none_or(oneshot::Sender::is_closed)
    };
    let work: Work = Box::new(move |tx| {
        let result = f(tx);
        let keep = result.is_ok();
        let finish: Finish = Box::new(move |commit| {
            if let Some(sender) = answer.lock().unwrap_or_else(PoisonError::into_inner).take() {
                // Nobody listening any more is no fault: the outcome stands all the same.
                drop(sender.send(result.and_then(|value| commit.map(|()| value))));
            }
        });
        (keep, finish)
    });
    (
        Queued {
            abandoned: Box::new(abandoned),
            work,
            fail: Box::new(fail),
        },
        result,
    )
}

fn write_groups(inner: &Weak<Inner>, location: &Location, cache_kb: usize, waiting: &mpsc::Receiver<Queued>) {
    let (mut conn, mut usual) = (None, 1);
    while let Ok(first) = waiting.recv() {
        let Some(inner) = inner.upgrade() else { return };
        let group = gather(first, waiting, usual);
        usual = group.len();
        if conn.is_none() {
            conn = conn::open(location, Mode::Write, cache_kb)
                .map_err(super::OpenError::into_error)
                .ok();
        }
        let sound = match &mut conn {
            Some(conn) => write_group(&inner, conn, group),
            None => refuse(group),
        };
        if !sound {
            conn = None; // what saw a failed savepoint or commit is thrown away
        }
    }
}

/// The closures of one commit. Who was answered a moment ago writes again in a moment: without waiting for as many as
/// there were `usual`ly, the first of them would have a commit and its sync alone, and all others would wait for it.
fn gather(first: Queued, waiting: &mpsc::Receiver<Queued>, usual: usize) -> Vec<Queued> {
    let begun = Instant::now();
    let mut group = vec![first];
    while group.len() < MOST_IN_A_GROUP {
        let next = match GATHERING.checked_sub(begun.elapsed()) {
            Some(left) if group.len() < usual => waiting.recv_timeout(left).ok(),
            _ => waiting.try_recv().ok(),
        };
        match next {
            Some(next) => group.push(next),
            None => break,
        }
    }
    group
}

/// Answers `Unavailable` to closures that never ran.
fn refuse(group: impl IntoIterator<Item = Queued>) -> bool {
    for queued in group {
        (queued.fail)(Error::Unavailable(Reason::Database));
    }
    false
}

/// One commit. False: the connection is in doubt.
fn write_group(inner: &Inner, conn: &mut Conn, group: Vec<Queued>) -> bool {
    if let Err(error) = dialect::begin_write(conn) {
        tracing::error!(%error, "no transaction can begin");
        return refuse(group);
    }
    let mut outcome = Group::default();
    let mut group = group.into_iter();
    for queued in group.by_ref() {
        if !(queued.abandoned)() && !outcome.run(inner, conn, queued) {
            break;
        }
    }
    refuse(group);
    let committed = if outcome.in_doubt {
        Manager::rollback_transaction(conn).and(Err(diesel::result::Error::RollbackTransaction))
    } else {
        Manager::commit_transaction(conn)
    };
    inner.committed(&outcome.effects);
    if let Err(error) = &committed {
        tracing::error!(%error, writes = outcome.finish.len(), "a commit failed");
    }
    let sound = committed.is_ok();
    for finish in outcome.finish {
        finish(if sound {
            Ok(())
        } else {
            Err(Error::Unavailable(Reason::Database))
        });
    }
    sound
}

#[derive(Default)]
struct Group {
    finish: Vec<Finish>,
    effects: Effects,
    in_doubt: bool,
}

impl Group {
    /// Runs one closure in its savepoint. False: the transaction is in doubt.
    fn run(&mut self, inner: &Inner, conn: &mut Conn, queued: Queued) -> bool {
        let Queued { work, fail, .. } = queued;
        if let Err(error) = Manager::begin_transaction(conn) {
            fail(in_doubt(error));
            self.in_doubt = true;
            return false;
        }
        let mut tx = Tx::new(conn, &*inner.clock, &*inner.entropy, None);
        let result = catch_unwind(AssertUnwindSafe(|| work(&mut tx)));
        let effects = tx.take_effects();
        let kept = match result {
            Ok((true, finish)) => match Manager::commit_transaction(conn) {
                Ok(()) => {
                    self.effects.add(effects);
                    self.finish.push(finish);
                    true
                }
                Err(error) => {
                    finish(Err(in_doubt(error)));
                    false
                }
            },
            Ok((false, finish)) => {
                finish(Ok(())); // it has an error of its own to tell
                Manager::rollback_transaction(conn).is_ok()
            }
            Err(_) => {
                fail(panicked());
                Manager::rollback_transaction(conn).is_ok()
            }
        };
        self.in_doubt |= !kept;
        kept
    }
}
