//! Languages that an event can be in: ISO 639-1, with English names.

use async_graphql::{Object, SimpleObject};

/// `code`, English name; sorted by code.
const TABLE: &str = include_str!("language.tsv");

/// Questions about languages.
#[derive(Default)]
pub(super) struct LanguageQuery;

#[Object]
impl LanguageQuery {
    /// Languages by their codes, or all.
    async fn languages(
        &self,
        #[graphql(desc = "Only these: `fr`, `nl`.")] codes: Option<Vec<Option<String>>>,
    ) -> Option<Vec<Language>> {
        let codes: Option<Vec<String>> = codes.map(|codes| codes.into_iter().flatten().collect());
        let is_wanted = |code: &str| {
            let mut wanted = codes.iter().flatten();
            codes.is_none() || wanted.any(|one| one.eq_ignore_ascii_case(code))
        };
        Some(all().filter(|one| is_wanted(&one.code)).collect())
    }
}

fn all() -> impl Iterator<Item = Language> {
    TABLE
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(code, name)| Language {
            code: code.to_owned(),
            name: name.to_owned(),
        })
}

/// A language.
#[derive(SimpleObject, Debug)]
struct Language {
    /// Its code: `fr` (ISO 639-1).
    code: String,
    /// Its name, in English.
    name: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::text::Language as Tag;

    #[test]
    fn every_code_is_one_that_an_event_can_have() {
        let codes: Vec<String> = all().map(|one| one.code).collect();
        assert_eq!(codes.len(), 183);
        assert!(codes.is_sorted());
        assert!(codes.iter().all(|code| Tag::parse(code).is_some()));
    }
}
