//! The jobs that read subscribed calendars again, and clear what is gone from them.

use super::store;
use crate::{
    db::Tx,
    error::Result,
    id::CalendarSourceId,
    job::{self, Job, Retry},
};
use serde::{Deserialize, Serialize};

/// Calendars that are read from the table at a time.
const AT_ONCE: i64 = 500;

/// Read a subscribed calendar again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshCalendar {
    /// Which one.
    pub source: CalendarSourceId,
}

impl Job for RefreshCalendar {
    const KIND: &'static str = "calendar.refresh";
    const RETRY: Retry = Retry::PATIENT;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.source.to_string())
    }
}

/// Queues a reading of every subscribed calendar that has none queued, so many seconds from now: whatever ended a chain
/// of readings, it goes on.
///
/// # Errors
/// Those of the database.
pub fn schedule_all(tx: &mut Tx<'_>, seconds: i64) -> Result<()> {
    let mut after = None;
    loop {
        let some = store::subscribed(tx, after, AT_ONCE)?;
        for source in &some {
            enqueue(tx, *source, seconds)?;
        }
        match some.last() {
            Some(last) => after = Some(*last),
            None => return Ok(()),
        }
    }
}

/// Queues the next reading of a calendar, so many seconds from now, unless it is to be read no more.
///
/// # Errors
/// Those of the database.
pub fn schedule(tx: &mut Tx<'_>, source: CalendarSourceId, seconds: i64) -> Result<()> {
    if !super::by_id(tx, source)?.subscribed {
        return Ok(());
    }
    enqueue(tx, source, seconds)
}

fn enqueue(tx: &mut Tx<'_>, source: CalendarSourceId, seconds: i64) -> Result<()> {
    let due = tx.now().plus_seconds(seconds);
    job::enqueue_at(tx, &RefreshCalendar { source }, due)
}
