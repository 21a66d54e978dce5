//! The addresses that are pages, and which values of a query each of them reads.
//!
//! Everything else is "not found" without asking anybody, so that invented addresses fill nothing. What a page does not
//! read of a query is dropped, from the key under which it is kept and from what SvelteKit sees.

use domain::text::Slug;
use url::{Url, form_urlencoded};
use uuid::Uuid;

/// The most bytes of a query that a page reads.
const MOST_QUERY: usize = 1_000;
/// The most bytes of a name in an address, before and after its `@`.
const MOST_NAME: usize = 64;
const MOST_DOMAIN: usize = 253;

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/`: what is on.
    Home,
    /// `/search`
    Search,
    /// `/events/UUID`
    Event(Uuid),
    /// `/series/UUID`
    Series(Uuid),
    /// `/@name`, or `/@name@elsewhere.example`
    Profile(String),
    /// `/tags/SLUG`
    Tag(Slug),
    /// `/address/UUID`
    Place(Uuid),
    /// `/subscribe`: how to follow with a calendar.
    Subscribe,
    /// `/about`
    About,
}

/// What an address leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A page.
    Page(Route),
    /// A page that has its own address now.
    Moved(Route),
}

impl Address {
    /// What a path leads to, its language taken off; `None` where there is nothing.
    pub fn parse(path: &str) -> Option<Self> {
        let path = decode(path)?;
        let path = path.strip_prefix('/')?;
        let path = match path.strip_suffix('/') {
            Some("") => return None,
            Some(without) => without,
            None => path,
        };
        let mut segments = path.split('/');
        let (first, second, more) = (segments.next()?, segments.next(), segments.next());
        if more.is_some() {
            return None;
        }
        let page = match (first, second) {
            ("", None) => Route::Home,
            ("search", None) => Route::Search,
            ("subscribe", None) => Route::Subscribe,
            ("about", None) => Route::About,
            ("events", Some(id)) => Route::Event(uuid(id)?),
            ("series", Some(id)) => Route::Series(uuid(id)?),
            ("address", Some(id)) => Route::Place(uuid(id)?),
            ("tags", Some(slug)) => return tag(slug),
            ("tag", Some(title)) => return Some(Self::Moved(Route::Tag(Slug::of(title)?))),
            (name, None) => Route::Profile(profile(name.strip_prefix('@')?)?),
            _ => return None,
        };
        Some(Self::Page(page))
    }
}

impl Route {
    /// The path of the page, the same for every way to write it.
    pub fn path(&self) -> String {
        match self {
            Self::Home => "/".to_owned(),
            Self::Search => "/search".to_owned(),
            Self::Event(id) => format!("/events/{id}"),
            Self::Series(id) => format!("/series/{id}"),
            Self::Profile(name) => format!("/@{name}"),
            Self::Tag(slug) => format!("/tags/{}", encode(slug.as_str())),
            Self::Place(id) => format!("/address/{id}"),
            Self::Subscribe => "/subscribe".to_owned(),
            Self::About => "/about".to_owned(),
        }
    }

    /// The names of a query that the page reads, in the order in which they are kept: those that its `+page.server.ts`
    /// looks at.
    fn reads(&self) -> &'static [&'static str] {
        match self {
            Self::Search => &[
                "q", "near", "km", "when", "from", "to", "category", "tags", "online", "lang", "page",
            ],
            Self::Series(_) | Self::Profile(_) | Self::Tag(_) | Self::Place(_) => &["past", "page"],
            Self::Subscribe => &[
                "of",
                "tag",
                "place",
                "q",
                "near",
                "km",
                "category",
                "categories",
                "tags",
                "online",
                "lang",
            ],
            Self::Home | Self::Event(_) | Self::About => &[],
        }
    }

    /// What the page reads of a query, written in one way; `None` where that is too long.
    pub fn query(&self, query: &str) -> Option<String> {
        let mut kept = form_urlencoded::Serializer::new(String::new());
        for name in self.reads() {
            let first = form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == name);
            if let Some((_, value)) = first.filter(|(_, value)| !value.is_empty()) {
                kept.append_pair(name, &value);
            }
        }
        let kept = kept.finish();
        (kept.len() <= MOST_QUERY).then_some(kept)
    }
}

/// The one way in which a UUID is written.
fn uuid(text: &str) -> Option<Uuid> {
    (text.len() == 36).then(|| Uuid::parse_str(text).ok()).flatten()
}

/// A tag's page, or the way to it from another writing of its name.
fn tag(text: &str) -> Option<Address> {
    let slug = Slug::of(text)?;
    Some(if slug.as_str() == text {
        Address::Page(Route::Tag(slug))
    } else {
        Address::Moved(Route::Tag(slug))
    })
}

/// A name of here, or one with the server it is on.
fn profile(text: &str) -> Option<String> {
    let (name, domain) = text
        .split_once('@')
        .map_or((text, None), |(name, domain)| (name, Some(domain)));
    let is_name = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    let is_domain = |b: u8| b.is_ascii_alphanumeric() || b".-:".contains(&b);
    let good = (1..=MOST_NAME).contains(&name.len()) && name.bytes().all(is_name);
    let good_domain = domain.is_none_or(|d| (1..=MOST_DOMAIN).contains(&d.len()) && d.bytes().all(is_domain));
    (good && good_domain).then(|| text.to_ascii_lowercase())
}

/// Takes the percent signs out of a path. `None`: it is no UTF-8, or has control characters or a slash behind one.
fn decode(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |b: Option<u8>| char::from(b?).to_digit(16);
                let byte = digit(rest.next())? * 16 + digit(rest.next())?;
                u8::try_from(byte).ok().filter(|b| *b != b'/')?
            }
            other => other,
        });
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.chars().any(char::is_control)).then_some(text)
}

/// A segment of a path as addresses have it.
fn encode(segment: &str) -> String {
    let Ok(mut url) = Url::parse("http://site.invalid") else {
        return String::new();
    };
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.push(segment);
    }
    url.path().trim_start_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01976a3e-8f4b-7c11-9d4e-5f60718293a4";

    /// `page PATH`, `moved PATH`, or nothing.
    fn at(path: &str) -> String {
        match Address::parse(path) {
            Some(Address::Page(route)) => format!("page {}", route.path()),
            Some(Address::Moved(route)) => format!("moved {}", route.path()),
            None => String::new(),
        }
    }

    #[test]
    fn pages_have_one_address_each() {
        for path in [
            "/",
            "/search",
            "/subscribe",
            "/about",
            "/@ada",
            "/@a.b-c_1",
            "/@ada@fete.example",
            "/tags/soupe",
        ] {
            assert_eq!(at(path), format!("page {path}"));
        }
        for kind in ["events", "series", "address"] {
            assert_eq!(at(&format!("/{kind}/{ID}")), format!("page /{kind}/{ID}"));
            assert_eq!(
                at(&format!("/{kind}/{}/", ID.to_uppercase())),
                format!("page /{kind}/{ID}")
            );
        }
        assert_eq!(at("/%40Ada"), "page /@ada");
        assert_eq!(at("/search/"), "page /search");
        assert_eq!(at("/tag/Soupe%20&%20pain"), "moved /tags/soupe-pain");
        assert_eq!(at("/tags/Soupe"), "moved /tags/soupe");
    }

    #[test]
    fn other_addresses_are_nothing() {
        let wrong = [
            "",
            "//",
            "//evil.example/",
            "/searching",
            "/search/x",
            "/events",
            "/events/",
            "/events/1",
            "/events/{01976a3e8f4b7c119d4e5f60718293a4}",
            "/@",
            "/@é",
            "/@a@",
            "/@a@b@c",
            "/@a/b",
            "/tags/",
            "/tags/!",
            "/tag/",
            "/%",
            "/%zz",
            "/%2e%2e%2f",
            "/..%2f",
            "/tags/a%00b",
            "/tags/a%2Fb",
            "/tags/%ff",
            "/.env",
            "/wp-login.php",
        ];
        for path in wrong {
            assert_eq!(at(path), "", "{path}");
        }
        assert_eq!(at(&format!("/@{}", "a".repeat(65))), "");
        assert_eq!(at(&format!("/@a@{}", "a".repeat(254))), "");
    }

    #[test]
    fn a_query_keeps_what_the_page_reads_in_one_order() {
        let kept = |route: &Route, query| route.query(query).unwrap();
        assert_eq!(kept(&Route::Home, "utm_source=x&page=2"), "");
        assert_eq!(
            kept(
                &Route::Search,
                "page=2&x=1&category=ARTS&q=f%C3%AAte+%26+co&category=SPORTS&near="
            ),
            "q=f%C3%AAte+%26+co&category=ARTS&page=2"
        );
        assert_eq!(Route::Search.query(&format!("q={}", "x".repeat(1001))), None);
        assert_eq!(kept(&Route::Home, &"q=x&".repeat(1000)), "");
    }
}
