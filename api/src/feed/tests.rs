//! Feeds from rows to bytes, in every format.

use super::*;
use domain::{
    caller::Caller,
    change::CacheTag,
    db::testing::TestDb,
    event,
    text::{Handle, Slug},
};
use sample::{sample, settings};

pub(super) mod sample;

async fn rendered(test_db: &TestDb, wanted: Wanted) -> String {
    let feed = render(&test_db.db, &settings(), wanted, "fr", Seen::default())
        .await
        .unwrap();
    String::from_utf8(feed.bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn a_calendar_has_everything_that_calendars_want_to_know() {
    let (test_db, _) = sample().await;
    let text = rendered(&test_db, Wanted::Feed(Of::Site, Format::Ics)).await;
    check_feed("site", &text, &[]);
    insta::assert_snapshot!(text.replace("\r\n", "\n"));
}

#[tokio::test]
async fn a_series_is_exported_as_its_rule() {
    let (test_db, made) = sample().await;
    let text = rendered(&test_db, Wanted::Series(made.series)).await;
    // node-ical knows no dates beside a rule.
    let only = "py-icalendar,py-vobject,py-ical,khal,ical.js,libical,sabre-vobject";
    check_feed("series", &text, &["--only", only, "--require", "2"]);
    insta::assert_snapshot!(text.replace("\r\n", "\n"));
}

#[tokio::test]
async fn one_event_is_a_file() {
    let (test_db, made) = sample().await;
    let text = rendered(&test_db, Wanted::Event(made.party)).await;
    check_feed("event", &text, &[]);
    insta::assert_snapshot!(text.replace("\r\n", "\n"));
}

#[tokio::test]
async fn what_is_in_no_list_is_kept_from_search_engines() {
    let (test_db, made) = sample().await;
    let is_public = async |wanted: Wanted| {
        let settings = settings();
        let rendered = render(&test_db.db, &settings, wanted, "fr", Seen::default()).await;
        rendered.unwrap().is_public
    };
    for wanted in [
        Wanted::Feed(Of::Site, Format::Ics),
        Wanted::Event(made.party),
        Wanted::Series(made.series),
    ] {
        assert!(is_public(wanted.clone()).await, "{wanted:?}");
    }
    let hide = || event::EventPatch {
        visibility: Some(event::Visibility::Unlisted),
        ..event::EventPatch::default()
    };
    let hide_one = move |tx: &mut domain::db::Tx<'_>| {
        event::update(tx, &Caller::System, made.party, hide())?;
        let dates = event::series::dated(tx, &Caller::System, made.series)?.rows;
        event::update(tx, &Caller::System, dates[0].1.id, hide())
    };
    test_db.db.write(hide_one).await.unwrap();
    assert!(!is_public(Wanted::Event(made.party)).await);
    assert!(
        !is_public(Wanted::Series(made.series)).await,
        "one date of it is hidden"
    );
    assert!(is_public(Wanted::Feed(Of::Site, Format::Ics)).await);
}

#[tokio::test]
async fn atom_tells_the_date_in_title_and_text() {
    let (test_db, _) = sample().await;
    let text = rendered(&test_db, Wanted::Feed(Of::Site, Format::Atom)).await;
    let feed: atom_syndication::Feed = text.parse().unwrap();
    assert_eq!(feed.title.value, settings().name);
    let entry = feed
        .entries
        .iter()
        .find(|entry| entry.title.value.starts_with("Fête"))
        .unwrap();
    assert!(entry.title.value.ends_with("& cie, samedi 5 décembre 2026"));
    let html = entry.content.as_ref().unwrap().value.as_deref().unwrap();
    assert!(html.starts_with("<p><strong>samedi 5 décembre 2026, de 18"), "{html}");
    insta::assert_snapshot!(text.replace("<entry>", "\n<entry>"));
}

#[tokio::test]
async fn rss_tells_the_same() {
    let (test_db, _) = sample().await;
    let text = rendered(&test_db, Wanted::Feed(Of::Site, Format::Rss)).await;
    let channel = ::rss::Channel::read_from(text.as_bytes()).unwrap();
    assert_eq!(channel.title, settings().name);
    assert!(
        channel
            .items
            .iter()
            .all(|item| item.guid.as_ref().map(|guid| &guid.value) == item.link.as_ref())
    );
    insta::assert_snapshot!(text.replace("<item>", "\n<item>"));
}

#[tokio::test]
async fn json_has_the_dates_for_programs() {
    let (test_db, _) = sample().await;
    let text = rendered(&test_db, Wanted::Feed(Of::Site, Format::Json)).await;
    let feed: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(feed["items"].as_array().unwrap().len(), 19);
    insta::assert_snapshot!(text.replace("{\"id\"", "\n{\"id\""));
}

#[tokio::test]
async fn the_same_data_give_the_same_bytes_whatever_the_hour() {
    let (test_db, made) = sample().await;
    let all = Format::ALL.map(|format| Wanted::Feed(Of::Site, format));
    for wanted in all
        .into_iter()
        .chain([Wanted::Event(made.party), Wanted::Series(made.series)])
    {
        let before = rendered(&test_db, wanted.clone()).await;
        test_db.clock.advance(3600);
        assert_eq!(rendered(&test_db, wanted).await, before);
    }
}

#[tokio::test]
async fn every_feed_is_called_what_it_is_of() {
    let (test_db, made) = sample().await;
    let place = test_db
        .db
        .read(move |tx| Ok(event::visible(tx, &Caller::Anonymous, made.party)?.place_id.unwrap()))
        .await
        .unwrap();
    let search = feed::Search {
        text: "soupe".into(),
        categories: vec![event::Category::Music],
        tags: vec![Slug::of("jazz").unwrap()],
        ..feed::Search::default()
    };
    let site = settings().name;
    for (of, title) in [
        (Of::Site, site.clone()),
        (
            Of::Profile(Handle::new("comite").unwrap()),
            "Comité \"des fêtes\" & Cie".into(),
        ),
        (Of::Tag(Slug::of("soupe").unwrap()), format!("#Soupe – {site}")),
        (Of::Place(place), format!("Salle « Les Marronniers » – {site}")),
        (
            Of::Search(Box::new(search)),
            format!("soupe · Musique · #jazz – {site}"),
        ),
    ] {
        let text = rendered(&test_db, Wanted::Feed(of, Format::Json)).await;
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap()["title"],
            title
        );
    }
}

