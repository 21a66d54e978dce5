//! Tests of rules and series. What other programs find for thousands of rules is compared in `tests/oracle.rs`.

use super::*;
use proptest::prelude::*;
use std::time::Duration;

fn wall(text: &str) -> LocalDateTime {
    text.parse().expect(text)
}

fn brussels() -> Zone {
    Zone::named("Europe/Brussels").unwrap()
}

fn series(rule: &str, start: &str) -> Recurrence {
    Recurrence {
        rule: Some(Rule::parse(rule).expect(rule)),
        start: wall(start),
        zone: brussels(),
        all_day: false,
        added: Vec::new(),
        skipped: Vec::new(),
    }
}

fn days(recurrence: &Recurrence) -> Vec<String> {
    let dates = recurrence.between(LocalDateTime::MIN, LocalDateTime::MAX).unwrap();
    dates.iter().map(|at| at.day().to_string()).collect()
}

fn canonical(text: &str) -> String {
    Rule::parse(text).expect(text).to_string()
}

fn code(error: &Error) -> Code {
    match error {
        Error::Invalid(fields) => fields[0].code,
        other => panic!("{other}"),
    }
}

#[test]
fn equal_rules_are_equal_texts() {
    let text = "FREQ=MONTHLY;UNTIL=20261231T225959Z;INTERVAL=2;BYMONTH=1,12;BYDAY=MO,1SA,-1FR;BYHOUR=9;WKST=SU";
    assert_eq!(
        canonical(
            " byday=-1fr , 1SA,MO,+1sa;wkst=su;BYMONTH=12,1,01;interval=2; BYHOUR=09;until=20261231t225959z ;FREQ=monthly;"
        ),
        text
    );
    assert_eq!(canonical(text), text);
    assert_eq!(canonical("INTERVAL=1;FREQ=DAILY;WKST=MO"), "FREQ=DAILY");
    assert_eq!(
        canonical("FREQ=MONTHLY;BYMONTHDAY=-1,15,-2,3"),
        "FREQ=MONTHLY;BYMONTHDAY=3,15,-2,-1"
    );
    assert_eq!(canonical("FREQ=DAILY;RSCALE=GREGORIAN;SKIP=OMIT"), "FREQ=DAILY");
}

#[test]
fn positions_of_weekdays_mean_nothing_in_weeks_and_days() {
    assert_eq!(canonical("FREQ=WEEKLY;BYDAY=1MO,MO,2TU"), "FREQ=WEEKLY;BYDAY=MO,TU");
    assert_eq!(canonical("FREQ=DAILY;BYDAY=-1SU"), "FREQ=DAILY;BYDAY=SU");
}

#[test]
fn ends_are_read_as_people_write_them() {
    assert_eq!(canonical("FREQ=DAILY;UNTIL=20260330"), "FREQ=DAILY;UNTIL=20260330");
    assert_eq!(canonical("FREQ=DAILY;UNTIL=20260330Z"), "FREQ=DAILY;UNTIL=20260330");
    assert_eq!(
        canonical("FREQ=DAILY;UNTIL=20260330T190000"),
        "FREQ=DAILY;UNTIL=20260330T190000"
    );
    assert_eq!(canonical("FREQ=DAILY;UNTIL=99991231T235959Z"), "FREQ=DAILY");
    assert_eq!(
        canonical("FREQ=DAILY;COUNT=3;UNTIL=20260330"),
        "FREQ=DAILY;UNTIL=20260330;COUNT=3"
    );
}

