//! What the program itself says in a language, where no page does: dates in words, and the phrases around them.
//!
//! The tables in `domain/locales` are those of the pages, so that a feed, a mail and the page of an event say the same.
//! Nothing here knows a zone: a reading of the clock on the wall is put in words as it is.

mod dates;

use crate::{
    text::Language,
    time::{Day, LocalDateTime},
};
use dates::Dates;
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

/// A party until four in the morning is still the evening's.
const NIGHT_ENDS_AT: i8 = 6;

/// The words of a language.
#[derive(Debug, Default)]
pub struct Words {
    language: String,
    dates: Dates,
    phrases: Phrases,
    categories: BTreeMap<String, String>,
}

/// Phrases with `{names}` for what is put in.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
struct Phrases {
    cancelled_title: String,
    is_cancelled: String,
    day_time: String,
    from_to: String,
    day_at: String,
    day_between: String,
}

/// When something is, as the clock on the wall of its place says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its begin.
    pub begin: LocalDateTime,
    /// Its end, if it has one; of whole days the first moment after the last.
    pub end: Option<LocalDateTime>,
    /// Whole days.
    pub all_day: bool,
}

impl Span {
    /// The last day: the end of a whole day is the first moment after it, and a night belongs to its evening.
    pub fn last_day(&self) -> Day {
        let first = self.begin.day();
        let Some(end) = self.end else { return first };
        let is_midnight = end.clock() == (0, 0, 0);
        let is_same_night = end.clock().0 < NIGHT_ENDS_AT && end.day().days_since(first) == 1;
        let belongs_to_day_before = self.all_day || is_same_night || is_midnight;
        first.max(end.day().plus_days(if belongs_to_day_before { -1 } else { 0 }))
    }
}

impl Words {
    /// The words of a language; of `pt-br` those of `pt`. `None` where there are none.
    pub fn of(language: &str) -> Option<&'static Self> {
        let primary = language.split(['-', '_']).next()?;
        ALL.iter().find(|words| words.language.eq_ignore_ascii_case(primary))
    }

    /// The words for what is written in `language`, else those of `site`, else English.
    pub fn choose(language: Option<&Language>, site: &str) -> &'static Self {
        language
            .and_then(|language| Self::of(language.as_str()))
            .or_else(|| Self::of(site))
            .or_else(|| Self::of("en"))
            .unwrap_or(&NONE)
    }

    /// The tag of the language: `fr`.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// "Annulé : Fête de la soupe"
    pub fn cancelled(&self, title: &str) -> String {
        fill(&self.phrases.cancelled_title, &[("title", title)])
    }

    /// "Ce rendez-vous est annulé."
    pub fn is_cancelled(&self) -> &str {
        &self.phrases.is_cancelled
    }

    /// The name of a category, by the text that the database has for it: "Musique".
    pub fn category(&self, category: &str) -> &str {
        let name = self.categories.get(&category.to_ascii_uppercase());
        name.map(String::as_str).unwrap_or_default()
    }

    /// "samedi 5 décembre 2026"
    pub fn date(&self, day: Day) -> String {
        self.dates.date(day)
    }

    /// "18 h 30", and "18 h" on the hour. The spaces in it do not break.
    pub fn time(&self, at: LocalDateTime) -> String {
        self.dates.time(at)
    }

    /// Its days: "samedi 5 décembre 2026", "samedi 5 – lundi 7 décembre 2026".
    pub fn days(&self, span: &Span) -> String {
        let (first, last) = (span.begin.day(), span.last_day());
        if last > first {
            self.dates.range(first, last)
        } else {
            self.date(first)
        }
    }

    /// Days and hours: "samedi 12 juin 2027, de 12 h à 22 h".
    pub fn when(&self, span: &Span) -> String {
        let Span { begin, end, all_day } = *span;
        let lasts_days = span.last_day() > begin.day();
        let (day, from) = (self.date(begin.day()), self.time(begin));
        match end {
            _ if all_day => self.days(span),
            Some(end) if lasts_days => {
                let side = |at: LocalDateTime| {
                    let (day, time) = (self.date(at.day()), self.time(at));
                    fill(&self.phrases.day_time, &[("day", &day), ("time", &time)])
                };
                fill(&self.phrases.from_to, &[("from", &side(begin)), ("to", &side(end))])
            }
            Some(end) if end > begin => {
                let to = self.time(end);
                fill(
                    &self.phrases.day_between,
                    &[("day", &day), ("from", &from), ("to", &to)],
                )
            }
            Some(_) | None => fill(&self.phrases.day_at, &[("day", &day), ("time", &from)]),
        }
    }
}

static NONE: LazyLock<Words> = LazyLock::new(Words::default);

/// The tables are ours and part of the program; a test reads them, so that they are never empty.
static ALL: LazyLock<Vec<Words>> = LazyLock::new(|| {
    let dates: BTreeMap<String, Dates> = read(include_str!("../../locales/dates.json"));
    let mut phrases: BTreeMap<String, Phrases> = read(include_str!("../../locales/phrases.json"));
    let mut categories: BTreeMap<String, BTreeMap<String, String>> =
        read(include_str!("../../locales/categories.json"));
    let words = dates.into_iter().filter_map(|(language, dates)| {
        let phrases = phrases.remove(&language)?;
        let categories = categories.remove(&language)?;
        Some(Words {
            language,
            dates,
            phrases,
            categories,
        })
    });
    words.collect()
});

fn read<T: Default + serde::de::DeserializeOwned>(table: &str) -> T {
    serde_json::from_str(table).unwrap_or_default()
}

/// Puts values in the place of their names; what is put in is not looked at again.
fn fill(phrase: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(phrase.len() + 64);
    let mut rest = phrase;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, following) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.extend(
            values
                .iter()
                .filter(|(known, _)| *known == name)
                .map(|(_, value)| *value),
        );
        rest = following;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests;
