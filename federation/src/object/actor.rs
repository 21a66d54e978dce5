//! People, groups and the site, as other servers read them: always in full, for their keys are needed to check signatures.

use super::Site;
use crate::address::{Actor as Name, Collection};
use activitypub_federation::protocol::public_key::PublicKey;
use domain::{
    db::Tx,
    error::{Error, Result},
    media::{self, Media},
    profile::{self, Kind, Profile},
    text::RichText,
};
use serde::Serialize;

/// An actor.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Actor {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    url: String,
    preferred_username: String,
    /// FEP-2c59.
    webfinger: String,
    name: String,
    summary: String,
    inbox: String,
    #[serde(flatten)]
    collections: Collections,
    endpoints: Endpoints,
    #[serde(flatten)]
    group: Option<Group>,
    manually_approves_followers: bool,
    discoverable: bool,
    indexable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<Image>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Image>,
    public_key: PublicKey,
    #[serde(skip_serializing_if = "Option::is_none")]
    generator: Option<Generator>,
}

/// What every actor has collections of.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Collections {
    outbox: String,
    followers: String,
    following: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    featured: Option<String>,
    upcoming_events: String,
}

/// Mobilizon stops reading a group that lacks one of these.
#[derive(Debug, Clone, Serialize)]
struct Shared {
    members: String,
    resources: String,
    todos: String,
    posts: String,
    events: String,
    discussions: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoints {
    shared_inbox: String,
    #[serde(flatten)]
    shared: Option<Shared>,
}

/// What only groups say.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    #[serde(flatten)]
    shared: Shared,
    /// Who looks after it (Lemmy).
    attributed_to: String,
    openness: &'static str,
    member_count: u32,
    posting_restricted_to_mods: bool,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Image {
    #[serde(rename = "type")]
    kind: &'static str,
    media_type: &'static str,
    url: String,
}

/// The server that made it (FEP-2677).
#[derive(Debug, Clone, Serialize)]
struct Generator {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
}

/// An actor of ours.
pub(crate) fn actor(site: Site<'_>, tx: &mut Tx<'_>, profile: &Profile) -> Result<Actor> {
    let settings = site.settings;
    let name = Name::of(profile);
    let (id, is_site) = (name.id(settings), profile.kind == Kind::Application);
    let pictures = pictures(tx, profile)?;
    let shown = |wanted: Option<domain::id::MediaId>| {
        let picture = pictures.iter().find(|picture| Some(picture.id) == wanted);
        picture.and_then(|picture| image(site, picture))
    };
    let description = RichText::from_plain(&settings.description);
    let (title, summary) = match profile.kind {
        Kind::Application => (settings.name.as_str(), &description),
        Kind::Person | Kind::Group => (profile.title(), &profile.summary),
    };
    let group = (profile.kind == Kind::Group).then(|| group(site, &name));
    Ok(Actor {
        kind: kind(profile.kind),
        url: if is_site { settings.url("/about") } else { id.clone() },
        preferred_username: profile.name.to_string(),
        webfinger: format!("{}@{}", profile.name, settings.host()),
        name: title.to_owned(),
        summary: summary.as_html().to_owned(),
        inbox: if is_site {
            settings.url("/inbox")
        } else {
            format!("{id}/inbox")
        },
        collections: collections(site, &name, profile.kind),
        endpoints: Endpoints {
            shared_inbox: settings.url("/inbox"),
            shared: group.as_ref().map(|group| group.shared.clone()),
        },
        group,
        // Mobilizon accepts a follow by itself only where this is false.
        manually_approves_followers: profile.kind == Kind::Person,
        discoverable: profile.discoverable,
        indexable: profile.discoverable && !is_site,
        published: (!is_site).then(|| profile.created_at.rfc3339()),
        icon: shown(profile.avatar_id),
        image: shown(profile.banner_id),
        public_key: key(tx, profile, &id)?,
        generator: (!is_site).then(|| Generator {
            kind: "Application",
            id: Name::Site.id(settings),
        }),
        id,
    })
}

/// The picture beside the name, as others show it: type and address.
pub(crate) fn avatar(site: Site<'_>, tx: &mut Tx<'_>, profile: &Profile) -> Result<Option<(&'static str, String)>> {
    let pictures = media::by_ids(tx, profile.avatar_id.as_slice())?;
    let image = pictures.first().and_then(|picture| image(site, picture));
    Ok(image.map(|image| (image.media_type, image.url)))
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "Person",
        Kind::Group => "Group",
        Kind::Application => "Application",
    }
}

fn key(tx: &mut Tx<'_>, profile: &Profile, id: &str) -> Result<PublicKey> {
    Ok(PublicKey {
        id: format!("{id}#main-key"),
        owner: id.parse().map_err(Error::internal)?,
        public_key_pem: profile::public_key(tx, profile.id)?,
    })
}

fn collections(site: Site<'_>, name: &Name, kind: Kind) -> Collections {
    let of = |collection| name.collection(site.settings, collection);
    Collections {
        outbox: of(Collection::Outbox),
        followers: of(Collection::Followers),
        following: of(Collection::Following),
        featured: Collection::Featured.is_of(kind).then(|| of(Collection::Featured)),
        upcoming_events: of(Collection::Upcoming),
    }
}

/// Groups take no members from elsewhere yet, and nobody posts into them.
fn group(site: Site<'_>, name: &Name) -> Group {
    let of = |collection| name.collection(site.settings, collection);
    Group {
        shared: Shared {
            members: of(Collection::Members),
            resources: of(Collection::Resources),
            todos: of(Collection::Todos),
            posts: of(Collection::Posts),
            events: of(Collection::Events),
            discussions: of(Collection::Discussions),
        },
        attributed_to: of(Collection::Moderators),
        openness: "invite_only",
        member_count: 0,
        posting_restricted_to_mods: true,
    }
}

fn pictures(tx: &mut Tx<'_>, profile: &Profile) -> Result<Vec<Media>> {
    let ids: Vec<_> = profile.avatar_id.into_iter().chain(profile.banner_id).collect();
    media::by_ids(tx, &ids)
}

fn image(site: Site<'_>, picture: &Media) -> Option<Image> {
    let file = picture.preview()?;
    Some(Image {
        kind: "Image",
        media_type: file.key.format().content_type(),
        url: site.settings.url(&file.key.path()),
    })
}
