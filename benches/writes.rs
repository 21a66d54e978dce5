//! Writes: events announced and changed by many at once, through the use cases, each acknowledged when it is on the disk.
//!
//! In this process and not over HTTP: there is no door yet through which readers write. The jobs that follow from each
//! write are queued with it; nobody runs them here.

use crate::{
    Outcome,
    corpus::{Corpus, Entry},
    fill::{self, zone},
    load::count,
};
use domain::{
    caller::Caller,
    db::Db,
    event::{self, EventPatch, NewEvent},
    id::EventId,
    text::PlainText,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

const CLIENTS: usize = 32;
const CALLER: Caller = Caller::System;

/// How many writes were acknowledged in a second.
pub(crate) struct Written {
    pub(crate) name: &'static str,
    pub(crate) rate: f64,
    /// Within which 99 of 100 were acknowledged.
    pub(crate) p99: Duration,
}

/// Announces events, then changes their titles.
pub(crate) async fn measure(db: &Db, time: Duration) -> Outcome<Vec<Written>> {
    let profiles = db.write(fill::profiles).await?;
    let zone = zone()?;
    let corpus = Arc::new(Corpus::new(zone.local(db.clock().now()).day(), zone, profiles)?);
    let next = Arc::new(AtomicUsize::new(0));
    let announced = {
        let db = db.clone();
        many("announce an event", time, move |_| {
            let (db, corpus, next) = (db.clone(), corpus.clone(), next.clone());
            async move {
                let new = some_event(&corpus, &next)?;
                db.write(move |tx| event::create(tx, &CALLER, new).map(|event| event.id))
                    .await
            }
        })
    };
    let (announced, ids) = announced.await?;
    let ids = Arc::new(ids);
    let db = db.clone();
    let changed = many("change a title", time, move |number| {
        let (db, ids) = (db.clone(), ids.clone());
        async move {
            let id = ids.get(number % ids.len().max(1)).copied();
            let patch = EventPatch {
                title: Some(PlainText::new("title", &format!("Title {number}"), 200)?),
                ..EventPatch::default()
            };
            let id = id.ok_or_else(|| domain::Error::bug("no event"))?;
            db.write(move |tx| event::update(tx, &CALLER, id, patch).map(|event| event.id))
                .await
        }
    });
    Ok(vec![announced, changed.await?.0])
}

fn some_event(corpus: &Corpus, next: &AtomicUsize) -> domain::Result<NewEvent> {
    loop {
        if let Entry::Event(new) = corpus.entry(next.fetch_add(1, Ordering::Relaxed))? {
            return Ok(*new);
        }
    }
}

/// So many clients, each writing again as soon as its last write was acknowledged.
async fn many<F>(
    name: &'static str,
    time: Duration,
    write: impl Fn(usize) -> F + Clone + Send + 'static,
) -> Outcome<(Written, Vec<EventId>)>
where
    F: Future<Output = domain::Result<EventId>> + Send,
{
    let (begun, turn) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (write, turn) = (write.clone(), turn.clone());
        clients.spawn(async move {
            let mut done = Vec::new();
            while begun.elapsed() < time {
                let asked = Instant::now();
                let id = write(turn.fetch_add(1, Ordering::Relaxed)).await?;
                done.push((asked.elapsed(), id));
            }
            Outcome::Ok(done)
        });
    }
    let mut done = Vec::new();
    while let Some(some) = clients.join_next().await {
        done.extend(some??);
    }
    let rate = count(done.len()) / begun.elapsed().as_secs_f64();
    done.sort_unstable();
    let p99 = done
        .get(done.len() * 99 / 100)
        .map_or(Duration::ZERO, |(took, _)| *took);
    let ids = done.into_iter().map(|(_, id)| id).collect();
    Ok((Written { name, rate, p99 }, ids))
}
