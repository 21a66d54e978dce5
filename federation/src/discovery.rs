//! How other servers find us and our actors: WebFinger (RFC 7033), host-meta (RFC 6415), NodeInfo (FEP-f1d5), and the
//! site's actor through each of them (FEP-2677, FEP-d556).
//!
//! The types of the federation crate write absent members as `null`, which some readers stumble over; so these are ours.

use crate::{
    address::{Actor, NodeInfo, handle},
    document::find,
    object::{Site, actor},
};
use domain::{
    caller::Caller,
    db::Tx,
    error::{Code, Error, FieldError, Result, What},
    event::{self, EventFilter},
    page::MOST_TOTAL,
    profile::{self, Kind},
    settings::Settings,
    text::rich,
};
use serde::Serialize;
use serde_json::{Value, json};
use url::Url;

const ACTIVITY: &str = "application/activity+json";
/// The most bytes of a question.
const MOST_RESOURCE: usize = 1_000;

/// What is said of a resource.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct WebFinger {
    subject: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
    links: Vec<Link>,
}

#[derive(Debug, Clone, Default, Serialize)]
struct Link {
    rel: &'static str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    href: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<String>,
}

impl Link {
    fn to(rel: &'static str, kind: &'static str, href: String) -> Self {
        Self {
            rel,
            kind: Some(kind),
            href: Some(href),
            template: None,
        }
    }
}

/// Whom a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Actor(Actor),
    Server,
}

/// Answers a question about an account, an actor's address, or the server's.
pub(crate) fn webfinger(site: Site<'_>, tx: &mut Tx<'_>, resource: Option<&str>) -> Result<WebFinger> {
    let settings = site.settings;
    let Subject::Actor(name) = subject(settings, resource)? else {
        let service = "https://www.w3.org/ns/activitystreams#Service";
        return Ok(WebFinger {
            subject: settings.url("/"),
            aliases: Vec::new(),
            links: vec![Link::to(service, ACTIVITY, Actor::Site.id(settings))],
        });
    };
    let profile = find(tx, &name)?;
    let id = name.id(settings);
    let page = match name {
        Actor::Site => settings.url("/about"),
        Actor::Named(_) => id.clone(),
    };
    let avatar = actor::avatar(site, tx, &profile)?;
    let avatar = avatar.map(|(kind, url)| Link::to("http://webfinger.net/rel/avatar", kind, url));
    let mut links = vec![
        // Mobilizon compares this type letter by letter.
        Link::to("self", ACTIVITY, id.clone()),
        Link::to("http://webfinger.net/rel/profile-page", "text/html", page),
    ];
    links.extend(avatar);
    Ok(WebFinger {
        subject: format!("acct:{}@{}", profile.name, settings.host()),
        aliases: vec![id],
        links,
    })
}

/// Reads `acct:name@host`, `name@host`, and addresses, in any case.
///
/// # Errors
/// `Invalid(resource)` for what is none of these; `NotFound` for other hosts and addresses.
fn subject(settings: &Settings, resource: Option<&str>) -> Result<Subject> {
    let malformed = |code| FieldError::one("resource", code);
    let text = resource.unwrap_or_default().trim();
    if text.is_empty() {
        return Err(malformed(Code::Missing));
    }
    // Parsers of addresses pass over some of these: what is asked would be another thing than what is answered.
    if text.len() > MOST_RESOURCE || text.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(malformed(Code::Malformed));
    }
    let scheme = text.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("http" | "https") => of_address(
            settings,
            &Url::parse(text).ok().ok_or_else(|| malformed(Code::Malformed))?,
        ),
        Some("acct") => of_account(settings, text.get(5..).unwrap_or_default()),
        // A host may have a port; any other scheme has no account.
        _ => of_account(settings, text),
    }
}

