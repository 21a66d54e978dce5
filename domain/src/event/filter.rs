//! Which events a list is of.

use super::model::{Attendance, Category, Listing, Status};
use crate::{
    id::{EventId, PlaceId, ProfileId, SeriesId, TagId},
    place::Point,
    text::Language,
    time::Instant,
};

/// The widest circle of a search, in kilometres.
pub const MOST_KILOMETRES: f64 = 500.0;

/// A circle on the earth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circle {
    /// Its centre.
    pub center: Point,
    /// Its radius.
    pub kilometres: f64,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Next first.
    #[default]
    BeginsFirst,
    /// Latest first.
    BeginsLast,
    /// Oldest announcement first.
    CreatedFirst,
    /// Newest announcement first.
    CreatedLast,
    /// Longest unchanged first.
    UpdatedFirst,
    /// Changed last, first.
    UpdatedLast,
}

/// Which events. The empty filter is every event in public lists, past and coming.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventFilter {
    /// Only events that are not over at this moment (or later).
    pub from: Option<Instant>,
    /// Only events that begin before this moment.
    pub until: Option<Instant>,
    /// Only events that are over at this moment.
    pub over: Option<Instant>,
    /// Only short events (days) or only long ones (exhibitions).
    pub length: Option<Listing>,
    /// Only events within this circle. Online events lie nowhere.
    pub near: Option<Circle>,
    /// Any of these.
    pub categories: Vec<Category>,
    /// Any of these.
    pub statuses: Vec<Status>,
    /// Any of these, or of no known language.
    pub languages: Vec<Language>,
    /// Events that one can go to (in person and hybrid), or those on the web (online and hybrid).
    pub attendance: Option<Attendance>,
    /// With any of these tags; `Some` of nothing matches nothing.
    pub tags: Option<Vec<TagId>>,
    /// Organized by this person or group.
    pub profile: Option<ProfileId>,
    /// At this place.
    pub place: Option<PlaceId>,
    /// Dates of this series.
    pub series: Option<SeriesId>,
    /// Without this one.
    pub except: Option<EventId>,
    /// A series shows once, as the first of its dates that matches.
    pub collapse_series: bool,
    /// In which order.
    pub order: Order,
}

impl EventFilter {
    /// Events that are not over at `now`.
    pub fn coming(now: Instant) -> Self {
        Self {
            from: Some(now),
            ..Self::default()
        }
    }
}
