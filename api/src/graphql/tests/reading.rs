//! What an anonymous reader gets: events, lists, series, places, tags, profiles, the site.

use super::support::{Site, concert, masked, new_profile};
use domain::{
    caller::{Caller, SiteRole},
    change::{CacheTag, ListKind},
    db::{Seen, testing::test_keys},
    event::{
        EventPatch, State, Visibility,
        series::{self, SeriesEdit},
    },
    place::{Point, geohash},
    profile::{self, Kind},
};
use serde_json::{Value, json};

const EVENT: &str = r"
  id uuid url local title slug description descriptionText beginsOn endsOn beginsOnLocal endsOnLocal allDay zone
  longEvent status visibility joinOptions externalParticipationUrl draft language category picture { id }
  media { id } publishAt insertedAt updatedAt onlineAddress website phoneAddress
  physicalAddress { id uuid description street postalCode locality region country geom timezone originId
    pictureInfo { url author { name url } } }
  organizerActor { ...Name } attributedTo { ...Name } contacts { ...Name } tags { id slug title }
  options { timezone isOnline showStartTime showEndTime maximumAttendeeCapacity commentModeration attendees }
  metadata { key value type } sequence icalUid series { uuid } moreDates noindex
  relatedEvents { title }";
const NAME: &str =
    "fragment Name on Actor { __typename id type preferredUsername name domain local summary url avatar { url } }";

#[tokio::test]
async fn an_event_is_read_with_all_that_belongs_to_it() {
    let site = Site::new().await;
    let event = site.announces(concert(site.agenda, 5)).await;
    let query = format!("query($uuid: UUID!) {{ event(uuid: $uuid) {{ {EVENT} }} }} {NAME}");
    let answer = site.ask(&query, json!({"uuid": event.id.to_string()})).await;
    insta::assert_snapshot!("event", masked(&answer));
}

#[tokio::test]
async fn unlisted_events_are_read_by_address_and_stand_in_no_list() {
    let site = Site::new().await;
    let event = site.announces_hidden(Visibility::Unlisted, State::Published).await;
    let one = site
        .data(&format!("{{ event(uuid: \"{}\") {{ noindex visibility }} }}", event.id))
        .await;
    assert_eq!(one["event"], json!({"noindex": true, "visibility": "UNLISTED"}));
    let lists = "{ events { total elements { id } } searchEvents(term: \"Concert\") { total }
        group(preferredUsername: \"comite\") { organizedEvents { total } } tag(slug: \"musique\") { events { total } }
        statistics { numberOfEvents } categoryStatistics { number } }";
    assert_eq!(
        site.data(lists).await,
        json!({
            "events": {"total": 0, "elements": []},
            "searchEvents": {"total": 0},
            "group": {"organizedEvents": {"total": 0}},
            "tag": {"events": {"total": 0}},
            "statistics": {"numberOfEvents": 0},
            "categoryStatistics": [],
        })
    );
}

