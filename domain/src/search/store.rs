//! SQL of the index of words.

use super::{
    rank::Match,
    words::{Word, to_fts5, to_tsquery},
};
use crate::{
    caller::Caller,
    db::{
        Tx,
        conn::MultiBackend,
        dialect::{self, any_of},
        schema::{
            event::dsl,
            event_search::{self, dsl as index},
            search_word::{self, dsl as word},
        },
    },
    error::Result,
    event::{self, EventFilter},
    id::{EventId, PlaceId, SeriesId},
    time::Instant,
};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// The most events that are ranked.
const MOST_MATCHES: i64 = 500;
/// The most words that are compared for "did you mean".
const MOST_COMPARED: i64 = 30_000;

type Row = (EventId, Option<SeriesId>, Instant, Instant, Option<PlaceId>);

/// Events in public lists that have all the words: coming ones, next first, then past ones, latest first.
pub(super) fn matches(tx: &mut Tx<'_>, caller: &Caller, words: &[Word], filter: &EventFilter) -> Result<Vec<Match>> {
    let mut found = some(tx, caller, words, filter, true, MOST_MATCHES)?;
    let left = MOST_MATCHES - i64::try_from(found.len()).unwrap_or(MOST_MATCHES);
    if left > 0 {
        found.extend(some(tx, caller, words, filter, false, left)?);
    }
    if let Some(circle) = filter.near {
        let near = event::places_near(tx, circle, found.iter().filter_map(|row| row.4).collect())?;
        found.retain(|row| row.4.is_some_and(|place| near.contains(&place)));
    }
    with_words(tx, found)
}

fn some(
    tx: &mut Tx<'_>,
    caller: &Caller,
    words: &[Word],
    filter: &EventFilter,
    is_coming: bool,
    most: i64,
) -> Result<Vec<Row>> {
    let now = tx.now();
    let query = dsl::event
        .filter(event::selected(caller, filter))
        .filter(dialect::has_words(tx.conn, to_fts5(words), to_tsquery(words)))
        .select((dsl::id, dsl::series_id, dsl::begins_at, dsl::over_at, dsl::place_id))
        .limit(most)
        .into_boxed::<MultiBackend>();
    let coming = dsl::over_at.gt(now).or(dsl::begins_at.ge(now));
    let query = if is_coming {
        query.filter(coming).order((dsl::begins_at.asc(), dsl::id.asc()))
    } else {
        query
            .filter(diesel::dsl::not(coming))
            .order((dsl::begins_at.desc(), dsl::id.desc()))
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
pub(super) fn put(tx: &mut Tx<'_>, event: EventId, title: &str, other: &str) -> Result<()> {
    let known: Option<(i64, String, String)> = index::event_search
        .filter(index::event_id.eq(event))
        .select((index::id, index::title_words, index::other_words))
        .first(tx.conn)
        .optional()?;
    let before = match &known {
        Some((_, title_before, other_before)) if title_before == title && other_before == other => return Ok(()),
        Some((_, title_before, other_before)) => distinct(title_before, other_before),
        None => BTreeSet::new(),
    };
    let id = match known {
        Some((id, ..)) => {
            let words = (index::title_words.eq(title), index::other_words.eq(other));
            diesel::update(index::event_search.find(id))
                .set(words)
                .execute(tx.conn)?;
            id
        }
        None => diesel::insert_into(event_search::table)
            .values((
                index::event_id.eq(event),
                index::title_words.eq(title),
                index::other_words.eq(other),
            ))
            .returning(index::id)
            .get_result(tx.conn)?,
    };
    dialect::put_words(tx.conn, id, title, other)?;
    count(tx, &before, &distinct(title, other))
}

/// Takes an event out of the index.
pub(super) fn remove(tx: &mut Tx<'_>, event: EventId) -> Result<()> {
    let known: Option<(i64, String, String)> = index::event_search
        .filter(index::event_id.eq(event))
        .select((index::id, index::title_words, index::other_words))
        .first(tx.conn)
        .optional()?;
    let Some((id, title, other)) = known else { return Ok(()) };
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
pub(super) fn words_like(tx: &mut Tx<'_>, letters: &[char], _most: usize) -> Result<Vec<(String, i32)>> {
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
