//! What other servers get, over HTTP, from a database with a group and its events.

mod documents;
mod http;
mod peers;
mod terms;

use crate::{Covers, State, negotiate, router};
use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, header},
};
use domain::{
    caller::Caller,
    db::testing::{TestDb, test_keys},
    event::{self, Content, Event, NewEvent, Schedule},
    id::ProfileId,
    place::{NewPlace, Point},
    profile::{self, Kind, NewProfile},
    settings::Settings,
    text::{Handle, Language, PlainText, RichText},
    time::Zone,
};
use serde_json::Value;
use std::sync::Arc;
use tower::ServiceExt;

pub(super) const ACTIVITY: &str = "application/activity+json";

/// A site with its actor and the group `comite`.
pub(super) struct World {
    pub(super) test: TestDb,
    pub(super) state: State,
    pub(super) group: ProfileId,
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

pub(super) fn text(text: &str) -> PlainText {
    PlainText::new("text", text, 200).unwrap()
}

pub(super) fn new_profile(name: &str, kind: Kind) -> NewProfile {
    NewProfile {
        kind,
        name: Handle::new(name).unwrap(),
        display_name: text("Comité de quartier"),
        summary: RichText::from_plain("Les voisins de la rue."),
        zone: None,
        language: None,
    }
}

impl World {
    pub(super) async fn new() -> Self {
        let test = TestDb::new();
        let settings = Settings {
            public_url: "https://kermesse.example".parse().unwrap(),
            name: "Kermesse d'Ixelles".into(),
            description: "Agenda du quartier".into(),
            zone: Zone::named("Europe/Brussels").unwrap(),
            languages: vec!["fr".into()],
            country: None,
            contact: None,
        };
        let covers = r#"{"": "/covers/square.png", "FOOD_DRINK": "/covers/feast.png"}"#;
        let state = State {
            db: test.db.clone(),
            settings: Arc::new(settings),
            covers: Arc::new(Covers::read(covers).unwrap()),
        };
        let made = test.db.write(|tx| {
            profile::site(tx, &test_keys())?;
            profile::create(tx, &Caller::System, new_profile("comite", Kind::Group), &test_keys())
        });
        let group = made.await.unwrap().id;
        Self { test, state, group }
    }

    /// Announces the soup of Saturday, changed by `change`.
    pub(super) async fn announces(&self, change: impl FnOnce(&mut NewEvent)) -> Event {
        let mut content = Content::titled(text("Soupe du samedi"));
        content.description = RichText::from_html("<p>Une soupe, du pain, des voisins.</p>");
        content.category = event::Category::FoodDrink;
        content.language = Language::parse("fr");
        content.tags = vec![text("soupe"), text("musique ancienne")];
        content.place = Some(NewPlace {
            name: text("Maison de quartier"),
            street: text("Rue du Viaduc 133"),
            postal_code: text("1050"),
            locality: text("Ixelles"),
            country: text("Belgique"),
            point: Point::new(50.0, 4.366),
            ..NewPlace::default()
        });
        let mut new = NewEvent {
            organizer: self.group,
            group: Some(self.group),
            schedule: Schedule {
                begin: "2026-12-05T18:00".parse().unwrap(),
                end: "2026-12-05T21:00".parse().ok(),
                zone: Zone::named("Europe/Brussels").unwrap(),
                all_day: false,
            },
            content,
            ical_uid: None,
        };
        change(&mut new);
        let made = self.test.db.write(move |tx| event::create(tx, &Caller::System, new));
        made.await.unwrap()
    }

    pub(super) async fn ask(&self, request: Request<Body>) -> Answer {
        let (parts, body) = request.into_parts();
        let response = if let Some(document) = negotiate(&self.state, &parts).await {
            document
        } else {
            let routed = router(self.state.clone()).oneshot(Request::from_parts(parts, body));
            routed.await.unwrap()
        };
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(super) async fn get(&self, path: &str, accept: &str) -> Answer {
        let request = Request::get(path).header(header::ACCEPT, accept);
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    /// The document of an address that answers 200.
    pub(super) async fn read(&self, path: &str) -> Value {
        let answer = self.get(path, ACTIVITY).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer.json()
    }
}
