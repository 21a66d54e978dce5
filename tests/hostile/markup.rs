//! Reads HTML as a browser would begin to, and complains of anything that acts, asks or pretends.

/// Elements that no page of ours has.
const NEVER: [&str; 14] = [
    "iframe",
    "object",
    "embed",
    "applet",
    "base",
    "frame",
    "frameset",
    "marquee",
    "dialog",
    "math",
    "foreignobject",
    "template",
    "portal",
    "plaintext",
];
/// Attributes that hold addresses.
const ADDRESSES: [&str; 9] = [
    "href",
    "src",
    "srcset",
    "action",
    "formaction",
    "xlink:href",
    "poster",
    "data",
    "background",
];

/// One start tag.
pub(crate) struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

impl Tag {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }
}

/// The start tags of a document, and the texts of its scripts.
pub(crate) fn tags(html: &str) -> (Vec<Tag>, Vec<String>) {
    let (mut tags, mut scripts, mut rest) = (Vec::new(), Vec::new(), html);
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let (tag, after) = tag(rest);
        rest = after.strip_prefix('>').unwrap_or(after);
        if matches!(tag.name.as_str(), "script" | "style" | "title" | "textarea") {
            let end = format!("</{}", tag.name);
            let at = rest.to_ascii_lowercase().find(&end).unwrap_or(rest.len());
            if tag.name == "script" {
                scripts.push(rest[..at].to_owned());
            }
            rest = &rest[at..];
        }
        tags.push(tag);
    }
    (tags, scripts)
}

fn tag(text: &str) -> (Tag, &str) {
    let end = text
        .find(|c: char| c.is_whitespace() || c == '>' || c == '/')
        .unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            break;
        }
        let end = rest[1..]
            .find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/'))
            .map_or(rest.len(), |at| at + 1);
        let name = rest[..end].to_ascii_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            (value, rest) = match quote {
                Some(quote) => after[1..].split_once(quote).unwrap_or((after, "")),
                None => after.split_at(
                    after
                        .find(|c: char| c.is_whitespace() || c == '>')
                        .unwrap_or(after.len()),
                ),
            };
        }
        attributes.push((name, decoded(value)));
    }
    let tag = Tag {
        name: name.to_ascii_lowercase(),
        attributes,
    };
    (tag, rest)
}

/// The references that a browser replaces in a value.
pub(crate) fn decoded(text: &str) -> String {
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#34;", "\""),
        ("&colon;", ":"),
        ("&Tab;", "\t"),
        ("&NewLine;", "\n"),
        ("&#58;", ":"),
        ("&#x3a;", ":"),
        ("&amp;", "&"),
    ];
    named
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// What is wrong with a document of ours; nothing, as a rule. In a part of one there are no scripts at all.
pub(crate) fn faults(html: &str, is_part: bool) -> Vec<String> {
    let (tags, scripts) = tags(html);
    let mut faults: Vec<String> = tags.iter().flat_map(|tag| of_tag(tag, is_part)).collect();
    let data = tags.iter().filter(|tag| tag.name == "script").zip(&scripts);
    for (tag, text) in data {
        let is_data = tag.get("type").is_some_and(|kind| kind.ends_with("json"));
        if is_data && serde_json::from_str::<serde_json::Value>(text).is_err() {
            faults.push(format!("data that were ended early: {text:.80}"));
        }
        if !is_data && !text.trim().is_empty() {
            faults.push(format!("a script in the page: {text:.80}"));
        }
    }
    faults
}

fn of_tag(tag: &Tag, is_part: bool) -> Vec<String> {
    let mut faults = Vec::new();
    let mut wrong = |what: &str| faults.push(format!("<{} {:?}>: {what}", tag.name, tag.attributes));
    if NEVER.contains(&tag.name.as_str()) {
        wrong("an element that is never there");
    }
    if is_part
        && matches!(
            tag.name.as_str(),
            "script" | "style" | "link" | "meta" | "form" | "input" | "img" | "svg"
        )
    {
        wrong("an element that no text has");
    }
    for (name, value) in &tag.attributes {
        if name.starts_with("on") {
            wrong("a handler");
        }
        if is_part && matches!(name.as_str(), "style" | "class" | "id" | "autofocus") {
            wrong("the look of our own pages");
        }
        if ADDRESSES.contains(&name.as_str()) {
            let bare: String = value
                .chars()
                .filter(|c| !c.is_control() && !c.is_whitespace())
                .collect();
            let scheme = bare.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
            if scheme.is_some_and(|scheme| {
                ["javascript", "vbscript", "data", "blob", "file", "intent"].contains(&scheme.as_str())
            }) {
                wrong("an address that acts");
            }
        }
    }
    let src = tag.get("src").or(tag.get("srcset")).or(tag.get("poster"));
    let asks_elsewhere = src.is_some_and(|src| src.starts_with("//") || src.contains("://"));
    if asks_elsewhere || tag.name == "link" && tag.get("rel") == Some("stylesheet") && !is_own(tag.get("href")) {
        wrong("asks another server");
    }
    if tag.name == "meta"
        && tag
            .get("http-equiv")
            .is_some_and(|name| name.eq_ignore_ascii_case("refresh"))
    {
        wrong("leads away");
    }
    if tag.name == "form" && !is_own(tag.get("action")) || tag.get("type") == Some("password") {
        wrong("asks for what it should not");
    }
    faults
}

fn is_own(address: Option<&str>) -> bool {
    address.is_none_or(|address| !address.starts_with("//") && !address.contains("://"))
}

#[test]
fn what_acts_is_found_and_what_does_not_is_let_pass() {
    for bad in [
        "<img src=x onerror=a()>",
        "<p\tonclick = 'a'>",
        "<a href='java&Tab;script:a()'>",
        "<a href=\" JaVaScRiPt:a()\">",
        "<script>a()</script>",
        "<script type=application/ld+json>{\"a\":\"</script><p>",
        "<img src=//evil.example/a.png>",
        "<iframe>",
        "<meta http-equiv=Refresh content=0>",
        "<form action=https://evil.example/>",
        "<input type=password>",
    ] {
        assert!(!faults(bad, false).is_empty(), "{bad}");
    }
    let good = "<!-- <img onerror> --><p title='onclick=a'>1 < 2 <a href=\"/a?b=javascript:c\">&lt;img onerror=a&gt;</a>
        <script src=/a.js></script><title><img onerror></title><script type=\"application/json\">{\"a\":\"<\"}</script>";
    assert_eq!(faults(good, false), Vec::<String>::new());
}
