//! From text to the words that are looked for.

use crate::{db::dialect::Words, text::normalise::normalise};

/// The most words of a query; further ones are not looked for.
const MOST_WORDS: usize = 8;
/// From this length on, any word may be the beginning of one.
const PREFIX_FROM: usize = 3;

/// A word that is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Normalised: letters and digits only, so that it means nothing to the grammar of any index.
    pub(super) text: String,
    /// Whether longer words that begin with it match as well.
    pub(super) is_prefix: bool,
}

impl Word {
    /// Whether a word of an event matches.
    pub(super) fn is(&self, word: &str) -> bool {
        if self.is_prefix {
            word.starts_with(&self.text)
        } else {
            word == self.text
        }
    }
}

/// The words of what was typed. The last is always a beginning: who types has not finished.
pub(super) fn of_query(text: &str) -> Vec<Word> {
    let normal = normalise(text);
    let texts: Vec<&str> = normal
        .split(' ')
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .collect();
    let last = texts.len().saturating_sub(1);
    let word = |(at, text): (usize, &&str)| Word {
        text: (*text).to_owned(),
        is_prefix: at == last || text.chars().count() >= PREFIX_FROM,
    };
    texts.iter().enumerate().map(word).collect()
}

/// The same for the index.
pub(super) fn for_index(words: &[Word]) -> Words {
    Words {
        fts5: to_fts5(words),
        tsquery: to_tsquery(words),
    }
}

/// FTS5: `"fete"* "nam"*`.
fn to_fts5(words: &[Word]) -> String {
    let one = |word: &Word| format!("\"{}\"{}", word.text, if word.is_prefix { "*" } else { "" });
    words.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// tsquery: `'fete':* & 'nam':*`.
fn to_tsquery(words: &[Word]) -> String {
    let one = |word: &Word| format!("'{}'{}", word.text, if word.is_prefix { ":*" } else { "" });
    words.iter().map(one).collect::<Vec<_>>().join(" & ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_never_reaches_a_grammar() {
        let words = of_query("title:x NEAR(\"fête\" -nam) ' & | !");
        assert_eq!(to_fts5(&words), "\"title\"* \"x\" \"near\"* \"fete\"* \"nam\"*");
        assert_eq!(to_tsquery(&words), "'title':* & 'x' & 'near':* & 'fete':* & 'nam':*");
        assert!(of_query("!?").is_empty());
        assert_eq!(of_query("a b c d e f g h i j").len(), 8);
    }
}
