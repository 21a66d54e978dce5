//! What each kind of answer says of itself, and that nothing private or secret is on any of them.

use super::{served, site_with};
use crate::support::{
    http::{self, Answer},
    program::{Server, Site},
};
use domain::{
    caller::Caller,
    db::{
        Db, PoolSizes,
        testing::{FrozenClock, SeededEntropy, test_keys},
    },
    event::{self, Content, NewEvent, Schedule, State, Visibility},
    place::NewPlace,
    profile::{self, Kind, NewProfile},
    search,
    text::{Handle, PlainText, RichText},
    time::Zone,
};
use std::{fs, sync::Arc};

const DOCUMENT: &str = "Accept: application/activity+json";
const PAGE: &str = "Accept: text/html";
/// Names a picture that lies in the folder of pictures.
const PICTURE: &str = "/media/ab/000102030405060708090a0b0c0d0e.webp";

fn an_event(server: &Server) -> String {
    let json = server.get("/feed/instance/json").json();
    let url = json["items"][0]["url"].as_str().expect("an event").to_owned();
    url.replace("http://localhost:8080", "")
}

fn has(answer: &Answer, name: &str, value: &str) -> bool {
    answer
        .header(name)
        .is_some_and(|found| found.to_ascii_lowercase().contains(value))
}

#[test]
fn every_kind_of_answer_has_the_headers_of_its_kind() {
    let (site, server) = site_with(&["SUMMARY:Soup".into()]);
    let file = site.data_dir().join(PICTURE.trim_start_matches('/'));
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(file, "<script>alert(1)</script>").expect("a picture");
    let event = an_event(&server);
    let script = server.get("/");
    let script = script
        .body
        .split("\"/_app/")
        .nth(1)
        .and_then(|rest| rest.split('"').next());
    let script = format!("/_app/{}", script.expect("a file of the front end"));
    let ask = |path: &str, headers: &[&str]| http::get(server.address, path, headers);
    // What may be read by scripts of other sites, and what may be framed: nothing.
    for (path, accept, is_open) in [
        ("/", PAGE, false),
        (event.as_str(), PAGE, false),
        ("/nowhere", PAGE, false),
        ("/events/0193ac5e-7c00-7000-8000-00000000ffff", PAGE, false),
        ("/api?query=%7Bconfig%7Bname%7D%7D", "Accept: */*", false),
        ("/api", "Accept: */*", false),
        (script.as_str(), "Accept: */*", false),
        ("/health", "Accept: */*", false),
        (PICTURE, "Accept: image/webp", true),
        ("/feed/instance/ics", "Accept: */*", true),
        ("/feed/instance/rss", "Accept: */*", true),
        ("/feed/instance/atom", "Accept: */*", true),
        ("/feed/instance/json", "Accept: */*", true),
        (event.as_str(), DOCUMENT, true),
        ("/nodeinfo/2.1", "Accept: */*", true),
        (
            "/.well-known/webfinger?resource=acct:relay@localhost:8080",
            "Accept: */*",
            true,
        ),
    ] {
        let answer = ask(path, &[accept]);
        let policy = answer.header("content-security-policy").unwrap_or_default().to_owned();
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(
            !policy.contains("unsafe-inline") && !policy.contains("unsafe-eval"),
            "{path}: {policy}"
        );
        assert!(
            policy.contains("frame-ancestors 'none'") || policy.contains("sandbox"),
            "{path}: {policy}"
        );
        assert!(has(&answer, "x-content-type-options", "nosniff"), "{path}");
        assert!(answer.header("referrer-policy").is_some(), "{path}");
        assert!(answer.header("cross-origin-opener-policy").is_some(), "{path}");
        assert!(answer.header("permissions-policy").is_some(), "{path}");
        let expected = if is_open { "cross-origin" } else { "same-origin" };
        assert_eq!(
            answer.header("cross-origin-resource-policy"),
            Some(expected),
            "{path} {accept}"
        );
        assert_eq!(answer.header("set-cookie"), None, "{path}");
        assert_eq!(answer.header("server"), None, "{path}");
    }
    let picture = ask(PICTURE, &[DOCUMENT]);
    assert!(has(&picture, "content-type", "image/webp"), "{}", picture.head);
    assert!(has(&picture, "content-security-policy", "sandbox"), "{}", picture.head);
}

