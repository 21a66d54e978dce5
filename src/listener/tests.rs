//! The limits, as a client on the wire meets them.

use super::*;
use axum::routing::{get, post};
use std::net::Ipv4Addr;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::Notify,
    task::JoinHandle,
};

struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

async fn start(router: Router, connections: u32) -> Server {
    start_behind(router, connections, &[]).await
}

async fn start_behind(router: Router, connections: u32, proxies: &[&str]) -> Server {
    let listener = bind((Ipv4Addr::LOCALHOST, 0).into()).await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let (stop, stopped) = watch::channel(false);
    let limits = config::Http {
        connections_per_address: connections,
        requests_per_second: 0,
        proxies: proxies.iter().map(|one| one.parse().expect("an address")).collect(),
    };
    let task = tokio::spawn(async move { serve(listener, router, &limits, stopped).await });
    Server { address, stop, task }
}

fn hello() -> Router {
    Router::new()
        .route(
            "/",
            get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() }),
        )
        .route("/echo", post(|body: String| async move { body }))
}

/// Sends `request` and reads until the server closes.
async fn exchange(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await); // cut off counts as closed
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn requests_are_answered_one_after_the_other_and_know_their_peer() {
    let server = start(hello(), 100).await;
    let two = "GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\nping";
    let answer = exchange(server.address, two).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2, "{answer}");
    assert!(answer.contains("127.0.0.1") && answer.ends_with("ping"), "{answer}");
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let server = start(hello(), 100).await;
    let long = format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: {}\r\n\r\n", "x".repeat(17 * 1024));
    assert!(exchange(server.address, &long).await.starts_with("HTTP/1.1 431 "));
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "A: b\r\n".repeat(64));
    assert!(exchange(server.address, &many).await.starts_with("HTTP/1.1 431 "));
    let fits = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nCookie: {}\r\n\r\n",
        "x".repeat(15 * 1024)
    );
    assert!(exchange(server.address, &fits).await.starts_with("HTTP/1.1 200 "));
    for wrong in [
        "\r\n\r\nnonsense\r\n\r\n",
        "GET / HTTP/9\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ] {
        let answer = exchange(server.address, wrong).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
}

#[tokio::test]
async fn an_address_with_too_many_connections_is_told_so() {
    let server = start(hello(), 2).await;
    let held = [
        TcpStream::connect(server.address).await.expect("one"),
        TcpStream::connect(server.address).await.expect("two"),
    ];
    let mut third = TcpStream::connect(server.address).await.expect("three");
    let mut answer = String::new();
    third.read_to_string(&mut answer).await.expect("an answer");
    assert!(
        answer.starts_with("HTTP/1.1 503 ") && answer.contains("Retry-After"),
        "{answer}"
    );
    let length = answer
        .split("Content-Length: ")
        .nth(1)
        .and_then(|rest| rest.split('\r').next());
    let body = answer.split("\r\n\r\n").nth(1).expect("a body");
    assert_eq!(length, Some(body.len().to_string().as_str()));
    drop(held);
    let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    while !exchange(server.address, request).await.starts_with("HTTP/1.1 200 ") {
        tokio::task::yield_now().await; // until the server has seen that they are gone
    }
}

#[tokio::test]
async fn a_server_that_stops_ends_what_it_answers_and_accepts_nothing_more() {
    let (begun, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, released) = (begun.clone(), release.clone());
    let router = Router::new().route(
        "/",
        get(move || async move {
            begins.notify_one();
            released.notified().await;
            "late"
        }),
    );
    let server = start(router, 100).await;
    let idle = TcpStream::connect(server.address).await.expect("an idle connection");
    let address = server.address;
    let asked = tokio::spawn(async move { exchange(address, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").await });
    begun.notified().await;
    server.stop.send_replace(true);
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    release.notify_one();
    assert!(asked.await.expect("the client").ends_with("late"));
    server.task.await.expect("the server");
    drop(idle);
}

#[tokio::test]
async fn who_asks_is_the_peer_unless_a_proxy_of_ours_names_somebody() {
    use axum::Extension;
    let who = || {
        Router::new().route(
            "/",
            get(|Extension(Client(address)): Extension<Client>| async move { address.to_string() }),
        )
    };
    let open = start(who(), 100).await;
    let behind = start_behind(who(), 100, &["127.0.0.1", "192.0.2.7"]).await;
    for (server, headers, client) in [
        (&open, "", "127.0.0.1"),
        (&open, "X-Forwarded-For: 198.51.100.9\r\n", "127.0.0.1"),
        (
            &open,
            "Forwarded: for=198.51.100.9\r\nX-Real-IP: 198.51.100.9\r\n",
            "127.0.0.1",
        ),
        (
            &behind,
            "X-Forwarded-For: 203.0.113.5, 198.51.100.9\r\n",
            "198.51.100.9",
        ),
        (
            &behind,
            "X-Real-IP: 198.51.100.9\r\nCF-Connecting-IP: 198.51.100.9\r\n",
            "127.0.0.1",
        ),
    ] {
        let request = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n");
        let answer = exchange(server.address, &request).await;
        assert!(answer.ends_with(&format!("\r\n\r\n{client}")), "{headers}: {answer}");
    }
}
