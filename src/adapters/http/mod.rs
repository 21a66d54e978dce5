//! The one client that asks other servers for anything.
//!
//! What is asked is decided by `domain::web`: the text of each address, also of each redirect, here; the numbers that its
//! name leads to in [`resolver`], which the connector uses. Nothing else makes connections: no proxy is read from the
//! environment, no redirect is followed by the library, and a lint forbids a second client.
//!
//! Two settings exist for laboratories, where a peer runs on loopback with a certificate of its own: [`Laboratory`].

mod resolver;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use domain::{
    ports::{Fetch, FetchError, Fetched, WebClient},
    web::{self, Refused},
};
use reqwest::{
    Certificate, Client, Response, StatusCode,
    header::{
        ACCEPT, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
    },
    redirect,
};
use resolver::PublicResolver;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, HashMap},
    error::Error as StdError,
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

/// The most redirects of one fetch.
const MOST_REDIRECTS: usize = 3;
/// For a connection, its name and its handshake included.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// Requests to one host at once.
const PER_HOST: usize = 2;
/// Hosts that are remembered while nothing is asked of them.
const IDLE_HOSTS: usize = 1_000;
/// The most bytes of a header that is kept to ask again with.
const MOST_VALIDATOR: usize = 500;

/// What only a laboratory needs; empty everywhere else. Nothing else relaxes a check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Laboratory {
    /// Certificates (PEM) that are trusted beside those of the system.
    pub extra_ca_file: Option<PathBuf>,
    /// Names that lead to a fixed address instead of the Internet: `"peer.test" = "127.0.0.1:9443"`.
    pub hosts: BTreeMap<String, SocketAddr>,
}

impl Laboratory {
    /// Whether anything is set: the site is not for the public then.
    pub fn is_on(&self) -> bool {
        *self != Self::default()
    }
}

/// Why there is no client, in words for who runs the site.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The certificates of the laboratory.
    #[error("fetch.extra_ca_file: {} cannot be read as certificates (PEM): {cause}", path.display())]
    ExtraCa {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        cause: Box<dyn StdError + Send + Sync>,
    },
    /// The system's certificates, most often.
    #[error("no secure connection can be made: {0}; are the system's certificates (ca-certificates) installed?")]
    Tls(reqwest::Error),
}

/// The client. Made once.
#[derive(Debug)]
pub struct GuardedClient {
    client: Client,
    hosts: HostLimits,
}

impl GuardedClient {
    /// A client that calls itself `Kermesse/<version> (+<public_url>)`.
    ///
    /// # Errors
    /// See [`ClientError`].
    #[expect(clippy::disallowed_methods, reason = "this is the one client")]
    pub fn new(public_url: &Url, laboratory: &Laboratory) -> Result<Self, ClientError> {
        let version = env!("CARGO_PKG_VERSION");
        let site = public_url.as_str().trim_end_matches('/');
        let client = Client::builder()
            .user_agent(format!("Kermesse/{version} (+{site})"))
            .https_only(true)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(CONNECT_TIME)
            .pool_max_idle_per_host(PER_HOST)
            .pool_idle_timeout(Duration::from_secs(30))
            .http2_max_header_list_size(16 * 1024)
            .dns_resolver(PublicResolver::new(&laboratory.hosts))
            .tls_certs_merge(extra_certificates(laboratory)?)
            .build()
            .map_err(ClientError::Tls)?;
        Ok(Self {
            client,
            hosts: HostLimits::default(),
        })
    }

    async fn follow(&self, fetch: &Fetch) -> Result<Fetched, FetchError> {
        let mut url = fetch.url.clone();
        allowed(&url, FetchError::Forbidden)?;
        for _ in 0..=MOST_REDIRECTS {
            match self.ask(&url, fetch).await? {
                Answer::Here(fetched) => return Ok(fetched),
                Answer::Elsewhere(next) => url = next,
            }
        }
        Err(FetchError::Redirect)
    }

    async fn ask(&self, url: &Url, fetch: &Fetch) -> Result<Answer, FetchError> {
        let _turn = self.hosts.turn(url).await?;
        let mut request = self.client.get(url.clone()).header(ACCEPT, fetch.accept);
        if let Some(etag) = &fetch.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(date) = &fetch.last_modified {
            request = request.header(IF_MODIFIED_SINCE, date);
        }
        let response = request.send().await.map_err(|error| failure(url, &error))?;
        let asked_for_changes = fetch.etag.is_some() || fetch.last_modified.is_some();
        match response.status() {
            StatusCode::NOT_MODIFIED if asked_for_changes => Ok(Answer::Here(Fetched::NotModified)),
            StatusCode::GONE => Ok(Answer::Here(Fetched::Gone)),
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT => Ok(Answer::Elsewhere(target(url, response.headers())?)),
            status if status.is_success() => Ok(Answer::Here(read(url, response, fetch.most_bytes).await?)),
            status => Err(FetchError::Status(status.as_u16())),
        }
    }
}

