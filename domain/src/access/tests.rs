//! The matrix of permissions: every policy, every kind of caller, everything that a policy looks at. The snapshot is read
//! like code. What the anonymous caller gets at each field of the API is the matrix of `api`.

use crate::{
    access::Standing,
    calendar_source::{self, CalendarSource, NewSource},
    caller::{Caller, SiteRole},
    error::{Error, Result},
    event::{
        self, Content, Event, NewEvent, Schedule, State, Visibility,
        series::{Series, Template},
    },
    id::{CalendarSourceId, ProfileId, SeriesId},
    media,
    profile::{self, Kind, NewProfile},
    text::{Handle, PlainText, RichText},
    time::{Instant, Zone},
};
use std::{fs, path::Path};
use uuid::Uuid;

const ORGANIZER: ProfileId = ProfileId(Uuid::from_u128(1));
const GROUP: ProfileId = ProfileId(Uuid::from_u128(2));
const OTHER: ProfileId = ProfileId(Uuid::from_u128(3));

/// What else stands in the files of policies, and why it is no column of rows.
const NO_ROW: [(&str, &str); 6] = [
    ("event::standing", "tells what the caller is; `view` and `edit` show it"),
    (
        "event::standing_of_series",
        "tells what the caller is; `view_series` and `edit_series` show it",
    ),
    ("event::of_series", "takes the proof of another policy"),
    ("event::going_on", "takes the proof of another policy"),
    ("media::tend", "the site's own work, without a caller"),
    ("profile::site", "the start of the program, without a caller"),
];

/// Every kind of caller, towards a thing of ORGANIZER for GROUP.
fn callers() -> [(&'static str, Caller); 10] {
    let local = |profile, site| Caller::Local { profile, site };
    [
        ("nobody", Caller::Anonymous),
        ("member", local(OTHER, SiteRole::Member)),
        ("moder.", local(OTHER, SiteRole::Moderator)),
        ("admin", local(OTHER, SiteRole::Administrator)),
        ("organ.", local(ORGANIZER, SiteRole::Member)),
        ("org+adm", local(ORGANIZER, SiteRole::Administrator)),
        ("group", local(GROUP, SiteRole::Member)),
        ("remote", Caller::Remote { profile: OTHER }),
        ("rem.org", Caller::Remote { profile: ORGANIZER }),
        ("system", Caller::System),
    ]
}

fn answer<T>(result: &Result<T>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(Error::Unauthenticated) => "401",
        Err(Error::Forbidden(_)) => "403",
        Err(Error::NotFound(_)) => "404",
        Err(Error::Gone(_)) => "410",
        Err(_) => "?",
    }
}

#[derive(Default)]
struct Matrix(String);

impl Matrix {
    fn policy(&mut self, name: &str) {
        let heads: String = callers().iter().map(|(head, _)| format!(" {head:>7}")).collect();
        self.0.push_str(&format!("\n{name:<30}{heads}\n"));
    }

    fn row<T>(&mut self, thing: &str, ask: impl Fn(&Caller) -> Result<T>) {
        let cells: String = callers()
            .iter()
            .map(|(_, caller)| format!(" {:>7}", answer(&ask(caller))))
            .collect();
        self.0.push_str(&format!("  {thing:<28}{cells}\n"));
    }
}

fn event(state: State, visibility: Visibility) -> Event {
    Event {
        organizer_id: ORGANIZER,
        group_id: Some(GROUP),
        ..event::tests::sample(state, visibility)
    }
}

fn series(state: State, visibility: Visibility) -> Series {
    let at = Instant::from_micros(0).unwrap();
    let start = "2026-12-05T18:00".parse().unwrap();
    Series {
        id: SeriesId(Uuid::nil()),
        organizer_id: ORGANIZER,
        group_id: Some(GROUP),
        zone: Zone::UTC,
        start_local: start,
        all_day: false,
        duration_s: None,
        rule: String::new(),
        template: Template(Content {
            state,
            visibility,
            ..Content::titled(event::tests::plain("x"))
        }),
        horizon_local: start,
        continues_series_id: None,
        ical_uid: "x".into(),
        version: 1,
        created_at: at,
        updated_at: at,
    }
}

fn things() -> impl Iterator<Item = (String, State, Visibility)> {
    State::ALL.iter().flat_map(|state| {
        Visibility::ALL.iter().map(|visibility| {
            (
                format!("{} {}", state.as_str(), visibility.as_str()),
                *state,
                *visibility,
            )
        })
    })
}

/// Who announces, for whom.
const ANNOUNCEMENTS: [(&str, ProfileId, Option<ProfileId>); 5] = [
    ("by organ.", ORGANIZER, None),
    ("by organ. for itself", ORGANIZER, Some(ORGANIZER)),
    ("by organ. for group", ORGANIZER, Some(GROUP)),
    ("by group for itself", GROUP, Some(GROUP)),
    ("by member for organ.", OTHER, Some(ORGANIZER)),
];

