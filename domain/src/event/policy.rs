//! Who may do what to events. Pure: tables of caller and standing.

use super::{
    model::{Content, Event, NewEvent, State, Visibility},
    series::Series,
};
use crate::{
    access::{Granted, Standing},
    caller::{Caller, SiteRole},
    error::{Error, Reason, Result, What},
    id::ProfileId,
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
    seen(What::Event, event.state, event.visibility, standing)
}

/// What may not be seen is not there; of what was deleted, only who could see it hears.
fn seen(what: What, state: State, visibility: Visibility, standing: Standing) -> Result<()> {
    let insider = matches!(standing, Standing::System | Standing::Owner);
    let open = matches!(visibility, Visibility::Public | Visibility::Unlisted);
    match state {
        State::Deleted if open || insider => Err(Error::Gone(what)),
        State::Published if open || insider => Ok(()),
        State::Draft if insider => Ok(()),
        State::Draft | State::Published | State::Deleted => Err(Error::NotFound(what)),
    }
}

/// Announcing an event: the site for anybody, a profile for itself.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub fn create(caller: &Caller, new: NewEvent) -> Result<Granted<NewEvent, Create>> {
    for_oneself(caller, new.organizer, new.group)?;
    Ok(Granted::new(new))
}

/// Announcing a series: as an event.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub fn create_series(caller: &Caller, new: Series) -> Result<Granted<Series, Edit>> {
    for_oneself(caller, new.organizer_id, new.group_id)?;
    Ok(Granted::new(new))
}

fn for_oneself(caller: &Caller, organizer: ProfileId, group: Option<ProfileId>) -> Result<()> {
    match caller {
        Caller::System => Ok(()),
        Caller::Anonymous => Err(Error::Unauthenticated),
        Caller::Local { profile, .. } if *profile == organizer && group.is_none_or(|group| group == *profile) => Ok(()),
        Caller::Local { .. } | Caller::Remote { .. } => Err(Error::Forbidden(Reason::NotOrganizer)),
    }
}

/// Changing, cancelling or deleting an event.
///
/// # Errors
/// As [`view`], then `Unauthenticated`, `Forbidden(NotOrganizer)`.
pub fn edit(caller: &Caller, event: Event, standing: Standing) -> Result<Granted<Event, Edit>> {
    view(&event, standing)?;
    organizes(caller, standing)?;
    Ok(Granted::new(event))
}

/// Whose it is, the site, and its administrators; of what is not open, they do not even know.
fn organizes(caller: &Caller, standing: Standing) -> Result<()> {
    match (caller, standing) {
        (_, Standing::System | Standing::Owner)
        | (
            Caller::Local {
                site: SiteRole::Administrator,
                ..
            },
            Standing::Stranger,
        ) => Ok(()),
        (Caller::Anonymous, _) => Err(Error::Unauthenticated),
        _ => Err(Error::Forbidden(Reason::NotOrganizer)),
    }
}

/// What a caller is to a series.
pub fn standing_of_series(caller: &Caller, series: &Series) -> Standing {
    Standing::of(caller, &[Some(series.organizer_id), series.group_id])
}

/// Reading what the dates of a series have in common: as an event with that content.
///
/// # Errors
/// As [`view`].
pub fn view_series(series: &Series, standing: Standing) -> Result<()> {
    let Content { state, visibility, .. } = &series.template.0;
    seen(What::Series, *state, *visibility, standing)
}

/// Changing or ending a series: as its events.
///
/// # Errors
/// As [`view_series`], then `Unauthenticated`, `Forbidden(NotOrganizer)`.
pub fn edit_series(caller: &Caller, series: Series, standing: Standing) -> Result<Granted<Series, Edit>> {
    view_series(&series, standing)?;
    organizes(caller, standing)?;
    Ok(Granted::new(series))
}

/// The caller's proof for rows that a series makes of itself: the right to the series was proved before.
pub(super) fn of_series(event: Event, _series: &Granted<Series, Edit>) -> Granted<Event, Edit> {
    Granted::new(event)
}

/// The caller's proof for the series that goes on from one which it may change, whatever it hides of it.
pub(super) fn going_on(later: Series, _from: &Granted<Series, Edit>) -> Granted<Series, Edit> {
    Granted::new(later)
}
