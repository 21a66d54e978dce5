//! `kermesse check`: looks at configuration, folders, key, database, jobs, clock and disk, and says what to do. It changes
//! nothing, and makes no database where there is none.

use crate::{
    adapters::{clock::SystemClock, entropy::SystemEntropy, keys::ServerKey},
    app::{key_file, media_folder},
    backup,
    config::Config,
};
use domain::{
    change,
    db::{Db, Location, OpenError, care, migrate},
    job,
    ports::Clock,
    words::Words,
};
use rustix::fs::{Access, access, statfs, statvfs};
use std::{fmt, fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// As it should be.
    Fine,
    /// It works; something should be done.
    Warning,
    /// It does not work.
    Fault,
}

/// What was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How grave it is.
    pub grade: Grade,
    /// What was looked at.
    pub about: &'static str,
    /// What was found, and what to do.
    pub text: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grade = match self.grade {
            Grade::Fine => "fine",
            Grade::Warning => "WARNING",
            Grade::Fault => "FAULT",
        };
        write!(f, "{grade:<8} {:<9} {}", self.about, self.text)
    }
}

/// Megabytes of free disk under which a warning is given.
const LITTLE_ROOM: u64 = 1_000;
/// Megabytes of free disk that are as good as none.
const NO_ROOM: u64 = 16;
/// Seconds that clocks of several nodes may differ.
const CLOCKS_DIFFER: i64 = 60;

/// Looks at everything.
pub async fn check(config: &Config) -> Vec<Finding> {
    let mut findings = Findings::default();
    address(config, &mut findings);
    languages(config, &mut findings);
    folder(config, &mut findings);
    let is_new = is_new(&config.location());
    key(config, &mut findings);
    database(config, is_new, &mut findings).await;
    disk(&config.base.data_dir, &mut findings);
    findings.0
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, grade: Grade, about: &'static str, text: impl Into<String>) {
        let text = text.into();
        self.0.push(Finding { grade, about, text });
    }
}

fn address(config: &Config, findings: &mut Findings) {
    let url = config.base.public_url.url();
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let (grade, text) = if config.base.public_url.is_secure() {
        (Grade::Fine, format!("{url}, answered at {}", config.base.listen))
    } else if local {
        let text = format!("{url}: for this machine only; set public_url before others are to find the site");
        (Grade::Fine, text)
    } else {
        let text = format!("{url}: nobody can sign in without https; put a reverse proxy in front and set public_url");
        (Grade::Warning, text)
    };
    findings.add(grade, "address", text);
    if config.fetch.extra_ca_file.is_some() || !config.fetch.hosts.is_empty() {
        let text = "settings of a laboratory are in force; remove [fetch] before others use the site";
        findings.add(Grade::Warning, "fetch", text);
    }
}

fn languages(config: &Config, findings: &mut Findings) {
    let settings = config.settings();
    if !settings.languages.iter().any(|language| Words::of(language).is_some()) {
        let text = format!(
            "there are no pages in {} yet: readers are shown English; name en or fr in site.languages as well",
            settings.languages.join(", ")
        );
        findings.add(Grade::Warning, "language", text);
    }
}

fn folder(config: &Config, findings: &mut Findings) {
    let path = &config.base.data_dir;
    let shown = path.display();
    let Ok(about) = fs::metadata(path) else {
        return no_folder(path, findings);
    };
    let media = media_folder(config);
    let closed = [path, &media]
        .into_iter()
        .find(|path| path.exists() && access(*path, Access::WRITE_OK).is_err());
    if !about.is_dir() {
        findings.add(Grade::Fault, "folder", format!("{shown} is no folder; set data_dir"));
    } else if let Some(closed) = closed {
        let text = format!(
            "this user may not write in {}; give it to the user who runs the site",
            closed.display()
        );
        findings.add(Grade::Fault, "folder", text);
    } else if about.permissions().mode() & 0o007 != 0 {
        let text = format!("every user of this machine can look into {shown}; run `chmod o= {shown}`");
        findings.add(Grade::Warning, "folder", text);
    } else {
        findings.add(Grade::Fine, "folder", shown.to_string());
    }
}

