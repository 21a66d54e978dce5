//! `kill -9` at random moments, under writes and jobs: nothing acknowledged is lost, nothing is half written, and no
//! job's effect happens twice.
//!
//! The process that is killed is this binary once more, running [`child`] with a [`Load`] named in its environment. It
//! prints a line for each write that was acknowledged; what was printed must be there after the kill. A further load is
//! a variant of [`Load`], what it runs and how it is judged. `make crash` runs many rounds, `KERMESSE_CRASH_SEED` repeats
//! those of a run.

mod import;
mod judge;
mod load;

use crate::support::program::Site;
use domain::db::{
    Location,
    testing::{TestDb, postgres_url},
};
use load::Load;
use std::{
    env,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    str::FromStr,
    thread,
    time::Duration,
};

/// Rounds, unless the environment asks for more.
const ROUNDS: u64 = 3;
/// The variable that names the load of a child.
const CHILD: &str = "KERMESSE_CRASH_CHILD";

fn setting<T: FromStr>(name: &str) -> Option<T> {
    env::var_os(name)?.to_str()?.parse().ok()
}

/// Numbers that look random and are the same for one seed (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// The seed of this run; printed, so that it can be had again.
fn dice(what: &str) -> Dice {
    let fresh = || u64::from_le_bytes(uuid::Uuid::new_v4().as_bytes()[..8].try_into().expect("eight bytes"));
    let seed = setting("KERMESSE_CRASH_SEED").unwrap_or_else(fresh);
    println!("{what}: KERMESSE_CRASH_SEED={seed}");
    Dice(seed)
}

fn rounds() -> u64 {
    setting("KERMESSE_CRASH_ROUNDS").unwrap_or(ROUNDS)
}

/// Runs a load in another process, kills it after so many milliseconds, and answers the lines that it acknowledged.
fn killed(load: &Load, after: u64) -> Vec<String> {
    let mut child = Command::new(env::current_exe().expect("this binary"))
        .args(["crash::child", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, load.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a child");
    let lines = BufReader::new(child.stdout.take().expect("its lines"));
    let reader = thread::spawn(move || {
        let acknowledged = |line: String| line.strip_prefix("acknowledged ").map(ToOwned::to_owned);
        lines
            .lines()
            .map_while(Result::ok)
            .filter_map(acknowledged)
            .collect::<Vec<_>>()
    });
    thread::sleep(Duration::from_millis(after));
    let early = child.try_wait().expect("its state");
    assert!(early.is_none(), "the child ended by itself: {early:?}");
    child.kill().expect("a kill");
    child.wait().expect("an end");
    reader.join().expect("the reader")
}

/// Not a test: the process that is killed.
#[test]
fn child() {
    if let Some(load) = setting::<Load>(CHILD) {
        load.run();
    }
}

/// Rounds of one load on one database: kill, judge, go on with what is there.
fn survive(what: &str, location: &Location, make: impl Fn(&Location, u64) -> Load) {
    let mut dice = dice(what);
    let mut acknowledged = 0;
    for round in 0..rounds() {
        let load = make(location, round);
        let after = 300 + dice.roll(1200);
        let lines = killed(&load, after);
        acknowledged += lines.len();
        judge::judge(&load, &lines);
        println!(
            "round {round}: killed after {after} ms, {} writes acknowledged",
            lines.len()
        );
    }
    assert!(acknowledged > 0, "the load did something");
}

#[test]
fn writes_and_jobs_survive() {
    let test = TestDb::new();
    survive("writes and jobs", test.db.location(), |location, round| Load::Events {
        location: location.clone(),
        round,
    });
}

#[test]
fn a_migration_that_is_killed_is_made_whole_by_the_next_start() {
    let mut dice = dice("migrations");
    let site = Site::sqlite();
    let postgres = postgres_url().map(|url| TestDb::postgres(&url));
    for round in 0..rounds() * 3 {
        let location = match &postgres {
            Some(test) => test.db.location().clone(),
            None => Location::File(site.folder.path().join(format!("{round}.sqlite3"))),
        };
        if postgres.is_some() {
            domain::db::migrate::down(&location).expect("down");
        }
        let mut child = site
            .command(&["migrate"])
            .arg("--database")
            .arg(match &location {
                Location::File(file) => file.to_str().expect("a path"),
                Location::Postgres(url) => url,
            })
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        thread::sleep(Duration::from_millis(dice.roll(60)));
        child.kill().expect("a kill"); // or it has ended
        child.wait().expect("an end");
        judge::judge_migration(&location);
    }
}
