//! Answers on the wire: the library's, with errors in the shape that Mobilizon's clients read.
//!
//! `code`, `status_code` and `field` stand at the top level of each error, as Mobilizon has them, and once more under
//! `extensions`, where the specification wants them.

use crate::error::{Told, tell};
use async_graphql::{Name, PathSegment, Pos, Response, ServerError, Value, indexmap::IndexMap};
use bytes::Bytes;
use domain::Error;
use serde::Serialize;

/// More errors are not told: a list of a hundred things fails a hundred times.
const MOST_ERRORS: usize = 20;

/// An answer to one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// 200, unless the request could not be read at all.
    pub status: u16,
    /// JSON.
    pub body: Bytes,
    /// Whether there are errors in it.
    pub is_error: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ErrorBody<'a>>,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    message: String,
    #[serde(skip_serializing_if = "<[Pos]>::is_empty")]
    locations: &'a [Pos],
    #[serde(skip_serializing_if = "<[PathSegment]>::is_empty")]
    path: &'a [PathSegment],
    #[serde(flatten)]
    kind: Kind,
    extensions: Kind,
}

#[derive(Clone, Copy, Serialize)]
struct Kind {
    code: &'static str,
    status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

impl Answer {
    /// The answer of the library.
    pub(super) fn of(mut response: Response) -> Self {
        for error in &response.errors {
            complete(&mut response.data, &error.path);
        }
        let errors: Vec<ErrorBody<'_>> = response.errors.iter().flat_map(bodies).take(MOST_ERRORS).collect();
        // A request that was refused as a whole has no data, not even null (specification §7.1.1).
        let was_executed = response.errors.is_empty() || response.errors.iter().any(|error| !error.path.is_empty());
        let data = was_executed.then_some(&response.data);
        Self::new(200, &Body { data, errors })
    }

    /// The answer to a request that was refused as a whole.
    pub(super) fn refusal(status: u16, told: Told) -> Self {
        let errors = vec![body(told, &[], &[])];
        Self::new(status, &Body { data: None, errors })
    }

    /// The answer to a request during which something failed that no field is to blame for.
    pub(super) fn failure(error: &Error) -> Self {
        let errors = tell(error).into_iter().map(|told| body(told, &[], &[])).collect();
        Self::new(
            200,
            &Body {
                data: Some(&Value::Null),
                errors,
            },
        )
    }

    fn new(status: u16, body: &Body<'_>) -> Self {
        // Values that came out of the library are JSON; were they not, an empty body would tell.
        let bytes = serde_json::to_vec(body).unwrap_or_default();
        Self {
            status,
            body: bytes.into(),
            is_error: !body.errors.is_empty(),
        }
    }
}

/// Writes the null of a field that failed: the library leaves the field out (specification §6.4.4).
fn complete(data: &mut Value, path: &[PathSegment]) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    match (data, first) {
        (data @ Value::Null, PathSegment::Field(_)) => {
            // Every field of this object failed.
            *data = Value::Object(IndexMap::new());
            complete(data, path);
        }
        (Value::Object(fields), PathSegment::Field(name)) => {
            complete(fields.entry(Name::new(name)).or_insert(Value::Null), rest);
        }
        (Value::List(items), PathSegment::Index(index)) => {
            if let Some(item) = items.get_mut(*index) {
                complete(item, rest);
            }
        }
        _ => {}
    }
}

fn bodies(error: &ServerError) -> Vec<ErrorBody<'_>> {
    told(error)
        .into_iter()
        .map(|told| body(told, &error.locations, &error.path))
        .collect()
}

fn body<'a>(told: Told, locations: &'a [Pos], path: &'a [PathSegment]) -> ErrorBody<'a> {
    let kind = Kind {
        code: told.code,
        status_code: told.status,
        field: told.field,
    };
    ErrorBody {
        message: told.message,
        locations,
        path,
        kind,
        extensions: kind,
    }
}

/// Failures of use cases travel inside the library's errors.
fn told(error: &ServerError) -> Vec<Told> {
    if let Some(cause) = error.source::<Error>() {
        return tell(cause);
    }
    let code = if error.path.is_empty() {
        "invalid_document"
    } else {
        "invalid_argument"
    };
    vec![Told::new(400, code, error.message.clone())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_failed_is_null_and_not_left_out() {
        let path = [
            PathSegment::Field("a".into()),
            PathSegment::Index(1),
            PathSegment::Field("b".into()),
        ];
        let after = |json: &str, path: &[PathSegment]| {
            let mut value: Value = serde_json::from_str(json).unwrap();
            complete(&mut value, path);
            serde_json::to_string(&value).unwrap()
        };
        assert_eq!(
            after(r#"{"a":[{"b":1},{"c":2}]}"#, &path),
            r#"{"a":[{"b":1},{"c":2,"b":null}]}"#
        );
        assert_eq!(after(r#"{"a":[{"b":1},null]}"#, &path), r#"{"a":[{"b":1},{"b":null}]}"#);
        assert_eq!(after("null", &path[..1]), r#"{"a":null}"#);
        assert_eq!(after(r#"{"a":[]}"#, &path), r#"{"a":[]}"#);
        assert_eq!(after(r#"{"a":1}"#, &path), r#"{"a":1}"#);
    }
}
