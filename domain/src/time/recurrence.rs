//! Rules of repetition (RFC 5545 §3.3.10), expanded on wall time; the zone is applied afterwards.
//!
//! The expansion of a rule is that of the crate `rrule`, which is right as long as it sees no zone. UNTIL, added and
//! skipped dates, whole days and the limits are ours. A rule is refused before it can cost much: seconds, more than 24
//! times a day, intervals above 999, texts above 512 characters.
//!
//! The rule of a series is text in the database and in calendars; [`Rule`] is that text, read, checked and written again
//! in one order, so that equal rules are equal texts.

mod expand;
mod text;

use super::{Day, LocalDateTime, Zone};
use crate::error::{Code, Error, FieldError, Result};
use std::{collections::BTreeSet, fmt};
use text::{Terms, Until};

/// The most characters of a rule.
const LONGEST: usize = 512;

/// How often a rule repeats. Hours and less are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// From Monday to Sunday.
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// As [`Day::days_from_monday`]: 0 is Monday, 6 is Sunday.
    pub fn days_from_monday(self) -> i8 {
        self as i8
    }
}

/// What a rule says, for a page that puts it in words. An empty list says nothing: the begin of the series decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// Days, weeks, months or years.
    pub frequency: Frequency,
    /// Every so many of them, 1 to 999.
    pub interval: u16,
    /// On these weekdays; with a position only the n-th one of the month (of the year, where it is yearly and no months
    /// are said), counted from the end when negative.
    pub weekdays: Vec<(Weekday, Option<i8>)>,
    /// On these days of the month, counted from the end when negative: −1 is the last one.
    pub month_days: Vec<i8>,
    /// In these months, January is 1.
    pub months: Vec<i8>,
    /// The last day on which a date may begin.
    pub until: Option<Day>,
    /// So many dates in all.
    pub count: Option<u32>,
    /// The rule says nothing else. Otherwise it has times of day, weeks or days of the year, or picks from a set, and
    /// words made from these parts alone would be wrong.
    pub is_complete: bool,
}

/// A rule that we accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    text: String,
    terms: Terms,
}

impl Rule {
    /// Reads a rule, without `RRULE:`.
    ///
    /// Case, order, blanks and an empty part do not matter. UNTIL may be a date, UTC or (forbidden, but seen) local time;
    /// one in the year 9999 is none. Positions of weekdays mean nothing in weeks and days and are dropped.
    ///
    /// # Errors
    /// `Invalid(rule: Malformed)` where it is no rule of RFC 5545, `Invalid(rule: RuleRefused)` where it is one that asks
    /// too much.
    pub fn parse(text: &str) -> Result<Self> {
        let rule = Self::of(text::read(text)?);
        expand::check(&rule.terms)?;
        // A series that is split gets another end; the text must still be one that we read.
        if rule.with_until(LocalDateTime::MAX).text.len() > LONGEST {
            return Err(refused());
        }
        Ok(rule)
    }

    fn of(terms: Terms) -> Self {
        let text = terms.to_string();
        Self { text, terms }
    }

    /// The canonical text: upper case, one order, lists sorted, no defaults.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many dates it has in all, where it says so.
    pub fn count(&self) -> Option<u32> {
        self.terms.count
    }

    /// The same rule up to `last` (included) and without COUNT.
    #[must_use]
    pub fn with_until(&self, last: LocalDateTime) -> Self {
        Self::of(Terms {
            until: Some(Until::Local(last)),
            count: None,
            ..self.terms.clone()
        })
    }

    /// The same rule with so many dates in all, at least one. An UNTIL stays.
    #[must_use]
    pub fn with_count(&self, count: u32) -> Self {
        Self::of(Terms {
            count: Some(count.max(1)),
            ..self.terms.clone()
        })
    }

    /// What it says in a series of this zone: UNTIL may be written in UTC, which is another day in some zones.
    pub fn parts(&self, zone: &Zone, all_day: bool) -> Parts {
        let terms = &self.terms;
        Parts {
            frequency: terms.frequency,
            interval: terms.interval,
            weekdays: terms.weekdays.clone(),
            month_days: terms.month_days.clone(),
            months: terms.months.clone(),
            until: terms.until.map(|until| until.last(zone, all_day).day()),
            count: terms.count,
            is_complete: terms.week_numbers.is_empty()
                && terms.year_days.is_empty()
                && terms.positions.is_empty()
                && (all_day || !terms.has_times()),
        }
    }

