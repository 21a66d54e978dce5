//! Which old row becomes which new date when the rule, the time or the zone of a series changes. Pure.

use super::model::key_start;
use crate::time::{Day, LocalDateTime};
use std::collections::{BTreeMap, HashMap, HashSet};

/// How far a date may lie from the one it replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The same week, Monday to Sunday: for weekly rules.
    Week,
    /// The same month.
    Month,
}

/// What becomes of the rows of a series.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Old key to new key: the row stays what it is and takes the new date.
    pub kept: BTreeMap<String, String>,
    /// Old keys without a new date: cancelled, or removed where nobody heard of them.
    pub left: Vec<String>,
    /// New keys without an old row: to be inserted.
    pub new: Vec<String>,
}

/// Matches one to one: the same key, else the same day, else the same week or month, oldest first.
pub fn plan(old: &[String], new: &[String], reach: Reach) -> Plan {
    let mut matching = Matching::new(old, new);
    matching.by(|key| Some(key.to_owned()));
    matching.by(|key| key_start(key).map(|at| at.day().to_string()));
    matching.by(|key| key_start(key).map(|at| bucket(at, reach)));
    matching.done()
}

fn bucket(at: LocalDateTime, reach: Reach) -> String {
    let day = at.day();
    match reach {
        Reach::Week => day.plus_days(-i32::from(day.days_from_monday())).to_string(),
        Reach::Month => month(day),
    }
}

fn month(day: Day) -> String {
    let (year, month, _) = day.parts();
    format!("{year}-{month}")
}

struct Matching {
    old: Vec<String>,
    new: Vec<String>,
    kept: BTreeMap<String, String>,
}

impl Matching {
    fn new(old: &[String], new: &[String]) -> Self {
        let sorted = |keys: &[String]| {
            let mut keys = keys.to_vec();
            keys.sort();
            keys.dedup();
            keys
        };
        Self {
            old: sorted(old),
            new: sorted(new),
            kept: BTreeMap::new(),
        }
    }

    /// Pairs what is still alone and has the same `bucket`.
    fn by(&mut self, bucket: impl Fn(&str) -> Option<String>) {
        let mut free: HashMap<String, Vec<String>> = HashMap::new();
        for key in self.new.iter().rev() {
            free.entry(bucket(key).unwrap_or_default())
                .or_default()
                .push(key.clone());
        }
        let mut taken = HashSet::new();
        for key in &self.old {
            let same = bucket(key).and_then(|bucket| free.get_mut(&bucket)).and_then(Vec::pop);
            if let Some(new) = same {
                taken.insert(new.clone());
                self.kept.insert(key.clone(), new);
            }
        }
        self.old.retain(|key| !self.kept.contains_key(key));
        self.new.retain(|key| !taken.contains(key));
    }

    fn done(self) -> Plan {
        Plan {
            kept: self.kept,
            left: self.old,
            new: self.new,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn keys(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_later_hour_keeps_every_row() {
        let plan = plan(
            &keys(&["20261201T180000", "20261208T180000"]),
            &keys(&["20261201T190000", "20261208T190000"]),
            Reach::Week,
        );
        assert_eq!(
            plan.kept.get("20261208T180000").map(String::as_str),
            Some("20261208T190000")
        );
        assert!(plan.left.is_empty() && plan.new.is_empty());
    }

    #[test]
    fn another_weekday_keeps_the_row_of_the_week() {
        let plan = plan(
            &keys(&["20261201", "20261208", "20261215"]),
            &keys(&["20261203", "20261210"]),
            Reach::Week,
        );
        assert_eq!(plan.kept.len(), 2);
        assert_eq!(plan.left, keys(&["20261215"]));
    }

    #[test]
    fn the_same_key_wins_over_the_same_day() {
        let plan = plan(
            &keys(&["20261201T180000", "20261201T200000"]),
            &keys(&["20261201T200000"]),
            Reach::Month,
        );
        assert_eq!(
            plan.kept.get("20261201T200000").map(String::as_str),
            Some("20261201T200000")
        );
        assert_eq!(plan.left, keys(&["20261201T180000"]));
    }

    proptest! {
        #[test]
        fn nobody_is_lost_and_nobody_twice(old in prop::collection::btree_set(1..29_u32, 0..20), new in prop::collection::btree_set(1..29_u32, 0..20)) {
            let text = |days: &std::collections::BTreeSet<u32>, hour: u32| days.iter().map(|day| format!("202602{day:02}T{hour:02}0000")).collect::<Vec<_>>();
            let (old, new) = (text(&old, 18), text(&new, 19));
            let plan = plan(&old, &new, Reach::Week);
            prop_assert_eq!(plan.kept.len() + plan.left.len(), old.len());
            prop_assert_eq!(plan.kept.len() + plan.new.len(), new.len());
            let targets: HashSet<&String> = plan.kept.values().collect();
            prop_assert_eq!(targets.len(), plan.kept.len());
        }
    }
}
