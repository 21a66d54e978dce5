//! Use cases of events on a real database.

use super::*;
use crate::{
    caller::SiteRole,
    db::testing::{TestDb, test_keys},
    error::{Code, Error, FieldError, Reason},
    id::ProfileId,
    page::PageRequest,
    place::{NewPlace, Point},
    profile::{self, Kind, NewProfile},
    search,
    text::{Handle, PlainText, Slug},
    time::{Instant, Zone},
};

pub(crate) fn plain(text: &str) -> PlainText {
    PlainText::new("text", text, 200).unwrap()
}

pub(crate) fn agenda(tx: &mut Tx<'_>, name: &str) -> Result<ProfileId> {
    let new = NewProfile {
        kind: Kind::Group,
        name: Handle::new(name)?,
        display_name: plain(name),
        summary: RichText::default(),
        zone: None,
        language: None,
    };
    profile::create(tx, &Caller::System, new, &test_keys()).map(|profile| profile.id)
}

fn schedule(begin: &str, end: Option<&str>) -> Schedule {
    Schedule {
        begin: begin.parse().unwrap(),
        end: end.map(|end| end.parse().unwrap()),
        zone: Zone::named("Europe/Brussels").unwrap(),
        all_day: false,
    }
}

fn soup(organizer: ProfileId, begin: &str) -> NewEvent {
    NewEvent {
        organizer,
        group: None,
        schedule: schedule(begin, None),
        content: Content::titled(plain("La soupe du samedi")),
        ical_uid: None,
    }
}

fn local(profile: ProfileId) -> Caller {
    Caller::Local {
        profile,
        site: SiteRole::Member,
    }
}

#[tokio::test]
async fn an_announced_event_is_read_by_everybody_and_stands_in_the_list() {
    let test = TestDb::new();
    let (event, listed, count) = test
        .db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let event = create(tx, &local(agenda), soup(agenda, "2026-12-05T18:00"))?;
            let seen = visible(tx, &Caller::Anonymous, event.id)?;
            let filter = EventFilter::coming(tx.now());
            let listed = list(tx, &Caller::Anonymous, &filter, PageRequest::default())?;
            Ok((seen, listed, count(tx, &Caller::Anonymous, &filter)?))
        })
        .await
        .unwrap();
    assert_eq!(event.begins_at.rfc3339(), "2026-12-05T17:00:00Z");
    assert_eq!(
        (event.sequence, event.ical_uid.as_str()),
        (0, event.id.to_string().as_str())
    );
    assert_eq!((listed, count), (vec![event], 1));
}

