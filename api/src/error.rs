//! What people and programs are told when something fails: one table for GraphQL and HTTP.
//!
//! Codes are stable and in snake case; where a client of Mobilizon tests one (`event_not_found`, `group_not_found`) it
//! is that. The cause of a fault of ours is logged with an incident id, and only the id is told.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::error::{Code, Error, FieldError, Reason, What};
use std::fmt;
use uuid::Uuid;

/// One thing that is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// HTTP status, also where the answer's own status is 200.
    pub status: u16,
    /// What it is, for programs.
    pub code: &'static str,
    /// What it is, for people.
    pub message: String,
    /// The field of the input that it is about, camelCase.
    pub field: Option<&'static str>,
    /// Seconds after which to try again.
    pub retry_after: Option<u32>,
}

impl Told {
    /// Something that is told without a failure of a use case behind it.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            field: None,
            retry_after: None,
        }
    }
}

/// What to tell of a failure; one entry for each field of invalid input, at least one in all. Logs it, once: call this
/// at the door only.
pub fn tell(error: &Error) -> Vec<Told> {
    log_as_deserved(error);
    match error {
        Error::Unauthenticated => one(401, "unauthenticated", "You need to be signed in."),
        Error::NotFound(what) => one(404, not_found(*what), format!("{} not found", capital(*what))),
        Error::Gone(what) => one(410, not_found(*what), format!("{} was deleted", capital(*what))),
        Error::Forbidden(reason) => one(403, "unauthorized", sentence(*reason)),
        Error::Invalid(fields) if fields.is_empty() => one(422, "validation", "The input is not valid."),
        Error::Invalid(fields) => fields.iter().map(invalid).collect(),
        Error::Conflict(reason) => one(409, conflict(*reason), sentence(*reason)),
        Error::RateLimited { retry_after } => vec![Told {
            retry_after: Some(*retry_after),
            ..Told::new(429, "rate_limited", too_often(*retry_after))
        }],
        Error::Unavailable(reason) => vec![Told {
            retry_after: Some(5),
            ..Told::new(503, "unavailable", sentence(*reason))
        }],
        Error::Internal(cause) => vec![incident(cause.as_ref())],
    }
}

fn one(status: u16, code: &'static str, message: impl Into<String>) -> Vec<Told> {
    vec![Told::new(status, code, message)]
}

/// The number of a fault of ours: told to who met it, and written in the log beside the cause.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Incident(Uuid);

impl Incident {
    pub(crate) fn new() -> Self {
        Self(Uuid::new_v4())
    }
}

/// Short enough to be read aloud: ten digits.
impl fmt::Display for Incident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.simple().to_string();
        f.write_str(digits.get(..10).unwrap_or(&digits))
    }
}

fn too_often(seconds: u32) -> String {
    let unit = if seconds == 1 { "second" } else { "seconds" };
    format!("Too many requests from your address: wait {seconds} {unit}, then go on more slowly.")
}

fn incident(cause: &(dyn std::error::Error + 'static)) -> Told {
    let incident = Incident::new();
    let causes = std::iter::successors(cause.source(), |error| error.source());
    let causes: Vec<String> = causes.map(ToString::to_string).collect();
    tracing::error!(%incident, error = %cause, ?causes, "a fault of ours");
    let message = format!("Something went wrong here. Tell the administrators this number: {incident}");
    Told::new(500, "internal", message)
}

fn log_as_deserved(error: &Error) {
    match error {
        Error::Internal(_) => {} // logged with its incident
        Error::Unavailable(_) => tracing::warn!(%error, "unavailable"),
        Error::Forbidden(_) | Error::RateLimited { .. } => tracing::info!(%error, "refused"),
        _ => tracing::debug!(%error, "refused"),
    }
}

/// The code of what is missing. Mobilizon's where it has one.
fn not_found(what: What) -> &'static str {
    match what {
        What::Event => "event_not_found",
        What::Series => "series_not_found",
        What::Profile => "profile_not_found",
        What::Group => "group_not_found",
        What::Place => "place_not_found",
        What::Tag => "tag_not_found",
        What::Media => "media_not_found",
        What::CalendarSource => "calendar_source_not_found",
    }
}

