//! Who wants the document of an address, and who its page (RFC 9110 §12.5.1).
//!
//! A range that names a type says more than one with `*`; of two equal wishes the first one written wins. A browser, and
//! whoever says nothing, gets the page.

use axum::http::{HeaderMap, header};

/// The type of documents.
pub(crate) const ACTIVITY: &str = "application/activity+json; charset=utf-8";
/// The other name of the same type (ActivityPub §3.2).
pub(crate) const LINKED_DATA: &str = "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";

const PROFILE: &str = "https://www.w3.org/ns/activitystreams";
/// Longer headers are nobody's wish.
const MOST_RANGES: usize = 64;

/// What somebody wants of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// The document, as this type.
    Document(&'static str),
    /// The page, by name.
    Page,
    /// Whatever there is.
    Anything,
}

/// How much a type is wanted: quality in thousandths, how exactly it was named, and how early.
type Weight = (u16, u8, std::cmp::Reverse<usize>);

/// Reads the `Accept` of a request.
pub(crate) fn wish(headers: &HeaderMap) -> Wish {
    let lines = headers.get_all(header::ACCEPT).iter();
    let text: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    let text = text.join(",");
    let ranges: Vec<Range<'_>> = split(&text, ',').take(MOST_RANGES).filter_map(Range::read).collect();
    // A page is HTML; who names XHTML is a browser too.
    let xhtml = weigh(&ranges, "application", "xhtml+xml").filter(|(_, exactness, _)| *exactness > 1);
    let page = weigh(&ranges, "text", "html").max(xhtml);
    let activity = weigh(&ranges, "application", "activity+json");
    let linked = weigh(&ranges, "application", "ld+json");
    let (document, kind) = if linked > activity {
        (linked, LINKED_DATA)
    } else {
        (activity, ACTIVITY)
    };
    match (document, page) {
        (Some(document), page) if Some(document) > page => Wish::Document(kind),
        (_, Some((_, exactness, _))) if exactness > 0 => Wish::Page,
        _ => Wish::Anything,
    }
}

/// The weight that the most exact of the ranges gives to a type; `None` where it is not wanted.
fn weigh(ranges: &[Range<'_>], family: &str, kind: &str) -> Option<Weight> {
    let fitting = ranges.iter().enumerate().filter_map(|(at, range)| {
        let exactness = range.exactness(family, kind)?;
        Some((exactness, std::cmp::Reverse(at), range.quality))
    });
    let (exactness, at, quality) = fitting.max()?;
    // The profile chooses between ranges of one type, not between types.
    (quality > 0).then_some((quality, exactness.min(2), at))
}

/// One entry of the header.
struct Range<'a> {
    family: &'a str,
    kind: &'a str,
    /// The profiles that linked data was asked in, if any were said.
    profile: Option<&'a str>,
    quality: u16,
}

impl<'a> Range<'a> {
    /// `None` for what cannot be read: it is no wish.
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = split(text, ';');
        let (family, kind) = parts.next()?.trim().split_once('/')?;
        let (mut quality, mut profile) = (1_000, None);
        for part in parts {
            let (name, value) = part.split_once('=')?;
            let value = value.trim().trim_matches('"');
            match name.trim() {
                name if name.eq_ignore_ascii_case("q") => quality = thousandths(value)?,
                name if name.eq_ignore_ascii_case("profile") => profile = Some(value),
                _ => {}
            }
        }
        Some(Self {
            family,
            kind,
            profile,
            quality,
        })
    }

    /// How exactly it names a type: 0 for `*/*`, 1 for a family, 2 for the type, 3 with its profile.
    fn exactness(&self, family: &str, kind: &str) -> Option<u8> {
        let is_family = self.family.eq_ignore_ascii_case(family);
        match self.profile {
            _ if self.family == "*" && self.kind == "*" => Some(0),
            _ if is_family && self.kind == "*" => Some(1),
            _ if !(is_family && self.kind.eq_ignore_ascii_case(kind)) => None,
            Some(profiles) if kind == "ld+json" => profiles.split_whitespace().any(|one| one == PROFILE).then_some(3),
            _ => Some(2),
        }
    }
}

/// `0.8` as 800; `None` for what is no weight.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_good = matches!(whole, "0" | "1") && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
    let parts: u16 = format!("{part:0<3}").parse().ok()?;
    is_good.then(|| if whole == "1" { 1_000 } else { parts })
}

