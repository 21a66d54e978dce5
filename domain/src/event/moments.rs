//! The moments of coming events, worked out anew when the program comes with another table of time zones.
//!
//! What a person typed is kept; `begins_at` and `over_at` follow from it and from the tzdb of the day. The version of
//! that tzdb stands in `setting`. Where the program carries another, a job goes through all events, some in each
//! transaction, and says in its payload how far it came: it goes on after a crash. What is over stays as it was.

#[cfg(test)]
mod tests;

use super::{model::State, policy, rules, store};
use crate::{
    access::Standing,
    caller::Caller,
    change::Change,
    db::{
        Tx,
        dialect::both,
        schema::{
            event::{self, dsl},
            setting,
        },
    },
    error::Result,
    event::{Event, Schedule},
    id::EventId,
    job::{self, Job, Retry},
    time::{Instant, LocalDateTime, Zone, tzdb_version},
};
use diesel::{prelude::*, upsert::excluded};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Under what the version stands in `setting`.
const SETTING: &str = "tzdb";
/// Events that one transaction looks at.
const MOST_AT_ONCE: i64 = 500;

/// Work out anew the moments of the events behind one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReckonMoments {
    /// The table that the events before were reckoned with.
    tzdb: String,
    /// The last of these.
    after: EventId,
}

impl Job for ReckonMoments {
    const KIND: &'static str = "event.reckon_moments";
    const RETRY: Retry = Retry::QUICK;

    fn dedupe_key(&self) -> Option<String> {
        Some(String::new())
    }
}

impl ReckonMoments {
    fn of_all() -> Self {
        Self {
            tzdb: tzdb_version().to_owned(),
            after: EventId(Uuid::nil()),
        }
    }
}

/// For the start of the program: queues [`ReckonMoments`] unless all moments follow from the table of zones that it
/// carries. Answers whether it did.
///
/// # Errors
/// Those of the database.
pub fn begin(tx: &mut Tx<'_>) -> Result<bool> {
    if noted(tx)?.as_deref() == Some(tzdb_version()) {
        return Ok(false);
    }
    job::enqueue(tx, &ReckonMoments::of_all())?;
    Ok(true)
}

/// Looks at some events, and queues the rest; behind the last, notes the table. Those that move in the world are changed,
/// and calendars are told.
///
/// # Errors
/// Those of the database.
pub fn go_on(tx: &mut Tx<'_>, job: ReckonMoments) -> Result<()> {
    look_at(tx, job, MOST_AT_ONCE)
}

fn look_at(tx: &mut Tx<'_>, job: ReckonMoments, most: i64) -> Result<()> {
    // Another program began: what it reckoned is not as ours.
    let is_ours = job.tzdb == tzdb_version();
    let job = if is_ours { job } else { ReckonMoments::of_all() };
    let page = page(tx, job.after, most)?;
    let now = tx.now();
    let moved: Vec<EventId> = page.iter().filter(|row| row.moves(now)).map(|row| row.id).collect();
    for event in store::by_ids(tx, &moved)? {
        reckon(tx, event)?;
    }
    match page.last() {
        Some(last) if i64::try_from(page.len()).is_ok_and(|found| found >= most) => {
            job::enqueue(tx, &ReckonMoments { after: last.id, ..job })
        }
        _ => note(tx),
    }
}

/// What moments follow from, and those that are kept.
#[derive(Queryable, Selectable)]
#[diesel(table_name = event)]
struct Reckoned {
    id: EventId,
    local_begin: LocalDateTime,
    local_end: Option<LocalDateTime>,
    zone: Zone,
    all_day: bool,
    begins_at: Instant,
    over_at: Instant,
}

impl Reckoned {
    /// Whether the moments are others, and the event is not over by both of them.
    fn moves(&self, now: Instant) -> bool {
        let (begins_at, over_at) = rules::instants(&Schedule {
            begin: self.local_begin,
            end: self.local_end,
            zone: self.zone.clone(),
            all_day: self.all_day,
        });
        (begins_at, over_at) != (self.begins_at, self.over_at) && over_at.max(self.over_at) > now
    }
}

/// By identifier alone, so that no transaction goes through more rows than these, however many are over.
fn page(tx: &mut Tx<'_>, after: EventId, most: i64) -> Result<Vec<Reckoned>> {
    Ok(dsl::event
        .filter(dsl::id.gt(after))
        .order(dsl::id)
        .limit(most)
        .select(Reckoned::as_select())
        .load(tx.conn)?)
}

/// The reading of the clock stays. SEQUENCE rises: calendars that worked out the moment themselves are to do so again.
fn reckon(tx: &mut Tx<'_>, event: Event) -> Result<()> {
    if event.state == State::Deleted {
        return Ok(());
    }
    let event = policy::edit(&Caller::System, event, Standing::System)?.edit(|event| {
        rules::settle(event);
        event.sequence = event.sequence.saturating_add(1);
    });
    let event = store::save(tx, event)?;
    let touched = store::touched(tx, &event, None, &[])?;
    tx.emit(&Caller::System, &Change::EventUpdated(event.id, touched))
}

fn noted(tx: &mut Tx<'_>) -> Result<Option<String>> {
    let version = setting::table.find(SETTING).select(setting::value);
    Ok(version.first(tx.conn).optional()?)
}

fn note(tx: &mut Tx<'_>) -> Result<()> {
    let now = tx.now();
    let version = (
        setting::name.eq(SETTING),
        setting::value.eq(tzdb_version()),
        setting::updated_at.eq(now),
    );
    both!(&mut *tx.conn, c => diesel::insert_into(setting::table)
        .values(version)
        .on_conflict(setting::name)
        .do_update()
        .set((
            setting::value.eq(excluded(setting::value)),
            setting::updated_at.eq(excluded(setting::updated_at)),
        ))
        .execute(c))?;
    Ok(())
}
