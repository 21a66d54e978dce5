//! Who may bring events from calendars. Pure.

use super::NewSource;
use crate::{
    access::Granted,
    caller::Caller,
    error::{Error, Reason, Result},
};

/// Bringing events from a calendar.
#[derive(Debug)]
pub struct Open;

/// The site for anybody, a profile for itself.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub fn open(caller: &Caller, new: NewSource) -> Result<Granted<NewSource, Open>> {
    match caller {
        Caller::System => Ok(Granted::new(new)),
        Caller::Local { profile, .. } if *profile == new.profile => Ok(Granted::new(new)),
        Caller::Anonymous => Err(Error::Unauthenticated),
        Caller::Local { .. } | Caller::Remote { .. } => Err(Error::Forbidden(Reason::NotOrganizer)),
    }
}
