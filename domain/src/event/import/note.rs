//! What an import tells: each thing that was skipped or bent, with the place in the file.
//!
//! The kinds are stable codes; the doors translate them. The English words here are for logs and the command line.

use serde::{Serialize, Serializer};
use std::fmt;

/// The most notes of one reading; what comes after is only counted.
pub const MOST_NOTES: usize = 500;

/// One thing that was skipped or bent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What happened.
    pub kind: NoteKind,
    /// The line of the file, counted from 1: of the text, or of the `BEGIN` of the event.
    pub line: Option<u32>,
    /// The UID of the event, where it has one.
    pub uid: Option<String>,
    /// The text that it is about, shortened: a zone, a rule, a date, a number.
    pub what: Option<String>,
}

/// Makes [`NoteKind`] with the code and the English sentence of each kind.
///
/// `Private = "private": "marked as private; not imported."` expands to the variant, documented by its sentence, and
/// to its arms in `code` and `sentence`.
macro_rules! kinds {
    ($($kind:ident = $code:literal : $sentence:literal,)+) => {
        /// What happened, as a stable code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum NoteKind {
            $(#[doc = $sentence] $kind,)+
        }

        impl NoteKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The code, which never changes.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$kind => $code),+ }
            }

            const fn sentence(self) -> &'static str {
                match self { $(Self::$kind => $sentence),+ }
            }
        }
    };
}

kinds! {
    Incomplete = "incomplete": "The file ends before END:VCALENDAR; what is there was read, nothing will be removed.",
    EncodingGuessed = "encoding_guessed": "This is not UTF-8; it was read as Western European (Windows-1252).",
    InvalidLine = "invalid_line": "This line is no calendar property; it was skipped.",
    TooDeep = "too_deep": "Components are nested too deeply; the inner ones were skipped.",
    NoStart = "no_start": "This event has no DTSTART; it was skipped.",
    BadStart = "bad_start": "This event begins at a date that does not exist; it was skipped.",
    BadDate = "bad_date": "This date does not exist or cannot be read; it was left out.",
    EndBeforeBegin = "end_before_begin": "The end lies before the begin; the event was taken without it.",
    NoTitle = "no_title": "This event has no title; words from its text, its place or its calendar stand in.",
    TitleCut = "title_cut": "The title is too long; it was cut.",
    Private = "private": "This event is marked as private or confidential; it was not imported.",
    OlderVersion = "older_version": "The file has a newer version of this event; this one was skipped.",
    UnknownZone = "unknown_zone": "Nobody knows this time zone; the calendar's own zone was used.",
    ZoneWithoutName = "zone_without_name":
        "This time zone is only described in the file; the dates were computed from that and are shown in another zone.",
    RuleRefused = "rule_refused": "This rule of repetition is too dense or cannot be read; only the dates written out were kept.",
    RuleIgnored = "rule_ignored": "This second rule, or rule of exceptions, is not supported; it was left out.",
    NoDate = "no_date": "Every date of this series is left out by its exceptions; it was skipped.",
    UnknownInstance = "unknown_instance": "This changes a date that the series does not have; it was skipped.",
    ThisAndFuture = "this_and_future": "A change of this and all later dates was applied to this date only.",
    Repeated = "repeated": "An event with this begin and title is there already; this repetition was skipped.",
    TooManyDates = "too_many_dates": "So many single dates or exceptions are not kept; those nearest to today were taken.",
    TooManyItems = "too_many_items": "A calendar of so many events is not read whole; coming ones and the latest past ones were taken.",
    TooManyRows = "too_many_rows": "So many dates are not made at once; the nearest ones are there now, the rest follows hour by hour.",
    MoreNotes = "more_notes": "So many more messages are not shown.",
}

impl Serialize for NoteKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl fmt::Display for Note {
    /// `line 12 (a@example.org): This event has no DTSTART; it was skipped.`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, &self.uid) {
            (Some(line), Some(uid)) => write!(f, "line {line} ({uid}): ")?,
            (Some(line), None) => write!(f, "line {line}: ")?,
            (None, Some(uid)) => write!(f, "{uid}: ")?,
            (None, None) => {}
        }
        f.write_str(self.kind.sentence())?;
        match &self.what {
            Some(what) => write!(f, " [{what}]"),
            None => Ok(()),
        }
    }
}

/// The notes of a reading, bounded.
#[derive(Debug, Default)]
pub(super) struct Notes {
    kept: Vec<Note>,
    more: u32,
}

impl Notes {
    /// Notes something about the file.
    pub(super) fn add(&mut self, kind: NoteKind, line: Option<u32>, what: Option<&str>) {
        self.push(kind, line, None, what);
    }

    /// Notes something about an event.
    pub(super) fn about(&mut self, kind: NoteKind, line: u32, uid: &str, what: Option<&str>) {
        self.push(kind, Some(line), Some(uid), what);
    }

    fn push(&mut self, kind: NoteKind, line: Option<u32>, uid: Option<&str>, what: Option<&str>) {
        if self.kept.len() < MOST_NOTES {
            self.kept.push(Note {
                kind,
                line,
                uid: uid.map(short),
                what: what.map(short),
            });
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// The notes, by line; where there were too many, the last one counts the others.
    pub(super) fn finish(mut self) -> Vec<Note> {
        self.kept.sort_by_key(|note| note.line.unwrap_or(0));
        if self.more > 0 {
            self.kept.push(Note {
                kind: NoteKind::MoreNotes,
                line: None,
                uid: None,
                what: Some(self.more.to_string()),
            });
        }
        self.kept
    }
}

/// Text of the file as it stands in a note.
fn short(text: &str) -> String {
    crate::text::rich::excerpt(text, 120)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_snake_case_and_each_stands_for_one_kind() {
        let codes: HashSet<_> = NoteKind::ALL.iter().map(|kind| kind.code()).collect();
        assert_eq!(codes.len(), NoteKind::ALL.len());
        assert!(
            codes
                .iter()
                .all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        );
    }

    #[test]
    fn notes_are_sentences_that_say_where() {
        let mut notes = Notes::default();
        notes.about(NoteKind::NoStart, 12, "a@example.org", None);
        notes.add(NoteKind::UnknownZone, None, Some("Mars/Olympus"));
        let told: Vec<_> = notes.finish().iter().map(Note::to_string).collect();
        assert_eq!(
            told,
            [
                "Nobody knows this time zone; the calendar's own zone was used. [Mars/Olympus]",
                "line 12 (a@example.org): This event has no DTSTART; it was skipped.",
            ]
        );
    }

    #[test]
    fn a_flood_of_notes_is_counted() {
        let mut notes = Notes::default();
        for line in 0..1_000 {
            notes.add(NoteKind::InvalidLine, Some(line), Some(&"x".repeat(10_000)));
        }
        let notes = notes.finish();
        assert_eq!(notes.len(), MOST_NOTES + 1);
        assert_eq!(notes.last().unwrap().what.as_deref(), Some("500"));
        assert!(
            notes
                .iter()
                .all(|note| note.what.as_ref().is_none_or(|what| what.len() < 200))
        );
    }
}
