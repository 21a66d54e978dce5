//! Words that events are found by.

use super::{
    context::ContextExt,
    page::{EventList, PageArguments, Span},
};
use async_graphql::{Context, ID, Object};
use domain::{
    Error, Result,
    error::What,
    event::EventFilter,
    tag::{self, Tag},
    text::Slug,
};

/// The most words beside a word.
const MOST_RELATED: i64 = 10;

/// Questions about tags.
#[derive(Default)]
pub(super) struct TagQuery;

#[Object]
impl TagQuery {
    /// The tag with this word in its address.
    async fn tag(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The word in its address: `musique-du-monde`.")] slug: String,
    ) -> Result<Option<TagNode>> {
        let slug = Slug::of(&slug).ok_or(Error::NotFound(What::Tag))?;
        ctx.read(move |tx, _| tag::by_slug(tx, &slug))
            .await
            .map(|tag| Some(TagNode(tag)))
    }

    /// Tags by the alphabet, all or those that begin with what was typed.
    async fn tags(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the tags begin with.")] filter: Option<String>,
        #[graphql(default = 1, desc = "Which page, from 1.")] page: Option<i32>,
        #[graphql(default = 10, desc = "How many on a page, at most 100.")] limit: Option<i32>,
    ) -> Result<Vec<TagNode>> {
        let page = PageArguments { page, limit }.request();
        let tags = ctx.read(move |tx, _| tag::list(tx, filter.as_deref(), page)).await?;
        Ok(tags.into_iter().map(TagNode).collect())
    }
}

/// A tag.
pub(super) struct TagNode(pub(super) Tag);

/// A word that events are found by.
#[Object(name = "Tag")]
impl TagNode {
    /// Its identifier.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The word in its address.
    async fn slug(&self) -> &str {
        self.0.slug.as_str()
    }

    /// The word as it was first written.
    async fn title(&self) -> &str {
        self.0.title.as_str()
    }

    /// Tags that stand on the same events, the most frequent first.
    async fn related(&self, ctx: &Context<'_>) -> Result<Vec<TagNode>> {
        let id = self.0.id;
        let tags = ctx.read(move |tx, _| tag::related(tx, id, MOST_RELATED)).await?;
        Ok(tags.into_iter().map(Self).collect())
    }

    /// The events with this tag.
    async fn events(
        &self,
        #[graphql(default = 1, desc = "Which page, from 1.")] page: Option<i32>,
        #[graphql(default = 10, desc = "How many on a page, at most 100.")] limit: Option<i32>,
        #[graphql(
            default_with = "Some(false)",
            desc = "Those that are over, the latest first, instead of those that come."
        )]
        past: Option<bool>,
        #[graphql(default_with = "Some(false)", desc = "Show a series once, as its next date.")]
        collapse_series: Option<bool>,
    ) -> Option<EventList> {
        let filter = EventFilter {
            tags: Some(vec![self.0.id]),
            collapse_series: collapse_series.unwrap_or_default(),
            ..EventFilter::default()
        };
        Some(EventList::new(filter, Span::past(past), PageArguments { page, limit }))
    }
}
