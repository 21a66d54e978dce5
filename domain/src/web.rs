//! Which addresses of the web this server may ask for something. Pure: nothing is looked up here.
//!
//! An address is checked twice: its text by [`check`], before each request and each redirect, and the numbers that its
//! name leads to by [`is_public`], in the resolver of the one client. A number in place of a name never reaches the
//! resolver, so [`check`] refuses private ones itself. Spellings such as `2130706433` or `0x7f.1` are no matter: they
//! are the number 127.0.0.1 once the text was parsed.

use crate::error::{Code, FieldError, Result};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// The most bytes of an address.
const MOST_BYTES: usize = 2_000;

/// Endings of names that lead into the own network or nowhere (RFC 6761, RFC 6762, RFC 8375, RFC 9476, ICANN 2024).
const PRIVATE_ENDINGS: [&str; 8] = [
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home.arpa",
    "onion",
    "alt",
];

/// Why an address is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Only `https:`.
    #[error("only https addresses are fetched")]
    Scheme,
    /// Only port 443.
    #[error("only the usual port, 443, is asked")]
    Port,
    /// A name or a password before the host.
    #[error("an address with a user name or a password in it is not asked")]
    User,
    /// Too long.
    #[error("the address is too long")]
    Length,
    /// Not on the Internet. Who asks hears only that the server cannot be reached.
    #[error("the address does not lead to the Internet")]
    Private,
}

/// Reads an address that somebody gave to be fetched: a calendar, a picture. `webcal:` and plain `http:` become
/// `https:`, which is then the only way it is asked.
///
/// A private address passes: the client refuses it in the words it has for a server that does not answer.
///
/// # Errors
/// `Invalid(field: Malformed)` where it is no address; `Invalid(field: ForbiddenAddress)` where another rule of [`check`]
/// refuses it.
pub fn fetchable(field: &'static str, text: &str) -> Result<Url> {
    let text = text.trim();
    let secure = ["webcal://", "webcals://", "http://"].iter().find_map(|scheme| {
        let (head, rest) = text.split_at_checked(scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| format!("https://{rest}"))
    });
    let Ok(mut url) = Url::parse(secure.as_deref().unwrap_or(text)) else {
        return Err(FieldError::one(field, Code::Malformed));
    };
    url.set_fragment(None);
    match check(&url) {
        Ok(()) | Err(Refused::Private) => Ok(url),
        Err(_) => Err(FieldError::one(field, Code::ForbiddenAddress)),
    }
}

/// Whether an address may be asked, as far as its text tells.
///
/// # Errors
/// The first rule that it breaks.
pub fn check(url: &Url) -> std::result::Result<(), Refused> {
    if url.scheme() != "https" {
        return Err(Refused::Scheme);
    }
    if url.as_str().len() > MOST_BYTES {
        return Err(Refused::Length);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refused::User);
    }
    if url.port().is_some() {
        return Err(Refused::Port); // 443 is no port of its own: the parser leaves it out
    }
    let public = match url.host() {
        Some(Host::Domain(name)) => is_public_name(name),
        Some(Host::Ipv4(ip)) => is_public(ip.into()),
        Some(Host::Ipv6(ip)) => is_public(ip.into()),
        None => false,
    };
    if public { Ok(()) } else { Err(Refused::Private) }
}

