//! Events with all that is said of them, for those who write them down whole: feeds, and documents for other servers.

use super::{Event, Status, Visibility, descriptions};
use crate::{
    db::Tx,
    error::Result,
    id::{EventId, MediaId, PlaceId, ProfileId},
    media::{self, Media},
    place::{self, Place},
    profile::{self, Profile},
    tag::{self, Tag},
    text::RichText,
    words::Span,
};
use std::collections::HashMap;

/// Texts that are read at once: long ones are shortened before the next are read.
const TEXTS_AT_ONCE: usize = 100;

/// An event, with all that is said of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The event. In a feed, a deleted one has become a cancelled one without text.
    pub event: Event,
    /// Its text, or the beginning of it.
    pub description: RichText,
    /// Where it happens.
    pub place: Option<Place>,
    /// Its tags, in order.
    pub tags: Vec<Tag>,
    /// Whose it is.
    pub owner: Profile,
    /// Its picture, if it can be shown.
    pub picture: Option<Media>,
}

impl Entry {
    /// Whether it does not take place.
    pub fn is_cancelled(&self) -> bool {
        self.event.status == Status::Cancelled
    }

    /// Whether everybody is to find it; otherwise it is for those who were given its address.
    pub fn is_public(&self) -> bool {
        self.event.visibility == Visibility::Public
    }

    /// When it is, for words.
    pub fn span(&self) -> Span {
        Span {
            begin: self.event.local_begin,
            end: self.event.local_end,
            all_day: self.event.all_day,
        }
    }
}

/// Everything that is said of these events, in their order, in few queries, whatever their number. `shortened`: what is
/// kept of a text.
///
/// # Errors
/// Those of the database.
pub fn entries(tx: &mut Tx<'_>, events: Vec<Event>, shortened: fn(RichText) -> RichText) -> Result<Vec<Entry>> {
    let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
    let mut texts = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(TEXTS_AT_ONCE) {
        let some = descriptions(tx, ids)?;
        texts.extend(some.into_iter().map(|(id, text)| (id, shortened(text))));
    }
    let mut tags = tag::of_events(tx, &ids)?;
    let places = place::by_ids(tx, &distinct(events.iter().filter_map(|event| event.place_id)))?;
    let places: HashMap<PlaceId, Place> = places.into_iter().map(|place| (place.id, place)).collect();
    let owners = profile::by_ids(tx, &distinct(events.iter().map(Event::owner)))?;
    let owners: HashMap<ProfileId, Profile> = owners.into_iter().map(|owner| (owner.id, owner)).collect();
    let pictures = media::by_ids(tx, &distinct(events.iter().filter_map(|event| event.picture_id)))?;
    let pictures: HashMap<MediaId, Media> = pictures.into_iter().map(|picture| (picture.id, picture)).collect();
    let entry = |event: Event| {
        Some(Entry {
            description: texts.remove(&event.id).unwrap_or_default(),
            place: event.place_id.and_then(|id| places.get(&id).cloned()),
            tags: tags.remove(&event.id).unwrap_or_default(),
            // Events have an owner: the row refers to it.
            owner: owners.get(&event.owner())?.clone(),
            picture: event.picture_id.and_then(|id| pictures.get(&id).cloned()),
            event,
        })
    };
    Ok(events.into_iter().filter_map(entry).collect())
}

fn distinct<T: Ord>(ids: impl Iterator<Item = T>) -> Vec<T> {
    let mut ids: Vec<T> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
