//! Which events are in which feed, on real databases.

use super::*;
use crate::{
    caller::Caller,
    db::{Tx, testing::TestDb, testing::test_keys},
    error::{Error, Result, What},
    event::{
        self, Attendance, Content, EventPatch, NewEvent, Schedule, State, Visibility,
        series::{self as event_series, NewSeries},
    },
    id::{EventId, ProfileId, SeriesId},
    place::{NewPlace, Point},
    profile::{self, Kind, NewProfile},
    text::{PlainText, RichText},
    time::{
        Zone,
        recurrence::{Recurrence, Rule},
    },
};
use diesel::connection::{Connection, InstrumentationEvent};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

fn title(text: &str) -> PlainText {
    PlainText::new("title", text, 200).unwrap()
}

fn brussels() -> Zone {
    Zone::named("Europe/Brussels").unwrap()
}

fn profile(tx: &mut Tx<'_>, name: &str) -> ProfileId {
    let new = NewProfile {
        kind: Kind::Group,
        name: Handle::new(name).unwrap(),
        display_name: title("Comité des fêtes"),
        summary: RichText::default(),
        zone: None,
        language: None,
    };
    profile::create(tx, &Caller::System, new, &test_keys()).unwrap().id
}

/// An event of two hours of `organizer`.
fn event(tx: &mut Tx<'_>, organizer: ProfileId, name: &str, begin: &str, edit: impl FnOnce(&mut NewEvent)) -> EventId {
    let begin: crate::time::LocalDateTime = begin.parse().unwrap();
    let mut new = NewEvent {
        organizer,
        group: None,
        schedule: Schedule {
            begin,
            end: Some(begin.plus_seconds(7200)),
            zone: brussels(),
            all_day: false,
        },
        content: Content::titled(title(name)),
        ical_uid: None,
    };
    edit(&mut new);
    event::create(tx, &Caller::System, new).unwrap().id
}

/// Runs a test on a database that has one profile.
async fn on_database<T: Send + 'static>(test: impl FnOnce(&mut Tx<'_>, ProfileId) -> T + Send + 'static) -> T {
    let test_db = TestDb::new();
    test_db
        .db
        .write(move |tx| {
            let organizer = profile(tx, "comite");
            Ok(test(tx, organizer))
        })
        .await
        .unwrap()
}

fn titles(feed: &Feed) -> Vec<&str> {
    feed.entries.iter().map(|entry| entry.event.title.as_str()).collect()
}

fn site(tx: &mut Tx<'_>) -> Feed {
    select(tx, &Of::Site).unwrap()
}

