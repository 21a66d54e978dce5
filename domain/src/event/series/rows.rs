//! The rows of a series: made up to the horizon, never twice.

use super::{
    Editable,
    model::{self, Dates, MOST_COMING, Series, key, key_start},
    owners, store,
};
use crate::{
    access::{Granted, Standing},
    caller::Caller,
    change::Change,
    db::Tx,
    error::Result,
    event::{
        Content, EventPatch, Schedule, Status,
        model::{NewEvent, State},
        policy, store as events,
        write::{self, Occurrence},
    },
    id::{EventId, SeriesId},
    place::{self, Place},
    time::{Day, LocalDateTime},
};
use std::collections::HashSet;

/// Whether the rule, with its dates, has any date at all.
pub(super) fn has_any(series: &Series, dates: &Dates) -> Result<bool> {
    let recurrence = series.recurrence(dates)?;
    let end = series.start_local.plus_days(366 * 28); // the calendar repeats after 28 years
    Ok(!recurrence.between(LocalDateTime::MIN, end)?.is_empty())
}

/// The keys that a series has rows for, on `today` with this horizon.
pub(super) fn expected(series: &Series, dates: &Dates, today: Day, horizon: LocalDateTime) -> Result<Vec<String>> {
    let recurrence = series.recurrence(dates)?;
    let mut starts = recurrence.between(model::window(today).0, today.midnight())?;
    let mut coming = recurrence.between(today.midnight(), horizon)?;
    coming.truncate(MOST_COMING);
    starts.append(&mut coming);
    Ok(starts.into_iter().map(|at| key(at, series.all_day)).collect())
}

/// Makes the rows that are missing and touches nothing else: a second run makes none. Answers how many it made.
pub(super) fn materialise(tx: &mut Tx<'_>, caller: &Caller, series: &Editable) -> Result<usize> {
    let dates = store::dates(tx, series.id)?;
    let today = series.zone.local(tx.now()).day();
    let there: HashSet<String> = store::keys(tx, series.id)?.into_iter().collect();
    let mut missing = expected(series, &dates, today, series.horizon_local)?;
    missing.retain(|key| !there.contains(key));
    announce(tx, caller, series, &missing)?;
    Ok(missing.len())
}

/// Of keys without rows, sorted, those that get them now, at most `most`, and those that do not: the nearest ones to
/// come are first, then the latest past ones.
pub(super) fn soonest(missing: Vec<String>, most: usize, today: Day) -> (Vec<String>, Vec<String>) {
    let today = today.compact();
    let (mut now, past): (Vec<_>, Vec<_>) = missing.into_iter().partition(|key| *key >= today);
    now.extend(past.into_iter().rev());
    let later = now.split_off(most.min(now.len()));
    (now, later)
}

/// Makes rows for these keys.
pub(super) fn announce(tx: &mut Tx<'_>, caller: &Caller, series: &Editable, keys: &[String]) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let content = &series.template.0;
    let place = content
        .place
        .as_ref()
        .map(|place| place::find_or_create(tx, place))
        .transpose()?;
    for key in keys {
        let Some(begin) = key_start(key) else { continue };
        announce_one(
            tx,
            caller,
            series,
            key,
            (series.schedule(begin), content),
            place.as_ref(),
        )?;
    }
    Ok(())
}

/// Makes a row for one key.
pub(super) fn announce_one(
    tx: &mut Tx<'_>,
    caller: &Caller,
    series: &Editable,
    key: &str,
    (schedule, content): (Schedule, &Content),
    place: Option<&Place>,
) -> Result<()> {
    let new = NewEvent {
        organizer: series.organizer_id,
        group: series.group_id,
        schedule,
        content: content.clone(),
        ical_uid: None,
    };
    let occurrence = Occurrence {
        series: series.id,
        key: key.to_owned(),
    };
    let row = write::compose_at(tx, &new, Some(occurrence), place)?;
    write::announce(tx, caller, policy::of_series(row, series), content).map(drop)
}

/// One date is not to be: a row that nobody heard of goes and its date is left out; an announced one is cancelled.
pub(super) fn drop_row(tx: &mut Tx<'_>, caller: &Caller, series: &Editable, id: EventId) -> Result<()> {
    let Some(row) = events::by_ids(tx, &[id])?.pop() else {
        return Ok(());
    };
    let (state, key) = (row.state, row.recurrence_key.clone().unwrap_or_default());
    let row = policy::of_series(row, series);
    if state == State::Draft {
        let touched = events::touched(tx, &row, None, &[])?;
        events::delete(tx, &row)?;
        let mut dates = store::dates(tx, series.id)?;
        dates.added.retain(|added| *added != key);
        dates.skipped.push(key);
        store::set_dates(tx, series, &dates)?;
        return tx.emit(caller, &Change::EventRemoved(id, touched));
    }
    cancel(tx, caller, row)
}

/// Cancels a row, which keeps that when its series is edited.
pub(super) fn cancel(tx: &mut Tx<'_>, caller: &Caller, row: Granted<crate::event::Event, policy::Edit>) -> Result<()> {
    if row.status == Status::Cancelled {
        return Ok(());
    }
    let patch = EventPatch {
        status: Some(Status::Cancelled),
        ..EventPatch::default()
    };
    write::apply(tx, caller, row, patch, true).map(drop)
}

/// Moves the horizon of a series to 400 days from today and makes the rows. For the daily job. Answers how many.
///
/// # Errors
/// Those of the database.
pub fn extend(tx: &mut Tx<'_>, id: SeriesId) -> Result<usize> {
    let Some(series) = store::by_ids(tx, &[id])?.pop() else {
        return Ok(0);
    };
    let today = series.zone.local(tx.now()).day();
    if !series.is_short(today) {
        return Ok(0);
    }
    let series = policy::edit_series(&Caller::System, series, Standing::System)?;
    let series = series.edit(|series| series.horizon_local = series.reach(today));
    let series = store::save(tx, series)?;
    let made = materialise(tx, &Caller::System, &series)?;
    if made > 0 {
        tx.emit(&Caller::System, &Change::SeriesUpdated(id, owners(&series)))?;
    }
    Ok(made)
}
