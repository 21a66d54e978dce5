//! Which events are found, in which order, and how far.

use super::*;
use crate::{
    db::testing::TestDb,
    event::{
        Content, EventPatch, NewEvent, Schedule, create,
        tests::{agenda, plain},
    },
    id::{EventId, ProfileId},
    tag,
    text::Slug,
    time::{LocalDateTime, Zone},
};

fn at(begin: LocalDateTime, hours: i64) -> Schedule {
    Schedule {
        begin,
        end: Some(begin.plus_seconds(hours * 3_600)),
        zone: Zone::named("Europe/Brussels").unwrap(),
        all_day: false,
    }
}

fn announce(tx: &mut Tx<'_>, organizer: ProfileId, title: &str, schedule: Schedule, tags: &[&str]) -> Result<EventId> {
    let content = Content {
        tags: tags.iter().copied().map(plain).collect(),
        ..Content::titled(plain(title))
    };
    let new = NewEvent {
        organizer,
        group: None,
        schedule,
        content,
        ical_uid: None,
    };
    let event = create(tx, &Caller::System, new)?;
    index(tx, event.id)?;
    Ok(event.id)
}

fn search(tx: &mut Tx<'_>, text: &str, filter: EventFilter) -> Result<Vec<EventId>> {
    let query = Query {
        text: text.into(),
        filter,
    };
    let found = find(tx, &Caller::Anonymous, &query, PageRequest::first(1_000))?;
    assert_eq!(found.total, i64::try_from(found.events.len()).unwrap());
    Ok(found.events.into_iter().map(|event| event.id).collect())
}

fn start(tx: &Tx<'_>) -> LocalDateTime {
    Zone::named("Europe/Brussels").unwrap().local(tx.now())
}

/// More concerts than are shown: one that runs, one that is over, and one on each of the next 510 days, of which the
/// 505th has a tag.
struct Concerts {
    us: ProfileId,
    running: EventId,
    past: EventId,
    coming: Vec<EventId>,
}

fn concerts(tx: &mut Tx<'_>) -> Result<Concerts> {
    let (us, now) = (agenda(tx, "comite")?, start(tx));
    let running = announce(
        tx,
        us,
        "Concert d'hier à demain",
        at(now.plus_seconds(-86_400), 48),
        &[],
    )?;
    let past = announce(tx, us, "Concert d'avant", at(now.plus_seconds(-86_400), 2), &[])?;
    let mut coming = Vec::new();
    for day in (1..=510).rev() {
        let tags: &[&str] = if day == 505 { &["rare"] } else { &[] };
        coming.push(announce(
            tx,
            us,
            "Concert",
            at(now.plus_seconds(day * 86_400), 2),
            tags,
        )?);
    }
    coming.reverse();
    Ok(Concerts {
        us,
        running,
        past,
        coming,
    })
}

