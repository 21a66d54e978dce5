//! What an event is.

use crate::{
    db::{
        column::{json_column, text_enum},
        schema::event,
    },
    error::{Code, Error, FieldError, Result},
    id::{EventId, MediaId, PlaceId, ProfileId, SeriesId},
    place::NewPlace,
    text::{Language, PlainText, RichText},
    time::{Instant, LocalDateTime, Zone},
};
use diesel::{deserialize::FromSqlRow, expression::AsExpression, prelude::*, sql_types::Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use url::Url;

/// The most characters of a title.
pub const MOST_TITLE: u32 = 200;
/// The most tags of an event.
pub const MOST_TAGS: usize = 20;

text_enum! {
    /// How far an event is from being read.
    pub enum State {
        /// Seen by its organizers only.
        Draft = "draft",
        /// Announced.
        Published = "published",
        /// Its address answers "gone"; kept so that nothing late brings it back.
        Deleted = "deleted",
    }
}

text_enum! {
    /// Whether it takes place (RFC 5545 STATUS).
    pub enum Status {
        /// Not yet sure.
        Tentative = "tentative",
        /// It takes place.
        Confirmed = "confirmed",
        /// It does not take place; shown as such.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Who may read it.
    pub enum Visibility {
        /// Everybody, and it stands in lists.
        Public = "public",
        /// Everybody who has the address.
        Unlisted = "unlisted",
        /// Followers of who organizes it.
        Followers = "followers",
        /// Members of the group.
        Members = "members",
        /// Who was invited.
        Invited = "invited",
        /// Who has a secret address.
        Link = "link",
    }
}

text_enum! {
    /// In which public lists it stands; follows from state, visibility and length, for the indexes.
    pub enum Listing {
        /// In none.
        None = "none",
        /// In the list of events that last at most [`Listing::SHORT_DAYS`].
        Short = "short",
        /// In the list of longer ones: exhibitions, seasons.
        Long = "long",
    }
}

impl Attendance {
    /// Whether people can take part on the web, there alone or also.
    pub fn is_online(self) -> bool {
        matches!(self, Self::Online | Self::Hybrid)
    }
}

impl Listing {
    /// Events longer than this are "long": lists of a day need not look further back for what still runs.
    pub const SHORT_DAYS: i64 = 7;
}

text_enum! {
    /// Where people meet.
    pub enum Attendance {
        /// At a place.
        InPerson = "in_person",
        /// At an address on the web.
        Online = "online",
        /// Both.
        Hybrid = "hybrid",
    }
}

text_enum! {
    /// What it is about: the categories of Mobilizon and FEP-8a8e.
    #[expect(missing_docs, reason = "the names say it, the words for people are in the locales")]
    pub enum Category {
        Arts = "arts",
        BookClubs = "book_clubs",
        Business = "business",
        Causes = "causes",
        Comedy = "comedy",
        Crafts = "crafts",
        FoodDrink = "food_drink",
        Health = "health",
        Music = "music",
        AutoBoatAir = "auto_boat_air",
        Community = "community",
        FamilyEducation = "family_education",
        FashionBeauty = "fashion_beauty",
        FilmMedia = "film_media",
        Games = "games",
        LanguageCulture = "language_culture",
        Learning = "learning",
        Lgbtq = "lgbtq",
        MovementsPolitics = "movements_politics",
        Networking = "networking",
        Party = "party",
        PerformingVisualArts = "performing_visual_arts",
        Pets = "pets",
        Photography = "photography",
        OutdoorsAdventure = "outdoors_adventure",
        SpiritualityReligionBeliefs = "spirituality_religion_beliefs",
        ScienceTech = "science_tech",
        Sports = "sports",
        Theatre = "theatre",
        Meeting = "meeting",
    }
}

/// When an event is, as people say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Wall time of the begin; midnight of the first day of an all-day event.
    pub begin: LocalDateTime,
    /// Wall time of the end, if it has one; for an all-day event the first moment **after** its last day.
    pub end: Option<LocalDateTime>,
    /// The zone of both.
    pub zone: Zone,
    /// Whole days.
    pub all_day: bool,
}

impl Schedule {
    /// The moment it begins.
    pub fn begins_at(&self) -> Instant {
        self.zone.instant(self.begin)
    }

    /// The moment it ends, if it has an end.
    pub fn ends_at(&self) -> Option<Instant> {
        self.end.map(|end| self.zone.instant(end).max(self.begins_at()))
    }

    /// Seconds of wall time that it lasts.
    pub fn duration(&self) -> Option<i64> {
        self.end.map(|end| end.seconds_since(self.begin))
    }

    /// Checks that the end lies behind the begin, and that all-day means whole days.
    ///
    /// # Errors
    /// `Invalid(endsOn: EndsBeforeBegin)`, `Invalid(beginsOn: Malformed)`.
    pub fn checked(self) -> Result<Self> {
        if self
            .end
            .is_some_and(|end| end < self.begin || (self.all_day && end == self.begin))
        {
            return Err(FieldError::one("endsOn", Code::EndsBeforeBegin));
        }
        let midnight = |at: LocalDateTime| at.clock() == (0, 0, 0);
        if self.all_day && !(midnight(self.begin) && self.end.is_some_and(midnight)) {
            return Err(FieldError::one("beginsOn", Code::Malformed));
        }
        Ok(self)
    }
}

/// A named value beside the event: accessibility, a video link, a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// Mobilizon's key: `mz:accessibility:wheelchairAccessible`.
    pub key: String,
    /// A title for people, where the key is of no known kind.
    pub title: Option<String>,
    /// The value, as text.
    pub value: String,
}

