//! The only file that looks at which database runs: what has no common wording stands here, once for each.

use super::{
    OpenError,
    column::DbUuid,
    conn::{Conn, MultiBackend},
    schema::event,
};
use crate::{change::CacheTag, error::Result, id::EventId};
use diesel::{
    AppearsOnTable, Expression, QueryResult, RunQueryDsl, SelectableExpression,
    backend::Backend,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    deserialize::QueryableByName,
    expression::ValidGrouping,
    pg::Pg,
    query_builder::{AstPass, QueryFragment, QueryId},
    result::Error::SerializationError,
    serialize::ToSql,
    sql_query,
    sql_types::{Array, BigInt, Bool, HasSqlType, Integer, Text},
    sqlite::Sqlite,
};
use std::{collections::BTreeSet, fmt::Display};

/// The channel on which PostgreSQL tells other nodes which kept pages are stale.
pub const CHANNEL: &str = "kermesse_tags";
/// Said on [`CHANNEL`] instead of more tags than a message holds: drop everything.
pub const EVERYTHING: &str = "*";
/// PostgreSQL refuses messages of 8,000 bytes.
const MOST_MESSAGE: usize = 7_500;

/// Writes a statement once, and compiles it for each database; with a second body, a wording for each.
///
/// `both!(conn, c => insert_into(…).execute(c))` expands to a `match` on the connection with the same body twice.
macro_rules! both {
    ($conn:expr, $c:ident => $body:expr) => {
        $crate::db::dialect::both!($conn, $c => $body; $body)
    };
    ($conn:expr, $c:ident => $postgres:expr; $sqlite:expr) => {
        match $conn {
            $crate::db::conn::Conn::Postgres($c) => $postgres,
            $crate::db::conn::Conn::Sqlite($c) => $sqlite,
        }
    };
}
pub(crate) use both;

/// Makes a type that writes a statement one that can be run. It is known by its text, and compiled once on a connection:
/// Diesel's own UPDATE and upsert are compiled whenever they are run, which takes a seventh of the time of a write.
macro_rules! statement {
    ($name:ident) => {
        impl diesel::query_builder::QueryId for $name<'_> {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }
        impl diesel::RunQueryDsl<$crate::db::conn::Conn> for $name<'_> {}
    };
}
pub(crate) use statement;

/// Inserts many rows in few statements. Both databases bound the parameters of one: SQLite 32,766, PostgreSQL 65,535.
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {{
        let mut inserted = 0;
        for rows in $rows.chunks(500) {
            inserted += $crate::db::dialect::both!($conn, c => {
                diesel::RunQueryDsl::execute(diesel::insert_into($table).values(rows), c)?
            });
        }
        inserted
    }};
}
pub(crate) use insert_all;

/// Inserts a row unless one with the same key is there: `insert_new!(conn, table, values)` is the number inserted.
macro_rules! insert_new {
    ($conn:expr, $table:expr, $values:expr) => {
        $crate::db::dialect::both!($conn, c => diesel::RunQueryDsl::execute(
            diesel::insert_into($table).values($values).on_conflict_do_nothing(), c))
    };
}
pub(crate) use insert_new;

