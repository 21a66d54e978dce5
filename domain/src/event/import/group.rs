//! Components of one UID belong together, wherever they stand in the file.

use super::{
    component::{Component, Unreadable},
    note::{NoteKind, Notes},
    stamp::Stamp,
};
use crate::time::{Day, LocalDateTime};
use sha2::{Digest, Sha256};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

/// The longest UID that is kept as it is; RFC 7986 advises 255.
const LONGEST_UID: usize = 300;

/// What a file says of one UID: an event with its changed dates, or one changed date of an event that it does not have.
#[derive(Debug, PartialEq)]
pub(super) struct Group<'a> {
    /// Its UID, or one made of begin and title where the file has none: the same at each reading.
    pub(super) uid: String,
    /// The event itself.
    pub(super) master: Option<Master<'a>>,
    /// Single dates of it that are otherwise.
    pub(super) overrides: Vec<Override<'a>>,
}

/// An event without RECURRENCE-ID, with its begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Master<'a> {
    pub(super) component: &'a Component,
    pub(super) start: Stamp<'a>,
}

/// An event with RECURRENCE-ID: the date that it stands for, and its own begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Override<'a> {
    pub(super) component: &'a Component,
    pub(super) original: Stamp<'a>,
    pub(super) start: Stamp<'a>,
    /// Not to be shown: only that it replaces the date counts.
    pub(super) private: bool,
}

impl PartialEq for Master<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.component.line == other.component.line
    }
}

impl PartialEq for Override<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.component.line == other.component.line
    }
}

/// Puts the events of a file together by UID, in the order of the file, and says whether all could be read: what was
/// left out may still be in the calendar.
pub(super) fn groups<'a>(events: &'a [Component], notes: &mut Notes) -> (Vec<Group<'a>>, bool) {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut all_read = true;
    for component in events {
        let uid = uid(component);
        let Some(part) = part(component, &uid, notes) else {
            all_read = false;
            continue;
        };
        let place = *places.entry(uid.clone()).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Group {
                uid,
                master: None,
                overrides: Vec::new(),
            });
        }
        if let Some(group) = groups.get_mut(place) {
            group.take(&part, notes);
        }
    }
    for group in &mut groups {
        group.drop_private(notes);
    }
    let groups = groups.into_iter().flat_map(|group| group.split(notes)).collect();
    (groups, all_read)
}

enum Part<'a> {
    Master(Master<'a>),
    Override(Override<'a>),
}

/// What a component is; `None`, with a note, where it has no begin, or stands for a date that cannot be read.
fn part<'a>(component: &'a Component, uid: &str, notes: &mut Notes) -> Option<Part<'a>> {
    let start = match component.stamp("DTSTART") {
        Some(Ok(start)) => start,
        Some(Err(Unreadable(what))) => {
            notes.about(NoteKind::BadStart, component.line, uid, Some(&what));
            return None;
        }
        None => {
            notes.about(NoteKind::NoStart, component.line, uid, None);
            return None;
        }
    };
    match component.stamp("RECURRENCE-ID") {
        None => Some(Part::Master(Master { component, start })),
        Some(Ok(original)) => Some(Part::Override(Override {
            component,
            original,
            start,
            private: is_private(component),
        })),
        Some(Err(Unreadable(what))) => {
            notes.about(NoteKind::BadDate, component.line, uid, Some(&what));
            None
        }
    }
}

impl<'a> Group<'a> {
    fn take(&mut self, part: &Part<'a>, notes: &mut Notes) {
        match part {
            Part::Override(one) => self.overrides.push(*one),
            Part::Master(new) => {
                let older = match self.master.replace(*new) {
                    Some(old) if age(old.component) > age(new.component) => {
                        self.master = Some(old);
                        *new
                    }
                    Some(old) => old,
                    None => return,
                };
                notes.about(NoteKind::OlderVersion, older.component.line, &self.uid, None);
            }
        }
    }

