//! What every handler reaches: the database, the settings, the schema, and the limits of callers.

use crate::{graphql::Gql, limit::Limiter};
use domain::{db::Db, settings::Settings};
use std::sync::Arc;

/// Shared by all handlers; clones share it.
#[derive(Clone)]
pub struct ApiState {
    /// The data.
    pub db: Db,
    /// The site.
    pub settings: Arc<Settings>,
    /// The schema.
    pub gql: Arc<Gql>,
    /// How many operations one address may run; `None`: as many as it wants.
    pub operations: Option<Arc<Limiter>>,
}
