//! What a series is.

use crate::{
    db::{
        column::{json_column, text_enum},
        schema::series,
    },
    error::{Code, FieldError, Result},
    event::model::{Content, Schedule},
    id::{ProfileId, SeriesId},
    time::{
        Day, Instant, LocalDateTime, Zone,
        recurrence::{Recurrence, Rule},
    },
};
use diesel::{deserialize::FromSqlRow, expression::AsExpression, prelude::*, sql_types::Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What the occurrences of a series have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub struct Template(pub Content);

json_column!(Template);

/// A series.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = series, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Series {
    /// Identifier, part of its address.
    pub id: SeriesId,
    /// The profile that announced it.
    pub organizer_id: ProfileId,
    /// The group that it is announced for.
    pub group_id: Option<ProfileId>,
    /// The zone of its wall times.
    pub zone: Zone,
    /// Wall time of the first begin.
    pub start_local: LocalDateTime,
    /// Whole days.
    pub all_day: bool,
    /// Seconds of wall time that each date lasts; `None`: no end is said.
    pub duration_s: Option<i64>,
    /// The rule (RFC 5545 RRULE), canonical; empty: its start and the added dates are all.
    pub rule: String,
    /// What its dates have in common.
    pub template: Template,
    /// Wall time up to which rows were made, and none were left to the job that extends series.
    pub horizon_local: LocalDateTime,
    /// The series that it goes on from, after "this and later".
    pub continues_series_id: Option<SeriesId>,
    /// UID in the export of the series.
    pub ical_uid: String,
    /// Counts every change.
    pub version: i32,
    /// When it came into being.
    pub created_at: Instant,
    /// When it was changed last.
    pub updated_at: Instant,
}

impl Series {
    /// Whose it is: the group, where there is one, else the person.
    pub fn owner(&self) -> ProfileId {
        self.group_id.unwrap_or(self.organizer_id)
    }

    /// The path of its page.
    pub fn path(&self) -> String {
        format!("/series/{}", self.id)
    }
}

text_enum! {
    /// A date beside the rule.
    pub enum DateKind {
        /// Added to it.
        Add = "add",
        /// Left out of it.
        Skip = "skip",
    }
}

/// Dates beside the rule, by key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dates {
    /// Added to the rule.
    pub added: Vec<String>,
    /// Left out of the rule.
    pub skipped: Vec<String>,
}

impl Dates {
    /// Those of a recurrence: sorted, without repeats; what is left out is not added.
    pub(super) fn beside(recurrence: &Recurrence) -> Self {
        let keys = |starts: &[LocalDateTime]| -> BTreeSet<String> {
            starts.iter().map(|at| key(*at, recurrence.all_day)).collect()
        };
        let (added, skipped) = (keys(&recurrence.added), keys(&recurrence.skipped));
        Self {
            added: added.difference(&skipped).cloned().collect(),
            skipped: skipped.into_iter().collect(),
        }
    }

    /// Those from `pivot` on.
    pub(super) fn from(mut self, pivot: &str) -> Self {
        self.added.retain(|key| key.as_str() >= pivot);
        self.skipped.retain(|key| key.as_str() >= pivot);
        self
    }

    /// Those before `pivot`.
    pub(super) fn until(mut self, pivot: &str) -> Self {
        self.added.retain(|key| key.as_str() < pivot);
        self.skipped.retain(|key| key.as_str() < pivot);
        self
    }
}

/// A series that is to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSeries {
    /// The profile that announces it.
    pub organizer: ProfileId,
    /// The group that it is announced for.
    pub group: Option<ProfileId>,
    /// When. Without a rule, its start and the added dates are all.
    pub recurrence: Recurrence,
    /// Seconds of wall time that each date lasts.
    pub duration_s: Option<i64>,
    /// What its dates have in common.
    pub content: Content,
    /// A UID of elsewhere to keep for the export of the series, if no series here has it.
    pub ical_uid: Option<String>,
}

/// The key of the occurrence that begins at `local`: `20261205T180000`, all-day `20261205`.
pub fn key(local: LocalDateTime, all_day: bool) -> String {
    let compact = local.compact();
    if all_day {
        compact.split('T').next().unwrap_or_default().to_owned()
    } else {
        compact
    }
}

/// The original local start that a key names.
pub fn key_start(key: &str) -> Option<LocalDateTime> {
    if key.contains('T') {
        LocalDateTime::from_compact(key)
    } else {
        LocalDateTime::from_compact(&format!("{key}T000000"))
    }
}

impl Series {
    /// The rule, parsed; `None`: its start and the added dates are all.
    ///
    /// # Errors
    /// `Invalid` where a newer program wrote a rule that this one refuses.
    pub fn rule(&self) -> Result<Option<Rule>> {
        if self.rule.is_empty() {
            Ok(None)
        } else {
            Rule::parse(&self.rule).map(Some)
        }
    }

    /// Writes a rule.
    pub(super) fn set_rule(&mut self, rule: Option<&Rule>) {
        rule.map_or("", Rule::as_str).clone_into(&mut self.rule);
    }

    /// The rule with its dates, ready to be expanded.
    ///
    /// # Errors
    /// As [`Series::rule`].
    pub fn recurrence(&self, dates: &Dates) -> Result<Recurrence> {
        let starts = |keys: &[String]| keys.iter().filter_map(|key| key_start(key)).collect();
        Ok(Recurrence {
            rule: self.rule()?,
            start: self.start_local,
            zone: self.zone.clone(),
            all_day: self.all_day,
            added: starts(&dates.added),
            skipped: starts(&dates.skipped),
        })
    }

    /// Wall time up to which an edit on `today` gives it rows: its horizon, moved ahead where the daily job would do so.
    pub(super) fn reach(&self, today: Day) -> LocalDateTime {
        if self.is_short(today) {
            window(today).1
        } else {
            self.horizon_local
        }
    }

    /// Whether rows are due: the job that extends series has something to do.
    pub(super) fn is_short(&self, today: Day) -> bool {
        self.horizon_local < today.plus_days(REFILL_BELOW).midnight()
    }

    /// When the occurrence that begins at `begin` is.
    pub fn schedule(&self, begin: LocalDateTime) -> Schedule {
        Schedule {
            begin,
            end: self.duration_s.map(|seconds| begin.plus_seconds(seconds)),
            zone: self.zone.clone(),
            all_day: self.all_day,
        }
    }
}

/// Checks the length of the dates of a series.
///
/// # Errors
/// `Invalid(endsOn)`.
pub(super) fn checked_duration(all_day: bool, duration_s: Option<i64>) -> Result<()> {
    let whole_days = duration_s.is_some_and(|seconds| seconds > 0 && seconds % 86_400 == 0);
    match duration_s {
        Some(seconds) if seconds < 0 => Err(FieldError::one("endsOn", Code::EndsBeforeBegin)),
        _ if all_day && !whole_days => Err(FieldError::one("endsOn", Code::Malformed)),
        _ => Ok(()),
    }
}

/// How far rows reach back and ahead of today, in days.
pub const DAYS_BACK: i32 = 400;
/// How far rows reach ahead of today, in days.
pub const DAYS_AHEAD: i32 = 400;
/// The daily job refills a series whose rows reach less far than this, in days.
pub const REFILL_BELOW: i32 = 370;
/// The most rows of a series that have not begun.
pub const MOST_COMING: usize = 730;

/// The wall times between which a series has rows, on `today`.
pub(super) fn window(today: Day) -> (LocalDateTime, LocalDateTime) {
    (
        today.plus_days(-DAYS_BACK).midnight(),
        today.plus_days(DAYS_AHEAD).midnight(),
    )
}
