//! What resolvers reach through the context of their request: who asks, the settings, the database, the loader.

use super::loader::Loader;
use async_graphql::Context;
use domain::{
    Error, Result,
    caller::Caller,
    db::{Db, Seen, Tx},
    place::gazetteer::Gazetteer,
    settings::Settings,
};
use std::sync::Arc;

/// One request.
pub(super) struct Scope {
    pub(super) db: Db,
    pub(super) caller: Caller,
    /// Where the tags of what is read are noted, for a page that is kept.
    pub(super) seen: Option<Seen>,
    pub(super) loader: Arc<Loader>,
}

/// What is the same for every request.
pub(super) struct Site {
    pub(super) settings: Settings,
    pub(super) gazetteer: &'static Gazetteer,
}

/// The context of a resolver.
pub(super) trait ContextExt {
    /// The request.
    fn scope(&self) -> Result<&Scope>;
    /// What is the same for every request.
    fn site(&self) -> Result<&Site>;
    /// Reads, noting what was read.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Tx<'_>, &Caller) -> Result<T> + Send + 'static,
    ) -> Result<T>;
}

impl ContextExt for Context<'_> {
    fn scope(&self) -> Result<&Scope> {
        self.data_opt().ok_or_else(|| Error::bug("a request without scope"))
    }

    fn site(&self) -> Result<&Site> {
        self.data_opt().ok_or_else(|| Error::bug("a schema without site"))
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Tx<'_>, &Caller) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let scope = self.scope()?;
        let caller = scope.caller.clone();
        scope
            .db
            .read_noting(scope.seen.clone(), move |tx| read(tx, &caller))
            .await
    }
}
