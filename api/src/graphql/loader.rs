//! Edges of the graph, loaded for all rows at once: what the resolvers of a request wait for together is one read.
//!
//! `async_graphql`'s own `DataLoader` waits a millisecond for more keys, on each level, in a task of its own; a page is
//! rendered on a thread that would stand still meanwhile. Here the request itself says when nothing goes on without
//! data: then everything that is wanted, of all kinds, is read on one connection, and on a render thread in place.
//! A thing is read once in a request, however often it is asked for.

use domain::{
    Result,
    caller::Caller,
    db::Tx,
    event,
    event::series::{self, Series},
    id::{EventId, MediaId, PlaceId, ProfileId, SeriesId},
    media::{self, Media},
    place::{self, Place},
    profile::{self, Profile},
    tag::{self, Tag},
    text::{RichText, Slug},
};
use futures_util::task::AtomicWaker;
use std::{
    collections::HashMap,
    hash::Hash,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// How often a request is polled in a row before others get their turn.
const MOST_POLLS: usize = 64;

/// What a request has loaded, and what it waits for.
#[derive(Default)]
pub(super) struct Loader(Mutex<State>);

#[derive(Default)]
struct State {
    profiles: Slots<ProfileId, Profile>,
    places: Slots<PlaceId, Place>,
    media: Slots<MediaId, Media>,
    series: Slots<SeriesId, Series>,
    coming_dates: Slots<SeriesId, i64>,
    tags: Slots<EventId, Vec<Tag>>,
    tags_by_slug: Slots<Slug, Tag>,
    descriptions: Slots<EventId, RichText>,
    waiting: Vec<Waker>,
}

/// The things of one kind by their keys.
struct Slots<K, V>(HashMap<K, Slot<V>>);

enum Slot<V> {
    Wanted,
    Loading,
    Known(Option<Arc<V>>),
}

impl<K, V> Default for Slots<K, V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Clone + Eq + Hash + Ord, V> Slots<K, V> {
    /// The keys that are wanted, in order; from now on they are being loaded.
    fn take(&mut self) -> Vec<K> {
        let mut keys = Vec::new();
        for (key, slot) in &mut self.0 {
            if matches!(slot, Slot::Wanted) {
                *slot = Slot::Loading;
                keys.push(key.clone());
            }
        }
        keys.sort_unstable();
        keys
    }

    /// What came of them; a key that nothing came for has nothing.
    fn fill(&mut self, keys: &[K], mut values: HashMap<K, V>) {
        for key in keys {
            self.0
                .insert(key.clone(), Slot::Known(values.remove(key).map(Arc::new)));
        }
    }
}

/// Keys that are wanted.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    profiles: Vec<ProfileId>,
    places: Vec<PlaceId>,
    media: Vec<MediaId>,
    series: Vec<SeriesId>,
    coming_dates: Vec<SeriesId>,
    tags: Vec<EventId>,
    tags_by_slug: Vec<Slug>,
    descriptions: Vec<EventId>,
}

/// What came of [`Wanted`].
#[derive(Default)]
pub(super) struct Loaded {
    wanted: Wanted,
    profiles: HashMap<ProfileId, Profile>,
    places: HashMap<PlaceId, Place>,
    media: HashMap<MediaId, Media>,
    series: HashMap<SeriesId, Series>,
    coming_dates: HashMap<SeriesId, i64>,
    tags: HashMap<EventId, Vec<Tag>>,
    tags_by_slug: HashMap<Slug, Tag>,
    descriptions: HashMap<EventId, RichText>,
}

/// Reads everything that is wanted.
pub(super) fn read(tx: &mut Tx<'_>, caller: &Caller, wanted: Wanted) -> Result<Loaded> {
    Ok(Loaded {
        profiles: some(tx, &wanted.profiles, |tx, ids| {
            Ok(by(profile::by_ids(tx, ids)?, |one| one.id))
        })?,
        places: some(tx, &wanted.places, |tx, ids| {
            Ok(by(place::by_ids(tx, ids)?, |one| one.id))
        })?,
        media: some(tx, &wanted.media, |tx, ids| {
            Ok(by(media::by_ids(tx, ids)?, |one| one.id))
        })?,
        series: some(tx, &wanted.series, |tx, ids| {
            Ok(by(series::by_ids(tx, caller, ids)?, |one| one.id))
        })?,
        coming_dates: some(tx, &wanted.coming_dates, event::coming_dates)?,
        tags: some(tx, &wanted.tags, tag::of_events)?,
        tags_by_slug: some(tx, &wanted.tags_by_slug, tag::by_slugs)?,
        descriptions: some(tx, &wanted.descriptions, event::descriptions)?,
        wanted,
    })
}

