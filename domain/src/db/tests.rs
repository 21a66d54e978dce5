//! What reads and writes promise, under panics, leavers, lost connections and full disks.

mod migrations;

use super::{
    Db,
    dialect::both,
    schema::setting::{self, dsl},
    testing::TestDb,
};
use crate::{
    change::{CacheTag, ListKind},
    error::{Error, Reason, Result},
};
use diesel::{connection::SimpleConnection, prelude::*};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
    mpsc,
};
use tokio::sync::{Semaphore, oneshot};

/// Writes a row named `name`.
fn put(tx: &mut super::Tx<'_>, name: &str) -> Result<()> {
    let now = tx.now();
    diesel::insert_into(setting::table)
        .values((dsl::name.eq(name), dsl::value.eq("x"), dsl::updated_at.eq(now)))
        .execute(tx.conn)?;
    Ok(())
}

async fn names(db: &Db) -> Vec<String> {
    db.read(|tx| Ok(dsl::setting.order(dsl::name).select(dsl::name).load(tx.conn)?))
        .await
        .expect("the rows")
}

/// Holds one writer of `test` until the answer is sent or dropped, and returns once it is held.
async fn hold_a_writer(db: &Db) -> (oneshot::Sender<()>, tokio::task::JoinHandle<Result<()>>) {
    let (held, is_held) = oneshot::channel();
    let (release, released) = oneshot::channel::<()>();
    let holding = db.clone();
    let held = tokio::spawn(async move {
        holding
            .write(move |_| {
                held.send(()).expect("somebody waits");
                drop(released.blocking_recv());
                Ok(())
            })
            .await
    });
    is_held.await.expect("the writer");
    (release, held)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_panic_or_an_error_undoes_its_own_write_and_no_other() {
    let test = TestDb::new();
    let clients = Arc::new(Semaphore::new(32));
    let mut writes = Vec::new();
    for n in 0..800_u32 {
        let (db, clients) = (test.db.clone(), clients.clone());
        writes.push(tokio::spawn(async move {
            let _client = clients.acquire().await.expect("a turn");
            let written = db
                .write(move |tx| {
                    put(tx, &format!("{n:03}"))?;
                    match n % 8 {
                        0 | 4 => panic!("write {n}"),
                        1 => Err(Error::Conflict(Reason::NameTaken)),
                        _ => Ok(n),
                    }
                })
                .await;
            match n % 8 {
                0 | 4 => assert!(matches!(written, Err(Error::Internal(_))), "{written:?}"),
                1 => assert!(
                    matches!(written, Err(Error::Conflict(Reason::NameTaken))),
                    "{written:?}"
                ),
                _ => assert_eq!(written.expect("a good write"), n),
            }
        }));
    }
    for write in writes {
        write.await.expect("its checks");
    }
    let good: Vec<String> = (0..800)
        .filter(|n| ![0, 1, 4].contains(&(n % 8)))
        .map(|n| format!("{n:03}"))
        .collect();
    assert_eq!(good.len(), 500);
    assert_eq!(names(&test.db).await, good);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_caller_left_before_its_turn_is_not_made() {
    let test = TestDb::new();
    let mut holders = Vec::new();
    for _ in 0..writers() {
        holders.push(hold_a_writer(&test.db).await);
    }
    let left: Vec<_> = (0..25)
        .map(|n| {
            let db = test.db.clone();
            tokio::spawn(async move { db.write(move |tx| put(tx, &format!("left {n}"))).await })
        })
        .collect();
    tokio::task::yield_now().await;
    for write in left {
        write.abort();
        assert!(write.await.expect_err("it was left").is_cancelled());
    }
    for (release, held) in holders {
        drop(release);
        held.await.expect("the holder").expect("its write");
    }
    test.db.write(|tx| put(tx, "next")).await.expect("the next write");
    assert_eq!(names(&test.db).await, ["next"]);
}

/// How many writes of a [`TestDb`] run at once.
fn writers() -> usize {
    if super::testing::postgres_url().is_some() { 4 } else { 1 }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_leaves_does_not_let_more_in_than_there_are_connections() {
    let test = TestDb::new(); // it has four readers
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (begun, begins) = mpsc::channel();
    let gate = Arc::new(Mutex::new(())); // closures end one after the other once it opens
    let shut = gate.lock().expect("the gate");
    let read = || {
        let (db, running, most) = (test.db.clone(), running.clone(), most.clone());
        let (begun, gate) = (begun.clone(), gate.clone());
        tokio::spawn(async move {
            db.read(move |_| {
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                begun.send(()).expect("the test");
                drop(gate.lock().expect("the gate"));
                running.fetch_sub(1, Ordering::SeqCst);
                Ok(())
            })
            .await
        })
    };
    let leavers: Vec<_> = (0..4).map(|_| read()).collect();
    for _ in 0..4 {
        tokio::task::block_in_place(|| begins.recv()).expect("a reader");
    }
    leavers.iter().for_each(tokio::task::JoinHandle::abort);
    let next: Vec<_> = (0..8).map(|_| read()).collect();
    drop(shut);
    for read in next {
        read.await.expect("the task").expect("the read");
    }
    assert_eq!(most.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_panic_in_a_read_is_an_error_of_that_read() {
    let test = TestDb::new();
    for _ in 0..20 {
        let read: Result<()> = test.db.read(|_| panic!("a read")).await;
        assert!(matches!(read, Err(Error::Internal(_))));
    }
    assert!(names(&test.db).await.is_empty());
}

#[tokio::test]
async fn a_read_cannot_write() {
    let test = TestDb::new();
    test.db
        .read(|tx| put(tx, "sneaky"))
        .await
        .expect_err("a write in a read");
    assert!(names(&test.db).await.is_empty());
}

#[tokio::test]
async fn a_read_inline_survives_a_panic_and_answers() {
    let test = TestDb::new();
    let db = test.db.clone();
    let handle = tokio::runtime::Handle::current();
    let render = std::thread::spawn(move || {
        super::read_inline_on_this_thread();
        let here = std::thread::current().id();
        let panicked: Result<()> = handle.block_on(db.read(|_| panic!("inline")));
        assert!(panicked.is_err());
        handle.block_on(db.read(move |_| Ok(std::thread::current().id() == here)))
    });
    let inline = tokio::task::spawn_blocking(move || render.join())
        .await
        .expect("a thread");
    assert!(inline.expect("no panic escapes").expect("a read"));
}

#[tokio::test]
async fn a_lost_connection_fails_its_write_and_the_next_one_succeeds() {
    let test = TestDb::new();
    for round in 0..5 {
        let lost = test
            .db
            .write(move |tx| {
                put(tx, &format!("lost {round}"))?;
                // What a restart of the server, or an error that ends SQLite's transaction, looks like from here.
                drop(both!(&mut *tx.conn, c =>
                    c.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())");
                    c.batch_execute("ROLLBACK")));
                Ok(())
            })
            .await;
        assert!(matches!(lost, Err(Error::Unavailable(Reason::Database))), "{lost:?}");
        test.db
            .write(move |tx| put(tx, &format!("{round}")))
            .await
            .expect("the next");
    }
    assert_eq!(names(&test.db).await, ["0", "1", "2", "3", "4"]);
}

#[tokio::test]
async fn a_reader_whose_connection_was_lost_gets_another_one() {
    let test = TestDb::new();
    for _ in 0..5 {
        // A restart of the server, as readers see it; SQLite has none.
        let lost = test.db.read(|tx| {
            both!(&mut *tx.conn, c => c.batch_execute("SELECT pg_terminate_backend(pg_backend_pid())")?;
                { let _ = c; return Err(Error::Unavailable(Reason::Database)) });
            Ok(())
        });
        assert!(matches!(lost.await, Err(Error::Unavailable(Reason::Database))));
        assert!(names(&test.db).await.is_empty());
    }
}

#[tokio::test]
async fn a_full_database_refuses_writes_answers_reads_and_recovers() {
    let test = TestDb::sqlite();
    let limit = |pages: u32| {
        test.db.write(move |tx| {
            both!(&mut *tx.conn, c => { let _ = c; Ok(()) };
                c.batch_execute(&format!("PRAGMA max_page_count={pages}")))?;
            Ok(())
        })
    };
    let long = |n: u32| test.db.write(move |tx| put(tx, &format!("{n}{}", "x".repeat(20_000))));
    test.db.write(|tx| put(tx, "before")).await.expect("room");
    limit(1).await.expect("a limit"); // SQLite raises it to what is in use
    let mut stored = 1;
    let refused = loop {
        match long(stored).await {
            Ok(()) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, Error::Unavailable(Reason::Database)), "{refused:?}");
    assert_eq!(names(&test.db).await.len(), usize::try_from(stored).unwrap());
    // The connection that saw the failure may have been replaced, and the limit with it.
    limit(1_000_000).await.expect("more room");
    long(stored).await.expect("room again");
    assert_eq!(names(&test.db).await.len(), usize::try_from(stored).unwrap() + 1);
    assert!(super::care::damage(test.db.location()).expect("a check").is_empty());
}

#[tokio::test]
async fn tags_are_dropped_before_the_writer_hears_of_its_commit_and_only_then() {
    let test = TestDb::new();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let noting = heard.clone();
    test.db
        .on_commit(move |tags| noting.lock().expect("tags").extend_from_slice(tags));
    test.db
        .write(|tx| {
            tx.dropped([CacheTag::Settings]);
            Err::<(), _>(Error::Conflict(Reason::NameTaken))
        })
        .await
        .expect_err("a refused write");
    test.db
        .write(|tx| {
            tx.dropped([CacheTag::List(ListKind::Events), CacheTag::List(ListKind::Events)]);
            Ok(())
        })
        .await
        .expect("a write");
    let heard = heard.lock().expect("tags").clone();
    assert!(heard.contains(&CacheTag::List(ListKind::Events)));
    assert_eq!(heard.iter().filter(|tag| **tag == CacheTag::Settings).count(), 0);
}

#[tokio::test]
async fn a_copy_made_while_others_write_is_complete_and_sound() {
    let test = TestDb::sqlite();
    let folder = tempfile::tempdir().expect("a folder");
    let mut acknowledged = 0;
    for round in 0..5 {
        let copy = folder.path().join(format!("{round}.sqlite3"));
        let location = test.db.location().clone();
        let to = copy.clone();
        let copying = tokio::task::spawn_blocking(move || super::care::copy(&location, &to));
        let at_the_begin = acknowledged;
        while !copying.is_finished() || acknowledged == at_the_begin {
            let name = format!("{acknowledged:06}");
            test.db.write(move |tx| put(tx, &name)).await.expect("a write");
            acknowledged += 1;
        }
        copying.await.expect("the thread").expect("a copy");
        let copied = super::Location::File(copy);
        assert!(super::care::damage(&copied).expect("a check").is_empty());
        let clock = test.clock.clone();
        let db = Db::open(
            &copied,
            super::PoolSizes::default(),
            clock,
            Arc::new(super::testing::SeededEntropy::default()),
        )
        .expect("the copy opens");
        let kept = names(&db).await.len();
        assert!(
            (at_the_begin..=acknowledged).contains(&kept),
            "{at_the_begin} ≤ {kept} ≤ {acknowledged}"
        );
    }
}