/// Attack case ACL-01.
#[tokio::test]
async fn what_may_not_be_seen_is_not_there() {
    let site = Site::new().await;
    let mut hidden = vec!["0193ac5e-7c00-7000-8000-00000000ffff".to_owned()];
    hidden.push(
        site.announces_hidden(Visibility::Public, State::Draft)
            .await
            .id
            .to_string(),
    );
    for visibility in [
        Visibility::Followers,
        Visibility::Members,
        Visibility::Invited,
        Visibility::Link,
    ] {
        hidden.push(site.announces_hidden(visibility, State::Published).await.id.to_string());
    }
    let stranger = site
        .write(|tx| profile::create(tx, &Caller::System, new_profile(Kind::Person, "ben"), &test_keys()))
        .await;
    let stranger = Caller::Local {
        profile: stranger.id,
        site: SiteRole::Moderator,
    };
    let mut answers = Vec::new();
    for caller in [Caller::Anonymous, stranger] {
        for id in &hidden {
            let query = format!("{{ event(uuid: \"{id}\") {{ title }} }}");
            let answer = site.answer(&query, Value::Null, caller.clone(), None).await;
            answers.push(String::from_utf8(answer.body.to_vec()).unwrap());
            let query = format!("{{ interact(uri: \"https://kermesse.example/events/{id}\") {{ url }} }}");
            let answer = site.answer(&query, Value::Null, caller.clone(), None).await;
            assert!(String::from_utf8_lossy(&answer.body).contains("event_not_found"));
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    let owner = Caller::Local {
        profile: site.agenda,
        site: SiteRole::Member,
    };
    let query = format!("{{ event(uuid: \"{}\") {{ draft }} }}", hidden[1]);
    let answer = site.answer(&query, Value::Null, owner, None).await;
    assert_eq!(answer.body, r#"{"data":{"event":{"draft":true}}}"#);
}

#[tokio::test]
async fn lists_come_in_pages_and_are_counted_only_when_asked() {
    let site = Site::new().await;
    for day in 10..13 {
        site.announces(concert(site.agenda, day)).await;
    }
    let page = site
        .data("{ events(page: 2, limit: 2) { total elements { beginsOn } } }")
        .await;
    assert_eq!(
        page["events"],
        json!({"total": 3, "elements": [{"beginsOn": "2026-12-12T19:00:00Z"}]})
    );
    let order = site
        .data("{ events(orderBy: BEGINS_ON, direction: DESC, limit: 1000) { elements { beginsOnLocal } } }")
        .await;
    assert_eq!(order["events"]["elements"][0]["beginsOnLocal"], "2026-12-12T20:00:00");
    let long = site.data("{ events(longEvents: true) { total } }").await;
    assert_eq!(long["events"]["total"], 0);
}

#[tokio::test]
async fn all_that_belongs_to_the_events_of_a_list_is_read_at_once() {
    let site = Site::new().await;
    for day in 5..25 {
        site.announces(concert(site.agenda, day)).await;
    }
    site.repeats().await;
    let query = "{ events(limit: 100) { elements { description descriptionText picture { url } tags { slug }
        physicalAddress { locality } attributedTo { name avatar { url } banner { url } } organizerActor { name }
        series { title uuid } moreDates } } }";
    assert_eq!(site.loads(query).await, 1);
}

#[tokio::test]
async fn the_tags_of_all_series_of_a_list_are_read_at_once() {
    let site = Site::new().await;
    for _ in 0..3 {
        site.repeats().await;
    }
    let query = "{ events(limit: 100) { elements { series { tags { slug title } } } } }";
    assert_eq!(site.loads(query).await, 2, "the series, then their tags");
    let data = site.data(query).await;
    let tags = json!({"tags": [{"slug": "soupe", "title": "Soupe"}]});
    let events = data["events"]["elements"].as_array().unwrap();
    assert!(
        events.len() > 3 && events.iter().all(|event| event["series"] == tags),
        "{data}"
    );
}

#[tokio::test]
async fn a_series_shows_once_with_how_many_more_dates_it_has() {
    let site = Site::new().await;
    let series = site.repeats().await;
    site.announces(concert(site.agenda, 10)).await;
    let query = "{ searchEvents(collapseSeries: true, fromDay: \"2026-12-01\") { total
        elements { title moreDates series { uuid } } } }";
    assert_eq!(
        site.data(query).await["searchEvents"],
        json!({"total": 2, "elements": [
            {"title": "Soupe du samedi", "moreDates": 5, "series": {"uuid": series.id.to_string()}},
            {"title": "Concert de Noël", "moreDates": null, "series": null},
        ]})
    );
}

