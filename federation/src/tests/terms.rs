//! No word of a document is left without a meaning: every key and type is defined by its context.

use super::World;
use domain::{
    event::{Attendance, Metadata},
    profile::{self, Kind},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// What ActivityStreams defines of what we use (<https://www.w3.org/ns/activitystreams>).
const ACTIVITY_STREAMS: &str = "id type url name summary content mediaType attributedTo actor to cc published updated \
    startTime endTime location latitude longitude attachment tag replies href width height items totalItems first next \
    prev partOf orderedItems icon image generator preferredUsername inbox outbox followers following endpoints \
    sharedInbox formerType deleted Event Place Image Link Collection OrderedCollection OrderedCollectionPage Group \
    Person Application Tombstone";
/// What the context of security defines of what we use (<https://w3id.org/security/v1>).
const SECURITY: &str = "publicKey owner publicKeyPem";

fn known(context: &Value) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let parts = context.as_array().cloned().unwrap_or_else(|| vec![context.clone()]);
    for part in parts {
        match &part {
            Value::String(url) if url.contains("activitystreams") => {
                known.extend(ACTIVITY_STREAMS.split_whitespace().map(str::to_owned));
            }
            Value::String(url) if url.contains("security") => {
                known.extend(SECURITY.split_whitespace().map(str::to_owned));
            }
            Value::Object(terms) => known.extend(terms.keys().cloned()),
            other => panic!("{other} is no context"),
        }
    }
    known
}

/// Every key, and every value that is read as a term.
fn used(value: &Value, used_terms: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members.iter().filter(|(key, _)| *key != "@context") {
                used_terms.insert(key.clone());
                if let (true, Some(term)) = (key == "type" || key == "eventStatus", value.as_str()) {
                    used_terms.insert(term.to_owned());
                }
                used(value, used_terms);
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| used(entry, used_terms)),
        _ => {}
    }
}

#[tokio::test]
async fn every_word_of_every_document_is_defined() {
    let world = World::new().await;
    let create = world.test.db.write(|tx| {
        let new = super::new_profile("ada", Kind::Person);
        profile::create(
            tx,
            &domain::caller::Caller::System,
            new,
            &domain::db::testing::test_keys(),
        )
    });
    create.await.unwrap();
    let event = world
        .announces(|new| {
            new.content.attendance = Attendance::Hybrid;
            new.content.online_address = "https://visio.example/soupe".parse().ok();
            new.content.details.metadata.push(Metadata {
                key: "mz:accessibility:wheelchairAccessible".into(),
                title: Some("Accessible".into()),
                value: "true".into(),
            });
        })
        .await;
    let place = format!("/address/{}", event.place_id.unwrap());
    let path = event.path();
    let (attendees, replies) = (format!("{path}/attendees"), format!("{path}/replies"));
    for address in [
        path.as_str(),
        &attendees,
        &replies,
        &place,
        "/@comite",
        "/@ada",
        "/relay",
        "/@comite/outbox",
        "/@comite/upcoming",
        "/@comite/events?page=1",
        "/relay/upcoming",
    ] {
        let document = world.read(address).await;
        let known = known(&document["@context"]);
        let mut terms = BTreeSet::new();
        used(&document, &mut terms);
        let lost: Vec<_> = terms.difference(&known).collect();
        assert!(lost.is_empty(), "{address}: {lost:?}");
        assert!(!document.to_string().contains("bto"), "{address}");
    }
}