/// What is only shown and never asked for: one column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
#[serde(default)]
pub struct Details {
    /// Where the event was announced first, when it was brought from a calendar.
    pub source_url: Option<Url>,
    /// A telephone number.
    pub phone: Option<String>,
    /// More, by key.
    pub metadata: Vec<Metadata>,
}

json_column!(Details);

text_enum! {
    /// A part of an occurrence that was changed alone, and that edits of its series leave as it is.
    #[expect(missing_docs, reason = "the names say it")]
    pub enum Part {
        Title = "title",
        Description = "description",
        Time = "time",
        Status = "status",
        Place = "place",
        Category = "category",
        Tags = "tags",
        Picture = "picture",
        Address = "address",
        Details = "details",
        Language = "language",
        Visibility = "visibility",
    }
}

/// The parts of an occurrence that were changed alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub struct Detached(pub BTreeSet<Part>);

json_column!(Detached);

/// An event: a row. An occurrence of a series is one like any other.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = event, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Event {
    /// Identifier, part of its address; never changes, never used again.
    pub id: EventId,
    /// The series that it is a date of.
    pub series_id: Option<SeriesId>,
    /// Its original local start in the series: stays when it is moved.
    pub recurrence_key: Option<String>,
    /// What was changed in this occurrence alone.
    pub detached: Detached,
    /// The profile that announced it.
    pub organizer_id: ProfileId,
    /// The group that it is announced for.
    pub group_id: Option<ProfileId>,
    /// Its title, never empty.
    pub title: PlainText,
    /// Wall time of the begin, in `zone`.
    pub local_begin: LocalDateTime,
    /// Wall time of the end, exclusive; `None`: no end was said.
    pub local_end: Option<LocalDateTime>,
    /// The zone of the wall times.
    pub zone: Zone,
    /// Whole days: shown without times.
    pub all_day: bool,
    /// The moment it begins, from the wall time.
    pub begins_at: Instant,
    /// The moment from which it is past: its end, or its begin where it has no end.
    pub over_at: Instant,
    /// Draft, published or deleted.
    pub state: State,
    /// Whether it takes place.
    pub status: Status,
    /// Who may read it.
    pub visibility: Visibility,
    /// In which public lists it stands.
    pub listing: Listing,
    /// What it is about.
    pub category: Category,
    /// The language of its texts.
    pub language: Option<Language>,
    /// At a place, online or both.
    pub attendance: Attendance,
    /// A web address: of the meeting (online, hybrid), else a page about it. http or https.
    pub online_address: Option<String>,
    /// Where it happens.
    pub place_id: Option<PlaceId>,
    /// The grid cell of its place, for distances.
    pub cell: Option<i32>,
    /// Its picture.
    pub picture_id: Option<MediaId>,
    /// What is only shown.
    pub details: Details,
    /// RFC 5545 SEQUENCE: counts changes of time, place and status.
    pub sequence: i32,
    /// UID in calendars: written once, never computed again.
    pub ical_uid: String,
    /// Counts every change, so that two people saving at once are told.
    pub version: i32,
    /// When it came into being.
    pub created_at: Instant,
    /// When it was changed last.
    pub updated_at: Instant,
}