pub(super) fn begin_write(conn: &mut Conn) -> QueryResult<()> {
    both!(conn, c => AnsiTransactionManager::begin_transaction(c);
        // A read transaction that turns writer would fail at once, whatever the time-out.
        AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"))
}

/// Tells the other nodes what this transaction drops; they hear of it when it commits.
pub(super) fn notify(conn: &mut Conn, dropped: &BTreeSet<CacheTag>) -> Result<()> {
    if let Conn::Postgres(c) = conn
        && !dropped.is_empty()
    {
        let tags: Vec<String> = dropped.iter().map(ToString::to_string).collect();
        let mut message = tags.join(" ");
        if message.len() > MOST_MESSAGE {
            EVERYTHING.clone_into(&mut message);
        }
        sql_query("SELECT pg_notify($1, $2)")
            .bind::<Text, _>(CHANNEL)
            .bind::<Text, _>(message)
            .execute(c)?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

/// Versions of SQLite before 3.51.3 can damage a database in WAL mode.
pub(super) fn check_library(conn: &mut Conn) -> std::result::Result<(), OpenError> {
    let Conn::Sqlite(c) = conn else { return Ok(()) };
    let found: Version = sql_query("SELECT sqlite_version() AS version")
        .get_result(c)
        .map_err(OpenError::Setup)?;
    let numbers: Vec<u32> = found.version.split('.').filter_map(|n| n.parse().ok()).collect();
    if numbers.as_slice() < [3, 51, 3].as_slice() {
        return Err(OpenError::OldSqlite(found.version));
    }
    Ok(())
}

/// Daily care: statistics for the planner, and on SQLite the log brought into the file.
pub(super) fn maintain(conn: &mut Conn) -> QueryResult<()> {
    both!(conn, c => c.batch_execute("ANALYZE"); {
        c.batch_execute("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);")
    })
}

/// A consistent copy of a SQLite database into a new file, while others read and write; `pg_dump` does it on PostgreSQL.
pub(super) fn copy_to(conn: &mut Conn, path: &str) -> QueryResult<()> {
    both!(conn, c => { let _ = c; Err(diesel::result::Error::NotInTransaction) };
        sql_query("VACUUM INTO ?").bind::<Text, _>(path).execute(c).map(drop))
}

/// SQLite's own check of a file: empty when it is sound.
pub(super) fn integrity(conn: &mut Conn) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        line: String,
    }
    let lines: Vec<Line> = both!(conn, c => { let _ = c; Ok::<_, diesel::result::Error>(Vec::new()) }; {
        sql_query("SELECT integrity_check AS line FROM pragma_integrity_check").load(c)
    })?;
    Ok(lines.into_iter().map(|l| l.line).filter(|line| line != "ok").collect())
}

/// How many others are connected to this PostgreSQL database. SQLite cannot tell.
pub(super) fn other_sessions(conn: &mut Conn) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        sessions: i64,
    }
    let others = "SELECT count(*) AS sessions FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    both!(conn, c => sql_query(others).get_result(c).map(|found: Count| found.sessions); { let _ = c; Ok(0) })
}

/// Whether there is no table but the list of steps.
pub(super) fn is_empty(conn: &mut Conn) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        tables: i64,
    }
    let postgres = "SELECT count(*) AS tables FROM pg_tables
        WHERE schemaname = 'public' AND tablename <> '__diesel_schema_migrations'";
    let sqlite = "SELECT count(*) AS tables FROM sqlite_schema
        WHERE type = 'table' AND name <> '__diesel_schema_migrations'";
    let found: Count = both!(conn, c => sql_query(postgres).get_result(c); sql_query(sqlite).get_result(c))?;
    Ok(found.tables == 0)
}

/// A boxed condition on the table of the query, for either database.
pub(crate) type Condition<'a, Table> = Box<dyn diesel::BoxableExpression<Table, MultiBackend, SqlType = Bool> + 'a>;

