//! Rich text: HTML of ours, made by a sanitiser with a short list of what may stay.

use super::plain::cut;
use crate::db::column::text_column;
use ammonia::{Builder, UrlRelative};
use diesel::{deserialize::FromSqlRow, expression::AsExpression, sql_types::Text};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::OnceLock,
};

/// The most bytes of rich text that are read from outside; what is longer is cut before it is parsed.
/// The texts of a whole calendar are bounded by its size: 5 MB of the worst markup that we found take 13 s to clean
/// without optimisation, however many events they are spread over.
pub const MOST_BYTES: usize = 100_000;

/// Elements inside of each other; what is deeper is read as plain text. People come to about ten, and a parser's time
/// grows with the square.
const DEEPEST: usize = 100;

/// Cleanings after which a text that is still read otherwise than it was written is kept without its markup.
const MOST_CLEANINGS: usize = 4;

/// HTML that can be shown as it is: `p br a strong em ul ol li blockquote h1`–`h4 code pre`, links to the web and mail,
/// no pictures, no styles, no scripts.
#[derive(Debug, Clone, Default, PartialEq, Eq, AsExpression, FromSqlRow, Serialize, Deserialize)]
#[diesel(sql_type = Text)]
#[serde(transparent)]
pub struct RichText(String);

impl RichText {
    /// Cleans HTML from outside.
    pub fn from_html(html: &str) -> Self {
        let html = bounded(html);
        if is_too_deep(html) {
            return Self(cleaned(&format!("<p>{}</p>", linked(html))));
        }
        let mut clean = cleaned(html);
        // Where tags were taken out, those that are left may nest as no parser would read them again.
        for _ in 0..MOST_CLEANINGS {
            let again = cleaned(&clean);
            if again == clean {
                return Self(clean);
            }
            clean = again;
        }
        Self(format!("<p>{}</p>", escape(&plain(&clean))))
    }

    /// Paragraphs and links out of plain text, as calendars and forms without an editor give it.
    pub fn from_plain(text: &str) -> Self {
        let text = bounded(text).replace("\r\n", "\n");
        let paragraphs = text
            .split("\n\n")
            .map(str::trim)
            .filter(|paragraph| !paragraph.is_empty());
        let mut html = String::with_capacity(text.len() + 64);
        for one in paragraphs {
            html.push_str("<p>");
            html.push_str(&linked(one).replace('\n', "<br>"));
            html.push_str("</p>");
        }
        Self::from_html(&html)
    }

    /// The HTML.
    pub fn as_html(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The words without the markup, a line a paragraph, links followed by their address.
    pub fn to_plain(&self) -> String {
        plain(&self.0)
    }

    fn as_column(&self) -> Cow<'_, str> {
        self.0.as_str().into()
    }

    #[expect(clippy::unnecessary_wraps, reason = "the shape that the column macro calls")]
    fn from_column(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }
}

text_column!(RichText);

fn cleaned(html: &str) -> String {
    // Before, because parsers do not agree about them; after, because references (`&#3;`) bring them back.
    visible(&sanitiser().clean(&visible(html)).to_string())
}

/// Without what no reader sees: NUL and other controls, and marks of byte order.
fn visible(text: &str) -> String {
    let is_kept = |c: &char| matches!(c, '\n' | '\t') || !(c.is_control() || *c == '\u{feff}');
    text.chars().filter(is_kept).collect()
}

