//! A series in the form of a rule: what a calendar needs to repeat it by itself, and what deviates from the rule.

use super::selection::shortened;
use crate::{
    caller::Caller,
    db::Tx,
    error::{Error, Result, What},
    event::{
        self, Entry, Event, Visibility,
        series::{self, Series},
    },
    id::SeriesId,
    time::{Instant, LocalDateTime},
};

/// A series, as calendars exchange it (RFC 5545 §3.8.5).
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesFeed {
    /// The series; its rule and UID.
    pub series: Series,
    /// What all dates have in common, at the first date of the rule.
    pub master: Entry,
    /// Dates that the rule has and the series has not, by original begin.
    pub skipped: Vec<LocalDateTime>,
    /// Dates that the series has beside the rule.
    pub added: Vec<LocalDateTime>,
    /// Dates that are not as the rule and the master say, each with its original begin: those beside the rule too.
    pub overrides: Vec<(LocalDateTime, Entry)>,
    /// Whether everybody is to find it: the series and all its dates may stand in public lists.
    pub is_public: bool,
}

impl SeriesFeed {
    /// When it, or one of the dates that deviate, was changed last.
    pub fn changed_at(&self) -> Instant {
        let overrides = self.overrides.iter().map(|(_, entry)| entry.event.updated_at);
        overrides.fold(self.series.updated_at, Instant::max)
    }
}

/// A series in the form of a rule.
///
/// # Errors
/// `NotFound`, also for a series none of whose dates may be seen.
pub fn series(tx: &mut Tx<'_>, id: SeriesId) -> Result<SeriesFeed> {
    let dated = series::dated(tx, &Caller::Anonymous, id)?;
    let (keys, events): (Vec<LocalDateTime>, Vec<Event>) = dated.rows.into_iter().unzip();
    let mut entries = event::entries(tx, events, shortened)?;
    let pattern = entries
        .iter()
        .rposition(|entry| entry.event.detached.0.is_empty())
        .unwrap_or(entries.len().saturating_sub(1));
    let pattern = entries.get(pattern).cloned().ok_or(Error::NotFound(What::Series))?;
    let master = master(&dated.series, dated.first, pattern);
    let is_public = dated.series.template.0.visibility == Visibility::Public && entries.iter().all(Entry::is_public);
    let mut overrides: Vec<(LocalDateTime, Entry)> = keys.into_iter().zip(entries.drain(..)).collect();
    // Some readers know no RDATE, but show an override of a date that their rule does not give.
    overrides.retain(|(key, entry)| dated.added.contains(key) || !follows(&dated.series, &master, *key, entry));
    Ok(SeriesFeed {
        master,
        skipped: dated.skipped,
        added: dated.added,
        overrides,
        is_public,
        series: dated.series,
    })
}

/// A date that nobody changed shows what the template says, in rows and not in titles.
fn master(series: &Series, first: LocalDateTime, pattern: Entry) -> Entry {
    let schedule = series.schedule(first);
    let content = &series.template.0;
    let begins_at = schedule.begins_at();
    let event = Event {
        title: content.title.clone(),
        status: content.status,
        language: content.language.clone(),
        over_at: schedule.ends_at().unwrap_or(begins_at),
        begins_at,
        local_begin: schedule.begin,
        local_end: schedule.end,
        zone: schedule.zone,
        all_day: schedule.all_day,
        ical_uid: series.ical_uid.clone(),
        // Every change of the series counts; a calendar only asks for more than before.
        sequence: series.version.saturating_sub(1),
        created_at: series.created_at,
        updated_at: series.updated_at,
        ..pattern.event
    };
    Entry { event, ..pattern }
}

/// Whether a calendar that knows the master and the rule knows this date.
fn follows(series: &Series, master: &Entry, key: LocalDateTime, entry: &Entry) -> bool {
    let (own, common) = (&entry.event, &master.event);
    own.schedule() == series.schedule(key)
        && own.title == common.title
        && own.status == common.status
        && own.language == common.language
        && own.attendance == common.attendance
        && own.online_address == common.online_address
        && own.place_id == common.place_id
        && entry.tags == master.tags
        && entry.description == master.description
        && own.owner() == common.owner()
}
