//! SQL of places.

use super::{NewPlace, Place, distance};
use crate::{
    access,
    db::{
        Tx,
        conn::MultiBackend,
        dialect::any_of,
        schema::{
            event,
            place::{self, dsl},
        },
    },
    error::Result,
    id::PlaceId,
};
use diesel::prelude::*;
use std::collections::HashMap;

/// Two descriptions with one key within this distance are one place, in kilometres.
const SAME_WITHIN_KM: f64 = 0.2;
/// Rows with one key that are looked at.
const MOST_CANDIDATES: i64 = 20;

pub(super) fn same(tx: &mut Tx<'_>, new: &NewPlace) -> Result<Option<Place>> {
    let candidates: Vec<Place> = dsl::place
        .filter(dsl::match_key.eq(new.match_key()))
        .order(dsl::id)
        .limit(MOST_CANDIDATES)
        .select(Place::as_select())
        .load(tx.conn)?;
    Ok(candidates.into_iter().find(|place| is_same(place, new)))
}

fn is_same(place: &Place, new: &NewPlace) -> bool {
    match (place.point(), new.point) {
        (Some(a), Some(b)) => distance::km(a, b) <= SAME_WITHIN_KM,
        // A town of the same name elsewhere is another one; who knows none means the one that is known.
        (None, None) => match (place.town(), new.town) {
            (Some(a), Some(b)) => distance::km(a, b) <= SAME_WITHIN_KM,
            (None, Some(_)) => false,
            (_, None) => true,
        },
        (Some(_), None) | (None, Some(_)) => false,
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &NewPlace) -> Result<Place> {
    let position = new.point.or(new.town);
    let row = Place {
        id: PlaceId(tx.new_uuid()),
        name: new.name.clone(),
        street: new.street.clone(),
        postal_code: new.postal_code.clone(),
        locality: new.locality.clone(),
        region: new.region.clone(),
        country: new.country.clone(),
        latitude: position.map(distance::Point::lat),
        longitude: position.map(distance::Point::lon),
        cell: position.map(distance::Point::cell),
        in_town: new.point.is_none() && new.town.is_some(),
        zone: new.zone.clone(),
        url: new.url.as_ref().map(ToString::to_string),
        match_key: new.match_key(),
        created_at: tx.now(),
    };
    diesel::insert_into(place::table).values(&row).execute(tx.conn)?;
    Ok(row)
}

pub(super) fn by_ids(tx: &mut Tx<'_>, ids: &[PlaceId]) -> Result<Vec<Place>> {
    Ok(dsl::place
        .filter(any_of(dsl::id, ids))
        .select(Place::as_select())
        .load(tx.conn)?)
}

/// The events at a place, as SQL, in a query of places.
macro_rules! event_at_place {
    ($which:expr) => {
        diesel::dsl::exists(
            event::table
                .filter(event::place_id.assume_not_null().eq(dsl::id))
                .filter($which),
        )
    };
}

pub(super) fn known(tx: &mut Tx<'_>, id: PlaceId) -> Result<Option<Place>> {
    Ok(dsl::place
        .filter(dsl::id.eq(id))
        .filter(event_at_place!(access::known_events()))
        .select(Place::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Places of which the whole description begins with a normalised text.
pub(super) fn beginning_with(tx: &mut Tx<'_>, typed: &str, most: i64) -> Result<Vec<Place>> {
    let (from, to) = (typed.to_owned(), format!("{typed}\u{10ffff}"));
    Ok(dsl::place
        .filter(dsl::match_key.ge(from).and(dsl::match_key.lt(to)))
        .filter(event_at_place!(access::listed_events()))
        .order((dsl::match_key, dsl::id))
        .limit(most)
        .select(Place::as_select())
        .load(tx.conn)?)
}

/// Places of which each of these normalised words begins a word. No index knows the words in the middle: the whole
/// descriptions are read through in their own index, which is narrow.
pub(super) fn with_words(tx: &mut Tx<'_>, words: &[&str], most: i64) -> Result<Vec<Place>> {
    let mut query = dsl::place
        .filter(event_at_place!(access::listed_events()))
        .order((dsl::match_key, dsl::id))
        .limit(most)
        .select(dsl::id)
        .into_boxed::<MultiBackend>();
    for word in words {
        // Normalised words have letters and digits only: nothing that LIKE reads otherwise.
        let first = dsl::match_key.like(format!("{word}%"));
        query = query.filter(first.or(dsl::match_key.like(format!("% {word}%"))));
    }
    let ids: Vec<PlaceId> = query.load(tx.conn)?;
    let mut places: HashMap<PlaceId, Place> = by_ids(tx, &ids)?.into_iter().map(|place| (place.id, place)).collect();
    Ok(ids.iter().filter_map(|id| places.remove(id)).collect())
}
