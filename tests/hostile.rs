//! The doors of the real program, under attack: what strangers write, where they point, what they must not see.
//!
//! `docs/developer/security-cases.md` says which test is which case; [`cases`] looks that the tests it names exist.

mod cases;
mod crawl;
mod markup;
mod surfaces;

use crate::support::{
    http,
    program::{Server, Site, errors},
};
use domain::{ports::Clock, time::Zone};
use kermesse::adapters::clock::SystemClock;
use std::{fs, io::ErrorKind, net::TcpListener};

/// A day that is always soon, as calendars write it.
fn soon() -> String {
    Zone::UTC.local(SystemClock.now()).day().plus_days(7).compact()
}

/// A site with these entries (lines between BEGIN and END of an event), and its server, without a rate.
fn site_with(entries: &[String]) -> (Site, Server) {
    let site = Site::new();
    let day = soon();
    let events: String = entries
        .iter()
        .enumerate()
        .map(|(number, lines)| {
            format!(
                "BEGIN:VEVENT\r\nUID:{number}@elsewhere.example\r\nDTSTAMP:20261101T000000Z\r\n\
                 DTSTART:{day}T1200{:02}Z\r\n{lines}\r\nEND:VEVENT\r\n",
                number % 60
            )
        })
        .collect();
    let calendar = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//T//T//EN\r\n{events}END:VCALENDAR\r\n");
    let file = site.folder.path().join("calendar.ics");
    fs::write(&file, calendar).expect("a file");
    let imported = site.run(&["import", "ics", file.to_str().expect("a path")]);
    assert!(imported.status.success(), "{}", errors(&imported));
    let server = served(&site);
    (site, server)
}

/// The server of a site, without a rate.
fn served(site: &Site) -> Server {
    let mut command = site.command(&["serve"]);
    command.env("KERMESSE__HTTP__REQUESTS_PER_SECOND", "0");
    Server::start(command)
}

#[test]
fn no_path_leads_out_of_the_folders() {
    let (site, server) = site_with(&["SUMMARY:Soup".into()]);
    let secret = fs::read(site.data_dir().join("secret.key")).expect("the key");
    let secret = String::from_utf8_lossy(&secret).into_owned();
    let climbs = [
        "../",
        "..%2f",
        "..%5c",
        "%2e%2e/",
        "%252e%252e/",
        "..\\",
        "..%00/",
        "....//",
    ];
    let roots = [
        "/",
        "/media/",
        "/media/ab/",
        "/_app/",
        "/_app/immutable/",
        "/icons/",
        "/fr/",
        "/covers/",
    ];
    for root in roots {
        for climb in climbs {
            for target in ["secret.key", "kermesse.sqlite3", "etc/passwd", "Cargo.toml"] {
                let path = format!("{root}{}{target}", climb.repeat(4));
                let answer = http::get(server.address, &path, &[]);
                assert!((400..500).contains(&answer.status), "{path}: {}", answer.status);
                assert!(
                    !answer.body.contains("root:x:") && !answer.body.contains(&secret),
                    "{path}"
                );
            }
        }
    }
    for path in [
        "//etc/passwd",
        "/media//etc/passwd",
        "/media/ab/%2fetc%2fpasswd",
        "/\\etc\\passwd",
    ] {
        assert_eq!(http::get(server.address, path, &[]).status / 100, 4, "{path}");
    }
}

#[test]
fn a_calendar_at_an_address_of_this_machine_is_not_asked_for() {
    let canary = TcpListener::bind("127.0.0.1:0").expect("a port");
    canary.set_nonblocking(true).expect("a canary that does not wait");
    let port = canary.local_addr().expect("its address").port();
    let site = Site::sqlite();
    let import = |url: &str| {
        let output = site.run(&["import", "ics", "--subscribe", url]);
        assert_eq!(output.status.code(), Some(1), "{url}");
        errors(&output)
    };
    // No name below .invalid exists (RFC 6761): this is what a server that is not there is answered with.
    let absent = import("https://nothing.invalid/a.ics");
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
        "LOCALHOST.",
        "169.254.169.254",
        "10.0.0.1",
        "100.64.0.1",
        "[fd00::1]",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
        "0",
    ] {
        for url in [format!("https://{host}/a.ics"), format!("webcal://{host}/a.ics")] {
            assert_eq!(import(&url), absent, "{url}");
        }
        let with_port = import(&format!("http://{host}:{port}/a.ics"));
        assert!(
            !with_port.contains("refused") && !with_port.contains("reset"),
            "{with_port}"
        );
    }
    for url in [
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "data:text/calendar,BEGIN:VCALENDAR",
    ] {
        assert!(!import(url).contains("root:"), "{url}");
    }
    let heard = canary.accept().expect_err("nobody called");
    assert_eq!(heard.kind(), ErrorKind::WouldBlock);
}

