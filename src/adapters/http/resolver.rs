//! From a name to the numbers that may be asked. The connector takes its addresses from here and from nowhere else, so
//! that no other answer can come between the check and the connection.

use domain::web;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    collections::{BTreeMap, HashMap},
    io,
    net::{SocketAddr, ToSocketAddrs},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Semaphore, time::Instant};

/// Look-ups at once: each holds a thread until the system's resolver gives up, longer than anybody waits for it.
const LOOK_UPS: usize = 16;
/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 16;
/// For so long, a name that led nowhere is not looked up again.
const NOWHERE: Duration = Duration::from_secs(60);
/// Names that lead nowhere and are remembered.
const MOST_NOWHERE: usize = 1_000;

type LookUp = fn(&str) -> io::Result<Vec<SocketAddr>>;

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
    look_up: LookUp,
    nowhere: Arc<Nowhere>,
}

impl PublicResolver {
    pub(super) fn new(fixed: &BTreeMap<String, SocketAddr>) -> Self {
        Self::asking(by_the_system, fixed)
    }

    fn asking(look_up: LookUp, fixed: &BTreeMap<String, SocketAddr>) -> Self {
        let lower = |(name, to): (&String, &SocketAddr)| (name.to_ascii_lowercase(), *to);
        Self {
            fixed: fixed.iter().map(lower).collect(),
            look_ups: Arc::new(Semaphore::new(LOOK_UPS)),
            look_up,
            nowhere: Arc::default(),
        }
    }
}

impl Resolve for PublicResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_ascii_lowercase();
        if let Some(address) = self.fixed.get(&name).copied() {
            return Box::pin(async move { Ok(Box::new(std::iter::once(address)) as Addrs) });
        }
        let (look_ups, look_up, nowhere) = (self.look_ups.clone(), self.look_up, self.nowhere.clone());
        Box::pin(async move {
            if nowhere.has(&name, Instant::now()) {
                return Err(NoPublicAddress.into());
            }
            let permit = look_ups.acquire_owned().await?;
            let found = tokio::task::spawn_blocking(move || {
                let _permit = permit; // until the thread is free, also when nobody waits any longer
                let public = look_up(&name).map(|found| public_of(found.into_iter()));
                if !matches!(public, Ok(Ok(_))) {
                    nowhere.note(name, Instant::now());
                }
                public
            });
            let public = found.await???;
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

fn by_the_system(name: &str) -> io::Result<Vec<SocketAddr>> {
    Ok((name, 0).to_socket_addrs()?.collect())
}

/// Names that led nowhere a moment ago: whoever makes us ask for them again and again holds up nobody else.
#[derive(Debug, Default)]
struct Nowhere(Mutex<HashMap<String, Instant>>);

impl Nowhere {
    fn has(&self, name: &str, now: Instant) -> bool {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(name).is_some_and(|until| *until > now)
    }

    fn note(&self, name: String, now: Instant) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if names.len() >= MOST_NOWHERE {
            names.retain(|_, until| *until > now);
        }
        if names.len() < MOST_NOWHERE {
            names.insert(name, now + NOWHERE);
        }
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
    use std::{
        net::IpAddr,
        sync::atomic::{AtomicUsize, Ordering},
    };

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

    #[tokio::test(start_paused = true)]
    async fn a_name_that_leads_nowhere_is_not_looked_up_again_for_a_minute() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        fn nowhere(name: &str) -> io::Result<Vec<SocketAddr>> {
            ASKED.fetch_add(1, Ordering::SeqCst);
            match name {
                "private.example" => Ok(answers(&["10.0.0.1"])),
                "good.example" => Ok(answers(&["93.184.216.34"])),
                _ => Err(io::ErrorKind::NotFound.into()),
            }
        }
        let resolver = PublicResolver::asking(nowhere, &BTreeMap::new());
        let ask = async |name: &str| resolver.resolve(name.parse().unwrap()).await.is_ok();
        for name in ["absent.example", "private.example"] {
            let before = ASKED.load(Ordering::SeqCst);
            for _ in 0..5 {
                assert!(!ask(name).await);
            }
            assert_eq!(ASKED.load(Ordering::SeqCst), before + 1, "{name}");
            tokio::time::advance(NOWHERE).await;
            assert!(!ask(name).await);
            assert_eq!(ASKED.load(Ordering::SeqCst), before + 2, "{name}");
        }
        assert!(ask("good.example").await && ask("good.example").await);
        assert_eq!(ASKED.load(Ordering::SeqCst), 6, "what leads somewhere may move");
    }

    #[test]
    fn a_flood_of_names_that_lead_nowhere_is_bounded() {
        let (nowhere, now) = (Nowhere::default(), Instant::now());
        for number in 0..5_000 {
            nowhere.note(format!("{number}.example"), now);
        }
        assert_eq!(nowhere.0.lock().unwrap().len(), MOST_NOWHERE);
        nowhere.note("late.example".into(), now + NOWHERE);
        assert!(nowhere.has("late.example", now + NOWHERE) && !nowhere.has("1.example", now + NOWHERE));
    }
}
