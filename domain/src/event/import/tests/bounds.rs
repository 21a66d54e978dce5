//! What is read of files that have too much, and that it stays the same for a while.

use super::{calendar, kinds, options, read, series};
use crate::event::import::{Kind, MOST_ROWS, NoteKind};

#[test]
fn of_too_many_events_the_coming_and_the_latest_ones_come_in() {
    let event = |number: i32| {
        let day = super::day("2020-01-01").plus_days(number).to_string().replace('-', "");
        format!("EVENT\nUID:{number}\nDTSTART:{day}\n/EVENT\n")
    };
    let lines: Vec<_> = (0..2_500).map(event).collect();
    let reading = read(&calendar(&lines.concat()));
    assert_eq!(reading.items.len(), 2_000);
    assert_eq!(reading.items[0].uid, "500");
    assert!(!reading.complete, "what was not read must not be removed");
    assert!(kinds(&reading).contains(&NoteKind::TooManyItems));
}

#[test]
fn many_dates_are_bounded_with_a_note() {
    let dates_of = |count: i32| -> String {
        let days = (0..count).map(|number| super::day("2025-12-01").plus_days(number).to_string().replace('-', ""));
        days.map(|day| format!("{day}T100000Z")).collect::<Vec<_>>().join(",")
    };
    let reading = read(&calendar(&format!(
        "EVENT\nUID:1\nDTSTART:20260101T110000Z\nRRULE:FREQ=DAILY\nRDATE:{}\nEXDATE:{}\n/EVENT",
        dates_of(3_000),
        dates_of(5_000)
    )));
    let recurrence = &series(&reading).recurrence;
    assert_eq!((recurrence.added.len(), recurrence.skipped.len()), (730, 2_000));
    assert!(
        kinds(&reading)
            .iter()
            .filter(|kind| **kind == NoteKind::TooManyDates)
            .count()
            == 2
    );
}

#[test]
fn more_rows_than_are_made_at_once_are_told() {
    let every = |often: &str, number: i32| {
        format!("EVENT\nUID:{number}\nDTSTART:20200101T100000Z\nRRULE:FREQ={often}\nSUMMARY:a\n/EVENT\n")
    };
    let once = |number| format!("EVENT\nUID:{number}\nDTSTART:20260101T100000Z\nSUMMARY:a\n/EVENT\n");
    let at_once = |reading: &super::Reading| -> Vec<usize> {
        let series = reading.items.iter().filter_map(|item| match &item.kind {
            Kind::Series(series) => Some(series.at_once),
            Kind::Single(_) => None,
        });
        series.collect()
    };
    let few: String = (0..6).map(|number| every("DAILY", number)).collect();
    let few = read(&calendar(&few));
    assert!(kinds(&few).is_empty() && at_once(&few) == [usize::MAX; 6]);
    let many: String = (0..100)
        .map(|number| every("DAILY", number))
        .chain((100..600).map(once))
        .collect();
    let many = read(&calendar(&many));
    assert_eq!(kinds(&many), [NoteKind::TooManyRows]);
    assert_eq!(at_once(&many), [(MOST_ROWS - 500) / 100; 100]);
    let most: String = (0..1_999)
        .map(|number| every("MONTHLY", number))
        .chain([once(2_000)])
        .collect();
    let most = read(&calendar(&most));
    assert_eq!(at_once(&most), [2; 1_999], "each has some");
}

#[test]
fn changed_dates_that_get_their_rows_at_once_are_bounded() {
    let changes = |uid: i32| -> String {
        let days = (-300..3_200).map(|number| super::day("2026-06-01").plus_days(number).compact());
        let change = |day: String| {
            format!("EVENT\nUID:{uid}\nRECURRENCE-ID:{day}T100000Z\nDTSTART:{day}T110000Z\nSUMMARY:b\n/EVENT\n")
        };
        let master = format!("EVENT\nUID:{uid}\nDTSTART:20250101T100000Z\nRRULE:FREQ=DAILY\nSUMMARY:a\n/EVENT\n");
        master + &days.map(change).collect::<String>()
    };
    let reading = read(&calendar(&(changes(1) + &changes(2))));
    let counts: Vec<_> = reading
        .items
        .iter()
        .map(|item| match &item.kind {
            Kind::Series(series) => series.overrides.len(),
            Kind::Single(_) => 0,
        })
        .collect();
    assert_eq!(counts, [3_500, MOST_ROWS - 3_500]);
    assert_eq!(kinds(&reading), [NoteKind::TooManyDates]);
    assert_eq!(reading.notes[0].what.as_deref(), Some("1500"));
}

#[test]
fn a_file_is_read_the_same_all_through_a_quarter_of_the_year() {
    let odd = "BEGIN:VTIMEZONE\nTZID:Odd\nBEGIN:STANDARD\nDTSTART:20000101T000000\nTZOFFSETFROM:+0145\nTZOFFSETTO:+0145\nEND:STANDARD\nEND:VTIMEZONE";
    let added: Vec<_> = (0..3_000)
        .map(|number| super::day("2024-01-01").plus_days(number).compact() + "T120000Z")
        .collect();
    let file = calendar(&format!(
        "{odd}\nEVENT\nUID:1\nDTSTART;TZID=Odd:20200101T100000\nRRULE:FREQ=DAILY\nSUMMARY:a\n/EVENT\nEVENT\nUID:2\nDTSTART:20240101T120000Z\nRDATE:{}\nSUMMARY:b\n/EVENT",
        added.join(",")
    ));
    let on = |day: &str| {
        let options = crate::event::import::Options {
            now: super::zone("Europe/Brussels").instant(super::day(day).midnight()),
            ..options()
        };
        crate::event::import::read(file.as_bytes(), &options).unwrap().items
    };
    let first = on("2026-04-01");
    assert_eq!(on("2026-05-15"), first);
    assert_eq!(on("2026-06-30"), first);
    assert_ne!(on("2026-07-01")[0].digest, first[0].digest);
    assert_ne!(on("2026-07-01")[1].digest, first[1].digest);
    let Kind::Series(written_out) = &first[0].kind else {
        panic!()
    };
    let dates = &written_out.recurrence.added;
    let days = |from: &str, to: &str| super::day(to).days_since(super::day(from));
    assert!(days("2026-06-30", &dates.last().unwrap().day().to_string()) >= 400);
    assert!(days(&written_out.recurrence.start.day().to_string(), "2026-04-01") >= 399);
}

#[test]
fn of_a_dense_rule_whose_dates_are_written_out_the_coming_ones_are_there() {
    let odd = "BEGIN:VTIMEZONE\nTZID:Odd\nBEGIN:STANDARD\nDTSTART:20000101T000000\nTZOFFSETFROM:+0145\nTZOFFSETTO:+0145\nEND:STANDARD\nEND:VTIMEZONE";
    let hours: Vec<_> = (0..24).map(|hour| hour.to_string()).collect();
    let reading = read(&calendar(&format!(
        "{odd}\nEVENT\nUID:1\nDTSTART;TZID=Odd:20200101T100000\nRRULE:FREQ=DAILY;BYHOUR={}\nSUMMARY:a\n/EVENT",
        hours.join(",")
    )));
    let last = *series(&reading).recurrence.added.last().unwrap();
    assert!(last.day() > super::day("2026-07-20"), "{last:?}");
}
