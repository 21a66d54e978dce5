//! People, groups, and the site itself.

use super::{
    context::ContextExt,
    event::EventOrderBy,
    media::MediaNode,
    page::{EventList, PageArguments, Span},
    place::Address,
    scalar::DateTime,
    search::SortDirection,
};
use async_graphql::{Context, Enum, ID, Interface, MergedObject, Object};
use domain::{
    Error, Result,
    error::What,
    event::EventFilter,
    id::ProfileId,
    profile::{self, Kind, Profile},
    text::Handle,
};
use std::{ops::Deref, sync::Arc};

/// Questions about people and groups.
#[derive(Default)]
pub(super) struct ProfileQuery;

#[Object]
impl ProfileQuery {
    /// A person by their identifier.
    async fn person(&self, ctx: &Context<'_>, #[graphql(desc = "Their `id`.")] id: ID) -> Result<Option<Person>> {
        let id: ProfileId = id.parse().map_err(|_not_ours| Error::NotFound(What::Profile))?;
        let found = ctx.read(move |tx, _| profile::by_id(tx, id)).await?;
        match Actor::from(Arc::new(found)) {
            Actor::Person(person) => Ok(Some(person)),
            Actor::Group(_) | Actor::Application(_) => Err(Error::NotFound(What::Profile)),
        }
    }

    /// A group by its name.
    async fn group(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name in `@name`, with or without `@`.")] preferred_username: String,
    ) -> Result<Option<Group>> {
        match named(ctx, &preferred_username).await? {
            Some(Actor::Group(group)) => Ok(Some(group)),
            _ => Err(Error::NotFound(What::Group)),
        }
    }

    /// A person, a group or the site by name; null where nobody has it.
    async fn profile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name in `@name`, with or without `@`.")] preferred_username: String,
    ) -> Result<Option<Actor>> {
        named(ctx, &preferred_username).await
    }
}

/// The profile of ours with this name. `name@our.host` is one of ours, too.
async fn named(ctx: &Context<'_>, text: &str) -> Result<Option<Actor>> {
    let text = text.trim().trim_start_matches('@');
    let host = ctx.site()?.settings.host();
    let name = text.strip_suffix(&format!("@{host}")).unwrap_or(text);
    let handle = match name.to_ascii_lowercase() {
        site if site == Handle::of_site().as_str() => Ok(Handle::of_site()),
        name => Handle::new(&name),
    };
    let Ok(handle) = handle else { return Ok(None) };
    match ctx.read(move |tx, _| profile::named(tx, &handle)).await {
        Ok(found) => Ok(Some(Actor::from(Arc::new(found)))),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What kind of actor (ActivityStreams).
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ActorType {
    /// Somebody.
    Person,
    /// A program: the site itself.
    Application,
    /// An association, a committee, an agenda.
    Group,
    /// An organization of another server.
    Organization,
    /// A service of another server.
    Service,
}

/// Whoever organizes events.
#[expect(clippy::duplicated_attributes, reason = "fields of the same type")]
#[derive(Interface)]
#[graphql(
    field(name = "id", ty = "ID", desc = "The identifier."),
    field(name = "url", ty = "String", desc = "The address by which other servers know it."),
    field(
        name = "type",
        method = "kind",
        ty = "ActorType",
        desc = "A person, a group or a program."
    ),
    field(name = "name", ty = "Option<String>", desc = "The name for people."),
    field(
        name = "domain",
        ty = "Option<String>",
        desc = "The server it is on; null: this one."
    ),
    field(name = "local", ty = "bool", desc = "Whether it is of this site."),
    field(
        name = "summary",
        ty = "Option<String>",
        desc = "A few words about it, in HTML that is safe to show."
    ),
    field(name = "preferred_username", ty = "String", desc = "The name in `@name`."),
    field(
        name = "manually_approves_followers",
        ty = "bool",
        desc = "Whether followers wait until they are accepted."
    ),
    field(name = "suspended", ty = "bool", desc = "Whether the moderators have closed it."),
    field(name = "avatar", ty = "Option<MediaNode>", desc = "A small picture."),
    field(name = "banner", ty = "Option<MediaNode>", desc = "A wide picture."),
    field(
        name = "followers_count",
        ty = "Option<i32>",
        desc = "How many follow it; null where that is not told."
    ),
    field(
        name = "following_count",
        ty = "Option<i32>",
        desc = "How many it follows; null where that is not told."
    ),
    field(
        name = "media_size",
        ty = "Option<i32>",
        desc = "The bytes of its pictures, for itself and for moderators."
    )
)]
pub(super) enum Actor {
    /// Somebody.
    Person(Person),
    /// An association, a committee, an agenda.
    Group(Group),
    /// The site itself.
    Application(Application),
}

impl From<Arc<Profile>> for Actor {
    fn from(profile: Arc<Profile>) -> Self {
        let (fields, organizer) = (ActorFields(profile.clone()), Organizer(profile.clone()));
        match profile.kind {
            Kind::Person => Self::Person(Person(fields, organizer)),
            Kind::Group => Self::Group(Group(fields, organizer, GroupFields)),
            Kind::Application => Self::Application(Application(fields)),
        }
    }
}

impl Actor {
    /// The actor with this identifier.
    pub(super) async fn load(ctx: &Context<'_>, id: Option<ProfileId>) -> Result<Option<Self>> {
        match id {
            Some(id) => Ok(ctx.scope()?.loader.profile(id).await.map(Self::from)),
            None => Ok(None),
        }
    }
}

/// Somebody.
#[derive(MergedObject)]
pub(super) struct Person(ActorFields, Organizer);

