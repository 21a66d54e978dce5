//! What an event says of itself → the texts, addresses and words that we keep.

use super::{
    category,
    component::Component,
    link, location,
    note::{NoteKind, Notes},
};
use crate::{
    event::{Attendance, Content, Details, MOST_TITLE, Status},
    text::{Language, PlainText, RichText, rich},
};
use calcard::icalendar::ICalendarParameterName;
use url::Url;

/// What stands in for the title of an event that has none, nor text, nor place, in a calendar without a name.
const UNTITLED: &str = "…";

/// Reads what an event says of itself, and the address of its picture. `stand_in`: a title for one that has none.
pub(super) fn content(
    component: &Component,
    uid: &str,
    stand_in: Option<&PlainText>,
    notes: &mut Notes,
) -> (Content, Option<Url>) {
    let page = component.text("URL").and_then(|text| link::address(&text));
    let meeting = link::meeting(component, page.as_ref());
    let place = location::place(component);
    let is_online = meeting.is_some()
        || component
            .text("LOCATION")
            .is_some_and(|line| location::says_online(&line));
    let description = description(component);
    let title = title(component, uid, notes).unwrap_or_else(|| {
        let said = rich::excerpt(&description.to_plain(), 80);
        let line = place.as_ref().map(|place| place.name.as_str()).unwrap_or_default();
        let calendar = stand_in.map(PlainText::as_str).unwrap_or_default();
        let words = [said.as_str(), line, calendar, UNTITLED];
        PlainText::bent(
            words.into_iter().find(|text| !text.is_empty()).unwrap_or(UNTITLED),
            MOST_TITLE,
        )
    });
    let tags = category::tags(component);
    let content = Content {
        description,
        status: status(component),
        category: category::category(&tags),
        language: language(component),
        attendance: match (is_online, place.is_some()) {
            (true, true) => Attendance::Hybrid,
            (true, false) => Attendance::Online,
            (false, _) => Attendance::InPerson,
        },
        online_address: meeting.or_else(|| page.clone()),
        place,
        tags,
        details: Details {
            source_url: page,
            phone: link::phone(component),
            ..Details::default()
        },
        ..Content::titled(title)
    };
    (content, link::picture(component))
}

/// The title, as written where one line of ours may be so; `None`, with a note, where there is none.
fn title(component: &Component, uid: &str, notes: &mut Notes) -> Option<PlainText> {
    let text = component.text("SUMMARY").unwrap_or_default();
    let title = PlainText::new("title", &text, MOST_TITLE).unwrap_or_else(|_| PlainText::bent(&text, MOST_TITLE));
    if title.is_empty() {
        notes.about(NoteKind::NoTitle, component.line, uid, None);
        return None;
    }
    if PlainText::bent(&text, u32::MAX).as_str().chars().count() > MOST_TITLE as usize {
        notes.about(NoteKind::TitleCut, component.line, uid, Some(&text));
    }
    Some(title)
}

/// RFC 5545 STATUS; what does not say it takes place.
fn status(component: &Component) -> Status {
    let text = component.text("STATUS").unwrap_or_default().to_ascii_uppercase();
    match text.as_str() {
        "TENTATIVE" => Status::Tentative,
        "CANCELLED" | "CANCELED" => Status::Cancelled,
        _ => Status::Confirmed,
    }
}

fn language(component: &Component) -> Option<Language> {
    let properties = ["SUMMARY", "DESCRIPTION"]
        .iter()
        .filter_map(|name| component.first(name));
    let mut tags = properties.filter_map(|property| property.parameter(&ICalendarParameterName::Language));
    tags.find_map(Language::parse)
}

/// The long text, cleaned, with what is attached as links below.
fn description(component: &Component) -> RichText {
    let text = written(component);
    let mut links = link::attachments(component).peekable();
    if links.peek().is_none() {
        return text;
    }
    let mut html = format!("{}<ul>", text.as_html());
    for (url, name) in links {
        let (url, name) = (rich::escape(url.as_str()), rich::escape(&name));
        html.extend(["<li><a href=\"", &url, "\">", &name, "</a></li>"]);
    }
    html.push_str("</ul>");
    RichText::from_html(&html)
}

fn written(component: &Component) -> RichText {
    let formatted = ["STYLED-DESCRIPTION", "X-ALT-DESC"]
        .iter()
        .flat_map(|name| component.all(name))
        .find(|property| {
            property
                .parameter(&ICalendarParameterName::Fmttype)
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
        })
        .and_then(super::component::Property::text)
        .map(|html| RichText::from_html(&html))
        .filter(|text| !text.to_plain().is_empty());
    let plain = || {
        let text = component.text("DESCRIPTION").unwrap_or_default();
        if is_markup(&text) {
            RichText::from_html(&with_breaks(&text))
        } else {
            RichText::from_plain(&text)
        }
    };
    formatted.unwrap_or_else(plain)
}

/// Google writes HTML into DESCRIPTION: a tag that closes, or a break, shows it.
fn is_markup(text: &str) -> bool {
    const SIGNS: [&str; 10] = [
        "</a>",
        "</p>",
        "</b>",
        "</i>",
        "</u>",
        "</ul>",
        "</span>",
        "</div>",
        "</strong>",
        "<br",
    ];
    text.contains('<') && {
        let lower = text.to_ascii_lowercase();
        SIGNS.iter().any(|sign| lower.contains(sign))
    }
}

/// Line ends mean something where the markup has no breaks of its own.
fn with_breaks(html: &str) -> std::borrow::Cow<'_, str> {
    let lower = html.to_ascii_lowercase();
    if ["<br", "<p", "<li", "<div"].iter().any(|sign| lower.contains(sign)) {
        html.into()
    } else {
        html.replace('\n', "<br>").into()
    }
}
