//! A backup brings back what was acknowledged before it began, on either database, or says why not and changes nothing.

use super::*;
use crate::config::AgeKey;
use age::secrecy::ExposeSecret;
use domain::{
    db::{
        Db, Location, PoolSizes, care, migrate,
        testing::{FrozenClock, SeededEntropy, TestDb, postgres_url},
    },
    job::{self, Job, Retry},
    ports::Clock,
    time::Instant,
};
use serde::{Deserialize, Serialize};
use sha2::Digest;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use tempfile::TempDir;

/// A numbered row.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Numbered(u32);

impl Job for Numbered {
    const KIND: &'static str = "test.numbered";
    const RETRY: Retry = Retry::QUICK;
}

async fn put(db: &Db, number: u32) {
    db.write(move |tx| job::enqueue(tx, &Numbered(number)))
        .await
        .expect("a row");
}

async fn numbers(db: &Db) -> BTreeSet<u32> {
    let rows = db
        .write(|tx| job::claim(tx, &[Numbered::KIND], 1_000_000, 0))
        .await
        .expect("the rows");
    rows.iter()
        .map(|row| row.payload::<Numbered>().expect("a number").0)
        .collect()
}

/// A site with a folder of its own, and a pair of keys for its backups.
struct Site {
    test: TestDb,
    folder: TempDir,
    public: AgeKey,
    private: String,
}

impl Site {
    fn new() -> Self {
        let pair = age::x25519::Identity::generate();
        Self {
            test: TestDb::new(),
            folder: tempfile::tempdir().expect("a folder"),
            public: pair.to_public().to_string().parse().expect("a public key"),
            private: format!("# a comment\n{}\n", pair.to_string().expose_secret()),
        }
    }

    fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn picture(&self, name: &str, bytes: &[u8]) {
        let path = self.data_dir().join("media").join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder");
        fs::write(path, bytes).expect("a picture");
    }

    fn back_up(&self, seal: Seal, wanted: &[&str]) -> Result<Made, BackupError> {
        make(&Plan {
            database: self.test.db.location(),
            media: &self.data_dir().join("media"),
            wanted: wanted.iter().map(ToString::to_string).collect(),
            to: &self.data_dir().join("backups"),
            seal,
            now: self.test.clock.now(),
        })
    }

    fn sealed(&self) -> Made {
        self.back_up(Seal::For(vec![self.public.clone()]), &[])
            .expect("a backup")
    }
}

/// An empty place of the kind of database that this run tests.
struct Place {
    folder: TempDir,
    test: Option<TestDb>,
}

impl Place {
    fn new() -> Self {
        let test = postgres_url().map(|url| TestDb::postgres(&url));
        if let Some(test) = &test {
            migrate::down(test.db.location()).expect("an empty database");
        }
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            test,
        }
    }

    fn location(&self) -> Location {
        match &self.test {
            Some(test) => test.db.location().clone(),
            None => Location::File(self.folder.path().join("kermesse.sqlite3")),
        }
    }

    fn restore(&self, file: &Path, identity: Option<&str>, force: bool) -> Result<Restored, BackupError> {
        restore(
            file,
            &Target {
                database: &self.location(),
                data_dir: self.folder.path(),
                identity,
                force,
                now: Instant::from_micros(1_800_000_000_000_000).expect("a moment"),
            },
        )
    }

    fn open(&self) -> Db {
        open(&self.location())
    }
}

