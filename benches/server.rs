//! The processes that are measured: the real program, and a handler that does nothing. Their processor time and their
//! memory are read from `/proc`.

use crate::Outcome;
use axum::{Router, body::Bytes, routing::get};
use domain::db::Location;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    time::{Duration, Instant},
};

/// The argument with which this program serves [`empty`].
pub(crate) const EMPTY: &str = "empty";
/// Linux counts processor time for programs in hundredths of a second, on every machine.
const TICKS_PER_SECOND: f64 = 100.0;

/// A process that serves.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    child: Child,
    log: BufReader<ChildStderr>,
}

/// Memory of a process that is in RAM, in bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) resident: u64,
    /// Of this, what is its own: heap and stacks. The rest is read from files, the gazetteer in the program among them.
    pub(crate) anonymous: u64,
}

impl Server {
    /// Starts the program on a folder of data and waits until it listens.
    pub(crate) fn kermesse(folder: &Path, location: &Location, settings: &[(&str, &str)]) -> Outcome<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kermesse"));
        command
            .arg("serve")
            .current_dir(folder)
            .env_clear()
            .env("KERMESSE_DATA_DIR", folder)
            .env("KERMESSE_LISTEN", "127.0.0.1:0")
            .env("KERMESSE_PUBLIC_URL", "http://localhost:8080")
            .env("KERMESSE__LOG__FORMAT", "json")
            .envs(settings.iter().copied());
        if let Location::Postgres(url) = location {
            command.env("DATABASE_URL", url);
        }
        Self::start(command)
    }

    /// Starts the handler that does nothing.
    pub(crate) fn empty() -> Outcome<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(EMPTY);
        Self::start(command)
    }

    fn start(mut command: Command) -> Outcome<Self> {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let log = child.stderr.take().ok_or("no log")?;
        let (mut log, mut said) = (BufReader::new(log), String::new());
        loop {
            let mut line = String::new();
            if log.read_line(&mut line)? == 0 {
                child.wait()?;
                return Err(format!("the server ended: {said}").into());
            }
            let entry: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(address) = entry.pointer("/fields/address").and_then(|address| address.as_str()) {
                let address = address.parse()?;
                return Ok(Self { address, child, log });
            }
            said.push_str(&line);
        }
    }

    /// Processor time so far, of the program and of the system for it.
    pub(crate) fn processor_time(&self) -> Outcome<Duration> {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is the name in brackets, with whatever is in it.
        let fields = text.rsplit_once(')').ok_or("no stat")?.1;
        let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
        let ticks: u32 = ticks.sum::<Result<_, _>>()?;
        Ok(Duration::from_secs_f64(f64::from(ticks) / TICKS_PER_SECOND))
    }

    /// Memory at this moment.
    pub(crate) fn memory(&self) -> Outcome<Memory> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let bytes = |name: &str| -> Outcome<u64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name));
            let kilobytes = line.and_then(|line| line.split_whitespace().next());
            Ok(kilobytes.ok_or("no such line in status")?.parse::<u64>()? * 1024)
        };
        Ok(Memory {
            resident: bytes("VmRSS:")?,
            anonymous: bytes("RssAnon:")?,
        })
    }

    /// Asks it to end, and waits.
    pub(crate) fn stop(mut self) -> Outcome<()> {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        kill_process(id.ok_or("no process")?, Signal::TERM)?;
        self.log.read_to_string(&mut String::new())?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Makes tables, keys and the site's actor, as the first start of a site does.
pub(crate) fn set_up(folder: &Path, location: &Location) -> Outcome<()> {
    Server::kermesse(folder, location, &[])?.stop()
}

/// Serves an empty answer as axum's own first page shows it, and says where in the form of our log.
pub(crate) async fn empty() -> Outcome<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let said = serde_json::json!({ "fields": { "address": listener.local_addr()?.to_string() } });
    eprintln!("{said}");
    // As many bytes as a page with its headers, to tell what sending them costs.
    let page = || async { ([("x-headers", "-".repeat(900))], Bytes::from_static(&[b'-'; 4_096])) };
    let router = Router::new().route("/", get(|| async {})).route("/page", get(page));
    axum::serve(listener, router).await?;
    Ok(())
}

/// The time from the start of the program to the first whole answer to `path`.
pub(crate) async fn first_answer(folder: &Path, location: &Location, path: &str) -> Outcome<Duration> {
    let begun = Instant::now();
    let server = Server::kermesse(folder, location, &[])?;
    crate::load::once(server.address, &crate::load::get(path, &[])).await?;
    let took = begun.elapsed();
    server.stop()?;
    Ok(took)
}
