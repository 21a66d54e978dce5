//! What a calendar source is.

use crate::{
    db::schema::calendar_source,
    id::{CalendarSourceId, ProfileId},
    text::PlainText,
    time::{Instant, Zone},
};
use diesel::prelude::*;
use url::Url;

/// A calendar that events were brought from.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = calendar_source, treat_none_as_default_value = false)]
pub struct CalendarSource {
    /// Identifier.
    pub id: CalendarSourceId,
    /// The profile that its events are announced by.
    pub profile_id: ProfileId,
    /// Its address; empty: files, whatever their name.
    pub url: String,
    /// Its name, as it says itself.
    pub name: PlainText,
    /// The zone of times that name none.
    pub zone: Zone,
    /// `ETag` of what was read last.
    pub etag: Option<String>,
    /// `Last-Modified` of what was read last.
    pub last_modified: Option<String>,
    /// When it was read last.
    pub read_at: Option<Instant>,
    /// How often in a row it could not be read.
    pub failures: i32,
    /// Why it could not be read the last time.
    pub failure: Option<String>,
    /// Whether it is read again and again.
    pub subscribed: bool,
    /// When it came into being.
    pub created_at: Instant,
}

/// A calendar source that is to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSource {
    /// The profile that its events are announced by.
    pub profile: ProfileId,
    /// Its address; `None`: files.
    pub url: Option<Url>,
    /// Its name.
    pub name: PlainText,
    /// The zone of times that name none.
    pub zone: Zone,
    /// Whether it is read again and again from now on; false changes nothing where it already is.
    pub subscribed: bool,
}

impl NewSource {
    /// The address as it is stored.
    pub(super) fn address(&self) -> String {
        self.url.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}
