//! An agenda in which everything occurs that an event can be.

use crate::feed::Site;
use bytes::Bytes;
use domain::{
    caller::Caller,
    db::{
        Tx,
        testing::{TestDb, test_keys},
    },
    event::{
        self, Attendance, Content, EventPatch, NewEvent, Schedule, State, Status, Visibility,
        series::{self as event_series, NewSeries},
    },
    file::FileFormat,
    id::{EventId, MediaId, ProfileId, SeriesId},
    media,
    place::{NewPlace, Point},
    ports::{Picture, Rendition},
    profile::{self, Kind, NewProfile},
    settings::Settings,
    text::{Handle, Language, PlainText, RichText},
    time::{
        LocalDateTime, Zone,
        recurrence::{Recurrence, Rule},
    },
    words::Words,
};

/// What tests ask about.
pub(in crate::feed) struct Made {
    pub(in crate::feed) profile: ProfileId,
    pub(in crate::feed) party: EventId,
    pub(in crate::feed) deleted: EventId,
    pub(in crate::feed) series: SeriesId,
}

/// The sample, an hour after it was announced: something was deleted, moved, cancelled.
pub(in crate::feed) async fn sample() -> (TestDb, Made) {
    let test_db = TestDb::new();
    let made = test_db.db.write(|tx| Ok(announce_all(tx))).await.unwrap();
    test_db.clock.advance(3600);
    let change = move |tx: &mut Tx<'_>| {
        change(tx, &made);
        Ok(made)
    };
    let made = test_db.db.write(change).await.unwrap();
    (test_db, made)
}

pub(in crate::feed) fn settings() -> Settings {
    Settings {
        public_url: "https://agenda.example/".parse().unwrap(),
        name: "L’agenda d’ici & d’à côté".into(),
        description: "Tout ce qui se passe".into(),
        zone: zone("Europe/Brussels"),
        languages: vec!["fr".into(), "en".into()],
        country: Some("BE".into()),
        contact: None,
    }
}

pub(in crate::feed) fn site() -> Site {
    Site {
        settings: settings(),
        words: Words::of("fr").unwrap(),
    }
}

/// An agenda that is being filled.
pub(in crate::feed) struct Agenda<'t, 'c> {
    tx: &'t mut Tx<'c>,
    profile: ProfileId,
}

impl<'t, 'c> Agenda<'t, 'c> {
    pub(in crate::feed) fn new(tx: &'t mut Tx<'c>) -> Self {
        let new = NewProfile {
            kind: Kind::Group,
            name: Handle::new("comite").unwrap(),
            display_name: line("Comité \"des fêtes\" & Cie"),
            summary: RichText::default(),
            zone: None,
            language: None,
        };
        let profile = profile::create(tx, &Caller::System, new, &test_keys()).unwrap().id;
        Self { tx, profile }
    }

    /// Announces an event in French from `begin` to `end`; times without hours mean whole days, up to and without `end`.
    pub(in crate::feed) fn add(
        &mut self,
        title: &str,
        begin: &str,
        end: &str,
        edit: impl FnOnce(&mut NewEvent),
    ) -> EventId {
        let mut content = Content::titled(line(title));
        content.language = Language::parse("fr");
        let mut new = NewEvent {
            organizer: self.profile,
            group: None,
            schedule: when(begin, end),
            content,
            ical_uid: None,
        };
        edit(&mut new);
        event::create(self.tx, &Caller::System, new).unwrap().id
    }

    fn picture(&mut self) -> MediaId {
        let source = "https://pictures.example/a.jpg".parse().unwrap();
        let id = media::want(self.tx, &Caller::System, &source, line("une marmite"), self.profile).unwrap();
        let rendition = |format, width| Rendition {
            format,
            width,
            height: width / 2,
            bytes: Bytes::from_static(b"picture"),
        };
        let picture = Picture {
            sizes: vec![rendition(FileFormat::WebP, 400)],
            preview: rendition(FileFormat::Jpeg, 1200),
            blurhash: "LEHV6nWB2yk8".into(),
        };
        media::record_ready(self.tx, id, &picture).unwrap();
        id
    }

    fn series(&mut self) -> SeriesId {
        let mut content = Content::titled(line("Table de jeux"));
        content.language = Language::parse("fr");
        content.place = Some(hall());
        content.description = RichText::from_plain("Venez comme vous êtes.");
        let new = NewSeries {
            organizer: self.profile,
            group: None,
            recurrence: Recurrence {
                rule: Some(Rule::parse("FREQ=WEEKLY;UNTIL=20270128T180000Z").unwrap()),
                start: at("2026-12-03T18:00"),
                zone: zone("Europe/Brussels"),
                all_day: false,
                added: vec![at("2026-12-05T15:00")],
                skipped: vec![at("2026-12-24T18:00")],
            },
            duration_s: Some(3 * 3600),
            content,
            ical_uid: None,
        };
        event_series::create(self.tx, &Caller::System, new).unwrap().id
    }
}

