//! Twin migrations: both databases and `schema.rs` agree, every step can be undone, and what fails changes nothing.

use crate::db::{
    Db, Location, OpenError, PoolSizes, care, conn,
    conn::Mode,
    dialect::both,
    migrate,
    testing::{FrozenClock, SeededEntropy, TestDb, postgres_url},
};
use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Text};
use std::{collections::BTreeMap, sync::Arc};

/// Table → column → type and whether it may be NULL, such as `Nullable<Text>`.
type Shape = BTreeMap<String, BTreeMap<String, String>>;

/// What `schema.rs` says, read from its text: Diesel keeps no list that can be asked.
fn declared() -> Shape {
    let mut shape = Shape::new();
    let mut table = None;
    for line in include_str!("../schema.rs").lines().map(str::trim) {
        if let Some((column, kind)) = line.split_once(" -> ").filter(|_| line.ends_with(','))
            && let Some(table) = &table
        {
            let columns: &mut BTreeMap<_, _> = shape.entry(String::clone(table)).or_default();
            columns.insert(column.into(), kind.trim_end_matches(',').into());
        } else if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            table = Some(name.to_owned());
        }
    }
    shape
}

#[derive(QueryableByName)]
#[expect(clippy::struct_field_names, reason = "the names of the query's columns")]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    nullable: String,
}

/// What a migrated database has, in the words of `schema.rs`.
fn found(location: &Location) -> Vec<Column> {
    // Texts are compared byte by byte on both, whatever the language of the server: a range finds a beginning.
    let postgres = "SELECT table_name::text, column_name::text, is_nullable::text AS nullable,
            data_type || CASE WHEN data_type = 'text' THEN coalesce(' in ' || collation_name, ' by language') ELSE '' END AS kind
        FROM information_schema.columns WHERE table_schema = 'public' AND is_generated = 'NEVER'";
    let sqlite = "SELECT t.name AS table_name, c.name AS column_name, c.type AS kind,
            iif(c.\"notnull\", 'NO', 'YES') AS nullable
        FROM pragma_table_list t JOIN pragma_table_info(t.name) c
        WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'";
    let mut conn = conn::open(location, Mode::Read, 2000).expect("the database");
    both!(&mut conn, c => sql_query(postgres).load(c); sql_query(sqlite).load(c)).expect("the columns")
}

fn shape(location: &Location) -> BTreeMap<(String, String), (String, bool)> {
    found(location)
        .into_iter()
        .filter(|column| column.table_name != "__diesel_schema_migrations")
        .map(|c| ((c.table_name, c.column_name), (c.kind, c.nullable == "YES")))
        .collect()
}

/// The type of a column on each database, for a type of `schema.rs`.
fn twin(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "DbUuid" => ("BLOB", "uuid"),
        "Binary" => ("BLOB", "bytea"),
        "Text" => ("TEXT", "text in C"),
        "Timestamp" => ("TEXT", "timestamp without time zone"),
        "Bool" => ("INTEGER", "boolean"),
        "Integer" => ("INTEGER", "integer"),
        "BigInt" => ("INTEGER", "bigint"),
        "Double" => ("REAL", "double precision"),
        other => panic!("a type that this test does not know: {other}"),
    }
}

fn agrees_with_schema(location: &Location) {
    let postgres = matches!(location, Location::Postgres(_));
    let expected: BTreeMap<_, _> = declared()
        .into_iter()
        .flat_map(|(table, columns)| columns.into_iter().map(move |column| (table.clone(), column)))
        .map(|(table, (column, kind))| {
            let (inner, nullable) = match kind.strip_prefix("Nullable<") {
                Some(inner) => (inner.trim_end_matches('>'), true),
                None => (kind.as_str(), false),
            };
            let (sqlite, pg) = twin(inner);
            let kind = if postgres { pg } else { sqlite };
            ((table, column), (kind.to_owned(), nullable))
        })
        .collect();
    assert!(expected.len() > 100, "schema.rs was read");
    assert_eq!(shape(location), expected);
}

/// An empty database without any table, and what removes it at the end.
fn bare() -> TestDb {
    let test = TestDb::new();
    migrate::down(test.db.location()).expect("every down.sql");
    test
}

#[test]
fn the_migrated_database_is_what_schema_rs_says() {
    agrees_with_schema(TestDb::new().db.location());
}

