//! Lists of events: short and long ones from their indexes, merged; circles; one entry a series.

use super::{
    filter::{Circle, EventFilter, MOST_KILOMETRES, Order},
    model::{Category, Event, Listing, State, Visibility},
    store::{by_ids, conditions, visible_to},
};
use crate::{
    caller::Caller,
    db::{
        Tx,
        conn::MultiBackend,
        dialect::{Condition, any_number, any_of, one_of},
        schema::{
            event::{self, dsl},
            place,
        },
    },
    error::Result,
    id::{EventId, PlaceId, SeriesId},
    page::{MOST_TOTAL, PageRequest},
    place::{Point, distance},
    time::Instant,
};
use diesel::{
    dsl::{count_star, sql},
    prelude::*,
    sql_types::BigInt,
};
use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

/// Rows that are read at once while entries are left out (too far, of a series already shown).
const BATCH: i64 = 200;
/// Of the first rows, so many are read for each entry that is wanted: most lists have enough then.
const ROWS_PER_ENTRY: i64 = 4;
/// And at least so many.
const LEAST_BATCH: i64 = 20;
/// The most batches; a list that needs more ends there.
const MOST_BATCHES: usize = 25;
/// The most pairs of place and series by which those in a circle are counted.
const MOST_GROUPS: i64 = 20_000;

/// A page of the events that `caller` may see in lists and that `filter` selects.
pub(super) fn page(tx: &mut Tx<'_>, caller: &Caller, filter: &EventFilter, page: PageRequest) -> Result<Vec<Event>> {
    let mut found = first(tx, caller, filter, page.offset() + page.limit())?;
    let skipped = usize::try_from(page.offset()).unwrap_or(usize::MAX).min(found.len());
    let ids: Vec<EventId> = found.drain(skipped..).map(|entry| entry.id).collect();
    let mut events: HashMap<EventId, Event> = by_ids(tx, &ids)?.into_iter().map(|event| (event.id, event)).collect();
    Ok(ids.iter().filter_map(|id| events.remove(id)).collect())
}

/// How many there are, counted up to [`MOST_TOTAL`].
pub(super) fn count(tx: &mut Tx<'_>, caller: &Caller, filter: &EventFilter) -> Result<i64> {
    let most = i64::from(MOST_TOTAL);
    if let Some(circle) = filter.near {
        return Ok(count_within(tx, caller, filter, circle)?.min(most));
    }
    if is_chosen(filter) {
        return Ok(first(tx, caller, filter, most)?.len().try_into().unwrap_or(most));
    }
    let mut total = 0;
    for listing in listings(filter) {
        total += count_up_to(tx, filter, listing, most - total)?;
    }
    Ok(total)
}

/// How many lie in a circle: told by places and series, which are fewer than dates.
fn count_within(tx: &mut Tx<'_>, caller: &Caller, filter: &EventFilter, circle: Circle) -> Result<i64> {
    let mut groups: Vec<(Option<PlaceId>, Option<SeriesId>, i64)> = Vec::new();
    for listing in listings(filter) {
        let some = dsl::event
            .filter(visible_to(caller))
            .filter(conditions(filter))
            .filter(within(filter, listing))
            .group_by((dsl::place_id, dsl::series_id))
            .select((dsl::place_id, dsl::series_id, count_star()))
            .limit(MOST_GROUPS);
        groups.extend(some.load::<(Option<PlaceId>, Option<SeriesId>, i64)>(tx.conn)?);
    }
    let groups = within_circle(tx, Some(circle), groups, |(place, ..)| *place)?;
    let mut counted = HashSet::new();
    let of_group = |(_, series, dates): &(Option<PlaceId>, Option<SeriesId>, i64)| match series {
        Some(series) if filter.collapse_series => i64::from(counted.insert(*series)),
        _ => *dates,
    };
    Ok(groups.iter().map(of_group).sum())
}

