//! What the house sees to, whatever the doors do.

use super::*;
use crate::{
    app::Use,
    config::{Config, Flags},
};
use axum::{
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Request},
    routing::post,
};
use tempfile::TempDir;
use tokio::time::Instant;
use tower::ServiceExt;

fn site(doors: Router) -> (TempDir, Router) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("kermesse.toml");
    std::fs::write(&file, "").expect("a file");
    let flags = Flags {
        config: Some(file),
        data_dir: Some(folder.path().join("data")),
        ..Flags::default()
    };
    let (config, _) = Config::load_with(&flags, std::iter::empty()).expect("settings");
    let app = App::open(config, Use::Serve).expect("a site");
    let router = router(&app, Figures::start(), doors);
    (folder, router)
}

async fn answer(router: Router, request: Request) -> (StatusCode, Response<Body>) {
    let response = router.oneshot(request).await.expect("an answer");
    (response.status(), response)
}

fn get_request(path: &str) -> Request {
    Request::get(path)
        .header("host", "localhost")
        .body(Body::empty())
        .expect("a request")
}

#[tokio::test]
async fn the_data_are_of_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _router) = site(Router::new());
    let files = std::fs::read_dir(folder.path().join("data")).expect("the folder");
    let open: Vec<_> = files
        .map(|file| file.expect("a file"))
        .filter(|file| file.file_type().expect("a type").is_file())
        .map(|file| {
            (
                file.file_name(),
                file.metadata().expect("its rights").permissions().mode() & 0o077,
            )
        })
        .collect();
    assert!(open.len() >= 2, "{open:?}");
    assert!(open.iter().all(|(_, rights)| *rights == 0), "{open:?}");
}

#[tokio::test]
async fn whatever_answers_is_protected() {
    let doors = Router::new().route("/", get(|| async { panic!("the secret") as StatusCode }));
    let (_folder, router) = site(doors);
    for (path, expected) in [
        ("/", StatusCode::INTERNAL_SERVER_ERROR),
        ("/health", StatusCode::OK),
        ("/health/live", StatusCode::OK),
        ("/metrics", StatusCode::NOT_FOUND),
        ("/nothing", StatusCode::NOT_FOUND),
    ] {
        let (status, response) = answer(router.clone(), get_request(path)).await;
        assert_eq!(status, expected, "{path}");
        let policies = response.headers().get_all("content-security-policy");
        assert_eq!(policies.iter().count(), 1, "{path}");
    }
    let misdirected = Request::get("/").header("host", "elsewhere.example");
    let request = misdirected.body(Body::empty()).expect("a request");
    assert_eq!(answer(router, request).await.0, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn a_body_is_bounded_unless_its_route_says_otherwise() {
    let size = |body: Bytes| async move { body.len().to_string() };
    let doors = Router::new()
        .route("/small", post(size))
        .route("/upload", post(size).layer(DefaultBodyLimit::max(10 * 1024 * 1024)));
    let (_folder, router) = site(doors);
    for (path, bytes, status) in [
        ("/small", 1024 * 1024, StatusCode::OK),
        ("/small", 1024 * 1024 + 1, StatusCode::PAYLOAD_TOO_LARGE),
        ("/upload", 2 * 1024 * 1024, StatusCode::OK),
    ] {
        let request = Request::post(path)
            .header("host", "localhost")
            .body(Body::from(vec![0; bytes]))
            .expect("a request");
        assert_eq!(answer(router.clone(), request).await.0, status, "{path} {bytes}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_door_that_never_answers_is_given_up() {
    let doors = Router::new().route("/", get(|| async { std::future::pending::<StatusCode>().await }));
    let (_folder, router) = site(doors);
    let begun = Instant::now();
    assert_eq!(
        answer(router, get_request("/")).await.0,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(begun.elapsed().as_secs(), 30);
}
