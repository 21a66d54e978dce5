//! A job is held by one worker, comes back when that one dies, and its effect is kept once.

use super::*;
use crate::db::testing::TestDb;
use serde::Deserialize;
use std::collections::HashSet;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Count {
    number: u32,
    once: bool,
}

impl Job for Count {
    const KIND: &'static str = "test.count";
    const RETRY: Retry = Retry {
        first: 10,
        longest: 60,
        most: 3,
    };
    fn dedupe_key(&self) -> Option<String> {
        self.once.then(|| self.number.to_string())
    }
}

const KINDS: &[&str] = &[Count::KIND];

async fn queue(test: &TestDb, numbers: std::ops::Range<u32>, once: bool) {
    test.db
        .write(move |tx| {
            for number in numbers {
                enqueue(tx, &Count { number, once })?;
            }
            Ok(())
        })
        .await
        .expect("jobs");
}

async fn take_some(test: &TestDb, most: i64) -> Vec<Claimed> {
    test.db
        .write(move |tx| claim(tx, KINDS, most, 30))
        .await
        .expect("a claim")
}

async fn count(test: &TestDb) -> Backlog {
    test.db.read(backlog).await.expect("a count")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_never_hold_the_same_job() {
    let test = TestDb::new();
    queue(&test, 0..200, false).await;
    let workers: Vec<_> = (0..8)
        .map(|_| {
            let db = test.db.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let jobs = db.write(|tx| claim(tx, KINDS, 7, 30)).await.expect("a claim");
                    if jobs.is_empty() {
                        // On PostgreSQL a claim that others were faster at is empty while there is work left.
                        if db.read(|tx| next_due(tx, KINDS)).await.expect("a look") > Some(db.clock().now()) {
                            return mine;
                        }
                    }
                    mine.extend(jobs.iter().map(|job| job.payload::<Count>().expect("a payload").number));
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.expect("a worker"));
    }
    assert_eq!(all.len(), 200);
    assert_eq!(all.into_iter().collect::<HashSet<_>>().len(), 200);
}

#[tokio::test]
async fn a_job_whose_worker_died_comes_back_when_the_lease_ends() {
    let test = TestDb::new();
    queue(&test, 0..1, false).await;
    let dead = take_some(&test, 1).await.pop().expect("a job");
    assert!(take_some(&test, 1).await.is_empty());
    test.clock.advance(29);
    assert!(take_some(&test, 1).await.is_empty());
    test.clock.advance(2);
    let again = take_some(&test, 1).await.pop().expect("the job again");
    assert_eq!((again.id(), again.tries()), (dead.id(), 2));
}

#[tokio::test]
async fn a_worker_that_wakes_up_too_late_cannot_end_the_job_or_keep_its_effect() {
    let test = TestDb::new();
    queue(&test, 0..1, false).await;
    let frozen = take_some(&test, 1).await.pop().expect("a job");
    test.clock.advance(60);
    let taken = take_some(&test, 1).await.pop().expect("the job again");
    let late = frozen.clone();
    let refused = test
        .db
        .write(move |tx| {
            enqueue(
                tx,
                &Count {
                    number: 99,
                    once: false,
                },
            )?; // its effect
            finish(tx, &late)
        })
        .await;
    assert!(matches!(refused, Err(Error::Conflict(Reason::LeaseLost))));
    let late = frozen.clone();
    let renewal = test.db.write(move |tx| renew(tx, &late, 30)).await;
    assert!(matches!(renewal, Err(Error::Conflict(Reason::LeaseLost))));
    // Neither its failure nor its giving back touches what another worker holds.
    test.db
        .write(move |tx| {
            fail(tx, &frozen, Count::RETRY, "too late")?;
            give_back(tx, &frozen)
        })
        .await
        .expect("no error");
    assert_eq!(count(&test).await, Backlog { waiting: 1, dead: 0 });
    test.db.write(move |tx| finish(tx, &taken)).await.expect("the end");
    assert_eq!(count(&test).await, Backlog::default());
}

#[tokio::test]
async fn a_lease_can_be_lengthened() {
    let test = TestDb::new();
    queue(&test, 0..1, false).await;
    let job = take_some(&test, 1).await.pop().expect("a job");
    for _ in 0..10 {
        test.clock.advance(20);
        let held = job.clone();
        test.db
            .write(move |tx| renew(tx, &held, 30))
            .await
            .expect("a longer lease");
        assert!(take_some(&test, 1).await.is_empty());
    }
    test.db.write(move |tx| finish(tx, &job)).await.expect("the end");
}

#[tokio::test]
async fn a_job_given_back_is_due_at_once_as_if_never_begun() {
    let test = TestDb::new();
    queue(&test, 0..1, false).await;
    let job = take_some(&test, 1).await.pop().expect("a job");
    test.db.write(move |tx| give_back(tx, &job)).await.expect("given back");
    assert_eq!(take_some(&test, 1).await.pop().expect("the job").tries(), 1);
}

#[tokio::test]
async fn a_failing_job_is_tried_with_growing_pauses_and_then_kept_as_dead() {
    let test = TestDb::new();
    queue(&test, 0..1, false).await;
    for (tries, pause) in [(1, 10), (2, 20)] {
        let job = take_some(&test, 1).await.pop().expect("a job");
        assert_eq!(job.tries(), tries);
        test.db
            .write(move |tx| fail(tx, &job, Count::RETRY, &"why ".repeat(300)))
            .await
            .expect("noted");
        test.clock.advance(pause - 1);
        assert!(take_some(&test, 1).await.is_empty());
        test.clock.advance(1);
    }
    let last = take_some(&test, 1).await.pop().expect("a job");
    test.db
        .write(move |tx| fail(tx, &last, Count::RETRY, "for good"))
        .await
        .expect("noted");
    test.clock.advance(1_000_000);
    assert!(take_some(&test, 1).await.is_empty());
    assert_eq!(count(&test).await, Backlog { waiting: 0, dead: 1 });
    let now = crate::ports::Clock::now(&*test.clock);
    let forgotten = test.db.write(move |tx| forget_dead(tx, now)).await;
    assert_eq!(forgotten.expect("forgotten"), 1);
    assert_eq!(count(&test).await, Backlog::default());
}

#[tokio::test]
async fn waiting_jobs_with_one_key_are_one_and_a_running_one_is_another() {
    let test = TestDb::new();
    queue(&test, 0..5, true).await;
    queue(&test, 0..5, true).await;
    assert_eq!(count(&test).await.waiting, 5);
    assert_eq!(take_some(&test, 10).await.len(), 5);
    queue(&test, 0..5, true).await; // the state changed while the first five read the old one
    assert_eq!(count(&test).await.waiting, 10);
}

#[tokio::test]
async fn jobs_come_in_the_order_they_are_due_and_of_known_kinds_only() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let now = tx.now();
            for (number, due) in [(0, 50), (1, -10), (2, 0), (3, -5)] {
                enqueue_at(tx, &Count { number, once: false }, now.plus_seconds(due))?;
            }
            Ok(())
        })
        .await
        .expect("jobs");
    assert!(
        test.db
            .write(|tx| claim(tx, &["other"], 9, 30))
            .await
            .expect("a claim")
            .is_empty()
    );
    let numbers: Vec<u32> = take_some(&test, 9)
        .await
        .iter()
        .map(|job| job.payload::<Count>().expect("a payload").number)
        .collect();
    assert_eq!(numbers, [1, 3, 2]);
}

