//! The command line: what can be asked of the program, and which exit code says how it went.
//!
//! 0: done. 1: it failed, or `check` found a fault. 2: the command line or the configuration is wrong.

mod backup;
mod import;
mod sample;
mod serve;
mod subscriptions;

use crate::{
    adapters::{clock::SystemClock, entropy::SystemEntropy},
    app,
    check::{self, Grade},
    config::{self, Config, Flags, Origins},
    lock::Lock,
    telemetry,
};
use clap::{Parser, Subcommand};
use domain::db::{Db, Location};
use std::{error::Error, future::Future, process::ExitCode, sync::Arc};
use tokio::runtime::Runtime;

/// Threads for queries and files; more requests wait.
const BLOCKING_THREADS: usize = 32;

/// A federated organizer of events and groups.
#[derive(Debug, Parser)]
#[command(name = "kermesse", version, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the site
    Serve,
    /// Bring the database up to date
    Migrate,
    /// Bring the events of a calendar, and see to those that are subscribed to
    #[command(subcommand)]
    Import(ImportKind),
    /// Fill an empty site with the events of a neighbourhood, for a first look
    Sample,
    /// Copy the database and the pictures into one encrypted file, while the server runs
    Backup(backup::BackupArgs),
    /// Bring a backup back
    Restore(backup::RestoreArgs),
    /// Look whether everything works, and say what to do
    Check,
    /// Print the configuration that is in force, without secrets
    Config {
        /// Print a file with every setting instead
        #[arg(long, conflicts_with = "reference")]
        example: bool,
        /// Print the reference of all settings instead
        #[arg(long, hide = true)]
        reference: bool,
    },
}

/// What can be brought.
#[derive(Debug, Subcommand)]
enum ImportKind {
    /// A calendar in the format iCalendar: a file or an address
    Ics(import::Import),
    /// List the calendars that are read again and again
    List(subscriptions::List),
    /// Read a calendar no more; the events that it brought stay
    Unsubscribe(subscriptions::Unsubscribe),
}

type Outcome = Result<ExitCode, Box<dyn Error + Send + Sync>>;

/// Runs the command of this process.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(told) => {
            drop(told.print()); // where there is nobody to tell, the exit code says it
            return ExitCode::from(u8::try_from(told.exit_code()).unwrap_or(2));
        }
    };
    let (config, origins) = match Config::load(&cli.flags) {
        Ok(loaded) => loaded,
        Err(error) => {
            eprintln!("kermesse: {error}");
            return ExitCode::from(2);
        }
    };
    telemetry::start_log(&config.log);
    match run(cli.command, config, &origins) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("kermesse: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, config: Config, origins: &Origins) -> Outcome {
    match command {
        Command::Serve => {
            if let strangers @ [_, ..] = origins.strangers() {
                tracing::warn!("these variables set nothing: {}", strangers.join(", "));
            }
            serve::run(config)
        }
        Command::Migrate => migrate(&config),
        Command::Import(ImportKind::Ics(import)) => {
            let read = block_on(import.run(config))??;
            Ok(if read { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Import(ImportKind::List(list)) => done(block_on(list.run(config))?),
        Command::Import(ImportKind::Unsubscribe(end)) => done(block_on(end.run(config))?),
        Command::Sample => block_on(sample::run(config))?,
        Command::Backup(args) => backup::make(&args, &config),
        Command::Restore(args) => backup::restore(&args, &config),
        Command::Check => block_on(check(&config))?,
        Command::Config { example: true, .. } => print(&config::example()),
        Command::Config { reference: true, .. } => print(&config::reference()),
        Command::Config { .. } => print(&config::effective(&config, origins)),
    }
}

fn done(result: Result<(), impl Error + Send + Sync + 'static>) -> Outcome {
    result?;
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of a command")]
fn print(text: &str) -> Outcome {
    print!("{text}");
    Ok(ExitCode::SUCCESS)
}

fn migrate(config: &Config) -> Outcome {
    app::make_folder(&config.base.data_dir)?;
    let location = config.location();
    let _alone = match &location {
        Location::File(file) => Some(Lock::take(file)?),
        Location::Postgres(_) => None,
    };
    let db = Db::open(
        &location,
        config.pool_sizes(),
        Arc::new(SystemClock),
        Arc::new(SystemEntropy),
    )?;
    let steps = db.migrate()?;
    for step in &steps {
        println!("{step}");
    }
    println!("The database is up to date; {} steps were made.", steps.len());
    Ok(ExitCode::SUCCESS)
}

async fn check(config: &Config) -> Outcome {
    let findings = check::check(config).await;
    for finding in &findings {
        println!("{finding}");
    }
    let worst = findings.iter().map(|finding| finding.grade).max();
    Ok(if worst == Some(Grade::Fault) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Runs a future to its end on a runtime of its own.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Box<dyn Error + Send + Sync>> {
    Ok(runtime()?.block_on(work))
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .max_blocking_threads(BLOCKING_THREADS)
        .enable_all()
        .build()
}
