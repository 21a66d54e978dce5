//! Calendars of elsewhere: fetched or read from a file, and brought in some entries at a time.
//!
//! Reading takes no transaction; each transaction writes some entries whole, so that a stop in the middle leaves no half
//! event, and the next reading goes on where this one ended.

use domain::{
    Error,
    calendar_source::{self, Brought, CalendarSource, Version},
    caller::Caller,
    db::Db,
    event::import::{self, Note, Options, Reading, Refused},
    ports::{Fetch, FetchError, Fetched, WebClient},
    time::{Instant, Zone},
};
use std::{collections::HashSet, sync::Arc, time::Duration};
use url::Url;

/// How long a calendar may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);
/// Entries of a calendar that one transaction writes.
const AT_ONCE: usize = 100;

/// Why a calendar was not read, in words for who gave its address.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// It could not be fetched.
    #[error("The calendar cannot be fetched: {0}.")]
    Fetch(#[from] FetchError),
    /// It is there no more.
    #[error("The calendar is gone: its server says that it will not come back.")]
    Gone,
    /// It is no calendar.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Our side.
    #[error(transparent)]
    Ours(#[from] Error),
}

impl CalendarError {
    /// A stable word, kept beside the subscription.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fetch(FetchError::Forbidden(_) | FetchError::Redirect) => "forbidden_address",
            Self::Fetch(FetchError::TooLarge(_)) | Self::Refused(Refused::TooLarge) => "too_large",
            Self::Fetch(FetchError::Status(_)) => "status",
            Self::Fetch(_) => "unreachable",
            Self::Gone => "gone",
            Self::Refused(Refused::NoCalendar) => "no_calendar",
            Self::Refused(Refused::WebPage) => "web_page",
            Self::Ours(_) => "internal",
        }
    }
}

/// A calendar as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// The bytes of the file.
    pub bytes: bytes::Bytes,
    /// To ask again with.
    pub version: Version,
}

/// Fetches a calendar through the guarded client; `None`: it is as it was in `version`.
///
/// # Errors
/// `Fetch`, `Gone`.
pub async fn fetch(web: &dyn WebClient, url: &Url, version: Version) -> Result<Option<Arrived>, CalendarError> {
    let fetch = Fetch {
        url: url.clone(),
        accept: "text/calendar, text/plain;q=0.5, */*;q=0.1",
        most_bytes: import::MOST_BYTES,
        time: PATIENCE,
        etag: version.etag,
        last_modified: version.last_modified,
    };
    match web.fetch(fetch).await? {
        Fetched::NotModified => Ok(None),
        Fetched::Gone => Err(CalendarError::Gone),
        Fetched::Body {
            bytes,
            etag,
            last_modified,
            ..
        } => Ok(Some(Arrived {
            bytes,
            version: Version { etag, last_modified },
        })),
    }
}

/// Reads a calendar on a thread that may take its time.
///
/// # Errors
/// `Refused`.
pub async fn read(bytes: bytes::Bytes, default_zone: Zone, now: Instant) -> Result<Reading, CalendarError> {
    let options = Options { default_zone, now };
    let reading = tokio::task::spawn_blocking(move || import::read(&bytes, &options));
    Ok(reading.await.map_err(Error::internal)??)
}

/// What an import did.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What became of the entries.
    pub brought: Brought,
    /// Entries that are no longer in the calendar and were cancelled.
    pub cancelled: usize,
    /// What was skipped or bent.
    pub notes: Vec<Note>,
}

/// Writes what a calendar says; `progress` hears how many of how many entries are done.
///
/// # Errors
/// Those of the database; what was written before stays, and the next reading goes on.
pub async fn bring(
    db: &Db,
    source: &CalendarSource,
    reading: Reading,
    progress: &(dyn Fn(usize, usize) + Send + Sync),
) -> Result<Outcome, Error> {
    let mut outcome = Outcome {
        notes: reading.notes,
        ..Outcome::default()
    };
    let items = Arc::new(reading.items);
    let mut done = 0;
    while done < items.len() {
        let (all, source, begin) = (items.clone(), source.clone(), done);
        let brought = db
            .write(move |tx| {
                let some = all.get(begin..all.len().min(begin + AT_ONCE)).unwrap_or_default();
                calendar_source::bring(tx, &Caller::System, &source, some)
            })
            .await?;
        outcome.brought.add(brought);
        done = items.len().min(done + AT_ONCE);
        progress(done, items.len());
    }
    // One file says nothing of another: only an address is a calendar that can lose something.
    // And one without entries says nothing at all: a server that is being repaired serves such.
    if reading.complete && !source.url.is_empty() && !items.is_empty() {
        let present = items
            .iter()
            .map(|item| (item.uid.clone(), calendar_source::original(item)))
            .collect();
        outcome.cancelled = settle(db, source, present).await?;
    }
    Ok(outcome)
}

async fn settle(db: &Db, source: &CalendarSource, present: HashSet<(String, String)>) -> Result<usize, Error> {
    let present = Arc::new(present);
    let (mut after, mut cancelled) = ((String::new(), String::new()), 0);
    loop {
        let (present, source, from) = (present.clone(), source.clone(), after);
        let (next, some) = db
            .write(move |tx| {
                let is_there = |uid: &str, key: &str| present.contains(&(uid.to_owned(), key.to_owned()));
                calendar_source::settle(tx, &Caller::System, &source, &is_there, &from)
            })
            .await?;
        cancelled += some;
        match next {
            Some(next) => after = next,
            None => return Ok(cancelled),
        }
    }
}

/// Reads a subscribed calendar again, if it changed.
///
/// # Errors
/// See [`CalendarError`].
pub async fn refresh(db: &Db, web: &dyn WebClient, source: &CalendarSource) -> Result<(), CalendarError> {
    let url = domain::web::fetchable("url", &source.url)?;
    let version = Version {
        etag: source.etag.clone(),
        last_modified: source.last_modified.clone(),
    };
    let Some(arrived) = fetch(web, &url, version.clone()).await? else {
        let source = source.clone();
        return Ok(db
            .write(move |tx| calendar_source::record_read(tx, &source, &version))
            .await?);
    };
    let reading = read(arrived.bytes, source.zone.clone(), db.clock().now()).await?;
    let outcome = bring(db, source, reading, &|_, _| ()).await?;
    tracing::info!(
        calendar.id = %source.id,
        created = outcome.brought.created,
        updated = outcome.brought.updated,
        cancelled = outcome.cancelled,
        "a calendar was read again"
    );
    let source = source.clone();
    Ok(db
        .write(move |tx| calendar_source::record_read(tx, &source, &arrived.version))
        .await?)
}
