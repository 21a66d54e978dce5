//! The rules of reading, row by row.

use super::{calendar, dates, kinds, notes, options, read, series, single};
use crate::event::import::{Kind, MOST_BYTES, NoteKind, Refused};

#[test]
fn an_event_comes_in_with_its_zone() {
    let reading = read(&calendar(
        "NAME:Fêtes\nX-WR-TIMEZONE:Europe/Paris\nEVENT\nUID:1\nDTSTART;TZID=America/New_York:20261205T180000\nDTEND;TZID=America/New_York:20261205T190000\nSUMMARY:Soupe\nSEQUENCE:3\n/EVENT",
    ));
    assert_eq!(dates(&reading), ["2026-12-05T23:00:00Z/2026-12-06T00:00:00Z Soupe"]);
    assert_eq!(reading.name.as_ref().unwrap().as_str(), "Fêtes");
    assert_eq!(reading.zone.as_ref().unwrap().name(), "Europe/Paris");
    assert_eq!(
        (single(&reading).schedule.zone.name(), single(&reading).sequence),
        ("America/New_York", 3)
    );
    assert!(reading.complete && reading.notes.is_empty());
    assert_eq!(
        (reading.items[0].uid.as_str(), reading.items[0].digest.len()),
        ("1", 64)
    );
}

#[test]
fn what_is_no_calendar_is_refused_with_the_reason() {
    let refused = |bytes: &[u8]| crate::event::import::read(bytes, &options()).unwrap_err();
    assert_eq!(refused(b""), Refused::NoCalendar);
    assert_eq!(refused(b"BEGIN:V\nRRULE:%n;BYMONTH="), Refused::NoCalendar);
    assert_eq!(
        refused(b"BEGIN:VEVENT\nDTSTART:20260101\nEND:VEVENT"),
        Refused::NoCalendar
    );
    assert_eq!(
        refused(b"\xEF\xBB\xBF \n<!DOCTYPE html><title>Agenda</title>"),
        Refused::WebPage
    );
    assert_eq!(refused(&vec![b'X'; MOST_BYTES + 1]), Refused::TooLarge);
    assert!(read("\u{feff}BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n").items.is_empty());
}

#[test]
fn a_file_that_was_cut_gives_what_is_there_and_says_so() {
    let whole = calendar(
        "EVENT\nUID:1\nDTSTART:20260101T100000Z\n/EVENT\nEVENT\nUID:2\nDTSTART:20260102T100000Z\nSUMMARY:b\n/EVENT",
    );
    let cut = read(whole.split("SUMMARY").next().unwrap());
    assert!(!cut.complete && kinds(&cut).contains(&NoteKind::Incomplete));
    let items: Vec<_> = cut.items.iter().map(|item| (item.uid.as_str(), item.cut)).collect();
    assert_eq!(items, [("1", false), ("2", true)]);
    let closed = read(whole.trim_end().trim_end_matches("END:VCALENDAR"));
    assert!(!closed.complete && closed.items.iter().all(|item| !item.cut));
    let half = read(whole.split("0Z\r\nSUMMARY").next().unwrap());
    assert_eq!(half.items.len(), 1, "half a date is no date");
}

#[test]
fn an_event_without_a_possible_begin_is_skipped_with_a_note() {
    let reading = read(&calendar(
        "EVENT\nSUMMARY:a\n/EVENT\nEVENT\nUID:2\nDTSTART:20260230T100000\n/EVENT\nEVENT\nUID:3\nDTSTART:soon\n/EVENT\nEVENT\nUID:4\nDTSTART:\n/EVENT",
    ));
    assert_eq!(
        notes(&reading),
        [
            (NoteKind::NoStart, Some(2)),
            (NoteKind::BadStart, Some(5)),
            (NoteKind::BadStart, Some(9)),
            (NoteKind::NoStart, Some(13))
        ]
    );
    assert_eq!(reading.notes[1].what.as_deref(), Some("2026-02-30 10:00"));
    assert!(reading.items.is_empty() && !reading.complete);
}

