//! Calendars of the world through the real command: what it shows, and what it keeps when it imports.
//!
//! The files are other projects' data and lie outside; `KERMESSE_ICS_DIR` names their folder, whose `index.json` says
//! what is expected of each.

mod served;

use crate::support::command::{Answer, Site};
use serde_json::Value;
use std::{fs, path::PathBuf};

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told of other projects' data by the environment"
)]
fn folder() -> Option<PathBuf> {
    let folder = std::env::var("KERMESSE_ICS_DIR")
        .ok()
        .filter(|folder| !folder.is_empty())
        .map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: KERMESSE_ICS_DIR is not set");
    }
    folder
}

fn entries(folder: &std::path::Path) -> Vec<Value> {
    let index = fs::read_to_string(folder.join("index.json")).expect("index.json");
    let entries: Vec<Value> = serde_json::from_str(&index).expect("a list");
    assert!(!entries.is_empty());
    entries
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().expect(name)
}

#[test]
fn every_calendar_shows_what_its_index_expects() {
    let Some(folder) = folder() else { return };
    let site = Site::new();
    let mut wrong = Vec::new();
    let entries = entries(&folder);
    for entry in &entries {
        let file = folder.join(text(entry, "file"));
        let window = &entry["window"];
        let answer = site.json(&[
            "import",
            "ics",
            file.to_str().expect("UTF-8"),
            "--preview",
            "--json",
            "--from",
            window[0].as_str().expect("from"),
            "--to",
            window[1].as_str().expect("to"),
            "--zone",
            text(entry, "floating_tz"),
        ]);
        for difference in differences(&answer, &entry["expect"]) {
            wrong.push(format!("{}: {difference}", text(entry, "file")));
        }
    }
    println!("{} calendars were compared", entries.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What an answer has otherwise than expected; null is not compared, but for an end.
fn differences(answer: &Answer, expect: &Value) -> Vec<String> {
    let got = &answer.json;
    let mut wrong = Vec::new();
    let mut compare = |name: &str, got: &Value, wanted: &Value| {
        if got != wanted {
            wrong.push(format!("{name} is {got} and should be {wanted}"));
        }
    };
    for name in ["refused", "occurrences", "cancelled"] {
        if !expect[name].is_null() {
            compare(name, &got[name], &expect[name]);
        }
    }
    if let Some(first) = expect["first"].as_array() {
        compare(
            "the number of first dates",
            &got["first"].as_array().map_or(0, Vec::len).into(),
            &first.len().into(),
        );
        for (at, wanted) in first.iter().enumerate() {
            let got = &got["first"][at];
            for name in ["start", "status", "all_day"] {
                if !wanted[name].is_null() {
                    compare(&format!("{name} of date {at}"), &got[name], &wanted[name]);
                }
            }
            compare(&format!("the end of date {at}"), &got["end"], &wanted["end"]);
            let summary = &wanted["summary"];
            if !summary.is_null() && summary != "" {
                compare(&format!("the title of date {at}"), &got["summary"], summary);
            }
        }
    }
    let notes = got["notes"].as_array().map_or(0, Vec::len);
    let least = expect["min_notes"].as_u64().unwrap_or(0);
    if u64::try_from(notes).unwrap_or(0) < least {
        wrong.push(format!("{notes} notes, and at least {least} are due"));
    }
    if answer.succeeded == (got["refused"] == true) {
        wrong.push("the exit code does not say what the answer says".to_owned());
    }
    wrong
}

#[test]
fn every_calendar_is_imported_twice_with_the_same_result() {
    let Some(folder) = folder() else { return };
    let site = Site::new();
    for entry in entries(&folder) {
        let file = folder.join(text(&entry, "file"));
        // A profile each: two of these files use the same UIDs.
        let profile = format!("agenda{}", text(&entry, "id"));
        let import = [
            "import",
            "ics",
            file.to_str().expect("UTF-8"),
            "--json",
            "--zone",
            text(&entry, "floating_tz"),
            "--profile",
            &profile,
        ];
        let (first, second) = (site.json(&import).json, site.json(&import).json);
        if entry["expect"]["refused"] == true {
            assert_eq!(first["refused"], true, "{profile}");
            continue;
        }
        let number = |answer: &Value, name: &str| answer[name].as_u64().expect(name);
        assert_eq!(number(&second, "created"), 0, "{profile}: {second}");
        assert_eq!(number(&second, "updated"), 0, "{profile}: {second}");
        assert_eq!(
            number(&second, "unchanged"),
            number(&first, "created"),
            "{profile}: {second}"
        );
        assert_eq!(first["notImported"], second["notImported"], "{profile}");
    }
}

#[test]
fn what_is_no_calendar_is_refused_and_says_what_to_do() {
    let site = Site::new();
    let page = site.file("page.html", "<!doctype html><title>Agenda</title>");
    let told = site.run(&["import", "ics", &page]);
    assert!(!told.succeeded);
    assert!(told.stderr.contains("web page"), "{}", told.stderr);
    let missing = site.run(&["import", "ics", "/nowhere/at/all.ics"]);
    assert!(
        !missing.succeeded && missing.stderr.contains("cannot be read"),
        "{}",
        missing.stderr
    );
    let file = site.file("a.ics", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n");
    let zone = site.run(&["import", "ics", &file, "--zone", "Mars/Olympus"]);
    assert!(
        !zone.succeeded && zone.stderr.contains("Europe/Brussels"),
        "{}",
        zone.stderr
    );
    let subscribed = site.run(&["import", "ics", &file, "--subscribe"]);
    assert!(
        !subscribed.succeeded && subscribed.stderr.contains("address"),
        "{}",
        subscribed.stderr
    );
}

#[test]
fn a_changed_file_changes_its_events_and_keeps_their_addresses() {
    let site = Site::new();
    let calendar = |title: &str, hour: u32| {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//T//EN\r\nBEGIN:VEVENT\r\nUID:soup@example.org\r\nDTSTAMP:20261101T000000Z\r\n\
             DTSTART;TZID=Europe/Brussels:20991205T{hour}0000\r\nSUMMARY:{title}\r\nRRULE:FREQ=YEARLY;COUNT=2\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    };
    let import = |text: &str| {
        let file = site.file("soup.ics", text);
        site.json(&["import", "ics", &file, "--json"]).json
    };
    assert_eq!(import(&calendar("Soupe", 18))["created"], 1);
    assert_eq!(import(&calendar("Soupe", 18))["unchanged"], 1);
    assert_eq!(import(&calendar("Potage", 19))["updated"], 1);
    let other = site.file(
        "other.ics",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//T//EN\r\nBEGIN:VEVENT\r\nUID:ball@example.org\r\nDTSTAMP:20261101T000000Z\r\n\
         DTSTART:20991206T180000Z\r\nSUMMARY:Bal\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    );
    let answer = site.json(&["import", "ics", &other, "--json"]).json;
    assert_eq!(
        (&answer["created"], &answer["cancelled"]),
        (&1.into(), &0.into()),
        "another file cancels nothing"
    );
}
