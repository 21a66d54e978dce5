//! What a picture is.

use super::files::listed;
use crate::{
    db::{
        Tx,
        column::{json_column, text_enum},
        schema::media,
    },
    file::{FileFormat, FileKey},
    id::{MediaId, ProfileId},
    ports::Picture,
    text::PlainText,
    time::Instant,
};
use diesel::{deserialize::FromSqlRow, expression::AsExpression, prelude::*, sql_types::Text};
use serde::{Deserialize, Serialize};
use url::Url;

text_enum! {
    /// How far a picture is.
    pub enum Status {
        /// It is still to be fetched.
        Wanted = "wanted",
        /// It can be shown.
        Ready = "ready",
        /// It could not be had, or was refused.
        Failed = "failed",
    }
}

/// One file of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaFile {
    /// Its name in the file store; [`FileKey::path`] is its address.
    pub key: FileKey,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// The files of a picture; none until it is ready.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Files {
    /// For screens: WebP, smallest first.
    pub sizes: Vec<MediaFile>,
    /// For previews of links and software that does not know WebP: JPEG.
    pub preview: Option<MediaFile>,
}

json_column!(Files);

/// A picture.
#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset, Identifiable)]
#[diesel(table_name = media, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct Media {
    /// Identifier.
    pub id: MediaId,
    /// Whose it is.
    pub profile_id: Option<ProfileId>,
    /// Whether it can be shown.
    pub status: Status,
    /// Where a picture of another server comes from.
    pub source_url: Option<String>,
    /// What it shows, in words; may be empty.
    pub alt: PlainText,
    /// That of the largest file, once it is ready: `image/webp`.
    pub content_type: Option<String>,
    /// Bytes of all files.
    pub byte_size: i64,
    /// Pixels across, of the largest file.
    pub width: Option<i32>,
    /// Pixels down, of the largest file.
    pub height: Option<i32>,
    /// A few characters that paint a blur while it loads.
    pub blurhash: Option<String>,
    /// What matters lies here: −1 left to 1 right.
    pub focal_x: f64,
    /// What matters lies here: −1 bottom to 1 top.
    pub focal_y: f64,
    /// The files.
    pub files: Files,
    /// When it came into being.
    pub created_at: Instant,
}

impl Media {
    /// A new row without files.
    pub(super) fn wanted(tx: &Tx<'_>, profile: ProfileId, alt: PlainText, source: Option<&Url>) -> Self {
        Self {
            id: MediaId(tx.new_uuid()),
            profile_id: Some(profile),
            status: Status::Wanted,
            source_url: source.map(|url| url.as_str().to_owned()),
            alt,
            content_type: None,
            byte_size: 0,
            width: None,
            height: None,
            blurhash: None,
            focal_x: 0.0,
            focal_y: 0.0,
            files: Files::default(),
            created_at: tx.now(),
        }
    }

    /// Lists the files of `picture`, which can be shown from now on.
    pub(super) fn complete(&mut self, picture: &Picture) {
        self.files = listed(self.id, picture);
        let bytes = picture
            .sizes
            .iter()
            .chain([&picture.preview])
            .map(|one| one.bytes.len());
        self.byte_size = i64::try_from(bytes.sum::<usize>()).unwrap_or(i64::MAX);
        let (width, height) = self.largest().map_or((0, 0), |file| (file.width, file.height));
        self.width = i32::try_from(width).ok();
        self.height = i32::try_from(height).ok();
        self.content_type = Some(FileFormat::WebP.content_type().to_owned());
        self.blurhash = Some(picture.blurhash.clone());
        self.status = Status::Ready;
    }

    /// The largest file for screens.
    pub fn largest(&self) -> Option<&MediaFile> {
        self.files.sizes.last()
    }

    /// The files for screens, smallest first.
    pub fn sizes(&self) -> &[MediaFile] {
        &self.files.sizes
    }

    /// The JPEG, for previews of links and software that does not know WebP.
    pub fn preview(&self) -> Option<&MediaFile> {
        self.files.preview.as_ref()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::time::Instant;
    use uuid::Uuid;

    /// A picture that somebody wants.
    pub(crate) fn wanted(profile: ProfileId) -> Media {
        Media {
            id: MediaId(Uuid::from_u128(9)),
            profile_id: Some(profile),
            status: Status::Wanted,
            source_url: None,
            alt: PlainText::default(),
            content_type: None,
            byte_size: 0,
            width: None,
            height: None,
            blurhash: None,
            focal_x: 0.0,
            focal_y: 0.0,
            files: Files::default(),
            created_at: Instant::from_micros(0).unwrap(),
        }
    }

    #[test]
    fn files_are_kept_as_json_and_names_of_others_are_not_read() {
        let text =
            r#"{"sizes":[{"key":"0a/2b7d4f8a9c1e3b5d7f9a0b2c4d6e8f.webp","width":400,"height":300}],"preview":null}"#;
        let files: Files = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&files).unwrap(), text);
        assert!(serde_json::from_str::<Files>(&text.replace("0a/", "../")).is_err());
    }
}
