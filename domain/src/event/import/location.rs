//! LOCATION and GEO → a place.
//!
//! LOCATION is one line in which everybody writes addresses as they like. It is taken apart only where a postal code
//! before a town shows what is what; otherwise the whole line is the name, and nothing is lost.

use super::component::Component;
use crate::{
    event::Schedule,
    place::{
        NewPlace, Point,
        gazetteer::{Gazetteer, Preference},
    },
    text::{PlainText, normalise::normalise},
    time::Zone,
};
use calcard::icalendar::ICalendarValue;

/// The most characters of each part.
const MOST: u32 = 200;
/// Inhabitants of a town that is meant by its name behind other words, and by its name alone: there is a village for
/// nearly every word.
const SURE_TOWN: [u32; 2] = [2_000, 20_000];

/// The place of an event, if it says one; an address on the web is none, and neither is "online".
pub(super) fn place(component: &Component) -> Option<NewPlace> {
    let line = component.text("LOCATION").unwrap_or_default();
    let line = if super::link::address(&line).is_some() || says_online(&line) {
        ""
    } else {
        &line
    };
    let place = NewPlace {
        point: point(component),
        ..address(line)
    };
    (place != NewPlace::default()).then_some(place)
}

/// Whether a LOCATION only says that there is none.
pub(super) fn says_online(line: &str) -> bool {
    const WORDS: [&str; 11] = [
        "online",
        "en ligne",
        "on line",
        "virtual",
        "virtuel",
        "visio",
        "visioconference",
        "visioconférence",
        "zoom",
        "webinar",
        "webinaire",
    ];
    WORDS.contains(&normalise(line).as_str())
}

/// Where the town of a place lies that says no position of its own, so that who looks nearby finds it. A town whose
/// clock shows another time than that of the event is not meant: it is one of the same name elsewhere.
pub(super) fn position_of_town(place: &NewPlace, schedule: &Schedule) -> Option<Point> {
    if place.point.is_some() {
        return None;
    }
    let line = if place.locality.is_empty() {
        place.name.to_string()
    } else {
        // Without the country, which may be called as one of its towns.
        format!("{} {}", place.postal_code, place.locality)
    };
    let town = Gazetteer::bundled().locate(&line, &Preference::default())?;
    let clock = Zone::named(town.zone).ok()?;
    let is_meant = schedule.zone == Zone::UTC || clock.instant(schedule.begin) == schedule.zone.instant(schedule.begin);
    let [behind_words, alone] = SURE_TOWN;
    let least = if line.contains(',') { behind_words } else { alone };
    let is_sure = !place.locality.is_empty() || town.population >= least;
    (is_meant && is_sure).then_some(town.point)
}

/// Takes a line apart: `name, street, postal code town, region, country`.
fn address(line: &str) -> NewPlace {
    let parts: Vec<&str> = line
        .split(['\n', ','])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let found = parts
        .iter()
        .enumerate()
        .skip(1)
        .find_map(|(at, part)| town(part).map(|town| (at, town)));
    let plain = |text: &str| PlainText::bent(text, MOST);
    let Some((at, (postal_code, locality))) = found else {
        return NewPlace {
            name: plain(&parts.join(", ")),
            ..NewPlace::default()
        };
    };
    let (before, rest) = parts.split_at(at);
    let after = rest.get(1..).unwrap_or_default();
    let (name, street) = match before {
        [street] if street.contains(|c: char| c.is_ascii_digit()) => ("", (*street).to_owned()),
        [name, street @ ..] => (*name, street.join(", ")),
        [] => ("", String::new()),
    };
    let (region, country) = match after {
        [] => (String::new(), ""),
        [region @ .., country] => (region.join(", "), *country),
    };
    NewPlace {
        name: plain(name),
        street: plain(&street),
        postal_code: plain(postal_code),
        locality: plain(locality),
        region: plain(&region),
        country: plain(country),
        ..NewPlace::default()
    }
}

/// `5651 Tarcienne`, `L-1234 Luxembourg`: a code of four or five digits, then a name.
fn town(part: &str) -> Option<(&str, &str)> {
    let (code, name) = part.split_once(' ')?;
    let digits = match code.split_once('-') {
        Some((country, digits))
            if matches!(country.len(), 1 | 2) && country.bytes().all(|b| b.is_ascii_uppercase()) =>
        {
            digits
        }
        Some(_) => return None,
        None => code,
    };
    let is_code = matches!(digits.len(), 4 | 5) && digits.bytes().all(|b| b.is_ascii_digit());
    let name = name.trim();
    let is_name = name.starts_with(char::is_alphabetic) && !name.contains(|c: char| c.is_ascii_digit());
    (is_code && is_name).then_some((code, name))
}

