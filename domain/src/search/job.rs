//! The job that brings an event's words into the index.

use crate::{
    id::EventId,
    job::{Job, Retry},
};
use serde::{Deserialize, Serialize};

/// Index an event as it is now, or take it out of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexEvent {
    /// Which one.
    pub event: EventId,
}

impl Job for IndexEvent {
    const KIND: &'static str = "search.index";
    const RETRY: Retry = Retry::QUICK;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.event.to_string())
    }
}
