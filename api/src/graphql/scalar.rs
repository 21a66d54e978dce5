//! Values with a meaning: moments, wall times, days, points, identifiers.

use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use domain::{
    place::Point as PlacePoint,
    time::{Day, Instant, LocalDateTime as WallTime, Zone},
};
use uuid::Uuid as Identifier;

/// The text of a value, which must be one.
fn text<T: InputType>(value: Value) -> Result<String, InputValueError<T>> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(InputValueError::expected_type(other)),
    }
}

/// A moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DateTime(pub(super) Instant);

/// A moment: RFC 3339. Answers are in UTC, `2026-12-05T17:00:00Z`; arguments may have any offset.
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value)?;
        let at = chrono::DateTime::parse_from_rfc3339(&text)
            .map_err(|_malformed| InputValueError::custom("a moment is written like 2026-12-05T17:00:00Z"))?;
        Ok(Self(Instant::from_utc(at.to_utc())))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.rfc3339())
    }
}

/// A reading of the clock on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LocalDateTime(pub(super) WallTime);

/// What the clock on the wall shows, without a zone: `2026-12-05T18:00:00`.
#[Scalar(name = "LocalDateTime")]
impl ScalarType for LocalDateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = text(value)?.parse();
        read.map(Self)
            .map_err(|_malformed| InputValueError::custom("a wall time is written like 2026-12-05T18:00:00"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date(pub(super) Day);

/// A day of the calendar: `2026-12-05`.
#[Scalar(name = "Date")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = text(value)?.parse();
        read.map(Self)
            .map_err(|_malformed| InputValueError::custom("a day is written like 2026-12-05"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Uuid(pub(super) Identifier);

/// An identifier that no other thing in the world has: `0193ac5e-7c00-7000-8000-000000000001` (RFC 9562).
#[Scalar(name = "UUID", specified_by_url = "https://www.rfc-editor.org/rfc/rfc9562")]
impl ScalarType for Uuid {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = Identifier::try_parse(&text(value)?);
        read.map(Self)
            .map_err(|_malformed| InputValueError::custom("this is no UUID"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A point on the earth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point(pub(super) PlacePoint);

/// A point on the earth, degrees of WGS 84, east first: `"4.86;50.46"`.
#[Scalar(name = "Point")]
impl ScalarType for Point {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value)?;
        let read = || {
            let (lon, lat) = text.split_once(';')?;
            PlacePoint::new(lat.trim().parse().ok()?, lon.trim().parse().ok()?)
        };
        read()
            .map(Self)
            .ok_or_else(|| InputValueError::custom("a point is written like 4.86;50.46, east first"))
    }

    fn to_value(&self) -> Value {
        Value::String(format!("{};{}", self.0.lon(), self.0.lat()))
    }
}

/// A time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Timezone(pub(super) Zone);

/// A time zone by its IANA name: `Europe/Brussels`.
#[Scalar(name = "Timezone")]
impl ScalarType for Timezone {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = Zone::named(&text(value)?);
        read.map(Self).map_err(|_malformed| {
            InputValueError::custom("this is no time zone that we know; write one like Europe/Brussels")
        })
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.name().to_owned())
    }
}

/// The name of a zone; `None` for a fixed offset, which has none.
pub(super) fn zone_name(zone: &Zone) -> Option<&str> {
    let name = zone.name();
    (!name.starts_with(['+', '-'])).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again<T: ScalarType>(text: &str) -> Option<String> {
        let read = T::parse(Value::String(text.to_owned())).ok()?;
        match read.to_value() {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    #[test]
    fn values_are_written_in_one_way() {
        assert_eq!(
            again::<DateTime>("2026-12-05T18:00:00+01:00").unwrap(),
            "2026-12-05T17:00:00Z"
        );
        assert_eq!(
            again::<DateTime>("2026-12-05T17:00:00.25Z").unwrap(),
            "2026-12-05T17:00:00Z"
        );
        assert_eq!(
            again::<LocalDateTime>("2026-12-05T18:00").unwrap(),
            "2026-12-05T18:00:00"
        );
        assert_eq!(again::<Date>("2026-12-05").unwrap(), "2026-12-05");
        assert_eq!(again::<Point>("4.86; 50.46").unwrap(), "4.86;50.46");
        assert_eq!(again::<Timezone>("europe/brussels").unwrap(), "Europe/Brussels");
    }

    #[test]
    fn what_is_no_such_value_is_refused() {
        assert!(again::<DateTime>("2026-12-05").is_none());
        assert!(again::<LocalDateTime>("2026-12-05T17:00:00Z").is_none());
        assert!(again::<Date>("5/12/2026").is_none());
        assert!(again::<Uuid>("1").is_none());
        for wrong in ["", "1", "1;91", "181;1", "NaN;1", "1;inf", "a;b"] {
            assert!(again::<Point>(wrong).is_none(), "{wrong}");
        }
        assert!(again::<Timezone>("'; DROP TABLE event; --").is_none());
    }
}
