//! Only the site's own name reaches us. Addresses in answers come from the configuration, never from a request; this
//! keeps caches between readers and us from filling with answers to another name.

use axum::{
    extract::Request,
    http::{StatusCode, header, uri::Authority},
};
use std::net::Ipv4Addr;
use url::{Host, Url};

/// Asked by those who watch the machine, under whatever name; they tell nothing of the site.
const FOR_WATCHERS: [&str; 3] = ["/health", "/health/live", "/metrics"];

/// The names under which the site is reached.
#[derive(Debug, Clone)]
pub struct Hosts {
    name: String,
    loopback: bool,
}

impl Hosts {
    /// The host of the public address; all names of this machine where that is one.
    pub fn of(public_url: &Url) -> Self {
        let name = public_url.host_str().unwrap_or("localhost").to_ascii_lowercase();
        Self {
            loopback: is_loopback(&name),
            name,
        }
    }

    /// All names of this machine.
    pub fn of_this_machine() -> Self {
        Self {
            name: "localhost".to_owned(),
            loopback: true,
        }
    }

    /// Whether a `Host` names us. The port is not compared: a proxy or a tunnel may have another one.
    pub fn allow(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else {
            return false;
        };
        let name = authority.host().to_ascii_lowercase();
        let name = name.strip_suffix('.').unwrap_or(&name);
        !host.contains('@') && (name == self.name || self.loopback && is_loopback(name))
    }
}

fn is_loopback(name: &str) -> bool {
    if let Ok(address) = name.parse::<Ipv4Addr>() {
        return address.is_loopback(); // as it is usually written; what follows reads every other way, and takes longer
    }
    match Host::parse(name) {
        Ok(Host::Domain(name)) => name == "localhost",
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.is_loopback(),
        Err(_) => false,
    }
}

/// Why a request is not for us, with the status that says so.
pub(super) fn refusal(hosts: &Hosts, request: &Request) -> Option<(StatusCode, &'static str)> {
    if FOR_WATCHERS.contains(&request.uri().path()) {
        return None;
    }
    let mut named = request.headers().get_all(header::HOST).iter();
    let (header, second) = (named.next().map(|value| value.to_str()), named.next());
    // HTTP/2 and requests to proxies name the host in the request line, which then counts (RFC 9112 §3.2.2).
    let line = request.uri().authority().map(Authority::as_str);
    let host = match (header, line) {
        (_, _) if second.is_some() => None,
        (Some(Err(_)), _) => None,
        (Some(Ok(header)), Some(line)) if !header.eq_ignore_ascii_case(line) => None,
        (Some(Ok(header)), _) => Some(header),
        (None, line) => line,
    };
    match host {
        None => Some((StatusCode::BAD_REQUEST, "The request must name one host.")),
        Some(host) if hosts.allow(host) => None,
        Some(_) => Some((StatusCode::MISDIRECTED_REQUEST, "There is no site of this name here.")),
    }
}
