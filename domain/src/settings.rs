//! Values that the rules read: limits and the character of the site. Given by who opens the database, passed by value.

use crate::time::Zone;
use url::Url;

/// The site and its limits.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where readers find the site; addresses of things are made from it, never from a request.
    pub public_url: Url,
    /// The site's name.
    pub name: String,
    /// A sentence about it.
    pub description: String,
    /// The site's zone: its days, and new events whose place tells none.
    pub zone: Zone,
    /// Languages of the site, the first is the default: `fr`, `en`.
    pub languages: Vec<String>,
    /// The country whose places come first, ISO 3166 (`BE`).
    pub country: Option<String>,
    /// Where to write to, shown on the About page.
    pub contact: Option<String>,
}

impl Settings {
    /// The address of a path of ours: `/events/…`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }

    /// Host (and port, where unusual), as in `@name@host`.
    pub fn host(&self) -> String {
        let host = self.public_url.host_str().unwrap_or("localhost");
        self.public_url
            .port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}
