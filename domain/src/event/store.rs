//! SQL of events. What changes a row takes the proof that a policy gave.

use super::{
    filter::EventFilter,
    model::{Attendance, Event, State, Visibility},
    policy,
};
use crate::{
    access::Granted,
    caller::Caller,
    change::Touched,
    db::{
        Tx,
        column::DbUuid,
        conn::MultiBackend,
        dialect::{Condition, any_of, statement},
        schema::{
            event::{self, dsl},
            event_tag, event_text,
        },
    },
    error::{Error, Reason, Result},
    id::{EventId, PlaceId, TagId},
    text::RichText,
};
use diesel::{
    prelude::*,
    query_builder::{AstPass, QueryFragment},
    sql_types::{Bool, Integer},
};
use std::collections::HashMap;

/// Writes a new row and its text.
pub(super) fn insert(tx: &mut Tx<'_>, event: &Granted<Event, policy::Edit>, description: &RichText) -> Result<()> {
    diesel::insert_into(event::table).values(&**event).execute(tx.conn)?;
    insert_text(tx, event.id, description)
}

/// Writes a row that was read as `version`.
///
/// # Errors
/// `Conflict(StaleVersion)` when somebody else saved in the meantime.
pub(super) fn save(tx: &mut Tx<'_>, event: Granted<Event, policy::Edit>) -> Result<Event> {
    let (read, now) = (event.version, tx.now());
    let row = event.edit(|event| {
        event.version = read.saturating_add(1);
        event.updated_at = now.max(event.created_at);
    });
    let saved = Save {
        set: AsChangeset::as_changeset(&*row),
        id: row.id,
        read,
    };
    let saved = saved.execute(tx.conn)?;
    if saved == 1 {
        Ok(row.into_inner())
    } else {
        Err(Error::Conflict(Reason::StaleVersion))
    }
}

/// `UPDATE` of a row that was read as a version.
struct Save<'a> {
    set: <&'a Event as AsChangeset>::Changeset,
    id: EventId,
    read: i32,
}
statement!(Save);

impl QueryFragment<MultiBackend> for Save<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.push_sql("UPDATE event SET ");
        self.set.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<DbUuid, _>(&self.id)?;
        out.push_sql(" AND version = ");
        out.push_bind_param::<Integer, _>(&self.read)
    }
}

/// Removes a row that was never announced.
pub(super) fn delete(tx: &mut Tx<'_>, event: &Granted<Event, policy::Edit>) -> Result<()> {
    diesel::delete(dsl::event.find(event.id)).execute(tx.conn)?;
    Ok(())
}

/// Writes the long text.
pub(super) fn save_text(tx: &mut Tx<'_>, id: EventId, description: &RichText) -> Result<()> {
    diesel::delete(event_text::table.find(id)).execute(tx.conn)?;
    insert_text(tx, id, description)
}

fn insert_text(tx: &mut Tx<'_>, id: EventId, description: &RichText) -> Result<()> {
    if !description.is_empty() {
        diesel::insert_into(event_text::table)
            .values((event_text::event_id.eq(id), event_text::description.eq(description)))
            .execute(tx.conn)?;
    }
    Ok(())
}

pub(super) fn by_ids(tx: &mut Tx<'_>, ids: &[EventId]) -> Result<Vec<Event>> {
    let mut events = Vec::with_capacity(ids.len());
    for ids in ids.chunks(1000) {
        events.extend(
            dsl::event
                .filter(any_of(dsl::id, ids))
                .select(Event::as_select())
                .load::<Event>(tx.conn)?,
        );
    }
    Ok(events)
}

pub(super) fn texts(tx: &mut Tx<'_>, ids: &[EventId]) -> Result<HashMap<EventId, RichText>> {
    let mut texts = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(1000) {
        let rows: Vec<(EventId, RichText)> = event_text::table
            .filter(any_of(event_text::event_id, ids))
            .load(tx.conn)?;
        texts.extend(rows);
    }
    Ok(texts)
}

/// Whether another event has this calendar UID.
pub(super) fn has_uid(tx: &mut Tx<'_>, uid: &str) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(dsl::event.filter(dsl::ical_uid.eq(uid)))).get_result(tx.conn)?)
}

/// The tags of an event.
pub(super) fn tags(tx: &mut Tx<'_>, id: EventId) -> Result<Vec<TagId>> {
    Ok(event_tag::table
        .filter(event_tag::event_id.eq(id))
        .select(event_tag::tag_id)
        .load(tx.conn)?)
}

