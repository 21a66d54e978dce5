//! What a calendar says of a date, compared with the row that is there.

use super::align::Row;
use crate::{
    caller::Caller,
    db::Tx,
    error::Result,
    event::{Content, Event, EventPatch, Schedule, rules, store as events, write},
    id::{EventId, PlaceId},
    place::{self, Place},
    tag,
    text::{PlainText, RichText, Slug},
};
use std::collections::HashMap;

/// What is said of a date, with what it is compared by: a place and a tag are written in many ways.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) content: Content,
    pub(super) place: Option<Place>,
    tags: Vec<Slug>,
}

impl Told {
    /// Looks up, or makes, the place that is said.
    ///
    /// # Errors
    /// `Invalid` for texts that break rules.
    pub(super) fn new(tx: &mut Tx<'_>, content: Content) -> Result<Self> {
        let content = rules::checked(content)?;
        let place = content.place.as_ref();
        let place = place.map(|place| place::find_or_create(tx, place)).transpose()?;
        Ok(Self::at(content, place))
    }

    /// Most dates that are told apart are at the place of their series: that is not looked up again.
    ///
    /// # Errors
    /// As [`Told::new`].
    pub(super) fn beside(&self, tx: &mut Tx<'_>, content: Content) -> Result<Self> {
        if content.place == self.content.place {
            Ok(Self::at(rules::checked(content)?, self.place.clone()))
        } else {
            Self::new(tx, content)
        }
    }

    fn at(content: Content, place: Option<Place>) -> Self {
        let tags = slugs(&content.tags);
        Self { content, place, tags }
    }

    fn place_id(&self) -> Option<PlaceId> {
        self.place.as_ref().map(|place| place.id)
    }

    /// The patch that turns a row into what is said.
    fn difference(&self, row: &Event, schedule: &Schedule, kept: &Kept) -> EventPatch {
        let said = &self.content;
        let address = said.online_address.as_ref().map(url::Url::as_str);
        EventPatch {
            title: other(&row.title, &said.title),
            description: other(&kept.description, &said.description),
            schedule: other(&row.schedule(), schedule),
            state: other(&row.state, &said.state),
            status: other(&row.status, &said.status),
            visibility: other(&row.visibility, &said.visibility),
            category: other(&row.category, &said.category),
            language: other(&row.language, &said.language),
            attendance: other(&row.attendance, &said.attendance),
            online_address: (row.online_address.as_deref() != address).then(|| said.online_address.clone()),
            place: (row.place_id != self.place_id()).then(|| said.place.clone()),
            tags: (kept.tags != self.tags).then(|| said.tags.clone()),
            picture: other(&row.picture_id, &said.picture),
            details: other(&row.details, &said.details),
            version: None,
        }
    }
}

fn other<T: Clone + PartialEq>(is: &T, said: &T) -> Option<T> {
    (is != said).then(|| said.clone())
}

/// As [`tag::find_or_create`] tells titles apart.
fn slugs(titles: &[PlainText]) -> Vec<Slug> {
    let mut slugs = Vec::with_capacity(titles.len());
    for slug in titles.iter().filter_map(|title| Slug::of(title.as_str())) {
        if !slugs.contains(&slug) {
            slugs.push(slug);
        }
    }
    slugs
}

/// What is kept beside a row.
#[derive(Debug, Default)]
pub(super) struct Kept {
    description: RichText,
    tags: Vec<Slug>,
}

/// Reads what is kept beside these rows, all at once.
///
/// # Errors
/// Those of the database.
pub(super) fn kept(tx: &mut Tx<'_>, rows: &[EventId]) -> Result<HashMap<EventId, Kept>> {
    let mut all: HashMap<EventId, Kept> = rows.iter().map(|id| (*id, Kept::default())).collect();
    for (id, description) in events::texts(tx, rows)? {
        all.entry(id).or_default().description = description;
    }
    for (id, tags) in tag::of_events(tx, rows)? {
        all.entry(id).or_default().tags = tags.into_iter().map(|tag| tag.slug).collect();
    }
    Ok(all)
}

/// Brings a row to what is said; writes nothing where it is so already, unless `must` says that it has to be saved
/// anyway. Answers whether it was written.
///
/// # Errors
/// `Invalid` for dates that break rules.
pub(super) fn say(
    tx: &mut Tx<'_>,
    caller: &Caller,
    row: Row,
    must: bool,
    (schedule, told): (&Schedule, &Told),
    kept: &Kept,
) -> Result<bool> {
    let patch = told.difference(&row, schedule, kept);
    let is_other = must || patch != EventPatch::default();
    if is_other {
        write::apply(tx, caller, row, patch, false)?;
    }
    Ok(is_other)
}
