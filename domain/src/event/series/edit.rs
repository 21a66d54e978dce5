//! "This and later" and "all": a split at the pivot, then new texts or new dates for the rows behind it.

use super::{
    Editable,
    align::{self, Matched, align},
    editable,
    model::{self, Dates, Series, Template, key_start},
    owners, rows, store, without_detached,
};
use crate::{
    caller::Caller,
    change::Change,
    db::Tx,
    error::{Code, FieldError, Result},
    event::{Content, Event, EventPatch, Part, Schedule, model::State, policy, rules, store as events, write},
    id::SeriesId,
    time::recurrence::Recurrence,
};

/// A new rule, time, zone or length.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// When, from the pivot on; its `start` is the first date.
    pub recurrence: Recurrence,
    /// Seconds of wall time that each date lasts.
    pub duration_s: Option<i64>,
}

/// What an edit of a series changes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SeriesEdit {
    /// What is said. Its `schedule` and `version` are not looked at.
    pub content: EventPatch,
    /// When.
    pub timing: Option<Timing>,
}

/// Changes the dates from the one with key `from` on; `None`: all that have not begun. Answers the series that these
/// dates belong to now: another one, unless nothing lies before them.
///
/// # Errors
/// `NotFound`, `Unauthenticated`, `Forbidden`; `Invalid`; `Invalid(rule: NoOccurrence)` when no date is left to change.
pub fn edit(tx: &mut Tx<'_>, caller: &Caller, id: SeriesId, from: Option<&str>, edit: &SeriesEdit) -> Result<Series> {
    let series = editable(tx, caller, id)?;
    let now = tx.now();
    let begun = |row: &Event| row.begins_at <= now;
    let mut later = store::rows(tx, id, from)?;
    later.retain(|row| !begun(row));
    let Some(pivot) = later.first().and_then(|row| row.recurrence_key.clone()) else {
        return Err(FieldError::one("rule", Code::NoOccurrence));
    };
    let series = split(tx, caller, series, &pivot, edit)?;
    let series = store::save(tx, series)?;
    match &edit.timing {
        None => retell(tx, caller, &series, later, &edit.content)?,
        Some(_) => {
            let today = series.zone.local(now).day();
            let dates = store::dates(tx, series.id)?;
            let mut wanted = rows::expected(&series, &dates, today, series.reach(today))?;
            wanted.retain(|key| key_start(key).is_some_and(|at| series.zone.instant(at) > now));
            let aligned = align(tx, caller, &series, later, &wanted)?;
            for matched in aligned.matched {
                move_to(tx, caller, &series, matched)?;
            }
            rows::announce(tx, caller, &series, &aligned.missing)?;
            let moved = store::rows(tx, series.id, None)?
                .into_iter()
                .filter(|row| row.begins_at > now)
                .collect();
            retell(tx, caller, &series, moved, &edit.content)?;
        }
    }
    tx.emit(caller, &Change::SeriesUpdated(series.id, owners(&series)))?;
    Ok(series.into_inner())
}

/// The series that the rows from `pivot` on belong to: a new one behind the old, or the same when all rows are behind.
fn split(tx: &mut Tx<'_>, caller: &Caller, series: Editable, pivot: &str, edit: &SeriesEdit) -> Result<Editable> {
    let dates = store::dates(tx, series.id)?;
    let content = rules::checked(patched(series.template.0.clone(), &edit.content))?;
    let Some(start) = key_start(pivot) else {
        return Err(FieldError::one("rule", Code::Malformed));
    };
    let before = series.recurrence(&dates)?.dates_before(start)?;
    let mut later = (*series).clone();
    later.template = Template(content);
    later.start_local = start;
    if let Some(rule) = series.rule()?
        && let Some(count) = rule.count()
    {
        let left = count.saturating_sub(u32::try_from(before).unwrap_or(u32::MAX)).max(1);
        later.set_rule(Some(&rule.with_count(left)));
    }
    let later_dates = match &edit.timing {
        Some(timing) => retime(&mut later, timing)?,
        None => dates.clone().from(pivot),
    };
    let is_whole = store::rows(tx, series.id, None)?
        .first()
        .and_then(|row| row.recurrence_key.clone())
        .is_none_or(|first| *first >= *pivot);
    if is_whole {
        let series = series.edit(|series| {
            *series = Series {
                version: series.version,
                ..later
            }
        });
        store::set_dates(tx, &series, &later_dates)?;
        return Ok(series);
    }
    let ended = series.rule()?.map(|rule| rule.with_until(start.plus_seconds(-1)));
    let series = series.edit(|series| series.set_rule(ended.as_ref()));
    store::set_dates(tx, &series, &dates.until(pivot))?;
    let series = store::save(tx, series)?;
    tx.emit(caller, &Change::SeriesUpdated(series.id, owners(&series)))?;
    follow(tx, caller, &series, later, &later_dates, pivot)
}

