//! The threads that render pages, one engine each, and the queue before them.
//!
//! Order of what waits for what, never reversed: queue → render thread → fetch with its time → permit of a reader →
//! connection. A render thread may block: its reads of the database run on it, so no other thread is waited for.

use super::{
    engine::{Crash, Engine, Limits, Reply, Request, Stopwatch},
    fetch::{Answer, Fetch, Query},
    natives::FetchText,
};
use domain::{caller::Caller, db::Seen};
use metrics::{counter, histogram};
use std::{
    cell::{Cell, RefCell},
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};
use tokio::{runtime::Handle, sync::oneshot, time::timeout};

/// An engine is replaced after so many pages, whatever their fate.
const MOST_RENDERS: u32 = 20_000;
/// Beside JavaScript's stack, a fetch runs the API on that of the thread.
const NATIVE_STACK: usize = 8 << 20;

/// How many pages at once, and how long each may take.
#[derive(Debug, Clone, Copy)]
pub struct PoolSettings {
    /// Threads that render.
    pub threads: usize,
    /// Pages that wait for one; more are refused.
    pub waiting: usize,
    /// How long they wait.
    pub patience: Duration,
    /// For all fetches of a page.
    pub fetch_time: Duration,
    /// After the time of a page and of its fetches: loops inside of the engine's own functions cannot be interrupted.
    /// The reader is told to come back; the thread is back when the loop ends.
    pub grace: Duration,
    /// Of each engine.
    pub limits: Limits,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            threads: thread::available_parallelism().map_or(2, usize::from).max(2),
            waiting: 256,
            patience: Duration::from_secs(2),
            fetch_time: Duration::from_secs(3),
            grace: Duration::from_secs(1),
            limits: Limits::default(),
        }
    }
}

/// Why a page was not rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// Too many wait, or it waited too long: come back.
    #[error("too many pages wait")]
    Busy,
    /// A native loop runs on, or the program stops: come back.
    #[error("the render thread does not answer")]
    Stuck,
    /// The page failed; its engine is thrown away.
    #[error(transparent)]
    Crash(#[from] Crash),
}

struct Job {
    request: Request,
    caller: Caller,
    seen: Seen,
    asked: Instant,
    begun: oneshot::Sender<()>,
    reply: oneshot::Sender<Result<Reply, Crash>>,
}

/// The render threads. They end when this is dropped.
pub struct Pool {
    queue: mpsc::SyncSender<Job>,
    settings: PoolSettings,
}

impl Pool {
    /// Starts the threads. `script` defines `globalThis.handle`; `handle` is the runtime that a fetch waits on.
    ///
    /// # Errors
    /// Where a thread cannot start.
    pub fn start(
        settings: PoolSettings,
        script: &Arc<str>,
        fetch: &Arc<dyn Fetch>,
        handle: &Handle,
    ) -> io::Result<Self> {
        let (queue, jobs) = mpsc::sync_channel(settings.waiting);
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..settings.threads.max(1) {
            let (jobs, script, fetch, handle) = (jobs.clone(), script.clone(), fetch.clone(), handle.clone());
            thread::Builder::new()
                .name("render".into())
                .stack_size(settings.limits.stack + NATIVE_STACK)
                .spawn(move || {
                    domain::db::read_inline_on_this_thread();
                    Worker::new(settings, jobs, script, fetch, handle).run();
                })?;
        }
        Ok(Self { queue, settings })
    }

    /// Renders a page for `caller`, noting in `seen` what is read for it.
    ///
    /// # Errors
    /// See [`RenderError`].
    pub async fn render(&self, request: Request, caller: Caller, seen: Seen) -> Result<Reply, RenderError> {
        let (begun, start) = oneshot::channel();
        let (reply, result) = oneshot::channel();
        let asked = Instant::now();
        let job = Job {
            request,
            caller,
            seen,
            asked,
            begun,
            reply,
        };
        if self.queue.try_send(job).is_err() {
            return Err(RenderError::Busy);
        }
        let Ok(Ok(())) = timeout(self.settings.patience, start).await else {
            return Err(RenderError::Busy);
        };
        let longest = self.settings.limits.time + self.settings.fetch_time + self.settings.grace;
        match timeout(longest, result).await {
            Ok(Ok(result)) => Ok(result?),
            Ok(Err(_)) | Err(_) => Err(RenderError::Stuck),
        }
    }
}

