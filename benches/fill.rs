//! Makes the databases that are measured.
//!
//! Through the use cases themselves and not through inserts of our own: search index, tags, series, places and counts
//! are right because the program wrote them, and a new column needs no second hand here. What makes it bearable is that
//! some hundred entries share a transaction, together with the indexing that would otherwise be a job and a commit for
//! each event. On SQLite the result is kept below `target/bench`, so that a million rows are made once.

use crate::{
    Outcome,
    corpus::{Corpus, DATES, Entry},
    server::{self, Server},
};
use domain::{
    Result,
    caller::Caller,
    db::{
        Db, Location, PoolSizes, Tx, care,
        testing::{self, FrozenClock, SeededEntropy, TestDb, postgres_url, test_keys},
    },
    event::{self, series},
    id::ProfileId,
    job::{self, Job},
    ports::Clock,
    profile::{self, Kind, NewProfile},
    search::{self, job::IndexEvent},
    text::{PlainText, RichText},
    time::Zone,
};
use kermesse::adapters::clock::SystemClock;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

/// Raised when other events come out of the same seed.
const VERSION: u32 = 2;
const ENTRIES_AT_ONCE: usize = 250;
const CALLER: Caller = Caller::System;

/// A filled database with the folder of its site.
pub(crate) struct Site {
    pub(crate) events: usize,
    pub(crate) folder: PathBuf,
    pub(crate) db: Db,
    /// Dropped at the end.
    postgres: Option<TestDb>,
}

impl Site {
    /// Finds or makes the site with so many events.
    pub(crate) async fn of(events: usize) -> Outcome<Self> {
        match postgres_url() {
            Some(url) => Self::on_postgres(events, &url).await,
            None => Self::on_sqlite(events).await,
        }
    }

    /// Where its data are, for a server.
    pub(crate) fn location(&self) -> &Location {
        self.db.location()
    }

    /// What it is called in tables.
    pub(crate) fn database(&self) -> &'static str {
        if self.postgres.is_some() {
            "PostgreSQL"
        } else {
            "SQLite"
        }
    }

    async fn on_sqlite(events: usize) -> Outcome<Self> {
        let folder = below_target(&format!("sqlite-{events}"));
        let (file, done) = (folder.join("kermesse.sqlite3"), folder.join("filled"));
        let location = Location::File(file);
        // The dates lie around the day on which they were made.
        let day = zone()?.local(SystemClock.now()).day();
        let wanted = format!("{VERSION} {} {day}", testing::fingerprint("sqlite"));
        if fs::read_to_string(&done).ok().as_deref() != Some(&wanted) {
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            fs::create_dir_all(&folder)?;
            let clock = frozen();
            server::set_up(&folder, &location)?;
            let db = open(&location, clock.clone())?;
            fill(&db, &clock, events).await?;
            fs::write(&done, wanted)?;
        }
        Ok(Self {
            events,
            folder,
            db: open(&location, Arc::new(SystemClock))?,
            postgres: None,
        })
    }

    /// The server of a run is thrown away with its databases.
    async fn on_postgres(events: usize, url: &str) -> Outcome<Self> {
        let folder = below_target(&format!("postgres-{events}"));
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        let test = TestDb::postgres(url);
        server::set_up(&folder, test.db.location())?;
        test.clock.set(frozen().now());
        fill(&test.db, &test.clock, events).await?;
        Ok(Self {
            events,
            folder,
            db: open(test.db.location(), Arc::new(SystemClock))?,
            postgres: Some(test),
        })
    }

    /// Starts the real program on it, with `settings` as environment.
    pub(crate) fn serve(&self, settings: &[(&str, &str)]) -> Outcome<Server> {
        Server::kermesse(&self.folder, self.location(), settings)
    }
}

fn below_target(name: &str) -> PathBuf {
    // CARGO_TARGET_TMPDIR is `tmp` in the target directory, wherever that is.
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("../bench").join(name)
}

