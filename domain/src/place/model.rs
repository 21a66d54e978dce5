//! What a place is.

use super::Point;
use crate::{
    db::schema::place,
    id::PlaceId,
    text::{PlainText, normalise::normalise},
    time::{Instant, Zone},
};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use url::Url;

/// A place that is kept.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = place, treat_none_as_default_value = false)]
pub struct Place {
    /// Identifier, part of its address.
    pub id: PlaceId,
    /// "Maison de quartier"; may be empty.
    pub name: PlainText,
    /// Street and number; may be empty.
    pub street: PlainText,
    /// Postal code; may be empty.
    pub postal_code: PlainText,
    /// Village or town; may be empty.
    pub locality: PlainText,
    /// Region; may be empty.
    pub region: PlainText,
    /// Country, as written; may be empty.
    pub country: PlainText,
    /// North. Where [`Self::in_town`] says so, of its town.
    pub latitude: Option<f64>,
    /// East.
    pub longitude: Option<f64>,
    /// Its cell in the grid of 0.25°.
    pub cell: Option<i32>,
    /// Whether the position is only that of its town: good for distances, not for a map.
    pub in_town: bool,
    /// Its zone, where known.
    pub zone: Option<Zone>,
    /// A page about it.
    pub url: Option<String>,
    /// Name, street and locality, normalised: what makes two places the same.
    pub match_key: String,
    /// When it came into being.
    pub created_at: Instant,
}

impl Place {
    /// Where it lies, where that is known.
    pub fn point(&self) -> Option<Point> {
        let point = Point::new(self.latitude?, self.longitude?)?;
        (!self.in_town).then_some(point)
    }

    /// Where its town lies, where no more is known.
    pub(super) fn town(&self) -> Option<Point> {
        let point = Point::new(self.latitude?, self.longitude?)?;
        self.in_town.then_some(point)
    }

    /// The path of its page.
    pub fn path(&self) -> String {
        format!("/address/{}", self.id)
    }

    /// One line: name, street, postal code and locality.
    pub fn line(&self) -> String {
        let town = [self.postal_code.as_str(), self.locality.as_str()];
        let town = town
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(" ");
        let parts = [self.name.as_str(), self.street.as_str(), &town, self.country.as_str()];
        parts
            .iter()
            .filter(|part| !part.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// A place as somebody describes it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewPlace {
    /// "Maison de quartier".
    pub name: PlainText,
    /// Street and number.
    pub street: PlainText,
    /// Postal code.
    pub postal_code: PlainText,
    /// Village or town.
    pub locality: PlainText,
    /// Region.
    pub region: PlainText,
    /// Country.
    pub country: PlainText,
    /// Where it lies.
    pub point: Option<Point>,
    /// Where its town lies: for distances, where the place's own position is not known.
    pub town: Option<Point>,
    /// Its zone.
    pub zone: Option<Zone>,
    /// A page about it.
    pub url: Option<Url>,
}

impl NewPlace {
    /// What makes two places the same, beside their distance.
    pub(super) fn match_key(&self) -> String {
        normalise(&format!(
            "{} {} {} {}",
            self.name, self.street, self.postal_code, self.locality
        ))
    }
}

impl From<Place> for NewPlace {
    fn from(place: Place) -> Self {
        Self {
            point: place.point(),
            town: place.town(),
            name: place.name,
            street: place.street,
            postal_code: place.postal_code,
            locality: place.locality,
            region: place.region,
            country: place.country,
            zone: place.zone,
            url: place.url.and_then(|url| Url::parse(&url).ok()),
        }
    }
}
