//! iCalendar (RFC 5545, RFC 7986), written with the crate `icalendar`, of which nothing is known outside this file.
//!
//! Its traps: it cleans neither parameter values nor lone CRs ([`quoted`], [`text`]); it makes up a missing DTSTAMP or
//! UID; it writes NAME without escaping; it has no VTIMEZONE; the time it takes to fold a line grows with the square of
//! its length, so that long texts are not given to it ([`Vevent`]). A subscribed calendar believes what it reads, so only
//! parsed addresses are written, and [`Lines`] looks at every line once more.

use super::{Site, head::Head, line::Lines, vtimezone};
use domain::{
    Error, Result,
    event::{Attendance, Entry, Event, State, Status},
    feed::{Feed, MOST_TEXT, SeriesFeed},
    place::Place,
    time::{Instant, LocalDateTime, Zone},
};
use icalendar::{Component, EventLike, Property};
use std::collections::BTreeMap;
use url::Url;

const PRODID: &str = "-//Kermesse//Kermesse//EN";
/// The colour of the site among those that have a name (RFC 7986 §5.9).
const COLOR: &str = "seagreen";
/// Calendars are asked to look once an hour. Some cannot read `P1H`.
const REFRESH: &str = "PT1H";
/// A rule may go on behind the last row of a series; zones are told so many years further.
const YEARS_OF_SERIES: i16 = 10;

/// A calendar to subscribe to.
pub(super) fn calendar(site: &Site, head: &Head, feed: &Feed) -> Result<String> {
    let name = text(&head.title);
    let mut properties = vec![
        Property::new("NAME", escaped(&name)),
        Property::new("X-WR-CALNAME", name.as_str()),
        Property::new("X-WR-TIMEZONE", zone_id(&head.zone).unwrap_or_else(|| "UTC".to_owned())),
        Property::new("COLOR", COLOR),
        Property::new("REFRESH-INTERVAL", REFRESH)
            .add_parameter("VALUE", "DURATION")
            .done(),
        Property::new("X-PUBLISHED-TTL", REFRESH),
    ];
    properties.extend(address(&head.page_url).map(|url| Property::new("URL", url)));
    let source = address(&head.own_url);
    properties.extend(source.map(|url| Property::new("SOURCE", url).add_parameter("VALUE", "URI").done()));
    properties.extend(feed.changed_at().map(|at| Property::new("LAST-MODIFIED", utc(at))));
    let events = feed
        .entries
        .iter()
        .map(|entry| vevent(site, entry, &entry.event.path()))
        .collect();
    write(properties, &Zones::of(&feed.entries), events)
}

/// A file with events, to be taken into a calendar once.
pub(super) fn events(site: &Site, entries: &[Entry]) -> Result<String> {
    let events = entries
        .iter()
        .map(|entry| vevent(site, entry, &entry.event.path()))
        .collect();
    write(Vec::new(), &Zones::of(entries), events)
}

/// A file with a series, which a calendar repeats by its rule.
pub(super) fn series(site: &Site, series: &SeriesFeed) -> Result<String> {
    let whole = &series.series;
    let mut master = vevent(site, &series.master, &whole.path());
    if let Some(rule) = whole.rule()? {
        master
            .written
            .add_property("RRULE", rule.export(&whole.zone, whole.all_day));
    }
    for date in &series.skipped {
        master
            .written
            .append_multi_property(original("EXDATE", *date, &whole.zone, whole.all_day));
    }
    for date in &series.added {
        master
            .written
            .append_multi_property(original("RDATE", *date, &whole.zone, whole.all_day));
    }
    let mut zones = Zones::of(series.overrides.iter().map(|(_, entry)| entry).chain([&series.master]));
    if !whole.all_day {
        let last = whole.horizon_local.day().parts().0.saturating_add(YEARS_OF_SERIES);
        zones.need(&whole.zone, whole.start_local.day().parts().0, last);
    }
    let overrides = series.overrides.iter().map(|(date, entry)| {
        let mut event = vevent(site, entry, &entry.event.path());
        event.written.uid(&text(&whole.ical_uid));
        event
            .written
            .append_property(original("RECURRENCE-ID", *date, &whole.zone, whole.all_day));
        event
    });
    write(Vec::new(), &zones, std::iter::once(master).chain(overrides).collect())
}

/// The zones that a calendar must tell of, each with the years in which it is needed.
#[derive(Default)]
struct Zones(BTreeMap<String, (Zone, i16, i16)>);

