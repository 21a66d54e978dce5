//! The client against servers on loopback that misbehave, reached as a laboratory reaches its peers.

use super::*;
use flate2::{Compression, write::GzEncoder};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use std::{
    io::Write,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// What a server does with a connection once it has read a request.
#[derive(Clone)]
enum Act {
    /// Sends these bytes and closes.
    Send(Vec<u8>),
    /// Sends these bytes and then these others again and again, with a pause between.
    Forever(Vec<u8>, Vec<u8>, Duration),
}

fn send(head: &str, body: &[u8]) -> Act {
    let length = body.len();
    let mut bytes = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    Act::Send(bytes)
}

fn redirect(to: &str) -> Act {
    send(&format!("302 Found\r\nLocation: {to}\r\nSet-Cookie: a=b"), b"")
}

/// A server on loopback with certificates of its own.
struct Peer {
    address: SocketAddr,
    ca_pem: String,
    requests: Arc<Mutex<Vec<String>>>,
    at_once: Arc<AtomicUsize>,
}

/// What is wrong with the certificate of a peer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    Expired,
    OtherName,
}

impl Peer {
    async fn start(act: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        Self::flawed(Flaw::None, act).await
    }

    async fn flawed(flaw: Flaw, act: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        let (ca_pem, tls) = certificates(flaw);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = Self {
            address: listener.local_addr().unwrap(),
            ca_pem,
            requests: Arc::default(),
            at_once: Arc::default(),
        };
        let (requests, at_once) = (peer.requests.clone(), peer.at_once.clone());
        let (act, running) = (Arc::new(act), Arc::new(AtomicUsize::new(0)));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (tls, act, requests) = (tls.clone(), act.clone(), requests.clone());
                let (running, at_once) = (running.clone(), at_once.clone());
                tokio::spawn(async move {
                    let Ok(mut stream) = tls.accept(stream).await else {
                        return;
                    };
                    let mut bytes = vec![0; 4096];
                    let Ok(read) = stream.read(&mut bytes).await else {
                        return;
                    };
                    let request = String::from_utf8_lossy(&bytes[..read]).into_owned();
                    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                    requests.lock().unwrap().push(request);
                    at_once.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    if path == "/slowly" {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                    play(&mut stream, act(&path)).await;
                    running.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        peer
    }

    fn client(&self) -> GuardedClient {
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, &self.ca_pem).unwrap();
        self.client_trusting(Some(ca))
    }

    fn client_trusting(&self, extra_ca_file: Option<PathBuf>) -> GuardedClient {
        let hosts = ["peer.test", "other.test"].map(|name| (name.to_owned(), self.address));
        let laboratory = Laboratory {
            extra_ca_file,
            hosts: hosts.into(),
        };
        GuardedClient::new(&"https://agenda.example/".parse().unwrap(), &laboratory).unwrap()
    }

    async fn fetch(&self, url: &str) -> Result<Fetched, FetchError> {
        self.client().fetch(fetch(url)).await
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn play(stream: &mut (impl AsyncWriteExt + Unpin), act: Act) {
    match act {
        Act::Send(bytes) => {
            drop(stream.write_all(&bytes).await);
            drop(stream.shutdown().await);
        }
        Act::Forever(first, then, pause) => {
            drop(stream.write_all(&first).await);
            while stream.write_all(&then).await.is_ok() && stream.flush().await.is_ok() {
                tokio::time::sleep(pause).await;
            }
        }
    }
}

fn certificates(flaw: Flaw) -> (String, TlsAcceptor) {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate().unwrap()).unwrap();
    let names = match flaw {
        Flaw::OtherName => vec!["another.test".to_owned()],
        Flaw::None | Flaw::Expired => vec!["peer.test".to_owned(), "other.test".to_owned()],
    };
    let mut params = CertificateParams::new(names).unwrap();
    if flaw == Flaw::Expired {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, &ca).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    (ca.pem(), TlsAcceptor::from(Arc::new(config)))
}

fn fetch(url: &str) -> Fetch {
    Fetch {
        url: url.parse().unwrap(),
        accept: "text/calendar",
        most_bytes: 100_000,
        time: Duration::from_secs(30),
        etag: None,
        last_modified: None,
    }
}

fn bytes_of(fetched: Fetched) -> Bytes {
    match fetched {
        Fetched::Body { bytes, .. } => bytes,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_body_comes_with_what_is_needed_to_ask_again() {
    let peer = Peer::start(|_| send("200 OK\r\nContent-Type: text/calendar\r\nETag: \"1\"", b"BEGIN")).await;
    let fetched = peer.fetch("https://peer.test/a?b=c#d").await.unwrap();
    let Fetched::Body {
        bytes,
        content_type,
        etag,
        last_modified,
        ..
    } = fetched
    else {
        panic!("{fetched:?}")
    };
    assert_eq!(
        (&*bytes, content_type.as_deref()),
        (&b"BEGIN"[..], Some("text/calendar"))
    );
    assert_eq!((etag.as_deref(), last_modified), (Some("\"1\""), None));

    let request = peer.requests().concat().to_lowercase();
    let version = env!("CARGO_PKG_VERSION");
    assert!(request.starts_with("get /a?b=c http/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nhost: peer.test\r\n"));
    assert!(request.contains("\r\naccept: text/calendar\r\n"));
    assert!(request.contains(&format!(
        "\r\nuser-agent: kermesse/{version} (+https://agenda.example)\r\n"
    )));
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again_and_what_is_gone_is_gone() {
    let peer = Peer::start(|path| match path {
        "/gone" => send("410 Gone", b""),
        "/missing" => send("404 Not Found", b""),
        _ => send("304 Not Modified", b""),
    })
    .await;
    let again = Fetch {
        etag: Some("\"1\"".into()),
        last_modified: Some("Tue, 01 Dec 2026 11:00:00 GMT".into()),
        ..fetch("https://peer.test/")
    };
    assert!(matches!(peer.client().fetch(again).await, Ok(Fetched::NotModified)));
    let request = peer.requests().concat().to_lowercase();
    assert!(request.contains("\r\nif-none-match: \"1\"\r\n"));
    assert!(request.contains("\r\nif-modified-since: tue, 01 dec 2026 11:00:00 gmt\r\n"));

    assert!(matches!(peer.fetch("https://peer.test/gone").await, Ok(Fetched::Gone)));
    assert_eq!(
        peer.fetch("https://peer.test/missing").await.unwrap_err(),
        FetchError::Status(404)
    );
    assert_eq!(
        peer.fetch("https://peer.test/").await.unwrap_err(),
        FetchError::Status(304)
    );
}

#[tokio::test]
async fn three_redirects_are_followed_without_telling_where_from_or_carrying_cookies() {
    let peer = Peer::start(|path| match path {
        "/1" => redirect("/2"),
        "/2" => redirect("https://other.test/3#x"),
        "/3" => redirect("4"),
        _ => send("200 OK", b"here"),
    })
    .await;
    let fetched = peer.fetch("https://peer.test/1").await.unwrap();
    let Fetched::Body { url, .. } = &fetched else {
        panic!("{fetched:?}")
    };
    assert_eq!(url.as_str(), "https://other.test/4");
    assert_eq!(bytes_of(fetched), "here");
    let requests = peer.requests().concat().to_lowercase();
    assert!(
        !requests.contains("cookie") && !requests.contains("referer"),
        "{requests}"
    );
}

#[tokio::test]
async fn loops_and_too_many_redirects_end() {
    let peer = Peer::start(|path| match path {
        "/self" => redirect("/self"),
        _ => redirect(&format!("{path}x")),
    })
    .await;
    for start in ["/self", "/a"] {
        let url = format!("https://peer.test{start}");
        assert_eq!(peer.fetch(&url).await.unwrap_err(), FetchError::Redirect);
    }
    assert_eq!(peer.requests().len(), 8);
}

#[tokio::test]
async fn a_redirect_leads_to_nothing_that_could_not_be_asked_directly() {
    const FORBIDDEN: [&str; 7] = [
        "http://peer.test/",
        "https://peer.test:8443/",
        "https://ada:secret@peer.test/",
        "file:///etc/passwd",
        "gopher://peer.test/",
        "data:text/calendar,BEGIN",
        "https://[bad",
    ];
    const PRIVATE: [&str; 7] = [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://[::ffff:7f00:1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://localhost/",
        "https://router/",
        "//10.0.0.1/",
    ];
    let peer = Peer::start(|path| {
        let nth: usize = path.trim_start_matches('/').parse().unwrap();
        redirect(FORBIDDEN.iter().chain(&PRIVATE).nth(nth).unwrap())
    })
    .await;
    for nth in 0..14 {
        let expected = if nth < 7 {
            FetchError::Redirect
        } else {
            FetchError::Unreachable
        };
        let got = peer.fetch(&format!("https://peer.test/{nth}")).await.unwrap_err();
        assert_eq!(got, expected, "{nth}");
    }
    assert_eq!(peer.requests().len(), 14);
}

#[tokio::test]
async fn a_private_address_answers_like_a_server_that_cannot_be_reached() {
    let peer = Peer::start(|_| send("200 OK", b"")).await;
    for private in [
        "127.0.0.1",
        "[::1]",
        "0",
        "localhost.",
        "10.0.0.1",
        "[fc00::1]",
        "db.internal",
    ] {
        let got = peer.fetch(&format!("https://{private}/")).await.unwrap_err();
        assert_eq!(got, FetchError::Unreachable, "{private}");
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let nobody = Peer {
        address: closed,
        ..peer
    };
    assert_eq!(
        nobody.fetch("https://peer.test/").await.unwrap_err(),
        FetchError::Unreachable
    );
}

#[tokio::test]
async fn an_address_that_breaks_a_rule_is_named_as_such() {
    let peer = Peer::start(|_| send("200 OK", b"")).await;
    // The address of the peer itself: the laboratory's names do not open its port.
    for (url, why) in [
        ("http://peer.test/".to_owned(), Refused::Scheme),
        (format!("https://peer.test:{}/", peer.address.port()), Refused::Port),
        ("https://a@peer.test/".to_owned(), Refused::User),
    ] {
        assert_eq!(peer.fetch(&url).await.unwrap_err(), FetchError::Forbidden(why));
    }
    assert_eq!(peer.requests().len(), 0);
}

#[tokio::test]
async fn a_slow_server_is_left_when_the_time_is_over() {
    let tick = Duration::from_millis(20);
    let peer = Peer::start(move |path| match path {
        "/headers" => Act::Forever(b"HTTP/1.1 200 OK\r\n".to_vec(), b"A: b\r\n".to_vec(), tick),
        "/continue" => Act::Forever(Vec::new(), b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), tick),
        "/body" => Act::Forever(
            b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n".to_vec(),
            b"a".to_vec(),
            tick,
        ),
        _ => Act::Forever(Vec::new(), Vec::new(), tick),
    })
    .await;
    for path in ["/headers", "/continue", "/body", "/nothing"] {
        let started = Instant::now();
        let short = Fetch {
            time: Duration::from_millis(300),
            ..fetch(&format!("https://peer.test{path}"))
        };
        assert_eq!(
            peer.client().fetch(short).await.unwrap_err(),
            FetchError::TimedOut,
            "{path}"
        );
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}

#[tokio::test]
async fn a_server_that_hangs_in_the_handshake_is_left() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let peer = Peer::start(|_| send("200 OK", b"")).await;
    let silent = Peer {
        address: listener.local_addr().unwrap(),
        ..peer
    };
    let short = Fetch {
        time: Duration::from_millis(300),
        ..fetch("https://peer.test/")
    };
    assert_eq!(silent.client().fetch(short).await.unwrap_err(), FetchError::TimedOut);
}

#[tokio::test]
async fn an_answer_is_cut_where_it_grows_too_large() {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![0; 20_000_000]).unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 100_000);
    let peer = Peer::start(move |path| match path {
        "/bomb" => send("200 OK\r\nContent-Encoding: gzip", &bomb),
        "/long" => Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000000\r\n\r\n".to_vec()),
        "/just" => send("200 OK", &vec![b'a'; 100_000]),
        "/over" => send("200 OK", &vec![b'a'; 100_001]),
        _ => {
            let chunk = format!("2000\r\n{}\r\n", "a".repeat(0x2000));
            let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            Act::Forever(head, chunk.into_bytes(), Duration::ZERO)
        }
    })
    .await;
    for path in ["/bomb", "/long", "/over", "/endless"] {
        let got = peer.fetch(&format!("https://peer.test{path}")).await.unwrap_err();
        assert_eq!(got, FetchError::TooLarge(100_000), "{path}");
    }
    let just = peer.fetch("https://peer.test/just").await.unwrap();
    assert_eq!(bytes_of(just).len(), 100_000);
}

#[tokio::test]
async fn compressed_answers_are_read() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(b"BEGIN:VCALENDAR").unwrap();
    let packed = packed.finish().unwrap();
    let peer = Peer::start(move |_| send("200 OK\r\nContent-Encoding: gzip", &packed)).await;
    assert_eq!(
        bytes_of(peer.fetch("https://peer.test/").await.unwrap()),
        "BEGIN:VCALENDAR"
    );
    assert!(peer.requests().concat().to_lowercase().contains("accept-encoding: "));
}

#[tokio::test]
async fn a_wrong_certificate_is_refused() {
    for flaw in [Flaw::Expired, Flaw::OtherName] {
        let peer = Peer::flawed(flaw, |_| send("200 OK", b"")).await;
        assert_eq!(
            peer.fetch("https://peer.test/").await.unwrap_err(),
            FetchError::Certificate
        );
    }
    let peer = Peer::start(|_| send("200 OK", b"")).await;
    let got = peer.client_trusting(None).fetch(fetch("https://peer.test/")).await;
    assert_eq!(got.unwrap_err(), FetchError::Certificate);
    assert_eq!(peer.requests().len(), 0);
}

#[tokio::test]
async fn garbage_is_no_answer() {
    let peer = Peer::start(|path| match path {
        "/early" => Act::Send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_vec()),
        "/http09" => Act::Send(b"<html>".to_vec()),
        "/packed" => send("200 OK\r\nContent-Encoding: gzip", b"not gzip"),
        "/close" => Act::Send(Vec::new()),
        _ => Act::Send(b"HTTP/1.1 abc \0\r\n\r\n".to_vec()),
    })
    .await;
    for path in ["/early", "/http09", "/packed", "/close", "/binary"] {
        let got = peer.fetch(&format!("https://peer.test{path}")).await.unwrap_err();
        assert_eq!(got, FetchError::Unreachable, "{path}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_no_server() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = Peer::start(|_| send("200 OK", b"")).await;
    let plain = Peer {
        address: listener.local_addr().unwrap(),
        ..peer
    };
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            play(&mut stream, send("400 Bad Request", b"speak plainly")).await;
        }
    });
    assert_eq!(
        plain.fetch("https://peer.test/").await.unwrap_err(),
        FetchError::Unreachable
    );
}

#[tokio::test]
async fn a_host_is_asked_for_two_things_at_once() {
    let peer = Peer::start(|_| send("200 OK\r\nConnection: close", b"")).await;
    let client = Arc::new(peer.client());
    let asked: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.fetch(fetch("https://peer.test/slowly")).await })
        })
        .collect();
    for one in asked {
        one.await.unwrap().unwrap();
    }
    assert_eq!(peer.at_once.load(Ordering::SeqCst), 2);
}

#[test]
fn hosts_that_are_not_asked_are_forgotten() {
    let limits = HostLimits::default();
    let busy = limits.queue("busy.test");
    for nth in 0..5_000 {
        drop(limits.queue(&format!("{nth}.test")));
    }
    assert!(limits.0.lock().unwrap().len() <= IDLE_HOSTS);
    assert!(Arc::ptr_eq(&busy, &limits.queue("busy.test")));
}

#[test]
fn a_laboratory_says_its_settings_and_no_others() {
    let laboratory: Laboratory =
        toml::from_str("extra_ca_file = \"ca.pem\"\nhosts = { \"peer.test\" = \"127.0.0.1:9443\" }").unwrap();
    assert!(laboratory.is_on());
    assert!(!toml::from_str::<Laboratory>("").unwrap().is_on());
    assert!(toml::from_str::<Laboratory>("allow_private = true").is_err());
    let missing = Laboratory {
        extra_ca_file: Some("/nowhere/ca.pem".into()),
        ..Laboratory::default()
    };
    let error = GuardedClient::new(&"https://agenda.example/".parse().unwrap(), &missing).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("fetch.extra_ca_file: /nowhere/ca.pem cannot be read")
    );
}
