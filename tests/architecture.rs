//! What the shape of the house promises: read from the sources, so that it stays true.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Longer than 600 lines, and why.
const LONG_FILES: &[&str] = &[];

/// Modules of `domain` in the order in which they may use each other: a module uses those before it.
const ORDER: &[&[&str]] = &[
    &["error", "id", "time", "text", "words", "page", "web", "file", "fuzz"],
    &["ports", "settings"],
    &["db"],
    &["caller", "access"],
    &["change", "job"],
    &["profile"],
    &["media", "place", "tag"],
    &["event", "calendar_source"],
    &["search"],
    &["feed"],
];

/// Arrows against the order, each with its reason.
const AGAINST_THE_ORDER: &[(&str, &str, &str)] = &[
    ("error", "db", "an error of Diesel becomes one of ours"),
    ("id", "db", "identifiers are columns"),
    ("time", "db", "instants and wall times are columns"),
    ("text", "db", "texts are columns"),
    ("file", "media", "its documentation names who keeps files"),
    ("db", "change", "a transaction carries the tags that it drops"),
    ("db", "ports", "the clock and randomness are given to the database"),
    ("access", "caller", "a standing is of a caller"),
    ("change", "media", "a change names the jobs that follow"),
    ("change", "search", "a change names the jobs that follow"),
    ("db", "job", "the tests of the database run jobs"),
    ("db", "profile", "the tests of the database make profiles"),
];

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    collect(&Path::new(ROOT).join(folder), &mut files);
    files.sort();
    assert!(!files.is_empty(), "no sources in {folder}");
    files
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            files.push((path.strip_prefix(ROOT).unwrap().to_owned(), text));
        }
    }
}

fn is_test(path: &Path) -> bool {
    let text = path.to_string_lossy();
    text.contains("tests/") || text.ends_with("tests.rs") || text.ends_with("testing.rs")
}

fn all() -> Vec<(PathBuf, String)> {
    ["src", "domain/src", "api/src", "federation/src", "tests", "benches"]
        .into_iter()
        .flat_map(sources)
        .collect()
}

/// The part of a file before its inline tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

#[test]
fn domain_reaches_no_network_and_no_door() {
    for (path, text) in sources("domain/src").into_iter().filter(|(path, _)| !is_test(path)) {
        for word in [
            "axum::",
            "async_graphql",
            "reqwest",
            "lettre",
            "activitypub_federation",
            "hyper::",
        ] {
            assert!(!text.contains(word), "{} uses {word}", path.display());
        }
        let is_port = path.ends_with("ports.rs") || path.starts_with("domain/src/db");
        assert!(
            is_port || !without_tests(&text).contains("async fn"),
            "{} has an async fn",
            path.display()
        );
    }
}

#[test]
fn doors_hold_no_sql() {
    for (path, text) in ["api/src", "federation/src", "src"]
        .into_iter()
        .flat_map(sources)
        .filter(|(path, _)| !is_test(path))
    {
        assert!(!text.contains("diesel"), "{} knows Diesel", path.display());
        for word in ["SELECT ", "INSERT INTO", "DELETE FROM"] {
            assert!(!text.contains(word), "{} has SQL: {word}", path.display());
        }
    }
}

#[test]
fn only_one_file_asks_which_database_runs() {
    for (path, text) in sources("domain/src").into_iter().filter(|(path, _)| !is_test(path)) {
        let may = path.starts_with("domain/src/db");
        assert!(
            may || !(text.contains("Conn::Postgres") || text.contains("Conn::Sqlite")),
            "{}",
            path.display()
        );
    }
}

#[test]
fn only_policies_grant() {
    for (path, text) in all() {
        let may = path.ends_with("policy.rs") || path.ends_with("access.rs") || path.ends_with("architecture.rs");
        assert!(may || !text.contains("Granted::new"), "{} grants", path.display());
    }
}

/// Attack case SSRF-13.
#[test]
fn no_check_depends_on_the_kind_of_build() {
    for (path, text) in ["src", "domain/src", "api/src", "federation/src"]
        .into_iter()
        .flat_map(sources)
    {
        for word in [
            "debug_assertions",
            "cfg!(debug",
            "cfg(not(debug",
            "DANGER_",
            "danger_accept",
        ] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is_and_stays_short() {
    let mut long = Vec::new();
    for (path, text) in all() {
        assert!(
            text.starts_with("//!") || text.starts_with("#!["),
            "{} has no header",
            path.display()
        );
        let lines = text.lines().count();
        if lines > 600 && !LONG_FILES.contains(&path.to_string_lossy().as_ref()) {
            long.push(format!("{} ({lines})", path.display()));
        }
    }
    assert!(long.is_empty(), "over 600 lines: {long:?}");
}

#[test]
fn modules_of_domain_use_those_before_them() {
    let rank: BTreeMap<&str, usize> = ORDER
        .iter()
        .enumerate()
        .flat_map(|(at, names)| names.iter().map(move |name| (*name, at)))
        .collect();
    for (path, text) in sources("domain/src").into_iter().filter(|(path, _)| !is_test(path)) {
        let Some(from) = module(&path) else { continue };
        for to in used(without_tests(&text)) {
            let (Some(a), Some(b)) = (rank.get(from.as_str()), rank.get(to.as_str())) else {
                assert!(rank.contains_key(from.as_str()), "{from} has no place in the order");
                continue;
            };
            let excused = AGAINST_THE_ORDER.iter().any(|(x, y, _)| *x == from && *y == to);
            assert!(
                b <= a || excused,
                "{}: {from} uses {to}, which comes after it",
                path.display()
            );
        }
    }
}

/// The module of `domain` that a file belongs to.
fn module(path: &Path) -> Option<String> {
    let first = path.strip_prefix("domain/src").ok()?.components().next()?;
    let name = first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
    (name != "lib").then_some(name)
}

/// The modules that `crate::…` paths name, also inside braces.
fn used(text: &str) -> Vec<String> {
    let name = |text: &str| {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let mut names = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(inner) => names.extend(items(inner).into_iter().map(name)),
            None => names.push(name(rest)),
        }
    }
    names
}

/// The entries of a list in braces, up to the brace that closes it.
fn items(inner: &str) -> Vec<&str> {
    let (mut items, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                items.push(&inner[from..at]);
                break;
            }
            ',' if depth == 0 => {
                items.push(&inner[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    items
}

#[test]
fn migrations_are_twins() {
    let names = |folder: &str| {
        let mut names: Vec<String> = fs::read_dir(Path::new(ROOT).join("migrations").join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[test]
fn both_languages_have_the_same_texts() {
    let texts = |language: &str| {
        let mut names: Vec<String> = Vec::new();
        for entry in fs::read_dir(Path::new(ROOT).join("frontend/locales").join(language)).unwrap() {
            let path = entry.unwrap().path();
            let value: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            keys(&value, &path.file_stem().unwrap().to_string_lossy(), &mut names);
        }
        names.sort();
        names
    };
    assert_eq!(texts("en"), texts("fr"));
}

fn keys(value: &serde_json::Value, prefix: &str, names: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| keys(value, &format!("{prefix}.{key}"), names)),
        _ => names.push(prefix.to_owned()),
    }
}
