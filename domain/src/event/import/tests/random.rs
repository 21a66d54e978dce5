//! Random files: nothing panics, and what comes out keeps its promises.

use super::{calendar, day, options, zone};
use crate::event::{
    MOST_TAGS, MOST_TITLE,
    import::{ImportedEvent, Kind, Reading, preview, read},
};
use proptest::prelude::*;

/// The promises that the use cases which keep events rely on.
pub(crate) fn keeps_its_promises(reading: &Reading) {
    let check = |event: &ImportedEvent| {
        event.schedule.clone().checked().unwrap();
        assert!(!event.content.title.is_empty() && event.content.title.as_str().chars().count() <= MOST_TITLE as usize);
        assert!(event.content.tags.len() <= MOST_TAGS && event.sequence >= 0);
    };
    for item in &reading.items {
        match &item.kind {
            Kind::Single(event) => check(event),
            Kind::Series(series) => {
                check(&series.event);
                assert_eq!(series.event.schedule.begin, series.recurrence.start);
                assert_eq!(series.event.schedule.duration(), series.duration_s);
                for one in &series.overrides {
                    check(&one.event);
                    let dates = series
                        .recurrence
                        .between(one.original, one.original.plus_seconds(1))
                        .unwrap();
                    assert_eq!(dates, [one.original]);
                }
            }
        }
    }
    let dates = preview(reading, day("2000-01-01"), day("2035-01-01"), &zone("Europe/Brussels"));
    serde_json::to_string(&dates).unwrap();
    reading
        .notes
        .iter()
        .for_each(|note| assert!(note.to_string().len() < 1_000));
}

fn reads(bytes: &[u8]) {
    if let Ok(reading) = read(bytes, &options()) {
        keeps_its_promises(&reading);
    }
}

const LINES: [&str; 40] = [
    "EVENT",
    "/EVENT",
    "BEGIN:VTIMEZONE",
    "END:VTIMEZONE",
    "BEGIN:STANDARD",
    "END:STANDARD",
    "TZID:z",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "UID:1",
    "UID:2",
    "DTSTART:20260329T023000",
    "DTSTART;TZID=z:20260329T023000",
    "DTSTART;TZID=Europe/Brussels:20260329T023000",
    "DTSTART:20261025T010000Z",
    "DTSTART;VALUE=DATE:20260101",
    "DTSTART:99981231T235959",
    "DTSTART:00010101T000000Z",
    "DTEND:20261025T020000Z",
    "DTEND;VALUE=DATE:20260401",
    "DURATION:P1DT2H",
    "RRULE:FREQ=DAILY;COUNT=5",
    "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261101T000000Z",
    "RRULE:FREQ=MONTHLY;BYDAY=-1FR",
    "RDATE:20260401T100000,20260402",
    "RDATE;TZID=z;VALUE=PERIOD:20260401T100000/PT1H",
    "EXDATE:20260330T023000",
    "EXDATE;VALUE=DATE:20260331",
    "EXDATE:20261025T010000Z",
    "RECURRENCE-ID:20260330T023000",
    "RECURRENCE-ID;RANGE=THISANDFUTURE:20260329T013000Z",
    "RECURRENCE-ID;VALUE=DATE:20260102",
    "STATUS:CANCELLED",
    "CLASS:PRIVATE",
    "SUMMARY:Fête",
    "DESCRIPTION:<b>a</b>\\nb",
    "LOCATION:Salle, 5651 Tarcienne",
    "SEQUENCE:2",
    "X-WR-TIMEZONE:UTC",
    "X-WR-TIMEZONE:Asia/Tokyo",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        reads(&bytes);
        let mut calendar = b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\n".to_vec();
        calendar.extend(bytes);
        reads(&calendar);
    }

    #[test]
    fn lines_in_any_order_are_read(picks in prop::collection::vec(0..LINES.len(), 0..60)) {
        let lines: Vec<_> = picks.iter().map(|pick| LINES[*pick]).collect();
        reads(calendar(&lines.join("\n")).as_bytes());
    }

    #[test]
    fn calendars_with_wrong_bytes_are_read(
        picks in prop::collection::vec(9..LINES.len(), 5..40),
        wrong in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..10),
    ) {
        let events: Vec<_> = picks
            .chunks(6)
            .map(|chunk| chunk.iter().map(|pick| LINES[*pick]).collect::<Vec<_>>().join("\n"))
            .map(|lines| format!("EVENT\nDTSTART:20260329T023000\n{lines}\n/EVENT"))
            .collect();
        let mut bytes = calendar(&events.join("\n")).into_bytes();
        for (place, byte) in wrong {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        reads(&bytes);
    }

    #[test]
    fn values_of_any_kind_are_read(name in "(DTSTART|DTEND|DURATION|RRULE|RDATE|EXDATE|RECURRENCE-ID|GEO|SEQUENCE|CATEGORIES|ATTACH|URL)(;VALUE=(DATE|PERIOD|RECUR|TEXT|BOOLEAN|URI|BINARY|FLOAT|UTC-OFFSET))?", value in "[0-9TZP/DHMS,;:.+-]{0,40}") {
        reads(calendar(&format!("EVENT\n{name}:{value}\nDTSTART:20260101T100000\n{name}:{value}\n/EVENT")).as_bytes());
    }
}
