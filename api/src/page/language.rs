//! In which language a page is: by its address, else by what the reader prefers, else by the site.

/// The languages that the pages speak: those of `frontend/locales`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
}

/// The most languages of a reader that are looked at.
const MOST_ACCEPTED: usize = 20;

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::French];

    /// BCP 47: `fr`.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// What stands before an address that asks for this language: `/fr`.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::English => "/en",
            Self::French => "/fr",
        }
    }

    /// The language of a tag such as `fr-BE`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|one| one.code().eq_ignore_ascii_case(primary))
    }

    /// The one of the site's languages that comes first and that pages speak; English where there is none.
    pub fn of_site(languages: &[String]) -> Self {
        let first = languages.iter().find_map(|tag| Self::of_tag(tag));
        first.unwrap_or(Self::English)
    }

    /// The best of an `Accept-Language` header (RFC 9110 §12.5.4); `None` where it names none of ours.
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best = None;
        for range in header.split(',').take(MOST_ACCEPTED) {
            let (tag, weight) = weighted(range);
            let better = best.is_none_or(|(_, most)| weight > most);
            if let Some(language) = Self::of_tag(tag)
                && weight > 0
                && better
            {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }

    /// Takes the language off an address: `/fr/search` is `/search` in French.
    pub fn split(path: &str) -> (Option<Self>, &str) {
        for language in Self::ALL {
            match path.strip_prefix(language.prefix()) {
                Some("") => return (Some(language), "/"),
                Some(rest) if rest.starts_with('/') => return (Some(language), rest),
                _ => {}
            }
        }
        (None, path)
    }
}

/// `br;q=0.5` → `br` and 500. What cannot be read weighs nothing.
pub(super) fn weighted(range: &str) -> (&str, u16) {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (name, weight.map_or(1000, thousandths))
}

/// `0.5` → 500: at most three decimals (RFC 9110 §12.4.2).
fn thousandths(text: &str) -> u16 {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{decimals:0<3}");
    let parsed = (whole.parse::<u16>(), digits.parse::<u16>());
    match parsed {
        (Ok(1), Ok(0)) if digits.len() == 3 => 1000,
        (Ok(0), Ok(decimals)) if digits.len() == 3 => decimals,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, French};

    #[test]
    fn the_reader_s_best_language_of_ours_wins() {
        let table = [
            ("fr", Some(French)),
            ("en-GB,en;q=0.9,fr;q=0.8", Some(English)),
            ("de, fr-BE;q=0.7, en;q=0.3", Some(French)),
            ("en;q=0.2, FR;q=0.9", Some(French)),
            ("fr;q=0, en;q=0.001", Some(English)),
            ("fr, en", Some(French)),
            ("de, nl", None),
            ("fr;q=2, fr;q=x, fr;q=0.1234", None),
            ("*", None),
            ("", None),
        ];
        for (header, expected) in table {
            assert_eq!(Language::accepted(header), expected, "{header}");
        }
        let many = "de,".repeat(50) + "fr";
        assert_eq!(Language::accepted(&many), None);
    }

    #[test]
    fn an_address_may_begin_with_a_language() {
        assert_eq!(Language::split("/fr/search"), (Some(French), "/search"));
        assert_eq!(Language::split("/en"), (Some(English), "/"));
        assert_eq!(Language::split("/fr/"), (Some(French), "/"));
        assert_eq!(Language::split("/friends"), (None, "/friends"));
        assert_eq!(Language::split("/"), (None, "/"));
    }

    #[test]
    fn the_site_s_first_language_that_pages_speak_is_the_default() {
        let site = |tags: &[&str]| Language::of_site(&tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>());
        assert_eq!(site(&["nl", "fr-BE", "en"]), French);
        assert_eq!(site(&["nl"]), English);
    }
}
