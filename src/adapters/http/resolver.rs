//! From a name to the numbers that may be asked. The connector takes its addresses from here and from nowhere else, so
//! that no other answer can come between the check and the connection.

use domain::web;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    collections::BTreeMap,
    net::{SocketAddr, ToSocketAddrs},
    sync::Arc,
};
use tokio::sync::Semaphore;

/// Look-ups at once: each holds a thread until the system's resolver gives up, longer than anybody waits for it.
const LOOK_UPS: usize = 16;
/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 16;

/// A name that leads nowhere on the Internet.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name leads to no public address")]
pub(super) struct NoPublicAddress;

/// Asks the system's resolver and passes on public addresses only.
#[derive(Debug)]
pub(super) struct PublicResolver {
    /// Names of the laboratory.
    fixed: BTreeMap<String, SocketAddr>,
    look_ups: Arc<Semaphore>,
}

impl PublicResolver {
    pub(super) fn new(fixed: &BTreeMap<String, SocketAddr>) -> Self {
        let lower = |(name, to): (&String, &SocketAddr)| (name.to_ascii_lowercase(), *to);
        Self {
            fixed: fixed.iter().map(lower).collect(),
            look_ups: Arc::new(Semaphore::new(LOOK_UPS)),
        }
    }
}

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_ascii_lowercase();
        if let Some(address) = self.fixed.get(&name).copied() {
            return Box::pin(async move { Ok(Box::new(std::iter::once(address)) as Addrs) });
        }
        let look_ups = self.look_ups.clone();
        Box::pin(async move {
            let permit = look_ups.acquire_owned().await?;
            let found = tokio::task::spawn_blocking(move || {
                let _permit = permit; // until the thread is free, also when nobody waits any longer
                (name.as_str(), 0).to_socket_addrs()
            });
            let public = public_of(found.await??)?;
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

/// A name may have public and private addresses: the private ones are as if they were not there.
fn public_of(found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, NoPublicAddress> {
    let public = found.filter(|address| web::is_public(address.ip()));
    let public: Vec<SocketAddr> = public.take(MOST_ADDRESSES).collect();
    if public.is_empty() {
        Err(NoPublicAddress)
    } else {
        Ok(public)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    fn answers(ips: &[&str]) -> Vec<SocketAddr> {
        ips.iter()
            .map(|ip| SocketAddr::new(ip.parse::<IpAddr>().unwrap(), 0))
            .collect()
    }

    #[test]
    fn of_public_and_private_answers_only_the_public_ones_are_asked() {
        let mixed = answers(&[
            "10.0.0.1",
            "93.184.216.34",
            "::ffff:127.0.0.1",
            "2606:4700::1111",
            "fe80::1",
        ]);
        let public = answers(&["93.184.216.34", "2606:4700::1111"]);
        assert_eq!(public_of(mixed.into_iter()), Ok(public));
    }

    #[test]
    fn a_name_with_private_answers_leads_nowhere() {
        for private in [
            "127.0.0.1",
            "::1",
            "::ffff:127.0.0.1",
            "64:ff9b::a00:1",
            "169.254.169.254",
        ] {
            assert_eq!(
                public_of(answers(&[private]).into_iter()),
                Err(NoPublicAddress),
                "{private}"
            );
        }
        assert_eq!(public_of(answers(&[]).into_iter()), Err(NoPublicAddress));
    }

    #[test]
    fn a_name_with_a_thousand_addresses_is_tried_a_few_times() {
        let many = vec!["93.184.216.34"; 1_000];
        assert_eq!(public_of(answers(&many).into_iter()).unwrap().len(), MOST_ADDRESSES);
    }

    #[tokio::test]
    async fn the_system_may_know_names_of_the_own_machine_and_they_lead_nowhere() {
        let resolver = PublicResolver::new(&BTreeMap::new());
        assert!(resolver.resolve("localhost".parse().unwrap()).await.is_err());
    }

    #[tokio::test]
    async fn a_name_of_the_laboratory_leads_where_it_says_and_no_other_name_does() {
        let peer: SocketAddr = "127.0.0.1:9443".parse().unwrap();
        let resolver = PublicResolver::new(&[("Peer.test".to_owned(), peer)].into());
        let found = resolver.resolve("peer.TEST".parse().unwrap()).await.ok().unwrap();
        assert_eq!(found.collect::<Vec<_>>(), [peer]);
        assert!(resolver.resolve("localhost".parse().unwrap()).await.is_err());
    }
}
