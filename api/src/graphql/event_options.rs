//! How an event is shown and how one takes part, in Mobilizon's groups.
//!
//! Taking part on this site does not exist yet: what would say how says that there is no such way, in the values that
//! Mobilizon's programs understand (a capacity of 0 is "not limited").

use super::scalar::Timezone;
use async_graphql::{Enum, SimpleObject};
use domain::event::{Event, Metadata};

/// How an event is shown, and how one takes part.
#[derive(SimpleObject)]
#[expect(clippy::struct_excessive_bools, reason = "Mobilizon's programs read them so")]
pub(super) struct EventOptions {
    /// How many people may come; 0 is as many as want to.
    maximum_attendee_capacity: i32,
    /// How many places are left; 0 where they are not counted.
    remaining_attendee_capacity: i32,
    /// Whether to show how many places are left.
    show_remaining_attendee_capacity: bool,
    /// Whether one may take part without an account.
    anonymous_participation: bool,
    /// Tickets.
    offers: Vec<EventOffer>,
    /// What one agrees to by taking part.
    participation_conditions: Vec<EventParticipationCondition>,
    /// Who comes, by name.
    attendees: Vec<String>,
    /// What happens when.
    program: Option<String>,
    /// Who may comment.
    comment_moderation: EventCommentModeration,
    /// Whether to show a price.
    show_participation_price: bool,
    /// Whether to keep silent about how many people come.
    hide_number_of_participants: bool,
    /// Whether to show the time of the begin: not for all-day events.
    show_start_time: bool,
    /// Whether to show the time of the end: not for all-day events, and not where there is no end.
    show_end_time: bool,
    /// The zone of its clock.
    timezone: Option<Timezone>,
    /// Whether to show the group instead of the person.
    hide_organizer_when_group_event: bool,
    /// Whether it happens on the web, there alone or also.
    is_online: bool,
}

impl EventOptions {
    pub(super) fn of(event: &Event) -> Self {
        Self {
            maximum_attendee_capacity: 0,
            remaining_attendee_capacity: 0,
            show_remaining_attendee_capacity: false,
            anonymous_participation: false,
            offers: Vec::new(),
            participation_conditions: Vec::new(),
            attendees: Vec::new(),
            program: None,
            comment_moderation: EventCommentModeration::Closed,
            show_participation_price: false,
            hide_number_of_participants: true,
            show_start_time: !event.all_day,
            show_end_time: !event.all_day && event.local_end.is_some(),
            timezone: super::scalar::zone_name(&event.zone).map(|_| Timezone(event.zone.clone())),
            hide_organizer_when_group_event: event.group_id.is_some(),
            is_online: event.attendance.is_online(),
        }
    }
}

/// Who may comment on an event.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventCommentModeration {
    /// Everybody.
    AllowAll,
    /// Everybody; the organizers read it first.
    Moderated,
    /// Nobody.
    Closed,
}

/// A ticket.
#[derive(SimpleObject)]
struct EventOffer {
    /// What it costs.
    price: Option<f64>,
    /// In which money: `EUR`.
    price_currency: Option<String>,
    /// Where to get it.
    url: Option<String>,
}

/// What one agrees to by taking part.
#[derive(SimpleObject)]
struct EventParticipationCondition {
    /// In a few words.
    title: Option<String>,
    /// In full.
    content: Option<String>,
    /// A page that says it.
    url: Option<String>,
}

/// Something more about an event.
#[derive(SimpleObject)]
pub(super) struct EventMetadata {
    /// What it is about, for programs: `mz:accessibility:wheelchairAccessible`.
    key: String,
    /// What it is about, for people, where the key is of no known kind.
    title: Option<String>,
    /// The value, as text.
    value: String,
    /// How the value is to be read.
    #[graphql(name = "type")]
    kind: EventMetadataType,
}

impl EventMetadata {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self {
            key: metadata.key.clone(),
            title: metadata.title.clone(),
            value: metadata.value.clone(),
            kind: EventMetadataType::of(&metadata.value),
        }
    }
}

/// How a value is to be read.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventMetadataType {
    /// As text.
    String,
    /// As a whole number.
    Integer,
    /// As `true` or `false`.
    Boolean,
}

impl EventMetadataType {
    fn of(value: &str) -> Self {
        match value {
            "true" | "false" => Self::Boolean,
            number if number.parse::<i32>().is_ok_and(|read| read.to_string() == number) => Self::Integer,
            _ => Self::String,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbers_only_where_nothing_is_lost() {
        assert_eq!(EventMetadataType::of("true"), EventMetadataType::Boolean);
        assert_eq!(EventMetadataType::of("12"), EventMetadataType::Integer);
        assert_eq!(EventMetadataType::of("0477"), EventMetadataType::String);
        assert_eq!(
            EventMetadataType::of("https://kermesse.example"),
            EventMetadataType::String
        );
    }
}
