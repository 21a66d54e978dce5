//! What lies outside the process, one small trait each. There is none for the database.

use crate::{
    error::Result,
    file::{FileFormat, FileKey},
    time::Instant,
    web::Refused,
};
use async_trait::async_trait;
use bytes::Bytes;
use std::{fmt, time::Duration};
use url::Url;

/// The time of day.
pub trait Clock: Send + Sync {
    /// Now, cut to microseconds.
    fn now(&self) -> Instant;
}

/// Randomness that nobody can guess: identifiers, tokens, keys.
pub trait Entropy: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);
}

/// The pair of keys of an actor; the private half is sealed with the server's key, which is not in the database.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyPair {
    /// SPKI, PEM.
    pub public_pem: String,
    /// The private half, encrypted.
    pub sealed_private: Vec<u8>,
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({} bytes of public PEM, ***)", self.public_pem.len())
    }
}

/// Makes the keys of new actors.
#[async_trait]
pub trait KeyMint: Send + Sync {
    /// A new pair (RSA, 2,048 bits).
    ///
    /// # Errors
    /// `Internal` where no key can be made or sealed.
    async fn mint(&self) -> Result<KeyPair>;
}

/// What to ask of another server, and the most that is accepted of it.
#[derive(Debug, Clone)]
pub struct Fetch {
    /// Where from. The client checks it, and every redirect, by [`crate::web::check`] and [`crate::web::is_public`].
    pub url: Url,
    /// The `Accept` header.
    pub accept: &'static str,
    /// Most bytes after decompression.
    pub most_bytes: usize,
    /// For the whole answer, redirects included.
    pub time: Duration,
    /// `ETag` of what we have.
    pub etag: Option<String>,
    /// `Last-Modified` of what we have.
    pub last_modified: Option<String>,
}

/// What another server answered.
#[derive(Debug, Clone)]
pub enum Fetched {
    /// 304: what we have is still right.
    NotModified,
    /// 410: it will not come back.
    Gone,
    /// A body.
    Body {
        /// The bytes, decompressed.
        bytes: Bytes,
        /// `Content-Type`, as sent.
        content_type: Option<String>,
        /// `ETag`, to ask again with.
        etag: Option<String>,
        /// `Last-Modified`, to ask again with.
        last_modified: Option<String>,
        /// Where it came from after redirects.
        url: Url,
    },
}

/// Why a fetch gave nothing, in words for the person who gave the address.
///
/// A name that does not exist, a private network and a server that does not answer are one and the same answer:
/// otherwise this server would tell strangers what is in its own network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The text of the address breaks a rule.
    #[error("this address is not fetched: {0}")]
    Forbidden(Refused),
    /// No such name, not on the Internet, no connection, or it broke.
    #[error("the server cannot be reached; check its name, and that it is open to the Internet")]
    Unreachable,
    /// It took too long.
    #[error("the server did not answer in time")]
    TimedOut,
    /// More than accepted.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// Another status than success.
    #[error("the server answered with the status {0}")]
    Status(u16),
    /// Too many redirects, or one to something else than an https address.
    #[error("the server sends us on too often, or to an address that is not fetched")]
    Redirect,
    /// The certificate is not right.
    #[error("the server's certificate is not valid")]
    Certificate,
}

impl FetchError {
    /// Whether asking again later is of no use.
    pub fn is_lasting(self) -> bool {
        match self {
            Self::Forbidden(_) | Self::TooLarge(_) | Self::Redirect => true,
            // Request Timeout, Too Early, Too Many Requests.
            Self::Status(status) => (400..500).contains(&status) && !matches!(status, 408 | 425 | 429),
            Self::Unreachable | Self::TimedOut | Self::Certificate => false,
        }
    }
}

/// The one client that asks other servers for anything.
#[async_trait]
pub trait WebClient: Send + Sync {
    /// Asks once.
    ///
    /// # Errors
    /// See [`FetchError`].
    async fn fetch(&self, fetch: Fetch) -> std::result::Result<Fetched, FetchError>;
}

/// One file of a picture as it is kept: re-encoded, without metadata.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendition {
    /// What the bytes are.
    pub format: FileFormat,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The bytes of the file.
    pub bytes: Bytes,
}

/// What came out of a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// For screens: WebP, smallest first; at least one, at most [`Picture::MOST_SIZES`].
    pub sizes: Vec<Rendition>,
    /// For previews of links: JPEG.
    pub preview: Rendition,
    /// A few characters that paint a blur while it loads (blurha.sh).
    pub blurhash: String,
}

impl Picture {
    /// The most files for screens.
    pub const MOST_SIZES: usize = 3;
}

/// Why a picture was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// Not a JPEG, PNG, WebP or GIF, or a broken one.
    #[error("this is no picture that we can read; send a JPEG, PNG, WebP or GIF")]
    Unreadable,
    /// More bytes, pixels or frames than allowed.
    #[error("this picture is too large; 10 MB, 40 megapixels and 300 frames are the most")]
    TooLarge,
    /// Decoding took too long or too much memory.
    #[error("this picture takes too much work to read")]
    TooHeavy,
    /// The worker does not run.
    #[error("pictures cannot be read at the moment")]
    Unavailable,
}

impl PictureError {
    /// Whether trying the same bytes again is of no use.
    pub fn is_lasting(self) -> bool {
        self != Self::Unavailable
    }
}

/// Decodes and re-encodes pictures, in a process of its own.
#[async_trait]
pub trait PictureWorker: Send + Sync {
    /// Re-encodes one picture.
    ///
    /// # Errors
    /// See [`PictureError`].
    async fn render(&self, bytes: Bytes) -> std::result::Result<Picture, PictureError>;
}

/// Where files are kept.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Keeps a file; on disk when it returns. A file of that name is replaced as a whole.
    ///
    /// # Errors
    /// `Unavailable(Storage)` where the disk is full or refuses; nothing of the file is kept then.
    async fn put(&self, key: &FileKey, bytes: Bytes) -> Result<()>;
    /// A file, `None` where there is none.
    ///
    /// # Errors
    /// `Unavailable(Storage)` where the disk does not answer.
    async fn get(&self, key: &FileKey) -> Result<Option<Bytes>>;
    /// Removes a file; one that is missing is no error.
    ///
    /// # Errors
    /// `Unavailable(Storage)` where the disk refuses.
    async fn delete(&self, key: &FileKey) -> Result<()>;
}