#[test]
fn where_something_was_left_out_unread_nothing_may_be_removed() {
    let good = "EVENT\nUID:1\nDTSTART:20260101T100000Z\nRRULE:FREQ=DAILY\n/EVENT";
    for (rest, complete) in [
        ("EVENT\nUID:2\n/EVENT", false),
        ("EVENT\nUID:2\nDTSTART:soon\n/EVENT", false),
        ("EVENT\nUID:2\nDTSTART;TZID=a\n/EVENT", false),
        (
            "EVENT\nUID:1\nRECURRENCE-ID:20260230T100000Z\nDTSTART:20260102T110000Z\n/EVENT",
            false,
        ),
        (
            "EVENT\nUID:1\nRECURRENCE-ID:20260102T100000Z\nDTSTART:20260230T110000Z\n/EVENT",
            false,
        ),
        // These were read, and say that there is nothing to show.
        ("EVENT\nUID:2\nDTSTART:20260101T100000Z\nCLASS:PRIVATE\n/EVENT", true),
        (
            "EVENT\nUID:2\nDTSTART:20260101T100000Z\nRRULE:FREQ=DAILY;COUNT=1\nEXDATE:20260101T100000Z\n/EVENT",
            true,
        ),
        (
            "EVENT\nUID:1\nRECURRENCE-ID:20250102T100000Z\nDTSTART:20260102T110000Z\n/EVENT",
            true,
        ),
        ("BEGIN:VTODO\nUID:2\nEND:VTODO", true),
    ] {
        let reading = read(&calendar(&format!("{good}\n{rest}")));
        assert_eq!((reading.items.len(), reading.complete), (1, complete), "{rest}");
    }
}

#[test]
fn an_event_without_uid_has_the_same_one_at_each_reading() {
    let file = calendar(
        "EVENT\nDTSTART;VALUE=DATE:20260409\nSUMMARY:a\n/EVENT\nEVENT\nDTSTART;VALUE=DATE:20260409\nSUMMARY:b\n/EVENT",
    );
    let (one, two) = (read(&file), read(&file));
    assert_eq!(one, two);
    assert_eq!(one.items.len(), 2);
    assert_ne!(one.items[0].uid, one.items[1].uid);
    let long = "x".repeat(5_000);
    let reading = read(&calendar(&format!("EVENT\nUID:{long}\nDTSTART:20260409\n/EVENT")));
    assert_eq!(reading.items[0].uid.len(), 64);
}

#[test]
fn of_several_versions_the_newest_counts() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART:20260101T100000Z\nSEQUENCE:2\nSUMMARY:new\n/EVENT\nEVENT\nUID:1\nDTSTART:20260101T090000Z\nSEQUENCE:1\nDTSTAMP:20300101T000000Z\nSUMMARY:old\n/EVENT\nEVENT\nUID:2\nDTSTART:20260102T100000Z\nDTSTAMP:20260101T000000Z\nSUMMARY:old\n/EVENT\nEVENT\nUID:2\nDTSTART:20260102T110000Z\nDTSTAMP:20260101T000001Z\nSUMMARY:new\n/EVENT",
    ));
    assert_eq!(
        dates(&reading),
        ["2026-01-01T10:00:00Z new", "2026-01-02T11:00:00Z new"]
    );
    assert_eq!(
        notes(&reading),
        [(NoteKind::OlderVersion, Some(8)), (NoteKind::OlderVersion, Some(15))]
    );
}

#[test]
fn a_rule_becomes_a_series_on_the_clock_of_its_zone() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART;TZID=Europe/Brussels:20261023T200000\nDTEND;TZID=Europe/Brussels:20261024T020000\nRRULE:FREQ=DAILY;COUNT=3\nSUMMARY:a\n/EVENT",
    ));
    assert_eq!(
        dates(&reading),
        [
            "2026-10-23T18:00:00Z/2026-10-24T00:00:00Z a",
            "2026-10-24T18:00:00Z/2026-10-25T00:00:00Z a",
            "2026-10-25T19:00:00Z/2026-10-26T01:00:00Z a",
        ]
    );
    assert_eq!(series(&reading).duration_s, Some(6 * 3_600));
}

