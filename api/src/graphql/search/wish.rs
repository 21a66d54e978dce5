//! What is searched for, as it was asked, and as a filter of the domain.

use super::{EventType, GazetteerPlace, SearchEventSortOptions};
use crate::graphql::{
    context::{ContextExt, Site},
    event,
    place::{country_name, preference},
    scalar::{Date, DateTime, Point},
};
use async_graphql::{Context, ID};
use domain::{
    Error, Result,
    db::Tx,
    error::{Code, FieldError, What},
    event::{Attendance, Category, Circle, EventFilter, Order, Status},
    id::{PlaceId, ProfileId, TagId},
    place::{self, distance, gazetteer::GazetteerPlace as Town, geohash},
    profile, tag,
    text::{Handle, Language, Slug, normalise::normalise},
    time::Instant,
};

/// The radius unless another is said, in kilometres.
const USUAL_KM: f64 = 50.0;
/// The widest radius, in kilometres.
const MOST_KM: f64 = 500.0;
/// More tags are not looked at.
const MOST_TAGS: usize = 20;
/// More places that may have been meant are not told.
const MOST_OTHERS: usize = 5;

/// What is searched for.
pub(super) struct Wish {
    pub(super) term: String,
    pub(super) tags: Option<String>,
    pub(super) location: Option<String>,
    pub(super) kind: Option<EventType>,
    pub(super) categories: Vec<String>,
    pub(super) statuses: Vec<Status>,
    pub(super) languages: Vec<String>,
    pub(super) radius: Option<f64>,
    pub(super) long_events: Option<bool>,
    pub(super) bbox: Option<String>,
    pub(super) begins_on: Option<DateTime>,
    pub(super) ends_on: Option<DateTime>,
    pub(super) sort_by: Option<SearchEventSortOptions>,
    pub(super) near: Option<String>,
    pub(super) from_day: Option<Date>,
    pub(super) to_day: Option<Date>,
    pub(super) profile: Option<String>,
    pub(super) place: Option<ID>,
    pub(super) collapse_series: bool,
    pub(super) past: bool,
}

/// What somebody meant by the name of a place.
#[derive(Debug, Clone)]
pub(super) struct Near {
    pub(super) place: GazetteerPlace,
    pub(super) others: Vec<GazetteerPlace>,
}

impl Wish {
    /// Whether there are words to look for.
    pub(super) fn has_words(&self) -> bool {
        !normalise(&self.term).is_empty()
    }

    /// What `near` means.
    pub(super) fn near(&self, site: &Site) -> Option<Near> {
        let typed = self.near.as_deref()?;
        let preference = preference(site);
        let best = site.gazetteer.best(typed, &preference)?;
        let others = site.gazetteer.search(typed, &preference, MOST_OTHERS + 1);
        let others = others
            .iter()
            .filter(|other| other.point != best.point)
            .take(MOST_OTHERS);
        Some(Near {
            place: described(&best, site),
            others: others.map(|other| described(other, site)).collect(),
        })
    }

    /// The filter of the domain.
    ///
    /// # Errors
    /// `Invalid` for what cannot be read; `NotFound` for a profile that is not there.
    pub(super) async fn filter(&self, ctx: &Context<'_>, near: Option<&Near>) -> Result<EventFilter> {
        let names = self.names()?;
        let (tags, profile) = if names.is_empty() {
            (None, None)
        } else {
            ctx.read(move |tx, _| names.look_up(tx)).await?
        };
        let zone = &ctx.site()?.settings.zone;
        let from_day = self.from_day.map(|day| zone.instant(day.0.midnight()));
        let until_day = self.to_day.map(|day| zone.instant(day.0.plus_days(1).midnight()));
        Ok(EventFilter {
            from: later(from_day, self.begins_on),
            until: earlier(until_day, self.ends_on),
            length: event::length(self.long_events),
            near: self.circle(near)?,
            categories: self.categories()?,
            statuses: self.statuses.clone(),
            languages: self.languages()?,
            attendance: self.kind.map(attendance),
            tags,
            profile,
            place: self.place()?,
            collapse_series: self.collapse_series,
            order: self.sort_by.map_or(Order::BeginsFirst, Order::from),
            ..EventFilter::default()
        })
    }

    fn names(&self) -> Result<Names> {
        let tags = self.tags.as_deref().filter(|tags| !tags.trim().is_empty());
        let profile = self.profile.as_deref().filter(|profile| !profile.trim().is_empty());
        Ok(Names {
            tags: tags.map(|tags| tags.split(',').filter_map(Slug::of).take(MOST_TAGS).collect()),
            profile: profile.map(Handle::new).transpose()?,
        })
    }

    fn circle(&self, near: Option<&Near>) -> Result<Option<Circle>> {
        if let Some(near) = near {
            return Ok(Some(Circle {
                center: near.place.geom.0,
                kilometres: kilometres(self.radius),
            }));
        }
        match self.bbox.as_deref().filter(|bbox| !bbox.trim().is_empty()) {
            Some(bbox) => circle_around(bbox).map(Some),
            None => circle_of(self.location.as_deref(), self.radius),
        }
    }

