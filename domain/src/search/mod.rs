//! Finding events by words: the same answers on both databases.
//!
//! The database says which events match; [`rank`] says in which order. The index follows a change within a second, by
//! the job `search.index`.

mod index;
pub mod job;
mod rank;
mod spelling;
mod store;
mod words;

pub use index::index;

use crate::{
    caller::Caller,
    change::{CacheTag, ListKind},
    db::Tx,
    error::Result,
    event::{self, Event, EventFilter},
    page::PageRequest,
};

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Query {
    /// As it was typed.
    pub text: String,
    /// What else must hold. Its order is not looked at: the best match comes first.
    pub filter: EventFilter,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// One page: coming events before past ones, better matches first.
    pub events: Vec<Event>,
    /// How many match in all, counted up to 500; of matches that the filter leaves out, 5,000 are looked at.
    pub total: i64,
    /// Another spelling that finds something, when nothing was found.
    pub did_you_mean: Option<String>,
}

/// Whether a text has words to look for.
pub fn has_words(text: &str) -> bool {
    !words::of_query(text).is_empty()
}

/// Finds events by words. Text without words finds what the filter alone selects.
///
/// # Errors
/// Those of the database.
pub fn find(tx: &mut Tx<'_>, caller: &Caller, query: &Query, page: PageRequest) -> Result<Found> {
    let words = words::of_query(&query.text);
    if words.is_empty() {
        let events = event::list(tx, caller, &query.filter, page)?;
        return Ok(Found {
            events,
            total: event::count(tx, caller, &query.filter)?,
            did_you_mean: None,
        });
    }
    tx.saw(CacheTag::List(ListKind::Search));
    let matches = store::matches(tx, caller, &words, &query.filter)?;
    let ranked = rank::rank(&words, matches, tx.now(), query.filter.collapse_series);
    let total = i64::try_from(ranked.len()).unwrap_or(i64::MAX);
    let skipped = usize::try_from(page.offset()).unwrap_or(usize::MAX);
    let shown = usize::try_from(page.limit()).unwrap_or(0);
    let ids: Vec<_> = ranked.into_iter().skip(skipped).take(shown).collect();
    let events = event::by_ids(tx, caller, &ids)?;
    let did_you_mean = if total == 0 {
        spelling::suggest(tx, &words)?
    } else {
        None
    };
    Ok(Found {
        events,
        total,
        did_you_mean,
    })
}

#[cfg(test)]
mod tests;
