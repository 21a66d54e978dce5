//! Feeds over HTTP: what stands around their bytes. The addresses are [`crate::feed::address`]'s; validators, codings
//! and 304 are the page cache's, which keeps public feeds like pages.

use super::headers::open_to_other_sites;
use crate::feed::Rendered;
use axum::http::{HeaderMap, HeaderValue, header};
use domain::time::Instant;

/// A calendar that asks again within ten minutes need not ask us.
const CACHE_CONTROL: &str = "public, max-age=600";

/// The headers of a public feed: shown rather than saved, kept by whoever wants, readable by scripts of other sites.
pub fn headers(feed: &Rendered) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let fixed = [
        (header::CONTENT_TYPE, feed.content_type),
        (header::CONTENT_DISPOSITION, "inline"),
        (header::CACHE_CONTROL, CACHE_CONTROL),
        (header::VARY, "accept-encoding"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    open_to_other_sites(&mut headers);
    let modified = feed
        .last_modified
        .and_then(|at| HeaderValue::try_from(http_date(at)).ok());
    headers.extend(modified.map(|value| (header::LAST_MODIFIED, value)));
    if !feed.is_public {
        headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    }
    headers
}

/// `Sat, 05 Dec 2026 17:00:00 GMT` (RFC 9110 §5.6.7).
fn http_date(at: Instant) -> String {
    at.utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    #[test]
    fn a_feed_is_shown_and_may_be_kept_and_read_by_other_sites() {
        let feed = Rendered {
            content_type: "text/calendar; charset=utf-8",
            bytes: Bytes::new(),
            last_modified: Instant::from_micros(1_796_490_000_000_000),
            is_public: true,
        };
        let headers = headers(&feed);
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "text/calendar; charset=utf-8");
        assert_eq!(header("content-disposition"), "inline");
        assert_eq!(header("cache-control"), "public, max-age=600");
        assert_eq!(header("vary"), "accept-encoding");
        assert_eq!(header("access-control-allow-origin"), "*");
        assert_eq!(header("last-modified"), "Sat, 05 Dec 2026 17:00:00 GMT");
        assert_eq!(headers.get("x-robots-tag"), None);
        let hidden = super::headers(&Rendered {
            last_modified: None,
            is_public: false,
            ..feed
        });
        assert_eq!(hidden.get("last-modified"), None);
        assert_eq!(hidden["x-robots-tag"], "noindex");
    }
}
