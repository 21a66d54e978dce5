//! The site: what it is called, what one can do here, and what programs must know of it.
//!
//! What Mobilizon's programs ask for and this site does not have says so: `false`, an empty list, or null.

mod limits;
mod surroundings;

use super::{
    context::ContextExt,
    event::EventCategory,
    media::MediaNode,
    scalar::{LocalDateTime, Timezone},
};
use async_graphql::{Context, Enum, Object, SimpleObject, resolver_utils::EnumType};
use domain::{
    Result,
    event::{Category, Listing},
    time::{Zone, zone_names},
};
use limits::{Anonymous, Auth, ExportFormats, Features, Restrictions, UploadLimits};
use surroundings::{
    Analytics, Attribution, Geocoding, InstanceFeeds, Lonlat, Maps, ResourceProvider, SearchSettings, WebPush,
};

/// Questions about the site.
#[derive(Default)]
pub(super) struct ConfigQuery;

#[Object]
impl ConfigQuery {
    /// What this site is called, and what one can do here.
    async fn config(&self) -> Option<Config> {
        Some(Config)
    }
}

/// This site.
pub(super) struct Config;

fn settings<'c>(ctx: &'c Context<'_>) -> Result<&'c domain::settings::Settings> {
    Ok(&ctx.site()?.settings)
}

/// What a site is called, and what one can do there.
#[Object]
impl Config {
    /// Its name.
    async fn name<'c>(&self, ctx: &'c Context<'_>) -> Result<&'c str> {
        Ok(&settings(ctx)?.name)
    }

    /// A sentence about it.
    async fn description<'c>(&self, ctx: &'c Context<'_>) -> Result<Option<&'c str>> {
        Ok(Some(settings(ctx)?.description.as_str()).filter(|text| !text.is_empty()))
    }

    /// More about it.
    async fn long_description(&self) -> Option<String> {
        None
    }

    /// A motto.
    async fn slogan(&self) -> Option<String> {
        None
    }

    /// Where to write to.
    async fn contact<'c>(&self, ctx: &'c Context<'_>) -> Result<Option<&'c str>> {
        Ok(settings(ctx)?.contact.as_deref())
    }

    /// The languages of its pages, the first is used unless a reader prefers another.
    async fn languages(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(settings(ctx)?.languages.clone())
    }

    /// What events can be about.
    async fn event_categories(&self) -> Vec<EventCategoryOption> {
        Category::ALL
            .iter()
            .map(|category| EventCategoryOption::of(*category))
            .collect()
    }

    /// Whether anybody may open an account.
    async fn registrations_open(&self) -> bool {
        false
    }

    /// Whether only some addresses may open an account.
    async fn registrations_allowlist(&self) -> bool {
        false
    }

    /// Whether it is only for trying out.
    async fn demo_mode(&self) -> bool {
        false
    }

    /// Whether long events have lists of their own.
    async fn long_events(&self) -> bool {
        true
    }

    /// From how many days on an event is a long one.
    async fn duration_of_long_event(&self) -> i32 {
        i32::try_from(Listing::SHORT_DAYS).unwrap_or(i32::MAX)
    }

    /// The country whose places come first: `BE` (ISO 3166).
    async fn country_code<'c>(&self, ctx: &'c Context<'_>) -> Result<Option<&'c str>> {
        Ok(settings(ctx)?.country.as_deref())
    }

    /// Where the reader is: nobody asks.
    async fn location(&self) -> Option<Lonlat> {
        None
    }

    /// How places are found.
    async fn geocoding(&self) -> Geocoding {
        Geocoding::of_ours()
    }

    /// How places are drawn.
    async fn maps(&self) -> Maps {
        Maps::of_nobody()
    }

    /// What one may do without an account.
    async fn anonymous(&self) -> Anonymous {
        Anonymous::reads()
    }

    /// Where groups can keep things.
    async fn resource_providers(&self) -> Vec<ResourceProvider> {
        Vec::new()
    }

    /// How large files may be.
    async fn upload_limits(&self) -> UploadLimits {
        UploadLimits::usual()
    }

    /// The zones that an event can be in.
    async fn timezones(&self) -> Vec<Timezone> {
        zone_names()
            .filter_map(|name| Zone::named(name).ok())
            .map(Timezone)
            .collect()
    }

    /// What one can do here.
    async fn features(&self) -> Features {
        Features::of_today()
    }

    /// What only some may do here.
    async fn restrictions(&self) -> Restrictions {
        Restrictions::of_today()
    }

    /// The version of Kermesse.
    async fn version(&self) -> &str {
        env!("CARGO_PKG_VERSION")
    }

    /// Whether it speaks with other sites.
    async fn federating(&self) -> bool {
        false
    }

    /// What one agrees to by using it.
    async fn terms(
        &self,
        #[graphql(default_with = "Some(\"en\".to_owned())", desc = "In which language.")]
        #[expect(unused_variables, reason = "no text is written yet")]
        locale: Option<String>,
    ) -> Option<Terms> {
        None
    }

    /// Its sign.
    async fn instance_logo(&self) -> Option<MediaNode> {
        None
    }

