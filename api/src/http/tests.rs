//! The door around a router.

use super::{headers, protect};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Request, Response, StatusCode, header},
    routing::{get, post},
};
use std::fmt::Write;
use tower::ServiceExt;

fn door(public_url: &str) -> Router {
    let media = || async {
        let mut answer = Response::new(Body::from("picture"));
        let headers = answer.headers_mut();
        headers::open_to_other_sites(headers);
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            headers::POLICY_OF_MEDIA.parse().unwrap(),
        );
        answer
    };
    let router = Router::new()
        .route("/", get(async || "page"))
        .route("/media", get(media))
        .route("/health", get(async || "ok"))
        .route("/body", post(async |body: Bytes| body.len().to_string()))
        .route("/panic", get(panicking));
    protect(router, &public_url.parse().unwrap())
}

async fn panicking() -> &'static str {
    panic!("with a secret")
}

async fn ask(router: &Router, request: axum::http::request::Builder) -> Response<Body> {
    router
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap()
}

fn at(path: &str) -> axum::http::request::Builder {
    Request::builder().uri(path).header("host", "fete.example")
}

fn listed(headers: &HeaderMap) -> String {
    let mut lines: Vec<_> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    lines.sort();
    lines.join("\n")
}

#[tokio::test]
async fn every_answer_has_the_headers_that_protect_readers() {
    let router = door("https://fete.example");
    let mut all = String::new();
    for (name, path) in [
        ("page", "/"),
        ("media", "/media"),
        ("not found", "/nothing"),
        ("panic", "/panic"),
    ] {
        let answer = ask(&router, at(path)).await;
        writeln!(all, "# {name}: {}\n{}\n", answer.status(), listed(answer.headers())).unwrap();
    }
    let refused = ask(&router, Request::builder().uri("/").header("host", "evil.example")).await;
    writeln!(
        all,
        "# another host: {}\n{}",
        refused.status(),
        listed(refused.headers())
    )
    .unwrap();
    insta::assert_snapshot!(all);
    let plain = ask(&door("http://fete.example"), at("/")).await;
    assert_eq!(plain.headers().get(header::STRICT_TRANSPORT_SECURITY), None);
}

#[tokio::test]
async fn a_panic_tells_a_number_and_nothing_else() {
    let answer = ask(&door("https://fete.example"), at("/panic")).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = to_bytes(answer.into_body(), 1_000).await.unwrap();
    let words = String::from_utf8_lossy(&body);
    assert!(!words.contains("secret"));
    let number = words.trim_end().rsplit(' ').next().unwrap();
    assert!(
        number.len() == 10 && number.bytes().all(|digit| digit.is_ascii_hexdigit()),
        "{words}"
    );
}

#[tokio::test]
async fn only_the_site_s_own_name_is_answered() {
    use StatusCode as S;
    let (site, home) = (door("https://fete.example"), door("http://localhost:8080"));
    let table = [
        (&site, "fete.example", S::OK),
        (&site, "FETE.example:443", S::OK),
        (&site, "fete.example.", S::OK),
        (&site, "evil.example", S::MISDIRECTED_REQUEST),
        (&site, "fete.example.evil.example", S::MISDIRECTED_REQUEST),
        (&site, "fete.example@evil.example", S::MISDIRECTED_REQUEST),
        (&site, "evil.example@fete.example", S::MISDIRECTED_REQUEST),
        (&site, "localhost", S::MISDIRECTED_REQUEST),
        (&site, "127.0.0.1:8080", S::MISDIRECTED_REQUEST),
        (&site, "", S::MISDIRECTED_REQUEST),
        (&site, "a b", S::MISDIRECTED_REQUEST),
        (&home, "localhost:8080", S::OK),
        (&home, "127.0.0.1:9999", S::OK),
        (&home, "[::1]:8080", S::OK),
        (&home, "192.168.1.4", S::MISDIRECTED_REQUEST),
        (&home, "localhost.evil.example", S::MISDIRECTED_REQUEST),
    ];
    for (router, host, expected) in table {
        let answer = ask(router, Request::builder().uri("/").header("host", host)).await;
        assert_eq!(answer.status(), expected, "{host}");
    }
    let none = ask(&site, Request::builder().uri("/")).await;
    assert_eq!(none.status(), S::BAD_REQUEST);
    let twice = ask(&site, at("/").header("host", "evil.example")).await;
    assert_eq!(twice.status(), S::BAD_REQUEST);
    let other_line = ask(&site, at("https://evil.example/")).await;
    assert_eq!(other_line.status(), S::BAD_REQUEST);
    let line = ask(&site, Request::builder().uri("https://fete.example/")).await;
    assert_eq!(line.status(), S::OK);
    let watcher = ask(&site, Request::builder().uri("/health").header("host", "10.0.0.7")).await;
    assert_eq!(watcher.status(), S::OK);
}

#[tokio::test]
async fn requests_have_bounds() {
    use StatusCode as S;
    let router = door("https://fete.example");
    let long = ask(&router, at(&format!("/?q={}", "x".repeat(9_000)))).await;
    assert_eq!(long.status(), S::URI_TOO_LONG);
    let many = (0..70).fold(at("/"), |request, n| request.header(format!("x-{n}"), "y"));
    assert_eq!(ask(&router, many).await.status(), S::REQUEST_HEADER_FIELDS_TOO_LARGE);
    let large = ask(&router, at("/").header("x", "y".repeat(17_000))).await;
    assert_eq!(large.status(), S::REQUEST_HEADER_FIELDS_TOO_LARGE);
    for unclear in ["+5", "5, 5", "0x5", "-1"] {
        let answer = ask(&router, at("/").header("content-length", unclear)).await;
        assert_eq!(answer.status(), S::BAD_REQUEST, "{unclear}");
    }
    let post = |bytes: usize| {
        let request = at("/body").method("POST").body(Body::from(vec![b'x'; bytes])).unwrap();
        router.clone().oneshot(request)
    };
    assert_eq!(post(1 << 20).await.unwrap().status(), S::OK);
    assert_eq!(post((1 << 20) + 1).await.unwrap().status(), S::PAYLOAD_TOO_LARGE);
}

#[test]
fn a_policy_is_strict_when_it_only_adds_hashes() {
    assert!(headers::is_strict(headers::POLICY));
    let with = |from: &str, to: &str| headers::is_strict(&headers::POLICY.replace(from, to));
    assert!(with("style-src 'self'", "style-src 'self' 'sha256-aB+/='"));
    assert!(with("script-src 'self'", "script-src 'self' 'sha256-aB+/='"));
    for (from, to) in [
        ("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
        ("style-src 'self'", "style-src 'self' 'nonce-x'"),
        ("img-src 'self'", "img-src 'self' https:"),
        ("img-src 'self'", "img-src 'self' 'sha256-aB'"),
        ("script-src 'self'", "script-src 'self' https://cdn.example"),
        ("script-src 'self'", "script-src"),
        ("; frame-ancestors 'none'", ""),
        ("; require-trusted-types-for 'script'", ""),
        (
            "frame-ancestors 'none'",
            "frame-ancestors 'none'; style-src-attr 'unsafe-inline'",
        ),
    ] {
        assert!(!with(from, to), "{to}");
    }
    assert!(!headers::is_strict(""));
}
