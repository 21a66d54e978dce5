//! What an operator meets: starting, looking, stopping, and what is said when something is wrong.

use crate::support::{
    http,
    program::{Server, Site, errors, program, text},
};
use domain::db::testing::{TestDb, postgres_url};
use rustix::process::Signal;
use std::{fs, net::TcpListener, process::Command, time::Duration};

#[test]
fn a_new_site_starts_answers_and_ends_politely() {
    let site = Site::new();
    let server = site.start();
    let health = server.get("/health");
    assert_eq!((health.status, health.json()["status"].as_str()), (200, Some("ok")));
    assert_eq!(server.get("/health/live").json()["status"], "ok");
    let checked = site.run(&["check"]);
    assert!(checked.status.success(), "{}", text(&checked));
    let (ended, _, log) = server.stop();
    assert!(ended.success(), "{log}");
    assert!(log.contains("the site is closed"), "{log}");
    let again = site.start();
    assert_eq!(again.get("/health").status, 200);
}

#[cfg(target_env = "gnu")]
#[test]
fn a_server_keeps_few_heaps_unless_somebody_says_how_many() {
    let variable = "MALLOC_ARENA_MAX";
    let site = Site::sqlite();
    let server = site.start();
    let heaps = server.variable(variable).and_then(|heaps| heaps.parse::<usize>().ok());
    let processors = std::thread::available_parallelism().expect("a number").get();
    assert_eq!(heaps, Some(processors + 1));
    drop(server);
    let mut command = site.command(&["serve"]);
    command.env(variable, "7");
    assert_eq!(Server::start(command).variable(variable).as_deref(), Some("7"));
}

#[test]
fn an_interrupted_server_ends_too_and_its_connections_do_not_hold_it() {
    let site = Site::new();
    let server = site.start();
    let idle = std::net::TcpStream::connect(server.address).expect("a connection");
    let (ended, after, log) = server.stop_by(Signal::INT);
    assert!(ended.success() && log.contains("the site is closed"), "{log}");
    assert!(after < Duration::from_secs(10), "{after:?}");
    drop(idle);
}

#[test]
fn every_answer_has_the_headers_that_protect_its_reader() {
    let site = Site::sqlite();
    let mut command = site.command(&["serve", "--public-url", "https://agenda.example"]);
    command.env("KERMESSE__METRICS__TOKEN", "a token that is long enough");
    let server = Server::start(command);
    for path in ["/health", "/nowhere", "/metrics"] {
        let answer = server.get(path);
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; "),
            "{path}: {policy}"
        );
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        assert!(
            answer
                .header("permissions-policy")
                .is_some_and(|value| value.contains("camera=()"))
        );
    }
    let other = Site::sqlite();
    let plain = other.start();
    assert_eq!(plain.get("/health").header("strict-transport-security"), None);
}

#[test]
fn figures_are_for_this_machine_or_for_who_has_the_token() {
    let site = Site::new();
    let open = site.start();
    let figures = open.get("/metrics");
    assert_eq!(figures.status, 200);
    for name in [
        "kermesse_build_info",
        "kermesse_jobs{state=\"waiting\"}",
        "process_resident_memory_bytes",
    ] {
        assert!(figures.body.contains(name), "{name}");
    }
    for forwarded in [
        "X-Forwarded-For: 192.0.2.1",
        "Forwarded: for=192.0.2.1",
        "Via: 1.1 proxy",
        "X-Real-IP: 127.0.0.1",
    ] {
        assert_eq!(
            http::get(open.address, "/metrics", &[forwarded]).status,
            404,
            "{forwarded}"
        );
    }
    // A proxy that adds no header still passes on the name by which it was asked.
    assert_eq!(http::get_of(open.address, "agenda.example.org", "/metrics").status, 404);
    assert_eq!(http::get_of(open.address, "127.0.0.1:9100", "/metrics").status, 200);
    let site = Site::new();
    let mut command = site.command(&["serve"]);
    command.env("KERMESSE__METRICS__TOKEN", "correct horse battery staple");
    let closed = Server::start(command);
    let with = |headers: &[&str]| http::get(closed.address, "/metrics", headers).status;
    assert_eq!(with(&[]), 404);
    assert_eq!(with(&["Authorization: Bearer correct horse battery stapl"]), 404);
    assert_eq!(with(&["Authorization: Basic correct horse battery staple"]), 404);
    assert_eq!(with(&["Authorization: Bearer correct horse battery staple"]), 200);
    assert_eq!(
        with(&[
            "Authorization: Bearer wrong",
            "Authorization: Bearer correct horse battery staple"
        ]),
        404
    );
}

