//! An answer that can be given to many: packed once, and again in another way when somebody asks.

use super::{
    cache::Kind,
    encoding::{self, Encoding},
};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::{io, sync::OnceLock};

/// Larger texts are packed on a blocking thread.
const MOST_IN_PLACE: usize = 64 << 10;
/// Headers that each answer gets in addition, here and at the door.
const ADDED_HEADERS: usize = 12;
/// Bytes of the hash in an `ETag`.
const ETAG_BYTES: usize = 12;

/// A whole answer as its maker gives it: status, headers that describe it, and plain bytes.
#[derive(Debug, Clone)]
pub struct Made {
    /// Status of HTTP. 200 is kept; 5xx is replaced by an old answer, where there is one.
    pub status: StatusCode,
    /// At least `Content-Type`. Unless given, `Cache-Control` is `no-cache` and `Vary` is `Accept-Encoding`; `ETag` is
    /// made from the bytes.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// A kept answer: Brotli, or plain where that does not pay; other codings when they are asked for.
#[derive(Debug)]
pub(super) struct Kept {
    status: StatusCode,
    headers: HeaderMap,
    hash: String,
    etags: [HeaderValue; 3],
    length: usize,
    brotli: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
    plain: OnceLock<Bytes>,
}

impl Kept {
    pub(super) async fn new(made: Made) -> io::Result<Self> {
        let Made {
            status,
            mut headers,
            body,
        } = made;
        headers.remove(header::CONTENT_LENGTH);
        headers.reserve(ADDED_HEADERS); // copies are as large
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-cache"));
        headers
            .entry(header::VARY)
            .or_insert(HeaderValue::from_static("accept-encoding"));
        let hash = hash(&body);
        let kept = Self {
            status,
            headers,
            etags: Encoding::ALL.map(|coding| etag(&hash, coding)),
            hash,
            length: body.len(),
            brotli: OnceLock::new(),
            gzip: OnceLock::new(),
            plain: OnceLock::new(),
        };
        let (coding, packed) = match body.len() {
            _ if !encoding::pays(&body) => (&kept.plain, body),
            0..=MOST_IN_PLACE => (&kept.brotli, Encoding::Brotli.pack(&body)?),
            _ => {
                let packing = tokio::task::spawn_blocking(move || Encoding::Brotli.pack(&body));
                (&kept.brotli, packing.await.map_err(io::Error::other)??)
            }
        };
        coding.get_or_init(|| packed);
        Ok(kept)
    }

    /// Whether it may be shown to another reader than the one who asked.
    pub(super) fn is_shared(&self) -> bool {
        !self.headers.contains_key(header::SET_COOKIE)
    }

    /// Whether an old answer is better.
    pub(super) fn is_broken(&self) -> bool {
        self.status.is_server_error()
    }

    /// Whether it may be kept as a `kind`.
    pub(super) fn is_kept(&self, kind: Kind) -> bool {
        let right = match kind {
            Kind::Missing => StatusCode::NOT_FOUND,
            Kind::Page | Kind::Feed(_) => StatusCode::OK,
        };
        self.status == right && self.is_shared()
    }

    /// Bytes of all codings made so far.
    pub(super) fn size(&self) -> usize {
        let codings = [&self.brotli, &self.gzip, &self.plain];
        codings.iter().filter_map(|coding| coding.get()).map(Bytes::len).sum()
    }

    /// The answer for a reader, who may have it already. Large texts may have to be packed another way for it.
    pub(super) fn answer(&self, asked: &HeaderMap) -> io::Result<Response<Body>> {
        let packed = self.brotli.get().is_some();
        let coding = if packed {
            Encoding::accepted(asked)
        } else {
            Encoding::Identity
        };
        let (mut parts, ()) = Response::new(()).into_parts();
        parts.headers.clone_from(&self.headers);
        parts.status = self.status;
        if self.status == StatusCode::OK {
            let [brotli, gzip, plain] = &self.etags;
            let etag = match coding {
                Encoding::Brotli => brotli,
                Encoding::Gzip => gzip,
                Encoding::Identity => plain,
            };
            parts.headers.insert(header::ETAG, etag.clone());
            if is_known(asked, &self.hash) {
                parts.status = StatusCode::NOT_MODIFIED;
                parts.headers.remove(header::CONTENT_TYPE);
                return Ok(Response::from_parts(parts, Body::empty()));
            }
        }
        if let Some(name) = coding.header() {
            parts.headers.insert(header::CONTENT_ENCODING, name);
        }
        Ok(Response::from_parts(parts, Body::from(self.bytes(coding)?)))
    }

