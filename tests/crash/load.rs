//! What runs in the process that is killed.

use super::judge::Title;
use domain::{
    Result,
    caller::Caller,
    db::{Db, Location, PoolSizes, Tx, testing::test_keys},
    event::{self, Content, NewEvent, Schedule},
    id::ProfileId,
    job::{self, Job, Retry},
    ports::Clock,
    profile::{self, Kind, NewProfile},
    search::{self, job::IndexEvent},
    text::{Handle, PlainText, RichText},
    time::{Instant, Zone},
};
use kermesse::{
    adapters::{clock::SystemClock, entropy::SystemEntropy},
    worker::{Handlers, Worker},
};
use serde::{Deserialize, Serialize};
use std::{
    fmt,
    io::Write,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::watch;

/// Seconds by which each round's clock is ahead of the one before: leases of the dead end.
const BETWEEN_ROUNDS: i64 = 120;
/// Clients that write at once.
const CLIENTS: usize = 8;

/// A load, as one word of the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Load {
    /// Events are announced, and two jobs follow from each.
    Events {
        /// The database.
        location: Location,
        /// The how manieth process on this database.
        round: u64,
    },
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Events { location, round } = self;
        match location {
            Location::File(file) => write!(f, "events {round} {}", file.display()),
            Location::Postgres(url) => write!(f, "events {round} {url}"),
        }
    }
}

impl FromStr for Load {
    type Err = ();
    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let mut words = text.splitn(3, ' ');
        let mut next = || words.next().ok_or(());
        match next()? {
            "events" => Ok(Self::Events {
                round: next()?.parse().ok().ok_or(())?,
                location: Location::parse(next()?).ok().ok_or(())?,
            }),
            _ => Err(()),
        }
    }
}

/// The clock of the machine, and more.
struct Ahead(i64);

impl Clock for Ahead {
    fn now(&self) -> Instant {
        SystemClock.now().plus_seconds(self.0)
    }
}

/// Opens the database of a round; `later` rounds later.
pub(crate) fn open(location: &Location, round: u64, later: u64) -> Db {
    let rounds = i64::try_from(round + later).expect("few rounds");
    let clock = Arc::new(Ahead(rounds * BETWEEN_ROUNDS));
    let sizes = PoolSizes {
        readers: 2,
        writers: 4,
        cache_kb: 4000,
    };
    Db::open(location, sizes, clock, Arc::new(SystemEntropy)).expect("the database")
}

/// The name of the agenda of a round.
pub(crate) fn agenda_name(round: u64) -> Handle {
    Handle::new(&format!("round{round}")).expect("a name")
}

/// A job whose effect is in the database.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Inside(pub u64);

impl Job for Inside {
    const KIND: &'static str = "test.inside";
    const RETRY: Retry = Retry::QUICK;
}

/// A job that does something outside first.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Outside(pub u64);

impl Job for Outside {
    const KIND: &'static str = "test.outside";
    const RETRY: Retry = Retry::QUICK;
}

/// How the jobs of the load are run.
pub(crate) fn handlers(agenda: ProfileId) -> Handlers {
    Handlers::default()
        .inside(|tx, job: IndexEvent| search::index(tx, job.event))
        .inside(move |tx, job: Inside| announce(tx, agenda, Title::Inside(job.0)))
        .sandwich(
            |_, job: Outside| Ok(Some(job.0)),
            |number| async move {
                tokio::task::yield_now().await;
                Ok(number)
            },
            move |tx, _: Outside, number| announce(tx, agenda, Title::Outside(number)),
        )
}

/// Announces an event with a text and tags: rows in many tables.
fn announce(tx: &mut Tx<'_>, agenda: ProfileId, title: Title) -> Result<()> {
    let title = title.to_string();
    let tag = |text| PlainText::new("tag", text, 200);
    let content = Content {
        description: RichText::from_plain(&title),
        tags: vec![tag("soupe")?, tag("fanfare")?],
        ..Content::titled(PlainText::new("title", &title, 200)?)
    };
    let zone = Zone::named("Europe/Brussels")?;
    let schedule = Schedule {
        begin: zone.local(tx.now()).plus_days(7),
        end: None,
        zone,
        all_day: false,
    };
    let new = NewEvent {
        organizer: agenda,
        group: None,
        schedule,
        content,
        ical_uid: None,
    };
    event::create(tx, &Caller::System, new).map(drop)
}

fn begin(tx: &mut Tx<'_>, round: u64) -> Result<ProfileId> {
    let new = NewProfile {
        kind: Kind::Group,
        name: agenda_name(round),
        display_name: PlainText::new("name", "Comité", 200)?,
        summary: RichText::default(),
        zone: None,
        language: None,
    };
    profile::create(tx, &Caller::System, new, &test_keys()).map(|profile| profile.id)
}

impl Load {
    /// Runs until it is killed.
    pub(crate) fn run(self) {
        let Self::Events { location, round } = self;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let db = open(&location, round, 0);
            let agenda = db.write(move |tx| begin(tx, round)).await.expect("an agenda");
            let worker = Worker::new(db.clone(), handlers(agenda));
            let (_stop, stopped) = watch::channel(false);
            tokio::spawn(async move { worker.run(stopped).await });
            let next = Arc::new(AtomicU64::new(0));
            let clients: Vec<_> = (0..CLIENTS)
                .map(|_| tokio::spawn(client(db.clone(), agenda, next.clone())))
                .collect();
            for client in clients {
                client.await.expect("a client");
            }
        });
    }
}

async fn client(db: Db, agenda: ProfileId, next: Arc<AtomicU64>) {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let written = db
            .write(move |tx| {
                announce(tx, agenda, Title::Written(number))?;
                job::enqueue(tx, &Inside(number))?;
                job::enqueue(tx, &Outside(number))
            })
            .await;
        if written.is_ok() {
            let mut out = std::io::stdout().lock();
            writeln!(out, "acknowledged {number}").expect("a reader");
            out.flush().expect("a reader");
        }
    }
}
