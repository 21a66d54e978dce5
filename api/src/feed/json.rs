//! JSON Feed 1.1, with the dates and the place of each event for programs in `_event`.

use super::{
    Site,
    head::Head,
    news::{News, news},
};
use domain::{
    Error, Result,
    event::{Entry, Event},
    feed::Feed,
    place::{Place, Point},
};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'f> {
    version: &'static str,
    title: &'f str,
    home_page_url: &'f str,
    feed_url: &'f str,
    language: &'f str,
    items: Vec<Item<'f>>,
}

#[derive(Serialize)]
struct Item<'f> {
    id: String,
    url: String,
    title: String,
    content_html: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    date_published: String,
    date_modified: String,
    authors: Vec<Author>,
    tags: Vec<&'f str>,
    language: String,
    #[serde(rename = "_event")]
    event: EventData<'f>,
}

#[derive(Serialize)]
struct Author {
    name: String,
    url: String,
}

/// What programs want to know of an event. Instants have the offset of the event's zone; of whole days the end is the
/// first moment after the last.
#[derive(Serialize)]
struct EventData<'f> {
    begins_at: String,
    ends_at: Option<String>,
    zone: &'f str,
    all_day: bool,
    status: &'static str,
    place: Option<PlaceData<'f>>,
}

#[derive(Serialize)]
struct PlaceData<'f> {
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'f str,
    #[serde(skip_serializing_if = "str::is_empty")]
    street: &'f str,
    #[serde(skip_serializing_if = "str::is_empty")]
    postal_code: &'f str,
    #[serde(skip_serializing_if = "str::is_empty")]
    locality: &'f str,
    #[serde(skip_serializing_if = "str::is_empty")]
    region: &'f str,
    #[serde(skip_serializing_if = "str::is_empty")]
    country: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    latitude: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    longitude: Option<f64>,
}

/// Writes a feed.
pub(super) fn write(site: &Site, head: &Head, feed: &Feed) -> Result<String> {
    let document = Document {
        version: "https://jsonfeed.org/version/1.1",
        title: &head.title,
        home_page_url: &head.page_url,
        feed_url: &head.own_url,
        language: site.words.language(),
        items: news(site, feed).into_iter().map(item).collect(),
    };
    serde_json::to_string(&document).map_err(Error::internal)
}

fn item(news: News<'_>) -> Item<'_> {
    let Entry { event, place, tags, .. } = news.entry;
    let (name, url) = news.author;
    Item {
        id: news.url.clone(),
        url: news.url,
        title: news.title,
        content_html: news.html,
        image: news.image.map(|image| image.url),
        date_published: event.created_at.rfc3339(),
        date_modified: event.updated_at.rfc3339(),
        authors: vec![Author { name, url }],
        tags: tags.iter().map(|tag| tag.title.as_str()).collect(),
        language: news.language,
        event: event_data(event, place.as_ref()),
    }
}

fn event_data<'f>(event: &'f Event, place: Option<&'f Place>) -> EventData<'f> {
    EventData {
        begins_at: event.zone.rfc3339(event.begins_at),
        ends_at: event.ends_at().map(|at| event.zone.rfc3339(at)),
        zone: event.zone.name(),
        all_day: event.all_day,
        status: event.status.as_str(),
        place: place.map(|place| PlaceData {
            name: place.name.as_str(),
            street: place.street.as_str(),
            postal_code: place.postal_code.as_str(),
            locality: place.locality.as_str(),
            region: place.region.as_str(),
            country: place.country.as_str(),
            latitude: place.point().map(Point::lat),
            longitude: place.point().map(Point::lon),
        }),
    }
}
