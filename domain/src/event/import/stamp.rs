//! Dates and times as a calendar writes them, before any zone is applied.

use crate::time::{Day, Instant, LocalDateTime, Zone};
use calcard::{
    common::PartialDateTime,
    icalendar::{ICalendarPeriod, ICalendarValue},
};

/// A date or time of the file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stamp<'a> {
    /// A whole day.
    Day(Day),
    /// A reading of the clock, wherever the reader is.
    Floating(LocalDateTime),
    /// A reading of the clock in the zone of this TZID.
    Zoned(LocalDateTime, &'a str),
    /// A moment; written as this in UTC (or, rarely, with an offset).
    At(Instant, LocalDateTime),
}

impl<'a> Stamp<'a> {
    /// Reads a value; `None` for a date that does not exist, and for what is no date.
    pub(super) fn of(value: &ICalendarValue, tzid: Option<&'a str>) -> Option<Self> {
        match value {
            ICalendarValue::PartialDateTime(partial) => Self::from_partial(partial, tzid),
            ICalendarValue::Period(ICalendarPeriod::Range { start, .. } | ICalendarPeriod::Duration { start, .. }) => {
                Self::from_partial(start, tzid)
            }
            ICalendarValue::Text(text) => {
                let mut partial = PartialDateTime::default();
                let read = partial.parse_timestamp(&mut text.trim().as_bytes().iter().peekable(), false);
                read.then(|| Self::from_partial(&partial, tzid)).flatten()
            }
            _ => None,
        }
    }

    fn from_partial(partial: &PartialDateTime, tzid: Option<&'a str>) -> Option<Self> {
        let small = |part: Option<u8>| i8::try_from(part?).ok();
        let day = Day::new(
            i16::try_from(partial.year?).ok()?,
            small(partial.month)?,
            small(partial.day)?,
        )?;
        let Some(hour) = partial.hour else {
            return Some(Self::Day(day));
        };
        let (minute, second) = (small(partial.minute)?, small(partial.second)?);
        let local = if (hour, minute, second) == (24, 0, 0) {
            day.plus_days(1).midnight() // ISO 8601 allows it, RFC 5545 does not, and it is seen
        } else {
            LocalDateTime::new(day, i8::try_from(hour).ok()?, minute, second.min(59))?
        };
        Some(match (partial.tz_hour, tzid.map(str::trim)) {
            (Some(hours), _) => {
                let offset = i64::from(hours) * 3_600 + i64::from(partial.tz_minute.unwrap_or(0)) * 60;
                let east = if partial.tz_minus { -offset } else { offset };
                Self::At(Zone::UTC.instant(local).plus_seconds(-east), local)
            }
            (None, Some(tzid)) if !tzid.is_empty() => Self::Zoned(local, tzid),
            (None, _) => Self::Floating(local),
        })
    }

    /// The reading of the clock as it is written, whatever its zone.
    pub(super) fn written(self) -> LocalDateTime {
        match self {
            Self::Day(day) => day.midnight(),
            Self::Floating(local) | Self::Zoned(local, _) | Self::At(_, local) => local,
        }
    }

    /// A text that is the same for the same stamp, at each reading.
    pub(super) fn code(self) -> String {
        let written = self.written().compact();
        match self {
            Self::Day(_) => written.split('T').next().unwrap_or_default().to_owned(),
            Self::Floating(_) => written,
            Self::Zoned(_, tzid) => format!("{written};{tzid}"),
            Self::At(instant, _) => instant.rfc3339(),
        }
    }

    /// Whether it is a whole day.
    pub(super) fn is_day(self) -> bool {
        matches!(self, Self::Day(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'a>(text: &str, tzid: Option<&'a str>) -> Option<Stamp<'a>> {
        Stamp::of(&ICalendarValue::Text(text.to_owned()), tzid)
    }

    fn local(text: &str) -> LocalDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn dates_are_days_times_or_moments() {
        assert_eq!(read("20131210", None), Some(Stamp::Day("2013-12-10".parse().unwrap())));
        assert_eq!(read("20131210Z", None), Some(Stamp::Day("2013-12-10".parse().unwrap())));
        let at = local("2026-12-05T18:00");
        assert_eq!(read("20261205T180000", None), Some(Stamp::Floating(at)));
        assert_eq!(read("20261205T180000T", Some(" ")), Some(Stamp::Floating(at)));
        assert_eq!(read("20261205T180000", Some("a")), Some(Stamp::Zoned(at, "a")));
        assert_eq!(
            read("20261205T180000Z", Some("a")),
            Some(Stamp::At(Zone::UTC.instant(at), at))
        );
        assert_eq!(
            read("20261205T180000+0130", None),
            Some(Stamp::At(Zone::UTC.instant(local("2026-12-05T16:30")), at))
        );
    }

    #[test]
    fn midnight_at_the_end_of_a_day_and_leap_seconds_are_read() {
        assert_eq!(
            read("20261231T240000", None),
            Some(Stamp::Floating(local("2027-01-01T00:00")))
        );
        assert_eq!(
            read("20161231T235960", None),
            Some(Stamp::Floating(local("2016-12-31T23:59:59")))
        );
    }

    #[test]
    fn impossible_dates_are_none() {
        for wrong in [
            "",
            "soon",
            "20260230",
            "20261301",
            "00000101",
            "2026-01-01",
            "20260101T250000",
            "99999999T999999",
        ] {
            assert_eq!(read(wrong, None), None, "{wrong}");
        }
    }
}
