//! `kermesse serve`: the site, its worker and its schedule, until a signal ends them.

use super::{Outcome, runtime};
use crate::{
    app::{App, Use},
    check,
    config::Config,
    doors, jobs, listener,
    router::router,
    telemetry::Figures,
    worker::Worker,
};
use domain::{Error, db::Location, event::moments, profile, text::Handle, time};
use std::{io, process::ExitCode, time::Duration};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

/// How often figures are brought together.
const TIDY: Duration = Duration::from_secs(5);
/// For threads that are still in a query when everything else has ended.
const LAST_QUERIES: Duration = Duration::from_secs(5);

pub(super) fn run(config: Config) -> Outcome {
    let runtime = runtime()?;
    let outcome = runtime.block_on(serve(config));
    runtime.shutdown_timeout(LAST_QUERIES);
    outcome
}

async fn serve(config: Config) -> Outcome {
    let signals = Signals::listen()?;
    let figures = Figures::start();
    let app = App::open(config, Use::Serve)?;
    if let Location::File(file) = app.db.location()
        && let Some(kind) = check::unsuited_disk(file)
    {
        tracing::warn!("the database lies on {kind}; move data_dir to a local disk");
    }
    let wanted = app.config.base.listen;
    let socket = listener::bind(wanted)
        .await
        .map_err(|error| format!("nothing can listen on {wanted}: {error}; set listen to a free address"))?;
    let address = socket.local_addr()?; // another one where any port was asked for
    let (stop, stopped) = watch::channel(false);
    make_actor(&app).await?;
    keep_readings(&app).await?;
    let doors = doors::open(&app)?;
    let router = router(&app, figures.clone(), doors);
    let refresh = i64::from(app.config.calendars.refresh_minutes) * 60;
    let worker = Worker::new(app.db.clone(), jobs::handlers(&app.db, &app.services, refresh));
    tracing::info!(%address, "the site is open at {}", app.config.base.public_url);
    tokio::join!(
        listener::serve(socket, router, &app.config.http, stopped.clone()),
        worker.run(stopped.clone()),
        jobs::schedule().run(app.db.clone(), stopped.clone()),
        tidy(figures, stopped),
        signals.obey(stop),
    );
    tracing::info!("the site is closed");
    Ok(ExitCode::SUCCESS)
}

/// The site's own actor, made at the first start.
async fn make_actor(app: &App) -> Result<(), Error> {
    match app.db.read(|tx| profile::named(tx, &Handle::of_site())).await {
        Err(Error::NotFound(_)) => {
            let keys = app.services.keys.mint().await?;
            app.db.write(move |tx| profile::site(tx, &keys)).await.map(drop)
        }
        other => other.map(drop),
    }
}

/// Where the program comes with another table of time zones, coming events are brought to it by a job.
async fn keep_readings(app: &App) -> Result<(), Error> {
    if app.db.write(moments::begin).await? {
        let version = time::tzdb_version();
        tracing::info!(
            version,
            "the moments of coming events are worked out with this table of time zones"
        );
    }
    Ok(())
}

/// The signals that ask for an end. From the moment that they are listened to, they end nothing by themselves.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Says stop on the first signal; the second ends the process at once.
    async fn obey(mut self, stop: watch::Sender<bool>) {
        self.next().await;
        tracing::info!("closing: requests and jobs that run are ended");
        stop.send_replace(true);
        tokio::spawn(async move {
            self.next().await;
            tracing::warn!("a second signal: ending at once");
            std::process::exit(1);
        });
    }
}

async fn tidy(figures: Figures, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow_and_update() {
        figures.tidy();
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(TIDY) => {}
        }
    }
}
