//! Names and patterns of dates, as CLDR has them. A pattern is text with one sign for each field.

use crate::time::{Day, LocalDateTime};
use serde::Deserialize;

/// The signs of a pattern, as `frontend/src/lib/time/names.ts` has them; of the end of a range 16 more.
mod sign {
    pub(super) const WEEKDAY: u32 = 1;
    pub(super) const DAY: u32 = 2;
    pub(super) const MONTH: u32 = 3;
    pub(super) const YEAR: u32 = 4;
    pub(super) const HOUR: u32 = 5;
    pub(super) const MINUTE: u32 = 6;
    pub(super) const END: u32 = 16;
}

/// The table of a language. The pages read more of it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dates {
    /// From Sunday on.
    long_weekdays: Vec<String>,
    long_months: Vec<String>,
    /// What stands for the day 1.
    first_day: String,
    date: String,
    /// Of two days in one month, in one year, in two years.
    ranges: [String; 3],
    time: String,
    /// A time on the hour.
    full_hour: String,
    two_digit_hours: bool,
}

impl Dates {
    pub(super) fn date(&self, day: Day) -> String {
        let at = day.midnight();
        self.fill(&self.date, at, at)
    }

    pub(super) fn time(&self, at: LocalDateTime) -> String {
        let is_full = at.clock().1 == 0;
        self.fill(if is_full { &self.full_hour } else { &self.time }, at, at)
    }

    pub(super) fn range(&self, first: Day, last: Day) -> String {
        let [in_month, in_year, years] = &self.ranges;
        let ((year, month, _), (last_year, last_month, _)) = (first.parts(), last.parts());
        let pattern = match (year == last_year, month == last_month) {
            (true, true) => in_month,
            (true, false) => in_year,
            (false, _) => years,
        };
        self.fill(pattern, first.midnight(), last.midnight())
    }

    fn fill(&self, pattern: &str, begin: LocalDateTime, end: LocalDateTime) -> String {
        let mut text = String::with_capacity(48);
        for c in pattern.chars() {
            match u32::from(c) {
                field @ 1..=6 => self.field(&mut text, field, begin),
                field @ 17..=22 => self.field(&mut text, field - sign::END, end),
                _ => text.push(c),
            }
        }
        text
    }

    fn field(&self, text: &mut String, field: u32, at: LocalDateTime) {
        let (year, month, day) = at.day().parts();
        let (hour, minute, _) = at.clock();
        let named = |names: &[String], at: i8| {
            let name = usize::try_from(at).ok().and_then(|at| names.get(at));
            name.cloned().unwrap_or_default()
        };
        let words = match field {
            sign::WEEKDAY => named(&self.long_weekdays, (at.day().days_from_monday() + 1) % 7),
            sign::DAY if day == 1 => self.first_day.clone(),
            sign::DAY => day.to_string(),
            sign::MONTH => named(&self.long_months, month - 1),
            sign::YEAR => year.to_string(),
            sign::HOUR if self.two_digit_hours => format!("{hour:02}"),
            sign::HOUR => hour.to_string(),
            sign::MINUTE => format!("{minute:02}"),
            _ => String::new(),
        };
        text.push_str(&words);
    }
}
