//! Kermesse: configuration, wiring, workers and the command line. No rule lives here.

pub mod adapters;
pub mod app;
pub mod backup;
pub mod calendars;
pub mod check;
pub mod cli;
pub mod config;
pub mod doors;
pub mod heaps;
pub mod jobs;
pub mod listener;
pub mod lock;
pub mod router;
pub mod sample;
pub mod schedule;
pub mod telemetry;
pub mod worker;
