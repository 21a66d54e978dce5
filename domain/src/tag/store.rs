//! SQL of tags.

use super::Tag;
use crate::{
    access,
    db::{
        Tx,
        dialect::{any_of, insert_all, insert_new},
        schema::{event, event_tag, tag},
    },
    error::Result,
    id::{EventId, TagId},
    page::PageRequest,
    text::{PlainText, Slug},
};
use diesel::{dsl::count_star, prelude::*};
use std::collections::HashMap;

/// Events with the tag that are looked at for related ones.
const MOST_SAMPLED: i64 = 500;

pub(super) fn find_or_create(tx: &mut Tx<'_>, wanted: &[(Slug, &PlainText)]) -> Result<Vec<Tag>> {
    let slugs: Vec<Slug> = wanted.iter().map(|(slug, _)| slug.clone()).collect();
    let known = by_slugs(tx, &slugs)?;
    let mut tags = Vec::with_capacity(wanted.len());
    for (slug, title) in wanted {
        match known.iter().find(|tag| tag.slug == *slug) {
            Some(tag) => tags.push(tag.clone()),
            None => tags.push(insert(tx, slug, title)?),
        }
    }
    Ok(tags)
}

/// Two nodes may make one tag at once: who comes second takes the first one's.
fn insert(tx: &mut Tx<'_>, slug: &Slug, title: &PlainText) -> Result<Tag> {
    let row = Tag {
        id: TagId(tx.new_uuid()),
        slug: slug.clone(),
        title: title.clone(),
    };
    tx.dropped([crate::change::CacheTag::List(crate::change::ListKind::Names)]);
    if insert_new!(&mut *tx.conn, tag::table, &row)? == 1 {
        return Ok(row);
    }
    Ok(tag::table
        .filter(tag::slug.eq(slug))
        .select(Tag::as_select())
        .first(tx.conn)?)
}

#[derive(Insertable, PartialEq)]
#[diesel(table_name = event_tag)]
struct Link {
    event_id: EventId,
    tag_id: TagId,
    position: i32,
}

pub(super) fn detach(tx: &mut Tx<'_>, event: EventId) -> Result<()> {
    diesel::delete(event_tag::table.filter(event_tag::event_id.eq(event))).execute(tx.conn)?;
    Ok(())
}

pub(super) fn attach(tx: &mut Tx<'_>, event: EventId, tags: &[TagId]) -> Result<()> {
    let links: Vec<Link> = (0..)
        .zip(tags)
        .map(|(position, tag)| Link {
            event_id: event,
            tag_id: *tag,
            position,
        })
        .collect();
    insert_all!(&mut *tx.conn, event_tag::table, links);
    Ok(())
}

/// The events with a tag, as SQL, in a query of tags.
macro_rules! event_of_tag {
    ($which:expr) => {
        diesel::dsl::exists(
            event_tag::table
                .inner_join(event::table)
                .filter(event_tag::tag_id.eq(tag::id))
                .filter($which),
        )
    };
}

pub(super) fn is_known(tx: &mut Tx<'_>, id: TagId) -> Result<bool> {
    let shown = tag::table
        .filter(tag::id.eq(id))
        .filter(event_of_tag!(access::known_events()))
        .select(tag::id);
    Ok(diesel::select(diesel::dsl::exists(shown)).get_result(tx.conn)?)
}

pub(super) fn by_slugs(tx: &mut Tx<'_>, slugs: &[Slug]) -> Result<Vec<Tag>> {
    let mut tags = Vec::with_capacity(slugs.len());
    for slugs in slugs.chunks(1000) {
        let rows = tag::table.filter(tag::slug.eq_any(slugs)).select(Tag::as_select());
        tags.extend(rows.load::<Tag>(tx.conn)?);
    }
    Ok(tags)
}

pub(super) fn of_events(tx: &mut Tx<'_>, events: &[EventId]) -> Result<HashMap<EventId, Vec<Tag>>> {
    let mut of_events: HashMap<EventId, Vec<Tag>> = HashMap::new();
    for events in events.chunks(1000) {
        let rows: Vec<(EventId, Tag)> = event_tag::table
            .inner_join(tag::table)
            .filter(any_of(event_tag::event_id, events))
            .order((event_tag::event_id, event_tag::position))
            .select((event_tag::event_id, Tag::as_select()))
            .load(tx.conn)?;
        for (event, tag) in rows {
            of_events.entry(event).or_default().push(tag);
        }
    }
    Ok(of_events)
}

pub(super) fn list(tx: &mut Tx<'_>, prefix: Option<Slug>, page: PageRequest) -> Result<Vec<Tag>> {
    let mut query = tag::table
        .filter(event_of_tag!(access::listed_events()))
        .into_boxed()
        .order(tag::slug)
        .limit(page.limit())
        .offset(page.offset());
    if let Some(prefix) = prefix {
        let end = format!("{prefix}\u{10ffff}");
        query = query.filter(tag::slug.ge(prefix.as_str().to_owned()).and(tag::slug.lt(end)));
    }
    Ok(query.select(Tag::as_select()).load(tx.conn)?)
}

pub(super) fn related(tx: &mut Tx<'_>, of: TagId, most: i64) -> Result<Vec<Tag>> {
    let events: Vec<EventId> = event_tag::table
        .inner_join(event::table)
        .filter(event_tag::tag_id.eq(of))
        .filter(access::listed_events())
        .order(event_tag::event_id.desc())
        .limit(MOST_SAMPLED)
        .select(event_tag::event_id)
        .load(tx.conn)?;
    let counted: Vec<(TagId, i64)> = event_tag::table
        .filter(any_of(event_tag::event_id, &events).and(event_tag::tag_id.ne(of)))
        .group_by(event_tag::tag_id)
        .select((event_tag::tag_id, count_star()))
        .order((count_star().desc(), event_tag::tag_id))
        .limit(most)
        .load(tx.conn)?;
    let ids: Vec<TagId> = counted.into_iter().map(|(id, _)| id).collect();
    let mut tags: Vec<Tag> = tag::table
        .filter(any_of(tag::id, &ids))
        .select(Tag::as_select())
        .load(tx.conn)?;
    tags.sort_by_key(|tag| ids.iter().position(|id| *id == tag.id));
    Ok(tags)
}
