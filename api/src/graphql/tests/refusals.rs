//! What is refused, how it is said, and how fast. The attack cases GQL-* and INJ-14, INJ-15.

use super::support::{Site, concert, masked};
use crate::graphql::{check, precheck, sdl, shape::Shape};
use domain::{caller::Caller, event};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    fmt::Write,
    sync::LazyLock,
    time::{Duration, Instant},
};

#[tokio::test]
async fn errors_have_the_shape_that_mobilizons_clients_read() {
    let site = Site::new().await;
    let gone = site.announces(concert(site.agenda, 10)).await;
    let id = gone.id;
    site.write(move |tx| event::remove(tx, &Caller::System, id)).await;
    let mut answers = String::new();
    for query in [
        "{ event(uuid: \"0193ac5e-7c00-7000-8000-00000000ffff\") { id } }",
        &format!("{{ event(uuid: \"{id}\") {{ id }} }}"),
        "{ group(preferredUsername: \"nobody\") { id } }",
        "{ searchEvents(location: \"aaa\") { total } }",
        "{ event(uuid: \"1\") { id } }",
        "{ event { id } }",
        "{ nothing }",
        "{ event(",
        "{ a: nothing b: nothing }",
    ] {
        let answer = site.ask(query, Value::Null).await;
        writeln!(answers, "{query}\n{}\n", masked(&answer)).unwrap();
    }
    let answers = answers.replace(&id.to_string(), "[id]");
    insta::assert_snapshot!("errors", answers);
}

#[tokio::test]
async fn a_part_that_fails_leaves_the_rest() {
    let site = Site::new().await;
    let answer = site
        .ask(
            "{ config { name } event(uuid: \"0193ac5e-7c00-7000-8000-00000000ffff\") { id } }",
            Value::Null,
        )
        .await;
    assert_eq!(
        answer["data"],
        json!({"config": {"name": "La Kermesse"}, "event": null})
    );
    assert_eq!(answer["errors"][0]["path"], json!(["event"]));
}

#[tokio::test]
async fn snake_case_is_understood_and_answered_as_it_was_asked() {
    let site = Site::new().await;
    let query = "query($preferred_username: String!) {
        group(preferred_username: $preferred_username) { preferred_username media_size organized_events(after_datetime: null) { total } } }";
    let answer = site.ask(query, json!({"preferred_username": "comite"})).await;
    assert_eq!(
        answer,
        json!({"data": {"group": {"preferred_username": "comite", "media_size": null, "organized_events": {"total": 0}}}})
    );
}

#[tokio::test]
async fn variables_that_are_absent_leave_the_defaults() {
    let site = Site::new().await;
    for day in 5..20 {
        site.announces(concert(site.agenda, day)).await;
    }
    let query = "query($limit: Int, $page: Int, $skip: Boolean = true, $order: EventOrderBy) {
        events(limit: $limit, page: $page, orderBy: $order) { elements { id title @skip(if: $skip) } } }";
    let answer = site.ask(query, Value::Null).await;
    let elements = answer["data"]["events"]["elements"].as_array().unwrap();
    assert_eq!(elements.len(), 10);
    assert!(elements[0].get("title").is_none());
    let answer = site.ask(query, json!({"limit": null, "skip": false})).await;
    assert_eq!(answer["data"]["events"]["elements"].as_array().unwrap().len(), 10);
    let answer = site
        .ask("query($a: UUID!) { event(uuid: $a) { id } }", Value::Null)
        .await;
    assert_eq!(
        answer["errors"][0]["message"],
        "Variable \"$a\" of type \"UUID!\" is required and was not sent."
    );
}

#[tokio::test]
async fn fields_that_overlap_are_served() {
    let site = Site::new().await;
    site.announces(concert(site.agenda, 10)).await;
    let data = site
        .data("{ events(limit: 1) { total } events(limit: 5) { elements { title } } }")
        .await;
    assert_eq!(
        data["events"],
        json!({"total": 1, "elements": [{"title": "Concert de Noël"}]})
    );
}

