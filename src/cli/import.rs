//! `kermesse import ics`: a calendar comes in, once or as a subscription, or is only looked at.

use crate::{
    adapters::clock::SystemClock,
    app::{self, App, StartError, Use},
    calendars::{self, Arrived, CalendarError, Outcome},
    config::Config,
};
use clap::Args;
use domain::{
    Error,
    calendar_source::{self, CalendarSource, NewSource, Version},
    caller::Caller,
    event::import::{self, Moment, Note, Occurrence, Reading},
    id::ProfileId,
    ports::Clock as _,
    profile::{self, Kind, NewProfile},
    text::{Handle, PlainText, RichText},
    time::{Day, Zone},
};
use serde::Serialize;
use std::{
    io::{self, IsTerminal, Write},
    path::Path,
};
use url::Url;

/// Bring the events of a calendar (iCalendar).
#[derive(Debug, Args)]
pub(super) struct Import {
    /// A file, an address (https://…, webcal://…), or - for the standard input.
    calendar: String,
    /// Read the address again and again: changes and cancellations arrive by themselves.
    #[arg(long, conflicts_with = "preview")]
    subscribe: bool,
    /// The @name of the profile that announces the events; made if it is missing.
    #[arg(long, default_value = "agenda")]
    profile: String,
    /// The time zone of times that name none. Not given: the site's.
    #[arg(long)]
    zone: Option<String>,
    /// Write nothing; show the dates between --from and --to.
    #[arg(long)]
    preview: bool,
    /// The first day to show (2026-12-01). Not given: today.
    #[arg(long, requires = "preview")]
    from: Option<String>,
    /// The day after the last one to show. Not given: two years later.
    #[arg(long, requires = "preview")]
    to: Option<String>,
    /// Answer as JSON, for programs.
    #[arg(long)]
    json: bool,
}

/// `2026-12-05` or `2026-12-05 19:00`, for people.
fn by_the_clock(moment: Moment, zone: &Zone) -> String {
    match moment {
        Moment::Day(day) => format!("{day}      "),
        Moment::Instant(instant) => {
            let local = zone.local(instant).to_string();
            local.get(..16).unwrap_or(&local).replace('T', " ")
        }
    }
}

/// Why an import did not happen, in words for who asked for it.
#[derive(Debug, thiserror::Error)]
pub(super) enum ImportError {
    /// The file.
    #[error("The file {0} cannot be read: {1}.")]
    File(String, io::Error),
    /// The address.
    #[error("{0} is no address that can be fetched: give https://… or webcal://… of a public server, or a file.")]
    Address(String),
    /// A file to subscribe to.
    #[error("Only an address can be subscribed to: give https://… or webcal://….")]
    NoAddress,
    /// A calendar that is not read by itself.
    #[error("{0} is not subscribed to for @{1}; `kermesse import list` shows what is.")]
    NoSubscription(String, String),
    /// An option.
    #[error("--{0} {1}: this cannot be read; {2}.")]
    Option(&'static str, String, &'static str),
    /// The calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// The site does not open.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Our side.
    #[error(transparent)]
    Ours(#[from] Error),
    /// Writing the answer.
    #[error("The answer cannot be written: {0}.")]
    Output(#[from] io::Error),
}

/// What a program reads.
#[derive(Serialize)]
struct Answer<'a> {
    refused: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    name: Option<&'a str>,
    zone: Option<&'a str>,
    complete: bool,
    /// How many dates there are between the days asked for, cancelled ones included.
    occurrences: usize,
    cancelled: usize,
    /// The first six of them.
    first: &'a [Occurrence],
    /// All of them.
    events: &'a [Occurrence],
    notes: &'a [Note],
}

/// The dates that [`Answer::first`] shows.
const FIRST: usize = 6;

impl Import {
    /// Runs the command; false: the calendar was refused, and why was said. A preview opens no database.
    ///
    /// # Errors
    /// See [`ImportError`].
    pub(super) async fn run(&self, config: Config) -> Result<bool, ImportError> {
        let zone = self.zone(&config)?;
        let url = self.url()?;
        match self.read(&config, url.as_ref(), zone.clone()).await {
            Ok((reading, _)) if self.preview => self.show(&reading, &zone).map(|()| true),
            Ok((reading, version)) => {
                let app = App::open(config, Use::Beside)?;
                self.bring(&app, reading, (url, zone, version)).await.map(|()| true)
            }
            Err(ImportError::Calendar(error)) if self.json => Self::refuse(&error).map(|()| false),
            Err(error) => Err(error),
        }
    }

