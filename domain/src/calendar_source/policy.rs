//! Who may bring events from calendars. Pure.

use super::{CalendarSource, NewSource};
use crate::{
    access::Granted,
    caller::Caller,
    error::{Error, Reason, Result},
    id::ProfileId,
};

/// Bringing events from a calendar.
#[derive(Debug)]
pub struct Open;

/// Ending a subscription.
#[derive(Debug)]
pub struct End;

/// The site for anybody, a profile for itself.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub fn open(caller: &Caller, new: NewSource) -> Result<Granted<NewSource, Open>> {
    acts_for(caller, new.profile).map(|()| Granted::new(new))
}

/// Who may bring a calendar may end its being read.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub fn end(caller: &Caller, source: CalendarSource) -> Result<Granted<CalendarSource, End>> {
    acts_for(caller, source.profile_id).map(|()| Granted::new(source))
}

fn acts_for(caller: &Caller, of: ProfileId) -> Result<()> {
    match caller {
        Caller::System => Ok(()),
        Caller::Local { profile, .. } if *profile == of => Ok(()),
        Caller::Anonymous => Err(Error::Unauthenticated),
        Caller::Local { .. } | Caller::Remote { .. } => Err(Error::Forbidden(Reason::NotOrganizer)),
    }
}
