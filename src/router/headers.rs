//! Headers that every answer has unless its handler set another value: an answer that forgets them is a safe one.

use crate::app::App;
use axum::{
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue,
        header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS},
    },
    middleware::Next,
    response::Response,
};

/// For pages of ours; what may be framed or read from elsewhere says so itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    font-src 'self'; connect-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; \
    form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const PERMISSIONS: &str = "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), browsing-topics=()";
/// A year.
const ONLY_HTTPS: &str = "max-age=31536000";

/// The headers of this site.
#[derive(Clone)]
pub(super) struct Defaults {
    is_secure: bool,
}

impl Defaults {
    pub(super) fn of(app: &App) -> Self {
        Self {
            is_secure: app.config.base.public_url.is_secure(),
        }
    }
}

/// Adds what the handler did not set.
pub(super) async fn add(State(defaults): State<Defaults>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut add = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    add(CONTENT_SECURITY_POLICY, POLICY);
    add(X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(REFERRER_POLICY, "same-origin");
    add(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    add(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    add(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    if defaults.is_secure {
        add(STRICT_TRANSPORT_SECURITY, ONLY_HTTPS);
    }
    response
}