/// The zone of the site, as in its default settings.
pub(crate) fn zone() -> Result<Zone> {
    Zone::named("Europe/Brussels")
}

/// Yesterday: what is filled in has happened already when the server starts.
fn frozen() -> Arc<FrozenClock> {
    let clock = FrozenClock::at("2026-01-01T00:00", "UTC");
    clock.set(SystemClock.now().plus_seconds(-86_400));
    clock
}

fn open(location: &Location, clock: Arc<dyn Clock>) -> Outcome<Db> {
    let sizes = PoolSizes {
        readers: 2,
        writers: 2,
        cache_kb: 64_000,
    };
    Ok(Db::open(location, sizes, clock, Arc::new(SeededEntropy::default()))?)
}

async fn fill(db: &Db, clock: &FrozenClock, events: usize) -> Outcome<()> {
    let begun = Instant::now();
    let profiles = db.write(profiles).await?;
    let zone = zone()?;
    let today = zone.local(SystemClock.now()).day();
    let corpus = Arc::new(Corpus::new(today, zone, profiles)?);
    let (mut made, mut entry, mut told) = (0, 0, 0);
    while made < events {
        let corpus = corpus.clone();
        (made, entry) = db.write(move |tx| some(tx, &corpus, made, entry, events)).await?;
        clock.advance(1);
        if made >= told + 50_000 {
            told = made;
            eprintln!("{made} of {events} events after {} s", begun.elapsed().as_secs());
        }
    }
    care::maintain(db.location())?;
    eprintln!("{made} events made in {} s", begun.elapsed().as_secs());
    Ok(())
}

/// A database with tables and nothing else, for writes; what holds it goes with it.
pub(crate) fn nothing() -> Outcome<(Db, Option<TestDb>)> {
    if let Some(url) = postgres_url() {
        let test = TestDb::postgres(&url);
        return Ok((open(test.db.location(), Arc::new(SystemClock))?, Some(test)));
    }
    let folder = below_target("writes");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let db = open(&Location::File(folder.join("kermesse.sqlite3")), Arc::new(SystemClock))?;
    db.migrate()?;
    Ok((db, None))
}

/// Makes the profiles that announce events.
pub(crate) fn profiles(tx: &mut Tx<'_>) -> Result<Vec<ProfileId>> {
    let names = Corpus::profile_names()?;
    let profile = |name| {
        let new = NewProfile {
            kind: Kind::Group,
            display_name: PlainText::new("name", &format!("Association {name}"), 200)?,
            name,
            summary: RichText::from_plain("Une association parmi d’autres."),
            zone: None,
            language: None,
        };
        profile::create(tx, &CALLER, new, &test_keys()).map(|profile| profile.id)
    };
    names.into_iter().map(profile).collect()
}

/// Some entries and their words, in one transaction. Answers how many events there are, and the next entry.
fn some(tx: &mut Tx<'_>, corpus: &Corpus, made: usize, first: usize, events: usize) -> Result<(usize, usize)> {
    let (mut made, mut entry) = (made, first);
    while made < events && entry < first + ENTRIES_AT_ONCE {
        match corpus.entry(entry)? {
            Entry::Event(new) => {
                event::create(tx, &CALLER, *new)?;
                made += 1;
            }
            // The last entries are single events: the number is to be exact.
            Entry::Series(new) if made + DATES <= events => {
                series::create(tx, &CALLER, *new)?;
                made += DATES;
            }
            Entry::Series(_) => {}
        }
        entry += 1;
    }
    loop {
        let jobs = job::claim(tx, &[IndexEvent::KIND], 10_000, 600)?;
        if jobs.is_empty() {
            return Ok((made, entry));
        }
        for job in jobs {
            search::index(tx, job.payload::<IndexEvent>()?.event)?;
            job::finish(tx, &job)?;
        }
    }
}
