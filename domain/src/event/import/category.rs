//! CATEGORIES → tags, and one of our categories where a word clearly means it.

use super::component::Component;
use crate::{
    event::{Category, MOST_TAGS},
    tag::MOST_TITLE,
    text::{PlainText, Slug, normalise::normalise},
};
use std::collections::HashSet;

/// The tags of an event, in the order of the file, without repeats.
pub(super) fn tags(component: &Component) -> Vec<PlainText> {
    let mut known = HashSet::new();
    component
        .all("CATEGORIES")
        .flat_map(|property| property.texts().collect::<Vec<_>>())
        .filter(|text| !text.contains("://")) // Google writes the name of a schema here
        .map(|text| PlainText::bent(text.trim().trim_start_matches('#'), MOST_TITLE))
        .filter(|title| Slug::of(title.as_str()).is_some_and(|slug| known.insert(slug)))
        .take(MOST_TAGS)
        .collect()
}

/// What an event is about: the first tag that clearly says it, else a meeting.
pub(super) fn category(tags: &[PlainText]) -> Category {
    tags.iter()
        .find_map(|tag| meaning(&normalise(tag.as_str())))
        .unwrap_or(Category::Meeting)
}

fn meaning(word: &str) -> Option<Category> {
    Some(match word {
        "art" | "arts" | "exhibition" | "exposition" | "expo" | "vernissage" => Category::Arts,
        "book" | "books" | "book club" | "book clubs" | "livre" | "livres" | "lecture" | "club de lecture" => {
            Category::BookClubs
        }
        "business" | "entreprise" | "entreprises" => Category::Business,
        "causes" | "charity" | "solidarité" => Category::Causes,
        "comedy" | "stand up" | "humour" => Category::Comedy,
        "craft" | "crafts" | "artisanat" | "couture" | "tricot" => Category::Crafts,
        "food" | "food drink" | "food and drink" | "repas" | "cuisine" | "gastronomie" | "dégustation" => {
            Category::FoodDrink
        }
        "health" | "santé" | "bien être" | "wellness" | "yoga" => Category::Health,
        "music" | "musique" | "concert" | "concerts" | "live music" | "festival de musique" => Category::Music,
        "auto" | "moto" | "cars" | "auto boat air" => Category::AutoBoatAir,
        "community" | "communauté" | "vie associative" | "vie locale" | "fête de quartier" | "kermesse" => {
            Category::Community
        }
        "family" | "famille" | "family education" | "kids" | "children" | "enfants" | "jeune public" => {
            Category::FamilyEducation
        }
        "fashion" | "mode" | "fashion beauty" => Category::FashionBeauty,
        "film" | "films" | "cinema" | "cinéma" | "movie" | "movies" | "film media" | "projection" => {
            Category::FilmMedia
        }
        "game" | "games" | "jeu" | "jeux" | "jeux de société" | "board games" => Category::Games,
        "language culture" | "language" | "languages" | "langues" | "culture" => Category::LanguageCulture,
        "learning" | "course" | "courses" | "class" | "cours" | "formation" | "conférence" | "workshop" | "stage" => {
            Category::Learning
        }
        "lgbt" | "lgbtq" | "lgbtqia" | "queer" | "pride" => Category::Lgbtq,
        "politics" | "politique" | "movements politics" | "manifestation" | "demonstration" => {
            Category::MovementsPolitics
        }
        "networking" | "réseautage" => Category::Networking,
        "party" | "fête" | "soirée" | "bal" => Category::Party,
        "performing visual arts" | "dance" | "danse" | "spectacle" | "cirque" | "circus" => {
            Category::PerformingVisualArts
        }
        "pets" | "animaux" => Category::Pets,
        "photo" | "photography" | "photographie" => Category::Photography,
        "outdoors" | "outdoors adventure" | "nature" | "balade" | "promenade" | "randonnée" | "hike" | "hiking" => {
            Category::OutdoorsAdventure
        }
        "religion" | "spirituality" | "spiritualité" | "messe" | "spirituality religion beliefs" => {
            Category::SpiritualityReligionBeliefs
        }
        "science" | "sciences" | "technology" | "tech" | "science tech" | "technologie" | "numérique" => {
            Category::ScienceTech
        }
        "sport" | "sports" => Category::Sports,
        "theatre" | "theater" | "théâtre" => Category::Theatre,
        "meeting" | "réunion" => Category::Meeting,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_that_is_clear_decides() {
        let tags = ["ouvert à tous", "Théâtre", "Concert"].map(|tag| PlainText::bent(tag, 40));
        assert_eq!(category(&tags), Category::Theatre);
        assert_eq!(category(&tags[..1]), Category::Meeting);
    }
}
