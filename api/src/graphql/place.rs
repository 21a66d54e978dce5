//! Places: where events happen, and the towns and villages of the gazetteer.

use super::{
    context::{ContextExt, Site},
    page::{EventList, PageArguments, Span},
    scalar::{Point, Timezone, Uuid},
};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use domain::{
    Error, Result,
    error::{Code, FieldError, What},
    event::EventFilter,
    id::PlaceId,
    place::{
        self, NewPlace, Place,
        country::Country,
        gazetteer::{GazetteerPlace as Town, Preference},
    },
    text::PlainText,
    time::Zone,
};

/// How far a town may lie from a point that it names, in kilometres.
const NEAREST_KM: f64 = 25.0;

/// Questions about places.
#[derive(Default)]
pub(super) struct PlaceQuery;

#[Object]
impl PlaceQuery {
    /// A place by its identifier.
    async fn place(&self, ctx: &Context<'_>, #[graphql(desc = "Its `id`.")] id: ID) -> Result<Option<Address>> {
        let id: PlaceId = id.parse().map_err(|_not_ours| Error::NotFound(What::Place))?;
        ctx.read(move |tx, _| place::by_id(tx, id))
            .await
            .map(|place| Some(Address::of_place(&place)))
    }

    /// Places of events, of which each typed word begins a word of the name or the address; then towns and villages whose
    /// name begins with what was typed.
    async fn search_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was typed: a name, a street, a postal code.")] query: String,
        #[graphql(
            default_with = "Some(\"en\".to_owned())",
            desc = "The language of names of countries."
        )]
        locale: Option<String>,
        #[graphql(default = 1, desc = "Which page, from 1.")] page: Option<i32>,
        #[graphql(default = 10, desc = "How many on a page, at most 100.")] limit: Option<i32>,
        #[graphql(name = "type", desc = "Only towns and villages.")] kind: Option<AddressSearchType>,
    ) -> Result<Option<Vec<Address>>> {
        let page = PageArguments { page, limit }.request();
        let most = page.offset() + page.limit();
        let mut found = match kind {
            Some(AddressSearchType::Administrative) => Vec::new(),
            None => kept(ctx, query.clone(), most).await?,
        };
        found.extend(towns(ctx.site()?, &query, most, &language(locale)));
        let shown = found
            .into_iter()
            .skip(usize_of(page.offset()))
            .take(usize_of(page.limit()));
        Ok(Some(shown.collect()))
    }

    /// The town or village at a point.
    async fn reverse_geocode(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Degrees east.")] longitude: f64,
        #[graphql(desc = "Degrees north.")] latitude: f64,
        #[graphql(
            default = 15,
            desc = "How near, as maps count it; not looked at: the answer is a town."
        )]
        #[expect(unused_variables, reason = "Mobilizon's clients send it")]
        zoom: Option<i32>,
        #[graphql(
            default_with = "Some(\"en\".to_owned())",
            desc = "The language of names of countries."
        )]
        locale: Option<String>,
    ) -> Result<Option<Vec<Address>>> {
        let point =
            place::Point::new(latitude, longitude).ok_or_else(|| FieldError::one("latitude", Code::OutOfRange))?;
        let town = ctx.site()?.gazetteer.nearest(point, NEAREST_KM);
        Ok(Some(
            town.iter()
                .map(|town| Address::of_town(town, &language(locale.clone())))
                .collect(),
        ))
    }
}

async fn kept(ctx: &Context<'_>, query: String, most: i64) -> Result<Vec<Address>> {
    let places = ctx.read(move |tx, _| place::search(tx, &query, most)).await?;
    Ok(places.iter().map(Address::of_place).collect())
}

fn towns(site: &Site, query: &str, most: i64, language: &str) -> Vec<Address> {
    let towns = site.gazetteer.search(query, &preference(site), usize_of(most));
    towns.iter().map(|town| Address::of_town(town, language)).collect()
}

/// Towns of the site's country come first.
pub(super) fn preference(site: &Site) -> Preference<'static> {
    Preference {
        country: site.settings.country.as_deref().and_then(Country::new),
        ..Preference::default()
    }
}

fn language(locale: Option<String>) -> String {
    locale.unwrap_or_else(|| "en".to_owned())
}

fn usize_of(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

/// The name of a country for people.
pub(super) fn country_name(country: Country, language: &str) -> String {
    let name = country.name(language).or_else(|| country.name("en"));
    name.unwrap_or(country.code()).to_owned()
}

/// What kind of places to look for.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AddressSearchType {
    /// Towns and villages.
    Administrative,
}

/// A place: one that events were at, one that somebody describes, or a town.
#[derive(Debug, Clone, Default)]
pub(super) struct Address {
    id: Option<PlaceId>,
    name: Option<String>,
    street: Option<String>,
    postal_code: Option<String>,
    locality: Option<String>,
    region: Option<String>,
    country: Option<String>,
    point: Option<place::Point>,
    zone: Option<Zone>,
    url: Option<String>,
    kind: Option<&'static str>,
    origin: Option<String>,
}

