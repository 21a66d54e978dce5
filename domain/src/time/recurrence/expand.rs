//! From a rule to its dates: the only file that knows the crate `rrule`.
//!
//! It is given floating time only, dressed as UTC: with a real zone it drops dates that a change of the clock swallows,
//! and COUNT with them. It sees no UNTIL either: that is a matter of zones.

use super::{Frequency, Weekday, refused, text::Terms};
use crate::{
    error::{Code, FieldError, Result},
    time::{Instant, LocalDateTime, Zone},
};
use chrono::DateTime;
use rrule::{RRule, RRuleSet, RRuleSetIter, Tz, Unvalidated};
use std::time::Duration;

/// The most dates of a rule that are looked at, those before the window included: 270 years of every day.
const MOST_STEPS: usize = 100_000;

/// The longest that looking may take. Steps bound it already, so that the answer does not hang on how busy the machine
/// is; this is for a rule that we did not think of.
const LONGEST: Duration = Duration::from_secs(3);

/// Whether `rrule` accepts the rule. It knows no fifth weekday from the end of a month, for one.
pub(super) fn check(terms: &Terms) -> Result<()> {
    series(terms, LocalDateTime::MIN).map(|_| ())
}

/// The dates of the rule from the later of `start` and `from` on. UNTIL must have been taken out.
pub(super) fn dates(terms: &Terms, start: LocalDateTime, from: LocalDateTime) -> Result<Dates> {
    let series = series(terms, start)?;
    Ok(Dates {
        series: series.into_iter(),
        from: floating(from),
        steps: 0,
        begun: std::time::Instant::now(),
        is_over: false,
    })
}

fn series(terms: &Terms, start: LocalDateTime) -> Result<RRuleSet> {
    let terms = Terms {
        until: None,
        weekdays: with_positions(terms),
        ..terms.clone()
    };
    let rule: RRule<Unvalidated> = terms.to_string().parse().ok().ok_or_else(refused)?;
    let series = rule.build(floating(start)).ok().ok_or_else(refused)?;
    Ok(series.limit())
}

/// `MO,-1FR` is every Monday and the last Friday; `rrule` would take the last Friday if it is a Monday. So Mondays become
/// the first to the fifth, or in a year the first to the fifty-third.
fn with_positions(terms: &Terms) -> Vec<(Weekday, Option<i8>)> {
    let (every, some): (Vec<_>, Vec<_>) = terms.weekdays.iter().partition(|(_, position)| position.is_none());
    if every.is_empty() || some.is_empty() {
        return terms.weekdays.clone();
    }
    let is_by_month = terms.frequency == Frequency::Monthly || !terms.months.is_empty();
    let most = if is_by_month { 5 } else { 53 };
    let every = every
        .into_iter()
        .flat_map(|(day, _)| (1..=most).map(move |position| (day, Some(position))));
    every.chain(some).collect()
}

/// The dates of a rule, with an end to patience.
pub(super) struct Dates {
    series: RRuleSetIter,
    from: DateTime<Tz>,
    steps: usize,
    begun: std::time::Instant,
    is_over: bool,
}

impl Iterator for Dates {
    type Item = Result<LocalDateTime>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.is_over {
            let Some(date) = self.series.next() else {
                self.is_over = true;
                let is_empty = self.steps == 0;
                return is_empty.then(|| Err(FieldError::one("rule", Code::NoOccurrence)));
            };
            self.steps += 1;
            if self.steps > MOST_STEPS || self.begun.elapsed() > LONGEST {
                self.is_over = true;
                return Some(Err(refused()));
            }
            if date >= self.from {
                return Some(Ok(wall(date)));
            }
        }
        None
    }
}

fn floating(at: LocalDateTime) -> DateTime<Tz> {
    Zone::UTC.instant(at).utc().with_timezone(&Tz::UTC)
}

fn wall(at: DateTime<Tz>) -> LocalDateTime {
    Zone::UTC.local(Instant::from_utc(at.to_utc()))
}
