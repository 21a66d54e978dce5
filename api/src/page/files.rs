//! The files of the front end, embedded with what packs them. No request reaches the file system.

use super::{encoding::Encoding, kept::hex};
use crate::http::plain_text;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use bytes::Bytes;
use rust_embed::{EmbeddedFile, RustEmbed};
use std::{borrow::Cow, collections::HashMap};

// Missing only in a debug build without a front end: see `build.rs`.
#[derive(RustEmbed)]
#[folder = "../frontend/build/client"]
#[allow_missing = true]
struct Client;

/// Below this, names tell the content: they never change.
const HASHED: &str = "/_app/immutable/";
/// Icons and drawn covers keep their names; other sites show them in previews.
const PICTURES: [&str; 2] = ["/icons/", "/covers/"];

/// The files by their address.
pub struct Files(HashMap<String, File>);

struct File {
    headers: HeaderMap,
    plain: Bytes,
    brotli: Option<Bytes>,
}

impl Files {
    /// Those in this program.
    pub fn embedded() -> Self {
        let names = Client::iter().filter(|name| !name.ends_with(".br"));
        Self(
            names
                .filter_map(|name| Some((format!("/{name}"), File::read(&name)?)))
                .collect(),
        )
    }

    /// Whether an address is a file, or can only be one.
    pub(super) fn owns(&self, path: &str) -> bool {
        self.0.contains_key(path) || path.starts_with("/_app/")
    }

    /// The file at an address; 404 without a page where there is none.
    pub(super) fn answer(&self, path: &str, asked: &HeaderMap) -> Response<Body> {
        match self.0.get(path) {
            Some(file) => file.answer(asked),
            None => plain_text(StatusCode::NOT_FOUND, "There is no such file.\n"),
        }
    }
}

impl File {
    fn read(name: &str) -> Option<Self> {
        let file = Client::get(name)?;
        let brotli = Client::get(&format!("{name}.br")).map(|file| bytes(file.data));
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
        let path = format!("/{name}");
        let cache = if path.starts_with(HASHED) {
            "public, max-age=31536000, immutable"
        } else if PICTURES.iter().any(|folder| path.starts_with(folder)) {
            headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
            "public, max-age=86400"
        } else {
            "no-cache"
        };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        headers.insert(header::ETAG, etag(&file)?);
        if brotli.is_some() {
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        Some(Self {
            headers,
            plain: bytes(file.data),
            brotli,
        })
    }

    fn answer(&self, asked: &HeaderMap) -> Response<Body> {
        let mut answer = Response::new(Body::empty());
        answer.headers_mut().clone_from(&self.headers);
        let known = asked.get(header::IF_NONE_MATCH);
        if known.is_some() && known == self.headers.get(header::ETAG) {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            return answer;
        }
        *answer.body_mut() = match &self.brotli {
            Some(brotli) if Encoding::accepted(asked) == Encoding::Brotli => {
                answer
                    .headers_mut()
                    .insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
                brotli.clone().into()
            }
            _ => self.plain.clone().into(),
        };
        answer
    }
}

fn bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => data.into(),
    }
}

/// Weak: the same for every coding of the file.
fn etag(file: &EmbeddedFile) -> Option<HeaderValue> {
    let hash = file.metadata.sha256_hash();
    let short = hash.first_chunk::<12>()?;
    HeaderValue::try_from(format!("W/\"{}\"", hex(short))).ok()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
