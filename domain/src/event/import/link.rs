//! Web addresses of an event: its page, its meeting, its picture, what is attached.

use super::component::{Component, Property};
use crate::event::web_address;
use calcard::icalendar::ICalendarParameterName;
use url::Url;

/// Where one takes part from afar: what the file says is a conference, or an address of a known service.
pub(super) fn meeting(component: &Component, page: Option<&Url>) -> Option<Url> {
    const NAMES: [&str; 3] = ["CONFERENCE", "X-GOOGLE-CONFERENCE", "X-MICROSOFT-SKYPETEAMSMEETINGURL"];
    let said = NAMES
        .iter()
        .flat_map(|name| component.all(name))
        .find_map(|property| address(&property.text()?));
    said.or_else(|| component.text("LOCATION").and_then(|text| address(&text)))
        .or_else(|| page.filter(|url| is_meeting(url)).cloned())
}

/// A telephone number to take part by (RFC 7986 CONFERENCE with a `tel:` address).
pub(super) fn phone(component: &Component) -> Option<String> {
    let texts = component.all("CONFERENCE").filter_map(Property::text);
    let mut numbers = texts.filter_map(|text| text.strip_prefix("tel:").map(str::to_owned));
    numbers.find(|number| number.len() <= 40 && number.bytes().all(|b| b.is_ascii_graphic()))
}

/// The picture of an event: IMAGE (RFC 7986), else the first attachment that is one.
pub(super) fn picture(component: &Component) -> Option<Url> {
    let images = component.all("IMAGE").filter_map(|property| address(&property.text()?));
    let attached = component
        .all("ATTACH")
        .filter(|property| is_picture(*property))
        .filter_map(|property| address(&property.text()?));
    images.chain(attached).next()
}

/// What else is attached: address and name.
pub(super) fn attachments(component: &Component) -> impl Iterator<Item = (Url, String)> {
    const MOST: usize = 10;
    component
        .all("ATTACH")
        .filter(|property| !is_picture(*property))
        .filter_map(|property| {
            let url = address(&property.text()?)?;
            let name = property.parameter(&ICalendarParameterName::Filename);
            let name = name.map(str::trim).filter(|name| !name.is_empty());
            Some((url.clone(), name.unwrap_or(url.as_str()).to_owned()))
        })
        .take(MOST)
}

/// A text that is nothing but a web address.
pub(super) fn address(text: &str) -> Option<Url> {
    let text = text.trim();
    if text.contains(char::is_whitespace) {
        return None;
    }
    web_address("url", text).ok()
}

fn is_picture(attachment: Property<'_>) -> bool {
    const ENDS: [&str; 5] = [".jpg", ".jpeg", ".png", ".webp", ".gif"];
    match attachment.parameter(&ICalendarParameterName::Fmttype) {
        Some(kind) => kind.trim().to_ascii_lowercase().starts_with("image/"),
        None => attachment.text().is_some_and(|text| {
            let path = text.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
            ENDS.iter().any(|end| path.ends_with(end))
        }),
    }
}

/// Services that are for meeting and for nothing else.
fn is_meeting(url: &Url) -> bool {
    const HOSTS: [&str; 8] = [
        "zoom.us",
        "meet.google.com",
        "teams.microsoft.com",
        "teams.live.com",
        "meet.jit.si",
        "webex.com",
        "whereby.com",
        "framatalk.org",
    ];
    url.host_str().is_some_and(|host| {
        HOSTS
            .iter()
            .any(|known| host == *known || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.')))
    })
}
