//! SQL of calendar sources and of what came of their entries.

use super::{CalendarSource, NewSource, Version, policy};
use crate::{
    access::Granted,
    db::{
        Tx,
        schema::{
            calendar_source::{self, dsl},
            event,
            import_item::{self, dsl as item},
        },
    },
    error::Result,
    id::{CalendarSourceId, EventId, ProfileId, SeriesId},
    page::PageRequest,
    time::Instant,
};
use diesel::prelude::*;

/// Entries of other sources that are looked at together.
const MOST_ELSEWHERE: i64 = 10_000;

pub(super) fn find(tx: &mut Tx<'_>, profile: ProfileId, url: &str) -> Result<Option<CalendarSource>> {
    let one = dsl::calendar_source.filter(dsl::profile_id.eq(profile).and(dsl::url.eq(url)));
    Ok(one.select(CalendarSource::as_select()).first(tx.conn).optional()?)
}

pub(super) fn by_id(tx: &mut Tx<'_>, id: CalendarSourceId) -> Result<Option<CalendarSource>> {
    Ok(dsl::calendar_source
        .find(id)
        .select(CalendarSource::as_select())
        .first(tx.conn)
        .optional()?)
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &Granted<NewSource, policy::Open>) -> Result<CalendarSource> {
    let row = CalendarSource {
        id: CalendarSourceId(tx.new_uuid()),
        profile_id: new.profile,
        url: new.address(),
        name: new.name.clone(),
        zone: new.zone.clone(),
        etag: None,
        last_modified: None,
        read_at: None,
        failures: 0,
        failure: None,
        subscribed: new.subscribed,
        created_at: tx.now(),
    };
    diesel::insert_into(calendar_source::table)
        .values(&row)
        .execute(tx.conn)?;
    Ok(row)
}