#[tokio::test]
async fn what_is_over_is_found_among_the_past_and_what_goes_on_is_not() {
    let site = Site::new().await;
    let mut exhibition = concert(site.agenda, 2);
    exhibition.schedule.end = Some("2026-12-24T18:00".parse().unwrap());
    exhibition.ical_uid = None;
    for new in [concert(site.agenda, 4), concert(site.agenda, 10), exhibition] {
        site.announces(new).await;
    }
    site.repeats().await;
    site.test.clock.advance(11 * 86_400 + 2 * 3600); // Saturday 12 December, 14:00
    let lists = "elements { beginsOnLocal }";
    let data = site
        .data(&format!(
            "{{ past: searchEvents(past: true, collapseSeries: true) {{ total elements {{ ... on Event {{ beginsOnLocal }} }} }}
               until: searchEvents(toDay: \"2026-12-04\") {{ total }}
               tag(slug: \"musique\") {{ events {{ total {lists} }} past: events(past: true) {{ total {lists} }} }}
               group(preferredUsername: \"comite\") {{
                 organizedEvents(past: true, collapseSeries: true) {{ total }}
                 coming: organizedEvents(past: false, collapseSeries: true) {{ total {lists} }} }} }}"
        ))
        .await;
    let at = |text: &str| json!({"beginsOnLocal": format!("2026-12-{text}:00")});
    assert_eq!(
        data,
        json!({
            "past": {"total": 3, "elements": [at("10T20:00"), at("05T18:00"), at("04T20:00")]},
            "until": {"total": 2},
            "tag": {"events": {"total": 1, "elements": [at("02T20:00")]},
                "past": {"total": 2, "elements": [at("10T20:00"), at("04T20:00")]}},
            "group": {"organizedEvents": {"total": 3},
                "coming": {"total": 2, "elements": [at("02T20:00"), at("12T18:00")]}},
        })
    );
}

#[tokio::test]
async fn a_series_that_is_in_no_list_is_kept_from_search_engines() {
    let site = Site::new().await;
    let series = site.repeats().await;
    let query = format!("{{ series(uuid: \"{}\") {{ noindex }} }}", series.id);
    assert_eq!(site.data(&query).await["series"], json!({"noindex": false}));
    let hide = SeriesEdit {
        content: EventPatch {
            visibility: Some(Visibility::Unlisted),
            ..EventPatch::default()
        },
        timing: None,
    };
    site.write(move |tx| series::edit(tx, &Caller::System, series.id, None, &hide))
        .await;
    assert_eq!(site.data(&query).await["series"], json!({"noindex": true}));
}

#[tokio::test]
async fn a_series_is_read_with_its_rule_and_its_dates() {
    let site = Site::new().await;
    let series = site.repeats().await;
    site.test.clock.advance(10 * 86_400);
    let query = "query($uuid: UUID!) { series(uuid: $uuid) {
        id uuid url title description allDay beginsOnLocal endsOnLocal zone category language onlineAddress
        rule { text frequency interval weekdays { day position } monthDays months until count isComplete }
        tags { slug } physicalAddress { id } picture { id } attributedTo { name } organizerActor { name }
        past: events(past: true) { total elements { beginsOnLocal } }
        events(limit: 1) { total elements { beginsOnLocal icalUid } } } }";
    let answer = site.ask(query, json!({"uuid": series.id.to_string()})).await;
    insta::assert_snapshot!("series", masked(&answer));
}

#[tokio::test]
async fn events_are_found_by_place_day_category_tag_and_profile() {
    let site = Site::new().await;
    let event = site.announces(concert(site.agenda, 10)).await;
    let place = event.place_id.unwrap();
    let here = geohash::encode(Point::new(50.4669, 4.8675).unwrap(), 6);
    let around = format!("location: \"{here}\"");
    let total = async |arguments: &str| {
        let data = site.data(&format!("{{ searchEvents({arguments}) {{ total }} }}")).await;
        data["searchEvents"]["total"].as_i64().unwrap()
    };
    let found = [
        "tags: \"noel, none\"",
        around.as_str(),
        "near: \"Namur\"",
        "bbox: \"51,4:50,5\"",
        "type: IN_PERSON",
        "category: \"music\"",
        "categoryOneOf: [\"MUSIC\", \"ARTS\"]",
        "statusOneOf: [CONFIRMED]",
        "languageOneOf: [\"fr\"]",
        "longEvents: false",
        "beginsOn: \"2026-12-10T21:00:00+01:00\"",
        "fromDay: \"2026-12-10\", toDay: \"2026-12-10\"",
        "profile: \"@comite\"",
        "sortBy: CREATED_AT_DESC",
    ];
    for arguments in found {
        assert_eq!(total(arguments).await, 1, "{arguments}");
    }
    assert_eq!(total(&format!("place: \"{place}\"")).await, 1);
    let not_found = [
        "tags: \"none\"",
        "location: \"u0ztc\", radius: 100",
        "near: \"Liège\", radius: 10",
        "type: ONLINE",
        "category: \"ARTS\"",
        "statusOneOf: [CANCELLED]",
        "languageOneOf: [\"nl\"]",
        "longEvents: true",
        "endsOn: \"2026-12-10T18:00:00Z\"",
        "fromDay: \"2026-12-11\"",
        "toDay: \"2026-12-09\"",
    ];
    for arguments in not_found {
        assert_eq!(total(arguments).await, 0, "{arguments}");
    }
}

