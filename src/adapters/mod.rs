//! What lies outside the process: one file for each port of `domain::ports`.

pub mod clock;
pub mod entropy;
pub mod files;
pub mod http;
pub mod keys;
pub mod pictures;
