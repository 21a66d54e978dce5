//! Points on the Earth and the distance between them.
//!
//! The Earth is a sphere here (haversine): wrong by half a per cent at most, which nobody who looks for a concert
//! notices. What is near is first searched by cell (`grid`), then measured.

use geo::{Distance, Haversine};
use serde::{Deserialize, Serialize};

use crate::place::grid;

/// A position in degrees (WGS 84): latitude from -90 to 90, longitude from -180 to 180, both finite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Degrees")]
pub struct Point {
    lat: f64,
    lon: f64,
}

/// A position as it is written, before it is checked.
#[derive(Deserialize)]
struct Degrees {
    lat: f64,
    lon: f64,
}

impl TryFrom<Degrees> for Point {
    type Error = &'static str;
    fn try_from(degrees: Degrees) -> Result<Self, &'static str> {
        Self::new(degrees.lat, degrees.lon).ok_or("not on Earth")
    }
}

impl Point {
    /// `None` when a value is not a number or out of range.
    pub fn new(lat: f64, lon: f64) -> Option<Self> {
        let on_earth = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
        on_earth.then_some(Self { lat, lon })
    }

    /// Degrees north of the equator.
    pub fn lat(self) -> f64 {
        self.lat
    }

    /// Degrees east of Greenwich.
    pub fn lon(self) -> f64 {
        self.lon
    }

    /// The number of the cell that holds this point, as stored beside an event.
    pub fn cell(self) -> i32 {
        grid::cell(self.lat, self.lon)
    }
}

/// The distance between two points in km, along the surface.
pub fn km(from: Point, to: Point) -> f64 {
    let [from, to] = [from, to].map(|point| geo::Point::new(point.lon, point.lat));
    Haversine.distance(from, to) / 1000.0
}

/// The cells in which every point within `km` of the centre lies, each once; points farther away may lie there too.
///
/// About 50 cells for 50 km at the latitude of Brussels, 2,000 for 500 km, all 1,036,800 for half the Earth: whoever
/// makes a query of them sets a limit to the radius first.
pub fn cells_within(centre: Point, km: f64) -> Vec<i32> {
    grid::ranges(centre.lat, centre.lon, km).flatten().collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn point(lat: f64, lon: f64) -> Point {
        Point::new(lat, lon).unwrap()
    }

    #[test]
    fn what_is_not_on_earth_is_no_point() {
        for (lat, lon) in [(90.1, 0.0), (0.0, -180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
            assert_eq!(Point::new(lat, lon), None);
        }
        assert!(Point::new(-90.0, 180.0).is_some());
    }

    #[test]
    fn known_distances_are_right() {
        let brussels = point(50.8503, 4.3517);
        assert!((km(brussels, point(50.4669, 4.8675)) - 56.0).abs() < 1.0, "Namur");
        assert!((km(brussels, point(48.8534, 2.3488)) - 264.0).abs() < 2.0, "Paris");
        assert!(
            (km(point(0.0, 179.9), point(0.0, -179.9)) - 22.2).abs() < 0.1,
            "across the 180th meridian"
        );
        assert!((grid::EARTH_RADIUS_KM - Haversine.radius() / 1000.0).abs() < 1e-6);
    }

    #[test]
    fn cells_are_numbered_row_by_row() {
        assert_eq!(point(-90.0, -180.0).cell(), 0);
        assert_eq!(point(-90.0, -179.76).cell(), 0);
        assert_eq!(point(-90.0, -179.75).cell(), 1);
        assert_eq!(point(-89.75, -180.0).cell(), 1440);
        assert_eq!(point(90.0, 179.99).cell(), 720 * 1440 - 1);
        assert_eq!(point(0.0, 180.0).cell(), point(0.0, -180.0).cell());
    }

    #[test]
    fn a_circle_touches_few_cells() {
        assert_eq!(cells_within(point(50.1, 4.1), 0.0), [point(50.1, 4.1).cell()]);
        assert_eq!(cells_within(point(50.1, 4.1), f64::NAN).len(), 1);
        assert!(cells_within(point(50.85, 4.35), 50.0).len() <= 54);
        assert!(cells_within(point(50.85, 4.35), 500.0).len() <= 2_300);
        assert_eq!(cells_within(point(50.85, 4.35), 1e9).len(), 720 * 1440);
    }

    /// The point at `km` from a centre in a direction, by the law of spherical triangles.
    fn at(centre: Point, km: f64, bearing: f64) -> Point {
        let (lat, angle) = (centre.lat.to_radians(), km / grid::EARTH_RADIUS_KM);
        let sine = lat.sin() * angle.cos() + lat.cos() * angle.sin() * bearing.cos();
        let east = (bearing.sin() * angle.sin() * lat.cos()).atan2(angle.cos() - lat.sin() * sine);
        let lon = (centre.lon + east.to_degrees() + 540.0).rem_euclid(360.0) - 180.0;
        point(sine.clamp(-1.0, 1.0).asin().to_degrees(), lon)
    }

    fn anywhere() -> impl Strategy<Value = Point> {
        let edge = prop_oneof![
            Just((90.0, 0.0)),
            Just((-90.0, 0.0)),
            Just((0.0, 180.0)),
            Just((51.0, -180.0))
        ];
        let near_poles = (85.0..90.0f64, -180.0..180.0f64);
        prop_oneof![4 => (-90.0..90.0f64, -180.0..180.0f64), 1 => near_poles, 1 => edge]
            .prop_map(|(lat, lon)| point(lat, lon))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn every_point_within_the_radius_lies_in_one_of_the_cells(
            centre in anywhere(),
            radius in prop_oneof![0.0..100.0f64, 0.0..3_000.0f64],
            share in prop_oneof![Just(0.999_999_9), 0.0..1.0f64],
            bearing in 0.0..std::f64::consts::TAU,
        ) {
            let other = at(centre, radius * share, bearing);
            prop_assume!(km(centre, other) <= radius);
            prop_assert!(cells_within(centre, radius).contains(&other.cell()), "{other:?}");
        }

    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn no_cell_comes_twice(centre in anywhere(), radius in prop_oneof![9 => 0.0..100.0f64, 1 => 0.0..3_000.0f64]) {
            let cells = cells_within(centre, radius);
            prop_assert_eq!(cells.iter().collect::<HashSet<_>>().len(), cells.len());
            prop_assert!(cells.iter().all(|cell| (0..720 * 1440).contains(cell)));
            prop_assert!(cells.contains(&centre.cell()));
        }

        #[test]
        fn distance_is_the_same_both_ways(a in anywhere(), b in anywhere()) {
            prop_assert!((km(a, b) - km(b, a)).abs() < 1e-6);
            prop_assert!(km(a, b) <= 20_016.0);
        }
    }
}