    /// The text for a calendar file beside a DTSTART in this zone: UNTIL in UTC, or a date where the days are whole, as
    /// RFC 5545 §3.3.10 wants it.
    pub fn export(&self, zone: &Zone, all_day: bool) -> String {
        let mut terms = self.terms.clone();
        if all_day {
            terms.drop_times();
        }
        terms.until = terms.until.map(|until| {
            let last = until.last(zone, all_day);
            if all_day {
                Until::Day(last.day())
            } else {
                Until::Utc(Zone::UTC.local(zone.instant(last)))
            }
        });
        terms.to_string()
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A series of wall times.
#[derive(Debug, Clone, PartialEq)]
pub struct Recurrence {
    /// The rule; `None`: only `start` and the added dates.
    pub rule: Option<Rule>,
    /// The first begin; always a date of the series, unless it is skipped.
    pub start: LocalDateTime,
    /// The zone of the wall times, which UNTIL in UTC is converted with.
    pub zone: Zone,
    /// Whole days: every date is a midnight, and times in the rule are not looked at.
    pub all_day: bool,
    /// Dates beside the rule.
    pub added: Vec<LocalDateTime>,
    /// Dates left out.
    pub skipped: Vec<LocalDateTime>,
}

/// The most dates of one expansion.
pub const MOST_DATES: usize = 730;

impl Recurrence {
    /// The begins from `from` (included) to `until` (excluded), sorted, without repeats; the first [`MOST_DATES`] of them.
    ///
    /// # Errors
    /// `Invalid(rule: NoOccurrence)` where the rule has no date at all (30 February), `Invalid(rule: RuleRefused)` where
    /// expanding it takes too long.
    pub fn between(&self, from: LocalDateTime, until: LocalDateTime) -> Result<Vec<LocalDateTime>> {
        let skipped: BTreeSet<_> = self.skipped.iter().map(|at| self.begin(*at)).collect();
        let given = std::iter::once(&self.start).chain(&self.added);
        let mut dates: BTreeSet<_> = given.map(|at| self.begin(*at)).collect();
        dates.retain(|at| (from..until).contains(at) && !skipped.contains(at));

        let mut kept = 0;
        for date in self.dates_of_rule(from)? {
            let date = date?;
            if date >= until || kept == MOST_DATES {
                break;
            }
            if !skipped.contains(&date) {
                dates.insert(date);
                kept += 1;
            }
        }
        Ok(dates.into_iter().take(MOST_DATES).collect())
    }

    /// The dates of the rule on these days, sorted: one expansion for all of them, where [`Recurrence::between`] takes one
    /// for each. Where expanding takes too long, those that were found until then.
    ///
    /// # Errors
    /// `Invalid(rule: RuleRefused)` where it cannot be begun.
    pub fn on_days(&self, days: &BTreeSet<Day>) -> Result<Vec<LocalDateTime>> {
        let (Some(first), Some(last)) = (days.first(), days.last()) else {
            return Ok(Vec::new());
        };
        let dates = self.dates_of_rule(first.midnight())?.map_while(Result::ok);
        let dates = dates.take_while(|date| date.day() <= *last);
        Ok(dates.filter(|date| days.contains(&date.day())).collect())
    }

    /// How many dates of the rule lie before `pivot`: what of its COUNT is used up there. Skipped dates count as they do
    /// in RFC 5545, added ones and a start outside the rule do not.
    ///
    /// # Errors
    /// As [`Recurrence::between`].
    pub fn dates_before(&self, pivot: LocalDateTime) -> Result<usize> {
        let mut before = 0;
        for date in self.dates_of_rule(LocalDateTime::MIN)? {
            if date? >= pivot {
                break;
            }
            before += 1;
        }
        Ok(before)
    }

    /// The dates of the rule alone from `from` on.
    fn dates_of_rule(&self, from: LocalDateTime) -> Result<impl Iterator<Item = Result<LocalDateTime>>> {
        let Some(rule) = &self.rule else {
            return Ok(None.into_iter().flatten());
        };
        let mut terms = rule.terms.clone();
        if self.all_day {
            terms.drop_times();
        }
        let last = terms.until.take().map(|until| until.last(&self.zone, self.all_day));
        let dates = expand::dates(&terms, self.begin(self.start), from)?;
        let within = move |date: &Result<LocalDateTime>| match (date, last) {
            (Ok(date), Some(last)) => *date <= last,
            _ => true,
        };
        Ok(Some(dates.take_while(within)).into_iter().flatten())
    }

    fn begin(&self, at: LocalDateTime) -> LocalDateTime {
        if self.all_day { at.day().midnight() } else { at }
    }
}

fn malformed() -> Error {
    FieldError::one("rule", Code::Malformed)
}

fn refused() -> Error {
    FieldError::one("rule", Code::RuleRefused)
}

#[cfg(test)]
mod tests;