#[test]
fn what_is_no_rule_is_malformed() {
    for text in [
        "",
        ";",
        "WEEKLY",
        "FREQ",
        "FREQ=",
        "FREQ=FORTNIGHTLY",
        "INTERVAL=2",
        "RRULE:FREQ=DAILY",
        "FREQ=DAILY;FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=",
        "FREQ=DAILY;INTERVAL=x",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;COUNT=-5",
        "FREQ=DAILY;COUNT=99999999999",
        "FREQ=DAILY;UNTIL=20260230",
        "FREQ=DAILY;UNTIL=00000101",
        "FREQ=DAILY;UNTIL=20260330T1900",
        "FREQ=DAILY;UNTIL=20260330T250000Z",
        "FREQ=DAILY;UNTIL=2026-03-30",
        "FREQ=DAILY;UNTIL=9999",
        "FREQ=DAILY;UNTIL=99990230",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;BYMONTH=0",
        "FREQ=DAILY;BYMONTH=-1",
        "FREQ=DAILY;BYMONTH=",
        "FREQ=DAILY;BYMONTH=1,,2",
        "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=YEARLY;BYYEARDAY=367",
        "FREQ=YEARLY;BYWEEKNO=54",
        "FREQ=DAILY;BYHOUR=24",
        "FREQ=DAILY;BYMINUTE=60",
        "FREQ=WEEKLY;BYDAY=M",
        "FREQ=WEEKLY;BYDAY=MOO",
        "FREQ=WEEKLY;BYDAY=é",
        "FREQ=MONTHLY;BYDAY=0MO",
        "FREQ=MONTHLY;BYDAY=54MO",
        "FREQ=MONTHLY;BYDAY=1000MO",
        "FREQ=WEEKLY;WKST=1MO",
        "FREQ=WEEKLY;X-MOON=FULL",
        "FREQ=YEARLY;BYEASTER=1",
    ] {
        let error = Rule::parse(text).expect_err(text);
        assert_eq!(code(&error), Code::Malformed, "{text}");
    }
}

#[test]
fn what_asks_too_much_is_refused() {
    let numbers = |range: std::ops::Range<i32>| range.map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    for text in [
        "FREQ=HOURLY",
        "FREQ=MINUTELY;INTERVAL=90;COUNT=4",
        "FREQ=SECONDLY",
        "FREQ=DAILY;BYSECOND=0",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=1000",
        "FREQ=DAILY;INTERVAL=4294967297",
        "FREQ=YEARLY;RSCALE=CHINESE",
        "FREQ=YEARLY;SKIP=FORWARD",
        // Forbidden by RFC 5545 beside these frequencies.
        "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=MONTHLY;BYYEARDAY=1",
        "FREQ=MONTHLY;BYWEEKNO=1",
        // Beyond the engine, or without meaning.
        "FREQ=MONTHLY;BYDAY=-5MO",
        "FREQ=MONTHLY;BYDAY=6MO",
        &format!("FREQ=DAILY;BYHOUR={};BYMINUTE=0,30", numbers(0..13)),
        &format!("FREQ=YEARLY;BYYEARDAY={}", numbers(1..66)),
        &format!("FREQ=YEARLY;BYMONTH={}1", "1,".repeat(64)),
        &format!("FREQ=DAILY{}", ";".repeat(503)),
    ] {
        let error = Rule::parse(text).expect_err(text);
        assert_eq!(code(&error), Code::RuleRefused, "{text}");
    }
    assert!(Rule::parse(&format!("FREQ=DAILY;BYHOUR={};BYMINUTE=0,30", numbers(0..12))).is_ok());
    assert!(Rule::parse("FREQ=DAILY;INTERVAL=999").is_ok());
}

/// Rules that are accepted and cost the most; 2.9 s is what the worst took before they were bounded.
#[test]
fn hostile_rules_come_to_an_end_with_an_error() {
    let hours = "BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23";
    let far = wall("3000-01-01T00:00");
    for (rule, expected) in [
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", Code::NoOccurrence),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", Code::NoOccurrence),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", Code::NoOccurrence),
        ("FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6", Code::NoOccurrence),
        ("FREQ=WEEKLY;BYSETPOS=9;BYDAY=MO,TU,WE,TH,FR,SA,SU", Code::NoOccurrence),
        ("FREQ=DAILY", Code::RuleRefused),
        (&format!("FREQ=DAILY;{hours}"), Code::RuleRefused),
        (
            &format!("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;{hours}"),
            Code::RuleRefused,
        ),
    ] {
        let recurrence = series(rule, "2026-01-05T09:00");
        let begun = std::time::Instant::now();
        let error = recurrence.between(far, LocalDateTime::MAX).expect_err(rule);
        let took = begun.elapsed();
        println!("{took:?} {rule}");
        // They take about 0.1 s, where nothing else runs.
        assert!(took < Duration::from_secs(10), "{rule}: {took:?}");
        assert_eq!(code(&error), expected, "{rule}");
    }
}

#[test]
fn the_start_is_a_date_of_the_series_also_outside_the_rule() {
    let recurrence = series("FREQ=WEEKLY;BYDAY=MO;COUNT=2", "2026-01-07T19:00");
    assert_eq!(days(&recurrence), ["2026-01-07", "2026-01-12", "2026-01-19"]);
    let skipped = Recurrence {
        skipped: vec![recurrence.start],
        ..recurrence
    };
    assert_eq!(days(&skipped), ["2026-01-12", "2026-01-19"]);
}

