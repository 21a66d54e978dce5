//! What stands where something was deleted (ActivityStreams Vocabulary, Tombstone).

use domain::{id::EventId, settings::Settings, time::Instant};
use serde::Serialize;

/// A thing that is no more.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tombstone {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    former_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted: Option<String>,
}

/// Of an event.
pub(crate) fn event(settings: &Settings, id: EventId, deleted: Option<Instant>) -> Tombstone {
    Tombstone {
        kind: "Tombstone",
        id: settings.url(&format!("/events/{id}")),
        former_type: "Event",
        deleted: deleted.map(Instant::rfc3339),
    }
}
