//! What comes back every hour or every day.
//!
//! Each minute, every node queues the **next** run of each piece of work, under one key: the one that waits already is
//! the same one. So a run is queued before its time and never at or after it, several nodes queue it once, and what came
//! due while no node ran is done at the next start.

use domain::{
    Error, Result,
    db::{Db, Tx},
    job::{self, Job},
    time::Instant,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// How often the next runs are queued; less than every period.
const TICK: Duration = Duration::from_secs(60);
/// Seconds of an hour.
pub const HOUR: i64 = 3600;
/// Seconds of a day.
pub const DAY: i64 = 24 * HOUR;

type Enqueue = Arc<dyn Fn(&mut Tx<'_>, Instant) -> Result<()> + Send + Sync>;

/// What comes back, and when.
#[derive(Clone, Default)]
pub struct Schedule(Vec<Recurring>);

#[derive(Clone)]
struct Recurring {
    period: i64,
    offset: i64,
    enqueue: Enqueue,
}

impl Schedule {
    /// Adds a job that runs every `period` seconds, `offset` seconds after its begin, counted from 1970 in UTC. The job
    /// must have a key: waiting runs with one key are one.
    #[must_use]
    pub fn every<J: Job + Sync>(mut self, period: i64, offset: i64, job: J) -> Self {
        let enqueue = move |tx: &mut Tx<'_>, due: Instant| match job.dedupe_key() {
            Some(_) => job::enqueue_at(tx, &job, due),
            None => Err(Error::bug(format!("{} comes back and has no key", J::KIND))),
        };
        self.0.push(Recurring {
            period,
            offset,
            enqueue: Arc::new(enqueue),
        });
        self
    }

    /// Queues the next run of each.
    ///
    /// # Errors
    /// Those of the database.
    pub fn tick(&self, tx: &mut Tx<'_>) -> Result<()> {
        let now = tx.now();
        self.0
            .iter()
            .try_for_each(|one| (one.enqueue)(tx, next(now, one.period, one.offset)))
    }

    /// Queues runs until `stop` says so.
    pub async fn run(self, db: Db, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow_and_update() {
            let schedule = self.clone();
            if let Err(error) = db.write(move |tx| schedule.tick(tx)).await {
                tracing::warn!(%error, "what comes back is not queued; another try follows");
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }
}

/// The first moment after `now` that lies `offset` seconds after the begin of a period.
fn next(now: Instant, period: i64, offset: i64) -> Instant {
    let seconds = now.micros().div_euclid(1_000_000);
    let periods = (seconds - offset).div_euclid(period.max(1)) + 1;
    Instant::from_micros((periods * period + offset) * 1_000_000).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::{Handlers, Worker};
    use domain::{
        db::testing::TestDb,
        job::{Retry, backlog},
    };
    use serde::{Deserialize, Serialize};

    /// Makes a job without content that comes back.
    macro_rules! recurring {
        ($name:ident, $kind:literal, $key:expr) => {
            #[derive(Serialize, Deserialize)]
            struct $name;
            impl Job for $name {
                const KIND: &'static str = $kind;
                const RETRY: Retry = Retry::QUICK;
                fn dedupe_key(&self) -> Option<String> {
                    $key
                }
            }
        };
    }
    recurring!(Hourly, "test.hourly", Some(String::new()));
    recurring!(Daily, "test.daily", Some(String::new()));
    recurring!(Keyless, "test.keyless", None);

    fn worker(test: &TestDb) -> Worker {
        let handlers = Handlers::default().inside(|_, Hourly| Ok(())).inside(|_, Daily| Ok(()));
        Worker::new(test.db.clone(), handlers)
    }

    #[test]
    fn the_next_run_lies_after_now_and_on_the_hour() {
        let at = |text: &str| domain::time::Zone::UTC.instant(text.parse().expect("a time"));
        assert_eq!(next(at("2026-12-01T12:00:01"), HOUR, 0), at("2026-12-01T13:00:00"));
        assert_eq!(next(at("2026-12-01T13:00:00"), HOUR, 0), at("2026-12-01T14:00:00"));
        assert_eq!(next(at("2026-12-01T02:16:59"), DAY, 8220), at("2026-12-01T02:17:00"));
        assert_eq!(next(at("2026-12-01T02:17:00"), DAY, 8220), at("2026-12-02T02:17:00"));
    }

    #[tokio::test]
    async fn a_run_is_queued_once_however_many_nodes_tick_and_done_once() {
        let test = TestDb::new();
        let worker = worker(&test);
        let schedule = Schedule::default().every(HOUR, 0, Hourly).every(DAY, HOUR, Daily);
        let mut runs = 0;
        for _ in 0..48 * 6 {
            for _node in 0..3 {
                let schedule = schedule.clone();
                test.db.write(move |tx| schedule.tick(tx)).await.expect("a tick");
            }
            runs += worker.run_due().await.expect("the runs");
            test.clock.advance(HOUR / 6);
        }
        assert_eq!(runs, 47 + 2, "what is due at the end has not begun");
        assert_eq!(test.db.read(backlog).await.expect("a count").dead, 0);
    }

    #[tokio::test]
    async fn what_came_due_while_no_node_ran_is_done_once_at_the_next_start() {
        let test = TestDb::new();
        let worker = worker(&test);
        let schedule = Schedule::default().every(HOUR, 0, Hourly);
        let tick = || {
            let schedule = schedule.clone();
            test.db.write(move |tx| schedule.tick(tx))
        };
        tick().await.expect("a tick");
        test.clock.advance(5 * DAY);
        tick().await.expect("a tick after the pause");
        assert_eq!(worker.run_due().await.expect("the runs"), 1);
        tick().await.expect("a tick");
        assert_eq!(worker.run_due().await.expect("nothing yet"), 0);
    }

    #[tokio::test]
    async fn work_without_a_key_is_refused_because_it_would_pile_up() {
        let test = TestDb::new();
        let schedule = Schedule::default().every(HOUR, 0, Keyless);
        let refused = test.db.write(move |tx| schedule.tick(tx)).await;
        assert!(matches!(refused, Err(Error::Internal(_))));
    }
}