/// How many rows of a listing there are, or `most`: what lies beyond is not looked at, and where there are more, none is
/// brought here. Everybody may see what is listed (a CHECK of the table), so that the index alone tells.
fn count_up_to(tx: &mut Tx<'_>, filter: &EventFilter, listing: Listing, most: i64) -> Result<i64> {
    if most <= 0 {
        return Ok(0);
    }
    let rows = || dsl::event.filter(conditions(filter)).filter(within(filter, listing));
    let last: Option<EventId> = rows()
        .select(dsl::id)
        .offset(most - 1)
        .limit(1)
        .first(tx.conn)
        .optional()?;
    match last {
        Some(_) => Ok(most),
        None => Ok(rows().count().get_result(tx.conn)?),
    }
}

/// How many further dates of each series are coming and listed, up to `until`.
pub(super) fn dates_of_series(tx: &mut Tx<'_>, series: &[SeriesId], from: Instant) -> Result<HashMap<SeriesId, i64>> {
    let rows: Vec<(Option<SeriesId>, i64)> = dsl::event
        .filter(any_of(dsl::series_id.assume_not_null(), series))
        .filter(dsl::listing.ne(Listing::None).and(dsl::over_at.gt(from)))
        .group_by(dsl::series_id)
        .select((dsl::series_id, count_star()))
        .load(tx.conn)?;
    Ok(rows
        .into_iter()
        .filter_map(|(series, dates)| Some((series?, dates)))
        .collect())
}

/// A course of thirty evenings is one thing to go to.
const A_SERIES_ONCE: &str = "COUNT(*) - COUNT(series_id) + COUNT(DISTINCT series_id)";

/// How many events stand in public lists, a series counting once.
pub(super) fn count_all(tx: &mut Tx<'_>) -> Result<i64> {
    let listed = dsl::event.filter(dsl::listing.eq_any([Listing::Short, Listing::Long]));
    Ok(listed.select(sql::<BigInt>(A_SERIES_ONCE)).get_result(tx.conn)?)
}

/// How many coming events each category has, a series counting once, most first.
pub(super) fn by_category(tx: &mut Tx<'_>, from: Instant) -> Result<Vec<(Category, i64)>> {
    Ok(dsl::event
        .filter(dsl::listing.ne(Listing::None).and(dsl::over_at.gt(from)))
        .group_by(dsl::category)
        .select((dsl::category, sql::<BigInt>(A_SERIES_ONCE)))
        .order((sql::<BigInt>(A_SERIES_ONCE).desc(), dsl::category))
        .load(tx.conn)?)
}

/// Rows that were public and were deleted since `since`, last deleted first.
pub(super) fn deleted(tx: &mut Tx<'_>, filter: &EventFilter, since: Instant, most: u32) -> Result<Vec<Event>> {
    let mut query = dsl::event
        .filter(dsl::listing.eq(Listing::None).and(dsl::updated_at.ge(since)))
        .filter(
            dsl::state
                .eq(State::Deleted)
                .and(dsl::visibility.eq(Visibility::Public)),
        )
        .filter(conditions(filter))
        .order((dsl::updated_at.desc(), dsl::id.desc()))
        .limit(i64::from(most))
        .select(Event::as_select())
        .into_boxed::<MultiBackend>();
    if let Some(circle) = filter.near {
        query = query.filter(cells(circle));
    }
    let events = query.load(tx.conn)?;
    within_circle(tx, filter.near, events, |event| event.place_id)
}

/// What must be known of an event to find its place in a list.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = event)]
struct Entry {
    id: EventId,
    series_id: Option<SeriesId>,
    place_id: Option<PlaceId>,
    begins_at: Instant,
    created_at: Instant,
    updated_at: Instant,
}

/// Whether rows of the list are left out that no condition of SQL tells: too far, of a series already shown.
fn is_chosen(filter: &EventFilter) -> bool {
    filter.near.is_some() || filter.collapse_series
}

fn first(tx: &mut Tx<'_>, caller: &Caller, filter: &EventFilter, wanted: i64) -> Result<Vec<Entry>> {
    if wanted <= 0 {
        return Ok(Vec::new());
    }
    let mut entries = Vec::new();
    for listing in listings(filter) {
        entries.extend(if is_chosen(filter) {
            chosen(tx, caller, filter, listing, wanted)?
        } else {
            rows(tx, caller, filter, listing, &Rest::default(), wanted)?
        });
    }
    sort(&mut entries, filter.order);
    if filter.collapse_series {
        let mut shown = HashSet::new();
        entries.retain(|entry| entry.series_id.is_none_or(|series| shown.insert(series)));
    }
    entries.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
    Ok(entries)
}

