//! Series on a real database: rows, edits, splits, moves.

mod mirrored;

use super::*;
use crate::{
    db::testing::TestDb,
    event::{
        self, Category, Circle, Content, Event, EventFilter, Listing, Part, Schedule, Status,
        tests::{agenda, plain},
    },
    id::ProfileId,
    page::PageRequest,
    place::{NewPlace, Point},
    time::{
        Zone,
        recurrence::{Recurrence, Rule},
    },
};
use std::collections::{BTreeMap, BTreeSet};

const SYSTEM: Caller = Caller::System;

fn at(text: &str) -> LocalDateTime {
    text.parse().unwrap()
}

fn weekly(organizer: ProfileId, rule: &str) -> NewSeries {
    NewSeries {
        organizer,
        group: None,
        recurrence: Recurrence {
            rule: Some(Rule::parse(rule).unwrap()),
            start: at("2026-12-05T18:00"),
            zone: Zone::named("Europe/Brussels").unwrap(),
            all_day: false,
            added: Vec::new(),
            skipped: Vec::new(),
        },
        duration_s: Some(2 * 3600),
        content: Content::titled(plain("Soupe")),
        ical_uid: None,
    }
}

fn rows(tx: &mut Tx<'_>, id: SeriesId) -> Result<Vec<Event>> {
    store::rows(tx, id, None)
}

fn keys(rows: &[Event]) -> Vec<&str> {
    rows.iter().filter_map(|row| row.recurrence_key.as_deref()).collect()
}

