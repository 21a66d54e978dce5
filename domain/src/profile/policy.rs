//! Who may do what to profiles. Pure.

use super::{Kind, NewProfile};
use crate::{
    access::Granted,
    caller::Caller,
    error::{Error, Reason, Result},
};

/// Making a profile.
#[derive(Debug)]
pub struct Create;

/// The site may make profiles, but for its own, which is [`site`]'s.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub fn create(caller: &Caller, new: NewProfile) -> Result<Granted<NewProfile, Create>> {
    match caller {
        Caller::System if new.kind != Kind::Application => Ok(Granted::new(new)),
        Caller::Anonymous => Err(Error::Unauthenticated),
        Caller::System | Caller::Local { .. } | Caller::Remote { .. } => Err(Error::Forbidden(Reason::NotOrganizer)),
    }
}

/// The start of the program makes the site's own actor, for nobody else.
pub(super) fn site(new: NewProfile) -> Granted<NewProfile, Create> {
    Granted::new(new)
}