fn of_events(matrix: &mut Matrix) {
    use event::policy;
    matrix.policy("event::view");
    for (name, state, visibility) in things() {
        let event = event(state, visibility);
        matrix.row(&name, |caller| policy::view(&event, policy::standing(caller, &event)));
    }
    matrix.policy("event::edit");
    for (name, state, visibility) in things() {
        let event = event(state, visibility);
        matrix.row(&name, |caller| {
            policy::edit(caller, event.clone(), policy::standing(caller, &event))
        });
    }
    matrix.policy("event::create");
    for (name, organizer, group) in ANNOUNCEMENTS {
        let new = NewEvent {
            organizer,
            group,
            schedule: Schedule {
                begin: "2026-12-05T18:00".parse().unwrap(),
                end: None,
                zone: Zone::UTC,
                all_day: false,
            },
            content: Content::titled(event::tests::plain("x")),
            ical_uid: None,
        };
        matrix.row(name, |caller| policy::create(caller, new.clone()));
    }
}

fn of_series(matrix: &mut Matrix) {
    use event::policy;
    matrix.policy("event::view_series");
    for (name, state, visibility) in things() {
        let series = series(state, visibility);
        matrix.row(&name, |caller| {
            policy::view_series(&series, policy::standing_of_series(caller, &series))
        });
    }
    matrix.policy("event::edit_series");
    for (name, state, visibility) in things() {
        let series = series(state, visibility);
        matrix.row(&name, |caller| {
            policy::edit_series(caller, series.clone(), policy::standing_of_series(caller, &series))
        });
    }
    matrix.policy("event::create_series");
    for (name, organizer_id, group_id) in ANNOUNCEMENTS {
        let new = Series {
            organizer_id,
            group_id,
            ..series(State::Published, Visibility::Public)
        };
        matrix.row(name, |caller| policy::create_series(caller, new.clone()));
    }
}

fn of_the_rest(matrix: &mut Matrix) {
    matrix.policy("calendar_source::open");
    for (name, profile) in [("for organ.", ORGANIZER), ("for group", GROUP), ("for member", OTHER)] {
        let new = NewSource {
            profile,
            url: None,
            name: PlainText::default(),
            zone: Zone::UTC,
            subscribed: false,
        };
        matrix.row(name, |caller| calendar_source::policy::open(caller, new.clone()));
    }
    matrix.policy("calendar_source::end");
    for (name, profile_id) in [("of organizer", ORGANIZER), ("of group", GROUP), ("of member", OTHER)] {
        let at = Instant::from_micros(0).unwrap();
        let source = CalendarSource {
            id: CalendarSourceId(Uuid::nil()),
            profile_id,
            url: String::new(),
            name: PlainText::default(),
            zone: Zone::UTC,
            etag: None,
            last_modified: None,
            read_at: None,
            failures: 0,
            failure: None,
            subscribed: true,
            created_at: at,
        };
        matrix.row(name, |caller| calendar_source::policy::end(caller, source.clone()));
    }
    matrix.policy("media::add");
    for (name, profile_id) in [
        ("for organ.", Some(ORGANIZER)),
        ("for group", Some(GROUP)),
        ("for member", Some(OTHER)),
        ("for nobody", None),
    ] {
        let picture = media::Media {
            profile_id,
            ..media::wanted_by(OTHER)
        };
        matrix.row(name, |caller| media::policy::add(caller, picture.clone()));
    }
    matrix.policy("profile::create");
    for kind in Kind::ALL.iter().copied() {
        let new = NewProfile {
            kind,
            name: Handle::new("agenda").unwrap(),
            display_name: PlainText::default(),
            summary: RichText::default(),
            zone: None,
            language: None,
        };
        matrix.row(kind.as_str(), |caller| profile::policy::create(caller, new.clone()));
    }
}

#[test]
fn the_matrix_of_permissions() {
    let mut matrix = Matrix::default();
    of_events(&mut matrix);
    of_series(&mut matrix);
    of_the_rest(&mut matrix);
    assert!(!matrix.0.contains('?'), "{}", matrix.0);
    for policy in policies() {
        let heading = format!("\n{policy:<30} ");
        let excused = NO_ROW.iter().any(|(name, _)| *name == policy);
        assert!(
            matrix.0.contains(&heading) != excused,
            "{policy} has no rows in the matrix of permissions, or an excuse too many"
        );
    }
    insta::assert_snapshot!(matrix.0);
}

/// Every function of the files named `policy.rs` that another file may call.
fn policies() -> Vec<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut names = Vec::new();
    let mut folders = vec![sources];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("policy.rs") {
                let concept = path
                    .parent()
                    .and_then(Path::file_name)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                let text = fs::read_to_string(&path).unwrap();
                let declared = text
                    .lines()
                    .filter(|line| line.starts_with("pub") && line.contains("fn "));
                names.extend(declared.map(|line| {
                    let name = line.split("fn ").nth(1).and_then(|rest| rest.split(['(', '<']).next());
                    format!("{concept}::{}", name.unwrap())
                }));
            }
        }
    }
    assert!(names.len() > NO_ROW.len());
    names
}

#[test]
fn an_owner_is_who_acts_as_the_organizer_or_the_group() {
    for (head, caller) in callers() {
        let standing = Standing::of(&caller, &[Some(ORGANIZER), Some(GROUP)]);
        let expected = match head {
            "system" => Standing::System,
            "organ." | "org+adm" | "group" | "rem.org" => Standing::Owner,
            _ => Standing::Stranger,
        };
        assert_eq!(standing, expected, "{head}");
    }
}
