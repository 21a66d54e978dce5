//! What an event is found by, brought into the index from its row of the moment.

use super::store;
use crate::{
    caller::Caller,
    change::{CacheTag, ListKind},
    db::Tx,
    error::Result,
    event::{self, Event, Listing},
    id::EventId,
    place, profile, tag,
    text::normalise::normalise,
};

/// The most bytes of an event's text that are indexed.
const MOST_TEXT: usize = 20_000;

/// Brings one event into the index as it is now, or takes it out. Doing it twice changes nothing.
///
/// # Errors
/// Those of the database.
pub fn index(tx: &mut Tx<'_>, id: EventId) -> Result<()> {
    let event = event::by_ids(tx, &Caller::System, &[id])?
        .pop()
        .filter(|event| event.listing != Listing::None);
    match event {
        Some(event) => {
            let (title, other) = words(tx, &event)?;
            store::put(tx, &event, &title, &other)?;
        }
        None => store::remove(tx, id)?,
    }
    tx.dropped([CacheTag::List(ListKind::Search)]);
    Ok(())
}

/// The words of the title; and those of tags, place and names, then on a line of their own those of the text.
fn words(tx: &mut Tx<'_>, event: &Event) -> Result<(String, String)> {
    let tags = tag::of_events(tx, &[event.id])?.remove(&event.id).unwrap_or_default();
    let owners: Vec<_> = std::iter::once(event.organizer_id).chain(event.group_id).collect();
    let mut names: Vec<String> = tags.into_iter().map(|tag| tag.title.to_string()).collect();
    names.extend(
        profile::by_ids(tx, &owners)?
            .iter()
            .map(|profile| profile.title().to_owned()),
    );
    if let Some(place) = event.place_id {
        let place = place::by_ids(tx, &[place])?.pop();
        names.extend(place.map(|place| format!("{} {} {}", place.name, place.postal_code, place.locality)));
    }
    let text = event::descriptions(tx, &[event.id])?
        .remove(&event.id)
        .map(|text| text.to_plain())
        .unwrap_or_default();
    let text = normalise(text.get(..text.floor_char_boundary(MOST_TEXT)).unwrap_or_default());
    Ok((
        normalise(event.title.as_str()),
        format!("{}\n{text}", normalise(&names.join(" "))),
    ))
}
