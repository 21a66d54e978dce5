//! What was imported, served again: each calendar's events and series as files of their own, read by independent
//! parsers. `KERMESSE_CHECK_FEED` names the program that runs those and compares what they understood.

use super::{entries, folder, text};
use crate::support::{
    http,
    program::{Server, Site},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

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
    let site = Site::new();
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
    let mut wrong = Vec::new();
    for entry in &entries {
        let mut found = 0;
        for path in exports(&server, &profile(entry)) {
            let answer = server.get(&path);
            assert_eq!(answer.status, 200, "{path}");
            let feed = site.folder.path().join("feed.ics");
            fs::write(&feed, &answer.body).expect("a file");
            let report = site.folder.path().join("report.json");
            let checked = Command::new("python3")
                .arg(&checker)
                .args([&feed, &PathBuf::from("--json"), &report])
                .args(["--from", entry["window"][0].as_str().expect("from")])
                .args(["--to", entry["window"][1].as_str().expect("to")])
                .args(["--tz", text(entry, "floating_tz")])
                .output()
                .expect("python3");
            let said = String::from_utf8_lossy(&checked.stdout);
            if checked.status.code() == Some(TOO_FEW) {
                println!("skipped: too few parsers are installed\n{said}");
                return;
            }
            if !checked.status.success() {
                wrong.push(format!("{}: {path}\n{said}\n{}", text(entry, "file"), answer.body));
                continue;
            }
            let report: Value = serde_json::from_slice(&fs::read(&report).expect("a report")).expect("JSON");
            found += report["consensus_occurrences"].as_u64().expect("a number");
        }
        let expected = &entry["expect"]["occurrences"];
        if expected.as_u64().is_some_and(|expected| expected != found) {
            wrong.push(format!(
                "{}: {found} dates, and {expected} are due",
                text(entry, "file")
            ));
        }
    }
    println!("{} calendars were served", entries.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn profile(entry: &Value) -> String {
    format!("agenda{}", text(entry, "id"))
}

/// Where the series and the single events of a profile can be downloaded.
fn exports(server: &Server, profile: &str) -> BTreeSet<String> {
    let query = "query($name: String!, $page: Int!) {
        group(preferredUsername: $name) { organizedEvents(page: $page, limit: 100) { total elements { uuid series { uuid } } } }
    }";
    let mut paths = BTreeSet::new();
    let (mut page, mut read) = (1, 0);
    loop {
        let body = json!({ "query": query, "variables": { "name": profile, "page": page } });
        let answer = http::post(server.address, "/api", &body).json();
        let list = &answer["data"]["group"]["organizedEvents"];
        let events = list["elements"]
            .as_array()
            .unwrap_or_else(|| panic!("{profile}: {answer}"));
        for event in events {
            paths.insert(match event["series"]["uuid"].as_str() {
                Some(series) => format!("/series/{series}/export/ics"),
                None => format!("/events/{}/export/ics", text(event, "uuid")),
            });
        }
        read += events.len();
        page += 1;
        if events.is_empty() || list["total"].as_u64() == u64::try_from(read).ok() {
            return paths;
        }
    }
}
