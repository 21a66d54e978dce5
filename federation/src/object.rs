//! The shapes of ActivityPub documents: one file for each kind.

pub(crate) mod actor;
pub(crate) mod attachment;
pub(crate) mod collection;
pub(crate) mod event;
pub(crate) mod place;
pub(crate) mod summary;
pub(crate) mod tombstone;
pub(crate) mod when;

use crate::Covers;
use domain::{
    event::Event,
    settings::Settings,
    text::{RichText, rich},
    words::Words,
};

/// Everybody (ActivityPub §5.6).
pub(crate) const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// The most bytes of an event's text with its markup; what is longer goes on, on its page.
const MOST_HTML: usize = 20_000;
/// The most characters that are left of a longer one: two bytes each, as an average of the scripts of Europe.
const MOST_PLAIN: u32 = 9_000;

/// What every document knows of the site.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) covers: &'a Covers,
}

impl Site<'_> {
    /// The language of what says none.
    pub(crate) fn language(&self) -> &str {
        self.settings.languages.first().map_or("en", String::as_str)
    }

    /// The words for an event.
    pub(crate) fn words(&self, event: &Event) -> &'static Words {
        Words::choose(event.language.as_ref(), self.language())
    }
}

/// What a document keeps of a text.
pub(crate) fn shortened(text: RichText) -> RichText {
    if text.as_html().len() <= MOST_HTML {
        return text;
    }
    RichText::from_plain(&rich::excerpt(&text.to_plain(), MOST_PLAIN))
}
