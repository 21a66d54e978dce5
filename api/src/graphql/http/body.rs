//! What was asked, out of the forms in which clients send it.

mod unique;

use crate::graphql::{Document, Operation};
use axum::http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;

/// The most operations of a batch.
const MOST_OPERATIONS: usize = 10;

/// What was asked.
#[derive(Debug)]
pub(super) enum Asked {
    /// One operation.
    One(Operation),
    /// Several, whose answers come as an array.
    Batch(Vec<Operation>),
}

impl Asked {
    /// How many operations.
    pub(super) fn len(&self) -> u32 {
        match self {
            Self::One(_) => 1,
            Self::Batch(operations) => u32::try_from(operations.len()).unwrap_or(u32::MAX),
        }
    }
}

/// Why a request is no GraphQL request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unreadable {
    /// It cannot be read.
    #[error("{0}")]
    Text(String),
    /// It is of a type that is not taken.
    #[error("{0}")]
    Type(&'static str),
    /// It is longer than this.
    #[error("A request has at most {0} bytes.")]
    TooLarge(usize),
    /// Another site made a browser send it.
    #[error("This was sent from a page of another site.")]
    OtherSite,
}

impl Unreadable {
    fn text(why: impl Into<String>) -> Self {
        Self::Text(why.into())
    }

    fn because(why: &dyn std::error::Error) -> Self {
        Self::Text(why.to_string())
    }
}

/// An operation in the fields of an address, a form or a JSON object.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Fields {
    query: Option<String>,
    /// The hash of a registered operation.
    id: Option<String>,
    /// The same, as others call it.
    document_id: Option<String>,
    operation_name: Option<String>,
    /// An object, or its text.
    variables: Value,
    /// May hold the hash of a registered operation (Apollo): an object, or its text.
    extensions: Value,
}

impl Fields {
    /// The operation.
    ///
    /// # Errors
    /// Where there is none, or the variables are no object.
    pub(super) fn operation(self) -> Result<Operation, Unreadable> {
        let extensions = object("extensions", self.extensions)?;
        let hash = extensions.pointer("/persistedQuery/sha256Hash").and_then(Value::as_str);
        let id = self.id.or(self.document_id).or(hash.map(str::to_owned));
        let document = match (self.query.filter(|query| !query.trim().is_empty()), id) {
            (Some(query), _) => Document::Text(query),
            (None, Some(id)) => Document::Registered(id),
            (None, None) => return Err(Unreadable::text("There is no query in this request.")),
        };
        Ok(Operation {
            document,
            operation_name: self.operation_name,
            variables: object("variables", self.variables)?,
        })
    }
}

/// An object, which may be sent as text; null is none.
fn object(name: &str, value: Value) -> Result<Value, Unreadable> {
    let value = match value {
        Value::String(text) if text.trim().is_empty() => Value::Null,
        Value::String(text) => {
            unique::read(text.as_bytes()).map_err(|why| Unreadable::Text(format!("{name}: {why}")))?
        }
        value => value,
    };
    match value {
        Value::Null | Value::Object(_) => Ok(value),
        _ => Err(Unreadable::Text(format!("{name} must be an object."))),
    }
}

/// The type of a body, without parameters, in lower case.
fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// Whether a body is JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    matches!(
        content_type(headers).as_str(),
        "application/json" | "application/graphql+json"
    )
}

/// Reads a body; `address` are the fields of the address, which go with a document alone.
///
/// # Errors
/// Where it cannot be read, or is of a type that is not taken.
pub(super) fn read(headers: &HeaderMap, address: Fields, body: &[u8]) -> Result<Asked, Unreadable> {
    let is_plain = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all(header::CONTENT_ENCODING).iter().all(is_plain) {
        return Err(Unreadable::Type("Send the body as it is, without Content-Encoding."));
    }
    match content_type(headers).as_str() {
        "application/json" | "application/graphql+json" => json(body),
        "application/x-www-form-urlencoded" => form(body)?.operation().map(Asked::One),
        "application/graphql" => {
            let query = str::from_utf8(body)
                .map_err(|why| Unreadable::because(&why))?
                .to_owned();
            let fields = Fields {
                query: Some(query),
                ..address
            };
            fields.operation().map(Asked::One)
        }
        _ => Err(Unreadable::Type(
            "Send application/json, application/x-www-form-urlencoded or application/graphql.",
        )),
    }
}

