//! `kermesse import list` and `kermesse import unsubscribe`: the calendars that are read again by themselves.

use super::import::{ImportError, address, handle, print};
use crate::{
    app::{App, Use},
    config::Config,
};
use clap::Args;
use domain::{
    Error,
    calendar_source::{self, CalendarSource},
    caller::Caller,
    page::PageRequest,
    profile,
    time::{Instant, Zone},
};
use serde_json::json;
use std::{
    collections::HashMap,
    io::{self, Write},
};

/// Calendars that are read from the table at a time.
const AT_ONCE: i64 = 100;
/// Pages that are listed, at most.
const MOST_PAGES: i64 = 100;

/// List the calendars that are read again and again.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Answer as JSON, for programs.
    #[arg(long)]
    json: bool,
}

/// Read a calendar no more; the events that it brought stay.
#[derive(Debug, Args)]
pub(super) struct Unsubscribe {
    /// The address, as `kermesse import list` shows it.
    calendar: String,
    /// The @name of the profile that announces the events.
    #[arg(long, default_value = "agenda")]
    profile: String,
}

/// A calendar and the name of its profile.
type Subscription = (CalendarSource, String);

impl List {
    /// Runs the command.
    ///
    /// # Errors
    /// See [`ImportError`].
    pub(super) async fn run(&self, config: Config) -> Result<(), ImportError> {
        let zone = config.site.zone.clone();
        let app = App::open(config, Use::Beside)?;
        let all = subscriptions(&app).await?;
        if self.json {
            let all: Vec<_> = all.iter().map(for_programs).collect();
            return print(&all);
        }
        let mut out = io::stdout().lock();
        if all.is_empty() {
            writeln!(
                out,
                "No calendar is read by itself. To begin: kermesse import ics ADDRESS --subscribe"
            )?;
        }
        for one in &all {
            tell(&mut out, one, &zone)?;
        }
        Ok(())
    }
}

impl Unsubscribe {
    /// Runs the command.
    ///
    /// # Errors
    /// See [`ImportError`].
    pub(super) async fn run(&self, config: Config) -> Result<(), ImportError> {
        let (url, name) = (address(&self.calendar)?, handle(&self.profile)?);
        let app = App::open(config, Use::Beside)?;
        let ended = app
            .db
            .write(move |tx| {
                let profile = profile::named(tx, &name)?;
                calendar_source::unsubscribe(tx, &Caller::System, profile.id, &url)
            })
            .await;
        match ended {
            Ok(source) => {
                let address = source.url;
                writeln!(
                    io::stdout(),
                    "{address} is read no more. The events that it brought stay."
                )?;
                Ok(())
            }
            Err(Error::NotFound(_)) => Err(ImportError::NoSubscription(self.calendar.clone(), self.profile.clone())),
            Err(other) => Err(other.into()),
        }
    }
}

async fn subscriptions(app: &App) -> Result<Vec<Subscription>, ImportError> {
    let mut all = Vec::new();
    for page in 1..=MOST_PAGES {
        let some = app
            .db
            .read(move |tx| {
                let page = PageRequest::new(page, AT_ONCE);
                let sources = calendar_source::subscriptions(tx, &Caller::System, page)?;
                let ids: Vec<_> = sources.iter().map(|source| source.profile_id).collect();
                let profiles = profile::by_ids(tx, &ids)?;
                let names: HashMap<_, _> = profiles.into_iter().map(|one| (one.id, one.name.to_string())).collect();
                let named = |source: CalendarSource| {
                    let name = names.get(&source.profile_id).cloned().unwrap_or_default();
                    (source, name)
                };
                Ok(sources.into_iter().map(named).collect::<Vec<_>>())
            })
            .await?;
        if some.is_empty() {
            break;
        }
        all.extend(some);
    }
    Ok(all)
}

fn for_programs((source, profile): &Subscription) -> serde_json::Value {
    json!({
        "source": source.id,
        "address": source.url,
        "name": source.name,
        "profile": profile,
        "zone": source.zone.name(),
        "readAt": source.read_at.map(Instant::rfc3339),
        "failures": source.failures,
        "failure": source.failure,
    })
}

fn tell(out: &mut impl Write, (source, profile): &Subscription, zone: &Zone) -> io::Result<()> {
    writeln!(out, "{} --profile {profile}", source.url)?;
    if !source.name.is_empty() {
        writeln!(out, "  called {}", source.name)?;
    }
    match source.read_at {
        Some(at) => {
            let local = zone.local(at).to_string().replace('T', " ");
            writeln!(out, "  read {} ({})", local.get(..16).unwrap_or(&local), zone.name())?;
        }
        None => writeln!(out, "  not read yet")?,
    }
    if let Some(why) = &source.failure {
        writeln!(out, "  since then {} times in vain: {why}", source.failures)?;
    }
    Ok(())
}