impl Address {
    /// The place with this identifier.
    pub(super) async fn load(ctx: &Context<'_>, id: Option<PlaceId>) -> Result<Option<Self>> {
        match id {
            Some(id) => Ok(ctx.scope()?.loader.place(id).await.map(|place| Self::of_place(&place))),
            None => Ok(None),
        }
    }

    pub(super) fn of_place(place: &Place) -> Self {
        Self {
            id: Some(place.id),
            name: some(&place.name),
            street: some(&place.street),
            postal_code: some(&place.postal_code),
            locality: some(&place.locality),
            region: some(&place.region),
            country: some(&place.country),
            point: place.point(),
            zone: place.zone.clone(),
            url: place.url.clone(),
            kind: None,
            origin: None,
        }
    }

    /// A place that is described and may not be kept.
    pub(super) fn of_description(place: &NewPlace) -> Self {
        Self {
            id: None,
            name: some(&place.name),
            street: some(&place.street),
            postal_code: some(&place.postal_code),
            locality: some(&place.locality),
            region: some(&place.region),
            country: some(&place.country),
            point: place.point,
            zone: place.zone.clone(),
            url: place.url.as_ref().map(ToString::to_string),
            kind: None,
            origin: None,
        }
    }

    fn of_town(town: &Town<'_>, language: &str) -> Self {
        let name = town.name.to_owned();
        Self {
            name: Some(name.clone()),
            locality: Some(name),
            postal_code: town.postal_codes().next().map(str::to_owned),
            region: town.region.map(str::to_owned),
            country: Some(country_name(town.country, language)),
            point: Some(town.point),
            zone: Zone::named(town.zone).ok(),
            kind: Some("town"),
            origin: Some(format!("town:{};{}", town.point.lon(), town.point.lat())),
            ..Self::default()
        }
    }
}

fn some(text: &PlainText) -> Option<String> {
    Some(text.as_str().to_owned()).filter(|text| !text.is_empty())
}

/// A place: one that events were at, one that somebody describes, or a town.
#[Object]
impl Address {
    /// Its identifier, the end of its address; null for a place where no event has been.
    async fn id(&self) -> Option<ID> {
        self.id.map(|id| id.to_string().into())
    }

    /// Its identifier: the same as `id`.
    async fn uuid(&self) -> Option<Uuid> {
        self.id.map(|id| Uuid(id.0))
    }

    /// Where it lies.
    async fn geom(&self) -> Option<Point> {
        self.point.map(Point)
    }

    /// What it is called: "Maison de quartier".
    async fn description(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Street and number.
    async fn street(&self) -> Option<&str> {
        self.street.as_deref()
    }

    /// The village or town.
    async fn locality(&self) -> Option<&str> {
        self.locality.as_deref()
    }

    /// The postal code.
    async fn postal_code(&self) -> Option<&str> {
        self.postal_code.as_deref()
    }

    /// The province, department or state.
    async fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The country, as it is written there or in the language asked for.
    async fn country(&self) -> Option<&str> {
        self.country.as_deref()
    }

    /// What kind of place: `town` for one of the gazetteer.
    #[graphql(name = "type")]
    async fn kind(&self) -> Option<&str> {
        self.kind
    }

    /// A page about it.
    async fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// What it was found by: a name for programs, which tells two results apart.
    async fn origin_id(&self) -> Option<String> {
        self.origin.clone().or_else(|| Some(format!("place:{}", self.id?)))
    }

    /// The zone of its clocks.
    async fn timezone(&self) -> Option<Timezone> {
        self.zone.clone().map(Timezone)
    }

    /// A picture of the town. There is none: no other service is asked.
    async fn picture_info(&self) -> Option<PictureInfo> {
        None
    }

    /// The events at this place; null where no event has been.
    async fn events(
        &self,
        #[graphql(default = 1, desc = "Which page, from 1.")] page: Option<i32>,
        #[graphql(default = 10, desc = "How many on a page, at most 100.")] limit: Option<i32>,
        #[graphql(
            default_with = "Some(false)",
            desc = "Those that are over, the latest first, instead of those that come."
        )]
        past: Option<bool>,
        #[graphql(default_with = "Some(false)", desc = "Show a series once, as its next date.")]
        collapse_series: Option<bool>,
    ) -> Option<EventList> {
        let filter = EventFilter {
            place: Some(self.id?),
            collapse_series: collapse_series.unwrap_or_default(),
            ..EventFilter::default()
        };
        Some(EventList::new(filter, Span::past(past), PageArguments { page, limit }))
    }
}

/// A picture of a town, with whom to thank for it.
#[derive(SimpleObject)]
struct PictureInfo {
    /// Its address.
    url: Option<String>,
    /// Who took it.
    author: Option<PictureInfoElement>,
    /// Where it comes from.
    source: Option<PictureInfoElement>,
}

/// Whom to thank.
#[derive(SimpleObject)]
struct PictureInfoElement {
    /// Their name.
    name: Option<String>,
    /// Their page.
    url: Option<String>,
}
