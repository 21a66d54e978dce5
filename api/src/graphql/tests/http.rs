//! The door: forms of requests, statuses, limits, other sites.

use super::support::{Site, settings};
use crate::{
    graphql::http::{MOST_BYTES, routes},
    limit::{Client, Limiter, Rate},
    state::ApiState,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
    response::Response,
};
use domain::db::testing::TestDb;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tower::ServiceExt;

const NAME: &str = r#"{"data":{"config":{"name":"La Kermesse"}}}"#;

/// The routes, and the database, which lives as long as the test.
async fn app(rate: Option<Rate>) -> (Router, TestDb) {
    let Site { test, gql, .. } = Site::new().await;
    let state = ApiState {
        db: test.db.clone(),
        settings: Arc::new(settings()),
        gql: Arc::new(gql),
        operations: rate.map(|rate| Arc::new(Limiter::new(rate, test.clock.clone()))),
    };
    (routes().with_state(state), test)
}

fn post(content_type: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post("/api")
        .header(header::CONTENT_TYPE, content_type)
        .body(body.into())
        .unwrap()
}

async fn text(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn the_forms_that_clients_send_are_understood() {
    let (app, _test) = app(None).await;
    let query = "{config{name}}";
    let json = json!({"query": query}).to_string();
    let encoded = "query=%7Bconfig%7Bname%7D%7D";
    let requests = [
        post("application/json", json.clone()),
        post("application/x-www-form-urlencoded", encoded),
        post("application/graphql; charset=utf-8", query),
        Request::get(format!("/graphql?{encoded}")).body(Body::empty()).unwrap(),
        Request::post("/api/")
            .header(header::CONTENT_TYPE, "application/json")
            .body(json.clone().into())
            .unwrap(),
    ];
    for request in requests {
        let uri = request.uri().clone();
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{uri}");
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "application/json; charset=utf-8"
        );
        assert_eq!(text(response).await, NAME);
    }
}

