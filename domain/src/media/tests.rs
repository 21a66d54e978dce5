//! The way of a picture, on a database.

use super::{
    job::{FetchPicture, RemoveFiles},
    *,
};
use crate::{
    change::CacheTag,
    db::testing::{TestDb, test_keys},
    event::{
        self, Content, Event, NewEvent, Schedule,
        series::{self, NewSeries},
    },
    file::FileFormat,
    id::EventId,
    job::{self as work, Job},
    ports::Rendition,
    profile::{self, Kind, NewProfile},
    text::{Handle, RichText},
    time::{
        Zone,
        recurrence::{Recurrence, Rule},
    },
};
use bytes::Bytes;
use std::sync::{Arc, Mutex};

const DAY: i64 = 24 * 3600;

async fn agenda(test: &TestDb) -> ProfileId {
    let new = NewProfile {
        kind: Kind::Group,
        name: Handle::new("agenda").unwrap(),
        display_name: PlainText::default(),
        summary: RichText::default(),
        zone: None,
        language: None,
    };
    let keys = test_keys();
    let made = test
        .db
        .write(move |tx| profile::create(tx, &Caller::System, new, &keys));
    made.await.unwrap().id
}

async fn want_of(test: &TestDb, profile: ProfileId, url: &str) -> MediaId {
    let url: Url = url.parse().unwrap();
    let alt = PlainText::new("alt", "Une affiche", 200).unwrap();
    let wanted = test.db.write(move |tx| want(tx, &Caller::System, &url, alt, profile));
    wanted.await.unwrap()
}

async fn event_with(test: &TestDb, organizer: ProfileId, picture: MediaId) -> Event {
    let schedule = Schedule {
        begin: "2026-12-05T18:00".parse().unwrap(),
        end: None,
        zone: Zone::named("Europe/Brussels").unwrap(),
        all_day: false,
    };
    let title = PlainText::new("title", "La soupe", 200).unwrap();
    let new = NewEvent {
        organizer,
        group: None,
        schedule,
        content: Content {
            picture: Some(picture),
            ..Content::titled(title)
        },
        ical_uid: None,
    };
    let made = test.db.write(move |tx| event::create(tx, &Caller::System, new));
    made.await.unwrap()
}

fn picture() -> Picture {
    let rendition = |format, width, bytes: &'static [u8]| Rendition {
        format,
        width,
        height: width / 2,
        bytes: Bytes::from_static(bytes),
    };
    Picture {
        sizes: vec![
            rendition(FileFormat::WebP, 400, b"small"),
            rendition(FileFormat::WebP, 800, b"larger"),
        ],
        preview: rendition(FileFormat::Jpeg, 800, b"preview"),
        blurhash: "LEHV6nWB2yk8pyo0adR*.7kCMdnj".into(),
    }
}

async fn jobs(test: &TestDb, kind: &'static str) -> Vec<work::Claimed> {
    test.db
        .write(move |tx| work::claim(tx, &[kind], 100, 60))
        .await
        .unwrap()
}

async fn ready(test: &TestDb, id: MediaId) {
    test.db.write(move |tx| record_ready(tx, id, &picture())).await.unwrap();
}

async fn shown(test: &TestDb, id: MediaId) -> Option<Media> {
    test.db.read(move |tx| by_id(tx, id)).await.ok()
}

async fn clean_up(test: &TestDb) -> usize {
    let found = test.db.read(|tx| unused(tx, 100)).await.unwrap();
    test.db.write(move |tx| remove_unused(tx, &found)).await.unwrap()
}

#[tokio::test]
async fn one_address_is_fetched_once_for_a_profile() {
    let test = TestDb::new();
    let profile = agenda(&test).await;
    let id = want_of(&test, profile, "https://example.org/a.jpg").await;
    assert_eq!(want_of(&test, profile, "https://example.org/a.jpg").await, id);
    assert_ne!(want_of(&test, profile, "https://example.org/b.jpg").await, id);

    let waiting = jobs(&test, FetchPicture::KIND).await;
    assert_eq!(waiting.len(), 2);
    let payload: FetchPicture = waiting[0].payload().unwrap();
    let fetch = test
        .db
        .read(move |tx| prepare(tx, payload.media))
        .await
        .unwrap()
        .unwrap();
    assert!(fetch.url.as_str().starts_with("https://example.org/"));
    assert_eq!(fetch.most_bytes, 10 * 1024 * 1024);
}

