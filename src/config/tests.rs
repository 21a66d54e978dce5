//! What an operator sees of the configuration.

use super::*;
use std::{ffi::OsString, fs};

fn read(file: &str, variables: &[(&str, &str)], flags: Flags) -> Result<(Config, Origins), ConfigError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("kermesse.toml");
    fs::write(&path, file).expect("a file");
    let flags = Flags {
        config: Some(path),
        ..flags
    };
    let variables = variables
        .iter()
        .map(|(name, text)| (OsString::from(name), OsString::from(text)));
    source::load(&flags, variables)
}

fn refusal(file: &str, variables: &[(&str, &str)]) -> String {
    read(file, variables, Flags::default())
        .expect_err("a refusal")
        .to_string()
}

#[test]
fn the_defaults_are_a_site_on_this_machine() {
    let (config, origins) = read("", &[], Flags::default()).expect("the defaults");
    assert_eq!(config.base.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.settings().url("/events/1"), "http://localhost:8080/events/1");
    assert_eq!(config.location(), db::Location::File("./data/kermesse.sqlite3".into()));
    assert_eq!(config.settings().languages, ["fr", "en"]);
    assert!(config.pool_sizes().readers >= 2);
    assert_eq!(origins, Origins::default());
}

#[test]
fn flags_win_over_the_environment_over_the_file_over_the_defaults() {
    let file = "listen = '127.0.0.1:1'\npublic_url = 'http://file.test'\ndata_dir = '/file'\n[site]\nname = 'File'";
    let variables = [
        ("KERMESSE_PUBLIC_URL", "http://variable.test"),
        ("KERMESSE_DATA_DIR", "/variable"),
        ("DATABASE_URL", "postgres://ada:pass@localhost/variable"),
        ("KERMESSE__SITE__DESCRIPTION", ""),
        ("KERMESSE_ICS_DIR", "/a variable of the tests"),
    ];
    let flags = Flags {
        data_dir: Some("/flag".into()),
        ..Flags::default()
    };
    let (config, origins) = read(file, &variables, flags).expect("a configuration");
    assert_eq!(config.base.listen.port(), 1);
    assert_eq!(config.base.public_url.to_string(), "http://variable.test/");
    assert_eq!(config.base.data_dir, PathBuf::from("/flag"));
    assert_eq!(config.site.name, "File");
    assert_eq!(config.site.description, None);
    assert!(origins.of("listen").expect("an origin").ends_with("kermesse.toml"));
    assert_eq!(origins.of("public_url"), Some("KERMESSE_PUBLIC_URL"));
    assert_eq!(origins.of("data_dir"), Some("the command line"));
    assert_eq!(origins.of("database.url"), Some("DATABASE_URL"));
    assert_eq!(origins.of("site.description"), None);
}

/// The example of a key is none, so that nobody encrypts to a stranger.
fn with_a_key(text: &str) -> String {
    let key = age::x25519::Identity::generate().to_public().to_string();
    text.replace("age1, and the rest of your public key", &key)
}

#[test]
fn every_setting_can_be_given_by_its_variable() {
    let variables: Vec<(String, String)> = sections()
        .iter()
        .flat_map(|section| {
            section
                .settings
                .iter()
                .map(|setting| (section.key(setting), setting.value.clone()))
        })
        .map(|(key, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            (source::variable(&key), with_a_key(&text))
        })
        .collect();
    let named: Vec<(&str, &str)> = variables
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let (config, _) = read("", &named, Flags::default()).expect("every value");
    assert_eq!(config.fetch.hosts.len(), 1);
    assert_eq!(config.http.proxies.len(), 2);
    let (config, _) = read("", &[("KERMESSE__SITE__LANGUAGES", "en, nl")], Flags::default()).expect("a list");
    assert_eq!(config.settings().languages, ["en", "nl"]);
}

#[test]
fn a_text_that_looks_like_a_number_is_a_text() {
    let variables = [
        ("KERMESSE__SITE__NAME", "2026"),
        ("KERMESSE__METRICS__TOKEN", "1234567890123456"),
    ];
    let (config, _) = read("", &variables, Flags::default()).expect("texts");
    assert_eq!(config.site.name, "2026");
    assert!(config.metrics.token.expect("a token").is("1234567890123456"));
}

#[test]
fn an_unknown_setting_is_refused_with_the_nearest_known_one() {
    let told = refusal("[site]\nnmae = 'x'", &[]);
    assert!(
        told.contains("there is no setting site.nmae (") && told.contains("kermesse.toml"),
        "{told}"
    );
    assert!(told.ends_with("; did you mean site.name?"), "{told}");
    let told = refusal("", &[("KERMESSE__PAGES__CACHEMB", "3")]);
    assert_eq!(
        told,
        "there is no setting pages.cachemb (KERMESSE__PAGES__CACHEMB); did you mean pages.cache_mb?"
    );
    let told = refusal("colour = 'red'", &[]);
    assert!(
        told.starts_with("there is no setting colour (") && !told.contains("did you mean"),
        "{told}"
    );
    assert!(refusal("site = 5", &[]).starts_with("there is no setting site ("));
    assert!(refusal("[sites]\nname = 'x'", &[]).ends_with("did you mean site.name?"));
}