#[test]
fn added_dates_come_in_and_skipped_ones_go_whatever_gave_them() {
    let recurrence = Recurrence {
        added: vec![
            wall("2026-01-20T10:00"),
            wall("2026-01-12T19:00"),
            wall("2026-01-21T10:00"),
        ],
        skipped: vec![
            wall("2026-01-19T19:00"),
            wall("2026-01-21T10:00"),
            wall("2026-05-05T05:05"),
        ],
        ..series("FREQ=WEEKLY;COUNT=4", "2026-01-05T19:00")
    };
    assert_eq!(
        days(&recurrence),
        ["2026-01-05", "2026-01-12", "2026-01-20", "2026-01-26"]
    );
    let alone = Recurrence {
        rule: None,
        ..recurrence
    };
    assert_eq!(days(&alone), ["2026-01-05", "2026-01-12", "2026-01-20"]);
}

#[test]
fn the_dates_on_some_days_are_those_of_each_of_them() {
    let series = series(
        "FREQ=WEEKLY;BYDAY=MO,WE;BYHOUR=9,18;UNTIL=20260301T000000",
        "2026-01-05T09:00",
    );
    let days: BTreeSet<Day> = ["2025-12-29", "2026-01-05", "2026-01-06", "2026-01-21", "2026-03-04"]
        .map(|day| day.parse().unwrap())
        .into();
    let each = days.iter().flat_map(|day| {
        let midnight = day.midnight();
        series.between(midnight, midnight.plus_days(1)).unwrap()
    });
    let together = series.on_days(&days).unwrap();
    assert_eq!(together, each.collect::<Vec<_>>());
    assert_eq!(together.len(), 4);
    assert_eq!(series.on_days(&BTreeSet::new()).unwrap(), []);
}

#[test]
fn a_window_has_its_first_moment_and_not_its_last() {
    let recurrence = series("FREQ=DAILY", "2026-01-01T12:00");
    let dates = recurrence
        .between(wall("2026-01-03T12:00"), wall("2026-01-05T12:00"))
        .unwrap();
    assert_eq!(dates, [wall("2026-01-03T12:00"), wall("2026-01-04T12:00")]);
    let empty = recurrence
        .between(wall("2026-01-05T12:00"), wall("2026-01-03T12:00"))
        .unwrap();
    assert_eq!(empty, []);
}

#[test]
fn skipped_dates_leave_their_place_among_the_first_730() {
    let recurrence = series("FREQ=DAILY", "2026-01-01T12:00");
    let dates = recurrence.between(recurrence.start, LocalDateTime::MAX).unwrap();
    assert_eq!((dates.len(), dates[729]), (MOST_DATES, wall("2027-12-31T12:00")));
    let skipped = Recurrence {
        skipped: dates[..10].to_vec(),
        ..recurrence
    };
    let dates = skipped.between(skipped.start, LocalDateTime::MAX).unwrap();
    assert_eq!((dates.len(), dates[729]), (MOST_DATES, wall("2028-01-10T12:00")));
}

#[test]
fn until_is_a_moment_of_the_zone_of_the_series() {
    let evening = |rule: &str, zone: &str| {
        let recurrence = Recurrence {
            zone: Zone::named(zone).unwrap(),
            ..series(rule, "2026-01-05T21:00")
        };
        days(&recurrence).last().cloned().unwrap()
    };
    // 22:59:59 of the 9th in New York.
    assert_eq!(
        evening("FREQ=DAILY;UNTIL=20260110T035959Z", "America/New_York"),
        "2026-01-09"
    );
    assert_eq!(
        evening("FREQ=DAILY;UNTIL=20260110T035959Z", "Europe/Brussels"),
        "2026-01-09"
    );
    assert_eq!(
        evening("FREQ=DAILY;UNTIL=20260110T200000Z", "Europe/Brussels"),
        "2026-01-10"
    );
    assert_eq!(evening("FREQ=DAILY;UNTIL=20260110", "America/New_York"), "2026-01-10");
    assert_eq!(
        evening("FREQ=DAILY;UNTIL=20260110T210000", "Asia/Kolkata"),
        "2026-01-10"
    );
    assert_eq!(evening("FREQ=DAILY;UNTIL=20200101", "Asia/Kolkata"), "2026-01-05");
}

