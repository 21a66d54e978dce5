//! Series: a rule of repetition, and a real row of `event` for each date up to a horizon.
//!
//! The key of an occurrence is its original local start and stays when it is moved. Its identifier, address and calendar
//! UID never change. Past rows never change. See `docs/developer/time-zones.md`.

mod align;
mod dated;
mod edit;
pub mod job;
mod mirror;
mod model;
pub mod rematch;
mod rows;
mod store;
mod told;

pub use dated::{Dated, dated};
pub use edit::{SeriesEdit, Timing, edit};
pub(super) use mirror::say;
pub use mirror::{Mirrored, import, mirror};
pub use model::{
    DAYS_AHEAD, DAYS_BACK, DateKind, Dates, MOST_COMING, NewSeries, REFILL_BELOW, Series, Template, key, key_start,
};
pub use rows::extend;

use super::{EventPatch, model::State, policy, rules};
use crate::{
    access::Granted,
    caller::Caller,
    change::{CacheTag, Change},
    db::Tx,
    error::{Code, Error, FieldError, Result, What},
    id::{EventId, SeriesId},
    time::LocalDateTime,
};

type Editable = Granted<Series, policy::Edit>;

/// Announces a series, with rows for its dates from 400 days back to 400 days ahead.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`; `Invalid(rule: NoOccurrence)` for a rule without any date, or with texts and dates
/// that break rules.
pub fn create(tx: &mut Tx<'_>, caller: &Caller, new: NewSeries) -> Result<Series> {
    let (series, dates) = compose(tx, caller, new)?;
    store::insert(tx, &series)?;
    store::set_dates(tx, &series, &dates)?;
    rows::materialise(tx, caller, &series)?;
    tx.emit(caller, &Change::SeriesCreated(series.id, owners(&series)))?;
    Ok(series.into_inner())
}

