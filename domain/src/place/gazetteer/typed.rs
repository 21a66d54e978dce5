//! Makes sense of what people write for a place: code and name, region and country after it, a street before it.

use crate::place::gazetteer::key_index::ARTICLES;
use crate::place::gazetteer::keys::{self, Hit};
use crate::place::gazetteer::ranking::Best;
use crate::place::gazetteer::view::View;
use crate::place::gazetteer::{GazetteerPlace, Preference, SHORTEST_QUERY};
use crate::text::normalise::{normalise, words};

/// More parts or words say nothing more of a place; the last ones count.
const MOST_PARTS: usize = 8;
const MOST_WORDS: usize = 12;
/// Postal codes have four or five digits where we know them; a shorter number is one of a house.
const SHORTEST_CODE: usize = 4;

/// A normalised text as it is, and with "st" and "ste" written out if it has them.
pub(super) fn spellings(text: &str) -> Vec<String> {
    let full = |word| match word {
        "st" => "saint",
        "ste" => "sainte",
        other => other,
    };
    let written_out = words(text).map(full).collect::<Vec<_>>().join(" ");
    let mut spellings = vec![text.to_owned()];
    if written_out != text {
        spellings.push(written_out);
    }
    spellings
}

/// Places whose name is the first words, and whose region, country or code the others name; the last word may be begun.
pub(super) fn offer_qualified(best: &mut Best<'_>, text: &str) {
    let all: Vec<&str> = words(text).take(MOST_WORDS).collect();
    for count in (1..all.len()).rev() {
        let (name, rest) = all.split_at(count);
        let name = name.join(" ");
        if name.chars().count() < SHORTEST_QUERY {
            continue;
        }
        for hit in keys::named(best.view, &name).chain(keys::with_code(best.view, &name)) {
            let country = country_words(best.view, hit.country);
            best.offer(hit, |place| Context::of(place, country).covers(rest, Last::MayBeBegun));
        }
        if !best.is_empty() {
            return;
        }
    }
}

/// The place that an address names in full.
pub(super) fn locate<'v>(view: View<'v>, address: &str, preference: &Preference<'_>) -> Option<GazetteerPlace<'v>> {
    let separators = [',', ';', '\n', '(', ')', '|', '/', '–', '—', '•', '·'];
    let last_parts = address
        .rsplit(separators)
        .map(normalise)
        .filter(|part| !part.is_empty())
        .take(MOST_PARTS);
    let mut parts: Vec<String> = last_parts.collect();
    parts.reverse();
    let reader = Reader { view, preference };
    // First a part that all the following ones confirm: "Namur, Belgique".
    let confirmed = (0..parts.len()).find_map(|first| {
        let (part, following) = parts.get(first..)?.split_first()?;
        let rest: Vec<&str> = following.iter().flat_map(|part| words(part)).collect();
        reader.part(part, &rest)
    });
    // Then the last one that is a place, though what follows is not known: "Chez Léa, Lyon, Auvergne".
    confirmed.or_else(|| parts.iter().rev().find_map(|part| reader.part(part, &[])))
}

struct Reader<'v, 'p> {
    view: View<'v>,
    preference: &'p Preference<'p>,
}

impl<'v> Reader<'v, '_> {
    /// The place that a part of an address names: behind a postal code ("place du Foirail 15110 Jabrun"), at its
    /// beginning, or by a code alone. What stands behind the name, and `rest`, must be its region, country or code.
    fn part(&self, part: &str, rest: &[&str]) -> Option<GazetteerPlace<'v>> {
        spellings(part).into_iter().find_map(|spelling| {
            let mut all: Vec<&str> = words(&spelling).rev().take(MOST_WORDS).collect();
            all.reverse();
            let codes = || {
                all.iter()
                    .enumerate()
                    .filter_map(|(index, word)| Some((code(word)?, all.get(index + 1..)?)))
            };
            codes()
                .find_map(|(code, behind)| self.longest_name(behind, &[&[code], rest].concat()))
                .or_else(|| self.longest_name(&all, rest))
                .or_else(|| {
                    let of_code =
                        |code, behind| self.likeliest(keys::with_code(self.view, code), &[behind, rest].concat());
                    codes().find_map(|(code, behind)| of_code(code, behind))
                })
        })
    }

    /// The place whose name is as many of the first words as possible.
    fn longest_name(&self, all: &[&str], rest: &[&str]) -> Option<GazetteerPlace<'v>> {
        (1..=all.len()).rev().find_map(|count| {
            let (name, behind) = all.split_at_checked(count)?;
            let name = name.join(" ");
            let is_long_enough = name.chars().count() >= SHORTEST_QUERY;
            is_long_enough.then(|| self.likeliest(keys::named(self.view, &name), &[behind, rest].concat()))?
        })
    }

    /// The likeliest of some places, of which everything that is told is true.
    fn likeliest(&self, hits: impl Iterator<Item = Hit>, told: &[&str]) -> Option<GazetteerPlace<'v>> {
        let mut best = Best::new(self.view, self.preference, 1);
        for hit in hits {
            let country = country_words(self.view, hit.country);
            best.offer(hit, |place| Context::of(place, country).covers(told, Last::IsWhole));
        }
        best.into_places().into_iter().next()
    }
}

/// The word, if it may be a postal code.
fn code(word: &str) -> Option<&str> {
    (word.len() >= SHORTEST_CODE && word.bytes().all(|byte| byte.is_ascii_digit())).then_some(word)
}

fn country_words(view: View<'_>, number: u8) -> &str {
    view.country(number).map_or("", |(_, words)| words)
}

/// Whether the last word has been typed to its end.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    IsWhole,
    MayBeBegun,
}

/// The words that may stand beside the name of a place.
struct Context(String);

impl Context {
    fn of(place: &GazetteerPlace<'_>, country: &str) -> Self {
        let region = normalise(place.region.unwrap_or_default());
        let within = normalise(place.within.unwrap_or_default());
        Self([&region, &within, place.postal_codes, country].join(" "))
    }

    fn covers(&self, told: &[&str], last: Last) -> bool {
        let own = words(&self.0);
        told.iter().enumerate().all(|(index, word)| {
            let may_be_begun = last == Last::MayBeBegun && index + 1 == told.len();
            ARTICLES.contains(word)
                || own.clone().any(|known| known == *word)
                || may_be_begun && own.clone().any(|known| known.starts_with(word))
        })
    }
}
