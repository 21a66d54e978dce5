//! Calendar files (RFC 5545) → events and series, with a note for each thing that was skipped or bent.
//!
//! Pure: bytes in, values out; no database, no network. The doors fetch files, keep items and translate notes.
//! [`read`] goes through the modules in this order: `decode outline component group zone timing series content`.
//!
//! Files of the world are bent until something can be made of them, and refused only where they are no calendars. What
//! two programs disagree about is decided by the table in the documentation, row by row a test in `tests/table.rs`.
//!
//! What surprises:
//! - A time written in UTC stays that moment and is shown in the calendar's zone; a **series** written in UTC keeps UTC
//!   as its zone, because its dates do not follow the clock of any place.
//! - A zone that only the file describes becomes a named zone if one agrees at every date of the event. If none does,
//!   the moments are right and shown in the calendar's zone; a series then has its dates written out, without a rule.

mod category;
mod component;
mod content;
mod dates;
mod decode;
mod digest;
mod group;
mod link;
mod location;
mod note;
mod observance;
mod outline;
mod preview;
mod reader;
mod series;
mod stamp;
mod timing;
mod zone;

#[cfg(test)]
pub(crate) mod tests;

pub use note::{MOST_NOTES, Note, NoteKind};
pub use preview::{Moment, Occurrence, preview};

use crate::{
    event::{Content, Schedule},
    text::PlainText,
    time::{Instant, LocalDateTime, Zone, recurrence::Recurrence},
};
use note::Notes;
use url::Url;

/// The most bytes of a file.
pub const MOST_BYTES: usize = 5_000_000;
/// The most items of a file; of more, those are taken that are still to come, then the latest.
pub const MOST_ITEMS: usize = 2_000;
/// The most rows that an import makes at once, beside those of dates that are described apart, of which there are as
/// many at most; the job that extends series makes the rest. One transaction may write all of them: some seconds.
pub const MOST_ROWS: usize = 5_000;
/// The most characters of the name of a calendar.
const MOST_NAME: u32 = 200;

/// What a file does not say itself.
#[derive(Debug, Clone)]
pub struct Options {
    /// The zone of times that have none, where the calendar has none either.
    pub default_zone: Zone,
    /// Today: of too many things, those near to it are taken.
    pub now: Instant,
}

/// What a file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The name of the calendar.
    pub name: Option<PlainText>,
    /// The zone that it names for itself (`X-WR-TIMEZONE`).
    pub zone: Option<Zone>,
    /// Its events and series.
    pub items: Vec<Item>,
    /// What was skipped or bent.
    pub notes: Vec<Note>,
    /// Everything was there and was read: what is missing now was taken out of the calendar. Otherwise nothing may be
    /// removed because of this reading.
    pub complete: bool,
}

/// What a file says under one UID.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The UID; made of begin and title where the file has none, the same at each reading.
    pub uid: String,
    /// For a date of a series that the file does not have: which one, as written. Such items share their UID.
    pub original: Option<LocalDateTime>,
    /// The file ends inside this item. What it lacks is not known: it may be added, but must not change what is kept.
    pub cut: bool,
    /// The event or series.
    pub kind: Kind,
    /// SHA-256 in hexadecimal of all that is used of it: the same as last time means that there is nothing to do.
    pub digest: String,
}

/// Once or repeated.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// An event.
    Single(Box<ImportedEvent>),
    /// A series.
    Series(Box<ImportedSeries>),
}

/// An event of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedEvent {
    /// When. Passes [`Schedule::checked`].
    pub schedule: Schedule,
    /// What. Its picture is not kept yet: see `picture`.
    pub content: Content,
    /// The address of its picture, to be fetched by the media fetcher only.
    pub picture: Option<Url>,
    /// RFC 5545 SEQUENCE of the file.
    pub sequence: i32,
}

/// A series of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedSeries {
    /// Its dates. Without a rule where the file lists dates only, or where its zone has no name.
    pub recurrence: Recurrence,
    /// Seconds of wall time that each date lasts; `None`: no end is said.
    pub duration_s: Option<i64>,
    /// The first date, and what all have in common.
    pub event: ImportedEvent,
    /// Dates that are otherwise, by the date that they stand for.
    pub overrides: Vec<ImportedOverride>,
    /// The most rows to make at once for its other dates: its share of [`MOST_ROWS`] where the file has more.
    pub at_once: usize,
}

/// A date of a series that is otherwise: moved, cancelled, with another text.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedOverride {
    /// The date of the series that it stands for: the recurrence key.
    pub original: LocalDateTime,
    /// What takes place instead.
    pub event: ImportedEvent,
}

/// Why a file is not read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// More than [`MOST_BYTES`].
    #[error("The file is larger than 5 MB. Export a shorter period, or only coming events, and try again.")]
    TooLarge,
    /// There is no calendar in it.
    #[error(
        "There is no calendar (BEGIN:VCALENDAR) in this file. Export the calendar as iCalendar (.ics) and try again."
    )]
    NoCalendar,
    /// It is a page of the web.
    #[error(
        "This is a web page, not a calendar. Look on it for a link that ends in .ics, or that is called iCal or \
         subscribe, and use that address."
    )]
    WebPage,
}

/// Reads a calendar file.
///
/// # Errors
/// [`Refused`] where it is too large or no calendar; anything else is read as far as it goes, with notes.
pub fn read(bytes: &[u8], options: &Options) -> Result<Reading, Refused> {
    if bytes.len() > MOST_BYTES {
        return Err(Refused::TooLarge);
    }
    let mut notes = Notes::default();
    let octets = decode::octets(bytes);
    let outline = outline::outline(&octets, &mut notes);
    if !outline.has_calendar {
        return Err(refusal(&octets));
    }
    if !outline.complete {
        notes.add(NoteKind::Incomplete, None, None);
    }
    let parsed = component::parse(&outline, &mut notes);
    let name = parsed.calendar_text(&["NAME", "X-WR-CALNAME"]);
    let name = name
        .map(|name| PlainText::bent(&name, MOST_NAME))
        // Some applications call a calendar by the address of its owner, which is nobody else's business.
        .filter(|name| !name.is_empty() && !name.as_str().contains('@'));
    let zone = calendar_zone(&parsed, &mut notes);
    let zones = zone::Zones::new(&parsed, zone.clone(), &options.default_zone);
    let (groups, all_read) = group::groups(&parsed.events, &mut notes);
    let today = zones.calendar.local(options.now).day();
    let found = groups.len();
    let (groups, all_stay) = group::keep_most(groups, MOST_ITEMS, today);
    if !all_stay {
        notes.add(NoteKind::TooManyItems, None, Some(&found.to_string()));
    }
    let items = reader::Reader::new(zones, name.clone(), options, &mut notes).items(&groups);
    Ok(Reading {
        name,
        zone,
        items,
        notes: notes.finish(),
        complete: outline.complete && all_read && all_stay,
    })
}

/// What `X-WR-TIMEZONE` means.
fn calendar_zone(parsed: &component::Parsed, notes: &mut Notes) -> Option<Zone> {
    let text = parsed.calendar_text(&["X-WR-TIMEZONE"])?;
    let zone = zone::by_name(&text);
    if zone.is_none() {
        notes.add(NoteKind::UnknownZone, None, Some(&text));
    }
    zone
}

fn refusal(octets: &[u8]) -> Refused {
    match octets.trim_ascii_start().first() {
        Some(b'<') => Refused::WebPage,
        _ => Refused::NoCalendar,
    }
}
