//! SQL of series and of their rows.

use super::model::{DateKind, Dates, Series};
use crate::{
    access::Granted,
    db::{
        Tx,
        dialect::{any_of, insert_all},
        schema::{
            event::dsl as event,
            series::{self, dsl},
            series_date,
        },
    },
    error::{Error, Reason, Result},
    event::{
        model::{Event, State},
        policy,
    },
    id::{EventId, MediaId, SeriesId},
    time::LocalDateTime,
};
use diesel::prelude::*;

/// Rows of one series are read at once: there are at most some 1,500 (two years and what is kept of the past).
const MOST_ROWS: i64 = 5_000;

pub(super) fn insert(tx: &mut Tx<'_>, series: &Granted<Series, policy::Edit>) -> Result<()> {
    diesel::insert_into(series::table)
        .values((&**series, shows(series)))
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn save(tx: &mut Tx<'_>, series: Granted<Series, policy::Edit>) -> Result<Granted<Series, policy::Edit>> {
    let (read, now) = (series.version, tx.now());
    let row = series.edit(|series| {
        series.version = read.saturating_add(1);
        series.updated_at = now.max(series.created_at);
    });
    let saved = diesel::update(dsl::series.filter(dsl::id.eq(row.id).and(dsl::version.eq(read))))
        .set((&*row, shows(&row)))
        .execute(tx.conn)?;
    if saved == 1 {
        Ok(row)
    } else {
        Err(Error::Conflict(Reason::StaleVersion))
    }
}

/// The picture of what its dates have in common, where the cleaning of pictures looks for it.
fn shows(series: &Series) -> diesel::dsl::Eq<dsl::picture_id, Option<MediaId>> {
    dsl::picture_id.eq(series.template.0.picture)
}

pub(super) fn by_ids(tx: &mut Tx<'_>, ids: &[SeriesId]) -> Result<Vec<Series>> {
    Ok(dsl::series
        .filter(any_of(dsl::id, ids))
        .select(Series::as_select())
        .load(tx.conn)?)
}

pub(super) fn has_uid(tx: &mut Tx<'_>, uid: &str) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(dsl::series.filter(dsl::ical_uid.eq(uid)))).get_result(tx.conn)?)
}

/// Series whose rows reach less far than `before`, oldest horizon first.
pub(super) fn short_of(tx: &mut Tx<'_>, before: LocalDateTime, most: i64) -> Result<Vec<SeriesId>> {
    Ok(dsl::series
        .filter(dsl::horizon_local.lt(before))
        .order((dsl::horizon_local, dsl::id))
        .limit(most)
        .select(dsl::id)
        .load(tx.conn)?)
}

#[derive(Insertable)]
#[diesel(table_name = series_date)]
struct DateRow {
    series_id: SeriesId,
    recurrence_key: String,
    kind: DateKind,
}

pub(super) fn dates(tx: &mut Tx<'_>, series: SeriesId) -> Result<Dates> {
    let rows: Vec<(String, DateKind)> = series_date::table
        .filter(series_date::series_id.eq(series))
        .order(series_date::recurrence_key)
        .limit(MOST_ROWS)
        .select((series_date::recurrence_key, series_date::kind))
        .load(tx.conn)?;
    let mut dates = Dates::default();
    for (key, kind) in rows {
        match kind {
            DateKind::Add => dates.added.push(key),
            DateKind::Skip => dates.skipped.push(key),
        }
    }
    Ok(dates)
}

pub(super) fn set_dates(tx: &mut Tx<'_>, series: &Granted<Series, policy::Edit>, dates: &Dates) -> Result<()> {
    diesel::delete(series_date::table.filter(series_date::series_id.eq(series.id))).execute(tx.conn)?;
    let row = |key: &String, kind| DateRow {
        series_id: series.id,
        recurrence_key: key.clone(),
        kind,
    };
    let mut rows: Vec<DateRow> = dates.skipped.iter().map(|key| row(key, DateKind::Skip)).collect();
    rows.extend(
        dates
            .added
            .iter()
            .filter(|key| !dates.skipped.contains(key))
            .map(|key| row(key, DateKind::Add)),
    );
    rows.sort_by(|a, b| a.recurrence_key.cmp(&b.recurrence_key));
    rows.dedup_by(|a, b| a.recurrence_key == b.recurrence_key);
    insert_all!(&mut *tx.conn, series_date::table, rows);
    Ok(())
}

/// The rows of a series whose key is `from` or later, by key; deleted ones too, for their key is taken.
pub(super) fn rows(tx: &mut Tx<'_>, series: SeriesId, from: Option<&str>) -> Result<Vec<Event>> {
    let from = from.unwrap_or_default().to_owned();
    Ok(event::event
        .filter(event::series_id.assume_not_null().eq(series))
        .filter(event::recurrence_key.assume_not_null().ge(from))
        .order(event::recurrence_key)
        .limit(MOST_ROWS)
        .select(Event::as_select())
        .load(tx.conn)?)
}

/// The keys of a series that have rows.
pub(super) fn keys(tx: &mut Tx<'_>, series: SeriesId) -> Result<Vec<String>> {
    let keys: Vec<Option<String>> = event::event
        .filter(event::series_id.assume_not_null().eq(series))
        .limit(MOST_ROWS)
        .select(event::recurrence_key)
        .load(tx.conn)?;
    Ok(keys.into_iter().flatten().collect())
}

/// The row of one key that was not deleted.
pub(super) fn row(tx: &mut Tx<'_>, series: SeriesId, key: &str) -> Result<Option<EventId>> {
    Ok(event::event
        .filter(event::series_id.assume_not_null().eq(series))
        .filter(event::recurrence_key.assume_not_null().eq(key.to_owned()))
        .filter(event::state.ne(State::Deleted))
        .select(event::id)
        .first(tx.conn)
        .optional()?)
}

/// Moves rows out of the way before they take keys that others still have: a temporary key each.
pub(super) fn park(tx: &mut Tx<'_>, rows: &[EventId]) -> Result<()> {
    for (at, id) in rows.iter().enumerate() {
        diesel::update(event::event.find(id))
            .set(event::recurrence_key.eq(Some(format!("~{at}"))))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Gives the rows of `old` from the key `pivot` on to `series`; they keep identifier, UID and key.
pub(super) fn adopt(tx: &mut Tx<'_>, series: &Granted<Series, policy::Edit>, old: SeriesId, pivot: &str) -> Result<()> {
    let later = event::event
        .filter(event::series_id.assume_not_null().eq(old))
        .filter(event::recurrence_key.assume_not_null().ge(pivot.to_owned()));
    diesel::update(later)
        .set(event::series_id.eq(Some(series.id)))
        .execute(tx.conn)?;
    Ok(())
}
