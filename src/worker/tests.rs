//! What a worker promises, seen from the database that it leaves behind.

use super::*;
use domain::{
    db::{Tx, testing::TestDb},
    job::{Backlog, Job},
};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Work(u32);

impl Job for Work {
    const KIND: &'static str = "test.work";
    const RETRY: Retry = Retry {
        first: 10,
        longest: 10,
        most: 3,
    };
}

/// What a job did: no worker runs this kind, so that it can be counted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Effect(u32);

impl Job for Effect {
    const KIND: &'static str = "test.effect";
    const RETRY: Retry = Retry::QUICK;
}

fn leave_effect(tx: &mut Tx<'_>, work: Work) -> Result<()> {
    job::enqueue(tx, &Effect(work.0))
}

async fn queue(test: &TestDb, numbers: std::ops::Range<u32>) {
    test.db
        .write(move |tx| {
            for number in numbers {
                job::enqueue(tx, &Work(number))?;
            }
            Ok(())
        })
        .await
        .expect("jobs");
}

/// The effects that are left, in order.
async fn effects(test: &TestDb) -> Vec<u32> {
    let left = test
        .db
        .write(|tx| job::claim(tx, &[Effect::KIND], 10_000, 0))
        .await
        .expect("the effects");
    let mut numbers: Vec<u32> = left
        .iter()
        .map(|job| job.payload::<Effect>().expect("a number").0)
        .collect();
    numbers.sort_unstable();
    numbers
}

/// Jobs of both kinds that wait, and jobs that are dead.
async fn count(test: &TestDb) -> Backlog {
    test.db.read(job::backlog).await.expect("a count")
}

/// Lets a worker try until it gives up; answers how often something ran.
async fn until_given_up(test: &TestDb, worker: &Worker) -> usize {
    let mut begun = 0;
    for _ in 0..6 {
        begun += worker.run_due().await.expect("a run");
        test.clock.advance(11);
    }
    begun
}