/// A folder that is made at the first start, if the one above it allows that.
fn no_folder(path: &Path, findings: &mut Findings) {
    let shown = path.display();
    let is_here = |above: &&Path| above.as_os_str().is_empty() || above.exists();
    let above = path.ancestors().skip(1).find(is_here);
    let above = above
        .filter(|above| !above.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if above.is_dir() && access(above, Access::WRITE_OK).is_ok() {
        return findings.add(Grade::Fine, "folder", format!("{shown} is made at the first start"));
    }
    let text = format!(
        "{shown} cannot be made: this user may write nothing in {}; make it for the user who runs the site, or set data_dir",
        above.display()
    );
    findings.add(Grade::Fault, "folder", text);
}

/// Whether there is nothing yet; a look makes no file.
fn is_new(location: &Location) -> bool {
    match location {
        Location::File(file) if !file.exists() => true,
        _ => care::is_empty(location).unwrap_or(false),
    }
}

fn key(config: &Config, findings: &mut Findings) {
    let path = key_file(config);
    let location = config.location();
    let may_be_made = is_new(&location) || care::has_sealed_keys(&location).is_ok_and(|has| !has);
    if may_be_made && !path.exists() {
        return findings.add(
            Grade::Fine,
            "key",
            format!("{} is made at the first start", path.display()),
        );
    }
    match ServerKey::load_or_create(&path, false) {
        Ok(_) => findings.add(
            Grade::Fine,
            "key",
            format!("{}: keep a copy apart from backups", path.display()),
        ),
        Err(error) => findings.add(Grade::Fault, "key", error.to_string()),
    }
}

async fn database(config: &Config, is_new: bool, findings: &mut Findings) {
    let location = config.location();
    if is_new {
        return findings.add(
            Grade::Fine,
            "database",
            "there is none yet: it is made at the first start",
        );
    }
    if let Location::File(file) = &location
        && let Some(kind) = unsuited_disk(file)
    {
        let text = format!(
            "{} lies on {kind}; SQLite can lose data there: move data_dir to a local disk",
            file.display()
        );
        findings.add(Grade::Warning, "database", text);
    }
    match sound(&location) {
        Err(error) => return findings.add(Grade::Fault, "database", error.to_string()),
        Ok(Soundness::Damaged(damage)) => {
            let text = format!(
                "it is damaged ({damage}); stop the server and run `kermesse restore` with the last good backup"
            );
            return findings.add(Grade::Fault, "database", text);
        }
        Ok(Soundness::Pending(0)) => findings.add(Grade::Fine, "database", "it is sound and up to date"),
        Ok(Soundness::Pending(steps)) => {
            let text = format!(
                "it is sound; {steps} steps to bring it up to date are made at the next start or by `kermesse migrate`"
            );
            return findings.add(Grade::Warning, "database", text);
        }
    }
    if matches!(location, Location::Postgres(_)) && !backup::has_postgres_tools() {
        let text = "pg_dump is missing: `kermesse backup` needs it; install the client programs of PostgreSQL";
        findings.add(Grade::Warning, "backup", text);
    }
    if let Err(error) = contents(config, &location, findings).await {
        findings.add(Grade::Fault, "database", error.to_string());
    }
}

enum Soundness {
    Damaged(String),
    /// So many steps are missing.
    Pending(usize),
}

fn sound(location: &Location) -> Result<Soundness, OpenError> {
    if let Some(damage) = care::damage(location)?.into_iter().next() {
        return Ok(Soundness::Damaged(damage));
    }
    let state = migrate::state_of(location)?;
    match state.unknown.last() {
        Some(newer) => Err(OpenError::Newer(newer.clone())),
        None => Ok(Soundness::Pending(state.pending.len())),
    }
}

async fn contents(
    config: &Config,
    location: &Location,
    findings: &mut Findings,
) -> Result<(), Box<dyn std::error::Error>> {
    let db = Db::open(
        location,
        config.pool_sizes(),
        Arc::new(SystemClock),
        Arc::new(SystemEntropy),
    )?;
    let backlog = db.read(job::backlog).await?;
    let (waiting, dead) = (backlog.waiting, backlog.dead);
    if dead > 0 {
        let text = format!("{dead} were given up ({waiting} wait); the log of the server says why");
        findings.add(Grade::Warning, "jobs", text);
    } else {
        findings.add(Grade::Fine, "jobs", format!("{waiting} wait, none was given up"));
    }
    let now = SystemClock.now();
    let latest = db.read(change::latest).await?;
    let ahead = latest.map_or(0, |latest| latest.seconds_since(now));
    if ahead > CLOCKS_DIFFER {
        let text = format!("it shows {now}, and the last change was made {ahead} seconds later: set the clock (NTP)");
        findings.add(Grade::Fault, "clock", text);
    } else {
        findings.add(Grade::Fine, "clock", format!("it shows {now}"));
    }
    Ok(())
}

fn disk(folder: &Path, findings: &mut Findings) {
    // Where there is no folder yet, the disk that it will be on.
    let there = folder.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    let disk = match statvfs(there) {
        Ok(disk) => disk,
        Err(error) => return findings.add(Grade::Fault, "disk", format!("{}: {error}", there.display())),
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize) / 1_000_000;
    let (grade, end) = match free {
        0..NO_ROOM => (Grade::Fault, ": make room, nothing can be written"),
        NO_ROOM..LITTLE_ROOM => (
            Grade::Warning,
            ": make room soon; a backup needs as much as the database has",
        ),
        _ => (Grade::Fine, ""),
    };
    findings.add(grade, "disk", format!("{free} MB free in {}{end}", folder.display()));
}

/// What a path lies on, if SQLite's locks or its log do not work there. Numbers: `linux/magic.h`.
pub fn unsuited_disk(path: &Path) -> Option<&'static str> {
    let there = path.ancestors().find(|path| path.exists())?;
    #[expect(
        clippy::useless_conversion,
        reason = "the type of the number is another on other machines"
    )]
    let kind = i64::try_from(statfs(there).ok()?.f_type).ok()?;
    match kind {
        0x6969 => Some("a network file system (NFS)"),
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => Some("a network file system (SMB)"),
        0x0102_1997 => Some("a file system of the host (9p)"),
        0x794c_7630 => Some("the layers of a container, which are deleted with it"),
        _ => None,
    }
}