    /// The picture of events without one; here a cover is drawn for each.
    async fn default_picture(&self) -> Option<MediaNode> {
        None
    }

    /// Its first colour.
    async fn primary_color(&self) -> Option<String> {
        None
    }

    /// Its second colour.
    async fn secondary_color(&self) -> Option<String> {
        None
    }

    /// What it does with what it knows of people.
    async fn privacy(
        &self,
        #[graphql(default_with = "Some(\"en\".to_owned())", desc = "In which language.")]
        #[expect(unused_variables, reason = "no text is written yet")]
        locale: Option<String>,
    ) -> Option<Privacy> {
        None
    }

    /// Its rules.
    async fn rules(&self) -> Option<String> {
        None
    }

    /// How one signs in.
    async fn auth(&self) -> Auth {
        Auth::none()
    }

    /// Whether calendars and news readers can subscribe to it.
    async fn instance_feeds(&self) -> InstanceFeeds {
        InstanceFeeds { enabled: true }
    }

    /// How it tells browsers of news.
    async fn web_push(&self) -> WebPush {
        WebPush::none()
    }

    /// As what lists can be taken away.
    async fn export_formats(&self) -> ExportFormats {
        ExportFormats::none()
    }

    /// Who counts the visits: nobody.
    async fn analytics(&self) -> Vec<Analytics> {
        Vec::new()
    }

    /// How one searches here.
    async fn search(&self) -> SearchSettings {
        SearchSettings::of_this_site()
    }

    /// The site's zone, by its IANA name: its days are those of this zone.
    async fn zone<'c>(&self, ctx: &'c Context<'_>) -> Result<&'c str> {
        Ok(settings(ctx)?.zone.name())
    }

    /// What the clock shows there now.
    async fn now(&self, ctx: &Context<'_>) -> Result<LocalDateTime> {
        let now = ctx.scope()?.db.clock().now();
        Ok(LocalDateTime(settings(ctx)?.zone.local(now)))
    }

    /// The address of the site.
    async fn public_url(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(settings(ctx)?.url(""))
    }

    /// Whose work is used here, to be named on the page "About".
    async fn attributions(&self) -> Vec<Attribution> {
        Attribution::all()
    }
}

/// Something that events can be about.
#[derive(SimpleObject)]
struct EventCategoryOption {
    /// For programs: `MUSIC`.
    id: String,
    /// For people, in English.
    label: String,
}

impl EventCategoryOption {
    fn of(category: Category) -> Self {
        let id = EventCategory::from(category);
        let name = EventCategory::items().iter().find(|item| item.value == id);
        Self {
            id: name.map_or_else(String::new, |item| item.name.to_owned()),
            label: label(category).to_owned(),
        }
    }
}

fn label(category: Category) -> &'static str {
    match category {
        Category::Arts => "Arts",
        Category::BookClubs => "Book clubs",
        Category::Business => "Business",
        Category::Causes => "Causes",
        Category::Comedy => "Comedy",
        Category::Crafts => "Crafts",
        Category::FoodDrink => "Food and drink",
        Category::Health => "Health",
        Category::Music => "Music",
        Category::AutoBoatAir => "Cars, boats and planes",
        Category::Community => "Community",
        Category::FamilyEducation => "Family and education",
        Category::FashionBeauty => "Fashion and beauty",
        Category::FilmMedia => "Film and media",
        Category::Games => "Games",
        Category::LanguageCulture => "Language and culture",
        Category::Learning => "Learning",
        Category::Lgbtq => "LGBTQ",
        Category::MovementsPolitics => "Movements and politics",
        Category::Networking => "Networking",
        Category::Party => "Party",
        Category::PerformingVisualArts => "Performing and visual arts",
        Category::Pets => "Pets",
        Category::Photography => "Photography",
        Category::OutdoorsAdventure => "Outdoors and adventure",
        Category::SpiritualityReligionBeliefs => "Spirituality, religion and beliefs",
        Category::ScienceTech => "Science and technology",
        Category::Sports => "Sports",
        Category::Theatre => "Theatre",
        Category::Meeting => "Meeting",
    }
}

/// What one agrees to by using a site.
#[derive(SimpleObject)]
struct Terms {
    /// A page that says it.
    url: Option<String>,
    /// Where the text comes from.
    #[graphql(name = "type")]
    kind: Option<InstanceTermsType>,
    /// The text, in HTML that is safe to show.
    body_html: Option<String>,
}

/// Where the terms of a site come from.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
enum InstanceTermsType {
    /// From a page elsewhere.
    Url,
    /// From those that come with the program.
    Default,
    /// From the site.
    Custom,
}

/// What a site does with what it knows of people.
#[derive(SimpleObject)]
struct Privacy {
    /// A page that says it.
    url: Option<String>,
    /// Where the text comes from.
    #[graphql(name = "type")]
    kind: Option<InstancePrivacyType>,
    /// The text, in HTML that is safe to show.
    body_html: Option<String>,
}

/// Where the text about privacy comes from.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
enum InstancePrivacyType {
    /// From a page elsewhere.
    Url,
    /// From the one that comes with the program.
    Default,
    /// From the site.
    Custom,
}
