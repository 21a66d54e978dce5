//! An event in one line, in its language: what Mastodon prints below the title.

use super::{Site, Told, place};
use domain::{place::Place, words::Span};

/// "samedi 5 décembre 2026, de 18 h à 21 h (CET) · Maison de quartier, Ixelles"
pub(crate) fn summary(site: Site<'_>, told: &Told) -> String {
    let event = &told.event;
    let span = Span {
        begin: event.local_begin,
        end: event.local_end,
        all_day: event.all_day,
    };
    let mut line = site.words(event).when(&span);
    if !event.all_day {
        line = format!("{line} ({})", event.zone.abbreviation(event.begins_at));
    }
    match told.place.as_ref().map(whereabouts) {
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
