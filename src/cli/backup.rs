//! `kermesse backup` and `kermesse restore`, as they are typed and what they tell.

use super::{Outcome, block_on};
use crate::{
    adapters::{clock::SystemClock, entropy::SystemEntropy},
    app::{key_file, media_folder},
    backup::{self, BackupError, Plan, Seal, Target},
    config::{AgeKey, Config},
};
use domain::{
    db::{Db, Location, migrate},
    media,
    ports::Clock,
};
use std::{collections::BTreeSet, error::Error, fs, path::PathBuf, process::ExitCode, sync::Arc};

/// What to say of a backup.
#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    /// Folder for the backup [default: backups in the folder of the data]
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
    /// Public key of age that can open it; may be repeated [default: backup.recipients]
    #[arg(long, value_name = "AGE_KEY")]
    recipient: Vec<AgeKey>,
    /// Do not encrypt: whoever has the file has all private data
    #[arg(long, conflicts_with = "recipient")]
    plaintext: bool,
}

/// What to say of a restore.
#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    /// The backup
    file: PathBuf,
    /// File with the private key of age
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Replace the data that are there
    #[arg(long)]
    force: bool,
}

pub(super) fn make(args: &BackupArgs, config: &Config) -> Outcome {
    let location = config.location();
    if let Location::File(file) = &location
        && !file.exists()
    {
        return Err(BackupError::NoDatabase(file.clone()).into());
    }
    let seal = if args.plaintext {
        eprintln!("kermesse: the backup is not encrypted; whoever has the file has all private data");
        Seal::Plaintext
    } else if args.recipient.is_empty() {
        Seal::For(config.backup.recipients.clone())
    } else {
        Seal::For(args.recipient.clone())
    };
    let to = args.to.clone().unwrap_or_else(|| config.base.data_dir.join("backups"));
    let made = backup::make(&Plan {
        database: &location,
        media: &media_folder(config),
        wanted: block_on(wanted(config))??,
        to: &to,
        seal,
        now: SystemClock.now(),
    })?;
    println!("{}", made.file.display());
    println!(
        "{} bytes, the database and {} pictures. {} is not in it: keep a copy of it elsewhere.",
        made.bytes,
        made.pictures,
        key_file(config).display()
    );
    tell_missing(&made.missing);
    Ok(ExitCode::SUCCESS)
}

/// The pictures that the database names. A database of another version is copied all the same, without that list.
async fn wanted(config: &Config) -> Result<BTreeSet<String>, Box<dyn Error + Send + Sync>> {
    let location = config.location();
    let state = migrate::state_of(&location)?;
    if !state.pending.is_empty() || !state.unknown.is_empty() {
        return Ok(BTreeSet::new());
    }
    let db = Db::open(
        &location,
        config.pool_sizes(),
        Arc::new(SystemClock),
        Arc::new(SystemEntropy),
    )?;
    let files = db.read(media::all_files).await?;
    Ok(files.iter().map(|key| key.as_str().to_owned()).collect())
}

pub(super) fn restore(args: &RestoreArgs, config: &Config) -> Outcome {
    let identity = match &args.identity {
        Some(path) => {
            Some(fs::read_to_string(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?)
        }
        None => None,
    };
    let restored = backup::restore(
        &args.file,
        &Target {
            database: &config.location(),
            data_dir: &config.base.data_dir,
            identity: identity.as_deref(),
            force: args.force,
            now: SystemClock.now(),
        },
    )?;
    println!(
        "The state of {} is back, with {} pictures.",
        restored.made_at, restored.pictures
    );
    tell_missing(&restored.missing);
    if let Some(former) = restored.former {
        println!(
            "The former database is kept as {}; delete it when all is well.",
            former.display()
        );
    }
    if restored.pending > 0 {
        println!(
            "It is older than this program: the next start brings it up to date ({} steps).",
            restored.pending
        );
    }
    let key = key_file(config);
    if !key.exists() {
        println!(
            "Put the server's key back as {} before the next start: backups do not contain it.",
            key.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn tell_missing(missing: &[String]) {
    if !missing.is_empty() {
        println!("{} pictures that the database names were not there:", missing.len());
        for name in missing {
            println!("  {name}");
        }
    }
}
