//! What pages ask of the API: one registered query, answered in this process.
//!
//! The caller is a value beside the query, given by who renders the page; it never travels in a header or a cookie.

use async_trait::async_trait;
use domain::{caller::Caller, db::Seen};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

/// Where pages send their queries.
const PATH: &str = "/api";

/// A registered query and its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The hash of the document: a key of `operations.json`.
    pub id: String,
    /// The values of its variables: an object, or null.
    pub variables: Value,
}

/// What a query answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status of HTTP.
    pub status: u16,
    /// JSON: `{"data":…,"errors":…}`.
    pub body: String,
}

/// The API, as pages reach it.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Answers a query of a page that `caller` reads, and notes in `seen` what was read for it.
    ///
    /// It runs on the render thread, where reads of the database run inline, and is dropped after the time of a fetch.
    async fn run(&self, query: Query, caller: Caller, seen: Seen) -> Answer;
}

/// What the engine's `fetch` sends.
#[derive(Deserialize)]
struct Request {
    url: String,
    method: String,
    body: Option<String>,
}

#[derive(Deserialize)]
struct Posted {
    id: String,
    #[serde(default)]
    variables: Value,
}

impl Query {
    /// Reads a request of the engine's `fetch`. `None`: it is no registered query, and nothing else is answered.
    pub(super) fn read(request: &str) -> Option<Self> {
        let Request { url, method, body } = serde_json::from_str(request).ok()?;
        // Kit sends whole addresses; only what comes after the host says anything here.
        let url = Url::parse("http://site.invalid").ok()?.join(&url).ok()?;
        if url.path() != PATH {
            return None;
        }
        match method.as_str() {
            "GET" => Self::from_address(&url),
            "POST" => {
                let Posted { id, variables } = serde_json::from_str(&body?).ok()?;
                Some(Self { id, variables })
            }
            _ => None,
        }
    }

    fn from_address(url: &Url) -> Option<Self> {
        let value = |name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, value)| value);
        let variables = value("variables").map(|text| serde_json::from_str(&text)).transpose();
        Some(Self {
            id: value("id")?.into_owned(),
            variables: variables.ok()?.unwrap_or_default(),
        })
    }
}

impl Answer {
    /// An answer without data.
    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            body: "{}".to_owned(),
        }
    }

    /// As the engine's `fetch` reads it.
    pub(super) fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct Reply<'a> {
            status: u16,
            headers: [(&'a str, &'a str); 1],
            body: &'a str,
        }
        let reply = Reply {
            status: self.status,
            headers: [("content-type", "application/json")],
            body: &self.body,
        };
        serde_json::to_string(&reply).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(method: &str, url: &str, body: Option<&str>) -> Option<Query> {
        let request = json!({ "url": url, "method": method, "headers": [], "body": body });
        Query::read(&request.to_string())
    }

    #[test]
    fn a_registered_query_is_an_identifier_and_values() {
        let expected = Query {
            id: "sha256:1".to_owned(),
            variables: json!({ "a": 1 }),
        };
        for url in ["/api", "https://fete.example/api", "//elsewhere.example/api"] {
            let got = read("GET", &format!("{url}?id=sha256%3A1&variables=%7B%22a%22%3A1%7D"), None);
            assert_eq!(got.as_ref(), Some(&expected), "{url}");
        }
        let posted = read("POST", "/api", Some(r#"{"id":"sha256:1","variables":{"a":1}}"#));
        assert_eq!(posted, Some(expected));
        assert_eq!(read("GET", "/api?id=x", None).unwrap().variables, Value::Null);
    }

    #[test]
    fn everything_else_is_refused() {
        assert_eq!(read("GET", "/api?variables={}", None), None);
        assert_eq!(read("GET", "/api?id=1&variables={", None), None);
        assert_eq!(read("GET", "/metrics?id=1", None), None);
        assert_eq!(read("DELETE", "/api?id=1", None), None);
        assert_eq!(read("POST", "/api", None), None);
        assert_eq!(read("POST", "/api", Some(r#"{"query":"{a}"}"#)), None);
        assert_eq!(Query::read("no JSON"), None);
    }
}
