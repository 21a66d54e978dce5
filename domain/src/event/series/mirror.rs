//! A series that mirrors one in a calendar elsewhere: what the calendar says is what is.

use super::{
    Editable,
    edit::{Timing, realign},
    editable,
    model::{self, Dates, Series, Template, key},
    owners, rows, store,
};
use crate::{
    caller::Caller,
    change::Change,
    db::Tx,
    error::Result,
    event::{Content, Event, EventPatch, Schedule, model::State, policy, rules, store as events, write},
    id::SeriesId,
};
use std::collections::HashMap;

/// One date that the calendar describes apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Mirrored {
    /// Its original local start.
    pub key: String,
    /// When it is.
    pub schedule: Schedule,
    /// What it is.
    pub content: Content,
}

/// Brings a series and its rows to what a calendar says, in place: rows keep their addresses wherever a date matches.
/// Rows that have begun change too, for the calendar is the truth; dates that are gone and still to come are cancelled.
///
/// # Errors
/// `NotFound`, `Forbidden`; `Invalid` for dates and texts that break rules.
pub fn mirror(
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: SeriesId,
    timing: &Timing,
    content: Content,
    apart: &[Mirrored],
) -> Result<Series> {
    let series = editable(tx, caller, id)?;
    let content = rules::checked(content)?;
    let series = retime(tx, series, timing, content)?;
    let dates = store::dates(tx, id)?;
    let today = series.zone.local(tx.now()).day();
    let wanted = rows::expected(&series, &dates, today, series.horizon_local)?;
    let rows = store::rows(tx, id, None)?;
    let same = rows
        .iter()
        .filter_map(|row| row.recurrence_key.as_ref())
        .eq(wanted.iter());
    if !same {
        let rows = movable(tx, rows, &wanted);
        realign(tx, caller, &series, rows, &wanted)?;
    }
    tell(tx, caller, &series, apart)?;
    tx.emit(caller, &Change::SeriesUpdated(id, owners(&series)))?;
    Ok(series.into_inner())
}

/// Brings only the dates that the calendar describes apart to what it says: for a series that was just made.
///
/// # Errors
/// As [`mirror`].
pub fn mirror_apart(tx: &mut Tx<'_>, caller: &Caller, id: SeriesId, apart: &[Mirrored]) -> Result<()> {
    let series = editable(tx, caller, id)?;
    for one in apart {
        let Some(row) = store::row(tx, id, &one.key)? else {
            continue;
        };
        for row in events::by_ids(tx, &[row])? {
            say(
                tx,
                caller,
                policy::of_series(row, &series),
                one.schedule.clone(),
                one.content.clone(),
            )?;
        }
    }
    Ok(())
}

/// Rows that take part in matching: those of wanted dates and those that can still be moved. A past date that fell out
/// of the calendar's window stays as it is.
fn movable(tx: &Tx<'_>, mut rows: Vec<Event>, wanted: &[String]) -> Vec<Event> {
    let now = tx.now();
    rows.retain(|row| row.begins_at > now || row.recurrence_key.as_ref().is_some_and(|key| wanted.contains(key)));
    rows
}

fn retime(tx: &mut Tx<'_>, series: Editable, timing: &Timing, content: Content) -> Result<Editable> {
    let recurrence = &timing.recurrence;
    model::checked_duration(recurrence.all_day, timing.duration_s)?;
    let keys = |starts: &[_]| starts.iter().map(|at| key(*at, recurrence.all_day)).collect();
    let dates = Dates {
        added: keys(&recurrence.added),
        skipped: keys(&recurrence.skipped),
    };
    let series = series.edit(|series| {
        series.set_rule(recurrence.rule.as_ref());
        series.start_local = recurrence.start;
        series.zone = recurrence.zone.clone();
        series.all_day = recurrence.all_day;
        series.duration_s = timing.duration_s;
        series.template = Template(content);
    });
    store::set_dates(tx, &series, &dates)?;
    store::save(tx, series)
}

/// Writes into every row what the calendar says of it: apart, or in common.
fn tell(tx: &mut Tx<'_>, caller: &Caller, series: &Editable, apart: &[Mirrored]) -> Result<()> {
    let apart: HashMap<&str, &Mirrored> = apart.iter().map(|one| (one.key.as_str(), one)).collect();
    let rows = store::rows(tx, series.id, None)?;
    for row in rows.into_iter().filter(|row| row.state != State::Deleted) {
        let Some(key) = row.recurrence_key.clone() else {
            continue;
        };
        let (schedule, content) = match apart.get(key.as_str()) {
            Some(one) => (one.schedule.clone(), one.content.clone()),
            None => {
                let begin = model::key_start(&key).unwrap_or(row.local_begin);
                (series.schedule(begin), series.template.0.clone())
            }
        };
        say(tx, caller, policy::of_series(row, series), schedule, content)?;
    }
    Ok(())
}

/// Brings one row to `schedule` and `content`; writes nothing where it is so already.
pub(crate) fn say(
    tx: &mut Tx<'_>,
    caller: &Caller,
    row: crate::access::Granted<Event, policy::Edit>,
    schedule: Schedule,
    content: Content,
) -> Result<()> {
    let patch = difference(tx, &row, schedule, content)?;
    if patch != EventPatch::default() {
        write::apply(tx, caller, row, patch, false)?;
    }
    Ok(())
}

/// The patch that turns a row into what is wanted.
fn difference(tx: &mut Tx<'_>, row: &Event, schedule: Schedule, wanted: Content) -> Result<EventPatch> {
    let is = write::content_of(tx, row)?;
    let patch = EventPatch {
        title: (is.title != wanted.title).then_some(wanted.title),
        description: (is.description != wanted.description).then_some(wanted.description),
        schedule: (row.schedule() != schedule).then_some(schedule),
        state: (is.state != wanted.state).then_some(wanted.state),
        status: (is.status != wanted.status).then_some(wanted.status),
        visibility: (is.visibility != wanted.visibility).then_some(wanted.visibility),
        category: (is.category != wanted.category).then_some(wanted.category),
        language: (is.language != wanted.language).then_some(wanted.language),
        attendance: (is.attendance != wanted.attendance).then_some(wanted.attendance),
        online_address: (is.online_address != wanted.online_address).then_some(wanted.online_address),
        place: (is.place != wanted.place).then_some(wanted.place),
        tags: (is.tags != wanted.tags).then_some(wanted.tags),
        picture: (is.picture != wanted.picture).then_some(wanted.picture),
        details: (is.details != wanted.details).then_some(wanted.details),
        version: None,
    };
    Ok(patch)
}
