//! A series that mirrors one in a calendar elsewhere: what the calendar says is what is.
//!
//! A row is written only where it is otherwise: whoever put it in a calendar is told of real changes, once each.

use super::{
    Editable,
    align::{Aligned, Matched, Row, align},
    compose,
    edit::{Timing, retime},
    editable,
    model::{self, Dates, NewSeries, Series, Template, key_start},
    owners, rows, store,
    told::{self, Kept, Told},
};
use crate::{
    caller::Caller,
    change::Change,
    db::Tx,
    error::Result,
    event::{Content, Event, Schedule, model::State},
    id::{EventId, SeriesId},
    time::{Day, Instant},
};
use std::collections::{BTreeMap, BTreeSet};

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

/// Announces a series of a calendar, with at most `at_once` rows for a start, those of the nearest dates, and one for
/// each date that the calendar describes `apart`. The job that extends series makes the others.
///
/// # Errors
/// As [`super::create`].
pub fn import(tx: &mut Tx<'_>, caller: &Caller, new: NewSeries, apart: &[Mirrored], at_once: usize) -> Result<Series> {
    let (series, dates) = compose(tx, caller, new)?;
    let today = series.zone.local(tx.now()).day();
    let apart = Apart::of(apart, today);
    let wanted = wanted(&series, &dates, &apart, today)?;
    let (now, later) = apart.soonest(wanted, at_once, today);
    let series = left_to_the_job(series, &later, today);
    store::insert(tx, &series)?;
    store::set_dates(tx, &series, &dates)?;
    let told = Told::new(tx, series.template.0.clone())?;
    announce(tx, caller, &series, &now, &told, &apart)?;
    tx.emit(caller, &Change::SeriesCreated(series.id, owners(&series)))?;
    Ok(series.into_inner())
}

/// Brings a series and its rows to what a calendar says, in place: rows keep their addresses wherever a date matches.
/// Rows that have begun change too, for the calendar is the truth; dates that are gone and still to come are cancelled.
/// Of new dates, at most `at_once` get their rows now, as in [`import`].
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
    at_once: usize,
) -> Result<Series> {
    let series = editable(tx, caller, id)?;
    let (before, dates_before) = ((*series).clone(), store::dates(tx, id)?);
    let told = Told::new(tx, content)?;
    let mut after = before.clone();
    let dates = retime(&mut after, timing)?;
    after.template = Template(told.content.clone());
    let today = after.zone.local(tx.now()).day();
    after.horizon_local = after.reach(today);
    let series = series.edit(|series| *series = after);

    let apart = Apart::of(apart, today);
    let wanted = wanted(&series, &dates, &apart, today)?;
    let rows = movable(store::rows(tx, id, None)?, &wanted, tx.now());
    let Aligned {
        matched,
        missing,
        let_go,
    } = align(tx, caller, &series, rows, &wanted)?;
    let (now, later) = apart.soonest(missing, at_once, today);
    let mut series = left_to_the_job(series, &later, today);
    let is_other = *series != before || dates != dates_before;
    if is_other {
        store::set_dates(tx, &series, &dates)?;
        series = store::save(tx, series)?;
    }
    let told_anew = tell(tx, caller, &series, matched, &told, &apart)?;
    announce(tx, caller, &series, &now, &told, &apart)?;
    if is_other || let_go + told_anew + now.len() > 0 {
        tx.emit(caller, &Change::SeriesUpdated(id, owners(&series)))?;
    }
    Ok(series.into_inner())
}

/// The dates that a calendar describes apart, by key; without those that are so long past that they get no rows.
struct Apart<'a>(BTreeMap<&'a str, &'a Mirrored>);

impl<'a> Apart<'a> {
    fn of(apart: &'a [Mirrored], today: Day) -> Self {
        let from = model::window(today).0;
        let is_kept = |one: &&Mirrored| key_start(&one.key).is_some_and(|at| at >= from);
        let kept = apart.iter().filter(is_kept);
        Self(kept.map(|one| (one.key.as_str(), one)).collect())
    }