#[test]
fn whole_days_have_no_times_and_end_on_the_date_as_written() {
    let recurrence = Recurrence {
        all_day: true,
        zone: Zone::named("America/New_York").unwrap(),
        skipped: vec![wall("2026-01-06T15:00")],
        ..series("FREQ=DAILY;BYHOUR=9,18;UNTIL=20260108T000000Z", "2026-01-05T00:00")
    };
    assert_eq!(days(&recurrence), ["2026-01-05", "2026-01-07", "2026-01-08"]);
    let dates = recurrence.between(recurrence.start, LocalDateTime::MAX).unwrap();
    assert!(dates.iter().all(|at| *at == at.day().midnight()));
}

#[test]
fn weekdays_with_and_without_position_are_added_to_each_other() {
    assert_eq!(
        days(&series("FREQ=MONTHLY;BYDAY=MO,-1FR;COUNT=6", "2026-01-05T19:00")),
        [
            "2026-01-05",
            "2026-01-12",
            "2026-01-19",
            "2026-01-26",
            "2026-01-30",
            "2026-02-02"
        ]
    );
    let yearly = series("FREQ=YEARLY;BYDAY=MO,1FR;COUNT=60", "2026-01-01T19:00");
    let mondays = days(&series("FREQ=WEEKLY;BYDAY=MO;COUNT=58", "2026-01-05T19:00"));
    let rest: Vec<_> = days(&yearly).into_iter().filter(|day| !mondays.contains(day)).collect();
    assert_eq!(rest, ["2026-01-01", "2026-01-02", "2027-01-01"]);
}

#[test]
fn a_count_is_used_up_by_the_dates_of_the_rule() {
    let recurrence = Recurrence {
        added: vec![wall("2026-01-06T19:00")],
        skipped: vec![wall("2026-01-12T19:00")],
        ..series("FREQ=WEEKLY;COUNT=10", "2026-01-05T19:00")
    };
    assert_eq!(recurrence.dates_before(wall("2026-01-05T19:00")).unwrap(), 0);
    assert_eq!(recurrence.dates_before(wall("2026-01-19T19:00")).unwrap(), 2);
    assert_eq!(recurrence.dates_before(LocalDateTime::MAX).unwrap(), 10);
    let alone = Recurrence {
        rule: None,
        ..recurrence
    };
    assert_eq!(alone.dates_before(LocalDateTime::MAX).unwrap(), 0);
}

#[test]
fn a_rule_takes_another_end() {
    let rule = Rule::parse("FREQ=WEEKLY;COUNT=10;BYDAY=TU").unwrap();
    assert_eq!(rule.count(), Some(10));
    let until = rule.with_until(wall("2026-03-30T18:59:59"));
    assert_eq!(until.as_str(), "FREQ=WEEKLY;UNTIL=20260330T185959;BYDAY=TU");
    assert_eq!(until.count(), None);
    assert_eq!(rule.with_count(3).as_str(), "FREQ=WEEKLY;COUNT=3;BYDAY=TU");
    assert_eq!(rule.with_count(0).count(), Some(1));
    assert_eq!(rule.with_count(10), rule);
}

#[test]
fn the_parts_are_what_a_page_puts_in_words() {
    let new_york = Zone::named("America/New_York").unwrap();
    let rule = Rule::parse("FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR,MO;BYMONTH=6;UNTIL=20260110T035959Z").unwrap();
    let parts = rule.parts(&new_york, false);
    assert_eq!(
        parts,
        Parts {
            frequency: Frequency::Monthly,
            interval: 2,
            weekdays: vec![(Weekday::Monday, None), (Weekday::Friday, Some(-1))],
            month_days: vec![],
            months: vec![6],
            until: Day::new(2026, 1, 9),
            count: None,
            is_complete: true,
        }
    );
    assert_eq!(rule.parts(&new_york, true).until, Day::new(2026, 1, 10));
    let is_complete = |text: &str, all_day| Rule::parse(text).unwrap().parts(&Zone::UTC, all_day).is_complete;
    assert!(!is_complete("FREQ=DAILY;BYHOUR=9,18", false));
    assert!(is_complete("FREQ=DAILY;BYHOUR=9,18", true));
    assert!(!is_complete("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1", false));
    assert!(!is_complete("FREQ=YEARLY;BYWEEKNO=20", false));
    assert!(!is_complete("FREQ=YEARLY;BYYEARDAY=100", false));
}

