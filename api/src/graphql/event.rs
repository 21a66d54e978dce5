//! Events, and the lists of those that are coming.

use super::{
    context::ContextExt,
    event_options::{EventMetadata, EventOptions},
    media::MediaNode,
    page::{EventList, PageArguments, Span},
    place::Address,
    profile::Actor,
    scalar::{DateTime, LocalDateTime, Uuid, zone_name},
    search::{SortDirection, circle_of},
    series::SeriesNode,
    tag::TagNode,
};
use async_graphql::{Context, Enum, ID, Interface, Object};
use domain::{
    Result,
    event::{self, Category, Event, EventFilter, Listing, Order, Status},
    id::EventId,
    text::{Slug, rich},
};
use std::sync::Arc;

/// How many events stand beside an event.
const MOST_RELATED: u32 = 4;
/// The characters of a preview.
const PREVIEW: u32 = 300;

/// Questions about events.
#[derive(Default)]
pub(super) struct EventQuery;

#[Object]
impl EventQuery {
    /// An event by its identifier.
    async fn event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its `uuid`, the end of its address.")] uuid: Uuid,
    ) -> Result<Option<EventNode>> {
        let id = EventId(uuid.0);
        let event = ctx.read(move |tx, caller| event::visible(tx, caller, id)).await?;
        Ok(Some(EventNode::single(event)))
    }

    /// The events that are coming or going on.
    #[expect(clippy::too_many_arguments, reason = "Mobilizon's clients send them so")]
    async fn events(
        &self,
        #[graphql(desc = "Only around this place: a geohash, `u0ztc`.")] location: Option<String>,
        #[graphql(desc = "So many kilometres around it, 50 unless said, at most 500.")] radius: Option<f64>,
        #[graphql(default = 1, desc = "Which page, from 1.")] page: Option<i32>,
        #[graphql(default = 10, desc = "How many on a page, at most 100.")] limit: Option<i32>,
        #[graphql(default_with = "Some(EventOrderBy::BeginsOn)", desc = "In which order.")] order_by: Option<
            EventOrderBy,
        >,
        #[graphql(default_with = "Some(SortDirection::Asc)", desc = "Which end comes first.")] direction: Option<
            SortDirection,
        >,
        #[graphql(desc = "Only long events (more than a week), or only shorter ones.")] long_events: Option<bool>,
    ) -> Result<Option<EventList>> {
        let filter = EventFilter {
            near: circle_of(location.as_deref(), radius)?,
            length: length(long_events),
            order: EventOrderBy::order(order_by, direction),
            ..EventFilter::default()
        };
        Ok(Some(EventList::new(
            filter,
            Span::Coming,
            PageArguments { page, limit },
        )))
    }
}

/// The argument `longEvents`.
pub(super) fn length(long_events: Option<bool>) -> Option<Listing> {
    long_events.map(|is_long| if is_long { Listing::Long } else { Listing::Short })
}

/// By what a list of events is ordered.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventOrderBy {
    /// When they begin.
    BeginsOn,
    /// When they were announced.
    InsertedAt,
    /// When they were changed last.
    UpdatedAt,
}

impl EventOrderBy {
    /// The order that two arguments name.
    pub(super) fn order(by: Option<Self>, direction: Option<SortDirection>) -> Order {
        match (by.unwrap_or(Self::BeginsOn), direction.unwrap_or(SortDirection::Asc)) {
            (Self::BeginsOn, SortDirection::Asc) => Order::BeginsFirst,
            (Self::BeginsOn, SortDirection::Desc) => Order::BeginsLast,
            (Self::InsertedAt, SortDirection::Asc) => Order::CreatedFirst,
            (Self::InsertedAt, SortDirection::Desc) => Order::CreatedLast,
            (Self::UpdatedAt, SortDirection::Asc) => Order::UpdatedFirst,
            (Self::UpdatedAt, SortDirection::Desc) => Order::UpdatedLast,
        }
    }
}

/// Whether an event takes place.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Status")]
pub(super) enum EventStatus {
    /// Not yet sure.
    Tentative,
    /// It takes place.
    Confirmed,
    /// It does not take place.
    Cancelled,
}

/// Who may read an event.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventVisibility {
    /// Everybody, and it stands in lists.
    Public,
    /// Everybody who has its address; it stands in no list.
    Unlisted,
    /// Who has a secret address.
    Restricted,
    /// Followers, members or invited people.
    Private,
}

