//! Runs jobs: claims what is due, runs it, retries it, and stops politely.
//!
//! A job whose effect is in the database alone runs and ends in one transaction: its effect is there once or not at all.
//! A job that talks to the outside is a sandwich: a transaction prepares, the middle performs, a transaction records and
//! ends it; the middle may happen twice, never the rest. Several nodes may work on one database: a lease decides.

mod handlers;
#[cfg(test)]
mod tests;

pub use handlers::Handlers;

use crate::telemetry;
use domain::{
    Error, Result,
    db::Db,
    error::Reason,
    id::JobId,
    job::{self, Claimed, Retry},
};
use futures_util::FutureExt;
use handlers::{Handler, Lane, Run};
use std::{collections::HashMap, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval_at, sleep, timeout_at},
};

/// How long a job is held; a worker that dies gives its jobs back after that.
const LEASE: Duration = Duration::from_secs(30);
/// How often a job that runs on is held anew.
const RENEWAL: Duration = Duration::from_secs(10);
/// The most that the outside may take.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// How often one looks for work that another process queued.
const POLL: Duration = Duration::from_millis(500);
/// The pause after a database did not answer.
const PAUSE: Duration = Duration::from_secs(2);
/// How long running jobs may take to end when the program stops.
const PATIENCE: Duration = Duration::from_secs(25);

/// Runs the jobs of one database.
#[derive(Clone)]
pub struct Worker {
    db: Db,
    handlers: Arc<Handlers>,
    patience: Duration,
}

impl Worker {
    /// A worker for these kinds of jobs.
    pub fn new(db: Db, handlers: Handlers) -> Self {
        Self {
            db,
            handlers: Arc::new(handlers),
            patience: PATIENCE,
        }
    }

    /// Runs jobs until `stop` says so; what runs then has 25 seconds to end, and is given back otherwise.
    pub async fn run(&self, stop: watch::Receiver<bool>) {
        let lanes = [Lane::Inside, Lane::Outside].map(|lane| self.run_lane(lane, stop.clone()));
        futures_util::future::join_all(lanes).await;
    }

