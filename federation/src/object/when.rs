//! Begin and end of an event for other software, which wants an end of every event and knows no whole days.

use domain::{
    event::Event,
    time::{Instant, LocalDateTime, Zone},
};

/// When an event is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct When {
    /// RFC 3339 with the offset of that moment.
    pub(crate) start: String,
    /// Later than the start.
    pub(crate) end: String,
    /// Whether somebody said that end; else it only bounds the day.
    pub(crate) shows_end: bool,
    /// An IANA name; `None` for an offset that none stands for.
    pub(crate) zone: Option<String>,
}

/// When an event is.
pub(crate) fn when(event: &Event) -> When {
    let (zone, begin) = (&event.zone, event.begins_at);
    let said = event.ends_at().filter(|end| *end > begin);
    let (end, shows_end) = match said {
        // Of whole days the end is the midnight after: 23:59 stays within the last one.
        Some(end) if event.all_day => (end.plus_seconds(-60), false),
        Some(end) => (end, true),
        None => (technical_end(event), false),
    };
    When {
        start: zone.rfc3339(begin),
        end: zone.rfc3339(end.max(begin.plus_seconds(1))),
        shows_end,
        zone: name(zone),
    }
}

/// 23:59 of the first day, or an hour later where that is less than an hour away.
fn technical_end(event: &Event) -> Instant {
    let at = |hour| LocalDateTime::new(event.local_begin.day(), hour, 59, 0);
    let is_early = at(22).is_some_and(|late| event.local_begin <= late);
    let end_of_day = at(23).filter(|_| is_early).map(|end| event.zone.instant(end));
    end_of_day
        .filter(|end| *end > event.begins_at)
        .unwrap_or_else(|| event.begins_at.plus_seconds(3_600))
}

/// `+02:00` is `Etc/GMT-2` (sic, POSIX counts westwards).
fn name(zone: &Zone) -> Option<String> {
    let name = zone.name();
    let (sign, hours) = match name.split_at_checked(1)? {
        ("+", hours) => ('-', hours),
        ("-", hours) => ('+', hours),
        _ => return Some(name.to_owned()),
    };
    match hours.strip_suffix(":00")?.parse::<u8>().ok()? {
        0 => Some("Etc/UTC".to_owned()),
        hours @ 1..=12 => Some(format!("Etc/GMT{sign}{hours}")),
        hours @ 13..=14 if sign == '-' => Some(format!("Etc/GMT{sign}{hours}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_have_names_where_the_tzdb_has_them() {
        let named = |text: &str| name(&Zone::named(text).unwrap());
        assert_eq!(named("Europe/Brussels").as_deref(), Some("Europe/Brussels"));
        assert_eq!(named("+02:00").as_deref(), Some("Etc/GMT-2"));
        assert_eq!(named("-03:00").as_deref(), Some("Etc/GMT+3"));
        assert_eq!(named("+05:30"), None);
        assert!(Zone::named("Etc/GMT-14").is_ok() && Zone::named("Etc/GMT+12").is_ok());
    }
}
