//! How many connections each address has.

use super::proxies::Proxies;
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// The connections of each address; in memory only, and forgotten when they end.
pub(super) struct Counts {
    most: u32,
    uncounted: Arc<Proxies>,
    open: Mutex<HashMap<IpAddr, u32>>,
}

impl Counts {
    pub(super) fn new(most: u32, uncounted: Arc<Proxies>) -> Arc<Self> {
        Arc::new(Self {
            most,
            uncounted,
            open: Mutex::default(),
        })
    }

    /// A place for one more connection, `None` where the address has too many. Dropping it gives it back.
    pub(super) fn enter(counts: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = address.to_canonical();
        if counts.uncounted.contains(address) {
            return Some(Place(None));
        }
        let network = network(address);
        let mut open = counts.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(network).or_default();
        if *count >= counts.most {
            return None;
        }
        *count += 1;
        drop(open);
        Some(Place(Some((counts.clone(), network))))
    }
}

/// An address of IPv6 stands for its /64: who has one has all of them.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (!0 << 64)).into(),
    }
}

/// The place of one connection.
pub(super) struct Place(Option<(Arc<Counts>, IpAddr)>);

impl Drop for Place {
    fn drop(&mut self) {
        let Some((counts, network)) = &self.0 else { return };
        let mut open = counts.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(network) {
            *count -= 1;
            if *count == 0 {
                open.remove(network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(counts: &Arc<Counts>, address: &str) -> Option<Place> {
        Counts::enter(counts, address.parse().expect("an address"))
    }

    fn counts(most: u32, proxies: &[&str]) -> Arc<Counts> {
        let proxies: Vec<IpAddr> = proxies.iter().map(|one| one.parse().expect("an address")).collect();
        Counts::new(most, Arc::new(Proxies::new(&proxies)))
    }

    #[test]
    fn an_address_has_so_many_places_and_gets_them_back() {
        let counts = counts(2, &[]);
        let held: Vec<_> = (0..2).map(|_| enter(&counts, "192.0.2.1").expect("a place")).collect();
        assert!(enter(&counts, "192.0.2.1").is_none());
        assert!(
            enter(&counts, "::ffff:192.0.2.1").is_none(),
            "the same address in other words"
        );
        assert!(enter(&counts, "192.0.2.2").is_some());
        drop(held);
        assert!(enter(&counts, "192.0.2.1").is_some());
        assert!(counts.open.lock().unwrap().is_empty(), "nobody is remembered");
    }

    #[test]
    fn neighbours_in_a_network_of_ipv6_are_one() {
        let counts = counts(1, &[]);
        let _held = enter(&counts, "2001:db8:1:2::1").expect("a place");
        assert!(enter(&counts, "2001:db8:1:2:ffff::9").is_none());
        assert!(enter(&counts, "2001:db8:1:3::1").is_some());
    }

    #[test]
    fn proxies_are_not_counted() {
        let counts = counts(1, &["127.0.0.1"]);
        let held: Vec<_> = (0..50).filter_map(|_| enter(&counts, "127.0.0.1")).collect();
        assert_eq!(held.len(), 50);
    }
}
