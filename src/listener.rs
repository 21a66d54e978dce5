//! Accepts connections and speaks HTTP/1.1 on them, within limits: time for the head of a request, idle time, size of
//! heads, connections of one address.
//!
//! `axum::serve` has no settings for these, so its parts are put together here. There is no HTTP/2: browsers speak it
//! only over TLS, which is the work of a reverse proxy, and proxies ask us by HTTP/1.1.

mod counts;
mod patience;
mod proxies;

use crate::config;
use api::limit::Client;
use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
};
use counts::{Counts, Place};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use patience::{Busy, Patience};
use proxies::Proxies;
use std::{
    convert::Infallible,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tower::ServiceExt;

/// Bytes of the request line and the headers.
const MOST_HEAD_BYTES: usize = 16 * 1024;
/// Headers of a request.
const MOST_HEADERS: usize = 64;
/// Bytes that are read ahead of who reads them.
const BUFFER: usize = 64 * 1024;
/// How long requests that run may take to end when the program stops.
const LAST_REQUESTS: Duration = Duration::from_secs(15);
/// What somebody is told who has too many connections.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n\
    Content-Type: text/plain; charset=utf-8\r\nContent-Length: 41\r\n\r\nToo many connections from this address.\r\n";

/// Serves `router` until `stop` says so; then no new connection is accepted, and requests that run have 15 seconds to
/// end.
pub async fn serve(listener: TcpListener, router: Router, limits: &config::Http, mut stop: watch::Receiver<bool>) {
    let proxies = Arc::new(Proxies::new(&limits.proxies));
    let counts = Counts::new(limits.connections_per_address, proxies.clone());
    let graceful = GracefulShutdown::new();
    let mut refused = Refusals::default();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                refused.over();
                match Counts::enter(&counts, peer.ip()) {
                    Some(place) => talk(stream, peer, (place, proxies.clone()), router.clone(), &graceful),
                    None => refuse(&stream),
                }
            }
            // Out of file handles, as a rule: without a pause, this would spin.
            Err(error) => refused.pause(&error).await,
        }
    }
    drop(listener);
    if tokio::time::timeout(LAST_REQUESTS, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests that still run are cut off");
    }
}

fn refuse(stream: &TcpStream) {
    metrics::counter!("kermesse_connections_refused_total").increment(1);
    drop(stream.try_write(TOO_MANY)); // who does not read it sees a closed connection
}

fn talk(
    stream: TcpStream,
    peer: SocketAddr,
    (place, proxies): (Place, Arc<Proxies>),
    router: Router,
    graceful: &GracefulShutdown,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let (stream, business) = Patience::new(stream);
    let service = service_fn(move |request: Request<Incoming>| {
        let busy = business.begin();
        let mut request = request.map(Body::new);
        let client = Client(proxies.client(peer.ip(), request.headers()));
        request.extensions_mut().insert(client);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.clone().oneshot(request);
        async move { Ok::<_, Infallible>(answer.await?.map(|body| Held { body, _busy: busy })) }
    });
    let connection = protocol().serve_connection(TokioIo::new(stream), service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        let _place = place;
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ends early");
        }
    });
}

fn protocol() -> http1::Builder {
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        // `Patience` tells the time for a head from the time between requests; hyper has one for both.
        .header_read_timeout(None)
        .max_headers(MOST_HEADERS)
        .max_header_size(MOST_HEAD_BYTES)
        .max_buf_size(BUFFER);
    protocol
}

/// A body that keeps its connection busy until it is sent or given up.
struct Held {
    body: Body,
    _busy: Busy,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Accepting fails: wait longer each time, and say so once.
#[derive(Default)]
struct Refusals(u32);

impl Refusals {
    fn over(&mut self) {
        if self.0 > 0 {
            tracing::info!(failures = self.0, "connections are accepted again");
        }
        self.0 = 0;
    }

    async fn pause(&mut self, error: &io::Error) {
        if self.0 == 0 {
            tracing::error!(%error, "no connection can be accepted");
        }
        self.0 = self.0.saturating_add(1);
        let millis = 50 * u64::from(self.0.min(20));
        tokio::time::sleep(Duration::from_millis(millis)).await;
    }
}

/// A listener at `address`.
///
/// # Errors
/// The address is taken, or is none of this machine.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

#[cfg(test)]
mod tests;
