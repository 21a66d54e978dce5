//! The one form in which texts are compared: events, queries, places and tags alike.
//!
//! Both databases and the gazetteer see only this form, so a search finds the same on all of them. It is made for
//! looking up, not for showing: accents, case and punctuation are gone.
//! The build script includes this file to make the gazetteer's index: it depends on `unicode-normalization` alone.
//!
//! ```
//! use domain::text::normalise::normalise;
//! assert_eq!(normalise("Fête de l'Œuf — Łódź"), "fete de l oeuf lodz");
//! ```

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// A longer word is cut here, in bytes: nobody types it, and an index keeps it whole.
pub const LONGEST_WORD: usize = 64;

/// Reduce a text to lower-case words of letters and digits, one space between them.
///
/// Compatibility forms are taken apart (NFKD) and their marks dropped; a few letters that Unicode does not take apart
/// are written as people without them on their keyboard write them. Doing it twice changes nothing.
pub fn normalise(text: &str) -> String {
    let mut words = Words::with_capacity(text.len());
    for char in text.chars() {
        if char.is_ascii() {
            words.push(char.to_ascii_lowercase());
        } else {
            // The order of marks does not matter, since they all go: no need to decompose more than one character.
            decompose_compatible(char, |part| words.push_part(part));
        }
    }
    words.text
}

/// The words of a text that is normalised already.
pub fn words(normalised: &str) -> impl DoubleEndedIterator<Item = &str> + Clone {
    normalised.split(' ').filter(|word| !word.is_empty())
}

/// Words in the making.
struct Words {
    text: String,
    /// Where the current word begins in `text`.
    begin: usize,
    state: State,
}

#[derive(PartialEq)]
enum State {
    InWord,
    /// The rest of this word is dropped.
    Cut,
    Between,
}

impl Words {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            begin: 0,
            state: State::Between,
        }
    }

    fn push_part(&mut self, part: char) {
        if is_combining_mark(part) || is_invisible_joiner(part) {
            return;
        }
        for lower in part.to_lowercase() {
            match written_plainly(lower) {
                Some(plain) => plain.chars().for_each(|char| self.push(char)),
                None => self.push(lower),
            }
        }
    }

    fn push(&mut self, char: char) {
        if !char.is_alphanumeric() || is_modifier(char) {
            self.state = State::Between;
            return;
        }
        if self.state == State::Between {
            if !self.text.is_empty() {
                self.text.push(' ');
            }
            self.begin = self.text.len();
            self.state = State::InWord;
        }
        if self.text.len() - self.begin + char.len_utf8() > LONGEST_WORD {
            self.state = State::Cut;
        }
        if self.state == State::InWord {
            self.text.push(char);
        }
    }
}

/// Letters without a decomposition that many keyboards lack.
fn written_plainly(lower: char) -> Option<&'static str> {
    Some(match lower {
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        'ø' => "o",
        'ł' => "l",
        'đ' => "d",
        'ı' => "i",
        _ => return None,
    })
}

/// Soft hyphen, joiners, byte order mark: invisible and inside a word.
fn is_invisible_joiner(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// Apostrophes that Unicode counts as letters (`ʼ`, `ʻ`, `ʹ`): they part words as the typed one does.
fn is_modifier(char: char) -> bool {
    matches!(char, '\u{2b9}'..='\u{2ff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn accents_case_and_punctuation_do_not_count() {
        for (text, expected) in [
            ("", ""),
            (" - ", ""),
            ("L'Haÿ-les-Roses", "l hay les roses"),
            ("STRASSE straße ẞ", "strasse strasse ss"),
            ("Œuvre, Ærø, Łódź, Đà Nẵng, Iğdır", "oeuvre aero lodz da nang igdir"),
            ("e\u{301}te\u{301}", "ete"),
            ("İstanbul", "istanbul"),
            ("foo.bar.com/a?b=1", "foo bar com a b 1"),
            ("½ m² ﬁn Ⅷ", "1 2 m2 fin viii"),
            ("Hawaiʻi Solʼdeu", "hawai i sol deu"),
            ("Kir\u{ad}mes\u{200d}se", "kirmesse"),
            ("Ελλάδα МОСКВА 東京", "ελλαδα москва 東京"),
        ] {
            assert_eq!(normalise(text), expected, "{text}");
        }
    }

    #[test]
    fn a_long_word_is_cut_between_two_characters() {
        assert_eq!(
            normalise(&format!("{} b", "a".repeat(100))),
            format!("{} b", "a".repeat(64))
        );
        assert_eq!(normalise(&"東".repeat(30)), "東".repeat(21));
        // What comes after the cut is dropped even where it would still fit.
        assert_eq!(normalise(&format!("{}東a", "a".repeat(63))), "a".repeat(63));
    }

    #[test]
    fn every_character_alone_gives_a_stable_form() {
        for char in '\0'..=char::MAX {
            let once = normalise(&char.to_string());
            assert_eq!(normalise(&once), once, "{char:?} {:x}", u32::from(char));
        }
    }

    fn is_normal(text: &str) -> bool {
        let lower_case = |char: char| char.is_alphanumeric() && char.to_lowercase().eq([char]);
        text.is_empty()
            || text
                .split(' ')
                .all(|word| !word.is_empty() && word.chars().all(lower_case))
    }

    proptest! {
        #[test]
        fn only_lower_case_letters_and_digits_with_single_spaces_are_left(text in "\\PC*|.*") {
            let normal = normalise(&text);
            prop_assert!(is_normal(&normal), "{normal:?}");
            prop_assert!(words(&normal).all(|word| word.len() <= LONGEST_WORD));
        }

        #[test]
        fn twice_is_once(text in "\\PC*|.*") {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn composed_and_decomposed_texts_are_one(text in "\\PC*") {
            let decomposed: String = text.nfd().collect();
            let composed: String = text.nfc().collect();
            prop_assert_eq!(normalise(&decomposed), normalise(&composed));
        }

        #[test]
        fn the_words_joined_give_the_text(text in "\\PC*") {
            let normal = normalise(&text);
            prop_assert_eq!(words(&normal).collect::<Vec<_>>().join(" "), normal.clone());
        }
    }
}
