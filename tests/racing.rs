//! Reads race writes through the whole program, over connections: whoever asks after a write was acknowledged never
//! sees the state before it, on a page or in a feed, and a search by words sees it within a second.

use domain::{
    caller::Caller,
    db::{
        Db, Location,
        testing::{TestDb, postgres_url, test_keys},
    },
    event::{self, Content, EventPatch, NewEvent, Schedule},
    id::EventId,
    profile::{self, Kind, NewProfile},
    text::{Handle, PlainText, RichText},
    time::Zone,
};
use kermesse::{
    app::{App, Use},
    config::{Config, Flags},
    doors, jobs, listener,
    router::router,
    telemetry::Figures,
    worker::Worker,
};
use reqwest::Client;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{sync::watch, task::JoinHandle};

/// Writes in all, over as many events.
const ROUNDS: u64 = 1_000;
const LANES: u64 = 8;
/// What the readers of an event ask, a connection each; `{id}` and `{name}` are its own. 32 connections in all.
const READ: [&str; 4] = [
    "/events/{id}",
    "/events/{id}",
    "/feed/instance/ics",
    "/@{name}/feed/atom",
];

/// A site that answers on a port, as `kermesse serve` does; it ends with its runtime.
struct Site {
    db: Db,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    _folder: TempDir,
    _database: Option<TestDb>,
}

impl Site {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = postgres_url().map(|url| TestDb::postgres(&url));
        let mut environment = vec![("KERMESSE_DATA_DIR".into(), folder.path().join("data").into_os_string())];
        // One address asks all of it.
        environment.push(("KERMESSE__HTTP__REQUESTS_PER_SECOND".into(), "0".into()));
        if let Some(Location::Postgres(url)) = database.as_ref().map(|test| test.db.location()) {
            environment.push(("DATABASE_URL".into(), url.into()));
        }
        let file = folder.path().join("kermesse.toml");
        std::fs::write(&file, "").expect("a file");
        let flags = Flags {
            config: Some(file),
            ..Flags::default()
        };
        let (config, _) = Config::load_with(&flags, environment.into_iter()).expect("settings");
        let app = App::open(config, Use::Serve).expect("a site");
        let socket = listener::bind(([127, 0, 0, 1], 0).into()).await.expect("a port");
        let address = socket.local_addr().expect("an address");
        let router = router(&app, Figures::start(), doors::open(&app).expect("the doors"));
        let (stop, stopped) = watch::channel(false);
        let worker = Worker::new(app.db.clone(), jobs::handlers(&app.db, &app.services, 3600));
        let (db, stopped_too) = (app.db.clone(), stopped.clone());
        tokio::spawn(async move { worker.run(stopped_too).await });
        tokio::spawn(async move { listener::serve(socket, router, &app.config.http, stopped).await });
        Self {
            db,
            address,
            stop,
            _folder: folder,
            _database: database,
        }
    }

    async fn an_event(&self, n: u64) -> EventId {
        let made = self.db.write(move |tx| {
            let new = NewProfile {
                kind: Kind::Group,
                name: Handle::new(&name(n))?,
                display_name: PlainText::required("name", "La fête", 200)?,
                summary: RichText::default(),
                zone: None,
                language: None,
            };
            let organizer = profile::create(tx, &Caller::System, new, &test_keys())?.id;
            let zone = Zone::named("Europe/Brussels")?;
            let schedule = Schedule {
                begin: zone.local(tx.now()).plus_days(3),
                end: None,
                zone,
                all_day: false,
            };
            let new = NewEvent {
                organizer,
                group: None,
                schedule,
                content: Content::titled(title(n, 0)),
                ical_uid: None,
            };
            event::create(tx, &Caller::System, new)
        });
        made.await.expect("an event").id
    }

    async fn rename(&self, id: EventId, title: PlainText) {
        let patch = EventPatch {
            title: Some(title),
            ..EventPatch::default()
        };
        let write = self.db.write(move |tx| event::update(tx, &Caller::System, id, patch));
        write.await.expect("a change");
    }
}

fn name(lane: u64) -> String {
    format!("fete{lane}")
}