    /// Runs what is due until nothing is, and answers how many jobs were begun: for commands, and for tests.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn run_due(&self) -> Result<usize> {
        let mut begun = 0;
        loop {
            let mut claimed = self.claim(Lane::Inside, Lane::Inside.most()).await?;
            claimed.extend(self.claim(Lane::Outside, Lane::Outside.most()).await?);
            if claimed.is_empty() {
                return Ok(begun);
            }
            begun += claimed.len();
            let jobs = claimed.into_iter().map(|job| self.clone().run_one(job));
            futures_util::future::join_all(jobs).await;
        }
    }

    async fn run_lane(&self, lane: Lane, mut stop: watch::Receiver<bool>) {
        let mut enqueued = self.db.enqueued();
        let mut running = Running::default();
        while !*stop.borrow_and_update() {
            enqueued.mark_unchanged();
            let room = lane.most() - running.jobs.len();
            let claimed = if room >= lane.refill() {
                self.claim(lane, room).await
            } else {
                Ok(Vec::new())
            };
            let pause = match claimed {
                Ok(jobs) if jobs.is_empty() => POLL,
                Ok(jobs) => {
                    for job in jobs {
                        running.begin(self.clone(), job);
                    }
                    continue;
                }
                Err(error) => {
                    tracing::warn!(%error, "no jobs can be claimed");
                    PAUSE
                }
            };
            tokio::select! {
                _ = stop.changed() => {}
                _ = enqueued.changed(), if pause == POLL && room >= lane.refill() => {}
                () = running.ended(), if !running.jobs.is_empty() => {}
                () = sleep(pause) => {}
            }
        }
        running.stop(&self.db, self.patience).await;
    }

    /// Claims what is due. It looks before it claims: a look disturbs no writer.
    async fn claim(&self, lane: Lane, most: usize) -> Result<Vec<Claimed>> {
        let handlers = self.handlers.clone();
        let now = self.db.clock().now();
        let due = self.db.read(move |tx| job::next_due(tx, handlers.kinds(lane))).await?;
        if due.is_none_or(|due| due > now) {
            return Ok(Vec::new());
        }
        let handlers = self.handlers.clone();
        let (most, seconds) = (i64::try_from(most).unwrap_or(1), seconds(LEASE));
        self.db
            .write(move |tx| job::claim(tx, handlers.kinds(lane), most, seconds))
            .await
    }

    async fn run_one(self, job: Claimed) -> JobId {
        let (id, begun) = (job.id(), Instant::now());
        let Some(handler) = self.handlers.get(job.kind()) else {
            return id; // only known kinds are claimed
        };
        let result = self.attempt(handler, &job).await;
        let outcome = match &result {
            Ok(()) => "done",
            Err(Error::Conflict(Reason::LeaseLost)) => "lost",
            Err(_) => "failed",
        };
        let kind = job.kind().to_owned();
        metrics::counter!("kermesse_jobs_total", "kind" => kind.clone(), "outcome" => outcome).increment(1);
        metrics::histogram!("kermesse_job_seconds", "kind" => kind).record(begun.elapsed());
        match result {
            Ok(()) => {}
            Err(Error::Conflict(Reason::LeaseLost)) => {
                tracing::info!(job.id = %id, job.kind = job.kind(), "another worker has this job now");
            }
            Err(error) => self.failed(job, handler.retry, &error).await,
        }
        id
    }

    async fn attempt(&self, handler: &Handler, job: &Claimed) -> Result<()> {
        if job.tries() > handler.retry.most {
            // No worker noted a failure: each of them died of it.
            return Err(Error::bug("begun too often without an end"));
        }
        match &handler.run {
            Run::Inside(run) => {
                let (run, job) = (run.clone(), job.clone());
                self.db.write(move |tx| run(tx, &job)).await
            }
            Run::Outside(run) => self.attended(job, run(self.db.clone(), job.clone())).await,
        }
    }

    /// Awaits `work` and holds its job as long as it takes, within bounds.
    async fn attended(&self, job: &Claimed, work: impl Future<Output = Result<()>>) -> Result<()> {
        let begun = Instant::now();
        let mut renewal = interval_at(begun + RENEWAL, RENEWAL);
        renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut work = Box::pin(AssertUnwindSafe(timeout_at(begun + LONGEST, work)).catch_unwind());
        loop {
            tokio::select! {
                done = &mut work => return match done {
                    Ok(Ok(result)) => result,
                    Ok(Err(_too_long)) => Err(Error::bug("it took too long")),
                    Err(_panic) => Err(Error::bug("a panic in a job")),
                },
                _ = renewal.tick() => {
                    let held = job.clone();
                    let renewed = self.db.write(move |tx| job::renew(tx, &held, seconds(LEASE))).await;
                    if let Err(error @ Error::Conflict(Reason::LeaseLost)) = renewed {
                        return Err(error);
                    }
                }
            }
        }
    }

    async fn failed(&self, job: Claimed, retry: Retry, error: &Error) {
        let (id, kind, tries) = (job.id(), job.kind().to_owned(), job.tries());
        if tries >= retry.most {
            tracing::error!(job.id = %id, job.kind = kind, tries, %error, "a job failed for good");
        } else {
            tracing::warn!(job.id = %id, job.kind = kind, tries, %error, "a job failed and is tried again");
        }
        let why = error.to_string();
        let noted = self.db.write(move |tx| job::fail(tx, &job, retry, &why)).await;
        if let Err(error) = noted {
            tracing::warn!(job.id = %id, %error, "the failure is not noted: the job comes back when its lease ends");
        }
    }
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}

/// The jobs that a lane runs.
#[derive(Default)]
struct Running {
    tasks: JoinSet<JobId>,
    jobs: HashMap<JobId, Claimed>,
}

impl Running {
    fn begin(&mut self, worker: Worker, job: Claimed) {
        self.jobs.insert(job.id(), job.clone());
        metrics::gauge!("kermesse_jobs_running").increment(1.0);
        self.tasks.spawn(worker.run_one(job));
    }

    /// Returns when one or more jobs have ended.
    async fn ended(&mut self) {
        let mut ended = self.tasks.join_next().await;
        while let Some(one) = ended {
            if let Ok(id) = one {
                self.jobs.remove(&id);
                metrics::gauge!("kermesse_jobs_running").decrement(1.0);
            }
            ended = self.tasks.try_join_next();
        }
    }

    /// Lets what runs end, and gives back what does not.
    async fn stop(mut self, db: &Db, patience: Duration) {
        let until = Instant::now() + patience;
        while !self.jobs.is_empty() && timeout_at(until, self.ended()).await.is_ok() {}
        self.tasks.shutdown().await;
        let left: Vec<Claimed> = self.jobs.into_values().collect();
        if left.is_empty() {
            return;
        }
        tracing::warn!(
            jobs = telemetry::float(left.len()),
            "jobs that did not end are given back"
        );
        let given = db.write(move |tx| left.iter().try_for_each(|job| job::give_back(tx, job)));
        if let Err(error) = given.await {
            tracing::warn!(%error, "they come back when their leases end");
        }
    }
}
