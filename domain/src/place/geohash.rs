//! Geohashes: a point as a short word, as Mobilizon's `location` arguments carry it.
//!
//! Each letter halves the Earth five times, longitude first; the word names a rectangle, and a longer one a smaller.
//! Source: the public description of the system (base 32 without a, i, l, o).

use crate::place::distance::Point;

const LETTERS: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

/// Twelve letters tell a hand's breadth; more is no place.
pub const LONGEST: usize = 12;

/// The middle of the rectangle that a geohash names; `None` when it is empty, too long or has another letter.
pub fn decode(geohash: &str) -> Option<Point> {
    if geohash.is_empty() || geohash.len() > LONGEST {
        return None;
    }
    let (mut lon, mut lat) = (Interval::LONGITUDES, Interval::LATITUDES);
    for byte in geohash.bytes() {
        let letter = byte.to_ascii_lowercase();
        let value = LETTERS.iter().position(|known| *known == letter)?;
        for bit in (0..5).rev() {
            lon.halve(value >> bit & 1 == 1);
            std::mem::swap(&mut lon, &mut lat); // The next bit belongs to the other axis.
        }
        // After five bits the axes have changed places: the next letter begins with the other one, as it should.
    }
    if geohash.len() % 2 == 1 {
        std::mem::swap(&mut lon, &mut lat);
    }
    Point::new(lat.middle(), lon.middle())
}

/// The geohash of a point, of 1 to [`LONGEST`] letters.
pub fn encode(point: Point, length: usize) -> String {
    let (mut lon, mut lat) = (Interval::LONGITUDES, Interval::LATITUDES);
    let (mut x, mut y) = (point.lon(), point.lat());
    let mut geohash = String::new();
    for _ in 0..length.clamp(1, LONGEST) {
        let mut value = 0;
        for _ in 0..5 {
            let upper = x >= lon.middle();
            value = value << 1 | usize::from(upper);
            lon.halve(upper);
            std::mem::swap(&mut lon, &mut lat);
            std::mem::swap(&mut x, &mut y);
        }
        geohash.extend(LETTERS.get(value).map(|letter| char::from(*letter)));
    }
    geohash
}

#[derive(Clone, Copy)]
struct Interval {
    low: f64,
    high: f64,
}

impl Interval {
    const LATITUDES: Self = Self { low: -90.0, high: 90.0 };
    const LONGITUDES: Self = Self {
        low: -180.0,
        high: 180.0,
    };

    fn middle(self) -> f64 {
        f64::midpoint(self.low, self.high)
    }

    fn halve(&mut self, upper: bool) {
        if upper {
            self.low = self.middle();
        } else {
            self.high = self.middle();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::place::distance::km;

    #[test]
    fn known_geohashes_are_right() {
        for (geohash, lat, lon) in [
            ("ezs42", 42.605, -5.603),
            ("u09tvw0", 48.8575, 2.3432),
            ("s", 22.5, 22.5),
            ("U151", 50.889, 4.395),
        ] {
            let point = decode(geohash).unwrap();
            assert!(
                (point.lat() - lat).abs() < 0.03 && (point.lon() - lon).abs() < 0.2,
                "{geohash} {point:?}"
            );
        }
        assert_eq!(encode(Point::new(57.649_11, 10.407_44).unwrap(), 11), "u4pruydqqvj");
        assert_eq!(encode(Point::new(42.605, -5.603).unwrap(), 5), "ezs42");
    }

    #[test]
    fn what_is_no_geohash_gives_no_point() {
        for text in ["", "a", "u0i", "u 0", "é", "0000000000000"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn twelve_letters_tell_a_point_to_the_metre(lat in -90.0..90.0f64, lon in -180.0..180.0f64) {
            let point = Point::new(lat, lon).unwrap();
            prop_assert!(km(point, decode(&encode(point, 12)).unwrap()) < 0.001);
        }

        #[test]
        fn a_geohash_survives_being_read_and_written(geohash in "[0-9b-hjkmnp-z]{1,12}") {
            prop_assert_eq!(encode(decode(&geohash).unwrap(), geohash.len()), geohash);
        }

        #[test]
        fn no_text_makes_it_fail(text in "\\PC*") {
            let _ = decode(&text);
        }
    }
}