    async fn read(&self, config: &Config, url: Option<&Url>, zone: Zone) -> Result<(Reading, Version), ImportError> {
        let arrived = match url {
            Some(url) => {
                let web = app::web(config)?;
                calendars::fetch(&web, url, Version::default())
                    .await?
                    .ok_or(CalendarError::Gone)?
            }
            None => Arrived {
                bytes: read_file(&self.calendar)?,
                version: Version::default(),
            },
        };
        let reading = calendars::read(arrived.bytes, zone, SystemClock.now()).await?;
        Ok((reading, arrived.version))
    }

    fn zone(&self, config: &Config) -> Result<Zone, ImportError> {
        let Some(name) = &self.zone else {
            return Ok(config.site.zone.clone());
        };
        Zone::named(name)
            .map_err(|_unreadable| ImportError::Option("zone", name.clone(), "give a name such as Europe/Brussels"))
    }

    fn url(&self) -> Result<Option<Url>, ImportError> {
        if self.calendar.contains("://") {
            return address(&self.calendar).map(Some);
        }
        if self.subscribe {
            Err(ImportError::NoAddress)
        } else {
            Ok(None)
        }
    }

    fn refuse(error: &CalendarError) -> Result<(), ImportError> {
        let answer = Answer {
            refused: true,
            error: Some(error.to_string()),
            name: None,
            zone: None,
            complete: false,
            occurrences: 0,
            cancelled: 0,
            first: &[],
            events: &[],
            notes: &[],
        };
        print(&answer)
    }

    fn show(&self, reading: &Reading, zone: &Zone) -> Result<(), ImportError> {
        let today = zone.local(SystemClock.now()).day();
        let day = |name, text: &Option<String>, otherwise| match text {
            Some(text) => text
                .parse::<Day>()
                .map_err(|_unreadable| ImportError::Option(name, text.clone(), "give a day such as 2026-12-01")),
            None => Ok(otherwise),
        };
        let from = day("from", &self.from, today)?;
        let to = day("to", &self.to, from.plus_days(2 * 365))?;
        let events = import::preview(reading, from, to, zone);
        if self.json {
            return print(&Answer {
                refused: false,
                error: None,
                name: reading.name.as_ref().map(PlainText::as_str),
                zone: reading.zone.as_ref().map(Zone::name),
                complete: reading.complete,
                occurrences: events.len(),
                cancelled: events
                    .iter()
                    .filter(|one| one.status == domain::event::Status::Cancelled)
                    .count(),
                first: events.get(..FIRST).unwrap_or(&events),
                events: &events,
                notes: &reading.notes,
            });
        }
        let mut out = io::stdout().lock();
        for one in &events {
            writeln!(out, "{}  {}", by_the_clock(one.start, zone), one.summary)?;
        }
        let count = events.len();
        writeln!(
            out,
            "{count} dates from {from} to {to}, by the clock of {}. Nothing was written.",
            zone.name()
        )?;
        tell(&mut out, &reading.notes)
    }

    async fn bring(
        &self,
        app: &App,
        reading: Reading,
        (url, zone, version): (Option<Url>, Zone, Version),
    ) -> Result<(), ImportError> {
        let name = reading.name.clone().unwrap_or_default();
        let profile = profile(app, &self.profile, &name).await?;
        let new = NewSource {
            profile,
            url,
            name,
            zone,
            subscribed: self.subscribe,
        };
        let source = app
            .db
            .write(move |tx| calendar_source::open(tx, &Caller::System, new))
            .await?;
        let show = io::stderr().is_terminal();
        let progress = move |done: usize, all: usize| {
            if show {
                // A terminal that is closed in the meantime is no reason to stop.
                drop(write!(io::stderr(), "\r{done} of {all}"));
            }
        };
        let outcome = calendars::bring(&app.db, &source, reading, &progress).await?;
        if show {
            writeln!(io::stderr())?;
        }
        let every = i64::from(app.config.calendars.refresh_minutes) * 60;
        let (read, subscribe) = (source.clone(), self.subscribe);
        app.db
            .write(move |tx| {
                calendar_source::record_read(tx, &read, &version)?;
                if subscribe {
                    calendar_source::job::schedule(tx, read.id, every)
                } else {
                    Ok(())
                }
            })
            .await?;
        self.report(&source, &outcome)
    }