#[test]
fn a_rule_that_asks_too_much_leaves_the_first_date() {
    for rule in [
        "FREQ=SECONDLY",
        "FREQ=HOURLY;COUNT=3",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=65537",
        "FREQ=DAILY;COUNT=1e9",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12;BYMINUTE=0,30",
        "W1 MO #0",
    ] {
        let reading = read(&calendar(&format!(
            "EVENT\nUID:1\nDTSTART:20260101T100000Z\nRRULE:{rule}\nSUMMARY:a\n/EVENT"
        )));
        assert_eq!(dates(&reading), ["2026-01-01T10:00:00Z a"], "{rule}");
        assert_eq!(notes(&reading), [(NoteKind::RuleRefused, Some(2))], "{rule}");
        assert!(matches!(reading.items[0].kind, Kind::Single(_)), "{rule}");
    }
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART:20260101T100000Z\nRRULE:FREQ=DAILY;COUNT=1000000000\n/EVENT",
    ));
    assert_eq!(dates(&reading).len(), 730);
}

#[test]
fn a_second_rule_and_a_rule_of_exceptions_are_left_out_with_a_note() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART:20260101T100000Z\nRRULE:FREQ=DAILY;COUNT=2\nRRULE:FREQ=YEARLY\nEXRULE:FREQ=DAILY\nSUMMARY:a\n/EVENT",
    ));
    assert_eq!(dates(&reading).len(), 2);
    assert_eq!(kinds(&reading), [NoteKind::RuleIgnored; 2]);
}

#[test]
fn overrides_find_their_date_in_any_order_and_any_zone() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nRECURRENCE-ID:20260707T050000Z\nDTSTART;TZID=Europe/Brussels:20260707T090000\nSUMMARY:moved\n/EVENT\nEVENT\nUID:1\nDTSTART;TZID=Europe/Brussels:20260706T070000\nRRULE:FREQ=DAILY;COUNT=4\nSUMMARY:a\n/EVENT\nEVENT\nUID:1\nRECURRENCE-ID;TZID=America/New_York:20260708T010000\nDTSTART:20260708T050000Z\nSTATUS:CANCELLED\nRRULE:FREQ=DAILY\n/EVENT\nEVENT\nUID:1\nRECURRENCE-ID;VALUE=DATE:20260709\nDTSTART:20260710T170000Z\nSTATUS:TENTATIVE\nSUMMARY:later\n/EVENT",
    ));
    assert_eq!(
        dates(&reading),
        [
            "2026-07-06T05:00:00Z a",
            "2026-07-07T07:00:00Z moved",
            "2026-07-08T05:00:00Z a Cancelled",
            "2026-07-10T17:00:00Z later Tentative",
        ]
    );
    let originals: Vec<_> = series(&reading)
        .overrides
        .iter()
        .map(|one| one.original.compact())
        .collect();
    assert_eq!(originals, ["20260707T070000", "20260708T070000", "20260709T070000"]);
    let later = &series(&reading).overrides[2].event.schedule;
    assert_eq!(
        (later.zone.name(), later.begin.compact().as_str()),
        ("Europe/Brussels", "20260710T190000")
    );
}

#[test]
fn overrides_of_whole_days_compare_as_dates() {
    for id in [
        "RECURRENCE-ID;VALUE=DATE:20260226",
        "RECURRENCE-ID;TZID=W. Europe Standard Time:20260226T000000",
        "RECURRENCE-ID:20260226T000000Z",
        "RECURRENCE-ID:20260225T230000Z",
    ] {
        let reading = read(&calendar(&format!(
            "EVENT\nUID:1\nDTSTART;VALUE=DATE:20260219\nDTEND;VALUE=DATE:20260220\nRRULE:FREQ=WEEKLY;COUNT=2\nSUMMARY:a\n/EVENT\nEVENT\nUID:1\n{id}\nDTSTART;VALUE=DATE:20260227\nSUMMARY:b\n/EVENT"
        )));
        assert_eq!(
            dates(&reading),
            ["2026-02-19/2026-02-20 a", "2026-02-27/2026-02-28 b"],
            "{id}"
        );
        assert!(reading.notes.iter().all(|note| note.kind != NoteKind::UnknownInstance));
    }
}

