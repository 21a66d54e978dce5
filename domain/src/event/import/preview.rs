//! The dates of a reading between two days, without keeping anything.

use super::{Item, Kind, Reading};
use crate::{
    event::{Content, Schedule, Status},
    text::PlainText,
    time::{Day, Instant, LocalDateTime, Zone},
};
use serde::{Serialize, Serializer};
use std::collections::HashSet;

/// A date of an event or of a series, as a program reads it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Occurrence {
    /// The begin.
    pub start: Moment,
    /// The end, exclusive; `None` where it has none.
    pub end: Option<Moment>,
    /// Its title.
    pub summary: PlainText,
    /// Whether it takes place: `CONFIRMED`, `TENTATIVE`, `CANCELLED`.
    #[serde(serialize_with = "upper_case")]
    pub status: Status,
    /// Whole days: the moments are dates.
    pub all_day: bool,
}

/// A begin or an end: a date of whole days, else an instant in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// `2026-12-05`.
    Day(Day),
    /// `2026-12-05T17:00:00Z`.
    Instant(Instant),
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Day(day) => serializer.collect_str(day),
            Self::Instant(instant) => serializer.collect_str(instant),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde calls")]
fn upper_case<S: Serializer>(status: &Status, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match status {
        Status::Tentative => "TENTATIVE",
        Status::Confirmed => "CONFIRMED",
        Status::Cancelled => "CANCELLED",
    })
}

/// Every date that begins on the day `from` or later and before the day `to`, days of `zone`: changed and cancelled
/// ones included, sorted by begin, then title. Of one series at most 730
/// ([`crate::time::recurrence::MOST_DATES`]).
pub fn preview(reading: &Reading, from: Day, to: Day, zone: &Zone) -> Vec<Occurrence> {
    let window = Window { from, to, zone };
    let mut found: Vec<(Instant, Occurrence)> = Vec::new();
    for item in &reading.items {
        window.collect(item, &mut found);
    }
    found.sort_by(|(a, one), (b, other)| (a, &one.summary).cmp(&(b, &other.summary)));
    found.into_iter().map(|(_, occurrence)| occurrence).collect()
}

struct Window<'a> {
    from: Day,
    to: Day,
    zone: &'a Zone,
}

impl Window<'_> {
    fn collect(&self, item: &Item, found: &mut Vec<(Instant, Occurrence)>) {
        let series = match &item.kind {
            Kind::Single(event) => return self.add(&event.schedule, &event.content, found),
            Kind::Series(series) => series,
        };
        let changed: HashSet<_> = series.overrides.iter().map(|one| one.original).collect();
        for one in &series.overrides {
            self.add(&one.event.schedule, &one.event.content, found);
        }
        let recurrence = &series.recurrence;
        let (from, until) = self.bounds(&recurrence.zone, recurrence.all_day);
        let dates = recurrence
            .between(from, until)
            .unwrap_or_else(|_| vec![recurrence.start]);
        for begin in dates.into_iter().filter(|date| !changed.contains(date)) {
            let schedule = Schedule {
                begin,
                end: series.duration_s.map(|seconds| begin.plus_seconds(seconds)),
                zone: recurrence.zone.clone(),
                all_day: recurrence.all_day,
            };
            self.add(&schedule, &series.event.content, found);
        }
    }

    /// The window on the clock of another zone; an hour more on both sides for clocks that are changed just then.
    fn bounds(&self, zone: &Zone, all_day: bool) -> (LocalDateTime, LocalDateTime) {
        let (from, to) = (self.from.midnight(), self.to.midnight());
        if all_day {
            return (from, to);
        }
        let there = |local: LocalDateTime| zone.local(self.zone.instant(local));
        (there(from).plus_seconds(-3_600), there(to).plus_seconds(3_600))
    }

    fn add(&self, schedule: &Schedule, content: &Content, found: &mut Vec<(Instant, Occurrence)>) {
        let is_inside = if schedule.all_day {
            (self.from..self.to).contains(&schedule.begin.day())
        } else {
            let first = self.zone.instant(self.from.midnight());
            (first..self.zone.instant(self.to.midnight())).contains(&schedule.begins_at())
        };
        if !is_inside {
            return;
        }
        let (begins_at, start, end) = if schedule.all_day {
            let end = schedule.end.map(|end| Moment::Day(end.day()));
            (
                self.zone.instant(schedule.begin),
                Moment::Day(schedule.begin.day()),
                end,
            )
        } else {
            let begins_at = schedule.begins_at();
            (
                begins_at,
                Moment::Instant(begins_at),
                schedule.ends_at().map(Moment::Instant),
            )
        };
        let occurrence = Occurrence {
            start,
            end,
            summary: content.title.clone(),
            status: content.status,
            all_day: schedule.all_day,
        };
        found.push((begins_at, occurrence));
    }
}