#[test]
fn the_days_of_the_week_are_numbered_alike_everywhere() {
    let monday = Day::new(2026, 1, 5).unwrap();
    for (later, day) in (0..).zip(Weekday::ALL) {
        assert_eq!(day.days_from_monday(), monday.plus_days(later).days_from_monday());
    }
}

#[test]
fn calendar_files_get_the_end_that_the_standard_wants() {
    let export = |text: &str, all_day| Rule::parse(text).unwrap().export(&brussels(), all_day);
    assert_eq!(
        export("FREQ=DAILY;UNTIL=20260330T190000", false),
        "FREQ=DAILY;UNTIL=20260330T170000Z"
    );
    assert_eq!(
        export("FREQ=DAILY;UNTIL=20260110", false),
        "FREQ=DAILY;UNTIL=20260110T225959Z"
    );
    assert_eq!(
        export("FREQ=DAILY;UNTIL=20260110T225959Z", false),
        "FREQ=DAILY;UNTIL=20260110T225959Z"
    );
    assert_eq!(
        export("FREQ=DAILY;UNTIL=20260110T225959Z;BYHOUR=9", true),
        "FREQ=DAILY;UNTIL=20260110"
    );
    assert_eq!(export("FREQ=DAILY;COUNT=3", false), "FREQ=DAILY;COUNT=3");
}

/// Rules as people have them, with a date within a few years.
fn ordinary_rule() -> impl Strategy<Value = String> {
    let days = proptest::sample::subsequence(vec!["MO", "TU", "WE", "TH", "FR", "SA", "SU"], 1..5);
    let days = days.prop_map(|days| days.join(","));
    let nth = (prop_oneof![1..=4i8, -4..=-1i8], days.clone()).prop_map(|(nth, days)| {
        let days = days.split(',').map(|day| format!("{nth}{day}"));
        days.collect::<Vec<_>>().join(",")
    });
    let by = prop_oneof![
        Just("FREQ=DAILY".to_owned()),
        Just("FREQ=WEEKLY".to_owned()),
        Just("FREQ=MONTHLY".to_owned()),
        days.clone().prop_map(|days| format!("FREQ=WEEKLY;BYDAY={days}")),
        days.clone()
            .prop_map(|days| format!("FREQ=MONTHLY;BYDAY={days};BYSETPOS=1,-1")),
        (days, nth.clone()).prop_map(|(days, nth)| format!("FREQ=MONTHLY;BYDAY={days},{nth}")),
        nth.prop_map(|nth| format!("FREQ=MONTHLY;BYDAY={nth}")),
        (1..=28i8, -28..=-1i8).prop_map(|(day, last)| format!("FREQ=MONTHLY;BYMONTHDAY={day},{last}")),
        (1..=12i8, 1..=28i8).prop_map(|(month, day)| format!("FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}")),
        (1..=52i8).prop_map(|week| format!("FREQ=YEARLY;BYWEEKNO={week}")),
    ];
    let week_start = proptest::sample::select(vec!["MO", "TU", "SA", "SU"]);
    (by, 1..4u16, week_start, proptest::option::of(1..60u32)).prop_map(|(by, interval, week_start, count)| {
        let count = count.map(|count| format!(";COUNT={count}")).unwrap_or_default();
        format!("{by};INTERVAL={interval};WKST={week_start}{count}")
    })
}

