//! Rules of events that need no database.

use super::{
    EventPatch, MOST_TAGS, MOST_TITLE,
    model::{Content, Event, Listing, Part, Schedule, State, Visibility},
};
use crate::{
    error::{Code, FieldError, Result},
    text::PlainText,
    time::Instant,
};

/// The most entries of metadata.
const MOST_METADATA: usize = 20;

/// Checks what is said of an event.
///
/// # Errors
/// `Invalid(title | tags | metadata | onlineAddress)`.
pub(super) fn checked(content: Content) -> Result<Content> {
    PlainText::required("title", content.title.as_str(), MOST_TITLE)?;
    if content.tags.len() > MOST_TAGS {
        return Err(FieldError::one("tags", Code::TooLong(20)));
    }
    if content.details.metadata.len() > MOST_METADATA {
        return Err(FieldError::one("metadata", Code::TooLong(20)));
    }
    if let Some(address) = &content.online_address {
        super::web_address("onlineAddress", address.as_str())?;
    }
    Ok(content)
}

/// Checks a row after an edit, and its new tags.
///
/// # Errors
/// As [`checked`].
pub(super) fn checked_row(event: &Event, tags: Option<&[PlainText]>) -> Result<()> {
    checked(Content {
        online_address: event
            .online_address
            .as_deref()
            .map(|text| super::web_address("onlineAddress", text))
            .transpose()?,
        tags: tags.unwrap_or_default().to_vec(),
        details: event.details.clone(),
        ..Content::titled(event.title.clone())
    })
    .map(drop)
}

/// In which public lists an event stands.
pub(super) fn listing(state: State, visibility: Visibility, begins_at: Instant, over_at: Instant) -> Listing {
    let open = state == State::Published && visibility == Visibility::Public;
    match over_at.seconds_since(begins_at) {
        _ if !open => Listing::None,
        seconds if seconds > Listing::SHORT_DAYS * 86_400 => Listing::Long,
        _ => Listing::Short,
    }
}

/// The instants of a schedule: begin, and from when it is past.
pub(super) fn instants(schedule: &Schedule) -> (Instant, Instant) {
    let begins_at = schedule.begins_at();
    (begins_at, schedule.ends_at().unwrap_or(begins_at))
}

/// Brings what follows from other columns up to date.
pub(super) fn settle(event: &mut Event) {
    (event.begins_at, event.over_at) = instants(&event.schedule());
    event.listing = listing(event.state, event.visibility, event.begins_at, event.over_at);
}

/// Whether calendars must be told: time, place or status (RFC 5545 §3.8.7.4).
pub(super) fn is_significant(before: &Event, after: &Event) -> bool {
    before.schedule() != after.schedule()
        || before.status != after.status
        || before.place_id != after.place_id
        || before.state != after.state
}

/// The parts that a patch names: an occurrence keeps them when its series is edited.
pub(super) fn parts(patch: &EventPatch) -> Vec<Part> {
    let EventPatch {
        title,
        description,
        schedule,
        state: _,
        status,
        visibility,
        category,
        language,
        attendance,
        online_address,
        place,
        tags,
        picture,
        details,
        version: _,
    } = patch;
    let named = [
        (title.is_some(), Part::Title),
        (description.is_some(), Part::Description),
        (schedule.is_some(), Part::Time),
        (status.is_some(), Part::Status),
        (visibility.is_some(), Part::Visibility),
        (category.is_some(), Part::Category),
        (language.is_some(), Part::Language),
        (attendance.is_some() || online_address.is_some(), Part::Address),
        (place.is_some(), Part::Place),
        (tags.is_some(), Part::Tags),
        (picture.is_some(), Part::Picture),
        (details.is_some(), Part::Details),
    ];
    named
        .into_iter()
        .filter_map(|(is_named, part)| is_named.then_some(part))
        .collect()
}
