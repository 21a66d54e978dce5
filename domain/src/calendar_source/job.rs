//! The jobs that read subscribed calendars again, and clear what is gone from them.

use crate::{
    db::Tx,
    error::Result,
    id::CalendarSourceId,
    job::{self, Job, Retry},
};
use serde::{Deserialize, Serialize};

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

/// Queues the next reading of a calendar, so many seconds from now.
///
/// # Errors
/// Those of the database.
pub fn schedule(tx: &mut Tx<'_>, source: CalendarSourceId, seconds: i64) -> Result<()> {
    let due = tx.now().plus_seconds(seconds);
    job::enqueue_at(tx, &RefreshCalendar { source }, due)
}
