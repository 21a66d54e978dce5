//! Statuses and headers.

use super::{ACTIVITY, World};
use crate::{address::Collection, alternate};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use domain::{db::Seen, profile::Kind};

const LINKED: &str = "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

#[tokio::test]
async fn an_address_gives_its_document_to_who_wants_one_and_else_its_page() {
    let world = World::new().await;
    let event = world.announces(|_| {}).await;
    let place = format!("/address/{}", event.place_id.unwrap());
    for path in [event.path().as_str(), "/@comite", &place] {
        for (accept, content_type) in [(ACTIVITY, "application/activity+json; charset=utf-8"), (LINKED, LINKED)] {
            let answer = world.get(path, accept).await;
            assert_eq!(answer.status, StatusCode::OK);
            assert_eq!(answer.header("content-type"), content_type);
            assert_eq!(answer.header("vary"), "accept");
            assert_eq!(answer.header("cache-control"), "public, max-age=60");
            assert_eq!(answer.header("access-control-allow-origin"), "*");
        }
        for accept in [BROWSER, "*/*", "application/json"] {
            // The router of this crate has no pages.
            assert_eq!(world.get(path, accept).await.body, "", "{path} {accept}");
        }
        let link = alternate(&world.state, path).unwrap();
        let expected =
            format!("<https://kermesse.example{path}>; rel=\"alternate\"; type=\"application/activity+json\"");
        assert_eq!(link.to_str().unwrap(), expected);
        let post = Request::post(path)
            .header("accept", ACTIVITY)
            .body(Body::empty())
            .unwrap();
        assert_eq!(world.ask(post).await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(alternate(&world.state, "/search"), None);
    assert_eq!(alternate(&world.state, "/relay"), None);
}

#[tokio::test]
async fn the_site_has_a_document_for_programs_and_a_page_for_people() {
    let world = World::new().await;
    assert_eq!(world.get("/relay", "*/*").await.json()["type"], "Application");
    let page = world.get("/relay", BROWSER).await;
    assert_eq!(
        (page.status, page.header("location")),
        (StatusCode::SEE_OTHER, "https://kermesse.example/about")
    );
    assert_eq!(page.header("vary"), "accept");
}

#[tokio::test]
async fn every_collection_that_a_document_names_is_there() {
    let world = World::new().await;
    let group = world.read("/@comite").await;
    for key in ["members", "resources", "todos", "posts", "events", "discussions"] {
        assert_eq!(group[key], group["endpoints"][key], "Mobilizon reads both");
    }
    for collection in Collection::ALL {
        let path = format!("/@comite/{}", collection.name());
        let document = world.read(&path).await;
        assert_eq!(
            (&document["totalItems"], &document["type"]),
            (&0.into(), &"OrderedCollection".into())
        );
        assert_eq!(document["first"]["orderedItems"], serde_json::json!([]));
        let site = world.get(&format!("/relay/{}", collection.name()), ACTIVITY).await;
        let expected = if collection.is_of(Kind::Application) {
            StatusCode::OK
        } else {
            StatusCode::NOT_FOUND
        };
        assert_eq!(site.status, expected, "{path}");
    }
}

#[tokio::test]
async fn discovery_has_its_types_and_is_open_to_scripts() {
    let world = World::new().await;
    for (path, content_type) in [
        (
            "/.well-known/webfinger?resource=acct:comite@kermesse.example",
            "application/jrd+json",
        ),
        ("/.well-known/host-meta", "application/xrd+xml; charset=utf-8"),
        ("/.well-known/host-meta.json", "application/json"),
        ("/.well-known/nodeinfo", "application/json"),
        (
            "/nodeinfo/2.0",
            "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/2.0#\"",
        ),
        (
            "/nodeinfo/2.1",
            "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/2.1#\"",
        ),
        ("/FEDERATION.md", "text/markdown; charset=utf-8"),
    ] {
        let answer = world.get(path, BROWSER).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (StatusCode::OK, content_type),
            "{path}"
        );
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
}

#[tokio::test]
async fn questions_that_cannot_be_answered_say_why() {
    let world = World::new().await;
    for (query, status, code) in [
        ("", StatusCode::BAD_REQUEST, "malformed"),
        ("?resource=", StatusCode::BAD_REQUEST, "malformed"),
        ("?resource=%ff%fe", StatusCode::BAD_REQUEST, "malformed"),
        ("?resource=acct:comite", StatusCode::BAD_REQUEST, "malformed"),
        (
            "?resource=acct:nobody@kermesse.example",
            StatusCode::NOT_FOUND,
            "not_found",
        ),
        (
            "?resource=acct:comite@other.example",
            StatusCode::NOT_FOUND,
            "not_found",
        ),
    ] {
        let answer = world.get(&format!("/.well-known/webfinger{query}"), "*/*").await;
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (status, Some(code)),
            "{query}"
        );
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
    for path in [
        "/@nobody",
        "/@nobody/outbox",
        "/events/0198c0de-0000-7000-8000-00000000e001",
        "/nodeinfo/3.0",
    ] {
        assert_eq!(world.get(path, ACTIVITY).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn an_inbox_asks_to_come_again() {
    let world = World::new().await;
    for inbox in ["/inbox", "/relay/inbox", "/@comite/inbox"] {
        let answer = world.ask(Request::post(inbox).body(Body::from("{}")).unwrap()).await;
        assert_eq!(
            (answer.status, answer.header("retry-after")),
            (StatusCode::SERVICE_UNAVAILABLE, "3600")
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(world.get(inbox, ACTIVITY).await.status, StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn what_a_document_was_made_of_is_noted() {
    use domain::change::CacheTag;
    let world = World::new().await;
    let event = world.announces(|_| {}).await;
    let tags = async |path: &str| {
        let seen = Seen::default();
        let address = crate::Address::parse(path, "").unwrap();
        crate::document(&world.state, &address, seen.clone()).await.ok();
        seen.take()
    };
    let of_event = tags(&event.path()).await;
    let place = event.place_id.unwrap();
    for tag in [
        CacheTag::Event(event.id),
        CacheTag::Profile(world.group),
        CacheTag::Place(place),
    ] {
        assert!(of_event.contains(&tag), "{tag}");
    }
    assert!(
        tags("/@comite/upcoming")
            .await
            .contains(&CacheTag::Profile(world.group))
    );
    assert!(!tags("/@nobody").await.is_empty(), "somebody may take the name");
}
