//! What the events of a measured site are: the same ones on every run, drawn from a seed.
//!
//! Beside ordinary events over four years, three in the past and one to come, each site has the same few that are asked
//! for: 500 coming ones of one profile (its feed), and 100 on an island that share a word found nowhere else (text
//! search, circle). So those questions have equally many answers at every size.

use domain::{
    Result,
    event::{Attendance, Category, Content, NewEvent, Schedule, series::NewSeries},
    id::ProfileId,
    place::{NewPlace, Point, gazetteer::Gazetteer},
    text::{Handle, Language, PlainText, RichText},
    time::{
        Day, LocalDateTime, Zone,
        recurrence::{Recurrence, Rule},
    },
};

/// Events of the profile [`Corpus::FEED`].
pub(crate) const OF_FEED: usize = 500;
/// Events on the island, with the word [`Corpus::WORD`].
pub(crate) const ON_ISLAND: usize = 100;
/// Dates of a series.
pub(crate) const DATES: usize = 20;

const PROFILES: usize = 200;
const PLACES: usize = 2_000;
const TAGS: usize = 300;
const WORDS: usize = 3_000;
/// One entry in so many is a series: a quarter of the events are dates of one.
const A_SERIES_IN: usize = 60;
const DAYS_BACK: usize = 3 * 365;
const DAYS_AHEAD: usize = 365;
const SYLLABLES: [&str; 32] = [
    "ban", "ra", "to", "mi", "lou", "ven", "dra", "ches", "po", "tri", "an", "go", "li", "sa", "bou", "ner", "chan",
    "du", "fê", "te", "mar", "quet", "ro", "sel", "va", "lon", "ju", "pi", "gno", "cau", "se", "brun",
];

/// Small, fast, and the same everywhere: `SplitMix64`.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(1);
        usize::try_from(self.next() % bound).unwrap_or(0)
    }

    /// A number below `bound`, small ones often: as words and tags are used.
    fn common(&mut self, bound: usize) -> usize {
        let first = self.below(bound);
        let second = self.below(bound);
        first.min(second).min(self.below(bound))
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }
}

/// An entry: one event, or a series of [`DATES`] events.
pub(crate) enum Entry {
    Event(Box<NewEvent>),
    Series(Box<NewSeries>),
}

/// What events are made of.
pub(crate) struct Corpus {
    today: Day,
    zone: Zone,
    profiles: Vec<ProfileId>,
    places: Vec<NewPlace>,
    island: NewPlace,
    words: Vec<String>,
}

impl Corpus {
    /// The name of the profile whose feed has [`OF_FEED`] events.
    pub(crate) const FEED: &str = "feed";
    /// In the titles of the events on the island, and in no other text.
    pub(crate) const WORD: &str = "hydrophone";
    /// Where the island lies, degrees north and east: no other event within 50 km.
    pub(crate) const ISLAND: (f64, f64) = (48.46, -5.09);
    /// A town where every tenth event takes place.
    pub(crate) const TOWN: (f64, f64) = (50.846, 4.352);

    /// `profiles`: those of [`Corpus::profile_names`], in that order.
    pub(crate) fn new(today: Day, zone: Zone, profiles: Vec<ProfileId>) -> Result<Self> {
        let mut draw = Draw::new(0);
        let words = (0..WORDS).map(|_| word(&mut draw)).collect();
        let places = (0..PLACES)
            .map(|number| place(&mut draw, number))
            .collect::<Result<_>>()?;
        let island = NewPlace {
            name: plain("Maison du phare")?,
            locality: plain("Ouessant")?,
            point: Point::new(Self::ISLAND.0, Self::ISLAND.1),
            ..NewPlace::default()
        };
        Ok(Self {
            today,
            zone,
            profiles,
            places,
            island,
            words,
        })
    }

    /// The names of the profiles that events are announced by; the first is [`Corpus::FEED`].
    pub(crate) fn profile_names() -> Result<Vec<Handle>> {
        let others = (1..PROFILES).map(|number| Handle::new(&format!("asso{number:03}")));
        std::iter::once(Handle::new(Self::FEED)).chain(others).collect()
    }

    /// The words that are used most, `most` of them.
    pub(crate) fn common_words(&self, most: usize) -> impl Iterator<Item = &str> {
        self.words.iter().take(most).map(String::as_str)
    }

    /// The entry with this number. Those of the feed and of the island come first.
    pub(crate) fn entry(&self, number: usize) -> Result<Entry> {
        let draw = &mut Draw::new(u64::try_from(number).unwrap_or(0).wrapping_add(1));
        let organizer = |at: usize| self.profiles.get(at).copied().unwrap_or(ProfileId(uuid::Uuid::nil()));
        if number < OF_FEED {
            let (day, place) = (1 + draw.below(300), self.town(draw));
            return Self::event(
                draw,
                organizer(0),
                self.hours(day.cast_signed()),
                self.content(place, None),
            );
        }
        let by = organizer(1 + draw.below(PROFILES - 1));
        if number < OF_FEED + ON_ISLAND {
            let day = 1 + draw.below(30);
            let content = self.content(self.island.clone(), Some(Self::WORD));
            return Self::event(draw, by, self.hours(day.cast_signed()), content);
        }
        let place = self.town(draw);
        if draw.below(A_SERIES_IN) == 0 {
            return self.series(draw, by, self.content(place, None));
        }
        let day = draw.below(DAYS_BACK + DAYS_AHEAD).cast_signed() - DAYS_BACK.cast_signed();
        Self::event(draw, by, self.some_length(day), self.content(place, None))
    }

    /// A tenth of the places lies in and around one town.
    fn town(&self, draw: &mut Draw) -> NewPlace {
        draw.of(&self.places).cloned().unwrap_or_default()
    }

