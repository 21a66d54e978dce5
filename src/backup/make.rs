//! Making a backup, while the server runs.

use super::{
    BackupError, Scratch,
    archive::{About, DUMP, FORM, MEDIA, SQLITE, Writer},
    postgres, sync_folder,
};
use crate::config::AgeKey;
use domain::{
    db::{Location, care},
    file::FileKey,
    time::Instant,
};
use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::ErrorKind,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Who can read the backup.
#[derive(Debug, Clone)]
pub enum Seal {
    /// The holders of these keys; there must be one.
    For(Vec<AgeKey>),
    /// Everybody who has the file.
    Plaintext,
}

/// What to copy, and where to.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The database.
    pub database: &'a Location,
    /// The folder of the pictures; it may be absent.
    pub media: &'a Path,
    /// Names of the pictures that the database names, read before the copy begins.
    pub wanted: BTreeSet<String>,
    /// The folder for the backup.
    pub to: &'a Path,
    /// Who can read it.
    pub seal: Seal,
    /// When it is made, for its name.
    pub now: Instant,
}

/// What was made.
#[derive(Debug, PartialEq, Eq)]
pub struct Made {
    /// The file.
    pub file: PathBuf,
    /// Its bytes.
    pub bytes: u64,
    /// How many pictures are in it.
    pub pictures: usize,
    /// Pictures that the database names and that are not there.
    pub missing: Vec<String>,
}

/// Makes a backup. Blocking.
///
/// # Errors
/// See [`BackupError`]; an unfinished backup never has the name of a finished one.
pub fn make(plan: &Plan<'_>) -> Result<Made, BackupError> {
    let recipients: Vec<_> = match &plan.seal {
        Seal::For(keys) if keys.is_empty() => return Err(BackupError::NoRecipient),
        Seal::For(keys) => keys.iter().map(|key| key.recipient().clone()).collect(),
        Seal::Plaintext => Vec::new(),
    };
    let scratch = Scratch::new(plan.to)?;
    let (kind, name) = match plan.database {
        Location::File(_) => ("sqlite", SQLITE),
        Location::Postgres(_) => ("postgres", DUMP),
    };
    let copy = scratch.join(name);
    copy_database(plan, &copy)?;
    let unfinished = scratch.join("backup");
    let writing = |cause| BackupError::file("cannot write the backup", &unfinished)(cause);
    let about = About {
        form: FORM,
        program: env!("CARGO_PKG_VERSION").into(),
        made_at: plan.now.rfc3339(),
        database: kind.into(),
    };
    let mut options = OpenOptions::new();
    let file = options
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&unfinished)
        .map_err(writing)?;
    let mut archive = Writer::begin(file, &recipients, &about).map_err(writing)?;
    let database = File::open(&copy).map_err(BackupError::file("cannot read", &copy))?;
    archive.add(name, &database).map_err(writing)?;
    let found = add_pictures(&mut archive, plan.media)?;
    for name in plan.wanted.difference(&found) {
        archive.missing(name.clone());
    }
    let contents = archive.finish().map_err(writing)?;
    let file = settle(plan, &unfinished)?;
    Ok(Made {
        bytes: fs::metadata(&file)
            .map_err(BackupError::file("cannot read", &file))?
            .len(),
        file,
        pictures: found.len(),
        missing: contents.missing,
    })
}

fn copy_database(plan: &Plan<'_>, copy: &Path) -> Result<(), BackupError> {
    match plan.database {
        Location::Postgres(url) => postgres::dump(url, copy),
        Location::File(file) => {
            let size = fs::metadata(file)
                .map_err(|_missing| BackupError::NoDatabase(file.clone()))?
                .len();
            enough_room(plan.to, size)?;
            sound(plan.database)?; // a copy leaves indexes behind: what is wrong with one would not be seen in it
            care::copy(plan.database, copy)?;
            sound(&Location::File(copy.to_owned()))
        }
    }
}

fn sound(database: &Location) -> Result<(), BackupError> {
    match care::damage(database)?.first() {
        None => Ok(()),
        Some(damage) => Err(BackupError::Damaged(damage.clone())),
    }
}

fn enough_room(folder: &Path, needed: u64) -> Result<(), BackupError> {
    const MEGABYTE: u64 = 1_000_000;
    let disk =
        rustix::fs::statvfs(folder).map_err(|error| BackupError::file("cannot look at", folder)(error.into()))?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free > needed {
        return Ok(());
    }
    Err(BackupError::NoRoom {
        path: folder.to_owned(),
        needed: needed / MEGABYTE + 1,
        free: free / MEGABYTE,
    })
}

/// Adds the pictures that are there: `media/<two letters>/<name>`. What else lies in the folder is not ours.
fn add_pictures(archive: &mut Writer, media: &Path) -> Result<BTreeSet<String>, BackupError> {
    let mut found = BTreeSet::new();
    for folder in entries(media)?.iter().filter(|folder| folder.is_dir()) {
        for path in entries(folder)? {
            let name = path.strip_prefix(media).ok().and_then(Path::to_str);
            let Some(key) = name.and_then(FileKey::parse) else {
                continue;
            };
            let file = match File::open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::NotFound => continue, // deleted a moment ago
                Err(error) => return Err(BackupError::file("cannot read", &path)(error)),
            };
            let added = archive.add(&format!("{MEDIA}/{key}"), &file);
            added.map_err(BackupError::file("cannot copy", &path))?;
            found.insert(key.to_string());
        }
    }
    Ok(found)
}

/// What is in a folder, in order; nothing where there is none.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let reading = |cause| BackupError::file("cannot read", folder)(cause);
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(reading(error)),
    };
    let mut paths = listed
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(reading)?;
    paths.sort();
    Ok(paths)
}

/// Gives the backup its name, which no other has.
fn settle(plan: &Plan<'_>, unfinished: &Path) -> Result<PathBuf, BackupError> {
    let made = plan.now.rfc3339();
    let stamp: String = made.chars().take(19).filter(char::is_ascii_alphanumeric).collect();
    let end = if matches!(plan.seal, Seal::Plaintext) {
        "tar.zst"
    } else {
        "tar.zst.age"
    };
    for nth in 0..1000 {
        let again = if nth == 0 { String::new() } else { format!("-{nth}") };
        let file = plan.to.join(format!("kermesse-{stamp}Z{again}.{end}"));
        if !file.exists() {
            fs::rename(unfinished, &file).map_err(BackupError::file("cannot name", &file))?;
            sync_folder(plan.to)?;
            return Ok(file);
        }
    }
    Err(BackupError::file("too many backups of this second in", plan.to)(
        ErrorKind::AlreadyExists.into(),
    ))
}