#[tokio::test]
async fn an_address_that_is_not_fetched_is_refused() {
    let test = TestDb::new();
    let profile = agenda(&test).await;
    for wrong in [
        "http://example.org/a.jpg",
        "https://127.0.0.1/a.jpg",
        "data:image/png,a",
    ] {
        let url: Url = wrong.parse().unwrap();
        let refused = test
            .db
            .write(move |tx| want(tx, &Caller::System, &url, PlainText::default(), profile))
            .await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{wrong}");
    }
}

#[test]
fn a_picture_that_a_calendar_names_is_fetched_securely_or_not_at_all() {
    let as_fetched = |named: &str| fetchable(&named.parse().unwrap()).map(String::from);
    let secure = Some("https://example.org/a.jpg".to_owned());
    assert_eq!(as_fetched("http://example.org/a.jpg#b"), secure);
    assert_eq!(as_fetched("https://example.org/a.jpg"), secure);
    for never in [
        "http://127.0.0.1/a.jpg",
        "https://router/a.jpg",
        "file:///etc/passwd",
        "http://example.org:81/",
    ] {
        assert_eq!(as_fetched(never), None, "{never}");
    }
}

#[tokio::test]
async fn readers_see_a_picture_when_it_is_ready_and_pages_that_show_it_are_made_anew() {
    let test = TestDb::new();
    let profile = agenda(&test).await;
    let id = want_of(&test, profile, "https://example.org/a.jpg").await;
    let event = event_with(&test, profile, id).await;
    assert_eq!(event.picture_id, Some(id));
    assert_eq!(shown(&test, id).await, None);

    let dropped = Arc::new(Mutex::new(Vec::new()));
    let heard = dropped.clone();
    test.db
        .on_commit(move |tags| heard.lock().unwrap().extend_from_slice(tags));
    ready(&test, id).await;
    assert_eq!(*dropped.lock().unwrap(), [CacheTag::Event(event.id)]);

    let media = shown(&test, id).await.unwrap();
    assert_eq!(media.alt.as_str(), "Une affiche");
    assert_eq!((media.width, media.height, media.byte_size), (Some(800), Some(400), 18));
    let kept: Vec<_> = files::to_keep(id, &picture()).into_iter().map(|(key, _)| key).collect();
    let listed: Vec<_> = media
        .sizes()
        .iter()
        .chain(media.preview())
        .map(|file| file.key.clone())
        .collect();
    assert_eq!(kept, listed);
    assert_eq!(media.preview().unwrap().key.format(), FileFormat::Jpeg);

    // A second worker that was late changes nothing, and nothing is left to fetch.
    ready(&test, id).await;
    assert_eq!(dropped.lock().unwrap().len(), 1);
    assert!(test.db.read(move |tx| prepare(tx, id)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_picture_that_cannot_be_had_is_given_up_and_may_be_wanted_again_a_week_later() {
    let test = TestDb::new();
    let profile = agenda(&test).await;
    let id = want_of(&test, profile, "https://example.org/a.jpg").await;
    event_with(&test, profile, id).await;
    test.db.write(move |tx| record_failed(tx, id)).await.unwrap();
    assert_eq!(shown(&test, id).await, None);
    assert!(test.db.read(move |tx| prepare(tx, id)).await.unwrap().is_none());
    assert_eq!(want_of(&test, profile, "https://example.org/a.jpg").await, id);

    test.clock.advance(6 * DAY);
    assert_eq!(clean_up(&test).await, 0);
    test.clock.advance(2 * DAY);
    assert_eq!(clean_up(&test).await, 1);
    assert_ne!(want_of(&test, profile, "https://example.org/a.jpg").await, id);
}

#[tokio::test]
async fn a_picture_that_nothing_shows_goes_after_a_day_with_its_files() {
    let test = TestDb::new();
    let profile = agenda(&test).await;
    let alone = test
        .db
        .write(move |tx| reserve(tx, &Caller::System, PlainText::default(), profile))
        .await
        .unwrap();
    let attached = want_of(&test, profile, "https://example.org/b.jpg").await;
    let event = event_with(&test, profile, attached).await;
    ready(&test, alone).await;
    ready(&test, attached).await;
    test.clock.advance(DAY - 1);
    assert_eq!(clean_up(&test).await, 0);
    test.clock.advance(2);
    assert_eq!(clean_up(&test).await, 1);
    assert!(shown(&test, alone).await.is_none() && shown(&test, attached).await.is_some());
    assert_eq!(removals(&test).await, [alone]);

    remove_event(&test, event.id).await;
    assert_eq!(clean_up(&test).await, 1);
    assert_eq!(removals(&test).await, [attached]);
}

#[tokio::test]
async fn a_picture_that_is_attached_between_search_and_removal_stays() {
    let test = TestDb::new();
    let profile = agenda(&test).await;
    let id = want_of(&test, profile, "https://example.org/a.jpg").await;
    test.clock.advance(2 * DAY);
    let found = test.db.read(|tx| unused(tx, 100)).await.unwrap();
    assert_eq!(found, [id]);
    event_with(&test, profile, id).await;
    assert_eq!(test.db.write(move |tx| remove_unused(tx, &found)).await.unwrap(), 0);
}

/// A monthly series of which no date has a row yet: it shows its picture in a hundred years.
async fn series_with(test: &TestDb, organizer: ProfileId, picture: MediaId) {
    let recurrence = Recurrence {
        rule: Some(Rule::parse("FREQ=MONTHLY").unwrap()),
        start: "2126-12-05T18:00".parse().unwrap(),
        zone: Zone::named("Europe/Brussels").unwrap(),
        all_day: false,
        added: Vec::new(),
        skipped: Vec::new(),
    };
    let new = NewSeries {
        organizer,
        group: None,
        recurrence,
        duration_s: None,
        content: Content {
            picture: Some(picture),
            ..Content::titled(PlainText::new("title", "La soupe", 200).unwrap())
        },
        ical_uid: None,
    };
    let made = test.db.write(move |tx| series::create(tx, &Caller::System, new));
    made.await.unwrap();
}

#[tokio::test]
async fn pictures_of_series_stay_and_keep_nobody_from_finding_those_behind_them() {
    let test = TestDb::new();
    let profile = agenda(&test).await;
    for name in ["a", "b", "c"] {
        let id = want_of(&test, profile, &format!("https://example.org/{name}.jpg")).await;
        series_with(&test, profile, id).await;
        if name == "c" {
            test.db.write(move |tx| record_failed(tx, id)).await.unwrap();
        }
    }
    test.clock.advance(1);
    let alone = want_of(&test, profile, "https://example.org/d.jpg").await;
    test.clock.advance(30 * DAY);
    let found = test.db.read(|tx| unused(tx, 2)).await.unwrap();
    assert_eq!(found, [alone]);
    assert_eq!(clean_up(&test).await, 1);
    assert_eq!(clean_up(&test).await, 0);
}

#[tokio::test]
async fn files_that_come_after_their_picture_was_removed_are_removed_again() {
    let test = TestDb::new();
    let profile = agenda(&test).await;
    let id = want_of(&test, profile, "https://example.org/a.jpg").await;
    test.clock.advance(2 * DAY);
    assert_eq!(clean_up(&test).await, 1);
    assert_eq!(removals(&test).await, [id]);
    ready(&test, id).await;
    assert_eq!(removals(&test).await, [id]);
}

async fn removals(test: &TestDb) -> Vec<MediaId> {
    let claimed = jobs(test, RemoveFiles::KIND).await;
    let ids = claimed
        .iter()
        .map(|job| job.payload::<RemoveFiles>().unwrap().media)
        .collect();
    test.db
        .write(move |tx| claimed.iter().try_for_each(|job| work::finish(tx, job)))
        .await
        .unwrap();
    ids
}

async fn remove_event(test: &TestDb, id: EventId) {
    test.db
        .write(move |tx| event::remove(tx, &Caller::System, id))
        .await
        .unwrap();
}
