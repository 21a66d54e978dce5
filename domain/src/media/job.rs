//! The jobs of pictures. [`super`] says how a worker does them.

use crate::{
    id::MediaId,
    job::{Job, Retry},
};
use serde::{Deserialize, Serialize};

/// Fetch, re-encode and keep a picture of another server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchPicture {
    /// Which one.
    pub media: MediaId,
}

impl Job for FetchPicture {
    const KIND: &'static str = "media.fetch";
    const RETRY: Retry = Retry::PATIENT;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.media.to_string())
    }
}

/// Remove the files of a picture whose row is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveFiles {
    /// Which one it was.
    pub media: MediaId,
}

impl Job for RemoveFiles {
    const KIND: &'static str = "media.remove";
    const RETRY: Retry = Retry::QUICK;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.media.to_string())
    }
}
