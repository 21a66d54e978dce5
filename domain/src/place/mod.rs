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
    change::CacheTag,
    db::Tx,
    error::{Error, Result, What},
    id::PlaceId,
};

/// The place that `new` describes: an existing one, where name and address are the same and lie within 200 m, else a
/// new row. Called by the use cases that put events at places.
pub(crate) fn find_or_create(tx: &mut Tx<'_>, new: &NewPlace) -> Result<Place> {
    match store::same(tx, new)? {
        Some(place) => Ok(place),
        None => store::insert(tx, new),
    }
}

/// The place with this identifier.
///
/// # Errors
/// `NotFound`.
pub fn by_id(tx: &mut Tx<'_>, id: PlaceId) -> Result<Place> {
    by_ids(tx, &[id])?.pop().ok_or(Error::NotFound(What::Place))
}

/// The places with these identifiers, in any order; missing ones are left out.
///
/// # Errors
/// Those of the database.
pub fn by_ids(tx: &mut Tx<'_>, ids: &[PlaceId]) -> Result<Vec<Place>> {
    for id in ids {
        tx.saw(CacheTag::Place(*id));
    }
    store::by_ids(tx, ids)
}

/// Places of ours whose name or locality begins with what was typed, for address completion.
///
/// # Errors
/// Those of the database.
pub fn search(tx: &mut Tx<'_>, typed: &str, most: i64) -> Result<Vec<Place>> {
    tx.saw(CacheTag::List(crate::change::ListKind::Names));
    store::search(tx, typed, most)
}