/// An association, a committee, an agenda.
#[derive(MergedObject)]
pub(super) struct Group(ActorFields, Organizer, GroupFields);

/// The site itself.
#[derive(MergedObject)]
pub(super) struct Application(ActorFields);

/// The interface asks each kind of actor for the fields that all have.
macro_rules! has_actor_fields {
    ($($kind:ident),+) => {$(
        impl Deref for $kind {
            type Target = ActorFields;
            fn deref(&self) -> &ActorFields {
                &self.0
            }
        }
    )+};
}
has_actor_fields!(Person, Group, Application);

/// What all actors have.
pub(super) struct ActorFields(Arc<Profile>);

#[Object]
impl ActorFields {
    /// The identifier.
    pub(super) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The address by which other servers know it.
    pub(super) async fn url(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.site()?.settings.url(&self.0.path()))
    }

    /// A person, a group or a program.
    #[graphql(name = "type")]
    pub(super) async fn kind(&self) -> ActorType {
        match self.0.kind {
            Kind::Person => ActorType::Person,
            Kind::Group => ActorType::Group,
            Kind::Application => ActorType::Application,
        }
    }

    /// The name for people.
    pub(super) async fn name(&self) -> Option<String> {
        Some(self.0.title().to_owned())
    }

    /// The server it is on; null: this one.
    pub(super) async fn domain(&self) -> Option<String> {
        Some(self.0.domain.clone()).filter(|domain| !domain.is_empty())
    }

    /// Whether it is of this site.
    pub(super) async fn local(&self) -> bool {
        self.0.is_local()
    }

    /// A few words about it, in HTML that is safe to show.
    pub(super) async fn summary(&self) -> Option<String> {
        Some(self.0.summary.as_html().to_owned()).filter(|summary| !summary.is_empty())
    }

    /// The name in `@name`.
    pub(super) async fn preferred_username(&self) -> String {
        self.0.name.as_str().to_owned()
    }

    /// Whether followers wait until they are accepted.
    pub(super) async fn manually_approves_followers(&self) -> bool {
        false
    }

    /// Whether the moderators have closed it.
    pub(super) async fn suspended(&self) -> bool {
        false
    }

    /// A small picture.
    pub(super) async fn avatar(&self, ctx: &Context<'_>) -> Result<Option<MediaNode>> {
        MediaNode::load(ctx, self.0.avatar_id).await
    }

    /// A wide picture.
    pub(super) async fn banner(&self, ctx: &Context<'_>) -> Result<Option<MediaNode>> {
        MediaNode::load(ctx, self.0.banner_id).await
    }

    /// How many follow it; null where that is not told.
    pub(super) async fn followers_count(&self) -> Option<i32> {
        None
    }

    /// How many it follows; null where that is not told.
    pub(super) async fn following_count(&self) -> Option<i32> {
        None
    }

    /// The bytes of its pictures, for itself and for moderators.
    pub(super) async fn media_size(&self) -> Option<i32> {
        None
    }
}

/// What those have who organize events.
pub(super) struct Organizer(Arc<Profile>);

#[Object]
impl Organizer {
    /// The events that it organizes, past and coming.
    #[expect(clippy::too_many_arguments, reason = "Mobilizon's clients send them so")]
    async fn organized_events(
        &self,
        #[graphql(desc = "Only events that are not over at this moment.")] after_datetime: Option<DateTime>,
        #[graphql(desc = "Only events that begin before this moment.")] before_datetime: Option<DateTime>,
        #[graphql(default_with = "Some(EventOrderBy::BeginsOn)", desc = "In which order.")] order: Option<EventOrderBy>,
        #[graphql(default_with = "Some(SortDirection::Asc)", desc = "Which end comes first.")] order_direction: Option<
            SortDirection,
        >,
        #[graphql(default = 1, desc = "Which page, from 1.")] page: Option<i32>,
        #[graphql(default = 10, desc = "How many on a page, at most 100.")] limit: Option<i32>,
        #[graphql(default_with = "Some(false)", desc = "Show a series once, as its next date.")]
        collapse_series: Option<bool>,
        #[graphql(desc = "Only events that are over, or only those that are not.")] past: Option<bool>,
    ) -> Option<EventList> {
        let filter = EventFilter {
            from: after_datetime.map(|at| at.0),
            until: before_datetime.map(|at| at.0),
            profile: Some(self.0.id),
            collapse_series: collapse_series.unwrap_or_default(),
            order: EventOrderBy::order(order, order_direction),
            ..EventFilter::default()
        };
        let span = past.map_or(Span::Any, |past| Span::past(Some(past)));
        Some(EventList::new(filter, span, PageArguments { page, limit }))
    }
}

/// Who may know of a group.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GroupVisibility {
    /// Everybody, and it stands in lists.
    Public,
    /// Everybody who has its address.
    Unlisted,
    /// Its members.
    Private,
}

/// How one becomes a member of a group.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Openness {
    /// By invitation.
    InviteOnly,
    /// By asking.
    Moderated,
    /// By joining.
    Open,
}

/// What kind of group.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GroupType {
    /// A group of people.
    Group,
    /// A community.
    Community,
}

/// What only groups have.
pub(super) struct GroupFields;

#[Object]
impl GroupFields {
    /// Who may know of it.
    async fn visibility(&self) -> GroupVisibility {
        GroupVisibility::Public
    }

    /// How one becomes a member.
    async fn openness(&self) -> Openness {
        Openness::InviteOnly
    }

    /// What kind of group.
    async fn types(&self) -> GroupType {
        GroupType::Group
    }

    /// Where it is at home; null where it does not say.
    async fn physical_address(&self) -> Option<Address> {
        None
    }
}
