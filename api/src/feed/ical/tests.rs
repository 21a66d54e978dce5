//! What parsers make of texts that try to be more than text.

use super::*;
use crate::feed::{Format, tests::sample::site};
use calcard::icalendar::{ICalendar, ICalendarComponentType, ICalendarProperty};
use domain::{
    event::{Category, Detached, Details, Listing, Visibility},
    feed::{Of, Subject},
    id::{EventId, PlaceId, ProfileId, TagId},
    profile::{Kind, Profile},
    tag::Tag,
    text::{Handle, PlainText, RichText, Slug},
};
use proptest::prelude::*;
use serde_json::json;

/// Text that no check of ours has seen, as a damaged database might have it.
fn raw(text: &str) -> PlainText {
    serde_json::from_value(json!(text)).unwrap()
}

fn at(text: &str) -> LocalDateTime {
    text.parse().unwrap()
}

const ID: uuid::Uuid = uuid::Uuid::from_u128(7);

fn now() -> Instant {
    Instant::from_micros(1_796_000_000_000_000).unwrap()
}

/// An event, in every field the text that `say` gives for its name.
fn entry(say: impl Fn(&str) -> String) -> Entry {
    let tag = |name: &str| Tag {
        id: TagId(ID),
        slug: Slug::of("x").unwrap(),
        title: raw(&say(name)),
    };
    Entry {
        event: Event {
            title: raw(&say("title")),
            online_address: Some(format!("https://meet.example/{}", say("address"))),
            ical_uid: say("uid"),
            ..event()
        },
        description: RichText::from_plain(&say("description")),
        place: Some(Place {
            name: raw(&say("place")),
            street: raw(&say("street")),
            locality: raw(&say("locality")),
            ..nowhere()
        }),
        tags: vec![tag("tag"), tag("other tag")],
        owner: profile(raw(&say("organizer"))),
        picture: None,
    }
}

fn event() -> Event {
    let zone = Zone::named("Europe/Brussels").unwrap();
    let (begin, end) = (at("2026-12-05T18:00"), at("2026-12-05T22:00"));
    Event {
        id: EventId(ID),
        series_id: None,
        recurrence_key: None,
        detached: Detached::default(),
        organizer_id: ProfileId(ID),
        group_id: None,
        title: PlainText::default(),
        local_begin: begin,
        local_end: Some(end),
        begins_at: zone.instant(begin),
        over_at: zone.instant(end),
        zone,
        all_day: false,
        state: State::Published,
        status: Status::Confirmed,
        visibility: Visibility::Public,
        listing: Listing::Short,
        category: Category::Meeting,
        language: None,
        attendance: Attendance::InPerson,
        online_address: None,
        place_id: None,
        cell: None,
        picture_id: None,
        details: Details::default(),
        sequence: 3,
        ical_uid: String::new(),
        version: 1,
        created_at: now(),
        updated_at: now(),
    }
}

fn nowhere() -> Place {
    Place {
        id: PlaceId(ID),
        name: PlainText::default(),
        street: PlainText::default(),
        postal_code: PlainText::default(),
        locality: PlainText::default(),
        region: PlainText::default(),
        country: PlainText::default(),
        latitude: Some(50.4669),
        longitude: Some(4.8675),
        cell: None,
        in_town: false,
        zone: None,
        url: None,
        match_key: String::new(),
        created_at: now(),
    }
}

fn profile(display_name: PlainText) -> Profile {
    Profile {
        id: ProfileId(ID),
        kind: Kind::Group,
        name: Handle::new("comite").unwrap(),
        domain: String::new(),
        display_name,
        summary: RichText::default(),
        avatar_id: None,
        banner_id: None,
        zone: None,
        language: None,
        discoverable: true,
        created_at: now(),
        updated_at: now(),
    }
}

fn calendar_of(entries: Vec<Entry>) -> String {
    let feed = Feed {
        subject: Subject::Site,
        entries,
    };
    let site = site();
    let head = Head::new(&site, &Of::Site, Format::Ics, &feed.subject);
    calendar(&site, &head, &feed).unwrap()
}

/// What RFC 5545 §3.1 wants of every line.
fn assert_lines(text: &str) {
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    for line in text.split_terminator("\r\n") {
        assert!(line.len() <= 75, "{} octets: {line}", line.len());
        assert!(!line.chars().any(char::is_control), "{line:?}");
    }
}

