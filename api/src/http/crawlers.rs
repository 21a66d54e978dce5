//! What search engines ask: `/robots.txt` and `/sitemap.xml`.
//!
//! The map names the pages of coming events and of the profiles that announce them, from what everybody may see.

use crate::page::Made;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use domain::{
    Result,
    caller::Caller,
    db::{Db, Seen},
    event::{self, EventFilter},
    page::PageRequest,
    profile,
    settings::Settings,
    text::rich::escape,
};
use std::collections::BTreeSet;

/// The most events in the map; search engines take 50,000 addresses.
const MOST_EVENTS: u32 = 5_000;

/// What search engines may read: every page, and no search, of which there is no end.
pub fn robots(settings: &Settings) -> Made {
    let map = settings.url("/sitemap.xml");
    let text = format!("User-agent: *\nDisallow: /search\nDisallow: /api\nDisallow: /graphql\nSitemap: {map}\n");
    made("text/plain; charset=utf-8", text)
}

/// The map of the site.
///
/// # Errors
/// Those of the database.
pub async fn sitemap(db: &Db, settings: &Settings, seen: Seen) -> Result<Made> {
    let pages = db
        .read_noting(Some(seen), |tx| {
            let filter = EventFilter::coming(tx.now());
            let events = event::list(tx, &Caller::Anonymous, &filter, PageRequest::first(MOST_EVENTS))?;
            let owners: BTreeSet<_> = events.iter().map(event::Event::owner).collect();
            let profiles = profile::by_ids(tx, &owners.into_iter().collect::<Vec<_>>())?;
            let mut pages = vec![("/".to_owned(), None), ("/about".to_owned(), None)];
            pages.extend(
                profiles
                    .iter()
                    .filter(|profile| profile.is_local())
                    .map(|profile| (profile.path(), None)),
            );
            pages.extend(events.iter().map(|event| (event.path(), Some(event.updated_at))));
            Ok(pages)
        })
        .await?;
    let mut map = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    map.push_str("<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
    for (path, changed) in pages {
        map.push_str("<url><loc>");
        map.push_str(&escape(&settings.url(&path)));
        map.push_str("</loc>");
        if let Some(changed) = changed {
            map.push_str("<lastmod>");
            map.push_str(&changed.rfc3339());
            map.push_str("</lastmod>");
        }
        map.push_str("</url>\n");
    }
    map.push_str("</urlset>\n");
    Ok(made("application/xml; charset=utf-8", map))
}

fn made(kind: &'static str, text: String) -> Made {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    Made {
        status: StatusCode::OK,
        headers,
        body: text.into(),
    }
}