#[async_trait]
impl WebClient for GuardedClient {
    async fn fetch(&self, fetch: Fetch) -> Result<Fetched, FetchError> {
        tokio::time::timeout(fetch.time, self.follow(&fetch))
            .await
            .unwrap_or(Err(FetchError::TimedOut))
    }
}

enum Answer {
    Here(Fetched),
    Elsewhere(Url),
}

fn extra_certificates(laboratory: &Laboratory) -> Result<Vec<Certificate>, ClientError> {
    let Some(path) = &laboratory.extra_ca_file else {
        return Ok(Vec::new());
    };
    let wrong = |cause: Box<dyn StdError + Send + Sync>| ClientError::ExtraCa {
        path: path.clone(),
        cause,
    };
    let pem = std::fs::read(path).map_err(|error| wrong(error.into()))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| wrong(error.into()))?;
    if certificates.is_empty() {
        return Err(wrong("there is none in it".into()));
    }
    Ok(certificates)
}

/// What is not on the Internet gets the answer of a server that does not answer.
fn allowed(url: &Url, refusal: impl FnOnce(Refused) -> FetchError) -> Result<(), FetchError> {
    match web::check(url) {
        Ok(()) => Ok(()),
        Err(Refused::Private) => Err(FetchError::Unreachable),
        Err(refused) => Err(refusal(refused)),
    }
}

fn target(from: &Url, headers: &HeaderMap) -> Result<Url, FetchError> {
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let mut url = location
        .and_then(|location| from.join(location).ok())
        .ok_or(FetchError::Redirect)?;
    url.set_fragment(None);
    allowed(&url, |_| FetchError::Redirect)?;
    Ok(url)
}

async fn read(url: &Url, mut response: Response, most: usize) -> Result<Fetched, FetchError> {
    let text = |name: HeaderName| {
        let value = response.headers().get(name)?.to_str().ok()?;
        (value.len() <= MOST_VALIDATOR).then(|| value.to_owned())
    };
    let (content_type, etag, last_modified) = (text(CONTENT_TYPE), text(ETAG), text(LAST_MODIFIED));
    Ok(Fetched::Body {
        bytes: body(url, &mut response, most).await?,
        content_type,
        etag,
        last_modified,
        url: url.clone(),
    })
}

/// The length is that of the decompressed bytes: a small answer can become a large one.
async fn body(url: &Url, response: &mut Response, most: usize) -> Result<Bytes, FetchError> {
    // Said only where the body is not compressed.
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Err(FetchError::TooLarge(most));
    }
    let mut bytes = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(url, &error))? {
        if bytes.len() + chunk.len() > most {
            return Err(FetchError::TooLarge(most));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// What is told is coarse; who runs the site finds the cause in the log.
fn failure(url: &Url, error: &reqwest::Error) -> FetchError {
    let host = url.host_str().unwrap_or_default();
    tracing::debug!(host, error = error as &dyn StdError, "nothing could be fetched");
    if error.is_timeout() {
        FetchError::TimedOut
    } else if causes(error).any(is_about_certificate) {
        FetchError::Certificate
    } else {
        FetchError::Unreachable
    }
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(error.source(), |cause: &&(dyn StdError + 'static)| (*cause).source())
}

/// The error of the TLS library hides in errors of input and output, one in the other, which do not name it as their
/// source.
fn is_about_certificate(mut cause: &(dyn StdError + 'static)) -> bool {
    while let Some(inner) = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        cause = inner;
    }
    matches!(cause.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
}

/// Nobody is asked for more than [`PER_HOST`] things at once.
#[derive(Debug, Default)]
struct HostLimits(Mutex<HashMap<String, Arc<Semaphore>>>);

impl HostLimits {
    async fn turn(&self, url: &Url) -> Result<OwnedSemaphorePermit, FetchError> {
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let queue = self.queue(host);
        queue.acquire_owned().await.map_err(|_closed| FetchError::Unreachable)
    }

    fn queue(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= IDLE_HOSTS {
            hosts.retain(|_, queue| Arc::strong_count(queue) > 1);
        }
        let queue = hosts.entry(host.to_owned());
        queue.or_insert_with(|| Arc::new(Semaphore::new(PER_HOST))).clone()
    }
}
