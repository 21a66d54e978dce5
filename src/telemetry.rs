//! What the program tells its operator: the log, figures, and the numbers by which a fault is found again.
//!
//! Messages can be read alone and carry the same identifiers as fields. Nothing of a reader is logged: no address, no
//! user agent, no body, no token.

use crate::config::{Log, LogFormat};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{fs, io::IsTerminal, sync::OnceLock};
use tracing_subscriber::{fmt::layer, layer::SubscriberExt, util::SubscriberInitExt};

/// Bounds, in seconds, of the groups that durations are counted in.
const BUCKETS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

/// Starts the log. A second call changes nothing.
pub fn start_log(log: &Log) {
    let registry = tracing_subscriber::registry().with(log.level.filter());
    let colours = std::io::stderr().is_terminal();
    let started = match log.format {
        LogFormat::Text => registry
            .with(layer().with_ansi(colours).with_writer(std::io::stderr))
            .try_init(),
        LogFormat::Json => registry.with(layer().json().with_writer(std::io::stderr)).try_init(),
    };
    if started.is_ok() {
        std::panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            let text = panic.payload_as_str().unwrap_or("(no text)");
            tracing::error!(place, "a panic: {text}");
        }));
    }
}

/// The figures of this process, which `metrics` keeps in one place.
#[derive(Clone)]
pub struct Figures(PrometheusHandle);

impl Figures {
    /// Starts to count; a further call answers the same figures.
    pub fn start() -> Self {
        static STARTED: OnceLock<PrometheusHandle> = OnceLock::new();
        let handle = STARTED.get_or_init(|| {
            let builder = PrometheusBuilder::new();
            let builder = builder.set_buckets(&BUCKETS).unwrap_or_default();
            let recorder = builder.build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("something else counts already: /metrics stays empty");
            }
            handle
        });
        metrics::gauge!("kermesse_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Self(handle.clone())
    }

    /// Brings the histograms up to date, which would otherwise keep each single duration. Every few seconds.
    pub fn tidy(&self) {
        self.0.run_upkeep();
    }

    /// The figures, in the text format of Prometheus.
    pub fn render(&self) -> String {
        if let Some(bytes) = resident_bytes() {
            metrics::gauge!("process_resident_memory_bytes").set(bytes);
        }
        if let Ok(files) = fs::read_dir("/proc/self/fd") {
            metrics::gauge!("process_open_fds").set(float(files.count()));
        }
        self.0.render()
    }
}

/// Memory of this process that is in RAM. Pages are 4 KiB on the processors that we build for.
fn resident_bytes() -> Option<f64> {
    let statm = fs::read_to_string("/proc/self/statm").ok()?;
    statm
        .split(' ')
        .nth(1)?
        .parse::<u32>()
        .ok()
        .map(|pages| f64::from(pages) * 4096.0)
}

/// A count as `metrics` wants it.
pub(crate) fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
