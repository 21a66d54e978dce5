//! What of `domain` reads strangers' bytes; and the harness itself.

use super::*;
use crate::{
    event::{import, web_address},
    file::FileKey,
    place::geohash,
    text::{Handle, Language, PlainText, RichText, Slug},
    time::{
        LocalDateTime, Zone,
        recurrence::{Recurrence, Rule},
    },
    web,
};
use std::{cell::RefCell, mem};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn fuzz_ics() {
    let words = [
        "BEGIN:VEVENT\r\n",
        "END:VEVENT\r\n",
        "BEGIN:VTIMEZONE\r\n",
        "RRULE:FREQ=",
        "DAILY",
        "SECONDLY",
        ";COUNT=",
        ";INTERVAL=0",
        "DTSTART;TZID=",
        "Europe/Brussels:",
        "20260329T023000",
        "Z",
        "RDATE:",
        "EXDATE:",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:",
        "DURATION:P",
        "SUMMARY:",
        "DESCRIPTION;ENCODING=QUOTED-PRINTABLE:",
        "X-ALT-DESC;FMTTYPE=text/html:",
        "ATTACH;VALUE=BINARY:",
        "STATUS:CANCELLED",
        "\r\n ",
        "UID:1\r\n",
        ":",
        ";",
        ",",
    ];
    run("ics", &words, |bytes| {
        match import::read(bytes, &import::tests::options()) {
            Ok(reading) => {
                import::tests::random::keeps_its_promises(&reading);
                let notes: Vec<_> = reading.notes.iter().map(|note| mem::discriminant(&note.kind)).collect();
                (0, reading.items.len(), notes)
            }
            Err(refused) => (1, refused.to_string().len(), Vec::new()),
        }
    });
}

#[test]
fn fuzz_rrule() {
    let words = [
        "FREQ=",
        "DAILY",
        "WEEKLY",
        "MONTHLY",
        "YEARLY",
        "HOURLY",
        "SECONDLY",
        ";",
        "INTERVAL=",
        "COUNT=",
        "UNTIL=",
        "20270101T000000Z",
        "BYDAY=",
        "MO",
        "-1FR",
        "BYMONTHDAY=",
        "30",
        "BYMONTH=2",
        "BYSETPOS=",
        "BYWEEKNO=53",
        "BYYEARDAY=366",
        "WKST=SU",
        "BYHOUR=",
    ];
    let start: LocalDateTime = "2026-01-30T09:00".parse().unwrap();
    run("rrule", &words, |bytes| {
        let Ok(rule) = Rule::parse(&text(bytes)) else {
            return (0, 0);
        };
        assert_eq!(Rule::parse(rule.as_str()).unwrap(), rule, "it reads the same");
        let zone = Zone::named("Europe/Brussels").unwrap();
        assert!(Rule::parse(&rule.export(&zone, false)).is_ok());
        let recurrence = Recurrence {
            rule: Some(rule),
            start,
            zone,
            all_day: false,
            added: Vec::new(),
            skipped: Vec::new(),
        };
        match recurrence.between(start, start.plus_days(900)) {
            Ok(dates) => {
                assert!(dates.len() <= 730 && dates.is_sorted_by(|one, next| one < next));
                (1, dates.len())
            }
            Err(_) => (2, 0),
        }
    });
}

/// The tags that are left, as a sanitiser of ours writes them and no other way.
fn is_clean(html: &str) -> usize {
    const TAGS: [&str; 17] = [
        "p",
        "br",
        "a",
        "strong",
        "em",
        "ul",
        "ol",
        "li",
        "blockquote",
        "h1",
        "h2",
        "h3",
        "h4",
        "code",
        "pre",
        "b",
        "i",
    ];
    let mut tags = 0;
    for part in html.split('<').skip(1) {
        let (tag, _) = part
            .split_once('>')
            .unwrap_or_else(|| panic!("no end of a tag: {html}"));
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(TAGS.contains(&name.trim_start_matches('/')), "<{tag}> in {html}");
        if !attributes.is_empty() {
            let link = attributes
                .strip_prefix("href=\"")
                .and_then(|rest| rest.strip_suffix("\" rel=\"nofollow noopener ugc\""));
            let relation = attributes == "rel=\"nofollow noopener ugc\"";
            assert!(name == "a" && (relation || link.is_some()), "<{tag}> in {html}");
            let scheme = link
                .and_then(|link| link.split_once(':'))
                .map(|(scheme, _)| scheme.to_ascii_lowercase());
            let is_harmless = scheme.is_none_or(|scheme| ["https", "http", "mailto", "tel"].contains(&scheme.as_str()));
            assert!(
                is_harmless && link.is_none_or(|link| !link.contains('"')),
                "<{tag}> in {html}"
            );
        }
        tags += 1;
    }
    tags
}