fn open(location: &Location) -> Db {
    let clock = FrozenClock::at("2026-12-01T13:00", "Europe/Brussels");
    Db::open(
        location,
        PoolSizes::default(),
        clock,
        Arc::new(SeededEntropy::default()),
    )
    .expect("the database")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_under_load_has_everything_that_was_acknowledged_before_it_began() {
    let site = Site::new();
    let acknowledged = Arc::new(AtomicU32::new(0));
    let (db, count) = (site.test.db.clone(), acknowledged.clone());
    let load = tokio::spawn(async move {
        loop {
            put(&db, count.load(Ordering::SeqCst)).await;
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    let mut backups = Vec::new();
    for _ in 0..3 {
        while acknowledged.load(Ordering::SeqCst) < 20 {
            tokio::task::yield_now().await;
        }
        let before = acknowledged.load(Ordering::SeqCst);
        let made = tokio::task::block_in_place(|| site.sealed());
        backups.push((made.file, before, acknowledged.load(Ordering::SeqCst)));
    }
    load.abort();
    for (file, before, after) in backups {
        let place = Place::new();
        let restored = place.restore(&file, Some(&site.private), false).expect("a restore");
        assert_eq!((restored.pending, restored.former), (0, None));
        // One after the other was written, so a number says which.
        let rows = place.open().read(job::backlog).await.expect("the rows").waiting;
        assert!(rows >= i64::from(before), "all {before} are there: {rows}");
        // The write that ran when the backup ended may be in it before its caller heard of it.
        assert!(rows <= i64::from(after) + 1);
    }
    assert_eq!(
        fs::read_dir(site.data_dir().join("backups"))
            .expect("the folder")
            .count(),
        3,
        "nothing unfinished"
    );
}

const ONE: &str = "ab/00000000000000000000000000000a.webp";
const TWO: &str = "cd/00000000000000000000000000000b.jpg";
const GONE: &str = "ef/00000000000000000000000000000c.webp";

#[tokio::test]
async fn pictures_come_along_missing_ones_are_named_and_the_secret_key_stays() {
    let site = Site::new();
    site.picture(ONE, b"one");
    site.picture(TWO, b"two");
    site.picture("unfinished/7-1", b"half");
    site.picture("ab/.DS_Store", b"a file manager was here");
    fs::write(site.data_dir().join("secret.key"), [7; 32]).expect("the key");
    let made = site.back_up(Seal::Plaintext, &[ONE, GONE]).expect("a backup");
    assert_eq!(
        (made.pictures, made.missing.as_slice()),
        (2, [GONE.to_owned()].as_slice())
    );
    assert!(
        made.file
            .to_str()
            .expect("a name")
            .ends_with("kermesse-20261201T110000Z.tar.zst")
    );
    let place = Place::new();
    let restored = place.restore(&made.file, None, false).expect("a restore");
    assert_eq!((restored.pictures, restored.missing), (2, vec![GONE.to_owned()]));
    let media = place.folder.path().join("media");
    assert_eq!(fs::read(media.join(TWO)).expect("a picture"), b"two");
    assert!(!media.join("unfinished").exists());
    assert!(!place.folder.path().join("secret.key").exists());
}

#[tokio::test]
async fn only_the_right_key_opens_a_backup_and_one_without_key_must_be_wanted() {
    let site = Site::new();
    let refused = site
        .back_up(Seal::For(Vec::new()), &[])
        .expect_err("no key")
        .to_string();
    assert!(
        refused.contains("--recipient") && refused.contains("--plaintext"),
        "{refused}"
    );
    let made = site.sealed();
    let bytes = fs::read(&made.file).expect("the backup");
    assert!(bytes.starts_with(b"age-encryption.org/v1"));
    let place = Place::new();
    assert!(matches!(
        place.restore(&made.file, None, false),
        Err(BackupError::NoIdentity)
    ));
    let stranger = age::x25519::Identity::generate().to_string();
    let refused = place.restore(&made.file, Some(stranger.expose_secret()), false);
    assert!(matches!(refused, Err(BackupError::Archive { .. })));
    assert!(matches!(
        place.restore(&made.file, Some("nonsense"), false),
        Err(BackupError::Archive { .. })
    ));
    place
        .restore(&made.file, Some(&site.private), false)
        .expect("the right key");
}

#[tokio::test]
async fn a_backup_that_was_cut_or_changed_is_refused_and_changes_nothing() {
    let site = Site::new();
    put(&site.test.db, 1).await;
    let (sealed, plain) = (site.sealed(), site.back_up(Seal::Plaintext, &[]).expect("a backup"));
    let place = Place::new();
    for made in [sealed, plain] {
        let whole = fs::read(&made.file).expect("the backup");
        let broken = site.folder.path().join("broken");
        for end in [0, 10, whole.len() / 2, whole.len() - 1] {
            fs::write(&broken, &whole[..end]).expect("a cut");
            let refused = place.restore(&broken, Some(&site.private), true);
            assert!(
                matches!(refused, Err(BackupError::Archive { .. })),
                "{end}: {refused:?}"
            );
        }
        let mut changed = whole.clone();
        let middle = whole.len() / 2;
        changed[middle] ^= 0x55;
        fs::write(&broken, &changed).expect("a change");
        let refused = place.restore(&broken, Some(&site.private), true);
        assert!(matches!(refused, Err(BackupError::Archive { .. })), "{refused:?}");
    }
    if place.test.is_none() {
        let left: Vec<_> = fs::read_dir(place.folder.path())
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert_eq!(left, ["kermesse.sqlite3.lock"], "nothing else is left");
    }
}

#[tokio::test]
async fn data_are_replaced_only_by_force_and_the_former_ones_are_kept() {
    let (site, former) = (Site::new(), Site::new());
    put(&site.test.db, 1).await;
    let backup = site.sealed();
    put(&former.test.db, 2).await;
    let other = former.sealed();
    let place = Place::new();
    place
        .restore(&other.file, Some(&former.private), false)
        .expect("the former state");
    let refused = place
        .restore(&backup.file, Some(&site.private), false)
        .expect_err("data");
    assert!(matches!(refused, BackupError::NotEmpty(_)), "{refused}");
    let restored = place
        .restore(&backup.file, Some(&site.private), true)
        .expect("a restore");
    assert_eq!(numbers(&place.open()).await, BTreeSet::from([1]));
    assert_eq!(restored.former.is_some(), place.test.is_none(), "PostgreSQL keeps none");
    if let Some(file) = restored.former {
        assert_eq!(numbers(&open(&Location::File(file))).await, BTreeSet::from([2]));
    }
}

#[tokio::test]
async fn the_log_of_the_former_database_is_not_applied_to_the_new_one() {
    let site = Site {
        test: TestDb::sqlite(),
        ..Site::new()
    };
    put(&site.test.db, 1).await;
    let backup = site.sealed();
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("kermesse.sqlite3");
    // A server that was killed leaves a log with what is not yet in its file.
    let crashed = TestDb::sqlite();
    put(&crashed.db, 2).await;
    let Location::File(file) = crashed.db.location() else {
        panic!("a file")
    };
    for end in ["", "-wal", "-shm"] {
        let (from, to) = (
            format!("{}{end}", file.display()),
            format!("{}{end}", database.display()),
        );
        fs::copy(from, to).expect("a copy");
    }
    let location = Location::File(database);
    let target = Target {
        database: &location,
        data_dir: folder.path(),
        identity: Some(&site.private),
        force: true,
        now: site.test.clock.now(),
    };
    let restored = restore(&backup.file, &target).expect("a restore");
    assert_eq!(numbers(&open(&location)).await, BTreeSet::from([1]));
    let former = Location::File(restored.former.expect("the former database"));
    assert_eq!(
        numbers(&open(&former)).await,
        BTreeSet::from([2]),
        "its log was kept with it"
    );
    assert!(care::damage(&location).expect("a check").is_empty());
}

#[tokio::test]
async fn a_database_in_use_is_not_replaced() {
    let site = Site::new();
    let backup = site.sealed();
    let place = Place::new();
    let refused = if place.test.is_some() {
        let db = place.open();
        db.migrate().expect("the tables");
        put(&db, 1).await;
        place.restore(&backup.file, Some(&site.private), true)
    } else {
        let Location::File(file) = place.location() else {
            panic!("a file")
        };
        let _server = crate::lock::Lock::take(&file).expect("the lock");
        place.restore(&backup.file, Some(&site.private), true)
    };
    let said = refused.expect_err("a server runs").to_string();
    assert!(said.contains("stop"), "{said}");
}

#[tokio::test]
async fn what_belongs_elsewhere_is_refused() {
    let site = Site {
        test: TestDb::sqlite(),
        ..Site::new()
    };
    let place = Place::new();
    if place.test.is_some() {
        let backup = site.sealed();
        let refused = place.restore(&backup.file, Some(&site.private), true);
        assert!(matches!(refused, Err(BackupError::OtherKind(kind)) if kind == "sqlite"));
    }
    let text = site.folder.path().join("text");
    fs::write(&text, "no backup").expect("a file");
    assert!(matches!(
        place.restore(&text, None, true),
        Err(BackupError::Archive { .. })
    ));
    assert!(matches!(
        place.restore(Path::new("/nowhere"), None, true),
        Err(BackupError::File { .. })
    ));
}

/// An archive of these entries with the digests that belong to them, as an attacker can make one.
fn archive(site: &Site, entries: &[(&str, &[u8])], missing: &[&str]) -> PathBuf {
    let path = site.folder.path().join("archive");
    let mut tar = tar::Builder::new(zstd::Encoder::new(File::create(&path).expect("a file"), 1).expect("zstd"));
    let mut add = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        tar.append(&header, bytes).expect("an entry");
    };
    let hex = |bytes: &[u8]| -> String {
        let digest = sha2::Sha256::digest(bytes);
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let digests: BTreeMap<&str, String> = entries.iter().map(|(name, bytes)| (*name, hex(bytes))).collect();
    for (name, bytes) in entries {
        add(name, bytes);
    }
    let contents = serde_json::json!({"digests": digests, "missing": missing}).to_string();
    add("contents.json", contents.as_bytes());
    tar.into_inner().expect("tar").finish().expect("zstd");
    path
}

fn about(database: &str) -> Vec<u8> {
    let about = serde_json::json!({"form": 1, "program": "1", "made_at": "2026", "database": database});
    about.to_string().into_bytes()
}

#[tokio::test]
async fn only_names_that_a_backup_has_are_unpacked() {
    let (site, place) = (Site::new(), Place::new());
    let about = about("sqlite");
    for strange in [
        "../../escape",
        "/etc/cron.d/evil",
        "kermesse.toml",
        "secret.key",
        "database.sqlite3-wal",
        "database.sqlite3-journal",
        "script.sql",
        "media/ab/evil.html",
        "media/ab/../evil.webp",
        "media/media/ab/00000000000000000000000000000a.webp",
        "media/ab/00000000000000000000000000000a.svg",
        "\u{1b}]0;evil\u{7}",
    ] {
        let file = archive(&site, &[("kermesse.json", &about), (strange, b"evil")], &[]);
        let refused = place
            .restore(&file, None, true)
            .expect_err("a strange name")
            .to_string();
        assert!(refused.contains("a strange name"), "{strange:?}: {refused}");
        assert!(!refused.contains(char::is_control), "{refused:?}");
    }
    let file = archive(&site, &[("kermesse.json", &about)], &["\u{1b}[2J"]);
    let refused = place
        .restore(&file, None, true)
        .expect_err("a strange name")
        .to_string();
    assert!(
        refused.contains("a strange name: [2J") && !refused.contains(char::is_control),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_an_archive_says_of_itself_is_printed_without_control_characters() {
    let (site, place) = (Site::new(), Place::new());
    let file = archive(&site, &[("kermesse.json", &about("my\u{1b}[31m\u{202e}own"))], &[]);
    let refused = place.restore(&file, None, true).expect_err("another kind").to_string();
    assert!(refused.contains("a backup of my [31m own,"), "{refused:?}");
}

#[tokio::test]
async fn a_damaged_database_in_a_backup_is_said_to_be_one() {
    let (site, place) = (Site::new(), Place::new());
    let (kind, name) = if place.test.is_some() {
        ("postgres", "database.dump")
    } else {
        ("sqlite", "database.sqlite3")
    };
    let about = about(kind);
    for (entries, said) in [
        (vec![("kermesse.json", about.as_slice())], "it has no database"),
        (
            vec![("kermesse.json", about.as_slice()), (name, &[b'x'; 8192])],
            "its database is damaged (",
        ),
    ] {
        let refused = place
            .restore(&archive(&site, &entries, &[]), None, true)
            .expect_err("no database")
            .to_string();
        assert!(
            refused.contains("is no complete backup: ") && refused.contains(said),
            "{refused}"
        );
        assert!(
            !refused.contains(".kermesse-unfinished") || kind == "postgres",
            "{refused}"
        );
        assert!(refused.ends_with("; nothing was changed"), "{refused}");
    }
}

#[test]
fn there_is_no_backup_of_nothing_or_of_damage() {
    let site = Site {
        test: TestDb::sqlite(),
        ..Site::new()
    };
    let plan = |database: &Location| {
        make(&Plan {
            database,
            media: &site.data_dir().join("media"),
            wanted: BTreeSet::new(),
            to: &site.data_dir().join("backups"),
            seal: Seal::Plaintext,
            now: site.test.clock.now(),
        })
    };
    let absent = Location::File(site.folder.path().join("absent.sqlite3"));
    assert!(matches!(plan(&absent), Err(BackupError::NoDatabase(_))));
    let Location::File(file) = &absent else {
        panic!("a file")
    };
    assert!(!file.exists(), "asking for a backup makes no empty database");
    let Location::File(sound) = site.test.db.location() else {
        panic!("a file")
    };
    let mut bytes = fs::read(sound).expect("the database");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0x5a);
    fs::write(file, bytes).expect("a damaged database");
    let refused = plan(&absent).expect_err("damage");
    let said = refused.to_string();
    assert!(
        matches!(refused, BackupError::Damaged(_) | BackupError::Database(_)),
        "{said}"
    );
    assert_eq!(
        fs::read_dir(site.data_dir().join("backups"))
            .expect("the folder")
            .count(),
        0
    );
}
