//! The door of Kermesse for other servers: what they read. Nothing is received or sent yet; inboxes say so.
//!
//! In reading order: [`address`] says where things are; `accept` who wants JSON and who a page; [`document`] makes the
//! document of an address from what everybody may see; `object` and `discovery` are the shapes of documents, `context`
//! what their words mean; `door` is HTTP.
//!
//! [`router`] answers the addresses that only programs ask. Those that a page shares with a document (an event, a
//! profile, a place) are the page's, unless [`negotiate`] answers first.

mod accept;
pub mod address;
mod context;
mod discovery;
pub mod document;
mod door;
mod error;
mod object;
#[cfg(test)]
mod tests;

pub use address::Address;
pub use document::{Document, document};
pub use door::{alternate, negotiate, router};

use domain::{db::Db, event::Category, settings::Settings};
use std::{collections::BTreeMap, sync::Arc};

/// What every document is made of. Clones share it.
#[derive(Clone)]
pub struct State {
    /// The data.
    pub db: Db,
    /// The site.
    pub settings: Arc<Settings>,
    /// The pictures of events that have none.
    pub covers: Arc<Covers>,
}

/// Paths of the drawn covers by category, `FOOD_DRINK`, as the build of the pages lists them in `covers.json`.
/// Every cover is 1,200 pixels wide and 630 high.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Covers(BTreeMap<String, String>);

impl Covers {
    /// Reads `covers.json`.
    ///
    /// # Errors
    /// Where it is no object of paths.
    pub fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json).map(Self)
    }

    /// The path of the cover of a category; the one of the empty name serves all that have none.
    fn of(&self, category: Category) -> Option<&str> {
        let name = category.as_str().to_ascii_uppercase();
        self.0.get(&name).or_else(|| self.0.get("")).map(String::as_str)
    }
}
