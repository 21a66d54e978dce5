//! The process that decodes one picture: bytes on its standard input, [`super::protocol`] on its standard output, and the
//! reason of a refusal in its exit status.
//!
//! It takes away from itself, before it reads a byte, what a decoder does not need: memory beyond half a gigabyte, more
//! than two seconds of the processor, files, sockets, further processes.

use super::{protocol, render};
use domain::{media, ports::PictureError};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    io::{self, Read, Write},
    process::ExitCode,
};

/// The argument that makes this program a worker.
pub const COMMAND: &str = "picture-worker";

/// Memory that the process may ask for. The program itself, which is mapped from its file, does not count.
const MOST_MEMORY: u64 = 512 * 1024 * 1024;
/// Seconds of the processor.
const MOST_SECONDS: u64 = 2;

/// A refusal as an exit status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal(PictureError);

impl Refusal {
    const CODES: [(PictureError, u8); 4] = [
        (PictureError::Unreadable, 10),
        (PictureError::TooLarge, 11),
        (PictureError::TooHeavy, 12),
        (PictureError::Unavailable, 13),
    ];

    pub(super) fn from_code(code: i32) -> Option<Self> {
        let known = Self::CODES.iter().find(|(_, known)| i32::from(*known) == code);
        known.map(|(reason, _)| Self(*reason))
    }

    pub(super) fn reason(self) -> PictureError {
        self.0
    }

    fn code(self) -> u8 {
        let known = Self::CODES.iter().find(|(reason, _)| *reason == self.0);
        known.map_or(1, |(_, code)| *code)
    }
}

/// The whole life of the process. To be called before anything else happens in `main`: no thread, no file, no log.
pub fn main() -> ExitCode {
    match work() {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => ExitCode::from(Refusal(reason).code()),
    }
}

fn work() -> Result<(), PictureError> {
    confine().map_err(|_refused| PictureError::Unavailable)?;
    let mut bytes = Vec::new();
    let most = media::MOST_BYTES as u64 + 1;
    let read = io::stdin().lock().take(most).read_to_end(&mut bytes);
    read.map_err(|_broken| PictureError::Unavailable)?;
    let picture = render::render(&bytes)?;
    let mut out = io::stdout().lock();
    protocol::write(&mut out, &picture)
        .and_then(|()| out.flush())
        .map_err(|_broken| PictureError::Unavailable)
}

fn confine() -> rustix::io::Result<()> {
    for (resource, most) in [
        (Resource::Data, MOST_MEMORY),
        (Resource::Cpu, MOST_SECONDS),
        (Resource::Nofile, 3),
        (Resource::Nproc, 0),
        (Resource::Fsize, 0),
        (Resource::Core, 0),
    ] {
        // A stricter limit from outside stays.
        let most = getrlimit(resource).maximum.map_or(most, |limit| limit.min(most));
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_comes_through_the_exit_status() {
        for (reason, code) in Refusal::CODES {
            assert_eq!(Refusal(reason).code(), code);
            assert_eq!(Refusal::from_code(code.into()).map(Refusal::reason), Some(reason));
        }
        assert_eq!(Refusal::from_code(0), None);
    }
}
