//! Makes the index of a gazetteer from its table. `layout` says what it writes, `key_index` makes the keys.
//!
//! The build script includes this file, so it must be quick without optimisation.

use std::collections::HashMap;

use crate::place::gazetteer::key_index::KeyIndex;
use crate::place::gazetteer::layout::{MAGIC, SECTIONS};
use crate::place::gazetteer::table::{BadLine, Row};
use crate::text::normalise::normalise;

/// The index of the places in a table with the columns of `data/places/places.tsv.zst`, told apart by countries of
/// the table `countries.tsv`.
///
/// # Errors
/// A line of the places lacks a column, or has a number that is none, or a country that the other table has not.
pub(super) fn index(places: &str, countries: &str) -> Result<Vec<u8>, BadLine> {
    let countries = Countries::read(countries);
    let mut rows = (2..)
        .zip(places.lines().skip(1))
        .map(|(line, text)| Row::read(text, &countries.numbers).map_err(|what| BadLine { line, what }))
        .collect::<Result<Vec<_>, _>>()?;
    // Neighbours become neighbours: `nearest` reads a row of cells as one piece.
    rows.sort_by_key(|row| (row.cell, row.lat, row.lon));

    let mut regions = List::default();
    let mut zones = List::default();
    let mut texts = Vec::new();
    let mut records = Vec::new();
    let mut keys = KeyIndex::default();
    // Later on, lengths that do not fit are passed over: in the end the whole does not fit either, and `join` says so.
    let full = BadLine {
        line: 0,
        what: "too many places, regions or zones",
    };
    for (number, row) in (0..).zip(&rows) {
        let (Some(begin), Some(region), Some(zone)) = (
            short(texts.len()),
            regions.number(&row.region_key()),
            zones.number(row.zone.as_bytes()),
        ) else {
            return Err(full);
        };
        records.extend(begin.to_le_bytes());
        records.extend(region.to_le_bytes());
        records.extend(zone.to_le_bytes());
        records.extend(row.lat.to_le_bytes());
        records.extend(row.lon.to_le_bytes());
        records.extend(row.population.to_le_bytes());
        for text in [row.name, "\t", row.within, "\t", row.postal_codes] {
            texts.extend(text.as_bytes());
        }
        keys.add(row, number);
    }
    if rows.len() >= 1 << 24 {
        return Err(full);
    }
    let (blocks, keys) = keys.write();
    let sections = [
        records,
        texts,
        regions.write(),
        zones.write(),
        countries.list.write(),
        blocks,
        keys,
    ];
    join(&sections).ok_or(full)
}

fn join(sections: &[Vec<u8>; SECTIONS]) -> Option<Vec<u8>> {
    let mut bytes = MAGIC.to_vec();
    let mut begin = MAGIC.len() + SECTIONS * 8;
    for section in sections {
        let end = begin + section.len();
        bytes.extend(short(begin)?.to_le_bytes());
        bytes.extend(short(end)?.to_le_bytes());
        begin = end;
    }
    for section in sections {
        bytes.extend(section);
    }
    Some(bytes)
}

/// Numbers of the countries, and for each its code and the words that name it in any language.
struct Countries<'t> {
    numbers: HashMap<&'t str, u8>,
    list: List,
}

impl<'t> Countries<'t> {
    fn read(table: &'t str) -> Self {
        let mut countries = Self {
            numbers: HashMap::new(),
            list: List::default(),
        };
        for (number, line) in (0..=u8::MAX).zip(table.lines().skip(1)) {
            let code = line.split('\t').next().unwrap_or_default();
            countries.numbers.insert(code, number);
            countries.list.push(format!("{code}\t{}", normalise(line)).as_bytes());
        }
        countries
    }
}

/// A list of different texts, each known by its number.
#[derive(Default)]
struct List {
    numbers: HashMap<Vec<u8>, u16>,
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl List {
    fn number(&mut self, text: &[u8]) -> Option<u16> {
        if let Some(number) = self.numbers.get(text) {
            return Some(*number);
        }
        let number = u16::try_from(self.ends.len()).ok()?;
        self.numbers.insert(text.to_vec(), number);
        self.push(text);
        Some(number)
    }

    fn push(&mut self, text: &[u8]) {
        self.bytes.extend(text);
        self.ends.extend(short(self.bytes.len()));
    }

    fn write(&self) -> Vec<u8> {
        let count = short(self.ends.len()).into_iter();
        let mut written: Vec<u8> = count
            .chain([0])
            .chain(self.ends.iter().copied())
            .flat_map(u32::to_le_bytes)
            .collect();
        written.extend(&self.bytes);
        written
    }
}

/// A length as it is stored.
pub(super) fn short(number: usize) -> Option<u32> {
    u32::try_from(number).ok()
}
