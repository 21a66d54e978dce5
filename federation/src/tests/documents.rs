//! Each kind of document, whole, and the rules of an event's fields.

use super::{ACTIVITY, World, new_profile, text};
use axum::{body::Bytes, http::StatusCode};
use domain::{
    caller::Caller,
    db::testing::test_keys,
    event::{self, Attendance, EventPatch, Schedule, Status, Visibility},
    file::{FileFormat, FileKey},
    media,
    ports::{Picture, Rendition},
    profile::{self, Kind},
    time::Zone,
};
use serde_json::{Value, json};

/// With names in the place of identifiers.
fn named(document: &Value, names: &[(String, &str)]) -> Value {
    let mut text = document.to_string();
    for (id, name) in names {
        text = text.replace(id.as_str(), name);
    }
    let mut document: Value = serde_json::from_str(&text).unwrap();
    // The context is a file of its own.
    document["@context"] = match &document["@context"] {
        Value::Array(parts) => parts.iter().filter(|part| part.is_string()).cloned().collect(),
        other => other.clone(),
    };
    document
}

#[tokio::test]
async fn an_event() {
    let world = World::new().await;
    let event = world.announces(|_| {}).await;
    let place = event.place_id.unwrap().to_string();
    let names = [(event.id.to_string(), "EVENT"), (place.clone(), "PLACE")];
    let document = world.read(&event.path()).await;
    assert!(
        document["location"]["latitude"].is_f64(),
        "Mobilizon drops whole numbers"
    );
    insta::assert_json_snapshot!("event", named(&document, &names));
    let place = world.read(&format!("/address/{place}")).await;
    insta::assert_json_snapshot!("place", named(&place, &names));
    for beside in ["attendees", "replies"] {
        let document = world.read(&format!("{}/{beside}", event.path())).await;
        insta::assert_json_snapshot!(beside, named(&document, &names));
    }
}

#[tokio::test]
async fn actors() {
    let world = World::new().await;
    let create = world
        .test
        .db
        .write(|tx| profile::create(tx, &Caller::System, new_profile("ada", Kind::Person), &test_keys()));
    create.await.unwrap();
    for (name, path) in [("group", "/@comite"), ("person", "/@ada"), ("application", "/relay")] {
        insta::assert_json_snapshot!(name, named(&world.read(path).await, &[]));
    }
}

#[tokio::test]
async fn discovery() {
    let world = World::new().await;
    for (name, path) in [
        (
            "webfinger_group",
            "/.well-known/webfinger?resource=acct:comite@kermesse.example",
        ),
        (
            "webfinger_site",
            "/.well-known/webfinger?resource=relay%40kermesse.example",
        ),
        (
            "webfinger_server",
            "/.well-known/webfinger?resource=https://kermesse.example/",
        ),
        ("host_meta_json", "/.well-known/host-meta.json"),
        ("node_info_links", "/.well-known/nodeinfo"),
        ("node_info", "/nodeinfo/2.1"),
    ] {
        let mut document: Value = world.get(path, "*/*").await.json();
        if let Some(version) = document.pointer_mut("/software/version") {
            *version = "VERSION".into();
        }
        insta::assert_json_snapshot!(name, document);
    }
    insta::assert_snapshot!("host_meta", world.get("/.well-known/host-meta", "*/*").await.body);
}

#[tokio::test]
async fn the_schemas_of_nodeinfo_come_first_and_every_link_is_whole() {
    let links = World::new().await.get("/.well-known/nodeinfo", "*/*").await.json()["links"].clone();
    let rels: Vec<&str> = links
        .as_array()
        .unwrap()
        .iter()
        .map(|link| link["rel"].as_str().unwrap())
        .collect();
    assert_eq!(
        rels,
        [
            "http://nodeinfo.diaspora.software/ns/schema/2.1",
            "http://nodeinfo.diaspora.software/ns/schema/2.0",
            "https://www.w3.org/ns/activitystreams#Application",
        ]
    );
    assert!(links.as_array().unwrap().iter().all(|link| link["href"].is_string()));
}