    fn event(
        draw: &mut Draw,
        by: ProfileId,
        schedule: impl Fn(&mut Draw) -> Schedule,
        content: impl Fn(&mut Draw) -> Result<Content>,
    ) -> Result<Entry> {
        Ok(Entry::Event(Box::new(NewEvent {
            organizer: by,
            group: Some(by),
            schedule: schedule(draw),
            content: content(draw)?,
            ical_uid: None,
        })))
    }

    fn series(&self, draw: &mut Draw, by: ProfileId, content: impl Fn(&mut Draw) -> Result<Content>) -> Result<Entry> {
        // All dates lie within the 400 days to both sides for which rows are made.
        let first = self.day(draw.below(600).cast_signed() - 390);
        Ok(Entry::Series(Box::new(NewSeries {
            organizer: by,
            group: Some(by),
            recurrence: Recurrence {
                rule: Some(Rule::parse(&format!("FREQ=WEEKLY;COUNT={DATES}"))?),
                start: first.midnight().plus_seconds(19 * 3_600),
                zone: self.zone.clone(),
                all_day: false,
                added: Vec::new(),
                skipped: Vec::new(),
            },
            duration_s: Some(7_200),
            content: content(draw)?,
            ical_uid: None,
        })))
    }

    fn day(&self, days: isize) -> Day {
        self.today.plus_days(i32::try_from(days).unwrap_or(0))
    }

    /// A few hours on a day.
    fn hours(&self, days: isize) -> impl Fn(&mut Draw) -> Schedule {
        let day = self.day(days);
        move |draw| {
            let begin = day.midnight().plus_seconds(seconds(draw, 8, 14));
            self.schedule(begin, begin.plus_seconds(seconds(draw, 1, 4)), false)
        }
    }

    /// Mostly hours; some last for days, a few for weeks.
    fn some_length(&self, days: isize) -> impl Fn(&mut Draw) -> Schedule {
        move |draw| {
            let begin = self.day(days).midnight();
            match draw.below(100) {
                0 => self.schedule(begin, begin.plus_days(10 + small(draw.below(80))), true),
                1..=7 => self.schedule(begin, begin.plus_days(2 + small(draw.below(5))), true),
                8..=10 => self.schedule(begin, begin.plus_days(1), true),
                _ => self.hours(days)(draw),
            }
        }
    }

    fn schedule(&self, begin: LocalDateTime, end: LocalDateTime, all_day: bool) -> Schedule {
        Schedule {
            begin,
            end: Some(end),
            zone: self.zone.clone(),
            all_day,
        }
    }

    fn content(&self, place: NewPlace, word: Option<&'static str>) -> impl Fn(&mut Draw) -> Result<Content> {
        move |draw| {
            let title = format!("{} {}", self.text(draw, 4), word.unwrap_or_default());
            let paragraphs: Vec<String> = (0..2 + draw.below(3))
                .map(|_| {
                    let words = 20 + draw.below(50);
                    self.text(draw, words)
                })
                .collect();
            let mut tags = Vec::new();
            for _ in 0..draw.below(5) {
                let word = self.words.get(draw.common(TAGS));
                tags.push(plain(word.map_or("", String::as_str))?);
            }
            Ok(Content {
                description: RichText::from_plain(&paragraphs.join("\n\n")),
                category: draw.of(Category::ALL).copied().unwrap_or(Category::Meeting),
                language: Language::parse("fr"),
                attendance: Attendance::InPerson,
                place: Some(place.clone()),
                tags,
                ..Content::titled(plain(title.trim())?)
            })
        }
    }

    fn text(&self, draw: &mut Draw, words: usize) -> String {
        let words = (0..words).filter_map(|_| self.words.get(draw.common(WORDS)));
        words.map(String::as_str).collect::<Vec<_>>().join(" ")
    }
}

/// Towns of the gazetteer: every tenth place in [`Corpus::TOWN`], the others between Brest, Nice and Liège.
fn place(draw: &mut Draw, number: usize) -> Result<NewPlace> {
    let mut share = |from: f64, to: f64| {
        let part = u32::try_from(draw.below(100_000)).map_or(0.0, |part| f64::from(part) / 100_000.0);
        from + part * (to - from)
    };
    let (lat, lon) = match number % 10 {
        0 => (
            share(Corpus::TOWN.0 - 0.05, Corpus::TOWN.0 + 0.05),
            share(Corpus::TOWN.1 - 0.08, Corpus::TOWN.1 + 0.08),
        ),
        _ => (share(43.5, 51.0), share(-3.5, 7.0)),
    };
    let point = Point::new(lat, lon);
    let town = point.and_then(|point| Gazetteer::bundled().nearest(point, 500.0));
    let locality = town.map_or("Ailleurs", |town| town.name);
    Ok(NewPlace {
        name: plain(&format!("Salle {number}"))?,
        street: plain(&format!("Rue du Moulin {}", 1 + number % 80))?,
        postal_code: plain(town.and_then(|town| town.postal_codes().next()).unwrap_or_default())?,
        locality: plain(locality)?,
        point,
        ..NewPlace::default()
    })
}

fn word(draw: &mut Draw) -> String {
    let syllables = 1 + draw.below(4);
    (0..syllables).filter_map(|_| draw.of(&SYLLABLES).copied()).collect()
}

fn seconds(draw: &mut Draw, from: i64, more: usize) -> i64 {
    3_600 * (from + i64::from(small(draw.below(more))))
}

fn small(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(0)
}

fn plain(text: &str) -> Result<PlainText> {
    PlainText::new("bench", text, 200)
}
