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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{caller::SiteRole, id::ProfileId, media::model::tests::wanted};
    use uuid::Uuid;

    #[test]
    fn a_picture_is_brought_for_oneself() {
        let (mine, other) = (ProfileId(Uuid::from_u128(1)), ProfileId(Uuid::from_u128(2)));
        let local = |profile| Caller::Local {
            profile,
            site: SiteRole::Administrator,
        };
        assert!(add(&Caller::System, wanted(mine)).is_ok());
        assert!(add(&local(mine), wanted(mine)).is_ok());
        assert!(matches!(
            add(&local(other), wanted(mine)),
            Err(Error::Forbidden(Reason::NotOrganizer))
        ));
        assert!(matches!(
            add(&Caller::Remote { profile: mine }, wanted(mine)),
            Err(Error::Forbidden(Reason::NotOrganizer))
        ));
        assert!(matches!(
            add(&Caller::Anonymous, wanted(mine)),
            Err(Error::Unauthenticated)
        ));
    }
}
