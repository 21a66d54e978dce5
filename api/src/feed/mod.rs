//! Feeds in their formats: iCalendar, Atom, RSS, JSON Feed. What they contain is [`domain::feed`]'s to say; the same
//! data give the same bytes, whatever the hour.
//!
//! In reading order: [`address`] says where they are; `head` what a feed is called; `ical` writes calendars, with `line`
//! and `vtimezone` below it; `news` tells an event to people, and `atom`, `rss` and `json` pack that.

pub mod address;
mod atom;
mod head;
mod ical;
mod json;
mod line;
mod news;
mod rss;
mod vtimezone;

use bytes::Bytes;
use domain::{
    Error, Result,
    db::{Db, Seen},
    feed::{self, Of},
    id::{EventId, SeriesId},
    settings::Settings,
    time::Instant,
    words::Words,
};
use head::Head;

/// A format, and the end of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// iCalendar (RFC 5545): `ics`.
    Ics,
    /// Atom (RFC 4287): `atom`.
    Atom,
    /// RSS 2.0: `rss`.
    Rss,
    /// JSON Feed 1.1: `json`.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Ics, Self::Atom, Self::Rss, Self::Json];

    /// The end of its addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ics => "ics",
            Self::Atom => "atom",
            Self::Rss => "rss",
            Self::Json => "json",
        }
    }

    /// The format of the end of an address.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Ics => "text/calendar; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Json => "application/feed+json",
        }
    }
}

/// What is wanted of an address.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// A feed.
    Feed(Of, Format),
    /// One event as a calendar file.
    Event(EventId),
    /// A series as a calendar file, in the form of a rule.
    Series(SeriesId),
}

impl Wanted {
    /// The format that it comes in.
    pub fn format(&self) -> Format {
        match self {
            Self::Feed(_, format) => *format,
            Self::Event(_) | Self::Series(_) => Format::Ics,
        }
    }
}

/// A feed, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Its media type.
    pub content_type: &'static str,
    /// Its bytes.
    pub bytes: Bytes,
    /// When the last of its events was changed; `None` for a feed without events.
    pub last_modified: Option<Instant>,
    /// Whether search engines may show it: everything in it may stand in public lists.
    pub is_public: bool,
}

/// Makes what an address names. `language` is that of the site, for what has no language of its own; what is read is
/// noted in `seen`.
///
/// # Errors
/// `NotFound` (404), `Gone` (410, for a deleted event), `Unavailable` (503).
pub async fn render(db: &Db, settings: &Settings, wanted: Wanted, language: &str, seen: Seen) -> Result<Rendered> {
    let format = wanted.format();
    let site = Site {
        settings: settings.clone(),
        words: Words::choose(None, language),
    };
    let (text, last_modified, is_public) = match wanted {
        Wanted::Feed(of, format) => {
            let (of, feed) = db
                .read_noting(Some(seen), move |tx| Ok((of.clone(), feed::select(tx, &of)?)))
                .await?;
            let (changed, is_public) = (feed.changed_at(), feed.is_public());
            let written = move || {
                let head = Head::new(&site, &of, format, &feed.subject);
                match format {
                    Format::Ics => ical::calendar(&site, &head, &feed),
                    Format::Atom => atom::write(&site, &head, &feed),
                    Format::Rss => rss::write(&site, &head, &feed),
                    Format::Json => json::write(&site, &head, &feed),
                }
            };
            (aside(written).await?, changed, is_public)
        }
        Wanted::Event(id) => {
            let feed = db.read_noting(Some(seen), move |tx| feed::event(tx, id)).await?;
            (ical::events(&site, &feed.entries)?, feed.changed_at(), feed.is_public())
        }
        Wanted::Series(id) => {
            let series = db.read_noting(Some(seen), move |tx| feed::series(tx, id)).await?;
            let (changed, is_public) = (series.changed_at(), series.is_public);
            let text = aside(move || ical::series(&site, &series)).await?;
            (text, Some(changed), is_public)
        }
    };
    Ok(Rendered {
        content_type: format.content_type(),
        bytes: Bytes::from(text),
        last_modified,
        is_public,
    })
}

/// A thousand events take milliseconds to write: not on a thread that others wait for.
async fn aside(write: impl FnOnce() -> Result<String> + Send + 'static) -> Result<String> {
    // An error of the task is a panic.
    tokio::task::spawn_blocking(write).await.map_err(Error::internal)?
}

/// Whose feeds they are, and what it says in its own language.
struct Site {
    settings: Settings,
    words: &'static Words,
}

impl Site {
    /// The words for something written in a language, else those of the site.
    fn words_for(&self, language: Option<&domain::text::Language>) -> &'static Words {
        Words::choose(language, self.words.language())
    }
}

#[cfg(test)]
mod tests;