/// Splits at a sign that is not within quotes.
fn split(text: &str, sign: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == sign && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    fn of(accept: &str) -> Wish {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
        wish(&headers)
    }

    #[test]
    fn the_document_is_for_those_who_prefer_it() {
        let (document, linked) = (Wish::Document(ACTIVITY), Wish::Document(LINKED_DATA));
        for (accept, expected) in [
            ("application/activity+json", document),
            ("APPLICATION/Activity+JSON ; q=0.5", document),
            (LINKED_DATA, linked),
            ("application/ld+json", linked),
            (
                "application/ld+json; profile=\"https://example.org/a https://www.w3.org/ns/activitystreams\"",
                linked,
            ),
            ("application/ld+json; profile=\"https://example.org/a\"", Wish::Anything),
            (
                "application/ld+json; profile=\"a,text/html;q=1\", application/activity+json",
                document,
            ),
            // Mastodon, GoToSocial, Mobilizon.
            (
                "application/activity+json, application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"",
                document,
            ),
            ("application/activity+json, application/ld+json", document),
            ("application/activity+json, text/html;q=0.1", document),
            ("application/ld+json;q=0.9, application/activity+json;q=0.8", linked),
            // A browser, and people who like pages more.
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                Wish::Page,
            ),
            ("application/activity+json;q=0.5, text/html", Wish::Page),
            ("application/xhtml+xml, application/activity+json;q=0.9", Wish::Page),
            ("text/html;q=0.4, */*;q=0.5", document),
            // Of equal wishes the first, and the one that is named.
            ("application/activity+json, text/html", document),
            ("text/html, application/activity+json", Wish::Page),
            ("*/*, application/activity+json", document),
            ("text/*, application/*;q=0.9", Wish::Page),
            // No wish at all.
            ("*/*", Wish::Anything),
            ("", Wish::Anything),
            ("application/json", Wish::Anything),
            ("application/activity+json;q=0", Wish::Anything),
            ("application/activity+json;q=0, */*", Wish::Anything),
            ("application/activity+json;q=2", Wish::Anything),
            ("application/activity+json;q=-1, text/html;q=0.1", Wish::Page),
        ] {
            assert_eq!(of(accept), expected, "{accept}");
        }
        assert_eq!(wish(&HeaderMap::new()), Wish::Anything);
    }

    #[test]
    fn several_headers_are_one() {
        let mut headers = HeaderMap::new();
        headers.append(header::ACCEPT, HeaderValue::from_static("text/html;q=0.2"));
        headers.append(header::ACCEPT, HeaderValue::from_static("application/activity+json"));
        assert_eq!(wish(&headers), Wish::Document(ACTIVITY));
    }

    #[test]
    fn fuzz_negotiation() {
        let words = [
            "application/activity+json",
            "application/ld+json",
            ";profile=",
            "https://www.w3.org/ns/activitystreams",
            "text/html",
            "*/*",
            ";q=",
            "0.5",
            "1.000",
            "\"",
            "\\",
            ",",
            ";",
            " ",
            "application/json",
        ];
        domain::fuzz::run("accept", &words, |bytes| {
            let mut headers = HeaderMap::new();
            for line in bytes.split(|byte| *byte == b'\n') {
                if let Ok(value) = HeaderValue::from_bytes(line) {
                    headers.append(header::ACCEPT, value);
                }
            }
            let found = wish(&headers);
            // Whoever names no such document, and nothing that stands for all, gets none.
            let named = String::from_utf8_lossy(bytes).to_ascii_lowercase();
            let may_be_meant = ["json", "application/*", "*/*"].iter().any(|word| named.contains(word));
            assert!(!matches!(found, Wish::Document(_)) || may_be_meant, "{named}");
            match found {
                Wish::Document(kind) => kind.len(),
                Wish::Page => 1,
                Wish::Anything => 2,
            }
        });
    }

    proptest! {
        #[test]
        fn nothing_that_is_written_there_does_harm(accept in "[ -~]{0,80}") {
            of(&accept);
        }

        #[test]
        fn the_greater_quality_wins(page in 0u16..=1000, document in 0u16..=1000) {
            prop_assume!(page != document);
            let quality = |q: u16| format!("{}.{:03}", q / 1000, q % 1000);
            let accept = format!("text/html;q={}, application/activity+json;q={}", quality(page), quality(document));
            let expected = if document > page { Wish::Document(ACTIVITY) } else { Wish::Page };
            prop_assert_eq!(of(&accept), expected);
        }
    }
}
