//! The daily refill of the rows of series.

use super::{REFILL_BELOW, store};
use crate::{
    db::Tx,
    error::Result,
    id::SeriesId,
    job::{self, Job, Retry},
    time::Zone,
};
use serde::{Deserialize, Serialize};

/// Series that one look finds; the next look finds the rest.
const MOST_AT_ONCE: i64 = 500;

/// Make the rows that one series lacks: a transaction each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtendSeries {
    /// Which one.
    pub series: SeriesId,
}

impl Job for ExtendSeries {
    const KIND: &'static str = "series.extend";
    const RETRY: Retry = Retry::QUICK;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.series.to_string())
    }
}

/// Queues [`ExtendSeries`] for the series whose rows reach less than 370 days ahead. Answers how many it found.
///
/// # Errors
/// Those of the database.
pub fn enqueue_due(tx: &mut Tx<'_>) -> Result<usize> {
    let before = Zone::UTC.local(tx.now()).day().plus_days(REFILL_BELOW).midnight();
    let due = store::short_of(tx, before, MOST_AT_ONCE)?;
    for series in &due {
        job::enqueue(tx, &ExtendSeries { series: *series })?;
    }
    Ok(due.len())
}