#[tokio::test]
async fn of_too_many_the_next_ones_are_found_and_those_that_run_among_them() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let all = concerts(tx)?;
            let found = search(tx, "concert", EventFilter::default())?;
            assert_eq!(found.len(), 500);
            assert_eq!(found.first(), Some(&all.running));
            assert_eq!(found[1..], all.coming[..499]);
            // Most of what has the word is not selected: it is looked through, not given up.
            for until in [tx.now(), tx.now().plus_seconds(-3_600)] {
                let before = EventFilter {
                    until: Some(until),
                    ..EventFilter::default()
                };
                assert_eq!(search(tx, "concert", before)?, [all.running, all.past]);
            }
            let over = EventFilter {
                over: Some(tx.now()),
                ..EventFilter::default()
            };
            assert_eq!(search(tx, "concert", over)?, [all.past]);
            let last = event::by_ids(tx, &Caller::Anonymous, &all.coming[508..509])?.remove(0);
            let late = EventFilter {
                from: Some(last.begins_at.plus_seconds(3_600)),
                ..EventFilter::default()
            };
            assert_eq!(search(tx, "concert", late)?, all.coming[508..]);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn where_the_index_has_too_many_the_few_that_a_filter_leaves_are_looked_through() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let all = concerts(tx)?;
            let slug = Slug::of("rare").unwrap();
            let tag = tag::by_slugs(tx, std::slice::from_ref(&slug))?.remove(&slug).unwrap();
            let rare = EventFilter {
                tags: Some(vec![tag.id]),
                ..EventFilter::default()
            };
            assert_eq!(search(tx, "concert", rare.clone())?, all.coming[504..505]);
            assert!(search(tx, "concert hier", rare)?.is_empty());
            let ours = EventFilter {
                profile: Some(all.us),
                ..EventFilter::default()
            };
            let unfiltered = search(tx, "concert", EventFilter::default())?;
            assert_eq!(search(tx, "concert", ours.clone())?, unfiltered);
            let before = EventFilter {
                until: Some(tx.now()),
                ..ours
            };
            assert_eq!(search(tx, "concert", before)?, [all.running, all.past]);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn an_event_that_is_moved_is_found_where_it_is_now() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let (us, now) = (agenda(tx, "comite")?, start(tx));
            let first = announce(tx, us, "Bal", at(now.plus_seconds(3_600), 2), &[])?;
            let second = announce(tx, us, "Bal", at(now.plus_seconds(7_200), 2), &[])?;
            assert_eq!(search(tx, "bal", EventFilter::default())?, [first, second]);
            for later in [86_400, -86_400] {
                let patch = EventPatch {
                    schedule: Some(at(now.plus_seconds(later), 1)),
                    ..EventPatch::default()
                };
                event::update(tx, &Caller::System, first, patch)?;
                index(tx, first)?;
                assert_eq!(search(tx, "bal", EventFilter::default())?, [second, first]);
                let rows = store::rows(tx)?;
                assert_eq!(rows.len(), 2, "no row of before is left: {rows:?}");
            }
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn events_that_end_together_are_all_found() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let (us, now) = (agenda(tx, "comite")?, start(tx));
            let schedule = || at(now.plus_seconds(3_600), 2);
            let mut all = Vec::new();
            for _ in 0..40 {
                all.push(announce(tx, us, "Soupe", schedule(), &[])?);
            }
            let mut found = search(tx, "soupe", EventFilter::default())?;
            found.sort_unstable();
            all.sort_unstable();
            assert_eq!(found, all);
            // The place of one is taken by somebody else's row: it takes the next.
            let event = event::by_ids(tx, &Caller::System, &[all[0]])?.remove(0);
            let taken = store::free(tx, &event)?;
            let own = store::rows(tx)?.into_iter().find(|(_, id)| *id == event.id).unwrap().0;
            assert_eq!(taken, own + 1);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn words_among_few_events_are_found_as_among_all() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let (us, them, now) = (agenda(tx, "comite")?, agenda(tx, "voisins")?, start(tx));
            for number in 0..60_i64 {
                let (who, title) = if number % 3 == 0 {
                    (us, "Soupe")
                } else {
                    (them, "Soupe et bal")
                };
                let tags: &[&str] = if number % 4 == 0 { &["quartier"] } else { &[] };
                let begin = now.plus_seconds((number - 30) * 40_000);
                announce(tx, who, title, at(begin, 1 + number % 60), tags)?;
            }
            let all = search(tx, "soupe", EventFilter::default())?;
            assert_eq!(all.len(), 60);
            let ours = EventFilter {
                profile: Some(us),
                ..EventFilter::default()
            };
            let of_us = event::by_ids(tx, &Caller::Anonymous, &all)?;
            let of_us: Vec<_> = of_us
                .iter()
                .filter(|event| event.organizer_id == us)
                .map(|event| event.id)
                .collect();
            assert_eq!(search(tx, "soupe", ours.clone())?, of_us);
            assert!(search(tx, "bal", ours)?.is_empty());
            let slug = Slug::of("quartier").unwrap();
            let tag = tag::by_slugs(tx, std::slice::from_ref(&slug))?.remove(&slug).unwrap();
            let tagged = EventFilter {
                tags: Some(vec![tag.id]),
                ..EventFilter::default()
            };
            assert_eq!(search(tx, "soupe", tagged)?.len(), 15);
            Ok(())
        })
        .await
        .unwrap();
}