#[test]
fn of_several_overrides_of_a_date_the_newest_counts() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART:20260101T100000Z\nRRULE:FREQ=DAILY;COUNT=1\n/EVENT\nEVENT\nUID:1\nRECURRENCE-ID:20260101T100000Z\nDTSTART:20260101T120000Z\nSEQUENCE:2\nSUMMARY:new\n/EVENT\nEVENT\nUID:1\nRECURRENCE-ID:20260101T100000Z\nDTSTART:20260101T110000Z\nSEQUENCE:1\nSUMMARY:old\n/EVENT",
    ));
    assert_eq!(dates(&reading), ["2026-01-01T12:00:00Z new"]);
    assert!(kinds(&reading).contains(&NoteKind::OlderVersion));
}

#[test]
fn an_override_that_meets_no_date_is_ignored_with_a_note() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART;VALUE=DATE:20260701\nRRULE:FREQ=WEEKLY;COUNT=3\nEXDATE;VALUE=DATE:20260708\nSUMMARY:a\n/EVENT\nEVENT\nUID:1\nRECURRENCE-ID;VALUE=DATE:20260708\nDTSTART;VALUE=DATE:20260709\nSUMMARY:b\n/EVENT\nEVENT\nUID:2\nDTSTART;VALUE=DATE:20260801\nSUMMARY:c\n/EVENT\nEVENT\nUID:2\nRECURRENCE-ID;VALUE=DATE:20260802\nDTSTART;VALUE=DATE:20260803\nSUMMARY:d\n/EVENT",
    ));
    assert_eq!(
        dates(&reading),
        [
            "2026-07-01/2026-07-02 a",
            "2026-07-15/2026-07-16 a",
            "2026-08-01/2026-08-02 c"
        ]
    );
    assert_eq!(
        notes(&reading),
        [
            (NoteKind::UnknownInstance, Some(9)),
            (NoteKind::UnknownInstance, Some(20))
        ]
    );
}

#[test]
fn an_override_without_a_master_is_an_event_unless_it_is_there_already() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART;VALUE=DATE:20261210\nRRULE:FREQ=YEARLY;COUNT=2\nSUMMARY:a\n/EVENT\nEVENT\nUID:2\nRECURRENCE-ID;VALUE=DATE:20271210\nDTSTART;VALUE=DATE:20271210\nSUMMARY:a\n/EVENT\nEVENT\nUID:2\nRECURRENCE-ID;VALUE=DATE:20281210\nDTSTART;VALUE=DATE:20281210\nSUMMARY:a\n/EVENT\nEVENT\nUID:2\nRECURRENCE-ID;VALUE=DATE:20291210\nDTSTART;VALUE=DATE:20291211\nSUMMARY:a\n/EVENT",
    ));
    assert_eq!(
        dates(&reading),
        ["2026-12-10", "2027-12-10", "2028-12-10", "2029-12-11"].map(with_next_day)
    );
    assert_eq!(notes(&reading), [(NoteKind::Repeated, Some(8))]);
    let items: Vec<_> = reading
        .items
        .iter()
        .map(|item| (item.uid.as_str(), item.original.is_some()))
        .collect();
    assert_eq!(items, [("1", false), ("2", true), ("2", true)]);
}

fn with_next_day(day: &str) -> String {
    let next = super::day(day).plus_days(1);
    format!("{day}/{next} a")
}

#[test]
fn a_change_of_this_and_future_changes_this_one_only() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART:20260901T120000Z\nRRULE:FREQ=DAILY;COUNT=3\nSUMMARY:a\n/EVENT\nEVENT\nUID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260902T120000Z\nDTSTART:20260902T090000Z\nSUMMARY:b\n/EVENT",
    ));
    assert_eq!(
        dates(&reading),
        [
            "2026-09-01T12:00:00Z a",
            "2026-09-02T09:00:00Z b",
            "2026-09-03T12:00:00Z a"
        ]
    );
    assert_eq!(notes(&reading), [(NoteKind::ThisAndFuture, Some(8))]);
}

