//! An address of this site, and what stands there.

use super::{
    context::ContextExt,
    event::EventNode,
    profile::{Actor, Group},
    series::SeriesNode,
};
use async_graphql::{Context, Interface, Object};
use domain::{
    Error, Result,
    error::What,
    event::{self, series},
    id::{EventId, SeriesId},
    profile,
    text::Handle,
};
use std::sync::Arc;
use url::Url;

/// Questions about addresses.
#[derive(Default)]
pub(super) struct InteractQuery;

#[Object]
impl InteractQuery {
    /// What stands at an address of this site: an event, a series or a group.
    async fn interact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The address, as in the browser.")] uri: String,
    ) -> Result<Option<Interactable>> {
        let here = &ctx.site()?.settings.public_url;
        match Target::at(here, &uri).ok_or(Error::NotFound(What::Event))? {
            Target::Event(id) => {
                let event = ctx.read(move |tx, caller| event::visible(tx, caller, id)).await?;
                Ok(Some(Interactable::Event(EventNode::single(event))))
            }
            Target::Series(id) => {
                let series = ctx.read(move |tx, caller| series::visible(tx, caller, id)).await?;
                Ok(Some(Interactable::Series(SeriesNode::new(series))))
            }
            Target::Profile(name) => group(ctx, name).await.map(Some),
        }
    }
}

async fn group(ctx: &Context<'_>, name: Handle) -> Result<Interactable> {
    let found = ctx.read(move |tx, _| profile::named(tx, &name)).await?;
    match Actor::from(Arc::new(found)) {
        Actor::Group(group) => Ok(Interactable::Group(group)),
        Actor::Person(_) | Actor::Application(_) => Err(Error::NotFound(What::Group)),
    }
}

/// What an address of ours names.
#[derive(Debug, PartialEq)]
enum Target {
    Event(EventId),
    Series(SeriesId),
    Profile(Handle),
}

impl Target {
    fn at(here: &Url, uri: &str) -> Option<Self> {
        let url = Url::parse(uri.trim()).ok()?;
        if url.origin() != here.origin() {
            return None;
        }
        let base = here.path().trim_end_matches('/');
        let path = url.path().strip_prefix(base)?.trim_matches('/');
        match path.split_once('/') {
            Some(("events", id)) => id.parse().ok().map(Self::Event),
            Some(("series", id)) => id.parse().ok().map(Self::Series),
            None => Handle::new(path.strip_prefix('@')?).ok().map(Self::Profile),
            Some(_) => None,
        }
    }
}

/// What one can do something with by its address.
#[derive(Interface)]
#[graphql(field(name = "url", ty = "String", desc = "The address of its page."))]
pub(super) enum Interactable {
    /// An event.
    Event(EventNode),
    /// A series.
    Series(SeriesNode),
    /// A group.
    Group(Group),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_site_name_something() {
        let here = Url::parse("https://kermesse.example/").unwrap();
        let id = "0193ac5e-7c00-7000-8000-000000000001";
        let at = |uri: &str| Target::at(&here, uri);
        assert_eq!(
            at(&format!("https://kermesse.example/events/{id}/?utm=1#top")),
            Some(Target::Event(id.parse().unwrap()))
        );
        assert_eq!(
            at(&format!("https://kermesse.example/series/{id}")),
            Some(Target::Series(id.parse().unwrap()))
        );
        assert!(matches!(
            at("https://kermesse.example/@agenda"),
            Some(Target::Profile(_))
        ));
        for other in [
            "https://other.example/@agenda",
            "http://kermesse.example/@agenda",
            "https://kermesse.example/events/1",
            "https://kermesse.example/events/../@agenda/x",
            "javascript:alert(1)",
            "",
        ] {
            assert_eq!(at(other), None, "{other}");
        }
    }
}
