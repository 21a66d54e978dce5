//! Finding events: by words, days, place, category and whatever else Mobilizon's programs ask for.

mod wish;

use super::{
    context::ContextExt,
    event::{EventNode, EventSearchResult, EventStatus},
    page::{EventList, PageArguments, Span},
    scalar::{Date, DateTime, Point},
};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use domain::{
    Result,
    event::{EventFilter, Order},
    search::{self, Found},
};
pub(super) use wish::circle_of;
use wish::{Near, Wish};

/// Questions that search.
#[derive(Default)]
pub(super) struct SearchQuery;

#[Object]
impl SearchQuery {
    /// Find events. Without words: those that are coming, next first. With words: coming ones before past ones, the
    /// best matches first.
    #[expect(clippy::too_many_arguments, reason = "Mobilizon's clients send them so")]
    async fn search_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            default_with = "Some(String::new())",
            desc = "Words of the title, the text, tags, the place or the organizer."
        )]
        term: Option<String>,
        #[graphql(desc = "Only events with one of these tags, separated by commas.")] tags: Option<String>,
        #[graphql(desc = "Only around this place: a geohash, `u0ztc`.")] location: Option<String>,
        #[graphql(name = "type", desc = "Only events at a place, or only those on the web.")] kind: Option<EventType>,
        #[graphql(desc = "Only about this: `MUSIC`.")] category: Option<String>,
        #[graphql(desc = "Only about one of these.")] category_one_of: Option<Vec<Option<String>>>,
        #[graphql(desc = "Only events that take place, or do not, or perhaps do.")] status_one_of: Option<
            Vec<Option<EventStatus>>,
        >,
        #[graphql(desc = "Only events in one of these languages, and those whose language is not known.")]
        language_one_of: Option<Vec<Option<String>>>,
        #[graphql(desc = "Languages of the reader; the order does not depend on them.")]
        #[expect(unused_variables, reason = "Mobilizon's clients send it")]
        boost_languages: Option<Vec<Option<String>>>,
        #[graphql(
            default_with = "Some(SearchTarget::Internal)",
            desc = "Where to search; there is no search of the whole world here, so that `GLOBAL` is `INTERNAL`."
        )]
        #[expect(unused_variables, reason = "Mobilizon's clients send it")]
        search_target: Option<SearchTarget>,
        #[graphql(default = 50.0, desc = "So many kilometres around the place, at most 500.")] radius: Option<f64>,
        #[graphql(desc = "Only long events (more than a week), or only shorter ones.")] long_events: Option<bool>,
        #[graphql(desc = "Only around this part of a map: `north,west:south,east`.")] bbox: Option<String>,
        #[graphql(desc = "How near the map is; not looked at.")]
        #[expect(unused_variables, reason = "Mobilizon's clients send it")]
        zoom: Option<i32>,
        #[graphql(default = 1, desc = "Which page, from 1.")] page: Option<i32>,
        #[graphql(default = 10, desc = "How many on a page, at most 100.")] limit: Option<i32>,
        #[graphql(desc = "Only events that are not over at this moment.")] begins_on: Option<DateTime>,
        #[graphql(desc = "Only events that begin before this moment.")] ends_on: Option<DateTime>,
        #[graphql(
            default_with = "Some(SearchEventSortOptions::MatchDesc)",
            desc = "In which order, where there are no words."
        )]
        sort_by: Option<SearchEventSortOptions>,
        #[graphql(desc = "Only around what a person typed for a place: \"Lyon\", \"5651\". Goes before `location`.")]
        near: Option<String>,
        #[graphql(desc = "Only events of this day (of the site's zone) and later.")] from_day: Option<Date>,
        #[graphql(desc = "Only events up to this day, included.")] to_day: Option<Date>,
        #[graphql(desc = "Only events of this person or group, by the name in `@name`.")] profile: Option<String>,
        #[graphql(desc = "Only events at this place, by its `id`.")] place: Option<ID>,
        #[graphql(default_with = "Some(false)", desc = "Show a series once, as its next date.")]
        collapse_series: Option<bool>,
        #[graphql(
            default_with = "Some(false)",
            desc = "Those that are over, the latest first, instead of those that come."
        )]
        past: Option<bool>,
    ) -> Result<Option<Events>> {
        let wish = Wish {
            term: term.unwrap_or_default(),
            tags,
            location,
            kind,
            categories: category.into_iter().chain(given(category_one_of)).collect(),
            statuses: given(status_one_of).into_iter().map(Into::into).collect(),
            languages: given(language_one_of),
            radius,
            long_events,
            bbox,
            begins_on,
            ends_on,
            sort_by,
            near,
            from_day,
            to_day,
            profile,
            place,
            collapse_series: collapse_series.unwrap_or_default(),
            past: past.unwrap_or_default(),
        };
        Events::find(ctx, wish, PageArguments { page, limit }).await.map(Some)
    }
}

fn given<T>(list: Option<Vec<Option<T>>>) -> Vec<T> {
    list.into_iter().flatten().flatten().collect()
}

/// Where an event is.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventType {
    /// At a place.
    InPerson,
    /// On the web.
    Online,
}