#[test]
fn left_out_dates_are_days_times_or_moments() {
    for exdate in [
        "EXDATE;VALUE=DATE:20260602",
        "EXDATE:20260602T070000Z",
        "EXDATE;TZID=America/New_York:20260602T030000",
        "EXDATE:20260602T090000",
        "EXDATE;TZID=Europe/Brussels:20260101T000000,20260602T090000",
    ] {
        let reading = read(&calendar(&format!(
            "EVENT\nUID:1\nDTSTART;TZID=Europe/Brussels:20260601T090000\nRRULE:FREQ=DAILY;COUNT=3\n{exdate}\nSUMMARY:a\n/EVENT"
        )));
        assert_eq!(
            dates(&reading),
            ["2026-06-01T07:00:00Z a", "2026-06-03T07:00:00Z a"],
            "{exdate}"
        );
        assert!(reading.notes.is_empty());
    }
}

#[test]
fn a_day_that_is_left_out_takes_every_time_of_that_day() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART:20260601T090000Z\nRRULE:FREQ=DAILY;COUNT=6;BYHOUR=9,15\nRDATE:20260602T200000Z\nEXDATE;VALUE=DATE:20260602\nSUMMARY:a\n/EVENT",
    ));
    assert_eq!(
        dates(&reading),
        [
            "2026-06-01T09:00:00Z a",
            "2026-06-01T15:00:00Z a",
            "2026-06-03T09:00:00Z a",
            "2026-06-03T15:00:00Z a"
        ]
    );
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART:20260601T150000Z\nRRULE:FREQ=DAILY;COUNT=3;BYHOUR=17\nEXDATE;VALUE=DATE:20260602\nSUMMARY:a\n/EVENT",
    ));
    let hours = ["01T15", "01T17", "03T17"].map(|hour| format!("2026-06-{hour}:00:00Z a"));
    assert_eq!(dates(&reading), hours);
}

#[test]
fn of_several_versions_of_a_date_without_its_event_the_newest_counts() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nRECURRENCE-ID:20260602T100000Z\nDTSTART:20260602T120000Z\nSEQUENCE:2\nSUMMARY:new\n/EVENT\nEVENT\nUID:1\nRECURRENCE-ID:20260602T100000Z\nDTSTART:20260602T110000Z\nSEQUENCE:1\nSUMMARY:old\n/EVENT",
    ));
    assert_eq!(dates(&reading), ["2026-06-02T12:00:00Z new"]);
    assert_eq!(notes(&reading), [(NoteKind::OlderVersion, Some(9))]);
}

#[test]
fn left_out_moments_find_dates_that_the_clock_jumps_over() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART;TZID=Europe/Brussels:20260328T023000\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260329T013000Z\nSUMMARY:a\n/EVENT",
    ));
    assert_eq!(dates(&reading), ["2026-03-28T01:30:00Z a", "2026-03-30T00:30:00Z a"]);
}

#[test]
fn a_series_without_a_date_left_is_skipped_with_a_note() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART:20260601T090000Z\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20260601T090000Z,20260602T090000Z\n/EVENT\nEVENT\nUID:2\nDTSTART:20060601T090000Z\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20060601T090000Z\nSUMMARY:b\n/EVENT",
    ));
    assert_eq!(dates(&reading), ["2006-06-02T09:00:00Z b"]);
    assert!(kinds(&reading).contains(&NoteKind::NoDate));
}

#[test]
fn added_dates_may_be_periods_days_or_times_of_elsewhere() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART;TZID=Europe/Brussels:20260601T090000\nDTEND;TZID=Europe/Brussels:20260601T100000\nRDATE;VALUE=PERIOD:20260602T090000/PT5H,20260603T070000Z/20260603T120000Z\nRDATE;VALUE=DATE:20260604\nRDATE;TZID=America/New_York:20260605T030000\nRDATE:20260532T090000,\nSUMMARY:a\n/EVENT",
    ));
    assert_eq!(
        dates(&reading),
        ["01", "02", "03", "04", "05"].map(|day| format!("2026-06-{day}T07:00:00Z/2026-06-{day}T08:00:00Z a"))
    );
    assert_eq!(kinds(&reading), [NoteKind::BadDate]);
    assert_eq!(series(&reading).recurrence.rule, None);
}

#[test]
fn added_days_may_end_in_z_and_come_before_the_begin() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART;VALUE=DATE:20141210\nRRULE:FREQ=DAILY;COUNT=1\nRDATE:20131210Z\nRDATE:20121210T080000\nSUMMARY:a\n/EVENT",
    ));
    assert_eq!(
        dates(&reading),
        ["2012-12-10", "2013-12-10", "2014-12-10"].map(with_next_day)
    );
}

