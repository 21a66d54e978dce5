//! Rules as texts: reading what others write, writing one canonical form, refusing what asks too much.

use super::{Frequency, LONGEST, Weekday, malformed, refused};
use crate::{
    error::Result,
    time::{Day, LocalDateTime, Zone},
};
use std::{collections::BTreeMap, fmt, ops::RangeInclusive, str::FromStr};

/// The most values of one list.
const MOST_VALUES: usize = 64;

/// The most dates of one day: hours by minutes.
const MOST_TIMES: usize = 24;

/// The parts of a rule. Lists are sorted and without repeats; an empty one says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    pub(super) frequency: Frequency,
    pub(super) until: Option<Until>,
    pub(super) count: Option<u32>,
    pub(super) interval: u16,
    pub(super) months: Vec<i8>,
    pub(super) week_numbers: Vec<i8>,
    pub(super) year_days: Vec<i16>,
    pub(super) month_days: Vec<i8>,
    pub(super) weekdays: Vec<(Weekday, Option<i8>)>,
    pub(super) hours: Vec<i8>,
    pub(super) minutes: Vec<i8>,
    pub(super) positions: Vec<i16>,
    pub(super) week_start: Weekday,
}

impl Terms {
    pub(super) fn has_times(&self) -> bool {
        !(self.hours.is_empty() && self.minutes.is_empty())
    }

    /// Whole days have no times (RFC 5545 §3.3.10: they must be ignored where DTSTART is a date).
    pub(super) fn drop_times(&mut self) {
        self.hours.clear();
        self.minutes.clear();
    }
}

/// The last moment of a rule, as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// To the end of this day of the series' zone.
    Day(Day),
    /// A wall time of the series' zone.
    Local(LocalDateTime),
    /// What the clock shows in UTC.
    Utc(LocalDateTime),
}

impl Until {
    /// The last wall time on which a date may begin. Of whole days the date counts as it is written, in any zone.
    pub(super) fn last(self, zone: &Zone, all_day: bool) -> LocalDateTime {
        match self {
            Self::Day(day) => end_of(day),
            Self::Local(at) | Self::Utc(at) if all_day => end_of(at.day()),
            Self::Local(at) => at,
            Self::Utc(at) => zone.local(Zone::UTC.instant(at)),
        }
    }
}

fn end_of(day: Day) -> LocalDateTime {
    day.midnight().plus_seconds(86_399)
}

/// Reads a rule; see [`super::Rule::parse`].
pub(super) fn read(text: &str) -> Result<Terms> {
    if text.len() > LONGEST {
        return Err(refused());
    }
    let mut parts = Values::split(text)?;
    parts.refuse_what_we_do_not_do()?;
    let frequency = frequency(&parts.take("FREQ").ok_or_else(malformed)?)?;
    let terms = Terms {
        frequency,
        until: parts.take("UNTIL").map_or(Ok(None), |value| until(&value))?,
        count: parts.take("COUNT").map(|value| count(&value)).transpose()?,
        interval: parts.take("INTERVAL").map_or(Ok(1), |value| interval(&value))?,
        months: parts.numbers("BYMONTH", 1..=12)?,
        week_numbers: parts.numbers("BYWEEKNO", -53..=53)?,
        year_days: parts.numbers("BYYEARDAY", -366..=366)?,
        month_days: parts.numbers("BYMONTHDAY", -31..=31)?,
        weekdays: parts.weekdays(frequency)?,
        hours: parts.numbers("BYHOUR", 0..=23)?,
        minutes: parts.numbers("BYMINUTE", 0..=59)?,
        positions: parts.numbers("BYSETPOS", -366..=366)?,
        week_start: parts
            .take("WKST")
            .map_or(Ok(Weekday::Monday), |value| weekday(&value))?,
    };
    if !parts.0.is_empty() {
        return Err(malformed());
    }
    if terms.hours.len().max(1) * terms.minutes.len().max(1) > MOST_TIMES {
        return Err(refused());
    }
    Ok(terms)
}

/// The values of a rule by the names of its parts, in upper case.
struct Values(BTreeMap<String, String>);

