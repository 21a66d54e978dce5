//! Logical lines → a well-formed calendar of what we use, ready for the parser.
//!
//! Here components that were never closed are closed, and lines that are no properties are noted with their number,
//! which the parser cannot do (it skips them in silence). What is never stored (attendees, alarms, tasks, journals) is
//! not handed on at all. Of the parser's own traps one is avoided here: it wraps the numbers of a rule around
//! (INTERVAL=65537 becomes 1, INTERVAL=0 vanishes), so rules are handed on as texts.

use super::{
    decode::{self, Line},
    note::{NoteKind, Notes},
};

/// The deepest nesting that is followed; a calendar has three levels.
const DEEPEST: usize = 8;
/// The longest name with parameters, in bytes, that is handed to the parser.
const LONGEST_HEAD: usize = 16_000;

/// A file that the parser can read.
#[derive(Debug, Default)]
pub(super) struct Outline {
    /// Well-formed: every component closed, no folding, names in upper case.
    pub(super) text: String,
    /// Where each component of `text` begins, in their order.
    pub(super) begins: Vec<Begin>,
    /// The file has a calendar.
    pub(super) has_calendar: bool,
    /// The last calendar of the file is closed: nothing was cut off.
    pub(super) complete: bool,
}

/// Where a component begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Begin {
    /// The line in the file, from 1.
    pub(super) line: u32,
    /// The file ends inside this component.
    pub(super) cut: bool,
}

/// Reads the lines of a file.
pub(super) fn outline(octets: &[u8], notes: &mut Notes) -> Outline {
    let mut builder = Builder {
        outline: Outline {
            text: String::with_capacity(octets.len()),
            ..Outline::default()
        },
        open: Vec::new(),
        beyond: 0,
        notes,
    };
    let mut guessed = None;
    for line in decode::lines(octets) {
        if line.guessed {
            guessed = guessed.or(Some(line.number));
        }
        builder.read(&line);
    }
    if guessed.is_some() {
        builder.notes.add(NoteKind::EncodingGuessed, guessed, None);
    }
    builder.finish()
}

/// A component that is open.
struct Open {
    name: String,
    /// Its place in `begins`; `None`: it is not handed on.
    begin: Option<usize>,
}

struct Builder<'a> {
    outline: Outline,
    open: Vec<Open>,
    /// Levels that are open below the deepest one.
    beyond: u32,
    notes: &'a mut Notes,
}

