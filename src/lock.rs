//! One process serves a SQLite file: two would show each other's changes late, and a restore must not happen under one.
//!
//! The lock is the kernel's, on a file beside the database: it ends with the process, however that ends.

use rustix::fs::{FlockOperation, flock};
use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Why the lock is not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("another Kermesse uses the database {}; stop it first", .0.display())]
    Held(PathBuf),
    /// The file of the lock cannot be made.
    #[error("the lock {} cannot be made: {cause}; check that its folder exists and that this user may write there", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// The right to be the only one; given back when dropped.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "closing it ends the lock")] File);

impl Lock {
    /// Takes the lock of the SQLite database `file`.
    ///
    /// # Errors
    /// See [`LockError`].
    pub fn take(file: &Path) -> Result<Self, LockError> {
        let path = file.with_added_extension("lock");
        let failed = |cause| LockError::File {
            path: path.clone(),
            cause,
        };
        let mut options = OpenOptions::new();
        let lock = options
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self(lock)),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(LockError::Held(file.to_owned())),
            Err(error) => Err(failed(error.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_the_lock_until_it_is_given_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("kermesse.sqlite3");
        let lock = Lock::take(&file).expect("the lock");
        let refused = Lock::take(&file).expect_err("a second holder").to_string();
        assert!(refused.contains("stop it first"), "{refused}");
        drop(lock);
        Lock::take(&file).expect("the lock again");
        let nowhere = Lock::take(&folder.path().join("no/folder")).expect_err("no folder");
        assert!(matches!(nowhere, LockError::File { .. }));
    }
}
