//! Which jobs this program runs: those of the domain, and the care of the house.

use crate::{
    app::Services,
    calendars::CalendarError,
    schedule::{DAY, HOUR, Schedule},
    worker::Handlers,
};
use domain::{
    Error, Result,
    calendar_source::{self, job::RefreshCalendar},
    db::{Db, care},
    error::Reason,
    event::{
        moments::{self, ReckonMoments},
        series::{self, job::ExtendSeries},
    },
    id::MediaId,
    job::{self, Claimed, Job, Retry},
    media::{
        self,
        job::{FetchPicture, RemoveFiles},
    },
    ports::{Fetch, FetchError, Fetched, Picture, PictureError},
    search::{self, job::IndexEvent},
};
use serde::{Deserialize, Serialize};

/// How long a job that was given up is kept for administrators.
const DEAD_JOBS_KEPT: i64 = 30 * DAY;
/// Pictures that one look removes; the next look finds the rest.
const MOST_PICTURES: i64 = 100;

/// How each kind of job is run.
///
/// `refresh`: seconds after which a subscribed calendar is read again.
pub fn handlers(db: &Db, services: &Services, refresh: i64) -> Handlers {
    let handlers = Handlers::default()
        .inside(|tx, job: IndexEvent| search::index(tx, job.event))
        .inside(|tx, job: ExtendSeries| series::extend(tx, job.series).map(drop))
        .inside(|tx, job: ReckonMoments| moments::go_on(tx, job));
    care_of_the_house(calendars(pictures(handlers, services), services, refresh), db)
}

/// What comes back every hour or every day, each at its minute.
pub fn schedule() -> Schedule {
    Schedule::default()
        .every(HOUR, 7 * 60, LookForShortSeries)
        .every(HOUR, 37 * 60, RemovePictures)
        .every(HOUR, 47 * 60, ClearGone)
        .every(HOUR, 52 * 60, LookForCalendars)
        .every(DAY, 2 * HOUR + 17 * 60, Maintain)
        .every(DAY, 2 * HOUR + 37 * 60, ForgetDead)
}