/// Makes the series behind the old one, and gives it the rows from `pivot` on.
fn follow(
    tx: &mut Tx<'_>,
    caller: &Caller,
    old: &Editable,
    later: Series,
    dates: &Dates,
    pivot: &str,
) -> Result<Editable> {
    let (id, now) = (SeriesId(tx.new_uuid()), tx.now());
    let later = Series {
        id,
        continues_series_id: Some(old.id),
        ical_uid: id.to_string(),
        version: 1,
        created_at: now,
        updated_at: now,
        ..later
    };
    let later = policy::going_on(later, old);
    store::insert(tx, &later)?;
    store::set_dates(tx, &later, dates)?;
    store::adopt(tx, &later, old.id, pivot)?;
    tx.emit(caller, &Change::SeriesCreated(id, owners(&later)))?;
    Ok(later)
}

/// Writes another rule, time, zone and length into a series. Answers the dates beside its rule.
///
/// # Errors
/// `Invalid(endsOn)`.
pub(super) fn retime(series: &mut Series, timing: &Timing) -> Result<Dates> {
    let recurrence = &timing.recurrence;
    model::checked_duration(recurrence.all_day, timing.duration_s)?;
    series.set_rule(recurrence.rule.as_ref());
    series.start_local = recurrence.start;
    series.zone = recurrence.zone.clone();
    series.all_day = recurrence.all_day;
    series.duration_s = timing.duration_s;
    Ok(Dates::beside(recurrence))
}

/// The template after an edit.
pub(super) fn patched(content: Content, patch: &EventPatch) -> Content {
    let patch = patch.clone();
    Content {
        title: patch.title.unwrap_or(content.title),
        description: patch.description.unwrap_or(content.description),
        state: patch.state.unwrap_or(content.state),
        status: patch.status.unwrap_or(content.status),
        visibility: patch.visibility.unwrap_or(content.visibility),
        category: patch.category.unwrap_or(content.category),
        language: patch.language.unwrap_or(content.language),
        attendance: patch.attendance.unwrap_or(content.attendance),
        online_address: patch.online_address.unwrap_or(content.online_address),
        place: patch.place.unwrap_or(content.place),
        tags: patch.tags.unwrap_or(content.tags),
        picture: patch.picture.unwrap_or(content.picture),
        details: patch.details.unwrap_or(content.details),
    }
}

/// Says the new words in every row, except where a row has its own.
fn retell(tx: &mut Tx<'_>, caller: &Caller, series: &Editable, rows: Vec<Event>, patch: &EventPatch) -> Result<()> {
    let patch = EventPatch {
        schedule: None,
        version: None,
        ..patch.clone()
    };
    if patch == EventPatch::default() {
        return Ok(());
    }
    let ids: Vec<_> = rows
        .into_iter()
        .filter(|row| row.state != State::Deleted)
        .map(|row| row.id)
        .collect();
    for row in events::by_ids(tx, &ids)? {
        let patch = without_detached(&patch, &row.detached);
        write::apply(tx, caller, policy::of_series(row, series), patch, false)?;
    }
    Ok(())
}

/// Brings a matched row to its new date; one that was moved alone stays where it is as long as its date stays.
fn move_to(tx: &mut Tx<'_>, caller: &Caller, series: &Editable, matched: Matched) -> Result<()> {
    let Some(begin) = matched.row.recurrence_key.as_deref().and_then(key_start) else {
        return Ok(());
    };
    let keeps_time = !matched.is_rekeyed() && matched.row.detached.0.contains(&Part::Time);
    let Matched { row, before } = matched;
    let Schedule {
        begin,
        end,
        zone,
        all_day,
    } = series.schedule(begin);
    let row = row.edit(|event| {
        if !keeps_time {
            event.detached.0.remove(&Part::Time);
            (event.local_begin, event.local_end, event.zone, event.all_day) = (begin, end, zone, all_day);
        }
        rules::settle(event);
    });
    if *row == before {
        return Ok(());
    }
    align::save(tx, caller, row, &before)
}
