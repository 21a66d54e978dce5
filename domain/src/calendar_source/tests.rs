//! What becomes of the entries of a calendar, on a real database.

mod again;

use super::{job::RefreshCalendar, *};
use crate::{
    db::testing::TestDb,
    event::{self, Circle, EventFilter, Status, import, tests::agenda},
    id::ProfileId,
    page::PageRequest,
    place::Point,
    time::Zone,
};

const SYSTEM: Caller = Caller::System;
/// Where settling begins.
const START: (String, String) = (String::new(), String::new());

fn calendar(events: &str) -> import::Reading {
    let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//T//EN\r\n{events}END:VCALENDAR\r\n");
    let options = import::Options {
        default_zone: Zone::named("Europe/Brussels").unwrap(),
        now: Zone::UTC.instant("2026-12-01T11:00:00".parse().unwrap()),
    };
    import::read(text.as_bytes(), &options).unwrap()
}

fn entry(uid: &str, day: &str, title: &str) -> String {
    format!(
        "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;TZID=Europe/Brussels:{day}T180000\r\nSUMMARY:{title}\r\nEND:VEVENT\r\n"
    )
}

fn source(tx: &mut Tx<'_>) -> Result<CalendarSource> {
    let new = NewSource {
        profile: agenda(tx, "comite")?,
        url: Some("https://example.org/a.ics".parse().unwrap()),
        name: crate::text::PlainText::default(),
        zone: Zone::named("Europe/Brussels")?,
        subscribed: false,
    };
    let made = open(tx, &SYSTEM, new.clone())?;
    assert_eq!(open(tx, &SYSTEM, new)?, made, "one source an address");
    Ok(made)
}

/// A calendar that is read again.
fn subscription(tx: &mut Tx<'_>, profile: ProfileId, url: &str) -> Result<CalendarSource> {
    let new = NewSource {
        profile,
        url: Some(url.parse().unwrap()),
        name: crate::text::PlainText::default(),
        zone: Zone::UTC,
        subscribed: true,
    };
    open(tx, &SYSTEM, new)
}

fn titles(tx: &mut Tx<'_>) -> Result<Vec<(String, Status)>> {
    let filter = EventFilter::coming(tx.now());
    let events = event::list(tx, &Caller::Anonymous, &filter, PageRequest::default())?;
    Ok(events
        .into_iter()
        .map(|event| (event.title.to_string(), event.status))
        .collect())
}

#[tokio::test]
async fn whatever_ended_a_chain_of_readings_it_goes_on() {
    let test = TestDb::new();
    let waiting = |tx: &mut Tx<'_>| crate::job::next_due(tx, &[<RefreshCalendar as crate::job::Job>::KIND]);
    test.db
        .write(move |tx| {
            let once = source(tx)?;
            job::schedule_all(tx, 3600)?;
            assert_eq!(waiting(tx)?, None, "it was imported once");
            let new = NewSource {
                profile: once.profile_id,
                url: Some(once.url.parse().unwrap()),
                name: once.name.clone(),
                zone: once.zone.clone(),
                subscribed: true,
            };
            let subscribed = open(tx, &SYSTEM, new)?;
            assert_eq!((subscribed.id, subscribed.subscribed), (once.id, true));
            job::schedule(tx, subscribed.id, 60)?;
            job::schedule_all(tx, 3600)?;
            assert_eq!(waiting(tx)?, Some(tx.now().plus_seconds(60)), "one that waits stays");
            Ok(())
        })
        .await
        .unwrap();
    let lost = TestDb::new();
    let made = lost.db.write(move |tx| {
        let once = source(tx)?;
        let new = NewSource {
            profile: once.profile_id,
            url: Some(once.url.parse().unwrap()),
            name: once.name,
            zone: once.zone,
            subscribed: true,
        };
        open(tx, &SYSTEM, new)?;
        job::schedule_all(tx, 3600)?;
        assert_eq!(waiting(tx)?, Some(tx.now().plus_seconds(3600)));
        Ok(())
    });
    made.await.unwrap();
}