#[tokio::test]
async fn an_effect_and_the_end_of_its_job_are_one() {
    let test = TestDb::new();
    let worker = Worker::new(test.db.clone(), Handlers::default().inside(leave_effect));
    queue(&test, 0..100).await;
    assert_eq!(worker.run_due().await.expect("a run"), 100);
    assert_eq!(count(&test).await, Backlog { waiting: 100, dead: 0 });
    assert_eq!(effects(&test).await, (0..100).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_job_that_panics_or_fails_leaves_no_effect_and_is_given_up_alone() {
    let test = TestDb::new();
    let handlers = Handlers::default().inside(|tx, work: Work| {
        leave_effect(tx, work)?;
        match work.0 {
            3 => panic!("job {}", work.0),
            4 => Err(Error::Conflict(Reason::NameTaken)),
            _ => Ok(()),
        }
    });
    let worker = Worker::new(test.db.clone(), handlers);
    queue(&test, 0..8).await;
    assert_eq!(until_given_up(&test, &worker).await, 6 + 2 * 3);
    assert_eq!(effects(&test).await, [0, 1, 2, 5, 6, 7]);
    assert_eq!(count(&test).await.dead, 2);
}

#[tokio::test]
async fn a_job_that_kills_every_worker_is_given_up() {
    let test = TestDb::new();
    let ran = Arc::new(AtomicUsize::new(0));
    let runs = ran.clone();
    let handlers = Handlers::default().inside(move |_, _: Work| {
        runs.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    let worker = Worker::new(test.db.clone(), handlers);
    queue(&test, 0..1).await;
    for _ in 0..3 {
        let taken = test
            .db
            .write(|tx| job::claim(tx, &[Work::KIND], 1, 30))
            .await
            .expect("a claim");
        assert_eq!(taken.len(), 1);
        test.clock.advance(31); // the worker died, and its lease ended
    }
    assert_eq!(worker.run_due().await.expect("a run"), 1);
    assert_eq!(ran.load(Ordering::SeqCst), 0);
    assert_eq!(count(&test).await, Backlog { waiting: 0, dead: 1 });
}

#[tokio::test]
async fn a_sandwich_prepares_performs_and_records() {
    let test = TestDb::new();
    let handlers = Handlers::default().sandwich(
        |_, work: Work| Ok(work.0.is_multiple_of(2).then_some(work.0)),
        |number| async move { Ok(number * 10) },
        |tx, work: Work, done| leave_effect(tx, Work(done + work.0)),
    );
    let worker = Worker::new(test.db.clone(), handlers);
    queue(&test, 0..5).await;
    assert_eq!(worker.run_due().await.expect("a run"), 5);
    assert_eq!(effects(&test).await, [0, 22, 44]);
    assert_eq!(count(&test).await.dead, 0);
}

#[tokio::test]
async fn a_failure_or_a_panic_outside_is_tried_again_and_recorded_once() {
    let test = TestDb::new();
    let tried = Arc::new(AtomicUsize::new(0));
    let tries = tried.clone();
    let handlers = Handlers::default().sandwich(
        |_, work: Work| Ok(Some(work.0)),
        move |number| {
            let nth = tries.fetch_add(1, Ordering::SeqCst);
            async move {
                match nth {
                    0 => Err(Error::Unavailable(Reason::Remote)),
                    1 => panic!("the outside"),
                    _ => Ok(number),
                }
            }
        },
        |tx, _: Work, done| leave_effect(tx, Work(done)),
    );
    let worker = Worker::new(test.db.clone(), handlers);
    queue(&test, 7..8).await;
    assert_eq!(until_given_up(&test, &worker).await, 3);
    assert_eq!(effects(&test).await, [7]);
    assert_eq!(count(&test).await.dead, 0);
}

#[tokio::test]
async fn who_lost_a_job_while_performing_it_records_nothing() {
    let test = TestDb::new();
    let (clock, db) = (test.clock.clone(), test.db.clone());
    let handlers = Handlers::default().sandwich(
        |_, work: Work| Ok(Some(work.0)),
        move |number| {
            let (clock, db) = (clock.clone(), db.clone());
            async move {
                clock.advance(120); // this node froze, and another one took the job
                db.write(|tx| job::claim(tx, &[Work::KIND], 1, 30)).await?;
                Ok(number)
            }
        },
        |tx, _: Work, done| leave_effect(tx, Work(done)),
    );
    let worker = Worker::new(test.db.clone(), handlers);
    queue(&test, 0..1).await;
    assert_eq!(worker.run_due().await.expect("a run"), 1);
    assert!(effects(&test).await.is_empty());
    assert_eq!(
        count(&test).await,
        Backlog { waiting: 1, dead: 0 },
        "the other node has it"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_do_each_job_once_while_more_come_in() {
    let test = TestDb::new();
    let (stop, stopped) = watch::channel(false);
    let (left, all) = (Arc::new(AtomicUsize::new(300)), Arc::new(Notify::new()));
    let nodes: Vec<_> = (0..2)
        .map(|_| {
            let (left, all) = (left.clone(), all.clone());
            let handlers = Handlers::default().sandwich(
                |_, work: Work| Ok(Some(work)),
                |work| async move { Ok(work) },
                move |tx, _: Work, done| {
                    if left.fetch_sub(1, Ordering::SeqCst) == 1 {
                        all.notify_one();
                    }
                    leave_effect(tx, done)
                },
            );
            let (worker, stopped) = (Worker::new(test.db.clone(), handlers), stopped.clone());
            tokio::spawn(async move { worker.run(stopped).await })
        })
        .collect();
    for begin in (0..300).step_by(50) {
        queue(&test, begin..begin + 50).await;
    }
    all.notified().await;
    stop.send_replace(true);
    for node in nodes {
        node.await.expect("a node");
    }
    assert_eq!(effects(&test).await, (0..300).collect::<Vec<_>>());
    assert_eq!(count(&test).await.dead, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stops_ends_what_runs_and_claims_nothing_more() {
    let test = TestDb::new();
    let (stop, stopped) = watch::channel(false);
    let (begun, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, released) = (begun.clone(), release.clone());
    let handlers = Handlers::default().sandwich(
        |_, work: Work| Ok(Some(work.0)),
        move |number| {
            let (begins, released) = (begins.clone(), released.clone());
            async move {
                begins.notify_one();
                released.notified().await;
                Ok(number)
            }
        },
        |tx, _: Work, done| leave_effect(tx, Work(done)),
    );
    let worker = Worker::new(test.db.clone(), handlers);
    queue(&test, 0..1).await;
    let running = tokio::spawn(async move { worker.run(stopped).await });
    begun.notified().await;
    stop.send_replace(true);
    queue(&test, 1..2).await;
    release.notify_one();
    running.await.expect("the worker");
    assert_eq!(effects(&test).await, [0]);
    assert_eq!(
        count(&test).await.waiting,
        2,
        "the effect, and the job that came too late"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_end_in_time_is_given_back_as_if_never_begun() {
    let test = TestDb::new();
    let (stop, stopped) = watch::channel(false);
    let begun = Arc::new(Notify::new());
    let begins = begun.clone();
    let handlers = Handlers::default().sandwich(
        |_, work: Work| Ok(Some(work.0)),
        move |number| {
            begins.notify_one();
            async move {
                std::future::pending::<()>().await;
                Ok(number)
            }
        },
        |tx, _: Work, done| leave_effect(tx, Work(done)),
    );
    let worker = Worker {
        patience: Duration::ZERO,
        ..Worker::new(test.db.clone(), handlers)
    };
    queue(&test, 0..1).await;
    let running = tokio::spawn(async move { worker.run(stopped).await });
    begun.notified().await;
    stop.send_replace(true);
    running.await.expect("the worker");
    let again = test
        .db
        .write(|tx| job::claim(tx, &[Work::KIND], 1, 30))
        .await
        .expect("a claim");
    assert_eq!(again.first().expect("the job").tries(), 1);
}
