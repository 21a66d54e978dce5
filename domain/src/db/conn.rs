//! One connection, to SQLite or PostgreSQL, and the pools.

use super::OpenError;
use crate::error::{Error, Reason, Result};
use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection, r2d2::R2D2Connection};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A connection to one of the two databases; only `dialect.rs` asks which.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Where the data are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A file of SQLite.
    File(PathBuf),
    /// The URL of a PostgreSQL database.
    Postgres(String),
}

impl Location {
    /// Reads `postgres://…` (or `postgresql://…`), `sqlite:PATH` or a path.
    ///
    /// # Errors
    /// Another scheme, or a demand for TLS, which the PostgreSQL client in this program does not speak.
    pub fn parse(text: &str) -> std::result::Result<Self, OpenError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let needs_tls = ["sslmode=require", "sslmode=verify-ca", "sslmode=verify-full"];
            if needs_tls.iter().any(|mode| text.contains(mode)) {
                return Err(OpenError::Tls);
            }
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text
            .strip_prefix("sqlite://")
            .or_else(|| text.strip_prefix("sqlite:"))
            .unwrap_or(text);
        if path.is_empty() || path.contains("://") {
            return Err(OpenError::Url(text.split("://").next().unwrap_or_default().to_owned()));
        }
        Ok(Self::File(path.into()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Read,
    Write,
}

/// How many connections, and how much memory they share.
#[derive(Debug, Clone, Copy)]
pub struct PoolSizes {
    /// Connections that read; at least 2.
    pub readers: usize,
    /// Connections that write on PostgreSQL; SQLite has one.
    pub writers: usize,
    /// Kilobytes of SQLite's page cache, divided by the readers.
    pub cache_kb: usize,
}

impl Default for PoolSizes {
    fn default() -> Self {
        Self {
            readers: 4,
            writers: 4,
            cache_kb: 20_000,
        }
    }
}

pub(super) fn open(location: &Location, mode: Mode, cache_kb: usize) -> std::result::Result<Conn, OpenError> {
    match location {
        Location::Postgres(url) => {
            let mut conn = PgConnection::establish(url).map_err(OpenError::Postgres)?;
            let read_only = if mode == Mode::Read { "on" } else { "off" };
            conn.batch_execute(&format!(
                "SET TIME ZONE 'UTC'; SET statement_timeout = '30s'; SET lock_timeout = '10s';
                 SET default_transaction_read_only = {read_only}"
            ))
            .map_err(OpenError::Setup)?;
            Ok(Conn::Postgres(conn))
        }
        Location::File(path) => {
            let text = path
                .to_str()
                .ok_or_else(|| OpenError::Url("a path that is not UTF-8".into()))?;
            let unusable = |cause: String| unusable(path.clone(), cause);
            let mut conn = SqliteConnection::establish(text).map_err(|cause| unusable(cause.to_string()))?;
            conn.batch_execute(&pragmas(mode, cache_kb))
                .map_err(|cause| unusable(cause.to_string()))?;
            Ok(Conn::Sqlite(conn))
        }
    }
}

/// SQLite has codes for these, and Diesel only the words.
fn unusable(path: PathBuf, cause: String) -> OpenError {
    let is_damage = ["malformed", "not a database"].iter().any(|text| cause.contains(text));
    if is_damage {
        OpenError::Damaged { path, cause }
    } else {
        OpenError::File { path, cause }
    }
}

/// SQLite's settings for a connection, and a look at its tables, which finds a file that is none. `FULL`: what is
/// acknowledged is on the disk. The log is brought into the file at 16 MB: at SQLite's 4, thirty-two writers would pay for
/// it, with two syncs more, at every fifth commit.
fn pragmas(mode: Mode, cache_kb: usize) -> String {
    let query_only = if mode == Mode::Read { "ON" } else { "OFF" };
    format!(
        "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;
         PRAGMA mmap_size=0; PRAGMA cache_size=-{cache_kb}; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;
         PRAGMA cell_size_check=ON; PRAGMA journal_size_limit=67108864;
         PRAGMA wal_autocheckpoint=4000; PRAGMA query_only={query_only};
         SELECT 1 FROM sqlite_schema LIMIT 1;"
    )
}

/// A semaphore and a list of idle connections.
pub(super) struct Pool {
    location: Location,
    mode: Mode,
    cache_kb: usize,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Conn>>,
}

impl Pool {
    pub(super) fn new(location: &Location, mode: Mode, size: usize, cache_kb: usize) -> Self {
        let size = size.max(1);
        Self {
            location: location.clone(),
            mode,
            cache_kb: (cache_kb / size).max(500),
            permits: Arc::new(Semaphore::new(size)),
            idle: Mutex::default(),
        }
    }

    /// The right to use one connection. It moves into the blocking closure: a visitor who leaves drops the future, not
    /// the closure, and must not let another one in beside it.
    pub(super) async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        self.permits
            .clone()
            .acquire_owned()
            .await
            .map_err(|_gone| Error::Unavailable(Reason::Stopping))
    }

    /// Runs `f` on a connection, which is kept for the next one unless it is in doubt: a panic dropped it, a transaction
    /// is left open, or the failure may be the connection's own. Diesel does not tell that a server has gone away.
    pub(super) fn with<T>(&self, f: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
        let taken = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut conn = match taken {
            Some(conn) => conn,
            None => open(&self.location, self.mode, self.cache_kb).map_err(OpenError::into_error)?,
        };
        let result = f(&mut conn);
        let in_doubt = matches!(result, Err(Error::Internal(_) | Error::Unavailable(_)));
        if !in_doubt && !conn.is_broken() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_files_or_postgres() {
        assert_eq!(
            Location::parse("sqlite:///tmp/a.sqlite3").unwrap(),
            Location::File("/tmp/a.sqlite3".into())
        );
        assert_eq!(
            Location::parse("data/a.sqlite3").unwrap(),
            Location::File("data/a.sqlite3".into())
        );
        assert!(matches!(
            Location::parse("postgres://localhost/kermesse").unwrap(),
            Location::Postgres(_)
        ));
        assert!(matches!(Location::parse("mysql://localhost"), Err(OpenError::Url(_))));
        assert!(matches!(Location::parse(""), Err(OpenError::Url(_))));
        assert!(matches!(
            Location::parse("postgres://h/k?sslmode=require"),
            Err(OpenError::Tls)
        ));
    }
}
