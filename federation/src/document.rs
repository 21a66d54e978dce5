//! The document of an address, from what everybody may see. Nothing of a request is in it, so that it can be kept.

use crate::{
    Address, State,
    address::{Actor, Collection, LAST_PAGE, PAGE},
    context, discovery,
    object::{self, Site, actor, collection, event, place, tombstone},
};
use activitypub_federation::protocol::context::WithContext;
use domain::{
    caller::Caller,
    db::{Seen, Tx},
    error::{Error, Result, What},
    event::{Event, EventFilter, Order},
    id::EventId,
    page::{MOST_TOTAL, PageRequest},
    profile::{self, Profile},
    text::Handle,
};
use serde::Serialize;
use serde_json::Value;

/// What a document is: its type, and how long it may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// ActivityPub; by request also as `application/ld+json` with the profile of ActivityStreams.
    Activity,
    /// WebFinger.
    Jrd,
    /// Host-meta.
    Xrd,
    /// JSON of no further type.
    Json,
    /// NodeInfo 2.0.
    NodeInfo20,
    /// NodeInfo 2.1.
    NodeInfo21,
    /// Text for people.
    Markdown,
}

impl Kind {
    /// Its media type.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Activity => crate::accept::ACTIVITY,
            Self::Jrd => "application/jrd+json",
            Self::Xrd => "application/xrd+xml; charset=utf-8",
            Self::Json => "application/json",
            Self::NodeInfo20 => "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/2.0#\"",
            Self::NodeInfo21 => "application/json; profile=\"http://nodeinfo.diaspora.software/ns/schema/2.1#\"",
            Self::Markdown => "text/markdown; charset=utf-8",
        }
    }

    /// Seconds for which others may keep it: events change, and collections follow the clock.
    pub fn max_age(self) -> u32 {
        match self {
            Self::Activity => 60,
            Self::Jrd | Self::NodeInfo20 | Self::NodeInfo21 => 600,
            Self::Xrd | Self::Json | Self::Markdown => 3_600,
        }
    }
}

/// A document, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// Its bytes, UTF-8.
    pub bytes: Vec<u8>,
    /// The tombstone of something that was deleted: sent with 410.
    pub is_gone: bool,
}

/// Makes the document of an address. What is read, or looked for in vain, is noted in `seen`.
///
/// # Errors
/// `NotFound` (404), also for what not everybody may see; `Invalid` (400) for a question that cannot be read;
/// `Unavailable` (503).
pub async fn document(state: &State, address: &Address, seen: Seen) -> Result<Document> {
    let (settings, covers, address) = (state.settings.clone(), state.covers.clone(), address.clone());
    let make = move |tx: &mut Tx<'_>| {
        let site = Site {
            settings: &settings,
            covers: &covers,
        };
        site.make(tx, &address)
    };
    state.db.read_noting(Some(seen), make).await
}

