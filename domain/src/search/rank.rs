//! The order of what matches: where the words stand, then the date. Pure, so that both databases answer alike.

use super::words::Word;
use crate::{
    id::{EventId, SeriesId},
    time::Instant,
};
use std::{cmp::Reverse, collections::HashSet};

/// Points for a word in the title, in a tag, place or name, and in the text.
const POINTS: [u32; 3] = [4, 2, 1];

/// An event that matches, with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) id: EventId,
    pub(super) series: Option<SeriesId>,
    pub(super) begins_at: Instant,
    pub(super) over_at: Instant,
    pub(super) title_words: String,
    /// Tags, place and names; then, on a line of its own, the text.
    pub(super) other_words: String,
}

/// The identifiers in order: what is not over before what is, then by points, then the nearer date.
pub(super) fn rank(words: &[Word], matches: Vec<Match>, now: Instant, one_a_series: bool) -> Vec<EventId> {
    let mut scored: Vec<(bool, Reverse<u32>, i64, Match)> = matches
        .into_iter()
        .map(|found| {
            let is_past = found.over_at <= now && found.begins_at < now;
            let distance = found.begins_at.micros();
            let distance = if is_past { -distance } else { distance };
            (is_past, Reverse(points(words, &found)), distance, found)
        })
        .collect();
    scored.sort_by_key(|(is_past, points, distance, found)| (*is_past, *points, *distance, found.id));
    let mut shown = HashSet::new();
    scored.retain(|(_, _, _, found)| !one_a_series || found.series.is_none_or(|series| shown.insert(series)));
    scored.into_iter().map(|(_, _, _, found)| found.id).collect()
}

fn points(words: &[Word], found: &Match) -> u32 {
    let (names, text) = found.other_words.split_once('\n').unwrap_or((&found.other_words, ""));
    let fields = [found.title_words.as_str(), names, text];
    let best = |word: &Word| {
        let has = |field: &str| field.split(' ').any(|one| word.is(one));
        fields
            .iter()
            .zip(POINTS)
            .find(|(field, _)| has(field))
            .map_or(0, |(_, points)| points)
    };
    words.iter().map(best).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::words::of_query;
    use uuid::Uuid;

    fn found(n: u128, at: i64, title: &str, other: &str) -> Match {
        let at = Instant::from_micros(at).unwrap();
        Match {
            id: EventId(Uuid::from_u128(n)),
            series: None,
            begins_at: at,
            over_at: at,
            title_words: title.into(),
            other_words: other.into(),
        }
    }

    #[test]
    fn coming_before_past_then_the_title_then_the_date() {
        let now = Instant::from_micros(100).unwrap();
        let matches = vec![
            found(1, 50, "soupe", ""),
            found(2, 300, "bal", "quartier\nsoupe"),
            found(3, 400, "soupe", ""),
            found(4, 200, "soupe", ""),
            found(5, 150, "bal", "soupe\ntexte"),
            found(6, 60, "soupe", ""),
        ];
        let order: Vec<u128> = rank(&of_query("soupe"), matches, now, false)
            .into_iter()
            .map(|id| id.0.as_u128())
            .collect();
        assert_eq!(order, [4, 3, 5, 2, 6, 1]);
    }
}
