//! RSS 2.0, with the link to itself that validators ask for.

use super::{
    Site,
    head::Head,
    news::{News, news, xml_text},
};
use ::rss::{
    Category, Channel, Guid, Item,
    extension::atom::{AtomExtension, Link},
    extension::dublincore::DublinCoreExtension,
};
use domain::{Error, Result, feed::Feed, time::Instant};

/// Writes a feed.
pub(super) fn write(site: &Site, head: &Head, feed: &Feed) -> Result<String> {
    let own = Link {
        href: head.own_url.clone(),
        rel: "self".to_owned(),
        mime_type: Some("application/rss+xml".to_owned()),
        ..Link::default()
    };
    let title = xml_text(&head.title);
    let description = match xml_text(&site.settings.description) {
        text if text.is_empty() => title.clone(),
        text => text,
    };
    let channel = Channel {
        title,
        link: head.page_url.clone(),
        description,
        language: Some(site.words.language().to_owned()),
        last_build_date: feed.changed_at().map(rfc2822),
        generator: Some("Kermesse".to_owned()),
        ttl: Some("60".to_owned()),
        items: news(site, feed).into_iter().map(item).collect(),
        atom_ext: Some(AtomExtension { links: vec![own] }),
        ..Channel::default()
    };
    let bytes = channel.write_to(Vec::new()).map_err(Error::internal)?;
    String::from_utf8(bytes).map_err(Error::internal)
}

fn item(news: News<'_>) -> Item {
    let categories = news.entry.tags.iter().map(|tag| Category {
        name: xml_text(tag.title.as_str()),
        domain: None,
    });
    // <author> is for mail addresses; <enclosure> needs the length of a file that we may encode anew.
    let (name, _) = news.author;
    let creator = DublinCoreExtension {
        creators: vec![name],
        ..DublinCoreExtension::default()
    };
    Item {
        title: Some(news.title),
        link: Some(news.url.clone()),
        description: Some(news.html),
        categories: categories.collect(),
        guid: Some(Guid {
            value: news.url,
            permalink: true,
        }),
        pub_date: Some(rfc2822(news.entry.event.created_at)),
        dublin_core_ext: Some(creator),
        ..Item::default()
    }
}

fn rfc2822(at: Instant) -> String {
    at.utc().to_rfc2822()
}