/// Everything that shows this event.
pub(super) fn touched(tx: &mut Tx<'_>, event: &Event, before: Option<PlaceId>, old_tags: &[TagId]) -> Result<Touched> {
    let mut tags = tags(tx, event.id)?;
    let old_ones: Vec<TagId> = old_tags.iter().filter(|tag| !tags.contains(tag)).copied().collect();
    tags.extend(old_ones);
    Ok(touching(event, before, tags))
}

/// [`touched`] with the tags that the event has or had.
pub(super) fn touching(event: &Event, before: Option<PlaceId>, tags: Vec<TagId>) -> Touched {
    let mut profiles = vec![event.organizer_id];
    profiles.extend(event.group_id.filter(|group| *group != event.organizer_id));
    let mut places: Vec<PlaceId> = event.place_id.into_iter().chain(before).collect();
    places.dedup();
    Touched {
        series: event.series_id,
        profiles,
        places,
        tags,
    }
}

/// The rows that a caller may see: what [`policy::view`] says, as SQL. A property test compares the two.
pub(super) fn visible_to(caller: &Caller) -> Condition<'static, event::table> {
    let open = dsl::state.eq(State::Published).and(
        dsl::visibility
            .eq(Visibility::Public)
            .or(dsl::visibility.eq(Visibility::Unlisted)),
    );
    match caller {
        Caller::System => Box::new(dsl::state.ne(State::Deleted)),
        Caller::Anonymous => Box::new(open),
        Caller::Local { profile, .. } | Caller::Remote { profile } => {
            let mine = dsl::organizer_id
                .eq(*profile)
                .or(dsl::group_id.assume_not_null().eq(*profile));
            let mine = dsl::state.ne(State::Deleted).and(mine);
            Box::new(open.or(mine))
        }
    }
}

/// The conditions of a filter, without the circle, which needs the place, and without the length.
pub(crate) fn conditions(filter: &EventFilter) -> Condition<'static, event::table> {
    let mut all: Condition<'static, event::table> = Box::new(true.into_sql::<Bool>());
    if let Some(from) = filter.from {
        all = Box::new(all.and(dsl::over_at.gt(from).or(dsl::begins_at.ge(from))));
    }
    if let Some(until) = filter.until {
        all = Box::new(all.and(dsl::begins_at.lt(until)));
    }
    if let Some(now) = filter.over {
        // What is over has begun: so the index of begins serves.
        all = Box::new(all.and(dsl::over_at.le(now).and(dsl::begins_at.lt(now))));
    }
    if !filter.categories.is_empty() {
        all = Box::new(all.and(dsl::category.eq_any(filter.categories.clone())));
    }
    if !filter.statuses.is_empty() {
        all = Box::new(all.and(dsl::status.eq_any(filter.statuses.clone())));
    }
    if !filter.languages.is_empty() {
        let any = dsl::language
            .is_null()
            .or(dsl::language.assume_not_null().eq_any(filter.languages.clone()));
        all = Box::new(all.and(any));
    }
    if let Some(attendance) = filter.attendance {
        all = Box::new(all.and(dsl::attendance.eq_any([attendance, Attendance::Hybrid])));
    }
    if let Some(tags) = &filter.tags {
        let tagged = event_tag::table
            .filter(any_of(event_tag::tag_id, tags))
            .select(event_tag::event_id);
        all = Box::new(all.and(dsl::id.eq_any(tagged)));
    }
    if let Some(profile) = filter.profile {
        all = Box::new(
            all.and(
                dsl::organizer_id
                    .eq(profile)
                    .or(dsl::group_id.assume_not_null().eq(profile)),
            ),
        );
    }
    if let Some(place) = filter.place {
        all = Box::new(all.and(dsl::place_id.assume_not_null().eq(place)));
    }
    if let Some(series) = filter.series {
        all = Box::new(all.and(dsl::series_id.assume_not_null().eq(series)));
    }
    if let Some(except) = filter.except {
        all = Box::new(all.and(dsl::id.ne(except)));
    }
    all
}

/// Every row that [`visible_to`] selects, by identifier: to compare with the policy.
#[cfg(test)]
pub(super) fn all_visible(tx: &mut Tx<'_>, caller: &Caller) -> Result<Vec<Event>> {
    Ok(dsl::event
        .filter(visible_to(caller))
        .order(dsl::id)
        .select(Event::as_select())
        .load(tx.conn)?)
}

/// Every row, by identifier.
#[cfg(test)]
pub(super) fn everything(tx: &mut Tx<'_>) -> Result<Vec<Event>> {
    Ok(dsl::event.order(dsl::id).select(Event::as_select()).load(tx.conn)?)
}
