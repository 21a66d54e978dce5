//! What a feed contains: calendars and news of the whole site, a profile, a tag, a place, a search; one event, a series.
//!
//! A feed shows what [`crate::event::policy`] lets everybody see in lists. Events keep their identifiers in it for ever,
//! and one that does not take place stays for a while, marked, so that subscribers hear of it. Nothing here depends on
//! the moment but which events lie in the window: the same data give the same feed.

mod selection;
mod series;

pub use selection::{CANCELLED_DAYS, DAYS_AHEAD, DAYS_BACK, MOST_EVENTS, MOST_TEXT, event, select};
pub use series::{SeriesFeed, series};

use crate::{
    event::{Category, Circle, Entry},
    id::PlaceId,
    place::Place,
    profile::Profile,
    tag::Tag,
    text::{Handle, Language, Slug},
    time::Instant,
};

/// What a feed is of.
#[derive(Debug, Clone, PartialEq)]
pub enum Of {
    /// Everything in public lists.
    Site,
    /// The events of a person or group.
    Profile(Handle),
    /// The events with a tag.
    Tag(Slug),
    /// The events at a place.
    Place(PlaceId),
    /// What a search finds.
    Search(Box<Search>),
}

/// A search, as it stands in the address of a feed. It has no days: they pass.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Search {
    /// The words, as they were typed.
    pub text: String,
    /// With any of these tags.
    pub tags: Vec<Slug>,
    /// Near a place.
    pub near: Option<Near>,
    /// Any of these.
    pub categories: Vec<Category>,
    /// Only what one can take part in on the web.
    pub online: bool,
    /// In this language, or in none that is known.
    pub language: Option<Language>,
}

/// A circle around a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Near {
    /// The place, as it was typed.
    pub typed: String,
    /// The circle around what was meant by it.
    pub circle: Circle,
}

/// A feed, in any format.
#[derive(Debug, Clone, PartialEq)]
pub struct Feed {
    /// What it is of, for its title.
    pub subject: Subject,
    /// Its events, by begin.
    pub entries: Vec<Entry>,
}

/// What a feed turned out to be of.
#[derive(Debug, Clone, PartialEq)]
pub enum Subject {
    /// The whole site.
    Site,
    /// A person or group.
    Profile(Box<Profile>),
    /// A tag.
    Tag(Tag),
    /// A place.
    Place(Box<Place>),
    /// A search.
    Search(Box<Search>),
    /// One event.
    Event,
}

impl Feed {
    /// When the last of its events was changed; `None` where it has none.
    pub fn changed_at(&self) -> Option<Instant> {
        self.entries.iter().map(|entry| entry.event.updated_at).max()
    }

    /// Whether everybody is to find it: its events may stand in public lists.
    pub fn is_public(&self) -> bool {
        self.entries.iter().all(Entry::is_public)
    }
}

#[cfg(test)]
mod tests;