#[test]
fn the_twins_have_the_same_steps_tables_columns_and_nulls() {
    let Some(url) = postgres_url() else { return }; // compared with `schema.rs` alone, then
    let (sqlite, postgres) = (TestDb::sqlite(), TestDb::postgres(&url));
    let plain = |location| -> Vec<_> {
        shape(location)
            .into_iter()
            .map(|(name, (_, nullable))| (name, nullable))
            .collect()
    };
    assert_eq!(plain(sqlite.db.location()), plain(postgres.db.location()));
    let folders = ["sqlite", "postgres"].map(|name| {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../migrations")
            .join(name);
        let mut steps: Vec<_> = std::fs::read_dir(root)
            .expect("migrations")
            .map(|entry| entry.expect("a step").file_name())
            .collect();
        steps.sort();
        steps
    });
    assert_eq!(folders[0], folders[1]);
}

#[test]
fn steps_go_down_and_up_again() {
    let test = TestDb::new();
    migrate::down(test.db.location()).expect("down");
    assert!(shape(test.db.location()).is_empty(), "nothing is left behind");
    assert!(!test.db.migrate().expect("up").is_empty());
    agrees_with_schema(test.db.location());
    assert!(test.db.migrate().expect("once more").is_empty());
}

#[test]
fn a_database_of_a_newer_program_is_refused_before_it_is_touched() {
    let test = TestDb::new();
    let note = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231235959')";
    let mut conn = conn::open(test.db.location(), Mode::Write, 2000).expect("the database");
    both!(&mut conn, c => c.batch_execute(note)).expect("a step of the future");
    let refused = test.db.migrate().expect_err("a newer database");
    assert!(matches!(&refused, OpenError::Newer(step) if step == "29991231235959"));
    assert!(refused.to_string().contains("newer Kermesse"), "{refused}");
}

#[test]
fn a_step_that_fails_is_undone_and_can_be_made_later() {
    let test = bare();
    let mut conn = conn::open(test.db.location(), Mode::Write, 2000).expect("the database");
    // The index of a later step is in the way of a step that makes a table first.
    both!(&mut conn, c => c.batch_execute("CREATE TABLE event_tag (in_the_way integer)")).expect("an obstacle");
    let failed = test.db.migrate().expect_err("a failing step");
    assert!(
        matches!(&failed, OpenError::Migration { name, .. } if name.contains("tag_create")),
        "{failed}"
    );
    assert!(failed.to_string().contains("was undone"), "{failed}");
    let tables: Vec<String> = shape(test.db.location()).into_keys().map(|(table, _)| table).collect();
    assert!(
        !tables.iter().any(|table| table == "tag"),
        "the first half of the step is undone"
    );
    both!(&mut conn, c => c.batch_execute("DROP TABLE event_tag")).expect("the way is free");
    test.db.migrate().expect("the rest");
    agrees_with_schema(test.db.location());
}

#[test]
fn four_nodes_that_start_at_once_migrate_once() {
    if postgres_url().is_none() {
        return; // one process serves a SQLite file; the program holds a lock for that
    }
    let test = bare();
    let steps: usize = std::thread::scope(|scope| {
        let nodes: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| test.db.migrate().expect("a migration").len()))
            .collect();
        nodes.into_iter().map(|node| node.join().expect("a node")).sum()
    });
    assert!(steps > 5);
    agrees_with_schema(test.db.location());
    assert!(test.db.migration_state().expect("a state").pending.is_empty());
}

#[test]
fn what_cannot_be_opened_says_what_to_do() {
    let open = |location: &Location| {
        let clock = FrozenClock::at("2026-12-01T12:00", "Europe/Brussels");
        let opened = Db::open(
            location,
            PoolSizes::default(),
            clock,
            Arc::new(SeededEntropy::default()),
        );
        opened.err().expect("no database").to_string()
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("no-folder.txt");
    std::fs::write(&file, "text").expect("a file");
    let below = open(&Location::File(file.join("kermesse.sqlite3")));
    assert!(below.contains("check that its folder exists"), "{below}");
    let other = open(&Location::File(file));
    assert!(
        other.contains("is damaged, or no database") && other.contains("kermesse restore"),
        "{other}"
    );
    let torn = folder.path().join("torn.sqlite3");
    let sound = TestDb::sqlite();
    let Location::File(sound) = sound.db.location() else {
        panic!("a file")
    };
    let mut bytes = std::fs::read(sound).expect("the file");
    bytes[100..4096].fill(0xff); // the first page, behind its header
    std::fs::write(&torn, bytes).expect("the file");
    let torn = open(&Location::File(torn));
    assert!(torn.contains("is damaged, or no database"), "{torn}");
    let absent = open(&Location::parse("postgres://nobody@127.0.0.1:1/none").expect("a URL"));
    assert!(absent.contains("check DATABASE_URL"), "{absent}");
    assert!(care::is_empty(&Location::File(folder.path().join("new.sqlite3"))).expect("a new file"));
}
