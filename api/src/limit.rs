//! How often one address may do something. In memory only, and forgotten soon: addresses are not written anywhere.
//!
//! Each address has a bucket that drips (the generic cell rate algorithm): one number, the moment at which it is empty
//! again. Addresses of IPv6 count by /64, which is what one customer has. They are kept under a hash with a salt of this
//! run, so that a copy of the memory tells no addresses.

use domain::{Error, Result, time::Instant};
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// More addresses are not kept; the ones that have been quiet are forgotten first.
const MOST_ADDRESSES: usize = 50_000;

/// How often something may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// So often in a second, in the long run; at least once.
    pub per_second: u32,
    /// So often at once.
    pub burst: u32,
}

/// Counts what addresses do.
pub struct Limiter {
    rate: Rate,
    salt: RandomState,
    /// When each bucket is empty, in microseconds.
    empty_at: Mutex<HashMap<u64, i64>>,
}

impl Limiter {
    /// A limiter that has seen nobody yet.
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            salt: RandomState::new(),
            empty_at: Mutex::default(),
        }
    }

    /// Notes that an address does something `times` times at `now`.
    ///
    /// # Errors
    /// `RateLimited` where that is too often; it is not noted then.
    pub fn take(&self, who: IpAddr, times: u32, now: Instant) -> Result<()> {
        let drip = 1_000_000 / i64::from(self.rate.per_second.max(1));
        let (now, full) = (now.micros(), drip.saturating_mul(i64::from(self.rate.burst)));
        let mut buckets = self.empty_at.lock().unwrap_or_else(PoisonError::into_inner);
        let empty_at = buckets.get(&self.key(who)).copied().unwrap_or(now).max(now);
        let filled = empty_at.saturating_add(drip.saturating_mul(i64::from(times)));
        let overflow = filled.saturating_sub(now).saturating_sub(full);
        if overflow > 0 {
            let retry_after = u32::try_from(overflow / 1_000_000 + 1).unwrap_or(u32::MAX);
            return Err(Error::RateLimited { retry_after });
        }
        if buckets.len() >= MOST_ADDRESSES {
            buckets.retain(|_, empty_at| *empty_at > now);
        }
        if buckets.len() < MOST_ADDRESSES {
            buckets.insert(self.key(who), filled);
        }
        Ok(())
    }

    fn key(&self, who: IpAddr) -> u64 {
        match who.to_canonical() {
            IpAddr::V4(address) => self.salt.hash_one(address.octets()),
            IpAddr::V6(address) => self.salt.hash_one(address.octets().first_chunk::<8>()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        per_second: 2,
        burst: 3,
    };

    fn at(seconds: i64) -> Instant {
        Instant::from_micros(1_800_000_000_000_000)
            .unwrap()
            .plus_seconds(seconds)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_burst_is_served_and_then_the_rate() {
        let (limiter, ada) = (Limiter::new(RATE), address("192.0.2.1"));
        for _ in 0..3 {
            limiter.take(ada, 1, at(0)).unwrap();
        }
        assert!(matches!(
            limiter.take(ada, 1, at(0)),
            Err(Error::RateLimited { retry_after: 1 })
        ));
        limiter.take(ada, 2, at(1)).unwrap();
        assert!(limiter.take(ada, 1, at(1)).is_err());
        limiter.take(ada, 3, at(60)).unwrap();
    }

    #[test]
    fn more_at_once_than_a_burst_is_never_served() {
        let limiter = Limiter::new(RATE);
        assert!(limiter.take(address("192.0.2.1"), 4, at(0)).is_err());
        limiter.take(address("192.0.2.1"), 3, at(0)).unwrap();
    }

    #[test]
    fn others_are_not_held_up_and_a_network_of_ipv6_counts_as_one() {
        let limiter = Limiter::new(RATE);
        limiter.take(address("2001:db8::1"), 3, at(0)).unwrap();
        assert!(limiter.take(address("2001:db8::2"), 1, at(0)).is_err());
        limiter.take(address("2001:db8:0:1::1"), 1, at(0)).unwrap();
        limiter.take(address("192.0.2.1"), 3, at(0)).unwrap();
        assert!(limiter.take(address("::ffff:192.0.2.1"), 1, at(0)).is_err());
    }
}
