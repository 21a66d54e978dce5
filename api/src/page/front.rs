//! The built front end, embedded: `frontend/build`, which `frontend/adapter` writes.

use super::language::Language;
use axum::http::StatusCode;
use rust_embed::RustEmbed;
use std::{borrow::Cow, sync::Arc};

macro_rules! built {
    ($name:literal) => {
        include_str!(concat!(env!("KERMESSE_FRONTEND_BUILD"), "/", $name))
    };
}

/// The registered queries of the pages: hash → GraphQL document, JSON.
pub const OPERATIONS: &str = built!("operations.json");
/// How each language writes dates, for what Rust writes itself, JSON.
pub const DATES: &str = built!("dates.json");
/// The drawn cover of each category, JSON.
pub const COVERS: &str = built!("covers.json");

// Missing only in a debug build without a front end: see `build.rs`.
#[derive(RustEmbed)]
#[folder = "../frontend/build/sample"]
#[allow_missing = true]
struct SamplePictures;

/// A picture for the sample, PNG, by its name in `frontend/covers/sample`; `None` where there is none.
pub fn sample_picture(name: &str) -> Option<Cow<'static, [u8]>> {
    SamplePictures::get(&format!("{name}.png")).map(|file| file.data)
}

/// Whether this program has a front end, or only a page that says it has none.
pub const IS_BUILT: bool = cfg!(frontend_built);

/// What renders pages, and what is shown when nothing can.
#[derive(Debug, Clone)]
pub struct FrontEnd {
    /// Defines `globalThis.handle`.
    pub script: Arc<str>,
    /// Status, language, HTML.
    pub errors: Vec<(StatusCode, Language, &'static str)>,
}

impl FrontEnd {
    /// The one in this program.
    pub fn embedded() -> Self {
        let (broken, busy) = (StatusCode::INTERNAL_SERVER_ERROR, StatusCode::SERVICE_UNAVAILABLE);
        Self {
            script: built!("ssr.js").into(),
            errors: vec![
                (broken, Language::English, built!("errors/500.en.html")),
                (broken, Language::French, built!("errors/500.fr.html")),
                (busy, Language::English, built!("errors/503.en.html")),
                (busy, Language::French, built!("errors/503.fr.html")),
            ],
        }
    }

    /// The page for a failure that keeps every engine from answering.
    pub(super) fn error(&self, status: StatusCode, language: Language) -> &'static str {
        let fits = |one: &&(StatusCode, Language, &'static str)| one.0 == status && one.1 == language;
        self.errors.iter().find(fits).map_or("", |(_, _, html)| html)
    }
}
