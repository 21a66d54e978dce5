//! One JavaScript runtime with SvelteKit's server in it, bounded in memory, stack and time.
//!
//! It stays on the thread that made it and answers one request at a time. After an error it may be in any state: throw
//! it away.

use super::natives::{self, FetchText, Text};
use rquickjs::{CatchResultExt, Context, Ctx, Function, Promise, Runtime};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{cell::Cell, fmt, rc::Rc, time::Duration};

/// What a runtime may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of JavaScript's heap.
    pub memory: usize,
    /// Bytes of JavaScript's stack.
    pub stack: usize,
    /// Of the processor for one render, without its fetches: a machine that is busy with other things fails no page.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 48 << 20,
            stack: 512 << 10,
            time: Duration::from_secs(1),
        }
    }
}

/// A page to render.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    /// The whole address, on the site's own host.
    pub url: String,
    /// `GET`: HEAD is rendered like it.
    pub method: &'static str,
    /// Nothing of the reader's: a page is made for all.
    pub headers: [(&'static str, &'static str); 1],
    /// What the page is told beside the request.
    pub platform: Platform,
}

/// `event.platform` of SvelteKit; `App.Platform` in `frontend/src/app.d.ts`.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Platform {
    /// The language of the page.
    pub locale: &'static str,
    /// `/fr` where the address asked for the language: links keep it; else empty.
    pub prefix: &'static str,
    /// When the page is read.
    pub clock: Reading,
    /// The name of the site.
    pub site_name: String,
}

/// A moment, and what the clock of the site shows then.
#[derive(Debug, Clone, Serialize)]
pub struct Reading {
    /// RFC 3339, UTC.
    pub instant: String,
    /// `2026-12-05T18:00:00`.
    pub local: String,
}

/// What SvelteKit answers.
#[derive(Debug, Clone, Deserialize)]
pub struct Reply {
    /// Status of HTTP.
    pub status: u16,
    /// Names and values, as sent.
    pub headers: Vec<(String, String)>,
    /// HTML.
    #[serde(deserialize_with = "lossy")]
    pub body: String,
}

/// Why there is no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Crash {
    /// JavaScript used up its time.
    #[error("the time is over")]
    Timeout,
    /// The page waits for something that nobody will do.
    #[error("the page never settles")]
    Unsettled,
    /// An error that SvelteKit did not turn into a page, or an engine that does not start.
    #[error("{0}")]
    Script(String),
}

/// The time of the processor that JavaScript has left on this thread. It stands still during a fetch.
#[derive(Debug, Default)]
pub(super) struct Stopwatch {
    ends: Cell<Option<Duration>>,
    expired: Cell<bool>,
}

impl Stopwatch {
    /// What this thread has used of the processor since it began.
    fn now() -> Duration {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::try_from(time).unwrap_or_default()
    }

    fn start(&self, time: Duration) {
        self.ends.set(Some(Self::now() + time));
        self.expired.set(false);
    }

    fn stop(&self) {
        self.ends.set(None);
    }

    /// Runs a fetch, whose time does not count.
    pub(super) fn without<T>(&self, fetch: impl FnOnce() -> T) -> T {
        let begun = Self::now();
        let result = fetch();
        let took = Self::now().saturating_sub(begun);
        self.ends.set(self.ends.get().map(|at| at + took));
        result
    }

    /// Whether it has run out; stays true until it is started again.
    fn is_over(&self) -> bool {
        if self.ends.get().is_some_and(|at| Self::now() > at) {
            self.expired.set(true);
        }
        self.expired.get()
    }
}

/// A runtime that has evaluated the server's script.
pub(super) struct Engine {
    // Before `runtime`: fields are dropped in order, and a context is part of its runtime.
    context: Context,
    runtime: Runtime,
    stopwatch: Rc<Stopwatch>,
    time: Duration,
}

impl Engine {
    /// Starts a runtime and evaluates `script`, which defines `globalThis.handle`.
    pub(super) fn start(
        script: &str,
        fetch: FetchText,
        limits: Limits,
        stopwatch: Rc<Stopwatch>,
    ) -> Result<Self, Crash> {
        let failed = |error: rquickjs::Error| Crash::Script(format!("the engine does not start: {error}"));
        let runtime = Runtime::new().map_err(failed)?;
        runtime.set_memory_limit(limits.memory);
        runtime.set_max_stack_size(limits.stack);
        let clock = stopwatch.clone();
        runtime.set_interrupt_handler(Some(Box::new(move || clock.is_over())));
        let context = Context::full(&runtime).map_err(failed)?;
        let engine = Self {
            context,
            runtime,
            stopwatch,
            time: limits.time,
        };
        engine.timed(|ctx| {
            natives::install(ctx, fetch)?;
            ctx.eval::<(), _>(script)
        })?;
        Ok(engine)
    }

    /// Renders one page.
    pub(super) fn handle(&self, request: &Request) -> Result<Reply, Crash> {
        let script = |error: serde_json::Error| Crash::Script(error.to_string());
        let request = serde_json::to_string(request).map_err(script)?;
        let reply = self.timed(|ctx| call(ctx, request, &self.stopwatch))?;
        serde_json::from_str(&reply).map_err(script)
    }

    /// Runs what the last page left behind, so that none of it runs in the next one, which another person may read.
    /// False: it does not end.
    pub(super) fn settle(&self) -> bool {
        if !self.runtime.is_job_pending() {
            return true;
        }
        self.timed(|ctx| {
            while !self.stopwatch.is_over() && ctx.execute_pending_job() {}
            Ok(())
        })
        .is_ok()
    }

    /// Bytes of JavaScript's heap.
    #[cfg(test)]
    pub(super) fn memory(&self) -> i64 {
        self.runtime.memory_usage().memory_used_size
    }

    fn timed<T>(&self, run: impl FnOnce(&Ctx<'_>) -> rquickjs::Result<T>) -> Result<T, Crash> {
        self.stopwatch.start(self.time);
        let result = self
            .context
            .with(|ctx| run(&ctx).catch(&ctx).map_err(|error| explain(&error)));
        let late = self.stopwatch.is_over();
        self.stopwatch.stop();
        if late { Err(Crash::Timeout) } else { result }
    }
}

/// Calls `handle` and runs what it queues until its promise is kept.
fn call(ctx: &Ctx<'_>, request: String, stopwatch: &Stopwatch) -> rquickjs::Result<String> {
    let handle: Function = ctx.globals().get("handle")?;
    let promise: Promise = handle.call((request,))?;
    loop {
        if let Some(reply) = promise.result::<Text>() {
            return reply.map(|text| text.0);
        }
        // Jobs that queue each other for ever are each too short to be interrupted.
        if stopwatch.is_over() || !ctx.execute_pending_job() {
            return Err(rquickjs::Error::WouldBlock);
        }
    }
}

fn explain(error: &rquickjs::CaughtError<'_>) -> Crash {
    match error {
        rquickjs::CaughtError::Error(rquickjs::Error::WouldBlock) => Crash::Unsettled,
        // QuickJS leaves the message out of `stack`; this writes both.
        other => Crash::Script(other.to_string()),
    }
}

/// JSON may carry half of a surrogate pair, as `\ud83d`: a text of Rust cannot.
fn lossy<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct Bytes;
    impl de::Visitor<'_> for Bytes {
        type Value = String;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }
        fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<String, E> {
            Ok(String::from_utf8_lossy(bytes).into_owned())
        }
    }
    deserializer.deserialize_bytes(Bytes)
}