#[test]
fn ends_are_what_is_said_of_them() {
    for (lines, expected) in [
        ("DTSTART:20260601T100000Z", "2026-06-01T10:00:00Z"),
        (
            "DTSTART:20260601T100000Z\nDTEND:20260601T100000Z",
            "2026-06-01T10:00:00Z",
        ),
        (
            "DTSTART:20260601T100000Z\nDTEND:20260601T090000Z",
            "2026-06-01T10:00:00Z",
        ),
        (
            "DTSTART:20260601T100000Z\nDTEND:20260632T090000Z",
            "2026-06-01T10:00:00Z",
        ),
        ("DTSTART:20260601T100000Z\nDURATION:-PT1H", "2026-06-01T10:00:00Z"),
        (
            "DTSTART:20260601T100000Z\nDURATION:PT1H30M",
            "2026-06-01T10:00:00Z/2026-06-01T11:30:00Z",
        ),
        (
            "DTSTART:20260601T100000Z\nDTEND;TZID=Asia/Tokyo:20260601T200000",
            "2026-06-01T10:00:00Z/2026-06-01T11:00:00Z",
        ),
        (
            "DTSTART:20260601T100000\nDTEND;VALUE=DATE:20260602",
            "2026-06-01T08:00:00Z/2026-06-01T22:00:00Z",
        ),
        ("DTSTART:20260601", "2026-06-01/2026-06-02"),
        (
            "DTSTART;VALUE=DATE:20260601\nDTEND;VALUE=DATE:20260601",
            "2026-06-01/2026-06-02",
        ),
        (
            "DTSTART;VALUE=DATE:20260601\nDTEND;VALUE=DATE:20260531",
            "2026-06-01/2026-06-02",
        ),
        (
            "DTSTART;VALUE=DATE:20260601\nDTEND;VALUE=DATE:20260603",
            "2026-06-01/2026-06-03",
        ),
        (
            "DTSTART;VALUE=DATE:20260601\nDTEND:20260602T235959",
            "2026-06-01/2026-06-03",
        ),
        ("DTSTART;VALUE=DATE:20260601\nDURATION:P2D", "2026-06-01/2026-06-03"),
        ("DTSTART;VALUE=DATE:20260601\nDURATION:PT36H", "2026-06-01/2026-06-03"),
        (
            "DTSTART;VALUE=DATE:20260601\nDURATION:P4000000000W",
            "2026-06-01/2026-06-02",
        ),
    ] {
        let reading = read(&calendar(&format!("EVENT\nUID:1\n{lines}\nSUMMARY:a\n/EVENT")));
        assert_eq!(dates(&reading), [format!("{expected} a")], "{lines}");
        single(&reading).schedule.clone().checked().unwrap();
    }
    let late = read(&calendar(
        "EVENT\nUID:1\nDTSTART:20260601T100000Z\nDTEND:20260601T090000Z\n/EVENT",
    ));
    assert!(kinds(&late).contains(&NoteKind::EndBeforeBegin));
}

#[test]
fn an_end_ends_on_the_clock_of_the_wall_also_in_the_night_of_the_change() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART;TZID=Europe/Brussels:20260328T220000\nDURATION:PT6H\nSUMMARY:a\n/EVENT",
    ));
    assert_eq!(dates(&reading), ["2026-03-28T21:00:00Z/2026-03-29T02:00:00Z a"]);
}

#[test]
fn private_events_are_not_kept() {
    let reading = read(&calendar(
        "EVENT\nUID:1\nDTSTART:20260601T100000Z\nCLASS:PRIVATE\nSUMMARY:doctor\n/EVENT\nEVENT\nUID:2\nDTSTART:20260601T100000Z\nCLASS:Confidential\nRRULE:FREQ=DAILY\nSUMMARY:doctor\n/EVENT\nEVENT\nUID:2\nRECURRENCE-ID:20260602T100000Z\nDTSTART:20260602T110000Z\nSUMMARY:doctor\n/EVENT\nEVENT\nUID:3\nDTSTART:20260601T100000Z\nRRULE:FREQ=DAILY;COUNT=3\nCLASS:PUBLIC\nSUMMARY:a\n/EVENT\nEVENT\nUID:3\nRECURRENCE-ID:20260602T100000Z\nDTSTART:20260602T110000Z\nCLASS:PRIVATE\nSUMMARY:doctor\n/EVENT",
    ));
    assert_eq!(dates(&reading), ["2026-06-01T10:00:00Z a", "2026-06-03T10:00:00Z a"]);
    assert_eq!(kinds(&reading), [NoteKind::Private; 3]);
    assert!(!format!("{reading:?}").contains("doctor"));
}