/// A name without a dot is one of the own network.
fn is_public_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let is_private = PRIVATE_ENDINGS.iter().any(|ending| {
        name.strip_suffix(ending)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    name.contains('.') && !is_private
}

/// Whether a number belongs to the Internet at large, so that asking it cannot reach into the own network.
///
/// IPv4 from the registry of special addresses (RFC 6890 and its updates); IPv6 only `2000::/3` without what is special in
/// it, which leaves out loopback, link-local, unique-local, multicast, IPv4 in IPv6 and NAT64 at once.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !is_special_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_special_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    match (a, b) {
        // This host, private, loopback; link-local, also the metadata of clouds; private.
        (0 | 10 | 127, _) | (169, 254) | (192, 168) => true,
        // Carrier-grade NAT: 100.64.0.0/10.
        (100, _) => b & 0b1100_0000 == 64,
        // Private: 172.16.0.0/12.
        (172, _) => b & 0b1111_0000 == 16,
        // Protocol assignments, documentation; AMT; 6to4 relays; AS112.
        (192, _) => matches!((b, c), (0, 0 | 2) | (52, 193) | (88, 99) | (175, 48)),
        // Benchmarks, documentation.
        (198, _) => matches!((b, c), (18 | 19, _) | (51, 100)),
        // Documentation.
        (203, _) => (b, c) == (0, 113),
        // Multicast, reserved, broadcast.
        _ => a >= 224,
    }
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    match a {
        // Teredo, benchmarks, ORCHID and other assignments (2001::/23); documentation.
        0x2001 => b > 0x01ff && b != 0x0db8,
        // 6to4.
        0x2002 => false,
        // Documentation: 3fff::/20.
        0x3fff => b > 0x0fff,
        // Global unicast.
        _ => (0x2000..=0x3fff).contains(&a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use proptest::prelude::*;

    fn checked(text: &str) -> std::result::Result<(), Refused> {
        check(&Url::parse(text).unwrap())
    }

    #[test]
    fn ordinary_addresses_may_be_asked() {
        for good in [
            "https://example.org/agenda.ics?all=1",
            "https://example.org:443/",
            "https://EXAMPLE.org./",
            "https://bücher.example/",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
            "https://localhost.example.org/",
            "https://notlocal.example/",
        ] {
            assert_eq!(checked(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn only_https_on_its_port_without_a_user() {
        assert_eq!(checked("http://example.org/"), Err(Refused::Scheme));
        assert_eq!(checked("file:///etc/passwd"), Err(Refused::Scheme));
        assert_eq!(checked("gopher://example.org/"), Err(Refused::Scheme));
        assert_eq!(checked("data:text/plain,a"), Err(Refused::Scheme));
        assert_eq!(checked("https://example.org:8443/"), Err(Refused::Port));
        assert_eq!(checked("https://example.org:80/"), Err(Refused::Port));
        assert_eq!(checked("https://ada@example.org/"), Err(Refused::User));
        assert_eq!(checked("https://:secret@example.org/"), Err(Refused::User));
        let long = format!("https://example.org/{}", "a".repeat(2_000));
        assert_eq!(checked(&long), Err(Refused::Length));
    }

    #[test]
    fn every_spelling_of_a_private_address_is_refused() {
        for private in [
            "127.0.0.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "127.1",
            "127.0.0.1.",
            "１２７.０.０.１",
            "0",
            "0.0.0.0",
            "169.254.169.254",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "[::1]",
            "[::]",
            "[fc00::1]",
            "[fe80::1]",
            "[ff02::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::7f00:1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::7f00:1]",
            "[2002:7f00:1::]",
            "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
            "[2001:db8::1]",
            "[3fff::1]",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "ada.localhost",
            "router",
            "printer.local",
            "db.internal",
            "nas.home.arpa",
        ] {
            assert_eq!(
                checked(&format!("https://{private}/")),
                Err(Refused::Private),
                "{private}"
            );
        }
    }

    #[test]
    fn special_blocks_end_where_the_registry_says() {
        let public = |text: &str| is_public(text.parse().unwrap());
        for (inside, outside) in [
            ("0.255.255.255", "1.0.0.0"),
            ("10.255.255.255", "11.0.0.0"),
            ("100.64.0.0", "100.63.255.255"),
            ("100.127.255.255", "100.128.0.0"),
            ("172.16.0.0", "172.15.255.255"),
            ("172.31.255.255", "172.32.0.0"),
            ("192.0.0.255", "192.0.1.0"),
            ("192.0.2.9", "192.0.3.0"),
            ("198.18.0.0", "198.17.255.255"),
            ("198.19.255.255", "198.20.0.0"),
            ("203.0.113.1", "203.0.114.0"),
            ("224.0.0.0", "223.255.255.255"),
            ("1fff::1", "2000::1"),
            ("2001:1ff::1", "2001:200::1"),
            ("2001:db8:ffff::1", "2001:db9::1"),
            ("2002::1", "2003::1"),
            ("3fff:fff::1", "3fff:1000::1"),
            ("4000::1", "3ffe::1"),
        ] {
            assert!(!public(inside), "{inside}");
            assert!(public(outside), "{outside}");
        }
        assert!(!public("255.255.255.255") && !public("240.0.0.1"));
    }

    #[test]
    fn a_given_address_is_asked_securely() {
        for given in [
            "webcal://example.org/a",
            " WEBCALS://example.org/a ",
            "http://example.org/a#b",
        ] {
            assert_eq!(fetchable("url", given).unwrap().as_str(), "https://example.org/a");
        }
        let code = |text| match fetchable("url", text) {
            Err(Error::Invalid(fields)) => fields.first().map(|field| field.code),
            other => panic!("{other:?}"),
        };
        assert_eq!(code("example.org"), Some(Code::Malformed));
        assert_eq!(code("https://ada:secret@example.org/"), Some(Code::ForbiddenAddress));
        assert_eq!(code("http://example.org:8080/"), Some(Code::ForbiddenAddress));
        assert_eq!(code("ftp://example.org/"), Some(Code::ForbiddenAddress));
    }

    proptest! {
        #[test]
        fn whatever_is_given_is_refused_or_a_secure_address(text in "(https?|webcal)?:?/{0,2}\\PC{0,40}") {
            if let Ok(url) = fetchable("url", &text) {
                prop_assert_eq!(url.scheme(), "https");
                prop_assert!(matches!(check(&url), Ok(()) | Err(Refused::Private)));
                prop_assert!(url.fragment().is_none());
            }
        }

        #[test]
        fn an_ipv4_number_inside_ipv6_is_never_public(bits in any::<u32>()) {
            let ip = Ipv4Addr::from(bits);
            prop_assert!(!is_public(ip.to_ipv6_mapped().into()));
            prop_assert!(!is_public(ip.to_ipv6_compatible().into()));
        }
    }
}
