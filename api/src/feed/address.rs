//! The addresses of feeds, read and written. One feed has one address: what is not read is dropped, and names are
//! written in one way, so that a kept feed is found again.

use super::{Format, Wanted};
use domain::{
    event::{Category, Circle},
    feed::{Near, Of, Search},
    place::{
        country::Country,
        gazetteer::{Gazetteer, Preference},
    },
    settings::Settings,
    text::{Handle, Language, Slug},
};
use std::str::FromStr;
use url::{Url, form_urlencoded};
use uuid::Uuid;

/// The kilometres of a search that says none, as on the page of the search.
const USUAL_KILOMETRES: f64 = 25.0;
const MOST_KILOMETRES: u32 = 500;
/// The most characters of a value, as on the page of the search.
const MOST_TEXT: usize = 100;
/// The most tags and categories that are looked for.
const MOST_VALUES: usize = 20;

/// Where places of a search are looked up.
#[derive(Clone, Copy)]
pub struct Atlas<'a> {
    /// The places.
    pub places: &'a Gazetteer,
    /// The country whose places come first.
    pub country: Option<Country>,
}

impl Atlas<'static> {
    /// All places, those of the site's country first.
    pub fn of(settings: &Settings) -> Self {
        Self {
            places: Gazetteer::bundled(),
            country: settings.country.as_deref().and_then(Country::new),
        }
    }
}

/// What an address leads to, and the one way in which it is written: what a cache keeps it under.
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    /// What it leads to.
    pub wanted: Wanted,
    /// The path.
    pub path: String,
    /// The query without `?`; empty but for searches.
    pub query: String,
}

impl Address {
    /// Reads a path and a query; `None` where there is no feed, for a place that nobody knows too.
    pub fn parse(path: &str, query: &str, atlas: Atlas<'_>) -> Option<Self> {
        // All feeds end with their format: most addresses are none, and are not taken apart for it.
        let last = path.rsplit('/').next()?;
        if Format::parse(last).is_none() && !last.contains('%') {
            return None;
        }
        let segments = segments(path)?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let feed = |of: Of, format: &str| Some(Wanted::Feed(of, Format::parse(format)?));
        let wanted = match *segments.as_slice() {
            ["feed", "instance", format] => feed(Of::Site, format)?,
            ["feed", "tag", slug, format] => feed(Of::Tag(Slug::of(slug)?), format)?,
            ["feed", "place", id, format] => feed(Of::Place(domain::id::PlaceId(uuid(id)?)), format)?,
            ["feed", "search", format] => feed(Of::Search(Box::new(search(query, atlas)?)), format)?,
            ["events", id, "export", "ics"] => Wanted::Event(domain::id::EventId(uuid(id)?)),
            ["series", id, "export", "ics"] => Wanted::Series(domain::id::SeriesId(uuid(id)?)),
            [name, "feed", format] => feed(Of::Profile(Handle::new(name.strip_prefix('@')?).ok()?), format)?,
            _ => return None,
        };
        let (path, query) = match &wanted {
            Wanted::Feed(of, format) => (feed_path(of, *format), feed_query(of)),
            Wanted::Event(id) => (format!("/events/{id}/export/ics"), String::new()),
            Wanted::Series(id) => (format!("/series/{id}/export/ics"), String::new()),
        };
        Some(Self { wanted, path, query })
    }
}

/// The path of a feed.
pub fn feed_path(of: &Of, format: Format) -> String {
    let format = format.name();
    match of {
        Of::Site => format!("/feed/instance/{format}"),
        Of::Profile(name) => format!("/@{name}/feed/{format}"),
        Of::Tag(slug) => format!("/feed/tag/{}/{format}", encode(slug.as_str())),
        Of::Place(id) => format!("/feed/place/{id}/{format}"),
        Of::Search(_) => format!("/feed/search/{format}"),
    }
}

/// The query of a feed, without `?`.
pub fn feed_query(of: &Of) -> String {
    match of {
        Of::Search(search) => search_query(search, "categories"),
        Of::Site | Of::Profile(_) | Of::Tag(_) | Of::Place(_) => String::new(),
    }
}

/// The path and query of the page that shows what a feed shows.
pub(super) fn page(of: &Of) -> String {
    match of {
        Of::Site => "/".to_owned(),
        Of::Profile(name) => format!("/@{name}"),
        Of::Tag(slug) => format!("/tags/{}", encode(slug.as_str())),
        Of::Place(id) => format!("/address/{id}"),
        // The page has one category at a time.
        Of::Search(search) => match search_query(search, "category") {
            query if query.is_empty() => "/search".to_owned(),
            query => format!("/search?{query}"),
        },
    }
}

fn search_query(search: &Search, categories: &str) -> String {
    let Search {
        text,
        tags,
        near,
        categories: chosen,
        online,
        language,
    } = search;
    let tags: Vec<&str> = tags.iter().map(Slug::as_str).collect();
    let chosen: Vec<String> = chosen.iter().map(|one| one.as_str().to_ascii_uppercase()).collect();
    let mut query = form_urlencoded::Serializer::new(String::new());
    let mut append = |name: &str, value: &str| {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    };
    append("q", text);
    if let Some(near) = near {
        append("near", &near.typed);
        append("km", &near.circle.kilometres.to_string());
    }
    append(categories, &chosen.join(","));
    append("tags", &tags.join(","));
    append("online", if *online { "1" } else { "" });
    append("lang", language.as_ref().map_or("", Language::as_str));
    query.finish()
}

