//! `kermesse sample`: an empty site gets a neighbourhood with its events.

use super::Outcome;
use crate::{
    app::{App, Use},
    config::Config,
    jobs,
    sample::Sample,
    worker::Worker,
};
use domain::{Error, error::Reason};
use std::process::ExitCode;

pub(super) async fn run(config: Config) -> Outcome {
    let app = App::open(config, Use::Beside)?;
    let sample = Sample::read()?;
    let mut keys = Vec::with_capacity(sample.profiles());
    for _ in 0..sample.profiles() {
        keys.push(app.services.keys.mint().await?);
    }
    let written = app.db.write(move |tx| sample.write(tx, &keys)).await;
    match written {
        Ok(entries) => println!("The sample is there: {entries} events and series."),
        Err(Error::Conflict(Reason::NameTaken)) => {
            println!("The sample is there already, or its names are taken; nothing was written.");
            return Ok(ExitCode::SUCCESS);
        }
        Err(other) => return Err(other.into()),
    }
    // So that the search finds everything at once, with or without a server beside.
    let begun = Worker::new(app.db.clone(), jobs::handlers(&app.db, &app.services, 3600))
        .run_due()
        .await?;
    println!("{begun} jobs were done.");
    Ok(ExitCode::SUCCESS)
}
