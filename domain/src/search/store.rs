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
        dialect::{self, Indexed, Words, any_of},
        schema::{
            event::dsl,
            event_search::{self, dsl as index},
            search_word::{self, dsl as word},
        },
    },
    error::{Error, Result},
    event::{self, Event, EventFilter, Listing},
    id::{EventId, PlaceId, SeriesId},
    time::Instant,
};
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap, HashSet};

/// The most events that are ranked.
const MOST_MATCHES: i64 = 500;
/// The most words that are compared for "did you mean".
const MOST_COMPARED: i64 = 30_000;
/// Matches that are looked at together: first as many as are shown; where a filter leaves most of them out, once more.
/// What comes later is not found.
const BATCHES: [i64; 2] = [MOST_MATCHES, 4_500];
/// Bits of the identifier of a row that tell apart what is over in the same second.
const OWN_BITS: u32 = 20;
/// Rows whose identifiers follow each other, at most: two events of one second have the same bits once in a million.
const MOST_NEIGHBOURS: i64 = 16;

type Row = (EventId, Option<SeriesId>, Instant, Instant, Option<PlaceId>);

/// Events in public lists that have all the words: coming ones, the next to be over first, then past ones, latest first.
pub(super) fn matches(tx: &mut Tx<'_>, caller: &Caller, words: &[Word], filter: &EventFilter) -> Result<Vec<Match>> {
    let words = for_index(words);
    let mut found: Vec<Row> = Vec::new();
    let mut known = HashSet::new();
    for stretch in stretches(tx.now(), filter) {
        let left = MOST_MATCHES - i64::try_from(found.len()).unwrap_or(MOST_MATCHES);
        if left <= 0 {
            break;
        }
        let rows = some(tx, caller, &words, filter, stretch, left)?;
        found.extend(rows.into_iter().filter(|row| known.insert(row.0)));
    }
    if let Some(circle) = filter.near {
        let near = event::places_near(tx, circle, found.iter().filter_map(|row| row.4).collect())?;
        found.retain(|row| row.4.is_some_and(|place| near.contains(&place)));
    }
    with_words(tx, found)
}

/// A part of the index, from one identifier to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    from: i64,
    to: i64,
    is_coming: bool,
}

/// What is read of the index, in this order: what is to come, then what is over. Of what began before a day, short events
/// are over soon after it: those come before the many that began later.
fn stretches(now: Instant, filter: &EventFilter) -> Vec<Stretch> {
    let now_on = first_of(now);
    let from = filter.from.map_or(i64::MIN, first_of);
    let to = filter.over.map_or(i64::MAX, last_of);
    let past = to.min(now_on.saturating_sub(1));
    let short = filter
        .until
        .map(|until| last_of(until.plus_seconds(Listing::SHORT_DAYS * 86_400)))
        .map_or(past, |short| short.min(past));
    let stretch = |from, to, is_coming| Stretch { from, to, is_coming };
    let all = [
        stretch(from.max(now_on), to, true),
        stretch(from, short, false),
        stretch(from.max(short.saturating_add(1)), past, false),
    ];
    all.into_iter().filter(|stretch| stretch.from <= stretch.to).collect()
}

/// The matches of a stretch: from the index of words where all that match are few, or where nothing else is.
fn some(
    tx: &mut Tx<'_>,
    caller: &Caller,
    words: &Words,
    filter: &EventFilter,
    stretch: Stretch,
    most: i64,
) -> Result<Vec<Row>> {
    let [first, _] = BATCHES;
    let batch = dialect::with_words(tx.conn, words, (stretch.from, stretch.to), stretch.is_coming, first)?;
    let is_all = i64::try_from(batch.len()).unwrap_or(first) < first;
    if !is_all && is_narrow(filter) {
        return among_few(tx, caller, words, filter, stretch, most);
    }
    in_order(tx, caller, words, filter, (stretch, batch), most)
}

/// The least identifier of what is over in this second.
fn first_of(second: Instant) -> i64 {
    second.micros().div_euclid(1_000_000) << OWN_BITS
}

