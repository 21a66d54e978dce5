//! Which function runs which kind of job.

use domain::{
    Result,
    db::{Db, Tx},
    job::{self, Claimed, Job, Retry},
};
use futures_util::future::BoxFuture;
use std::{collections::HashMap, future::Future, sync::Arc};

/// Jobs that wait for each other: a slow server elsewhere must not keep an event out of the search.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// What is done within the database.
    Inside,
    /// What talks to the outside.
    Outside,
}

impl Lane {
    /// The most jobs of the lane that run at once.
    pub(super) fn most(self) -> usize {
        match self {
            Self::Inside => 64, // as many as SQLite puts into one commit
            Self::Outside => 8,
        }
    }

    /// There is room for so many before more are claimed: each claim is a commit.
    pub(super) fn refill(self) -> usize {
        match self {
            Self::Inside => 32,
            Self::Outside => 1,
        }
    }
}

type Inside = Arc<dyn Fn(&mut Tx<'_>, &Claimed) -> Result<()> + Send + Sync>;
type Outside = Arc<dyn Fn(Db, Claimed) -> BoxFuture<'static, Result<()>> + Send + Sync>;

pub(super) enum Run {
    Inside(Inside),
    Outside(Outside),
}

pub(super) struct Handler {
    pub(super) retry: Retry,
    pub(super) run: Run,
}

/// The kinds of jobs that this program runs, and how.
#[derive(Default)]
pub struct Handlers {
    by_kind: HashMap<&'static str, Handler>,
    inside: Vec<&'static str>,
    outside: Vec<&'static str>,
}

impl Handlers {
    /// Jobs whose effect is in the database alone: `run` and the end of the job are one transaction.
    #[must_use]
    pub fn inside<J: Job>(mut self, run: impl Fn(&mut Tx<'_>, J) -> Result<()> + Send + Sync + 'static) -> Self {
        let run = move |tx: &mut Tx<'_>, job: &Claimed| {
            run(tx, job.payload()?)?;
            job::finish(tx, job)
        };
        self.inside.push(J::KIND);
        self.insert::<J>(Run::Inside(Arc::new(run)));
        self
    }

    /// Jobs that talk to the outside. `prepare` reads what is to be done, `None`: nothing any more; `perform` does it,
    /// and may happen twice; `record` and the end of the job are one transaction.
    #[must_use]
    pub fn sandwich<J, Work, Done, F>(
        self,
        prepare: impl Fn(&mut Tx<'_>, J) -> Result<Option<Work>> + Send + Sync + 'static,
        perform: impl Fn(Work) -> F + Send + Sync + 'static,
        record: impl Fn(&mut Tx<'_>, J, Done) -> Result<()> + Send + Sync + 'static,
    ) -> Self
    where
        J: Job,
        Work: Send + 'static,
        Done: Send + 'static,
        F: Future<Output = Result<Done>> + Send,
    {
        let steps = Arc::new((prepare, perform, record));
        self.outside::<J, _>(move |db, job| {
            let (first, last) = (steps.clone(), steps.clone());
            let asked = job.clone();
            async move {
                let work = db.read(move |tx| first.0(tx, asked.payload()?)).await?;
                let done = match work {
                    Some(work) => Some(last.1(work).await?),
                    None => None,
                };
                db.write(move |tx| {
                    if let Some(done) = done {
                        last.2(tx, job.payload()?, done)?;
                    }
                    job::finish(tx, &job)
                })
                .await
            }
        })
    }

    /// Jobs that talk to the outside in several steps. The last transaction of `run` must end the job by
    /// [`job::finish`]; whatever comes before may happen twice.
    #[must_use]
    pub fn outside<J: Job, F>(mut self, run: impl Fn(Db, Claimed) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.outside.push(J::KIND);
        self.insert::<J>(Run::Outside(Arc::new(move |db, job| Box::pin(run(db, job)))));
        self
    }

    fn insert<J: Job>(&mut self, run: Run) {
        let handler = Handler { retry: J::RETRY, run };
        if self.by_kind.insert(J::KIND, handler).is_some() {
            tracing::error!(kind = J::KIND, "two functions for one kind of job: the second counts");
        }
    }

    pub(super) fn get(&self, kind: &str) -> Option<&Handler> {
        self.by_kind.get(kind)
    }

    pub(super) fn kinds(&self, lane: Lane) -> &[&'static str] {
        match lane {
            Lane::Inside => &self.inside,
            Lane::Outside => &self.outside,
        }
    }
}