/// Makes a job without content that comes back: its kind is its key.
///
/// `recurring!(/// Doc. Maintain, "database.maintain")` expands to `struct Maintain` and its `Job`.
macro_rules! recurring {
    ($(#[doc = $doc:literal])+ $name:ident, $kind:literal) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, Serialize, Deserialize)]
        struct $name;

        impl Job for $name {
            const KIND: &'static str = $kind;
            const RETRY: Retry = Retry::QUICK;
            fn dedupe_key(&self) -> Option<String> {
                Some(String::new())
            }
        }
    };
}

recurring!(
    /// Statistics for the planner; on SQLite, the log brought into the file.
    Maintain, "database.maintain"
);
recurring!(
    /// Deletes jobs that were given up long ago.
    ForgetDead, "job.forget_dead"
);
recurring!(
    /// Queues the making of rows for series whose rows end too soon.
    LookForShortSeries, "series.look"
);
recurring!(
    /// Removes pictures that nothing shows.
    RemovePictures, "media.remove_unused"
);

recurring!(
    /// Deletes what is gone from its calendar for a week.
    ClearGone, "calendar.clear_gone"
);
recurring!(
    /// Queues a reading of subscribed calendars that wait for none.
    LookForCalendars, "calendar.look"
);

fn care_of_the_house(handlers: Handlers, db: &Db) -> Handlers {
    let location = db.location().clone();
    handlers
        .sandwich(
            |_, Maintain| Ok(Some(())),
            move |()| {
                let location = location.clone();
                async move {
                    let care = tokio::task::spawn_blocking(move || care::maintain(&location));
                    care.await.map_err(Error::internal)?.map_err(Error::internal)
                }
            },
            |_, Maintain, ()| Ok(()),
        )
        .inside(|tx, ForgetDead| {
            let before = tx.now().plus_seconds(-DEAD_JOBS_KEPT);
            job::forget_dead(tx, before).map(drop)
        })
        .inside(|tx, LookForShortSeries| series::job::enqueue_due(tx).map(drop))
        .inside(|tx, RemovePictures| {
            let unused = media::unused(tx, MOST_PICTURES)?;
            media::remove_unused(tx, &unused).map(drop)
        })
}

/// Reads subscribed calendars again, and clears what is gone from them.
fn calendars(handlers: Handlers, services: &Services, refresh: i64) -> Handlers {
    let services = services.clone();
    handlers
        .outside::<RefreshCalendar, _>(move |db, job| read_again(db, job, services.clone(), refresh))
        .inside(|tx, ClearGone| calendar_source::clear_gone(tx).map(drop))
        .inside(move |tx, LookForCalendars| calendar_source::job::schedule_all(tx, refresh))
}

/// A calendar that cannot be read now is read again at its usual hour: its address may come back at any time.
async fn read_again(db: Db, job: Claimed, services: Services, refresh: i64) -> Result<()> {
    let RefreshCalendar { source: id } = job.payload()?;
    let source = match db.read(move |tx| calendar_source::by_id(tx, id)).await {
        Ok(source) if source.subscribed => source,
        Ok(_) | Err(Error::NotFound(_)) => return db.write(move |tx| job::finish(tx, &job)).await,
        Err(error) => return Err(error),
    };
    let failure = match crate::calendars::refresh(&db, &*services.web, &source).await {
        Ok(()) => None,
        // The database is away for a moment, or the program stops: this try counts for nothing.
        Err(CalendarError::Ours(error @ Error::Unavailable(_))) => return Err(error),
        Err(CalendarError::Ours(error)) => {
            tracing::error!(calendar.id = %id, %error, "a calendar could not be taken in");
            Some(CalendarError::Ours(error).code())
        }
        Err(failure) => {
            tracing::info!(calendar.id = %id, %failure, "a calendar cannot be read");
            Some(failure.code())
        }
    };
    db.write(move |tx| {
        if let Some(why) = failure {
            calendar_source::record_failure(tx, id, why)?;
        }
        calendar_source::job::schedule(tx, id, refresh)?;
        job::finish(tx, &job)
    })
    .await
}

fn pictures(handlers: Handlers, services: &Services) -> Handlers {
    let (fetching, removing) = (services.clone(), services.clone());
    handlers
        .outside::<FetchPicture, _>(move |db, job| fetch_picture(db, job, fetching.clone()))
        .sandwich(
            |_, job: RemoveFiles| Ok(Some(job.media)),
            move |id| {
                let files = removing.files.clone();
                async move {
                    for key in media::files::every_key(id) {
                        files.delete(&key).await?;
                    }
                    Ok(())
                }
            },
            |_, _: RemoveFiles, ()| Ok(()),
        )
}

/// Fetches a picture, re-encodes and keeps it. A failure that passes is tried again; a lasting or the last one is recorded.
async fn fetch_picture(db: Db, job: Claimed, services: Services) -> Result<()> {
    let FetchPicture { media: id } = job.payload()?;
    let Some(fetch) = db.read(move |tx| media::prepare(tx, id)).await? else {
        return db.write(move |tx| job::finish(tx, &job)).await;
    };
    let picture = match bring(&services, id, fetch).await {
        Ok(picture) => Some(picture),
        Err(failure) if failure.is_lasting() || job.tries() >= FetchPicture::RETRY.most => {
            tracing::info!(media.id = %id, %failure, "a picture is given up");
            None
        }
        Err(failure) => {
            tracing::debug!(media.id = %id, %failure, "a picture is tried again later");
            return Err(failure.into());
        }
    };
    db.write(move |tx| {
        match &picture {
            Some(picture) => media::record_ready(tx, id, picture)?,
            None => media::record_failed(tx, id)?,
        }
        job::finish(tx, &job)
    })
    .await
}

async fn bring(services: &Services, id: MediaId, fetch: Fetch) -> std::result::Result<Picture, NoPicture> {
    let Fetched::Body { bytes, .. } = services.web.fetch(fetch).await.map_err(NoPicture::NotFetched)? else {
        return Err(NoPicture::Gone);
    };
    let picture = services.pictures.render(bytes).await.map_err(NoPicture::Refused)?;
    for (key, bytes) in media::files::to_keep(id, &picture) {
        services.files.put(&key, bytes).await.map_err(NoPicture::NotKept)?;
    }
    Ok(picture)
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
enum NoPicture {
    #[error("{0}")]
    NotFetched(FetchError),
    #[error("it is gone")]
    Gone,
    #[error("{0}")]
    Refused(PictureError),
    #[error("{0}")]
    NotKept(Error),
}

impl NoPicture {
    fn is_lasting(&self) -> bool {
        match self {
            Self::NotFetched(error) => error.is_lasting(),
            Self::Gone => true,
            Self::Refused(error) => error.is_lasting(),
            Self::NotKept(_) => false,
        }
    }
}

impl From<NoPicture> for Error {
    fn from(error: NoPicture) -> Self {
        match error {
            NoPicture::NotKept(error) => error,
            _ => Self::Unavailable(Reason::Remote),
        }
    }
}

#[cfg(test)]
mod tests;
