//! Groups of components → items.

use super::{
    ImportedEvent, Item, Kind, MOST_ROWS, Options, content, dates, digest,
    group::{self, Group, Master, Override},
    location,
    note::{NoteKind, Notes},
    series::Repetition,
    zone::Zones,
};
use crate::{
    text::PlainText,
    time::{
        Day, LocalDateTime, Zone,
        recurrence::{MOST_DATES, Recurrence},
    },
};
use std::collections::BTreeSet;

/// The most days that all expansions of one reading go through, some seconds of work: 2,000 series, each begun 25 years
/// ago, stay below. Counted in days and not in seconds, so that a busy machine reads the same as an idle one.
const MOST_DAYS: i32 = 40_000_000;
/// The most of them that one event may take, so that it does not keep the others from theirs.
const MOST_DAYS_OF_ONE: i32 = MOST_DAYS / 10;
/// What an expansion costs beside, in days.
const START_DAYS: i32 = 1_000;
/// The days after which an expansion is over anyway.
const LONGEST_DAYS: i32 = 300_000;
/// Days around today in which an imported series gets rows.
const WINDOW_DAYS: i32 = 400;
/// The days of the longest quarter of a year.
const QUARTER_DAYS: i32 = 92;
/// The most changed dates of one reading that are still to be looked at: each gets its row at once.
const MOST_CHANGES: usize = MOST_ROWS;

/// The state of a reading.
pub(super) struct Reader<'a> {
    pub(super) zones: Zones<'a>,
    pub(super) notes: &'a mut Notes,
    /// The quarter of the year that it is. What depends on today depends on this: within it, the same file is read the
    /// same, and nothing is taken for a change that is none.
    pub(super) quarter: LocalDateTime,
    /// All the days of that quarter in which series get rows.
    pub(super) window: (LocalDateTime, LocalDateTime),
    /// The name of the calendar: stands in where nothing else names an event.
    calendar: Option<PlainText>,
    /// Days that are left of [`MOST_DAYS`].
    days: i32,
    /// Days that are left of [`MOST_DAYS_OF_ONE`] for the event that is being read.
    days_of_one: i32,
    rows: usize,
    /// Changed dates that are left of [`MOST_CHANGES`].
    changes: usize,
}

impl<'a> Reader<'a> {
    /// A reader for one file.
    pub(super) fn new(zones: Zones<'a>, calendar: Option<PlainText>, options: &Options, notes: &'a mut Notes) -> Self {
        let quarter = first_of_quarter(zones.calendar.local(options.now).day()).midnight();
        let until = quarter.plus_days(QUARTER_DAYS + WINDOW_DAYS);
        Self {
            zones,
            notes,
            quarter,
            window: (quarter.plus_days(-WINDOW_DAYS), until),
            calendar,
            days: MOST_DAYS,
            days_of_one: MOST_DAYS_OF_ONE,
            rows: 0,
            changes: MOST_CHANGES,
        }
    }

