//! SQL of pictures. What changes a row takes the proof that a policy gave.

use super::{
    Files, Media, Status,
    policy::{Add, Tend},
};
use crate::{
    access::Granted,
    change::CacheTag,
    db::{
        Tx,
        dialect::{Condition, any_of},
        schema::{
            event,
            media::{self, dsl},
            profile, series,
        },
    },
    error::Result,
    file::FileKey,
    id::{EventId, MediaId, ProfileId, SeriesId},
    time::Instant,
};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};

pub(super) fn by_ids(tx: &mut Tx<'_>, ids: &[MediaId]) -> Result<Vec<Media>> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(1000) {
        let rows = dsl::media.filter(any_of(dsl::id, ids)).select(Media::as_select());
        found.extend(rows.load::<Media>(tx.conn)?);
    }
    Ok(found)
}

pub(super) fn all_files(tx: &mut Tx<'_>) -> Result<Vec<FileKey>> {
    let ready = dsl::media.filter(dsl::status.eq(Status::Ready)).select(dsl::files);
    let pictures: Vec<Files> = ready.load(tx.conn)?;
    let files = pictures
        .into_iter()
        .flat_map(|files| files.sizes.into_iter().chain(files.preview));
    Ok(files.map(|file| file.key).collect())
}

/// The picture that a profile wanted from this address before.
pub(super) fn by_source(tx: &mut Tx<'_>, profile: ProfileId, source: &str) -> Result<Option<MediaId>> {
    let same = dsl::source_url.eq(source).and(dsl::profile_id.eq(profile));
    let oldest = dsl::media.filter(same).order(dsl::id).select(dsl::id);
    Ok(oldest.first(tx.conn).optional()?)
}

pub(super) fn insert(tx: &mut Tx<'_>, media: &Granted<Media, Add>) -> Result<()> {
    diesel::insert_into(media::table).values(&**media).execute(tx.conn)?;
    Ok(())
}

pub(super) fn save(tx: &mut Tx<'_>, media: &Granted<Media, Tend>) -> Result<()> {
    diesel::update(dsl::media.find(media.id))
        .set(&**media)
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<'_>, media: &Granted<Media, Tend>) -> Result<()> {
    diesel::delete(dsl::media.find(media.id)).execute(tx.conn)?;
    Ok(())
}

/// The tags of the pages that show a picture: lists note each of their events, so these need none of their own.
pub(super) fn shown_by(tx: &mut Tx<'_>, id: MediaId) -> Result<Vec<CacheTag>> {
    let events: Vec<(EventId, Option<SeriesId>)> = event::table
        .filter(event::picture_id.eq(id))
        .select((event::id, event::series_id))
        .load(tx.conn)?;
    let profiles: Vec<ProfileId> = profile::table
        .filter(profile::avatar_id.eq(id).or(profile::banner_id.eq(id)))
        .select(profile::id)
        .load(tx.conn)?;
    let mut series: Vec<SeriesId> = events.iter().filter_map(|(_, series)| *series).collect();
    series.sort_unstable();
    series.dedup();
    let mut tags: Vec<CacheTag> = events.into_iter().map(|(id, _)| CacheTag::Event(id)).collect();
    tags.extend(series.into_iter().map(CacheTag::Series));
    tags.extend(profiles.into_iter().map(CacheTag::Profile));
    Ok(tags)
}

/// Pictures that came before `unattached` and that no event and no profile shows, or that failed before `failed`.
pub(super) fn unused(tx: &mut Tx<'_>, unattached: Instant, failed: Instant, most: i64) -> Result<Vec<MediaId>> {
    Ok(dsl::media
        .filter(is_free(unattached, failed))
        .order((dsl::created_at, dsl::id))
        .limit(most)
        .select(dsl::id)
        .load(tx.conn)?)
}

/// Those of these pictures that are unused.
pub(super) fn unused_of(tx: &mut Tx<'_>, ids: &[MediaId], unattached: Instant, failed: Instant) -> Result<Vec<Media>> {
    Ok(dsl::media
        .filter(dsl::id.eq_any(ids))
        .filter(is_free(unattached, failed))
        .select(Media::as_select())
        .load(tx.conn)?)
}

/// The row of a deleted event still names its picture, and does not hold it. A series does, failed or not: dates that
/// have no row yet will show it.
fn is_free(unattached: Instant, failed: Instant) -> Condition<'static, media::table> {
    let of_event = event::table.filter(event::picture_id.eq(dsl::id.nullable()).and(event::state.ne("deleted")));
    let of_profile = profile::table.filter(
        profile::avatar_id
            .eq(dsl::id.nullable())
            .or(profile::banner_id.eq(dsl::id.nullable())),
    );
    let of_series = series::table.filter(series::picture_id.eq(dsl::id.nullable()));
    let shown = exists(of_event).or(exists(of_profile));
    let is_alone = dsl::created_at.lt(unattached).and(not(shown));
    let is_given_up = dsl::status.eq(Status::Failed).and(dsl::created_at.lt(failed));
    Box::new(is_alone.or(is_given_up).and(not(exists(of_series))))
}
