//! Calendars that events are brought from: a file once, or an address that is read again and again.
//!
//! The door reads the bytes and gives them to [`crate::event::import::read`]; [`bring`] writes what came of it, some
//! entries a transaction; [`settle`] looks at what is no longer there. An entry is known by the UID it has in its
//! calendar: brought again it changes what it made, and never what another calendar made. But a calendar that is read again
//! takes over what was brought from a file or an address once, to the same profile.

mod bring;
mod gone;
pub mod job;
mod model;
pub mod policy;
mod store;

pub use bring::{Brought, bring, original};
pub use gone::{clear_gone, settle};
pub use model::{CalendarSource, NewSource};

use crate::{
    caller::Caller,
    change::Change,
    db::Tx,
    error::{Error, Reason, Result, What},
    id::{CalendarSourceId, ProfileId},
    page::PageRequest,
};
use url::Url;

/// The calendar at this address (or of files) for this profile, made where it is missing.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub fn open(tx: &mut Tx<'_>, caller: &Caller, new: NewSource) -> Result<CalendarSource> {
    let new = policy::open(caller, new)?;
    match store::find(tx, new.profile, &new.address())? {
        Some(source) if new.subscribed && !source.subscribed => {
            store::subscribe(tx, source.id, &new)?;
            by_id(tx, source.id)
        }
        Some(source) => Ok(source),
        None => store::insert(tx, &new),
    }
}

/// The calendar with this identifier. For jobs and the command line.
///
/// # Errors
/// `NotFound`.
pub fn by_id(tx: &mut Tx<'_>, id: CalendarSourceId) -> Result<CalendarSource> {
    store::by_id(tx, id)?.ok_or(Error::NotFound(What::CalendarSource))
}

/// A page of the calendars that are read again and again, oldest first: all for the site, a profile's own for it.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub fn subscriptions(tx: &mut Tx<'_>, caller: &Caller, page: PageRequest) -> Result<Vec<CalendarSource>> {
    let of = match caller {
        Caller::System => None,
        Caller::Local { profile, .. } => Some(*profile),
        Caller::Anonymous => return Err(Error::Unauthenticated),
        Caller::Remote { .. } => return Err(Error::Forbidden(Reason::NotOrganizer)),
    };
    store::subscriptions(tx, of, page)
}

/// Ends the reading of the calendar at this address for this profile. What it brought stays as it is.
///
/// # Errors
/// `NotFound` where it is not subscribed to; `Unauthenticated`, `Forbidden`.
pub fn unsubscribe(tx: &mut Tx<'_>, caller: &Caller, profile: ProfileId, url: &Url) -> Result<CalendarSource> {
    let source = store::find(tx, profile, url.as_str())?
        .filter(|source| source.subscribed)
        .ok_or(Error::NotFound(What::CalendarSource))?;
    let source = policy::end(caller, source)?;
    store::end(tx, &source)?;
    tx.emit(caller, &Change::CalendarEnded(source.id, source.profile_id))?;
    by_id(tx, source.id)
}

/// What a server said of the version that was read, to ask again with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Version {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}

/// Notes that a calendar was read to its end.
///
/// # Errors
/// Those of the database.
pub fn record_read(tx: &mut Tx<'_>, source: &CalendarSource, version: &Version) -> Result<()> {
    store::record_read(tx, source.id, version)?;
    tx.emit(&Caller::System, &Change::CalendarRead(source.id, source.profile_id))
}

/// Notes that a calendar could not be read, and why, in a stable word.
///
/// # Errors
/// Those of the database.
pub fn record_failure(tx: &mut Tx<'_>, source: CalendarSourceId, why: &str) -> Result<()> {
    store::record_failure(tx, source, why)
}

#[cfg(test)]
mod tests;