pub(super) fn subscribe(tx: &mut Tx<'_>, id: CalendarSourceId, _: &Granted<NewSource, policy::Open>) -> Result<()> {
    diesel::update(dsl::calendar_source.find(id))
        .set(dsl::subscribed.eq(true))
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn end(tx: &mut Tx<'_>, source: &Granted<CalendarSource, policy::End>) -> Result<()> {
    diesel::update(dsl::calendar_source.find(source.id))
        .set(dsl::subscribed.eq(false))
        .execute(tx.conn)?;
    Ok(())
}

/// A page of the calendars that are read again, those of one profile or all, oldest first.
pub(super) fn subscriptions(tx: &mut Tx<'_>, of: Option<ProfileId>, page: PageRequest) -> Result<Vec<CalendarSource>> {
    let mut query = dsl::calendar_source.filter(dsl::subscribed).into_boxed();
    if let Some(profile) = of {
        query = query.filter(dsl::profile_id.eq(profile));
    }
    let ordered = query.order(dsl::id).limit(page.limit()).offset(page.offset());
    Ok(ordered.select(CalendarSource::as_select()).load(tx.conn)?)
}

/// Those that are read again, by identifier, from behind `after` on.
pub(super) fn subscribed(tx: &mut Tx<'_>, after: Option<CalendarSourceId>, most: i64) -> Result<Vec<CalendarSourceId>> {
    let mut query = dsl::calendar_source.filter(dsl::subscribed).into_boxed();
    if let Some(after) = after {
        query = query.filter(dsl::id.gt(after));
    }
    Ok(query.order(dsl::id).limit(most).select(dsl::id).load(tx.conn)?)
}

pub(super) fn record_read(tx: &mut Tx<'_>, id: CalendarSourceId, version: &Version) -> Result<()> {
    let now = tx.now();
    diesel::update(dsl::calendar_source.find(id))
        .set((
            dsl::etag.eq(&version.etag),
            dsl::last_modified.eq(&version.last_modified),
            dsl::read_at.eq(Some(now)),
            dsl::failures.eq(0),
            dsl::failure.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn record_failure(tx: &mut Tx<'_>, id: CalendarSourceId, why: &str) -> Result<()> {
    diesel::update(dsl::calendar_source.find(id))
        .set((dsl::failures.eq(dsl::failures + 1), dsl::failure.eq(Some(why))))
        .execute(tx.conn)?;
    Ok(())
}

/// What came of one entry of a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = import_item, primary_key(calendar_source_id, uid, recurrence_key))]
#[diesel(treat_none_as_default_value = false, treat_none_as_null = true)]
pub(super) struct Kept {
    pub(super) calendar_source_id: CalendarSourceId,
    pub(super) uid: String,
    /// Empty: the entry as a whole; else a date that stands alone.
    pub(super) recurrence_key: String,
    pub(super) event_id: Option<EventId>,
    pub(super) series_id: Option<SeriesId>,
    pub(super) digest: String,
    pub(super) gone_at: Option<Instant>,
}

pub(super) fn kept(tx: &mut Tx<'_>, source: CalendarSourceId, uids: &[&str]) -> Result<Vec<Kept>> {
    let rows = item::import_item.filter(item::calendar_source_id.eq(source).and(item::uid.eq_any(uids)));
    Ok(rows.select(Kept::as_select()).load(tx.conn)?)
}

/// What came of entries with these UIDs that another source of the same profile has, and whether that one is read again.
pub(super) fn kept_elsewhere(tx: &mut Tx<'_>, source: &CalendarSource, uids: &[&str]) -> Result<Vec<(Kept, bool)>> {
    let rows = item::import_item
        .inner_join(calendar_source::table)
        .filter(dsl::profile_id.eq(source.profile_id).and(dsl::id.ne(source.id)))
        .filter(item::uid.eq_any(uids))
        .order(item::calendar_source_id)
        .limit(MOST_ELSEWHERE)
        .select((Kept::as_select(), dsl::subscribed));
    Ok(rows.load(tx.conn)?)
}

/// Gives what came of an entry to another source, which looks after it from now on.
pub(super) fn take_over(tx: &mut Tx<'_>, kept: Kept, by: CalendarSourceId) -> Result<Kept> {
    forget(tx, &kept)?;
    let kept = Kept {
        calendar_source_id: by,
        ..kept
    };
    keep(tx, &kept)?;
    Ok(kept)
}

pub(super) fn keep(tx: &mut Tx<'_>, kept: &Kept) -> Result<()> {
    let one = item::import_item.find((kept.calendar_source_id, &kept.uid, &kept.recurrence_key));
    if diesel::update(one).set(kept).execute(tx.conn)? == 0 {
        diesel::insert_into(import_item::table).values(kept).execute(tx.conn)?;
    }
    Ok(())
}

pub(super) fn forget(tx: &mut Tx<'_>, kept: &Kept) -> Result<()> {
    let one = item::import_item.find((kept.calendar_source_id, &kept.uid, &kept.recurrence_key));
    diesel::delete(one).execute(tx.conn)?;
    Ok(())
}

/// A page of the entries of a source that were there when it was read last, behind the UID and date `after`.
pub(super) fn page(
    tx: &mut Tx<'_>,
    source: CalendarSourceId,
    (uid, key): (&str, &str),
    most: i64,
) -> Result<Vec<Kept>> {
    Ok(item::import_item
        .filter(item::calendar_source_id.eq(source).and(item::gone_at.is_null()))
        .filter(item::uid.ge(uid))
        .filter(item::uid.gt(uid).or(item::recurrence_key.gt(key)))
        .order((item::uid, item::recurrence_key))
        .limit(most)
        .select(Kept::as_select())
        .load(tx.conn)?)
}

/// Entries that are gone since before `before`.
pub(super) fn gone_before(tx: &mut Tx<'_>, before: Instant, most: i64) -> Result<Vec<Kept>> {
    Ok(item::import_item
        .filter(
            item::gone_at
                .is_not_null()
                .and(item::gone_at.assume_not_null().lt(before)),
        )
        .limit(most)
        .select(Kept::as_select())
        .load(tx.conn)?)
}

/// The moments at which an event begins and is over.
pub(super) fn times(tx: &mut Tx<'_>, id: EventId) -> Result<Option<(Instant, Instant)>> {
    Ok(event::table
        .find(id)
        .select((event::begins_at, event::over_at))
        .first(tx.conn)
        .optional()?)
}
