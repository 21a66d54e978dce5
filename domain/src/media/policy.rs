//! Who may bring pictures. Pure.

use super::Media;
use crate::{
    access::Granted,
    caller::Caller,
    error::{Error, Reason, Result},
};

/// Bringing a picture.
#[derive(Debug)]
pub struct Add;
/// What the site itself does with a picture: complete it, give it up, remove it.
#[derive(Debug)]
pub struct Tend;

/// Bringing a picture: the site for anybody, a profile for itself.
///
/// # Errors
/// `Unauthenticated`, `Forbidden(NotOrganizer)`.
pub fn add(caller: &Caller, media: Media) -> Result<Granted<Media, Add>> {
    match caller {
        Caller::System => Ok(Granted::new(media)),
        Caller::Anonymous => Err(Error::Unauthenticated),
        Caller::Local { profile, .. } if media.profile_id == Some(*profile) => Ok(Granted::new(media)),
        Caller::Local { .. } | Caller::Remote { .. } => Err(Error::Forbidden(Reason::NotOrganizer)),
    }
}

/// The site's own work on a picture that somebody was allowed to bring.
pub(super) fn tend(media: Media) -> Granted<Media, Tend> {
    Granted::new(media)
}