/// What others name so stays theirs: Kubernetes and Docker tell a container of each service, ours included.
#[test]
fn a_variable_that_is_nearly_one_of_ours_is_refused_and_others_are_told() {
    for (wrong, right) in [
        ("KERMESSE_LISTN", "KERMESSE_LISTEN"),
        ("KERMESSE_PUBLICURL", "KERMESSE_PUBLIC_URL"),
        ("KERMESSE_SITE_NAME", "KERMESSE__SITE__NAME"),
        ("KERMESSE_SITE__NAME", "KERMESSE__SITE__NAME"),
        ("KERMESSE_DATABASE_URL", "DATABASE_URL"),
        ("KERMESSE_LOG_LEVEL", "KERMESSE__LOG__LEVEL"),
    ] {
        let told = refusal("", &[(wrong, "x")]);
        assert!(told.contains(wrong), "{told}");
        assert!(told.ends_with(&format!("did you mean {right}?")), "{told}");
    }
    let others = [
        "KERMESSE_PORT",
        "KERMESSE_PORT_8080_TCP_ADDR",
        "KERMESSE_SERVICE_HOST",
        "KERMESSE_SERVICE_PORT_HTTP",
        "KERMESSE_TEST_DATABASE_URL",
        "KERMESSE_ICS_DIR",
        "KERMESSE_AP_DIR",
        "KERMESSE_PYTHON",
        "KERMESSE_E2E_URL",
    ];
    let variables = others.map(|name| (name, "x"));
    let (_, origins) = read("", &variables, Flags::default()).expect("the defaults");
    assert_eq!(origins.strangers(), others);
}

#[test]
fn what_every_reader_is_shown_is_one_line_that_hides_nothing() {
    for (name, key) in [
        ("KERMESSE__SITE__NAME", "site.name"),
        ("KERMESSE__SITE__DESCRIPTION", "site.description"),
        ("KERMESSE__SITE__CONTACT", "site.contact"),
    ] {
        for wrong in ["a\u{202e}b", "a\nb", "a\u{1b}[31mb", "a\u{2066}b", "a\u{7f}"] {
            let told = refusal("", &[(name, wrong)]);
            let said = format!("the setting {key} is wrong ({name}): expected one line of text, without control");
            assert!(told.starts_with(&said) && !told.contains(wrong), "{told:?}");
        }
        read("", &[(name, "Fête à l'étang – קרמס")], Flags::default()).expect("a text");
    }
}

#[test]
fn a_wrong_value_is_named_with_its_place_and_what_is_right() {
    let cases = [
        ("listen = 'localhost'", "listen"),
        ("public_url = 'https://agenda.example/path'", "public_url"),
        ("[database]\nurl = 'mysql://localhost'", "database.url"),
        ("[database]\nreaders = 0", "database.readers"),
        ("[database]\nreaders = 'many'", "database.readers"),
        ("[site]\nzone = 'Mars/Olympus'", "site.zone"),
        ("[site]\nlanguages = []", "site.languages"),
        ("[site]\ncountry = 'Belgium'", "site.country"),
        ("[fetch]\nhosts = { 'a.test' = 'here' }", "fetch.hosts.a.test"),
        ("[calendars]\nrefresh_minutes = 1", "calendars.refresh_minutes"),
        ("[backup]\nrecipients = ['ssh-rsa AAAA']", "backup.recipients"),
        ("[metrics]\ntoken = 'short'", "metrics.token"),
        ("[log]\nformat = 'xml'", "log.format"),
        ("[log]\nlevel = 'domain=loud'", "log.level"),
    ];
    for (file, key) in cases {
        let told = refusal(file, &[]);
        let begin = format!("the setting {key}");
        assert!(
            told.starts_with(&begin) && told.contains("kermesse.toml"),
            "{file}: {told}"
        );
        assert!(!told.contains("default."), "{told}");
    }
    assert!(refusal("listen = ", &[]).contains("TOML"));
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let flags = Flags {
        config: Some("/nowhere/kermesse.toml".into()),
        ..Flags::default()
    };
    let told = source::load(&flags, std::iter::empty())
        .expect_err("no file")
        .to_string();
    assert!(
        told.starts_with("the configuration file /nowhere/kermesse.toml cannot be read: "),
        "{told}"
    );
}

#[test]
fn what_is_in_force_is_shown_with_its_origin_and_without_secrets() {
    let variables = [
        (
            "DATABASE_URL",
            "postgres://ada:hunter2@localhost/kermesse?sslpassword=hunter2&host=/run",
        ),
        ("KERMESSE__METRICS__TOKEN", "hunter2hunter2hunter2"),
    ];
    let (config, origins) = read("[site]\nname = 'Éva'", &variables, Flags::default()).expect("settings");
    let shown = effective(&config, &origins);
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(
        shown.contains("url = \"postgres://ada:***@localhost/kermesse?sslpassword=***&host=/run\" # DATABASE_URL"),
        "{shown}"
    );
    assert!(shown.contains("token = \"***\" # KERMESSE__METRICS__TOKEN"), "{shown}");
    assert!(shown.contains("zone = \"Europe/Brussels\"\n"), "{shown}");
    // But for secrets, the text is a file that gives the same settings.
    let again = shown
        .replace("url = \"postgres", "# url")
        .replace("token = ", "# token = ");
    read(&again, &[], Flags::default()).expect("a file");
}

#[test]
fn the_example_gives_the_defaults_and_every_line_in_it_can_be_used() {
    read(&example(), &[], Flags::default()).expect("comments");
    let used: String = example()
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(setting) if setting.split_once(" = ").is_some_and(|(name, _)| !name.contains(' ')) => setting,
            _ => line,
        })
        .fold(String::new(), |file, line| file + line + "\n");
    let (config, _) = read(&with_a_key(&used), &[], Flags::default()).expect("every setting");
    assert_eq!(config.site.country.expect("a country").to_string(), "BE");
}
