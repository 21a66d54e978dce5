//! A new table of zones, on a database whose moments an older one gave.

use super::*;
use crate::{
    db::testing::TestDb,
    event::{
        Content, NewEvent,
        series::{self, NewSeries},
        tests::{agenda, plain},
    },
    id::ProfileId,
    time::recurrence::{Recurrence, Rule},
};

const SYSTEM: Caller = Caller::System;
const HOUR: i64 = 3_600;

fn soup(organizer: ProfileId, begin: &str) -> NewEvent {
    let begin: LocalDateTime = begin.parse().unwrap();
    NewEvent {
        organizer,
        group: None,
        schedule: Schedule {
            begin,
            end: Some(begin.plus_seconds(2 * HOUR)),
            zone: Zone::named("Africa/Casablanca").unwrap(),
            all_day: false,
        },
        content: Content::titled(plain("La soupe")),
        ical_uid: None,
    }
}

/// As if an older table had put the clocks of all events an hour back.
fn shift_all(tx: &mut Tx<'_>) -> Result<()> {
    for event in everything(tx)? {
        diesel::update(dsl::event.find(event.id))
            .set((
                dsl::begins_at.eq(event.begins_at.plus_seconds(HOUR)),
                dsl::over_at.eq(event.over_at.plus_seconds(HOUR)),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

fn everything(tx: &mut Tx<'_>) -> Result<Vec<Event>> {
    Ok(dsl::event.order(dsl::id).select(Event::as_select()).load(tx.conn)?)
}

fn by_id(tx: &mut Tx<'_>, id: EventId) -> Result<Event> {
    Ok(store::by_ids(tx, &[id])?.pop().unwrap())
}

/// The jobs that wait, which are ended.
fn waiting(tx: &mut Tx<'_>) -> Result<Vec<ReckonMoments>> {
    let claimed = job::claim(tx, &[ReckonMoments::KIND], 100, 60)?;
    let jobs = claimed.iter().map(|job| job.payload().unwrap()).collect();
    claimed.iter().try_for_each(|job| job::finish(tx, job))?;
    Ok(jobs)
}

/// Runs what waits, `most` events at once. Answers how many jobs there were.
fn run(tx: &mut Tx<'_>, most: i64) -> Result<usize> {
    let mut ran = 0;
    loop {
        let jobs = waiting(tx)?;
        if jobs.is_empty() {
            return Ok(ran);
        }
        for job in jobs {
            look_at(tx, job, most)?;
            ran += 1;
        }
    }
}

#[tokio::test]
async fn coming_events_keep_their_reading_and_get_the_moments_of_a_new_table() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let coming = super::super::create(tx, &SYSTEM, soup(agenda, "2026-12-05T18:00"))?;
            let over = super::super::create(tx, &SYSTEM, soup(agenda, "2026-11-05T18:00"))?;
            let deleted = super::super::create(tx, &SYSTEM, soup(agenda, "2026-12-06T18:00"))?;
            super::super::remove(tx, &SYSTEM, deleted.id)?;
            shift_all(tx)?;
            let (over_before, deleted_before) = (by_id(tx, over.id)?, by_id(tx, deleted.id)?);

            assert!(begin(tx)?);
            assert_eq!(run(tx, 100)?, 1);
            let after = by_id(tx, coming.id)?;
            assert_eq!((after.begins_at, after.over_at), (coming.begins_at, coming.over_at));
            assert_eq!(after.schedule(), coming.schedule());
            assert_eq!(
                (after.sequence, after.version),
                (coming.sequence + 1, coming.version + 1)
            );
            assert_eq!(by_id(tx, over.id)?, over_before, "what is over stays");
            assert_eq!(by_id(tx, deleted.id)?, deleted_before);

            assert!(!begin(tx)?, "it is noted");
            assert_eq!(waiting(tx)?, []);
            diesel::update(setting::table.find(SETTING))
                .set(setting::value.eq("1999z"))
                .execute(tx.conn)?;
            let before = everything(tx)?;
            assert!(begin(tx)?, "the program has another one");
            run(tx, 100)?;
            assert_eq!(everything(tx)?, before, "where nothing moves, nothing is written");
            assert!(!begin(tx)?);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn all_dates_of_a_series_move_page_by_page_and_go_on_after_a_stop() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let new = soup(agenda(tx, "comite")?, "2026-12-05T18:00");
            let recurrence = Recurrence {
                rule: Some(Rule::parse("FREQ=WEEKLY;COUNT=5").unwrap()),
                start: new.schedule.begin,
                zone: new.schedule.zone.clone(),
                all_day: false,
                added: Vec::new(),
                skipped: Vec::new(),
            };
            let series = NewSeries {
                organizer: new.organizer,
                group: None,
                recurrence,
                duration_s: Some(2 * HOUR),
                content: new.content,
                ical_uid: None,
            };
            series::create(tx, &SYSTEM, series)?;
            let right = everything(tx)?;
            shift_all(tx)?;
            let moved = |tx: &mut Tx<'_>| -> Result<usize> {
                let rows = everything(tx)?;
                let pairs = rows.iter().zip(&right);
                Ok(pairs.filter(|(row, right)| row.begins_at == right.begins_at).count())
            };

            begin(tx)?;
            for job in waiting(tx)? {
                look_at(tx, job, 2)?;
            }
            assert_eq!(moved(tx)?, 2);
            assert!(begin(tx)?, "the program starts again: it is not done");
            let rest = waiting(tx)?;
            assert_eq!(rest.len(), 1, "and goes on where it was");
            assert_eq!(rest[0].after, right[1].id);
            job::enqueue(tx, &rest[0])?;
            assert_eq!(run(tx, 2)?, 2);
            assert_eq!(moved(tx)?, 5);
            assert!(everything(tx)?.iter().all(|row| row.sequence == 1));
            assert!(!begin(tx)?);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_another_program_began_is_begun_anew() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let coming = super::super::create(tx, &SYSTEM, soup(agenda, "2026-12-05T18:00"))?;
            shift_all(tx)?;
            let of_another = ReckonMoments {
                tzdb: "1999z".to_owned(),
                after: coming.id,
            };
            job::enqueue(tx, &of_another)?;
            run(tx, 100)?;
            assert_eq!(by_id(tx, coming.id)?.begins_at, coming.begins_at);
            Ok(())
        })
        .await
        .unwrap();
}