#[tokio::test]
async fn a_deleted_event_leaves_a_tombstone() {
    let world = World::new().await;
    let event = world.announces(|_| {}).await;
    let id = event.id;
    world.test.clock.advance(3_600);
    let remove = world.test.db.write(move |tx| event::remove(tx, &Caller::System, id));
    remove.await.unwrap();
    for path in [event.path(), format!("{}/attendees", event.path())] {
        let answer = world.get(&path, ACTIVITY).await;
        assert_eq!(answer.status, StatusCode::GONE);
        assert_eq!(
            answer.header("content-type"),
            "application/activity+json; charset=utf-8"
        );
        insta::assert_json_snapshot!("tombstone", named(&answer.json(), &[(id.to_string(), "EVENT")]));
    }
}

#[tokio::test]
async fn a_hidden_event_is_not_found_also_when_it_was_deleted() {
    let world = World::new().await;
    for visibility in [
        Visibility::Followers,
        Visibility::Members,
        Visibility::Invited,
        Visibility::Link,
    ] {
        let event = world.announces(|new| new.content.visibility = visibility).await;
        assert_eq!(world.get(&event.path(), ACTIVITY).await.status, StatusCode::NOT_FOUND);
        let id = event.id;
        let remove = world.test.db.write(move |tx| event::remove(tx, &Caller::System, id));
        remove.await.unwrap();
        assert_eq!(world.get(&event.path(), ACTIVITY).await.status, StatusCode::NOT_FOUND);
    }
    let draft = world.announces(|new| new.content.state = event::State::Draft).await;
    let replies = format!("{}/replies", draft.path());
    for path in [draft.path(), replies] {
        assert_eq!(world.get(&path, ACTIVITY).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(world.read("/@comite/events").await["totalItems"], 0);
}

#[tokio::test]
async fn an_unlisted_event_is_read_and_not_listed() {
    let world = World::new().await;
    let event = world
        .announces(|new| new.content.visibility = Visibility::Unlisted)
        .await;
    let document = world.read(&event.path()).await;
    assert_eq!(document["to"], json!(["https://kermesse.example/@comite/followers"]));
    assert_eq!(document["cc"], json!(["https://www.w3.org/ns/activitystreams#Public"]));
    assert_eq!(world.read("/relay/upcoming").await["totalItems"], 0);
}

/// Begin, end, whether the end is shown.
async fn times(world: &World, begin: &str, end: Option<&str>, all_day: bool) -> Value {
    let schedule = Schedule {
        begin: begin.parse().unwrap(),
        end: end.map(|end| end.parse().unwrap()),
        zone: Zone::named("Europe/Brussels").unwrap(),
        all_day,
    };
    let event = world.announces(|new| new.schedule = schedule).await;
    let document = world.read(&event.path()).await;
    json!([
        document["startTime"],
        document["endTime"],
        document["displayEndTime"],
        document["summary"]
    ])
}

#[tokio::test]
async fn every_event_has_an_end_and_tells_whether_it_was_said() {
    let world = World::new().await;
    let place = "Maison de quartier, Ixelles";
    assert_eq!(
        times(&world, "2026-07-05T18:00", Some("2026-07-05T21:30"), false).await,
        json!([
            "2026-07-05T18:00:00+02:00",
            "2026-07-05T21:30:00+02:00",
            true,
            format!("dimanche 5 juillet 2026, de 18\u{a0}h à 21\u{a0}h\u{a0}30 (CEST) · {place}")
        ])
    );
    for (begin, end) in [
        ("2026-12-05T18:00", "2026-12-05T23:59:00+01:00"),
        ("2026-12-05T22:59", "2026-12-05T23:59:00+01:00"),
        ("2026-12-05T23:00", "2026-12-06T00:00:00+01:00"),
        ("2026-12-05T23:59", "2026-12-06T00:59:00+01:00"),
    ] {
        let open = times(&world, begin, None, false).await;
        assert_eq!((&open[1], &open[2]), (&json!(end), &json!(false)), "{begin}");
        // An end that is the begin is none.
        assert_eq!(times(&world, begin, Some(begin), false).await[1], json!(end), "{begin}");
    }
    assert_eq!(
        times(&world, "2026-12-05T00:00", Some("2026-12-07T00:00"), true).await,
        json!([
            "2026-12-05T00:00:00+01:00",
            "2026-12-06T23:59:00+01:00",
            false,
            format!("samedi 5\u{2009}–\u{2009}dimanche 6 décembre 2026 · {place}")
        ])
    );
}

#[tokio::test]
async fn where_to_meet_is_a_place_an_address_or_both() {
    let world = World::new().await;
    let url = "https://visio.example/soupe";
    let met = async |attendance| {
        let event = world.announces(|new| {
            new.content.attendance = attendance;
            new.content.online_address = url.parse().ok();
        });
        let path = event.await.path();
        world.read(&path).await
    };
    let web = json!({ "type": "VirtualLocation", "name": "visio.example", "url": url });
    let link = json!({ "type": "Link", "mediaType": "text/html", "href": url, "name": "Website" });
    let (here, online, both) = (
        met(Attendance::InPerson).await,
        met(Attendance::Online).await,
        met(Attendance::Hybrid).await,
    );
    assert_eq!(
        (&here["location"]["type"], &here["isOnline"]),
        (&json!("Place"), &json!(false))
    );
    assert_eq!((&online["location"], &online["isOnline"]), (&web, &json!(true)));
    assert_eq!(
        (&both["location"][0]["type"], &both["location"][1]),
        (&json!("Place"), &web)
    );
    for document in [here, online, both] {
        assert_eq!(document["attachment"][0]["type"], "Image");
        assert_eq!(document["attachment"][1], link);
    }
    let nowhere = world.announces(|new| new.content.place = None).await;
    assert_eq!(world.read(&nowhere.path()).await.get("location"), None);
}

#[tokio::test]
async fn a_picture_is_shown_as_jpeg_and_in_words() {
    let world = World::new().await;
    let group = world.group;
    let rendition = |format| Rendition {
        format,
        width: 800,
        height: 600,
        bytes: Bytes::from_static(b"picture"),
    };
    let picture = Picture {
        sizes: vec![rendition(FileFormat::WebP)],
        preview: rendition(FileFormat::Jpeg),
        blurhash: "LEHV6nWB2yk8pyo0adR*.7kCMdnj".into(),
    };
    let keep = async |alt: &'static str| {
        let picture = picture.clone();
        let kept = world.test.db.write(move |tx| {
            let id = media::reserve(tx, &Caller::System, text(alt), group)?;
            media::record_ready(tx, id, &picture).map(|()| id)
        });
        kept.await.unwrap()
    };
    for (alt, expected) in [("Une marmite fumante", "Une marmite fumante"), ("", "Soupe du samedi")] {
        let id = keep(alt).await;
        let event = world.announces(|new| new.content.picture = Some(id)).await;
        let image = world.read(&event.path()).await["attachment"][0].clone();
        assert_eq!(
            (&image["type"], &image["mediaType"]),
            (&json!("Image"), &json!("image/jpeg"))
        );
        assert_eq!((&image["name"], &image["width"]), (&json!(expected), &json!(800)));
        assert_eq!(
            (&image["isBannerImage"], &image["focalPoint"]),
            (&json!(true), &json!([0.0, 0.0]))
        );
        let url = image["url"].as_str().unwrap();
        let key = url
            .strip_prefix("https://kermesse.example/media/")
            .and_then(FileKey::parse);
        assert_eq!(key.map(|key| key.format()), Some(FileFormat::Jpeg), "{url}");
    }
}

#[tokio::test]
async fn a_change_is_told_and_so_is_the_status() {
    let world = World::new().await;
    let event = world.announces(|new| new.content.status = Status::Tentative).await;
    let before = world.read(&event.path()).await;
    assert_eq!(before.get("updated"), None);
    assert_eq!(
        (&before["eventStatus"], &before["status"]),
        (&json!("EventTentative"), &json!("TENTATIVE"))
    );
    world.test.clock.advance(60);
    let (id, patch) = (
        event.id,
        EventPatch {
            status: Some(Status::Cancelled),
            category: Some(event::Category::Health),
            ..EventPatch::default()
        },
    );
    let update = world
        .test
        .db
        .write(move |tx| event::update(tx, &Caller::System, id, patch));
    update.await.unwrap();
    let after = world.read(&event.path()).await;
    assert_eq!(
        (&after["eventStatus"], &after["status"]),
        (&json!("EventCancelled"), &json!("CANCELLED"))
    );
    assert_eq!(after["updated"], "2026-12-01T11:01:00Z");
    assert_eq!(after["category"], "MEDITATION_WELLBEING");
    assert_eq!(
        after["attachment"][0]["url"],
        "https://kermesse.example/covers/square.png"
    );
}

#[tokio::test]
async fn who_announced_an_event_of_a_group_is_not_told() {
    let world = World::new().await;
    let create = world
        .test
        .db
        .write(|tx| profile::create(tx, &Caller::System, new_profile("ada", Kind::Person), &test_keys()));
    let ada = create.await.unwrap().id;
    let of_group = world.announces(|new| new.organizer = ada).await;
    let document = world.read(&of_group.path()).await;
    assert_eq!(
        (&document["organizers"], &document["contacts"]),
        (&Value::Null, &json!([]))
    );
    assert!(!document.to_string().contains("@ada"));
    let own = world
        .announces(|new| {
            new.organizer = ada;
            new.group = None;
        })
        .await;
    let document = world.read(&own.path()).await;
    let id = json!("https://kermesse.example/@ada");
    assert_eq!((&document["attributedTo"], &document["actor"]), (&id, &id));
    assert_eq!(
        (&document["organizers"]["items"], &document["contacts"]),
        (&json!([id]), &json!([id]))
    );
}

#[tokio::test]
async fn upcoming_events_are_in_order_page_by_page() {
    let world = World::new().await;
    for day in 2..=26 {
        let begin = format!("2026-12-{day:02}T18:00");
        world
            .announces(|new| {
                new.content.title = text(&format!("Soupe {day}"));
                new.schedule.begin = begin.parse().unwrap();
                new.schedule.end = None;
            })
            .await;
    }
    world
        .announces(|new| {
            new.schedule = Schedule {
                begin: "2026-11-05T18:00".parse().unwrap(),
                end: None,
                ..new.schedule.clone()
            }
        })
        .await;
    for owner in ["@comite", "relay"] {
        let whole = world.read(&format!("/{owner}/upcoming")).await;
        assert_eq!(
            (&whole["type"], &whole["totalItems"]),
            (&json!("OrderedCollection"), &json!(25))
        );
        let id = format!("https://kermesse.example/{owner}/upcoming");
        assert_eq!(whole["first"]["next"], json!(format!("{id}?page=2")));
        let second = world.read(&format!("/{owner}/upcoming?page=2")).await;
        assert_eq!(
            (second.get("next"), &second["prev"]),
            (None, &json!(format!("{id}?page=1")))
        );
        let starts = |page: &Value| -> Vec<String> {
            let items = page["orderedItems"].as_array().unwrap();
            items
                .iter()
                .map(|item| item["startTime"].as_str().unwrap().to_owned())
                .collect()
        };
        let (first, second) = (starts(&whole["first"]), starts(&second));
        assert_eq!((first.len(), second.len()), (20, 5));
        let all: Vec<String> = first.into_iter().chain(second).collect();
        assert!(all.is_sorted() && all[0] == "2026-12-02T18:00:00+01:00");
    }
    assert_eq!(world.read("/@comite/events").await["totalItems"], 26);
    assert_eq!(
        world.get("/@comite/events?page=0", ACTIVITY).await.status,
        StatusCode::NOT_FOUND
    );
}
