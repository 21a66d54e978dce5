//! A short text that changes exactly when something changes that we use of an item.

use super::{ImportedEvent, Kind};
use crate::{event::Schedule, time::LocalDateTime};
use sha2::{Digest, Sha256};
use std::io::Write;

/// Written first: raise it where the same file is to be taken anew, because more of it is used.
const VERSION: &str = "1";

/// The SHA-256 of an item, in hexadecimal. DTSTAMP and SEQUENCE, which many programs raise at each export, are not in
/// it.
pub(super) fn of(kind: &Kind) -> String {
    let mut sha = Sha256::new();
    let mut field = |text: &str| {
        sha.update(text.as_bytes());
        sha.update([0x1f]);
    };
    field(VERSION);
    match kind {
        Kind::Single(event) => add_event(&mut field, event),
        Kind::Series(series) => {
            let recurrence = &series.recurrence;
            field("series");
            field(recurrence.rule.as_ref().map_or("", |rule| rule.as_str()));
            field(&recurrence.start.compact());
            field(recurrence.zone.name());
            field(&series.duration_s.map(|seconds| seconds.to_string()).unwrap_or_default());
            field(&dates(&recurrence.added));
            field(&dates(&recurrence.skipped));
            add_event(&mut field, &series.event);
            for one in &series.overrides {
                field(&one.original.compact());
                add_event(&mut field, &one.event);
            }
        }
    }
    hex(sha)
}

fn add_event(field: &mut impl FnMut(&str), event: &ImportedEvent) {
    let Schedule {
        begin,
        end,
        zone,
        all_day,
    } = &event.schedule;
    field(&begin.compact());
    field(&end.map(LocalDateTime::compact).unwrap_or_default());
    field(zone.name());
    field(if *all_day { "days" } else { "times" });
    field(&serde_json::to_string(&event.content).unwrap_or_default());
    field(event.picture.as_ref().map_or("", |url| url.as_str()));
}

fn dates(dates: &[LocalDateTime]) -> String {
    dates.iter().map(|date| date.compact()).collect::<Vec<_>>().join(",")
}

/// The hexadecimal text of a finished hash.
pub(super) fn hex(sha: Sha256) -> String {
    let mut text = Vec::with_capacity(64);
    for byte in sha.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    String::from_utf8(text).unwrap_or_default()
}