#[tokio::test]
async fn a_search_says_how_it_understood_a_place() {
    let site = Site::new().await;
    let data = site
        .data("{ searchEvents(near: \"namur\") { near { name region country geom others { name } } } }")
        .await;
    let near = &data["searchEvents"]["near"];
    assert_eq!((&near["name"], &near["country"]), (&json!("Namur"), &json!("Belgique")));
    let data = site.data("{ searchEvents(near: \"Xyzzyx\") { near { name } } }").await;
    assert_eq!(data["searchEvents"]["near"], Value::Null);
}

#[tokio::test]
async fn words_are_found_and_other_spellings_offered() {
    let site = Site::new().await;
    let event = site.announces(concert(site.agenda, 10)).await;
    site.write(move |tx| domain::search::index(tx, event.id)).await;
    let data = site
        .data("{ searchEvents(term: \"noel\") { total elements { title } didYouMean } }")
        .await;
    assert_eq!(
        data["searchEvents"],
        json!({"total": 1, "elements": [{"title": "Concert de Noël"}], "didYouMean": null})
    );
    let data = site
        .data("{ searchEvents(term: \"concrt\") { total didYouMean } }")
        .await;
    assert_eq!(data["searchEvents"], json!({"total": 0, "didYouMean": "concert"}));
}