/// Anything that has the looks of a rule, most of it accepted.
fn any_rule() -> impl Strategy<Value = String> {
    let numbers = |name: &'static str, range: std::ops::RangeInclusive<i32>| {
        let values = proptest::collection::vec(range, 1..9);
        values.prop_map(move |values| {
            let values: Vec<_> = values.iter().map(ToString::to_string).collect();
            format!(";{name}={}", values.join(","))
        })
    };
    let part = prop_oneof![
        numbers("BYMONTH", 1..=12),
        numbers("BYMONTHDAY", -31..=31),
        numbers("BYYEARDAY", -366..=366),
        numbers("BYWEEKNO", -53..=53),
        numbers("BYHOUR", 0..=24),
        numbers("BYMINUTE", 0..=59),
        numbers("BYSETPOS", -32..=32),
        proptest::collection::vec("(-?[1-5])?(MO|TU|SU)", 1..5).prop_map(|list| format!(";BYDAY={}", list.join(","))),
        "[0-9]{4}(0[1-9]|1[0-2])[0-2][1-9](T[0-1][0-9]([0-5][0-9]){2}Z?)?".prop_map(|until| format!(";UNTIL={until}")),
        (1..1001).prop_map(|interval| format!(";INTERVAL={interval}")),
        (1..1001).prop_map(|count| format!(";COUNT={count}")),
        "(MO|SU|SA|X)".prop_map(|day| format!(";WKST={day}")),
    ];
    let frequency = proptest::sample::select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]);
    let parts = proptest::collection::vec(part, 0..4);
    (frequency, parts).prop_map(|(frequency, parts)| format!("FREQ={frequency}{}", parts.concat()))
}

fn any_start() -> impl Strategy<Value = LocalDateTime> {
    (0..3_652_000i32, 0..86_400i64).prop_map(|(days, seconds)| LocalDateTime::MIN.plus_days(days).plus_seconds(seconds))
}

fn recent_start() -> impl Strategy<Value = LocalDateTime> {
    (0..20_000i32, 0..1440i64)
        .prop_map(|(days, minutes)| wall("1990-01-01T00:00").plus_days(days).plus_seconds(minutes * 60))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_any_text_ends_well(text in any::<String>()) {
        drop(Rule::parse(&text));
    }

    #[test]
    fn an_accepted_rule_is_written_so_that_it_reads_the_same(text in prop_oneof![any_rule(), ordinary_rule()]) {
        if let Ok(rule) = Rule::parse(&text) {
            prop_assert_eq!(&Rule::parse(rule.as_str()).unwrap(), &rule);
            for other in [rule.with_until(LocalDateTime::MAX), rule.with_count(7)] {
                prop_assert_eq!(&Rule::parse(other.as_str()).unwrap(), &other);
            }
        }
    }

    #[test]
    fn no_rule_and_no_start_break_the_expansion(text in any_rule(), start in any_start(), all_day: bool) {
        if let Ok(rule) = Rule::parse(&text) {
            let recurrence = Recurrence { rule: Some(rule), start, zone: brussels(), all_day, added: vec![], skipped: vec![] };
            let until = start.plus_days(4000);
            if let Ok(dates) = recurrence.between(start.plus_days(-10), until) {
                prop_assert!(dates.is_sorted_by(|one, next| one < next));
                prop_assert!(dates.len() <= MOST_DATES);
                prop_assert!(dates.iter().all(|date| *date < until));
            }
        }
    }

    #[test]
    fn windows_that_touch_give_what_one_window_gives(
        text in ordinary_rule(), start in recent_start(), first in 0..400i32, second in 0..300i32,
    ) {
        let recurrence = Recurrence { start, ..series(&text, "2026-01-01T00:00") };
        let (middle, end) = (start.plus_days(first), start.plus_days(first + second));
        let mut dates = recurrence.between(start, middle).unwrap();
        dates.extend(recurrence.between(middle, end).unwrap());
        prop_assert_eq!(dates, recurrence.between(start, end).unwrap());
    }

    #[test]
    fn a_series_split_at_any_of_its_dates_keeps_them_all(
        text in ordinary_rule(), start in recent_start(), at in any::<proptest::sample::Index>(),
    ) {
        let whole = Recurrence { start, ..series(&text, "2026-01-01T00:00") };
        let end = start.plus_days(2000);
        let dates = whole.between(start, end).unwrap();
        // A start that is no date of the rule is not where the rule goes on from.
        prop_assume!(dates.len() > 1);
        let pivot = dates[1 + at.index(dates.len() - 1)];
        let rule = whole.rule.clone().unwrap();
        let used = u32::try_from(whole.dates_before(pivot).unwrap()).unwrap();
        let before = Recurrence { rule: Some(rule.with_until(pivot.plus_seconds(-1))), ..whole.clone() };
        let after = Recurrence {
            rule: Some(rule.count().map_or(rule.clone(), |count| rule.with_count(count - used))),
            start: pivot,
            ..whole
        };
        let mut both = before.between(start, end).unwrap();
        both.extend(after.between(start, end).unwrap());
        both.truncate(MOST_DATES);
        prop_assert_eq!(both, dates);
    }
}
