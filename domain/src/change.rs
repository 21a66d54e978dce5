//! Everything that can happen, written in the transaction in which it happens.
//!
//! A [`Change`] is a line of history, the jobs that must follow from it, and the tags of the kept pages that it makes
//! stale. `Tx::emit` writes all three or none.

use crate::{
    db::{Tx, column::text_enum, schema::change},
    error::{Error, Result},
    id::{CalendarSourceId, ChangeId, EventId, MediaId, PlaceId, ProfileId, SeriesId, TagId},
    job,
    media::job::FetchPicture,
    search::job::IndexEvent,
    time::Instant,
};
use diesel::prelude::*;
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// What a kept page or feed was made of. A commit drops the pages with the tags of what it changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CacheTag {
    /// One event.
    Event(EventId),
    /// One series.
    Series(SeriesId),
    /// One profile and the list of its events.
    Profile(ProfileId),
    /// One place and the list of its events.
    Place(PlaceId),
    /// One tag and the list of its events.
    Tag(TagId),
    /// A list that anything of its kind may enter or leave.
    List(ListKind),
    /// The settings of the site.
    Settings,
}

/// The kinds of lists that pages show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ListKind {
    /// Events by date, near, by category.
    Events,
    /// Results of a search by words: follows the index, up to a second later.
    Search,
    /// Profiles, places and tags by name.
    Names,
}

impl fmt::Display for CacheTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(id) => write!(f, "event:{id}"),
            Self::Series(id) => write!(f, "series:{id}"),
            Self::Profile(id) => write!(f, "profile:{id}"),
            Self::Place(id) => write!(f, "place:{id}"),
            Self::Tag(id) => write!(f, "tag:{id}"),
            Self::List(ListKind::Events) => f.write_str("list:events"),
            Self::List(ListKind::Search) => f.write_str("list:search"),
            Self::List(ListKind::Names) => f.write_str("list:names"),
            Self::Settings => f.write_str("settings"),
        }
    }
}

/// Text that is no tag.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no cache tag")]
pub struct NoTag;

impl FromStr for CacheTag {
    type Err = NoTag;
    fn from_str(text: &str) -> std::result::Result<Self, NoTag> {
        if text == "settings" {
            return Ok(Self::Settings);
        }
        let (kind, rest) = text.split_once(':').ok_or(NoTag)?;
        let id = || rest.parse::<Uuid>().ok().ok_or(NoTag);
        Ok(match (kind, rest) {
            ("list", "events") => Self::List(ListKind::Events),
            ("list", "search") => Self::List(ListKind::Search),
            ("list", "names") => Self::List(ListKind::Names),
            ("event", _) => Self::Event(EventId(id()?)),
            ("series", _) => Self::Series(SeriesId(id()?)),
            ("profile", _) => Self::Profile(ProfileId(id()?)),
            ("place", _) => Self::Place(PlaceId(id()?)),
            ("tag", _) => Self::Tag(TagId(id()?)),
            _ => return Err(NoTag),
        })
    }
}

/// What a change of an event touches: the event and every list that shows it, before and after.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// Its series.
    pub series: Option<SeriesId>,
    /// Who organizes it.
    pub profiles: Vec<ProfileId>,
    /// Where it happens, and where it was to happen.
    pub places: Vec<PlaceId>,
    /// Its tags, and those that it had.
    pub tags: Vec<TagId>,
}

/// Everything that can happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An event came into being.
    EventCreated(EventId, Touched),
    /// An event was changed.
    EventUpdated(EventId, Touched),
    /// An event was deleted: its address answers "gone".
    EventRemoved(EventId, Touched),
    /// A series came into being.
    SeriesCreated(SeriesId, Vec<ProfileId>),
    /// A series was changed, split or extended.
    SeriesUpdated(SeriesId, Vec<ProfileId>),
    /// A profile came into being.
    ProfileCreated(ProfileId),
    /// A profile was changed.
    ProfileUpdated(ProfileId),
    /// A picture is wanted from another server.
    PictureWanted(MediaId),
    /// A picture can be shown now; these show it.
    PictureReady(MediaId, Vec<CacheTag>),
    /// A calendar was read.
    CalendarRead(CalendarSourceId, ProfileId),
    /// A calendar is read no more.
    CalendarEnded(CalendarSourceId, ProfileId),
    /// The settings of the site were changed.
    SettingsChanged,
}

text_enum! {
    /// What happened, as the history keeps it.
    pub enum ChangeKind {
        /// [`Change::EventCreated`]
        EventCreated = "event.created",
        /// [`Change::EventUpdated`]
        EventUpdated = "event.updated",
        /// [`Change::EventRemoved`]
        EventRemoved = "event.removed",
        /// [`Change::SeriesCreated`]
        SeriesCreated = "series.created",
        /// [`Change::SeriesUpdated`]
        SeriesUpdated = "series.updated",
        /// [`Change::ProfileCreated`]
        ProfileCreated = "profile.created",
        /// [`Change::ProfileUpdated`]
        ProfileUpdated = "profile.updated",
        /// [`Change::PictureWanted`]
        PictureWanted = "picture.wanted",
        /// [`Change::PictureReady`]
        PictureReady = "picture.ready",
        /// [`Change::CalendarRead`]
        CalendarRead = "calendar.read",
        /// [`Change::CalendarEnded`]
        CalendarEnded = "calendar.ended",
        /// [`Change::SettingsChanged`]
        SettingsChanged = "settings.changed",
    }
}

