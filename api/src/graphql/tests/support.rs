//! A site for tests: a database, an agenda with events, and a way to ask.

use crate::graphql::{
    Answer, Document, Gql, Operation,
    context::Scope,
    loader::{self, Loader},
};
use domain::{
    Result,
    caller::Caller,
    db::{
        Seen, Tx,
        testing::{TestDb, test_keys},
    },
    event::{
        self, Attendance, Content, Event, NewEvent, Schedule, State, Visibility,
        series::{self, NewSeries, Series},
    },
    id::ProfileId,
    place::{NewPlace, Point, gazetteer::Gazetteer},
    profile::{self, Kind, NewProfile},
    settings::Settings,
    text::{Handle, Language, PlainText, RichText},
    time::{
        Zone,
        recurrence::{Recurrence, Rule},
    },
};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

pub(super) struct Site {
    pub(super) test: TestDb,
    pub(super) gql: Gql,
    pub(super) agenda: ProfileId,
}

pub(super) fn settings() -> Settings {
    Settings {
        public_url: "https://kermesse.example".parse().unwrap(),
        name: "La Kermesse".into(),
        description: "What is on around Namur".into(),
        zone: Zone::named("Europe/Brussels").unwrap(),
        languages: vec!["fr".into(), "en".into()],
        country: Some("BE".into()),
        contact: None,
    }
}

pub(super) fn plain(text: &str) -> PlainText {
    PlainText::new("text", text, 200).unwrap()
}

pub(super) fn new_profile(kind: Kind, name: &str) -> NewProfile {
    NewProfile {
        kind,
        name: Handle::new(name).unwrap(),
        display_name: plain("Comité des fêtes"),
        summary: RichText::from_plain("Every month something."),
        zone: None,
        language: None,
    }
}

/// A concert in Namur on a day of December 2026, at 20:00.
pub(super) fn concert(organizer: ProfileId, day: u8) -> NewEvent {
    let mut content = Content::titled(plain("Concert de Noël"));
    content.description = RichText::from_plain("Songs, and soup afterwards.");
    content.language = Language::parse("fr");
    content.tags = vec![plain("Musique"), plain("Noël")];
    content.category = event::Category::Music;
    content.place = Some(NewPlace {
        name: plain("Salle des fêtes"),
        street: plain("Rue Haute 1"),
        postal_code: plain("5000"),
        locality: plain("Namur"),
        country: plain("Belgique"),
        point: Point::new(50.4669, 4.8675),
        ..NewPlace::default()
    });
    NewEvent {
        organizer,
        group: Some(organizer),
        schedule: Schedule {
            begin: format!("2026-12-{day:02}T20:00").parse().unwrap(),
            end: Some(format!("2026-12-{day:02}T22:30").parse().unwrap()),
            zone: Zone::named("Europe/Brussels").unwrap(),
            all_day: false,
        },
        content,
        ical_uid: Some(format!("concert-{day}@kermesse.example")),
    }
}

impl Site {
    pub(super) async fn new() -> Self {
        Self::with_operations(&HashMap::new()).await
    }

    pub(super) async fn with_operations(operations: &HashMap<String, String>) -> Self {
        let test = TestDb::new();
        let new = |tx: &mut Tx<'_>| {
            let new = new_profile(Kind::Group, "comite");
            profile::create(tx, &Caller::System, new, &test_keys()).map(|profile| profile.id)
        };
        let agenda = test.db.write(new).await.unwrap();
        let gql = Gql::new(test.db.clone(), settings(), Gazetteer::sample(), operations).unwrap();
        Self { test, gql, agenda }
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        f: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> T {
        self.test.db.write(f).await.unwrap()
    }

    pub(super) async fn announces(&self, new: NewEvent) -> Event {
        self.write(move |tx| event::create(tx, &Caller::System, new)).await
    }

    /// A concert that is seen by fewer people.
    pub(super) async fn announces_hidden(&self, visibility: Visibility, state: State) -> Event {
        let mut new = concert(self.agenda, 20);
        new.content.visibility = visibility;
        new.content.state = state;
        new.ical_uid = None;
        self.announces(new).await
    }

