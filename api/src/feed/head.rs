//! What a feed is called and where it is.

use super::{
    Format, Site,
    address::{feed_path, feed_query, page},
};
use domain::{
    event::Category,
    feed::{Of, Search, Subject},
    time::Zone,
};

/// The head of a feed.
pub(super) struct Head {
    /// Its title, for people.
    pub(super) title: String,
    /// The address of the page that shows the same.
    pub(super) page_url: String,
    /// Its own address.
    pub(super) own_url: String,
    /// The zone that times without one are of.
    pub(super) zone: Zone,
}

impl Head {
    pub(super) fn new(site: &Site, of: &Of, format: Format, subject: &Subject) -> Self {
        let settings = &site.settings;
        let own_url = match feed_query(of) {
            query if query.is_empty() => settings.url(&feed_path(of, format)),
            query => settings.url(&format!("{}?{query}", feed_path(of, format))),
        };
        let zone = match subject {
            Subject::Profile(profile) => profile.zone.clone(),
            _ => None,
        };
        Self {
            title: title(site, subject),
            page_url: settings.url(&page(of)),
            own_url,
            zone: zone.unwrap_or_else(|| settings.zone.clone()),
        }
    }
}

fn title(site: &Site, subject: &Subject) -> String {
    let name = site.settings.name.as_str();
    let of_site = |what: &str| format!("{what} – {name}");
    match subject {
        Subject::Site | Subject::Event => name.to_owned(),
        Subject::Profile(profile) => profile.title().to_owned(),
        Subject::Tag(tag) => of_site(&format!("#{}", tag.title)),
        Subject::Place(place) if place.name.is_empty() => of_site(&place.line()),
        Subject::Place(place) => of_site(place.name.as_str()),
        Subject::Search(search) => match searched(site, search) {
            what if what.is_empty() => name.to_owned(),
            what => of_site(&what),
        },
    }
}

/// "soupe · Namur (25 km) · Musique · #jazz"
fn searched(site: &Site, search: &Search) -> String {
    let mut parts = Vec::new();
    if !search.text.is_empty() {
        parts.push(search.text.clone());
    }
    if let Some(near) = &search.near {
        parts.push(format!("{} ({} km)", near.typed, near.circle.kilometres));
    }
    let category = |category: &Category| site.words.category(category.as_str()).to_owned();
    parts.extend(search.categories.iter().map(category));
    parts.extend(search.tags.iter().map(|slug| format!("#{slug}")));
    parts.join(" · ")
}
