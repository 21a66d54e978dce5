//! What is no longer in a calendar: cancelled if it was still to come, deleted after a week.

use super::{
    CalendarSource,
    store::{self, Kept},
};
use crate::{
    caller::Caller,
    db::Tx,
    error::{Error, Result},
    event::{self, series},
    time::Instant,
};

/// How long an entry that is gone stays, cancelled, before it is deleted, in seconds.
const KEPT_FOR: i64 = 7 * 86_400;
/// Entries that one call looks at.
const MOST_AT_ONCE: i64 = 200;

/// How far [`settle`] came: the UID and original date of the entry that it looked at last; both empty at first.
type Reached = (String, String);

/// Cancels what is missing from a complete reading of a calendar, some entries behind `after`. `present`:
/// whether the calendar has an entry of this UID and original date. Answers where to go on, `None` at the end, and how
/// many were cancelled. What is over stays as it is: calendars forget the past.
///
/// # Errors
/// Those of the database.
pub fn settle(
    tx: &mut Tx<'_>,
    caller: &Caller,
    source: &CalendarSource,
    present: &dyn Fn(&str, &str) -> bool,
    after: &Reached,
) -> Result<(Option<Reached>, usize)> {
    let page = store::page(tx, source.id, (&after.0, &after.1), MOST_AT_ONCE)?;
    let mut cancelled = 0;
    for kept in page.iter().filter(|kept| !present(&kept.uid, &kept.recurrence_key)) {
        cancelled += usize::from(let_go(tx, caller, kept)?);
    }
    let is_last = i64::try_from(page.len()).unwrap_or(0) < MOST_AT_ONCE;
    let last = page.into_iter().next_back().filter(|_| !is_last);
    Ok((last.map(|kept| (kept.uid, kept.recurrence_key)), cancelled))
}

/// Whether something was still to come, and is cancelled now.
fn let_go(tx: &mut Tx<'_>, caller: &Caller, kept: &Kept) -> Result<bool> {
    let now = tx.now();
    let was_to_come = match (kept.event_id, kept.series_id) {
        (Some(id), _) => match store::times(tx, id)? {
            Some((_, over_at)) if over_at > now => quietly(event::cancel(tx, caller, id).map(drop))?,
            _ => false,
        },
        (None, Some(id)) => quietly(series::remove(tx, caller, id))?,
        (None, None) => false,
    };
    if was_to_come {
        store::keep(
            tx,
            &Kept {
                gone_at: Some(now),
                ..kept.clone()
            },
        )?;
    }
    Ok(was_to_come)
}

/// What is deleted already needs no cancelling.
fn quietly(result: Result<()>) -> Result<bool> {
    match result {
        Ok(()) => Ok(true),
        Err(Error::Gone(_) | Error::NotFound(_)) => Ok(false),
        Err(other) => Err(other),
    }
}

/// Deletes single events that are gone from their calendar for a week. Answers how many; zero: none is left.
///
/// # Errors
/// Those of the database.
pub fn clear_gone(tx: &mut Tx<'_>) -> Result<usize> {
    let before: Instant = tx.now().plus_seconds(-KEPT_FOR);
    let gone = store::gone_before(tx, before, MOST_AT_ONCE)?;
    for kept in &gone {
        if let Some(id) = kept.event_id {
            quietly(event::remove(tx, &Caller::System, id))?;
        }
        store::forget(tx, kept)?;
    }
    Ok(gone.len())
}