impl Change {
    /// The kind and what it is about.
    fn line(&self) -> (ChangeKind, Uuid) {
        match self {
            Self::EventCreated(id, _) => (ChangeKind::EventCreated, id.0),
            Self::EventUpdated(id, _) => (ChangeKind::EventUpdated, id.0),
            Self::EventRemoved(id, _) => (ChangeKind::EventRemoved, id.0),
            Self::SeriesCreated(id, _) => (ChangeKind::SeriesCreated, id.0),
            Self::SeriesUpdated(id, _) => (ChangeKind::SeriesUpdated, id.0),
            Self::ProfileCreated(id) => (ChangeKind::ProfileCreated, id.0),
            Self::ProfileUpdated(id) => (ChangeKind::ProfileUpdated, id.0),
            Self::PictureWanted(id) => (ChangeKind::PictureWanted, id.0),
            Self::PictureReady(id, _) => (ChangeKind::PictureReady, id.0),
            Self::CalendarRead(id, _) => (ChangeKind::CalendarRead, id.0),
            Self::CalendarEnded(id, _) => (ChangeKind::CalendarEnded, id.0),
            Self::SettingsChanged => (ChangeKind::SettingsChanged, Uuid::nil()),
        }
    }

    /// The kept pages that this makes stale.
    pub fn tags(&self) -> Vec<CacheTag> {
        match self {
            Self::EventCreated(id, touched) | Self::EventUpdated(id, touched) | Self::EventRemoved(id, touched) => {
                let mut tags = vec![CacheTag::Event(*id), CacheTag::List(ListKind::Events)];
                tags.extend(touched.series.map(CacheTag::Series));
                tags.extend(touched.profiles.iter().copied().map(CacheTag::Profile));
                tags.extend(touched.places.iter().copied().map(CacheTag::Place));
                tags.extend(touched.tags.iter().copied().map(CacheTag::Tag));
                tags
            }
            Self::SeriesCreated(id, profiles) | Self::SeriesUpdated(id, profiles) => {
                let mut tags = vec![CacheTag::Series(*id)];
                tags.extend(profiles.iter().copied().map(CacheTag::Profile));
                tags
            }
            Self::ProfileCreated(id) | Self::ProfileUpdated(id) => {
                vec![CacheTag::Profile(*id), CacheTag::List(ListKind::Names)]
            }
            Self::PictureWanted(_) => Vec::new(),
            Self::PictureReady(_, shown_by) => shown_by.clone(),
            Self::CalendarRead(_, profile) | Self::CalendarEnded(_, profile) => vec![CacheTag::Profile(*profile)],
            Self::SettingsChanged => vec![CacheTag::Settings],
        }
    }

    /// The jobs that must follow.
    fn enqueue(&self, tx: &mut Tx<'_>) -> Result<()> {
        match self {
            Self::EventCreated(id, _) | Self::EventUpdated(id, _) | Self::EventRemoved(id, _) => {
                job::enqueue(tx, &IndexEvent { event: *id })
            }
            Self::PictureWanted(id) => job::enqueue(tx, &FetchPicture { media: *id }),
            Self::SeriesCreated(..)
            | Self::SeriesUpdated(..)
            | Self::ProfileCreated(_)
            | Self::ProfileUpdated(_)
            | Self::PictureReady(..)
            | Self::CalendarRead(..)
            | Self::CalendarEnded(..)
            | Self::SettingsChanged => Ok(()),
        }
    }
}

#[derive(Insertable)]
#[diesel(table_name = change, treat_none_as_default_value = false)]
struct Line {
    id: ChangeId,
    kind: ChangeKind,
    subject: ChangeId,
    profile_id: Option<ProfileId>,
    at: Instant,
}

impl Tx<'_> {
    /// Writes a change: its line, its jobs, and what it makes stale.
    ///
    /// # Errors
    /// Those of the database.
    pub fn emit(&mut self, caller: &crate::caller::Caller, change: &Change) -> Result<()> {
        let (kind, subject) = change.line();
        let line = Line {
            id: ChangeId(self.new_uuid()),
            kind,
            subject: ChangeId(subject),
            profile_id: caller.profile(),
            at: self.now(),
        };
        diesel::insert_into(change::table)
            .values(&line)
            .execute(self.conn)
            .map_err(Error::from)?;
        self.dropped(change.tags());
        change.enqueue(self)
    }
}

/// When something was changed last; `None`: never.
///
/// # Errors
/// Those of the database.
pub fn latest(tx: &mut Tx<'_>) -> Result<Option<Instant>> {
    Ok(change::table
        .order(change::id.desc()) // sorts by time
        .select(change::at)
        .first(tx.conn)
        .optional()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_survive_the_way_between_nodes() {
        let id = Uuid::from_u128(7);
        let tags = [
            CacheTag::Event(EventId(id)),
            CacheTag::Series(SeriesId(id)),
            CacheTag::Profile(ProfileId(id)),
            CacheTag::Place(PlaceId(id)),
            CacheTag::Tag(TagId(id)),
            CacheTag::List(ListKind::Events),
            CacheTag::List(ListKind::Search),
            CacheTag::List(ListKind::Names),
            CacheTag::Settings,
        ];
        for tag in tags {
            assert_eq!(tag.to_string().parse(), Ok(tag));
        }
        assert_eq!("event:1".parse::<CacheTag>(), Err(NoTag));
    }
}