impl Site<'_> {
    fn make(self, tx: &mut Tx<'_>, address: &Address) -> Result<Document> {
        let settings = self.settings;
        match address {
            Address::WebFinger(resource) => json(Kind::Jrd, &discovery::webfinger(self, tx, resource.as_deref())?),
            Address::HostMeta => Ok(plain(Kind::Xrd, discovery::host_meta(settings))),
            Address::HostMetaJson => json(Kind::Json, &discovery::host_meta_json(settings)),
            Address::NodeInfoLinks => json(Kind::Json, &discovery::node_info_links(settings)),
            Address::NodeInfo(version) => {
                let kind = match version {
                    crate::address::NodeInfo::V20 => Kind::NodeInfo20,
                    crate::address::NodeInfo::V21 => Kind::NodeInfo21,
                };
                json(kind, &discovery::node_info(self, tx, *version)?)
            }
            Address::Policy => Ok(plain(Kind::Markdown, include_str!("../../FEDERATION.md").to_owned())),
            Address::Actor(name) => {
                let profile = find(tx, name)?;
                activity(context::actor(), actor::actor(self, tx, &profile)?)
            }
            Address::Collection(name, what, page) => {
                let owner = find(tx, name)?;
                if !what.is_of(owner.kind) {
                    return Err(Error::NotFound(What::Profile));
                }
                self.collection(tx, &owner, *what, *page)
            }
            Address::Event(id) => self.event(tx, *id),
            Address::Attendees(id) => self.beside(tx, *id, "attendees"),
            Address::Replies(id) => self.beside(tx, *id, "replies"),
            Address::Place(id) => {
                let place = domain::place::by_id(tx, *id)?;
                activity(context::object(), place::place(settings, &place))
            }
        }
    }

    fn event(self, tx: &mut Tx<'_>, id: EventId) -> Result<Document> {
        match domain::event::visible(tx, &Caller::Anonymous, id) {
            Ok(one) => {
                let mut entries = domain::event::entries(tx, vec![one], object::shortened)?;
                let entry = entries.pop().ok_or_else(|| Error::bug("an event without an owner"))?;
                activity(context::object(), event::event(self, &entry))
            }
            Err(Error::Gone(_)) => self.gone(tx, id),
            Err(error) => Err(error),
        }
    }

    /// Mobilizon believes that something was deleted only when it finds this.
    fn gone(self, tx: &mut Tx<'_>, id: EventId) -> Result<Document> {
        let deleted = domain::event::deleted_at(tx, &Caller::Anonymous, id)?;
        let document = activity(context::PLAIN.into(), tombstone::event(self.settings, id, deleted))?;
        Ok(Document {
            is_gone: true,
            ..document
        })
    }

    /// Who takes part in an event and what is said of it: nobody and nothing, until both exist.
    fn beside(self, tx: &mut Tx<'_>, id: EventId, what: &str) -> Result<Document> {
        match domain::event::visible(tx, &Caller::Anonymous, id) {
            Ok(event) => {
                let id = self.settings.url(&format!("{}/{what}", event.path()));
                activity(context::PLAIN.into(), collection::empty_set(id))
            }
            Err(Error::Gone(_)) => self.gone(tx, id),
            Err(error) => Err(error),
        }
    }

    fn collection(self, tx: &mut Tx<'_>, owner: &Profile, what: Collection, page: Option<u32>) -> Result<Document> {
        let name = Actor::of(owner);
        let address = collection::Owned {
            id: name.collection(self.settings, what),
            owner: name.id(self.settings),
        };
        let Some(filter) = listed(tx, owner, what) else {
            let none = collection::Contents::default();
            return activity(context::PLAIN.into(), address.written(none, page));
        };
        let total = domain::event::count(tx, &Caller::Anonymous, &filter)?;
        let number = page.unwrap_or(1);
        let wanted = PageRequest::new(number.into(), PAGE.into());
        let events = domain::event::list(tx, &Caller::Anonymous, &filter, wanted)?;
        let read = wanted.offset() + i64::try_from(events.len()).unwrap_or(0);
        let is_more = read < total || (total >= i64::from(MOST_TOTAL) && events.len() == PAGE as usize);
        let contents = collection::Contents {
            total,
            items: self.written(tx, events)?,
            goes_on: is_more && number < LAST_PAGE,
        };
        activity(context::object(), address.written(contents, page))
    }

    fn written(self, tx: &mut Tx<'_>, events: Vec<Event>) -> Result<Vec<Value>> {
        let entries = domain::event::entries(tx, events, object::shortened)?;
        entries
            .iter()
            .map(|entry| serde_json::to_value(event::event(self, entry)).map_err(Error::internal))
            .collect()
    }
}

/// The events that a collection is of; `None` for a collection that has nothing yet.
fn listed(tx: &Tx<'_>, owner: &Profile, what: Collection) -> Option<EventFilter> {
    let profile = match owner.kind {
        profile::Kind::Application => None,
        profile::Kind::Person | profile::Kind::Group => Some(owner.id),
    };
    match what {
        // FEP-8a8e: by begin, what runs now included.
        Collection::Upcoming => Some(EventFilter {
            profile,
            ..EventFilter::coming(tx.now())
        }),
        Collection::Events => Some(EventFilter {
            profile,
            order: Order::CreatedLast,
            ..EventFilter::default()
        }),
        _ => None,
    }
}

/// The profile of ours that an actor is.
pub(crate) fn find(tx: &mut Tx<'_>, actor: &Actor) -> Result<Profile> {
    match actor {
        Actor::Named(name) => profile::named(tx, name),
        Actor::Site => profile::named(tx, &Handle::of_site()),
    }
}

fn activity<T: Serialize>(context: Value, document: T) -> Result<Document> {
    json(Kind::Activity, &WithContext::new(document, context))
}

fn json<T: Serialize>(kind: Kind, document: &T) -> Result<Document> {
    Ok(Document {
        kind,
        bytes: serde_json::to_vec(document).map_err(Error::internal)?,
        is_gone: false,
    })
}

fn plain(kind: Kind, text: String) -> Document {
    Document {
        kind,
        bytes: text.into_bytes(),
        is_gone: false,
    }
}