#[tokio::test]
async fn a_calendar_that_is_unsubscribed_from_is_read_no_more_and_its_events_stay() {
    let test = TestDb::new();
    let waiting = |tx: &mut Tx<'_>| crate::job::next_due(tx, &[<RefreshCalendar as crate::job::Job>::KIND]);
    test.db
        .write(move |tx| {
            let us = agenda(tx, "comite")?;
            let other = agenda(tx, "voisins")?;
            let ours = subscription(tx, us, "https://example.org/a.ics")?;
            let theirs = subscription(tx, other, "https://example.org/a.ics")?;
            bring(tx, &SYSTEM, &ours, &calendar(&entry("1", "20261205", "Soupe")).items)?;
            let listed = |tx: &mut Tx<'_>, caller: &Caller| subscriptions(tx, caller, PageRequest::default());
            let us_only = Caller::Local {
                profile: us,
                site: crate::caller::SiteRole::Member,
            };
            assert_eq!(listed(tx, &SYSTEM)?, [ours.clone(), theirs.clone()]);
            assert_eq!(listed(tx, &us_only)?, vec![ours.clone()]);
            assert!(listed(tx, &Caller::Anonymous).is_err() && listed(tx, &Caller::Remote { profile: us }).is_err());
            let url = ours.url.parse().unwrap();
            assert!(unsubscribe(tx, &us_only, other, &url).is_err(), "it is somebody else's");
            let ended = unsubscribe(tx, &us_only, us, &url)?;
            assert_eq!((ended.id, ended.subscribed), (ours.id, false));
            assert!(unsubscribe(tx, &us_only, us, &url).is_err(), "there is none any more");
            assert_eq!(listed(tx, &SYSTEM)?, vec![theirs.clone()]);
            // What is on its way when it ends asks for no further reading.
            job::schedule(tx, ours.id, 60)?;
            assert_eq!(waiting(tx)?, None);
            job::schedule(tx, theirs.id, 60)?;
            assert!(waiting(tx)?.is_some());
            assert_eq!(titles(tx)?, [("Soupe".to_owned(), Status::Confirmed)]);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn an_entry_brought_again_changes_its_event_and_makes_no_second_one() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let source = source(tx)?;
            let first = calendar(&entry("1", "20261205", "Soupe"));
            assert_eq!(bring(tx, &SYSTEM, &source, &first.items)?.created, 1);
            assert_eq!(bring(tx, &SYSTEM, &source, &first.items)?.unchanged, 1);
            let second = calendar(&entry("1", "20261206", "Potage"));
            assert_eq!(bring(tx, &SYSTEM, &source, &second.items)?.updated, 1);
            assert_eq!(titles(tx)?, [("Potage".to_owned(), Status::Confirmed)]);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn who_looks_nearby_finds_a_place_by_its_town_but_no_map_shows_it() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let source = source(tx)?;
            let located = |uid: &str, title: &str, place: &str| {
                entry(uid, "20261205", title).replace("END:VEVENT", &format!("LOCATION:{place}\r\nEND:VEVENT"))
            };
            let both = [
                located("1", "Soupe", "Maison de quartier\\, rue du Four\\, 5651 Tarcienne"),
                located("2", "Bal", "Salle Pasteur\\, 69100 Villeurbanne"),
            ];
            bring(tx, &SYSTEM, &source, &calendar(&both.concat()).items)?;
            let near = |lat, lon| EventFilter {
                near: Point::new(lat, lon).map(|center| Circle {
                    center,
                    kilometres: 10.0,
                }),
                ..EventFilter::coming(tx.now())
            };
            let (tarcienne, lyon) = (near(50.31, 4.50), near(45.76, 4.84));
            let found = event::list(tx, &SYSTEM, &tarcienne, PageRequest::default())?;
            let [soup] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!(soup.title.as_str(), "Soupe");
            assert_eq!(event::count(tx, &SYSTEM, &lyon)?, 1);
            let place = crate::place::by_ids(tx, &[soup.place_id.unwrap()])?.pop().unwrap();
            assert_eq!((place.locality.as_str(), place.point()), ("Tarcienne", None));
            assert_eq!(
                bring(tx, &SYSTEM, &source, &calendar(&both.concat()).items)?.unchanged,
                2
            );
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_calendar_that_is_subscribed_to_takes_over_what_a_file_of_it_brought() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let once = source(tx)?;
            let both = format!("{}{}", entry("1", "20261205", "Soupe"), entry("2", "20261206", "Bal"));
            bring(tx, &SYSTEM, &once, &calendar(&both).items)?;
            let subscribed = subscription(tx, once.profile_id, "https://comite.example/a.ics")?;
            let later = format!(
                "{}{}",
                entry("1", "20261205", "Soupe"),
                entry("2", "20261206", "Bal masqué")
            );
            let counts = |brought: Brought| (brought.created, brought.updated, brought.unchanged);
            assert_eq!(
                counts(bring(tx, &SYSTEM, &subscribed, &calendar(&later).items)?),
                (0, 1, 1)
            );
            assert_eq!(
                counts(bring(tx, &SYSTEM, &subscribed, &calendar(&later).items)?),
                (0, 0, 2)
            );
            assert_eq!(
                counts(bring(tx, &SYSTEM, &once, &calendar(&both).items)?),
                (0, 0, 2),
                "an old file changes nothing of what is read again"
            );
            settle(tx, &SYSTEM, &once, &|_, _| false, &START)?;
            let shown = ["Soupe", "Bal masqué"].map(|title| (title.to_owned(), Status::Confirmed));
            assert_eq!(titles(tx)?, shown);
            settle(tx, &SYSTEM, &subscribed, &|uid, _| uid == "1", &START)?;
            assert_eq!(
                counts(bring(tx, &SYSTEM, &once, &calendar(&both).items)?),
                (0, 0, 2),
                "nor does it bring back what is gone"
            );
            bring(tx, &SYSTEM, &subscribed, &calendar(&later).items)?;
            assert_eq!(titles(tx)?, shown);
            let other = subscription(tx, once.profile_id, "https://other.example/b.ics")?;
            assert_eq!(
                counts(bring(tx, &SYSTEM, &other, &calendar(&both).items)?),
                (2, 0, 0),
                "two that are read again would undo each other's changes"
            );
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_was_decided_here_stays_when_a_subscription_takes_over() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let once = source(tx)?;
            let both = calendar(&format!(
                "{}{}",
                entry("1", "20261205", "Soupe"),
                entry("2", "20261206", "Bal")
            ));
            bring(tx, &SYSTEM, &once, &both.items)?;
            let filter = EventFilter::coming(tx.now());
            let events = event::list(tx, &SYSTEM, &filter, PageRequest::default())?;
            let [soup, ball] = events.as_slice() else {
                panic!("{events:?}")
            };
            event::cancel(tx, &SYSTEM, soup.id)?;
            event::remove(tx, &SYSTEM, ball.id)?;
            let subscribed = subscription(tx, once.profile_id, "https://comite.example/a.ics")?;
            assert_eq!(bring(tx, &SYSTEM, &subscribed, &both.items)?.unchanged, 2);
            assert_eq!(titles(tx)?, [("Soupe".to_owned(), Status::Cancelled)]);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_is_gone_from_a_calendar_is_cancelled_and_deleted_a_week_later() {
    let test = TestDb::new();
    let source = test
        .db
        .write(|tx| {
            let source = source(tx)?;
            let both = calendar(&format!(
                "{}{}",
                entry("1", "20261205", "Soupe"),
                entry("2", "20261120", "Bal")
            ));
            bring(tx, &SYSTEM, &source, &both.items)?;
            let (next, cancelled) = settle(tx, &SYSTEM, &source, &|_, _| false, &START)?;
            assert_eq!(
                (next, cancelled),
                (None, 1),
                "calendars forget the past: the ball stays as it was"
            );
            assert_eq!(titles(tx)?, [("Soupe".to_owned(), Status::Cancelled)]);
            assert_eq!(clear_gone(tx)?, 0);
            Ok(source)
        })
        .await
        .unwrap();
    test.clock.advance(3 * 86_400);
    test.db
        .write(move |tx| {
            let again = calendar(&entry("1", "20261205", "Soupe"));
            assert_eq!(bring(tx, &SYSTEM, &source, &again.items)?.updated, 1, "it is back");
            assert_eq!(titles(tx)?, [("Soupe".to_owned(), Status::Confirmed)]);
            settle(tx, &SYSTEM, &source, &|_, _| false, &START)?;
            Ok(())
        })
        .await
        .unwrap();
    test.clock.advance(8 * 86_400);
    test.db
        .write(|tx| {
            assert_eq!(clear_gone(tx)?, 1);
            assert_eq!(clear_gone(tx)?, 0);
            Ok(())
        })
        .await
        .unwrap();
}

/// Attack case INJ-10.
#[tokio::test]
async fn a_calendar_that_copies_the_names_of_other_entries_changes_nothing_of_them() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let (ours, theirs) = (source(tx)?, agenda(tx, "theirs")?);
            let mine = calendar(&entry("1", "20261205", "Soupe"));
            bring(tx, &SYSTEM, &ours, &mine.items)?;
            let foreign = NewSource {
                profile: theirs,
                url: Some("https://other.example/a.ics".parse().unwrap()),
                name: crate::text::PlainText::default(),
                zone: Zone::UTC,
                subscribed: false,
            };
            let foreign = open(tx, &SYSTEM, foreign)?;
            let cancelled = "STATUS:CANCELLED\r\nSEQUENCE:99\r\nEND:VEVENT";
            let cancelled = entry("1", "20261205", "Annulé").replace("END:VEVENT", cancelled);
            let copy = calendar(&format!("METHOD:CANCEL\r\n{cancelled}"));
            bring(tx, &SYSTEM, &foreign, &copy.items)?;
            settle(tx, &SYSTEM, &foreign, &|_, _| false, &START)?;
            let soup = ("Soupe".to_owned(), Status::Confirmed);
            assert!(titles(tx)?.contains(&soup), "{:?}", titles(tx)?);
            let events = event::list(tx, &SYSTEM, &EventFilter::coming(tx.now()), PageRequest::default())?;
            let soup = events.iter().find(|event| event.title.as_str() == "Soupe").unwrap();
            assert_eq!((soup.sequence, soup.ical_uid.as_str()), (0, "1"));
            assert!(events.iter().all(|event| event.id == soup.id || event.ical_uid != "1"));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn only_the_site_and_the_profile_itself_may_bring_a_calendar() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let (ours, theirs) = (agenda(tx, "ours")?, agenda(tx, "theirs")?);
            let new = NewSource {
                profile: ours,
                url: None,
                name: crate::text::PlainText::default(),
                zone: Zone::UTC,
                subscribed: false,
            };
            let local = |profile| Caller::Local {
                profile,
                site: crate::caller::SiteRole::Member,
            };
            assert!(matches!(
                open(tx, &Caller::Anonymous, new.clone()),
                Err(Error::Unauthenticated)
            ));
            assert!(matches!(
                open(tx, &local(theirs), new.clone()),
                Err(Error::Forbidden(_))
            ));
            assert!(open(tx, &local(ours), new).is_ok());
            Ok(())
        })
        .await
        .unwrap();
}