#[tokio::test]
async fn a_feed_shows_what_comes_within_400_days_what_runs_and_what_began_90_days_ago() {
    on_database(|tx, organizer| {
        let mut add = |name: &str, begin: &str| event(tx, organizer, name, begin, |_| {});
        add("in a week", "2026-12-08T18:00");
        add("400 days", "2028-01-05T11:00");
        add("401 days", "2028-01-06T13:00");
        add("89 days ago", "2026-09-03T18:00");
        add("91 days ago", "2026-09-01T08:00");
        add("this minute", "2026-12-01T11:00");
        event(tx, organizer, "exhibition since June", "2026-06-01T10:00", |new| {
            new.schedule.end = Some("2026-12-31T18:00".parse().unwrap());
        });
        event(tx, organizer, "exhibition that is over", "2026-06-01T10:00", |new| {
            new.schedule.end = Some("2026-11-15T18:00".parse().unwrap());
        });
        assert_eq!(
            titles(&site(tx)),
            [
                "exhibition since June",
                "89 days ago",
                "this minute",
                "in a week",
                "400 days"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn only_public_events_stand_in_feeds() {
    on_database(|tx, organizer| {
        event(tx, organizer, "public", "2026-12-08T18:00", |_| {});
        event(tx, organizer, "draft", "2026-12-08T18:00", |new| {
            new.content.state = State::Draft;
        });
        for visibility in Visibility::ALL.iter().copied().filter(|one| *one != Visibility::Public) {
            event(tx, organizer, visibility.as_str(), "2026-12-08T18:00", |new| {
                new.content.visibility = visibility;
            });
        }
        assert_eq!(titles(&site(tx)), ["public"]);
        let of = Of::Profile(Handle::new("comite").unwrap());
        assert_eq!(titles(&select(tx, &of).unwrap()), ["public"]);
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_event_stays_for_30_days_after_its_date() {
    on_database(|tx, organizer| {
        for (name, begin) in [
            ("29 days ago", "2026-11-02T18:00"),
            ("32 days ago", "2026-10-30T18:00"),
            ("coming", "2026-12-24T18:00"),
        ] {
            let id = event(tx, organizer, name, begin, |_| {});
            event::cancel(tx, &Caller::System, id).unwrap();
        }
        let feed = site(tx);
        assert_eq!(titles(&feed), ["29 days ago", "coming"]);
        assert!(feed.entries.iter().all(Entry::is_cancelled));
    })
    .await;
}

#[tokio::test]
async fn a_deleted_event_is_cancelled_in_feeds_for_30_days_and_a_draft_leaves_nothing() {
    let test_db = TestDb::new();
    let seen = |tx: &mut Tx<'_>| Ok(select(tx, &Of::Site)?.entries);
    let entries = test_db
        .db
        .write(move |tx| {
            let organizer = profile(tx, "comite");
            let with = |visibility, state| {
                move |new: &mut NewEvent| {
                    new.content.visibility = visibility;
                    new.content.state = state;
                    new.content.description = RichText::from_plain("secret");
                }
            };
            for (name, visibility, state) in [
                ("public", Visibility::Public, State::Published),
                ("unlisted", Visibility::Unlisted, State::Published),
                ("draft", Visibility::Public, State::Draft),
            ] {
                let id = event(tx, organizer, name, "2027-12-08T18:00", with(visibility, state));
                event::remove(tx, &Caller::System, id).unwrap();
            }
            seen(tx)
        })
        .await
        .unwrap();
    let told = |entry: &Entry| {
        (
            entry.event.title.to_string(),
            entry.is_cancelled(),
            entry.description.is_empty(),
        )
    };
    assert_eq!(
        entries.iter().map(told).collect::<Vec<_>>(),
        [("public".to_owned(), true, true)]
    );
    assert_eq!(entries[0].event.sequence, 1);
    test_db.clock.advance(31 * 86_400);
    assert_eq!(test_db.db.read(seen).await.unwrap(), []);
}

#[tokio::test]
async fn a_deleted_event_is_told_of_in_the_feeds_that_it_was_in() {
    on_database(|tx, organizer| {
        let id = event(tx, organizer, "soup", "2026-12-08T18:00", |new| {
            new.content.tags = vec![title("Soupe")];
            new.content.category = Category::FoodDrink;
            new.content.place = Some(namur());
        });
        let place = event::visible(tx, &Caller::Anonymous, id).unwrap().place_id.unwrap();
        event::remove(tx, &Caller::System, id).unwrap();
        let near = |kilometres| {
            Some(Near {
                typed: "Namur".into(),
                circle: Circle {
                    center: Point::new(50.47, 4.87).unwrap(),
                    kilometres,
                },
            })
        };
        let search = |search: Search| Of::Search(Box::new(search));
        for (of, is_in) in [
            (Of::Tag(Slug::of("soupe").unwrap()), true),
            (Of::Place(place), true),
            (
                search(Search {
                    categories: vec![Category::FoodDrink],
                    ..Search::default()
                }),
                true,
            ),
            (
                search(Search {
                    categories: vec![Category::Music],
                    ..Search::default()
                }),
                false,
            ),
            (
                search(Search {
                    near: near(5.0),
                    ..Search::default()
                }),
                true,
            ),
            (
                search(Search {
                    near: near(0.01),
                    ..Search::default()
                }),
                false,
            ),
        ] {
            assert_eq!(select(tx, &of).unwrap().entries.len(), usize::from(is_in), "{of:?}");
        }
    })
    .await;
}

fn namur() -> NewPlace {
    NewPlace {
        name: title("Maison de quartier"),
        locality: title("Namur"),
        point: Point::new(50.4669, 4.8675),
        ..NewPlace::default()
    }
}

/// Two events of one profile about jazz, here and on the web; two that have to do with another. All can be found.
fn jazz(tx: &mut Tx<'_>, organizer: ProfileId) -> PlaceId {
    let other = profile(tx, "autre");
    let at = "2026-12-08T18:00";
    event(tx, other, "of another", at, |new| {
        new.content.language = Language::parse("en");
    });
    event(tx, organizer, "for a group", at, |new| new.group = Some(other));
    let here = event(tx, organizer, "jazz at home", at, |new| {
        new.content.tags = vec![title("Jazz"), title("Entrée libre")];
        new.content.place = Some(namur());
    });
    event(tx, organizer, "jazz on the web", at, |new| {
        new.content.tags = vec![title("jazz")];
        new.content.attendance = Attendance::Online;
    });
    for entry in site(tx).entries {
        crate::search::index(tx, entry.event.id).unwrap();
    }
    let here = event::visible(tx, &Caller::Anonymous, here).unwrap();
    here.place_id.unwrap()
}

/// The titles of a feed, in the order of the alphabet.
#[expect(clippy::needless_pass_by_value, reason = "the tests make what they give")]
fn sorted(tx: &mut Tx<'_>, of: Of) -> Vec<String> {
    let feed = select(tx, &of).unwrap();
    let mut titles: Vec<String> = titles(&feed).into_iter().map(str::to_owned).collect();
    titles.sort();
    titles
}

#[tokio::test]
async fn a_profile_a_tag_and_a_place_have_their_own_events() {
    on_database(|tx, organizer| {
        let place = jazz(tx, organizer);
        let profile = Of::Profile(Handle::new("autre").unwrap());
        assert_eq!(sorted(tx, profile), ["for a group", "of another"]);
        let tag = Of::Tag(Slug::of("jazz").unwrap());
        assert_eq!(sorted(tx, tag), ["jazz at home", "jazz on the web"]);
        assert_eq!(sorted(tx, Of::Place(place)), ["jazz at home"]);
    })
    .await;
}

#[tokio::test]
async fn a_search_has_what_it_finds() {
    on_database(|tx, organizer| {
        jazz(tx, organizer);
        let mut search = |search: Search| sorted(tx, Of::Search(Box::new(search)));
        let words = |text: &str| Search {
            text: text.into(),
            ..Search::default()
        };
        let tagged = |slugs: &[&str]| Search {
            tags: slugs.iter().filter_map(|slug| Slug::of(slug)).collect(),
            ..Search::default()
        };
        let in_language = |tag: &str| Search {
            language: Language::parse(tag),
            ..Search::default()
        };
        assert_eq!(search(words("jazz hom")), ["jazz at home"]);
        let online = Search {
            online: true,
            ..words("jazz")
        };
        assert_eq!(search(online), ["jazz on the web"]);
        assert_eq!(search(tagged(&["entree-libre", "nothing"])), ["jazz at home"]);
        assert_eq!(search(tagged(&["nothing"])), [""; 0]);
        assert_eq!(search(words("!?")).len(), 4);
        assert_eq!(search(in_language("en")).len(), 4, "those of no known language too");
        assert_eq!(search(in_language("fr")).len(), 3);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_what_was_deleted_is_gone() {
    on_database(|tx, organizer| {
        let missing = |result: Result<Feed>| match result {
            Err(Error::NotFound(what)) => what,
            other => panic!("{other:?}"),
        };
        let nothing = uuid::Uuid::nil();
        assert_eq!(
            missing(select(tx, &Of::Profile(Handle::new("x").unwrap()))),
            What::Profile
        );
        assert_eq!(missing(select(tx, &Of::Tag(Slug::of("x").unwrap()))), What::Tag);
        assert_eq!(missing(select(tx, &Of::Place(PlaceId(nothing)))), What::Place);
        assert_eq!(missing(super::event(tx, EventId(nothing))), What::Event);
        assert!(matches!(
            series(tx, SeriesId(nothing)),
            Err(Error::NotFound(What::Series))
        ));
        let id = event(tx, organizer, "unlisted", "2026-12-08T18:00", |new| {
            new.content.visibility = Visibility::Unlisted;
        });
        assert_eq!(titles(&super::event(tx, id).unwrap()), ["unlisted"]);
        event::remove(tx, &Caller::System, id).unwrap();
        assert!(matches!(super::event(tx, id), Err(Error::Gone(What::Event))));
    })
    .await;
}

#[tokio::test]
async fn a_long_text_goes_on_elsewhere() {
    on_database(|tx, organizer| {
        let text = |text: &str| RichText::from_plain(text);
        for (name, description) in [
            ("a short", text("Soup & bread")),
            ("b long", text(&"soup ".repeat(2_000))),
            ("c without a blank", text(&"é".repeat(5_000))),
            (
                "d much markup",
                RichText::from_html(&"<p><strong>a</strong></p>".repeat(1_000)),
            ),
            ("e four thousand letters", text(&"ж".repeat(4_000))),
        ] {
            event(tx, organizer, name, "2026-12-08T18:00", |new| {
                new.content.description = description;
            });
        }
        let mut entries = site(tx).entries;
        entries.sort_by(|a, b| a.event.title.cmp(&b.event.title));
        let plain: Vec<String> = entries.iter().map(|entry| entry.description.to_plain()).collect();
        assert_eq!(plain[0], "Soup & bread");
        assert!(plain[1].ends_with("soup …") && plain[1].len() < 4_100);
        assert_eq!(plain[2].chars().count(), 4_002);
        assert!(!entries[3].description.as_html().contains("strong"));
        assert_eq!(plain[4], "ж".repeat(4_000));
        assert!(entries.iter().all(|entry| entry.description.as_html().len() < 20_000));
    })
    .await;
}

/// How many statements `read` takes.
fn statements(tx: &mut Tx<'_>, read: impl FnOnce(&mut Tx<'_>)) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    tx.conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    read(tx);
    tx.conn.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    count.load(Ordering::Relaxed)
}

#[tokio::test]
async fn a_large_feed_takes_as_many_queries_as_a_small_one() {
    on_database(|tx, organizer| {
        let mut fill = |count: usize| {
            for at in 0..count {
                event(tx, organizer, &format!("event {at}"), "2026-12-08T18:00", |new| {
                    new.content.tags = vec![title(&format!("tag {}", at % 7))];
                    new.content.place = Some(NewPlace {
                        name: title(&format!("place {}", at % 5)),
                        ..namur()
                    });
                });
            }
            let mut length = 0;
            let statements = statements(tx, |tx| length = site(tx).entries.len());
            (length, statements)
        };
        let (one, few) = fill(1);
        let (many, as_many) = fill(98);
        assert_eq!((one, many), (1, 99));
        assert_eq!(few, as_many);
        assert!(as_many <= 12, "{as_many}");
        assert_eq!(fill(100), (199, few + 1), "long texts are read a hundred at a time");
    })
    .await;
}

#[tokio::test]
async fn coming_events_have_their_places_first() {
    on_database(|tx, organizer| {
        for at in 0..1_010 {
            let begin = brussels()
                .instant("2026-11-01T00:00".parse().unwrap())
                .plus_seconds(at * 7_200);
            let begin = brussels().local(begin).to_string();
            event(tx, organizer, &format!("{at}"), &begin, |_| {});
        }
        let feed = site(tx);
        assert_eq!(feed.entries.len(), MOST_EVENTS as usize);
        assert_eq!(titles(&feed).last(), Some(&"1009"));
        assert_eq!(titles(&feed).first(), Some(&"10"), "the ten oldest have no place");
    })
    .await;
}

fn weekly(organizer: ProfileId) -> NewSeries {
    let mut content = Content::titled(title("Table de jeux"));
    content.tags = vec![title("jeux")];
    content.place = Some(namur());
    NewSeries {
        organizer,
        group: None,
        recurrence: Recurrence {
            rule: Some(Rule::parse("FREQ=WEEKLY;COUNT=6").unwrap()),
            start: "2026-12-03T18:00".parse().unwrap(),
            zone: brussels(),
            all_day: false,
            added: vec!["2026-12-05T15:00".parse().unwrap()],
            skipped: vec!["2026-12-24T18:00".parse().unwrap()],
        },
        duration_s: Some(3 * 3600),
        content,
        ical_uid: Some("jeux@example.org".into()),
    }
}

#[tokio::test]
async fn a_series_is_its_rule_and_what_deviates_from_it() {
    on_database(|tx, organizer| {
        let made = event_series::create(tx, &Caller::System, weekly(organizer)).unwrap();
        let rows = event_series::dated(tx, &Caller::System, made.id).unwrap().rows;
        assert_eq!(rows.len(), 6, "six by the rule, one added, one left out");
        let plain = series(tx, made.id).unwrap();
        assert_eq!(plain.overrides.len(), 1, "the added one");
        assert_eq!(plain.added, ["2026-12-05T15:00".parse().unwrap()]);
        assert_eq!(plain.skipped, ["2026-12-24T18:00".parse().unwrap()]);
        let master = &plain.master.event;
        assert_eq!(
            (master.local_begin, master.ical_uid.as_str()),
            (made.start_local, "jeux@example.org")
        );

        let [added, moved, cancelled, hidden] = [1, 2, 3, 4].map(|at| rows[at].1.id);
        let schedule = Schedule {
            begin: "2026-12-11T19:00".parse().unwrap(),
            end: None,
            ..rows[2].1.schedule()
        };
        let patch = EventPatch {
            schedule: Some(schedule),
            ..EventPatch::default()
        };
        event::update(tx, &Caller::System, moved, patch).unwrap();
        event::cancel(tx, &Caller::System, cancelled).unwrap();
        let patch = EventPatch {
            visibility: Some(Visibility::Members),
            ..EventPatch::default()
        };
        event::update(tx, &Caller::System, hidden, patch).unwrap();
        let deviating = series(tx, made.id).unwrap();
        let overrides = deviating.overrides.iter();
        let keys: Vec<_> = overrides.map(|(key, entry)| (key.compact(), entry.event.id)).collect();
        let expected = [
            ("20261205T150000", added),
            ("20261210T180000", moved),
            ("20261217T180000", cancelled),
        ];
        assert_eq!(keys, expected.map(|(key, id)| (key.to_owned(), id)));
        assert_eq!(deviating.skipped.len(), 2, "what nobody may see is left out");
    })
    .await;
}

#[tokio::test]
async fn an_ended_series_keeps_its_cancelled_dates() {
    on_database(|tx, organizer| {
        let made = event_series::create(tx, &Caller::System, weekly(organizer)).unwrap();
        event_series::remove(tx, &Caller::System, made.id).unwrap();
        let ended = series(tx, made.id).unwrap();
        assert_eq!(ended.overrides.len(), 6);
        assert_eq!(
            ended.added.len(),
            5,
            "all but the first, with which a series begins whatever its rule says"
        );
        assert!(ended.overrides.iter().all(|(_, entry)| entry.is_cancelled()));
    })
    .await;
}

#[tokio::test]
async fn a_start_outside_the_rule_is_a_date_beside_it() {
    on_database(|tx, organizer| {
        let mut new = weekly(organizer);
        new.recurrence.rule = Some(Rule::parse("FREQ=WEEKLY;BYDAY=MO,FR;COUNT=3").unwrap());
        let made = event_series::create(tx, &Caller::System, new).unwrap();
        let exported = series(tx, made.id).unwrap();
        assert_eq!(exported.master.event.local_begin.compact(), "20261204T180000");
        let added: Vec<String> = exported.added.iter().map(|at| at.compact()).collect();
        assert_eq!(added, ["20261203T180000", "20261205T150000"]);
        assert_eq!(exported.overrides.len(), 2);
    })
    .await;
}
