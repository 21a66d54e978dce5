//! Atom (RFC 4287).

use super::{
    Site,
    head::Head,
    news::{News, news, xml_text},
};
use atom_syndication as atom;
use domain::{Error, Result, feed::Feed, time::Instant};

/// Writes a feed.
pub(super) fn write(site: &Site, head: &Head, feed: &Feed) -> Result<String> {
    let link = |rel: &str, href: &str, mime_type: &str| atom::Link {
        href: href.to_owned(),
        rel: rel.to_owned(),
        mime_type: Some(mime_type.to_owned()),
        ..atom::Link::default()
    };
    let document = atom::Feed {
        title: plain(&head.title),
        id: head.own_url.clone(),
        // A feed without events has never been changed.
        updated: feed.changed_at().map(moment).unwrap_or_default(),
        links: vec![
            link("self", &head.own_url, "application/atom+xml"),
            link("alternate", &head.page_url, "text/html"),
        ],
        generator: Some(atom::Generator {
            value: "Kermesse".to_owned(),
            ..atom::Generator::default()
        }),
        entries: news(site, feed).into_iter().map(entry).collect(),
        lang: Some(site.words.language().to_owned()),
        ..atom::Feed::default()
    };
    let bytes = document.write_to(Vec::new()).map_err(Error::internal)?;
    String::from_utf8(bytes).map_err(Error::internal)
}

fn entry(news: News<'_>) -> atom::Entry {
    let event = &news.entry.event;
    let mut links = vec![atom::Link {
        href: news.url.clone(),
        rel: "alternate".to_owned(),
        mime_type: Some("text/html".to_owned()),
        ..atom::Link::default()
    }];
    links.extend(news.image.map(|image| atom::Link {
        href: image.url,
        rel: "enclosure".to_owned(),
        mime_type: Some(image.content_type.to_owned()),
        ..atom::Link::default()
    }));
    let (name, uri) = news.author;
    let author = atom::Person {
        name,
        uri: Some(uri),
        ..atom::Person::default()
    };
    let categories = news.entry.tags.iter().map(|tag| atom::Category {
        term: tag.slug.to_string(),
        label: Some(xml_text(tag.title.as_str())),
        ..atom::Category::default()
    });
    atom::Entry {
        title: plain(&news.title),
        id: news.url,
        updated: moment(event.updated_at),
        published: Some(moment(event.created_at)),
        authors: vec![author],
        categories: categories.collect(),
        links,
        content: Some(atom::Content {
            value: Some(news.html),
            content_type: Some("html".to_owned()),
            lang: Some(news.language),
            ..atom::Content::default()
        }),
        ..atom::Entry::default()
    }
}

fn plain(text: &str) -> atom::Text {
    atom::Text::plain(xml_text(text))
}

fn moment(at: Instant) -> atom::FixedDateTime {
    // Whole seconds: what is finer would only be noise.
    let at = at.utc();
    chrono::DateTime::from_timestamp(at.timestamp(), 0)
        .unwrap_or(at)
        .fixed_offset()
}
