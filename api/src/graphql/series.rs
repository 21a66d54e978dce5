//! Series: what their dates have in common, and the rule that makes them.

use super::{
    context::ContextExt,
    event::EventCategory,
    media::MediaNode,
    page::{EventList, PageArguments, Span},
    place::Address,
    profile::Actor,
    scalar::{Date, LocalDateTime, Uuid},
    tag::TagNode,
};
use async_graphql::{Context, Enum, ID, Object, SimpleObject};
use domain::{
    Result,
    event::{
        Content, EventFilter, Visibility,
        series::{self, Series},
    },
    id::SeriesId,
    text::Slug,
    time::recurrence::{self, Parts, Rule},
};
use futures_util::future::join_all;
use std::sync::Arc;

/// Questions about series.
#[derive(Default)]
pub(super) struct SeriesQuery;

#[Object]
impl SeriesQuery {
    /// A series by its identifier.
    async fn series(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its `uuid`, the end of its address.")] uuid: Uuid,
    ) -> Result<Option<SeriesNode>> {
        let id = SeriesId(uuid.0);
        let series = ctx.read(move |tx, caller| series::visible(tx, caller, id)).await?;
        Ok(Some(SeriesNode(Arc::new(series))))
    }
}

/// A series.
pub(super) struct SeriesNode(Arc<Series>);

impl SeriesNode {
    pub(super) fn new(series: Series) -> Self {
        Self(Arc::new(series))
    }

    /// The series with this identifier, if the caller may see it.
    pub(super) async fn load(ctx: &Context<'_>, id: Option<SeriesId>) -> Result<Option<Self>> {
        match id {
            Some(id) => Ok(ctx.scope()?.loader.series(id).await.map(Self)),
            None => Ok(None),
        }
    }

    fn content(&self) -> &Content {
        &self.0.template.0
    }
}

/// Events that repeat: what they have in common. Each date is an event of its own, and may differ.
#[Object(name = "Series")]
impl SeriesNode {
    /// Its identifier.
    async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Its identifier, the end of its address.
    async fn uuid(&self) -> Uuid {
        Uuid(self.0.id.0)
    }

    /// The address of its page.
    pub(super) async fn url(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.site()?.settings.url(&self.0.path()))
    }

    /// The title of its dates.
    async fn title(&self) -> &str {
        self.content().title.as_str()
    }

    /// What they are, in HTML that is safe to show.
    async fn description(&self) -> Option<&str> {
        Some(self.content().description.as_html()).filter(|text| !text.is_empty())
    }

    /// Whether they take whole days, without times.
    async fn all_day(&self) -> bool {
        self.0.all_day
    }

    /// When the first date begins, by the clock of its zone.
    async fn begins_on_local(&self) -> LocalDateTime {
        LocalDateTime(self.0.start_local)
    }

    /// When the first date ends, by the clock of its zone; null where no end is said.
    async fn ends_on_local(&self) -> Option<LocalDateTime> {
        let duration = self.0.duration_s?;
        Some(LocalDateTime(self.0.start_local.plus_seconds(duration)))
    }

    /// The IANA name of its zone.
    async fn zone(&self) -> &str {
        self.0.zone.name()
    }

    /// The rule that makes its dates; null where they were only listed.
    async fn rule(&self) -> Result<Option<RecurrenceRule>> {
        let rule = self.0.rule()?;
        Ok(rule.map(|rule| RecurrenceRule::of(&rule, &self.0)))
    }

    /// What they are about.
    async fn category(&self) -> EventCategory {
        self.content().category.into()
    }

    /// Their picture.
    async fn picture(&self, ctx: &Context<'_>) -> Result<Option<MediaNode>> {
        MediaNode::load(ctx, self.content().picture).await
    }

    /// The words that they are found by.
    async fn tags(&self, ctx: &Context<'_>) -> Result<Vec<TagNode>> {
        let slugs = self.content().tags.iter().filter_map(|title| Slug::of(title.as_str()));
        let loader = &ctx.scope()?.loader;
        // Those of a series exist once it has dates.
        let tags = join_all(slugs.map(|slug| loader.tag(slug))).await;
        Ok(tags.into_iter().flatten().map(|tag| TagNode((*tag).clone())).collect())
    }

    /// The language of their texts.
    async fn language(&self) -> Option<&str> {
        self.content().language.as_ref().map(domain::text::Language::as_str)
    }

    /// Where they happen.
    async fn physical_address(&self) -> Option<Address> {
        self.content().place.as_ref().map(Address::of_description)
    }

    /// A web address: of the meeting, or of a page about it.
    async fn online_address(&self) -> Option<&str> {
        self.content().online_address.as_ref().map(url::Url::as_str)
    }

    /// The group that it is announced for.
    async fn attributed_to(&self, ctx: &Context<'_>) -> Result<Option<Actor>> {
        Actor::load(ctx, self.0.group_id).await
    }

    /// Who announced it; who that is inside a group is not told.
    async fn organizer_actor(&self, ctx: &Context<'_>) -> Result<Option<Actor>> {
        let is_told = self.0.group_id.is_none_or(|group| group == self.0.organizer_id);
        Actor::load(ctx, is_told.then_some(self.0.organizer_id)).await
    }

    /// Whether search engines must leave it out.
    async fn noindex(&self) -> bool {
        self.content().visibility != Visibility::Public
    }

    /// Its dates.
    async fn events(
        &self,
        #[graphql(
            default_with = "Some(false)",
            desc = "Those that are over, the latest first, instead of those that come."
        )]
        past: Option<bool>,
        #[graphql(default = 1, desc = "Which page, from 1.")] page: Option<i32>,
        #[graphql(default = 10, desc = "How many on a page, at most 100.")] limit: Option<i32>,
    ) -> Option<EventList> {
        let filter = EventFilter {
            series: Some(self.0.id),
            ..EventFilter::default()
        };
        Some(EventList::new(filter, Span::past(past), PageArguments { page, limit }))
    }
}