impl From<event::Visibility> for EventVisibility {
    fn from(visibility: event::Visibility) -> Self {
        match visibility {
            event::Visibility::Public => Self::Public,
            event::Visibility::Unlisted => Self::Unlisted,
            event::Visibility::Link => Self::Restricted,
            event::Visibility::Followers | event::Visibility::Members | event::Visibility::Invited => Self::Private,
        }
    }
}

/// How one takes part in an event.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventJoinOptions {
    /// Whoever wants to.
    Free,
    /// Whom the organizers accept.
    Restricted,
    /// Whom the organizers invite.
    Invite,
    /// Not through this site: as the organizers say.
    External,
}

/// What an event is about.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Category")]
pub(super) enum EventCategory {
    /// Arts.
    Arts,
    /// Book clubs.
    BookClubs,
    /// Business.
    Business,
    /// Causes.
    Causes,
    /// Comedy.
    Comedy,
    /// Crafts.
    Crafts,
    /// Food and drink.
    FoodDrink,
    /// Health.
    Health,
    /// Music.
    Music,
    /// Cars, boats and planes.
    AutoBoatAir,
    /// Community.
    Community,
    /// Family and education.
    FamilyEducation,
    /// Fashion and beauty.
    FashionBeauty,
    /// Film and media.
    FilmMedia,
    /// Games.
    Games,
    /// Language and culture.
    LanguageCulture,
    /// Learning.
    Learning,
    /// LGBTQ.
    Lgbtq,
    /// Movements and politics.
    MovementsPolitics,
    /// Networking.
    Networking,
    /// Party.
    Party,
    /// Performing and visual arts.
    PerformingVisualArts,
    /// Pets.
    Pets,
    /// Photography.
    Photography,
    /// Outdoors and adventure.
    OutdoorsAdventure,
    /// Spirituality, religion and beliefs.
    SpiritualityReligionBeliefs,
    /// Science and technology.
    ScienceTech,
    /// Sports.
    Sports,
    /// Theatre.
    Theatre,
    /// Meeting.
    Meeting,
}

/// An event, found by a search.
#[expect(clippy::duplicated_attributes, reason = "fields of the same type")]
#[derive(Interface)]
#[graphql(
    field(name = "id", ty = "ID", desc = "Its identifier."),
    field(name = "uuid", ty = "Uuid", desc = "Its identifier, the end of its address."),
    field(name = "url", ty = "String", desc = "The address of its page."),
    field(name = "title", ty = "String", desc = "Its title."),
    field(name = "begins_on", ty = "DateTime", desc = "The moment it begins."),
    field(
        name = "ends_on",
        ty = "Option<DateTime>",
        desc = "The moment it ends, if it has an end."
    ),
    field(
        name = "begins_on_local",
        ty = "LocalDateTime",
        desc = "When it begins, by the clock of its zone."
    ),
    field(
        name = "ends_on_local",
        ty = "Option<LocalDateTime>",
        desc = "When it ends, by the clock of its zone; of an all-day event the first moment after its last day."
    ),
    field(name = "all_day", ty = "bool", desc = "Whether it takes whole days, without times."),
    field(
        name = "zone",
        ty = "Option<String>",
        desc = "The IANA name of its zone; null for an event of another server that has only an offset."
    ),
    field(name = "long_event", ty = "bool", desc = "Whether it lasts more than a week."),
    field(name = "status", ty = "EventStatus", desc = "Whether it takes place."),
    field(name = "picture", ty = "Option<MediaNode>", desc = "Its picture."),
    field(name = "physical_address", ty = "Option<Address>", desc = "Where it happens."),
    field(
        name = "attributed_to",
        ty = "Option<Actor>",
        desc = "The group that it is announced for."
    ),
    field(name = "organizer_actor", ty = "Option<Actor>", desc = "Who announced it."),
    field(name = "tags", ty = "Vec<TagNode>", desc = "The words that it is found by."),
    field(name = "category", ty = "EventCategory", desc = "What it is about."),
    field(
        name = "options",
        ty = "EventOptions",
        desc = "How it is shown, and how one takes part."
    ),
    field(
        name = "sequence",
        ty = "i32",
        desc = "Counts changes of its time, place and status (RFC 5545)."
    ),
    field(name = "ical_uid", ty = "String", desc = "Its UID in calendars."),
    field(
        name = "series",
        ty = "Option<SeriesNode>",
        desc = "The series that it is a date of; null for a single event."
    ),
    field(
        name = "more_dates",
        ty = "Option<i32>",
        desc = "In a list that shows a series once: how many other dates of it are coming."
    ),
    field(name = "noindex", ty = "bool", desc = "Whether search engines must leave it out."),
    field(
        name = "description_text",
        ty = "Option<String>",
        desc = "The beginning of its description as plain text, for previews."
    ),
    field(
        name = "website",
        ty = "Option<String>",
        desc = "A page about it: the online address, where that is not the meeting itself."
    )
)]
pub(super) enum EventSearchResult {
    /// An event that this site keeps.
    Event(EventNode),
}

