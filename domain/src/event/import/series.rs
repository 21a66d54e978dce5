//! Rules, added and left-out dates, and changed dates of one UID → a series.

use super::{
    ImportedOverride, ImportedSeries,
    component::{Property, Unreadable},
    dates::{self, Wanted},
    group::{self, Group, Master, Override},
    note::NoteKind,
    reader::Reader,
    stamp::Stamp,
    timing::Timing,
    zone::Frame,
};
use crate::{
    event::Schedule,
    time::{
        Day, LocalDateTime, Zone,
        recurrence::{MOST_DATES, Recurrence, Rule},
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// The most left-out dates that a series keeps.
const MOST_SKIPPED: usize = 2_000;

/// How often an event takes place.
pub(super) enum Repetition {
    /// It does not repeat.
    Once,
    /// Exceptions leave no date of it.
    Never,
    /// On several dates.
    Series(Box<ImportedSeries>),
}

/// Days in which a series without dates in the window is looked at.
const A_WHILE: i32 = 1_200;
/// Expansions of the coming dates that are written out: a quarter and more of the densest rule.
const MOST_PAGES: usize = 4;

/// The changed dates of a series by the date that they stand for.
type Changes<'a> = BTreeMap<LocalDateTime, Override<'a>>;

impl<'a> Reader<'a> {
    /// The dates of a group.
    pub(super) fn series(&mut self, group: &Group<'a>, master: Master<'a>, timing: &Timing<'a>) -> Repetition {
        let (line, uid) = (master.component.line, group.uid.as_str());
        let mut recurrence = self.recurrence(master, timing, uid);
        let (from, until) = self.window;
        let window = self.expand(&recurrence, from, until).unwrap_or_else(|| {
            self.refuse_rule(&mut recurrence, line, uid);
            self.expand(&recurrence, from, until).unwrap_or_default()
        });
        let changes = self.changes(group, timing, &mut recurrence);
        let repeats = recurrence.rule.is_some() || !recurrence.added.is_empty();
        if !repeats && changes.is_empty() {
            return Repetition::Once; // exceptions of what does not repeat mean nothing
        }
        if self.is_empty(&recurrence, &window) {
            self.notes.about(NoteKind::NoDate, line, uid, None);
            return Repetition::Never;
        }
        self.count_rows(window.len());
        let changes = self.settle(&mut recurrence, timing, changes, window, line, uid);
        let schedule = Schedule {
            begin: recurrence.start,
            end: timing.duration().map(|seconds| recurrence.start.plus_seconds(seconds)),
            zone: recurrence.zone.clone(),
            all_day: timing.all_day,
        };
        let event = self.event(master.component, uid, schedule, None);
        let shown = if timing.is_moment {
            self.zones.shown.clone()
        } else {
            recurrence.zone.clone()
        };
        let overrides = changes
            .into_iter()
            .map(|(original, one)| ImportedOverride {
                original,
                event: self.changed(&one, uid, &shown, Some(&event.content.title)),
            })
            .collect();
        Repetition::Series(Box::new(ImportedSeries {
            recurrence,
            duration_s: timing.duration(),
            event,
            overrides,
            at_once: usize::MAX,
        }))
    }

    /// Whether exceptions leave no date of a series.
    fn is_empty(&mut self, recurrence: &Recurrence, window: &[LocalDateTime]) -> bool {
        if !window.is_empty() || recurrence.skipped.is_empty() {
            return false;
        }
        let first = first(recurrence);
        let until = self.window.1.max(a_while_after(first));
        self.expand(recurrence, first, until)
            .is_some_and(|dates| dates.is_empty())
    }

    fn refuse_rule(&mut self, recurrence: &mut Recurrence, line: u32, uid: &str) {
        let rule = recurrence.rule.take();
        let what = rule.as_ref().map(Rule::as_str);
        self.notes.about(NoteKind::RuleRefused, line, uid, what);
    }

    /// The dates that the master describes, on its own clock.
    fn recurrence(&mut self, master: Master<'a>, timing: &Timing<'a>, uid: &str) -> Recurrence {
        let mut recurrence = Recurrence {
            rule: self.rule(master, timing, uid),
            start: timing.begin,
            zone: match &timing.frame {
                Frame::Named(zone) => zone.clone(),
                Frame::Described(_) => self.zones.shown.clone(), // its UNTIL is a reading of the clock already
            },
            all_day: timing.all_day,
            added: Vec::new(),
            skipped: Vec::new(),
        };
        let added = self.stamps(master, "RDATE", uid);
        let added = added
            .into_iter()
            .map(|stamp| self.added(stamp, timing, master.component.line));
        recurrence.added = added.collect();
        self.bound(&mut recurrence.added, MOST_DATES, master, uid);
        let (mut skipped, mut days) = (Vec::new(), BTreeSet::new());
        for stamp in self.stamps(master, "EXDATE", uid) {
            match self.wanted(stamp, timing, master.component.line) {
                Wanted::One(dates) if timing.all_day => skipped.extend(dates.into_iter().take(1)),
                Wanted::One(readings) => skipped.extend(readings),
                Wanted::Day(day) => {
                    days.insert(day);
                }
            }
        }
        skipped.extend(self.of_days(&recurrence, &days));
        recurrence.skipped = skipped;
        self.bound(&mut recurrence.skipped, MOST_SKIPPED, master, uid);
        recurrence
    }

    /// The rule, if there is one that we accept.
    fn rule(&mut self, master: Master<'a>, timing: &Timing<'a>, uid: &str) -> Option<Rule> {
        let component = master.component;
        for ignored in component.all("RRULE").skip(1).chain(component.all("EXRULE")) {
            let what = ignored.text();
            self.notes
                .about(NoteKind::RuleIgnored, component.line, uid, what.as_deref());
        }
        let text = component.all("RRULE").next()?.text()?;
        let rule = match &timing.frame {
            Frame::Described(_) => Rule::parse(&dates::with_local_until(&text, &timing.frame)),
            Frame::Named(_) => Rule::parse(&text),
        };
        if rule.is_err() {
            self.notes
                .about(NoteKind::RuleRefused, component.line, uid, Some(&text));
        }
        rule.ok()
    }

    /// The dates of these properties; those that cannot be read are noted.
    fn stamps(&mut self, master: Master<'a>, name: &'static str, uid: &str) -> Vec<Stamp<'a>> {
        let mut read = Vec::new();
        for stamp in master.component.all(name).flat_map(Property::stamps) {
            match stamp {
                Ok(stamp) => read.push(stamp),
                Err(Unreadable(what)) if what.is_empty() => {}
                Err(Unreadable(what)) => {
                    self.notes
                        .about(NoteKind::BadDate, master.component.line, uid, Some(&what));
                }
            }
        }
        read
    }

    fn added(&mut self, stamp: Stamp<'a>, timing: &Timing<'a>, line: u32) -> LocalDateTime {
        match stamp {
            _ if timing.all_day => stamp.written().day().midnight(),
            Stamp::Day(day) => dates::at_clock_of(day, timing.begin),
            other => self.local(other, timing, line),
        }
    }

    /// Sorts, drops repeats and bounds the number of dates; those from 400 days ago on stay first.
    fn bound(&mut self, dates: &mut Vec<LocalDateTime>, most: usize, master: Master<'a>, uid: &str) {
        if !dates::bound(dates, most, self.window.0) {
            let (line, what) = (master.component.line, most.to_string());
            self.notes.about(NoteKind::TooManyDates, line, uid, Some(&what));
        }
    }

    /// The dates of a series that a stamp may mean, the likelier first.
    fn wanted(&mut self, stamp: Stamp<'a>, timing: &Timing<'a>, line: u32) -> Wanted {
        let written = stamp.written().day().midnight();
        match stamp {
            Stamp::At(instant, local) if timing.all_day && local.clock() != (0, 0, 0) => {
                // Midnight of some zone, written in UTC.
                let here = timing.frame.local(instant).day().midnight();
                Wanted::One(vec![here, written])
            }
            _ if timing.all_day => Wanted::One(vec![written]),
            Stamp::Day(day) => Wanted::Day(day),
            Stamp::Floating(local) => Wanted::One(vec![local]),
            Stamp::Zoned(local, tzid) if timing.tzid == Some(tzid) => Wanted::One(vec![local]),
            Stamp::Zoned(..) | Stamp::At(..) => {
                let instant = self.instant(stamp, timing, line);
                Wanted::One(dates::readings(&timing.frame, instant))
            }
        }
    }

    /// Every date of these days: at the time of the begin, the added ones, and what the rule makes of other hours.
    fn of_days(&mut self, recurrence: &Recurrence, days: &BTreeSet<Day>) -> Vec<LocalDateTime> {
        let mut dates: Vec<_> = days
            .iter()
            .map(|day| dates::at_clock_of(*day, recurrence.start))
            .collect();
        dates.extend(recurrence.added.iter().filter(|date| days.contains(&date.day())));
        let rule = recurrence.rule.as_ref().map(Rule::as_str).unwrap_or_default();
        if rule.contains("BYHOUR") || rule.contains("BYMINUTE") {
            let days = days
                .range(recurrence.start.day()..)
                .take(MOST_SKIPPED)
                .copied()
                .collect();
            dates.extend(self.on_days(recurrence, &days).unwrap_or_default());
        }
        dates
    }

    /// The changed dates of a group by the date that each stands for: the newest where there are several. Those that
    /// the series does not have are noted; those that must not be shown become left-out dates.
    fn changes(&mut self, group: &Group<'a>, timing: &Timing<'a>, recurrence: &mut Recurrence) -> Changes<'a> {
        let wanted: Vec<_> = group
            .overrides
            .iter()
            .map(|one| self.wanted(one.original, timing, one.component.line))
            .collect();
        let found = dates::find(&wanted, |from, until| self.expand(recurrence, from, until));
        let mut changes = Changes::new();
        for (one, date) in group.overrides.iter().zip(found) {
            let line = one.component.line;
            let Some(date) = date else {
                let what = one.original.code();
                self.notes
                    .about(NoteKind::UnknownInstance, line, &group.uid, Some(&what));
                continue;
            };
            if let Some(known) = changes.get(&date) {
                self.notes
                    .about(NoteKind::OlderVersion, line.min(known.component.line), &group.uid, None);
                if group::age(known.component) > group::age(one.component) {
                    continue;
                }
            }
            changes.insert(date, *one);
        }
        let hidden: Vec<_> = changes
            .iter()
            .filter(|(_, one)| one.private)
            .map(|(date, _)| *date)
            .collect();
        changes.retain(|_, one| !one.private);
        recurrence.skipped.extend(hidden);
        self.bound_changes(&mut changes, group);
        changes
    }

    /// Bounds the number of changed dates from 400 days ago on, which get their rows at once: the farthest go.
    fn bound_changes(&mut self, changes: &mut Changes<'a>, group: &Group<'a>) {
        let from = self.window.0;
        let kept = self.take_changes(changes.range(from..).count());
        let Some((first, one)) = changes.range(from..).nth(kept) else {
            return;
        };
        let (first, line) = (*first, one.component.line);
        drop(changes.split_off(&first));
        self.notes
            .about(NoteKind::TooManyDates, line, &group.uid, Some(&kept.to_string()));
    }

    /// The dates in the window; of a dense rule, the coming ones matter more than the past.
    fn written_out(&mut self, recurrence: &Recurrence) -> Vec<LocalDateTime> {
        let (from, until) = self.window;
        let mut dates = self.expand(recurrence, from, self.quarter).unwrap_or_default();
        let mut next = self.quarter;
        for _ in 0..MOST_PAGES {
            let page = self.expand(recurrence, next, until).unwrap_or_default();
            let is_full = page.len() >= MOST_DATES;
            dates.extend_from_slice(&page);
            match page.last() {
                Some(last) if is_full => next = last.plus_seconds(1),
                _ => break,
            }
        }
        dates
    }

    /// Gives a series that is in a zone without a name a zone with one. Where none agrees with all its dates, the
    /// dates in the window are written out in the zone that moments are shown in, and the rule is dropped.
    fn settle(
        &mut self,
        recurrence: &mut Recurrence,
        timing: &Timing<'a>,
        changes: Changes<'a>,
        window: Vec<LocalDateTime>,
        line: u32,
        uid: &str,
    ) -> Changes<'a> {
        let Frame::Described(description) = &timing.frame else {
            return changes;
        };
        let mut all = if window.is_empty() {
            let first = first(recurrence);
            self.expand(recurrence, first, a_while_after(first)).unwrap_or_default()
        } else {
            window
        };
        all.extend(changes.keys());
        all.sort();
        all.dedup();
        if let Some(zone) = self.zones.agreeing(description, &all) {
            recurrence.zone = zone;
            return changes;
        }
        self.notes.about(NoteKind::ZoneWithoutName, line, uid, timing.tzid);
        let written_out = self.written_out(recurrence);
        if !written_out.is_empty() {
            all = written_out;
            all.extend(changes.keys());
            all.sort();
            all.dedup();
        }
        let zone: Zone = self.zones.shown.clone();
        let shown = |date: LocalDateTime| zone.local(description.instant(date));
        let mut dates = all.into_iter().map(shown);
        recurrence.start = dates.next().unwrap_or_else(|| shown(recurrence.start));
        recurrence.added = dates.collect();
        recurrence.skipped = Vec::new();
        recurrence.rule = None;
        let changes = changes.into_iter().map(|(date, one)| (shown(date), one)).collect();
        recurrence.zone = zone;
        changes
    }
}

/// The earliest date that a series can have.
fn first(recurrence: &Recurrence) -> LocalDateTime {
    recurrence
        .added
        .iter()
        .copied()
        .fold(recurrence.start, LocalDateTime::min)
}

/// A while after a date, or the end of time.
fn a_while_after(first: LocalDateTime) -> LocalDateTime {
    let later = first.plus_days(A_WHILE);
    if later > first { later } else { LocalDateTime::MAX }
}
