//! Words that events are found by.

mod store;

use crate::{
    change::{CacheTag, ListKind},
    db::{Tx, schema::tag},
    error::{Error, Result, What},
    id::{EventId, TagId},
    page::PageRequest,
    text::{PlainText, Slug},
};
use diesel::prelude::*;
use std::collections::HashMap;

/// The most characters of a tag.
pub const MOST_TITLE: u32 = 40;

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, Identifiable)]
#[diesel(table_name = tag)]
pub struct Tag {
    /// Identifier.
    pub id: TagId,
    /// The word in addresses: tags with one slug are the same.
    pub slug: Slug,
    /// As it was first written.
    pub title: PlainText,
}

/// The tags with these titles, made where they are missing, without repeats. Titles without letters are left out.
pub(crate) fn find_or_create(tx: &mut Tx<'_>, titles: &[PlainText]) -> Result<Vec<Tag>> {
    let mut wanted: Vec<(Slug, &PlainText)> = Vec::new();
    for title in titles {
        if let Some(slug) = Slug::of(title.as_str())
            && wanted.iter().all(|(known, _)| *known != slug)
        {
            wanted.push((slug, title));
        }
    }
    store::find_or_create(tx, &wanted)
}

/// Takes all tags off an event.
pub(crate) fn detach(tx: &mut Tx<'_>, event: EventId) -> Result<()> {
    store::detach(tx, event)
}

/// Writes which tags an event without tags has, in this order.
pub(crate) fn attach(tx: &mut Tx<'_>, event: EventId, tags: &[TagId]) -> Result<()> {
    store::attach(tx, event, tags)
}

/// The tag with this slug, where an event that everybody may read, or could until it was deleted, has it.
///
/// # Errors
/// `NotFound`.
pub fn by_slug(tx: &mut Tx<'_>, slug: &Slug) -> Result<Tag> {
    let found = by_slugs(tx, std::slice::from_ref(slug))?;
    let found = found.into_values().next().ok_or(Error::NotFound(What::Tag))?;
    if store::is_known(tx, found.id)? {
        Ok(found)
    } else {
        Err(Error::NotFound(What::Tag))
    }
}

/// The tags with these slugs, which stand on something that the caller may see; without those that no event has had yet.
///
/// # Errors
/// Those of the database.
pub fn by_slugs(tx: &mut Tx<'_>, slugs: &[Slug]) -> Result<HashMap<Slug, Tag>> {
    let found = store::by_slugs(tx, slugs)?;
    for tag in &found {
        tx.saw(CacheTag::Tag(tag.id));
    }
    if found.len() < slugs.len() {
        tx.saw(CacheTag::List(ListKind::Names));
    }
    Ok(found.into_iter().map(|tag| (tag.slug.clone(), tag)).collect())
}

/// The tags of each of these events, in their order.
///
/// # Errors
/// Those of the database.
pub fn of_events(tx: &mut Tx<'_>, events: &[EventId]) -> Result<HashMap<EventId, Vec<Tag>>> {
    for event in events {
        tx.saw(CacheTag::Event(*event));
    }
    store::of_events(tx, events)
}

/// Tags of events in public lists whose slug begins with what was typed, or all, by slug.
///
/// # Errors
/// Those of the database.
pub fn list(tx: &mut Tx<'_>, typed: Option<&str>, page: PageRequest) -> Result<Vec<Tag>> {
    tx.saw(CacheTag::List(ListKind::Events));
    store::list(tx, typed.and_then(Slug::of), page)
}

/// Tags that events in public lists with this tag have, most frequent first.
///
/// # Errors
/// Those of the database.
pub fn related(tx: &mut Tx<'_>, of: TagId, most: i64) -> Result<Vec<Tag>> {
    tx.saw(CacheTag::Tag(of));
    store::related(tx, of, most)
}
