//! When the clocks of a zone are changed: what a calendar file must tell of a zone, for readers that have no tzdb.

use super::{Instant, LocalDateTime, Zone};
use jiff::tz::{AmbiguousOffset, Offset};

/// How the clocks of a zone stand from some moment on, and how they change after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clocks {
    /// How they stand at first.
    pub first: Setting,
    /// Their changes, in order.
    pub changes: Vec<ClockChange>,
}

/// How clocks stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Setting {
    /// Seconds east of Greenwich.
    pub offset: i32,
    /// Summer time, as the tzdb calls it.
    pub is_summer: bool,
    /// `CEST`, or `+03` where the tzdb has no letters.
    pub name: String,
}

/// A change of the clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockChange {
    /// What the clocks show when they are changed: the reading before.
    pub local: LocalDateTime,
    /// Seconds east of Greenwich before it.
    pub offset_before: i32,
    /// How they stand after it.
    pub to: Setting,
}

impl Zone {
    /// What the time of this zone is called at a moment: `CET`, or `+03` where the tzdb has no letters.
    pub fn abbreviation(&self, at: Instant) -> String {
        self.rules.to_offset_info(timestamp(at)).abbreviation().to_owned()
    }

    /// Whether the clock shows this reading twice, for it is put back over it.
    pub fn shows_twice(&self, local: LocalDateTime) -> bool {
        let offset = self.rules.to_ambiguous_timestamp(local.0).offset();
        matches!(offset, AmbiguousOffset::Fold { .. })
    }

    /// The clocks from the first moment of `first_year` to the last of `last_year`, by their own readings.
    pub fn clocks(&self, first_year: i16, last_year: i16) -> Clocks {
        let begin = super::Day::new(first_year, 1, 1).map_or(LocalDateTime::MIN, super::Day::midnight);
        let start = timestamp(self.instant(begin));
        let info = self.rules.to_offset_info(start);
        let first = Setting {
            offset: info.offset().seconds(),
            is_summer: info.dst().is_dst(),
            name: info.abbreviation().to_owned(),
        };
        let mut offset_before = first.offset;
        let mut changes = Vec::new();
        for change in self.rules.following(start) {
            let local = reading(offset_before, change.timestamp());
            if local.day().parts().0 > last_year {
                break;
            }
            let offset = change.offset().seconds();
            // Some changes are of the name alone.
            if offset != offset_before {
                let to = Setting {
                    offset,
                    is_summer: change.dst().is_dst(),
                    name: change.abbreviation().to_owned(),
                };
                changes.push(ClockChange {
                    local,
                    offset_before,
                    to,
                });
            }
            offset_before = offset;
        }
        Clocks { first, changes }
    }
}

fn timestamp(at: Instant) -> jiff::Timestamp {
    jiff::Timestamp::from_microsecond(at.micros()).unwrap_or(jiff::Timestamp::MIN)
}

/// What a clock so far east of Greenwich shows.
fn reading(offset: i32, at: jiff::Timestamp) -> LocalDateTime {
    LocalDateTime(Offset::from_seconds(offset).unwrap_or(Offset::UTC).to_datetime(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(zone: &str, from: i16, to: i16) -> Vec<String> {
        let clocks = Zone::named(zone).unwrap().clocks(from, to);
        let told = |change: &ClockChange| {
            let Setting { offset, name, .. } = &change.to;
            format!("{} {} -> {offset} {name}", change.local, change.offset_before)
        };
        let first = format!("{} {}", clocks.first.offset, clocks.first.name);
        std::iter::once(first).chain(clocks.changes.iter().map(told)).collect()
    }

    #[test]
    fn the_time_of_a_zone_has_a_name() {
        let at = |zone: &str, local: &str| {
            let zone = Zone::named(zone).unwrap();
            zone.abbreviation(zone.instant(local.parse().unwrap()))
        };
        assert_eq!(at("Europe/Brussels", "2026-12-05T18:00"), "CET");
        assert_eq!(at("Europe/Brussels", "2026-07-05T18:00"), "CEST");
        assert_eq!(at("Asia/Dubai", "2026-07-05T18:00"), "+04");
    }

    #[test]
    fn changes_are_read_from_the_clock_before() {
        assert_eq!(
            told("Europe/Brussels", 2026, 2026),
            [
                "3600 CET",
                "2026-03-29T02:00:00 3600 -> 7200 CEST",
                "2026-10-25T03:00:00 7200 -> 3600 CET"
            ]
        );
    }

    #[test]
    fn an_hour_in_autumn_is_shown_twice() {
        let zone = Zone::named("Europe/Brussels").unwrap();
        let twice = |text: &str| zone.shows_twice(text.parse().unwrap());
        assert!(twice("2026-10-25T02:00:00") && twice("2026-10-25T02:59:59"));
        assert!(!twice("2026-10-25T01:59:59") && !twice("2026-10-25T03:00:00") && !twice("2026-03-29T02:30:00"));
    }

    #[test]
    fn rules_go_on_for_ever_and_some_zones_have_none() {
        assert_eq!(told("Europe/Brussels", 2026, 2100).len(), 1 + 2 * 75);
        assert_eq!(told("Asia/Kolkata", 2000, 2100), ["19800 IST"]);
        assert_eq!(told("UTC", 2000, 2100), ["0 UTC"]);
        assert_eq!(told("+02:00", 2000, 2100), ["7200 +02"]);
    }
}
