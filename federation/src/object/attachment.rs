//! What hangs on an event: its picture first, for some software takes the first attachment for one; then its page on the
//! web; then named values.

use super::Site;
use domain::{
    event::{Entry, Metadata},
    file::FileFormat,
    media::Media,
};
use serde::Serialize;

/// The size of drawn covers.
const COVER: (u32, u32) = (1_200, 630);

/// Something that hangs on an event.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type")]
pub(crate) enum Attachment {
    Image(Image),
    #[serde(rename_all = "camelCase")]
    Link {
        media_type: &'static str,
        href: String,
        /// Mobilizon looks for `Website`.
        name: &'static str,
    },
    PropertyValue {
        #[serde(rename = "propertyID")]
        property_id: String,
        value: Value,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
}

/// A picture with words for those who do not see it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Image {
    media_type: &'static str,
    url: String,
    name: String,
    width: u32,
    height: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    blurhash: Option<String>,
    focal_point: [f64; 2],
    #[serde(rename = "isBannerImage")]
    is_banner: bool,
}

/// A named value.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Flag(bool),
    Text(String),
}

/// Everything that hangs on an event.
pub(crate) fn all(site: Site<'_>, entry: &Entry) -> Vec<Attachment> {
    let picture = entry
        .picture
        .as_ref()
        .and_then(|picture| picture_of(site, entry, picture));
    let image = picture.or_else(|| cover(site, entry)).map(Attachment::Image);
    let metadata = entry.event.details.metadata.iter().map(property);
    image.into_iter().chain(website(entry)).chain(metadata).collect()
}

fn picture_of(site: Site<'_>, entry: &Entry, picture: &Media) -> Option<Image> {
    // JPEG: not everybody reads WebP.
    let file = picture.preview()?;
    let alt = if picture.alt.is_empty() {
        &entry.event.title
    } else {
        &picture.alt
    };
    Some(Image {
        media_type: file.key.format().content_type(),
        url: site.settings.url(&file.key.path()),
        name: alt.to_string(),
        width: file.width,
        height: file.height,
        blurhash: picture.blurhash.clone(),
        focal_point: [picture.focal_x, picture.focal_y],
        is_banner: true,
    })
}

/// The drawing of the category; the category is what it shows.
fn cover(site: Site<'_>, entry: &Entry) -> Option<Image> {
    let path = site.covers.of(entry.event.category)?;
    let media_type = match path.rsplit_once('.')?.1 {
        "png" => "image/png",
        "webp" => FileFormat::WebP.content_type(),
        _ => FileFormat::Jpeg.content_type(),
    };
    let alt = site.words(&entry.event).category(entry.event.category.as_str());
    Some(Image {
        media_type,
        url: site.settings.url(path),
        name: if alt.is_empty() {
            entry.event.title.to_string()
        } else {
            alt.to_owned()
        },
        width: COVER.0,
        height: COVER.1,
        blurhash: None,
        focal_point: [0.0, 0.0],
        is_banner: true,
    })
}

/// Where to meet on the web, else a page about the event, else where it was announced first.
fn website(entry: &Entry) -> Option<Attachment> {
    let event = &entry.event;
    let source = event.details.source_url.as_ref().map(ToString::to_string);
    let href = event.online_address.clone().or(source)?;
    Some(Attachment::Link {
        media_type: "text/html",
        href,
        name: "Website",
    })
}

fn property(metadata: &Metadata) -> Attachment {
    Attachment::PropertyValue {
        property_id: metadata.key.clone(),
        value: match metadata.value.as_str() {
            "true" => Value::Flag(true),
            "false" => Value::Flag(false),
            text => Value::Text(text.to_owned()),
        },
        name: metadata.title.clone(),
    }
}
