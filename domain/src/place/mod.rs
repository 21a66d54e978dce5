//! Where events happen: addresses, coordinates, distances, and the gazetteer of towns and villages.

pub mod country;
pub mod distance;
pub mod gazetteer;
pub mod geohash;
pub mod grid;
mod model;
mod store;

pub use distance::Point;
pub use model::{NewPlace, Place};

use crate::{
    change::{CacheTag, ListKind},
    db::Tx,
    error::{Error, Result, What},
    id::PlaceId,
    text::normalise::{normalise, words},
};
use std::collections::HashSet;

/// More words that are typed are not looked at.
const MOST_WORDS: usize = 6;
/// Words are looked for in the middle of descriptions when one has so many letters.
const FROM_LETTERS: usize = 3;

/// The place that `new` describes: an existing one, where name and address are the same and lie within 200 m, else a
/// new row. Called by the use cases that put events at places.
pub(crate) fn find_or_create(tx: &mut Tx<'_>, new: &NewPlace) -> Result<Place> {
    match store::same(tx, new)? {
        Some(place) => Ok(place),
        None => store::insert(tx, new),
    }
}

/// The place with this identifier, where an event is that everybody may read, or could until it was deleted.
///
/// # Errors
/// `NotFound`, also for a place of other events alone.
pub fn by_id(tx: &mut Tx<'_>, id: PlaceId) -> Result<Place> {
    tx.saw(CacheTag::Place(id));
    store::known(tx, id)?.ok_or(Error::NotFound(What::Place))
}

/// The places with these identifiers, in any order; missing ones are left out. Ask only for those of events that the
/// caller may see.
///
/// # Errors
/// Those of the database.
pub fn by_ids(tx: &mut Tx<'_>, ids: &[PlaceId]) -> Result<Vec<Place>> {
    for id in ids {
        tx.saw(CacheTag::Place(*id));
    }
    store::by_ids(tx, ids)
}

/// Places of events in public lists, for address completion: each typed word begins a word of the name or the address.
/// Those that begin with what was typed come first; one or two letters find those alone.
///
/// # Errors
/// Those of the database.
pub fn search(tx: &mut Tx<'_>, typed: &str, most: i64) -> Result<Vec<Place>> {
    tx.saw(CacheTag::List(ListKind::Events));
    let typed = normalise(typed);
    let words: Vec<&str> = words(&typed).take(MOST_WORDS).collect();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = store::beginning_with(tx, &typed, most)?;
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count >= most);
    let is_long = words.iter().any(|word| word.chars().count() >= FROM_LETTERS);
    if !is_full && is_long {
        let known: HashSet<PlaceId> = found.iter().map(|place| place.id).collect();
        found.extend(
            store::with_words(tx, &words, most)?
                .into_iter()
                .filter(|place| !known.contains(&place.id)),
        );
        found.truncate(usize::try_from(most).unwrap_or(0));
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
