//! An event for other servers: one superset of what FEP-8a8e and Mobilizon say, the same for everybody.
//!
//! Nobody can take part or answer here yet: the event says so, and leads to its page. Who announced an event of a group
//! is not told, for nobody could agree to that yet.

use super::{
    PUBLIC, Site,
    attachment::{self, Attachment},
    place::{self, Place, VirtualLocation},
    summary, when,
};
use crate::address::{Actor, Collection};
use domain::{
    event::{Attendance, Category, Entry, Status, Visibility},
    profile::Kind,
    tag::Tag,
};
use serde::Serialize;
use url::form_urlencoded;

/// Mobilizon's key for where tickets are had.
const TICKETS: &str = "mz:ticket:external_url";

/// An event.
#[expect(clippy::struct_excessive_bools, reason = "they are members of the document")]
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    url: String,
    uuid: String,
    name: String,
    summary: String,
    content: String,
    media_type: &'static str,
    attributed_to: String,
    actor: String,
    /// `null`: not told (FEP-8a8e: nothing may be inferred then).
    organizers: Option<Organizers>,
    contacts: Vec<String>,
    to: Vec<String>,
    cc: Vec<String>,
    published: String,
    /// Absent until the first change: `GoToSocial` refuses one before `published`.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    start_time: String,
    end_time: String,
    display_end_time: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
    in_language: String,
    #[serde(rename = "eventStatus")]
    takes_place: &'static str,
    status: &'static str,
    category: String,
    /// Never `none`: Mobilizon refuses the whole event then.
    join_mode: &'static str,
    external_participation_url: String,
    anonymous_participation_enabled: bool,
    /// 0: no limit.
    maximum_attendee_capacity: u32,
    remaining_attendee_capacity: Option<u32>,
    participant_count: u32,
    replies_moderation_option: &'static str,
    comments_enabled: bool,
    is_online: bool,
    draft: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location>,
    attachment: Vec<Attachment>,
    tag: Vec<Hashtag>,
    replies: String,
    interaction_policy: InteractionPolicy,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Organizers {
    #[serde(rename = "type")]
    kind: &'static str,
    total_items: usize,
    items: Vec<String>,
}

/// One place, or the place and then the one on the web.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
enum Location {
    Place(Box<Place>),
    Web(VirtualLocation),
    Both(Box<(Place, VirtualLocation)>),
}

#[derive(Debug, Clone, Serialize)]
struct Hashtag {
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    href: String,
}

