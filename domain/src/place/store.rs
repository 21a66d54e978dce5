//! SQL of places.

use super::{NewPlace, Place, distance};
use crate::{
    db::{
        Tx,
        dialect::any_of,
        schema::place::{self, dsl},
    },
    error::Result,
    id::PlaceId,
    text::normalise::normalise,
};
use diesel::prelude::*;

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
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &NewPlace) -> Result<Place> {
    let row = Place {
        id: PlaceId(tx.new_uuid()),
        name: new.name.clone(),
        street: new.street.clone(),
        postal_code: new.postal_code.clone(),
        locality: new.locality.clone(),
        region: new.region.clone(),
        country: new.country.clone(),
        latitude: new.point.map(distance::Point::lat),
        longitude: new.point.map(distance::Point::lon),
        cell: new.point.map(distance::Point::cell),
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

pub(super) fn search(tx: &mut Tx<'_>, typed: &str, most: i64) -> Result<Vec<Place>> {
    let words = normalise(typed);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let (from, to) = (words.clone(), format!("{words}\u{10ffff}"));
    let begins = dsl::match_key.ge(from).and(dsl::match_key.lt(to));
    Ok(dsl::place
        .filter(begins)
        .order((dsl::match_key, dsl::id))
        .limit(most)
        .select(Place::as_select())
        .load(tx.conn)?)
}
