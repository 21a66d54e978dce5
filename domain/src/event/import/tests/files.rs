//! Calendars of other software, found by `KERMESSE_ICS_DIR`: a folder of files with an `index.json` that says what each
//! gives. They are other projects' data and stay where they are.

use super::{day, options, zone};
use crate::event::import::{Options, preview, read};
use serde_json::Value;
use std::{fs, path::PathBuf};

struct File {
    name: String,
    bytes: Vec<u8>,
    entry: Value,
}

fn files() -> Vec<File> {
    let Some(folder) = std::env::var_os("KERMESSE_ICS_DIR").map(PathBuf::from) else {
        println!("skipped: KERMESSE_ICS_DIR is not set");
        return Vec::new();
    };
    let index: Value = serde_json::from_slice(&fs::read(folder.join("index.json")).unwrap()).unwrap();
    let entries = index.as_array().or_else(|| index["files"].as_array()).unwrap();
    entries
        .iter()
        .map(|entry| {
            let name = entry["file"].as_str().unwrap().to_owned();
            File {
                bytes: fs::read(folder.join(&name)).unwrap(),
                name,
                entry: entry.clone(),
            }
        })
        .collect()
}

/// What a file gives, in the shape of `expect`.
fn outcome(file: &File) -> Value {
    let window = |at: usize| day(file.entry["window"][at].as_str().unwrap());
    let options = Options {
        default_zone: zone(file.entry["floating_tz"].as_str().unwrap()),
        ..options()
    };
    let Ok(reading) = read(&file.bytes, &options) else {
        return serde_json::json!({"refused": true, "occurrences": 0, "first": [], "cancelled": 0, "notes": 1});
    };
    let found = preview(&reading, window(0), window(1), &options.default_zone);
    let found = serde_json::to_value(&found).unwrap();
    let found = found.as_array().unwrap();
    serde_json::json!({
        "refused": false,
        "occurrences": found.len(),
        "first": found.iter().take(6).collect::<Vec<_>>(),
        "cancelled": found.iter().filter(|one| one["status"] == "CANCELLED").count(),
        "notes": reading.notes.len(),
    })
}

/// Where an outcome is not what was expected.
fn difference(expected: &Value, got: &Value) -> Option<String> {
    for name in ["refused", "occurrences", "cancelled"] {
        if !expected[name].is_null() && expected[name] != got[name] {
            return Some(format!("{name}: {} instead of {}", got[name], expected[name]));
        }
    }
    if got["notes"].as_u64() < expected["min_notes"].as_u64() {
        return Some(format!("{} notes, fewer than {}", got["notes"], expected["min_notes"]));
    }
    let (Some(first), Some(found)) = (expected["first"].as_array(), got["first"].as_array()) else {
        return None;
    };
    if first.len() != found.len() {
        return Some(format!("first: {found:?} instead of {first:?}"));
    }
    let differs = |(expected, found): (&Value, &Value)| {
        let mut expected = expected.clone();
        if expected["summary"] == "" {
            expected["summary"] = found["summary"].clone(); // what is shown instead is not compared
        }
        (expected != *found).then(|| format!("{found} instead of {expected}"))
    };
    first.iter().zip(found).find_map(differs)
}

#[test]
fn files_of_the_world_give_what_their_index_says() {
    let files = files();
    let wrong: Vec<_> = files
        .iter()
        .filter_map(|file| {
            Some(format!(
                "{}: {}",
                file.name,
                difference(&file.entry["expect"], &outcome(file))?
            ))
        })
        .collect();
    println!("{} of {} files agree", files.len() - wrong.len(), files.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_of_the_world_are_read_the_same_twice() {
    for file in files() {
        assert_eq!(
            read(&file.bytes, &options()),
            read(&file.bytes, &options()),
            "{}",
            file.name
        );
    }
}

#[test]
fn files_of_the_world_may_be_cut_anywhere() {
    const MOST_CUTS: usize = 250;
    for file in files() {
        let step = file.bytes.len() / MOST_CUTS + 1;
        for end in (0..file.bytes.len()).step_by(step) {
            let rest = file.bytes[end..].trim_ascii();
            let reading = read(&file.bytes[..end], &options());
            assert!(
                rest.is_empty() || !reading.is_ok_and(|reading| reading.complete),
                "{} cut at {end}",
                file.name
            );
        }
    }
}
