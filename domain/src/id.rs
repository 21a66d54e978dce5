//! Identifiers: `UUIDv7`, a type for each thing, so that none is taken for another.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = crate::db::column::DbUuid)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }

        crate::db::column::uuid_column!($name);
    )+};
}

id! {
    /// An event; also an occurrence of a series.
    EventId,
    /// A series of events.
    SeriesId,
    /// A public actor: person, group or application, of here or elsewhere.
    ProfileId,
    /// Where events happen.
    PlaceId,
    /// A word that events are found by.
    TagId,
    /// A picture.
    MediaId,
    /// A calendar that events were brought from.
    CalendarSourceId,
    /// A line of history.
    ChangeId,
    /// A piece of work.
    JobId,
}
