//! Care of a whole database: copies, checks, statistics. Each on a connection of its own, and blocking.

use super::{
    Location, OpenError,
    conn::{self, Conn, Mode},
    dialect,
    schema::profile_key,
};
use diesel::{QueryDsl, QueryResult, RunQueryDsl, dsl::exists};
use std::path::Path;

/// For `psql`: drops every table of PostgreSQL. There is nothing else: no function, no trigger.
pub const DROP_TABLES: &str = "DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE 'DROP TABLE IF EXISTS public.' || name || ' CASCADE';
    END LOOP; END $$";

fn on<T>(
    location: &Location,
    doing: &'static str,
    f: impl FnOnce(&mut Conn) -> QueryResult<T>,
) -> Result<T, OpenError> {
    f(&mut conn::open(location, Mode::Write, 2000)?).map_err(|cause| OpenError::Care { doing, cause })
}

/// Statistics for the planner; on SQLite, the log is brought into the file, which then is complete by itself.
///
/// # Errors
/// Those of the database.
pub fn maintain(location: &Location) -> Result<(), OpenError> {
    on(location, "the care of the database", dialect::maintain)
}

/// Copies a SQLite database into a new file, consistently, while others read and write. Needs its size on the disk.
///
/// # Errors
/// The file exists, the disk is full; a PostgreSQL database, which `pg_dump` copies.
pub fn copy(location: &Location, to: &Path) -> Result<(), OpenError> {
    let path = to
        .to_str()
        .ok_or_else(|| OpenError::Url("a path that is not UTF-8".into()))?;
    on(location, "the copy of the database", |conn| {
        dialect::copy_to(conn, path)
    })
}

/// What SQLite finds wrong with a file, empty when it is sound. PostgreSQL checks itself.
///
/// # Errors
/// Those of the database: it may be too damaged to be read at all.
pub fn damage(location: &Location) -> Result<Vec<String>, OpenError> {
    on(location, "the check of the database", dialect::integrity)
}

/// How many others are connected to a PostgreSQL database. SQLite cannot tell: 0.
///
/// # Errors
/// Those of the database.
pub fn other_sessions(location: &Location) -> Result<i64, OpenError> {
    on(location, "the list of sessions", dialect::other_sessions)
}

/// Whether a database has no table yet.
///
/// # Errors
/// Those of the database.
pub fn is_empty(location: &Location) -> Result<bool, OpenError> {
    on(location, "the list of tables", dialect::is_empty)
}

/// Whether there is a private key in the database: then the server's key, which it was sealed with, must be there too.
///
/// # Errors
/// Those of the database.
pub fn has_sealed_keys(location: &Location) -> Result<bool, OpenError> {
    on(location, "the list of keys", |conn| {
        if dialect::is_empty(conn)? {
            return Ok(false);
        }
        diesel::select(exists(profile_key::table.select(profile_key::profile_id))).get_result(conn)
    })
}
