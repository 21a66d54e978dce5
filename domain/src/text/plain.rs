//! One line of text, and names of languages.

use crate::{
    db::column::text_column,
    error::{Code, FieldError, Result},
};
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// One line without control characters, trimmed.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow, Serialize, Deserialize,
)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub struct PlainText(String);

impl PlainText {
    /// Checks text from outside: trimmed, at most `most` characters.
    ///
    /// # Errors
    /// `Invalid(field)`: `ControlCharacter`, `TooLong`.
    pub fn new(field: &'static str, text: &str, most: u32) -> Result<Self> {
        let text = text.trim();
        if text.chars().any(is_control) {
            return Err(FieldError::one(field, Code::ControlCharacter));
        }
        if text.chars().count() > most as usize {
            return Err(FieldError::one(field, Code::TooLong(most)));
        }
        Ok(Self(text.to_owned()))
    }

    /// [`PlainText::new`] for what must not be empty.
    ///
    /// # Errors
    /// Also `Missing`.
    pub fn required(field: &'static str, text: &str, most: u32) -> Result<Self> {
        let text = Self::new(field, text, most)?;
        if text.0.is_empty() {
            Err(FieldError::one(field, Code::Missing))
        } else {
            Ok(text)
        }
    }

    /// Text of other software, which is bent rather than refused: control characters become spaces, the rest is cut.
    pub fn bent(text: &str, most: u32) -> Self {
        let spaced: String = text.chars().map(|c| if is_control(c) { ' ' } else { c }).collect();
        let mut words = spaced.split_whitespace();
        let mut line = words.next().unwrap_or_default().to_owned();
        for word in words {
            line.push(' ');
            line.push_str(word);
        }
        Self(cut(&line, most).trim_end().to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn as_column(&self) -> Cow<'_, str> {
        self.0.as_str().into()
    }

    #[expect(clippy::unnecessary_wraps, reason = "the shape that the column macro calls")]
    fn from_column(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }
}

/// Controls, and the marks that turn the direction of what follows them.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The first `most` characters.
pub(crate) fn cut(text: &str, most: u32) -> &str {
    text.char_indices()
        .nth(most as usize)
        .map_or(text, |(at, _)| text.get(..at).unwrap_or(text))
}

impl fmt::Display for PlainText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_column!(PlainText);

/// A language tag: `fr`, `pt-br` (BCP 47, lower case).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow, Serialize, Deserialize)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub struct Language(String);

impl Language {
    /// Reads a tag; `None` where it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let tag = text.trim().to_ascii_lowercase().replace('_', "-");
        let mut parts = tag.split('-');
        let primary = parts.next()?;
        let letters = (2..=3).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_lowercase());
        let rest = parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
        (letters && rest && tag.len() <= 35).then_some(Self(tag))
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without region or script.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }

    fn as_column(&self) -> Cow<'_, str> {
        self.0.as_str().into()
    }

    fn from_column(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

text_column!(Language);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_title_is_one_line_of_bounded_length() {
        assert_eq!(
            PlainText::new("title", "  La soupe ", 200).unwrap().as_str(),
            "La soupe"
        );
        assert!(PlainText::new("title", "a\r\nBcc: b", 200).is_err());
        assert!(PlainText::new("title", "a\u{202e}b", 200).is_err());
        assert!(PlainText::new("title", &"é".repeat(201), 200).is_err());
        assert!(PlainText::new("title", &"é".repeat(200), 200).is_ok());
        assert!(PlainText::required("title", " ", 200).is_err());
    }

    #[test]
    fn languages_are_tags() {
        for good in ["fr", "FR", "pt-BR", "zh_hant"] {
            assert!(Language::parse(good).is_some(), "{good}");
        }
        for wrong in ["", "f", "french", "fr-", "fr-<b>", "fr;q=1"] {
            assert!(Language::parse(wrong).is_none(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn bent_text_is_text_that_is_accepted(text in ".{0,400}") {
            let bent = PlainText::bent(&text, 200);
            prop_assert_eq!(PlainText::new("title", bent.as_str(), 200).unwrap(), bent);
        }
    }
}