impl Zones {
    fn of<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Self {
        let mut zones = Self::default();
        for event in entries
            .into_iter()
            .map(|entry| &entry.event)
            .filter(|event| !event.all_day)
        {
            let (begin, end) = (event.zone.local(event.begins_at), event.zone.local(event.over_at));
            zones.need(&event.zone, begin.day().parts().0, end.day().parts().0);
        }
        zones
    }

    fn need(&mut self, zone: &Zone, first_year: i16, last_year: i16) {
        let Some(id) = zone_id(zone) else { return };
        let (_, first, last) = self
            .0
            .entry(id)
            .or_insert_with(|| (zone.clone(), first_year, last_year));
        *first = first_year.min(*first);
        *last = last_year.max(*last);
    }
}

/// An event; its text, which is long, beside what the library writes.
struct Vevent {
    written: icalendar::Event,
    description: String,
}

impl Vevent {
    fn write(self, lines: &mut Lines) -> Result<()> {
        let end = "END:VEVENT";
        let written = self.written.try_into_string().map_err(Error::internal)?;
        let open = written.trim_end().strip_suffix(end);
        lines.push_folded(open.ok_or_else(|| Error::bug("an event without an end"))?)?;
        if !self.description.is_empty() {
            lines.push(&format!("DESCRIPTION:{}", escaped(&self.description)))?;
        }
        lines.push(end)
    }
}

fn write(properties: Vec<Property>, zones: &Zones, events: Vec<Vevent>) -> Result<String> {
    let mut lines = Lines::default();
    let mut head = icalendar::Calendar::empty();
    for (name, value) in [
        ("VERSION", "2.0"),
        ("PRODID", PRODID),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
    ] {
        head.append_property(Property::new(name, value));
    }
    for property in properties {
        head.append_property(property);
    }
    let end = "END:VCALENDAR";
    let head = head.to_string();
    lines.push_folded(head.trim_end().strip_suffix(end).unwrap_or(&head))?;
    for (id, (zone, first, last)) in &zones.0 {
        vtimezone::write(&mut lines, id, zone, *first, *last)?;
    }
    for event in events {
        event.write(&mut lines)?;
    }
    lines.push(end)?;
    Ok(lines.into_text())
}

/// An event, with the page at `path` as its page.
fn vevent(site: &Site, entry: &Entry, path: &str) -> Vevent {
    let event = &entry.event;
    let mut written = icalendar::Event::new();
    written.uid(&text(&event.ical_uid));
    for (name, at) in [
        // The row's last change, not now: the same bytes for the same data.
        ("DTSTAMP", event.updated_at),
        ("LAST-MODIFIED", event.updated_at),
        ("CREATED", event.created_at),
    ] {
        written.add_property(name, utc(at));
    }
    written.add_property("SEQUENCE", event.sequence.max(0).to_string());
    written.add_property("STATUS", status(event.status));
    let words = site.words_for(event.language.as_ref());
    let title = text(event.title.as_str());
    written.summary(&if entry.is_cancelled() {
        words.cancelled(&title)
    } else {
        title
    });
    when(&mut written, event);
    place(&mut written, entry);
    let page = site.settings.url(path);
    if let Some(url) = address(&page) {
        written.url(&url);
    }
    if !entry.tags.is_empty() {
        written.categories(entry.tags.iter().map(|tag| text(tag.title.as_str())));
    }
    if let Some(url) = address(&site.settings.url(&entry.owner.path())) {
        let organizer = Property::new("ORGANIZER", url)
            .add_parameter("CN", &quoted(entry.owner.title()))
            .done();
        written.append_property(organizer);
    }
    Vevent {
        written,
        description: description(entry, &page),
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Tentative => "TENTATIVE",
        Status::Confirmed => "CONFIRMED",
        Status::Cancelled => "CANCELLED",
    }
}

/// DTSTART, and DTEND where there is an end behind the begin.
fn when(written: &mut icalendar::Event, event: &Event) {
    if event.all_day {
        let end = event.local_end.unwrap_or_else(|| event.local_begin.plus_days(1));
        written.append_property(date("DTSTART", event.local_begin));
        written.append_property(date("DTEND", end));
        return;
    }
    written.append_property(moment("DTSTART", event.begins_at, &event.zone));
    if event.local_end.is_some() && event.over_at > event.begins_at {
        written.append_property(moment("DTEND", event.over_at, &event.zone));
    }
}

