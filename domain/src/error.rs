//! What can go wrong, in few kinds. Reasons are enums: their words are translated where people read them, never here.
//!
//! "Not visible" is [`Error::NotFound`], the same answer as "does not exist".

use std::fmt;

/// The result of every use case.
pub type Result<T> = std::result::Result<T, Error>;

/// The kinds of failure. One table in each door turns them into GraphQL codes and HTTP statuses.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller must sign in first.
    #[error("not signed in")]
    Unauthenticated,
    /// There is none, or the caller may not know of it.
    #[error("{0} not found")]
    NotFound(What),
    /// There was one, and it was deleted.
    #[error("{0} is gone")]
    Gone(What),
    /// The caller sees it and may not do this to it.
    #[error("refused: {0}")]
    Forbidden(Reason),
    /// The input breaks rules, field by field.
    #[error("invalid input: {}", FieldError::list(.0))]
    Invalid(Vec<FieldError>),
    /// It was right when asked and is no longer.
    #[error("conflict: {0}")]
    Conflict(Reason),
    /// Too often; try again after so many seconds.
    #[error("too many requests")]
    RateLimited {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// Something that this needs does not answer at the moment.
    #[error("unavailable: {0}")]
    Unavailable(Reason),
    /// A fault of ours. The cause is logged and never shown.
    #[error("internal: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The things that can be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum What {
    Event,
    Series,
    Profile,
    Group,
    Place,
    Tag,
    Media,
    CalendarSource,
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Event => "event",
            Self::Series => "series",
            Self::Profile => "profile",
            Self::Group => "group",
            Self::Place => "place",
            Self::Tag => "tag",
            Self::Media => "media",
            Self::CalendarSource => "calendar source",
        })
    }
}

/// Why something was refused or did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Only who organizes it may do this.
    NotOrganizer,
    /// Somebody saved another version in the meantime.
    StaleVersion,
    /// The name is taken.
    NameTaken,
    /// The database does not answer, or its disk is full.
    Database,
    /// Files cannot be kept or read: the disk is full or refuses.
    Storage,
    /// More work waits than can be done soon.
    Busy,
    /// The program is stopping.
    Stopping,
    /// A remote server does not answer as it should.
    Remote,
    /// Several nodes hold the same job; another one finished it.
    LeaseLost,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotOrganizer => "only who organizes it may do this",
            Self::StaleVersion => "it was changed in the meantime; load it again",
            Self::NameTaken => "the name is taken",
            Self::Database => "the database does not answer",
            Self::Storage => "files cannot be kept at the moment",
            Self::Busy => "too much work is waiting; try again in a moment",
            Self::Stopping => "the server is stopping",
            Self::Remote => "the other server does not answer as it should",
            Self::LeaseLost => "another node finished this job",
        })
    }
}

/// One field that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Path of the field in the input, camelCase: `beginsOn`.
    pub field: &'static str,
    /// Which rule.
    pub code: Code,
}

impl FieldError {
    /// A single broken rule, as an error.
    pub fn one(field: &'static str, code: Code) -> Error {
        Error::Invalid(vec![Self { field, code }])
    }

    fn list(errors: &[Self]) -> String {
        errors
            .iter()
            .map(|one| format!("{} {:?}", one.field, one.code))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// The rules that a field can break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// Nothing was given.
    Missing,
    /// More characters or entries than allowed; the number is the limit.
    TooLong(u32),
    /// It contains control characters.
    ControlCharacter,
    /// It cannot be read as what it should be.
    Malformed,
    /// No such time zone.
    UnknownZone,
    /// No such value.
    Unknown,
    /// The end lies before the begin.
    EndsBeforeBegin,
    /// The rule of repetition has no date.
    NoOccurrence,
    /// A rule of repetition that we refuse (too dense or too long).
    RuleRefused,
    /// Outside the range of dates or numbers that we keep.
    OutOfRange,
    /// An address that must not be fetched or shown.
    ForbiddenAddress,
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind, Error as Db};
        match &error {
            Db::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::SerializationFailure, _) => {
                tracing::warn!(%error, "the database does not answer");
                Self::Unavailable(Reason::Database)
            }
            Db::BrokenTransactionManager => Self::Unavailable(Reason::Database), // logged where it broke
            Db::DatabaseError(_, info) if is_passing(info.message()) => {
                tracing::error!(%error, "the database refuses");
                Self::Unavailable(Reason::Database)
            }
            _ => Self::Internal(Box::new(error)),
        }
    }
}

/// Whether it is the state of the database or its disk, not the statement. Neither library has a code for all of these.
fn is_passing(message: &str) -> bool {
    [
        // SQLite
        "disk is full",
        "disk I/O error",
        "database is locked",
        "readonly database",
        // PostgreSQL
        "No space left",
        "server closed the connection",
        "terminating connection",
        "no connection to the server",
        "the database system is",
        "too many clients",
        "deadlock detected",
        "canceling statement due to",
        "read-only transaction",
    ]
    .iter()
    .any(|text| message.contains(text))
}

/// A fault of ours that has no cause of its own.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Bug(pub String);

impl Error {
    /// A fault of ours, in words for the log.
    pub fn bug(text: impl Into<String>) -> Self {
        Self::Internal(Box::new(Bug(text.into())))
    }

    /// A fault of ours with its cause.
    pub fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal(Box::new(cause))
    }
}
