//! The matrix of permissions, for the anonymous caller over HTTP: every outermost field, asked for what is open, for what
//! is private, and for what never was. The snapshot is read like code. Other callers are in `domain/src/access/tests.rs`.
//!
//! Private and never been must be the same answer, letter by letter; and where a list is asked, nothing of what is
//! private stands in it.

use super::support::{Site, concert, plain, settings};
use crate::{
    graphql::{http::routes, root_fields},
    state::ApiState,
};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use domain::{
    caller::Caller,
    event::{self, State, Visibility, series},
    search,
};
use serde_json::{Value, json};
use std::{fmt::Write, sync::Arc};
use tower::ServiceExt;

const NEVER: &str = "0193ac5e-7c00-7000-8000-00000000ffff";
/// Stands in every text of what is private.
const SECRET: &str = "Zorglub";

/// One thing of each kind, by the words that find it.
struct Things {
    event: String,
    series: String,
    place: String,
    tag: &'static str,
    word: &'static str,
}

/// What a field is asked for.
enum Asked {
    /// One thing.
    One(fn(&Things) -> String),
    /// Many, whatever there is.
    Many(&'static str),
}

fn row(field: &str) -> Asked {
    use Asked::{Many, One};
    match field.trim_start_matches("query ") {
        "event" => One(|of| format!("event(uuid: \"{}\") {{ id }}", of.event)),
        "series" => One(|of| format!("series(uuid: \"{}\") {{ id }}", of.series)),
        "place" => One(|of| format!("place(id: \"{}\") {{ id }}", of.place)),
        "tag" => One(|of| format!("tag(slug: \"{}\") {{ id }}", of.tag)),
        "interact" => One(|of| {
            format!(
                "interact(uri: \"https://kermesse.example/events/{}\") {{ url }}",
                of.event
            )
        }),
        "searchEvents" => One(|of| {
            format!(
                "searchEvents(term: \"{}\") {{ total didYouMean elements {{ id }} }}",
                of.word
            )
        }),
        "searchAddress" => One(|of| format!("searchAddress(query: \"{}\") {{ description }}", of.word)),
        // Pictures have names that nobody guesses; a picture is no word about what it stands on.
        "media" => Many("media(id: \"0193ac5e-7c00-7000-8000-00000000ffff\") { id }"),
        "person" => Many("person(id: \"0193ac5e-7c00-7000-8000-00000000ffff\") { id }"),
        "group" => Many("group(preferredUsername: \"comite\") { name organizedEvents { total elements { title } } }"),
        "profile" => Many("profile(preferredUsername: \"comite\") { name }"),
        "events" => Many("events { total elements { title tags { title } physicalAddress { description } } }"),
        "tags" => Many("tags(limit: 10) { title related { title } }"),
        "categoryStatistics" => Many("categoryStatistics { key number }"),
        "statistics" => Many("statistics { numberOfEvents }"),
        "config" => Many("config { name }"),
        "languages" => Many("languages { code }"),
        "reverseGeocode" => Many("reverseGeocode(longitude: 4.8675, latitude: 50.4669) { id }"),
        other => panic!("{other} has no row in the matrix of permissions"),
    }
}

/// Something open, and something private that is told in every text.
async fn things(site: &Site) -> [Things; 3] {
    let open = site.announces(concert(site.agenda, 10)).await;
    let open_series = site.repeats().await;
    let mut private = concert(site.agenda, 20);
    private.content.visibility = Visibility::Members;
    private.content.title = plain(SECRET);
    private.content.tags = vec![plain(SECRET)];
    private.content.category = event::Category::Theatre;
    private.content.place.as_mut().unwrap().name = plain(SECRET);
    let hidden = site.announces(private).await;
    let hidden_series = site.repeats().await.id;
    let (of_open, of_hidden) = (open.id, hidden.id);
    site.write(move |tx| {
        let edit = series::SeriesEdit {
            content: event::EventPatch {
                state: Some(State::Draft),
                title: Some(plain(SECRET)),
                ..event::EventPatch::default()
            },
            timing: None,
        };
        series::edit(tx, &Caller::System, hidden_series, None, &edit)?;
        search::index(tx, of_open)?;
        search::index(tx, of_hidden)
    })
    .await;
    let of = |event: &event::Event, series: series::Series, tag, word| Things {
        event: event.id.to_string(),
        series: series.id.to_string(),
        place: event.place_id.unwrap().to_string(),
        tag,
        word,
    };
    let hidden_series = site
        .write(move |tx| series::visible(tx, &Caller::System, hidden_series))
        .await;
    [
        of(&open, open_series, "musique", "salle"),
        of(&hidden, hidden_series, "zorglub", "zorglub"),
        Things {
            event: NEVER.into(),
            series: NEVER.into(),
            place: NEVER.into(),
            tag: "fantasio",
            word: "fantasio",
        },
    ]
}

async fn post(app: &Router, selection: &str) -> String {
    let request = Request::post("/api")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(json!({"query": format!("{{ {selection} }}")}).to_string()))
        .unwrap();
    let response = app.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn outcome(body: &str) -> String {
    let answer: Value = serde_json::from_str(body).unwrap();
    if let Some(code) = answer["errors"][0]["code"].as_str() {
        return code.to_owned();
    }
    let data = answer["data"].as_object().unwrap().values().next().unwrap();
    let is_empty = data["total"] == 0 || data.as_array().is_some_and(Vec::is_empty);
    if is_empty { "nothing" } else { "ok" }.to_owned()
}

/// Attack cases ACL-01 and ACL-02.
#[tokio::test]
async fn what_the_anonymous_caller_gets_at_every_outermost_field() {
    let site = Site::new().await;
    let [open, private, never] = things(&site).await;
    let Site { test, gql, .. } = site;
    let state = ApiState {
        db: test.db.clone(),
        settings: Arc::new(settings()),
        gql: Arc::new(gql),
        operations: None,
    };
    let app = routes().with_state(state);
    let mut matrix = format!("{:<26}{:<10}{:<22}never\n", "", "open", "private");
    for field in root_fields() {
        match row(&field) {
            Asked::One(ask) => {
                let (open, hidden, never) = (
                    post(&app, &ask(&open)).await,
                    post(&app, &ask(&private)).await,
                    post(&app, &ask(&never)).await,
                );
                assert_eq!(hidden, never, "{field}");
                let cells = (outcome(&open), outcome(&hidden), outcome(&never));
                writeln!(matrix, "{field:<26}{:<10}{:<22}{}", cells.0, cells.1, cells.2).unwrap();
            }
            Asked::Many(selection) => {
                let body = post(&app, selection).await;
                assert!(!body.to_lowercase().contains("zorglub"), "{field}: {body}");
                assert!(!body.contains("THEATRE"), "{field}: {body}");
                writeln!(matrix, "{field:<26}{}", outcome(&body)).unwrap();
            }
        }
    }
    insta::assert_snapshot!("anonymous", matrix);
}
