//! Dates of a series: looking them up, bounding their number, reading them on its clock.

use super::zone::Frame;
use crate::time::{Day, Instant, LocalDateTime, Zone, recurrence::MOST_DATES};
use std::{borrow::Cow, collections::BTreeSet};

/// What a file calls a date of a series.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wanted {
    /// One of these, the likelier first.
    One(Vec<LocalDateTime>),
    /// The first one of this day.
    Day(Day),
}

impl Wanted {
    /// Where to look: from the first of each pair to before the second.
    fn ranges(&self) -> Vec<(LocalDateTime, LocalDateTime)> {
        match self {
            Self::One(dates) => dates.iter().map(|date| (*date, date.plus_seconds(1))).collect(),
            Self::Day(day) => vec![(day.midnight(), day.plus_days(1).midnight())],
        }
    }

    fn among(&self, dates: &BTreeSet<LocalDateTime>) -> Option<LocalDateTime> {
        match self {
            Self::One(likely) => likely.iter().find(|date| dates.contains(*date)).copied(),
            Self::Day(day) => dates.range(day.midnight()..day.plus_days(1).midnight()).next().copied(),
        }
    }
}

/// The date of a series that each of `wanted` means, if it has it. `expand` gives the dates between two, the first
/// [`MOST_DATES`] of them: it is called once for as many as lie close together, not once for each.
pub(super) fn find(
    wanted: &[Wanted],
    mut expand: impl FnMut(LocalDateTime, LocalDateTime) -> Option<Vec<LocalDateTime>>,
) -> Vec<Option<LocalDateTime>> {
    let mut ranges: Vec<_> = wanted.iter().flat_map(Wanted::ranges).collect();
    ranges.sort();
    let last = ranges.iter().map(|(_, until)| *until).max();
    let mut dates = BTreeSet::new();
    let mut looked = None;
    for (from, until) in ranges {
        let mut from = looked.map_or(from, |looked| from.max(looked));
        while let Some(last) = last.filter(|_| from < until) {
            // Not further than a page of every day reaches, so that one far date does not cost a whole expansion.
            let upto = last.min(from.plus_days(MOST_DATES_DAYS)).max(until);
            let Some(page) = expand(from, upto) else { break };
            from = match page.last() {
                Some(last) if page.len() >= MOST_DATES => last.plus_seconds(1),
                _ => upto,
            };
            looked = Some(from);
            dates.extend(page);
        }
    }
    wanted.iter().map(|wanted| wanted.among(&dates)).collect()
}

/// [`MOST_DATES`] in days of a series with one date a day.
const MOST_DATES_DAYS: i32 = 730;

/// Sorts, drops repeats and keeps at most so many dates: first those from `pivot` on, then the ones before it, latest
/// first. Says whether all could stay.
pub(super) fn bound(dates: &mut Vec<LocalDateTime>, most: usize, pivot: LocalDateTime) -> bool {
    dates.sort();
    dates.dedup();
    let surplus = dates.len().saturating_sub(most);
    let before = dates.partition_point(|date| *date < pivot);
    dates.drain(..surplus.min(before));
    dates.truncate(most);
    surplus == 0
}

/// The readings of the clock that are this moment: usually one. A reading that the clock jumps over is the same moment
/// as a later one, and a series may have it.
pub(super) fn readings(frame: &Frame, instant: Instant) -> Vec<LocalDateTime> {
    let local = frame.local(instant);
    let jumps = [0_i64, 1_800, 3_600, 7_200];
    let earlier = jumps.iter().map(|jump| local.plus_seconds(-jump));
    earlier.filter(|reading| frame.instant(*reading) == instant).collect()
}

/// How many times a day a rule has, by its canonical text: one, unless it lists hours or minutes.
pub(super) fn times_a_day(rule: &str) -> i32 {
    let values = |name: &str| {
        let list = rule.split(';').find_map(|part| part.strip_prefix(name));
        list.map_or(1, |list| list.split(',').count())
    };
    i32::try_from(values("BYHOUR=") * values("BYMINUTE=")).unwrap_or(i32::MAX)
}

/// This day, at the time of day of `clock`.
pub(super) fn at_clock_of(day: Day, clock: LocalDateTime) -> LocalDateTime {
    let midnight = day.midnight();
    midnight.plus_seconds(clock.seconds_since(clock.day().midnight()))
}