impl Builder<'_> {
    fn read(&mut self, line: &Line) {
        let Some((head, value)) = split(&line.text) else {
            return self.invalid(line);
        };
        let Some(name) = name(head) else {
            return self.invalid(line);
        };
        match name.as_str() {
            "BEGIN" => self.begin(value.trim().to_ascii_uppercase(), line),
            "END" => self.end(&value.trim().to_ascii_uppercase(), line),
            // The last line of a file that was cut may be half a line: half a date is another date.
            _ if !line.ended => {}
            _ => self.property(&name, head, value),
        }
    }

    fn invalid(&mut self, line: &Line) {
        let inside_what_is_skipped = self.open.last().is_some_and(|open| open.begin.is_none());
        if !inside_what_is_skipped && !line.text.trim().is_empty() {
            self.notes
                .add(NoteKind::InvalidLine, Some(line.number), Some(&line.text));
        }
    }

    fn begin(&mut self, name: String, line: &Line) {
        match name.as_str() {
            "VCALENDAR" => {
                self.close_down_to(0);
                self.outline.has_calendar = true;
                self.outline.complete = false;
                self.push(name, line, true);
            }
            "VEVENT" | "VTIMEZONE" => {
                self.close_down_to(1);
                if self.open.is_empty() {
                    self.push("VCALENDAR".to_owned(), line, true);
                }
                self.push(name, line, true);
            }
            "STANDARD" | "DAYLIGHT" => {
                if self.is_open("STANDARD") || self.is_open("DAYLIGHT") {
                    self.close_down_to(self.open.len().saturating_sub(1));
                }
                let kept = self.is_open("VTIMEZONE");
                self.push(name, line, kept);
            }
            _ if self.open.len() >= DEEPEST => {
                if self.beyond == 0 {
                    self.notes.add(NoteKind::TooDeep, Some(line.number), None);
                }
                self.beyond = self.beyond.saturating_add(1);
            }
            _ => self.push(name, line, false),
        }
    }

    fn is_open(&self, name: &str) -> bool {
        self.open.last().is_some_and(|open| open.name == name)
    }

    fn push(&mut self, name: String, line: &Line, kept: bool) {
        let begin = kept.then(|| {
            self.outline.begins.push(Begin {
                line: line.number,
                cut: false,
            });
            self.write("BEGIN", "", &name);
            self.outline.begins.len() - 1
        });
        self.open.push(Open { name, begin });
    }

    fn end(&mut self, name: &str, line: &Line) {
        if self.beyond > 0 && name != "VCALENDAR" {
            self.beyond -= 1;
            return;
        }
        match self.open.iter().rposition(|open| open.name == name) {
            Some(at) => self.close_down_to(at),
            None => self.invalid(line),
        }
    }

    /// Closes components until so many are open.
    fn close_down_to(&mut self, depth: usize) {
        self.beyond = 0;
        while self.open.len() > depth {
            let Some(open) = self.open.pop() else { return };
            if open.begin.is_some() {
                self.write("END", "", &open.name);
            }
            if open.name == "VCALENDAR" {
                self.outline.complete = self.outline.has_calendar;
            }
        }
    }

    fn property(&mut self, name: &str, head: &str, value: &str) {
        let Some(open) = self.open.last().filter(|open| open.begin.is_some()) else {
            return;
        };
        if self.beyond > 0 || head.len() > LONGEST_HEAD || !used(&open.name).contains(&name) {
            return;
        }
        if matches!(name, "RRULE" | "EXRULE") {
            self.write(name, ";VALUE=TEXT", value);
        } else {
            let parameters = head.find(';').and_then(|at| head.get(at..)).unwrap_or_default();
            self.write(name, parameters, value);
        }
    }

    fn write(&mut self, name: &str, parameters: &str, value: &str) {
        for part in [name, parameters, ":", value, "\n"] {
            self.outline.text.push_str(part);
        }
    }

    fn finish(mut self) -> Outline {
        let complete = self.open.is_empty() && self.outline.complete;
        for begin in self.open.iter().filter_map(|open| open.begin) {
            if let Some(begin) = self.outline.begins.get_mut(begin) {
                begin.cut = true;
            }
        }
        self.close_down_to(0);
        Outline {
            complete,
            ..self.outline
        }
    }
}

/// The properties that we use of a component.
fn used(component: &str) -> &'static [&'static str] {
    match component {
        "VCALENDAR" => &["NAME", "X-WR-CALNAME", "X-WR-TIMEZONE"],
        "VEVENT" => &[
            "UID",
            "SEQUENCE",
            "DTSTAMP",
            "DTSTART",
            "DTEND",
            "DURATION",
            "RECURRENCE-ID",
            "RRULE",
            "RDATE",
            "EXDATE",
            "EXRULE",
            "STATUS",
            "CLASS",
            "SUMMARY",
            "DESCRIPTION",
            "X-ALT-DESC",
            "STYLED-DESCRIPTION",
            "LOCATION",
            "GEO",
            "X-APPLE-STRUCTURED-LOCATION",
            "CATEGORIES",
            "URL",
            "CONFERENCE",
            "X-GOOGLE-CONFERENCE",
            "X-MICROSOFT-SKYPETEAMSMEETINGURL",
            "ATTACH",
            "IMAGE",
        ],
        "VTIMEZONE" => &["TZID", "X-LIC-LOCATION", "X-MICROSOFT-CDO-TZID"],
        _ => &["DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"],
    }
}

/// Name with parameters, and value: at the first colon outside of quotes, or the first one where quotes do not close.
fn split(line: &str) -> Option<(&str, &str)> {
    let mut quoted = false;
    let outside = line.find(|c: char| {
        quoted ^= c == '"';
        c == ':' && !quoted
    });
    let at = outside.or_else(|| line.find(':'))?;
    Some((line.get(..at)?, line.get(at + 1..)?))
}

