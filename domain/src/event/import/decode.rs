//! Bytes → logical lines of text: byte order marks, line ends, folding, character sets, control characters.
//!
//! Folding is undone **before** the bytes become text: calendars fold at 75 octets, also in the middle of a character.
//! Each line is UTF-8 or else Windows-1252 (what files called Latin-1 are), so that one bad line spoils no other.

use std::{borrow::Cow, iter::Peekable};

/// A line as RFC 5545 §3.1 means it: unfolded, without its end, without control characters.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    /// The number of its first line in the file, from 1.
    pub(super) number: u32,
    /// The text.
    pub(super) text: String,
    /// It ends with a line end; the last line of a file that was cut does not.
    pub(super) ended: bool,
    /// It was not UTF-8.
    pub(super) guessed: bool,
}

/// The bytes as UTF-8 or an unknown 8-bit set: without byte order mark, UTF-16 (which says so by its mark) converted.
pub(super) fn octets(bytes: &[u8]) -> Cow<'_, [u8]> {
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => rest.into(),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => bytes.into(),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Cow<'static, [u8]> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let text: String = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    text.into_bytes().into()
}

/// The logical lines of a file, without blank ones.
pub(super) fn lines(octets: &[u8]) -> impl Iterator<Item = Line> {
    Unfolded {
        physical: Physical {
            rest: octets,
            number: 0,
        }
        .peekable(),
    }
}

/// A line as it stands in the file.
struct Raw<'a> {
    number: u32,
    octets: &'a [u8],
    ended: bool,
}

/// Splits at CR LF, LF and lone CR; blank lines are left out.
struct Physical<'a> {
    rest: &'a [u8],
    number: u32,
}

impl<'a> Iterator for Physical<'a> {
    type Item = Raw<'a>;

    fn next(&mut self) -> Option<Raw<'a>> {
        while !self.rest.is_empty() {
            self.number = self.number.saturating_add(1);
            let end = self.rest.iter().position(|b| matches!(b, b'\n' | b'\r'));
            let (octets, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
            self.rest = match rest {
                [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
                [] => &[],
            };
            if !octets.is_empty() {
                return Some(Raw {
                    number: self.number,
                    octets,
                    ended: end.is_some(),
                });
            }
        }
        None
    }
}

struct Unfolded<'a> {
    physical: Peekable<Physical<'a>>,
}

impl Iterator for Unfolded<'_> {
    type Item = Line;

    fn next(&mut self) -> Option<Line> {
        let first = self.physical.next()?;
        let mut octets = first.octets.to_vec();
        let mut ended = first.ended;
        let mut is_quoted = says_quoted(&octets);
        loop {
            let soft = is_quoted && octets.ends_with(b"=");
            let more = match self.physical.peek().map(|raw| raw.octets) {
                Some([b' ' | b'\t', rest @ ..]) => rest,
                Some(rest) if soft => rest,
                _ => break,
            };
            octets.truncate(octets.len() - usize::from(soft));
            let was_short = octets.len() < HEAD;
            octets.extend_from_slice(more);
            if was_short {
                is_quoted = says_quoted(&octets);
            }
            ended = self.physical.next().is_some_and(|raw| raw.ended);
        }
        octets.truncate(octets.len() - usize::from(is_quoted && octets.ends_with(b"=")));
        let (text, guessed) = text(&octets);
        Some(Line {
            number: first.number,
            text,
            ended,
            guessed,
        })
    }
}

/// The octets of a line in which its parameters are looked for.
const HEAD: usize = 200;

/// Whether the value is quoted-printable (vCalendar 1.0): such a value goes on in the next line after a `=` at the end.
fn says_quoted(octets: &[u8]) -> bool {
    const MARK: &[u8] = b"QUOTED-PRINTABLE";
    let head = octets.get(..HEAD).unwrap_or(octets);
    head.windows(MARK.len()).any(|part| part.eq_ignore_ascii_case(MARK))
}

fn text(octets: &[u8]) -> (String, bool) {
    let (text, guessed) = match str::from_utf8(octets) {
        Ok(text) => (Cow::Borrowed(text), false),
        Err(_) => (octets.iter().copied().map(windows_1252).collect(), true),
    };
    let kept = |c: &char| *c == '\t' || !(c.is_control() || *c == '\u{feff}');
    (text.chars().filter(kept).collect(), guessed)
}

fn windows_1252(octet: u8) -> char {
    /// 0x80 to 0x9F; the five that mean nothing stay control characters, which are dropped.
    const UPPER: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    let upper = octet.checked_sub(0x80).and_then(|at| UPPER.get(usize::from(at)));
    upper.copied().unwrap_or(char::from(octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &[u8]) -> Vec<String> {
        lines(&octets(bytes)).map(|line| line.text).collect()
    }

    #[test]
    fn line_ends_of_every_kind_end_a_line_and_blank_lines_do_not_count() {
        assert_eq!(
            texts(b"A:1\r\nB:2\nC:3\rD:4\r\n\r\n\nE:5"),
            ["A:1", "B:2", "C:3", "D:4", "E:5"]
        );
        let numbers: Vec<_> = lines(b"A:1\r\n\r\nB:2\n folded\nC:3").map(|line| line.number).collect();
        assert_eq!(numbers, [1, 3, 5]);
    }

    #[test]
    fn folding_is_undone_before_characters_are_read() {
        assert_eq!(
            texts(b"SUMMARY:F\xC3\r\n \xAAte\r\n\t d'\xC3\xA9t\xC3\xA9"),
            ["SUMMARY:Fête d'été"]
        );
        assert_eq!(texts(b"SUMMARY:a\r\r\n b"), ["SUMMARY:ab"]);
    }

    #[test]
    fn marks_of_the_byte_order_are_dropped_and_utf_16_is_read() {
        assert_eq!(texts(b"\xEF\xBB\xBFBEGIN:VCALENDAR"), ["BEGIN:VCALENDAR"]);
        let wide: Vec<u8> = "\u{feff}A:é\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(texts(&wide), ["A:é"]);
        let wide: Vec<u8> = "\u{feff}A:é\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(texts(&wide), ["A:é"]);
    }

    #[test]
    fn what_is_not_utf_8_is_western_european() {
        let read: Vec<_> = lines(b"A:\xE9t\xE9 \x9Cuvre \x80\nB:\xC3\xA9").collect();
        assert_eq!((read[0].text.as_str(), read[0].guessed), ("A:été œuvre €", true));
        assert_eq!((read[1].text.as_str(), read[1].guessed), ("B:é", false));
    }

    #[test]
    fn control_characters_are_dropped() {
        assert_eq!(texts(b"A:a\0b\x07\tc\xC2\x85d"), ["A:ab\tcd"]);
    }

    #[test]
    fn quoted_printable_lines_go_on() {
        assert_eq!(
            texts(b"A;ENCODING=quoted-printable:=C3=A9=\r\nt=C3=A9=\r\nB:b="),
            ["A;ENCODING=quoted-printable:=C3=A9t=C3=A9B:b"]
        );
        assert_eq!(texts(b"A:a=\nB:b="), ["A:a=", "B:b="]);
    }

    #[test]
    fn the_last_line_says_whether_it_was_cut() {
        let ended: Vec<_> = lines(b"A:1\nB:2\n c").map(|line| line.ended).collect();
        assert_eq!(ended, [true, false]);
    }
}