/// What a reader finds: the values of a property of the only event.
fn values(calendar: &ICalendar, name: &ICalendarProperty) -> Vec<String> {
    let events = calendar
        .components
        .iter()
        .filter(|one| one.component_type == ICalendarComponentType::VEvent);
    let entries = events
        .flat_map(|event| &event.entries)
        .filter(|entry| entry.name == *name);
    entries
        .flat_map(|entry| entry.values.iter().filter_map(|value| value.as_text().map(squeezed)))
        .collect()
}

fn read(text: &str) -> ICalendar {
    ICalendar::parse(text).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
}

fn kinds(calendar: &ICalendar) -> Vec<ICalendarComponentType> {
    let mut kinds: Vec<_> = calendar
        .components
        .iter()
        .map(|one| one.component_type.clone())
        .collect();
    kinds.retain(|kind| {
        !matches!(
            kind,
            ICalendarComponentType::Standard | ICalendarComponentType::Daylight
        )
    });
    kinds
}

const ATTACKS: [&str; 10] = [
    "a\r\nBEGIN:VALARM\r\nACTION:AUDIO\r\nEND:VALARM",
    "a\nATTACH:file:///etc/passwd",
    "a\rSUMMARY:b",
    "; , \\ : \" ^ ^n ^' \\n \\, \\;",
    "\"quoted\"",
    "\";X-EVIL=1:mailto:a@b.example",
    "\u{0}\u{1}\u{7f}\u{85}\u{2028}\u{2029}\u{b}\u{c}",
    "tab\there \t",
    "é\u{301}🎉\u{202e}\u{200d}\u{feff}",
    "END:VEVENT",
];

#[test]
fn no_text_becomes_a_property_or_a_component() {
    for attack in ATTACKS {
        let text = calendar_of(vec![entry(|_| format!("x{attack}"))]);
        assert_lines(&text);
        let calendar = read(&text);
        assert_eq!(
            kinds(&calendar),
            [
                ICalendarComponentType::VCalendar,
                ICalendarComponentType::VTimezone,
                ICalendarComponentType::VEvent
            ],
            "{attack:?}\n{text}"
        );
        let harmless = calendar_of(vec![entry(|_| "x".to_owned())]);
        let names = |text: &str| {
            let unfolded = text.replace("\r\n ", "");
            let names = unfolded
                .lines()
                .map(|line| line.split([':', ';']).next().unwrap().to_owned());
            names.collect::<Vec<_>>()
        };
        assert_eq!(names(&text), names(&harmless), "{attack:?}");
    }
}

#[test]
fn quotes_and_line_ends_in_a_name_are_encoded() {
    let text = calendar_of(vec![entry(|_| "A \"B\"^\r\nC; D".to_owned())]).replace("\r\n ", "");
    assert!(text.contains("ORGANIZER;CN=\"A ^'B^'^^^nC; D\":http"), "{text}");
}

/// Any text: ordinary letters, what means something to iCalendar, and what should not be there.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zé ]{1,40}",
        2 => "[;:,\\\\\"'^=\\-/.]{1,3}",
        1 => prop::sample::select(ATTACKS.to_vec()).prop_map(str::to_owned),
        1 => ".{0,20}",
        1 => "[\u{0}-\u{1f}\u{7f}-\u{9f}]{1,2}",
        1 => "[日本語🎉ж]{1,60}",
    ];
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// A value of the event, read by hand: the parser loses blanks.
fn unfolded(text: &str, name: &str) -> String {
    let unfolded = text.replace("\r\n ", "");
    let event = &unfolded[unfolded.find("BEGIN:VEVENT").unwrap()..];
    let (_, value) = event.split_once(&format!("\r\n{name}:")).unwrap();
    let (mut plain, mut chars) = (String::new(), value.lines().next().unwrap().chars());
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next().unwrap() {
                'n' => '\n',
                escaped => escaped,
            },
            c => c,
        });
    }
    plain
}

/// What the parser leaves of blanks: of several in a row one.
fn squeezed(text: &str) -> String {
    let mut squeezed = String::new();
    for c in text.chars() {
        if !(c == ' ' && squeezed.ends_with(' ')) {
            squeezed.push(c);
        }
    }
    squeezed
}

