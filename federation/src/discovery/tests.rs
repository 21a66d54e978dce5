//! Questions of WebFinger, good and bad.

use super::*;
use domain::{text::Handle, time::Zone};
use proptest::prelude::*;

fn settings(url: &str) -> Settings {
    Settings {
        public_url: url.parse().unwrap(),
        name: "Kermesse".into(),
        description: String::new(),
        zone: Zone::named("Europe/Brussels").unwrap(),
        languages: vec!["fr".into()],
        country: None,
        contact: None,
    }
}

fn asked(resource: &str) -> Result<Subject> {
    subject(&settings("https://kermesse.example/"), Some(resource))
}

#[test]
fn an_account_is_asked_for_in_many_ways() {
    let comite = || Subject::Actor(Actor::Named(Handle::new("comite").unwrap()));
    for resource in [
        "acct:comite@kermesse.example",
        "ACCT:Comite@Kermesse.Example",
        "comite@kermesse.example",
        "@comite@kermesse.example",
        "acct:@comite@kermesse.example",
        " acct:comite@kermesse.example ",
        "https://kermesse.example/@comite",
        "https://kermesse.example/@comite/",
        "HTTPS://KERMESSE.EXAMPLE/@Comite",
        "https://kermesse.example:443/@comite",
    ] {
        assert_eq!(asked(resource).unwrap(), comite(), "{resource}");
    }
    for resource in [
        "acct:relay@kermesse.example",
        "RELAY@kermesse.example",
        "https://kermesse.example/relay",
    ] {
        assert_eq!(asked(resource).unwrap(), Subject::Actor(Actor::Site), "{resource}");
    }
    for resource in ["https://kermesse.example/", "https://kermesse.example"] {
        assert_eq!(asked(resource).unwrap(), Subject::Server, "{resource}");
    }
}

#[test]
fn a_host_may_have_a_port() {
    let settings = settings("http://localhost:8080");
    let asked = |resource| subject(&settings, Some(resource));
    assert!(asked("acct:comite@localhost:8080").is_ok());
    assert!(asked("comite@localhost:8080").is_ok());
    assert!(asked("http://localhost:8080/@comite").is_ok());
    assert!(matches!(asked("acct:comite@localhost"), Err(Error::NotFound(_))));
    assert!(matches!(asked("http://localhost/@comite"), Err(Error::NotFound(_))));
}

#[test]
fn what_is_no_question_is_malformed_and_what_is_not_ours_is_not_found() {
    let long = format!("acct:{}@kermesse.example", "a".repeat(1_000));
    for resource in [
        "",
        " ",
        "acct:",
        "acct:comite",
        "comite",
        "acct:@",
        "acct:@kermesse.example",
        "acct:comite@",
        "acct:a b@kermesse.example",
        "https://kermesse\r.example/@comite",
        "https://kermesse.example/@com\tite",
        "acct:a@b@kermesse.example",
        "acct:a@kermesse.example:x",
        "mailto:comite@kermesse.example",
        "https://",
        "https://[::1",
        long.as_str(),
    ] {
        assert!(matches!(asked(resource), Err(Error::Invalid(_))), "{resource}");
    }
    for resource in [
        "acct:comite@other.example",
        "acct:comite@kermesse.example.other.example",
        "acct:comité@kermesse.example",
        "https://other.example/@comite",
        "http://kermesse.example/@comite",
        "https://kermesse.example/@",
        "https://kermesse.example/events/1",
        "https://kermesse.example/@comite/outbox",
    ] {
        assert!(matches!(asked(resource), Err(Error::NotFound(_))), "{resource}");
    }
    assert!(matches!(
        subject(&settings("https://kermesse.example"), None),
        Err(Error::Invalid(_))
    ));
}

#[test]
fn fuzz_questions_of_webfinger() {
    let words = [
        "acct:",
        "ACCT:",
        "@",
        "comite",
        "relay",
        "kermesse.example",
        "other.example",
        "https://",
        "%40",
        ":443",
        "/",
        "[::1]",
        "é",
    ];
    domain::fuzz::run("webfinger", &words, |bytes| {
        let resource = String::from_utf8_lossy(bytes).into_owned();
        match asked(&resource) {
            Ok(subject) => {
                let of_address = Url::parse(resource.trim())
                    .ok()
                    .and_then(|url| url.host_str().map(str::to_owned));
                let host = of_address.unwrap_or_else(|| resource.to_ascii_lowercase());
                assert!(
                    host.contains("kermesse.example") && !host.contains("other"),
                    "{resource}"
                );
                matches!(subject, Subject::Server).into()
            }
            Err(Error::Invalid(_)) => 2,
            Err(Error::NotFound(_)) => 3,
            Err(other) => panic!("{resource}: {other}"),
        }
    });
}

proptest! {
    #[test]
    fn any_question_has_an_answer_of_a_kind(resource in "(acct:|https?://|@)?\\PC{0,30}(@(kermesse.example|\\PC{0,10}))?") {
        match asked(&resource) {
            Ok(_) | Err(Error::Invalid(_) | Error::NotFound(_)) => {}
            Err(other) => prop_assert!(false, "{resource}: {other}"),
        }
    }
}