/// Attack cases GQL-11 and AUTH-02.
#[test]
fn who_asks_too_often_is_told_when_to_come_back_and_others_are_not_held_up() {
    let site = Site::sqlite();
    let mut command = site.command(&["serve"]);
    command
        .env("KERMESSE__HTTP__REQUESTS_PER_SECOND", "1")
        .env("KERMESSE__HTTP__PROXIES", "127.0.0.1");
    let server = Server::start(command);
    let graphql = "/api?query=%7Bconfig%7Bname%7D%7D";
    let doors = [
        graphql,
        "/feed/instance/ics",
        "/search?q=x",
        "/fr/search",
        "/nodeinfo/2.0",
        "/.well-known/webfinger?resource=acct:relay@localhost:8080",
    ];
    for (number, path) in doors.into_iter().enumerate() {
        // Each door is tried by another reader, who claims to be somebody else each time: the proxy's word counts.
        let from = |claim: usize| format!("X-Forwarded-For: 203.0.113.{claim}, 198.51.100.{number}");
        let answers: Vec<_> = (0..12)
            .map(|claim| http::get(server.address, path, &[&from(claim)]))
            .collect();
        assert!(answers[0].status < 429, "{path}: {}", answers[0].head);
        let refused = answers.iter().find(|answer| answer.status == 429).expect(path);
        let pause: u32 = refused
            .header("retry-after")
            .expect("a pause")
            .parse()
            .expect("seconds");
        assert!((1..=10).contains(&pause), "{path}: {pause}");
        assert!(
            refused.body.contains("Too many requests from your address: wait "),
            "{path}"
        );
        let other = format!("X-Forwarded-For: 192.0.2.{number}");
        assert!(http::get(server.address, path, &[&other]).status < 429, "{path}");
    }
    let refused = (0..12)
        .map(|_| http::get(server.address, graphql, &["X-Forwarded-For: 192.0.2.9"]))
        .find(|answer| answer.status == 429)
        .expect("a refusal");
    assert_eq!(refused.json()["errors"][0]["code"], "rate_limited");
    // Pages that are kept are given as often as somebody asks; what they ask in the process counts for nobody.
    for _ in 0..8 {
        let page = http::get(server.address, "/", &["X-Forwarded-For: 192.0.2.9"]);
        assert_eq!(page.status, 200);
    }
}

