//! Answers from the cache, or makes an answer once for all who ask for it.

use super::{
    cache::{Begin, Flight, Key, PageCache, Told},
    error::Failure,
    kept::{Kept, Made},
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, header},
};
use domain::{change::CacheTag, db::Seen};
use metrics::{Counter, counter};
use std::{
    sync::{Arc, LazyLock},
    time::Instant,
};

/// Who waits for others more often than this makes an answer alone: writes come faster than answers.
const MOST_WAITS: usize = 4;

/// Answers by how they came about; found once, because to find a figure takes a good part of the time of a kept answer.
static KEPT: LazyLock<Counter> = LazyLock::new(|| outcome("kept"));
static MADE: LazyLock<Counter> = LazyLock::new(|| outcome("made"));
static SHARED: LazyLock<Counter> = LazyLock::new(|| outcome("shared"));
static ALONE: LazyLock<Counter> = LazyLock::new(|| outcome("alone"));
static OLD: LazyLock<Counter> = LazyLock::new(|| outcome("old"));

fn outcome(name: &'static str) -> Counter {
    counter!("kermesse_page_cache_total", "outcome" => name)
}

impl PageCache {
    /// Answers what `key` names: what is kept, what another one makes at this moment, or what `produce` makes.
    ///
    /// `asked` are the reader's headers, for `Accept-Encoding` and `If-None-Match` alone. Nothing else of the reader may
    /// reach `produce`: its answer is given to others. It must read through the [`Seen`] it is given.
    ///
    /// ```ignore
    /// let key = Key { kind: Kind::Feed("ics"), path, query, language: "" };
    /// let answer = cache.serve(key, &headers, |seen| async move {
    ///     let events = db.read_noting(Some(seen), move |tx| event::list(tx, &Caller::Anonymous, &filter, page)).await?;
    ///     Ok(Made { status: StatusCode::OK, headers: ics_headers(), body: ics::write(&events)? })
    /// });
    /// ```
    ///
    /// # Errors
    /// That of `produce`, where there is no old answer either.
    pub async fn serve<F, Fut>(
        self: &Arc<Self>,
        key: Key,
        asked: &HeaderMap,
        produce: F,
    ) -> Result<Response<Body>, Failure>
    where
        F: FnOnce(Seen) -> Fut,
        Fut: Future<Output = Result<Made, Failure>>,
    {
        let key = Arc::new(key);
        for _ in 0..MOST_WAITS {
            match self.begin(&key, Instant::now()) {
                Begin::Fresh(answer) => {
                    KEPT.increment(1);
                    return self.give(&key, &answer, asked);
                }
                Begin::Lead(flight) => {
                    MADE.increment(1);
                    let made = lead(flight, produce).await;
                    return self.give_best(&key, made, asked);
                }
                Begin::Follow(follower) => {
                    let made = match follower.wait().await {
                        Some(Told::Answer(answer)) => Ok(answer),
                        Some(Told::Failure(failure)) => Err(failure),
                        None => continue,
                    };
                    SHARED.increment(1);
                    return self.give_best(&key, made, asked);
                }
            }
        }
        ALONE.increment(1);
        let made = make(produce, Seen::default()).await;
        self.give_best(&key, made, asked)
    }

    /// An old answer instead of an error, if there is one.
    fn give_best(
        &self,
        key: &Key,
        made: Result<Arc<Kept>, Failure>,
        asked: &HeaderMap,
    ) -> Result<Response<Body>, Failure> {
        let broken = made.as_ref().map_or(true, |answer| answer.is_broken());
        let old = broken.then(|| self.stale(key, Instant::now())).flatten();
        match old {
            Some(old) => {
                OLD.increment(1);
                self.give(key, &old, asked)
            }
            None => self.give(key, &made?, asked),
        }
    }

    fn give(&self, key: &Key, answer: &Arc<Kept>, asked: &HeaderMap) -> Result<Response<Body>, Failure> {
        let before = answer.size();
        let response = answer.answer(asked).map_err(packing)?;
        if answer.size() != before {
            self.weigh(key, answer);
        }
        Ok(response)
    }
}

/// Makes an answer for all who wait for it.
async fn lead<F, Fut>(flight: Flight, produce: F) -> Result<Arc<Kept>, Failure>
where
    F: FnOnce(Seen) -> Fut,
    Fut: Future<Output = Result<Made, Failure>>,
{
    let seen = Seen::default();
    let made = make(produce, seen.clone()).await;
    match &made {
        Ok(answer) => {
            let mut tags = seen.take();
            // The site's name and address are on everything.
            tags.push(CacheTag::Settings);
            flight.finish(answer, tags);
        }
        Err(failure) => flight.fail(*failure),
    }
    made
}

async fn make<F, Fut>(produce: F, seen: Seen) -> Result<Arc<Kept>, Failure>
where
    F: FnOnce(Seen) -> Fut,
    Fut: Future<Output = Result<Made, Failure>>,
{
    let made = produce(seen).await?;
    Kept::new(made).await.map(Arc::new).map_err(packing)
}

/// An answer to one reader alone, which nothing between here and there may keep.
pub(super) async fn private(made: Made, asked: &HeaderMap) -> Result<Response<Body>, Failure> {
    let mut made = made;
    made.headers
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    made.headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    let answer = Kept::new(made).await.map_err(packing)?;
    answer.answer(asked).map_err(packing)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
fn packing(error: std::io::Error) -> Failure {
    tracing::error!(%error, "an answer cannot be packed");
    Failure::Broken
}