/// A rule of repetition in parts, so that a page can say it in words.
#[derive(SimpleObject)]
pub(super) struct RecurrenceRule {
    /// The rule (RFC 5545, RRULE).
    text: String,
    /// Days, weeks, months or years.
    frequency: RecurrenceFrequency,
    /// Every so many of them.
    interval: i32,
    /// On these weekdays.
    weekdays: Vec<RecurrenceWeekday>,
    /// On these days of the month; −1 is the last one.
    month_days: Vec<i32>,
    /// In these months; 1 is January.
    months: Vec<i32>,
    /// The last day on which a date may begin.
    until: Option<Date>,
    /// How many dates in all.
    count: Option<i32>,
    /// Whether these parts say everything: otherwise words made from them alone would be wrong.
    is_complete: bool,
}

impl RecurrenceRule {
    fn of(rule: &Rule, series: &Series) -> Self {
        let Parts {
            frequency,
            interval,
            weekdays,
            month_days,
            months,
            until,
            count,
            is_complete,
        } = rule.parts(&series.zone, series.all_day);
        Self {
            text: rule.as_str().to_owned(),
            frequency: frequency.into(),
            interval: interval.into(),
            weekdays: weekdays.into_iter().map(RecurrenceWeekday::of).collect(),
            month_days: month_days.into_iter().map(i32::from).collect(),
            months: months.into_iter().map(i32::from).collect(),
            until: until.map(Date),
            count: count.and_then(|count| i32::try_from(count).ok()),
            is_complete,
        }
    }
}

/// How something repeats.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "recurrence::Frequency")]
pub(super) enum RecurrenceFrequency {
    /// By days.
    Daily,
    /// By weeks.
    Weekly,
    /// By months.
    Monthly,
    /// By years.
    Yearly,
}

/// A weekday in a rule.
#[derive(SimpleObject)]
struct RecurrenceWeekday {
    /// Which.
    day: Weekday,
    /// The how-manieth: 2 is the second, −1 the last; null is every one.
    position: Option<i32>,
}

impl RecurrenceWeekday {
    fn of((day, position): (recurrence::Weekday, Option<i8>)) -> Self {
        Self {
            day: day.into(),
            position: position.map(i32::from),
        }
    }
}

/// A day of the week.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "recurrence::Weekday")]
enum Weekday {
    /// Monday.
    #[graphql(name = "MO")]
    Monday,
    /// Tuesday.
    #[graphql(name = "TU")]
    Tuesday,
    /// Wednesday.
    #[graphql(name = "WE")]
    Wednesday,
    /// Thursday.
    #[graphql(name = "TH")]
    Thursday,
    /// Friday.
    #[graphql(name = "FR")]
    Friday,
    /// Saturday.
    #[graphql(name = "SA")]
    Saturday,
    /// Sunday.
    #[graphql(name = "SU")]
    Sunday,
}
