//! The addresses of documents, read and written. Identifiers of things are addresses: they are written here and nowhere
//! else, from the settings, never from a request.

use domain::{
    id::{EventId, PlaceId},
    page::MOST_OFFSET,
    profile::{Kind, Profile},
    settings::Settings,
    text::Handle,
};
use std::fmt;
use url::form_urlencoded;

/// Entries on a page of a collection. The Event Bridge reads twenty.
pub(crate) const PAGE: u32 = 20;
/// The last page of a collection that can be read.
pub(crate) const LAST_PAGE: u32 = MOST_OFFSET / PAGE;

/// An actor, by its name in addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Actor {
    /// A person or group: `/@name`.
    Named(Handle),
    /// The site itself: `/relay`.
    Site,
}

/// What an actor has collections of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it; federation of each is in FEDERATION.md")]
pub enum Collection {
    Outbox,
    Followers,
    Following,
    Featured,
    Events,
    Upcoming,
    Posts,
    Members,
    Resources,
    Discussions,
    Todos,
    Moderators,
}

impl Collection {
    /// Every collection.
    pub const ALL: [Self; 12] = [
        Self::Outbox,
        Self::Followers,
        Self::Following,
        Self::Featured,
        Self::Events,
        Self::Upcoming,
        Self::Posts,
        Self::Members,
        Self::Resources,
        Self::Discussions,
        Self::Todos,
        Self::Moderators,
    ];

    /// The end of its address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::Followers => "followers",
            Self::Following => "following",
            Self::Featured => "featured",
            Self::Events => "events",
            Self::Upcoming => "upcoming",
            Self::Posts => "posts",
            Self::Members => "members",
            Self::Resources => "resources",
            Self::Discussions => "discussions",
            Self::Todos => "todos",
            Self::Moderators => "moderators",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }

    /// Whether actors of a kind have it: the ones that Mobilizon wants are of groups.
    pub fn is_of(self, kind: Kind) -> bool {
        match self {
            Self::Outbox | Self::Followers | Self::Following | Self::Upcoming => true,
            Self::Featured => kind != Kind::Application,
            _ => kind == Kind::Group,
        }
    }
}

/// The versions of NodeInfo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeInfo {
    /// 2.0.
    V20,
    /// 2.1.
    V21,
}

impl NodeInfo {
    /// `2.1`.
    pub fn number(self) -> &'static str {
        match self {
            Self::V20 => "2.0",
            Self::V21 => "2.1",
        }
    }
}

/// The address of a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Address {
    /// `/.well-known/webfinger?resource=…`; `None`: nothing was asked for.
    WebFinger(Option<String>),
    /// `/.well-known/host-meta`
    HostMeta,
    /// `/.well-known/host-meta.json`
    HostMetaJson,
    /// `/.well-known/nodeinfo`
    NodeInfoLinks,
    /// `/nodeinfo/2.1`
    NodeInfo(NodeInfo),
    /// `/FEDERATION.md`
    Policy,
    /// `/@name`, `/relay`
    Actor(Actor),
    /// `/@name/outbox`, and its pages from 1: `?page=2`
    Collection(Actor, Collection, Option<u32>),
    /// `/events/<uuid>`
    Event(EventId),
    /// `/events/<uuid>/attendees`
    Attendees(EventId),
    /// `/events/<uuid>/replies`
    Replies(EventId),
    /// `/address/<uuid>`
    Place(PlaceId),
}

impl Address {
    /// Reads a path and a query without `?`; `None` where no document is.
    pub fn parse(path: &str, query: &str) -> Option<Self> {
        let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        Some(match *segments.as_slice() {
            [".well-known", "webfinger"] => Self::WebFinger(value(query, "resource")),
            [".well-known", "host-meta"] => Self::HostMeta,
            [".well-known", "host-meta.json"] => Self::HostMetaJson,
            [".well-known", "nodeinfo"] => Self::NodeInfoLinks,
            ["nodeinfo", "2.0"] => Self::NodeInfo(NodeInfo::V20),
            ["nodeinfo", "2.1"] => Self::NodeInfo(NodeInfo::V21),
            ["FEDERATION.md"] => Self::Policy,
            ["events", id] => Self::Event(EventId(uuid(id)?)),
            ["events", id, "attendees"] => Self::Attendees(EventId(uuid(id)?)),
            ["events", id, "replies"] => Self::Replies(EventId(uuid(id)?)),
            ["address", id] => Self::Place(PlaceId(uuid(id)?)),
            [name] => Self::Actor(actor(name)?),
            [name, collection] => {
                let page = value(query, "page").map(|page| page_number(&page));
                let page = page.map_or(Some(None), |page| page.map(Some))?;
                Self::Collection(actor(name)?, Collection::parse(collection)?, page)
            }
            _ => return None,
        })
    }

