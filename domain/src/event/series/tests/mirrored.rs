//! Series that mirror one in a calendar elsewhere.

use super::*;

#[tokio::test]
async fn a_mirrored_series_follows_its_calendar_and_keeps_its_addresses() {
    on_a_database(|tx| {
        let agenda = agenda(tx, "comite")?;
        let new = weekly(agenda, "FREQ=WEEKLY;COUNT=4");
        let id = create(tx, &SYSTEM, new.clone())?.id;
        let before: Vec<_> = rows(tx, id)?.into_iter().map(|row| row.id).collect();
        let mut recurrence = new.recurrence.clone();
        recurrence.start = at("2026-12-05T17:00");
        recurrence.skipped = vec![at("2026-12-12T17:00")];
        let content = Content {
            title: plain("Potage"),
            ..new.content.clone()
        };
        let apart = Mirrored {
            key: "20261219T170000".into(),
            schedule: Schedule {
                begin: at("2026-12-20T10:00"),
                end: None,
                zone: recurrence.zone.clone(),
                all_day: false,
            },
            content: Content {
                status: Status::Tentative,
                ..content.clone()
            },
        };
        let timing = Timing {
            recurrence,
            duration_s: Some(3600),
        };
        for _ in 0..2 {
            let apart = std::slice::from_ref(&apart);
            let version = mirror(tx, &SYSTEM, id, &timing, content.clone(), apart, usize::MAX)?.version;
            assert_eq!(version, 2, "the second time there is nothing to do");
            let rows = rows(tx, id)?;
            assert_eq!(keys(&rows), ["20261205T170000", "20261219T170000", "20261226T170000"]);
            assert_eq!(
                rows.iter().map(|row| row.id).collect::<Vec<_>>(),
                [before[0], before[2], before[3]]
            );
            assert_eq!(
                (rows[1].local_begin, rows[1].status),
                (at("2026-12-20T10:00"), Status::Tentative)
            );
            assert!(rows.iter().all(|row| row.title.as_str() == "Potage"));
        }
        let gone = event::visible(tx, &Caller::Anonymous, before[1])?;
        assert_eq!((gone.status, gone.series_id), (Status::Cancelled, None));
        Ok(())
    })
    .await;
}

/// A daily series from 2026-06-01 on, of which the date in a fortnight is cancelled.
fn daily(organizer: ProfileId) -> (NewSeries, [Mirrored; 1]) {
    let mut new = weekly(organizer, "FREQ=DAILY");
    new.recurrence.start = at("2026-06-01T18:00");
    let begin = at("2026-12-15T18:00");
    let cancelled = Mirrored {
        key: "20261215T180000".to_owned(),
        schedule: Schedule {
            begin,
            end: Some(begin.plus_seconds(2 * 3600)),
            zone: new.recurrence.zone.clone(),
            all_day: false,
        },
        content: Content {
            status: Status::Cancelled,
            ..new.content.clone()
        },
    };
    (new, [cancelled])
}

#[tokio::test]
async fn rows_beyond_those_at_once_are_made_by_the_job_and_what_is_told_apart_stays_so() {
    on_a_database(|tx| {
        let (new, apart) = daily(agenda(tx, "comite")?);
        let id = import(tx, &SYSTEM, new, &apart, 3)?.id;
        assert_eq!(
            keys(&rows(tx, id)?),
            [
                "20261201T180000",
                "20261202T180000",
                "20261203T180000",
                "20261215T180000"
            ],
            "the nearest ones, and the one that the job knows nothing of"
        );
        assert_eq!(job::enqueue_due(tx)?, 1);
        assert_eq!(extend(tx, id)?, 183 + 400 - 4);
        assert_eq!((job::enqueue_due(tx)?, extend(tx, id)?), (0, 0));
        let rows = rows(tx, id)?;
        assert_eq!(rows[0].recurrence_key.as_deref(), Some("20260601T180000"));
        let cancelled: Vec<_> = rows.iter().filter(|row| row.status == Status::Cancelled).collect();
        assert_eq!(cancelled.len(), 1);
        assert_eq!(cancelled[0].recurrence_key.as_deref(), Some("20261215T180000"));
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn past_rows_that_are_left_are_made_by_the_job_too() {
    on_a_database(|tx| {
        let (new, apart) = daily(agenda(tx, "comite")?);
        let id = import(tx, &SYSTEM, new, &apart, 450)?.id;
        assert_eq!(rows(tx, id)?.len(), 451);
        assert_eq!(job::enqueue_due(tx)?, 1);
        assert_eq!(extend(tx, id)?, 183 + 400 - 451);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_changed_calendar_leaves_rows_to_the_job_and_cancels_none_of_those_that_are_there() {
    on_a_database(|tx| {
        let agenda = agenda(tx, "comite")?;
        let (new, apart) = daily(agenda);
        let sparse = weekly(agenda, "FREQ=WEEKLY");
        let id = import(tx, &SYSTEM, sparse, &[], usize::MAX)?.id;
        let before: BTreeSet<_> = rows(tx, id)?.into_iter().map(|row| row.id).collect();
        let timing = Timing {
            recurrence: new.recurrence.clone(),
            duration_s: new.duration_s,
        };
        for _ in 0..2 {
            mirror(tx, &SYSTEM, id, &timing, new.content.clone(), &apart, 5)?;
        }
        let now = rows(tx, id)?;
        assert_eq!(now.len(), before.len() + 1 + 5 + 5);
        let there: BTreeSet<_> = now.iter().map(|row| row.id).collect();
        assert!(before.is_subset(&there));
        assert_eq!(now.iter().filter(|row| row.status == Status::Cancelled).count(), 1);
        assert_eq!(extend(tx, id)?, 183 + 400 - now.len());
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_date_that_is_told_apart_long_before_its_turn_is_not_lost() {
    let test = TestDb::new();
    let id = test
        .db
        .write(|tx| {
            let mut new = weekly(agenda(tx, "comite")?, "FREQ=YEARLY");
            new.recurrence.start = at("2026-12-05T18:00");
            let begin = at("2028-12-05T10:00");
            let moved = Mirrored {
                key: "20281205T180000".to_owned(),
                schedule: Schedule {
                    begin,
                    end: None,
                    zone: new.recurrence.zone.clone(),
                    all_day: false,
                },
                content: new.content.clone(),
            };
            let id = import(tx, &SYSTEM, new, &[moved], usize::MAX)?.id;
            let dated = dated(tx, &SYSTEM, id)?;
            assert_eq!(
                (dated.rows.len(), dated.added),
                (3, Vec::new()),
                "it is one of the rule"
            );
            Ok(id)
        })
        .await
        .unwrap();
    test.clock.advance(2 * 365 * 86_400);
    test.db
        .write(move |tx| {
            extend(tx, id)?;
            let row = occurrence(tx, &SYSTEM, id, "20281205T180000")?;
            assert_eq!((row.local_begin, row.sequence), (at("2028-12-05T10:00"), 0));
            Ok(())
        })
        .await
        .unwrap();
}
