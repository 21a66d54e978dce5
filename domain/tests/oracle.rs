//! Time by the judgement of others: 68 rules written by hand, and Python with its own tzdb and its own recurrence engine.
//!
//! The scripts are in `tests/oracle` of the repository; `KERMESSE_PYTHON` names an interpreter that has the packages of
//! `requirements.txt` there. The rules are in the file that `KERMESSE_RRULE_FILE` names. Where a variable is not set,
//! the test says that it is skipped.

#[cfg(test)]
mod tests {
    use domain::time::{
        Instant, LocalDateTime, Zone,
        recurrence::{Recurrence, Rule},
        tzdb_version,
    };
    use serde::Deserialize;
    use std::{
        env,
        ffi::OsString,
        io::{BufRead, BufReader},
        path::Path,
        process::{Child, ChildStdout, Command, Stdio},
    };

    /// The rules are the same in every run; another number finds other ones.
    const SEED: &str = "20261205";
    const RULES: usize = 3000;

    fn setting(name: &str) -> Option<OsString> {
        let value = env::var_os(name).filter(|value| !value.is_empty());
        if value.is_none() {
            println!("skipped: {name} is not set");
        }
        value
    }

    /// What a script prints, line by line.
    struct Oracle {
        process: Child,
        lines: std::io::Lines<BufReader<ChildStdout>>,
    }

    impl Oracle {
        /// Starts a script and checks that its tzdb is ours: otherwise differences would mean nothing.
        fn ask(script: &str, arguments: &[&str]) -> Option<Self> {
            let python = setting("KERMESSE_PYTHON")?;
            let script = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../tests/oracle")
                .join(script);
            let mut process = Command::new(python)
                .arg("-B") // Nothing is written beside the scripts.
                .arg(script)
                .args(arguments)
                .stdout(Stdio::piped())
                .spawn()
                .expect("KERMESSE_PYTHON starts");
            let lines = BufReader::new(process.stdout.take().unwrap()).lines();
            let mut oracle = Self { process, lines };
            let theirs = oracle.next().expect("a first line with the version");
            assert_eq!(
                theirs,
                tzdb_version(),
                "tzdata in tests/oracle/requirements.txt must be the release in the program"
            );
            Some(oracle)
        }

        /// To be called after the last line: a script that failed half-way would leave rules untried.
        fn finish(mut self) {
            assert!(self.process.wait().unwrap().success());
        }
    }

    impl Iterator for Oracle {
        type Item = String;

        fn next(&mut self) -> Option<String> {
            self.lines.next().map(|line| line.expect("UTF-8"))
        }
    }

    fn wall(text: &str) -> LocalDateTime {
        LocalDateTime::from_compact(text).expect(text)
    }

    fn walls(text: &str) -> Vec<LocalDateTime> {
        text.split_terminator(',').map(wall).collect()
    }

    fn seconds(instant: Instant) -> i64 {
        instant.micros() / 1_000_000
    }

    #[test]
    fn random_rules_have_the_dates_that_dateutil_and_zoneinfo_find() {
        let Some(mut oracle) = Oracle::ask("recurrence.py", &[SEED, &RULES.to_string()]) else {
            return;
        };
        let mut tried = 0;
        for line in &mut oracle {
            let columns: Vec<&str> = line.split('\t').collect();
            let [zone, start, all_day, rule, added, skipped, from, until, instants] = columns[..] else {
                panic!("not nine columns: {line}");
            };
            let recurrence = Recurrence {
                rule: Some(Rule::parse(rule).expect(rule)),
                start: wall(start),
                zone: Zone::named(zone).unwrap(),
                all_day: all_day == "1",
                added: walls(added),
                skipped: walls(skipped),
            };
            let dates = recurrence.between(wall(from), wall(until)).expect(&line);
            let ours = dates.iter().map(|date| seconds(recurrence.zone.instant(*date)));
            let theirs = instants.split_terminator(',').map(|second| second.parse().unwrap());
            assert_eq!(ours.collect::<Vec<_>>(), theirs.collect::<Vec<i64>>(), "{line}");
            tried += 1;
        }
        oracle.finish();
        assert_eq!(tried, RULES);
    }