/// Where a list goes on.
#[derive(Default)]
struct Rest {
    /// After this one.
    after: Option<Entry>,
    /// Without dates of these series: one of each was shown.
    without: Vec<SeriesId>,
}

/// The first `wanted` rows that lie in the circle, one of each series.
fn chosen(tx: &mut Tx<'_>, caller: &Caller, filter: &EventFilter, listing: Listing, wanted: i64) -> Result<Vec<Entry>> {
    let mut size = wanted.saturating_mul(ROWS_PER_ENTRY).clamp(LEAST_BATCH, BATCH);
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    let (mut entries, mut rest) = (Vec::new(), Rest::default());
    for _ in 0..MOST_BATCHES {
        let batch = rows(tx, caller, filter, listing, &rest, size)?;
        let last = i64::try_from(batch.len()).unwrap_or(size) < size;
        size = BATCH;
        rest.after = batch.last().cloned();
        for entry in within_circle(tx, filter.near, batch, |entry| entry.place_id)? {
            let repeated = entry.series_id.is_some_and(|series| rest.without.contains(&series));
            if filter.collapse_series && !repeated {
                rest.without.extend(entry.series_id);
            }
            if !(filter.collapse_series && repeated) {
                entries.push(entry);
            }
        }
        if last || entries.len() >= wanted {
            break;
        }
    }
    entries.truncate(wanted);
    Ok(entries)
}

fn rows(
    tx: &mut Tx<'_>,
    caller: &Caller,
    filter: &EventFilter,
    listing: Listing,
    rest: &Rest,
    most: i64,
) -> Result<Vec<Entry>> {
    let mut query = dsl::event
        .filter(visible_to(caller))
        .filter(conditions(filter))
        .filter(within(filter, listing))
        .limit(most)
        .select(Entry::as_select())
        .into_boxed::<MultiBackend>();
    if let Some(after) = &rest.after {
        query = query.filter(behind(filter.order, after));
    }
    if !rest.without.is_empty() {
        let others = dsl::series_id
            .is_null()
            .or(dsl::series_id.assume_not_null().ne_all(rest.without.clone()));
        query = query.filter(others);
    }
    let query = match filter.order {
        Order::BeginsFirst => query.order((dsl::begins_at, dsl::id)),
        Order::BeginsLast => query.order((dsl::begins_at.desc(), dsl::id.desc())),
        Order::CreatedFirst => query.order((dsl::created_at, dsl::id)),
        Order::CreatedLast => query.order((dsl::created_at.desc(), dsl::id.desc())),
        Order::UpdatedFirst => query.order((dsl::updated_at, dsl::id)),
        Order::UpdatedLast => query.order((dsl::updated_at.desc(), dsl::id.desc())),
    };
    Ok(query.load(tx.conn)?)
}

/// What comes after `last` in this order.
fn behind(order: Order, last: &Entry) -> Condition<'static, event::table> {
    let id = last.id;
    let (begins, created, updated) = (last.begins_at, last.created_at, last.updated_at);
    match order {
        Order::BeginsFirst => Box::new(
            dsl::begins_at
                .gt(begins)
                .or(dsl::begins_at.eq(begins).and(dsl::id.gt(id))),
        ),
        Order::BeginsLast => Box::new(
            dsl::begins_at
                .lt(begins)
                .or(dsl::begins_at.eq(begins).and(dsl::id.lt(id))),
        ),
        Order::CreatedFirst => Box::new(
            dsl::created_at
                .gt(created)
                .or(dsl::created_at.eq(created).and(dsl::id.gt(id))),
        ),
        Order::CreatedLast => Box::new(
            dsl::created_at
                .lt(created)
                .or(dsl::created_at.eq(created).and(dsl::id.lt(id))),
        ),
        Order::UpdatedFirst => Box::new(
            dsl::updated_at
                .gt(updated)
                .or(dsl::updated_at.eq(updated).and(dsl::id.gt(id))),
        ),
        Order::UpdatedLast => Box::new(
            dsl::updated_at
                .lt(updated)
                .or(dsl::updated_at.eq(updated).and(dsl::id.lt(id))),
        ),
    }
}

