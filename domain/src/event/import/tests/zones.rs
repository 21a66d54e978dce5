//! What TZIDs mean.

use super::{calendar, dates, kinds, read, series, single};
use crate::event::import::NoteKind;

fn event(zones: &str, start: &str) -> String {
    calendar(&format!("{zones}\nEVENT\nUID:1\n{start}\nSUMMARY:a\n/EVENT"))
}

/// A description that no zone of the world agrees with in summer: 45 minutes.
fn odd(tzid: &str) -> String {
    description(tzid, "+0100", "+0145")
}

fn description(tzid: &str, winter: &str, summer: &str) -> String {
    format!(
        "BEGIN:VTIMEZONE\nTZID:{tzid}\nBEGIN:STANDARD\nDTSTART:16011028T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nTZOFFSETFROM:{summer}\nTZOFFSETTO:{winter}\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010325T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nTZOFFSETFROM:{winter}\nTZOFFSETTO:{summer}\nEND:DAYLIGHT\nEND:VTIMEZONE"
    )
}

#[test]
fn a_name_that_is_known_comes_before_the_description_in_the_file() {
    let reading = read(&event(
        &odd("Europe/Brussels"),
        "DTSTART;TZID=Europe/Brussels:20260701T100000",
    ));
    assert_eq!(dates(&reading), ["2026-07-01T08:00:00Z a"]);
    let hint = description("Custom", "+0100", "+0145").replace("TZID:Custom", "TZID:Custom\nX-LIC-LOCATION:Asia/Tokyo");
    let reading = read(&event(&hint, "DTSTART;TZID=Custom:20260701T100000"));
    assert_eq!(single(&reading).schedule.zone.name(), "Asia/Tokyo");
}

#[test]
fn a_described_zone_takes_the_name_of_one_that_agrees() {
    let file = |winter, summer, start: &str| event(&description("My zone", winter, summer), start);
    let reading = read(&file("+0100", "+0200", "DTSTART;TZID=My zone:20260701T100000"));
    assert_eq!(single(&reading).schedule.zone.name(), "Europe/Brussels");
    assert_eq!(dates(&reading), ["2026-07-01T08:00:00Z a"]);
    let reading = read(&file(
        "+0000",
        "+0100",
        "DTSTART;TZID=My zone:20260701T100000\nRRULE:FREQ=MONTHLY;COUNT=12",
    ));
    let name = series(&reading).recurrence.zone.name();
    assert!(
        name.starts_with("Europe/") && dates(&reading)[0] == "2026-07-01T09:00:00Z a",
        "{name}"
    );
    assert_eq!(dates(&reading)[11], "2027-06-01T09:00:00Z a");
    assert!(kinds(&reading).is_empty());
}

#[test]
fn the_dates_of_the_event_decide_not_the_set_of_offsets() {
    let file = event(
        &description("Екатеринбург", "+0500", "+0600"),
        "DTSTART;TZID=Екатеринбург:20080530T150000",
    );
    let reading = read(&file);
    assert_eq!(dates(&reading), ["2008-05-30T09:00:00Z a"]);
    assert_eq!(single(&reading).schedule.zone.name(), "Asia/Yekaterinburg");
}

#[test]
fn where_no_zone_agrees_moments_are_kept_and_shown_in_the_calendars_zone() {
    let reading = read(&event(
        &odd("Odd"),
        "DTSTART;TZID=Odd:20260701T100000\nDTEND;TZID=Odd:20260701T110000",
    ));
    assert_eq!(dates(&reading), ["2026-07-01T08:15:00Z/2026-07-01T09:15:00Z a"]);
    assert_eq!(single(&reading).schedule.zone.name(), "Europe/Brussels");
    assert_eq!(kinds(&reading), [NoteKind::ZoneWithoutName]);
}

#[test]
fn a_series_where_no_zone_agrees_has_its_dates_written_out() {
    let reading = read(&calendar(&format!(
        "{}\nEVENT\nUID:1\nDTSTART;TZID=Odd:20260601T100000\nRRULE:FREQ=MONTHLY;UNTIL=20261101T090000Z\nEXDATE;TZID=Odd:20260701T100000\nSUMMARY:a\n/EVENT\nEVENT\nUID:1\nRECURRENCE-ID:20260801T081500Z\nDTSTART:20260802T080000Z\nSUMMARY:b\n/EVENT",
        odd("Odd")
    )));
    assert_eq!(
        dates(&reading),
        [
            "2026-06-01T08:15:00Z a",
            "2026-08-02T08:00:00Z b",
            "2026-09-01T08:15:00Z a",
            "2026-10-01T08:15:00Z a",
            "2026-11-01T09:00:00Z a",
        ]
    );
    assert_eq!(series(&reading).recurrence.rule, None);
    assert_eq!(kinds(&reading), [NoteKind::ZoneWithoutName]);
}

