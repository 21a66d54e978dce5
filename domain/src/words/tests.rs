//! The words, one by one and beside those of the pages.

use super::*;
use std::{fs, path::Path};

fn at(text: &str) -> LocalDateTime {
    text.parse().unwrap()
}

fn span(begin: &str, end: &str, all_day: bool) -> Span {
    Span {
        begin: at(begin),
        end: (!end.is_empty()).then(|| at(end)),
        all_day,
    }
}

/// What each says, with ordinary spaces.
fn said(span: &Span) -> [String; 2] {
    let said = |language| Words::of(language).unwrap().when(span);
    ["fr", "en"].map(|language| said(language).replace(['\u{a0}', '\u{2009}'], " "))
}

#[test]
fn a_date_is_said_as_the_pages_say_it() {
    let cases = [
        (
            span("2026-12-05T18:30", "", false),
            "samedi 5 décembre 2026 à 18 h 30",
            "Saturday, 5 December 2026, 18:30",
        ),
        (
            span("2027-06-12T12:00", "2027-06-12T22:00", false),
            "samedi 12 juin 2027, de 12 h à 22 h",
            "Saturday, 12 June 2027, 12:00 – 22:00",
        ),
        (
            span("2026-12-05T22:00", "2026-12-06T04:00", false),
            "samedi 5 décembre 2026, de 22 h à 4 h",
            "Saturday, 5 December 2026, 22:00 – 4:00",
        ),
        (
            span("2026-05-01T00:00", "2026-05-02T00:00", true),
            "vendredi 1er mai 2026",
            "Friday, 1 May 2026",
        ),
        (
            span("2026-12-05T00:00", "2026-12-08T00:00", true),
            "samedi 5 – lundi 7 décembre 2026",
            "Saturday 5 December – Monday 7 December 2026",
        ),
        (
            span("2026-12-31T20:00", "2027-01-02T10:00", false),
            "Du jeudi 31 décembre 2026, 20 h au samedi 2 janvier 2027, 10 h",
            "Thursday, 31 December 2026, 20:00 – Saturday, 2 January 2027, 10:00",
        ),
        (
            span("2026-12-05T18:00", "2026-12-05T18:00", false),
            "samedi 5 décembre 2026 à 18 h",
            "Saturday, 5 December 2026, 18:00",
        ),
    ];
    for (span, french, english) in cases {
        assert_eq!(said(&span), [french, english]);
    }
}

#[test]
fn a_language_without_words_is_said_in_that_of_the_site_or_in_english() {
    let language = |tag: &str| Language::parse(tag).unwrap();
    let chosen = |own: Option<&str>, site: &str| Words::choose(own.map(language).as_ref(), site).language();
    assert_eq!(chosen(Some("fr-be"), "en"), "fr");
    assert_eq!(chosen(Some("nl"), "fr"), "fr");
    assert_eq!(chosen(None, "nl"), "en");
    assert_eq!(
        Words::of("fr").unwrap().cancelled("{title} %"),
        "Annulé\u{a0}: {title} %"
    );
}

/// The folder of the pages, where they are checked out and built beside this crate.
fn front_end(file: &str) -> Option<serde_json::Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../frontend").join(file);
    let text = fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("not compared: there is no {}", path.display());
    }
    text.map(|text| serde_json::from_str(&text).unwrap())
}

#[test]
fn dates_and_phrases_are_those_of_the_pages() {
    let dates: serde_json::Value = serde_json::from_str(include_str!("../../locales/dates.json")).unwrap();
    if let Some(built) = front_end("build/dates.json") {
        assert_eq!(dates, built, "copy frontend/build/dates.json to domain/locales/");
    }
    for (file, table) in [
        ("event.json", include_str!("../../locales/phrases.json")),
        ("category.json", include_str!("../../locales/categories.json")),
    ] {
        let table: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(table).unwrap();
        for (language, words) in &table {
            let Some(pages) = front_end(&format!("locales/{language}/{file}")) else {
                continue;
            };
            for (name, word) in words {
                assert_eq!(pages[name], *word, "{language} {file} {name}");
            }
        }
    }
    assert_eq!(ALL.len(), dates.as_object().unwrap().len());
}

#[test]
fn no_word_is_missing() {
    for words in ALL.iter() {
        assert!(words.date(at("2026-12-05T00:00").day()).contains("2026"));
        assert!(!words.is_cancelled().is_empty());
        for category in crate::event::Category::ALL {
            assert!(
                !words.category(category.as_str()).is_empty(),
                "{} {category:?}",
                words.language()
            );
        }
    }
}