fn sort(entries: &mut [Entry], order: Order) {
    match order {
        Order::BeginsFirst => entries.sort_by_key(|entry| (entry.begins_at, entry.id)),
        Order::BeginsLast => entries.sort_by_key(|entry| Reverse((entry.begins_at, entry.id))),
        Order::CreatedFirst => entries.sort_by_key(|entry| (entry.created_at, entry.id)),
        Order::CreatedLast => entries.sort_by_key(|entry| Reverse((entry.created_at, entry.id))),
        Order::UpdatedFirst => entries.sort_by_key(|entry| (entry.updated_at, entry.id)),
        Order::UpdatedLast => entries.sort_by_key(|entry| Reverse((entry.updated_at, entry.id))),
    }
}

/// The public lists that a filter reads.
fn listings(filter: &EventFilter) -> Vec<Listing> {
    match filter.length {
        Some(one) => vec![one],
        None => vec![Listing::Short, Listing::Long],
    }
}

/// The rows of a listing, bounded so that an index of begins serves: a short event that still runs began lately.
fn within(filter: &EventFilter, listing: Listing) -> Condition<'static, event::table> {
    let listed = listed(filter, listing);
    match filter.from {
        Some(from) if listing == Listing::Short => {
            Box::new(listed.and(dsl::begins_at.ge(from.plus_seconds(-Listing::SHORT_DAYS * 86_400))))
        }
        _ => listed,
    }
}

/// The rows of a listing; of a circle, those of its cells.
fn listed(filter: &EventFilter, listing: Listing) -> Condition<'static, event::table> {
    match filter.near {
        // Found by their cells: SQLite would rather go through the listing in the order of the list.
        Some(circle) => Box::new(one_of(dsl::listing, listing.as_str()).and(cells(circle))),
        None => Box::new(dsl::listing.eq(listing)),
    }
}

/// Every row in public lists that a caller may see and a filter selects; of a circle, the cells.
pub(super) fn selected(caller: &Caller, filter: &EventFilter) -> Condition<'static, event::table> {
    let all = visible_to(caller).and(conditions(filter));
    match (filter.length, filter.near) {
        (Some(one), _) => Box::new(all.and(listed(filter, one))),
        (None, Some(circle)) => Box::new(all.and(dsl::listing.ne(Listing::None)).and(cells(circle))),
        (None, None) => Box::new(all.and(dsl::listing.ne(Listing::None))),
    }
}

/// Only rows of the cells that a circle touches.
fn cells(circle: Circle) -> Condition<'static, event::table> {
    let cells = distance::cells_within(circle.center, circle.kilometres.min(MOST_KILOMETRES));
    Box::new(any_number(dsl::cell.assume_not_null(), &cells))
}

fn within_circle<T>(
    tx: &mut Tx<'_>,
    circle: Option<Circle>,
    rows: Vec<T>,
    place: impl Fn(&T) -> Option<PlaceId>,
) -> Result<Vec<T>> {
    let Some(circle) = circle else { return Ok(rows) };
    let near = near(tx, circle, rows.iter().filter_map(&place).collect())?;
    let is_near = |row: &T| place(row).is_some_and(|place| near.contains(&place));
    Ok(rows.into_iter().filter(is_near).collect())
}

/// Which of these places lie in a circle.
pub(super) fn near(tx: &mut Tx<'_>, circle: Circle, mut ids: Vec<PlaceId>) -> Result<HashSet<PlaceId>> {
    ids.sort_unstable();
    ids.dedup();
    let places: Vec<(PlaceId, Option<f64>, Option<f64>)> = place::table
        .filter(any_of(place::id, &ids))
        .select((place::id, place::latitude, place::longitude))
        .load(tx.conn)?;
    let inside = |(id, lat, lon): (PlaceId, Option<f64>, Option<f64>)| {
        let point = Point::new(lat?, lon?)?;
        (distance::km(point, circle.center) <= circle.kilometres).then_some(id)
    };
    Ok(places.into_iter().filter_map(inside).collect())
}