#[tokio::test]
async fn documents_that_do_not_fit_the_schema_say_why() {
    let site = Site::new().await;
    for (query, message) in [
        (
            "{ config }",
            "Field \"config\" of type \"Config\" needs a selection of fields.",
        ),
        (
            "{ config { name { x } } }",
            "Field \"name\" of type \"String\" has no fields to select.",
        ),
        ("{ config { x } }", "Cannot query field \"x\" on type \"Config\"."),
        (
            "{ events(x: 1) { total } }",
            "Unknown argument \"x\" on field \"events\".",
        ),
        (
            "{ events(limit: 1, limit: 2) { total } }",
            "Argument \"limit\" on field \"events\" is given twice.",
        ),
        ("{ events(limit: $x) { total } }", "Variable \"$x\" is not defined."),
        ("{ ...F }", "Unknown fragment \"F\", or one that contains itself."),
        ("{ ... on Nothing { x } }", "Unknown type \"Nothing\"."),
        (
            "{ ... on String { x } }",
            "A fragment cannot be on \"String\", which has no fields.",
        ),
        ("{ config @connection { name } }", "Unknown directive \"@connection\"."),
        ("query($x: Nothing) { config { name } }", "Unknown type \"Nothing\"."),
        (
            "query($x: Event) { config { name } }",
            "Variable \"$x\" cannot be of type \"Event\".",
        ),
        ("mutation { logout }", "There is no mutation here."),
        (
            "query A { config { name } } query B { config { name } }",
            "The document has several operations; say which with operationName.",
        ),
    ] {
        let error = site.error(query).await;
        assert_eq!(
            (&error["message"], &error["code"]),
            (&json!(message), &json!("invalid_document")),
            "{query}"
        );
    }
}

#[tokio::test]
async fn bombs_are_refused_before_they_are_executed() {
    let site = Site::new().await;
    let aliases = |count: usize, field: &str| {
        (0..count).fold("{".to_owned(), |text, number| format!("{text} a{number}: {field}")) + " }"
    };
    for (query, code) in [
        (
            format!("{{ config {}{}", "{ name ".repeat(14), "}".repeat(15)),
            "document_refused",
        ),
        (
            format!(
                "{{ events {} id {}",
                "{ elements { relatedEvents ".repeat(2_000),
                "}".repeat(4_001)
            ),
            "document_refused",
        ),
        (aliases(31, "config { name }"), "document_refused"),
        (aliases(30, "searchEvents(term: \"a\") { total }"), "too_expensive"),
        (aliases(10, "statistics { numberOfUsers }"), "too_expensive"),
        (aliases(10, "categoryStatistics { key }"), "too_expensive"),
        (
            "{ events(limit: 100) { elements { relatedEvents { id } } } }".to_owned(),
            "too_expensive",
        ),
        (
            "query($n: Int = 60) { tags(limit: $n) { related { id } } }".to_owned(),
            "too_expensive",
        ),
        (
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }".to_owned(),
            "invalid_document",
        ),
    ] {
        let begin = Instant::now();
        let answer = site.answer(&query, Value::Null, Caller::Anonymous, None).await;
        let took = begin.elapsed();
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(body["errors"][0]["code"], code, "{query:.80}");
        assert_eq!(body.get("data"), None);
        assert!(took < Duration::from_millis(100), "{took:?}");
    }
}

#[tokio::test]
async fn what_costs_little_for_what_it_is_passes() {
    let site = Site::new().await;
    let query = "query($limit: Int) { events(limit: $limit) { total elements { id title tags { title } } }
        a: searchEvents(limit: 1000) { total elements { id } } }";
    let answer = site.ask(query, json!({"limit": 1000})).await;
    assert_eq!(answer["errors"], Value::Null);
}

#[tokio::test]
async fn the_usual_questions_about_the_schema_are_answered() {
    let site = Site::new().await;
    let query = include_str!("introspection.graphql");
    let answer = site.ask(query, Value::Null).await;
    assert_eq!(answer["errors"], Value::Null);
    let types = answer["data"]["__schema"]["types"].as_array().unwrap();
    assert!(types.iter().any(|ty| ty["name"] == "Event"));
    let one = site
        .data("{ __type(name: \"Event\") { fields { name type { name ofType { name } } } } __typename }")
        .await;
    assert_eq!(one["__typename"], "Query");
}

