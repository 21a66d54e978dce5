//! Pictures: re-encoded without metadata, in several widths, under names of ours that never change.
//!
//! A picture is a row first: [`want`] for one of another server, [`reserve`] for one whose bytes are here. An event may
//! point to it at once; readers see it when it is ready. What lies between is work outside the database, done by a
//! worker in three steps:
//!
//! ```text
//! media.fetch   prepare(tx, id)            what to fetch; None: no longer wanted
//!               web.fetch, pictures.render, files.put for each of files::to_keep
//!               record_ready | record_failed, and job::finish, in one transaction
//! media.remove  files.delete for each of files::every_key, then job::finish
//! ```
//!
//! A failure that passes (see `is_lasting` of the errors) is left to the job's next try; the last one is recorded.

pub mod files;
pub mod job;
mod model;
pub mod policy;
mod store;
#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use model::tests::wanted as wanted_by;
pub use model::{Files, Media, MediaFile, Status};

use crate::{
    caller::Caller,
    change::Change,
    db::Tx,
    error::{Code, Error, FieldError, Result, What},
    file::FileKey,
    id::{MediaId, ProfileId},
    job::enqueue,
    ports::{Fetch, Picture},
    text::PlainText,
    web,
};
use job::RemoveFiles;
use std::time::Duration;
use url::Url;

/// The most bytes of a picture from outside.
pub const MOST_BYTES: usize = 10 * 1024 * 1024;
/// For fetching a picture.
const FETCH_TIME: Duration = Duration::from_secs(15);
/// Seconds after which a picture that nothing shows is removed.
const UNATTACHED: i64 = 24 * 3600;
/// Seconds after which a picture that could not be had is forgotten, so that it may be wanted again.
const FAILED: i64 = 7 * 24 * 3600;

/// The pictures with these identifiers that can be shown, in any order; others are left out.
///
/// # Errors
/// Those of the database.
pub fn by_ids(tx: &mut Tx<'_>, ids: &[MediaId]) -> Result<Vec<Media>> {
    let mut found = store::by_ids(tx, ids)?;
    found.retain(|media| media.status == Status::Ready);
    Ok(found)
}

/// The picture with this identifier, if it can be shown.
///
/// # Errors
/// `NotFound`.
pub fn by_id(tx: &mut Tx<'_>, id: MediaId) -> Result<Media> {
    by_ids(tx, &[id])?.pop().ok_or(Error::NotFound(What::Media))
}

/// The address under which a picture that a calendar or a page names is fetched: by `https:` only; `None` where it is not
/// fetched at all. An event is no worse for a picture that is not had: leave it out then.
pub fn fetchable(named: &Url) -> Option<Url> {
    let url = web::fetchable("picture", named.as_str()).ok()?;
    web::check(&url).is_ok().then_some(url)
}

/// Wants a picture of another server for a profile: it is fetched soon. The same address gives the same picture.
///
/// # Errors
/// `Invalid(picture: ForbiddenAddress)` for an address that [`fetchable`] would not give; `Unauthenticated`, `Forbidden`.
pub fn want(tx: &mut Tx<'_>, caller: &Caller, source: &Url, alt: PlainText, profile: ProfileId) -> Result<MediaId> {
    if web::check(source).is_err() {
        return Err(FieldError::one("picture", Code::ForbiddenAddress));
    }
    let new = policy::add(caller, Media::wanted(tx, profile, alt, Some(source)))?;
    if let Some(known) = store::by_source(tx, profile, source.as_str())? {
        return Ok(known);
    }
    store::insert(tx, &new)?;
    tx.emit(caller, &Change::PictureWanted(new.id))?;
    Ok(new.id)
}

/// The row of a picture whose bytes are here and will be kept under it: [`record_ready`] completes it.
///
/// # Errors
/// `Unauthenticated`, `Forbidden`.
pub fn reserve(tx: &mut Tx<'_>, caller: &Caller, alt: PlainText, profile: ProfileId) -> Result<MediaId> {
    let new = policy::add(caller, Media::wanted(tx, profile, alt, None))?;
    store::insert(tx, &new)?;
    Ok(new.id)
}

/// Every file of every picture that can be shown, for backups.
///
/// # Errors
/// Those of the database.
pub fn all_files(tx: &mut Tx<'_>) -> Result<Vec<FileKey>> {
    store::all_files(tx)
}

/// What to fetch for a picture; `None` where it is no longer wanted.
///
/// # Errors
/// Those of the database.
pub fn prepare(tx: &mut Tx<'_>, id: MediaId) -> Result<Option<Fetch>> {
    let wanted = store::by_ids(tx, &[id])?
        .pop()
        .filter(|media| media.status == Status::Wanted);
    let source = wanted.and_then(|media| media.source_url);
    let url = source
        .map(|url| url.parse::<Url>().map_err(Error::internal))
        .transpose()?;
    Ok(url.map(|url| Fetch {
        url,
        accept: "image/webp,image/png,image/jpeg,image/gif;q=0.9",
        most_bytes: MOST_BYTES,
        time: FETCH_TIME,
        etag: None,
        last_modified: None,
    }))
}

/// Completes a picture whose files are kept: what shows it is made anew. Files of a picture that was removed or given up
/// in the meantime are removed again.
///
/// # Errors
/// Those of the database.
pub fn record_ready(tx: &mut Tx<'_>, id: MediaId, picture: &Picture) -> Result<()> {
    match store::by_ids(tx, &[id])?.pop() {
        Some(media) if media.status == Status::Ready => Ok(()),
        Some(media) if media.status == Status::Wanted => {
            store::save(tx, &policy::tend(media).edit(|media| media.complete(picture)))?;
            let shown_by = store::shown_by(tx, id)?;
            tx.emit(&Caller::System, &Change::PictureReady(id, shown_by))
        }
        _ => enqueue(tx, &RemoveFiles { media: id }),
    }
}

/// Gives a picture up: it could not be had, or it is none.
///
/// # Errors
/// Those of the database.
pub fn record_failed(tx: &mut Tx<'_>, id: MediaId) -> Result<()> {
    let wanted = store::by_ids(tx, &[id])?
        .pop()
        .filter(|media| media.status == Status::Wanted);
    let Some(media) = wanted else { return Ok(()) };
    store::save(tx, &policy::tend(media).edit(|media| media.status = Status::Failed))?;
    enqueue(tx, &RemoveFiles { media: id })
}

/// Up to `most` pictures that nothing shows, a day after they came, and those that could not be had, a week after. For
/// [`remove_unused`].
///
/// # Errors
/// Those of the database.
pub fn unused(tx: &mut Tx<'_>, most: i64) -> Result<Vec<MediaId>> {
    let now = tx.now();
    store::unused(tx, now.plus_seconds(-UNATTACHED), now.plus_seconds(-FAILED), most)
}

/// Removes those of these pictures that are still unused, and has their files removed. Tells how many.
///
/// # Errors
/// Those of the database.
pub fn remove_unused(tx: &mut Tx<'_>, ids: &[MediaId]) -> Result<usize> {
    let now = tx.now();
    let (unattached, failed) = (now.plus_seconds(-UNATTACHED), now.plus_seconds(-FAILED));
    let mut removed = 0;
    for media in store::unused_of(tx, ids, unattached, failed)? {
        let id = media.id;
        store::delete(tx, &policy::tend(media))?;
        enqueue(tx, &RemoveFiles { media: id })?;
        removed += 1;
    }
    Ok(removed)
}