    #[cfg(test)]
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes(Encoding::Identity).unwrap()).into_owned()
    }

    fn bytes(&self, coding: Encoding) -> io::Result<Bytes> {
        let made = match coding {
            Encoding::Brotli => &self.brotli,
            Encoding::Gzip => &self.gzip,
            Encoding::Identity => &self.plain,
        };
        if let Some(bytes) = made.get() {
            return Ok(bytes.clone());
        }
        let packed = self
            .brotli
            .get()
            .ok_or_else(|| io::Error::other("an answer without bytes"))?;
        let plain = match self.plain.get() {
            Some(plain) => plain.clone(),
            None => encoding::unpack(packed, self.length)?,
        };
        let bytes = coding.pack(&plain)?;
        Ok(made.get_or_init(|| bytes).clone())
    }
}

/// Part of the SHA-256 of the plain bytes, in hexadecimal digits.
fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    hex(digest.get(..ETAG_BYTES).unwrap_or(&digest))
}

/// A strong validator: other codings of the same answer are other bytes.
fn etag(hash: &str, coding: Encoding) -> HeaderValue {
    let text = format!("\"{hash}{}\"", coding.suffix());
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("W/\"\""))
}

/// Two digits for each byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles
        .filter_map(|nibble| char::from_digit(u32::from(nibble), 16))
        .collect()
}

/// Whether `If-None-Match` names the answer, in any coding (weak comparison, RFC 9110 §13.1.2).
fn is_known(asked: &HeaderMap, hash: &str) -> bool {
    let lists = asked.get_all(header::IF_NONE_MATCH).iter();
    lists.filter_map(|list| list.to_str().ok()).any(|list| {
        list.split(',').map(str::trim).any(|tag| {
            if tag == "*" {
                return true; // whatever there is
            }
            let tag = tag.strip_prefix("W/").unwrap_or(tag);
            let tag = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
            tag.and_then(|tag| tag.strip_prefix(hash))
                .is_some_and(|rest| rest.is_empty() || rest.len() == 2 && rest.starts_with('-'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(body: &str) -> Made {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        Made {
            status: StatusCode::OK,
            headers,
            body: Bytes::from(body.to_owned()),
        }
    }

    fn asked(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::try_from(value).unwrap())])
    }

    #[tokio::test]
    async fn each_coding_is_made_when_asked_for_and_has_its_own_validator() {
        let kept = Kept::new(made(&"soup ".repeat(20_000))).await.unwrap();
        let packed = kept.size();
        assert!(packed < 1_000, "only Brotli: {packed}");
        let mut tags = Vec::new();
        for (coding, name) in [("br", Some("br")), ("gzip", Some("gzip")), ("identity", None)] {
            let answer = kept.answer(&asked(header::ACCEPT_ENCODING, coding)).unwrap();
            let encoding = answer.headers().get(header::CONTENT_ENCODING);
            assert_eq!(encoding.map(|value| value.to_str().unwrap()), name);
            tags.push(answer.headers()[header::ETAG].to_str().unwrap().to_owned());
        }
        assert!(kept.size() > 100_000, "all three are kept");
        for tag in &tags {
            let answer = kept
                .answer(&asked(header::IF_NONE_MATCH, &format!("\"x\", W/{tag}")))
                .unwrap();
            assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
            assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-cache");
        }
        let any = kept.answer(&asked(header::IF_NONE_MATCH, "*")).unwrap();
        assert_eq!(any.status(), StatusCode::NOT_MODIFIED);
        tags.dedup();
        assert_eq!(tags.len(), 3);
        let other = kept.answer(&asked(
            header::IF_NONE_MATCH,
            &format!("{}x\"", tags[0].trim_end_matches('"')),
        ));
        assert_eq!(other.unwrap().status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn short_texts_are_not_packed() {
        let kept = Kept::new(made("soup")).await.unwrap();
        let answer = kept.answer(&asked(header::ACCEPT_ENCODING, "br")).unwrap();
        assert_eq!(answer.headers().get(header::CONTENT_ENCODING), None);
        assert_eq!(kept.size(), 4);
    }

    #[tokio::test]
    async fn only_success_without_a_cookie_is_kept() {
        let kept = async |status, cookie| {
            let mut made = made("x");
            made.status = status;
            if cookie {
                made.headers.insert(header::SET_COOKIE, HeaderValue::from_static("a=b"));
            }
            Kept::new(made).await.unwrap()
        };
        assert!(kept(StatusCode::OK, false).await.is_kept(Kind::Page));
        assert!(!kept(StatusCode::OK, true).await.is_kept(Kind::Page));
        assert!(!kept(StatusCode::OK, true).await.is_shared());
        assert!(!kept(StatusCode::NOT_FOUND, false).await.is_kept(Kind::Page));
        assert!(kept(StatusCode::NOT_FOUND, false).await.is_kept(Kind::Missing));
        assert!(!kept(StatusCode::OK, false).await.is_kept(Kind::Missing));
    }
}
