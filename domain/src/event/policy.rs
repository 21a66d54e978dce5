//! Who may do what to events. Pure: tables of caller and standing.

use super::model::{Content, Event, NewEvent, State, Visibility};
use crate::{
    access::{Granted, Standing},
    caller::{Caller, SiteRole},
    error::{Error, Reason, Result, What},
};

/// Announcing an event.
#[derive(Debug)]
pub struct Create;
/// Changing an event.
#[derive(Debug)]
pub struct Edit;

/// What a caller is to an event.
pub fn standing(caller: &Caller, event: &Event) -> Standing {
    Standing::of(caller, &[Some(event.organizer_id), event.group_id])
}

/// Reading an event.
///
/// # Errors
/// `NotFound` where it may not be seen; `Gone` where it was deleted and was public.
pub fn view(event: &Event, standing: Standing) -> Result<()> {
    let insider = matches!(standing, Standing::System | Standing::Owner);
    let open = matches!(event.visibility, Visibility::Public | Visibility::Unlisted);
    match event.state {
        State::Deleted if open || insider => Err(Error::Gone(What::Event)),
        State::Published if open || insider => Ok(()),
        State::Draft if insider => Ok(()),
        State::Draft | State::Published | State::Deleted => Err(super::model::not_found()),
    }
}

/// Announcing an event: the site for anybody, a profile for itself.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub fn create(caller: &Caller, new: NewEvent) -> Result<Granted<NewEvent, Create>> {
    match caller {
        Caller::System => Ok(Granted::new(new)),
        Caller::Anonymous => Err(Error::Unauthenticated),
        Caller::Local { profile, .. }
            if *profile == new.organizer && new.group.is_none_or(|group| group == *profile) =>
        {
            Ok(Granted::new(new))
        }
        Caller::Local { .. } | Caller::Remote { .. } => Err(Error::Forbidden(Reason::NotOrganizer)),
    }
}

/// Changing, cancelling or deleting an event.
///
/// # Errors
/// As [`view`], then `Unauthenticated`, `Forbidden(NotOrganizer)`.
pub fn edit(caller: &Caller, event: Event, standing: Standing) -> Result<Granted<Event, Edit>> {
    view(&event, standing)?;
    match (caller, standing) {
        (_, Standing::System | Standing::Owner)
        | (
            Caller::Local {
                site: SiteRole::Administrator,
                ..
            },
            Standing::Stranger,
        ) => Ok(Granted::new(event)),
        (Caller::Anonymous, _) => Err(Error::Unauthenticated),
        _ => Err(Error::Forbidden(Reason::NotOrganizer)),
    }
}

/// The caller's proof for rows that a series makes of itself: the right to the series was proved before.
pub(super) fn of_series(event: Event, _series: &Granted<super::series::Series, Edit>) -> Granted<Event, Edit> {
    Granted::new(event)
}

/// Changing a series: as its events.
///
/// # Errors
/// `Unauthenticated`, `Forbidden(NotOrganizer)`.
pub fn edit_series(caller: &Caller, series: super::series::Series) -> Result<Granted<super::series::Series, Edit>> {
    match (
        caller,
        Standing::of(caller, &[Some(series.organizer_id), series.group_id]),
    ) {
        (_, Standing::System | Standing::Owner)
        | (
            Caller::Local {
                site: SiteRole::Administrator,
                ..
            },
            Standing::Stranger,
        ) => Ok(Granted::new(series)),
        (Caller::Anonymous, _) => Err(Error::Unauthenticated),
        _ => Err(Error::Forbidden(Reason::NotOrganizer)),
    }
}

/// Reading what the occurrences of a series have in common: as an event with that content.
///
/// # Errors
/// `NotFound`.
pub fn view_series(content: &Content, standing: Standing) -> Result<()> {
    let insider = matches!(standing, Standing::System | Standing::Owner);
    let open = matches!(content.visibility, Visibility::Public | Visibility::Unlisted);
    if insider || (open && content.state == State::Published) {
        Ok(())
    } else {
        Err(Error::NotFound(What::Series))
    }
}