/// A condition on a column in the words of each database, SQLite's first, around one text that it is given.
///
/// Diesel's own `sql` and `eq_any` make a statement that is compiled whenever it is run, which takes longer than most
/// look-ups; one with this is compiled once on a connection.
#[derive(Debug, Clone)]
pub(crate) struct Worded<C> {
    column: C,
    before: [&'static str; 2],
    text: String,
    after: [&'static str; 2],
}

impl<C: Expression> Expression for Worded<C> {
    type SqlType = Bool;
}
impl<C: AppearsOnTable<QS>, QS> AppearsOnTable<QS> for Worded<C> {}
impl<C: SelectableExpression<QS>, QS> SelectableExpression<QS> for Worded<C> {}
impl<C: ValidGrouping<G>, G> ValidGrouping<G> for Worded<C> {
    type IsAggregate = C::IsAggregate;
}
impl<C> QueryId for Worded<C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false; // known by its text
}

impl<C> Worded<C> {
    fn write<'b, DB>(&'b self, mut out: AstPass<'_, 'b, DB>, words: [&'static str; 2]) -> QueryResult<()>
    where
        C: QueryFragment<DB>,
        DB: Backend + HasSqlType<Text>,
        String: ToSql<Text, DB>,
    {
        let [before, after] = words;
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(before);
        out.push_bind_param::<Text, _>(&self.text)?;
        out.push_sql(after);
        Ok(())
    }

    fn words(&self, is_postgres: bool) -> [&'static str; 2] {
        let ([before, postgres_before], [after, postgres_after]) = (self.before, self.after);
        if is_postgres {
            [postgres_before, postgres_after]
        } else {
            [before, after]
        }
    }
}

impl<C: QueryFragment<MultiBackend>> QueryFragment<MultiBackend> for Worded<C> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        let words = self.words(matches!(out.backend(), MultiBackend::Postgres(_)));
        self.write(out, words)
    }
}
// Diesel wants these of a subquery.
impl<C: QueryFragment<Pg>> QueryFragment<Pg> for Worded<C> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.write(out, self.words(true))
    }
}
impl<C: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Worded<C> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.write(out, self.words(false))
    }
}

/// The column is one of these identifiers, of which there may be any number. PostgreSQL reads a list that is selected
/// once, and any other one again for each row.
pub(crate) fn any_of<C: Expression>(column: C, ids: &[impl Display]) -> Worded<C> {
    let ids: Vec<String> = ids.iter().map(|id| format!("\"{id}\"")).collect();
    Worded {
        column,
        before: [
            " IN (SELECT unhex(value, '-') FROM json_each(",
            " = ANY ((SELECT CAST(translate(",
        ],
        text: format!("[{}]", ids.join(",")),
        after: ["))", r#", '[]"', '{}') AS uuid[]))::uuid[])"#],
    }
}

/// The column is this text, said so that SQLite expects several: an index that begins with this column then gives no
/// order, and is not taken for the sake of the order where another one leads to fewer rows.
pub(crate) fn one_of<C: Expression>(column: C, text: &str) -> Worded<C> {
    Worded {
        column,
        before: [" IN (SELECT ", " = "],
        text: text.to_owned(),
        after: [")", ""],
    }
}

/// The column is one of these numbers.
pub(crate) fn any_number<C: Expression>(column: C, numbers: &[i32]) -> Worded<C> {
    let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    Worded {
        column,
        before: [" IN (SELECT value FROM json_each(", " = ANY ((SELECT CAST(translate("],
        text: format!("[{}]", numbers.join(",")),
        after: ["))", ", '[]', '{}') AS integer[]))::integer[])"],
    }
}

/// What the index is asked for: the words, in the grammars of both databases.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    pub(crate) fts5: String,
    pub(crate) tsquery: String,
}

/// Events that have all the words, for a list that something else keeps short: SQLite looks each of them up.
pub(crate) fn has_words(conn: &Conn, words: Words) -> Worded<event::id> {
    Worded {
        column: event::id,
        before: [
            " = (SELECT event_id FROM event_search WHERE event_id = event.id AND event_search.id IN \
             (SELECT rowid FROM event_words WHERE event_words MATCH ",
            " IN (SELECT event_id FROM event_search WHERE words @@ to_tsquery('simple', ",
        ],
        text: match conn {
            Conn::Sqlite(_) => words.fts5,
            Conn::Postgres(_) => words.tsquery,
        },
        after: ["))", "))"],
    }
}

/// A row of `event_search`.
#[derive(Debug, QueryableByName)]
pub(crate) struct Indexed {
    #[diesel(sql_type = BigInt)]
    pub(crate) id: i64,
    #[diesel(sql_type = DbUuid)]
    pub(crate) event_id: EventId,
}