/// The name of the organizer. By hand: the parser takes backslashes in parameters for escapes, which they are not.
fn organizer(text: &str) -> String {
    let unfolded = text.replace("\r\n ", "");
    let (_, line) = unfolded.split_once("\r\nORGANIZER;CN=").unwrap();
    let name = match line.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap(),
        None => line.split(':').next().unwrap(),
    };
    // RFC 6868
    let (mut decoded, mut chars) = (String::new(), name.chars());
    while let Some(c) = chars.next() {
        decoded.push(match c {
            '^' => match chars.next() {
                Some('n') => '\n',
                Some('\'') => '"',
                Some('^') => '^',
                other => panic!("^{other:?}"),
            },
            c => c,
        });
    }
    decoded
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_written_is_what_is_read(texts in prop::collection::vec(any_text(), 10)) {
        is_read_as_it_was_written(&texts);
    }
}

fn is_read_as_it_was_written(texts: &[String]) {
    let fields = [
        "title",
        "uid",
        "description",
        "place",
        "street",
        "locality",
        "tag",
        "other tag",
        "organizer",
        "address",
    ];
    let say = |field: &str| {
        let at = fields.iter().position(|known| *known == field).unwrap();
        format!("x{}x", texts.get(at).map_or("", String::as_str))
    };
    let entry = entry(say);
    let text = calendar_of(vec![entry.clone()]);
    assert_lines(&text);
    let expected = [
        (ICalendarProperty::Summary, super::text(&say("title"))),
        (ICalendarProperty::Uid, super::text(&say("uid"))),
        (
            ICalendarProperty::Location,
            super::text(&entry.place.as_ref().unwrap().line()),
        ),
        (
            ICalendarProperty::Description,
            description(&entry, &site().settings.url(&entry.event.path())),
        ),
    ];
    let calendar = read(&text);
    for (name, value) in expected {
        assert_eq!(&unfolded(&text, name.as_str()), &value);
        assert_eq!(values(&calendar, &name).concat(), squeezed(&value));
    }
    let tags = [say("tag"), say("other tag")].map(|tag| squeezed(&super::text(&tag)));
    assert_eq!(values(&calendar, &ICalendarProperty::Categories), tags);
    assert_eq!(organizer(&text), super::text(&say("organizer")));
    assert_eq!(&text, &calendar_of(vec![entry]));
}

#[test]
fn fuzz_texts_of_calendars() {
    let words = [
        "\r\n",
        "\n",
        "BEGIN:VALARM",
        "END:VEVENT",
        ";",
        ":",
        ",",
        "\\",
        "\"",
        "^n",
        "\u{2028}",
        "\u{85}",
        "é",
        "🎉",
        " ",
        "\t",
        "\u{0}",
    ];
    domain::fuzz::run("ical-text", &words, |bytes| {
        let texts: Vec<String> = String::from_utf8_lossy(bytes).split('\n').map(str::to_owned).collect();
        is_read_as_it_was_written(&texts);
        texts.len().min(10)
    });
}

#[test]
fn an_offset_of_whole_hours_is_a_zone_that_everybody_knows() {
    let id = |name: &str| zone_id(&Zone::named(name).unwrap());
    assert_eq!(id("Europe/Brussels").as_deref(), Some("Europe/Brussels"));
    assert_eq!(id("+02:00").as_deref(), Some("Etc/GMT-2"));
    assert_eq!(id("-05:00").as_deref(), Some("Etc/GMT+5"));
    assert_eq!(id("+05:30").as_deref(), Some("UTC+0530"));
    assert_eq!(id("-13:00").as_deref(), Some("UTC-1300"));
    assert_eq!(id("+00:00"), None);
    assert_eq!(id("UTC"), None);
    for name in ["Etc/GMT-2", "Etc/GMT+5"] {
        assert!(Zone::named(name).is_ok());
    }
}

#[test]
fn a_begin_that_the_clock_jumps_over_is_written_as_it_will_be_shown() {
    let mut moved = entry(str::to_owned);
    let event = &mut moved.event;
    (event.local_begin, event.local_end) = (at("2026-03-29T02:30"), None);
    event.begins_at = event.zone.instant(event.local_begin);
    event.over_at = event.begins_at;
    let text = calendar_of(vec![moved]);
    assert!(
        text.contains("DTSTART;TZID=Europe/Brussels:20260329T033000\r\n"),
        "{text}"
    );
    assert!(!text.contains("DTEND"));
}
