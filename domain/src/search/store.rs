//! SQL of the index of words.

use super::{
    rank::Match,
    words::{Word, for_index},
};
use crate::{
    caller::Caller,
    db::{
        Tx,
        conn::MultiBackend,
        dialect::{self, Words, any_of},
        schema::{
            event::dsl,
            event_search::{self, dsl as index},
            search_word::{self, dsl as word},
        },
    },
    error::Result,
    event::{self, Event, EventFilter},
    id::{EventId, PlaceId, SeriesId},
    time::Instant,
};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// The most events that are ranked.
const MOST_MATCHES: i64 = 500;
/// The most words that are compared for "did you mean".
const MOST_COMPARED: i64 = 30_000;
/// Matches that are looked at together.
const BATCH: i64 = 500;
/// The most batches, of those to come and of those that are over; what comes later is not found.
const MOST_BATCHES: usize = 10;
/// Bits of the identifier of a row that tell apart what is over in the same second.
const OWN_BITS: u32 = 20;
/// Rows whose identifiers follow each other, at most: two events of one second have the same bits once in a million.
const MOST_NEIGHBOURS: i64 = 16;

type Row = (EventId, Option<SeriesId>, Instant, Instant, Option<PlaceId>);

/// Events in public lists that have all the words: coming ones, the next to be over first, then past ones, latest first.
pub(super) fn matches(tx: &mut Tx<'_>, caller: &Caller, words: &[Word], filter: &EventFilter) -> Result<Vec<Match>> {
    let words = for_index(words);
    let now = first_of(tx.now());
    let lowest = filter.from.map_or(i64::MIN, first_of);
    let highest = filter.over.map_or(i64::MAX, last_of);
    let coming = (lowest.max(now), highest);
    let past = (lowest, highest.min(now.saturating_sub(1)));
    let mut found = Vec::new();
    for (range, is_coming) in [(coming, true), (past, false)] {
        let left = MOST_MATCHES - i64::try_from(found.len()).unwrap_or(MOST_MATCHES);
        if left <= 0 || range.0 > range.1 {
            continue;
        }
        found.extend(if is_narrow(filter) {
            among_few(tx, caller, &words, filter, is_coming, left)?
        } else {
            in_order(tx, caller, &words, filter, (range, is_coming), left)?
        });
    }
    if let Some(circle) = filter.near {
        let near = event::places_near(tx, circle, found.iter().filter_map(|row| row.4).collect())?;
        found.retain(|row| row.4.is_some_and(|place| near.contains(&place)));
    }
    with_words(tx, found)
}

/// The least identifier of what is over in this second.
fn first_of(second: Instant) -> i64 {
    second.micros().div_euclid(1_000_000) << OWN_BITS
}

/// The greatest one.
fn last_of(second: Instant) -> i64 {
    first_of(second) | ((1 << OWN_BITS) - 1)
}

/// Whether an index leads to the few events among which the words are looked for.
fn is_narrow(filter: &EventFilter) -> bool {
    let EventFilter {
        profile,
        place,
        series,
        tags,
        near,
        ..
    } = filter;
    profile.is_some() || place.is_some() || series.is_some() || tags.is_some() || near.is_some()
}

/// From the index of words, in the order of time, as far as is needed.
fn in_order(
    tx: &mut Tx<'_>,
    caller: &Caller,
    words: &Words,
    filter: &EventFilter,
    ((mut from, mut to), is_coming): ((i64, i64), bool),
    most: i64,
) -> Result<Vec<Row>> {
    let most = usize::try_from(most).unwrap_or(0);
    let mut found = Vec::new();
    for _ in 0..MOST_BATCHES {
        let batch = dialect::with_words(tx.conn, words, (from, to), is_coming, BATCH)?;
        let ids: Vec<EventId> = batch.iter().map(|row| row.event_id).collect();
        let rows: Vec<Row> = dsl::event
            .filter(any_of(dsl::id, &ids))
            .filter(event::selected(caller, filter))
            .select((dsl::id, dsl::series_id, dsl::begins_at, dsl::over_at, dsl::place_id))
            .load(tx.conn)?;
        let mut rows: HashMap<EventId, Row> = rows.into_iter().map(|row| (row.0, row)).collect();
        found.extend(ids.iter().filter_map(|id| rows.remove(id)));
        let is_last = i64::try_from(batch.len()).unwrap_or(BATCH) < BATCH;
        let Some(last) = batch.last().filter(|_| !is_last && found.len() < most) else {
            break;
        };
        if is_coming {
            from = last.id.saturating_add(1);
        } else {
            to = last.id.saturating_sub(1);
        }
    }
    found.truncate(most);
    Ok(found)
}

/// From what the filter leaves, of which few have the words.
fn among_few(
    tx: &mut Tx<'_>,
    caller: &Caller,
    words: &Words,
    filter: &EventFilter,
    is_coming: bool,
    most: i64,
) -> Result<Vec<Row>> {
    let now = tx.now();
    let query = dsl::event
        .filter(event::selected(caller, filter))
        .filter(dialect::has_words(tx.conn, words.clone()))
        .select((dsl::id, dsl::series_id, dsl::begins_at, dsl::over_at, dsl::place_id))
        .limit(most)
        .into_boxed::<MultiBackend>();
    let coming = dsl::over_at.gt(now).or(dsl::begins_at.ge(now));
    let query = if is_coming {
        query.filter(coming).order((dsl::over_at.asc(), dsl::id.asc()))
    } else {
        query
            .filter(diesel::dsl::not(coming))
            .order((dsl::over_at.desc(), dsl::id.desc()))
    };
    Ok(query.load(tx.conn)?)
}

