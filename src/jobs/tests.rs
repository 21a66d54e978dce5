//! A subscription goes on, whatever its calendar does.

use super::*;
use crate::{
    app::{App, Use},
    config::{Config, Flags},
    worker::Worker,
};
use async_trait::async_trait;
use bytes::Bytes;
use domain::{
    calendar_source::{CalendarSource, NewSource},
    caller::Caller,
    db::{Tx, testing::test_keys},
    event::{self, EventFilter, Status},
    page::PageRequest,
    ports::WebClient,
    profile::{self, NewProfile},
    text::{Handle, PlainText, RichText},
    time::Zone,
};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const REFRESH: i64 = 3600;
const KINDS: &[&str] = &[<RefreshCalendar as Job>::KIND];

/// A server that serves these texts, one after the other, and then is gone.
struct Served(Mutex<Vec<&'static str>>);

#[async_trait]
impl WebClient for Served {
    async fn fetch(&self, asked: Fetch) -> std::result::Result<Fetched, FetchError> {
        let mut texts = self.0.lock().expect("the texts");
        if texts.is_empty() {
            return Err(FetchError::Unreachable);
        }
        let text = texts.remove(0);
        Ok(Fetched::Body {
            bytes: Bytes::from_static(text.as_bytes()),
            content_type: None,
            etag: None,
            last_modified: None,
            url: asked.url,
        })
    }
}

/// A site that subscribes to `url`, where `texts` are served.
async fn site(url: &str, texts: &[&'static str]) -> (TempDir, App, CalendarSource) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("kermesse.toml");
    std::fs::write(&file, "").expect("a file");
    let flags = Flags {
        config: Some(file),
        data_dir: Some(folder.path().join("data")),
        ..Flags::default()
    };
    let (config, _) = Config::load_with(&flags, std::iter::empty()).expect("settings");
    let mut app = App::open(config, Use::Serve).expect("a site");
    app.services.web = Arc::new(Served(Mutex::new(texts.to_vec())));
    let url = url.parse().expect("an address");
    let subscribe = app.db.write(move |tx| {
        let new = NewProfile {
            kind: profile::Kind::Group,
            name: Handle::new("agenda")?,
            display_name: PlainText::required("name", "Agenda", 200)?,
            summary: RichText::default(),
            zone: None,
            language: None,
        };
        let new = NewSource {
            profile: profile::create(tx, &Caller::System, new, &test_keys())?.id,
            url: Some(url),
            name: PlainText::default(),
            zone: Zone::UTC,
            subscribed: true,
        };
        let source = calendar_source::open(tx, &Caller::System, new)?;
        calendar_source::job::schedule(tx, source.id, 0)?;
        Ok(source)
    });
    let source = subscribe.await.expect("a subscription");
    (folder, app, source)
}

/// Reads what is due; answers when the next reading is.
async fn read_due(app: &App) -> i64 {
    let worker = Worker::new(app.db.clone(), handlers(&app.db, &app.services, REFRESH));
    worker.run_due().await.expect("the jobs");
    let next = app.db.read(|tx| job::next_due(tx, KINDS)).await.expect("a look");
    next.expect("another reading").seconds_since(app.db.clock().now())
}

fn statuses(tx: &mut Tx<'_>) -> Result<Vec<Status>> {
    let filter = EventFilter::coming(tx.now());
    let events = event::list(tx, &Caller::Anonymous, &filter, PageRequest::default())?;
    Ok(events.into_iter().map(|event| event.status).collect())
}

#[tokio::test]
async fn a_calendar_that_cannot_be_read_is_recorded_and_asked_for_again() {
    let (_folder, app, source) = site("https://example.org/a.ics", &[]).await;
    let next = read_due(&app).await;
    assert!((REFRESH - 60..=REFRESH).contains(&next), "{next}");
    let source = app.db.read(move |tx| calendar_source::by_id(tx, source.id)).await;
    let source = source.expect("the subscription");
    assert_eq!((source.failures, source.failure.as_deref()), (1, Some("unreachable")));
}

#[tokio::test]
async fn a_calendar_without_entries_cancels_nothing() {
    const ONE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//T//EN\r\nBEGIN:VEVENT\r\nUID:1\r\n\
        DTSTAMP:20261101T000000Z\r\nDTSTART:20991205T180000Z\r\nSUMMARY:Soupe\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    const NONE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//T//EN\r\nEND:VCALENDAR\r\n";
    const OTHER: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//T//EN\r\nBEGIN:VEVENT\r\nUID:2\r\n\
        DTSTAMP:20261101T000000Z\r\nDTSTART:20991206T180000Z\r\nSUMMARY:Bal\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let (_folder, app, source) = site("https://example.org/a.ics", &[ONE, NONE, OTHER]).await;
    for expected in [
        &[Status::Confirmed][..],
        &[Status::Confirmed],
        &[Status::Cancelled, Status::Confirmed],
    ] {
        read_due(&app).await;
        assert_eq!(app.db.read(statuses).await.expect("events"), expected);
        let again = app.db.write(move |tx| calendar_source::job::schedule(tx, source.id, 0));
        again.await.expect("a job");
    }
}

#[tokio::test]
async fn a_calendar_that_was_unsubscribed_from_is_not_read() {
    let (_folder, app, source) = site("https://example.org/a.ics", &[]).await;
    let ending = app.db.write(move |tx| {
        let url = source.url.parse().map_err(Error::internal)?;
        calendar_source::unsubscribe(tx, &Caller::System, source.profile_id, &url)
    });
    let ended = ending.await.expect("a subscription");
    let worker = Worker::new(app.db.clone(), handlers(&app.db, &app.services, REFRESH));
    worker.run_due().await.expect("the jobs");
    let next = app.db.read(|tx| job::next_due(tx, KINDS)).await.expect("a look");
    assert_eq!(next, None, "no reading waits");
    let source = app.db.read(move |tx| calendar_source::by_id(tx, ended.id)).await;
    assert_eq!(source.expect("the calendar").failures, 0, "nobody tried");
}