/// The name in upper case; `None` where it is none: empty, or with white space or signs inside.
fn name(head: &str) -> Option<String> {
    let name = head.split(';').next()?.trim();
    let good = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    // vCard-like groups ("item1.URL") belong to the name after the dot.
    let name = name.rsplit('.').next()?;
    (good && !name.is_empty()).then(|| name.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Outline, Vec<(NoteKind, Option<u32>)>) {
        let mut notes = Notes::default();
        let outline = outline(text.as_bytes(), &mut notes);
        let told = notes.finish().into_iter().map(|note| (note.kind, note.line)).collect();
        (outline, told)
    }

    #[test]
    fn names_are_upper_case_and_rules_are_texts() {
        let (outline, told) = read(
            "begin:Vcalendar\nBegin:vEvent \nsummary;Language=fr:Fête: a\nRRULE;X=\":\":FREQ=DAILY\nend:VEVENT\nEND : vcalendar\n",
        );
        assert_eq!(
            outline.text,
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY;Language=fr:Fête: a\nRRULE;VALUE=TEXT:FREQ=DAILY\nEND:VEVENT\nEND:VCALENDAR\n"
        );
        assert!(outline.complete && told.is_empty());
    }

    #[test]
    fn what_is_never_stored_is_not_handed_on() {
        let (outline, told) = read(
            "BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:a\njunk\nEND:VTODO\nBEGIN:VEVENT\nUID:1\nATTENDEE:mailto:a@example.org\nBEGIN:VALARM\nTRIGGER:-PT5M\nDESCRIPTION:b\nEND:VALARM\nEND:VEVENT\nEND:VCALENDAR\n",
        );
        assert_eq!(
            outline.text,
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR\n"
        );
        assert_eq!(told, []);
    }

    #[test]
    fn lines_that_are_no_properties_are_noted_with_their_number() {
        let (outline, told) =
            read("BEGIN:VCALENDAR\nREFRESH - INTERVAL; VALUE = DURATION:PT48H\nX\nEND:VEVENT\n:a\nEND:VCALENDAR");
        assert_eq!(told, [2, 3, 4, 5].map(|line| (NoteKind::InvalidLine, Some(line))));
        assert!(outline.complete);
    }

    #[test]
    fn components_that_were_not_closed_are_closed() {
        let (outline, _) = read(
            "BEGIN:VEVENT\nUID:0\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nBEGIN:VALARM\nBEGIN:VEVENT\nUID:2\nBEGIN:VTIMEZONE\nBEGIN:STANDARD\nBEGIN:DAYLIGHT\nEND:VTIMEZONE\nEND:VCALENDAR\n",
        );
        assert_eq!(
            outline.text.replace('\n', " "),
            "BEGIN:VCALENDAR BEGIN:VEVENT UID:0 END:VEVENT END:VCALENDAR BEGIN:VCALENDAR BEGIN:VEVENT UID:1 END:VEVENT BEGIN:VEVENT UID:2 END:VEVENT BEGIN:VTIMEZONE BEGIN:STANDARD END:STANDARD BEGIN:DAYLIGHT END:DAYLIGHT END:VTIMEZONE END:VCALENDAR "
        );
        let lines: Vec<_> = outline.begins.iter().map(|begin| begin.line).collect();
        assert_eq!(lines, [1, 1, 3, 4, 7, 9, 10, 11]);
        assert!(outline.complete);
    }

    #[test]
    fn a_cut_file_is_known_and_half_a_line_is_not_read() {
        let (outline, _) = read("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\nDTSTART:202601");
        assert!(!outline.complete && outline.has_calendar);
        assert_eq!(
            outline.begins.iter().map(|begin| begin.cut).collect::<Vec<_>>(),
            [true, false, true]
        );
        assert!(!outline.text.contains("DTSTART"));
        assert!(!read("BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VEVENT\nEND:VCAL").0.complete);
        assert!(read("BEGIN:VCALENDAR\nEND:VCALENDAR\n<!-- made in 3 ms -->").0.complete);
        assert!(!read("BEGIN:VEVENT\nEND:VEVENT\n").0.has_calendar);
    }

    #[test]
    fn deep_nests_are_skipped_and_what_follows_is_read() {
        let nest = "BEGIN:X\n".repeat(1_000) + &"END:X\n".repeat(1_000);
        let (outline, told) = read(&format!(
            "BEGIN:VCALENDAR\n{nest}BEGIN:VEVENT\n{nest}UID:1\nEND:VEVENT\nEND:VCALENDAR\n"
        ));
        assert_eq!(
            outline.text,
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR\n"
        );
        assert!(told.iter().all(|(kind, _)| *kind == NoteKind::TooDeep) && outline.complete);
    }
}
