//! Bringing a backup back: first everything is unpacked beside and checked, then it takes the place of what is there.

use super::{BackupError, Scratch, archive, postgres, sync_folder};
use crate::lock::Lock;
use domain::{
    db::{Location, OpenError, care, migrate},
    time::Instant,
};
use std::{
    fs::{self, DirBuilder, File},
    io::{self, ErrorKind},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// Where to, and with what right.
#[derive(Debug)]
pub struct Target<'a> {
    /// The database.
    pub database: &'a Location,
    /// The folder of the data, with the pictures in `media`.
    pub data_dir: &'a Path,
    /// The text of a file with private keys of age.
    pub identity: Option<&'a str>,
    /// Whether data that are there may be replaced.
    pub force: bool,
    /// When, for the name of what is replaced.
    pub now: Instant,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was made.
    pub made_at: String,
    /// How many pictures it had.
    pub pictures: usize,
    /// Pictures that were missing when it was made.
    pub missing: Vec<String>,
    /// Steps that the program has to make on this database.
    pub pending: usize,
    /// The former database, where one was replaced.
    pub former: Option<PathBuf>,
}

/// Restores `file`. Blocking; no server may run on the database.
///
/// # Errors
/// See [`BackupError`]; until everything is checked, nothing is changed.
pub fn restore(file: &Path, target: &Target<'_>) -> Result<Restored, BackupError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(target.data_dir)
        .map_err(BackupError::file("cannot make the folder", target.data_dir))?;
    let _lock = match target.database {
        Location::File(database) => {
            make_parent(database)?;
            Some(Lock::take(database)?)
        }
        Location::Postgres(_) => {
            postgres::alone(target.database)?;
            None
        }
    };
    if !target.force {
        refuse_to_replace(target)?;
    }
    let beside = match target.database {
        Location::File(database) => database.parent().unwrap_or(target.data_dir),
        Location::Postgres(_) => target.data_dir,
    };
    let scratch = Scratch::new(beside)?;
    let opened = File::open(file).map_err(BackupError::file("cannot read", file))?;
    let broken = |cause: io::Error| BackupError::Archive {
        path: file.to_owned(),
        cause: cause.to_string(),
    };
    let archive = archive::open(opened, target.identity)
        .map_err(broken)?
        .ok_or(BackupError::NoIdentity)?;
    let (about, contents) = archive.unpack(&scratch.0).map_err(broken)?;
    let pending = match (target.database, about.database.as_str()) {
        (Location::File(_), "sqlite") => checked_sqlite(file, &scratch.join(archive::SQLITE))?,
        (Location::Postgres(_), "postgres") => checked_dump(file, &scratch.join(archive::DUMP)).map(|()| 0)?,
        (_, other) => return Err(BackupError::OtherKind(other.to_owned())),
    };
    // Pictures first: those that nobody names harm nobody, those that are missing would.
    let pictures = bring_pictures(&scratch.join(archive::MEDIA), &target.data_dir.join(archive::MEDIA))?;
    let former = match target.database {
        Location::File(database) => replace_sqlite(&scratch.join(archive::SQLITE), database, target.now)?,
        Location::Postgres(url) => {
            postgres::replace(url, &scratch.join(archive::DUMP), &scratch.join("script.sql"))?;
            None
        }
    };
    let pending = match target.database {
        Location::File(_) => pending,
        Location::Postgres(_) => migrate::state_of(target.database)?.pending.len(),
    };
    Ok(Restored {
        made_at: about.made_at,
        pictures,
        missing: contents.missing,
        pending,
        former,
    })
}

fn make_parent(path: &Path) -> Result<(), BackupError> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => {
            fs::create_dir_all(folder).map_err(BackupError::file("cannot make the folder", folder))
        }
        _ => Ok(()),
    }
}

fn refuse_to_replace(target: &Target<'_>) -> Result<(), BackupError> {
    let occupied = match target.database {
        Location::File(database) => database.exists().then(|| database.display().to_string()),
        Location::Postgres(_) => (!care::is_empty(target.database)?).then(|| "the PostgreSQL database".to_owned()),
    };
    occupied.map_or(Ok(()), |place| Err(BackupError::NotEmpty(place)))
}

