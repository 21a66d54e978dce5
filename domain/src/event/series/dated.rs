//! The dates of a series that somebody may see, beside those that its rule alone would give: for calendars that repeat
//! the rule by themselves.

use super::{
    model::{Dates, Series, key_start},
    store, visible,
};
use crate::{
    caller::Caller,
    db::Tx,
    error::Result,
    event::{Event, policy},
    id::SeriesId,
    time::{
        LocalDateTime,
        recurrence::{MOST_DATES, Recurrence},
    },
};
use std::collections::BTreeSet;

/// A series and its dates.
#[derive(Debug, Clone, PartialEq)]
pub struct Dated {
    /// The series.
    pub series: Series,
    /// Its rows that may be seen, by original begin.
    pub rows: Vec<(LocalDateTime, Event)>,
    /// The first date of the rule: the start of the series, unless that is none of the rule's.
    pub first: LocalDateTime,
    /// Original begins that the rule has and the series has not.
    pub skipped: Vec<LocalDateTime>,
    /// Original begins that the series has and the rule has not.
    pub added: Vec<LocalDateTime>,
}

/// A series with its dates, as far as the caller may see them.
///
/// # Errors
/// `NotFound`.
pub fn dated(tx: &mut Tx<'_>, caller: &Caller, id: SeriesId) -> Result<Dated> {
    let series = visible(tx, caller, id)?;
    let beside = store::dates(tx, id)?;
    let (mut rows, mut hidden) = (Vec::new(), Vec::new());
    for row in store::rows(tx, id, None)? {
        let Some(begin) = row.recurrence_key.as_deref().and_then(key_start) else {
            continue;
        };
        match policy::view(&row, policy::standing(caller, &row)) {
            Ok(()) => rows.push((begin, row)),
            Err(_) => hidden.push(begin),
        }
    }
    let starts = |keys: &[String]| keys.iter().filter_map(|key| key_start(key)).collect::<BTreeSet<_>>();
    let mut skipped = starts(&beside.skipped);
    skipped.extend(hidden);
    let (first, mut added) = beside_rule(&series, &rows)?;
    added.extend(starts(&beside.added));
    added.retain(|begin| !skipped.contains(begin));
    Ok(Dated {
        skipped: skipped.into_iter().collect(),
        added: added.into_iter().collect(),
        first,
        series,
        rows,
    })
}

/// The first date of the rule, and what the rule, as it is now, does not give: a series begins at its start whatever the
/// rule says, and one that was ended keeps its cancelled dates.
fn beside_rule(series: &Series, rows: &[(LocalDateTime, Event)]) -> Result<(LocalDateTime, BTreeSet<LocalDateTime>)> {
    let start = series.start_local;
    let mut rule = series.recurrence(&Dates::default())?;
    let begins_by_rule = rule.dates_before(start.plus_seconds(1))? > 0;
    if !begins_by_rule {
        rule.skipped.push(start);
    }
    // A date that its calendar describes apart has a row before its turn.
    let last = rows.iter().map(|(begin, _)| begin.plus_seconds(1)).max();
    let until = series.horizon_local.max(start.plus_days(1));
    let by_rule = dates(&rule, start, last.map_or(until, |last| until.max(last)))?;
    let first = by_rule.first().copied().unwrap_or(start);
    let begins = rows.iter().map(|(begin, _)| *begin);
    let mut added: BTreeSet<_> = begins.filter(|begin| !by_rule.contains(begin)).collect();
    if first == start {
        added.remove(&start);
    } else {
        added.insert(start);
    }
    Ok((first, added))
}

/// All dates between two readings, however many.
fn dates(rule: &Recurrence, from: LocalDateTime, until: LocalDateTime) -> Result<BTreeSet<LocalDateTime>> {
    let (mut from, mut dates) = (from, BTreeSet::new());
    loop {
        let some = rule.between(from, until)?;
        dates.extend(some.iter().copied());
        match some.last() {
            Some(last) if some.len() == MOST_DATES => from = last.plus_seconds(1),
            _ => return Ok(dates),
        }
    }
}
