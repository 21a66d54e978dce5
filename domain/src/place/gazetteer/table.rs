//! Reads the table from which an index is made, `data/places/places.tsv.zst`. Its maker is `data/places/build.py`.
//!
//! The build script includes this file.

use std::collections::HashMap;
use std::fmt;

use crate::place::gazetteer::layout::PER_DEGREE;
use crate::place::grid;

/// A line of a table that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Counted from 1; the first line holds the headings.
    pub line: usize,
    /// Heading of the column, or what is wrong with the whole.
    pub what: &'static str,
}

impl fmt::Display for BadLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for BadLine {}

/// A line of the table of places.
pub(super) struct Row<'t> {
    pub(super) name: &'t str,
    /// Separated by `|`.
    pub(super) other_names: &'t str,
    /// Its number in the table of countries.
    pub(super) country: u8,
    pub(super) region: &'t str,
    pub(super) within: &'t str,
    /// Separated by spaces.
    pub(super) postal_codes: &'t str,
    /// In 1/10,000 degree, as is `lon`.
    pub(super) lat: i32,
    pub(super) lon: i32,
    pub(super) population: u32,
    pub(super) zone: &'t str,
    /// The grid cell of the stored position.
    pub(super) cell: i32,
}

impl<'t> Row<'t> {
    /// The row of a line; the error is the heading of the column that is missing or wrong.
    pub(super) fn read(line: &'t str, countries: &HashMap<&str, u8>) -> Result<Self, &'static str> {
        let mut columns = line.split('\t');
        let mut column = |heading| columns.next().ok_or(heading);
        let name = Some(column("name")?).filter(|name| !name.is_empty()).ok_or("name")?;
        let other_names = column("other_names")?;
        let country = *countries.get(column("country")?).ok_or("country")?;
        let region = column("region")?;
        let within = column("within")?;
        let postal_codes = column("postal_codes")?;
        let lat = degrees(column("lat")?, 90.0).ok_or("lat")?;
        let lon = degrees(column("lon")?, 180.0).ok_or("lon")?;
        let population = column("population")?.parse().ok().ok_or("population")?;
        let zone = column("zone")?;
        let cell = grid::cell(f64::from(lat) / PER_DEGREE, f64::from(lon) / PER_DEGREE);
        Ok(Self {
            name,
            other_names,
            country,
            region,
            within,
            postal_codes,
            lat,
            lon,
            population,
            zone,
            cell,
        })
    }

    /// Regions of one name in two countries are two.
    pub(super) fn region_key(&self) -> Vec<u8> {
        [&[self.country], self.region.as_bytes()].concat()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "at most 1,800,000")]
fn degrees(text: &str, most: f64) -> Option<i32> {
    let value: f64 = text.parse().ok()?;
    (value.abs() <= most).then(|| (value * PER_DEGREE).round() as i32)
}
