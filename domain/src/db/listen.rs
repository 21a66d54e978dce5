//! Hears what other nodes on the same PostgreSQL changed, so that kept pages of this one are dropped too.
//!
//! A commit tells its tags on [`CHANNEL`] (`dialect::notify`). Between a lost connection and the next `LISTEN` nothing
//! is heard: after each `LISTEN`, everything counts as changed. A node also hears itself, which only costs a render.

use super::{
    Db, Inner, Location,
    dialect::{CHANNEL, EVERYTHING},
};
use crate::change::CacheTag;
use diesel::{Connection, ConnectionError, PgConnection, connection::SimpleConnection};
use std::{
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

/// Between two looks at the connection: a change is heard after 10 ms in the middle, for 0.3 % of a core.
const EVERY: Duration = Duration::from_millis(20);
/// Before another attempt to connect.
const RETRY: Duration = Duration::from_millis(500);

/// What was heard of other nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// What pages with these tags show has changed.
    Tags(Vec<CacheTag>),
    /// Anything may have changed: this node begins to listen, or missed something.
    Everything,
}

impl Heard {
    /// What a message says. A word that this version does not know was said by a newer one.
    fn read(message: &str) -> Self {
        if message == EVERYTHING {
            return Self::Everything;
        }
        let tags: Result<Vec<CacheTag>, _> = message.split(' ').map(str::parse).collect();
        tags.map_or(Self::Everything, Self::Tags)
    }
}

#[derive(Debug, thiserror::Error)]
enum Deaf {
    #[error("no connection to listen on: {0}")]
    Connect(#[from] ConnectionError),
    #[error("the connection to listen on broke: {0}")]
    Lost(#[from] diesel::result::Error),
}

impl Db {
    /// From now on calls `hear`, on a thread of its own, with what commits of any node on this PostgreSQL changed.
    /// Its first call, [`Heard::Everything`], says that it listens. It ends with the database.
    ///
    /// SQLite has one node, whose commits are told by [`Db::on_commit`]: there this does nothing.
    ///
    /// # Errors
    /// Where the thread cannot start.
    pub fn listen(&self, hear: impl Fn(Heard) + Send + 'static) -> std::io::Result<()> {
        let Location::Postgres(url) = self.location().clone() else {
            return Ok(());
        };
        let inner = Arc::downgrade(&self.0);
        let listener = move || {
            while is_open(&inner) {
                if let Err(error) = listen(&url, &inner, &hear) {
                    tracing::warn!(%error, "changes of other nodes are not heard; trying again");
                    thread::sleep(RETRY);
                }
            }
        };
        thread::Builder::new().name("listener".into()).spawn(listener).map(drop)
    }
}

fn is_open(inner: &Weak<Inner>) -> bool {
    inner.strong_count() > 0
}

/// Listens until the database is closed.
fn listen(url: &str, inner: &Weak<Inner>, hear: &impl Fn(Heard)) -> Result<(), Deaf> {
    let mut conn = PgConnection::establish(url)?;
    conn.batch_execute(&format!("LISTEN {CHANNEL}"))?;
    hear(Heard::Everything); // only now: what commits from here on is heard
    while is_open(inner) {
        for notification in conn.notifications_iter() {
            hear(Heard::read(&notification?.payload));
        }
        thread::sleep(EVERY);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        change::{Change, ListKind},
        db::testing::{TestDb, postgres_url},
        id::ProfileId,
    };
    use diesel::{RunQueryDsl, sql_query};
    use std::sync::mpsc;

    const SOON: Duration = Duration::from_secs(5);

    #[test]
    fn messages_are_tags_or_everything() {
        let tags = [CacheTag::Settings, CacheTag::List(ListKind::Events)];
        assert_eq!(Heard::read("settings list:events"), Heard::Tags(tags.to_vec()));
        for message in ["*", "", "settings moon:1"] {
            assert_eq!(Heard::read(message), Heard::Everything, "{message}");
        }
    }

    #[test]
    fn sqlite_has_nothing_to_hear() {
        let test = TestDb::sqlite();
        let (told, hear) = mpsc::channel();
        test.db.listen(move |heard| told.send(heard).unwrap()).unwrap();
        assert!(hear.recv().is_err(), "the closure is dropped at once");
    }

    #[tokio::test]
    async fn a_commit_is_heard_and_a_lost_connection_means_everything() {
        let Some(url) = postgres_url() else { return };
        let test = TestDb::postgres(&url);
        let (told, hear) = mpsc::channel();
        test.db.listen(move |heard| told.send(heard).unwrap()).unwrap();
        assert_eq!(hear.recv_timeout(SOON), Ok(Heard::Everything));

        let id = ProfileId(uuid::Uuid::from_u128(7));
        let change = Change::ProfileUpdated(id);
        let tags = change.tags();
        let write = test
            .db
            .write(move |tx| tx.emit(&crate::caller::Caller::System, &change));
        write.await.unwrap();
        assert_eq!(hear.recv_timeout(SOON), Ok(Heard::Tags(tags)));

        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND query = 'LISTEN {CHANNEL}'"
        );
        let ended = test
            .db
            .write(move |tx| {
                let crate::db::conn::Conn::Postgres(conn) = &mut *tx.conn else {
                    unreachable!("PostgreSQL was asked for")
                };
                Ok(sql_query(end).execute(conn)?)
            })
            .await;
        assert_eq!(ended.unwrap(), 1);
        assert_eq!(hear.recv_timeout(SOON), Ok(Heard::Everything));
    }

    #[test]
    fn the_listener_ends_with_the_database() {
        let Some(url) = postgres_url() else { return };
        let test = TestDb::postgres(&url);
        let (told, hear) = mpsc::channel();
        test.db.listen(move |heard| told.send(heard).unwrap()).unwrap();
        assert_eq!(hear.recv_timeout(SOON), Ok(Heard::Everything));
        drop(test);
        while hear.recv_timeout(SOON).is_ok() {}
        assert!(matches!(hear.try_recv(), Err(mpsc::TryRecvError::Disconnected)));
    }
}