#[tokio::test]
async fn registered_operations_run_by_their_hash_without_the_limits_of_others() {
    let costly = "query Costly($limit: Int) { events(limit: $limit) { elements { relatedEvents { id } } } }";
    let operations = HashMap::from([("hash".to_owned(), costly.to_owned())]);
    let site = Site::with_operations(&operations).await;
    let run = async |id: &str| {
        let operation = crate::graphql::Operation {
            document: crate::graphql::Document::Registered(id.to_owned()),
            operation_name: None,
            variables: json!({"limit": 100}),
        };
        let answer = site.gql.run(operation, Caller::Anonymous, None).await;
        serde_json::from_slice::<Value>(&answer.body).unwrap()
    };
    assert_eq!(run("hash").await, json!({"data": {"events": {"elements": []}}}));
    assert_eq!(run("other").await["errors"][0]["code"], "unknown_operation");
}

#[tokio::test]
async fn an_operation_of_another_version_does_not_start() {
    let test = domain::db::testing::TestDb::new();
    let operations = HashMap::from([("hash".to_owned(), "{ nothing }".to_owned())]);
    let gazetteer = domain::place::gazetteer::Gazetteer::sample();
    let built = crate::graphql::Gql::new(test.db.clone(), super::support::settings(), gazetteer, &operations);
    assert!(
        built
            .err()
            .unwrap()
            .to_string()
            .contains("Cannot query field \"nothing\"")
    );
}

/// Attack cases INJ-14 and INJ-15.
#[tokio::test]
async fn payloads_are_only_texts() {
    let site = Site::new().await;
    let event = site.announces(concert(site.agenda, 10)).await;
    site.write(move |tx| domain::search::index(tx, event.id)).await;
    let long = "x ".repeat(10_000);
    for payload in [
        "'",
        "' OR 1=1 --",
        "'; DROP TABLE event; --",
        "1); SELECT pg_sleep(5)--",
        "load_extension('x')",
        "\"",
        "\"\"\"",
        "*",
        "NEAR(",
        "^",
        "-",
        "title:x",
        "a AND",
        "%_%",
        "\\",
        "\u{0}",
        "\u{202e}",
        "ﷺ",
        &long,
    ] {
        let query = "query($text: String!, $list: [String]) {
            a: searchEvents(term: $text) { total } b: searchEvents(tags: $text) { total }
            c: searchEvents(near: $text) { total } d: tags(filter: $text) { id }
            e: searchAddress(query: $text) { id } f: languages(codes: $list) { code }
            g: interact(uri: $text) { url } h: profile(preferredUsername: $text) { id }
            i: searchEvents(category: $text) { total } j: searchEvents(bbox: $text) { total }
            k: searchEvents(location: $text) { total } l: searchEvents(languageOneOf: $list) { total }
            m: searchEvents(profile: $text) { total } n: tag(slug: $text) { id } }";
        let begin = Instant::now();
        let answer = site.ask(query, json!({"text": payload, "list": [payload]})).await;
        let took = begin.elapsed();
        for error in answer["errors"].as_array().into_iter().flatten() {
            let status = error["status_code"].as_u64().unwrap();
            assert!((400..500).contains(&status), "{payload:.40}: {error}");
        }
        assert!(took < Duration::from_secs(2), "{payload:.40} took {took:?}");
        assert_eq!(site.data("{ events { total } }").await["events"]["total"], 1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever the names, brackets and values: a document is checked or refused, and never makes the check panic.
    #[test]
    fn no_document_makes_the_check_panic(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "(", ")", "...", "... on Event {", "fragment F on Event {", "...F", "query($a: Int = 1) {", "events", "elements",
            "event(uuid: $a)", "limit: 5", "limit: $a", "title", "__schema {", "types {", "__type(name: \"Event\") {", "@skip(if: $a)", "x:",
            "{a: [1, $a]}", "\"", "mutation", "searchEvents(categoryOneOf: [$a]) {", "total",
        ]), 0..25),
        number in any::<i64>(),
    ) {
        let text = tokens.join(" ");
        if precheck::check(&text, &precheck::LIMITS).is_ok()
            && let Ok(mut document) = async_graphql_parser::parse_query(&text)
        {
            let mut variables = async_graphql::Variables::from_json(json!({"a": number}));
            drop(check::check(&SHAPE, &mut document, None, Some(&mut variables)));
        }
    }
}

static SHAPE: LazyLock<Shape> = LazyLock::new(|| Shape::read(&sdl()).unwrap());
