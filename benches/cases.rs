//! What is asked of the server.

use crate::{
    Outcome,
    corpus::{Corpus, Draw},
    fill::{Site, zone},
    load::{self, Asked},
};
use domain::{
    caller::Caller,
    event::{self, EventFilter},
    id::EventId,
    page::PageRequest,
    place::{Point, geohash},
};
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc};

/// Connections that ask for what is kept: enough to keep the server busy.
const MANY: usize = 32;
/// Connections that ask for what must be looked up: few, so that the time of an answer is not mostly waiting for others.
const FEW: usize = 4;
/// Events whose pages are asked for in turn.
const IN_TURN: u32 = 500;
const DAY: i64 = 86_400;
const COMPRESSED: (&str, &str) = ("Accept-Encoding", "gzip, deflate, br");

/// Names that the report looks for.
pub(crate) const EMPTY: &str = "empty handler";
pub(crate) const KEPT_PAGE: &str = "event page, kept";
pub(crate) const UNCHANGED_FEED: &str = "feed, not modified";

/// On which server a case runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// The handler that does nothing.
    Empty,
    /// The program as it comes.
    Kept,
    /// The program with room for so few kept pages that none is there when it is asked for again.
    Unkept,
}

/// A question.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) on: On,
    pub(crate) connections: usize,
    pub(crate) requests: Arc<Vec<Asked>>,
}

const PLACE: &str = "physicalAddress { id description street locality postalCode country geom }";
const ACTOR: &str = "id name preferredUsername domain url";

/// Everything that is asked of a site.
pub(crate) async fn all(site: &Site) -> Outcome<Vec<Case>> {
    let ids = coming(site).await?;
    let page = |id: &EventId| load::get(&format!("/events/{id}"), &[COMPRESSED, ("Accept", "text/html")]);
    let one = ids.first().ok_or("no event is coming")?;
    let mut cases = vec![
        case(EMPTY, On::Empty, MANY, vec![load::get("/", &[])]),
        case("the same with 5 kB", On::Empty, MANY, vec![load::get("/page", &[])]),
        case(KEPT_PAGE, On::Kept, MANY, vec![page(one)]),
        case("event page, made", On::Unkept, FEW, ids.iter().map(page).collect()),
    ];
    cases.extend(feeds());
    cases.extend(queries(site, &ids)?);
    Ok(cases)
}

fn case(name: &'static str, on: On, connections: usize, requests: Vec<Asked>) -> Case {
    Case {
        name,
        on,
        connections,
        requests: Arc::new(requests),
    }
}

/// The next events; at every size there are as many.
async fn coming(site: &Site) -> Outcome<Vec<EventId>> {
    let listed = site.db.read(|tx| {
        let filter = EventFilter::coming(tx.now());
        event::list(tx, &Caller::Anonymous, &filter, PageRequest::first(IN_TURN))
    });
    Ok(listed.await?.into_iter().map(|event| event.id).collect())
}

fn feeds() -> Vec<Case> {
    let feed =
        |format: &str, headers: &[(&str, &str)]| load::get(&format!("/@{}/feed/{format}", Corpus::FEED), headers);
    vec![
        case("feed, kept", On::Kept, MANY, vec![feed("ics", &[COMPRESSED])]),
        case("feed, kept, not compressed", On::Kept, FEW, vec![feed("ics", &[])]),
    ]
}

/// The conditional request for the feed, with the validator of what is there now.
pub(crate) async fn unchanged_feed(address: SocketAddr) -> Outcome<Case> {
    let path = format!("/@{}/feed/ics", Corpus::FEED);
    let answer = load::once(address, &load::get(&path, &[COMPRESSED])).await?;
    let etag = answer.lines().find_map(|line| line.strip_prefix("etag: "));
    let condition = ("If-None-Match", etag.ok_or("a feed without a validator")?);
    let asked = load::get(&path, &[COMPRESSED, condition]).expecting(304);
    Ok(case(UNCHANGED_FEED, On::Kept, MANY, vec![asked]))
}

