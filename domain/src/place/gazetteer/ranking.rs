//! Keeps the best places among those that match.
//!
//! The score is `ln(population + 10)`, and more for a whole name, for the country of the site, for the neighbourhood of
//! the reader. "Whole names first" alone would be wrong: "par" would find Par in Cornwall before Paris. A later
//! word, or a name in another language that is only begun, counts less: "jabr" means Jabrun rather than
//! Montboucher-sur-Jabron, and "tarc" Tarcienne rather than Kangding, once Tarchendo.

use crate::place::distance::{self, Point};
use crate::place::gazetteer::keys::{self, Hit};
use crate::place::gazetteer::layout::{Kind, largest_size, size};
use crate::place::gazetteer::view::View;
use crate::place::gazetteer::{GazetteerPlace, Preference};
use crate::text::normalise::normalise;

const WHOLE_NAME: f64 = 2.0;
const SAME_COUNTRY: f64 = 3.0;
const NEAR_HOME: f64 = 2.0;
const LATER_WORD: f64 = -3.0;
const BEGUN_OTHER_NAME: f64 = -3.0;
const HOME_KM: f64 = 100.0;

/// The best places so far.
pub(super) struct Best<'v> {
    pub(super) view: View<'v>,
    country: Option<u8>,
    home: Option<Point>,
    /// `None`: the whole world.
    only: Option<Vec<u8>>,
    limit: usize,
    /// Score and record, the best first.
    kept: Vec<(f64, usize)>,
}

impl<'v> Best<'v> {
    pub(super) fn new(view: View<'v>, preference: &Preference<'_>, limit: usize) -> Self {
        let number = |country| view.country_number(country);
        let only = (!preference.only.is_empty()).then(|| preference.only.iter().copied().filter_map(number).collect());
        let country = preference.country.and_then(number);
        Self {
            view,
            country,
            home: preference.home,
            only,
            limit,
            kept: Vec::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    pub(super) fn into_places(self) -> Vec<GazetteerPlace<'v>> {
        self.kept
            .into_iter()
            .filter_map(|(_, record)| self.view.place(record))
            .collect()
    }

    /// Everything that begins with a normalised text.
    pub(super) fn offer_beginnings(&mut self, prefix: &str) {
        for hit in keys::beginning_with(self.view, prefix) {
            // "par" and "paris" mean Paris, not its twenty arrondissements; "paris 1" means them.
            if hit.kind != Kind::Part || self.says_more_than_the_town(prefix, hit) {
                self.offer(hit, |_| true);
            }
        }
    }

    /// Take a place that matched into the list when it is among the best and a condition holds.
    pub(super) fn offer(&mut self, hit: Hit, is_meant: impl FnOnce(&GazetteerPlace<'v>) -> bool) {
        if self.only.as_ref().is_some_and(|only| !only.contains(&hit.country)) {
            return;
        }
        let name = match hit.kind {
            Kind::Tail => LATER_WORD,
            _ if hit.is_whole => WHOLE_NAME,
            Kind::Other => BEGUN_OTHER_NAME,
            _ => 0.0,
        };
        let here = if self.country == Some(hit.country) {
            SAME_COUNTRY
        } else {
            0.0
        };
        let near = if self.home.is_some() { NEAR_HOME } else { 0.0 };
        if !self.is_wanted(largest_size(hit.weight) + name + here + near) {
            return; // Most end here, and their records are never read.
        }
        let Some(population) = self.view.population(hit.record) else {
            return;
        };
        let near = if self.is_near_home(hit.record) { NEAR_HOME } else { 0.0 };
        let score = size(population) + name + here + near;
        if self.is_wanted(score) && self.view.place(hit.record).is_some_and(|place| is_meant(&place)) {
            self.keep(score, hit.record);
        }
    }

    fn is_wanted(&self, score: f64) -> bool {
        self.kept.len() < self.limit || self.kept.last().is_some_and(|(worst, _)| score > *worst)
    }

    fn keep(&mut self, score: f64, record: usize) {
        if let Some(before) = self.kept.iter().position(|(_, kept)| *kept == record) {
            if self.kept.get(before).is_some_and(|(kept, _)| *kept >= score) {
                return;
            }
            self.kept.remove(before);
        }
        let position = self.kept.partition_point(|(kept, _)| *kept >= score);
        self.kept.insert(position, (score, record));
        self.kept.truncate(self.limit);
    }

    fn is_near_home(&self, record: usize) -> bool {
        let place = self.view.point(record);
        self.home
            .zip(place)
            .is_some_and(|(home, place)| distance::km(home, place) <= HOME_KM)
    }

    fn says_more_than_the_town(&self, prefix: &str, hit: Hit) -> bool {
        let town = self.view.place(hit.record).and_then(|place| place.within);
        town.is_some_and(|town| prefix.len() > normalise(town).len())
    }
}
