//! A calendar that is read again: what it changes, and above all what it leaves alone.

use super::*;
use crate::{event::Event, id::SeriesId};
use std::collections::BTreeMap;

/// A soup every Saturday since 2024, in a calendar that writes a place and a tag otherwise than we first heard of them;
/// one date is moved to the Sunday.
const SOUP: &str = "UID:soup\r\nDTSTART;TZID=Europe/Brussels:20240907T180000\r\nDTEND;TZID=Europe/Brussels:20240907T200000\r\n\
    RRULE:FREQ=WEEKLY\r\nSUMMARY:Soupe\r\nLOCATION:MAISON DE QUARTIER\r\nCATEGORIES:FÊTE\r\n";
const MOVED: &str = "UID:soup\r\nRECURRENCE-ID;TZID=Europe/Brussels:20261212T180000\r\n\
    DTSTART;TZID=Europe/Brussels:20261213T110000\r\nSUMMARY:Soupe\r\nLOCATION:MAISON DE QUARTIER\r\nCATEGORIES:FÊTE\r\n";
/// Who told of the place and the tag first.
const FIRST: &str = "UID:first\r\nDTSTART;TZID=Europe/Brussels:20261203T180000\r\nSUMMARY:Bal\r\nLOCATION:Maison de quartier\r\nCATEGORIES:fête\r\n";
/// A zone that no zone of the world agrees with in summer.
const ODD: &str = "BEGIN:VTIMEZONE\r\nTZID:Odd\r\nBEGIN:STANDARD\r\nDTSTART:16011028T030000\r\n\
    RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nTZOFFSETFROM:+0145\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n\
    BEGIN:DAYLIGHT\r\nDTSTART:16010325T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\n\
    TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0145\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";

const DAY: i64 = 86_400;

fn events(events: &[&str]) -> String {
    events
        .iter()
        .map(|lines| format!("BEGIN:VEVENT\r\nDTSTAMP:20261101T000000Z\r\n{lines}END:VEVENT\r\n"))
        .collect()
}

/// What a calendar says when it is read now.
fn read_now(tx: &Tx<'_>, inside: &str) -> import::Reading {
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//T//EN\r\n{inside}END:VCALENDAR\r\n");
    let options = import::Options {
        default_zone: Zone::named("Europe/Brussels").unwrap(),
        now: tx.now(),
    };
    import::read(text.as_bytes(), &options).unwrap()
}

fn the_series(tx: &mut Tx<'_>, source: &CalendarSource, uid: &str) -> Result<SeriesId> {
    let kept = store::kept(tx, source.id, &[uid])?;
    Ok(kept.first().and_then(|kept| kept.series_id).unwrap())
}

/// The rows of a series by their first key.
fn rows(tx: &mut Tx<'_>, series: SeriesId) -> Result<BTreeMap<String, Event>> {
    let dated = event::series::dated(tx, &SYSTEM, series)?;
    Ok(dated
        .rows
        .into_iter()
        .map(|(begin, row)| (begin.compact(), row))
        .collect())
}

/// The rows that are otherwise, or are there once only.
fn changed(before: &BTreeMap<String, Event>, after: &BTreeMap<String, Event>) -> Vec<String> {
    let keys = before
        .keys()
        .chain(after.keys().filter(|key| !before.contains_key(*key)));
    keys.filter(|key| before.get(*key) != after.get(*key))
        .cloned()
        .collect()
}

/// A site that read the soup a week ago, so that its oldest rows are older than any that it would make today.
async fn a_week_after_the_soup() -> (TestDb, CalendarSource, SeriesId) {
    let test = TestDb::new();
    let (source, series) = test
        .db
        .write(|tx| {
            let source = source(tx)?;
            let reading = read_now(tx, &events(&[FIRST, SOUP, MOVED]));
            assert_eq!(bring(tx, &SYSTEM, &source, &reading.items)?.created, 2);
            let series = the_series(tx, &source, "soup")?;
            Ok((source, series))
        })
        .await
        .unwrap();
    test.clock.advance(8 * DAY);
    (test, source, series)
}

