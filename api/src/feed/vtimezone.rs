//! VTIMEZONE (RFC 5545 §3.6.5) out of the tzdb in the program: for readers that have none, or an older one.
//!
//! A change of the clocks that is the same every year, as far as one can see, becomes a rule; every other one stands
//! alone. What stands at the begin is the first observance.

use domain::{
    Result,
    time::{
        LocalDateTime, Zone,
        clocks::{ClockChange, Setting},
    },
};

use super::line::Lines;
use std::collections::BTreeMap;

/// Years behind the last one that is needed, whose changes are told one by one.
const YEARS_AFTER: i16 = 2;
/// Years behind it up to which a rule must hold. The last Sunday of a month is the fourth one up to six years in a row.
const YEARS_OF_RULES: i16 = 12;

/// Behind it nobody knows how clocks will be set: the rules of then go on, however long an event is.
const LAST_YEAR: i16 = 2100;

/// Writes the zone `id` as it is from `first_year` to `last_year`.
///
/// # Errors
/// Those of [`Lines::push`].
pub(super) fn write(lines: &mut Lines, id: &str, zone: &Zone, first_year: i16, last_year: i16) -> Result<()> {
    let (first_year, last_year) = (first_year.min(LAST_YEAR) - 1, last_year.min(LAST_YEAR) + YEARS_AFTER);
    let horizon = last_year.saturating_add(YEARS_OF_RULES - YEARS_AFTER);
    let clocks = zone.clocks(first_year, horizon);
    let rules = rules(&clocks.changes, last_year, horizon);
    lines.push("BEGIN:VTIMEZONE")?;
    lines.push(&format!("TZID:{id}"))?;
    let begin = format!("{:04}0101T000000", first_year.max(1));
    observance(lines, &begin, clocks.first.offset, &clocks.first, None)?;
    for change in &clocks.changes {
        let rule = rules.get(&change.local);
        let is_alone = rule.is_none() && year(change) <= last_year;
        if is_alone || rule.is_some_and(|rule| rule.since == change.local) {
            let text = rule.map(Rule::text);
            observance(
                lines,
                &change.local.compact(),
                change.offset_before,
                &change.to,
                text.as_deref(),
            )?;
        }
    }
    lines.push("END:VTIMEZONE")
}

fn observance(lines: &mut Lines, start: &str, from: i32, to: &Setting, rule: Option<&str>) -> Result<()> {
    let kind = if to.is_summer { "DAYLIGHT" } else { "STANDARD" };
    lines.push(&format!("BEGIN:{kind}"))?;
    lines.push(&format!("DTSTART:{start}"))?;
    lines.push(&format!("TZOFFSETFROM:{}", offset(from)))?;
    lines.push(&format!("TZOFFSETTO:{}", offset(to.offset)))?;
    lines.push(&format!("TZNAME:{}", to.name))?;
    if let Some(rule) = rule {
        lines.push(&format!("RRULE:{rule}"))?;
    }
    lines.push(&format!("END:{kind}"))
}

/// `+0100`; with seconds where there are any, as before 1900.
fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let (minutes, rest) = (seconds.abs() / 60, seconds.abs() % 60);
    let text = format!("{sign}{:02}{:02}", minutes / 60, minutes % 60);
    if rest == 0 { text } else { format!("{text}{rest:02}") }
}

/// A change that comes every year.
#[derive(Debug, Clone, Copy)]
struct Rule {
    /// Its first time.
    since: LocalDateTime,
    day: YearDay,
}

/// A weekday of a month, counted from its begin (1 to 5) or its end (−1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct YearDay {
    month: i8,
    week: i8,
    /// 0 is Monday.
    weekday: i8,
}

impl Rule {
    fn text(&self) -> String {
        let YearDay { month, week, weekday } = self.day;
        let names = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
        let name = usize::try_from(weekday)
            .ok()
            .and_then(|day| names.get(day))
            .unwrap_or(&"SU");
        format!("FREQ=YEARLY;BYMONTH={month};BYDAY={week}{name}")
    }
}

fn year(change: &ClockChange) -> i16 {
    change.local.day().parts().0
}

/// What a change has in common with that of another year.
type Sameness<'c> = (YearDay, (i8, i8, i8), i32, &'c Setting);

/// Each change that comes by a rule, by its reading. A rule begins no later than in `last_year` and holds to `horizon`.
fn rules(changes: &[ClockChange], last_year: i16, horizon: i16) -> BTreeMap<LocalDateTime, Rule> {
    let mut alike: Vec<(Sameness<'_>, Vec<LocalDateTime>)> = Vec::new();
    for change in changes {
        for day in year_days(change.local) {
            let sameness = (day, change.local.clock(), change.offset_before, &change.to);
            match alike.iter_mut().find(|(known, _)| *known == sameness) {
                Some((_, times)) => times.push(change.local),
                None => alike.push((sameness, vec![change.local])),
            }
        }
    }
    let mut runs: Vec<(YearDay, Vec<LocalDateTime>)> = alike
        .into_iter()
        .map(|((day, ..), times)| (day, last_run(&times, horizon)))
        .filter(|(_, run)| run.first().is_some_and(|first| first.day().parts().0 <= last_year))
        .collect();
    // Of two that fit, the one that has held longer; "last" before "fourth".
    runs.sort_by_key(|(day, run)| (std::cmp::Reverse(run.len()), day.week));
    let mut rules: BTreeMap<LocalDateTime, Rule> = BTreeMap::new();
    for (day, run) in runs {
        let free: Vec<LocalDateTime> = run.into_iter().filter(|at| !rules.contains_key(at)).collect();
        let free = last_run(&free, horizon);
        if let Some(since) = free.first().copied() {
            rules.extend(free.into_iter().map(|at| (at, Rule { since, day })));
        }
    }
    rules
}

/// The readings of consecutive years that reach to `horizon`.
fn last_run(times: &[LocalDateTime], horizon: i16) -> Vec<LocalDateTime> {
    let mut run = Vec::new();
    let mut wanted = horizon;
    for at in times.iter().rev() {
        if at.day().parts().0 != wanted {
            break;
        }
        run.push(*at);
        wanted -= 1;
    }
    run.reverse();
    run
}

/// The ways to say on which day of the year a reading is.
fn year_days(at: LocalDateTime) -> impl Iterator<Item = YearDay> {
    let (_, month, day) = at.day().parts();
    let weekday = at.day().days_from_monday();
    let is_last = at.day().plus_days(7).parts().1 != month;
    let last = is_last.then_some(-1);
    let nth = (day - 1) / 7 + 1;
    last.into_iter()
        .chain([nth])
        .map(move |week| YearDay { month, week, weekday })
}

#[cfg(test)]
mod tests;
