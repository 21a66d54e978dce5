//! Work that must follow from a change: written in its transaction, leased by one worker at a time, retried.
//!
//! A job's payload says what it is about, never what to do in detail: who runs it reads the state of that moment. A job
//! whose effect is in the database runs and ends in one transaction, so that its effect cannot be doubled.

use crate::{
    db::{
        Tx,
        column::DbUuid,
        conn::MultiBackend,
        dialect::statement,
        schema::job::{self, dsl},
    },
    error::{Error, Reason, Result},
    id::JobId,
    time::Instant,
};
use diesel::{
    prelude::*,
    query_builder::{AstPass, QueryFragment},
    sql_types::{Nullable, Text, Timestamp},
};
use serde::{Serialize, de::DeserializeOwned};

/// How often and when a failed job is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Seconds before the second try; doubled for each further one.
    pub first: u32,
    /// The longest pause, in seconds.
    pub longest: u32,
    /// After so many tries the job is dead: kept, shown to administrators, not run.
    pub most: i32,
}

impl Retry {
    /// For work inside the database.
    pub const QUICK: Self = Self {
        first: 1,
        longest: 600,
        most: 12,
    };
    /// For work that asks other servers.
    pub const PATIENT: Self = Self {
        first: 60,
        longest: 6 * 3600,
        most: 10,
    };

    /// Seconds to wait after so many tries that failed.
    fn pause(self, tries: i32) -> i64 {
        let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or(0).min(30);
        i64::from(self.first)
            .saturating_mul(1 << doublings)
            .min(i64::from(self.longest))
    }
}

/// A kind of work.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// Its name: `search.index`.
    const KIND: &'static str;
    /// What happens when it fails.
    const RETRY: Retry;
    /// Two waiting jobs of one kind with the same key are one.
    fn dedupe_key(&self) -> Option<String> {
        None
    }
}

/// Queues `job`, to run as soon as this transaction is committed.
///
/// # Errors
/// Those of the database.
pub fn enqueue<J: Job>(tx: &mut Tx<'_>, job: &J) -> Result<()> {
    let due = tx.now();
    enqueue_at(tx, job, due)
}

/// Queues `job`, to run at `due` or later.
///
/// # Errors
/// Those of the database.
pub fn enqueue_at<J: Job>(tx: &mut Tx<'_>, job: &J, due: Instant) -> Result<()> {
    let row = Row {
        id: JobId(tx.new_uuid()),
        kind: J::KIND,
        payload: serde_json::to_string(job).map_err(Error::internal)?,
        dedupe_key: job.dedupe_key(),
        due_at: due,
        created_at: tx.now(),
    };
    row.execute(tx.conn)?;
    tx.enqueued();
    Ok(())
}

/// `INSERT` of a job; one that waits already is due at the earlier of both times.
struct Row<'a> {
    id: JobId,
    kind: &'a str,
    payload: String,
    dedupe_key: Option<String>,
    due_at: Instant,
    created_at: Instant,
}
statement!(Row);

impl QueryFragment<MultiBackend> for Row<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("INSERT INTO job (tries, id, kind, payload, dedupe_key, due_at, created_at) VALUES (0, ");
        out.push_bind_param::<DbUuid, _>(&self.id)?;
        for text in [self.kind, &self.payload] {
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(text)?;
        }
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Text>, _>(&self.dedupe_key)?;
        for moment in [&self.due_at, &self.created_at] {
            out.push_sql(", ");
            out.push_bind_param::<Timestamp, _>(moment)?;
        }
        // The row that waits is locked until this transaction ends, also where nothing of it changes: a worker that ran
        // it before would see the old state.
        out.push_sql(
            ") ON CONFLICT (kind, dedupe_key) DO UPDATE SET due_at = \
             CASE WHEN excluded.due_at < job.due_at THEN excluded.due_at ELSE job.due_at END",
        );
        Ok(())
    }
}

/// A job that this worker holds until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = job)]
pub struct Claimed {
    id: JobId,
    kind: String,
    payload: String,
    tries: i32,
    lease: Option<JobId>,
}

impl Claimed {
    /// Which kind.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The identifier, for logs.
    pub fn id(&self) -> JobId {
        self.id
    }

    /// How often it was begun, this time included.
    pub fn tries(&self) -> i32 {
        self.tries
    }

    /// What it is about.
    ///
    /// # Errors
    /// `Internal` where a newer or older program wrote another payload.
    pub fn payload<J: Job>(&self) -> Result<J> {
        serde_json::from_str(&self.payload).map_err(Error::internal)
    }
}

/// Takes up to `most` jobs that are due, of kinds in `kinds`, for `lease_seconds`. Two workers never hold the same one.
///
/// # Errors
/// Those of the database.
pub fn claim(tx: &mut Tx<'_>, kinds: &[&str], most: i64, lease_seconds: u32) -> Result<Vec<Claimed>> {
    let now = tx.now();
    let due: Vec<JobId> = dsl::job
        .filter(
            dsl::failed_at
                .is_null()
                .and(dsl::due_at.le(now))
                .and(dsl::kind.eq_any(kinds)),
        )
        .order((dsl::due_at, dsl::id))
        .limit(most)
        .select(dsl::id)
        .load(tx.conn)?;
    let mut claimed = Vec::with_capacity(due.len());
    for id in due {
        claimed.extend(take(tx, id, lease_seconds)?);
    }
    Ok(claimed)
}

