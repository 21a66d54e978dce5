//! `kermesse import` and the server beside it are killed: the next import completes the calendar, and nothing is there
//! twice.

use super::{dice, judge, load, rounds};
use crate::support::program::{Server, Site, errors, text};
use domain::{
    db::{Tx, care},
    ports::Clock,
    profile,
    search::{self, job::IndexEvent},
    text::Handle,
    time::Zone,
};
use kermesse::{
    adapters::clock::SystemClock,
    worker::{Handlers, Worker},
};
use serde_json::Value;
use std::{fmt::Write, fs, process::Stdio, thread, time::Duration};

/// Entries of the calendar that happen once.
const SINGLES: usize = 300;
/// Entries that happen so often.
const SERIES: usize = 20;
const DATES: usize = 5;

/// A calendar of the weeks to come, with texts and tags: dates of series that lie too far ahead have no rows yet.
fn calendar() -> String {
    let today = Zone::UTC.local(SystemClock.now()).day();
    let mut text = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kermesse//Test//EN\r\n");
    for number in 0..SINGLES + SERIES {
        let day = today.plus_days(14 + i32::try_from(number % 28).expect("a day"));
        let (day, hour) = (day.to_string().replace('-', ""), 8 + number % 12);
        write!(
            text,
            "BEGIN:VEVENT\r\nUID:{number}@crash.example\r\nDTSTAMP:20261101T000000Z\r\n\
             DTSTART;TZID=Europe/Brussels:{day}T{hour:02}0000\r\nSUMMARY:Soupe {number}\r\n\
             DESCRIPTION:Avec la fanfare\\, au jardin.\r\nCATEGORIES:soupe,fanfare\r\n"
        )
        .expect("a text");
        if number >= SINGLES {
            write!(text, "RRULE:FREQ=WEEKLY;COUNT={DATES}\r\n").expect("a text");
        }
        text.push_str("END:VEVENT\r\n");
    }
    text + "END:VCALENDAR\r\n"
}

/// Imports to the end; answers how many entries were created and how many unchanged.
fn import(site: &Site, file: &str, profile: &str) -> (u64, u64) {
    let output = site.run(&["import", "ics", file, "--profile", profile, "--json"]);
    assert!(output.status.success(), "{}", errors(&output));
    let answer: Value = serde_json::from_str(&text(&output)).expect("JSON");
    let number = |name: &str| answer[name].as_u64().unwrap_or_else(|| panic!("{name}: {answer}"));
    assert_eq!(number("updated"), 0, "what is there is as it should be: {answer}");
    (number("created"), number("unchanged"))
}

#[test]
fn an_import_that_is_killed_is_completed_by_the_next_one() {
    let mut dice = dice("imports");
    let site = Site::new();
    let file = site.folder.path().join("season.ics");
    fs::write(&file, calendar()).expect("a calendar");
    let file = file.to_str().expect("a path");
    for round in 0..rounds() {
        let profile = format!("agenda{round}");
        let server: Server = site.start();
        let mut importer = site
            .command(&["import", "ics", file, "--profile", &profile])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        let after = 50 + dice.roll(1500);
        thread::sleep(Duration::from_millis(after));
        drop(server); // killed, in the middle of its jobs
        importer.kill().expect("a kill"); // or it has ended
        importer.wait().expect("an end");
        assert!(care::damage(&site.location()).expect("a check").is_empty());

        let (created, unchanged) = import(&site, file, &profile);
        println!("round {round}: killed after {after} ms with {unchanged} entries in; {created} were left");
        assert_eq!(created + unchanged, u64::try_from(SINGLES + SERIES).expect("a number"));
        assert_eq!(import(&site, file, &profile).0, 0, "the second import finds everything");
        judge_round(&site, round, &profile);
    }
}

fn judge_round(site: &Site, round: u64, profile: &str) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let db = load::open(&site.location(), round, 1);
        let name = Handle::new(profile).expect("a name");
        let agenda = db.read(move |tx| profile::named(tx, &name)).await.expect("the agenda");
        assert_eq!(judge::whole_events(&db, agenda.id).await, SINGLES + SERIES * DATES);
        let index = |tx: &mut Tx<'_>, job: IndexEvent| search::index(tx, job.event);
        let handlers = Handlers::default().inside(index);
        Worker::new(db.clone(), handlers)
            .run_due()
            .await
            .expect("the jobs that were left");
        assert_eq!(db.read(domain::job::backlog).await.expect("a count").dead, 0);
    });
}