#[test]
fn one_server_serves_a_file_of_sqlite() {
    let site = Site::sqlite();
    let _server = site.start();
    let second = site.run(&["serve"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(
        errors(&second).contains("another Kermesse uses the database"),
        "{}",
        errors(&second)
    );
}

#[test]
fn a_wrong_command_line_or_configuration_ends_with_two() {
    let site = Site::sqlite();
    let cases: [(&[&str], &str, &str, &str); 6] = [
        (&["dance"], "A", "", "unrecognized subcommand 'dance'"),
        (&["serve", "--listen", "here"], "A", "", "invalid value 'here'"),
        (
            &["check", "--config", "absent.toml"],
            "A",
            "",
            "the configuration file absent.toml cannot be read",
        ),
        (&["check"], "KERMESSE__SITE__NMAE", "x", "did you mean site.name?"),
        (
            &["check"],
            "DATABASE_URL",
            "mysql://localhost",
            "the setting database.url is wrong (DATABASE_URL)",
        ),
        (
            &["check"],
            "DATABASE_URL",
            "postgres://a/b?sslmode=require",
            "without TLS",
        ),
    ];
    for (arguments, name, value, said) in cases {
        let output = site.command(arguments).env(name, value).output().expect("the program");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(errors(&output).contains(said), "{said}: {}", errors(&output));
    }
}

#[test]
fn what_is_in_force_can_be_read_without_secrets() {
    let site = Site::sqlite();
    fs::write(site.folder.path().join("kermesse.toml"), "[site]\nname = 'Éva'\n").expect("a file");
    let mut command = site.command(&["config"]);
    command.env("DATABASE_URL", "postgres://ada:hunter2@localhost/kermesse");
    let output = command.output().expect("the program");
    let shown = text(&output);
    assert!(output.status.success() && !shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("name = \"Éva\" # ./kermesse.toml"), "{shown}");
    assert!(text(&site.run(&["config", "--example"])).contains("# name = \"Kermesse\""));
}

#[test]
fn what_keeps_a_site_from_starting_is_said_with_what_to_do() {
    let site = Site::sqlite();
    let file = site.folder.path().join("file");
    fs::write(&file, "no folder").expect("a file");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its address").to_string();
    let path = file.to_str().expect("a path");
    let text_file = format!("sqlite:{path}");
    let cases: [(&[&str], &str); 4] = [
        (&["serve", "--data-dir", path], "check data_dir"),
        (
            &["serve", "--database", "postgres://nobody@127.0.0.1:1/none"],
            "check DATABASE_URL and that the server runs",
        ),
        (&["serve", "--database", &text_file], "not a database"),
        (&["serve", "--listen", &port], "set listen to a free address"),
    ];
    for (arguments, said) in cases {
        let output = site.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let errors = errors(&output);
        assert!(errors.contains(said), "{said}: {errors}");
        assert!(!errors.contains("panic"), "{errors}");
    }
}

#[test]
fn a_missing_key_is_never_made_anew_once_something_is_sealed_with_it() {
    let site = Site::new();
    assert!(site.run(&["migrate"]).status.success(), "before the first start");
    drop(site.start().stop());
    let key = site.data_dir().join("secret.key");
    assert!(key.exists());
    site.seal_something();
    fs::remove_file(&key).expect("the key");
    let refused = site.run(&["serve"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(errors(&refused).contains("put the file back"), "{}", errors(&refused));
    let checked = site.run(&["check"]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(text(&checked).contains("FAULT    key"), "{}", text(&checked));
    assert!(!key.exists());
}

#[test]
fn a_look_at_what_is_not_there_makes_nothing() {
    let site = Site::sqlite();
    assert!(site.run(&["check"]).status.success());
    let backup = site.run(&["backup", "--plaintext"]);
    assert!(errors(&backup).contains("there is no database"), "{}", errors(&backup));
    assert!(!site.data_dir().exists());
}

#[test]
fn damage_is_found_and_the_backup_of_it_refused() {
    let site = Site::sqlite();
    drop(site.start().stop());
    assert!(site.run(&["backup", "--plaintext"]).status.success());
    let file = site.data_dir().join("kermesse.sqlite3");
    let mut bytes = fs::read(&file).expect("the database");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0x5a);
    fs::write(&file, bytes).expect("damage");
    let checked = site.run(&["check"]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(text(&checked).contains("kermesse restore"), "{}", text(&checked));
    assert!(!site.run(&["backup", "--plaintext"]).status.success());
    let backups: Vec<_> = fs::read_dir(site.data_dir().join("backups"))
        .expect("backups")
        .collect();
    assert_eq!(backups.len(), 1, "the good one is still there");
    let good = backups[0].as_ref().expect("a backup").path();
    let restored = site.run(&["restore", "--force", good.to_str().expect("a path")]);
    assert!(restored.status.success(), "{}", errors(&restored));
    assert!(site.run(&["check"]).status.success());
}

#[test]
fn a_database_in_use_is_not_restored_and_an_older_one_not_used_beside() {
    let site = Site::sqlite();
    let server = site.start();
    assert!(
        site.run(&["backup", "--plaintext"]).status.success(),
        "a backup while the server runs"
    );
    let backup = fs::read_dir(site.data_dir().join("backups")).expect("backups").next();
    let path = backup.expect("a backup").expect("an entry").path();
    let refused = site.run(&["restore", "--force", path.to_str().expect("a path")]);
    assert!(errors(&refused).contains("stop it first"), "{}", errors(&refused));
    assert_eq!(server.get("/health").status, 200);
}

/// A small file system of its own; `None` where this machine does not allow one.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(folder: &std::path::Path, kilobytes: u32) -> Option<Self> {
        fs::create_dir_all(folder).expect("a folder");
        let size = format!("size={kilobytes}k");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "kermesse-test"])
            .arg(folder)
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder.to_owned()));
        }
        println!("skipped: this machine allows no tmpfs; the tests of the database fill one by max_page_count");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).output());
    }
}

