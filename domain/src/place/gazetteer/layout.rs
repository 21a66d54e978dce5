//! How the index lies in its bytes: what the writer (`index`) and the reader (`view`) must agree on.
//!
//! Numbers are little-endian. The header is [`MAGIC`], then begin and end of each [`Section`] as `u32`.
//!
//! | section | holds |
//! |---|---|
//! | `Records` | one record of [`RECORD`] bytes per place, sorted by grid cell |
//! | `Texts` | per place `name TAB within TAB postal codes`, in the order of the records |
//! | `Regions`, `Zones`, `Countries` | lists of texts: their number, begin of each and of what follows, the texts |
//! | `Blocks` | where each block of [`BLOCK`] keys begins in `Keys`, `u32` each |
//! | `Keys` | the keys, sorted by their bytes |
//!
//! A record: `u32` begin in `Texts`, `u16` region, `u16` zone, `i32` latitude and `i32` longitude in 1/10,000 degree,
//! `u32` population. The first byte of a region is the number of its country; a country is `code TAB words that name
//! it`.
//!
//! A key: how many bytes it shares with the one before (none at the begin of a block), how many follow, the weight of
//! the place, its country, `u32` of kind (upper 8 bits) and record (lower 24), the bytes that follow.
//! The build script includes this file: it depends on nothing.

/// Stands at the beginning; the digit changes with the layout.
pub(super) const MAGIC: &[u8; 4] = b"KGZ1";
/// Bytes of a record.
pub(super) const RECORD: usize = 20;
/// Keys per block: few enough to walk, many enough to share their beginnings.
pub(super) const BLOCK: usize = 16;
/// Bytes of a key before the text.
pub(super) const KEY_HEAD: usize = 8;
/// Longer keys are cut.
pub(super) const LONGEST_KEY: usize = 120;
/// Parts of a degree in which positions are stored: 11 m.
pub(super) const PER_DEGREE: f64 = 10_000.0;

/// The sections in the order of the header.
#[derive(Clone, Copy)]
pub(super) enum Section {
    /// Numbers of each place.
    Records,
    /// What is shown of each place.
    Texts,
    /// First divisions of countries.
    Regions,
    /// Time zones.
    Zones,
    /// Codes and names of countries.
    Countries,
    /// Entries into the keys.
    Blocks,
    /// What a place is found by.
    Keys,
}

/// How many sections there are.
pub(super) const SECTIONS: usize = 7;

/// What a key is of its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The whole name, also without its article.
    Name = 0,
    /// The name from a later word on: `denis` of Saint-Denis.
    Tail = 1,
    /// Postal code and name.
    Postal = 2,
    /// The name of a part, which begins with that of the town: `Paris 11e Arrondissement`.
    Part = 3,
    /// Another whole name, in whatever language.
    Other = 4,
}

impl Kind {
    /// The kind of a stored number.
    pub(super) fn of(number: u32) -> Option<Self> {
        [Self::Name, Self::Tail, Self::Postal, Self::Part, Self::Other]
            .into_iter()
            .find(|kind| *kind as u32 == number)
    }
}

/// How large a place is, on the scale of the ranking: `ln(population + 10)`.
pub(super) fn size(population: u32) -> f64 {
    (f64::from(population) + 10.0).ln()
}

/// The size in one byte, rounded up: enough to pass over what cannot be among the best.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "32 to 244, since ln(2^32) is 22.2"
)]
pub(super) fn weight(population: u32) -> u8 {
    (size(population) * WEIGHTS_PER_UNIT).ceil() as u8
}

/// The largest size that has this weight.
pub(super) fn largest_size(weight: u8) -> f64 {
    f64::from(weight) / WEIGHTS_PER_UNIT
}

const WEIGHTS_PER_UNIT: f64 = 11.0;