#[tokio::test]
async fn profiles_are_found_by_name_and_by_id() {
    let site = Site::new().await;
    let ada = site
        .write(|tx| profile::create(tx, &Caller::System, new_profile(Kind::Person, "ada"), &test_keys()))
        .await;
    let data = site
        .data(&format!(
            "{{ profile(preferredUsername: \"@Comite@kermesse.example\") {{ __typename id }}
               nobody: profile(preferredUsername: \"nobody\") {{ id }}
               none: profile(preferredUsername: \"'; --\") {{ id }}
               group(preferredUsername: \"comite\") {{ visibility openness types url }}
               person(id: \"{}\") {{ __typename preferredUsername type organizedEvents {{ total }} }} }}",
            ada.id
        ))
        .await;
    assert_eq!(
        data,
        json!({
            "profile": {"__typename": "Group", "id": site.agenda.to_string()},
            "nobody": null,
            "none": null,
            "group": {"visibility": "PUBLIC", "openness": "INVITE_ONLY", "types": "GROUP",
                "url": "https://kermesse.example/@comite"},
            "person": {"__typename": "Person", "preferredUsername": "ada", "type": "PERSON",
                "organizedEvents": {"total": 0}},
        })
    );
}

#[tokio::test]
async fn tags_and_places_lead_to_their_events() {
    let site = Site::new().await;
    let event = site.announces(concert(site.agenda, 10)).await;
    let data = site
        .data(&format!(
            "{{ tags(filter: \"no\") {{ slug title related {{ slug }} }}
               tag(slug: \"musique\") {{ title events {{ total elements {{ uuid }} }} }}
               place(id: \"{}\") {{ description locality events {{ total }} past: events(past: true) {{ total }} }} }}",
            event.place_id.unwrap()
        ))
        .await;
    assert_eq!(
        data,
        json!({
            "tags": [{"slug": "noel", "title": "Noël", "related": [{"slug": "musique"}]}],
            "tag": {"title": "Musique", "events": {"total": 1, "elements": [{"uuid": event.id.to_string()}]}},
            "place": {"description": "Salle des fêtes", "locality": "Namur", "events": {"total": 1},
                "past": {"total": 0}},
        })
    );
}

#[tokio::test]
async fn addresses_are_completed_from_our_places_and_from_towns() {
    let site = Site::new().await;
    site.announces(concert(site.agenda, 10)).await;
    let data = site
        .data(
            "{ kept: searchAddress(query: \"Salle des\") { id description }
               towns: searchAddress(query: \"Namur\", locale: \"fr\") { locality country type }
               reverseGeocode(longitude: 4.86, latitude: 50.46) { locality timezone } }",
        )
        .await;
    assert_eq!(data["kept"][0]["description"], "Salle des fêtes");
    assert!(data["kept"][0]["id"].is_string());
    let town = json!({"locality": "Namur", "country": "Belgique", "type": "town"});
    assert!(data["towns"].as_array().unwrap().contains(&town), "{data:#}");
    let here = json!({"locality": "Namur", "timezone": "Europe/Brussels"});
    assert_eq!(data["reverseGeocode"], json!([here]));
}

#[tokio::test]
async fn the_site_says_what_it_is() {
    let site = Site::new().await;
    let data = site
        .data(
            "{ config { name description longDescription slogan version languages countryCode zone now publicUrl
                eventCategories { id label } timezones registrationsOpen demoMode longEvents durationOfLongEvent
                federating location { latitude } geocoding { provider autocomplete } maps { tiles { endpoint }
                routing { type } } anonymous { participation { allowed validation { email { enabled } } } actorId }
                uploadLimits { default } features { groups eventCreation } auth { databaseLogin oauthProviders { id } }
                instanceFeeds { enabled } webPush { enabled publicKey } exportFormats { eventParticipants }
                analytics { id } search { global { isEnabled } } terms(locale: \"fr\") { bodyHtml } privacy { url }
                attributions { name licence } } }",
        )
        .await;
    let config = &data["config"];
    assert_eq!(
        (&config["name"], &config["now"], &config["zone"]),
        (
            &json!("La Kermesse"),
            &json!("2026-12-01T12:00:00"),
            &json!("Europe/Brussels")
        )
    );
    assert_eq!(config["eventCategories"].as_array().unwrap().len(), 30);
    assert_eq!(
        config["eventCategories"][6],
        json!({"id": "FOOD_DRINK", "label": "Food and drink"})
    );
    assert!(
        config["timezones"]
            .as_array()
            .unwrap()
            .contains(&json!("Europe/Brussels"))
    );
    assert!(config["attributions"].as_array().unwrap().len() > 5);
}

#[tokio::test]
async fn numbers_and_languages_are_told() {
    let site = Site::new().await;
    site.announces(concert(site.agenda, 10)).await;
    site.repeats().await;
    let data = site
        .data(
            "{ statistics { numberOfEvents numberOfGroups numberOfUsers } categoryStatistics { key number }
               languages(codes: [\"fr\", \"xx\"]) { code name } }",
        )
        .await;
    assert_eq!(
        data,
        json!({
            // Six dates of one series count once.
            "statistics": {"numberOfEvents": 2, "numberOfGroups": 1, "numberOfUsers": 0},
            "categoryStatistics": [{"key": "MEETING", "number": 1}, {"key": "MUSIC", "number": 1}],
            "languages": [{"code": "fr", "name": "French"}],
        })
    );
}

#[tokio::test]
async fn addresses_of_this_site_lead_to_what_stands_there() {
    let site = Site::new().await;
    let event = site.announces(concert(site.agenda, 10)).await;
    let series = site.repeats().await;
    for (path, kind) in [
        (format!("/events/{}", event.id), "Event"),
        (format!("/series/{}", series.id), "Series"),
        ("/@comite".to_owned(), "Group"),
    ] {
        let uri = format!("https://kermesse.example{path}");
        let data = site
            .data(&format!("{{ interact(uri: \"{uri}\") {{ __typename url }} }}"))
            .await;
        assert_eq!(data["interact"], json!({"__typename": kind, "url": uri}));
    }
}

#[tokio::test]
async fn a_page_knows_what_it_was_made_of() {
    let site = Site::new().await;
    let event = site.announces(concert(site.agenda, 10)).await;
    let seen = Seen::default();
    let query = format!(
        "{{ event(uuid: \"{}\") {{ physicalAddress {{ id }} attributedTo {{ name }} }} categoryStatistics {{ key }} }}",
        event.id
    );
    site.answer(&query, Value::Null, Caller::Anonymous, Some(seen.clone()))
        .await;
    let mut tags = seen.take();
    tags.sort();
    assert_eq!(
        tags,
        [
            CacheTag::Event(event.id),
            CacheTag::Profile(site.agenda),
            CacheTag::Place(event.place_id.unwrap()),
            CacheTag::List(ListKind::Events),
        ]
    );
}