/// A rule whose `UNTIL=…Z` is a reading of the clock of `frame` instead, for zones that only the file knows.
pub(super) fn with_local_until<'a>(rule: &'a str, frame: &Frame) -> Cow<'a, str> {
    let converted = || {
        let start = rule.to_ascii_uppercase().find("UNTIL=")? + "UNTIL=".len();
        let value = rule.get(start..)?.split(';').next()?;
        let until = LocalDateTime::from_compact(value.trim().strip_suffix(['Z', 'z'])?)?;
        let local = frame.local(Zone::UTC.instant(until));
        let rest = rule.get(start + value.len()..)?;
        Some(format!("{}{}{rest}", rule.get(..start)?, local.compact()))
    };
    converted().map_or(Cow::Borrowed(rule), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> LocalDateTime {
        text.parse().unwrap()
    }

    fn brussels() -> Frame {
        Frame::Named(Zone::named("Europe/Brussels").unwrap())
    }

    #[test]
    fn dates_are_found_in_as_few_pages_as_they_lie_in() {
        let start = local("2020-01-01T10:00");
        let mut calls = 0;
        let wanted: Vec<_> = [0, 5, 729, 730, 1_500, 4_000]
            .map(|days| Wanted::One(vec![start.plus_days(days)]))
            .into_iter()
            .chain([
                Wanted::Day(start.plus_days(3_999).day()),
                Wanted::One(vec![start.plus_days(7).plus_seconds(1), start.plus_days(8)]),
                Wanted::One(vec![start.plus_seconds(60)]),
            ])
            .collect();
        let found = find(&wanted, |from, until| {
            calls += 1;
            let dates = (0..10_000).map(|day| start.plus_days(day));
            Some(
                dates
                    .filter(|date| (from..until).contains(date))
                    .take(MOST_DATES)
                    .collect(),
            )
        });
        let days: Vec<_> = found
            .into_iter()
            .map(|date| date.map(|date| date.day().days_since(start.day())))
            .collect();
        assert_eq!(
            days,
            [
                Some(0),
                Some(5),
                Some(729),
                Some(730),
                Some(1_500),
                Some(4_000),
                Some(3_999),
                Some(8),
                None
            ]
        );
        assert!(calls <= 5, "{calls}");
        assert_eq!(find(&[], |_, _| panic!("nothing is wanted")), []);
        assert_eq!(find(&[Wanted::Day(start.day())], |_, _| None), [None]);
    }

    #[test]
    fn of_too_many_dates_those_from_the_pivot_on_stay() {
        let days = |range: std::ops::Range<i32>| -> Vec<_> {
            range.map(|day| local("2026-01-01T10:00").plus_days(day)).collect()
        };
        let pivot = local("2026-01-05T00:00");
        let mut dates = days(0..8);
        dates.extend(days(0..3));
        assert!(bound(&mut dates, 8, pivot));
        assert!(!bound(&mut dates, 6, pivot));
        assert_eq!(dates, days(2..8));
        assert!(!bound(&mut dates, 3, pivot));
        assert_eq!(dates, days(4..7));
    }

    #[test]
    fn a_moment_after_a_jump_of_the_clock_has_two_readings() {
        let frame = brussels();
        let instant = frame.instant(local("2026-03-29T03:30"));
        assert_eq!(
            readings(&frame, instant),
            [local("2026-03-29T03:30"), local("2026-03-29T02:30")]
        );
        let instant = frame.instant(local("2026-07-01T03:30"));
        assert_eq!(readings(&frame, instant), [local("2026-07-01T03:30")]);
    }

    #[test]
    fn until_becomes_a_reading_of_the_clock() {
        for (rule, local) in [
            (
                "FREQ=DAILY;UNTIL=20260701T220000Z;INTERVAL=2",
                "FREQ=DAILY;UNTIL=20260702T000000;INTERVAL=2",
            ),
            ("until=20260101T220000z", "until=20260101T230000"),
            ("FREQ=DAILY;UNTIL=20260701", "FREQ=DAILY;UNTIL=20260701"),
            ("FREQ=DAILY;UNTIL=Z", "FREQ=DAILY;UNTIL=Z"),
            ("FREQ=DAILY", "FREQ=DAILY"),
        ] {
            assert_eq!(with_local_until(rule, &brussels()), local);
        }
    }
}
