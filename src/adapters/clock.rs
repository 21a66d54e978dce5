//! The clock of the machine.

use domain::{ports::Clock, time::Instant};
use std::time::SystemTime;

/// The clock of the machine, in microseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock port")]
    fn now(&self) -> Instant {
        Instant::from_utc(SystemTime::now().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_on_and_is_of_our_days() {
        let first = SystemClock.now();
        assert!(first.rfc3339().as_str() > "2026-01-01");
        assert!(SystemClock.now() >= first);
    }
}
