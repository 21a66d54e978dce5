//! Tables of what was measured, in the form of `docs/developer/performance.md`.

use crate::{load::Taken, server::Memory, writes::Written};
use std::{fs, time::Duration};

/// One round of a case.
pub(crate) struct Round {
    pub(crate) taken: Taken,
    /// Processor time of the server during it.
    pub(crate) processor: Duration,
}

impl Round {
    /// Microseconds of processor for an answer.
    fn cost(&self) -> f64 {
        self.processor.as_secs_f64() * 1e6 / crate::load::count(self.taken.answers.max(1))
    }
}

/// A case with its rounds.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) connections: usize,
    pub(crate) rounds: Vec<Round>,
}

impl Row {
    /// The most answers a second of a round: what others do on the machine only takes away.
    pub(crate) fn rate(&self) -> f64 {
        self.rounds.iter().map(|round| round.taken.rate()).fold(0.0, f64::max)
    }

    /// Microseconds of processor for an answer, the median of the rounds.
    pub(crate) fn cost(&self) -> f64 {
        let mut costs: Vec<f64> = self.rounds.iter().map(Round::cost).collect();
        costs.sort_by(f64::total_cmp);
        costs.get(costs.len() / 2).copied().unwrap_or_default()
    }

    /// The least of all rounds.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let all = self.rounds.iter().map(|round| round.taken.percentile(percent));
        all.min().unwrap_or_default()
    }

    fn size(&self) -> usize {
        self.rounds.first().map_or(0, |round| round.taken.size())
    }
}

/// Prints the table of a site.
pub(crate) fn answers(title: &str, rows: &[Row]) {
    println!("\n{title}\n");
    println!("| what is asked | connections | answers/s | p50 ms | p99 ms | CPU µs | bytes |");
    println!("|---|--:|--:|--:|--:|--:|--:|");
    for row in rows {
        println!(
            "| {} | {} | {:.0} | {:.2} | {:.2} | {:.0} | {} |",
            row.name,
            row.connections,
            row.rate(),
            millis(row.percentile(50)),
            millis(row.percentile(99)),
            row.cost(),
            row.size(),
        );
    }
}

/// Prints what a case costs more than another.
pub(crate) fn compared(rows: &[Row], name: &str, with: &str) {
    let find = |name: &str| rows.iter().find(|row| row.name == name);
    if let (Some(row), Some(with)) = (find(name), find(with)) {
        let (cost, rate) = (row.cost() / with.cost(), with.rate() / row.rate());
        println!(
            "\n{name} against {}: {cost:.2} times the CPU, 1/{rate:.2} of the rate.",
            with.name
        );
    }
}

/// Prints memory and the first answers.
pub(crate) fn process(memory: Memory, first: &[(&str, Duration)]) {
    let mib = |bytes: u64| bytes >> 20;
    println!(
        "\nResident under load: {} MiB, of which {} MiB are heap and stacks.",
        mib(memory.resident),
        mib(memory.anonymous)
    );
    for (path, took) in first {
        println!(
            "From the start of the program to the answer to `{path}`: {:.0} ms.",
            millis(*took)
        );
    }
}

/// Prints the writes.
pub(crate) fn writes(title: &str, rows: &[Written]) {
    println!("\n{title}\n");
    println!("| write | acknowledged/s | p99 ms |\n|---|--:|--:|");
    for row in rows {
        println!("| {} | {:.0} | {:.1} |", row.name, row.rate, millis(row.p99));
    }
}

/// What else the machine does: runnable processes, the mean of the last minute.
pub(crate) fn machine_load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
