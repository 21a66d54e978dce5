//! What must hold after a kill.

use super::load::{self, Load};
use domain::{
    caller::Caller,
    db::{Db, Location, care, migrate},
    event::{self, Event, EventFilter},
    id::{EventId, ProfileId},
    job::Backlog,
    page::PageRequest,
    profile, tag,
};
use kermesse::worker::Worker;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

/// Entries of a page of a list.
const PAGE: i64 = 100;

/// The title of an event: what made it, and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Title {
    Written(u64),
    Inside(u64),
    Outside(u64),
}

impl fmt::Display for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(number) => write!(f, "written {number}"),
            Self::Inside(number) => write!(f, "inside {number}"),
            Self::Outside(number) => write!(f, "outside {number}"),
        }
    }
}

impl FromStr for Title {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (what, number) = text.split_once(' ').ok_or_else(|| text.to_owned())?;
        let number = number.parse().map_err(|_wrong| text.to_owned())?;
        match what {
            "written" => Ok(Self::Written(number)),
            "inside" => Ok(Self::Inside(number)),
            "outside" => Ok(Self::Outside(number)),
            _ => Err(text.to_owned()),
        }
    }
}

/// Judges what a killed load left behind, and lets its jobs end.
pub(crate) fn judge(load: &Load, acknowledged: &[String]) {
    let Load::Events { location, round } = load;
    let acknowledged: BTreeSet<u64> = acknowledged
        .iter()
        .map(|line| line.parse().expect("a number"))
        .collect();
    assert!(
        care::damage(location).expect("a check").is_empty(),
        "the database is sound"
    );
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(judge_events(location, *round, &acknowledged));
}

async fn judge_events(location: &Location, round: u64, acknowledged: &BTreeSet<u64>) {
    let db = load::open(location, round, 1);
    let name = load::agenda_name(round);
    let Ok(agenda) = db.read(move |tx| profile::named(tx, &name)).await else {
        assert!(acknowledged.is_empty(), "killed before it began");
        return;
    };
    let before = counted(&db, agenda.id).await;
    let written: BTreeSet<u64> = before
        .keys()
        .filter_map(|title| match title {
            Title::Written(number) => Some(*number),
            _ => None,
        })
        .collect();
    let lost: Vec<_> = acknowledged.difference(&written).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");

    let worker = Worker::new(db.clone(), load::handlers(agenda.id));
    worker.run_due().await.expect("the jobs that were left");
    let after = counted(&db, agenda.id).await;
    let twice: Vec<_> = after.iter().filter(|(_, events)| events.len() != 1).collect();
    assert!(twice.is_empty(), "happened twice: {twice:?}");
    // A write and its jobs are one: whatever is there, acknowledged or not, has had both effects.
    for number in &written {
        for effect in [Title::Inside(*number), Title::Outside(*number)] {
            assert!(after.contains_key(&effect), "no {effect}");
        }
    }
    assert_eq!(after.len(), written.len() * 3, "effects of nothing");
    assert_eq!(
        db.read(domain::job::backlog).await.expect("a count"),
        Backlog::default()
    );
    whole(&db, after.into_values().flatten().collect()).await;
}

/// How many events an agenda has, each of them whole.
pub(crate) async fn whole_events(db: &Db, agenda: ProfileId) -> usize {
    let events = all(db, agenda).await;
    let (count, ids) = (events.len(), events.into_iter().map(|event| event.id).collect());
    whole(db, ids).await;
    count
}

/// The events of an agenda by title.
async fn counted(db: &Db, agenda: ProfileId) -> BTreeMap<Title, Vec<EventId>> {
    let mut counted: BTreeMap<Title, Vec<EventId>> = BTreeMap::new();
    for event in all(db, agenda).await {
        let title = event.title.as_str().parse().expect("a title of ours");
        counted.entry(title).or_default().push(event.id);
    }
    counted
}

async fn all(db: &Db, agenda: ProfileId) -> Vec<Event> {
    let mut all = Vec::new();
    for page in 1.. {
        let filter = EventFilter {
            profile: Some(agenda),
            ..EventFilter::default()
        };
        let mut events: Vec<Event> = db
            .read(move |tx| event::list(tx, &Caller::Anonymous, &filter, PageRequest::new(page, PAGE)))
            .await
            .expect("a page");
        let is_last = events.len() < usize::try_from(PAGE).expect("a number");
        all.append(&mut events);
        if is_last {
            break;
        }
    }
    all
}

/// Every event has all of its parts.
async fn whole(db: &Db, events: Vec<EventId>) {
    let ids = events.clone();
    let (texts, tags) = db
        .read(move |tx| Ok((event::descriptions(tx, &ids)?, tag::of_events(tx, &ids)?)))
        .await
        .expect("the parts");
    for event in events {
        assert!(
            texts.get(&event).is_some_and(|text| !text.is_empty()),
            "{event} has no text"
        );
        assert_eq!(tags.get(&event).map(Vec::len), Some(2), "the tags of {event}");
    }
}

/// A killed migration has left whole steps, and the rest of them can be made.
pub(crate) fn judge_migration(location: &Location) {
    let db = load::open(location, 0, 0);
    db.migrate().expect("the rest of the steps");
    let state = migrate::state_of(location).expect("a state");
    assert!(state.pending.is_empty() && state.unknown.is_empty(), "{state:?}");
    assert!(care::damage(location).expect("a check").is_empty());
}