    /// The items of a file. Changed dates without their event come last: whether they add something is seen then.
    pub(super) fn items(mut self, groups: &[Group<'a>]) -> Vec<Item> {
        let mut items = Vec::with_capacity(groups.len());
        for group in groups {
            if let Some(master) = group.master {
                self.days_of_one = MOST_DAYS_OF_ONE;
                items.extend(self.item(group, master));
            }
        }
        self.days_of_one = self.days; // an orphan looks through all series
        let mut orphans = Vec::new();
        for group in groups.iter().filter(|group| group.master.is_none()) {
            for one in &group.overrides {
                orphans.extend(self.orphan(&items, one, &group.uid));
            }
        }
        items.extend(orphans);
        if self.rows > MOST_ROWS {
            self.notes
                .add(NoteKind::TooManyRows, None, Some(&self.rows.to_string()));
            share_rows(&mut items);
        }
        items
    }

    fn item(&mut self, group: &Group<'a>, master: Master<'a>) -> Option<Item> {
        let kind = self.kind(group, master)?;
        let cut = master.component.cut || group.overrides.iter().any(|one| one.component.cut);
        Some(Item::new(group.uid.clone(), None, cut, kind))
    }

    fn kind(&mut self, group: &Group<'a>, master: Master<'a>) -> Option<Kind> {
        let (component, uid) = (master.component, group.uid.as_str());
        let timing = self.timing(component, master.start, uid);
        match self.series(group, master, &timing) {
            Repetition::Series(series) => Some(Kind::Series(series)),
            Repetition::Never => None,
            Repetition::Once => {
                self.rows += 1;
                let shown = self.zones.shown.clone();
                let schedule = self.schedule(&timing, &shown, component.line, uid);
                Some(Kind::Single(Box::new(self.event(component, uid, schedule, None))))
            }
        }
    }

    /// An event with its content; `title`: what it is called where it does not say.
    pub(super) fn event(
        &mut self,
        component: &super::component::Component,
        uid: &str,
        schedule: crate::event::Schedule,
        title: Option<&PlainText>,
    ) -> ImportedEvent {
        let stand_in = title.or(self.calendar.as_ref());
        let (mut content, picture) = content::content(component, uid, stand_in, self.notes);
        if let Some(place) = &mut content.place {
            place.town = location::position_of_town(place, &schedule);
        }
        ImportedEvent {
            schedule,
            content,
            picture,
            sequence: group::sequence(component),
        }
    }

    /// The changed date of a series, as an event; a moment is shown in `shown`.
    pub(super) fn changed(
        &mut self,
        one: &Override<'a>,
        uid: &str,
        shown: &Zone,
        title: Option<&PlainText>,
    ) -> ImportedEvent {
        let timing = self.timing(one.component, one.start, uid);
        let schedule = self.schedule(&timing, shown, one.component.line, uid);
        self.note_range(one, uid);
        self.event(one.component, uid, schedule, title)
    }

    fn note_range(&mut self, one: &Override<'a>, uid: &str) {
        use calcard::icalendar::ICalendarParameterName::Range;
        let property = one.component.first("RECURRENCE-ID");
        if property.is_some_and(|property| property.parameter(&Range).is_some()) {
            self.notes.about(NoteKind::ThisAndFuture, one.component.line, uid, None);
        }
    }

    /// Dates of a series; `None` where the rule takes too long, or too many were expanded in this file already.
    pub(super) fn expand(
        &mut self,
        recurrence: &Recurrence,
        from: LocalDateTime,
        until: LocalDateTime,
    ) -> Option<Vec<LocalDateTime>> {
        self.afford(recurrence, until.day())?;
        let dates = recurrence.between(from, until).ok();
        if dates.is_none() {
            self.spend(LONGEST_DAYS); // looking for a date that never comes is long work
        }
        dates
    }

    /// The dates of a rule on these days; `None` where too many were expanded already.
    pub(super) fn on_days(&mut self, recurrence: &Recurrence, days: &BTreeSet<Day>) -> Option<Vec<LocalDateTime>> {
        self.afford(recurrence, *days.last()?)?;
        recurrence.on_days(days).ok()
    }

    /// Pays for an expansion up to a day, if the event and the file have enough left.
    fn afford(&mut self, recurrence: &Recurrence, until: Day) -> Option<()> {
        let days = until.days_since(recurrence.start.day()).max(0);
        let times = recurrence
            .rule
            .as_ref()
            .map_or(0, |rule| dates::times_a_day(rule.as_str()));
        let cost = days.saturating_mul(times).min(LONGEST_DAYS) + START_DAYS;
        let is_left = cost <= self.days.min(self.days_of_one);
        is_left.then(|| self.spend(cost))
    }

    fn spend(&mut self, days: i32) {
        self.days = self.days.saturating_sub(days);
        self.days_of_one = self.days_of_one.saturating_sub(days);
    }

    /// Counts the rows that a series has at first.
    pub(super) fn count_rows(&mut self, dates: usize) {
        self.rows += dates.min(MOST_DATES);
    }

    /// Takes so many changed dates off what is left of them. Answers how many there were.
    pub(super) fn take_changes(&mut self, wanted: usize) -> usize {
        let taken = wanted.min(self.changes);
        self.changes -= taken;
        taken
    }

    /// The changed date of a series that the file does not have: a single event, unless an event of the file has the
    /// same begin and title.
    fn orphan(&mut self, items: &[Item], one: &Override<'a>, uid: &str) -> Option<Item> {
        let shown = self.zones.shown.clone();
        let event = self.changed(one, uid, &shown, None);
        if self.is_known(items, &event) {
            self.notes.about(NoteKind::Repeated, one.component.line, uid, None);
            return None;
        }
        self.rows += 1;
        let original = Some(one.original.written());
        Some(Item::new(
            uid.to_owned(),
            original,
            one.component.cut,
            Kind::Single(Box::new(event)),
        ))
    }

    /// Whether one of these items has a date with this begin and title.
    fn is_known(&mut self, items: &[Item], event: &ImportedEvent) -> bool {
        let begins_at = event.schedule.begins_at();
        let same_title = |other: &ImportedEvent| {
            other.content.title == event.content.title && other.schedule.all_day == event.schedule.all_day
        };
        items.iter().any(|item| match &item.kind {
            Kind::Single(single) => same_title(single) && single.schedule.begins_at() == begins_at,
            Kind::Series(series) if same_title(&series.event) => {
                let local = if event.schedule.all_day {
                    event.schedule.begin
                } else {
                    series.recurrence.zone.local(begins_at)
                };
                let dates = self.expand(&series.recurrence, local, local.plus_seconds(1));
                dates.is_some_and(|dates| !dates.is_empty())
            }
            Kind::Series(_) => false,
        })
    }
}

/// Gives each series its share of the rows that a reading makes at once, one at least.
fn share_rows(items: &mut [Item]) {
    let (mut events, mut all_series) = (0, Vec::new());
    for item in items {
        match &mut item.kind {
            Kind::Single(_) => events += 1,
            Kind::Series(series) => all_series.push(series),
        }
    }
    let share = MOST_ROWS.saturating_sub(events) / all_series.len().max(1);
    for series in all_series {
        series.at_once = share.max(1);
    }
}

/// The first day of the quarter of the year in which a day lies.
fn first_of_quarter(day: Day) -> Day {
    let (year, month, _) = day.parts();
    Day::new(year, month - (month - 1) % 3, 1).unwrap_or(day)
}

impl Item {
    fn new(uid: String, original: Option<LocalDateTime>, cut: bool, kind: Kind) -> Self {
        Self {
            digest: digest::of(&kind),
            uid,
            original,
            cut,
            kind,
        }
    }
}
