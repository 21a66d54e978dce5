//! Entries of a calendar become events and series, or change those that they became before.

use super::{
    CalendarSource,
    store::{self, Kept},
};
use crate::{
    caller::Caller,
    db::Tx,
    error::{Error, FieldError, Result},
    event::{
        self, Content, NewEvent,
        import::{ImportedEvent, ImportedSeries, Item, Kind},
        series::{self, Mirrored, NewSeries, Timing},
    },
    id::{EventId, SeriesId},
    media,
    text::PlainText,
    time::LocalDateTime,
};
use std::collections::HashMap;

/// What became of some entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brought {
    /// Entries that are new.
    pub created: usize,
    /// Entries that changed.
    pub updated: usize,
    /// Entries that are as they were.
    pub unchanged: usize,
    /// Entries that our rules refuse, each with the fields.
    pub refused: Vec<(String, Vec<FieldError>)>,
}

impl Brought {
    /// Adds up.
    pub fn add(&mut self, other: Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.refused.extend(other.refused);
    }
}

/// Writes some entries; each alone is written whole or, where our rules refuse it, not at all.
///
/// # Errors
/// Those of the database: nothing of these entries is written.
pub fn bring(tx: &mut Tx<'_>, caller: &Caller, source: &CalendarSource, items: &[Item]) -> Result<Brought> {
    let uids: Vec<&str> = items.iter().map(|item| item.uid.as_str()).collect();
    let known = store::kept(tx, source.id, &uids)?;
    let mut known: HashMap<(String, String), Kept> = known
        .into_iter()
        .map(|kept| ((kept.uid.clone(), kept.recurrence_key.clone()), kept))
        .collect();
    let mut elsewhere = elsewhere(tx, source, &uids)?;
    let mut brought = Brought::default();
    for item in items {
        let entry = (item.uid.clone(), original(item));
        let (other, mut before) = (elsewhere.remove(&entry), known.remove(&entry));
        if before.is_none()
            && let Some((kept, subscribed)) = other
        {
            match (subscribed, source.subscribed) {
                (true, false) => {
                    brought.unchanged += 1; // the one that is read again looks after it
                    continue;
                }
                (false, true) => before = Some(store::take_over(tx, kept, source.id)?),
                (true, true) | (false, false) => {} // each has its own: they would undo each other's changes
            }
        }
        let is_known = before.as_ref().is_some_and(|kept| kept.gone_at.is_none());
        let is_same = before.as_ref().is_some_and(|kept| kept.digest == item.digest);
        if is_known && (is_same || item.cut) {
            brought.unchanged += 1;
            continue;
        }
        let is_new = before.is_none();
        match tx.attempt(|tx| write(tx, caller, source, item, before)) {
            Ok(()) if is_new => brought.created += 1,
            Ok(()) => brought.updated += 1,
            Err(Error::Invalid(fields)) => brought.refused.push((item.uid.clone(), fields)),
            Err(other) => return Err(other),
        }
    }
    Ok(brought)
}

/// Entries that another source of the profile has: a file that was read once before the calendar was subscribed to.
fn elsewhere(
    tx: &mut Tx<'_>,
    source: &CalendarSource,
    uids: &[&str],
) -> Result<HashMap<(String, String), (Kept, bool)>> {
    let rows = store::kept_elsewhere(tx, source, uids)?;
    Ok(rows
        .into_iter()
        .map(|(kept, subscribed)| ((kept.uid.clone(), kept.recurrence_key.clone()), (kept, subscribed)))
        .collect())
}

/// The date that an entry stands for, where its series is not in the calendar; else empty.
pub fn original(item: &Item) -> String {
    item.original.map(LocalDateTime::compact).unwrap_or_default()
}

