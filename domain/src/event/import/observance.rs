//! Zones that a file describes itself (VTIMEZONE): when its offset from UTC changes.
//!
//! The rules of time are those of [`Zone::instant`]: a reading that comes twice is the first, one that is missing has
//! the offset before the jump.

use super::{component::Component, stamp::Stamp};
use crate::time::{
    Day, Instant, LocalDateTime, Zone,
    recurrence::{Recurrence, Rule},
};
use calcard::icalendar::ICalendarValue;

/// The most observances of a zone that are looked at; a full history of two centuries has about 200.
const MOST_OBSERVANCES: usize = 400;
/// The most observances with a rule; each costs an expansion.
const MOST_RULES: usize = 40;
/// The most changes written out as dates.
const MOST_DATES: usize = 1_000;

/// A zone by its changes.
#[derive(Debug, PartialEq)]
pub(super) struct Definition {
    /// Sorted by `at`.
    changes: Vec<Change>,
}

/// The moment at which the offset changes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Change {
    /// What the clock shows, before it is changed.
    at: LocalDateTime,
    /// Seconds east of Greenwich before.
    from: i32,
    /// Seconds east of Greenwich from then on.
    to: i32,
}

impl Change {
    fn instant(&self) -> Instant {
        moment(self.at, self.from)
    }

    /// The first reading of the clock that has the new offset for certain: behind the gap, or behind the repetition.
    fn holds_from(&self) -> LocalDateTime {
        self.at.plus_seconds(i64::from((self.to - self.from).max(0)))
    }
}

fn moment(local: LocalDateTime, offset: i32) -> Instant {
    Zone::UTC.instant(local).plus_seconds(-i64::from(offset))
}

impl Definition {
    /// Reads the observances of a zone; `None` where none can be read.
    pub(super) fn of(observances: &[Component]) -> Option<Self> {
        let mut rules = MOST_RULES;
        let mut changes: Vec<Change> = observances
            .iter()
            .take(MOST_OBSERVANCES)
            .flat_map(|observance| changes_of(observance, &mut rules))
            .collect();
        changes.sort_by_key(|change| change.at);
        changes.dedup();
        (!changes.is_empty()).then_some(Self { changes })
    }

    /// The moment at which the clock shows `local`.
    pub(super) fn instant(&self, local: LocalDateTime) -> Instant {
        moment(local, self.offset(|change| change.holds_from() <= local))
    }

    /// What the clock shows at `instant`.
    pub(super) fn local(&self, instant: Instant) -> LocalDateTime {
        let offset = self.offset(|change| change.instant() <= instant);
        Zone::UTC.local(instant.plus_seconds(i64::from(offset)))
    }

    fn offset(&self, holds: impl Fn(&Change) -> bool) -> i32 {
        let after = self.changes.partition_point(holds);
        let last = after.checked_sub(1).and_then(|at| self.changes.get(at));
        last.map(|change| change.to)
            .or_else(|| self.changes.first().map(|change| change.from))
            .unwrap_or(0)
    }
}

fn changes_of(observance: &Component, rules: &mut usize) -> Vec<Change> {
    let (Some(from), Some(to)) = (
        offset(observance, "TZOFFSETFROM").or_else(|| offset(observance, "TZOFFSETTO")),
        offset(observance, "TZOFFSETTO"),
    ) else {
        return Vec::new();
    };
    let Some(Ok(start)) = observance.stamp("DTSTART") else {
        return Vec::new();
    };
    let mut dates = vec![start.written()];
    let added = observance
        .all("RDATE")
        .flat_map(|dates| dates.stamps().collect::<Vec<_>>());
    dates.extend(added.flatten().take(MOST_DATES).map(Stamp::written));
    if let Some(rule) = observance.text("RRULE").filter(|_| *rules > 0) {
        *rules -= 1;
        dates.extend(yearly(&rule, start.written(), from));
    }
    dates.into_iter().map(|at| Change { at, from, to }).collect()
}

/// The dates of a rule in the years that calendars speak of.
fn yearly(rule: &str, start: LocalDateTime, offset: i32) -> Vec<LocalDateTime> {
    let (Ok(rule), Some(first), Some(last)) = (Rule::parse(rule), Day::new(1970, 1, 1), Day::new(2200, 1, 1)) else {
        return Vec::new();
    };
    let recurrence = Recurrence {
        rule: Some(rule),
        start,
        zone: fixed(offset),
        all_day: false,
        added: Vec::new(),
        skipped: Vec::new(),
    };
    recurrence
        .between(first.midnight(), last.midnight())
        .unwrap_or_default()
}

/// The zone with this offset, to the minute; UTC for offsets that no zone ever had.
fn fixed(offset: i32) -> Zone {
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.unsigned_abs() / 60;
    Zone::named(&format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)).unwrap_or(Zone::UTC)
}

/// Seconds of `+0100`; at most 18 hours.
fn offset(observance: &Component, name: &str) -> Option<i32> {
    let ICalendarValue::PartialDateTime(offset) = observance.first(name)?.values().first()? else {
        return None;
    };
    let seconds = i32::from(offset.tz_hour?) * 3_600 + i32::from(offset.tz_minute.unwrap_or(0)) * 60;
    let seconds = if offset.tz_minus { -seconds } else { seconds };
    (seconds.abs() <= 18 * 3_600).then_some(seconds)
}
