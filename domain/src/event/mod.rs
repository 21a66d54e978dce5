//! Events: the heart. Use cases; each is one function on one transaction.
//!
//! [`list`] and [`visible`] answer only what the caller may see. An occurrence of a series is an event like any other;
//! only [`series`] and the collapsing of lists look at `series_id`.

mod entry;
pub mod filter;
pub mod import;
mod list;
mod model;
pub mod moments;
pub mod policy;
mod rules;
pub mod series;
mod store;
mod write;

pub use entry::{Entry, entries};
pub use filter::{Circle, EventFilter, Order};
pub use model::{
    Attendance, Category, Content, Detached, Details, Event, Listing, MOST_TAGS, MOST_TITLE, Metadata, NewEvent, Part,
    Schedule, State, Status, Visibility, web_address,
};

use crate::{
    caller::Caller,
    change::{CacheTag, Change, ListKind},
    db::{Tx, dialect::Condition, schema},
    error::{Error, Result},
    id::{EventId, PlaceId, SeriesId},
    page::PageRequest,
    place,
    text::RichText,
    time::Instant,
};
use std::collections::{HashMap, HashSet};

/// Announces an event.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; `Invalid` for dates and texts that break rules.
pub fn create(tx: &mut Tx<'_>, caller: &Caller, new: NewEvent) -> Result<Event> {
    let new = policy::create(caller, new)?.into_inner();
    let new = NewEvent {
        schedule: new.schedule.checked()?,
        content: rules::checked(new.content)?,
        ..new
    };
    let event = write::compose(tx, &new, None)?;
    let standing = policy::standing(caller, &event);
    let event = policy::edit(caller, event, standing)?;
    write::announce(tx, caller, event, &new.content)
}

/// Changes an event; `patch` names what it changes. Time, place and status raise SEQUENCE.
///
/// # Errors
/// `NotFound`, `Gone`, `Forbidden`; `Invalid`; `Conflict(StaleVersion)`.
pub fn update(tx: &mut Tx<'_>, caller: &Caller, id: EventId, patch: EventPatch) -> Result<Event> {
    let event = editable(tx, caller, id)?;
    write::apply(tx, caller, event, patch, true)
}

/// Brings an event to what the calendar that it comes from says of it; writes nothing where it is so already.
///
/// # Errors
/// As [`update`].
pub(crate) fn mirror(
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: EventId,
    schedule: &Schedule,
    content: Content,
) -> Result<()> {
    let event = editable(tx, caller, id)?;
    series::say(tx, caller, event, schedule, content)
}

/// Says that an event does not take place: it stays readable and marked.
///
/// # Errors
/// As [`update`].
pub fn cancel(tx: &mut Tx<'_>, caller: &Caller, id: EventId) -> Result<Event> {
    update(
        tx,
        caller,
        id,
        EventPatch {
            status: Some(Status::Cancelled),
            ..EventPatch::default()
        },
    )
}

/// Deletes an event: its address answers "gone". A draft leaves nothing, for nobody heard of it; a date of a series is
/// cancelled instead.
///
/// # Errors
/// As [`update`].
pub fn remove(tx: &mut Tx<'_>, caller: &Caller, id: EventId) -> Result<()> {
    let event = editable(tx, caller, id)?;
    if let Some(series) = event.series_id {
        return series::remove_occurrence(tx, caller, series, id);
    }
    let touched = store::touched(tx, &event, None, &[])?;
    if event.state == State::Draft {
        store::delete(tx, &event)?; // nobody heard of it: it never was
        return tx.emit(caller, &Change::EventRemoved(id, touched));
    }
    let event = event.edit(|event| {
        event.state = State::Deleted;
        event.listing = Listing::None;
        event.sequence = event.sequence.saturating_add(1);
    });
    let event = store::save(tx, event)?;
    store::save_text(tx, event.id, &RichText::default())?;
    tx.emit(caller, &Change::EventRemoved(event.id, touched))
}