#[tokio::test]
async fn a_batch_is_answered_in_order_and_shares_one_budget() {
    let (app, _test) = app(None).await;
    let cheap = json!({"query": "{config{name}}"});
    let costly = json!({"query": "{ events(limit: 40) { elements { relatedEvents { id } } } }"});
    let body = json!([cheap, costly, costly]).to_string();
    let response = app.clone().oneshot(post("application/json", body)).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let answers: Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(answers[0], serde_json::from_str::<Value>(NAME).unwrap());
    assert_eq!(answers[1]["data"]["events"]["elements"], json!([]));
    assert_eq!(answers[2]["errors"][0]["code"], "too_expensive");
    let body = Value::Array(vec![cheap; 11]).to_string();
    let response = app.oneshot(post("application/json", body)).await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn statuses_other_than_200_are_for_what_cannot_be_read() {
    let (app, _test) = app(None).await;
    let document = |text: &str| json!({"query": text}).to_string();
    for (request, status) in [
        (post("application/json", document("{ nothing }")), 200),
        (post("application/json", document("{ x(")), 200),
        (post("application/json", "{"), 400),
        (post("application/json", "{}"), 400),
        (
            post(
                "application/json",
                document(&format!("{{ config {} {{ name }} }}", "@a ".repeat(1_900))),
            ),
            400,
        ),
        (post("application/json", document(&"a ".repeat(40_000))), 400),
        (
            post(
                "application/json",
                document(&format!("{{ config {{ name }} }} #{}", "x".repeat(1_000_000))),
            ),
            413,
        ),
        (post("text/plain", document("{ config { name } }")), 415),
        (post("multipart/form-data; boundary=x", "--x--"), 415),
        (Request::get("/api").body(Body::empty()).unwrap(), 400),
        (
            Request::get("/api?query=mutation%7Ba%7D").body(Body::empty()).unwrap(),
            200,
        ),
        (Request::put("/api").body(Body::empty()).unwrap(), 405),
    ] {
        let told = format!("{} {}", request.method(), request.uri());
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{told}");
    }
}

/// Attack case UP-07.
#[tokio::test]
async fn a_body_that_says_it_is_too_large_is_not_waited_for() {
    let (app, _test) = app(None).await;
    let never = Body::from_stream(futures_util::stream::pending::<std::io::Result<&str>>());
    let mut request = post("application/json", never);
    let length = (MOST_BYTES + 1).to_string().parse().unwrap();
    request.headers_mut().insert(header::CONTENT_LENGTH, length);
    let answer = tokio::time::timeout(Duration::from_secs(10), app.clone().oneshot(request));
    let refused = answer.await.expect("an answer at once").unwrap();
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let told: Value = serde_json::from_str(&text(refused).await).unwrap();
    assert_eq!(told["errors"][0]["code"], "too_large");
    // Who does not say it is told the same when it is seen.
    let large = post("application/json", "x".repeat(MOST_BYTES + 1));
    let refused = app.oneshot(large).await.unwrap();
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let told: Value = serde_json::from_str(&text(refused).await).unwrap();
    assert_eq!(told["errors"][0]["code"], "too_large");
}

#[tokio::test]
async fn a_packed_body_is_not_taken() {
    let (app, _test) = app(None).await;
    for (coding, status) in [("gzip", 415), ("br", 415), ("identity, gzip", 415), ("identity", 200)] {
        let mut request = post("application/json", json!({"query": "{config{name}}"}).to_string());
        let value = coding.parse().unwrap();
        request.headers_mut().insert(header::CONTENT_ENCODING, value);
        let answer = app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{coding}");
    }
}

#[tokio::test]
async fn with_a_session_only_json_from_this_site_is_taken() {
    let (app, _test) = app(None).await;
    let json = json!({"query": "{config{name}}"}).to_string();
    let with = |content_type: &str, body: &str, headers: &[(&str, &str)]| {
        let mut request = post(content_type, body.to_owned());
        let cookie = "theme=dark; __Host-sid=secret".parse().unwrap();
        request.headers_mut().insert(header::COOKIE, cookie);
        for (name, value) in headers {
            let name: header::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        request
    };
    for (request, status) in [
        (with("application/json", &json, &[]), 200),
        (
            with(
                "application/json",
                &json,
                &[
                    ("origin", "https://kermesse.example"),
                    ("sec-fetch-site", "same-origin"),
                ],
            ),
            200,
        ),
        (
            with("application/json", &json, &[("origin", "https://evil.example")]),
            403,
        ),
        (with("application/json", &json, &[("origin", "null")]), 403),
        (
            with("application/json", &json, &[("sec-fetch-site", "cross-site")]),
            403,
        ),
        (
            with("application/x-www-form-urlencoded", "query=%7Bconfig%7Bname%7D%7D", &[]),
            415,
        ),
        (with("application/graphql", "{config{name}}", &[]), 415),
    ] {
        let headers = format!("{:?}", request.headers());
        let response = app.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{headers}");
    }
}

/// Attack case GQL-11.
#[tokio::test]
async fn an_address_that_asks_too_often_is_told_when_to_come_back() {
    let (app, test) = app(Some(Rate {
        per_second: 1,
        burst: 3,
    }))
    .await;
    let ask = async |from: &str, operations: usize| {
        let body = Value::Array(vec![json!({"query": "{config{name}}"}); operations]).to_string();
        let mut request = post("application/json", body);
        request.extensions_mut().insert(Client(from.parse().unwrap()));
        app.clone().oneshot(request).await.unwrap()
    };
    assert_eq!(ask("192.0.2.1", 3).await.status(), StatusCode::OK);
    let refused = ask("192.0.2.1", 2).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "2");
    let told: Value = serde_json::from_str(&text(refused).await).unwrap();
    let message = "Too many requests from your address: wait 2 seconds, then go on more slowly.";
    assert_eq!(
        told,
        json!({"errors": [{
            "message": message, "code": "rate_limited", "status_code": 429,
            "extensions": {"code": "rate_limited", "status_code": 429},
        }]})
    );
    let mut by_get = Request::get("/api?query={config{name}}").body(Body::empty()).unwrap();
    by_get.extensions_mut().insert(Client("192.0.2.1".parse().unwrap()));
    assert_eq!(
        app.clone().oneshot(by_get).await.unwrap().status(),
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(ask("192.0.2.2", 1).await.status(), StatusCode::OK);
    test.clock.advance(2);
    assert_eq!(ask("192.0.2.1", 2).await.status(), StatusCode::OK);
}