    /// The keys that get their rows at once and those that are left to the job, which knows only what the dates of a
    /// series have in common: so that dates that are described apart are never left.
    fn soonest(&self, missing: Vec<String>, at_once: usize, today: Day) -> (Vec<String>, Vec<String>) {
        let (mut now, others): (Vec<_>, Vec<_>) =
            missing.into_iter().partition(|key| self.0.contains_key(key.as_str()));
        let (mut soonest, later) = rows::soonest(others, at_once, today);
        now.append(&mut soonest);
        (now, later)
    }
}

/// The keys that are to have rows; those that are described apart also where they lie behind the horizon, for once
/// their rows are due nobody says again what is said of them now.
fn wanted(series: &Series, dates: &Dates, apart: &Apart<'_>, today: Day) -> Result<Vec<String>> {
    let mut wanted: BTreeSet<String> = rows::expected(series, dates, today, series.horizon_local)?
        .into_iter()
        .collect();
    wanted.extend(apart.0.keys().map(ToString::to_string));
    Ok(wanted.into_iter().collect())
}

/// Where rows are left to the job that extends series, brings it to do so at its next look.
fn left_to_the_job(series: Editable, later: &[String], today: Day) -> Editable {
    if later.is_empty() {
        series
    } else {
        series.edit(|series| series.horizon_local = today.midnight())
    }
}

/// Rows that take part in matching: those of wanted dates and those that can still be moved. A past date that fell out
/// of the calendar, or is older than any that gets a row today, stays as it is.
fn movable(mut rows: Vec<Event>, wanted: &[String], now: Instant) -> Vec<Event> {
    let wanted: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    rows.retain(|row| {
        let is_wanted = || row.recurrence_key.as_deref().is_some_and(|key| wanted.contains(key));
        row.state != State::Deleted && (row.begins_at > now || is_wanted())
    });
    rows
}

/// Brings matched rows to what the calendar says of them: apart, or in common. Answers how many it wrote.
fn tell(
    tx: &mut Tx<'_>,
    caller: &Caller,
    series: &Editable,
    matched: Vec<Matched>,
    told: &Told,
    apart: &Apart<'_>,
) -> Result<usize> {
    let ids: Vec<EventId> = matched.iter().map(|one| one.row.id).collect();
    let (kept, nothing) = (told::kept(tx, &ids)?, Kept::default());
    let mut written = 0;
    for one in matched {
        let must = one.is_rekeyed();
        let kept = kept.get(&one.row.id).unwrap_or(&nothing);
        let key = one.row.recurrence_key.clone().unwrap_or_default();
        let is_written = match apart.0.get(key.as_str()) {
            Some(other) => {
                let told = told.beside(tx, other.content.clone())?;
                told::say(tx, caller, one.row, must, (&other.schedule, &told), kept)?
            }
            None => {
                let begin = key_start(&key).unwrap_or(one.row.local_begin);
                told::say(tx, caller, one.row, must, (&series.schedule(begin), told), kept)?
            }
        };
        written += usize::from(is_written);
    }
    Ok(written)
}

/// Makes rows for these keys, as the calendar says: apart, or in common.
fn announce(
    tx: &mut Tx<'_>,
    caller: &Caller,
    series: &Editable,
    keys: &[String],
    told: &Told,
    apart: &Apart<'_>,
) -> Result<()> {
    for key in keys {
        if let Some(other) = apart.0.get(key.as_str()) {
            let (schedule, told) = (
                other.schedule.clone().checked()?,
                told.beside(tx, other.content.clone())?,
            );
            rows::announce_one(tx, caller, series, key, (schedule, &told.content), told.place.as_ref())?;
        } else if let Some(begin) = key_start(key) {
            let of_series = (series.schedule(begin), &told.content);
            rows::announce_one(tx, caller, series, key, of_series, told.place.as_ref())?;
        }
    }
    Ok(())
}

/// Brings one event to `schedule` and `content`; writes nothing where it is so already.
pub(crate) fn say(tx: &mut Tx<'_>, caller: &Caller, row: Row, schedule: &Schedule, content: Content) -> Result<()> {
    let told = Told::new(tx, content)?;
    let kept = told::kept(tx, &[row.id])?.remove(&row.id).unwrap_or_default();
    told::say(tx, caller, row, false, (schedule, &told), &kept).map(drop)
}
