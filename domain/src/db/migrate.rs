//! The steps from an empty database to today's: twin folders, the same names for both databases.

use super::{
    Db, Location, OpenError,
    conn::{self, Conn, Mode},
    dialect::both,
};
use diesel::{
    connection::SimpleConnection,
    migration::{Migration, MigrationSource, MigrationVersion},
    pg::Pg,
    sqlite::Sqlite,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
/// The key of PostgreSQL's lock that lets one node migrate at a time.
const LOCK: i64 = 0x6b65_726d_6573_7365;

/// What is known about the steps of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Steps that this program has and the database lacks, in order.
    pub pending: Vec<String>,
    /// Steps that the database has and this program does not know.
    pub unknown: Vec<String>,
}

impl Db {
    /// Brings the database up to date; each step is a transaction of its own. Answers the steps made.
    ///
    /// # Errors
    /// [`OpenError::Newer`] before anything is touched; [`OpenError::Migration`] when a step fails, which is undone.
    pub fn migrate(&self) -> Result<Vec<String>, OpenError> {
        up(&mut conn::open(self.location(), Mode::Write, 2000)?)
    }

    /// Which steps are missing or unknown.
    ///
    /// # Errors
    /// Those of opening the database.
    pub fn migration_state(&self) -> Result<State, OpenError> {
        state_of(self.location())
    }
}

/// Which steps are missing from a database, or unknown to this program.
///
/// # Errors
/// Those of opening the database.
pub fn state_of(location: &Location) -> Result<State, OpenError> {
    state(&mut conn::open(location, Mode::Write, 2000)?)
}

fn up(conn: &mut Conn) -> Result<Vec<String>, OpenError> {
    if let Conn::Postgres(c) = conn {
        c.batch_execute(&format!("SET lock_timeout = 0; SELECT pg_advisory_lock({LOCK})"))
            .map_err(OpenError::Setup)?;
    }
    let done = up_locked(conn);
    if let Conn::Postgres(c) = conn {
        c.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))
            .map_err(OpenError::Setup)?;
    }
    done
}

fn up_locked(conn: &mut Conn) -> Result<Vec<String>, OpenError> {
    let state = state(conn)?;
    if let Some(newest) = state.unknown.last() {
        return Err(OpenError::Newer(newest.clone()));
    }
    for name in &state.pending {
        both!(conn, c => c.run_next_migration(POSTGRES).map(drop); c.run_next_migration(SQLITE).map(drop)).map_err(
            |cause| OpenError::Migration {
                name: name.clone(),
                cause: cause.to_string(),
            },
        )?;
    }
    Ok(state.pending)
}

fn state(conn: &mut Conn) -> Result<State, OpenError> {
    let failed = |cause: Box<dyn std::error::Error + Send + Sync>| OpenError::Migration {
        name: "list".into(),
        cause: cause.to_string(),
    };
    let applied = both!(conn, c => c.applied_migrations()).map_err(failed)?;
    let known = both!(conn, c => { let _ = c; names::<Pg>(&POSTGRES) }; { let _ = c; names::<Sqlite>(&SQLITE) })
        .map_err(failed)?;
    let has = |version: &MigrationVersion<'_>| applied.contains(version);
    let pending = known
        .iter()
        .filter(|(version, _)| !has(version))
        .map(|(_, name)| name.clone())
        .collect();
    let mut unknown: Vec<String> = applied
        .iter()
        .filter(|version| known.iter().all(|(known, _)| known != *version))
        .map(ToString::to_string)
        .collect();
    unknown.sort();
    Ok(State { pending, unknown })
}

type Named = (MigrationVersion<'static>, String);

fn names<B: diesel::backend::Backend>(
    source: &EmbeddedMigrations,
) -> Result<Vec<Named>, Box<dyn std::error::Error + Send + Sync>> {
    let mut names: Vec<Named> = MigrationSource::<B>::migrations(source)?
        .iter()
        .map(|step| (step.name().version().as_owned(), step.name().to_string()))
        .collect();
    names.sort();
    Ok(names)
}

/// Undoes every step, last first: for the test of `down.sql`.
///
/// # Errors
/// Those of the steps.
#[cfg(any(test, feature = "testing"))]
pub fn down(location: &Location) -> Result<(), OpenError> {
    let mut conn = conn::open(location, Mode::Write, 2000)?;
    both!(&mut conn, c => c.revert_all_migrations(POSTGRES).map(drop); c.revert_all_migrations(SQLITE).map(drop))
        .map_err(|cause| OpenError::Migration {
            name: "down".into(),
            cause: cause.to_string(),
        })
}
