//! Who asks. Built at the door from a session, a signature or the command line; never from user input.

use crate::id::ProfileId;

/// Whoever calls a use case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A reader who is not signed in.
    Anonymous,
    /// Somebody with an account here, acting as one of its profiles.
    Local {
        /// The profile that acts.
        profile: ProfileId,
        /// What the account may do on the whole site.
        site: SiteRole,
    },
    /// A profile of another server, proved by its signature.
    Remote {
        /// The profile that acts.
        profile: ProfileId,
    },
    /// The site itself: the command line, the importer, the scheduler.
    System,
}

impl Caller {
    /// The profile that acts, if it is one.
    pub fn profile(&self) -> Option<ProfileId> {
        match self {
            Self::Local { profile, .. } | Self::Remote { profile } => Some(*profile),
            Self::Anonymous | Self::System => None,
        }
    }
}

/// What an account may do on the whole site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SiteRole {
    /// Nothing beyond its own things.
    Member,
    /// Handles reports.
    Moderator,
    /// Everything.
    Administrator,
}