/// Reads the query of a search. What makes no sense is left out, as on its page; a place that nobody knows is no search,
/// for the feed of everything would deceive.
fn search(query: &str, atlas: Atlas<'_>) -> Option<Search> {
    let value = |name: &str| {
        let found = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
        let text: String = found
            .map(|(_, value)| value.trim().chars().take(MOST_TEXT).collect())
            .unwrap_or_default();
        text.trim().to_owned()
    };
    let near = value("near");
    let near = match near.as_str() {
        "" => None,
        typed => Some(self::near(typed, &value("km"), atlas)?),
    };
    let tags = list(&value("tags"), Slug::of);
    let categories = list(&value("categories"), |name| Category::parse(&name.to_ascii_lowercase()));
    Some(Search {
        text: value("q"),
        tags,
        near,
        categories,
        online: matches!(value("online").as_str(), "1" | "on" | "true"),
        language: Language::parse(&value("lang")),
    })
}

fn near(typed: &str, kilometres: &str, atlas: Atlas<'_>) -> Option<Near> {
    let preference = Preference {
        country: atlas.country,
        ..Preference::default()
    };
    let kilometres = u32::from_str(kilometres)
        .ok()
        .filter(|km| (1..=MOST_KILOMETRES).contains(km));
    Some(Near {
        typed: typed.to_owned(),
        circle: Circle {
            center: atlas.places.best(typed, &preference)?.point,
            kilometres: kilometres.map_or(USUAL_KILOMETRES, f64::from),
        },
    })
}

/// Values between commas, sorted, each once.
fn list<T: Ord>(text: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
    let mut values: Vec<T> = text
        .split(',')
        .take(MOST_VALUES)
        .filter_map(|one| parse(one.trim()))
        .collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// The parts of a path, decoded.
fn segments(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/')?;
    let decode = |segment: &str| {
        let query = format!("={}", segment.replace('+', "%2B"));
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.next().map(|(_, value)| value.into_owned())
    };
    // A sign that separates parameters is none in a path.
    if path.len() > 500 || path.contains(['&', '=', '?', '#']) {
        return None;
    }
    path.split('/').take(6).map(decode).collect()
}

fn uuid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::parse_str(text).ok()).flatten()
}

/// A part of a path, with what is no letter, digit or hyphen encoded.
fn encode(text: &str) -> String {
    let Ok(mut url) = Url::parse("http://h") else {
        return text.to_owned();
    };
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.push(text);
    }
    url.path().trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(path: &str, query: &str) -> Option<Address> {
        let atlas = Atlas {
            places: Gazetteer::sample(),
            country: None,
        };
        Address::parse(path, query, atlas)
    }

    #[test]
    fn every_feed_has_an_address() {
        let id = "0193ab00-0000-7000-8000-000000000000";
        for format in Format::ALL.map(Format::name) {
            for base in ["/feed/instance", "/@comite/feed", "/feed/tag/musique", "/feed/search"] {
                let path = format!("{base}/{format}");
                assert_eq!(parse(&path, "").unwrap().path, path);
            }
            let path = format!("/feed/place/{id}/{format}");
            assert_eq!(parse(&path, "").unwrap().path, path);
        }
        for path in [format!("/events/{id}/export/ics"), format!("/series/{id}/export/ics")] {
            assert_eq!(parse(&path, "").unwrap().path, path);
        }
    }

    #[test]
    fn what_is_no_feed_has_none() {
        for path in [
            "",
            "/",
            "/feed",
            "/feed/instance",
            "/feed/instance/",
            "/feed/instance/pdf",
            "/feed/instance/ics/",
            "/feed/tag//ics",
            "/feed/place/1/ics",
            "/feed/place/0193ab0000007000800000000000000/ics",
            "/@a%2Fb/feed/ics",
            "/@/feed/ics",
            "/comite/feed/ics",
            "/events/x/export/ics",
            "/events/0193ab00-0000-7000-8000-000000000000/export/atom",
            "/a/b/c/d/e/f/g/h/i",
            "/feed/instance/ics&x=1",
        ] {
            assert_eq!(parse(path, ""), None, "{path}");
        }
    }

    #[test]
    fn a_name_in_capitals_is_the_same_feed() {
        assert_eq!(parse("/@Comite/feed/ics", "").unwrap().path, "/@comite/feed/ics");
        assert_eq!(parse("/feed/tag/F%C3%AAte/ics", "").unwrap().path, "/feed/tag/fete/ics");
        assert_eq!(parse("/%40comite/feed/ics", "").unwrap().path, "/@comite/feed/ics");
    }

    #[test]
    fn a_search_is_written_in_one_way_and_nonsense_is_left_out() {
        let asked = "km=9000&tags=Jazz,%20f%C3%AAte,jazz&utm_source=x&near=Namur&q=%20soupe%20&categories=MUSIC,nonsense&lang=fr!&online=on";
        let address = parse("/feed/search/ics", asked).unwrap();
        assert_eq!(
            address.query,
            "q=soupe&near=Namur&km=25&categories=MUSIC&tags=fete%2Cjazz&online=1"
        );
        assert_eq!(parse("/feed/search/ics", &address.query), Some(address.clone()));
        let Wanted::Feed(of, _) = address.wanted else { panic!() };
        assert_eq!(
            page(&of),
            "/search?q=soupe&near=Namur&km=25&category=MUSIC&tags=fete%2Cjazz&online=1"
        );
        assert_eq!(parse("/feed/instance/ics", "q=soupe").unwrap().query, "");
    }

    #[test]
    fn a_search_near_nowhere_is_none() {
        assert_eq!(parse("/feed/search/ics", "near=Xyzzyx"), None);
        assert!(parse("/feed/search/ics", "near=").is_some());
    }
}