/// Runs a test on a database of the kind that this run tests.
async fn on_a_database(test: impl FnOnce(&mut Tx<'_>) -> Result<()> + Send + 'static) {
    TestDb::new().db.write(test).await.unwrap();
}

#[tokio::test]
async fn a_weekly_soup_has_a_row_a_week_and_keeps_its_hour_over_the_change_of_clocks() {
    on_a_database(|tx| {
        let agenda = agenda(tx, "comite")?;
        let series = create(tx, &SYSTEM, weekly(agenda, "FREQ=WEEKLY"))?;
        let rows = rows(tx, series.id)?;
        assert_eq!(rows.len(), 57);
        assert!(rows.iter().all(|row| row.local_begin.clock() == (18, 0, 0)));
        let utc: BTreeSet<String> = rows
            .iter()
            .map(|row| row.begins_at.rfc3339()[11..].to_owned())
            .collect();
        assert_eq!(utc, BTreeSet::from(["16:00:00Z".to_owned(), "17:00:00Z".to_owned()]));
        assert_eq!(rows[0].local_end, Some(at("2026-12-05T20:00")));
        assert_eq!(rows[0].recurrence_key.as_deref(), Some("20261205T180000"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_second_run_makes_no_row_and_the_daily_job_refills() {
    let test = TestDb::new();
    let id = test
        .db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let series = create(tx, &SYSTEM, weekly(agenda, "FREQ=WEEKLY"))?;
            assert_eq!(extend(tx, series.id)?, 0);
            assert_eq!(job::enqueue_due(tx)?, 0);
            Ok(series.id)
        })
        .await
        .unwrap();
    test.clock.advance(35 * 86_400);
    test.db
        .write(move |tx| {
            let before: BTreeMap<_, _> = rows(tx, id)?
                .into_iter()
                .map(|row| (row.recurrence_key, row.id))
                .collect();
            assert_eq!(job::enqueue_due(tx)?, 1);
            assert_eq!(extend(tx, id)?, 5);
            assert_eq!(extend(tx, id)?, 0);
            let after: BTreeMap<_, _> = rows(tx, id)?
                .into_iter()
                .map(|row| (row.recurrence_key, row.id))
                .collect();
            assert!(before.iter().all(|(key, id)| after.get(key) == Some(id)));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_rule_without_any_date_cannot_be_saved() {
    on_a_database(|tx| {
        let agenda = agenda(tx, "comite")?;
        let mut none = weekly(agenda, "FREQ=WEEKLY;COUNT=1");
        none.recurrence.skipped = vec![none.recurrence.start];
        assert!(matches!(create(tx, &SYSTEM, none), Err(Error::Invalid(_))));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn strangers_may_not_make_or_change_a_series() {
    on_a_database(|tx| {
        let (ours, theirs) = (agenda(tx, "ours")?, agenda(tx, "theirs")?);
        let stranger = Caller::Local {
            profile: theirs,
            site: crate::caller::SiteRole::Member,
        };
        assert!(matches!(
            create(tx, &stranger, weekly(ours, "FREQ=WEEKLY")),
            Err(Error::Forbidden(_))
        ));
        assert!(matches!(
            create(tx, &Caller::Anonymous, weekly(ours, "FREQ=WEEKLY")),
            Err(Error::Unauthenticated)
        ));
        let id = create(tx, &SYSTEM, weekly(ours, "FREQ=WEEKLY"))?.id;
        let title = EventPatch {
            title: Some(plain("X")),
            ..EventPatch::default()
        };
        let change = SeriesEdit {
            content: title,
            timing: None,
        };
        assert!(matches!(
            edit(tx, &stranger, id, None, &change),
            Err(Error::Forbidden(_))
        ));
        assert!(matches!(
            skip(tx, &stranger, id, "20261205T180000"),
            Err(Error::Forbidden(_))
        ));
        assert!(matches!(
            add(tx, &stranger, id, at("2026-12-06T18:00")),
            Err(Error::Forbidden(_))
        ));
        assert!(matches!(remove(tx, &stranger, id), Err(Error::Forbidden(_))));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn one_date_moved_keeps_its_key_and_its_own_hour_when_all_are_renamed() {
    on_a_database(|tx| {
        let agenda = agenda(tx, "comite")?;
        let id = create(tx, &SYSTEM, weekly(agenda, "FREQ=WEEKLY"))?.id;
        let second = occurrence(tx, &SYSTEM, id, "20261212T180000")?;
        let moved = Schedule {
            begin: at("2026-12-13T11:00"),
            end: None,
            ..second.schedule()
        };
        let patch = EventPatch {
            schedule: Some(moved),
            ..EventPatch::default()
        };
        let moved = event::update(tx, &SYSTEM, second.id, patch)?;
        assert_eq!(moved.recurrence_key.as_deref(), Some("20261212T180000"));
        assert!(moved.detached.0.contains(&Part::Time));
        let third = occurrence(tx, &SYSTEM, id, "20261219T180000")?;
        let own = EventPatch {
            title: Some(plain("Soupe de Noël")),
            ..EventPatch::default()
        };
        event::update(tx, &SYSTEM, third.id, own)?;
        let title = EventPatch {
            title: Some(plain("La soupe")),
            category: Some(Category::FoodDrink),
            ..EventPatch::default()
        };
        let same = edit(
            tx,
            &SYSTEM,
            id,
            None,
            &SeriesEdit {
                content: title,
                timing: None,
            },
        )?;
        assert_eq!(same.id, id, "nothing had begun: no split");
        let rows = rows(tx, id)?;
        assert_eq!(rows[0].title.as_str(), "La soupe");
        assert_eq!(
            (rows[1].title.as_str(), rows[1].local_begin),
            ("La soupe", at("2026-12-13T11:00"))
        );
        assert_eq!(
            (rows[2].title.as_str(), rows[2].category),
            ("Soupe de Noël", Category::FoodDrink)
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn this_and_later_splits_and_count_is_shared() {
    on_a_database(|tx| {
        let agenda = agenda(tx, "comite")?;
        let id = create(tx, &SYSTEM, weekly(agenda, "FREQ=WEEKLY;COUNT=6"))?.id;
        let before: Vec<_> = rows(tx, id)?
            .into_iter()
            .map(|row| (row.id, row.ical_uid, row.recurrence_key))
            .collect();
        let title = EventPatch {
            title: Some(plain("Soupe au pistou")),
            ..EventPatch::default()
        };
        let later = edit(
            tx,
            &SYSTEM,
            id,
            Some("20261219T180000"),
            &SeriesEdit {
                content: title,
                timing: None,
            },
        )?;
        assert_ne!(later.id, id);
        assert_eq!(
            (later.continues_series_id, later.rule.as_str()),
            (Some(id), "FREQ=WEEKLY;COUNT=4")
        );
        let (old, new) = (rows(tx, id)?, rows(tx, later.id)?);
        assert_eq!((old.len(), new.len()), (2, 4));
        assert!(old.iter().all(|row| row.title.as_str() == "Soupe"));
        assert!(new.iter().all(|row| row.title.as_str() == "Soupe au pistou"));
        let after: Vec<_> = old
            .into_iter()
            .chain(new)
            .map(|row| (row.id, row.ical_uid, row.recurrence_key))
            .collect();
        assert_eq!(after, before, "identifiers, UIDs and keys stay");
        for series in [id, later.id] {
            let series = policy::edit_series(&SYSTEM, visible(tx, &SYSTEM, series)?, crate::access::Standing::System)?;
            assert_eq!(rows::materialise(tx, &SYSTEM, &series)?, 0);
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn another_hour_for_all_moves_every_row_and_tells_calendars() {
    on_a_database(|tx| {
        let agenda = agenda(tx, "comite")?;
        let id = create(tx, &SYSTEM, weekly(agenda, "FREQ=WEEKLY;COUNT=5"))?.id;
        let before: Vec<_> = rows(tx, id)?.into_iter().map(|row| row.id).collect();
        let mut timing = weekly(agenda, "FREQ=WEEKLY;COUNT=4").recurrence;
        timing.start = at("2026-12-05T19:30");
        let change = SeriesEdit {
            timing: Some(Timing {
                recurrence: timing,
                duration_s: None,
            }),
            ..SeriesEdit::default()
        };
        let same = edit(tx, &SYSTEM, id, None, &change)?;
        let rows = rows(tx, same.id)?;
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), before[..4]);
        assert!(
            rows.iter()
                .all(|row| row.local_begin.clock() == (19, 30, 0) && row.sequence == 1 && row.local_end.is_none())
        );
        let alone = event::visible(tx, &Caller::Anonymous, before[4])?;
        assert_eq!(
            (alone.status, alone.series_id, alone.recurrence_key),
            (Status::Cancelled, None, None)
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_skipped_date_is_cancelled_and_an_added_one_has_a_row() {
    on_a_database(|tx| {
        let agenda = agenda(tx, "comite")?;
        let id = create(tx, &SYSTEM, weekly(agenda, "FREQ=WEEKLY;COUNT=3"))?.id;
        skip(tx, &SYSTEM, id, "20261212T180000")?;
        let extra = add(tx, &SYSTEM, id, at("2026-12-24T17:00"))?;
        assert!(matches!(
            add(tx, &SYSTEM, id, at("2026-12-24T17:00")),
            Err(Error::Invalid(_))
        ));
        let rows = rows(tx, id)?;
        assert_eq!(
            keys(&rows),
            [
                "20261205T180000",
                "20261212T180000",
                "20261219T180000",
                "20261224T170000"
            ]
        );
        assert_eq!((rows[1].status, rows[3].id), (Status::Cancelled, extra));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn lists_show_a_series_once_with_the_number_of_its_dates() {
    on_a_database(|tx| {
        let agenda = agenda(tx, "comite")?;
        let id = create(tx, &SYSTEM, weekly(agenda, "FREQ=WEEKLY;COUNT=9"))?.id;
        create(tx, &SYSTEM, weekly(agenda, "FREQ=DAILY"))?;
        let filter = EventFilter {
            collapse_series: true,
            ..EventFilter::coming(tx.now())
        };
        let shown = event::list(tx, &Caller::Anonymous, &filter, PageRequest::new(1, 50))?;
        assert_eq!(shown.len(), 2);
        assert_eq!(event::count(tx, &Caller::Anonymous, &filter)?, 2);
        assert_eq!(event::coming_dates(tx, &[id])?.get(&id), Some(&9));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn in_a_circle_a_series_counts_by_its_dates_or_once() {
    on_a_database(|tx| {
        let agenda = agenda(tx, "comite")?;
        let center = Point::new(50.4669, 4.8675);
        let hall = |name: &str, point| {
            Some(NewPlace {
                name: plain(name),
                point,
                ..NewPlace::default()
            })
        };
        let mut soup = weekly(agenda, "FREQ=WEEKLY;COUNT=9");
        soup.content.place = hall("Salle", center);
        create(tx, &SYSTEM, soup.clone())?;
        soup.content.place = hall("Trop loin, dans la même maille", Point::new(50.4669, 4.93));
        create(tx, &SYSTEM, soup)?;
        let filter = EventFilter {
            near: center.map(|center| Circle {
                center,
                kilometres: 2.0,
            }),
            ..EventFilter::coming(tx.now())
        };
        assert_eq!(event::count(tx, &Caller::Anonymous, &filter)?, 9);
        assert_eq!(
            event::list(tx, &Caller::Anonymous, &filter, PageRequest::new(1, 50))?.len(),
            9
        );
        for (length, found) in [(None, 1), (Some(Listing::Short), 1), (Some(Listing::Long), 0)] {
            let once = EventFilter {
                collapse_series: true,
                length,
                ..filter.clone()
            };
            assert_eq!(event::count(tx, &Caller::Anonymous, &once)?, found);
            let shown = event::list(tx, &Caller::Anonymous, &once, PageRequest::new(1, 50))?;
            assert_eq!(i64::try_from(shown.len()), Ok(found));
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_date_that_was_brought_forward_and_has_begun_is_not_made_again() {
    let test = TestDb::new();
    let id = test
        .db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let id = create(tx, &SYSTEM, weekly(agenda, "FREQ=WEEKLY;COUNT=4"))?.id;
            let third = occurrence(tx, &SYSTEM, id, "20261219T180000")?;
            let earlier = Schedule {
                begin: at("2026-12-04T18:00"),
                end: None,
                ..third.schedule()
            };
            let patch = EventPatch {
                schedule: Some(earlier),
                ..EventPatch::default()
            };
            event::update(tx, &SYSTEM, third.id, patch)?;
            Ok(id)
        })
        .await
        .unwrap();
    test.clock.advance(5 * 86_400);
    test.db
        .write(move |tx| {
            let agenda = visible(tx, &SYSTEM, id)?.organizer_id;
            let mut recurrence = weekly(agenda, "FREQ=WEEKLY;COUNT=3").recurrence;
            recurrence.start = at("2026-12-12T18:00");
            let timing = Timing {
                recurrence,
                duration_s: Some(3600),
            };
            let shorter = SeriesEdit {
                timing: Some(timing),
                ..SeriesEdit::default()
            };
            let later = edit(tx, &SYSTEM, id, None, &shorter)?;
            let rows = rows(tx, later.id)?;
            assert_eq!(keys(&rows), ["20261212T180000", "20261219T180000", "20261226T180000"]);
            assert_eq!(rows[1].local_begin, at("2026-12-04T18:00"), "past rows never change");
            assert_eq!(rows[2].local_end, Some(at("2026-12-26T19:00")));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn the_end_of_a_series_leaves_the_past_alone() {
    let test = TestDb::new();
    let id = test
        .db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            create(tx, &SYSTEM, weekly(agenda, "FREQ=WEEKLY")).map(|series| series.id)
        })
        .await
        .unwrap();
    test.clock.advance(8 * 86_400);
    test.db
        .write(move |tx| {
            remove(tx, &SYSTEM, id)?;
            let rows = rows(tx, id)?;
            assert_eq!(rows[0].status, Status::Confirmed);
            assert!(
                rows[1..]
                    .iter()
                    .all(|row| row.status == Status::Cancelled || row.begins_at <= tx.now())
            );
            Ok(())
        })
        .await
        .unwrap();
}