/// A new series with the dates beside its rule; nothing is written.
fn compose(tx: &mut Tx<'_>, caller: &Caller, new: NewSeries) -> Result<(Editable, Dates)> {
    let content = rules::checked(new.content)?;
    model::checked_duration(new.recurrence.all_day, new.duration_s)?;
    let id = SeriesId(tx.new_uuid());
    let ical_uid = match new.ical_uid {
        Some(uid) if !uid.is_empty() && uid.len() <= 255 && !store::has_uid(tx, &uid)? => uid,
        _ => id.to_string(),
    };
    let now = tx.now();
    let today = new.recurrence.zone.local(now).day();
    let dates = Dates::beside(&new.recurrence);
    let rule = new.recurrence.rule.as_ref();
    let series = Series {
        id,
        organizer_id: new.organizer,
        group_id: new.group,
        rule: rule.map_or(String::new(), |rule| rule.as_str().to_owned()),
        zone: new.recurrence.zone,
        start_local: new.recurrence.start,
        all_day: new.recurrence.all_day,
        duration_s: new.duration_s,
        template: Template(content),
        horizon_local: model::window(today).1,
        continues_series_id: None,
        ical_uid,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let series = policy::create_series(caller, series)?;
    if rows::has_any(&series, &dates)? {
        Ok((series, dates))
    } else {
        Err(FieldError::one("rule", Code::NoOccurrence))
    }
}

/// The series with this identifier, if the caller may see it.
///
/// # Errors
/// `NotFound`.
pub fn visible(tx: &mut Tx<'_>, caller: &Caller, id: SeriesId) -> Result<Series> {
    by_ids(tx, caller, &[id])?.pop().ok_or(Error::NotFound(What::Series))
}

/// The series with these identifiers that the caller may see, in any order.
///
/// # Errors
/// Those of the database.
pub fn by_ids(tx: &mut Tx<'_>, caller: &Caller, ids: &[SeriesId]) -> Result<Vec<Series>> {
    for id in ids {
        tx.saw(CacheTag::Series(*id));
    }
    let mut found = store::by_ids(tx, ids)?;
    found.retain(|series| policy::view_series(series, policy::standing_of_series(caller, series)).is_ok());
    Ok(found)
}

/// The event that is the date with this key, if the caller may see it.
///
/// # Errors
/// `NotFound`.
pub fn occurrence(tx: &mut Tx<'_>, caller: &Caller, id: SeriesId, key: &str) -> Result<super::Event> {
    tx.saw(CacheTag::Series(id));
    let row = store::row(tx, id, key)?.ok_or(Error::NotFound(What::Event))?;
    super::visible(tx, caller, row)
}

/// The dates beside the rule of a series.
///
/// # Errors
/// Those of the database.
pub fn dates(tx: &mut Tx<'_>, series: &Series) -> Result<Dates> {
    store::dates(tx, series.id)
}

/// Leaves one date out: its row goes where nobody heard of it, and is cancelled otherwise.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`.
pub fn skip(tx: &mut Tx<'_>, caller: &Caller, id: SeriesId, key: &str) -> Result<()> {
    let series = editable(tx, caller, id)?;
    let event = store::row(tx, id, key)?.ok_or(Error::NotFound(What::Event))?;
    rows::drop_row(tx, caller, &series, event)?;
    touch(tx, caller, series)
}

/// Adds a date beside the rule.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`; `Invalid(beginsOn)` for a date that is there already.
pub fn add(tx: &mut Tx<'_>, caller: &Caller, id: SeriesId, begin: LocalDateTime) -> Result<EventId> {
    let series = editable(tx, caller, id)?;
    let key = key(begin, series.all_day);
    if store::keys(tx, id)?.contains(&key) {
        return Err(FieldError::one("beginsOn", Code::Unknown));
    }
    let mut dates = store::dates(tx, id)?;
    dates.skipped.retain(|skipped| *skipped != key);
    dates.added.push(key.clone());
    store::set_dates(tx, &series, &dates)?;
    rows::announce(tx, caller, &series, std::slice::from_ref(&key))?;
    touch(tx, caller, series)?;
    store::row(tx, id, &key)?.ok_or_else(|| Error::bug("the added date has no row"))
}

/// Ends a series now: coming dates go or are cancelled, past ones stay.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`.
pub fn remove(tx: &mut Tx<'_>, caller: &Caller, id: SeriesId) -> Result<()> {
    let series = editable(tx, caller, id)?;
    let (now, rows) = (tx.now(), store::rows(tx, id, None)?);
    let local = series.zone.local(now);
    for row in rows
        .iter()
        .filter(|row| row.begins_at > now && row.state != State::Deleted)
    {
        rows::drop_row(tx, caller, &series, row.id)?;
    }
    let ended = series.rule()?.map(|rule| rule.with_until(local));
    let last = key(local, series.all_day);
    let dates = store::dates(tx, id)?.until(&last);
    store::set_dates(tx, &series, &dates)?;
    let series = series.edit(|series| series.set_rule(ended.as_ref()));
    let series = store::save(tx, series)?;
    tx.emit(caller, &Change::SeriesUpdated(id, owners(&series)))
}

/// An occurrence is deleted: where it was announced it is cancelled instead, else its date is left out.
pub(super) fn remove_occurrence(tx: &mut Tx<'_>, caller: &Caller, series: SeriesId, event: EventId) -> Result<()> {
    let series = editable(tx, caller, series)?;
    rows::drop_row(tx, caller, &series, event)?;
    touch(tx, caller, series)
}

fn editable(tx: &mut Tx<'_>, caller: &Caller, id: SeriesId) -> Result<Editable> {
    let series = visible(tx, caller, id)?;
    let standing = policy::standing_of_series(caller, &series);
    policy::edit_series(caller, series, standing)
}

fn touch(tx: &mut Tx<'_>, caller: &Caller, series: Editable) -> Result<()> {
    let series = store::save(tx, series)?;
    tx.emit(caller, &Change::SeriesUpdated(series.id, owners(&series)))
}

fn owners(series: &Series) -> Vec<crate::id::ProfileId> {
    let mut owners = vec![series.organizer_id];
    owners.extend(series.group_id.filter(|group| *group != series.organizer_id));
    owners
}

/// What a patch leaves of itself for a row that has these parts of its own.
fn without_detached(patch: &EventPatch, detached: &super::Detached) -> EventPatch {
    use super::Part;
    let keeps = |part| detached.0.contains(&part);
    let mut patch = patch.clone();
    macro_rules! drop_if_kept {
        ($($part:ident: $($field:ident),+;)+) => {$( if keeps(Part::$part) { $(patch.$field = None;)+ } )+};
    }
    drop_if_kept! {
        Title: title;
        Description: description;
        Time: schedule;
        Status: status;
        Visibility: visibility;
        Category: category;
        Language: language;
        Address: attendance, online_address;
        Place: place;
        Tags: tags;
        Picture: picture;
        Details: details;
    }
    patch
}

#[cfg(test)]
mod tests;
