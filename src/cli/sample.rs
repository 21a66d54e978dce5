//! `kermesse sample`: an empty site gets a neighbourhood with its events.

use super::Outcome;
use crate::{
    app::{App, Use},
    config::Config,
    jobs,
    sample::Sample,
    worker::Worker,
};
use api::page::front;
use bytes::Bytes;
use domain::{Error, error::Reason, id::MediaId, media, ports::Picture};
use std::{borrow::Cow, process::ExitCode};

pub(super) async fn run(config: Config) -> Outcome {
    let app = App::open(config, Use::Beside)?;
    let sample = Sample::read()?;
    let mut keys = Vec::with_capacity(sample.profiles());
    for _ in 0..sample.profiles() {
        keys.push(app.services.keys.mint().await?);
    }
    let written = app.db.write(move |tx| sample.write(tx, &keys)).await;
    let written = match written {
        Ok(written) => written,
        Err(Error::Conflict(Reason::NameTaken)) => {
            println!("The sample is there already, or its names are taken; nothing was written.");
            return Ok(ExitCode::SUCCESS);
        }
        Err(other) => return Err(other.into()),
    };
    println!("The sample is there: {} events and series.", written.entries);
    let mut pictures = 0;
    for (id, name) in written.pictures {
        pictures += usize::from(bring(&app, id, &name).await?);
    }
    println!("{pictures} pictures were read.");
    // So that the search finds everything at once, with or without a server beside.
    let begun = Worker::new(app.db.clone(), jobs::handlers(&app.db, &app.services, 3600))
        .run_due()
        .await?;
    println!("{begun} jobs were done.");
    Ok(ExitCode::SUCCESS)
}

/// Reads a picture of the front end as one that somebody sends is read, and completes its row. Answers whether it could
/// be had: an event without one gets a drawn cover.
async fn bring(app: &App, id: MediaId, name: &str) -> Result<bool, Error> {
    let picture = render(app, name).await;
    if let Some(picture) = &picture {
        for (key, bytes) in media::files::to_keep(id, picture) {
            app.services.files.put(&key, bytes).await.map_err(Error::internal)?;
        }
    }
    let brought = picture.is_some();
    app.db
        .write(move |tx| match &picture {
            Some(picture) => media::record_ready(tx, id, picture),
            None => media::record_failed(tx, id),
        })
        .await?;
    Ok(brought)
}

async fn render(app: &App, name: &str) -> Option<Picture> {
    let Some(bytes) = front::sample_picture(name) else {
        tracing::warn!(name, "the front end has no such picture");
        return None;
    };
    let bytes = match bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    let rendered = app.services.pictures.render(bytes).await;
    rendered
        .inspect_err(|error| tracing::warn!(name, %error, "a picture of the sample cannot be read"))
        .ok()
}
