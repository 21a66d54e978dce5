//! Databases for tests: each is a copy of a migrated template, and is dropped at the end.
//!
//! SQLite in a file, as in production, unless `KERMESSE_TEST_DATABASE_URL` names a PostgreSQL server where this user
//! may create databases. The template is named after the migrations, so that it serves until they change.

use super::{Db, Location, OpenError, PoolSizes};
use crate::{
    ports::{Clock, Entropy, KeyPair},
    time::{Instant, Zone},
};
use diesel::{Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};
use sha2::{Digest, Sha256};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct FrozenClock(AtomicI64);

impl FrozenClock {
    /// A clock that shows what the clock on the wall of `zone` shows at `local`, `2026-12-05T18:00`.
    ///
    /// # Panics
    /// When it is no time.
    pub fn at(local: &str, zone: &str) -> Arc<Self> {
        let zone = Zone::named(zone).expect("a zone");
        Arc::new(Self(AtomicI64::new(
            zone.instant(local.parse().expect("a time")).micros(),
        )))
    }

    /// Moves it.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    /// Sets it.
    pub fn set(&self, to: Instant) {
        self.0.store(to.micros(), Ordering::SeqCst);
    }
}

impl Clock for FrozenClock {
    fn now(&self) -> Instant {
        Instant::from_micros(self.0.load(Ordering::SeqCst)).expect("a moment")
    }
}

/// The same "random" bytes in every run.
#[derive(Debug, Default)]
pub struct SeededEntropy(AtomicU64);

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let mut hasher = DefaultHasher::new();
            self.0.fetch_add(1, Ordering::SeqCst).hash(&mut hasher);
            chunk.copy_from_slice(&hasher.finish().to_be_bytes()[..chunk.len()]);
        }
    }
}

/// Keys for tests: nothing is signed with them.
pub fn test_keys() -> KeyPair {
    KeyPair {
        public_pem: "-----BEGIN PUBLIC KEY-----\ntest\n-----END PUBLIC KEY-----\n".into(),
        sealed_private: vec![0; 16],
    }
}

/// A database of one test.
pub struct TestDb {
    /// The database.
    pub db: Db,
    /// Its clock: noon of 1 December 2026 in Brussels, a Tuesday.
    pub clock: Arc<FrozenClock>,
    drop: Drops,
}

enum Drops {
    Folder(#[expect(dead_code, reason = "dropping it removes the folder")] tempfile::TempDir),
    Database { admin: String, name: String },
}

impl TestDb {
    /// An empty database of the kind that this run tests.
    ///
    /// # Panics
    /// When there is none to be had.
    pub fn new() -> Self {
        match postgres_url() {
            Some(url) => Self::postgres(&url),
            None => Self::sqlite(),
        }
    }

    /// An empty SQLite database.
    ///
    /// # Panics
    /// When the disk refuses.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("kermesse.sqlite3");
        std::fs::copy(sqlite_template(), &file).expect("a copy of the template");
        Self::open(&Location::File(file), Drops::Folder(folder))
    }

    /// An empty PostgreSQL database on the server at `url`.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn postgres(url: &str) -> Self {
        let template = postgres_template(url);
        let name = format!("kermesse_test_{}", uuid::Uuid::new_v4().simple());
        let mut admin = PgConnection::establish(url).expect("the test server");
        admin
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log"))
            .expect("a copy");
        let location = Location::Postgres(with_database(url, &name));
        Self::open(
            &location,
            Drops::Database {
                admin: url.to_owned(),
                name,
            },
        )
    }

    fn open(location: &Location, drop: Drops) -> Self {
        let clock = FrozenClock::at("2026-12-01T12:00", "Europe/Brussels");
        let sizes = PoolSizes {
            readers: 4,
            writers: 4,
            cache_kb: 4000,
        };
        let db = Db::open(location, sizes, clock.clone(), Arc::new(SeededEntropy::default())).expect("a database");
        Self { db, clock, drop }
    }
}