/// Where to search.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SearchTarget {
    /// On this site.
    #[graphql(name = "SELF")]
    Site,
    /// On this site and those that it follows.
    Internal,
    /// Everywhere.
    Global,
}

/// Which end of an order comes first.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SortDirection {
    /// The least.
    Asc,
    /// The greatest.
    Desc,
}

/// In which order events are found.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SearchEventSortOptions {
    /// The best match first.
    MatchDesc,
    /// Next first.
    StartTimeAsc,
    /// Latest first.
    StartTimeDesc,
    /// Newest announcement first.
    CreatedAtDesc,
    /// Oldest announcement first.
    CreatedAtAsc,
    /// Most people first; as nobody is counted, next first.
    ParticipantCountDesc,
}

impl From<SearchEventSortOptions> for Order {
    fn from(by: SearchEventSortOptions) -> Self {
        match by {
            SearchEventSortOptions::MatchDesc
            | SearchEventSortOptions::StartTimeAsc
            | SearchEventSortOptions::ParticipantCountDesc => Self::BeginsFirst,
            SearchEventSortOptions::StartTimeDesc => Self::BeginsLast,
            SearchEventSortOptions::CreatedAtDesc => Self::CreatedLast,
            SearchEventSortOptions::CreatedAtAsc => Self::CreatedFirst,
        }
    }
}

/// A page of what was found.
pub(super) struct Events {
    results: Results,
    near: Option<Near>,
}

enum Results {
    /// By words: found all at once.
    Words(Found, bool),
    /// By the rest.
    List(EventList),
}

impl Events {
    async fn find(ctx: &Context<'_>, wish: Wish, page: PageArguments) -> Result<Self> {
        let near = wish.near(ctx.site()?);
        let filter = wish.filter(ctx, near.as_ref()).await?;
        let results = if wish.has_words() {
            let is_collapsed = filter.collapse_series;
            let (text, page, past) = (wish.term, page.request(), wish.past);
            let found = ctx
                .read(move |tx, caller| {
                    let over = past.then(|| tx.now());
                    let filter = EventFilter { over, ..filter };
                    search::find(tx, caller, &search::Query { text, filter }, page)
                })
                .await?;
            Results::Words(found, is_collapsed)
        } else {
            let span = match (wish.past, filter.from) {
                (true, _) => Span::Over,
                (false, Some(_)) => Span::Any,
                (false, None) => Span::Coming,
            };
            Results::List(EventList::new(filter, span, page))
        };
        Ok(Self { results, near })
    }
}

/// A page of what was found.
#[Object]
impl Events {
    /// How many events there are on all pages, counted up to 500 with words and up to 1,000 without. Counted only when
    /// asked for.
    async fn total(&self, ctx: &Context<'_>) -> Result<i32> {
        match &self.results {
            Results::Words(found, _) => Ok(i32::try_from(found.total).unwrap_or(i32::MAX)),
            Results::List(list) => list.count(ctx).await,
        }
    }

    /// The events of this page.
    async fn elements(&self, ctx: &Context<'_>) -> Result<Vec<EventSearchResult>> {
        let nodes = match &self.results {
            Results::Words(found, is_collapsed) => {
                let events = found.events.iter().cloned();
                events.map(|event| EventNode::in_list(event, *is_collapsed)).collect()
            }
            Results::List(list) => list.load(ctx).await?,
        };
        Ok(nodes.into_iter().map(EventSearchResult::Event).collect())
    }

    /// What `near` was understood as; null where it was not asked for, or no such place is known.
    async fn near(&self) -> Option<NearPlace> {
        self.near.clone().map(NearPlace)
    }

    /// Another spelling of `term`, where nothing was found.
    async fn did_you_mean(&self) -> Option<&str> {
        match &self.results {
            Results::Words(found, _) => found.did_you_mean.as_deref(),
            Results::List(_) => None,
        }
    }
}

/// The place that was understood, and those that it may have been taken for.
pub(super) struct NearPlace(Near);

/// The place that was understood, and others of the same name.
#[Object]
impl NearPlace {
    /// What it is called on the spot.
    async fn name(&self) -> &str {
        &self.0.place.name
    }

    /// The province, department or state.
    async fn region(&self) -> Option<&str> {
        self.0.place.region.as_deref()
    }

    /// The country, in the site's language.
    async fn country(&self) -> &str {
        &self.0.place.country
    }

    /// Its postal code, the first where it has several.
    async fn postal_code(&self) -> Option<&str> {
        self.0.place.postal_code.as_deref()
    }

    /// Where it lies.
    async fn geom(&self) -> Point {
        self.0.place.geom
    }

    /// Other places that may have been meant, the likeliest first.
    async fn others(&self) -> Vec<GazetteerPlace> {
        self.0.others.clone()
    }
}

/// A town or village.
#[derive(SimpleObject, Debug, Clone, PartialEq)]
pub(super) struct GazetteerPlace {
    /// What it is called on the spot.
    name: String,
    /// The province, department or state.
    region: Option<String>,
    /// The country, in the site's language.
    country: String,
    /// Its postal code, the first where it has several.
    postal_code: Option<String>,
    /// Where it lies.
    geom: Point,
}