#[test]
fn what_a_reader_sends_is_not_logged_at_any_level() {
    let site = Site::new();
    let mut command = site.command(&["serve"]);
    command
        .env("KERMESSE__LOG__LEVEL", "trace")
        .env("KERMESSE__HTTP__PROXIES", "127.0.0.1")
        .env("KERMESSE__METRICS__TOKEN", "metrics-token-0123456789");
    let server = Server::start(command);
    let headers = [
        "Authorization: Bearer bearer-secret-1",
        "Cookie: __Host-sid=cookie-secret-2",
        "X-Forwarded-For: 198.51.100.77",
        "User-Agent: agent-secret-3",
        "Referer: https://elsewhere.example/referer-secret-4",
    ];
    for path in [
        "/",
        "/search?q=query-secret-5",
        "/metrics?token=query-secret-6",
        "/feed/instance/ics?key=query-secret-7",
        "/api?query=%7Bconfig%7Bname%7D%7D&variables=query-secret-8",
        "/nowhere/path-9?x=query-secret-10",
        "/.well-known/webfinger?resource=acct:mail-secret-11@elsewhere.example",
    ] {
        http::get(server.address, path, &headers);
    }
    let figures = http::get(
        server.address,
        "/metrics",
        &["Authorization: Bearer metrics-token-0123456789"],
    );
    assert_eq!(figures.status, 200);
    let (_, _, log) = server.stop();
    assert!(log.contains("the site is closed"));
    for written in [log, figures.body] {
        for secret in ["-secret-", "198.51.100.77", "metrics-token", "path-9"] {
            let line = written.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret}");
        }
    }
}

#[test]
fn two_sites_have_nothing_secret_in_common() {
    let sites = [Site::sqlite(), Site::sqlite()];
    let kept = sites.each_ref().map(|site| {
        let server = site.start();
        let actor = http::get(server.address, "/relay", &["Accept: application/activity+json"]);
        let key = actor.json()["publicKey"]["publicKeyPem"]
            .as_str()
            .expect("a key")
            .to_owned();
        (fs::read(site.data_dir().join("secret.key")).expect("the key"), key)
    });
    let [(one, its_key), (other, other_key)] = kept;
    assert!(one != other && its_key != other_key);
}

#[test]
fn links_are_those_of_the_configured_address() {
    let (_site, server) = site_with(&["SUMMARY:Soup\r\nCATEGORIES:Food".into()]);
    for path in [
        "/",
        "/feed/instance/ics",
        "/feed/instance/atom",
        "/sitemap.xml",
        "/robots.txt",
        "/nodeinfo/2.1",
    ] {
        let plain = server.get(path);
        for claim in [
            "X-Forwarded-Host: evil.example",
            "X-Forwarded-Proto: gopher",
            "Forwarded: host=evil.example;proto=gopher",
            "X-Original-URL: /evil.example",
            "X-Rewrite-URL: /evil.example",
        ] {
            let answer = http::get(server.address, path, &[claim]);
            assert_eq!(answer.status, plain.status, "{path} {claim}");
            assert!(
                !answer.body.contains("evil.example") && !answer.head.contains("evil.example"),
                "{path} {claim}"
            );
            assert!(!answer.body.contains("gopher:"), "{path} {claim}");
        }
        let second = http::get(server.address, path, &["Host: evil.example"]);
        assert_eq!(second.status, 400, "{path}: two hosts");
    }
}