fn with_words(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<Match>> {
    let ids: Vec<EventId> = rows.iter().map(|row| row.0).collect();
    let words: Vec<(EventId, String, String)> = index::event_search
        .filter(any_of(index::event_id, &ids))
        .select((index::event_id, index::title_words, index::other_words))
        .load(tx.conn)?;
    let mut words: HashMap<EventId, (String, String)> = words
        .into_iter()
        .map(|(id, title, other)| (id, (title, other)))
        .collect();
    let found = rows.into_iter().map(|(id, series, begins_at, over_at, _)| {
        let (title_words, other_words) = words.remove(&id).unwrap_or_default();
        Match {
            id,
            series,
            begins_at,
            over_at,
            title_words,
            other_words,
        }
    });
    Ok(found.collect())
}

/// Writes the words of an event.
pub(super) fn put(tx: &mut Tx<'_>, event: &Event, title: &str, other: &str) -> Result<()> {
    let known = known(tx, event.id)?;
    let range = first_of(event.over_at)..=last_of(event.over_at);
    let before = match &known {
        Some((id, title_before, other_before)) => {
            if range.contains(id) && title_before == title && other_before == other {
                return Ok(());
            }
            dialect::remove_words(tx.conn, *id)?;
            diesel::delete(index::event_search.find(id)).execute(tx.conn)?;
            distinct(title_before, other_before)
        }
        None => BTreeSet::new(),
    };
    let id = free(tx, event)?;
    diesel::insert_into(event_search::table)
        .values((
            index::id.eq(id),
            index::event_id.eq(event.id),
            index::title_words.eq(title),
            index::other_words.eq(other),
        ))
        .execute(tx.conn)?;
    dialect::put_words(tx.conn, id, title, other)?;
    count(tx, &before, &distinct(title, other))
}

fn known(tx: &mut Tx<'_>, event: EventId) -> Result<Option<(i64, String, String)>> {
    Ok(index::event_search
        .filter(index::event_id.eq(event))
        .select((index::id, index::title_words, index::other_words))
        .first(tx.conn)
        .optional()?)
}

/// The identifier for an event: the second in which it is over, then the last bits of its own, which are random.
pub(super) fn free(tx: &mut Tx<'_>, event: &Event) -> Result<i64> {
    let (_, own) = event.id.0.as_u64_pair();
    let own = i64::try_from(own & ((1 << OWN_BITS) - 1)).unwrap_or(0);
    let wanted = first_of(event.over_at) | own;
    let taken: Vec<i64> = index::event_search
        .filter(index::id.between(wanted, wanted.saturating_add(MOST_NEIGHBOURS)))
        .select(index::id)
        .load(tx.conn)?;
    let free = (wanted..=wanted.saturating_add(MOST_NEIGHBOURS)).find(|id| !taken.contains(id));
    Ok(free.unwrap_or(wanted))
}

/// Takes an event out of the index.
pub(super) fn remove(tx: &mut Tx<'_>, event: EventId) -> Result<()> {
    let Some((id, title, other)) = known(tx, event)? else {
        return Ok(());
    };
    dialect::remove_words(tx.conn, id)?;
    diesel::delete(index::event_search.find(id)).execute(tx.conn)?;
    count(tx, &distinct(&title, &other), &BTreeSet::new())
}

fn distinct<'a>(title: &'a str, other: &'a str) -> BTreeSet<&'a str> {
    title
        .split_whitespace()
        .chain(other.split_whitespace())
        .filter(|word| word.chars().count() >= 4)
        .collect()
}

/// Counts how many events use each word, in the order of words, so that two writers do not wait for each other.
fn count(tx: &mut Tx<'_>, before: &BTreeSet<&str>, after: &BTreeSet<&str>) -> Result<()> {
    let changed = before.symmetric_difference(after);
    let changes: Vec<(&str, i32)> = changed
        .map(|word| (*word, if after.contains(word) { 1 } else { -1 }))
        .collect();
    if changes.is_empty() {
        return Ok(());
    }
    Ok(dialect::count_words(tx.conn, &changes)?)
}

/// Whether some event uses this word, or one that begins with it.
pub(super) fn is_known(tx: &mut Tx<'_>, wanted: &Word) -> Result<bool> {
    let used = search_word::table.filter(word::uses.gt(0));
    let known = if wanted.is_prefix {
        let end = format!("{}\u{10ffff}", wanted.text);
        diesel::select(diesel::dsl::exists(
            used.filter(word::word.ge(&wanted.text).and(word::word.lt(end))),
        ))
        .get_result(tx.conn)?
    } else {
        diesel::select(diesel::dsl::exists(used.filter(word::word.eq(&wanted.text)))).get_result(tx.conn)?
    };
    Ok(known)
}

/// Words that begin with one of the first two letters of `letters`, with how many events use them.
pub(super) fn words_like(tx: &mut Tx<'_>, letters: &[char]) -> Result<Vec<(String, i32)>> {
    let mut found = Vec::new();
    let firsts: BTreeSet<char> = letters.iter().take(2).copied().collect();
    for first in firsts {
        let (from, to) = (first.to_string(), format!("{first}\u{10ffff}"));
        let rows: Vec<(String, i32)> = search_word::table
            .filter(word::uses.gt(0).and(word::word.ge(from)).and(word::word.lt(to)))
            .limit(MOST_COMPARED)
            .load(tx.conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Every row of the index, in its order.
#[cfg(test)]
pub(super) fn rows(tx: &mut Tx<'_>) -> Result<Vec<(i64, EventId)>> {
    Ok(index::event_search
        .select((index::id, index::event_id))
        .order(index::id)
        .load(tx.conn)?)
}
