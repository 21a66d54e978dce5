//! Tests of reading calendars: the table of rules, files of the world, hostile and random files.

mod bounds;
mod content;
mod files;
mod hostile;
pub(crate) mod random;
mod table;
mod zones;

use super::{Kind, NoteKind, Options, Reading, preview};
use crate::time::{Day, Zone};

pub(crate) fn options() -> Options {
    Options {
        default_zone: zone("Europe/Brussels"),
        now: Zone::UTC.instant("2026-06-01T12:00:00".parse().unwrap()),
    }
}

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A file with these lines inside of one calendar. `EVENT` and `/EVENT` stand for the begin and end of an event.
fn calendar(lines: &str) -> String {
    let lines = lines
        .lines()
        .map(str::trim)
        .map(|line| match line {
            "EVENT" => "BEGIN:VEVENT",
            "/EVENT" => "END:VEVENT",
            other => other,
        })
        .collect::<Vec<_>>()
        .join("\r\n");
    format!("BEGIN:VCALENDAR\r\n{}\r\nEND:VCALENDAR\r\n", lines.trim())
}

fn read(file: &str) -> Reading {
    super::read(file.as_bytes(), &options()).unwrap()
}

/// The dates of a reading between 1990 and 2040, a line each: `begin/end title`, the status if it is not confirmed.
fn dates(reading: &Reading) -> Vec<String> {
    let text = |moment: &super::Moment| serde_json::to_value(moment).unwrap().as_str().unwrap().to_owned();
    preview(reading, day("1990-01-01"), day("2040-01-01"), &zone("Europe/Brussels"))
        .into_iter()
        .map(|one| {
            let end = one.end.map(|end| format!("/{}", text(&end))).unwrap_or_default();
            let status = match one.status {
                crate::event::Status::Confirmed => String::new(),
                other => format!(" {other:?}"),
            };
            format!("{}{end} {}{status}", text(&one.start), one.summary)
        })
        .collect()
}

/// The kinds of the notes with their lines.
fn notes(reading: &Reading) -> Vec<(NoteKind, Option<u32>)> {
    reading.notes.iter().map(|note| (note.kind, note.line)).collect()
}

fn kinds(reading: &Reading) -> Vec<NoteKind> {
    reading.notes.iter().map(|note| note.kind).collect()
}

/// The only event of a file.
fn single(reading: &Reading) -> &super::ImportedEvent {
    match &reading.items[..] {
        [
            super::Item {
                kind: Kind::Single(event),
                ..
            },
        ] => event,
        other => panic!("not one event: {other:#?}"),
    }
}

/// The only series of a file.
fn series(reading: &Reading) -> &super::ImportedSeries {
    match &reading.items[..] {
        [
            super::Item {
                kind: Kind::Series(series),
                ..
            },
        ] => series,
        other => panic!("not one series: {other:#?}"),
    }
}
