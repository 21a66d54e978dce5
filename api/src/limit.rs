//! How often one address may do something. In memory only, and forgotten soon: addresses are not written anywhere.
//!
//! Each address has a bucket that drips (the generic cell rate algorithm): one number, the moment at which it is empty
//! again. Addresses of IPv6 count by /64, which is what one customer has. They are kept under a hash with a salt of this
//! run, so that a copy of the memory tells no addresses, and for no longer than their bucket is wet.
//!
//! Who asks is the request's extension [`Client`], as the listener found it out; a request without one is not counted,
//! as the queries that pages ask in the process.

use crate::error::HttpError;
use axum::{
    extract::{Request, State},
    http::Extensions,
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::{Error, Result, ports::Clock, time::Instant};
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

/// More addresses are not kept; whoever comes then is not counted.
const MOST_ADDRESSES: usize = 50_000;
/// Microseconds after which those who have been quiet are forgotten.
const SWEEP: i64 = 60_000_000;

/// Where a request comes from: the peer of its connection, or whom a proxy of the site's own names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client(pub IpAddr);

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
    clock: Arc<dyn Clock>,
    salt: RandomState,
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    /// When each is empty, in microseconds.
    empty_at: HashMap<u64, i64>,
    swept_at: i64,
}

impl Limiter {
    /// A limiter that has seen nobody yet.
    pub fn new(rate: Rate, clock: Arc<dyn Clock>) -> Self {
        Self {
            rate,
            clock,
            salt: RandomState::new(),
            buckets: Mutex::default(),
        }
    }

    /// Notes that a client does something `times` times.
    ///
    /// # Errors
    /// `RateLimited` where that is too often; it is not noted then.
    pub fn take(&self, who: Client, times: u32) -> Result<()> {
        self.take_at(who, times, self.clock.now())
    }

    fn take_at(&self, who: Client, times: u32, now: Instant) -> Result<()> {
        let drip = 1_000_000 / i64::from(self.rate.per_second.max(1));
        let (now, full) = (now.micros(), drip.saturating_mul(i64::from(self.rate.burst)));
        let key = self.key(who);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back leaves nobody with a bucket that is full for years.
        let wet = buckets
            .empty_at
            .get(&key)
            .copied()
            .filter(|empty_at| *empty_at - now <= full);
        let filled = wet
            .unwrap_or(now)
            .max(now)
            .saturating_add(drip.saturating_mul(i64::from(times)));
        let overflow = filled.saturating_sub(now).saturating_sub(full);
        if overflow > 0 {
            let retry_after = u32::try_from((overflow - 1) / 1_000_000 + 1).unwrap_or(u32::MAX);
            return Err(Error::RateLimited { retry_after });
        }
        buckets.sweep(now);
        if buckets.empty_at.len() < MOST_ADDRESSES {
            buckets.empty_at.insert(key, filled);
        }
        Ok(())
    }

    fn key(&self, who: Client) -> u64 {
        match who.0.to_canonical() {
            IpAddr::V4(address) => self.salt.hash_one(address.octets()),
            IpAddr::V6(address) => self.salt.hash_one(address.octets().first_chunk::<8>()),
        }
    }
}

impl Buckets {
    fn sweep(&mut self, now: i64) {
        if now.saturating_sub(self.swept_at).saturating_abs() >= SWEEP {
            self.empty_at.retain(|_, empty_at| *empty_at > now);
            self.swept_at = now;
        }
    }
}

/// A layer that counts each request once, and refuses in plain words those that come too often.
pub async fn each(State(limiter): State<Option<Arc<Limiter>>>, request: Request, next: Next) -> Response {
    match once(limiter.as_deref(), request.extensions()) {
        Ok(()) => next.run(request).await,
        Err(error) => HttpError(error).into_response(),
    }
}

/// Counts a request once, by what the server noted of it.
///
/// # Errors
/// `RateLimited`.
pub fn once(limiter: Option<&Limiter>, of: &Extensions) -> Result<()> {
    match (limiter, of.get::<Client>()) {
        (Some(limiter), Some(client)) => limiter.take(*client, 1),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::db::testing::FrozenClock;

    const RATE: Rate = Rate {
        per_second: 2,
        burst: 3,
    };

    fn limiter() -> (Limiter, Arc<FrozenClock>) {
        let clock = FrozenClock::at("2026-12-01T12:00", "Europe/Brussels");
        (Limiter::new(RATE, clock.clone()), clock)
    }

    fn client(text: &str) -> Client {
        Client(text.parse().unwrap())
    }

    #[test]
    fn a_burst_is_served_and_then_the_rate() {
        let ((limiter, clock), ada) = (limiter(), client("192.0.2.1"));
        for _ in 0..3 {
            limiter.take(ada, 1).unwrap();
        }
        assert!(matches!(
            limiter.take(ada, 1),
            Err(Error::RateLimited { retry_after: 1 })
        ));
        clock.advance(1);
        limiter.take(ada, 2).unwrap();
        assert!(limiter.take(ada, 1).is_err());
        clock.advance(59);
        limiter.take(ada, 3).unwrap();
    }

    #[test]
    fn who_waits_as_long_as_was_said_is_served() {
        let ((limiter, clock), ada) = (limiter(), client("192.0.2.1"));
        limiter.take(ada, 3).unwrap();
        let Err(Error::RateLimited { retry_after }) = limiter.take(ada, 3) else {
            panic!("served")
        };
        assert_eq!(retry_after, 2);
        clock.advance(i64::from(retry_after));
        limiter.take(ada, 3).unwrap();
    }

    #[test]
    fn more_at_once_than_a_burst_is_never_served() {
        let (limiter, _) = limiter();
        assert!(limiter.take(client("192.0.2.1"), 4).is_err());
        limiter.take(client("192.0.2.1"), 3).unwrap();
    }

    #[test]
    fn others_are_not_held_up_and_a_network_of_ipv6_counts_as_one() {
        let (limiter, _) = limiter();
        limiter.take(client("2001:db8::1"), 3).unwrap();
        assert!(limiter.take(client("2001:db8::2"), 1).is_err());
        limiter.take(client("2001:db8:0:1::1"), 1).unwrap();
        limiter.take(client("192.0.2.1"), 3).unwrap();
        assert!(limiter.take(client("::ffff:192.0.2.1"), 1).is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let ((limiter, clock), ada) = (limiter(), client("192.0.2.1"));
        limiter.take(ada, 3).unwrap();
        clock.advance(-86_400);
        limiter.take(ada, 1).unwrap();
    }

    #[test]
    fn who_has_been_quiet_is_forgotten() {
        let (limiter, clock) = limiter();
        for number in 0..100 {
            limiter.take(client(&format!("192.0.2.{number}")), 1).unwrap();
        }
        clock.advance(61);
        limiter.take(client("198.51.100.1"), 1).unwrap();
        assert_eq!(limiter.buckets.lock().unwrap().empty_at.len(), 1);
    }
}
