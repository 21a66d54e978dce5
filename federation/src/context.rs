//! What the words of documents mean: their `@context`, complete and inside the document.
//!
//! Several servers fetch contexts that they do not know; so no address of a context is named but those that all of them
//! have (ActivityStreams, security). A term that a document uses and no context defines would be lost by whoever expands
//! JSON-LD: a test walks all documents.

use serde_json::Value;
use std::sync::LazyLock;

/// Without words of others.
pub(crate) const PLAIN: &str = "https://www.w3.org/ns/activitystreams";

/// Of events, places and collections of them.
pub(crate) fn object() -> Value {
    OBJECT.clone()
}

/// Of people, groups and the site.
pub(crate) fn actor() -> Value {
    ACTOR.clone()
}

/// The tables are part of the program; a test reads them, so that they are never empty.
static OBJECT: LazyLock<Value> = LazyLock::new(|| read(include_str!("context/object.json")));
static ACTOR: LazyLock<Value> = LazyLock::new(|| read(include_str!("context/actor.json")));

fn read(table: &str) -> Value {
    serde_json::from_str(table).unwrap_or_default()
}