/// An event.
pub(super) struct EventNode {
    event: Arc<Event>,
    /// Whether it stands for all dates of its series.
    is_collapsed: bool,
}

impl EventNode {
    /// An event by itself.
    pub(super) fn single(event: Event) -> Self {
        Self::in_list(event, false)
    }

    /// An event in a list, which may show a series once.
    pub(super) fn in_list(event: Event, is_collapsed: bool) -> Self {
        Self {
            event: Arc::new(event),
            is_collapsed,
        }
    }

    /// Whether the online address is where the event happens.
    fn meets_online(&self) -> bool {
        self.event.attendance.is_online()
    }
}

/// An event.
#[Object(name = "Event")]
impl EventNode {
    /// Its identifier.
    async fn id(&self) -> ID {
        self.event.id.to_string().into()
    }

    /// Its identifier, the end of its address.
    async fn uuid(&self) -> Uuid {
        Uuid(self.event.id.0)
    }

    /// The address of its page, by which other servers know it.
    pub(super) async fn url(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.site()?.settings.url(&self.event.path()))
    }

    /// Whether it was announced on this site.
    async fn local(&self) -> bool {
        true
    }

    /// Its title.
    async fn title(&self) -> String {
        self.event.title.as_str().to_owned()
    }

    /// Its title as it may stand in an address.
    async fn slug(&self) -> Option<String> {
        Slug::of(self.event.title.as_str()).map(|slug| slug.to_string())
    }

    /// What it is, in HTML that is safe to show.
    async fn description(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let text = ctx.scope()?.loader.description(self.event.id).await;
        Ok(text.map(|text| text.as_html().to_owned()))
    }

    /// The beginning of its description as plain text, at most 300 characters, for previews.
    async fn description_text(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        let text = ctx.scope()?.loader.description(self.event.id).await;
        Ok(text.map(|text| rich::excerpt(&text.to_plain(), PREVIEW)))
    }

    /// The moment it begins.
    async fn begins_on(&self) -> DateTime {
        DateTime(self.event.begins_at)
    }

    /// The moment it ends, if it has an end.
    async fn ends_on(&self) -> Option<DateTime> {
        self.event.ends_at().map(DateTime)
    }

    /// When it begins, by the clock of its zone.
    async fn begins_on_local(&self) -> LocalDateTime {
        LocalDateTime(self.event.local_begin)
    }

    /// When it ends, by the clock of its zone; of an all-day event the first moment after its last day.
    async fn ends_on_local(&self) -> Option<LocalDateTime> {
        self.event.local_end.map(LocalDateTime)
    }

    /// Whether it takes whole days, without times.
    async fn all_day(&self) -> bool {
        self.event.all_day
    }

    /// The IANA name of its zone; null for an event of another server that has only an offset.
    async fn zone(&self) -> Option<String> {
        zone_name(&self.event.zone).map(str::to_owned)
    }

    /// Whether it lasts more than a week.
    async fn long_event(&self) -> bool {
        self.event.over_at.seconds_since(self.event.begins_at) > Listing::SHORT_DAYS * 86_400
    }

    /// Whether it takes place.
    async fn status(&self) -> EventStatus {
        self.event.status.into()
    }

    /// Who may read it.
    async fn visibility(&self) -> EventVisibility {
        self.event.visibility.into()
    }

    /// How one takes part.
    async fn join_options(&self) -> EventJoinOptions {
        EventJoinOptions::External
    }

    /// A page where one takes part, or where it was announced first.
    async fn external_participation_url(&self) -> Option<String> {
        let source = self.event.details.source_url.as_ref().map(ToString::to_string);
        source.or_else(|| self.event.online_address.clone().filter(|_| !self.meets_online()))
    }

    /// Its picture.
    async fn picture(&self, ctx: &Context<'_>) -> Result<Option<MediaNode>> {
        MediaNode::load(ctx, self.event.picture_id).await
    }

    /// Pictures in its description: there are none.
    async fn media(&self) -> Vec<MediaNode> {
        Vec::new()
    }

    /// When it was announced.
    async fn publish_at(&self) -> DateTime {
        DateTime(self.event.created_at)
    }

    /// Where it happens.
    async fn physical_address(&self, ctx: &Context<'_>) -> Result<Option<Address>> {
        Address::load(ctx, self.event.place_id).await
    }

    /// A web address: of the meeting, or of a page about it.
    async fn online_address(&self) -> Option<&str> {
        self.event.online_address.as_deref()
    }

    /// A page about it: the online address, where that is not the meeting itself.
    async fn website(&self) -> Option<String> {
        self.event.online_address.clone().filter(|_| !self.meets_online())
    }

    /// A telephone number to ask.
    async fn phone_address(&self) -> Option<&str> {
        self.event.details.phone.as_deref()
    }

    /// The group that it is announced for.
    async fn attributed_to(&self, ctx: &Context<'_>) -> Result<Option<Actor>> {
        Actor::load(ctx, self.event.group_id).await
    }

    /// Who announced it; who that is inside a group is not told.
    async fn organizer_actor(&self, ctx: &Context<'_>) -> Result<Option<Actor>> {
        let group = self.event.group_id;
        let is_told = group.is_none_or(|group| group == self.event.organizer_id);
        Actor::load(ctx, is_told.then_some(self.event.organizer_id)).await
    }

    /// The words that it is found by.
    async fn tags(&self, ctx: &Context<'_>) -> Result<Vec<TagNode>> {
        let tags = ctx.scope()?.loader.tags(self.event.id).await;
        Ok(tags.iter().flat_map(|tags| tags.iter().cloned()).map(TagNode).collect())
    }

    /// What it is about.
    async fn category(&self) -> EventCategory {
        self.event.category.into()
    }

    /// Whether only its organizers see it as yet.
    async fn draft(&self) -> bool {
        self.event.state == event::State::Draft
    }

    /// Whom to ask: nobody is named yet.
    async fn contacts(&self) -> Vec<Actor> {
        Vec::new()
    }

    /// Coming events like this one.
    async fn related_events(&self, ctx: &Context<'_>) -> Result<Vec<EventNode>> {
        let event = self.event.clone();
        let related = ctx
            .read(move |tx, caller| event::related(tx, caller, &event, MOST_RELATED))
            .await?;
        Ok(related.into_iter().map(|event| Self::in_list(event, true)).collect())
    }

    /// When it was changed last.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.event.updated_at)
    }

    /// When it was announced.
    async fn inserted_at(&self) -> DateTime {
        DateTime(self.event.created_at)
    }

    /// How it is shown, and how one takes part.
    async fn options(&self) -> EventOptions {
        EventOptions::of(&self.event)
    }

    /// More about it, by key: accessibility, a price, a video.
    async fn metadata(&self) -> Vec<EventMetadata> {
        self.event.details.metadata.iter().map(EventMetadata::of).collect()
    }

    /// The language of its texts.
    async fn language(&self) -> Option<&str> {
        self.event.language.as_ref().map(domain::text::Language::as_str)
    }

    /// Counts changes of its time, place and status (RFC 5545).
    async fn sequence(&self) -> i32 {
        self.event.sequence
    }

    /// Its UID in calendars.
    async fn ical_uid(&self) -> String {
        self.event.ical_uid.clone()
    }

    /// The series that it is a date of; null for a single event.
    async fn series(&self, ctx: &Context<'_>) -> Result<Option<SeriesNode>> {
        SeriesNode::load(ctx, self.event.series_id).await
    }

    /// In a list that shows a series once: how many other dates of it are coming.
    async fn more_dates(&self, ctx: &Context<'_>) -> Result<Option<i32>> {
        let Some(series) = self.event.series_id.filter(|_| self.is_collapsed) else {
            return Ok(None);
        };
        let dates = ctx.scope()?.loader.coming_dates(series).await;
        Ok(i32::try_from(dates.saturating_sub(1).max(0)).ok())
    }

    /// Whether search engines must leave it out.
    async fn noindex(&self) -> bool {
        self.event.visibility != event::Visibility::Public
    }
}