#[test]
fn times_in_the_gap_and_overlap_of_a_description_are_those_of_every_zone() {
    let at = |local: &str| {
        let reading = read(&event(
            &description("My zone", "+0100", "+0200"),
            &format!("DTSTART;TZID=My zone:{local}"),
        ));
        dates(&reading)[0].clone()
    };
    assert_eq!(at("20260329T023000"), "2026-03-29T01:30:00Z a");
    assert_eq!(at("20261025T023000"), "2026-10-25T00:30:00Z a");
    assert_eq!(at("20261025T030000"), "2026-10-25T02:00:00Z a");
}

#[test]
fn an_unknown_name_takes_the_zone_of_the_calendar_with_one_note() {
    let reading = read(&calendar(
        "X-WR-TIMEZONE:Asia/Tokyo\nEVENT\nUID:1\nDTSTART;TZID=\"LOL\":20260701T100000\nDTEND;TZID=LOL:20260701T110000\nSUMMARY:a\n/EVENT\nEVENT\nUID:2\nDTSTART;TZID=LOL:20260702T100000\nSUMMARY:a\n/EVENT",
    ));
    assert_eq!(
        dates(&reading),
        ["2026-07-01T01:00:00Z/2026-07-01T02:00:00Z a", "2026-07-02T01:00:00Z a"]
    );
    assert_eq!(kinds(&reading), [NoteKind::UnknownZone]);
    let reading = read(&event("X-WR-TIMEZONE:Nowhere", "DTSTART;TZID=LOL:20260701T100000"));
    assert_eq!(dates(&reading), ["2026-07-01T08:00:00Z a"]);
    assert_eq!(kinds(&reading), [NoteKind::UnknownZone; 2]);
}

#[test]
fn floating_times_take_the_zone_of_the_calendar_and_moments_stay() {
    let reading = read(&event("X-WR-TIMEZONE:Asia/Tokyo", "DTSTART:20260701T100000"));
    assert_eq!(dates(&reading), ["2026-07-01T01:00:00Z a"]);
    let reading = read(&event("X-WR-TIMEZONE:Asia/Tokyo", "DTSTART:20260701T100000Z"));
    let schedule = &single(&reading).schedule;
    assert_eq!(
        (schedule.zone.name(), schedule.begin.compact().as_str()),
        ("Asia/Tokyo", "20260701T190000")
    );
    for utc in ["UTC", "Etc/UTC"] {
        let reading = read(&event(&format!("X-WR-TIMEZONE:{utc}"), "DTSTART:20260701T100000Z"));
        let schedule = &single(&reading).schedule;
        assert_eq!(
            (schedule.zone.name(), schedule.begin.compact().as_str()),
            ("Europe/Brussels", "20260701T120000")
        );
    }
}

#[test]
fn a_moment_in_the_repeated_hour_stays_that_moment() {
    for (start, expected) in [
        ("20261025T003000Z", "2026-10-25T00:30:00Z a"),
        ("20261025T013000Z", "2026-10-25T01:30:00Z a"),
    ] {
        assert_eq!(dates(&read(&event("", &format!("DTSTART:{start}")))), [expected]);
    }
}

#[test]
fn a_series_in_utc_keeps_utc() {
    let reading = read(&event("", "DTSTART:20261024T180000Z\nRRULE:FREQ=DAILY;COUNT=2"));
    assert_eq!(dates(&reading), ["2026-10-24T18:00:00Z a", "2026-10-25T18:00:00Z a"]);
    assert_eq!(series(&reading).recurrence.zone.name(), "UTC");
}

#[test]
fn until_is_utc_local_or_a_day() {
    for (start, until, count) in [
        ("DTSTART;TZID=Asia/Tokyo:20260701T080000", "20260702T230000Z", 3),
        ("DTSTART;TZID=Asia/Tokyo:20260701T080000", "20260702T225959Z", 2),
        ("DTSTART;TZID=Asia/Tokyo:20260701T080000", "20260703T080000", 3),
        ("DTSTART;TZID=Asia/Tokyo:20260701T080000", "20260703", 3),
        ("DTSTART;VALUE=DATE:20260701", "20260702T230000Z", 2),
        ("DTSTART;TZID=My zone:20260701T003000", "20260702T223000Z", 3),
        ("DTSTART;TZID=My zone:20260701T003000", "20260702T222959Z", 2),
    ] {
        let zones = description("My zone", "+0100", "+0200");
        let reading = read(&event(&zones, &format!("{start}\nRRULE:FREQ=DAILY;UNTIL={until}")));
        assert_eq!(dates(&reading).len(), count, "{start} {until}");
    }
}
