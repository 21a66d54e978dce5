//! Files that were made to do harm: 4 to 5 MB, on the 2 MB stack that a worker has.

use super::{calendar, options};
use crate::event::import::{self, MOST_ITEMS, MOST_NOTES, Reading, preview};
use std::{fs, thread, time::Duration};

/// What a slow machine needs without optimisation; a release build takes a tenth.
const PATIENCE: Duration = Duration::from_secs(30);
/// The same for a file whose cost is in one event.
const PATIENCE_WITH_ONE: Duration = Duration::from_secs(5);

/// How long this thread has run: the other tests of a busy machine do not count. Zero where the system does not say.
fn worked() -> Duration {
    let schedule = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = schedule.split_whitespace().next().and_then(|text| text.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

fn survives(name: &str, file: String) -> Reading {
    survives_within(PATIENCE, name, file)
}

fn survives_within(patience: Duration, name: &str, file: String) -> Reading {
    let options = options();
    let worker = move || {
        let mut bytes = file.into_bytes();
        bytes.truncate(import::MOST_BYTES);
        let reading = import::read(&bytes, &options).unwrap();
        let dates = preview(
            &reading,
            super::day("2026-01-01"),
            super::day("2026-01-10"),
            &options.default_zone,
        );
        (worked(), dates.len(), reading)
    };
    let thread = thread::Builder::new().stack_size(2 << 20).spawn(worker).unwrap();
    let (took, dates, reading) = thread.join().unwrap();
    println!(
        "{name}: {took:?}, {} items, {dates} dates, {} notes",
        reading.items.len(),
        reading.notes.len()
    );
    assert!(took < patience, "{name} took {took:?}");
    assert!(reading.items.len() <= MOST_ITEMS && reading.notes.len() <= MOST_NOTES + 1);
    reading
}

fn event(lines: &str) -> String {
    calendar(&format!(
        "EVENT\nUID:1\nDTSTART:20260101T100000Z\nSUMMARY:a\n{lines}\n/EVENT"
    ))
}

fn repeated(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

#[test]
fn nested_components() {
    for name in ["VEVENT", "X", "VTIMEZONE", "VCALENDAR", "STANDARD"] {
        survives(
            &format!("nested {name}"),
            format!("BEGIN:VCALENDAR\n{}", format!("BEGIN:{name}\n").repeat(300_000)),
        );
    }
    survives("ends", format!("BEGIN:VCALENDAR\n{}", "END:VEVENT\n".repeat(400_000)));
}

#[test]
fn long_lines_and_many_parameters() {
    survives("one line", event(&format!("DESCRIPTION:{}", "x".repeat(4_500_000))));
    survives(
        "one line of markup",
        event(&format!("DESCRIPTION:{}", "<b>".repeat(1_500_000))),
    );
    survives("folded", event(&format!("DESCRIPTION:{}", "x\r\n ".repeat(1_000_000))));
    survives("parameters", event(&format!("SUMMARY{}:b", ";A=".repeat(1_000_000))));
    survives("quotes", event(&format!("SUMMARY;A={}:b", "\"".repeat(4_000_000))));
    survives(
        "quoted-printable",
        event(&format!(
            "DESCRIPTION;ENCODING=QUOTED-PRINTABLE:{}",
            "=\n".repeat(2_000_000)
        )),
    );
    survives("backslashes", event(&format!("SUMMARY:{}", "\\".repeat(4_000_000))));
    survives("categories", event(&format!("CATEGORIES:{}", "a,".repeat(2_000_000))));
    survives("junk", format!("BEGIN:VCALENDAR\n{}", "x\n".repeat(2_000_000)));
}

#[test]
fn many_dates() {
    let reading = survives("added lines", event(&"RDATE:20260102T100000Z\n".repeat(200_000)));
    assert!(matches!(&reading.items[0].kind, import::Kind::Series(series) if series.recurrence.added.len() == 1));
    survives(
        "added list",
        event(&format!(
            "RDATE:{}",
            repeated(270_000, |at| format!("{:04}0101T100000Z,", 1 + at % 9_000))
        )),
    );
    survives(
        "left out",
        event(&format!(
            "RRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:{}",
            repeated(500_000, |at| format!("{:08},", 20_200_101 + at))
        )),
    );
    survives(
        "left out, with hours",
        event(&format!(
            "RRULE:FREQ=DAILY;BYHOUR=1,2\nEXDATE;VALUE=DATE:{}",
            repeated(100_000, |at| format!("{:04}0101,", 1 + at % 9_000))
        )),
    );
}

#[test]
fn many_events() {
    survives("empty events", calendar(&"EVENT\n/EVENT\n".repeat(180_000)));
    survives(
        "events without UID",
        calendar(&repeated(90_000, |at| {
            format!("EVENT\nDTSTART:{:08}\n/EVENT\n", 20_200_101 + at)
        })),
    );
    survives(
        "one UID",
        calendar(&"EVENT\nUID:1\nDTSTART:20260101\n/EVENT\n".repeat(90_000)),
    );
    survives(
        "orphans",
        calendar(&repeated(40_000, |at| {
            format!(
                "EVENT\nUID:1\nRECURRENCE-ID:{:08}\nDTSTART:20260101\nSUMMARY:a\n/EVENT\n",
                20_200_101 + at % 28
            )
        })),
    );
}

#[test]
fn overrides_of_old_series() {
    let years = repeated(30_000, |at| {
        format!(
            "EVENT\nUID:1\nRECURRENCE-ID:{:04}0101T100000Z\nDTSTART:20260101T100000Z\nSUMMARY:b\n/EVENT\n",
            1 + at % 9_990
        )
    });
    survives(
        "far overrides",
        calendar(&format!(
            "EVENT\nUID:1\nDTSTART:00010101T100000Z\nRRULE:FREQ=YEARLY\nSUMMARY:a\n/EVENT\n{years}"
        )),
    );
    let series = repeated(1_900, |at| {
        format!("EVENT\nUID:s{at}\nDTSTART:17000101T100000Z\nRRULE:FREQ=DAILY\nSUMMARY:a\n/EVENT\n")
    });
    let orphans = repeated(30_000, |at| {
        format!(
            "EVENT\nUID:o\nRECURRENCE-ID:{:04}0101\nDTSTART:20260102T11{:02}00Z\nSUMMARY:a\n/EVENT\n",
            1 + at % 9_990,
            at % 60
        )
    });
    survives("old series and orphans", calendar(&format!("{series}{orphans}")));
}

#[test]
fn rules_that_cost() {
    for (start, rule) in [
        ("20200101T100000", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
        (
            "20200101T100000",
            "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23",
        ),
        (
            "00010101T100000",
            "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23",
        ),
        ("00010101T100000", "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO,TU;BYMONTH=12"),
        ("00010101T100000", "FREQ=DAILY"),
        ("99970101T100000", "FREQ=DAILY;INTERVAL=999"),
    ] {
        let series = repeated(2_000, |at| {
            format!("EVENT\nUID:{at}\nDTSTART:{start}\nRRULE:{rule}\nEXDATE:20260101T100000\nSUMMARY:a\n/EVENT\n")
        });
        let reading = survives(&format!("{start} {rule}"), calendar(&series));
        assert_eq!(reading.items.len(), 2_000);
    }
}

/// Days all over the years of a rule with 24 dates a day.
#[test]
fn one_event_that_costs() {
    const HOURLY: &str = "RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23";
    let event = |lines: &str| format!("EVENT\nUID:1\nDTSTART:20150101T100000\nSUMMARY:a\n{HOURLY}\n{lines}/EVENT\n");
    let day = |at: usize| format!("{:04}{:02}{:02}", 2015 + at % 11, 1 + at / 11 % 12, 1 + at / 132 % 28);
    let left_out = repeated(3_000, |at| format!("EXDATE;VALUE=DATE:{}\n", day(at)));
    let changed = repeated(3_000, |at| {
        format!(
            "EVENT\nUID:1\nRECURRENCE-ID:{}T000000\nDTSTART:20260101T100000\nSUMMARY:b\n/EVENT\n",
            day(at)
        )
    });
    for (name, file) in [
        ("left-out days of one event", event(&left_out)),
        ("changed dates of one event", event("") + &changed),
    ] {
        let reading = survives_within(PATIENCE_WITH_ONE, name, calendar(&file));
        assert_eq!(reading.items.len(), 1);
    }
}

#[test]
fn descriptions_of_zones() {
    let observance = |at: usize| {
        format!(
            "BEGIN:STANDARD\nDTSTART:00010101T000000\nRRULE:FREQ=DAILY\nTZOFFSETFROM:+0{}00\nTZOFFSETTO:+0145\nEND:STANDARD\n",
            at % 9
        )
    };
    let one = format!(
        "BEGIN:VTIMEZONE\nTZID:z\n{}END:VTIMEZONE\n",
        repeated(30_000, observance)
    );
    let many = repeated(15_000, |at| {
        format!("BEGIN:VTIMEZONE\nTZID:z{at}\n{}END:VTIMEZONE\n", observance(at))
    });
    let events = repeated(1_900, |at| {
        format!("EVENT\nUID:{at}\nDTSTART;TZID=z:20260101T100000\nRRULE:FREQ=WEEKLY\nSUMMARY:a\n/EVENT\n")
    });
    survives("one long description", calendar(&format!("{one}{events}")));
    let events = repeated(1_900, |at| {
        format!("EVENT\nUID:{at}\nDTSTART;TZID=z{at}:20260101T100000\nSUMMARY:a\n/EVENT\n")
    });
    survives("many descriptions", calendar(&format!("{many}{events}")));
}