/// The event with this identifier, if the caller may see it. The only look-up by id for readers.
///
/// # Errors
/// `NotFound`, also for what the caller may not see; `Gone` for what was deleted.
pub fn visible(tx: &mut Tx<'_>, caller: &Caller, id: EventId) -> Result<Event> {
    tx.saw(CacheTag::Event(id)); // also when there is none: it may come
    let event = store::by_ids(tx, &[id])?.pop().ok_or_else(model::not_found)?;
    policy::view(&event, policy::standing(caller, &event))?;
    Ok(event)
}

/// When a deleted event was deleted; `None` where the caller may not know that there was one.
///
/// # Errors
/// Those of the database.
pub fn deleted_at(tx: &mut Tx<'_>, caller: &Caller, id: EventId) -> Result<Option<Instant>> {
    tx.saw(CacheTag::Event(id));
    let event = store::by_ids(tx, &[id])?.pop();
    let gone = event.filter(|event| {
        let seen = policy::view(event, policy::standing(caller, event));
        matches!(seen, Err(Error::Gone(_)))
    });
    Ok(gone.map(|event| event.updated_at))
}

/// The event with this identifier, with the proof that the caller may change it.
///
/// # Errors
/// As [`visible`]; `Unauthenticated`, `Forbidden`.
pub(crate) fn editable(tx: &mut Tx<'_>, caller: &Caller, id: EventId) -> Result<Editable> {
    let event = visible(tx, caller, id)?;
    let standing = policy::standing(caller, &event);
    policy::edit(caller, event, standing)
}

type Editable = crate::access::Granted<Event, policy::Edit>;