/// `due_at` moves to the end of the lease: if the worker dies, the job is due again then.
fn take(tx: &mut Tx<'_>, id: JobId, lease_seconds: u32) -> Result<Option<Claimed>> {
    let now = tx.now();
    let lease = JobId(tx.new_uuid());
    let changed =
        diesel::update(dsl::job.filter(dsl::id.eq(id).and(dsl::due_at.le(now)).and(dsl::failed_at.is_null())))
            .set((
                dsl::lease.eq(Some(lease)),
                dsl::due_at.eq(now.plus_seconds(i64::from(lease_seconds))),
                dsl::tries.eq(dsl::tries + 1),
                // From now on a new job with the same key is not the same: it may be about a later state.
                dsl::dedupe_key.eq(None::<String>),
            ))
            .execute(tx.conn)?;
    if changed == 0 {
        return Ok(None); // another worker was faster
    }
    Ok(dsl::job
        .filter(dsl::id.eq(id))
        .select(Claimed::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Ends a job. In the transaction of its effect, this makes the effect happen once.
///
/// # Errors
/// `Conflict(LeaseLost)` when another worker took it after the lease ended: undo the effect.
pub fn finish(tx: &mut Tx<'_>, job: &Claimed) -> Result<()> {
    let ended = diesel::delete(dsl::job.filter(dsl::id.eq(job.id).and(dsl::lease.eq(job.lease)))).execute(tx.conn)?;
    if ended == 1 {
        Ok(())
    } else {
        Err(Error::Conflict(Reason::LeaseLost))
    }
}

/// Lengthens a lease, for work that takes its time.
///
/// # Errors
/// `Conflict(LeaseLost)` when another worker took the job: stop working on it.
pub fn renew(tx: &mut Tx<'_>, job: &Claimed, lease_seconds: u32) -> Result<()> {
    let until = tx.now().plus_seconds(i64::from(lease_seconds));
    let held = diesel::update(dsl::job.filter(dsl::id.eq(job.id).and(dsl::lease.eq(job.lease))))
        .set(dsl::due_at.eq(until))
        .execute(tx.conn)?;
    if held == 1 {
        Ok(())
    } else {
        Err(Error::Conflict(Reason::LeaseLost))
    }
}

/// Gives a job back that was not run to its end, because the program stops: due at once, as if never begun.
///
/// # Errors
/// Those of the database; a lost lease is none.
pub fn give_back(tx: &mut Tx<'_>, job: &Claimed) -> Result<()> {
    let now = tx.now();
    diesel::update(dsl::job.filter(dsl::id.eq(job.id).and(dsl::lease.eq(job.lease))))
        .set((
            dsl::lease.eq(None::<JobId>),
            dsl::due_at.eq(now),
            dsl::tries.eq(dsl::tries - 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Deletes what was given up before `before`. Answers how many there were.
///
/// # Errors
/// Those of the database.
pub fn forget_dead(tx: &mut Tx<'_>, before: Instant) -> Result<usize> {
    Ok(diesel::delete(dsl::job.filter(dsl::failed_at.lt(before))).execute(tx.conn)?)
}

/// Notes that a try failed: it is due again later, or dead. `why` is for administrators.
///
/// # Errors
/// Those of the database; a lost lease is none.
pub fn fail(tx: &mut Tx<'_>, job: &Claimed, retry: Retry, why: &str) -> Result<()> {
    let now = tx.now();
    let dead = job.tries >= retry.most;
    let why: String = why.chars().take(500).collect();
    diesel::update(dsl::job.filter(dsl::id.eq(job.id).and(dsl::lease.eq(job.lease))))
        .set((
            dsl::lease.eq(None::<JobId>),
            dsl::due_at.eq(now.plus_seconds(retry.pause(job.tries))),
            dsl::failed_at.eq(dead.then_some(now)),
            dsl::error.eq(Some(why)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// How much work there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Due or running.
    pub waiting: i64,
    /// Given up.
    pub dead: i64,
}

/// Counts the work, for the metrics and for `check`.
///
/// # Errors
/// Those of the database.
pub fn backlog(tx: &mut Tx<'_>) -> Result<Backlog> {
    let now = tx.now();
    Ok(Backlog {
        waiting: dsl::job
            .filter(
                dsl::failed_at
                    .is_null()
                    .and(dsl::due_at.le(now).or(dsl::lease.is_not_null())),
            )
            .count()
            .get_result(tx.conn)?,
        dead: dsl::job
            .filter(dsl::failed_at.is_not_null())
            .count()
            .get_result(tx.conn)?,
    })
}

/// When the next job of these kinds is due; `None`: nothing waits.
///
/// # Errors
/// Those of the database.
pub fn next_due(tx: &mut Tx<'_>, kinds: &[&str]) -> Result<Option<Instant>> {
    Ok(dsl::job
        .filter(dsl::failed_at.is_null().and(dsl::kind.eq_any(kinds)))
        .order(dsl::due_at)
        .select(dsl::due_at)
        .first(tx.conn)
        .optional()?)
}

#[cfg(test)]
mod tests;
