//! GraphQL: the schema, and the one way to run an operation, for HTTP and for pages.
//!
//! On its way in an operation is counted ([`precheck`]), parsed, checked and priced ([`check`]), and only then executed.
//! Operations that were registered when the front end was built are parsed once and skip counting and price.

#![expect(clippy::unused_async, reason = "the library takes asynchronous resolvers only")]

mod check;
mod context;
pub mod http;
mod inputs;
mod introspection;
mod loader;
pub mod precheck;
mod response;
mod shape;

mod config;
mod event;
mod event_options;
mod interact;
mod language;
mod media;
mod page;
mod place;
mod profile;
mod scalar;
mod search;
mod series;
mod statistics;
mod tag;

#[cfg(test)]
mod compatibility;
#[cfg(test)]
mod tests;

pub use response::Answer;

use crate::error::Told;
use async_graphql::{
    EmptyMutation, EmptySubscription, MergedObject, Request, Response, SDLExportOptions, Schema, SchemaBuilder,
    ValidationMode, Variables,
};
use async_graphql_parser::{
    parse_query,
    types::{ExecutableDocument, OperationType},
};
use context::{Scope, Site};
use domain::{
    caller::Caller,
    db::{Db, Seen},
    place::gazetteer::Gazetteer,
    settings::Settings,
};
use loader::Loader;
use shape::Shape;
use std::{collections::HashMap, sync::Arc, time::Duration};

/// The longest that an operation may take.
const MOST_TIME: Duration = Duration::from_secs(5);

/// What can be asked.
#[derive(MergedObject, Default)]
struct Query(
    event::EventQuery,
    search::SearchQuery,
    series::SeriesQuery,
    profile::ProfileQuery,
    tag::TagQuery,
    place::PlaceQuery,
    media::MediaQuery,
    config::ConfigQuery,
    statistics::StatisticsQuery,
    language::LanguageQuery,
    interact::InteractQuery,
);

type AppSchema = Schema<Query, EmptyMutation, EmptySubscription>;

fn builder() -> SchemaBuilder<Query, EmptyMutation, EmptySubscription> {
    // The rules of the library's own validation are not run: see `check`.
    Schema::build(Query::default(), EmptyMutation, EmptySubscription).validation_mode(ValidationMode::Fast)
}

/// The schema as text: `schema.graphql`.
pub fn sdl() -> String {
    builder().finish().sdl_with_options(
        SDLExportOptions::new()
            .use_space_ident()
            .prefer_single_line_descriptions(),
    )
}

/// The outermost fields of the schema, sorted: `query event`. Each has a row in the matrix of permissions.
///
/// # Panics
/// Never: the text comes from the schema itself.
pub fn root_fields() -> Vec<String> {
    Shape::read(&sdl()).map(|shape| shape.root_fields()).unwrap_or_default()
}

/// Why the program cannot begin to answer.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The schema cannot be read back.
    #[error("the schema cannot be read: {0}")]
    Schema(async_graphql_parser::Error),
    /// An operation of the front end is not one of this schema: they were built from different versions.
    #[error("the operation {id} of the front end does not fit the schema: {why}")]
    Operation {
        /// Its hash.
        id: String,
        /// What is wrong.
        why: String,
    },
}

/// An operation to run.
#[derive(Debug, Clone)]
pub struct Operation {
    /// What is asked.
    pub document: Document,
    /// Which of several operations in the document.
    pub operation_name: Option<String>,
    /// The variables, a JSON object or null.
    pub variables: serde_json::Value,
}

/// What is asked.
#[derive(Debug, Clone)]
pub enum Document {
    /// An operation that was registered when the front end was built, by its hash.
    Registered(String),
    /// A text from outside.
    Text(String),
}

/// How much a request may cost in all.
#[derive(Debug)]
pub struct Budget(u64);

impl Budget {
    /// 500 for readers, 2,000 for who is signed in.
    pub fn of(caller: &Caller) -> Self {
        match caller {
            Caller::Anonymous | Caller::Remote { .. } => Self(500),
            Caller::Local { .. } => Self(2_000),
            Caller::System => Self(u64::MAX),
        }
    }