fn some<K, V>(
    tx: &mut Tx<'_>,
    keys: &[K],
    load: impl FnOnce(&mut Tx<'_>, &[K]) -> Result<HashMap<K, V>>,
) -> Result<HashMap<K, V>> {
    if keys.is_empty() {
        Ok(HashMap::new())
    } else {
        load(tx, keys)
    }
}

fn by<K: Eq + Hash, V>(values: Vec<V>, key: impl Fn(&V) -> K) -> HashMap<K, V> {
    values.into_iter().map(|value| (key(&value), value)).collect()
}

impl Loader {
    pub(super) async fn profile(&self, id: ProfileId) -> Option<Arc<Profile>> {
        self.load(|state| &mut state.profiles, id).await
    }

    pub(super) async fn place(&self, id: PlaceId) -> Option<Arc<Place>> {
        self.load(|state| &mut state.places, id).await
    }

    pub(super) async fn media(&self, id: MediaId) -> Option<Arc<Media>> {
        self.load(|state| &mut state.media, id).await
    }

    /// Only a series that the caller may see.
    pub(super) async fn series(&self, id: SeriesId) -> Option<Arc<Series>> {
        self.load(|state| &mut state.series, id).await
    }

    pub(super) async fn coming_dates(&self, of: SeriesId) -> i64 {
        self.load(|state| &mut state.coming_dates, of)
            .await
            .map_or(0, |dates| *dates)
    }

    pub(super) async fn tags(&self, of: EventId) -> Option<Arc<Vec<Tag>>> {
        self.load(|state| &mut state.tags, of).await
    }

    pub(super) async fn tag(&self, slug: Slug) -> Option<Arc<Tag>> {
        self.load(|state| &mut state.tags_by_slug, slug).await
    }

    pub(super) async fn description(&self, of: EventId) -> Option<Arc<RichText>> {
        self.load(|state| &mut state.descriptions, of).await
    }

    async fn load<K: Clone + Eq + Hash, V>(
        &self,
        slots: impl Fn(&mut State) -> &mut Slots<K, V>,
        key: K,
    ) -> Option<Arc<V>> {
        std::future::poll_fn(|context| {
            let mut state = self.state();
            if let Slot::Known(found) = slots(&mut state).0.entry(key.clone()).or_insert(Slot::Wanted) {
                return Poll::Ready(found.clone());
            }
            state.waiting.push(context.waker().clone());
            Poll::Pending
        })
        .await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<Wanted> {
        let mut state = self.state();
        let wanted = Wanted {
            profiles: state.profiles.take(),
            places: state.places.take(),
            media: state.media.take(),
            series: state.series.take(),
            coming_dates: state.coming_dates.take(),
            tags: state.tags.take(),
            tags_by_slug: state.tags_by_slug.take(),
            descriptions: state.descriptions.take(),
        };
        (wanted != Wanted::default()).then_some(wanted)
    }

    fn fill(&self, loaded: Loaded) {
        let mut state = self.state();
        let wanted = &loaded.wanted;
        state.profiles.fill(&wanted.profiles, loaded.profiles);
        state.places.fill(&wanted.places, loaded.places);
        state.media.fill(&wanted.media, loaded.media);
        state.series.fill(&wanted.series, loaded.series);
        state.coming_dates.fill(&wanted.coming_dates, loaded.coming_dates);
        state.tags.fill(&wanted.tags, loaded.tags);
        state.tags_by_slug.fill(&wanted.tags_by_slug, loaded.tags_by_slug);
        state.descriptions.fill(&wanted.descriptions, loaded.descriptions);
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Runs a request to its end, and each time that nothing goes on without data, reads them with `read`.
    ///
    /// # Errors
    /// The first failure of `read` ends the request: a query that failed is never "there is none".
    pub(super) async fn drive<T, R>(&self, request: impl Future<Output = T>, read: impl Fn(Wanted) -> R) -> Result<T>
    where
        R: Future<Output = Result<Loaded>>,
    {
        let signal = Arc::new(Signal::default());
        let waker = Waker::from(signal.clone());
        let mut request = pin!(request);
        let mut reading = pin!(None::<R>);
        std::future::poll_fn(|context| {
            signal.outside.register(context.waker());
            for _ in 0..MOST_POLLS {
                if let Some(future) = reading.as_mut().as_pin_mut()
                    && let Poll::Ready(loaded) = future.poll(context)
                {
                    reading.set(None);
                    self.fill(loaded?);
                }
                if signal.is_woken.swap(false, Ordering::AcqRel) {
                    if let Poll::Ready(value) = request.as_mut().poll(&mut Context::from_waker(&waker)) {
                        return Poll::Ready(Ok(value));
                    }
                    continue; // it may have been woken meanwhile
                }
                if reading.is_some() {
                    return Poll::Pending;
                }
                let Some(wanted) = self.take() else {
                    return Poll::Pending;
                };
                reading.set(Some(read(wanted)));
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }
}

/// Tells whether anything in the request can go on.
struct Signal {
    is_woken: AtomicBool,
    outside: AtomicWaker,
}

impl Default for Signal {
    fn default() -> Self {
        Self {
            is_woken: AtomicBool::new(true),
            outside: AtomicWaker::new(),
        }
    }
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        self.outside.wake();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Error;
    use futures_util::future::join_all;
    use std::cell::RefCell;
    use uuid::Uuid;

    fn series(number: u128) -> SeriesId {
        SeriesId(Uuid::from_u128(number))
    }

    fn answer(wanted: Wanted) -> Loaded {
        let dates = wanted.coming_dates.iter().map(|id| (*id, 7)).collect();
        Loaded {
            wanted,
            coming_dates: dates,
            ..Loaded::default()
        }
    }

    #[tokio::test]
    async fn what_is_wanted_together_is_read_at_once() {
        let (loader, reads) = (Loader::default(), RefCell::new(Vec::new()));
        let request = join_all((0..100).map(|number| {
            let loader = &loader;
            async move {
                let first = loader.coming_dates(series(number)).await;
                tokio::task::yield_now().await;
                first + loader.coming_dates(series(1000 + number / 2)).await
            }
        }));
        let read = |wanted: Wanted| {
            reads.borrow_mut().push(wanted.coming_dates.len());
            async {
                tokio::task::yield_now().await;
                Ok(answer(wanted))
            }
        };
        assert_eq!(loader.drive(request, read).await.unwrap(), vec![14; 100]);
        assert_eq!(*reads.borrow(), [100, 50]);
    }

    #[tokio::test]
    async fn a_thing_is_read_once() {
        let (loader, reads) = (Loader::default(), RefCell::new(0));
        let request = async {
            let both = futures_util::join!(loader.coming_dates(series(1)), loader.coming_dates(series(1)));
            (
                both,
                loader.coming_dates(series(1)).await,
                loader.profile(ProfileId(Uuid::nil())).await,
            )
        };
        let read = |wanted: Wanted| {
            *reads.borrow_mut() += 1;
            async { Ok(answer(wanted)) }
        };
        assert_eq!(loader.drive(request, read).await.unwrap(), ((7, 7), 7, None));
        assert_eq!(*reads.borrow(), 2);
    }

    #[tokio::test]
    async fn a_read_that_fails_ends_the_request() {
        let loader = Loader::default();
        let read = |_| async { Err(Error::bug("no")) };
        assert!(loader.drive(loader.coming_dates(series(1)), read).await.is_err());
    }

    #[tokio::test]
    async fn a_request_that_needs_nothing_reads_nothing() {
        let loader = Loader::default();
        let read = |_| async { Err(Error::bug("nothing was wanted")) };
        let slow = tokio::time::sleep(std::time::Duration::from_millis(1));
        loader.drive(slow, read).await.unwrap();
    }
}