fn date(name: &str, day: LocalDateTime) -> Property {
    let compact = day.compact();
    let day = compact.split('T').next().unwrap_or_default();
    Property::new(name, day).add_parameter("VALUE", "DATE").done()
}

/// A moment, as the clock of a zone shows it. Readers disagree about what the clock jumps over and what it shows twice:
/// the former is written as it will be shown, the latter in UTC.
fn moment(name: &str, at: Instant, zone: &Zone) -> Property {
    let local = zone.local(at);
    match zone_id(zone) {
        Some(id) if !zone.shows_twice(local) => reading(name, local, &id),
        _ => Property::new(name, utc(at)),
    }
}

/// The original begin of a date of a series, as its rule gives it.
fn original(name: &str, at: LocalDateTime, zone: &Zone, all_day: bool) -> Property {
    match zone_id(zone) {
        _ if all_day => date(name, at),
        Some(id) => reading(name, at, &id),
        None => Property::new(name, utc(zone.instant(at))),
    }
}

fn reading(name: &str, at: LocalDateTime, zone: &str) -> Property {
    Property::new(name, at.compact()).add_parameter("TZID", zone).done()
}

/// `20261205T170000Z`
fn utc(at: Instant) -> String {
    format!("{}Z", Zone::UTC.local(at).compact())
}

/// The name of a zone in a calendar; `None` for UTC, which has a writing of its own. An offset of whole hours has a
/// name that every reader knows, with the sign turned round; another one has a name of ours and is told by a VTIMEZONE.
fn zone_id(zone: &Zone) -> Option<String> {
    let name = zone.name();
    let Some((sign, digits)) = name.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-")) else {
        return (*zone != Zone::UTC).then(|| name.to_owned());
    };
    let (hours, minutes) = digits.split_once(':')?;
    let whole: i8 = hours.parse().ok()?;
    match (sign, whole, minutes) {
        (_, 0, "00") => None,
        ("+", 1..=14, "00") => Some(format!("Etc/GMT-{whole}")),
        ("-", 1..=12, "00") => Some(format!("Etc/GMT+{whole}")),
        _ => Some(format!("UTC{sign}{hours}{minutes}")),
    }
}

/// One line: the place; for what is only on the web, the link.
fn place(written: &mut icalendar::Event, entry: &Entry) {
    if let Some(link) = meeting_link(entry) {
        written.location(&link);
    } else if let Some(place) = &entry.place {
        written.location(&text(&place.line()));
        if let Some(point) = place.point() {
            written.add_property("GEO", format!("{:.6};{:.6}", point.lat(), point.lon()));
        }
    }
}

/// Where one meets, if it is nowhere else.
fn meeting_link(entry: &Entry) -> Option<String> {
    let is_nowhere = entry.place.as_ref().is_none_or(|place: &Place| place.line().is_empty());
    match entry.event.attendance {
        Attendance::Online => link(entry),
        Attendance::Hybrid if is_nowhere => link(entry),
        Attendance::Hybrid | Attendance::InPerson => None,
    }
}

fn link(entry: &Entry) -> Option<String> {
    entry.event.online_address.as_deref().and_then(address)
}

/// The text without markup; links at its end, the page of the event last.
fn description(entry: &Entry, page: &str) -> String {
    let plain = entry.description.to_plain();
    let short: String = plain.chars().take(MOST_TEXT as usize).collect();
    let mut parts = vec![short];
    if meeting_link(entry).is_none() {
        parts.extend(link(entry));
    }
    if entry.event.state != State::Deleted {
        parts.push(page.to_owned());
    }
    parts.retain(|part| !part.is_empty());
    text(&parts.join("\n\n"))
}

/// A web address, parsed and written again; `None` for what is none.
fn address(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}

/// Text for a value: line ends become LF (which the library escapes), tabs blanks, other control characters go.
fn text(value: &str) -> String {
    let value = value.replace("\r\n", "\n");
    let clean = value.chars().filter_map(|c| match c {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\t' => Some(' '),
        c if c.is_control() => None,
        c => Some(c),
    });
    clean.collect()
}

/// Text for a property that the library does not escape: of a type that it does not know, or written without it.
fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace(',', "\\,")
        .replace(';', "\\;")
        .replace('\n', "\\n")
}

/// Text for a parameter (RFC 6868). In quotes, also where the library sees no need: some readers do.
fn quoted(value: &str) -> String {
    let encoded = text(value).replace('^', "^^").replace('\n', "^n").replace('"', "^'");
    format!("\"{encoded}\"")
}

#[cfg(test)]
mod tests;