#[tokio::test]
async fn a_feed_without_events_is_a_feed() {
    let test_db = TestDb::new();
    for format in Format::ALL {
        let feed = render(
            &test_db.db,
            &settings(),
            Wanted::Feed(Of::Site, format),
            "fr",
            Seen::default(),
        )
        .await
        .unwrap();
        assert_eq!((feed.last_modified, feed.content_type), (None, format.content_type()));
        let text = std::str::from_utf8(&feed.bytes).unwrap();
        match format {
            Format::Ics => assert!(text.ends_with("X-PUBLISHED-TTL:PT1H\r\nURL:https://agenda.example/\r\nSOURCE;VALUE=URI:https://agenda.example/feed/instance/ics\r\nEND:VCALENDAR\r\n"), "{text}"),
            Format::Atom => drop(text.parse::<atom_syndication::Feed>().unwrap()),
            Format::Rss => drop(::rss::Channel::read_from(text.as_bytes()).unwrap()),
            Format::Json => drop(serde_json::from_str::<serde_json::Value>(text).unwrap()),
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_what_was_deleted_is_gone() {
    let (test_db, made) = sample().await;
    let refused = async |wanted| {
        render(&test_db.db, &settings(), wanted, "fr", Seen::default())
            .await
            .unwrap_err()
    };
    let nobody = Wanted::Feed(Of::Profile(Handle::new("personne").unwrap()), Format::Ics);
    assert!(matches!(refused(nobody).await, Error::NotFound(_)));
    assert!(matches!(
        refused(Wanted::Event(EventId(uuid::Uuid::nil()))).await,
        Error::NotFound(_)
    ));
    assert!(matches!(refused(Wanted::Event(made.deleted)).await, Error::Gone(_)));
}

#[tokio::test]
async fn what_a_feed_was_made_of_is_noted() {
    let (test_db, made) = sample().await;
    let seen = Seen::default();
    let of = Of::Profile(Handle::new("comite").unwrap());
    render(
        &test_db.db,
        &settings(),
        Wanted::Feed(of, Format::Ics),
        "fr",
        seen.clone(),
    )
    .await
    .unwrap();
    let tags = seen.take();
    assert!(tags.contains(&CacheTag::Profile(made.profile)));
    assert!(tags.contains(&CacheTag::Event(made.party)));
}

/// Asks independent parsers, where `KERMESSE_CHECK_FEED` names the program that runs them.
#[expect(
    clippy::disallowed_methods,
    reason = "tests are told of the checker by the environment"
)]
fn check_feed(name: &str, text: &str, options: &[&str]) {
    let Some(program) = std::env::var("KERMESSE_CHECK_FEED")
        .ok()
        .filter(|path| !path.is_empty())
    else {
        eprintln!("not asked: KERMESSE_CHECK_FEED does not name check_feed.py");
        return;
    };
    let file = std::env::temp_dir().join(format!("kermesse-{}-{name}.ics", uuid::Uuid::new_v4()));
    std::fs::write(&file, text).unwrap();
    let checked = std::process::Command::new("python3")
        .arg(program)
        .arg(&file)
        .args(["--from", "2026-08-01", "--to", "2028-02-01", "--tz", "Europe/Brussels"])
        .args(options)
        .output()
        .unwrap();
    std::fs::remove_file(&file).unwrap();
    if checked.status.code() == Some(3) {
        eprintln!("not asked: too few parsers are installed");
        return;
    }
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(
        checked.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&checked.stderr)
    );
}