fn json(body: &[u8]) -> Result<Asked, Unreadable> {
    let value = unique::read(body).map_err(|why| Unreadable::because(&why))?;
    let fields = |value| {
        serde_json::from_value::<Fields>(value)
            .map_err(|why| Unreadable::because(&why))?
            .operation()
    };
    match value {
        Value::Array(values) if values.len() > MOST_OPERATIONS => Err(Unreadable::Text(format!(
            "A batch has at most {MOST_OPERATIONS} operations."
        ))),
        Value::Array(values) if values.is_empty() => Err(Unreadable::text("This batch is empty.")),
        Value::Array(values) => values
            .into_iter()
            .map(fields)
            .collect::<Result<_, _>>()
            .map(Asked::Batch),
        Value::Object(_) => fields(value).map(Asked::One),
        _ => Err(Unreadable::text("A request is an object or an array of objects.")),
    }
}

/// Fields of a form.
fn form(body: &[u8]) -> Result<Fields, Unreadable> {
    let mut fields = Fields::default();
    let mut seen = HashSet::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        let value = value.into_owned();
        match &*name {
            "query" => fields.query = Some(value),
            "id" => fields.id = Some(value),
            "documentId" => fields.document_id = Some(value),
            "operationName" => fields.operation_name = Some(value),
            "variables" => fields.variables = Value::String(value),
            "extensions" => fields.extensions = Value::String(value),
            _ => continue,
        }
        if !seen.insert(name.clone()) {
            return Err(Unreadable::Text(unique::twice(&name)));
        }
    }
    Ok(fields)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(content_type: &str, body: &str) -> Result<Asked, Unreadable> {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, content_type.parse().unwrap())]);
        read(&headers, Fields::default(), body.as_bytes())
    }

    fn one(content_type: &str, body: &str) -> Operation {
        match asked(content_type, body).unwrap() {
            Asked::One(operation) => operation,
            Asked::Batch(_) => panic!("a batch"),
        }
    }

    #[test]
    fn an_operation_comes_as_json_as_a_form_or_alone() {
        let json = one(
            "application/json; charset=utf-8",
            r#"{"query":"{a}","variables":"{\"b\":1}"}"#,
        );
        let form = one(
            "application/x-www-form-urlencoded",
            "query=%7Ba%7D&variables=%7B%22b%22%3A1%7D&c=d",
        );
        let alone = one("Application/GraphQL", "{a}");
        for operation in [&json, &form, &alone] {
            assert!(matches!(&operation.document, Document::Text(text) if text == "{a}"));
        }
        assert_eq!(json.variables, form.variables);
        assert_eq!(alone.variables, Value::Null);
    }

    #[test]
    fn a_registered_operation_is_named_in_three_ways() {
        for body in [
            r#"{"id":"x"}"#,
            r#"{"documentId":"x","query":""}"#,
            r#"{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"x"}}}"#,
        ] {
            let operation = one("application/json", body);
            assert!(
                matches!(operation.document, Document::Registered(id) if id == "x"),
                "{body}"
            );
        }
    }

    /// Others who read the request, such as a firewall, may take the first, and we the last.
    #[test]
    fn a_name_that_comes_twice_is_refused() {
        for body in [
            r#"{"query":"{a}","query":"{b}"}"#,
            r#"{"query":"{a}","\u0071uery":"{b}"}"#,
            r#"[{"query":"{a}"},{"query":"{a}","query":"{a}"}]"#,
            r#"{"query":"{a}","variables":{"a":[{"b":1,"b":1}]}}"#,
            r#"{"query":"{a}","variables":"{\"a\":1,\"a\":2}"}"#,
        ] {
            let why = asked("application/json", body).unwrap_err().to_string();
            assert!(why.contains("comes twice"), "{body}: {why}");
        }
        let form = asked("application/x-www-form-urlencoded", "query=%7Ba%7D&query=%7Bb%7D");
        assert!(form.unwrap_err().to_string().contains("comes twice"));
        assert!(asked("application/x-www-form-urlencoded", "query=%7Ba%7D&x=1&x=2").is_ok());
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for body in [
            "",
            "1",
            "{}",
            "[]",
            "[1]",
            "{\"query\":1}",
            r#"{"query":"{a}","variables":[]}"#,
        ] {
            assert!(
                matches!(asked("application/json", body), Err(Unreadable::Text(_))),
                "{body}"
            );
        }
        let batch = |length| format!("[{}]", vec![r#"{"query":"{a}"}"#; length].join(","));
        assert!(asked("application/json", &batch(10)).is_ok());
        assert!(asked("application/json", &batch(11)).is_err());
        let deep = format!(r#"{{"query":"{{a}}","variables":{}}}"#, "[".repeat(5_000));
        assert!(asked("application/json", &deep).is_err());
        for other in ["text/plain", "", "multipart/form-data; boundary=x"] {
            assert!(matches!(asked(other, "{a}"), Err(Unreadable::Type(_))), "{other}");
        }
    }
}
