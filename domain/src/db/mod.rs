//! The only way to the data: [`Db::read`] and [`Db::write`].
//!
//! A use case is one synchronous closure on one [`Tx`]: it cannot wait for the network while it holds a transaction.
//! On SQLite one thread writes and puts several closures into one commit; on PostgreSQL each write has its transaction.

pub mod care;
pub mod column;
#[expect(missing_docs, reason = "what the derive of MultiConnection makes")]
pub mod conn;
pub mod dialect;
mod listen;
pub mod migrate;
#[expect(missing_docs, reason = "what the macro of tables makes")]
pub mod schema;
#[cfg(any(test, feature = "testing"))]
#[expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test without its database cannot go on"
)]
pub mod testing;
#[cfg(test)]
mod tests;
mod tx;
mod writer;

pub use conn::{Location, PoolSizes};
pub use listen::Heard;
pub use tx::{Seen, Tx};

use crate::{
    change::CacheTag,
    error::{Error, Reason, Result},
    ports::{Clock, Entropy},
};
use conn::{Mode, Pool};
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{Arc, OnceLock},
};
use tokio::sync::watch;

/// Why a database does not open, in words for who runs the site.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Neither a path nor a PostgreSQL URL.
    #[error(
        "this is no database address ({0}); give a path such as ./data/kermesse.sqlite3 or a URL such as postgres://user@localhost/kermesse"
    )]
    Url(String),
    /// TLS was asked for.
    #[error(
        "this program speaks to PostgreSQL without TLS; use a socket or the loopback interface and leave sslmode out, or a tunnel"
    )]
    Tls,
    /// The file cannot be opened or written.
    #[error("the database file {} cannot be used: {cause}; check that its folder exists and that this user may write there", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What SQLite said.
        cause: String,
    },
    /// The file is there, and SQLite does not understand it.
    #[error("the database file {} is damaged, or no database: {cause}; stop the program, keep a copy of the file, and bring a backup back with `kermesse restore`", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What SQLite said.
        cause: String,
    },
    /// PostgreSQL does not answer.
    #[error("PostgreSQL does not answer: {0}; check DATABASE_URL and that the server runs")]
    Postgres(diesel::ConnectionError),
    /// The connection was refused its settings.
    #[error("the database refuses its settings: {0}")]
    Setup(diesel::result::Error),
    /// The SQLite library is one that can damage a database.
    #[error("SQLite {0} is too old: versions before 3.51.3 can damage a database")]
    OldSqlite(String),
    /// The database was written by a newer program.
    #[error(
        "the database was made by a newer Kermesse (it knows {0}); install that version again, or restore a backup made before"
    )]
    Newer(String),
    /// The database lacks migrations.
    #[error("the database is older than this program ({0} steps); run `kermesse migrate` after a backup")]
    Older(usize),
    /// A migration failed; nothing of it was kept.
    #[error("the migration {name} failed and was undone: {cause}; the data are as they were before it")]
    Migration {
        /// Which one.
        name: String,
        /// What the database said.
        cause: String,
    },
    /// Looking after the database failed.
    #[error("{doing} failed: {cause}")]
    Care {
        /// What was done.
        doing: &'static str,
        /// What the database said.
        cause: diesel::result::Error,
    },
}

impl OpenError {
    /// As an error of a use case: the cause goes to the log.
    fn into_error(self) -> Error {
        tracing::error!(error = %self, "no connection to the database");
        Error::Unavailable(Reason::Database)
    }
}

thread_local! {
    /// A render thread may block: there a read runs where it is.
    static INLINE: Cell<bool> = const { Cell::new(false) };
}

/// From now on, reads begun on this thread run on it instead of on a blocking thread. For threads of their own only.
pub fn read_inline_on_this_thread() {
    INLINE.set(true);
}

type OnCommit = Box<dyn Fn(&[CacheTag]) + Send + Sync>;

struct Inner {
    location: Location,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    readers: Pool,
    writer: writer::Writer,
    on_commit: OnceLock<OnCommit>,
    enqueued: watch::Sender<()>,
}

impl Inner {
    /// After COMMIT, also when its outcome is unknown, and before `write` answers.
    fn committed(&self, effects: &tx::Effects) {
        if let Some(hook) = self.on_commit.get()
            && !effects.dropped.is_empty()
        {
            hook(&effects.dropped.iter().copied().collect::<Vec<_>>());
        }
        if effects.enqueued {
            self.enqueued.send_replace(());
        }
    }
}

/// A database, with its readers and its writer. Clones share them.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

impl Db {
    /// Opens the database; [`Db::migrate`] is another step.
    ///
    /// # Errors
    /// See [`OpenError`]: the address, the folder, the server, the age of the SQLite library.
    pub fn open(
        location: &Location,
        sizes: PoolSizes,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> std::result::Result<Self, OpenError> {
        dialect::check_library(&mut conn::open(location, Mode::Write, 1000)?)?;
        let inner = Arc::new_cyclic(|weak| Inner {
            location: location.clone(),
            clock,
            entropy,
            readers: Pool::new(location, Mode::Read, sizes.readers.max(2), sizes.cache_kb),
            writer: writer::Writer::start(location, sizes, weak.clone()),
            on_commit: OnceLock::new(),
            enqueued: watch::Sender::new(()),
        });
        Ok(Self(inner))
    }

    /// Where the data are.
    pub fn location(&self) -> &Location {
        &self.0.location
    }

    /// The clock that [`Tx::now`] reads.
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// Calls `hook` with the tags that a commit drops, on the writing thread, before the writer's caller hears of it.
    /// Only the first hook counts.
    pub fn on_commit(&self, hook: impl Fn(&[CacheTag]) + Send + Sync + 'static) {
        if self.0.on_commit.set(Box::new(hook)).is_err() {
            tracing::error!("a second commit hook is ignored");
        }
    }

    /// Changes whenever a write of this process has queued a job, once it is committed.
    pub fn enqueued(&self) -> watch::Receiver<()> {
        self.0.enqueued.subscribe()
    }

    /// Runs `f` on a connection that cannot write.
    ///
    /// # Errors
    /// Those of `f`; `Unavailable` where no connection can be had.
    pub async fn read<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        self.read_noting(None, f).await
    }

    /// [`Db::read`] that also notes in `seen` what was read, for a page that is kept.
    ///
    /// # Errors
    /// As [`Db::read`].
    pub async fn read_noting<T, F>(&self, seen: Option<Seen>, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let permit = self.0.readers.permit().await?;
        let inner = self.0.clone();
        let run = move || {
            let _permit = permit;
            inner
                .readers
                .with(|conn| f(&mut Tx::new(conn, &*inner.clock, &*inner.entropy, seen)))
        };
        if INLINE.get() {
            return catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(panicked()));
        }
        tokio::task::spawn_blocking(run).await.map_err(|_gone| panicked())?
    }

    /// Runs `f` in a transaction: all of it is kept, on disk, when this answers `Ok`; nothing of it otherwise.
    ///
    /// # Errors
    /// Those of `f`; `Unavailable` where the database or its queue is full, or the commit failed.
    pub async fn write<T, F>(&self, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        writer::write(&self.0, f).await
    }
}

fn panicked() -> Error {
    Error::bug("a panic in a database closure")
}