impl Values {
    fn split(text: &str) -> Result<Self> {
        let mut values = BTreeMap::new();
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(malformed)?;
            let before = values.insert(name.trim().to_ascii_uppercase(), value.trim().to_ascii_uppercase());
            if before.is_some() {
                return Err(malformed());
            }
        }
        Ok(Self(values))
    }

    /// Seconds, and calendars other than ours (RFC 7529), unless they say what is so anyway.
    fn refuse_what_we_do_not_do(&mut self) -> Result<()> {
        let gregorian = self.take("RSCALE").is_none_or(|scale| scale == "GREGORIAN");
        let omit = self.take("SKIP").is_none_or(|skip| skip == "OMIT");
        if !gregorian || !omit || self.take("BYSECOND").is_some() {
            return Err(refused());
        }
        Ok(())
    }

    fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    fn list<T: Ord>(&mut self, name: &str, read: impl Fn(&str) -> Result<T>) -> Result<Vec<T>> {
        let Some(values) = self.take(name) else {
            return Ok(Vec::new());
        };
        if values.split(',').count() > MOST_VALUES {
            return Err(refused());
        }
        let mut list = values
            .split(',')
            .map(|value| read(value.trim()))
            .collect::<Result<Vec<T>>>()?;
        list.sort_unstable();
        list.dedup();
        Ok(list)
    }

    /// Numbers within a range; where it has negative ones, they count from the end, come last, and there is no 0.
    fn numbers<T>(&mut self, name: &str, range: RangeInclusive<T>) -> Result<Vec<T>>
    where
        T: FromStr + Ord + Copy + Default,
    {
        let zero = T::default();
        let counts_from_end = *range.start() < zero;
        let mut numbers = self.list(name, |value| {
            let number = value.parse().ok().filter(|number| range.contains(number));
            number
                .filter(|number| !counts_from_end || *number != zero)
                .ok_or_else(malformed)
        })?;
        numbers.sort_by_key(|number| *number < zero);
        Ok(numbers)
    }

    fn weekdays(&mut self, frequency: Frequency) -> Result<Vec<(Weekday, Option<i8>)>> {
        let has_positions = matches!(frequency, Frequency::Monthly | Frequency::Yearly);
        let mut weekdays = self.list("BYDAY", |value| {
            let at = value.len().checked_sub(2).ok_or_else(malformed)?;
            let (position, name) = value.split_at_checked(at).ok_or_else(malformed)?;
            let position = match position {
                "" => None,
                text => Some(position_of(text)?),
            };
            Ok((weekday(name)?, position.filter(|_| has_positions)))
        })?;
        weekdays.sort_by_key(|(_, position)| position.map(|position| (position < 0, position)));
        Ok(weekdays)
    }
}

fn position_of(value: &str) -> Result<i8> {
    let position = value.parse().ok().filter(|position| (-53..=53).contains(position));
    position.filter(|position| *position != 0).ok_or_else(malformed)
}

fn frequency(value: &str) -> Result<Frequency> {
    match value {
        "DAILY" => Ok(Frequency::Daily),
        "WEEKLY" => Ok(Frequency::Weekly),
        "MONTHLY" => Ok(Frequency::Monthly),
        "YEARLY" => Ok(Frequency::Yearly),
        "HOURLY" | "MINUTELY" | "SECONDLY" => Err(refused()),
        _ => Err(malformed()),
    }
}

fn weekday(value: &str) -> Result<Weekday> {
    let found = Weekday::ALL.iter().find(|day| weekday_name(**day) == value);
    found.copied().ok_or_else(malformed)
}

fn interval(value: &str) -> Result<u16> {
    let interval: u64 = value.parse().ok().ok_or_else(malformed)?;
    let accepted = u16::try_from(interval)
        .ok()
        .filter(|interval| (1..=999).contains(interval));
    accepted.ok_or_else(refused)
}

fn count(value: &str) -> Result<u32> {
    value.parse().ok().filter(|count| *count > 0).ok_or_else(malformed)
}

/// `None` for the year 9999, how some programs write "never".
fn until(value: &str) -> Result<Option<Until>> {
    if let Some(rest) = value.strip_prefix("9999") {
        return until(&format!("9998{rest}")).map(|_| None);
    }
    let (value, is_utc) = value.strip_suffix('Z').map_or((value, false), |rest| (rest, true));
    if let Some(day) = Day::from_compact(value) {
        // A date with a Z is seen, and is a date.
        return Ok(Some(Until::Day(day)));
    }
    let at = LocalDateTime::from_compact(value).ok_or_else(malformed)?;
    Ok(Some(if is_utc { Until::Utc(at) } else { Until::Local(at) }))
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FREQ={}", frequency_name(self.frequency))?;
        if let Some(until) = self.until {
            write!(f, ";UNTIL={until}")?;
        }
        if let Some(count) = self.count {
            write!(f, ";COUNT={count}")?;
        }
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        list(f, "BYMONTH", &self.months)?;
        list(f, "BYWEEKNO", &self.week_numbers)?;
        list(f, "BYYEARDAY", &self.year_days)?;
        list(f, "BYMONTHDAY", &self.month_days)?;
        let weekdays = self.weekdays.iter().map(|(day, position)| {
            let position = position.map(|position| position.to_string()).unwrap_or_default();
            position + weekday_name(*day)
        });
        list(f, "BYDAY", &weekdays.collect::<Vec<_>>())?;
        list(f, "BYHOUR", &self.hours)?;
        list(f, "BYMINUTE", &self.minutes)?;
        list(f, "BYSETPOS", &self.positions)?;
        if self.week_start != Weekday::Monday {
            write!(f, ";WKST={}", weekday_name(self.week_start))?;
        }
        Ok(())
    }
}

fn list(f: &mut fmt::Formatter<'_>, name: &str, values: &[impl fmt::Display]) -> fmt::Result {
    for (at, value) in values.iter().enumerate() {
        if at == 0 {
            write!(f, ";{name}={value}")?;
        } else {
            write!(f, ",{value}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => f.write_str(&day.compact()),
            Self::Local(at) => f.write_str(&at.compact()),
            Self::Utc(at) => write!(f, "{}Z", at.compact()),
        }
    }
}

fn frequency_name(frequency: Frequency) -> &'static str {
    match frequency {
        Frequency::Daily => "DAILY",
        Frequency::Weekly => "WEEKLY",
        Frequency::Monthly => "MONTHLY",
        Frequency::Yearly => "YEARLY",
    }
}

fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
        Weekday::Sunday => "SU",
    }
}
