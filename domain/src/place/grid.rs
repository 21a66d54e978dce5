//! The grid by which distance is searched: cells of a quarter of a degree, numbered row by row from the south-west.
//!
//! An index on the cell narrows a search to a few dozen numbers; `distance::km` decides among what is left.
//! The cells of one row are consecutive numbers, so a circle is a handful of ranges. The 180th meridian is no edge.
//! The build script includes this file to make the gazetteer's index: it depends on nothing.

use std::ops::RangeInclusive;

/// The mean radius of the Earth in km, the one that `geo` takes for its haversine.
pub const EARTH_RADIUS_KM: f64 = 6_371.008_8;

const CELLS_PER_DEGREE: f64 = 4.0;
const ROWS: i32 = 180 * 4;
const COLUMNS: i32 = 360 * 4;

/// The cell of a position in degrees: 0 to 1,036,799. Latitudes beyond the poles fall into the last row, longitudes
/// come round.
pub fn cell(lat: f64, lon: f64) -> i32 {
    row(lat) * COLUMNS + column(lon).rem_euclid(COLUMNS)
}

/// The cells that a circle of `km` around a position touches, as ranges of consecutive numbers, one or two a row.
///
/// Every point within `km` lies in one of them; some cells at the corners hold no such point. Around a pole, whole
/// rows.
pub fn ranges(lat: f64, lon: f64, km: f64) -> impl Iterator<Item = RangeInclusive<i32>> {
    let angle = (km.max(0.0) / EARTH_RADIUS_KM).min(std::f64::consts::PI);
    // A little more than needed: rounding must not lose a point on the rim.
    let height = angle.to_degrees() + 1e-9;
    let (west, east) = columns(lat, lon, angle);
    let begin = west.rem_euclid(COLUMNS);
    let before_seam = (east - west).min(COLUMNS - 1 - begin);
    let after_seam = east - west - before_seam - 1;
    (row(lat - height)..=row(lat + height)).flat_map(move |row| {
        let start = row * COLUMNS;
        let head = start + begin..=start + begin + before_seam;
        let rest = (after_seam >= 0).then(|| start..=start + after_seam);
        std::iter::once(head).chain(rest)
    })
}

/// The westernmost and the easternmost column that a circle touches; they may lie outside 0..COLUMNS, and are at most a turn apart.
fn columns(lat: f64, lon: f64, angle: f64) -> (i32, i32) {
    let holds_a_pole = lat.abs() + angle.to_degrees() >= 90.0;
    let width = (angle.sin() / lat.to_radians().cos()).asin().to_degrees() + 1e-9;
    let (west, east) = (column(lon - width), column(lon + width));
    if holds_a_pole || !width.is_finite() || east - west >= COLUMNS {
        return (0, COLUMNS - 1);
    }
    (west, east)
}

fn row(lat: f64) -> i32 {
    floor((lat + 90.0) * CELLS_PER_DEGREE).clamp(0, ROWS - 1)
}

fn column(lon: f64) -> i32 {
    floor((lon + 180.0) * CELLS_PER_DEGREE)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "degrees are small; the cast saturates, and NaN becomes 0"
)]
fn floor(value: f64) -> i32 {
    value.floor() as i32
}
