//! Places, on the map and on the web.

use domain::{
    place::{self, Point},
    settings::Settings,
};
use serde::Serialize;

/// A place with its postal address (FEP-8a8e, schema.org).
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Place {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    name: String,
    address: PostalAddress,
    /// A decimal point always: Mobilizon drops whole numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    latitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    longitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

/// Parts that are not known are null: Mobilizon reads all of them.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct PostalAddress {
    #[serde(rename = "type")]
    kind: &'static str,
    street_address: Option<String>,
    postal_code: Option<String>,
    address_locality: Option<String>,
    address_region: Option<String>,
    address_country: Option<String>,
}

/// A place on the web.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct VirtualLocation {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    url: String,
}

/// A place.
pub(crate) fn place(settings: &Settings, place: &place::Place) -> Place {
    let known = |text: &domain::text::PlainText| (!text.is_empty()).then(|| text.to_string());
    let point = place.point();
    Place {
        kind: "Place",
        id: settings.url(&place.path()),
        name: name(place).to_owned(),
        address: PostalAddress {
            kind: "PostalAddress",
            street_address: known(&place.street),
            postal_code: known(&place.postal_code),
            address_locality: known(&place.locality),
            address_region: known(&place.region),
            address_country: known(&place.country),
        },
        latitude: point.map(Point::lat),
        longitude: point.map(Point::lon),
        url: place.url.clone(),
    }
}

/// What to call a place.
pub(crate) fn name(place: &place::Place) -> &str {
    let names = [
        &place.name,
        &place.street,
        &place.locality,
        &place.region,
        &place.country,
    ];
    let first = names.into_iter().find(|name| !name.is_empty());
    first.map_or("", domain::text::PlainText::as_str)
}

/// A place on the web, called by its host.
pub(crate) fn on_the_web(url: &str) -> VirtualLocation {
    let host = url::Url::parse(url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    VirtualLocation {
        kind: "VirtualLocation",
        name: host.unwrap_or_else(|| url.to_owned()),
        url: url.to_owned(),
    }
}
