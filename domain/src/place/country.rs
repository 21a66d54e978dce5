//! Countries by their ISO 3166-1 code, and their names in the languages of the pages.

use std::fmt;

use serde::Serialize;

/// `code`, one column per language of the pages, other names; made by `data/places/build.py`.
pub(crate) const TABLE: &str = include_str!("../../data/places/countries.tsv");

/// Two capital letters of ISO 3166-1, such as `BE`. That a country of this code exists is not promised.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Country([u8; 2]);

impl Country {
    /// `None` unless the code is two letters, in either case.
    pub fn new(code: &str) -> Option<Self> {
        let [first, second] = code.as_bytes() else { return None };
        let letters = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }

    /// The two letters.
    pub fn code(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The name in a language of the pages (`fr`, also `fr-BE`); `None` for a language or a code we have no name for.
    pub fn name(self, language: &str) -> Option<&'static str> {
        let mut lines = TABLE.lines();
        let primary = language.split(['-', '_']).next()?;
        let is_wanted = |(_, heading): &(usize, &str)| *heading == primary;
        // The last column holds names to match, in any language.
        let (column, _) = lines
            .next()?
            .rsplit_once('\t')?
            .0
            .split('\t')
            .enumerate()
            .skip(1)
            .find(is_wanted)?;
        let line = lines.find(|line| line.split('\t').next() == Some(self.code()))?;
        line.split('\t').nth(column)
    }
}

impl fmt::Display for Country {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.code())
    }
}

impl Serialize for Country {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_named_in_the_language_of_the_page() {
        let belgium = Country::new("be").unwrap();
        assert_eq!(belgium.to_string(), "BE");
        assert_eq!(belgium.name("fr"), Some("Belgique"));
        assert_eq!(belgium.name("en-GB"), Some("Belgium"));
        for unknown in ["other_names", "code", "tlh", ""] {
            assert_eq!(belgium.name(unknown), None, "{unknown}");
        }
        assert_eq!(Country::new("QQ").unwrap().name("fr"), None);
    }

    #[test]
    fn only_two_letters_are_a_code() {
        for text in ["", "B", "BEL", "B1", "é", "🇧🇪"] {
            assert_eq!(Country::new(text), None, "{text}");
        }
    }
}