#[tokio::test]
async fn a_calendar_that_changes_one_date_leaves_the_others_as_they_are() {
    let (test, source, series) = a_week_after_the_soup().await;
    test.db
        .write(move |tx| {
            let before = rows(tx, series)?;
            let cancelled = "UID:soup\r\nRECURRENCE-ID;TZID=Europe/Brussels:20270109T180000\r\n\
                DTSTART;TZID=Europe/Brussels:20270109T180000\r\nDTEND;TZID=Europe/Brussels:20270109T200000\r\n\
                SUMMARY:Soupe\r\nSTATUS:CANCELLED\r\nLOCATION:Maison de Quartier\r\nCATEGORIES:Fête\r\n";
            let reading = read_now(tx, &events(&[FIRST, SOUP, MOVED, cancelled]));
            assert_eq!(bring(tx, &SYSTEM, &source, &reading.items)?.updated, 1);
            let after = rows(tx, series)?;
            assert_eq!(changed(&before, &after), ["20270109T180000"]);
            let row = &after["20270109T180000"];
            assert_eq!((row.status, row.sequence, row.version), (Status::Cancelled, 1, 2));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_calendar_that_leaves_one_date_out_leaves_the_others_as_they_are() {
    let (test, source, series) = a_week_after_the_soup().await;
    test.db
        .write(move |tx| {
            let before = rows(tx, series)?;
            let shorter = SOUP.replace("SUMMARY", "EXDATE;TZID=Europe/Brussels:20270109T180000\r\nSUMMARY");
            let reading = read_now(tx, &events(&[FIRST, &shorter, MOVED]));
            assert_eq!(bring(tx, &SYSTEM, &source, &reading.items)?.updated, 1);
            assert_eq!(changed(&before, &rows(tx, series)?), ["20270109T180000"]);
            let gone = event::visible(tx, &SYSTEM, before["20270109T180000"].id)?;
            assert_eq!((gone.status, gone.sequence), (Status::Cancelled, 1));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_calendar_at_another_hour_raises_the_sequence_of_coming_dates_once() {
    let (test, source, series) = a_week_after_the_soup().await;
    test.db
        .write(move |tx| {
            let before = rows(tx, series)?;
            let later = SOUP
                .replace("T180000", "T190000")
                .replace("MAISON DE QUARTIER", "Salle");
            let moved = MOVED.replace("20261212T180000", "20261212T190000");
            let reading = read_now(tx, &events(&[FIRST, &later, &moved]));
            assert_eq!(bring(tx, &SYSTEM, &source, &reading.items)?.updated, 1);
            let after = rows(tx, series)?;
            let (old, new) = (&before["20261219T180000"], &after["20261219T190000"]);
            assert_eq!(
                (old.id, new.sequence, new.version),
                (new.id, old.sequence + 1, old.version + 1)
            );
            let (old, new) = (&before["20261212T180000"], &after["20261212T190000"]);
            assert_eq!(
                (old.id, old.begins_at, old.sequence),
                (new.id, new.begins_at, new.sequence)
            );
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_calendar_read_again_a_month_later_changes_nothing() {
    let test = TestDb::new();
    let odd = events(&[
        "UID:odd\r\nDTSTART;TZID=Odd:20240601T100000\r\nRRULE:FREQ=WEEKLY\r\nSUMMARY:a\r\nLOCATION:salle\r\n",
    ]);
    let inside = format!("{ODD}{}{odd}", events(&[FIRST, SOUP, MOVED]));
    let (before, again) = (inside.clone(), inside);
    let (source, before) = test
        .db
        .write(move |tx| {
            let source = source(tx)?;
            let reading = read_now(tx, &before);
            assert_eq!(bring(tx, &SYSTEM, &source, &reading.items)?.created, 3);
            let before = everything(tx, &source)?;
            assert!(before.iter().all(|(_, rows)| rows.len() > 100));
            Ok((source, before))
        })
        .await
        .unwrap();
    test.clock.advance(30 * DAY);
    test.db
        .write(move |tx| {
            let mut reading = read_now(tx, &again);
            assert_eq!(bring(tx, &SYSTEM, &source, &reading.items)?.unchanged, 3);
            // Also where the digest is that of an older program and every entry is gone through.
            for item in &mut reading.items {
                item.digest = "other".to_owned();
            }
            assert_eq!(bring(tx, &SYSTEM, &source, &reading.items)?.updated, 3);
            for (before, after) in before.iter().zip(everything(tx, &source)?) {
                assert_eq!(before.0, after.0, "the series");
                assert_eq!(changed(&before.1, &after.1), [""; 0]);
            }
            Ok(())
        })
        .await
        .unwrap();
}

/// Both series with their rows.
fn everything(
    tx: &mut Tx<'_>,
    source: &CalendarSource,
) -> Result<Vec<(event::series::Series, BTreeMap<String, Event>)>> {
    let mut all = Vec::new();
    for uid in ["soup", "odd"] {
        let id = the_series(tx, source, uid)?;
        all.push((event::series::visible(tx, &SYSTEM, id)?, rows(tx, id)?));
    }
    Ok(all)
}

#[tokio::test]
async fn an_event_that_can_no_longer_be_read_is_not_cancelled() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let source = source(tx)?;
            let (soup, ball) = (entry("1", "20261205", "Soupe"), entry("2", "20261206", "Bal"));
            bring(tx, &SYSTEM, &source, &calendar(&format!("{soup}{ball}")).items)?;
            for unreadable in ["20261399", "soon", ""] {
                let soup = soup.replace("20261205T180000", unreadable);
                let reading = calendar(&format!("{soup}{ball}"));
                assert_eq!(bring(tx, &SYSTEM, &source, &reading.items)?.unchanged, 1);
                if reading.complete {
                    settle_all(tx, &source, &reading)?;
                }
                let soup = ("Soupe".to_owned(), Status::Confirmed);
                assert_eq!(titles(tx)?.first(), Some(&soup), "{unreadable}");
            }
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn dates_of_one_uid_that_are_gone_are_cancelled_however_many() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let source = source(tx)?;
            let start: crate::time::Day = "2026-12-05".parse().unwrap();
            let one = |number: i32| {
                let day = start.plus_days(number).compact();
                format!("UID:a\r\nRECURRENCE-ID:{day}T180000Z\r\nDTSTART:{day}T180000Z\r\nSUMMARY:Soupe {number}\r\n")
            };
            let dates: Vec<String> = (0..250).map(one).collect();
            let dates: Vec<&str> = dates.iter().map(String::as_str).collect();
            let reading = calendar(&events(&dates));
            assert_eq!(bring(tx, &SYSTEM, &source, &reading.items)?.created, 250);
            let left = calendar(&events(&dates[..3]));
            assert_eq!(settle_all(tx, &source, &left)?, 247);
            assert_eq!(settle_all(tx, &source, &left)?, 0);
            Ok(())
        })
        .await
        .unwrap();
}

/// Goes through all entries, as the door does. Answers how many were cancelled.
fn settle_all(tx: &mut Tx<'_>, source: &CalendarSource, reading: &import::Reading) -> Result<usize> {
    let is_there = |uid: &str, key: &str| {
        let mut items = reading.items.iter();
        items.any(|item| item.uid == uid && original(item) == key)
    };
    let (mut after, mut cancelled) = (Default::default(), 0);
    loop {
        let (next, some) = settle(tx, &SYSTEM, source, &is_there, &after)?;
        cancelled += some;
        match next {
            Some(next) => after = next,
            None => return Ok(cancelled),
        }
    }
}