/// For whom the page that is rendered now is, and how long its fetches took.
struct Current {
    caller: Caller,
    seen: Seen,
}

struct Worker {
    settings: PoolSettings,
    jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
    script: Arc<str>,
    fetch: FetchText,
    current: Rc<RefCell<Option<Current>>>,
    fetched: Rc<Cell<Duration>>,
    stopwatch: Rc<Stopwatch>,
}

impl Worker {
    fn new(
        settings: PoolSettings,
        jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
        script: Arc<str>,
        fetch: Arc<dyn Fetch>,
        handle: Handle,
    ) -> Self {
        let (current, fetched, stopwatch) = (Rc::default(), Rc::default(), Rc::default());
        let api = Api {
            fetch,
            handle,
            time: settings.fetch_time,
            current: Rc::clone(&current),
            fetched: Rc::clone(&fetched),
            stopwatch: Rc::clone(&stopwatch),
        };
        Self {
            settings,
            jobs,
            script,
            fetch: Rc::new(move |request: &str| api.answer(request).to_json()),
            current,
            fetched,
            stopwatch,
        }
    }

    fn run(&self) {
        let mut engine = None;
        let mut renders = 0;
        loop {
            if engine.is_none() {
                renders = 0;
                engine = self.engine().inspect_err(|error| tracing::error!(%error)).ok();
            }
            let Some(job) = self.next() else { return };
            renders += 1;
            if !self.answer(&mut engine, job) || renders >= MOST_RENDERS {
                engine = None;
            }
        }
    }

    fn next(&self) -> Option<Job> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
    }

    fn engine(&self) -> Result<Engine, Crash> {
        counter!("kermesse_page_engines_total").increment(1);
        Engine::start(
            &self.script,
            self.fetch.clone(),
            self.settings.limits,
            self.stopwatch.clone(),
        )
    }

    /// Renders one page and answers. False: the engine is not to be used again.
    fn answer(&self, engine: &mut Option<Engine>, job: Job) -> bool {
        let late = job.asked.elapsed() > self.settings.patience;
        if late || job.begun.send(()).is_err() {
            return true; // the reader left, or was told to come back
        }
        let begun = Instant::now();
        let (caller, seen) = (job.caller, job.seen);
        *self.current.borrow_mut() = Some(Current { caller, seen });
        self.fetched.set(Duration::ZERO);
        let result = catch_unwind(AssertUnwindSafe(|| self.render(engine, &job.request)));
        // What the page left undone asks nothing in anybody's name.
        self.current.replace(None);
        let result = result.unwrap_or_else(|_| Err(Crash::Script("a native function panicked".into())));
        histogram!("kermesse_page_render_seconds").record(begun.elapsed().as_secs_f64());
        // A database that is busy makes a page with 503: no fault of the engine's.
        let sound = result.as_ref().is_ok_and(|reply| reply.status != 500);
        // Nobody listening any more is no fault.
        drop(job.reply.send(result));
        sound && engine.as_ref().is_some_and(Engine::settle)
    }

    fn render(&self, engine: &mut Option<Engine>, request: &Request) -> Result<Reply, Crash> {
        match engine {
            Some(engine) => engine.handle(request),
            None => engine.insert(self.engine()?).handle(request),
        }
    }
}

/// Answers the fetches of a page.
struct Api {
    fetch: Arc<dyn Fetch>,
    handle: Handle,
    time: Duration,
    current: Rc<RefCell<Option<Current>>>,
    fetched: Rc<Cell<Duration>>,
    stopwatch: Rc<Stopwatch>,
}

impl Api {
    fn answer(&self, request: &str) -> Answer {
        let Some(query) = Query::read(request) else {
            return Answer::empty(404);
        };
        let current = self.current.borrow();
        let Some(Current { caller, seen }) = current.as_ref() else {
            return Answer::empty(403);
        };
        let begun = Instant::now();
        let left = self.time.saturating_sub(self.fetched.get());
        let run = self.fetch.run(query, caller.clone(), seen.clone());
        let wait = || self.handle.block_on(async { timeout(left, run).await });
        let answer = self.stopwatch.without(wait);
        self.fetched.set(self.fetched.get() + begun.elapsed());
        answer.unwrap_or_else(|_| {
            tracing::warn!("a page's query took too long");
            Answer::empty(503)
        })
    }
}