#[test]
fn a_full_disk_is_told_keeps_readers_and_needs_no_restart() {
    let site = Site::sqlite();
    let Some(_disk) = SmallDisk::mount(&site.data_dir(), 40_000) else {
        return;
    };
    let server = site.start();
    let health = || server.get("/health");
    assert_eq!(health().json()["status"], "ok");
    let filler = site.data_dir().join("filler");
    let filled = fs::write(&filler, vec![0; 50_000_000]).expect_err("a full disk");
    assert_eq!(filled.kind(), std::io::ErrorKind::StorageFull);
    let full = health();
    assert_eq!(
        (full.status, full.json()["status"].as_str()),
        (200, Some("degraded")),
        "{}",
        full.body
    );
    assert_eq!(full.json()["disk"], "full");
    let checked = site.run(&["check"]);
    assert!(text(&checked).contains("FAULT    disk"), "{}", text(&checked));
    let backup = site.run(&["backup", "--plaintext"]);
    assert!(errors(&backup).contains("make room"), "{}", errors(&backup));
    fs::remove_file(&filler).expect("room");
    assert_eq!(health().json()["status"], "ok");
    assert!(site.run(&["check"]).status.success());
}

#[test]
fn a_disk_that_is_full_at_the_start_damages_nothing() {
    let site = Site::sqlite();
    let Some(_disk) = SmallDisk::mount(&site.data_dir(), 100) else {
        return;
    };
    let refused = site.run(&["serve"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = errors(&refused);
    assert!(said.contains("was undone") && said.contains("full"), "{said}");
}

#[test]
fn a_database_server_that_is_away_is_told_and_found_again() {
    let Some(url) = postgres_url() else { return };
    let test = TestDb::postgres(&url);
    let domain::db::Location::Postgres(address) = test.db.location() else {
        panic!("a URL")
    };
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = program(folder.path(), &["serve"]);
    command.env("DATABASE_URL", address);
    let server = Server::start(command);
    assert_eq!(server.get("/health").status, 200);
    let name = address.split(['/', '?']).nth(3).expect("a database");
    let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    let ended = Command::new("psql")
        .args([url.as_str(), "-qtAc", &end])
        .output()
        .expect("psql");
    assert!(ended.status.success(), "{}", errors(&ended));
    // Each connection that was lost is noticed by the request that meets it; then there are new ones.
    let answers: Vec<u16> = (0..12).map(|_| server.get("/health").status).collect();
    assert!(answers.iter().all(|status| matches!(status, 200 | 503)), "{answers:?}");
    assert_eq!(answers.last(), Some(&200), "{answers:?}");
    assert_eq!(server.get("/health/live").status, 200);
}

#[test]
fn subscriptions_are_listed_and_ended() {
    let site = Site::new();
    assert!(site.run(&["migrate"]).status.success());
    let list = || text(&site.run(&["import", "list"]));
    assert!(list().contains("No calendar"), "{}", list());
    site.subscribe("https://example.org/soupes.ics");
    assert!(
        list().contains("https://example.org/soupes.ics --profile agenda"),
        "{}",
        list()
    );
    let listed = text(&site.run(&["import", "list", "--json"]));
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(
        (&listed[0]["name"], &listed[0]["failures"]),
        (&"Les soupes".into(), &0.into())
    );
    for (wrong, told) in [
        (&["https://example.org/other.ics"][..], "import list"),
        (
            &["https://example.org/soupes.ics", "--profile", "voisins"],
            "import list",
        ),
        (&["soupes.ics"], "webcal"),
    ] {
        let output = site.run(&[&["import", "unsubscribe"], wrong].concat());
        assert!(
            !output.status.success() && errors(&output).contains(told),
            "{}",
            errors(&output)
        );
    }
    let ended = site.run(&["import", "unsubscribe", "webcal://example.org/soupes.ics"]);
    assert!(text(&ended).contains("is read no more"), "{}", errors(&ended));
    assert!(list().contains("No calendar"), "{}", list());
}

#[test]
fn what_would_not_start_or_would_surprise_is_found_before() {
    let site = Site::sqlite();
    let file = site.folder.path().join("file");
    fs::write(&file, "").expect("a file");
    let under_a_file = file.join("data");
    let checked = site.run(&["check", "--data-dir", under_a_file.to_str().expect("UTF-8")]);
    assert_eq!(checked.status.code(), Some(1));
    assert!(text(&checked).contains("FAULT    folder"), "{}", text(&checked));
    let mut command = site.command(&["check"]);
    let checked = command
        .env("KERMESSE__SITE__LANGUAGES", "[\"nl\"]")
        .output()
        .expect("the program");
    assert!(text(&checked).contains("WARNING  language"), "{}", text(&checked));
    let checked = site.run(&["check"]);
    assert!(!text(&checked).contains("language"), "{}", text(&checked));
}