    /// A soup on every Saturday from 5 December 2026 on.
    pub(super) async fn repeats(&self) -> Series {
        let mut content = Content::titled(plain("Soupe du samedi"));
        content.tags = vec![plain("Soupe")];
        content.attendance = Attendance::InPerson;
        let new = NewSeries {
            organizer: self.agenda,
            group: Some(self.agenda),
            recurrence: Recurrence {
                rule: Some(Rule::parse("FREQ=WEEKLY;BYDAY=SA;COUNT=6").unwrap()),
                start: "2026-12-05T18:00".parse().unwrap(),
                zone: Zone::named("Europe/Brussels").unwrap(),
                all_day: false,
                added: Vec::new(),
                skipped: Vec::new(),
            },
            duration_s: Some(2 * 3600),
            content,
            ical_uid: None,
        };
        self.write(move |tx| series::create(tx, &Caller::System, new)).await
    }

    pub(super) async fn answer(&self, query: &str, variables: Value, caller: Caller, seen: Option<Seen>) -> Answer {
        let operation = Operation {
            document: Document::Text(query.to_owned()),
            operation_name: None,
            variables,
        };
        self.gql.run(operation, caller, seen).await
    }

    /// How often an operation reads what belongs to the rows that it has.
    pub(super) async fn loads(&self, query: &str) -> usize {
        let (loads, loader) = (AtomicUsize::new(0), Arc::new(Loader::default()));
        let scope = Scope {
            db: self.test.db.clone(),
            caller: Caller::Anonymous,
            seen: None,
            loader: loader.clone(),
        };
        let request = self.gql.schema.execute(async_graphql::Request::new(query).data(scope));
        let read = |wanted| {
            loads.fetch_add(1, Ordering::SeqCst);
            self.test
                .db
                .read(move |tx| loader::read(tx, &Caller::Anonymous, wanted))
        };
        let response = loader.drive(request, read).await.unwrap();
        assert!(response.is_ok(), "{:?}", response.errors);
        loads.load(Ordering::SeqCst)
    }

    /// The answer to an anonymous reader.
    pub(super) async fn ask(&self, query: &str, variables: Value) -> Value {
        let answer = self.answer(query, variables, Caller::Anonymous, None).await;
        assert_eq!(answer.status, 200);
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// The data of an answer without errors.
    pub(super) async fn data(&self, query: &str) -> Value {
        let mut answer = self.ask(query, json!({})).await;
        assert_eq!(answer["errors"], Value::Null, "{query}");
        answer["data"].take()
    }

    /// The first error of an answer.
    pub(super) async fn error(&self, query: &str) -> Value {
        let mut answer = self.ask(query, json!({})).await;
        answer["errors"][0].take()
    }
}

/// An answer with its identifiers numbered in their order: snapshots do not depend on how they are made.
pub(super) fn masked(answer: &Value) -> String {
    let answer = &sorted(answer);
    let (text, mut known) = (format!("{answer:#}"), Vec::new());
    let (mut masked, mut at) = (String::new(), 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(id) = rest.get(..36).filter(|id| uuid::Uuid::try_parse(id).is_ok()) {
            let number = known.iter().position(|one| one == id).unwrap_or_else(|| {
                known.push(id.to_owned());
                known.len() - 1
            });
            write!(masked, "[id {number}]").unwrap();
            at += 36;
        } else {
            let letter = rest.chars().next().unwrap();
            masked.push(letter);
            at += letter.len_utf8();
        }
    }
    masked
}

/// The same value with the fields of its objects by name: they come in the order in which they are ready.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: std::collections::BTreeMap<_, _> = fields.iter().collect();
            Value::Object(
                fields
                    .into_iter()
                    .map(|(name, value)| (name.clone(), sorted(value)))
                    .collect(),
            )
        }
        Value::Array(values) => values.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