/// Whether elements stand deeper inside of each other than [`DEEPEST`]. Counts what is opened and not closed by its own
/// name, but for elements that the next one of their kind ends.
fn is_too_deep(html: &str) -> bool {
    const FLAT: [&str; 11] = ["br", "hr", "img", "input", "link", "meta", "wbr", "p", "li", "dd", "dt"];
    let (mut open, mut depth) = (HashMap::<String, usize>::new(), 0_usize);
    for tag in html.split('<').skip(1) {
        let (closes, tag) = match tag.strip_prefix('/') {
            Some(tag) => (true, tag),
            None => (false, tag),
        };
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let name = tag.get(..end).unwrap_or_default().to_ascii_lowercase();
        if name.is_empty() || FLAT.contains(&name.as_str()) {
            continue;
        }
        let count = open.entry(name).or_default();
        if !closes {
            *count += 1;
            depth += 1;
        } else if *count > 0 {
            *count -= 1;
            depth -= 1;
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

fn bounded(text: &str) -> &str {
    let mut end = text.len().min(MOST_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

const TAGS: [&str; 17] = [
    "p",
    "br",
    "a",
    "strong",
    "em",
    "ul",
    "ol",
    "li",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "h4",
    "code",
    "pre",
    "b",
    "i",
];

fn sanitiser() -> &'static Builder<'static> {
    static SANITISER: OnceLock<Builder<'static>> = OnceLock::new();
    SANITISER.get_or_init(|| {
        let mut builder = Builder::empty();
        builder
            .tags(HashSet::from(TAGS))
            .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
            .generic_attributes(HashSet::new())
            .clean_content_tags(HashSet::from([
                "script", "style", "template", "title", "svg", "math", "noscript",
            ]))
            .url_schemes(HashSet::from(["https", "http", "mailto", "tel"]))
            .url_relative(UrlRelative::Deny)
            .link_rel(Some("nofollow noopener ugc"));
        builder
    })
}

/// Escapes text and makes links of its web addresses.
fn linked(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 64);
    for word in text.split_inclusive(char::is_whitespace) {
        let address = word.trim_end_matches(|c: char| c.is_whitespace() || ",.;:!?)\"'»".contains(c));
        let is_link = (address.starts_with("https://") || address.starts_with("http://")) && address.len() > 10;
        if is_link {
            let shown = escape(address);
            html.push_str("<a href=\"");
            html.push_str(&shown);
            html.push_str("\">");
            html.push_str(&shown);
            html.push_str("</a>");
            html.push_str(&escape(word.get(address.len()..).unwrap_or_default()));
        } else {
            html.push_str(&escape(word));
        }
    }
    html
}

/// Escapes the five characters that mean something in HTML.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The words of sanitised HTML. The sanitiser writes every `<` and `&` of the text as an entity, so a scan suffices.
fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut link: Option<(String, usize)> = None;
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(&unescape(before));
        let (tag, following) = after.split_once('>').unwrap_or((after, ""));
        rest = following;
        match tag.split([' ', '/']).next().unwrap_or_default() {
            "a" => link = href(tag).map(|href| (href, text.len())),
            "" if tag == "/a" => close_link(&mut text, link.take()),
            "br" | "li" | "" if tag == "br" || tag == "li" || closes_block(tag) => break_line(&mut text, tag),
            _ => {}
        }
    }
    text.push_str(&unescape(rest));
    text.trim().to_owned()
}

fn closes_block(tag: &str) -> bool {
    matches!(
        tag,
        "/p" | "/li" | "/ul" | "/ol" | "/blockquote" | "/h1" | "/h2" | "/h3" | "/h4" | "/pre"
    )
}

fn break_line(text: &mut String, tag: &str) {
    match tag {
        "br" => text.push('\n'),
        "li" => text.push_str("- "),
        _ => {
            if !text.ends_with("\n\n") {
                text.push('\n');
            }
            if tag == "/p" && !text.ends_with("\n\n") {
                text.push('\n');
            }
        }
    }
}

fn href(tag: &str) -> Option<String> {
    let (_, after) = tag.split_once("href=\"")?;
    after.split_once('"').map(|(href, _)| unescape(href))
}

/// Writes the address behind the words, unless the words are the address.
fn close_link(text: &mut String, link: Option<(String, usize)>) {
    if let Some((href, from)) = link
        && text.get(from..).is_some_and(|words| words.trim() != href)
    {
        text.push_str(" (");
        text.push_str(&href);
        text.push(')');
    }
}

fn unescape(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
}

/// The first `most` characters of a text, cut at a word, with an ellipsis where something is missing.
pub fn excerpt(text: &str, most: u32) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short = cut(&line, most);
    if short.len() == line.len() {
        return line;
    }
    let end = short.rfind(' ').unwrap_or(short.len());
    format!(
        "{}…",
        short.get(..end).unwrap_or(short).trim_end_matches([',', ';', ':', '.'])
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_is_on_the_list_stays() {
        let html = r#"<h1 onclick="x()">A</h1><script>alert(1)</script><p style="color:red">b <a href="javascript:alert(1)">c</a>
            <a href="https://example.org" target="_blank">d</a> <img src="https://example.org/t.gif"></p>"#;
        let clean = RichText::from_html(html);
        for bad in ["onclick", "script", "alert", "style", "<img", "target"] {
            assert!(!clean.as_html().contains(bad), "{bad} in {}", clean.as_html());
        }
        assert!(
            clean
                .as_html()
                .contains(r#"<a href="https://example.org" rel="nofollow noopener ugc">d</a>"#)
        );
    }

    #[test]
    fn plain_text_becomes_paragraphs_with_links() {
        let rich = RichText::from_plain("Soup & bread.\nBring a bowl.\n\nSee https://example.org/a?b=1&c=2.");
        assert_eq!(
            rich.as_html(),
            "<p>Soup &amp; bread.<br>Bring a bowl.</p><p>See <a href=\"https://example.org/a?b=1&amp;c=2\" rel=\"nofollow noopener ugc\">https://example.org/a?b=1&amp;c=2</a>.</p>"
        );
        assert_eq!(
            rich.to_plain(),
            "Soup & bread.\nBring a bowl.\n\nSee https://example.org/a?b=1&c=2."
        );
    }

    #[test]
    fn markup_reads_as_plain_text() {
        let rich = RichText::from_html(
            "<h2>Menu</h2><ul><li>soup</li><li><a href=\"https://a.example/\">bread</a></li></ul><p>End</p>",
        );
        assert_eq!(rich.to_plain(), "Menu\n- soup\n- bread (https://a.example/)\n\nEnd");
    }

    #[test]
    fn an_excerpt_ends_at_a_word() {
        assert_eq!(excerpt("one two,  three", 9), "one two…");
        assert_eq!(excerpt("one", 9), "one");
    }

    #[test]
    fn what_is_nested_without_end_is_read_as_plain_text() {
        for opening in ["<ul>", "<div>", "<dd><dl>", "<UL><li>", "<pre></b>", "<x-y>"] {
            let html = format!("{}soup", opening.repeat(20_000));
            let text = RichText::from_html(&html);
            assert!(
                text.as_html().starts_with("<p>&lt;"),
                "{opening}: {:.60}",
                text.as_html()
            );
        }
        let list = "<li>a<li>b".repeat(500);
        assert!(
            RichText::from_html(&format!("<ul>{list}</ul>"))
                .as_html()
                .starts_with("<ul><li>a</li>")
        );
        let paragraphs = "<p><b>a</b><br>b<div>c</div>".repeat(500);
        assert!(RichText::from_html(&paragraphs).as_html().starts_with("<p><b>a</b>"));
    }

    #[test]
    fn a_reference_to_a_control_leaves_nothing_behind() {
        assert_eq!(RichText::from_html("a&#11b&#x81;c&#65279;d").as_html(), "abcd");
        let link =
            RichText::from_html("<a href=\"java&#11;script:alert(1)\">x</a><a href=\"&#1;javascript:alert(1)\">y</a>");
        assert!(!link.as_html().contains("script"), "{link:?}");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(html in ".{0,300}") {
            let once = RichText::from_html(&html);
            prop_assert_eq!(&RichText::from_html(once.as_html()), &once);
        }

        #[test]
        fn plain_text_comes_back_without_markup(text in "[a-z<>&\"' ]{0,100}") {
            let rich = RichText::from_plain(&text);
            let words = |t: &str| t.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&rich.to_plain()), words(&text));
        }
    }
}
