//! The shapes of ActivityPub documents: one file for each kind.

pub(crate) mod actor;
pub(crate) mod attachment;
pub(crate) mod collection;
pub(crate) mod event;
pub(crate) mod place;
pub(crate) mod summary;
pub(crate) mod tombstone;
pub(crate) mod when;

use crate::Covers;
use domain::{
    db::Tx,
    error::Result,
    event::{self as events, Event},
    id::{EventId, MediaId, PlaceId, ProfileId},
    media::{self, Media},
    place::Place,
    profile::{self, Profile},
    settings::Settings,
    tag::{self, Tag},
    text::{RichText, rich},
    words::Words,
};
use std::collections::HashMap;

/// Everybody (ActivityPub §5.6).
pub(crate) const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// The most bytes of an event's text with its markup; what is longer goes on, on its page.
const MOST_HTML: usize = 20_000;
/// The most characters that are left of a longer one: two bytes each, as an average of the scripts of Europe.
const MOST_PLAIN: u32 = 9_000;

/// What every document knows of the site.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) covers: &'a Covers,
}

impl Site<'_> {
    /// The language of what says none.
    pub(crate) fn language(&self) -> &str {
        self.settings.languages.first().map_or("en", String::as_str)
    }

    /// The words for an event.
    pub(crate) fn words(&self, event: &Event) -> &'static Words {
        Words::choose(event.language.as_ref(), self.language())
    }
}

/// An event with all that is said of it.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) event: Event,
    pub(crate) text: RichText,
    pub(crate) place: Option<Place>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) owner: Profile,
    pub(crate) picture: Option<Media>,
}

/// Everything that is said of these events, in their order, in a fixed number of queries.
pub(crate) fn told(tx: &mut Tx<'_>, events: Vec<Event>) -> Result<Vec<Told>> {
    let ids: Vec<EventId> = events.iter().map(|event| event.id).collect();
    let mut texts = events::descriptions(tx, &ids)?;
    let mut tags = tag::of_events(tx, &ids)?;
    let places = domain::place::by_ids(tx, &distinct(events.iter().filter_map(|event| event.place_id)))?;
    let places: HashMap<PlaceId, Place> = places.into_iter().map(|place| (place.id, place)).collect();
    let owners = profile::by_ids(tx, &distinct(events.iter().map(Event::owner)))?;
    let owners: HashMap<ProfileId, Profile> = owners.into_iter().map(|owner| (owner.id, owner)).collect();
    let pictures = media::by_ids(tx, &distinct(events.iter().filter_map(|event| event.picture_id)))?;
    let pictures: HashMap<MediaId, Media> = pictures.into_iter().map(|picture| (picture.id, picture)).collect();
    let told = events.into_iter().filter_map(|event| {
        Some(Told {
            text: shortened(texts.remove(&event.id).unwrap_or_default()),
            place: event.place_id.and_then(|id| places.get(&id).cloned()),
            tags: tags.remove(&event.id).unwrap_or_default(),
            // Events have an owner: the row refers to it.
            owner: owners.get(&event.owner())?.clone(),
            picture: event.picture_id.and_then(|id| pictures.get(&id).cloned()),
            event,
        })
    });
    Ok(told.collect())
}

fn distinct<T: Ord>(ids: impl Iterator<Item = T>) -> Vec<T> {
    let mut ids: Vec<T> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn shortened(text: RichText) -> RichText {
    if text.as_html().len() <= MOST_HTML {
        return text;
    }
    RichText::from_plain(&rich::excerpt(&text.to_plain(), MOST_PLAIN))
}