/// The greatest one.
fn last_of(second: Instant) -> i64 {
    first_of(second) | ((1 << OWN_BITS) - 1)
}

/// The second of an identifier; `None` for the ends of all, where there is no bound.
fn second_of(id: i64) -> Option<Instant> {
    Instant::from_micros((id >> OWN_BITS).checked_mul(1_000_000)?)
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

/// From the index of words, in the order of time, as far as is needed. `batch`: the first one.
fn in_order(
    tx: &mut Tx<'_>,
    caller: &Caller,
    words: &Words,
    filter: &EventFilter,
    (mut stretch, mut batch): (Stretch, Vec<Indexed>),
    most: i64,
) -> Result<Vec<Row>> {
    let most = usize::try_from(most).unwrap_or(0);
    let [mut size, then] = BATCHES;
    let mut found = selected(tx, caller, filter, &batch)?;
    while size != then
        && found.len() < most
        && i64::try_from(batch.len()).unwrap_or(size) == size
        && let Some(last) = batch.last()
    {
        if stretch.is_coming {
            stretch.from = last.id.saturating_add(1);
        } else {
            stretch.to = last.id.saturating_sub(1);
        }
        size = then;
        batch = dialect::with_words(tx.conn, words, (stretch.from, stretch.to), stretch.is_coming, size)?;
        found.extend(selected(tx, caller, filter, &batch)?);
    }
    found.truncate(most);
    Ok(found)
}

/// Those that a caller may see and a filter selects, in the order of the index.
fn selected(tx: &mut Tx<'_>, caller: &Caller, filter: &EventFilter, batch: &[Indexed]) -> Result<Vec<Row>> {
    let ids: Vec<EventId> = batch.iter().map(|row| row.event_id).collect();
    let mut rows: HashMap<EventId, Row> = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(1_000) {
        let some: Vec<Row> = dsl::event
            .filter(any_of(dsl::id, ids))
            .filter(event::selected(caller, filter))
            .select((dsl::id, dsl::series_id, dsl::begins_at, dsl::over_at, dsl::place_id))
            .load(tx.conn)?;
        rows.extend(some.into_iter().map(|row| (row.0, row)));
    }
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}

/// From what the filter leaves, each of which is looked up in the index of words.
fn among_few(
    tx: &mut Tx<'_>,
    caller: &Caller,
    words: &Words,
    filter: &EventFilter,
    stretch: Stretch,
    most: i64,
) -> Result<Vec<Row>> {
    let mut query = dsl::event
        .filter(event::selected(caller, filter))
        .filter(dialect::has_words(tx.conn, words.clone()))
        .select((dsl::id, dsl::series_id, dsl::begins_at, dsl::over_at, dsl::place_id))
        .limit(most)
        .into_boxed::<MultiBackend>();
    if let Some(from) = second_of(stretch.from) {
        query = query.filter(dsl::over_at.ge(from));
    }
    if let Some(to) = second_of(stretch.to) {
        query = query.filter(dsl::over_at.lt(to.plus_seconds(1)));
    }
    let query = if stretch.is_coming {
        query.order((dsl::over_at.asc(), dsl::id.asc()))
    } else {
        query.order((dsl::over_at.desc(), dsl::id.desc()))
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
    let (first, mask) = (first_of(event.over_at), (1 << OWN_BITS) - 1);
    let (_, own) = event.id.0.as_u64_pair();
    let own = i64::try_from(own & u64::try_from(mask).unwrap_or(0)).unwrap_or(0);
    let wanted: Vec<i64> = (0..MOST_NEIGHBOURS).map(|step| first | ((own + step) & mask)).collect();
    let taken: Vec<i64> = index::event_search
        .filter(index::id.eq_any(&wanted))
        .select(index::id)
        .load(tx.conn)?;
    let free = wanted.into_iter().find(|id| !taken.contains(id));
    free.ok_or_else(|| Error::bug("no place in the index of words is free"))
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
