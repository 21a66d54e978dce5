//! Headers that protect readers. What an answer sets itself stays: a feed may be read by other sites, a page brings its
//! own policy with the hashes of its styles.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use std::collections::BTreeMap;

/// What a document of ours may load and do.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
font-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; \
base-uri 'none'; object-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/// The policy of files that others sent us.
pub(super) const POLICY_OF_MEDIA: &str = "sandbox; default-src 'none'";

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

const ALWAYS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    ),
];

/// A year (RFC 6797).
const HSTS: &str = "max-age=31536000";

/// Gives an answer what it does not have. `https`: readers reach the site by it.
pub(super) fn secure(headers: &mut HeaderMap, https: bool) {
    for (name, value) in ALWAYS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HSTS));
    }
}

/// For feeds and public pictures: scripts of other sites may read the answer.
pub(super) fn open_to_other_sites(headers: &mut HeaderMap) {
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
}

/// Whether a page's own policy is as strict as [`POLICY`]: the same, but for hashes of scripts and styles.
pub(crate) fn is_strict(policy: &str) -> bool {
    let (ours, theirs) = (directives(POLICY), directives(policy));
    let mut theirs = theirs;
    ours.iter().all(|(name, sources)| {
        let own = theirs.remove(name).unwrap_or_default();
        let may_hash = matches!(*name, "script-src" | "style-src");
        let added = own.iter().filter(|source| !sources.contains(source));
        sources.iter().all(|source| own.contains(source)) && added.into_iter().all(|source| may_hash && is_hash(source))
    }) && theirs.is_empty()
}

fn is_hash(source: &str) -> bool {
    let hash = source.strip_prefix("'sha256-").and_then(|rest| rest.strip_suffix('\''));
    hash.is_some_and(|hash| hash.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b)))
}

fn directives(policy: &str) -> BTreeMap<&str, Vec<&str>> {
    let parts = policy.split(';').map(str::split_whitespace);
    parts
        .filter_map(|mut words| Some((words.next()?, words.collect())))
        .collect()
}