#[test]
fn what_is_asked_for_in_another_way_is_never_answered_from_what_was_kept() {
    let (_site, server) = site_with(&["SUMMARY:Soup".into()]);
    let event = an_event(&server);
    for round in 0..3 {
        let page = http::get(server.address, &event, &[PAGE]);
        let document = http::get(server.address, &event, &[DOCUMENT]);
        assert!(has(&page, "content-type", "text/html"), "{round}");
        assert!(has(&document, "content-type", "application/activity+json"), "{round}");
        for answer in [&page, &document] {
            assert!(has(answer, "vary", "accept"), "{round}: {}", answer.head);
        }
        for name in ["cookie", "authorization", "signature", "accept-language"] {
            assert!(has(&page, "vary", name), "{round} {name}: {}", page.head);
        }
        for claim in [
            "Cookie: __Host-sid=x",
            "Authorization: Bearer x",
            "Signature: keyId=\"x\"",
        ] {
            let claimed = http::get(server.address, &event, &[PAGE, claim]);
            assert_eq!(claimed.body, page.body, "{round} {claim}");
        }
    }
    let api = server.get("/api?query=%7Bconfig%7Bname%7D%7D");
    assert!(has(&api, "cache-control", "private, no-store"), "{}", api.head);
}

/// An event that only its organizers may read, told with a word that stands nowhere else; answers identifiers of the
/// event and its place.
fn hide_something(site: &Site) -> (String, String) {
    let clock = FrozenClock::at("2026-12-01T12:00", "Europe/Brussels");
    let db = Db::open(
        &site.location(),
        PoolSizes::default(),
        clock,
        Arc::new(SeededEntropy::default()),
    );
    let db = db.expect("the database");
    let secret = PlainText::new("text", "Zorglub", 200).expect("a word");
    let making = db.write(move |tx| {
        let new = NewProfile {
            kind: Kind::Group,
            name: Handle::new("comite")?,
            display_name: PlainText::default(),
            summary: RichText::default(),
            zone: None,
            language: None,
        };
        let organizer = profile::create(tx, &Caller::System, new, &test_keys())?.id;
        let mut made = None;
        for (visibility, state) in [
            (Visibility::Members, State::Published),
            (Visibility::Public, State::Draft),
        ] {
            let mut content = Content::titled(secret.clone());
            content.description = RichText::from_plain("Zorglub");
            content.tags = vec![secret.clone()];
            content.category = event::Category::Theatre;
            content.place = Some(NewPlace {
                name: secret.clone(),
                ..NewPlace::default()
            });
            content.visibility = visibility;
            content.state = state;
            let schedule = Schedule {
                begin: "2026-12-05T18:00".parse()?,
                end: None,
                zone: Zone::UTC,
                all_day: false,
            };
            let new = NewEvent {
                organizer,
                group: Some(organizer),
                schedule,
                content,
                ical_uid: None,
            };
            let event = event::create(tx, &Caller::System, new)?;
            search::index(tx, event.id)?;
            made = event.place_id.map(|place| (event.id.to_string(), place.to_string()));
        }
        Ok(made)
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(making).expect("an event").expect("a place")
}

#[test]
fn a_private_event_is_on_no_surface() {
    let site = Site::new();
    drop(site.start().stop()); // makes the key and the tables
    let (event, place) = hide_something(&site);
    let server = served(&site);
    let never = "0193ac5e-7c00-7000-8000-00000000ffff";
    for (id, paths) in [
        (
            &event,
            &[
                "/events/ID",
                "/events/ID/export/ics",
                "/fr/events/ID",
                "/events/ID/attendees",
                "/events/ID/replies",
            ][..],
        ),
        (&place, &["/address/ID", "/feed/place/ID/ics", "/feed/place/ID/atom"]),
    ] {
        for path in paths {
            for accept in [PAGE, DOCUMENT] {
                let of = |id: &str| {
                    let answer = http::get(server.address, &path.replace("ID", id), &[accept]);
                    let body = answer.body.replace(id, "ID");
                    (answer.status, body)
                };
                assert_eq!(of(id), of(never), "{path} {accept}");
                assert_eq!(of(id).0, 404, "{path} {accept}");
            }
        }
    }
    let query = "%7Bevents%7Btotal%20elements%7Btitle%7D%7Dtags%7Btitle%7DcategoryStatistics%7Bkey%7D\
        statistics%7BnumberOfEvents%7Dgroup(preferredUsername%3A%22comite%22)%7BorganizedEvents%7Btotal%7D%7D%7D";
    for path in [
        "/",
        "/search?q=zorglub",
        "/search?q=zorglob",
        "/tags/zorglub",
        "/@comite",
        "/sitemap.xml",
        "/feed/instance/ics",
        "/feed/instance/rss",
        "/feed/instance/atom",
        "/feed/instance/json",
        "/@comite/feed/ics",
        "/feed/tag/zorglub/ics",
        "/feed/search/ics?q=zorglub",
        "/nodeinfo/2.1",
        "/about",
        "/@comite/outbox",
        "/@comite/outbox?page=1",
        "/@comite/events",
        &format!("/api?query={query}"),
    ] {
        for accept in [PAGE, DOCUMENT, "Accept: */*"] {
            let answer = http::get(server.address, path, &[accept]);
            // What was asked for is repeated: then it is as for a word that never was.
            let told = answer.body.replace("zorglub", "WORD");
            if path.contains("zorglub") {
                let never = http::get(server.address, &path.replace("zorglub", "fantasq"), &[accept]);
                let expected = (never.status, never.body.replace("fantasq", "WORD"));
                assert_eq!((answer.status, told), expected, "{path} {accept}");
            } else {
                assert!(!told.to_lowercase().contains("zorglub"), "{path} {accept}");
            }
            assert!(
                !answer.body.contains(&event) && !answer.body.contains(&place),
                "{path} {accept}"
            );
            assert!(!path.starts_with("/api") || !answer.body.contains("THEATRE"), "{path}");
        }
    }
}

#[test]
fn nothing_of_the_configuration_is_in_what_readers_get() {
    let site = Site::new();
    let mut command = site.command(&["serve"]);
    command
        .env("KERMESSE__METRICS__TOKEN", "metrics-token-0123456789")
        .env("KERMESSE__HTTP__REQUESTS_PER_SECOND", "0");
    let server = Server::start(command);
    let folder = site.data_dir().to_string_lossy().into_owned();
    let key = fs::read_to_string(site.data_dir().join("secret.key")).unwrap_or_default();
    let introspection = "%7B__schema%7Btypes%7Bname%7D%7D%20config%7Bname%20description%7D%7D";
    let home = server.get("/").body;
    let scripts = home.split("\"/_app/").skip(1).filter_map(|rest| rest.split('"').next());
    let mut paths: Vec<String> = scripts.map(|path| format!("/_app/{path}")).collect();
    paths.extend(
        [
            "/",
            "/about",
            "/nowhere",
            "/nodeinfo/2.1",
            "/relay",
            "/manifest.webmanifest",
            "/health",
            "/metrics",
        ]
        .map(str::to_owned),
    );
    paths.push(format!("/api?query={introspection}"));
    for path in paths {
        let answer = server.get(&path);
        for secret in [
            "metrics-token",
            folder.as_str(),
            "postgres://",
            "kermesse.sqlite3",
            "PRIVATE KEY",
        ] {
            assert!(!answer.body.contains(secret), "{path}: {secret}");
        }
        assert!(key.trim().is_empty() || !answer.body.contains(key.trim()), "{path}");
    }
}