/// Who may do what to it (`GoToSocial`).
#[derive(Debug, Clone, Serialize)]
struct InteractionPolicy {
    #[serde(rename = "canLike")]
    like: Approval,
    #[serde(rename = "canReply")]
    reply: Approval,
    #[serde(rename = "canAnnounce")]
    announce: Approval,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Approval {
    automatic_approval: Vec<&'static str>,
    manual_approval: Vec<&'static str>,
}

/// An event that everybody may read.
pub(crate) fn event(site: Site<'_>, entry: &Entry) -> Event {
    let (event, settings) = (&entry.event, site.settings);
    let id = settings.url(&event.path());
    let owner = Actor::of(&entry.owner).id(settings);
    let is_alone = event.organizer_id == entry.owner.id;
    let is_person = entry.owner.kind == Kind::Person;
    let (to, cc) = audience(site, entry);
    let when = when::when(event);
    let (takes_place, status) = status(event.status);
    Event {
        kind: "Event",
        url: id.clone(),
        uuid: event.id.to_string(),
        name: event.title.to_string(),
        summary: summary::summary(site, entry),
        content: entry.description.as_html().to_owned(),
        media_type: "text/html",
        attributed_to: owner.clone(),
        actor: owner.clone(),
        organizers: is_alone.then(|| Organizers {
            kind: "Collection",
            total_items: 1,
            items: vec![owner.clone()],
        }),
        contacts: is_person.then_some(owner).into_iter().collect(),
        to,
        cc,
        published: event.created_at.rfc3339(),
        updated: (event.updated_at > event.created_at).then(|| event.updated_at.rfc3339()),
        start_time: when.start,
        end_time: when.end,
        display_end_time: when.shows_end,
        timezone: when.zone,
        in_language: event
            .language
            .as_ref()
            .map_or(site.language(), |one| one.as_str())
            .to_owned(),
        takes_place,
        status,
        category: category(event.category),
        join_mode: "external",
        external_participation_url: tickets(entry).unwrap_or_else(|| id.clone()),
        anonymous_participation_enabled: false,
        maximum_attendee_capacity: 0,
        remaining_attendee_capacity: None,
        participant_count: 0,
        replies_moderation_option: "closed",
        comments_enabled: false,
        is_online: event.attendance.is_online(),
        draft: false,
        location: location(site, entry),
        attachment: attachment::all(site, entry),
        tag: entry.tags.iter().map(|tag| hashtag(site, tag)).collect(),
        replies: format!("{id}/replies"),
        interaction_policy: policy(),
        id,
    }
}

/// Everybody in `to` stands in lists; in `cc` it is read by who has the address (FEP-8a8e, discoverability).
fn audience(site: Site<'_>, entry: &Entry) -> (Vec<String>, Vec<String>) {
    let everybody = vec![PUBLIC.to_owned()];
    let followers = vec![Actor::of(&entry.owner).collection(site.settings, Collection::Followers)];
    match entry.event.visibility {
        Visibility::Public => (everybody, followers),
        _ => (followers, everybody),
    }
}

fn status(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Confirmed => ("EventScheduled", "CONFIRMED"),
        Status::Tentative => ("EventTentative", "TENTATIVE"),
        Status::Cancelled => ("EventCancelled", "CANCELLED"),
    }
}

/// Our names are Mobilizon's and the FEP's, but for one.
fn category(category: Category) -> String {
    match category {
        Category::Health => "MEDITATION_WELLBEING".to_owned(),
        other => other.as_str().to_ascii_uppercase(),
    }
}

fn tickets(entry: &Entry) -> Option<String> {
    let metadata = &entry.event.details.metadata;
    let url = metadata
        .iter()
        .find(|one| one.key == TICKETS)
        .map(|one| one.value.as_str())?;
    domain::event::web_address("metadata", url)
        .ok()
        .map(|url| url.to_string())
}

fn location(site: Site<'_>, entry: &Entry) -> Option<Location> {
    let event = &entry.event;
    let place = || entry.place.as_ref().map(|place| place::place(site.settings, place));
    let web = || event.online_address.as_deref().map(place::on_the_web);
    let (place, web) = match event.attendance {
        Attendance::InPerson => (place(), None),
        Attendance::Online => (None, web()),
        Attendance::Hybrid => (place(), web()),
    };
    match (place, web) {
        (Some(place), Some(web)) => Some(Location::Both(Box::new((place, web)))),
        (Some(place), None) => Some(Location::Place(Box::new(place))),
        (None, Some(web)) => Some(Location::Web(web)),
        (None, None) => None,
    }
}

/// `#MusiqueAncienne`: a hashtag is one word.
fn hashtag(site: Site<'_>, tag: &Tag) -> Hashtag {
    let title = tag.title.as_str();
    let words: Vec<&str> = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let word = match words.as_slice() {
        [one] => (*one).to_owned(),
        several => several.iter().copied().map(capitalised).collect(),
    };
    let slug: String = form_urlencoded::byte_serialize(tag.slug.as_str().as_bytes()).collect();
    Hashtag {
        kind: "Hashtag",
        name: format!("#{word}"),
        href: site.settings.url(&format!("/tags/{slug}")),
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// It may be liked and passed on; an answer would not arrive.
fn policy() -> InteractionPolicy {
    InteractionPolicy {
        like: approved(true),
        reply: approved(false),
        announce: approved(true),
    }
}

fn approved(by_everybody: bool) -> Approval {
    Approval {
        automatic_approval: by_everybody.then_some(PUBLIC).into_iter().collect(),
        manual_approval: Vec::new(),
    }
}
