//! Lists of events in pages.

use super::{context::ContextExt, event::EventNode};
use async_graphql::{Context, Object};
use domain::{
    Result,
    event::{self, EventFilter, Order},
    page::{DEFAULT_LIMIT, PageRequest},
    time::Instant,
};

/// `page` and `limit` as they were sent.
#[derive(Clone, Copy)]
pub(super) struct PageArguments {
    pub(super) page: Option<i32>,
    pub(super) limit: Option<i32>,
}

impl PageArguments {
    /// Brought into bounds, without an error: existing programs ask for 1,000.
    pub(super) fn request(self) -> PageRequest {
        let limit = self.limit.map_or(i64::from(DEFAULT_LIMIT), i64::from);
        PageRequest::new(self.page.map_or(1, i64::from), limit)
    }
}

/// Which events of a list, by the clock.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Span {
    /// As the filter says.
    Any,
    /// Those that are not over; any, where the filter asks for a time that is gone.
    Coming,
    /// Those that are over, the latest first.
    Over,
}

impl Span {
    /// The argument `past`.
    pub(super) fn past(past: Option<bool>) -> Self {
        if past.unwrap_or_default() {
            Self::Over
        } else {
            Self::Coming
        }
    }

    fn filter(self, filter: EventFilter, now: Instant) -> EventFilter {
        match self {
            Self::Any => filter,
            Self::Coming if filter.until.is_some_and(|until| until <= now) => filter,
            Self::Coming => EventFilter {
                from: Some(now),
                ..filter
            },
            Self::Over => EventFilter {
                over: Some(now),
                order: Order::BeginsLast,
                ..filter
            },
        }
    }
}

/// A page of a list; it is read and counted only where that is asked for.
pub(super) struct EventList {
    filter: EventFilter,
    span: Span,
    page: PageRequest,
}

impl EventList {
    pub(super) fn new(filter: EventFilter, span: Span, page: PageArguments) -> Self {
        Self {
            filter,
            span,
            page: page.request(),
        }
    }

    /// The events of the page.
    pub(super) async fn load(&self, ctx: &Context<'_>) -> Result<Vec<EventNode>> {
        let (filter, span, page) = (self.filter.clone(), self.span, self.page);
        let is_collapsed = filter.collapse_series;
        let events = ctx
            .read(move |tx, caller| event::list(tx, caller, &span.filter(filter, tx.now()), page))
            .await?;
        Ok(events
            .into_iter()
            .map(|event| EventNode::in_list(event, is_collapsed))
            .collect())
    }

    /// How many there are in all.
    pub(super) async fn count(&self, ctx: &Context<'_>) -> Result<i32> {
        let (filter, span) = (self.filter.clone(), self.span);
        let total = ctx
            .read(move |tx, caller| event::count(tx, caller, &span.filter(filter, tx.now())))
            .await?;
        Ok(i32::try_from(total).unwrap_or(i32::MAX))
    }
}

/// A page of a list of events.
#[Object(name = "PaginatedEventList")]
impl EventList {
    /// The events of this page.
    async fn elements(&self, ctx: &Context<'_>) -> Result<Vec<EventNode>> {
        self.load(ctx).await
    }

    /// How many events there are on all pages; 1,000 means "1,000 or more". Counted only when asked for.
    async fn total(&self, ctx: &Context<'_>) -> Result<i32> {
        self.count(ctx).await
    }
}
