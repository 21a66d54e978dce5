//! Names that stand in addresses.

use super::normalise::normalise;
use crate::{
    db::column::text_column,
    error::{Code, FieldError, Result},
};
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// Words in an address: lower-case letters and digits with hyphens between.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow, Serialize, Deserialize)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub struct Slug(String);

impl Slug {
    /// The slug of a title; `None` where nothing is left of it.
    pub fn of(title: &str) -> Option<Self> {
        let slug: String = normalise(title).replace(' ', "-").chars().take(60).collect();
        let slug = slug.trim_matches('-').to_owned();
        (!slug.is_empty()).then_some(Self(slug))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn as_column(&self) -> Cow<'_, str> {
        self.0.as_str().into()
    }

    #[expect(clippy::unnecessary_wraps, reason = "the shape that the column macro calls")]
    fn from_column(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_column!(Slug);

/// The `@name` of a profile of ours: `[a-z0-9_]{1,30}`, never renamed, never used again.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow, Serialize, Deserialize)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub struct Handle(String);

/// Names that mean something else in addresses, or would deceive.
const RESERVED: [&str; 8] = [
    "relay",
    "admin",
    "administrator",
    "moderator",
    "root",
    "kermesse",
    "support",
    "system",
];

impl Handle {
    /// A name chosen by a person, with or without `@`, in any case.
    ///
    /// # Errors
    /// `Invalid(preferredUsername)`: `Malformed`, or `Unknown` for a name that is reserved.
    pub fn new(text: &str) -> Result<Self> {
        let name = text.trim().trim_start_matches('@').to_ascii_lowercase();
        let good = (1..=30).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !good {
            return Err(FieldError::one("preferredUsername", Code::Malformed));
        }
        if RESERVED.contains(&name.as_str()) {
            return Err(FieldError::one("preferredUsername", Code::Unknown));
        }
        Ok(Self(name))
    }

    /// The name of the site's own actor, which nobody else can have.
    pub fn of_site() -> Self {
        Self("relay".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn as_column(&self) -> Cow<'_, str> {
        self.0.as_str().into()
    }

    #[expect(clippy::unnecessary_wraps, reason = "names of elsewhere follow other rules")]
    fn from_column(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_column!(Handle);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_words_with_hyphens() {
        assert_eq!(Slug::of("Fête & soupe !").unwrap().as_str(), "fete-soupe");
        assert_eq!(Slug::of("!?"), None);
    }

    #[test]
    fn handles_are_strict_and_some_are_reserved() {
        assert_eq!(Handle::new("@Comite_1").unwrap().as_str(), "comite_1");
        for wrong in ["", "a b", "é", "relay", "a-b", "x".repeat(31).as_str()] {
            assert!(Handle::new(wrong).is_err(), "{wrong}");
        }
    }
}
