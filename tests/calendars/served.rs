//! What was imported, served again: each calendar's events and series as files of their own, read by independent
//! parsers. `KERMESSE_CHECK_FEED` names the program that runs those and compares what they understood.

use super::{entries, folder, text};
use crate::support::program::{Server, Site};
use diesel::{
    Connection, RunQueryDsl, SqliteConnection,
    sql_types::{Binary, Bool, Text},
};
use domain::db::testing::postgres_url;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use uuid::Uuid;

/// Exit code of the checker where too few parsers are installed.
const TOO_FEW: i32 = 3;

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told of other projects' programs by the environment"
)]
fn checker() -> Option<PathBuf> {
    let program = std::env::var("KERMESSE_CHECK_FEED")
        .ok()
        .filter(|path| !path.is_empty());
    if program.is_none() {
        println!("skipped: KERMESSE_CHECK_FEED is not set");
    }
    program.map(PathBuf::from)
}

#[test]
fn every_imported_calendar_is_served_so_that_parsers_agree() {
    let (Some(folder), Some(checker)) = (folder(), checker()) else {
        return;
    };
    if postgres_url().is_some() {
        println!("skipped: it is the same files on both databases");
        return;
    }
    let site = Site::sqlite();
    let entries: Vec<Value> = entries(&folder)
        .into_iter()
        .filter(|entry| entry["expect"]["refused"] != true)
        .collect();
    for entry in &entries {
        let file = folder.join(text(entry, "file"));
        let mut import = site.command(&["import", "ics", "--json", "--zone", text(entry, "floating_tz")]);
        let output = import.args(["--profile", &profile(entry)]).arg(&file).output();
        assert!(output.expect("the program").status.success(), "{}", file.display());
    }
    let server = site.start();
    let checked = entries.iter().map(|entry| differences(&site, &server, &checker, entry));
    let wrong: Vec<String> = checked.flatten().collect();
    println!("{} calendars were served", entries.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What of one calendar is served otherwise than it came in.
fn differences(site: &Site, server: &Server, checker: &Path, entry: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut found = 0;
    let name = text(entry, "file");
    let (kept, past): (Vec<Export>, Vec<Export>) = exports(site, &profile(entry))
        .into_iter()
        .partition(|one| one.has_dates);
    for path in kept.iter().map(Export::path) {
        let answer = server.get(&path);
        assert_eq!(answer.status, 200, "{path}");
        let Some(report) = understood(site, checker, entry, &answer.body) else {
            return wrong;
        };
        let number = |name: &str| report[name].as_u64().expect(name);
        // Every parser has some rule that it alone reads otherwise.
        let most_agree = 2 * number("consensus_votes") > number("voters");
        let clean = report["lint_errors"].as_array().is_some_and(Vec::is_empty);
        if !(most_agree && clean) {
            wrong.push(format!("{name}: {path}\n{report:#}\n{}", answer.body));
        }
        found += number("consensus_occurrences");
    }
    for path in past.iter().map(Export::path) {
        println!("{name}: the dates of {path} are too long ago to be kept");
        assert_eq!(server.get(&path).status, 404, "{path}");
    }
    let expected = &entry["expect"]["occurrences"];
    if past.is_empty() && expected.as_u64().is_some_and(|expected| expected != found) {
        wrong.push(format!("{name}: {found} dates, and {expected} are due"));
    }
    wrong
}

/// What parsers understood of a file in the window of the entry; nothing where too few parsers are installed.
fn understood(site: &Site, checker: &Path, entry: &Value, calendar: &str) -> Option<Value> {
    let (feed, report) = (
        site.folder.path().join("feed.ics"),
        site.folder.path().join("report.json"),
    );
    fs::write(&feed, calendar).expect("a file");
    let checked = Command::new("python3")
        .args([checker, &feed, Path::new("--json"), &report])
        .args(["--from", entry["window"][0].as_str().expect("from")])
        .args(["--to", entry["window"][1].as_str().expect("to")])
        .args(["--tz", text(entry, "floating_tz")])
        .output()
        .expect("python3");
    if checked.status.code() == Some(TOO_FEW) {
        println!("skipped: too few parsers are installed");
        return None;
    }
    let said = || String::from_utf8_lossy(&checked.stderr).into_owned();
    let report = fs::read(&report).unwrap_or_else(|error| panic!("{error}: {}", said()));
    Some(serde_json::from_slice(&report).expect("JSON"))
}

fn profile(entry: &Value) -> String {
    format!("agenda{}", text(entry, "id"))
}

/// The series and the single events of a profile: from the tables, for no list shows a series whose last date is years
/// ago.
fn exports(site: &Site, profile: &str) -> Vec<Export> {
    let file = site.data_dir().join("kermesse.sqlite3");
    let mut conn = SqliteConnection::establish(file.to_str().expect("UTF-8")).expect("the database");
    let owned = "JOIN profile ON profile.id = coalesce(one.group_id, one.organizer_id) AND profile.name = ?";
    let query = format!(
        "SELECT 'series' AS kind, one.id, EXISTS (SELECT 1 FROM event WHERE series_id = one.id) AS has_dates
         FROM series one {owned}
         UNION ALL SELECT 'events', one.id, TRUE FROM event one {owned} WHERE one.series_id IS NULL"
    );
    let rows = diesel::sql_query(query)
        .bind::<Text, _>(profile)
        .bind::<Text, _>(profile);
    rows.load(&mut conn).expect("the rows")
}

#[derive(diesel::QueryableByName)]
struct Export {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
    /// A series keeps the dates of the last 400 days, and those to come.
    #[diesel(sql_type = Bool)]
    has_dates: bool,
}

impl Export {
    fn path(&self) -> String {
        format!(
            "/{}/{}/export/ics",
            self.kind,
            Uuid::from_slice(&self.id).expect("an id")
        )
    }
}
