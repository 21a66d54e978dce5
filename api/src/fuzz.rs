//! What of `api` reads strangers' bytes, under inputs that nobody thought of: see `domain::fuzz`.

use crate::{
    feed::address::{Address as FeedAddress, Atlas},
    http::Hosts,
    page::{
        language::Language,
        route::{Address as PageAddress, Route},
    },
};
use domain::{
    fuzz::run,
    place::{country::Country, gazetteer::Gazetteer},
};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// `/path?query`
fn split(text: &str) -> (&str, &str) {
    text.split_once('?').unwrap_or((text, ""))
}

#[test]
fn fuzz_addresses_of_feeds() {
    let words = [
        "/feed/",
        "instance",
        "/ics",
        "/atom",
        "tag/",
        "place/",
        "search/",
        "@",
        "?q=",
        "&near=",
        "Namur",
        "&km=",
        "&categories=",
        "MUSIC",
        "&tags=",
        "&lang=",
        "fr",
        "/export/ics",
        "%2f",
        "%",
        "+",
        "0193ac5e-7c00-7000-8000-000000000001",
    ];
    let atlas = Atlas {
        places: Gazetteer::sample(),
        country: Country::new("BE"),
    };
    run("feed-address", &words, |bytes| {
        let given = text(bytes);
        let (path, query) = split(&given);
        let Some(address) = FeedAddress::parse(path, query, atlas) else {
            return 0;
        };
        let again = FeedAddress::parse(&address.path, &address.query, atlas).unwrap();
        assert_eq!(
            (&again.path, &again.query),
            (&address.path, &address.query),
            "one way to write it"
        );
        let whole = format!("{}?{}", address.path, address.query);
        assert!(
            whole.is_ascii() && whole.len() < 8_000 && !whole.contains(['\r', '\n', ' ']),
            "{whole}"
        );
        1 + address.query.split('&').count() + 10 * usize::from(address.path.starts_with("/@"))
    });
}

#[test]
fn fuzz_addresses_of_pages() {
    let words = [
        "/",
        "/fr",
        "/en/",
        "search",
        "events/",
        "series/",
        "tags/",
        "tag/",
        "address/",
        "subscribe",
        "about",
        "@",
        "?q=",
        "&page=",
        "&past=1",
        "%2e%2e",
        "%00",
        "%2f",
        "//",
        "\\",
        "é",
        "other.example",
        "0193ac5e-7c00-7000-8000-000000000001",
    ];
    run("page-address", &words, |bytes| {
        let given = text(bytes);
        let (path, query) = split(&given);
        let (language, rest) = Language::split(path);
        let (is_moved, route) = match PageAddress::parse(rest) {
            None => return (0, false, language),
            Some(PageAddress::Page(route)) => (false, route),
            Some(PageAddress::Moved(route)) => (true, route),
        };
        let path = route.path();
        assert!(
            path.starts_with('/') && !path.starts_with("//") && path.is_ascii(),
            "{path}"
        );
        assert_eq!(
            PageAddress::parse(&path),
            Some(PageAddress::Page(route.clone())),
            "one way to write it"
        );
        if let Some(query) = route.query(query) {
            assert_eq!(route.query(&query).as_ref(), Some(&query), "one way to write it");
            assert!(query.is_ascii() && !query.contains(['\r', '\n', ' ']), "{query}");
        }
        let kind = match route {
            Route::Home => 1,
            Route::Search => 2,
            Route::Event(_) | Route::Series(_) | Route::Place(_) => 3,
            Route::Profile(_) => 4,
            Route::Tag(_) => 5,
            Route::Subscribe | Route::About => 6,
        };
        (kind, is_moved, language)
    });
}

#[test]
fn fuzz_hosts() {
    let words = [
        "kermesse.example",
        ":443",
        ".",
        "@",
        "[::1]",
        "127.0.0.1",
        "localhost",
        "%",
        "/",
        "xn--",
    ];
    let site = Hosts::of(&"https://kermesse.example/".parse().unwrap());
    run("host", &words, |bytes| {
        let host = text(bytes);
        let is_ours = site.allow(&host);
        assert!(
            !is_ours || host.to_ascii_lowercase().starts_with("kermesse.example"),
            "{host}"
        );
        is_ours
    });
}