fn queries(site: &Site, ids: &[EventId]) -> Outcome<Vec<Case>> {
    let event = format!(
        "query ($uuid: UUID!) {{ event(uuid: $uuid) {{ id uuid url local title description beginsOn endsOn status
            visibility joinOptions draft language category onlineAddress phoneAddress publishAt
            options {{ timezone showStartTime showEndTime isOnline maximumAttendeeCapacity }} {PLACE}
            organizerActor {{ {ACTOR} }} attributedTo {{ {ACTOR} }} tags {{ id slug title }} picture {{ id url }} }} }}"
    );
    let events = format!(
        "query {{ events {{ total elements {{ id uuid url title beginsOn endsOn status language category
            options {{ timezone isOnline }} {PLACE} organizerActor {{ {ACTOR} }} attributedTo {{ {ACTOR} }}
            tags {{ id slug title }} picture {{ id url }} }} }} }}"
    );
    let by_id = ids.iter().map(|id| load::graphql(&event, &json!({ "uuid": id })));
    let word = json!({ "term": Corpus::WORD });
    let island = json!({ "location": hash(Corpus::ISLAND)?, "radius": 25.0 });
    let text = "searchEvents with a word";
    let circle = "searchEvents in a circle";
    let name = "query ($query: String!) { searchAddress(query: $query) { description locality postalCode region
        country geom timezone } }";
    let names = names()
        .into_iter()
        .map(|typed| load::graphql(name, &json!({ "query": typed })));
    Ok(vec![
        case("query event", On::Kept, FEW, by_id.collect()),
        case(
            "query events",
            On::Kept,
            FEW,
            vec![load::graphql(&events, &Value::Null)],
        ),
        case(text, On::Kept, FEW, vec![search(&word)]),
        case(circle, On::Kept, FEW, vec![search(&island)]),
        case("the same among many, with dates", On::Kept, FEW, in_town(site)?),
        case("the same with a common word", On::Kept, FEW, with_common_words(site)?),
        case("searchAddress, all over the gazetteer", On::Kept, FEW, names.collect()),
    ])
}

fn search(what: &Value) -> Asked {
    let query = format!(
        "query ($term: String, $location: String, $radius: Float, $beginsOn: DateTime, $endsOn: DateTime) {{
            searchEvents(term: $term, location: $location, radius: $radius, beginsOn: $beginsOn, endsOn: $endsOn) {{
            total elements {{ id uuid title beginsOn endsOn {PLACE} tags {{ slug title }} picture {{ url }}
            organizerActor {{ {ACTOR} }} }} }} }}"
    );
    load::graphql(&query, what)
}

/// Two days each, around the town where every tenth event takes place.
fn in_town(site: &Site) -> Outcome<Vec<Asked>> {
    let (now, hash) = (site.db.clock().now(), hash(Corpus::TOWN)?);
    let days = 1..=30;
    let requests = days.map(|day| {
        let (from, until) = (now.plus_seconds(day * DAY), now.plus_seconds((day + 2) * DAY));
        let dates = json!({ "beginsOn": from.rfc3339(), "endsOn": until.rfc3339() });
        let mut what = json!({ "location": hash, "radius": 25.0 });
        if let (Some(what), Some(dates)) = (what.as_object_mut(), dates.as_object()) {
            what.extend(dates.clone());
        }
        search(&what)
    });
    Ok(requests.collect())
}

/// Words that stand in a tenth of all titles.
fn with_common_words(site: &Site) -> Outcome<Vec<Asked>> {
    let corpus = Corpus::new(zone()?.local(site.db.clock().now()).day(), zone()?, Vec::new())?;
    Ok(corpus
        .common_words(20)
        .map(|word| search(&json!({ "term": word })))
        .collect())
}

fn hash((lat, lon): (f64, f64)) -> Outcome<String> {
    let point = Point::new(lat, lon).ok_or("no point")?;
    Ok(geohash::encode(point, 7))
}

/// What people begin to type: two letters of every kind, and names all over the world.
fn names() -> Vec<String> {
    let mut draw = Draw::new(7);
    let pairs = ('a'..='z').flat_map(|first| ('a'..='z').map(move |second| format!("{first}{second}")));
    let codes = (0..500).map(|_| (1_000 + draw.below(90_000)).to_string());
    let codes: Vec<String> = codes.collect();
    let towns = [
        "namur",
        "saint denis",
        "springfield",
        "luik",
        "new york",
        "京都",
        "мос",
        "san",
        "villeneuve",
        "al qa",
    ];
    pairs.chain(codes).chain(towns.map(str::to_owned)).collect()
}
