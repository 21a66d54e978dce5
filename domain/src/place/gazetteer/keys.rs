//! Finds the keys that begin with something: a binary search over the blocks, then a walk.

use crate::place::gazetteer::layout::{KEY_HEAD, Kind};
use crate::place::gazetteer::view::{View, number, partition_point};

/// A key that matched.
#[derive(Clone, Copy)]
pub(super) struct Hit {
    pub(super) record: usize,
    pub(super) kind: Kind,
    pub(super) weight: u8,
    pub(super) country: u8,
    /// The whole key was asked for, or a whole postal code.
    pub(super) is_whole: bool,
}

/// The keys that begin with a normalised text, in their order.
pub(super) fn beginning_with<'k>(view: View<'k>, prefix: &'k str) -> impl Iterator<Item = Hit> + use<'k> {
    let prefix = prefix.as_bytes();
    let blocks = view.blocks.len() / 4;
    // The block before the first one that begins beyond: its later keys may match.
    let block = partition_point(blocks, |block| head(view, block).is_some_and(|key| key < prefix)).saturating_sub(1);
    let begin = number(view.blocks, block).unwrap_or(view.keys.len());
    Walk {
        rest: view.keys.get(begin..).unwrap_or_default(),
        text: Vec::new(),
        prefix,
        matched: false,
    }
}

/// The places of which a normalised text is a whole name, or postal code and name.
pub(super) fn named<'k>(view: View<'k>, name: &'k str) -> impl Iterator<Item = Hit> + use<'k> {
    // Longer keys come after: "paris" before "paris 1er", and what follows a code begins with a space.
    let is_code_only = |hit: &Hit| hit.kind == Kind::Postal && !name.contains(' ');
    beginning_with(view, name)
        .take_while(|hit| hit.is_whole)
        .filter(move |hit| hit.kind != Kind::Tail && !is_code_only(hit))
}

/// The places that have a postal code.
pub(super) fn with_code<'k>(view: View<'k>, code: &'k str) -> impl Iterator<Item = Hit> + use<'k> {
    beginning_with(view, code)
        .take_while(|hit| hit.is_whole)
        .filter(|hit| hit.kind == Kind::Postal)
}

/// The first key of a block, which is written in full.
fn head(view: View<'_>, block: usize) -> Option<&[u8]> {
    let (head, rest) = view
        .keys
        .get(number(view.blocks, block)?..)?
        .split_first_chunk::<KEY_HEAD>()?;
    let [_, len, ..] = *head;
    rest.get(..usize::from(len))
}

struct Walk<'k> {
    rest: &'k [u8],
    /// The last key read.
    text: Vec<u8>,
    prefix: &'k [u8],
    /// Whether it begins with the prefix.
    matched: bool,
}

impl Iterator for Walk<'_> {
    type Item = Hit;

    fn next(&mut self) -> Option<Hit> {
        loop {
            let (head, rest) = self.rest.split_first_chunk::<KEY_HEAD>()?;
            let [shared, len, weight, country, place @ ..] = *head;
            let (text, rest) = rest.split_at_checked(usize::from(len))?;
            self.rest = rest;
            self.text.truncate(usize::from(shared));
            self.text.extend(text);
            // A key that shares the whole prefix with one that matched needs no look.
            self.matched =
                self.matched && usize::from(shared) >= self.prefix.len() || self.text.starts_with(self.prefix);
            if self.matched {
                let place = u32::from_le_bytes(place);
                let kind = Kind::of(place >> 24)?;
                let next = self.text.get(self.prefix.len());
                let is_whole = next.is_none() || kind == Kind::Postal && next == Some(&b' ');
                return Some(Hit {
                    record: (place & 0xff_ffff) as usize,
                    kind,
                    weight,
                    country,
                    is_whole,
                });
            }
            if self.text.as_slice() > self.prefix {
                return None;
            }
        }
    }
}