/// GEO, else what Apple writes. Zero and zero is what broken programs write for "unknown".
fn point(component: &Component) -> Option<Point> {
    let apple = || {
        let structured = component.text("X-APPLE-STRUCTURED-LOCATION")?;
        pair(structured.strip_prefix("geo:")?)
    };
    geo(component)
        .or_else(apple)
        .and_then(|(north, east)| Point::new(north, east))
        .filter(|point| point.lat().abs() > 1e-6 || point.lon().abs() > 1e-6)
}

fn geo(component: &Component) -> Option<(f64, f64)> {
    let property = component.first("GEO")?;
    match property.values() {
        [ICalendarValue::Float(north), ICalendarValue::Float(east)] => Some((*north, *east)),
        _ => pair(&property.text()?),
    }
}

/// `50.3;4.5`, also with a comma.
fn pair(text: &str) -> Option<(f64, f64)> {
    let mut parts = text.split([';', ',']).map(|part| part.trim().parse::<f64>().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_without_a_position_lies_in_the_town_that_it_names() {
        let table = [
            (
                "Salle Pasteur, 12 rue Pasteur, 69100 Villeurbanne",
                "Europe/Paris",
                Some((45.77, 4.88)),
            ),
            ("Chez Léa, Lyon", "Europe/Paris", Some((45.75, 4.85))),
            ("Chez Léa, Lyon", "Europe/Brussels", Some((45.75, 4.85))),
            ("Chez Léa, Lyon", "UTC", Some((45.75, 4.85))),
            (
                "Maison, rue du Four, 5651 Tarcienne",
                "Europe/Brussels",
                Some((50.31, 4.50)),
            ),
            ("Chez Léa, Lyon", "America/Chicago", None),
            ("Salle Pasteur", "Europe/Paris", None),
            ("Marche", "Europe/Paris", None),
            ("", "Europe/Paris", None),
        ];
        let schedule = |zone| Schedule {
            begin: "2026-12-05T18:00:00".parse().unwrap(),
            end: None,
            zone: Zone::named(zone).unwrap(),
            all_day: false,
        };
        for (line, zone, expected) in table {
            let found = position_of_town(&address(line), &schedule(zone));
            let away = found
                .zip(expected)
                .map(|(found, (lat, lon))| crate::place::distance::km(found, Point::new(lat, lon).unwrap()));
            assert_eq!(found.is_some(), expected.is_some(), "{line} {zone}: {found:?}");
            assert!(away.is_none_or(|km| km < 5.0), "{line}: {found:?}");
        }
        let exact = NewPlace {
            point: Point::new(45.0, 4.0),
            ..address("Chez Léa, 69001 Lyon")
        };
        assert_eq!(position_of_town(&exact, &schedule("Europe/Paris")), None);
    }

    fn parts(line: &str) -> [String; 6] {
        let place = address(line);
        [
            place.name,
            place.street,
            place.postal_code,
            place.locality,
            place.region,
            place.country,
        ]
        .map(|part| part.to_string())
    }

    #[test]
    fn an_address_with_a_postal_code_is_taken_apart() {
        assert_eq!(
            parts("Salle des fêtes, Rue de l'Église 3, 5651 Tarcienne, Belgique"),
            [
                "Salle des fêtes",
                "Rue de l'Église 3",
                "5651",
                "Tarcienne",
                "",
                "Belgique"
            ]
        );
        assert_eq!(
            parts("Rue Haute 1\n15110 Jabrun"),
            ["", "Rue Haute 1", "15110", "Jabrun", "", ""]
        );
        assert_eq!(
            parts("Kulturfabrik, Esch, L-4221 Esch-sur-Alzette, Sud, Luxembourg"),
            [
                "Kulturfabrik",
                "Esch",
                "L-4221",
                "Esch-sur-Alzette",
                "Sud",
                "Luxembourg"
            ]
        );
    }

    #[test]
    fn any_other_line_is_a_name() {
        for line in [
            "Open Source Project (1415 E University Dr. #103A, Tempe, AZ 85281)",
            "Place",
            "5651 Tarcienne",
            "Salle 12, 2026 05 12",
            "Salle, 123456 Ville",
        ] {
            assert_eq!(parts(line), [line, "", "", "", "", ""].map(str::to_owned), "{line}");
        }
        assert_eq!(parts("Salle\ndes fêtes,,")[0], "Salle, des fêtes");
    }

    #[test]
    fn only_a_word_for_it_means_online() {
        assert!(says_online("En ligne") && says_online("Online!"));
        assert!(!says_online("Café Online") && !says_online(""));
    }
}