impl Event {
    /// When it is.
    pub fn schedule(&self) -> Schedule {
        Schedule {
            begin: self.local_begin,
            end: self.local_end,
            zone: self.zone.clone(),
            all_day: self.all_day,
        }
    }

    /// The moment it ends, if it has an end.
    pub fn ends_at(&self) -> Option<Instant> {
        self.local_end.map(|_| self.over_at)
    }

    /// The path of its page.
    pub fn path(&self) -> String {
        format!("/events/{}", self.id)
    }

    /// Whose it is: the group, where there is one, else the person.
    pub fn owner(&self) -> ProfileId {
        self.group_id.unwrap_or(self.organizer_id)
    }
}

/// What is said of an event, without its dates: also what the occurrences of a series have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// Its title.
    pub title: PlainText,
    /// The long text.
    pub description: RichText,
    /// Draft or published.
    pub state: State,
    /// Whether it takes place.
    pub status: Status,
    /// Who may read it.
    pub visibility: Visibility,
    /// What it is about.
    pub category: Category,
    /// The language of its texts.
    pub language: Option<Language>,
    /// At a place, online or both.
    pub attendance: Attendance,
    /// A web address.
    pub online_address: Option<Url>,
    /// Where it happens.
    pub place: Option<NewPlace>,
    /// Titles of its tags.
    pub tags: Vec<PlainText>,
    /// Its picture, if one is kept already.
    pub picture: Option<MediaId>,
    /// What is only shown.
    pub details: Details,
}

impl Content {
    /// A public event that takes place, about nothing in particular.
    pub fn titled(title: PlainText) -> Self {
        Self {
            title,
            description: RichText::default(),
            state: State::Published,
            status: Status::Confirmed,
            visibility: Visibility::Public,
            category: Category::Meeting,
            language: None,
            attendance: Attendance::InPerson,
            online_address: None,
            place: None,
            tags: Vec::new(),
            picture: None,
            details: Details::default(),
        }
    }
}

/// An event that is to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// The profile that announces it.
    pub organizer: ProfileId,
    /// The group that it is announced for.
    pub group: Option<ProfileId>,
    /// When.
    pub schedule: Schedule,
    /// What.
    pub content: Content,
    /// A UID of elsewhere to keep, if no event here has it.
    pub ical_uid: Option<String>,
}

/// A web address that may be shown and followed: `http` or `https`, with a host, without a password in it.
///
/// # Errors
/// `Invalid(field: Malformed)`.
pub fn web_address(field: &'static str, text: &str) -> Result<Url> {
    let malformed = || FieldError::one(field, Code::Malformed);
    let Ok(url) = Url::parse(text.trim()) else {
        return Err(malformed());
    };
    let good = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= 2_000;
    if good { Ok(url) } else { Err(malformed()) }
}

/// The error for an event that is not there or may not be seen.
pub(crate) fn not_found() -> Error {
    Error::NotFound(crate::error::What::Event)
}