    fn spend(&mut self, cost: u64) -> bool {
        let left = self.0.checked_sub(cost);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

/// An operation that may be executed.
pub struct Prepared {
    document: ExecutableDocument,
    variables: Variables,
    kind: OperationType,
}

impl Prepared {
    /// Whether it only reads.
    pub fn is_query(&self) -> bool {
        self.kind == OperationType::Query
    }
}

/// The schema with its data, and the registered operations.
pub struct Gql {
    schema: AppSchema,
    shape: Shape,
    registered: HashMap<String, ExecutableDocument>,
    db: Db,
}

impl Gql {
    /// Builds the schema. `operations` are the documents of the front end by their hashes.
    ///
    /// # Errors
    /// See [`BuildError`].
    pub fn new(
        db: Db,
        settings: Settings,
        gazetteer: &'static Gazetteer,
        operations: &HashMap<String, String>,
    ) -> Result<Self, BuildError> {
        let schema = builder().data(Site { settings, gazetteer }).finish();
        let shape = Shape::read(&schema.sdl()).map_err(BuildError::Schema)?;
        let register = |(id, text): (&String, &String)| Ok((id.clone(), registered(&shape, id, text)?));
        let registered = operations.iter().map(register).collect::<Result<_, BuildError>>()?;
        Ok(Self {
            schema,
            shape,
            registered,
            db,
        })
    }

    /// Runs an operation for a caller; what it reads is noted in `seen`.
    pub async fn run(&self, operation: Operation, caller: Caller, seen: Option<Seen>) -> Answer {
        match self.prepare(operation, &mut Budget::of(&caller)) {
            Ok(prepared) => self.execute(prepared, caller, seen).await,
            Err(refusal) => refusal,
        }
    }

    /// Checks an operation, and takes its cost from the budget.
    ///
    /// # Errors
    /// The answer that refuses it.
    pub fn prepare(&self, operation: Operation, budget: &mut Budget) -> Result<Prepared, Answer> {
        let mut variables = Variables::from_json(operation.variables);
        let (mut document, is_registered) = self.document(operation.document)?;
        let name = operation.operation_name.as_deref();
        let checked = check::check(&self.shape, &mut document, name, Some(&mut variables))
            .map_err(|errors| Answer::of(Response::from_errors(errors)))?;
        if !is_registered && !budget.spend(checked.cost) {
            let message = format!(
                "This costs {}, more than is left of what one request may cost.",
                checked.cost
            );
            return Err(Answer::refusal(200, Told::new(400, "too_expensive", message)));
        }
        Ok(Prepared {
            document,
            variables,
            kind: checked.kind,
        })
    }

    fn document(&self, document: Document) -> Result<(ExecutableDocument, bool), Answer> {
        match document {
            Document::Registered(id) => {
                let Some(document) = self.registered.get(&id) else {
                    let told = Told::new(400, "unknown_operation", "There is no operation with this hash.");
                    return Err(Answer::refusal(200, told));
                };
                Ok((document.clone(), true))
            }
            Document::Text(text) => {
                precheck::check(&text, &precheck::LIMITS).map_err(refused)?;
                let parsed =
                    parse_query(&text).map_err(|error| Answer::of(Response::from_errors(vec![error.into()])))?;
                Ok((parsed, false))
            }
        }
    }

    /// Executes an operation that was checked.
    pub async fn execute(&self, prepared: Prepared, caller: Caller, seen: Option<Seen>) -> Answer {
        let loader = Arc::new(Loader::default());
        let scope = Scope {
            db: self.db.clone(),
            caller: caller.clone(),
            seen: seen.clone(),
            loader: loader.clone(),
        };
        let mut request = Request::new("").variables(prepared.variables).data(scope);
        request.set_parsed_query(prepared.document);
        let read = |wanted| {
            let caller = caller.clone();
            self.db
                .read_noting(seen.clone(), move |tx| loader::read(tx, &caller, wanted))
        };
        match tokio::time::timeout(MOST_TIME, loader.drive(self.schema.execute(request), read)).await {
            Ok(Ok(response)) => Answer::of(response),
            Ok(Err(error)) => Answer::failure(&error),
            Err(_) => Answer::refusal(
                200,
                Told::new(503, "timed_out", "This took too long; ask for less at once."),
            ),
        }
    }
}

fn registered(shape: &Shape, id: &str, text: &str) -> Result<ExecutableDocument, BuildError> {
    let wrong = |why: String| BuildError::Operation { id: id.to_owned(), why };
    let document = parse_query(text).map_err(|error| wrong(error.to_string()))?;
    check::check(shape, &mut document.clone(), None, None).map_err(|errors| {
        let messages: Vec<String> = errors.into_iter().map(|error| error.message).collect();
        wrong(messages.join(" "))
    })?;
    Ok(document)
}

fn refused(why: precheck::Refused) -> Answer {
    // What is too large to be read is no GraphQL request, and does not answer 200 as those do.
    let status = if why.is_oversized() { 400 } else { 200 };
    Answer::refusal(status, Told::new(400, "document_refused", why.to_string()))
}