    /// Of a private event nothing is kept. A private date of a public series is kept as a date that does not show.
    fn drop_private(&mut self, notes: &mut Notes) {
        if let Some(master) = self.master.filter(|master| is_private(master.component)) {
            notes.about(NoteKind::Private, master.component.line, &self.uid, None);
            self.master = None;
            self.overrides.clear();
        }
        for one in self.overrides.iter().filter(|one| one.private) {
            notes.about(NoteKind::Private, one.component.line, &self.uid, None);
        }
        if self.master.is_none() {
            self.overrides.retain(|one| !one.private);
        }
    }

    /// Changed dates without the event itself are apart from each other: a group for each date, with its newest version.
    /// A group without anything is dropped.
    fn split(self, notes: &mut Notes) -> Vec<Self> {
        if self.master.is_some() {
            return vec![self];
        }
        let mut newest: BTreeMap<LocalDateTime, Override<'a>> = BTreeMap::new();
        for one in self.overrides {
            newest
                .entry(one.original.written())
                .and_modify(|known| {
                    let older = if age(known.component) > age(one.component) {
                        one
                    } else {
                        std::mem::replace(known, one)
                    };
                    notes.about(NoteKind::OlderVersion, older.component.line, &self.uid, None);
                })
                .or_insert(one);
        }
        let apart = newest.into_values().map(|one| Self {
            uid: self.uid.clone(),
            master: None,
            overrides: vec![one],
        });
        apart.collect()
    }

    /// Coming events and series first, then past ones, latest first.
    fn rank(&self, today: Day) -> (bool, Reverse<Day>) {
        let component = self.master.map(|master| master.component);
        let repeats =
            component.is_some_and(|component| ["RRULE", "RDATE"].iter().any(|name| component.first(name).is_some()));
        let last = self.master.map(|master| master.start).into_iter();
        let last = last.chain(self.overrides.iter().map(|one| one.start));
        let last = last.map(|start| start.written().day()).max().unwrap_or(today);
        if repeats || last >= today.plus_days(-1) {
            (false, Reverse(today))
        } else {
            (true, Reverse(last))
        }
    }
}

/// Keeps the `most` groups that matter most, in the order of the file, and says whether all could stay.
pub(super) fn keep_most(groups: Vec<Group<'_>>, most: usize, today: Day) -> (Vec<Group<'_>>, bool) {
    if groups.len() <= most {
        return (groups, true);
    }
    let mut ranked: Vec<_> = groups.into_iter().enumerate().collect();
    ranked.sort_by_key(|(place, group)| (group.rank(today), *place));
    ranked.truncate(most);
    ranked.sort_by_key(|(place, _)| *place);
    (ranked.into_iter().map(|(_, group)| group).collect(), false)
}

/// What makes one version newer than another: SEQUENCE, then DTSTAMP; of equals the later in the file.
pub(super) fn age(component: &Component) -> (i32, Option<LocalDateTime>) {
    let stamp = component.stamp("DTSTAMP").and_then(Result::ok);
    (sequence(component), stamp.map(Stamp::written))
}

/// RFC 5545 SEQUENCE; 0 where it is missing or no number.
pub(super) fn sequence(component: &Component) -> i32 {
    let text = component.text("SEQUENCE");
    text.and_then(|text| text.parse::<i64>().ok())
        .map_or(0, |number| i32::try_from(number.max(0)).unwrap_or(i32::MAX))
}

fn is_private(component: &Component) -> bool {
    let class = component.text("CLASS");
    class.is_some_and(|class| {
        ["PRIVATE", "CONFIDENTIAL"]
            .iter()
            .any(|one| class.eq_ignore_ascii_case(one))
    })
}

/// The UID of a component. Without one: a hash of begin and title. One source of calendars never touches the events of
/// another, so that the source needs not be part of it.
fn uid(component: &Component) -> String {
    match component.text("UID") {
        Some(uid) if uid.len() <= LONGEST_UID => uid.split_whitespace().collect::<Vec<_>>().join(" "),
        Some(uid) => hash(&[&uid]),
        None => {
            let start = component.stamp("DTSTART").and_then(Result::ok);
            let start = start.map(Stamp::code).unwrap_or_default();
            hash(&[&start, &component.text("SUMMARY").unwrap_or_default()])
        }
    }
}

fn hash(parts: &[&str]) -> String {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update(part.as_bytes());
        sha.update([0]);
    }
    super::digest::hex(sha)
}