#[test]
fn fuzz_rich_text() {
    let words = [
        "<script>",
        "</script>",
        "<img src=x onerror=alert(1)>",
        "<a href=\"javascript:alert(1)\">",
        "<svg/onload=",
        "<math><mtext>",
        "<style>",
        "</title>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<noscript>",
        "<template>",
        "<p>",
        "</p>",
        "<a href=https://a.example>",
        "<table>",
        "<form>",
        "&lt;",
        "&#x3c;",
        "&colon;",
        "<b style=x>",
        "\u{0}",
        "\u{feff}",
    ];
    run("rich-text", &words, |bytes| {
        let html = text(bytes);
        let clean = RichText::from_html(&html);
        let tags = is_clean(clean.as_html());
        let unseen = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
        assert!(!clean.as_html().contains(unseen), "no control character");
        assert_eq!(
            RichText::from_html(clean.as_html()),
            clean,
            "what is read again is the same"
        );
        let plain = RichText::from_plain(&html);
        is_clean(plain.as_html());
        let words = clean.to_plain();
        (tags.min(40), words.lines().count().min(20), words.is_empty())
    });
}

#[test]
fn fuzz_address() {
    let words = [
        "https://",
        "http://",
        "webcal://",
        "javascript:",
        "127.0.0.1",
        "[::1]",
        "[::ffff:",
        "localhost",
        "0x7f",
        "%00",
        "@",
        ":",
        "443",
        "/",
        "\\",
        "?",
        "#",
        "xn--",
        ".",
        "example.org",
        "\u{ff0e}",
        "file://",
        "//",
    ];
    run("address", &words, |bytes| {
        let given = text(bytes);
        let fetched = web::fetchable("url", &given);
        if let Ok(url) = &fetched {
            assert_eq!(url.scheme(), "https");
            assert!(url.username().is_empty() && url.password().is_none() && url.port().is_none());
            assert!(matches!(web::check(url), Ok(()) | Err(web::Refused::Private)));
            let again: url::Url = url.as_str().parse().unwrap();
            assert_eq!(
                web::check(&again),
                web::check(url),
                "what is read again is judged the same"
            );
        }
        let shown = web_address("url", &given);
        if let Ok(url) = &shown {
            assert!(matches!(url.scheme(), "http" | "https") && url.host().is_some() && url.password().is_none());
            assert!(!url.as_str().contains(|c: char| c.is_control() || c.is_whitespace()));
        }
        (fetched.map(|url| web::check(&url).is_ok()).ok(), shown.is_ok())
    });
}

#[test]
fn fuzz_names() {
    let words = [
        "@", "-", "_", "é", "\u{301}", "ﬁ", "ß", "/", ".", "../", "ab/", ".webp", "u09t", "fr-BE", "\u{202e}", "١",
    ];
    run("name", &words, |bytes| {
        let given = text(bytes);
        let slug = Slug::of(&given);
        if let Some(slug) = &slug {
            assert_eq!(Slug::of(slug.as_str()).as_ref(), Some(slug), "twice is once");
        }
        let handle = Handle::new(&given);
        if let Ok(handle) = &handle {
            assert!(
                handle
                    .as_str()
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
            );
        }
        let file = FileKey::parse(&given);
        if let Some(file) = &file {
            assert_eq!(file.as_str(), given);
        }
        let plain = PlainText::new("title", &given, 200);
        if let Ok(plain) = &plain {
            assert!(plain.as_str().chars().count() <= 200 && !plain.as_str().contains(|c: char| c.is_control()));
        }
        let found = geohash::decode(&given).is_some();
        (
            slug.is_some(),
            handle.is_ok(),
            file.is_some(),
            plain.is_ok(),
            found,
            Language::parse(&given).is_some(),
        )
    });
}

#[test]
fn the_same_seed_gives_the_same_inputs_and_another_one_others() {
    let made = |seed| {
        let (mut random, pool) = (Random(seed), [b"BEGIN:VCALENDAR".to_vec(), b"{a}".to_vec()]);
        (0..200)
            .map(|_| changed(&mut random, &pool, &["word"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(made(1), made(1));
    assert_ne!(made(1), made(2));
    let distinct: HashSet<_> = made(1).into_iter().collect();
    assert!(distinct.len() > 150, "{}", distinct.len());
}

#[test]
fn an_input_that_breaks_a_promise_is_kept_and_named() {
    let judge = |input: &[u8]| assert!(!input.starts_with(b"bad"), "as it must not be");
    let said = panic::catch_unwind(|| judged("harness", b"bad input", &judge)).unwrap_err();
    let said = said.downcast_ref::<String>().unwrap();
    assert!(
        said.contains("an input breaks a promise") && said.contains("bad input"),
        "{said}"
    );
    let kept = said
        .split("kept in ")
        .nth(1)
        .and_then(|rest| rest.split(": ").next())
        .unwrap();
    assert_eq!(fs::read(kept).unwrap(), b"bad input");
    fs::remove_file(kept).unwrap();
}

#[test]
fn outcomes_of_a_new_kind_join_the_pool() {
    let longest = RefCell::new(0);
    run("harness", &["+"], |bytes| {
        let signs = text(bytes).matches('+').count();
        let mut longest = longest.borrow_mut();
        *longest = (*longest).max(signs);
        signs
    });
    assert!(
        *longest.borrow() > 40,
        "one step at a time leads far: {}",
        longest.borrow()
    );
}