    fn report(&self, source: &CalendarSource, outcome: &Outcome) -> Result<(), ImportError> {
        let brought = &outcome.brought;
        if self.json {
            let refused: Vec<&String> = brought.refused.iter().map(|(uid, _)| uid).collect();
            return print(&serde_json::json!({
                "refused": false,
                "created": brought.created,
                "updated": brought.updated,
                "unchanged": brought.unchanged,
                "cancelled": outcome.cancelled,
                "notImported": refused,
                "notes": outcome.notes,
                "subscribed": self.subscribe,
                "source": source.id,
            }));
        }
        let mut out = io::stdout().lock();
        writeln!(
            out,
            "{} new, {} changed, {} as before, {} cancelled because the calendar has them no more.",
            brought.created, brought.updated, brought.unchanged, outcome.cancelled
        )?;
        for (uid, fields) in &brought.refused {
            writeln!(out, "- {uid}: not imported; {}", Error::Invalid(fields.clone()))?;
        }
        tell(&mut out, &outcome.notes)?;
        if self.subscribe {
            writeln!(out, "The calendar is read again by itself while `kermesse serve` runs.")?;
        }
        Ok(())
    }
}

/// An address that can be fetched, in its one writing.
pub(super) fn address(text: &str) -> Result<Url, ImportError> {
    domain::web::fetchable("calendar", text).map_err(|_unreadable| ImportError::Address(text.to_owned()))
}

/// The @name of a profile.
pub(super) fn handle(name: &str) -> Result<Handle, ImportError> {
    Handle::new(name).map_err(|_unreadable| {
        let wanted = "up to 30 letters a to z, digits and _, and no name that the site needs itself";
        ImportError::Option("profile", name.to_owned(), wanted)
    })
}

fn tell(out: &mut impl Write, notes: &[Note]) -> Result<(), ImportError> {
    for note in notes {
        writeln!(out, "- {note}")?;
    }
    Ok(())
}

pub(super) fn print(answer: &impl Serialize) -> Result<(), ImportError> {
    let text = serde_json::to_string_pretty(answer).map_err(Error::internal)?;
    Ok(writeln!(io::stdout(), "{text}")?)
}

/// Reads a file or the standard input, one byte more than allowed at most: what is too large is refused, not cut.
fn read_file(path: &str) -> Result<bytes::Bytes, ImportError> {
    use io::Read;
    let failed = |error| ImportError::File(path.to_owned(), error);
    let mut bytes = Vec::new();
    let most = import::MOST_BYTES as u64 + 1;
    if path == "-" {
        io::stdin().take(most).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        std::fs::File::open(Path::new(path))
            .map_err(failed)?
            .take(most)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    }
    Ok(bytes.into())
}

/// The profile of this name, made with its keys if it is missing; it is then called as the calendar calls itself.
async fn profile(app: &App, name: &str, calendar: &PlainText) -> Result<ProfileId, ImportError> {
    let handle = handle(name)?;
    let wanted = handle.clone();
    match app.db.read(move |tx| profile::named(tx, &wanted)).await {
        Ok(profile) => return Ok(profile.id),
        Err(Error::NotFound(_)) => {}
        Err(other) => return Err(other.into()),
    }
    let keys = app.services.keys.mint().await?;
    let new = NewProfile {
        kind: Kind::Group,
        display_name: PlainText::bent(
            if calendar.is_empty() {
                handle.as_str()
            } else {
                calendar.as_str()
            },
            200,
        ),
        name: handle,
        summary: RichText::default(),
        zone: None,
        language: None,
    };
    let made = app
        .db
        .write(move |tx| profile::create(tx, &Caller::System, new, &keys))
        .await?;
    Ok(made.id)
}
