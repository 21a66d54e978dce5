//! The keys of an index in the making: everything by which a place can be found.
//!
//! The build script includes this file, so it must be quick without optimisation: keys lie in one text, not in half a
//! million strings, and are compared by their first eight bytes as a number.

use crate::place::gazetteer::index::short;
use crate::place::gazetteer::layout::{BLOCK, Kind, LONGEST_KEY, weight};
use crate::place::gazetteer::table::Row;
use crate::text::normalise::{normalise, words};

/// The keys of all places, to be written in their order.
#[derive(Default)]
pub(super) struct KeyIndex {
    text: Vec<u8>,
    keys: Vec<Key>,
}

struct Key {
    /// The first eight bytes, so that most comparisons are one of numbers.
    first: u64,
    begin: u32,
    len: u8,
    weight: u8,
    country: u8,
    kind: Kind,
    record: u32,
}

impl KeyIndex {
    /// Add the keys of a place.
    pub(super) fn add(&mut self, row: &Row<'_>, record: u32) {
        let before = self.keys.len();
        let mut add = |text: &str, kind| self.add_key(before, text, kind, row, record);
        let name = normalise(row.name);
        let town = normalise(row.within);
        let is_part = !town.is_empty() && name.strip_prefix(&town).is_some_and(|rest| rest.starts_with(' '));
        add(&name, if is_part { Kind::Part } else { Kind::Name });
        for other in row.other_names.split('|') {
            add(&normalise(other), Kind::Other);
        }
        for code in row.postal_codes.split(' ').filter(|code| !code.is_empty()) {
            add(&normalise(&format!("{code} {name}")), Kind::Postal);
        }
        if !is_part {
            tails(&name).for_each(|(tail, kind)| add(tail, kind));
        }
    }

    /// Add a key unless the place has it already, in the keys from `before` on.
    fn add_key(&mut self, before: usize, text: &str, kind: Kind, row: &Row<'_>, record: u32) {
        let text = text
            .get(..text.floor_char_boundary(LONGEST_KEY))
            .unwrap_or(text)
            .as_bytes();
        let own = self.keys.get(before..).unwrap_or_default();
        let (Ok(len), Some(begin)) = (u8::try_from(text.len()), short(self.text.len())) else {
            return;
        };
        if text.is_empty() || own.iter().any(|key| self.text_of(key) == text) {
            return;
        }
        self.text.extend(text);
        let first = text
            .iter()
            .chain(&[0; 8])
            .take(8)
            .fold(0, |number, byte| number << 8 | u64::from(*byte));
        self.keys.push(Key {
            first,
            begin,
            len,
            weight: weight(row.population),
            country: row.country,
            kind,
            record,
        });
    }

    fn text_of(&self, key: &Key) -> &[u8] {
        let begin = key.begin as usize;
        self.text.get(begin..begin + usize::from(key.len)).unwrap_or_default()
    }

    /// The sections `Blocks` and `Keys`.
    pub(super) fn write(mut self) -> (Vec<u8>, Vec<u8>) {
        let mut sorted = std::mem::take(&mut self.keys);
        sorted.sort_unstable_by(|a, b| {
            // Of equal keys the larger place first: the list of the best fills up at once.
            a.first.cmp(&b.first).then_with(|| {
                let texts = self.text_of(a).cmp(self.text_of(b));
                texts.then_with(|| (b.weight, a.record).cmp(&(a.weight, b.record)))
            })
        });
        let (mut blocks, mut written) = (Vec::new(), Vec::new());
        let mut last: &[u8] = &[];
        for (number, key) in sorted.iter().enumerate() {
            let text = self.text_of(key);
            let mut shared = 0;
            if number % BLOCK == 0 {
                blocks.extend(short(written.len()).into_iter().flat_map(u32::to_le_bytes));
            } else {
                shared = last.iter().zip(text).take_while(|(a, b)| a == b).count();
            }
            let rest = text.get(shared..).unwrap_or_default();
            // Both fit: a key has 120 bytes at most.
            written.extend([shared, rest.len()].map(|len| u8::try_from(len).unwrap_or(u8::MAX)));
            written.extend([key.weight, key.country]);
            written.extend(((key.kind as u32) << 24 | key.record).to_le_bytes());
            written.extend(rest);
            last = text;
        }
        (blocks, written)
    }
}

/// Words that begin nothing which somebody would type.
pub(super) const ARTICLES: [&str; 60] = [
    "a", "aan", "al", "am", "an", "and", "au", "auf", "aux", "bei", "bij", "d", "da", "das", "de", "dei", "del",
    "della", "den", "der", "des", "di", "do", "dos", "du", "e", "el", "en", "et", "het", "i", "im", "in", "l", "la",
    "las", "le", "les", "lez", "los", "of", "on", "op", "s", "sous", "st", "sul", "sur", "t", "te", "ten", "ter",
    "the", "und", "upon", "van", "y", "z", "zu", "zum",
];

/// The name from each later word on, unless that is an article. Without the articles before it, it is still the name.
fn tails(name: &str) -> impl Iterator<Item = (&str, Kind)> {
    let later_words = name
        .match_indices(' ')
        .filter_map(|(space, _)| name.split_at_checked(space + 1));
    later_words
        .filter(|(_, tail)| words(tail).next().is_some_and(|word| !ARTICLES.contains(&word)))
        .map(|(before, tail)| {
            let is_all_but_articles = words(before).all(|word| ARTICLES.contains(&word));
            (tail, if is_all_but_articles { Kind::Name } else { Kind::Tail })
        })
}
