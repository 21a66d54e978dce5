//! Which connections come from a reverse proxy of the site's own, and for whom it asks.
//!
//! Anybody can write `X-Forwarded-For`; a proxy adds the address of its own peer at the end. So the header is read from
//! its end, and only as far as each address is that of a proxy which the operator named.

use axum::http::{HeaderMap, HeaderName};
use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Addresses that are read: chains of proxies are short.
const MOST_HOPS: usize = 20;

/// The addresses of the site's proxies.
pub(super) struct Proxies(HashSet<IpAddr>);

impl Proxies {
    pub(super) fn new(addresses: &[IpAddr]) -> Self {
        Self(addresses.iter().map(IpAddr::to_canonical).collect())
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }

    /// Who asks, on a connection from `peer`. What cannot be read ends the chain: the last address that somebody
    /// believable named counts.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.0.contains(&client) {
            return client;
        }
        let named = headers.get_all(FORWARDED_FOR).iter().rev();
        let hops = named.flat_map(|value| value.to_str().unwrap_or_default().rsplit(','));
        for hop in hops.take(MOST_HOPS) {
            let Some(address) = address(hop.trim()) else { break };
            client = address;
            if !self.0.contains(&client) {
                break;
            }
        }
        client
    }
}

/// `192.0.2.1`, `2001:db8::1`; some proxies add the port.
fn address(text: &str) -> Option<IpAddr> {
    let address = text.parse().ok();
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, lines: &[&str]) -> String {
        let ours = ["127.0.0.1", "2001:db8::1", "10.0.0.2"].map(|one| one.parse().expect("an address"));
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, line.parse().expect("a value"));
        }
        let peer = peer.parse().expect("an address");
        Proxies::new(&ours).client(peer, &headers).to_string()
    }

    /// Attack case AUTH-02.
    #[test]
    fn the_last_address_that_no_proxy_of_ours_has_is_the_readers() {
        for (peer, lines, found) in [
            ("192.0.2.1", &["198.51.100.1"][..], "192.0.2.1"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["203.0.113.9", "198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("127.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("127.0.0.1", &["[2001:db8::9]:4711"], "2001:db8::9"),
            ("2001:db8::1", &["2001:db8::9"], "2001:db8::9"),
            ("127.0.0.1", &["198.51.100.1, unknown"], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1, unknown, 10.0.0.2"], "10.0.0.2"),
            ("127.0.0.1", &["127.0.0.1"], "127.0.0.1"),
            ("127.0.0.1", &[""], "127.0.0.1"),
        ] {
            assert_eq!(client(peer, lines), found, "{peer} {lines:?}");
        }
    }

    #[test]
    fn fuzz_chains_of_proxies() {
        let words = [
            "198.51.100.1",
            "127.0.0.1",
            "10.0.0.2",
            "2001:db8::9",
            "[",
            "]",
            ":80",
            ",",
            " ",
            "unknown",
            "::ffff:",
        ];
        domain::fuzz::run("forwarded", &words, |bytes| {
            let mut headers = HeaderMap::new();
            for line in bytes.split(|byte| *byte == b'\n') {
                if let Ok(value) = axum::http::HeaderValue::from_bytes(line) {
                    headers.append(FORWARDED_FOR, value);
                }
            }
            let proxies = Proxies::new(&["127.0.0.1".parse().expect("an address")]);
            let stranger: IpAddr = "192.0.2.1".parse().expect("an address");
            assert_eq!(
                proxies.client(stranger, &headers),
                stranger,
                "who is no proxy is not believed"
            );
            let found = proxies.client("127.0.0.1".parse().expect("an address"), &headers);
            (found.is_ipv4(), found.is_loopback())
        });
    }
}