    #[test]
    fn every_change_of_every_clock_from_2000_to_2037_converts_as_in_zoneinfo() {
        let Some(mut oracle) = Oracle::ask("transitions.py", &[]) else {
            return;
        };
        let mut zone = Zone::UTC;
        let (mut zones, mut changes) = (0, 0);
        for line in &mut oracle {
            let columns: Vec<&str> = line.split('\t').collect();
            match columns[..] {
                [name] => {
                    zone = Zone::named(name).expect(name);
                    assert_eq!(zone.name(), name);
                    zones += 1;
                }
                [at, before, after, first, runs] => {
                    compare_offsets(&zone, at.parse().unwrap(), before, after);
                    compare_readings(&zone, first.parse().unwrap(), runs);
                    changes += 1;
                }
                _ => panic!("neither a zone nor a change: {line}"),
            }
        }
        oracle.finish();
        println!("{zones} zones, {changes} changes");
        assert!(zones > 590 && changes > 17_000, "{zones} zones, {changes} changes");
    }

    fn compare_offsets(zone: &Zone, at: i64, before: &str, after: &str) {
        for (second, offset) in [(at - 1, before), (at, after)] {
            let instant = Instant::from_micros(second * 1_000_000).unwrap();
            let offset: i32 = offset.parse().unwrap();
            assert_eq!(zone.offset_seconds(instant), offset, "{zone} at {instant}");
            let local = Zone::UTC.local(instant).plus_seconds(offset.into());
            assert_eq!(zone.local(instant), local, "{zone} at {instant}");
        }
    }

    fn compare_readings(zone: &Zone, first: LocalDateTime, runs: &str) {
        let mut reading = first;
        for run in runs.split(',') {
            let (difference, minutes) = run.split_once('*').unwrap();
            let difference: i64 = difference.parse().unwrap();
            for _ in 0..minutes.parse().unwrap() {
                let expected = seconds(Zone::UTC.instant(reading)) + difference;
                assert_eq!(seconds(zone.instant(reading)), expected, "{zone} at {reading}");
                reading = reading.plus_seconds(60);
            }
        }
    }

    /// One entry of the file of rules.
    #[derive(Deserialize)]
    struct Written {
        rule: String,
        start: String,
        zone: String,
        limit: usize,
        refused: bool,
        /// The rule's own dates: the start is among them only where the rule has it.
        instants: Option<Vec<String>>,
    }

    #[test]
    fn written_rules_have_the_instants_that_were_written_beside_them() {
        let Some(file) = setting("KERMESSE_RRULE_FILE") else {
            return;
        };
        let written: Vec<Written> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        assert!(!written.is_empty());
        for entry in written {
            let rule = Rule::parse(&entry.rule);
            assert_eq!(rule.is_err(), entry.refused, "{}", entry.rule);
            let Ok(rule) = rule else { continue };
            let recurrence = Recurrence {
                rule: Some(rule),
                start: wall(&entry.start),
                zone: Zone::named(&entry.zone).unwrap(),
                all_day: false,
                added: Vec::new(),
                skipped: Vec::new(),
            };
            let theirs = entry.instants.unwrap();
            let mut ours: Vec<String> = recurrence
                .between(recurrence.start, wall("22000101T000000"))
                .unwrap()
                .iter()
                .map(|date| compact(recurrence.zone.instant(*date)))
                .collect();
            let start = compact(recurrence.zone.instant(recurrence.start));
            if !theirs.contains(&start) {
                ours.retain(|date| *date != start);
            }
            ours.truncate(entry.limit);
            assert_eq!(ours, theirs, "{}", entry.rule);
        }
    }

    fn compact(instant: Instant) -> String {
        Zone::UTC.local(instant).compact() + "Z"
    }
}