#[tokio::test]
async fn only_who_organizes_it_may_change_it() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let (ours, theirs) = (agenda(tx, "ours")?, agenda(tx, "theirs")?);
            assert!(matches!(
                create(tx, &Caller::Anonymous, soup(ours, "2026-12-05T18:00")),
                Err(Error::Unauthenticated)
            ));
            assert!(matches!(
                create(tx, &local(theirs), soup(ours, "2026-12-05T18:00")),
                Err(Error::Forbidden(Reason::NotOrganizer))
            ));
            let event = create(tx, &local(ours), soup(ours, "2026-12-05T18:00"))?;
            let patch = EventPatch {
                title: Some(plain("X")),
                ..EventPatch::default()
            };
            assert!(matches!(
                update(tx, &Caller::Anonymous, event.id, patch.clone()),
                Err(Error::Unauthenticated)
            ));
            assert!(matches!(
                update(tx, &local(theirs), event.id, patch.clone()),
                Err(Error::Forbidden(_))
            ));
            assert!(matches!(cancel(tx, &local(theirs), event.id), Err(Error::Forbidden(_))));
            assert!(matches!(remove(tx, &local(theirs), event.id), Err(Error::Forbidden(_))));
            assert!(update(tx, &local(ours), event.id, patch).is_ok());
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_may_not_be_seen_answers_like_what_does_not_exist() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let mut new = soup(agenda, "2026-12-05T18:00");
            new.content.state = State::Draft;
            let draft = create(tx, &local(agenda), new)?;
            let nothing = EventId(uuid::Uuid::nil());
            for id in [draft.id, nothing] {
                assert!(matches!(
                    visible(tx, &Caller::Anonymous, id),
                    Err(Error::NotFound(crate::error::What::Event))
                ));
            }
            assert!(visible(tx, &local(agenda), draft.id).is_ok());
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_deleted_event_is_gone_and_cannot_be_changed() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let event = create(tx, &local(agenda), soup(agenda, "2026-12-05T18:00"))?;
            remove(tx, &local(agenda), event.id)?;
            assert!(matches!(visible(tx, &Caller::Anonymous, event.id), Err(Error::Gone(_))));
            assert!(matches!(cancel(tx, &Caller::System, event.id), Err(Error::Gone(_))));
            let all = list(tx, &Caller::Anonymous, &EventFilter::default(), PageRequest::default())?;
            assert!(all.is_empty());
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn sequence_counts_changes_of_time_place_and_status_only() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let id = create(tx, &Caller::System, soup(agenda, "2026-12-05T18:00"))?.id;
            let mut edit = |patch: EventPatch| update(tx, &Caller::System, id, patch).map(|event| event.sequence);
            assert_eq!(
                edit(EventPatch {
                    title: Some(plain("Soupe")),
                    ..EventPatch::default()
                })?,
                0
            );
            assert_eq!(
                edit(EventPatch {
                    schedule: Some(schedule("2026-12-05T19:00", None)),
                    ..EventPatch::default()
                })?,
                1
            );
            let place = NewPlace {
                name: plain("Halle"),
                ..NewPlace::default()
            };
            assert_eq!(
                edit(EventPatch {
                    place: Some(Some(place)),
                    ..EventPatch::default()
                })?,
                2
            );
            assert_eq!(
                edit(EventPatch {
                    status: Some(Status::Cancelled),
                    ..EventPatch::default()
                })?,
                3
            );
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_second_save_of_the_same_version_is_a_conflict() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let event = create(tx, &Caller::System, soup(agenda, "2026-12-05T18:00"))?;
            let patch = EventPatch {
                title: Some(plain("A")),
                version: Some(event.version),
                ..EventPatch::default()
            };
            update(tx, &Caller::System, event.id, patch.clone())?;
            assert!(matches!(
                update(tx, &Caller::System, event.id, patch),
                Err(Error::Conflict(Reason::StaleVersion))
            ));
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn bad_dates_and_texts_are_refused_by_field() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let mut backwards = soup(agenda, "2026-12-05T18:00");
            backwards.schedule.end = Some("2026-12-05T17:00".parse()?);
            let fields = |result: Result<Event>| match result {
                Err(Error::Invalid(fields)) => fields,
                other => panic!("{other:?}"),
            };
            assert_eq!(
                fields(create(tx, &Caller::System, backwards)),
                vec![FieldError {
                    field: "endsOn",
                    code: Code::EndsBeforeBegin
                }]
            );
            let mut untitled = soup(agenda, "2026-12-05T18:00");
            untitled.content.title = PlainText::default();
            assert_eq!(
                fields(create(tx, &Caller::System, untitled)),
                vec![FieldError {
                    field: "title",
                    code: Code::Missing
                }]
            );
            let mut scripted = soup(agenda, "2026-12-05T18:00");
            scripted.content.online_address = Some("javascript:alert(1)".parse().unwrap());
            assert_eq!(
                fields(create(tx, &Caller::System, scripted)),
                vec![FieldError {
                    field: "onlineAddress",
                    code: Code::Malformed
                }]
            );
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn running_and_long_events_are_coming_and_pages_go_on_where_the_last_ended() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let mut make = |title: &str, begin: &str, end: Option<&str>| {
                let mut new = soup(agenda, begin);
                new.content.title = plain(title);
                new.schedule = schedule(begin, end);
                create(tx, &Caller::System, new).map(drop)
            };
            make("exhibition", "2026-06-01T10:00", Some("2027-03-01T18:00"))?;
            make("over", "2026-11-30T18:00", Some("2026-11-30T20:00"))?;
            make("running", "2026-11-30T18:00", Some("2026-12-02T20:00"))?;
            for day in 2..9 {
                make("soup", &format!("2026-12-0{day}T18:00"), None)?;
            }
            let filter = EventFilter::coming(tx.now());
            let mut titles = Vec::new();
            for page in 1..5 {
                let events = list(tx, &Caller::Anonymous, &filter, PageRequest::new(page, 3))?;
                titles.extend(events.into_iter().map(|event| event.title.to_string()));
            }
            assert_eq!(
                titles,
                [
                    "exhibition",
                    "running",
                    "soup",
                    "soup",
                    "soup",
                    "soup",
                    "soup",
                    "soup",
                    "soup"
                ]
            );
            assert_eq!(count(tx, &Caller::Anonymous, &filter)?, 9);
            let short = EventFilter {
                length: Some(Listing::Short),
                ..filter
            };
            assert_eq!(count(tx, &Caller::Anonymous, &short)?, 8);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn a_circle_finds_what_lies_in_it_and_nothing_else() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let mut at = |name: &str, lat: f64, lon: f64| {
                let mut new = soup(agenda, "2026-12-05T18:00");
                new.content.title = plain(name);
                new.content.place = Some(NewPlace {
                    name: plain(name),
                    point: Point::new(lat, lon),
                    ..NewPlace::default()
                });
                create(tx, &Caller::System, new).map(drop)
            };
            at("Namur", 50.4669, 4.8675)?;
            at("Ixelles", 50.833, 4.366)?;
            at("Liège", 50.6326, 5.5797)?;
            create(tx, &Caller::System, soup(agenda, "2026-12-05T18:00"))?;
            let circle = Circle {
                center: Point::new(50.4669, 4.8675).unwrap(),
                kilometres: 56.0,
            };
            let filter = EventFilter {
                near: Some(circle),
                ..EventFilter::coming(tx.now())
            };
            let found = list(tx, &Caller::Anonymous, &filter, PageRequest::default())?;
            let mut names: Vec<String> = found.iter().map(|event| event.title.to_string()).collect();
            names.sort();
            assert_eq!(names, ["Ixelles", "Liège", "Namur"]);
            assert_eq!(count(tx, &Caller::Anonymous, &filter)?, 3);
            let circle = Circle {
                kilometres: 10.0,
                ..circle
            };
            let filter = EventFilter {
                near: Some(circle),
                ..filter
            };
            assert_eq!(list(tx, &Caller::Anonymous, &filter, PageRequest::default())?.len(), 1);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn two_descriptions_of_one_place_are_one_place() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let mut at = |name: &str, lat: f64| {
                let mut new = soup(agenda, "2026-12-05T18:00");
                new.content.place = Some(NewPlace {
                    name: plain(name),
                    point: Point::new(lat, 4.0),
                    ..NewPlace::default()
                });
                create(tx, &Caller::System, new).map(|event| event.place_id)
            };
            let hall = at("Maison de quartier", 50.0)?;
            assert_eq!(at("MAISON  de Quartier", 50.001)?, hall);
            assert_ne!(at("Maison de quartier", 50.1)?, hall);
            assert_ne!(at("Maison communale", 50.0)?, hall);
            let mut in_town = |town: Option<Point>| {
                let mut new = soup(agenda, "2026-12-05T18:00");
                new.content.place = Some(NewPlace {
                    name: plain("Chez Léa"),
                    town,
                    ..NewPlace::default()
                });
                create(tx, &Caller::System, new).map(|event| (event.place_id, event.cell.is_some()))
            };
            let nowhere = in_town(None)?;
            let here = in_town(Point::new(45.75, 4.85))?;
            assert_eq!((nowhere.1, here.1), (false, true));
            assert_ne!(here.0, nowhere.0);
            assert_eq!(in_town(Point::new(45.75, 4.85))?, here);
            assert_ne!(in_town(Point::new(38.0, -90.0))?.0, here.0);
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn words_find_events_whatever_their_accents_and_case() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let mut new = soup(agenda, "2026-12-05T18:00");
            new.content.title = plain("Fête de l'Œuvre");
            new.content.tags = vec![plain("Soupe")];
            new.content.description = RichText::from_plain("Avec la fanfare de Bruxelles.");
            let event = create(tx, &Caller::System, new)?;
            search::index(tx, event.id)?;
            search::index(tx, event.id)?;
            let mut found = |text: &str| {
                let query = search::Query {
                    text: text.into(),
                    filter: EventFilter::default(),
                };
                search::find(tx, &Caller::Anonymous, &query, PageRequest::default())
            };
            for text in [
                "fete",
                "OEUVRE",
                "œuv",
                "soupe fanfare",
                "fête comite",
                "fete de l oeuvre",
            ] {
                assert_eq!(found(text)?.total, 1, "{text}");
            }
            for text in ["bal", "fete bal", "uvre"] {
                assert_eq!(found(text)?.total, 0, "{text}");
            }
            assert_eq!(found("bruxeles")?.did_you_mean.as_deref(), Some("bruxelles"));
            assert_eq!(found("soupe fanfrae")?.did_you_mean.as_deref(), Some("soupe fanfare"));
            assert_eq!(found("\"title:x NEAR(")?.total, 0);
            remove(tx, &Caller::System, event.id)?;
            search::index(tx, event.id)?;
            let query = search::Query {
                text: "fete".into(),
                filter: EventFilter::default(),
            };
            assert_eq!(
                search::find(tx, &Caller::Anonymous, &query, PageRequest::default())?,
                search::Found::default()
            );
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn lists_show_exactly_what_the_policy_lets_a_caller_see() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let (ours, theirs) = (agenda(tx, "ours")?, agenda(tx, "theirs")?);
            for state in [State::Draft, State::Published] {
                for visibility in Visibility::ALL.iter().copied() {
                    let mut new = soup(ours, "2026-12-05T18:00");
                    new.content.state = state;
                    new.content.visibility = visibility;
                    let event = create(tx, &Caller::System, new.clone())?;
                    let gone = create(tx, &Caller::System, new)?;
                    remove(tx, &Caller::System, gone.id)?;
                    assert_eq!(
                        event.listing == Listing::Short,
                        state == State::Published && visibility == Visibility::Public
                    );
                }
            }
            let callers = [
                Caller::Anonymous,
                local(ours),
                local(theirs),
                Caller::Remote { profile: theirs },
                Caller::System,
            ];
            for caller in callers {
                let by_sql = store::all_visible(tx, &caller)?;
                let mut by_policy = store::everything(tx)?;
                by_policy.retain(|event| policy::view(event, policy::standing(&caller, event)).is_ok());
                assert_eq!(by_sql, by_policy, "{caller:?}");
            }
            Ok(())
        })
        .await
        .unwrap();
}