fn of_account(settings: &Settings, account: &str) -> Result<Subject> {
    let account = account.strip_prefix('@').unwrap_or(account);
    let parts = account.rsplit_once('@');
    let (name, host) = parts.ok_or_else(|| FieldError::one("resource", Code::Malformed))?;
    let is_plain = |text: &str| !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || "@/:".contains(c));
    let has_port = host
        .rsplit_once(':')
        .is_none_or(|(_, port)| port.parse::<u16>().is_ok());
    let bare = host.rsplit_once(':').map_or(host, |(bare, _)| bare);
    if !(is_plain(name) && is_plain(bare) && has_port) {
        return Err(FieldError::one("resource", Code::Malformed));
    }
    if !host.eq_ignore_ascii_case(&settings.host()) {
        return Err(Error::NotFound(What::Profile));
    }
    if name.eq_ignore_ascii_case("relay") {
        return Ok(Subject::Actor(Actor::Site));
    }
    let name = handle(name).ok_or(Error::NotFound(What::Profile))?;
    Ok(Subject::Actor(Actor::Named(name)))
}

fn of_address(settings: &Settings, url: &Url) -> Result<Subject> {
    let is_ours = url.origin() == settings.public_url.origin();
    let base = settings.public_url.path().trim_end_matches('/');
    let path = url.path().strip_prefix(base).filter(|_| is_ours);
    let path = path.ok_or(Error::NotFound(What::Profile))?;
    match path.trim_matches('/') {
        "" => Ok(Subject::Server),
        "relay" => Ok(Subject::Actor(Actor::Site)),
        named => {
            let name = named.strip_prefix('@').and_then(handle);
            let name = name.ok_or(Error::NotFound(What::Profile))?;
            Ok(Subject::Actor(Actor::Named(name)))
        }
    }
}

fn template(settings: &Settings) -> String {
    settings.url("/.well-known/webfinger?resource={uri}")
}

/// Where to ask about accounts, as XML.
pub(crate) fn host_meta(settings: &Settings) -> String {
    let template = rich::escape(&template(settings));
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">
  <Link rel="lrdd" type="application/jrd+json" template="{template}"/>
</XRD>
"#
    )
}

/// Where to ask about accounts.
pub(crate) fn host_meta_json(settings: &Settings) -> Value {
    json!({ "links": [{ "rel": "lrdd", "type": "application/jrd+json", "template": template(settings) }] })
}

/// Where NodeInfo is. The schemas come first, for Gancio takes the first link; the site's actor is the last.
pub(crate) fn node_info_links(settings: &Settings) -> Value {
    let schema = |version: NodeInfo| {
        let number = version.number();
        json!({
            "rel": format!("http://nodeinfo.diaspora.software/ns/schema/{number}"),
            "href": settings.url(&format!("/nodeinfo/{number}")),
        })
    };
    let site = json!({
        "rel": "https://www.w3.org/ns/activitystreams#Application",
        "href": Actor::Site.id(settings),
    });
    json!({ "links": [schema(NodeInfo::V21), schema(NodeInfo::V20), site] })
}

/// What runs here. Numbers are of what everybody sees; the one of events is left out where counting stopped.
pub(crate) fn node_info(site: Site<'_>, tx: &mut Tx<'_>, version: NodeInfo) -> Result<Value> {
    let settings = site.settings;
    let people = profile::count(tx, Kind::Person)?;
    let events = event::count(tx, &Caller::Anonymous, &EventFilter::default())?;
    let users = json!({ "total": people });
    let usage = if events < i64::from(MOST_TOTAL) {
        json!({ "users": users, "localPosts": events })
    } else {
        json!({ "users": users })
    };
    Ok(json!({
        "version": version.number(),
        "software": { "name": "kermesse", "version": env!("CARGO_PKG_VERSION") },
        "protocols": ["activitypub"],
        "services": { "inbound": [], "outbound": ["atom1.0", "rss2.0"] },
        "openRegistrations": false,
        "usage": usage,
        "metadata": { "nodeName": settings.name, "nodeDescription": settings.description },
    }))
}

#[cfg(test)]
mod tests;
