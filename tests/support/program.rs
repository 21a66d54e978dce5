//! The real program: commands that end, and a server that runs until it is stopped or killed.

use super::http::{self, Answer};
use domain::{
    calendar_source::{self, NewSource},
    caller::Caller,
    db::{
        Db, Location, PoolSizes, Tx,
        testing::{FrozenClock, SeededEntropy, TestDb, postgres_url, test_keys},
    },
    profile::{self, Kind, NewProfile, Profile},
    text::{Handle, PlainText, RichText},
    time::Zone,
};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A folder of data, and on a run with PostgreSQL a database.
pub(crate) struct Site {
    pub folder: TempDir,
    database: Option<TestDb>,
}

impl Site {
    /// A site that was never started; its PostgreSQL database has its tables already.
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            database: postgres_url().map(|url| TestDb::postgres(&url)),
        }
    }

    /// A site with SQLite, whatever this run tests.
    pub(crate) fn sqlite() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            database: None,
        }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where its data are.
    pub(crate) fn location(&self) -> Location {
        match &self.database {
            Some(test) => test.db.location().clone(),
            None => Location::File(self.data_dir().join("kermesse.sqlite3")),
        }
    }

    /// Makes a profile with a key in its database.
    pub(crate) fn seal_something(&self) {
        self.write(|tx| Self::profile(tx).map(drop));
    }

    /// Subscribes `@agenda` to a calendar, without reading it.
    pub(crate) fn subscribe(&self, address: &str) {
        let url = address.parse().expect("an address");
        self.write(move |tx| {
            let new = NewSource {
                profile: Self::profile(tx)?.id,
                url: Some(url),
                name: PlainText::required("name", "Les soupes", 200)?,
                zone: Zone::UTC,
                subscribed: true,
            };
            calendar_source::open(tx, &Caller::System, new).map(drop)
        });
    }

    fn profile(tx: &mut Tx<'_>) -> domain::Result<Profile> {
        let new = NewProfile {
            kind: Kind::Group,
            name: Handle::new("agenda").expect("a name"),
            display_name: PlainText::new("name", "Agenda", 200).expect("a name"),
            summary: RichText::default(),
            zone: None,
            language: None,
        };
        profile::create(tx, &Caller::System, new, &test_keys())
    }

    fn write(&self, change: impl FnOnce(&mut Tx<'_>) -> domain::Result<()> + Send + 'static) {
        let clock = FrozenClock::at("2026-12-01T12:00", "Europe/Brussels");
        let entropy = Arc::new(SeededEntropy::default());
        let db = Db::open(&self.location(), PoolSizes::default(), clock, entropy).expect("the database");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        runtime.block_on(db.write(change)).expect("a change");
    }

    /// A command on this site.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(self.folder.path(), arguments);
        command.env("KERMESSE_DATA_DIR", self.data_dir());
        if let Some(Location::Postgres(url)) = self.database.as_ref().map(|test| test.db.location()) {
            command.env("DATABASE_URL", url);
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program")
    }

    /// Starts the server and waits until it answers.
    pub(crate) fn start(&self) -> Server {
        Server::start(self.command(&["serve"]))
    }
}

/// The program in a folder of its own, without anything from this environment.
pub(crate) fn program(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kermesse"));
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("KERMESSE_LISTEN", "127.0.0.1:0")
        .env("KERMESSE__LOG__FORMAT", "json")
        .args(arguments)
        .stdin(Stdio::null());
    command
}

/// What a command wrote to its standard error.
pub(crate) fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a command wrote to its standard output.
pub(crate) fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A running server; killed at the end, if it still runs.
pub(crate) struct Server {
    pub address: SocketAddr,
    child: Child,
    log: BufReader<ChildStderr>,
}

impl Server {
    /// Starts `command` and waits until it says where it listens.
    #[expect(
        clippy::zombie_processes,
        reason = "a server that does not start fails the test, which ends its children"
    )]
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program");
        let mut log = BufReader::new(child.stderr.take().expect("a log"));
        let mut said = String::new();
        loop {
            let mut line = String::new();
            let read = log.read_line(&mut line).expect("the log");
            assert!(read > 0, "the server ended: {said}");
            let entry: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(address) = entry["fields"]["address"].as_str() {
                let address = address.parse().expect("an address");
                return Self { address, child, log };
            }
            said.push_str(&line);
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        http::get(self.address, path, &[])
    }

    /// A variable of its environment.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let all = std::fs::read(format!("/proc/{}/environ", self.child.id())).expect("an environment");
        let all = String::from_utf8_lossy(&all).into_owned();
        let mut pairs = all.split('\0').filter_map(|pair| pair.split_once('='));
        pairs.find(|(one, _)| *one == name).map(|(_, value)| value.to_owned())
    }

    /// Asks it to end, as an init system does.
    pub(crate) fn stop(self) -> (ExitStatus, Duration, String) {
        self.stop_by(Signal::TERM)
    }

    /// Sends a signal and waits; answers how it ended, after how long, and the rest of its log.
    pub(crate) fn stop_by(mut self, signal: Signal) -> (ExitStatus, Duration, String) {
        let asked = Instant::now();
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(id.expect("a process"), signal).expect("a signal");
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).expect("the log");
        (self.child.wait().expect("an end"), asked.elapsed(), rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
