//! The sample: a neighbourhood's events with dates around today, for a first look and for tests in a browser.

use domain::{
    caller::Caller,
    db::Tx,
    error::{Error, Result},
    event::{
        self, Attendance, Category, Content, EventPatch, NewEvent, Schedule, Status,
        series::{self, NewSeries},
    },
    id::{MediaId, ProfileId},
    media,
    place::{NewPlace, Point},
    ports::KeyPair,
    profile::{self, Kind, NewProfile},
    text::{Handle, Language, PlainText, RichText},
    time::{
        Day, LocalDateTime, Zone,
        recurrence::{Recurrence, Rule},
    },
};
use serde::Deserialize;
use std::collections::HashMap;

const TEXT: &str = include_str!("sample.toml");
const SYSTEM: Caller = Caller::System;

/// The sample as it is written in `sample.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    site: Site,
    profile: Vec<SampleProfile>,
    place: Vec<SamplePlace>,
    event: Vec<SampleEvent>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Site {
    zone: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleProfile {
    name: String,
    title: String,
    language: String,
    about: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SamplePlace {
    key: String,
    name: String,
    #[serde(default)]
    street: String,
    postal_code: String,
    town: String,
    country: String,
    at: [f64; 2],
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleEvent {
    by: String,
    title: String,
    text: String,
    category: String,
    #[serde(default)]
    tags: Vec<String>,
    language: Option<String>,
    status: Option<String>,
    place: Option<String>,
    online: Option<String>,
    /// The name of a picture of the front end, see [`api::page::front::sample_picture`].
    picture: Option<String>,
    /// What the picture shows, in the language of the event.
    #[serde(default)]
    alt: String,
    day: Option<i32>,
    weekday: Option<i8>,
    #[serde(default)]
    week: i32,
    begin: Option<String>,
    end: Option<String>,
    #[serde(default)]
    all_day: bool,
    #[serde(default)]
    days: i32,
    repeat: Option<String>,
    /// Which dates of a series are left out, the first is 0.
    #[serde(default)]
    skip: Vec<usize>,
    /// Which dates of a series are cancelled.
    #[serde(default)]
    cancel: Vec<usize>,
    /// Which dates of a series are moved.
    #[serde(default, rename = "move")]
    moved: Vec<Moved>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moved {
    date: usize,
    day: i32,
    begin: String,
    end: String,
}

/// What was written.
#[derive(Debug, Default)]
pub struct Written {
    /// Events and series, a series counting as one.
    pub entries: usize,
    /// Pictures that events wait for, with their names.
    pub pictures: Vec<(MediaId, String)>,
}

impl Sample {
    /// Reads `sample.toml`.
    ///
    /// # Errors
    /// `Internal` where it is not as it should be.
    pub fn read() -> Result<Self> {
        toml::from_str(TEXT).map_err(Error::internal)
    }

    /// How many profiles it has: each needs a pair of keys.
    pub fn profiles(&self) -> usize {
        self.profile.len()
    }

    /// Writes profiles, events and series. The pictures are only reserved: their bytes are read outside.
    ///
    /// # Errors
    /// Those of the use cases; `Conflict(NameTaken)` where the sample is there already.
    pub fn write(&self, tx: &mut Tx<'_>, keys: &[KeyPair]) -> Result<Written> {
        let zone = Zone::named(&self.site.zone)?;
        let mut profiles = HashMap::new();
        for (one, keys) in self.profile.iter().zip(keys) {
            profiles.insert(one.name.as_str(), (one.create(tx, keys, &zone)?, one.language.as_str()));
        }
        let places: HashMap<&str, NewPlace> = self
            .place
            .iter()
            .map(|one| Ok((one.key.as_str(), one.read()?)))
            .collect::<Result<_>>()?;
        let today = zone.local(tx.now()).day();
        let mut written = Written::default();
        for one in &self.event {
            let Some((profile, language)) = profiles.get(one.by.as_str()) else {
                return Err(missing(&one.by));
            };
            let place = match &one.place {
                Some(key) => Some(places.get(key.as_str()).cloned().ok_or_else(|| missing(key))?),
                None => None,
            };
            let mut content = one.content(place, one.language.as_deref().unwrap_or(language))?;
            if let Some(name) = &one.picture {
                let id = media::reserve(tx, &SYSTEM, plain(&one.alt)?, *profile)?;
                content.picture = Some(id);
                written.pictures.push((id, name.clone()));
            }
            one.create(tx, *profile, content, one.schedule(today, &zone)?)?;
            written.entries += 1;
        }
        Ok(written)
    }
}

fn missing(key: &str) -> Error {
    Error::bug(format!("the sample has no {key}"))
}

fn plain(text: &str) -> Result<PlainText> {
    PlainText::new("sample", text, 200)
}

impl SampleProfile {
    fn create(&self, tx: &mut Tx<'_>, keys: &KeyPair, zone: &Zone) -> Result<ProfileId> {
        let new = NewProfile {
            kind: Kind::Group,
            name: Handle::new(&self.name)?,
            display_name: plain(&self.title)?,
            summary: RichText::from_plain(&self.about),
            zone: Some(zone.clone()),
            language: Language::parse(&self.language),
        };
        profile::create(tx, &SYSTEM, new, keys).map(|profile| profile.id)
    }
}

impl SamplePlace {
    fn read(&self) -> Result<NewPlace> {
        let [lat, lon] = self.at;
        Ok(NewPlace {
            name: plain(&self.name)?,
            street: plain(&self.street)?,
            postal_code: plain(&self.postal_code)?,
            locality: plain(&self.town)?,
            country: plain(&self.country)?,
            point: Point::new(lat, lon),
            ..NewPlace::default()
        })
    }
}

impl SampleEvent {
    fn content(&self, place: Option<NewPlace>, language: &str) -> Result<Content> {
        let online = self
            .online
            .as_deref()
            .map(|text| event::web_address("online", text))
            .transpose()?;
        Ok(Content {
            description: RichText::from_plain(&self.text),
            status: self
                .status
                .as_deref()
                .map_or(Some(Status::Confirmed), Status::parse)
                .ok_or_else(|| missing("status"))?,
            category: Category::parse(&self.category).ok_or_else(|| missing(&self.category))?,
            language: Language::parse(language),
            attendance: match (&place, &online) {
                (Some(_), Some(_)) => Attendance::Hybrid,
                (None, Some(_)) => Attendance::Online,
                _ => Attendance::InPerson,
            },
            online_address: online,
            place,
            tags: self.tags.iter().map(|tag| plain(tag)).collect::<Result<_>>()?,
            ..Content::titled(plain(&self.title)?)
        })
    }

    fn schedule(&self, today: Day, zone: &Zone) -> Result<Schedule> {
        let day = match (self.day, self.weekday) {
            (Some(days), _) => today.plus_days(days),
            (None, Some(weekday)) => {
                let ahead = i32::from((weekday - today.days_from_monday()).rem_euclid(7));
                today.plus_days(ahead + 7 * self.week)
            }
            (None, None) => return Err(missing("day")),
        };
        let clock = |text: &str| at(day, text);
        let (begin, end) = if self.all_day {
            (day.midnight(), Some(day.plus_days(self.days.max(1)).midnight()))
        } else {
            let begin = self
                .begin
                .as_deref()
                .map(clock)
                .transpose()?
                .ok_or_else(|| missing("begin"))?;
            (begin, self.end.as_deref().map(clock).transpose()?)
        };
        Schedule {
            begin,
            end,
            zone: zone.clone(),
            all_day: self.all_day,
        }
        .checked()
    }

    fn create(&self, tx: &mut Tx<'_>, profile: ProfileId, content: Content, schedule: Schedule) -> Result<()> {
        match &self.repeat {
            Some(rule) => self.repeated(tx, profile, content, &schedule, rule),
            None => {
                let new = NewEvent {
                    organizer: profile,
                    group: Some(profile),
                    schedule,
                    content,
                    ical_uid: None,
                };
                event::create(tx, &SYSTEM, new).map(drop)
            }
        }
    }

    fn repeated(
        &self,
        tx: &mut Tx<'_>,
        profile: ProfileId,
        content: Content,
        schedule: &Schedule,
        rule: &str,
    ) -> Result<()> {
        let dates = dates(rule, schedule)?;
        let recurrence = Recurrence {
            rule: Some(Rule::parse(rule)?),
            start: dates.first().copied().unwrap_or(schedule.begin),
            zone: schedule.zone.clone(),
            all_day: schedule.all_day,
            added: Vec::new(),
            skipped: self.skip.iter().filter_map(|at| dates.get(*at).copied()).collect(),
        };
        let new = NewSeries {
            organizer: profile,
            group: Some(profile),
            recurrence,
            duration_s: schedule.duration(),
            content,
            ical_uid: None,
        };
        let series = series::create(tx, &SYSTEM, new)?.id;
        let key = |date: &LocalDateTime| series::key(*date, schedule.all_day);
        for date in self.cancel.iter().filter_map(|at| dates.get(*at)) {
            let date = series::occurrence(tx, &SYSTEM, series, &key(date))?;
            event::cancel(tx, &SYSTEM, date.id)?;
        }
        for (moved, date) in self
            .moved
            .iter()
            .filter_map(|moved| Some((moved, dates.get(moved.date)?)))
        {
            let row = series::occurrence(tx, &SYSTEM, series, &key(date))?;
            let day = date.day().plus_days(moved.day);
            let (begin, end) = (at(day, &moved.begin)?, Some(at(day, &moved.end)?));
            let schedule = Schedule {
                begin,
                end,
                zone: schedule.zone.clone(),
                all_day: false,
            };
            event::update(
                tx,
                &SYSTEM,
                row.id,
                EventPatch {
                    schedule: Some(schedule),
                    ..EventPatch::default()
                },
            )?;
        }
        Ok(())
    }
}

/// The dates of a rule from the day of the schedule on; the day itself only where the rule says nothing else.
fn dates(rule: &str, schedule: &Schedule) -> Result<Vec<LocalDateTime>> {
    let all = Recurrence {
        rule: Some(Rule::parse(rule)?),
        start: schedule.begin,
        zone: schedule.zone.clone(),
        all_day: schedule.all_day,
        added: Vec::new(),
        skipped: if rule.contains("BYDAY=") {
            vec![schedule.begin]
        } else {
            Vec::new()
        },
    };
    all.between(schedule.begin, schedule.begin.plus_days(400))
}

fn at(day: Day, clock: &str) -> Result<LocalDateTime> {
    format!("{day}T{clock}").parse()
}
