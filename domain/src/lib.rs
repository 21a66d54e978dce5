//! Rules and persistence of Kermesse. No network, no HTTP, no GraphQL.
//!
//! One module per concept, in this order; a module uses those before it:
//! `error id time text words page web file` → `ports settings` → `db` → `caller access` → `change job` → `profile` →
//! `media place tag` → `event calendar_source` → `search feed`.
//!
//! A use case is one synchronous function on one transaction: `event::create(tx, &caller, input)`. Doors (GraphQL, the
//! command line, later the inbox) call the same function with another [`caller::Caller`].

pub mod error;
pub mod file;
pub mod id;
pub mod page;
pub mod text;
pub mod time;
pub mod web;
pub mod words;

pub mod ports;
pub mod settings;

pub mod db;

pub mod access;
pub mod caller;

pub mod change;
pub mod job;

pub mod profile;

pub mod media;
pub mod place;
pub mod tag;

pub mod calendar_source;
pub mod event;

pub mod search;

pub mod feed;

#[cfg(any(test, feature = "testing"))]
#[expect(clippy::expect_used, clippy::panic, reason = "what fails here is a test")]
pub mod fuzz;

pub use error::{Error, Result};
