//! The steps that making and changing an event share.

use super::{
    EventPatch,
    model::{Content, Detached, Event, Listing, NewEvent, Schedule},
    policy, rules, store,
};
use crate::{
    access::Granted,
    caller::Caller,
    change::Change,
    db::Tx,
    error::{Error, Reason, Result},
    id::{EventId, SeriesId, TagId},
    place::{self, Place},
    tag,
    text::{PlainText, RichText},
};

/// The date of a series that a new row is.
#[derive(Debug, Clone)]
pub(super) struct Occurrence {
    pub(super) series: SeriesId,
    pub(super) key: String,
}

/// A new row of what is said and when; nothing is written but its place.
pub(super) fn compose(tx: &mut Tx<'_>, new: &NewEvent, occurrence: Option<Occurrence>) -> Result<Event> {
    let place = new
        .content
        .place
        .as_ref()
        .map(|place| place::find_or_create(tx, place))
        .transpose()?;
    compose_at(tx, new, occurrence, place.as_ref())
}

/// [`compose`] at a place that is known.
pub(super) fn compose_at(
    tx: &mut Tx<'_>,
    new: &NewEvent,
    occurrence: Option<Occurrence>,
    place: Option<&Place>,
) -> Result<Event> {
    let id = EventId(tx.new_uuid());
    let (content, schedule, now) = (&new.content, &new.schedule, tx.now());
    let (series_id, recurrence_key) = occurrence.map(|one| (one.series, one.key)).unzip();
    let mut event = Event {
        id,
        series_id,
        recurrence_key,
        detached: Detached::default(),
        organizer_id: new.organizer,
        group_id: new.group,
        title: content.title.clone(),
        local_begin: schedule.begin,
        local_end: schedule.end,
        zone: schedule.zone.clone(),
        all_day: schedule.all_day,
        begins_at: now,
        over_at: now,
        state: content.state,
        status: content.status,
        visibility: content.visibility,
        listing: Listing::None,
        category: content.category,
        language: content.language.clone(),
        attendance: content.attendance,
        online_address: content.online_address.as_ref().map(ToString::to_string),
        place_id: place.map(|place| place.id),
        cell: place.and_then(|place| place.cell),
        picture_id: content.picture,
        details: content.details.clone(),
        sequence: 0,
        ical_uid: uid(tx, id, new.ical_uid.as_deref())?,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    rules::settle(&mut event);
    Ok(event)
}

/// The UID of elsewhere if no event here has it, else our own.
fn uid(tx: &mut Tx<'_>, id: EventId, wanted: Option<&str>) -> Result<String> {
    match wanted {
        Some(uid) if !uid.is_empty() && uid.len() <= 255 && !store::has_uid(tx, uid)? => Ok(uid.to_owned()),
        _ => Ok(id.to_string()),
    }
}

/// Writes a composed row with its text and tags, and says so.
pub(super) fn announce(
    tx: &mut Tx<'_>,
    caller: &Caller,
    event: Granted<Event, policy::Edit>,
    content: &Content,
) -> Result<Event> {
    store::insert(tx, &event, &content.description)?;
    let tags = attach_tags(tx, event.id, &content.tags)?;
    let touched = store::touching(&event, None, tags);
    tx.emit(caller, &Change::EventCreated(event.id, touched))?;
    Ok(event.into_inner())
}

/// Writes an edit. In an occurrence, what was named is detached from its series when `detach` says so.
pub(super) fn apply(
    tx: &mut Tx<'_>,
    caller: &Caller,
    event: Granted<Event, policy::Edit>,
    patch: EventPatch,
    detach: bool,
) -> Result<Event> {
    if patch.version.is_some_and(|version| version != event.version) {
        return Err(Error::Conflict(Reason::StaleVersion));
    }
    let (before, old_tags) = (event.clone(), store::tags(tx, event.id)?);
    let parts = rules::parts(&patch);
    let schedule = patch.schedule.clone().map(Schedule::checked).transpose()?;
    let place = match &patch.place {
        Some(Some(new)) => Some(Some(place::find_or_create(tx, new)?)),
        Some(None) => Some(None),
        None => None,
    };
    let (description, tags) = (patch.description.clone(), patch.tags.clone());
    let event = event.edit(|event| {
        set(event, patch, schedule, place.as_ref().map(Option::as_ref));
        if detach && event.series_id.is_some() {
            event.detached.0.extend(parts);
        }
        if rules::is_significant(&before, event) {
            event.sequence = event.sequence.saturating_add(1);
        }
    });
    rules::checked_row(&event, tags.as_deref())?;
    save_parts(tx, event.id, description.as_ref(), tags.as_deref())?;
    let event = store::save(tx, event)?;
    let touched = store::touched(tx, &event, before.place_id, &old_tags)?;
    tx.emit(caller, &Change::EventUpdated(event.id, touched))?;
    Ok(event)
}

fn save_parts(tx: &mut Tx<'_>, id: EventId, description: Option<&RichText>, tags: Option<&[PlainText]>) -> Result<()> {
    if let Some(description) = description {
        store::save_text(tx, id, description)?;
    }
    if let Some(tags) = tags {
        tag::detach(tx, id)?;
        attach_tags(tx, id, tags)?;
    }
    Ok(())
}

fn set(event: &mut Event, patch: EventPatch, schedule: Option<Schedule>, place: Option<Option<&Place>>) {
    let EventPatch {
        title,
        state,
        status,
        visibility,
        category,
        language,
        attendance,
        ..
    } = patch;
    if let Some(schedule) = schedule {
        event.local_begin = schedule.begin;
        event.local_end = schedule.end;
        event.zone = schedule.zone;
        event.all_day = schedule.all_day;
    }
    if let Some(place) = place {
        event.place_id = place.map(|place| place.id);
        event.cell = place.and_then(|place| place.cell);
    }
    if let Some(address) = patch.online_address {
        event.online_address = address.map(Into::into);
    }
    if let Some(details) = patch.details {
        event.details = details;
    }
    event.title = title.unwrap_or_else(|| event.title.clone());
    event.state = state.unwrap_or(event.state);
    event.status = status.unwrap_or(event.status);
    event.visibility = visibility.unwrap_or(event.visibility);
    event.category = category.unwrap_or(event.category);
    event.language = language.unwrap_or_else(|| event.language.clone());
    event.attendance = attendance.unwrap_or(event.attendance);
    event.picture_id = patch.picture.unwrap_or(event.picture_id);
    rules::settle(event);
}

fn attach_tags(tx: &mut Tx<'_>, event: EventId, titles: &[PlainText]) -> Result<Vec<TagId>> {
    let tags = tag::find_or_create(tx, titles)?;
    let ids: Vec<TagId> = tags.iter().map(|tag| tag.id).collect();
    tag::attach(tx, event, &ids)?;
    Ok(ids)
}