    /// Whether the address is also that of a page.
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Actor(Actor::Named(_)) | Self::Event(_) | Self::Place(_))
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(f, "/@{name}"),
            Self::Site => f.write_str("/relay"),
        }
    }
}

impl Actor {
    /// The address of a profile of ours.
    pub fn of(profile: &Profile) -> Self {
        match profile.kind {
            Kind::Application => Self::Site,
            Kind::Person | Kind::Group => Self::Named(profile.name.clone()),
        }
    }

    /// Its identifier.
    pub fn id(&self, settings: &Settings) -> String {
        settings.url(&self.to_string())
    }

    /// The identifier of one of its collections.
    pub fn collection(&self, settings: &Settings, collection: Collection) -> String {
        settings.url(&format!("{self}/{}", collection.name()))
    }
}

/// A name as it stands in addresses: without spaces around it, in any case.
pub(crate) fn handle(name: &str) -> Option<Handle> {
    let handle = Handle::new(name).ok()?;
    handle.as_str().eq_ignore_ascii_case(name).then_some(handle)
}

fn actor(segment: &str) -> Option<Actor> {
    match segment.strip_prefix('@') {
        Some(name) => handle(name).map(Actor::Named),
        None => (segment == "relay").then_some(Actor::Site),
    }
}

/// With hyphens: an identifier has one address.
fn uuid(text: &str) -> Option<uuid::Uuid> {
    text.parse().ok().filter(|_| text.len() == 36)
}

/// From 1 to [`LAST_PAGE`].
fn page_number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|page| (1..=LAST_PAGE).contains(page))
}

fn value(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_is_read_as_it_is_written() {
        let comite = || Actor::Named(Handle::new("comite").unwrap());
        assert_eq!(Address::parse("/@Comite", ""), Some(Address::Actor(comite())));
        assert_eq!(comite().to_string(), "/@comite");
        assert_eq!(Address::parse("/relay", "a=b"), Some(Address::Actor(Actor::Site)));
        for collection in Collection::ALL {
            let path = format!("/@comite/{}", collection.name());
            let page = |page| Some(Address::Collection(comite(), collection, page));
            assert_eq!(Address::parse(&path, ""), page(None));
            assert_eq!(Address::parse(&path, "page=2"), page(Some(2)));
        }
        let query = "rel=self&resource=acct%3Aa%40b";
        assert_eq!(
            Address::parse("/.well-known/webfinger", query),
            Some(Address::WebFinger(Some("acct:a@b".into())))
        );
    }

    #[test]
    fn elsewhere_there_is_no_document() {
        for path in [
            "",
            "/",
            "//",
            "/@",
            "/@@comite",
            "/@ comite",
            "/@relay",
            "/@comite/",
            "/@comite/feed/ics",
            "/@comite/inbox",
            "/Relay",
            "/search",
            "/events/1",
            "/events/0198c0de00007000800000000000e001",
            "/events/0198c0de-0000-7000-8000-00000000e001/",
            "/nodeinfo/2.2",
        ] {
            assert_eq!(Address::parse(path, ""), None, "{path}");
        }
        for page in ["0", "-1", "501", "a", "", "99999999999"] {
            assert_eq!(Address::parse("/relay/outbox", &format!("page={page}")), None, "{page}");
        }
    }

    #[test]
    fn fuzz_addresses_of_documents() {
        let words = [
            "/events/",
            "/@",
            "/relay",
            "/outbox",
            "/followers",
            "?page=",
            "?resource=",
            "/nodeinfo/2.",
            "/address/",
            "%2f",
            "//",
            "é",
            "1",
        ];
        domain::fuzz::run("document-address", &words, |bytes| {
            let given = String::from_utf8_lossy(bytes).into_owned();
            let (path, query) = given.split_once('?').unwrap_or((&given, ""));
            Address::parse(path, query).map(|address| (std::mem::discriminant(&address), address.is_shared()))
        });
    }

    proptest! {
        #[test]
        fn reading_never_fails_badly(path in "/\\PC{0,40}", query in "\\PC{0,40}") {
            Address::parse(&path, &query);
        }
    }
}
