//! `make bench`: how fast the real program answers, how much processor and memory it takes.
//!
//! The program runs in a process of its own, the readers in this one, beside it a handler of axum that does nothing:
//! on a machine that others use too, what a case costs **against** another of the same run, and the processor time per
//! answer, tell more than answers a second. `docs/developer/performance.md` says what came out and how to read it.
//!
//! On SQLite, unless `KERMESSE_TEST_DATABASE_URL` names a PostgreSQL server (`tests/support/postgres.sh` starts one).

mod cases;
mod corpus;
mod fill;
mod load;
mod report;
mod server;
mod writes;

use cases::{Case, On};
use clap::Parser;
use fill::Site;
use report::{Round, Row};
use server::Server;
use std::{error::Error, time::Duration};

/// What this program answers: any error ends it.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Before each round, so that connections, caches and statements are warm.
const WARM_UP: Duration = Duration::from_millis(300);
/// Starts of the program for the time to the first answer.
const STARTS: usize = 7;

/// Measures Kermesse.
#[derive(Debug, Parser)]
struct Arguments {
    /// How many events the sites have. Not given: 1,000, 100,000, and on SQLite 1,000,000.
    #[arg(long, value_delimiter = ',')]
    sizes: Vec<usize>,
    /// Rounds; of each case the best rate and the median of processor times count.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of each case in each round.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Only cases whose name has this in it, and neither writes nor starts.
    #[arg(long)]
    only: Option<String>,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
    /// `empty` serves the handler that does nothing.
    #[arg(hide = true)]
    serve: Option<String>,
}

/// One thread: the readers must leave the processor to the server.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments = Arguments::parse();
    if arguments.serve.as_deref() == Some(server::EMPTY) {
        return server::empty().await;
    }
    for events in sizes(&arguments) {
        let site = Site::of(events).await?;
        measure(&site, &arguments).await?;
    }
    if arguments.only.is_none() {
        let (db, _site) = fill::nothing()?;
        let rows = writes::measure(&db, Duration::from_secs_f64(arguments.seconds)).await?;
        report::writes("### Writes from 32 clients", &rows);
    }
    Ok(())
}

fn sizes(arguments: &Arguments) -> Vec<usize> {
    match (arguments.sizes.as_slice(), domain::db::testing::postgres_url()) {
        ([], Some(_)) => vec![1_000, 100_000],
        ([], None) => vec![1_000, 100_000, 1_000_000],
        (sizes, _) => sizes.to_vec(),
    }
}

async fn measure(site: &Site, arguments: &Arguments) -> Outcome<()> {
    let wanted = arguments.only.as_deref().unwrap_or_default();
    let mut cases = cases::all(site).await?;
    cases.retain(|case| case.name.contains(wanted) || case.on == On::Empty);
    let (unkept, mut kept): (Vec<Case>, Vec<Case>) = cases.into_iter().partition(|case| case.on == On::Unkept);
    let load = report::machine_load();
    let servers = Servers {
        empty: Server::empty()?,
        kermesse: site.serve(&[])?,
    };
    if cases::UNCHANGED_FEED.contains(wanted) {
        kept.push(cases::unchanged_feed(servers.kermesse.address).await?);
    }
    let mut rows = rounds(&servers, &kept, arguments).await?;
    let memory = servers.kermesse.memory()?;
    drop(servers.kermesse); // only one serves a file of SQLite
    let servers = Servers {
        empty: servers.empty,
        kermesse: site.serve(&[("KERMESSE__PAGES__CACHE_MB", "1")])?,
    };
    rows.extend(rounds(&servers, &unkept, arguments).await?);
    drop(servers);
    let title = format!(
        "### {}, {} events (load of the machine: {load} before, {} after)",
        site.database(),
        site.events,
        report::machine_load()
    );
    report::answers(&title, &rows);
    for name in [cases::KEPT_PAGE, cases::UNCHANGED_FEED] {
        report::compared(&rows, name, cases::EMPTY);
    }
    if arguments.only.is_none() {
        report::process(memory, &first_answers(site).await?);
    }
    Ok(())
}

struct Servers {
    empty: Server,
    kermesse: Server,
}

/// Each round has every case, so that what disturbs the machine disturbs all of them.
async fn rounds(servers: &Servers, cases: &[Case], arguments: &Arguments) -> Outcome<Vec<Row>> {
    let time = Duration::from_secs_f64(arguments.seconds);
    let row = |case: &Case| Row {
        name: case.name,
        connections: case.connections,
        rounds: Vec::new(),
    };
    let mut rows: Vec<Row> = cases.iter().map(row).collect();
    for _ in 0..arguments.rounds.max(1) {
        for (case, row) in cases.iter().zip(&mut rows) {
            let server = match case.on {
                On::Empty => &servers.empty,
                On::Kept | On::Unkept => &servers.kermesse,
            };
            load::run(server.address, &case.requests, case.connections, WARM_UP).await?;
            let before = server.processor_time()?;
            let taken = load::run(server.address, &case.requests, case.connections, time).await?;
            let processor = server.processor_time()?.saturating_sub(before);
            row.rounds.push(Round { taken, processor });
        }
    }
    Ok(rows)
}

/// The best of several starts.
async fn first_answers(site: &Site) -> Outcome<Vec<(&'static str, Duration)>> {
    let mut answers = Vec::new();
    for path in ["/health", "/"] {
        let mut best = Duration::MAX;
        for _ in 0..STARTS {
            best = best.min(server::first_answer(&site.folder, site.location(), path).await?);
        }
        answers.push((path, best));
    }
    Ok(answers)
}