fn write(tx: &mut Tx<'_>, caller: &Caller, source: &CalendarSource, item: &Item, before: Option<Kept>) -> Result<()> {
    let (event_id, series_id) = before.map_or((None, None), |kept| (kept.event_id, kept.series_id));
    let (event_id, series_id) = match &item.kind {
        Kind::Single(single) => {
            retire_series(tx, caller, series_id)?;
            (Some(write_event(tx, caller, source, item, single, event_id)?), None)
        }
        Kind::Series(repeated) => {
            retire_event(tx, caller, event_id)?;
            (None, Some(write_series(tx, caller, source, item, repeated, series_id)?))
        }
    };
    let kept = Kept {
        calendar_source_id: source.id,
        uid: item.uid.clone(),
        recurrence_key: original(item),
        event_id,
        series_id,
        digest: item.digest.clone(),
        gone_at: None,
    };
    store::keep(tx, &kept)
}

/// An entry that repeated is a single event now.
fn retire_series(tx: &mut Tx<'_>, caller: &Caller, series: Option<SeriesId>) -> Result<()> {
    series.map_or(Ok(()), |series| series::remove(tx, caller, series))
}

/// A single event repeats now.
fn retire_event(tx: &mut Tx<'_>, caller: &Caller, event: Option<EventId>) -> Result<()> {
    match event.map(|event| event::remove(tx, caller, event)) {
        Some(Err(Error::Gone(_))) | None => Ok(()),
        Some(other) => other,
    }
}

fn write_event(
    tx: &mut Tx<'_>,
    caller: &Caller,
    source: &CalendarSource,
    item: &Item,
    single: &ImportedEvent,
    before: Option<EventId>,
) -> Result<EventId> {
    let content = with_picture(tx, caller, source, single)?;
    if let Some(id) = before {
        match event::mirror(tx, caller, id, &single.schedule, content.clone()) {
            Err(Error::Gone(_)) => return Ok(id), // a moderator deleted it: it stays deleted
            other => return other.map(|()| id),
        }
    }
    let new = NewEvent {
        organizer: source.profile_id,
        group: Some(source.profile_id),
        schedule: single.schedule.clone(),
        content,
        ical_uid: Some(item.uid.clone()),
    };
    event::create(tx, caller, new).map(|event| event.id)
}

fn write_series(
    tx: &mut Tx<'_>,
    caller: &Caller,
    source: &CalendarSource,
    item: &Item,
    repeated: &ImportedSeries,
    before: Option<SeriesId>,
) -> Result<SeriesId> {
    let content = with_picture(tx, caller, source, &repeated.event)?;
    let apart = repeated
        .overrides
        .iter()
        .map(|one| {
            let content = with_picture(tx, caller, source, &one.event)?;
            let key = series::key(one.original, repeated.recurrence.all_day);
            Ok(Mirrored {
                key,
                schedule: one.event.schedule.clone(),
                content,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    if let Some(id) = before {
        let timing = Timing {
            recurrence: repeated.recurrence.clone(),
            duration_s: repeated.duration_s,
        };
        let mirrored = series::mirror(tx, caller, id, &timing, content, &apart, repeated.at_once);
        return mirrored.map(|series| series.id);
    }
    let new = NewSeries {
        organizer: source.profile_id,
        group: Some(source.profile_id),
        recurrence: repeated.recurrence.clone(),
        duration_s: repeated.duration_s,
        content,
        ical_uid: Some(item.uid.clone()),
    };
    series::import(tx, caller, new, &apart, repeated.at_once).map(|series| series.id)
}

/// The content with its picture, which is fetched by a job; without it, where it is at an address that is not fetched.
fn with_picture(tx: &mut Tx<'_>, caller: &Caller, source: &CalendarSource, from: &ImportedEvent) -> Result<Content> {
    let picture = match from.picture.as_ref().and_then(media::fetchable) {
        Some(url) => Some(media::want(tx, caller, &url, PlainText::default(), source.profile_id)?),
        None => None,
    };
    Ok(Content {
        picture,
        ..from.content.clone()
    })
}