/// Checks the unpacked database; answers how many steps this program has to make on it.
fn checked_sqlite(file: &Path, unpacked: &Path) -> Result<usize, BackupError> {
    if !unpacked.exists() {
        return Err(without_database(file));
    }
    let location = Location::File(unpacked.to_owned());
    let found = care::damage(&location).map_err(|error| unusable(file, error))?;
    if let Some(damage) = found.first() {
        return Err(damaged(file, damage));
    }
    let state = migrate::state_of(&location).map_err(|error| unusable(file, error))?;
    match state.unknown.last() {
        Some(newer) => Err(OpenError::Newer(archive::line(newer)).into()),
        None => Ok(state.pending.len()),
    }
}

fn unusable(file: &Path, error: OpenError) -> BackupError {
    match error {
        OpenError::Damaged { cause, .. } => damaged(file, &cause),
        OpenError::Care { cause, .. } => damaged(file, &cause.to_string()),
        other => other.into(),
    }
}

fn checked_dump(file: &Path, unpacked: &Path) -> Result<(), BackupError> {
    if !unpacked.exists() {
        return Err(without_database(file));
    }
    match postgres::damage(unpacked)? {
        None => Ok(()),
        Some(damage) => Err(damaged(file, &damage)),
    }
}

fn without_database(file: &Path) -> BackupError {
    BackupError::Archive {
        path: file.to_owned(),
        cause: "it has no database".into(),
    }
}

fn damaged(file: &Path, cause: &str) -> BackupError {
    BackupError::Archive {
        path: file.to_owned(),
        cause: format!("its database is damaged ({})", archive::line(cause)),
    }
}

/// Puts the new database in its place in one step; the former one keeps another name, with its log.
fn replace_sqlite(new: &Path, database: &Path, now: Instant) -> Result<Option<PathBuf>, BackupError> {
    let stamp: String = now
        .rfc3339()
        .chars()
        .take(19)
        .filter(char::is_ascii_alphanumeric)
        .collect();
    let former = database.with_added_extension(format!("before-{stamp}Z"));
    let kept = keep(database, &former)?;
    for end in ["-wal", "-shm"] {
        let beside = with_end(database, end);
        if end == "-wal" {
            keep(&beside, &with_end(&former, end))?;
        }
        // A log that stays would be applied to the new file, which it does not belong to.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(BackupError::file("cannot delete", &beside)(error));
            }
            _ => {}
        }
    }
    fs::rename(new, database).map_err(BackupError::file("cannot replace", database))?;
    sync_folder(
        database
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new(".")),
    )?;
    Ok(kept.then_some(former))
}

/// Gives a file a second name; false where there is none.
fn keep(file: &Path, name: &Path) -> Result<bool, BackupError> {
    let linked = fs::hard_link(file, name).or_else(|error| match error.kind() {
        ErrorKind::NotFound => Err(error),
        _ => fs::copy(file, name).map(drop), // a disk without hard links
    });
    match linked {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(BackupError::file("cannot keep", file)(error)),
    }
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn bring_pictures(from: &Path, to: &Path) -> Result<usize, BackupError> {
    let mut brought = 0;
    for folder in listed(from)? {
        let place = to.join(folder.file_name().unwrap_or_default());
        fs::create_dir_all(&place).map_err(BackupError::file("cannot make the folder", &place))?;
        for picture in listed(&folder)? {
            let path = place.join(picture.file_name().unwrap_or_default());
            // The folder of the data may lie on another disk than the database.
            fs::rename(&picture, &path)
                .or_else(|_| fs::copy(&picture, &path).map(drop))
                .map_err(BackupError::file("cannot write", &path))?;
            brought += 1;
        }
        sync_folder(&place)?;
    }
    Ok(brought)
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).and_then(|entries| entries.map(|entry| entry.map(|e| e.path())).collect());
    entries.map_err(BackupError::file("cannot read", folder))
}
