//! An event as news, for Atom, RSS and JSON Feed: with its date in the title and in the text, since who reads news sees
//! the date of the announcement first.

use super::Site;
use domain::{
    event::{Entry, Event},
    feed::Feed,
    profile::Profile,
    text::rich::escape,
};
use std::cmp::Reverse;

/// An event as news.
pub(super) struct News<'f> {
    pub(super) entry: &'f Entry,
    /// Its page: what identifies it for ever.
    pub(super) url: String,
    /// Title and days: "Fête de la soupe, samedi 5 décembre 2026".
    pub(super) title: String,
    /// HTML: when and where, then the text.
    pub(super) html: String,
    /// The language of the text.
    pub(super) language: String,
    /// Who announced it: name and page.
    pub(super) author: (String, String),
    /// Its picture.
    pub(super) image: Option<Image>,
}

/// A picture, as software that does not know WebP wants it.
pub(super) struct Image {
    pub(super) url: String,
    pub(super) content_type: &'static str,
}

/// The events of a feed, changed last first.
pub(super) fn news<'f>(site: &Site, feed: &'f Feed) -> Vec<News<'f>> {
    let mut entries: Vec<&Entry> = feed.entries.iter().collect();
    entries.sort_by_key(|entry| (Reverse(entry.event.updated_at), entry.event.begins_at, entry.event.id));
    entries.into_iter().map(|entry| tell(site, entry)).collect()
}

fn tell<'f>(site: &Site, entry: &'f Entry) -> News<'f> {
    let event = &entry.event;
    let words = site.words_for(event.language.as_ref());
    let title = match event.title.as_str() {
        title if entry.is_cancelled() => words.cancelled(title),
        title => title.to_owned(),
    };
    News {
        url: site.settings.url(&event.path()),
        title: xml_text(&format!("{title}, {}", words.days(&entry.span()))),
        html: xml_text(&html(site, entry)),
        language: event
            .language
            .as_ref()
            .map_or(words.language(), |own| own.as_str())
            .to_owned(),
        author: author(site, &entry.owner),
        image: image(site, entry),
        entry,
    }
}

fn author(site: &Site, owner: &Profile) -> (String, String) {
    (xml_text(owner.title()), site.settings.url(&owner.path()))
}

fn image(site: &Site, entry: &Entry) -> Option<Image> {
    let file = &entry.picture.as_ref()?.preview()?.key;
    Some(Image {
        url: site.settings.url(&file.path()),
        content_type: file.format().content_type(),
    })
}

fn html(site: &Site, entry: &Entry) -> String {
    let event = &entry.event;
    let words = site.words_for(event.language.as_ref());
    let mut lines = vec![format!("<strong>{}</strong>", escape(&when(site, entry)))];
    if entry.is_cancelled() {
        lines.push(escape(words.is_cancelled()));
    }
    if let Some(place) = &entry.place {
        lines.push(escape(&place.line()));
    }
    if let Some(link) = web_link(event) {
        let link = escape(&link);
        lines.push(format!("<a href=\"{link}\">{link}</a>"));
    }
    lines.retain(|line| !line.is_empty());
    format!("<p>{}</p>{}", lines.join("<br>"), entry.description.as_html())
}

/// Days and hours; with the zone where it is not that of the site.
fn when(site: &Site, entry: &Entry) -> String {
    let event = &entry.event;
    let when = site.words_for(event.language.as_ref()).when(&entry.span());
    if event.all_day || event.zone == site.settings.zone {
        when
    } else {
        format!("{when} ({})", event.zone)
    }
}

fn web_link(event: &Event) -> Option<String> {
    let url = url::Url::parse(event.online_address.as_deref()?).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}

/// Text without the characters that no XML document may have, escaped or not (XML 1.0 §2.2).
pub(super) fn xml_text(text: &str) -> String {
    let may_stand = |c: &char| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(may_stand).collect()
}