    fn categories(&self) -> Result<Vec<Category>> {
        let names = self.categories.iter().filter(|name| !name.trim().is_empty());
        let read = |name: &String| {
            let category = Category::parse(&name.trim().to_ascii_lowercase());
            category.ok_or_else(|| FieldError::one("category", Code::Unknown))
        };
        names.map(read).collect()
    }

    fn languages(&self) -> Result<Vec<Language>> {
        let read = |tag: &String| Language::parse(tag).ok_or_else(|| FieldError::one("languageOneOf", Code::Malformed));
        self.languages.iter().map(read).collect()
    }

    fn place(&self) -> Result<Option<PlaceId>> {
        let id = self.place.as_ref().map(|id| id.parse());
        id.transpose().map_err(|_not_ours| Error::NotFound(What::Place))
    }
}

/// What the database must be asked for before the filter is known.
struct Names {
    tags: Option<Vec<Slug>>,
    profile: Option<Handle>,
}

impl Names {
    fn is_empty(&self) -> bool {
        self.tags.is_none() && self.profile.is_none()
    }

    /// Tags that do not exist are on no event; where none exists, nothing is found.
    fn look_up(self, tx: &mut Tx<'_>) -> Result<(Option<Vec<TagId>>, Option<ProfileId>)> {
        let profile = self.profile.map(|name| profile::named(tx, &name)).transpose()?;
        let Some(slugs) = self.tags else {
            return Ok((None, profile.map(|one| one.id)));
        };
        let mut tags = Vec::with_capacity(slugs.len());
        for slug in slugs {
            match tag::by_slug(tx, &slug) {
                Ok(tag) => tags.push(tag.id),
                Err(Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok((Some(tags), profile.map(|one| one.id)))
    }
}

fn described(town: &Town<'_>, site: &Site) -> GazetteerPlace {
    let language = site.settings.languages.first().map_or("en", String::as_str);
    GazetteerPlace {
        name: town.name.to_owned(),
        region: town.region.map(str::to_owned),
        country: country_name(town.country, language),
        postal_code: town.postal_codes().next().map(str::to_owned),
        geom: Point(town.point),
    }
}

fn attendance(kind: EventType) -> Attendance {
    match kind {
        EventType::InPerson => Attendance::InPerson,
        EventType::Online => Attendance::Online,
    }
}

fn later(day: Option<Instant>, moment: Option<DateTime>) -> Option<Instant> {
    day.into_iter().chain(moment.map(|at| at.0)).max()
}

fn earlier(day: Option<Instant>, moment: Option<DateTime>) -> Option<Instant> {
    day.into_iter().chain(moment.map(|at| at.0)).min()
}

fn kilometres(radius: Option<f64>) -> f64 {
    radius.unwrap_or(USUAL_KM).clamp(0.0, MOST_KM)
}

/// The circle around a geohash.
///
/// # Errors
/// `Invalid(location: Malformed)`.
pub(in crate::graphql) fn circle_of(location: Option<&str>, radius: Option<f64>) -> Result<Option<Circle>> {
    let Some(location) = location.map(str::trim).filter(|location| !location.is_empty()) else {
        return Ok(None);
    };
    let center = geohash::decode(location).ok_or_else(|| FieldError::one("location", Code::Malformed))?;
    Ok(Some(Circle {
        center,
        kilometres: kilometres(radius),
    }))
}

/// The circle around a part of a map, as Mobilizon writes it: `north,west:south,east`.
fn circle_around(bbox: &str) -> Result<Circle> {
    let read = || {
        let (top_left, bottom_right) = bbox.split_once(':')?;
        let corner = |text: &str| {
            let (lat, lon) = text.split_once(',')?;
            place::Point::new(lat.trim().parse().ok()?, lon.trim().parse().ok()?)
        };
        let (one, other) = (corner(top_left)?, corner(bottom_right)?);
        let center = place::Point::new(
            f64::midpoint(one.lat(), other.lat()),
            f64::midpoint(one.lon(), other.lon()),
        )?;
        let kilometres = distance::km(center, one).max(distance::km(center, other));
        Some(Circle {
            center,
            kilometres: kilometres.min(MOST_KM),
        })
    };
    read().ok_or_else(|| FieldError::one("bbox", Code::Malformed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_map_lies_in_its_circle() {
        let circle = circle_around("51.0, 4.0:50.0,5.0").unwrap();
        for (lat, lon) in [(51.0, 4.0), (50.0, 5.0), (51.0, 5.0), (50.0, 4.0)] {
            let corner = place::Point::new(lat, lon).unwrap();
            assert!(distance::km(circle.center, corner) <= circle.kilometres + 1.0);
        }
        for wrong in ["51,4", "51,4:x,5", "91,4:50,5", "'; --"] {
            assert!(circle_around(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_radius_stays_in_bounds() {
        let around = |radius| circle_of(Some("u0ztc"), radius).unwrap().unwrap().kilometres;
        assert!((around(None) - 50.0).abs() < f64::EPSILON);
        assert!((around(Some(1e9)) - 500.0).abs() < f64::EPSILON);
        assert!(around(Some(-3.0)).abs() < f64::EPSILON);
        assert!(circle_of(Some(" "), None).unwrap().is_none());
        assert!(circle_of(Some("aaa"), None).is_err());
    }
}
