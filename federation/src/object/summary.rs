//! An event in one line, in its language: what Mastodon prints below the title.

use super::{Site, place};
use domain::{event::Entry, place::Place};

/// "samedi 5 décembre 2026, de 18 h à 21 h (CET) · Maison de quartier, Ixelles"
pub(crate) fn summary(site: Site<'_>, entry: &Entry) -> String {
    let event = &entry.event;
    let mut line = site.words(event).when(&entry.span());
    if !event.all_day {
        line = format!("{line} ({})", event.zone.abbreviation(event.begins_at));
    }
    match entry.place.as_ref().map(whereabouts) {
        Some(place) if !place.is_empty() => format!("{line} · {place}"),
        _ => line,
    }
}

/// Name and locality.
fn whereabouts(place: &Place) -> String {
    let (name, locality) = (place::name(place), place.locality.as_str());
    if locality.is_empty() || name == locality {
        return name.to_owned();
    }
    format!("{name}, {locality}")
}