#[test]
fn tasks_alarms_and_people_leave_no_trace() {
    let reading = read(&calendar(
        "BEGIN:VTODO\nUID:t\nDTSTART:20260601T100000Z\nSUMMARY:secret task\nEND:VTODO\nBEGIN:VJOURNAL\nDTSTART:20260601T100000Z\nEND:VJOURNAL\nEVENT\nUID:1\nDTSTART:20260601T100000Z\nORGANIZER;CN=Lovelace:mailto:lovelace@example.org\nATTENDEE;CN=Babbage:mailto:babbage@example.org\nBEGIN:VALARM\nACTION:AUDIO\nATTACH:https://example.org/a.mp3\nDESCRIPTION:wake up\nEND:VALARM\nSUMMARY:a\n/EVENT",
    ));
    assert_eq!(reading.items.len(), 1);
    for trace in ["secret", "ovelace", "abbage", "mp3", "wake"] {
        assert!(!format!("{reading:?}").contains(trace), "{trace}");
    }
}

#[test]
fn junk_between_properties_is_skipped_with_its_line() {
    let reading = read(&calendar(
        "X\nEVENT\nUID:1\nDTSTART:20260601T100000Z\nDESCRIPTION:a\nand on without folding\nSUMMARY:b\n/EVENT",
    ));
    assert_eq!(dates(&reading), ["2026-06-01T10:00:00Z b"]);
    assert_eq!(
        notes(&reading),
        [(NoteKind::InvalidLine, Some(2)), (NoteKind::InvalidLine, Some(7))]
    );
    assert_eq!(reading.notes[1].what.as_deref(), Some("and on without folding"));
}

#[test]
fn the_digest_changes_with_what_is_used_and_with_nothing_else() {
    let event = |more: &str| {
        let file = calendar(&format!(
            "EVENT\nUID:1\nDTSTART:20260601T100000Z\nSUMMARY:a\n{more}\n/EVENT"
        ));
        read(&file).items[0].digest.clone()
    };
    let plain = event("DTSTAMP:20260101T000000Z");
    for same in [
        "DTSTAMP:20270101T000000Z",
        "SEQUENCE:5",
        "LAST-MODIFIED:20260101T000000Z",
        "X-FOO:1",
        "STATUS:CONFIRMED",
    ] {
        assert_eq!(event(same), plain, "{same}");
    }
    for other in [
        "STATUS:CANCELLED",
        "DTEND:20260601T110000Z",
        "LOCATION:a",
        "DESCRIPTION:a",
        "RRULE:FREQ=DAILY",
        "IMAGE;VALUE=URI:https://example.org/a.png",
        "GEO:50;4",
    ] {
        assert_ne!(event(other), plain, "{other}");
    }
    let series = event("RRULE:FREQ=DAILY");
    for other in [
        "RRULE:FREQ=WEEKLY",
        "RRULE:FREQ=DAILY\nEXDATE:20260602T100000Z",
        "RRULE:FREQ=DAILY\nRDATE:20260602T110000Z",
    ] {
        assert_ne!(event(other), series, "{other}");
    }
}

#[test]
fn several_calendars_in_one_file_are_read_together() {
    let one = calendar("EVENT\nUID:1\nDTSTART:20260601T100000Z\nRRULE:FREQ=DAILY;COUNT=2\nSUMMARY:a\n/EVENT");
    let two = calendar("EVENT\nUID:1\nRECURRENCE-ID:20260602T100000Z\nDTSTART:20260602T110000Z\nSUMMARY:b\n/EVENT");
    assert_eq!(
        dates(&read(&format!("{two}{one}"))),
        ["2026-06-01T10:00:00Z a", "2026-06-02T11:00:00Z b"]
    );
}
