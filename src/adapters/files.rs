//! Files in a directory. A file is there as a whole or not at all, and on disk when [`FileStore::put`] returns: written
//! beside its place, synced, renamed, and the folder synced.
//!
//! A name is a [`FileKey`], so nothing outside the directory can be reached.

use async_trait::async_trait;
use bytes::Bytes;
use domain::{
    error::{Error, Reason, Result},
    file::FileKey,
    ports::{Clock, FileStore},
};
use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
    time::SystemTime,
};

/// Where files are written before they have their name.
const UNFINISHED: &str = "unfinished";
/// Seconds after which an unfinished file is what a crash left behind. Another node may be writing a younger one.
const LEFT_BEHIND: i64 = 3_600;

/// Files below one directory.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    next: AtomicU64,
}

impl Directory {
    /// Opens the directory, or makes it, and removes what a crash left unfinished.
    ///
    /// # Errors
    /// Those of the file system: the directory cannot be made or written.
    pub fn open(root: impl Into<PathBuf>, clock: &dyn Clock) -> io::Result<Self> {
        let root = root.into();
        let unfinished = root.join(UNFINISHED);
        make_folder(&unfinished)?;
        for entry in fs::read_dir(&unfinished)? {
            let entry = entry?;
            let written = entry.metadata()?.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let age = clock
                .now()
                .seconds_since(domain::time::Instant::from_utc(written.into()));
            if age > LEFT_BEHIND {
                remove(&entry.path())?;
            }
        }
        Ok(Self {
            root,
            next: AtomicU64::new(0),
        })
    }

    fn path(&self, key: &FileKey) -> PathBuf {
        self.root.join(key.as_str())
    }

    /// A name that no other file of this or another process has.
    fn unfinished(&self) -> PathBuf {
        let nth = self.next.fetch_add(1, Ordering::Relaxed);
        self.root.join(UNFINISHED).join(format!("{}-{nth}", std::process::id()))
    }
}

#[async_trait]
impl FileStore for Directory {
    async fn put(&self, key: &FileKey, bytes: Bytes) -> Result<()> {
        let (unfinished, path) = (self.unfinished(), self.path(key));
        on_disk("write", move || {
            let written = write(&unfinished, &path, &bytes);
            if written.is_err() {
                drop(fs::remove_file(&unfinished)); // the disk may refuse this too; the next start removes it
            }
            written
        })
        .await
    }

    async fn get(&self, key: &FileKey) -> Result<Option<Bytes>> {
        let path = self.path(key);
        on_disk("read", move || match fs::read(path) {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    async fn delete(&self, key: &FileKey) -> Result<()> {
        let path = self.path(key);
        on_disk("delete", move || remove(&path)).await
    }
}

async fn on_disk<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await.map_err(Error::internal)?;
    done.map_err(|error| {
        tracing::error!(%error, "the disk refuses to {what} a file");
        Error::Unavailable(Reason::Storage)
    })
}

fn write(unfinished: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o640)
        .open(unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let folder = path.parent().ok_or(ErrorKind::InvalidInput)?;
    if make_folder(folder)? {
        sync_folder(folder.parent().ok_or(ErrorKind::InvalidInput)?)?;
    }
    fs::rename(unfinished, path)?;
    sync_folder(folder)
}

/// Makes a folder, and says whether it is new.
fn make_folder(folder: &Path) -> io::Result<bool> {
    let is_new = !folder.is_dir();
    if is_new {
        DirBuilder::new().recursive(true).mode(0o750).create(folder)?;
    }
    Ok(is_new)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::clock::SystemClock;
    use domain::db::testing::FrozenClock;
    use std::os::unix::fs::PermissionsExt;

    fn key() -> FileKey {
        FileKey::parse("0a/2b7d4f8a9c1e3b5d7f9a0b2c4d6e8f.webp").unwrap()
    }

    fn unfinished(root: &Path) -> usize {
        fs::read_dir(root.join(UNFINISHED)).unwrap().count()
    }

    #[tokio::test]
    async fn a_file_is_kept_replaced_and_removed() {
        let root = tempfile::tempdir().unwrap();
        let files = Directory::open(root.path().join("media"), &SystemClock).unwrap();
        assert_eq!(files.get(&key()).await.unwrap(), None);
        files.delete(&key()).await.unwrap();
        files.put(&key(), Bytes::from_static(b"one")).await.unwrap();
        files.put(&key(), Bytes::from_static(b"two")).await.unwrap();
        assert_eq!(files.get(&key()).await.unwrap().unwrap(), "two");
        assert_eq!(unfinished(&root.path().join("media")), 0);
        files.delete(&key()).await.unwrap();
        assert_eq!(files.get(&key()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_the_disk_refuses_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        let files = Directory::open(root.path(), &SystemClock).unwrap();
        fs::write(root.path().join("0a"), "a file where the folder should be").unwrap();
        let refused = files.put(&key(), Bytes::from_static(b"one")).await;
        assert!(matches!(refused, Err(Error::Unavailable(Reason::Storage))));
        assert_eq!(unfinished(root.path()), 0);
        assert!(matches!(
            files.get(&key()).await,
            Err(Error::Unavailable(Reason::Storage))
        ));
    }

    #[test]
    fn the_start_removes_what_an_earlier_crash_left_and_nothing_younger() {
        let root = tempfile::tempdir().unwrap();
        Directory::open(root.path(), &SystemClock).unwrap();
        fs::write(root.path().join(UNFINISHED).join("1-1"), "half").unwrap();
        Directory::open(root.path(), &SystemClock).unwrap();
        assert_eq!(unfinished(root.path()), 1);
        let tomorrow = FrozenClock::at("2100-01-01T00:00", "UTC");
        Directory::open(root.path(), &*tomorrow).unwrap();
        assert_eq!(unfinished(root.path()), 0);
    }

    #[tokio::test]
    async fn strangers_on_the_machine_cannot_read_files() {
        let root = tempfile::tempdir().unwrap();
        let files = Directory::open(root.path().join("media"), &SystemClock).unwrap();
        files.put(&key(), Bytes::from_static(b"one")).await.unwrap();
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(root.path().join("media")) & 0o007, 0);
        assert_eq!(mode(files.path(&key())) & 0o007, 0);
    }
}
