//! Reads an index where it lies. `layout` says how.
//!
//! Nothing here can fail loudly: bytes that are not an index read as a gazetteer without places.

use std::ops::Range;

use crate::place::country::Country;
use crate::place::distance::Point;
use crate::place::gazetteer::GazetteerPlace;
use crate::place::gazetteer::layout::{MAGIC, PER_DEGREE, RECORD, Section};
use crate::place::grid;

/// The sections of an index.
#[derive(Clone, Copy)]
pub(super) struct View<'v> {
    records: &'v [u8],
    texts: &'v [u8],
    regions: List<'v>,
    zones: List<'v>,
    countries: List<'v>,
    pub(super) blocks: &'v [u8],
    pub(super) keys: &'v [u8],
}

impl<'v> View<'v> {
    pub(super) fn of(index: &'v [u8]) -> Self {
        let section = |section: Section| {
            let header = index.strip_prefix(MAGIC).unwrap_or_default();
            let begin = number(header, section as usize * 2);
            let end = number(header, section as usize * 2 + 1);
            begin
                .zip(end)
                .and_then(|(begin, end)| index.get(begin..end))
                .unwrap_or_default()
        };
        Self {
            records: section(Section::Records),
            texts: section(Section::Texts),
            regions: List(section(Section::Regions)),
            zones: List(section(Section::Zones)),
            countries: List(section(Section::Countries)),
            blocks: section(Section::Blocks),
            keys: section(Section::Keys),
        }
    }

    pub(super) fn len(self) -> usize {
        self.records.len() / RECORD
    }

    pub(super) fn place(self, record: usize) -> Option<GazetteerPlace<'v>> {
        let own = self.record(record)?;
        let end = self.record(record + 1).map_or(self.texts.len(), |next| next.text);
        let mut texts = str::from_utf8(self.texts.get(own.text..end)?).ok()?.split('\t');
        let (country, region) = self.regions.get(own.region)?.split_first()?;
        let some = |text: &'v str| (!text.is_empty()).then_some(text);
        Some(GazetteerPlace {
            name: texts.next()?,
            within: texts.next().and_then(some),
            postal_codes: texts.next().unwrap_or_default(),
            region: str::from_utf8(region).ok().and_then(some),
            country: self.country(*country)?.0,
            point: own.point()?,
            population: own.population,
            zone: str::from_utf8(self.zones.get(own.zone)?).ok()?,
        })
    }

    pub(super) fn population(self, record: usize) -> Option<u32> {
        Some(self.record(record)?.population)
    }

    pub(super) fn point(self, record: usize) -> Option<Point> {
        self.record(record)?.point()
    }

    /// The country of a number, and the words that name it in any language.
    pub(super) fn country(self, number: u8) -> Option<(Country, &'v str)> {
        let (code, words) = str::from_utf8(self.countries.get(usize::from(number))?)
            .ok()?
            .split_once('\t')?;
        Some((Country::new(code)?, words))
    }

    /// The number of a country; `None` when the table of countries does not have it.
    pub(super) fn country_number(self, country: Country) -> Option<u8> {
        (0..=u8::MAX).find(|number| self.country(*number).is_some_and(|(known, _)| known == country))
    }

    /// The places in the cells that a circle touches.
    pub(super) fn around(self, centre: Point, km: f64) -> impl Iterator<Item = (usize, Point)> + use<'v> {
        grid::ranges(centre.lat(), centre.lon(), km).flat_map(move |cells| {
            let begin = self.first_from(*cells.start());
            (begin..self.len())
                .map_while(move |record| Some((record, self.point(record)?)))
                .take_while(move |(_, point)| point.cell() <= *cells.end())
        })
    }

    /// The first record whose cell is this one or a later one.
    fn first_from(self, cell: i32) -> usize {
        partition_point(self.len(), |record| {
            self.point(record).is_some_and(|point| point.cell() < cell)
        })
    }

    fn record(self, record: usize) -> Option<Record> {
        let bytes = self
            .records
            .get(record.checked_mul(RECORD)?..)?
            .first_chunk::<RECORD>()?;
        let [
            t0,
            t1,
            t2,
            t3,
            r0,
            r1,
            z0,
            z1,
            a0,
            a1,
            a2,
            a3,
            o0,
            o1,
            o2,
            o3,
            p0,
            p1,
            p2,
            p3,
        ] = *bytes;
        Some(Record {
            text: u32::from_le_bytes([t0, t1, t2, t3]) as usize,
            region: u16::from_le_bytes([r0, r1]).into(),
            zone: u16::from_le_bytes([z0, z1]).into(),
            lat: i32::from_le_bytes([a0, a1, a2, a3]),
            lon: i32::from_le_bytes([o0, o1, o2, o3]),
            population: u32::from_le_bytes([p0, p1, p2, p3]),
        })
    }
}

struct Record {
    text: usize,
    region: usize,
    zone: usize,
    lat: i32,
    lon: i32,
    population: u32,
}

impl Record {
    fn point(&self) -> Option<Point> {
        Point::new(f64::from(self.lat) / PER_DEGREE, f64::from(self.lon) / PER_DEGREE)
    }
}

/// A list of texts, as `layout` describes it.
#[derive(Clone, Copy)]
struct List<'v>(&'v [u8]);

impl<'v> List<'v> {
    fn get(self, text: usize) -> Option<&'v [u8]> {
        let count = number(self.0, 0)?;
        let range = (text < count).then_some(Range {
            start: number(self.0, text + 1)?,
            end: number(self.0, text + 2)?,
        })?;
        self.0.get((count + 2) * 4..)?.get(range)
    }
}

/// The n-th `u32` of some bytes.
pub(super) fn number(bytes: &[u8], n: usize) -> Option<usize> {
    let four = bytes.get(n.checked_mul(4)?..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*four) as usize)
}

/// The first of `len` numbers for which a condition, true up to somewhere, is false.
pub(super) fn partition_point(len: usize, is_before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low.midpoint(high);
        if is_before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
