//! Which places are shown and found.

use super::*;
use crate::{
    caller::Caller,
    db::testing::TestDb,
    event::{
        self, Content, EventPatch, NewEvent, Schedule, State, Visibility,
        tests::{agenda, plain},
    },
    id::{EventId, ProfileId},
    time::Zone,
};

fn hall(name: &str, street: &str) -> NewPlace {
    NewPlace {
        name: plain(name),
        street: plain(street),
        postal_code: plain("5000"),
        locality: plain("Namur"),
        ..NewPlace::default()
    }
}

fn at(tx: &mut Tx<'_>, organizer: ProfileId, place: NewPlace, visibility: Visibility) -> Result<(EventId, PlaceId)> {
    let mut content = Content::titled(plain("Soupe"));
    content.place = Some(place);
    content.visibility = visibility;
    let new = NewEvent {
        organizer,
        group: None,
        schedule: Schedule {
            begin: "2026-12-05T18:00".parse().unwrap(),
            end: None,
            zone: Zone::UTC,
            all_day: false,
        },
        content,
        ical_uid: None,
    };
    let event = event::create(tx, &Caller::System, new)?;
    Ok((event.id, event.place_id.unwrap()))
}

#[tokio::test]
async fn a_place_is_shown_for_the_sake_of_an_event_that_everybody_may_read() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let ours = agenda(tx, "ours")?;
            let hidden = [
                Visibility::Followers,
                Visibility::Members,
                Visibility::Invited,
                Visibility::Link,
            ];
            for visibility in hidden {
                let (_, place) = at(tx, ours, hall(visibility.as_str(), ""), visibility)?;
                assert!(matches!(by_id(tx, place), Err(Error::NotFound(What::Place))));
                assert!(search(tx, visibility.as_str(), 10)?.is_empty());
            }
            let (_, unlisted) = at(tx, ours, hall("Grange", ""), Visibility::Unlisted)?;
            assert!(
                by_id(tx, unlisted).is_ok(),
                "who has the event's address comes here from it"
            );
            assert!(search(tx, "Grange", 10)?.is_empty());
            let (event, open) = at(tx, ours, hall("Salle des fêtes", ""), Visibility::Public)?;
            assert!(by_id(tx, open).is_ok());
            assert_eq!(search(tx, "Salle", 10)?.len(), 1);
            let (deleted, hut) = at(tx, ours, hall("Cabane", ""), Visibility::Public)?;
            event::remove(tx, &Caller::System, deleted)?;
            assert!(by_id(tx, hut).is_ok(), "its feed tells what was deleted");
            assert!(search(tx, "Cabane", 10)?.is_empty());
            let draft = EventPatch {
                state: Some(State::Draft),
                ..EventPatch::default()
            };
            event::update(tx, &Caller::System, event, draft)?;
            assert!(by_id(tx, open).is_err());
            assert!(search(tx, "Salle", 10)?.is_empty());
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn each_typed_word_begins_a_word_of_the_name_or_the_address() {
    let test = TestDb::new();
    test.db
        .write(|tx| {
            let ours = agenda(tx, "ours")?;
            for (name, street) in [
                ("Salle des fêtes", "Rue Haute 1"),
                ("Maison des associations", "Rue de la Salle 3"),
                ("Café 100%", "Place d'Armes"),
            ] {
                at(tx, ours, hall(name, street), Visibility::Public)?;
            }
            for (typed, found) in [
                ("fetes", &["Salle des fêtes"][..]),
                ("FÊT", &["Salle des fêtes"]),
                ("salle", &["Salle des fêtes", "Maison des associations"]),
                ("haute salle", &["Salle des fêtes"]),
                ("asso 5000", &["Maison des associations"]),
                ("etes", &[]),
                ("100%", &["Café 100%"]),
                ("%", &[]),
                ("_", &[]),
                ("", &[]),
                ("d armes", &["Café 100%"]),
            ] {
                let names: Vec<String> = search(tx, typed, 10)?
                    .into_iter()
                    .map(|place| place.name.to_string())
                    .collect();
                assert_eq!(names, found, "{typed}");
            }
            assert_eq!(search(tx, "namur", 2)?.len(), 2);
            Ok(())
        })
        .await
        .unwrap();
}
