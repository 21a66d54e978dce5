//! `kermesse backup` and `kermesse restore`: one archive of the database and the pictures, never of the secret key.
//!
//! The archive is tar in zstd, in age unless plaintext is asked for. The database is copied first and the pictures after
//! it: they never change and are written before the rows that name them, so every picture that the copy names is there,
//! or was deleted since and is listed as missing.

mod archive;
mod make;
mod postgres;
mod restore;
#[cfg(test)]
mod tests;

pub use make::{Made, Plan, Seal, make};
pub use restore::{Restored, Target, restore};

use crate::lock::LockError;
use domain::db::OpenError;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Why there is no backup, or no restore, in words for who runs the site.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Something with a file.
    #[error("{doing} {}: {cause}", path.display())]
    File {
        /// What was done.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// No key was given.
    #[error(
        "a backup holds private data, so it is encrypted: give --recipient with a public key of age (`age-keygen` makes a pair), set backup.recipients, or say --plaintext"
    )]
    NoRecipient,
    /// The disk has too little room.
    #[error("the copy of the database needs {needed} MB and {} has {free} MB free; make room or choose another folder with --to", path.display())]
    NoRoom {
        /// Where.
        path: PathBuf,
        /// Megabytes.
        needed: u64,
        /// Megabytes.
        free: u64,
    },
    /// There is nothing to copy.
    #[error("there is no database at {}; check data_dir and database.url", .0.display())]
    NoDatabase(PathBuf),
    /// The database is damaged.
    #[error(
        "the database is damaged ({0}); no backup of it replaces an older one: restore the last good backup with `kermesse restore`"
    )]
    Damaged(String),
    /// A program of PostgreSQL is absent or fails.
    #[error("{0}")]
    Postgres(String),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// Somebody uses it.
    #[error(transparent)]
    Locked(#[from] LockError),
    /// Others are connected.
    #[error("{0} other connections are open on this database; stop every Kermesse first")]
    InUse(i64),
    /// There are data already.
    #[error("there are data already at {0}; --force replaces them (the former database is kept beside)")]
    NotEmpty(String),
    /// The archive needs a key.
    #[error("this backup is encrypted: give the file with the private key as --identity FILE")]
    NoIdentity,
    /// The archive is none, incomplete or changed.
    #[error("{} is no complete backup: {cause}; nothing was changed", path.display())]
    Archive {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// The backup is of the other kind of database.
    #[error("this is a backup of {0}, and the configuration names another kind of database; see database.url")]
    OtherKind(String),
}

/// Whether the programs that a backup of PostgreSQL needs are there.
pub fn has_postgres_tools() -> bool {
    postgres::has_tools()
}

impl BackupError {
    fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::File { doing, path, cause }
    }
}

/// A folder for what is not finished, removed with everything in it at the end.
struct Scratch(PathBuf);

impl Scratch {
    /// Makes the folder in `folder`: on the same disk as what is renamed out of it.
    fn new(folder: &Path) -> Result<Self, BackupError> {
        let path = folder.join(format!(".kermesse-unfinished-{}", std::process::id()));
        fs::create_dir_all(folder).map_err(BackupError::file("cannot make the folder", folder))?;
        drop(fs::remove_dir_all(&path)); // of a process that had this number and was killed
        fs::create_dir(&path).map_err(BackupError::file("cannot make the folder", &path))?;
        Ok(Self(path))
    }

    fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, folder = %self.0.display(), "what is left of this can be deleted");
        }
    }
}

/// Brings a rename in `folder` to the disk.
fn sync_folder(folder: &Path) -> Result<(), BackupError> {
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(BackupError::file("cannot write", folder))
}
