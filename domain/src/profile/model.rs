//! What a profile is.

use crate::{
    db::{column::text_enum, schema::profile},
    id::{MediaId, ProfileId},
    text::{Handle, Language, PlainText, RichText},
    time::{Instant, Zone},
};
use diesel::prelude::*;

text_enum! {
    /// What kind of actor (ActivityStreams: Person, Group, Application).
    pub enum Kind {
        /// Somebody.
        Person = "person",
        /// An association, a committee, an agenda.
        Group = "group",
        /// The site itself.
        Application = "application",
    }
}

/// A public actor.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = profile, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Profile {
    /// Identifier.
    pub id: ProfileId,
    /// Person, group or the site.
    pub kind: Kind,
    /// The name in `@name`.
    pub name: Handle,
    /// The server it is on; empty: this one.
    pub domain: String,
    /// The name for people.
    pub display_name: PlainText,
    /// A few words about it.
    pub summary: RichText,
    /// A small picture.
    pub avatar_id: Option<MediaId>,
    /// A wide picture.
    pub banner_id: Option<MediaId>,
    /// The zone of its events, unless they say another.
    pub zone: Option<Zone>,
    /// The language of its texts.
    pub language: Option<Language>,
    /// Whether it may stand in lists and search engines.
    pub discoverable: bool,
    /// When it came into being.
    pub created_at: Instant,
    /// When it was changed last.
    pub updated_at: Instant,
}

impl Profile {
    /// Whether it is of this site.
    pub fn is_local(&self) -> bool {
        self.domain.is_empty()
    }

    /// The path of its page.
    pub fn path(&self) -> String {
        format!("/@{}", self.name)
    }

    /// What to call it: the name for people, else the `@name`.
    pub fn title(&self) -> &str {
        if self.display_name.is_empty() {
            self.name.as_str()
        } else {
            self.display_name.as_str()
        }
    }
}

/// A profile that is to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewProfile {
    /// Person or group; the application is made once, by the start of the program.
    pub kind: Kind,
    /// The name in `@name`.
    pub name: Handle,
    /// The name for people.
    pub display_name: PlainText,
    /// A few words about it.
    pub summary: RichText,
    /// The zone of its events.
    pub zone: Option<Zone>,
    /// The language of its texts.
    pub language: Option<Language>,
}