impl Default for TestDb {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        if let Drops::Database { admin, name } = &self.drop
            && let Ok(mut conn) = PgConnection::establish(admin)
        {
            // The readers and the writer of the test may still hold connections.
            drop(conn.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")));
        }
    }
}

/// The PostgreSQL server that this run tests, if any.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told of their server by the environment"
)]
pub fn postgres_url() -> Option<String> {
    std::env::var("KERMESSE_TEST_DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

fn with_database(url: &str, name: &str) -> String {
    let (base, query) = url
        .split_once('?')
        .map_or((url, String::new()), |(base, query)| (base, format!("?{query}")));
    let server = base.rsplit_once('/').map_or(base, |(server, _)| server);
    format!("{server}/{name}{query}")
}

/// Names the migrations in `folder`: another text for others.
///
/// # Panics
/// Where the sources are not there.
pub fn fingerprint(folder: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(folder);
    let mut steps: Vec<PathBuf> = std::fs::read_dir(root)
        .expect("migrations")
        .map(|entry| entry.expect("a step").path().join("up.sql"))
        .collect();
    steps.sort();
    let mut hash = Sha256::new();
    for step in steps {
        hash.update(std::fs::read(step).expect("up.sql"));
    }
    let number = hash
        .finalize()
        .iter()
        .take(8)
        .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{number:016x}")
}

fn migrated(location: &Location) -> Result<(), OpenError> {
    let clock = FrozenClock::at("2026-12-01T12:00", "Europe/Brussels");
    let sizes = PoolSizes {
        readers: 2,
        writers: 1,
        cache_kb: 2000,
    };
    Db::open(location, sizes, clock, Arc::new(SeededEntropy::default()))?
        .migrate()
        .map(drop)
}

fn sqlite_template() -> PathBuf {
    let file = std::env::temp_dir().join(format!("kermesse-template-{}.sqlite3", fingerprint("sqlite")));
    if !file.exists() {
        let folder = tempfile::tempdir().expect("a folder");
        let fresh = folder.path().join("template.sqlite3");
        migrated(&Location::File(fresh.clone())).expect("the migrations");
        let mut conn = diesel::SqliteConnection::establish(fresh.to_str().expect("UTF-8")).expect("the template");
        conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
            .expect("a checkpoint");
        drop(conn);
        let beside = file.with_extension(uuid::Uuid::new_v4().to_string());
        std::fs::copy(&fresh, &beside).expect("a copy");
        std::fs::rename(&beside, &file).expect("a template"); // tests start at once in many processes
    }
    file
}

fn postgres_template(url: &str) -> String {
    #[derive(diesel::QueryableByName)]
    struct Name {
        #[diesel(sql_type = Text)]
        #[expect(dead_code, reason = "only whether there is one")]
        datname: String,
    }
    let name = format!("kermesse_template_{}", fingerprint("postgres"));
    let mut admin = PgConnection::establish(url).expect("the test server");
    admin
        .batch_execute("SELECT pg_advisory_lock(4711)")
        .expect("the lock of the template");
    let known: Vec<Name> = sql_query("SELECT datname::text AS datname FROM pg_database WHERE datname = $1")
        .bind::<Text, _>(&name)
        .load(&mut admin)
        .expect("the databases");
    if known.is_empty() {
        let making = format!("{name}_making");
        admin
            .batch_execute(&format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)"))
            .expect("no leftover");
        admin
            .batch_execute(&format!("CREATE DATABASE {making}"))
            .expect("a template");
        migrated(&Location::Postgres(with_database(url, &making))).expect("the migrations");
        // The connections of the migration close a moment later.
        let rename = format!("ALTER DATABASE {making} RENAME TO {name}");
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{making}'");
        admin.batch_execute(&end).expect("their end");
        admin.batch_execute(&rename).expect("a name");
    }
    admin
        .batch_execute("SELECT pg_advisory_unlock(4711)")
        .expect("the lock of the template");
    name
}