/// The events with these identifiers that the caller may see, in the order asked; others are left out.
///
/// # Errors
/// Those of the database.
pub fn by_ids(tx: &mut Tx<'_>, caller: &Caller, ids: &[EventId]) -> Result<Vec<Event>> {
    for id in ids {
        tx.saw(CacheTag::Event(*id));
    }
    let mut found: HashMap<EventId, Event> = store::by_ids(tx, ids)?
        .into_iter()
        .map(|event| (event.id, event))
        .collect();
    found.retain(|_, event| policy::view(event, policy::standing(caller, event)).is_ok());
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// A page of the events in public lists that `filter` selects.
///
/// # Errors
/// Those of the database.
pub fn list(tx: &mut Tx<'_>, caller: &Caller, filter: &EventFilter, page: PageRequest) -> Result<Vec<Event>> {
    saw_list(tx, filter);
    let events = list::page(tx, caller, filter, page)?;
    for event in &events {
        tx.saw(CacheTag::Event(event.id));
    }
    Ok(events)
}

/// Public events that were deleted since `since` and that `filter` would select, last deleted first, at most `most`: who
/// keeps them elsewhere must hear of it. Of a circle, those of its cells in which the place lies.
///
/// # Errors
/// Those of the database.
pub fn deleted(tx: &mut Tx<'_>, filter: &EventFilter, since: Instant, most: u32) -> Result<Vec<Event>> {
    saw_list(tx, filter);
    list::deleted(tx, filter, since, most)
}

/// How many events [`list`] has in all; counting stops at [`crate::page::MOST_TOTAL`].
///
/// # Errors
/// Those of the database.
pub fn count(tx: &mut Tx<'_>, caller: &Caller, filter: &EventFilter) -> Result<i64> {
    saw_list(tx, filter);
    list::count(tx, caller, filter)
}

/// A list of one profile, place, series or tag is dropped with it; any other with the list of all.
fn saw_list(tx: &Tx<'_>, filter: &EventFilter) {
    let narrow = filter
        .profile
        .map(CacheTag::Profile)
        .or(filter.place.map(CacheTag::Place))
        .or(filter.series.map(CacheTag::Series));
    let tags = filter
        .tags
        .as_ref()
        .map(|tags| tags.iter().copied().map(CacheTag::Tag).collect::<Vec<_>>());
    match (narrow, tags) {
        (Some(tag), _) => tx.saw(tag),
        (None, Some(tags)) => tags.into_iter().for_each(|tag| tx.saw(tag)),
        (None, None) => tx.saw(CacheTag::List(ListKind::Events)),
    }
}

/// Coming events like this one: of the same category or near it, soon. Only these events are noted as read, so that
/// every new event does not make every page stale.
///
/// # Errors
/// Those of the database.
pub fn related(tx: &mut Tx<'_>, caller: &Caller, event: &Event, most: u32) -> Result<Vec<Event>> {
    let filter = EventFilter {
        categories: vec![event.category],
        except: Some(event.id),
        collapse_series: true,
        ..EventFilter::coming(tx.now())
    };
    let mut events = list::page(tx, caller, &filter, PageRequest::first(most.saturating_add(1)))?;
    events.retain(|other| other.series_id.is_none() || other.series_id != event.series_id);
    events.truncate(most as usize);
    for event in &events {
        tx.saw(CacheTag::Event(event.id));
    }
    Ok(events)
}

/// How many dates of each of these series are still to come, in public lists.
///
/// # Errors
/// Those of the database.
pub fn coming_dates(tx: &mut Tx<'_>, series: &[SeriesId]) -> Result<HashMap<SeriesId, i64>> {
    for id in series {
        tx.saw(CacheTag::Series(*id));
    }
    let now = tx.now();
    list::dates_of_series(tx, series, now)
}

/// How many coming events each category has; a series counts once.
///
/// # Errors
/// Those of the database.
pub fn category_statistics(tx: &mut Tx<'_>) -> Result<Vec<(Category, i64)>> {
    tx.saw(CacheTag::List(ListKind::Events));
    let now = tx.now();
    list::by_category(tx, now)
}

/// How many events stand in public lists, past and coming; a series counts once.
///
/// # Errors
/// Those of the database.
pub fn count_listed(tx: &mut Tx<'_>) -> Result<i64> {
    tx.saw(CacheTag::List(ListKind::Events));
    list::count_all(tx)
}

/// The long texts of these events; those without are left out. Ask only for events that the caller may see.
///
/// # Errors
/// Those of the database.
pub fn descriptions(tx: &mut Tx<'_>, events: &[EventId]) -> Result<HashMap<EventId, RichText>> {
    for id in events {
        tx.saw(CacheTag::Event(*id));
    }
    store::texts(tx, events)
}

/// The rows in public lists that a caller may see and a filter selects, for a search by words.
pub(crate) fn selected(caller: &Caller, filter: &EventFilter) -> Condition<'static, schema::event::table> {
    list::selected(caller, filter)
}

/// Which of these places lie in a circle.
pub(crate) fn places_near(tx: &mut Tx<'_>, circle: Circle, places: Vec<PlaceId>) -> Result<HashSet<PlaceId>> {
    list::near(tx, circle, places)
}

/// What an edit changes; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of Content and Schedule")]
pub struct EventPatch {
    pub title: Option<crate::text::PlainText>,
    pub description: Option<RichText>,
    pub schedule: Option<Schedule>,
    pub state: Option<State>,
    pub status: Option<Status>,
    pub visibility: Option<Visibility>,
    pub category: Option<Category>,
    pub language: Option<Option<crate::text::Language>>,
    pub attendance: Option<Attendance>,
    pub online_address: Option<Option<url::Url>>,
    pub place: Option<Option<place::NewPlace>>,
    pub tags: Option<Vec<crate::text::PlainText>>,
    pub picture: Option<Option<crate::id::MediaId>>,
    pub details: Option<Details>,
    /// The version that the editor saw; another one in the database is a conflict.
    pub version: Option<i32>,
}

#[cfg(test)]
pub(crate) mod tests;