#[tokio::test]
async fn a_commit_wakes_who_waits_for_work_and_a_refused_write_does_not() {
    let test = TestDb::new();
    let mut woken = test.db.enqueued();
    test.db
        .write(|tx| {
            enqueue(tx, &Count { number: 1, once: false })?;
            Err::<(), _>(Error::Conflict(Reason::NameTaken))
        })
        .await
        .expect_err("a refused write");
    assert!(!woken.has_changed().expect("an open database"));
    queue(&test, 0..1, true).await;
    woken.changed().await.expect("an open database");
    let asked_for = test.db.write(|tx| {
        let later = tx.now().plus_seconds(60);
        enqueue_at(tx, &Count { number: 7, once: true }, later)?;
        enqueue(tx, &Count { number: 7, once: true })
    });
    asked_for.await.expect("a job");
    woken.changed().await.expect("an open database");
    assert_eq!(
        take_some(&test, 9).await.len(),
        2,
        "what is asked for sooner is due sooner"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_job_that_is_asked_for_again_is_not_run_before_the_asking_is_committed() {
    use std::{sync::mpsc, time::Duration};
    let test = TestDb::new();
    if matches!(test.db.location(), crate::db::Location::File(_)) {
        return; // one writer at a time
    }
    queue(&test, 0..1, true).await;
    let (asked, is_asked) = mpsc::channel();
    let (claimed, is_claimed) = mpsc::channel();
    let asking = test.db.write(move |tx| {
        enqueue(tx, &Count { number: 0, once: true })?;
        asked.send(()).expect("a listener");
        let early = is_claimed.recv_timeout(Duration::from_millis(300));
        assert!(
            early.is_err(),
            "a worker runs it, and does not see what is written here"
        );
        Ok(())
    });
    let db = test.db.clone();
    let claiming = tokio::spawn(async move {
        tokio::task::spawn_blocking(move || is_asked.recv())
            .await
            .expect("a thread")
            .expect("a word");
        let jobs = db.write(|tx| claim(tx, KINDS, 1, 30)).await.expect("a claim");
        claimed.send(()).ok(); // where the asking has ended, nobody listens
        jobs.len()
    });
    asking.await.expect("the asking");
    assert_eq!(claiming.await.expect("the claiming"), 1);
}