/// Letters around the numbers, so that they are found in any text.
fn title(lane: u64, version: u64) -> PlainText {
    PlainText::required("title", &format!("lane{lane}version{version}end"), 200).expect("a title")
}

/// The version of a lane that a text shows; all of its places show one.
fn version(text: &str, lane: u64) -> Option<u64> {
    let mark = format!("lane{lane}version");
    let (_, rest) = text.split_once(&mark)?;
    rest.split_once("end")?.0.parse().ok()
}

/// One connection that asks again and again.
struct Reader {
    client: Client,
    url: String,
    lane: u64,
}

impl Reader {
    #[expect(clippy::disallowed_methods, reason = "a reader of this program, not the program")]
    fn new(site: SocketAddr, path: &str, lane: u64, id: EventId) -> Self {
        let path = path.replace("{id}", &id.to_string()).replace("{name}", &name(lane));
        Self {
            client: Client::builder().pool_max_idle_per_host(1).build().expect("a client"),
            url: format!("http://localhost:{}{path}", site.port()),
            lane,
        }
    }

    /// The version that is shown, or nothing where one is asked to come back.
    async fn read(&self) -> Option<u64> {
        let answer = self.client.get(&self.url).send().await.expect("an answer");
        if answer.status() == 503 {
            return None;
        }
        assert_eq!(answer.status(), 200, "{}", self.url);
        let text = answer.text().await.expect("a text");
        Some(version(&text, self.lane).unwrap_or_else(|| panic!("{} does not show its event: {text}", self.url)))
    }

    /// Until the last version is acknowledged and seen.
    async fn read_on(self, acknowledged: Arc<AtomicU64>) -> u64 {
        let mut reads = 0;
        loop {
            let before = acknowledged.load(Ordering::SeqCst);
            let Some(shown) = self.read().await else { continue };
            assert!(shown >= before, "{} shows {shown}, older than {before}", self.url);
            reads += 1;
            if before == ROUNDS / LANES {
                return reads;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_reads_a_state_before_the_last_acknowledged_write() {
    let site = Arc::new(Site::open().await);
    let begun = Instant::now();
    let mut readers: Vec<JoinHandle<u64>> = Vec::new();
    let mut writers = Vec::new();
    for lane in 0..LANES {
        let id = site.an_event(lane).await;
        let acknowledged = Arc::new(AtomicU64::new(0));
        for path in READ {
            let reader = Reader::new(site.address, path, lane, id);
            readers.push(tokio::spawn(reader.read_on(acknowledged.clone())));
        }
        let site = site.clone();
        writers.push(tokio::spawn(async move {
            for version in 1..=ROUNDS / LANES {
                site.rename(id, title(lane, version)).await;
                acknowledged.store(version, Ordering::SeqCst);
            }
        }));
    }
    for writer in writers {
        writer.await.expect("a writer");
    }
    let (writing, mut reads) = (begun.elapsed(), 0);
    for reader in readers {
        reads += reader.await.expect("a reader");
    }
    println!("{reads} reads over 32 connections beside {ROUNDS} writes, which took {writing:?}");
    assert!(reads >= 2 * 32, "the race was none: {reads} reads");
    site.stop.send_replace(true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_search_by_words_follows_within_a_second() {
    let site = Site::open().await;
    let id = site.an_event(0).await;
    let mut waits = Vec::new();
    for version in 1..=20 {
        let title = title(0, version);
        let reader = Reader::new(site.address, &format!("/feed/search/ics?q={}", title.as_str()), 0, id);
        site.rename(id, title).await;
        let acknowledged = Instant::now();
        loop {
            let answer = reader.client.get(&reader.url).send().await.expect("an answer");
            let text = answer.text().await.expect("a text");
            if self::version(&text, 0) == Some(version) && text.contains("BEGIN:VEVENT") {
                break;
            }
            assert!(
                acknowledged.elapsed() < Duration::from_secs(10),
                "it is never found: {text}"
            );
        }
        waits.push(acknowledged.elapsed());
    }
    waits.sort();
    let longest = waits.last().copied().unwrap_or_default();
    let median = waits[waits.len() / 2];
    println!("found after {median:?} (median), {longest:?} (longest)");
    assert!(median <= Duration::from_secs(1), "{median:?}");
    site.stop.send_replace(true);
}
