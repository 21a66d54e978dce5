//! `/media/ab/cdef….webp`: the files of pictures.
//!
//! Only names of our own shape are looked up, only the two formats that we write are sent, and a browser is told to run
//! nothing of them. A name never gets other bytes, so that caches need not ask again; they forget after a day, because a
//! picture that was removed must be gone everywhere soon.

use super::headers::{POLICY_OF_MEDIA, open_to_other_sites};
use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use bytes::Bytes;
use domain::{file::FileKey, ports::FileStore};
use std::sync::Arc;

const CACHED: &str = "public, max-age=86400, immutable";

/// Serves the files of `files`.
pub fn router(files: Arc<dyn FileStore>) -> Router {
    Router::new()
        .route("/media/{folder}/{name}", get(file))
        .with_state(files)
}

async fn file(
    State(files): State<Arc<dyn FileStore>>,
    Path((folder, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let Some(key) = FileKey::parse(&format!("{folder}/{name}")) else {
        return refused(StatusCode::NOT_FOUND);
    };
    match files.get(&key).await {
        Ok(Some(bytes)) => found(&key, bytes, &headers),
        Ok(None) => refused(StatusCode::NOT_FOUND),
        Err(_logged) => refused(StatusCode::SERVICE_UNAVAILABLE),
    }
}

fn found(key: &FileKey, bytes: Bytes, asked: &HeaderMap) -> Response {
    let tag = format!("\"{key}\"");
    let has_it = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .any(|known| known.to_str().is_ok_and(|known| known.contains(&tag)));
    let (status, body) = if has_it {
        (StatusCode::NOT_MODIFIED, Bytes::new())
    } else {
        (StatusCode::OK, bytes)
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    secure(headers);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(key.format().content_type()),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(CACHED));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

fn refused(status: StatusCode) -> Response {
    let mut response = status.into_response();
    secure(response.headers_mut());
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Pictures may be shown by other sites (previews, other servers); nothing in them runs.
fn secure(headers: &mut HeaderMap) {
    open_to_other_sites(headers);
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY_OF_MEDIA),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use axum::{body::Body, http::Request};
    use domain::error::{Error, Reason, Result};
    use tower::ServiceExt;

    const KEPT: &str = "0a/2b7d4f8a9c1e3b5d7f9a0b2c4d6e8f.webp";

    /// One file, and a disk that fails for names that begin with `ff`.
    struct OneFile;

    #[async_trait]
    impl FileStore for OneFile {
        async fn put(&self, _: &FileKey, _: Bytes) -> Result<()> {
            Ok(())
        }
        async fn get(&self, key: &FileKey) -> Result<Option<Bytes>> {
            if key.as_str().starts_with("ff") {
                return Err(Error::Unavailable(Reason::Storage));
            }
            Ok((key.as_str() == KEPT).then(|| Bytes::from_static(b"picture")))
        }
        async fn delete(&self, _: &FileKey) -> Result<()> {
            Ok(())
        }
    }

    async fn ask(request: axum::http::request::Builder) -> Response {
        let request = request.body(Body::empty()).unwrap();
        router(Arc::new(OneFile)).oneshot(request).await.unwrap()
    }

    async fn bytes(response: Response) -> Bytes {
        axum::body::to_bytes(response.into_body(), 1_000).await.unwrap()
    }

    fn header<'r>(response: &'r Response, name: &str) -> &'r str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn a_file_is_sent_as_what_it_is_whatever_is_asked_for() {
        let request = Request::get(format!("/media/{KEPT}")).header("Accept", "application/activity+json");
        let response = ask(request).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(header(&response, "content-type"), "image/webp");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_eq!(
            header(&response, "content-security-policy"),
            "sandbox; default-src 'none'"
        );
        assert_eq!(header(&response, "cross-origin-resource-policy"), "cross-origin");
        assert_eq!(header(&response, "cache-control"), "public, max-age=86400, immutable");
        assert_eq!(bytes(response).await, "picture");
    }

    #[tokio::test]
    async fn who_has_it_is_not_sent_it_again() {
        let first = ask(Request::get(format!("/media/{KEPT}"))).await;
        let tag = header(&first, "etag").to_owned();
        let again = ask(Request::get(format!("/media/{KEPT}")).header("If-None-Match", &tag)).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(header(&again, "etag"), tag);
        assert!(bytes(again).await.is_empty());
    }

    #[tokio::test]
    async fn what_is_not_ours_is_not_looked_for() {
        for path in [
            "/media/0a/2b7d4f8a9c1e3b5d7f9a0b2c4d6e8f.jpg",
            "/media/0a/2b7d4f8a9c1e3b5d7f9a0b2c4d6e8f.svg",
            "/media/0a/..%2f..%2fsecret.key",
            "/media/..%2f/kermesse.sqlite3",
            "/media/0a/%00.webp",
            "/media/0a/",
        ] {
            let response = ask(Request::get(path)).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
        let missing = ask(Request::get("/media/0b/2b7d4f8a9c1e3b5d7f9a0b2c4d6e8f.webp")).await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
        assert_eq!(header(&missing, "cache-control"), "no-store");
        let post = ask(Request::post(format!("/media/{KEPT}"))).await;
        assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[tokio::test]
    async fn a_disk_that_fails_is_no_missing_file() {
        let response = ask(Request::get("/media/ff/2b7d4f8a9c1e3b5d7f9a0b2c4d6e8f.webp")).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(header(&response, "cache-control"), "no-store");
    }
}
