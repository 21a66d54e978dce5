//! Content lines of iCalendar (RFC 5545 §3.1): folded at 75 octets, ended by CR LF, and none with a control character.
//!
//! The library folds too, but a folded line of its can have 76 octets, and the check must see what is sent. So what it
//! wrote is unfolded and folded again.

use domain::{Error, Result};

/// The most octets of a line, without its end.
const MOST_OCTETS: usize = 75;
const END: &str = "\r\n";

/// Lines, ready to be sent.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    /// Writes one line.
    ///
    /// # Errors
    /// `Internal` for a control character, which a subscribed calendar would take for another line.
    pub(super) fn push(&mut self, line: &str) -> Result<()> {
        if line.chars().any(char::is_control) {
            return Err(Error::bug("a control character in a line of a calendar"));
        }
        let (mut rest, mut room) = (line, MOST_OCTETS);
        while rest.len() > room {
            let (head, tail) = split(rest, room);
            self.0.push_str(head);
            self.0.push_str(END);
            self.0.push(' ');
            // The blank counts.
            (rest, room) = (tail, MOST_OCTETS - 1);
        }
        self.0.push_str(rest);
        self.0.push_str(END);
        Ok(())
    }

    /// Writes lines that are folded already.
    ///
    /// # Errors
    /// As [`Lines::push`].
    pub(super) fn push_folded(&mut self, written: &str) -> Result<()> {
        let mut line = String::new();
        for part in written.split(END) {
            if let Some(more) = part.strip_prefix(' ') {
                line.push_str(more);
            } else {
                self.push_unless_empty(&line)?;
                part.clone_into(&mut line);
            }
        }
        self.push_unless_empty(&line)
    }

    fn push_unless_empty(&mut self, line: &str) -> Result<()> {
        if line.is_empty() { Ok(()) } else { self.push(line) }
    }

    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// The first `most` octets at most, and the rest. No character is cut, and a line neither begins nor ends with a blank
/// of the text where that can be: some readers lose them.
fn split(line: &str, most: usize) -> (&str, &str) {
    let cuts = (1..=most).rev().filter_map(|at| line.split_at_checked(at));
    let is_clean = |(head, tail): &(&str, &str)| !head.ends_with(is_blank) && !tail.starts_with(is_blank);
    let clean = cuts.clone().find(is_clean);
    clean.or_else(|| cuts.clone().next()).unwrap_or((line, ""))
}

fn is_blank(c: char) -> bool {
    c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(line: &str) -> String {
        let mut lines = Lines::default();
        lines.push(line).unwrap();
        lines.into_text()
    }

    #[test]
    fn a_line_of_75_octets_is_whole_and_a_longer_one_is_not() {
        assert_eq!(folded(&"a".repeat(75)), format!("{}\r\n", "a".repeat(75)));
        assert_eq!(folded(&"a".repeat(76)), format!("{}\r\n a\r\n", "a".repeat(75)));
        let long = folded(&"a".repeat(75 + 74 + 1));
        assert_eq!(long, format!("{}\r\n {}\r\n a\r\n", "a".repeat(75), "a".repeat(74)));
    }

    #[test]
    fn no_character_is_cut_and_no_line_begins_with_a_blank_of_the_text() {
        assert_eq!(folded(&"é".repeat(38)), format!("{}\r\n é\r\n", "é".repeat(37)));
        let spaced = format!("{} b", "a".repeat(75));
        assert_eq!(folded(&spaced), format!("{}\r\n a b\r\n", "a".repeat(74)));
        let spaced = format!("{}  b", "a".repeat(74));
        assert_eq!(folded(&spaced), format!("{}\r\n a  b\r\n", "a".repeat(73)));
        assert_eq!(folded(&" ".repeat(80)).replace("\r\n ", "").len(), 80 + 2);
    }

    #[test]
    fn what_was_folded_is_folded_anew() {
        let mut lines = Lines::default();
        lines
            .push_folded(&format!("A:{}\r\n {}\r\nB:1\r\n", "a".repeat(73), "a".repeat(75)))
            .unwrap();
        assert!(lines.into_text().lines().all(|line| line.len() <= 75));
    }

    #[test]
    fn a_control_character_is_refused() {
        for wrong in ["A:b\r\nC:d", "A:b\nC:d", "A:\u{0}", "A:\t", "A:\u{85}"] {
            assert!(Lines::default().push(wrong).is_err(), "{wrong:?}");
        }
    }
}