/// The first rows of `event_search` between two identifiers that have all the words, from the lower one upwards or from
/// the upper one downwards. FTS5 reads the lists of words in this order; those of the words that begin alike it merges
/// first. PostgreSQL finds the matches before it sorts them: along the order it might read all rows for words that
/// seldom meet.
pub(crate) fn with_words(
    conn: &mut Conn,
    words: &Words,
    (from, to): (i64, i64),
    upwards: bool,
    most: i64,
) -> QueryResult<Vec<Indexed>> {
    let order = if upwards { "ASC" } else { "DESC" };
    both!(conn, c => {
        let have = "words @@ to_tsquery('simple', $1) AND id BETWEEN $2 AND $3";
        let found = format!("WITH found AS MATERIALIZED (SELECT id, event_id FROM event_search WHERE {have})");
        sql_query(format!("{found} SELECT id, event_id FROM found ORDER BY id {order} LIMIT $4"))
            .bind::<Text, _>(&words.tsquery)
            .bind::<BigInt, _>(from)
            .bind::<BigInt, _>(to)
            .bind::<BigInt, _>(most)
            .load(c)
    }; {
        let joined = "event_words CROSS JOIN event_search ON event_search.id = event_words.rowid";
        let have = "event_words MATCH ? AND event_words.rowid BETWEEN ? AND ?";
        let ordered = format!("ORDER BY event_words.rowid {order} LIMIT ?");
        sql_query(format!("SELECT id, event_id FROM {joined} WHERE {have} {ordered}"))
            .bind::<Text, _>(&words.fts5)
            .bind::<BigInt, _>(from)
            .bind::<BigInt, _>(to)
            .bind::<BigInt, _>(most)
            .load(c)
    })
}

/// Writes the words of a row of `event_search` into FTS5; PostgreSQL derives its own. FTS5 cannot change a part of a
/// row: it is deleted and written again.
pub(crate) fn put_words(conn: &mut Conn, row: i64, title: &str, other: &str) -> QueryResult<()> {
    remove_words(conn, row)?;
    both!(conn, c => { let _ = c; Ok(()) }; {
        sql_query("INSERT INTO event_words (rowid, title, other) VALUES (?, ?, ?)")
            .bind::<BigInt, _>(row)
            .bind::<Text, _>(title)
            .bind::<Text, _>(other)
            .execute(c)
            .map(drop)
    })
}

/// Removes the words of a row of `event_search` from FTS5.
pub(crate) fn remove_words(conn: &mut Conn, row: i64) -> QueryResult<()> {
    both!(conn, c => { let _ = c; Ok(()) }; {
        sql_query("DELETE FROM event_words WHERE rowid = ?").bind::<BigInt, _>(row).execute(c).map(drop)
    })
}

/// So many more or fewer events use these words: one statement, for an event has a hundred of them.
pub(crate) fn count_words(conn: &mut Conn, changes: &[(&str, i32)]) -> QueryResult<()> {
    let add = "ON CONFLICT (word) DO UPDATE SET uses = search_word.uses + excluded.uses";
    both!(conn, c => {
        let (words, uses): (Vec<&str>, Vec<i32>) = changes.iter().copied().unzip();
        sql_query(format!("INSERT INTO search_word (word, uses) SELECT * FROM unnest($1, $2) {add}"))
            .bind::<Array<Text>, _>(words)
            .bind::<Array<Integer>, _>(uses)
            .execute(c)
            .map(drop)
    }; {
        let list = serde_json::to_string(changes).map_err(|error| SerializationError(error.into()))?;
        // WHERE: else ON would belong to a join.
        let from = "SELECT value ->> 0, value ->> 1 FROM json_each(?) WHERE true";
        sql_query(format!("INSERT INTO search_word (word, uses) {from} {add}"))
            .bind::<Text, _>(list)
            .execute(c)
            .map(drop)
    })
}
