//! Which events a feed has, in a fixed number of queries, whatever their number.

use super::{Feed, Of, Search, Subject};
use crate::{
    caller::Caller,
    db::Tx,
    error::{Error, Result, What},
    event::{self, Attendance, Event, EventFilter, Order, Status},
    id::EventId,
    page::PageRequest,
    place, profile, search, tag,
    text::RichText,
    time::Instant,
};

/// Past events that began up to so many days ago stay.
pub const DAYS_BACK: i64 = 90;
/// Events that begin later than in so many days are not there yet.
pub const DAYS_AHEAD: i64 = 400;
/// Cancelled events stay so many days after their date; deleted ones also no longer than so many after their deletion.
pub const CANCELLED_DAYS: i64 = 30;
/// The most events; coming ones have their places first, the next first.
pub const MOST_EVENTS: u32 = 1_000;
/// The most characters of an event's text; what is longer goes on, on its page.
pub const MOST_TEXT: u32 = 4_000;

/// The most bytes of an event's text with its markup.
const MOST_HTML: usize = 4 * MOST_TEXT as usize;

/// The feed of something.
///
/// # Errors
/// `NotFound` where there is no such profile, tag or place.
pub fn select(tx: &mut Tx<'_>, of: &Of) -> Result<Feed> {
    let (subject, filter) = subject(tx, of)?;
    let window = Window::at(tx.now());
    let mut events = match &subject {
        Subject::Search(search) if search::has_words(&search.text) => found(tx, &search.text, filter, &window)?,
        _ => listed(tx, &filter, &window)?,
    };
    events.sort_by_key(|event| (event.begins_at, event.id));
    Ok(Feed {
        subject,
        entries: event::entries(tx, events, shortened)?,
    })
}

/// One event as a feed, for a calendar that takes single files.
///
/// # Errors
/// `NotFound`; `Gone` where it was deleted.
pub fn event(tx: &mut Tx<'_>, id: EventId) -> Result<Feed> {
    let event = event::visible(tx, &Caller::Anonymous, id)?;
    Ok(Feed {
        subject: Subject::Event,
        entries: event::entries(tx, vec![event], shortened)?,
    })
}

fn subject(tx: &mut Tx<'_>, of: &Of) -> Result<(Subject, EventFilter)> {
    let all = EventFilter::default();
    Ok(match of {
        Of::Site => (Subject::Site, all),
        Of::Profile(name) => {
            let profile = profile::named(tx, name)?;
            let filter = EventFilter {
                profile: Some(profile.id),
                ..all
            };
            (Subject::Profile(Box::new(profile)), filter)
        }
        Of::Tag(slug) => {
            let tag = tag::by_slug(tx, slug)?;
            let filter = EventFilter {
                tags: Some(vec![tag.id]),
                ..all
            };
            (Subject::Tag(tag), filter)
        }
        Of::Place(id) => {
            let place = place::by_id(tx, *id)?;
            let filter = EventFilter {
                place: Some(place.id),
                ..all
            };
            (Subject::Place(Box::new(place)), filter)
        }
        Of::Search(search) => (Subject::Search(search.clone()), search_filter(tx, search)?),
    })
}

fn search_filter(tx: &mut Tx<'_>, search: &Search) -> Result<EventFilter> {
    let mut tags = Vec::new();
    for slug in &search.tags {
        match tag::by_slug(tx, slug) {
            Ok(tag) => tags.push(tag.id),
            Err(Error::NotFound(What::Tag)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(EventFilter {
        near: search.near.as_ref().map(|near| near.circle),
        categories: search.categories.clone(),
        languages: search.language.iter().cloned().collect(),
        attendance: search.online.then_some(Attendance::Online),
        tags: (!search.tags.is_empty()).then_some(tags),
        ..EventFilter::default()
    })
}

/// The time that feeds of a moment show.
struct Window {
    now: Instant,
    begin: Instant,
    end: Instant,
    /// What was cancelled or deleted before this is not said any more.
    cancelled: Instant,
}

impl Window {
    fn at(now: Instant) -> Self {
        let days = |days: i64| now.plus_seconds(days * 86_400);
        Self {
            now,
            begin: days(-DAYS_BACK),
            end: days(DAYS_AHEAD),
            cancelled: days(-CANCELLED_DAYS),
        }
    }

    /// Running and coming events always; past ones by their begin, cancelled ones by their end.
    fn shows(&self, event: &Event) -> bool {
        let is_past = event.over_at <= self.now && event.begins_at < self.now;
        let is_kept = event.status != Status::Cancelled || event.over_at >= self.cancelled;
        event.begins_at < self.end && is_kept && (!is_past || event.begins_at >= self.begin)
    }
}

fn listed(tx: &mut Tx<'_>, filter: &EventFilter, window: &Window) -> Result<Vec<Event>> {
    let coming = EventFilter {
        from: Some(window.now),
        until: Some(window.end),
        ..filter.clone()
    };
    let mut events = event::list(tx, &Caller::Anonymous, &coming, PageRequest::first(MOST_EVENTS))?;
    let running = events.iter().filter(|event| event.begins_at < window.now).count();
    let left = (MOST_EVENTS as usize).saturating_sub(events.len());
    if left > 0 {
        let past = EventFilter {
            from: Some(window.begin),
            until: Some(window.now),
            order: Order::BeginsLast,
            ..filter.clone()
        };
        // The running ones are in both lists.
        let most = u32::try_from(left.saturating_add(running)).unwrap_or(MOST_EVENTS);
        let past = event::list(tx, &Caller::Anonymous, &past, PageRequest::first(most))?;
        events.extend(past.into_iter().filter(|event| event.over_at <= window.now));
    }
    let left = (MOST_EVENTS as usize).saturating_sub(events.len());
    let mut deleted = event::deleted(tx, filter, window.cancelled, MOST_EVENTS)?;
    deleted.truncate(left);
    events.extend(deleted.into_iter().map(|event| Event {
        status: Status::Cancelled,
        ..event
    }));
    events.retain(|event| window.shows(event));
    Ok(events)
}

/// What a search by words finds. What was deleted is not found by words any more.
fn found(tx: &mut Tx<'_>, text: &str, filter: EventFilter, window: &Window) -> Result<Vec<Event>> {
    let query = search::Query {
        text: text.to_owned(),
        filter: EventFilter {
            from: Some(window.begin),
            until: Some(window.end),
            ..filter
        },
    };
    let mut events = search::find(tx, &Caller::Anonymous, &query, PageRequest::first(MOST_EVENTS))?.events;
    events.retain(|event| window.shows(event));
    Ok(events)
}

/// A long text without its markup, cut at a word.
pub(super) fn shortened(text: RichText) -> RichText {
    let bytes = text.as_html().len();
    if bytes <= MOST_TEXT as usize {
        return text;
    }
    let plain = text.to_plain();
    match plain.char_indices().nth(MOST_TEXT as usize) {
        None if bytes <= MOST_HTML => text,
        None => RichText::from_plain(&plain),
        Some((end, _)) => {
            let short = plain.get(..end).unwrap_or_default();
            let words = short.rsplit_once(char::is_whitespace).map_or(short, |(words, _)| words);
            RichText::from_plain(&format!("{} …", words.trim_end()))
        }
    }
}
