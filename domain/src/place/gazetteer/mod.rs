//! The towns and villages of the world, known without asking anyone: 256,711 of them, searched where they lie.
//!
//! The index is made by the build from `data/places/places.tsv.zst` and is part of the program. Nothing is unpacked:
//! a search reads the pages of the file that it needs, and the heap holds the answer only.
//!
//! In reading order: `table` reads the table, `layout` says how the bytes of the index lie, `index` and `key_index` write
//! them, `view` reads them, `keys` finds what begins
//! with something, `ranking` chooses, `typed` makes sense of "15110 Jabrun, France".
//!
//! ```
//! use domain::place::gazetteer::{Gazetteer, Preference};
//! let places = Gazetteer::bundled();
//! let found = places.search("luik", &Preference::default(), 1);
//! assert_eq!(found.first().map(|place| place.name), Some("Liège"));
//! ```

mod index;
mod key_index;
mod keys;
mod layout;
mod ranking;
mod table;
mod typed;
mod view;

use std::borrow::Cow;

use self::ranking::Best;
pub use self::table::BadLine;
use self::view::View;
use crate::place::country::{self, Country};
use crate::place::distance::{self, Point};
use crate::text::normalise::normalise;

static INDEX: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/gazetteer.index"));
static BUNDLED: Gazetteer = Gazetteer {
    index: Cow::Borrowed(INDEX),
};

/// Places that can be found by name, postal code and position.
pub struct Gazetteer {
    index: Cow<'static, [u8]>,
}

/// A town, a village or a part of one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GazetteerPlace<'g> {
    /// The name used on the spot, whatever name it was found by.
    pub name: &'g str,
    /// The municipality that this place is a part of, where it has another name.
    pub within: Option<&'g str>,
    /// What tells it from others of its name: French department, Belgian province, elsewhere the first division.
    pub region: Option<&'g str>,
    /// Its country; French overseas departments have a code of their own.
    pub country: Country,
    /// The town hall or the middle.
    pub point: Point,
    /// Inhabitants; 0 where not known.
    pub population: u32,
    /// IANA name of its time zone.
    pub zone: &'g str,
    postal_codes: &'g str,
}

impl<'g> GazetteerPlace<'g> {
    /// Its postal codes in ascending order: known in France and Belgium, there those of the whole municipality.
    pub fn postal_codes(&self) -> impl Iterator<Item = &'g str> + use<'g> {
        self.postal_codes.split(' ').filter(|code| !code.is_empty())
    }
}

/// What makes one place likelier than another of the same name, and which places may be found at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct Preference<'p> {
    /// The country of this site: counts as twenty times the inhabitants.
    pub country: Option<Country>,
    /// Where the reader is at home: within 100 km counts as seven times the inhabitants.
    pub home: Option<Point>,
    /// The setting `places.countries`; empty is the whole world.
    pub only: &'p [Country],
}

/// Fewer characters find nothing: a sixth of the world begins with "s".
const SHORTEST_QUERY: usize = 2;

impl Gazetteer {
    /// All places, as they came with the program.
    pub fn bundled() -> &'static Self {
        &BUNDLED
    }

    /// 200 of them, for tests of whatever needs places but not all.
    #[cfg(any(test, feature = "testing"))]
    pub fn sample() -> &'static Self {
        static SAMPLE: std::sync::OnceLock<Gazetteer> = std::sync::OnceLock::new();
        let read = || Self::from_tsv(include_str!("../../../data/places/sample.tsv"));
        // The table is ours, and `the_sample_has_200_places` would tell.
        SAMPLE.get_or_init(|| {
            read().unwrap_or(Self {
                index: Cow::Borrowed(&[]),
            })
        })
    }

    /// The places of a table with the columns of `data/places/sample.tsv`.
    ///
    /// # Errors
    /// A line that lacks a column or has a number that is none.
    pub fn from_tsv(table: &str) -> Result<Self, BadLine> {
        index::index(table, country::TABLE).map(|index| Self {
            index: Cow::Owned(index),
        })
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.view().len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The likeliest places for what somebody has begun to type, the best first.
    ///
    /// Matches the beginning of a name, of a name in another language, of a later word ("denis" finds Saint-Denis), of
    /// a postal code. When nothing begins so, the last words may tell region, country or code: "namur, belg".
    pub fn search(&self, query: &str, preference: &Preference<'_>, limit: usize) -> Vec<GazetteerPlace<'_>> {
        let query = normalise(query);
        let mut best = Best::new(self.view(), preference, limit);
        if query.chars().count() < SHORTEST_QUERY {
            return Vec::new();
        }
        for spelling in typed::spellings(&query) {
            best.offer_beginnings(&spelling);
        }
        if best.is_empty() {
            for spelling in typed::spellings(&query) {
                typed::offer_qualified(&mut best, &spelling);
            }
        }
        best.into_places()
    }

    /// The place that an address names in full: "Lyon", "5651", "Namur, Belgique", "3 rue du Four, 15110 Jabrun".
    ///
    /// `None` rather than a guess: for addresses that nobody looks at, as those of an imported calendar.
    pub fn locate(&self, address: &str, preference: &Preference<'_>) -> Option<GazetteerPlace<'_>> {
        typed::locate(self.view(), address, preference)
    }

    /// The place that somebody most probably means by what they typed into "where": named in full, else begun.
    pub fn best(&self, typed: &str, preference: &Preference<'_>) -> Option<GazetteerPlace<'_>> {
        self.locate(typed, preference)
            .or_else(|| self.search(typed, preference, 1).into_iter().next())
    }

    /// The place nearest to a point, when there is one within `km`.
    pub fn nearest(&self, point: Point, km: f64) -> Option<GazetteerPlace<'_>> {
        // Growing circles: most points have a village within the first, and a circle holds all that is nearer.
        let circles = [5.0, 20.0, 80.0, 320.0, 1_280.0, 5_120.0]
            .into_iter()
            .take_while(|circle| *circle < km);
        circles.chain([km]).find_map(|circle| {
            let (_, record) = self
                .view()
                .around(point, circle)
                .map(|(record, place)| (distance::km(point, place), record))
                .filter(|(away, _)| *away <= circle)
                .min_by(|(a, _), (b, _)| a.total_cmp(b))?;
            self.view().place(record)
        })
    }

    fn view(&self) -> View<'_> {
        View::of(&self.index)
    }
}

#[cfg(test)]
mod tests;
