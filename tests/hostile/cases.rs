//! The table of attack cases names tests; each of them is there.

use std::{collections::BTreeSet, fs, path::Path};

const TABLE: &str = "docs/developer/security-cases.md";

/// The names of all tests, in Rust and in the browser.
fn tests() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        "src",
        "domain/src",
        "domain/tests",
        "api/src",
        "federation/src",
        "tests",
        "frontend/e2e",
    ];
    let mut waiting: Vec<_> = folders.map(|folder| root.join(folder)).into();
    let mut names = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if let Ok(text) = fs::read_to_string(&path) {
            match path.extension().and_then(|end| end.to_str()) {
                Some("rs") => in_rust(&text, &mut names),
                _ => names.extend(text.lines().filter_map(in_a_browser)),
            }
        }
    }
    names
}

/// Functions below an attribute of a test.
fn in_rust(text: &str, names: &mut BTreeSet<String>) {
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        let name = line.split("fn ").nth(1).and_then(|rest| rest.split('(').next());
        if let Some(name) = name.filter(|_| is_test) {
            names.insert(name.to_owned());
        }
        let begins = line.starts_with("#[") && line.contains("test");
        is_test = begins || is_test && (line.starts_with('#') || line.starts_with("//"));
    }
}

fn in_a_browser(line: &str) -> Option<String> {
    let name = line.trim().strip_prefix("test('")?.split('\'').next()?;
    Some(name.to_owned())
}

#[test]
fn every_test_that_the_table_of_attack_cases_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(root.join(TABLE)).expect("the table");
    let (tests, mut named) = (tests(), 0);
    for row in table
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('`'))
    {
        let last = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        for name in last.split('`').skip(1).step_by(2) {
            let test = name.rsplit("::").next().unwrap_or(name);
            if name.contains("::") || name.contains(' ') {
                assert!(tests.contains(test), "{TABLE} names {name}, which is no test");
                named += 1;
            }
        }
    }
    assert!(named > 40, "the table was not read: {named}");
}