/// An event that nobody announced.
pub(crate) fn sample(state: State, visibility: Visibility) -> Event {
    let at = Instant::from_micros(0).unwrap();
    Event {
        id: EventId(uuid::Uuid::nil()),
        series_id: None,
        recurrence_key: None,
        detached: Detached::default(),
        organizer_id: ProfileId(uuid::Uuid::nil()),
        group_id: None,
        title: plain("x"),
        local_begin: "2026-12-05T18:00".parse().unwrap(),
        local_end: None,
        zone: Zone::UTC,
        all_day: false,
        begins_at: at,
        over_at: at,
        state,
        status: Status::Confirmed,
        visibility,
        listing: Listing::None,
        category: Category::Meeting,
        language: None,
        attendance: Attendance::InPerson,
        online_address: None,
        place_id: None,
        cell: None,
        picture_id: None,
        details: Details::default(),
        sequence: 0,
        ical_uid: "x".into(),
        version: 1,
        created_at: at,
        updated_at: at,
    }
}

#[tokio::test]
async fn a_tag_finds_its_events_and_its_neighbours() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let agenda = agenda(tx, "comite")?;
            let mut new = soup(agenda, "2026-12-05T18:00");
            new.content.tags = vec![plain("Fête"), plain("fete"), plain("Soupe")];
            create(tx, &Caller::System, new)?;
            let fete = crate::tag::by_slug(tx, &Slug::of("FÊTE").unwrap())?;
            assert_eq!(fete.title.as_str(), "Fête");
            let filter = EventFilter {
                tags: Some(vec![fete.id]),
                ..EventFilter::default()
            };
            assert_eq!(count(tx, &Caller::Anonymous, &filter)?, 1);
            let near: Vec<String> = crate::tag::related(tx, fete.id, 5)?
                .into_iter()
                .map(|tag| tag.slug.to_string())
                .collect();
            assert_eq!(near, ["soupe"]);
            let none = EventFilter {
                tags: Some(Vec::new()),
                ..EventFilter::default()
            };
            assert_eq!(count(tx, &Caller::Anonymous, &none)?, 0);
            Ok(())
        })
        .await
        .unwrap();
}
