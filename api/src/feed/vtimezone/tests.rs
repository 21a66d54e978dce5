//! A small reader of VTIMEZONE, whose offsets are compared with those of the tzdb.

use super::*;
use domain::time::{Day, Instant};

/// Zones of all habits: rules of Europe and America, the south, half hours, one that goes by the moon, none at all.
const ZONES: [&str; 24] = [
    "Europe/Brussels",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Europe/Moscow",
    "Atlantic/Azores",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Vancouver",
    "America/Nuuk",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Jerusalem",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Antarctica/Troll",
];

fn written(zone: &Zone, first_year: i16, last_year: i16) -> String {
    let mut lines = Lines::default();
    write(&mut lines, zone.name(), zone, first_year, last_year).unwrap();
    lines.into_text()
}

/// The onsets of a VTIMEZONE up to a year, each with the offset after it: what a reader makes of it.
fn onsets(text: &str, last_year: i16) -> Vec<(Instant, i32)> {
    let mut onsets = Vec::new();
    let mut observance: BTreeMap<String, String> = BTreeMap::new();
    for line in text.lines() {
        match line.split_once(':').unwrap() {
            ("BEGIN", _) => observance.clear(),
            ("END", "STANDARD" | "DAYLIGHT") => {
                let (from, to) = (seconds(&observance["TZOFFSETFROM"]), seconds(&observance["TZOFFSETTO"]));
                let start = LocalDateTime::from_compact(&observance["DTSTART"]).unwrap();
                for local in repeated(start, observance.get("RRULE"), last_year) {
                    onsets.push((Zone::UTC.instant(local).plus_seconds(-i64::from(from)), to));
                }
            }
            ("END", _) => {}
            (name, value) => drop(observance.insert(name.to_owned(), value.to_owned())),
        }
    }
    onsets.sort();
    onsets
}

fn seconds(offset: &str) -> i32 {
    let number = |at: std::ops::Range<usize>| offset.get(at).map_or(0, |digits| digits.parse().unwrap());
    let seconds = number(1..3) * 3600 + number(3..5) * 60 + number(5..7);
    if offset.starts_with('-') { -seconds } else { seconds }
}

fn repeated(start: LocalDateTime, rule: Option<&String>, last_year: i16) -> Vec<LocalDateTime> {
    let Some(rule) = rule else { return vec![start] };
    let parts: BTreeMap<&str, &str> = rule.split(';').map(|part| part.split_once('=').unwrap()).collect();
    let month: i8 = parts["BYMONTH"].parse().unwrap();
    let (week, name) = parts["BYDAY"].split_at(parts["BYDAY"].len() - 2);
    let weekday = (0..)
        .zip(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
        .find(|(_, day)| *day == name);
    let (weekday, _): (i8, _) = weekday.unwrap();
    let of_year = |year: i16| {
        let days = (1..=31).filter_map(|day| Day::new(year, month, day));
        let days: Vec<Day> = days.filter(|day| day.days_from_monday() == weekday).collect();
        let day = match week {
            "-1" => days[days.len() - 1],
            nth => days[nth.parse::<usize>().unwrap() - 1],
        };
        let (hour, minute, second) = start.clock();
        LocalDateTime::new(day, hour, minute, second).unwrap()
    };
    let times: Vec<LocalDateTime> = (start.day().parts().0..=last_year).map(of_year).collect();
    assert!(
        times.first().is_none_or(|first| *first == start),
        "DTSTART is the first date of {rule}"
    );
    times
}

fn assert_told(zone: &Zone, first_year: i16, last_year: i16, checked_to: i16) {
    let text = written(zone, first_year, last_year);
    let onsets = onsets(&text, checked_to);
    let moment = |year: i16| Zone::UTC.instant(Day::new(year, 1, 1).unwrap().midnight());
    let told = |at: Instant| {
        let behind = onsets.partition_point(|(onset, _)| *onset <= at);
        behind.checked_sub(1).map(|last| onsets[last].1)
    };
    let check = |at: Instant| {
        assert_eq!(
            told(at),
            Some(zone.offset_seconds(at)),
            "{} at {at}\n{text}",
            zone.name()
        );
    };
    // A year begins elsewhere at another moment.
    let mut at = moment(first_year).plus_seconds(-86_400);
    while at < moment(checked_to + 1).plus_seconds(86_400) {
        check(at);
        at = at.plus_seconds(86_400 - 17);
    }
    for (onset, _) in onsets
        .iter()
        .filter(|(onset, _)| (moment(first_year)..moment(checked_to + 1)).contains(onset))
    {
        check(onset.plus_seconds(-1));
        check(*onset);
    }
}

#[test]
fn a_reader_without_a_tzdb_has_the_offsets_of_ours() {
    for name in ZONES {
        let zone = Zone::named(name).unwrap();
        assert_told(&zone, 2026, 2027, 2028);
        assert_told(&zone, 2015, 2036, 2037);
        assert_told(&zone, 1970, 1985, 1986);
    }
}

#[test]
fn what_is_a_rule_holds_for_ever() {
    for name in [
        "Europe/Brussels",
        "Europe/London",
        "America/New_York",
        "Australia/Lord_Howe",
        "Pacific/Auckland",
    ] {
        assert_told(&Zone::named(name).unwrap(), 2026, 2027, 2075);
    }
}

#[test]
fn every_zone_can_be_told() {
    for name in ["UTC", "+05:30", "Etc/GMT-2", "Asia/Tokyo"] {
        let zone = Zone::named(name).unwrap();
        assert_told(&zone, 2026, 2027, 2030);
        assert_eq!(written(&zone, 2026, 2027).matches("BEGIN:STANDARD").count(), 1);
    }
    written(&Zone::UTC, 1, 9998);
    written(&Zone::named("Europe/Brussels").unwrap(), 1, 1);
    written(&Zone::named("Europe/Brussels").unwrap(), 9998, 9998);
}

#[test]
fn rules_are_short_and_say_the_last_sunday() {
    insta::assert_snapshot!(written(&Zone::named("Europe/Brussels").unwrap(), 2026, 2027));
}

#[test]
fn an_event_of_eight_thousand_years_needs_no_more_than_one_of_seventy() {
    let zone = Zone::named("Europe/Brussels").unwrap();
    let text = |first, last| {
        let mut lines = Lines::default();
        write(&mut lines, "Europe/Brussels", &zone, first, last).unwrap();
        lines.into_text()
    };
    assert_eq!(text(2026, 9998), text(2026, 2100));
    assert!(text(2026, 9998).len() < 2_000);
    assert!(text(9998, 9998).contains("RRULE"));
}
