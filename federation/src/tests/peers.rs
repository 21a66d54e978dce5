//! Our documents beside those that peers were seen to accept, which are told by `KERMESSE_AP_DIR`.

use super::World;
use serde_json::Value;
use std::{collections::BTreeMap, path::PathBuf};

#[expect(
    clippy::disallowed_methods,
    reason = "tests are told of the payloads by the environment"
)]
fn golden(name: &str) -> Option<Value> {
    let folder = std::env::var("KERMESSE_AP_DIR")
        .ok()
        .filter(|folder| !folder.is_empty())?;
    let file = PathBuf::from(folder).join("ours/out").join(name);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Some(serde_json::from_str(&text).unwrap())
}

/// The JSON type of each member, by its path; of lists the first entry.
fn shape(value: &Value, path: &str, shapes: &mut BTreeMap<String, &'static str>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    };
    shapes.insert(path.to_owned(), kind);
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(key, value)| shape(value, &format!("{path}/{key}"), shapes)),
        Value::Array(entries) => entries
            .iter()
            .take(1)
            .for_each(|entry| shape(entry, &format!("{path}[]"), shapes)),
        _ => {}
    }
}

/// Members of the golden document that ours lacks or has with another type, but for those excused.
fn differences(golden: &Value, ours: &Value, excused: &[&str]) -> Vec<String> {
    let (mut wanted, mut have) = (BTreeMap::new(), BTreeMap::new());
    shape(golden, "", &mut wanted);
    shape(ours, "", &mut have);
    wanted.retain(|path, _| !excused.iter().any(|excused| path.starts_with(excused)));
    let differs = wanted.iter().filter(|(path, kind)| have.get(*path) != Some(kind));
    differs
        .map(|(path, kind)| format!("{path}: {kind}, ours {:?}", have.get(path)))
        .collect()
}

#[tokio::test]
async fn our_documents_have_the_shape_that_peers_accept() {
    let world = World::new().await;
    let event = world.announces(|_| {}).await;
    let upcoming = "/@comite/upcoming";
    // Drawn covers have no blur; this group is announced for by itself, and nobody can answer; RFC 9421, moves, and links and pictures of this profile do not exist; the pages of
    // these collections are empty here.
    let event_excused = [
        "/attachment[]/blurhash",
        "/contacts[]",
        "/interactionPolicy/canReply/automaticApproval[]",
    ];
    let actor_excused = [
        "/generator/implements",
        "/implements",
        "/icon",
        "/image",
        "/attachment",
        "/alsoKnownAs",
    ];
    let page_excused = ["/first/orderedItems"];
    let webfinger = "/.well-known/webfinger?resource=acct:comite@kermesse.example";
    for (name, path, excused) in [
        ("event-no-join.json", event.path().as_str(), event_excused.as_slice()),
        ("group-actor.json", "/@comite", &actor_excused),
        ("application-actor.json", "/relay", &actor_excused),
        ("collection-upcoming.json", upcoming, &page_excused),
        ("collection-followers.json", "/@comite/followers", &page_excused),
        ("nodeinfo-wellknown.json", "/.well-known/nodeinfo", &[]),
        ("host-meta.json", "/.well-known/host-meta.json", &[]),
        ("webfinger-group.json", webfinger, &[]),
    ] {
        let Some(golden) = golden(name) else {
            println!("skipped: KERMESSE_AP_DIR is not set");
            return;
        };
        let ours = world.get(path, super::ACTIVITY).await.json();
        let lost = differences(&golden, &ours, &[excused, &["/@context"]].concat());
        assert!(lost.is_empty(), "{name}: {lost:#?}");
        // The terms of the golden context are ours too, each with the same meaning.
        let terms = |document: &Value| document["@context"].as_array().and_then(|parts| parts.last().cloned());
        if let (Some(golden), Some(ours)) = (terms(&golden), terms(&ours)) {
            assert_eq!(golden, ours, "{name}");
        }
    }
}