fn announce_all(tx: &mut Tx<'_>) -> Made {
    let mut agenda = Agenda::new(tx);
    let picture = agenda.picture();
    let party = agenda.add(
        "Fête de la soupe; « été », \\ & cie",
        "2026-12-05T18:00",
        "2026-12-05T23:30",
        |new| {
            new.content.description = RichText::from_html(PARTY);
            new.content.place = Some(hall());
            new.content.tags = vec![line("Soupe"), line("entrée libre, ou presque; oui")];
            new.content.picture = Some(picture);
        },
    );
    announce_places(&mut agenda);
    announce_times(&mut agenda);
    announce_hidden(&mut agenda);
    let deleted = agenda.add("Supprimé", "2026-12-21T10:00", "2026-12-21T11:00", |new| {
        new.content.description = RichText::from_plain("disparu");
    });
    Made {
        series: agenda.series(),
        profile: agenda.profile,
        party,
        deleted,
    }
}

const PARTY: &str = "<p>De la soupe, du pain &amp; des chansons. <strong>Apportez votre bol&nbsp;!</strong></p>\
<ul><li>potiron</li><li>poireaux, pommes de terre</li></ul>\
<p>Voir <a href=\"https://soupe.example/?a=1&amp;b=2\">la carte</a></p>";

fn announce_places(agenda: &mut Agenda<'_, '_>) {
    agenda.add("Open lecture 🎙", "2027-01-15T19:00", "2027-01-15T20:30", |new| {
        new.schedule.zone = zone("America/New_York");
        new.content.language = Language::parse("en");
        new.content.attendance = Attendance::Online;
        new.content.online_address = Some("https://meet.example/salle?x=1;y=2".parse().unwrap());
        new.content.status = Status::Tentative;
    });
    agenda.add(
        "Assemblée, ici et en ligne",
        "2027-01-20T19:00",
        "2027-01-20T21:00",
        |new| {
            new.content.attendance = Attendance::Hybrid;
            new.content.place = Some(hall());
            new.content.online_address = Some("https://meet.example/assemblee".parse().unwrap());
        },
    );
}

fn announce_times(agenda: &mut Agenda<'_, '_>) {
    agenda.add("Marché de Noël", "2026-12-12", "2026-12-13", |new| {
        new.content.place = Some(hall());
    });
    agenda.add("Exposition", "2026-12-18", "2027-01-04", |_| {});
    agenda.add(
        "Fin de semaine de danse",
        "2027-02-12T20:00",
        "2027-02-14T17:00",
        |_| {},
    );
    // The clock jumps over the one and shows the other twice.
    agenda.add("Rendez-vous sans fin", "2027-03-28T02:30", "", |_| {});
    agenda.add(
        "Deux heures et demie du matin",
        "2027-10-31T02:30",
        "2027-10-31T04:00",
        |_| {},
    );
    agenda.add("Kermesse d’automne", "2026-10-10T10:00", "2026-10-10T18:00", |_| {});
}

/// What no feed shows.
fn announce_hidden(agenda: &mut Agenda<'_, '_>) {
    agenda.add("Trop ancien", "2026-08-10T10:00", "2026-08-10T18:00", |_| {});
    agenda.add("Brouillon", "2026-12-20T10:00", "", |new| {
        new.content.state = State::Draft;
    });
    agenda.add("Non répertorié", "2026-12-20T10:00", "", |new| {
        new.content.visibility = Visibility::Unlisted;
    });
}

fn change(tx: &mut Tx<'_>, made: &Made) {
    event::remove(tx, &Caller::System, made.deleted).unwrap();
    let rows = event_series::dated(tx, &Caller::System, made.series).unwrap().rows;
    let (moved, cancelled) = (&rows[2].1, &rows[3].1);
    let patch = EventPatch {
        schedule: Some(when("2026-12-11T19:30", "2026-12-11T22:00")),
        ..EventPatch::default()
    };
    event::update(tx, &Caller::System, moved.id, patch).unwrap();
    event::cancel(tx, &Caller::System, cancelled.id).unwrap();
}

fn hall() -> NewPlace {
    NewPlace {
        name: line("Salle « Les Marronniers »"),
        street: line("rue de l’Église, 12; fond de la cour"),
        postal_code: line("5651"),
        locality: line("Tarcienne"),
        country: line("Belgique"),
        point: Point::new(50.3108, 4.5003),
        ..NewPlace::default()
    }
}

fn when(begin: &str, end: &str) -> Schedule {
    let all_day = begin.len() == 10;
    let read = |text: &str| {
        at(&if all_day {
            format!("{text}T00:00")
        } else {
            text.to_owned()
        })
    };
    Schedule {
        begin: read(begin),
        end: (!end.is_empty()).then(|| read(end)),
        zone: zone("Europe/Brussels"),
        all_day,
    }
}

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

fn line(text: &str) -> PlainText {
    PlainText::new("title", text, 200).unwrap()
}

fn at(text: &str) -> LocalDateTime {
    text.parse().unwrap()
}
