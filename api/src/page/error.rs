//! Why there is no page, as the reader hears of it.

use super::pool::RenderError;
use axum::http::StatusCode;

/// There is no answer, and no old one either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Too much work waits, or the database does not answer: 503, come back.
    #[error("busy")]
    Busy,
    /// A fault of ours: 500.
    #[error("broken")]
    Broken,
}

/// `Retry-After` of [`Failure::Busy`], in seconds.
pub const RETRY_AFTER: &str = "2";

impl Failure {
    /// The status of HTTP.
    pub fn status(self) -> StatusCode {
        match self {
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Busy | RenderError::Stuck => Self::Busy,
            RenderError::Crash(_) => Self::Broken,
        }
    }
}

impl From<domain::Error> for Failure {
    /// For feeds: what is not found or gone is an answer of its own, not a failure.
    fn from(error: domain::Error) -> Self {
        match error {
            domain::Error::Unavailable(_) | domain::Error::RateLimited { .. } => Self::Busy,
            other => {
                tracing::error!(error = %other, "an answer failed");
                Self::Broken
            }
        }
    }
}