fn conflict(reason: Reason) -> &'static str {
    match reason {
        Reason::NotOrganizer => "not_organizer",
        Reason::StaleVersion => "stale_version",
        Reason::NameTaken => "name_taken",
        Reason::Database => "database",
        Reason::Storage => "storage",
        Reason::Busy => "busy",
        Reason::Stopping => "stopping",
        Reason::Remote => "remote",
        Reason::LeaseLost => "lease_lost",
    }
}

fn invalid(error: &FieldError) -> Told {
    let told = Told::new(422, "validation", rule(error.code));
    Told {
        field: Some(error.field),
        ..told
    }
}

fn rule(code: Code) -> String {
    let text = match code {
        Code::Missing => "must not be empty",
        Code::TooLong(most) => return format!("must not be longer than {most}"),
        Code::ControlCharacter => "must not contain control characters",
        Code::Malformed => "cannot be read",
        Code::UnknownZone => "is no time zone that we know; write one like Europe/Brussels",
        Code::Unknown => "has no such value",
        Code::EndsBeforeBegin => "must not lie before the begin",
        Code::NoOccurrence => "has no date",
        Code::RuleRefused => "repeats too often or too long",
        Code::OutOfRange => "lies outside what we keep",
        Code::ForbiddenAddress => "is an address that must not be used",
    };
    text.to_owned()
}

fn capital(what: What) -> String {
    capitalised(&what.to_string())
}

fn sentence(reason: Reason) -> String {
    format!("{}.", capitalised(&reason.to_string()))
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A failure of a handler that answers plain text: feeds, files, addresses that are no page.
#[derive(Debug)]
pub struct HttpError(pub Error);

impl From<Error> for HttpError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let told = tell(&self.0);
        let status = told.first().and_then(|one| StatusCode::from_u16(one.status).ok());
        let retry_after = told.iter().find_map(|one| one.retry_after);
        let lines: Vec<String> = told
            .into_iter()
            .map(|one| {
                one.field
                    .map_or_else(|| one.message.clone(), |field| format!("{field} {}", one.message))
            })
            .collect();
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, lines.join("\n")).into_response();
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_code_and_status() {
        let cases = [
            (Error::Unauthenticated, 401, "unauthenticated"),
            (Error::NotFound(What::Event), 404, "event_not_found"),
            (Error::NotFound(What::Group), 404, "group_not_found"),
            (Error::Gone(What::Event), 410, "event_not_found"),
            (Error::Forbidden(Reason::NotOrganizer), 403, "unauthorized"),
            (FieldError::one("title", Code::Missing), 422, "validation"),
            (Error::Conflict(Reason::StaleVersion), 409, "stale_version"),
            (Error::RateLimited { retry_after: 7 }, 429, "rate_limited"),
            (Error::Unavailable(Reason::Database), 503, "unavailable"),
            (Error::bug("the cause"), 500, "internal"),
        ];
        for (error, status, code) in cases {
            let told = tell(&error);
            assert_eq!((told[0].status, told[0].code), (status, code), "{error}");
        }
    }

    #[test]
    fn the_cause_of_a_fault_is_not_told() {
        let told = tell(&Error::bug("password=hunter2"));
        assert!(!told[0].message.contains("hunter2"));
    }

    #[test]
    fn each_field_of_invalid_input_is_told() {
        let field = |field, code| FieldError { field, code };
        let error = Error::Invalid(vec![
            field("title", Code::Missing),
            field("endsOn", Code::EndsBeforeBegin),
        ]);
        let fields: Vec<_> = tell(&error).into_iter().map(|one| one.field).collect();
        assert_eq!(fields, [Some("title"), Some("endsOn")]);
    }

    #[test]
    fn over_http_a_pause_is_named() {
        let response = HttpError(Error::RateLimited { retry_after: 7 }).into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::RETRY_AFTER], "7");
    }
}
