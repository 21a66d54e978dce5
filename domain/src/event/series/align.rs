//! Rows that get other dates: matched one to one with the new dates, and what is left over cancelled or removed.

use super::{
    Editable,
    rematch::{self, Reach},
    store,
};
use crate::{
    access::Granted,
    caller::Caller,
    change::Change,
    db::Tx,
    error::Result,
    event::{Detached, Event, Status, model::State, policy, rules, store as events},
    time::recurrence::Frequency,
};
use std::collections::HashSet;

/// A row that the caller may change.
pub(super) type Row = Granted<Event, policy::Edit>;

/// A row and the date that it stands for from now on.
#[derive(Debug)]
pub(super) struct Matched {
    /// The row under its new key.
    pub(super) row: Row,
    /// The row as it was.
    pub(super) before: Event,
}

impl Matched {
    /// Whether the row stands for another date than before. Its old key is taken from it already: it must be saved.
    pub(super) fn is_rekeyed(&self) -> bool {
        self.row.recurrence_key != self.before.recurrence_key
    }
}

/// What became of the dates of a series.
#[derive(Debug)]
pub(super) struct Aligned {
    /// Rows that have a date. None of them is saved yet.
    pub(super) matched: Vec<Matched>,
    /// Keys that have no row yet, sorted.
    pub(super) missing: Vec<String>,
    /// How many rows have no date any more, and were let go.
    pub(super) let_go: usize,
}

/// Gives the rows `later` the dates `wanted`, one to one where they match; what is left over is let go. A deleted row
/// keeps its key and nothing takes it, so that nothing late brings it back.
pub(super) fn align(
    tx: &mut Tx<'_>,
    caller: &Caller,
    series: &Editable,
    mut later: Vec<Event>,
    wanted: &[String],
) -> Result<Aligned> {
    later.retain(|row| row.state != State::Deleted);
    let old: Vec<String> = later.iter().filter_map(|row| row.recurrence_key.clone()).collect();
    let mut taken: HashSet<String> = store::keys(tx, series.id)?.into_iter().collect();
    for key in &old {
        taken.remove(key);
    }
    let free: Vec<String> = wanted.iter().filter(|key| !taken.contains(*key)).cloned().collect();
    let mut plan = rematch::plan(&old, &free, reach(series)?);
    let rows = later.into_iter().map(|before| {
        let key = before.recurrence_key.as_ref().and_then(|key| plan.kept.remove(key));
        (before, key)
    });
    let (matched, left): (Vec<_>, Vec<_>) = rows.partition(|(_, key)| key.is_some());
    let matched: Vec<Matched> = matched
        .into_iter()
        .map(|(before, key)| {
            let row = policy::of_series(before.clone(), series).edit(|event| {
                event.series_id = Some(series.id);
                event.recurrence_key = key;
            });
            Matched { row, before }
        })
        .collect();
    let moving = matched.iter().filter(|one| one.is_rekeyed()).map(|one| one.row.id);
    store::park(tx, &moving.collect::<Vec<_>>())?;
    let let_go = left.len();
    for (row, _) in left {
        leave(tx, caller, policy::of_series(row, series))?;
    }
    Ok(Aligned {
        matched,
        missing: plan.new,
        let_go,
    })
}

fn reach(series: &Editable) -> Result<Reach> {
    let rule = series.rule()?;
    let frequency = rule.map(|rule| rule.parts(&series.zone, series.all_day).frequency);
    Ok(match frequency {
        Some(Frequency::Weekly) => Reach::Week,
        _ => Reach::Month,
    })
}

/// A row without a date any more stands alone: cancelled where it was announced, removed otherwise.
fn leave(tx: &mut Tx<'_>, caller: &Caller, row: Row) -> Result<()> {
    if row.state == State::Draft {
        let touched = events::touched(tx, &row, None, &[])?;
        events::delete(tx, &row)?;
        return tx.emit(caller, &Change::EventRemoved(row.id, touched));
    }
    let before = (*row).clone();
    let row = row.edit(|event| {
        event.series_id = None;
        event.recurrence_key = None;
        event.detached = Detached::default();
        event.status = Status::Cancelled;
    });
    save(tx, caller, row, &before)
}

/// Saves a row, and tells calendars where time, place or status are others.
pub(super) fn save(tx: &mut Tx<'_>, caller: &Caller, row: Row, before: &Event) -> Result<()> {
    let row = row.edit(|event| {
        if rules::is_significant(before, event) {
            event.sequence = event.sequence.saturating_add(1);
        }
    });
    let row = events::save(tx, row)?;
    let touched = events::touched(tx, &row, None, &[])?;
    tx.emit(caller, &Change::EventUpdated(row.id, touched))
}
