//! Names of the files that we keep: `ab/cdef….webp`, 32 hexadecimal digits and an ending that says the format.
//!
//! A name comes from us alone ([`crate::media`] makes it) and is never changed or given to other bytes. The one door for
//! a name from outside, the address `/media/ab/cdef….webp`, is [`FileKey::parse`], which knows nothing but this shape:
//! no name can leave the folder of pictures.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Hexadecimal digits of a name, the two of the folder included.
const DIGITS: usize = 32;

/// The formats of kept files. All of them are pictures that we wrote ourselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileFormat {
    /// For screens.
    WebP,
    /// For previews of links, in software that does not know WebP.
    Jpeg,
}

impl FileFormat {
    /// `image/webp` or `image/jpeg`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::WebP => "image/webp",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// The ending of names, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::WebP => "webp",
            Self::Jpeg => "jpg",
        }
    }
}

/// The name of a kept file.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileKey(String);

/// A text that is no name of a file of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a file of ours")]
pub struct NoFileKey;

impl FileKey {
    /// The name of these 128 bits.
    pub(crate) fn new(bits: u128, format: FileFormat) -> Self {
        let digits = format!("{bits:032x}");
        let (folder, name) = digits.split_at(2);
        Self(format!("{folder}/{name}.{}", format.extension()))
    }

    /// Reads a name from outside: the part of an address behind `/media/`.
    ///
    /// ```
    /// # use domain::file::FileKey;
    /// assert!(FileKey::parse("0a/2b7d4f8a9c1e3b5d7f9a0b2c4d6e8f.webp").is_some());
    /// assert!(FileKey::parse("0a/../../../../secret.key").is_none());
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (folder, file) = text.split_once('/')?;
        let (name, extension) = file.split_once('.')?;
        let is_hex = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let is_ours = folder.len() == 2
            && name.len() == DIGITS - 2
            && is_hex(folder)
            && is_hex(name)
            && matches!(extension, "webp" | "jpg");
        is_ours.then(|| Self(text.to_owned()))
    }

    /// `ab/cdef….webp`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of its address.
    pub fn path(&self) -> String {
        format!("/media/{}", self.0)
    }

    /// What it is.
    pub fn format(&self) -> FileFormat {
        match self.0.rsplit_once('.') {
            Some((_, "jpg")) => FileFormat::Jpeg,
            _ => FileFormat::WebP,
        }
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for FileKey {
    type Error = NoFileKey;
    fn try_from(text: String) -> Result<Self, NoFileKey> {
        Self::parse(&text).ok_or(NoFileKey)
    }
}

impl From<FileKey> for String {
    fn from(key: FileKey) -> Self {
        key.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_says_its_folder_and_its_format() {
        let key = FileKey::new(0x0a2b, FileFormat::Jpeg);
        assert_eq!(key.path(), "/media/00/000000000000000000000000000a2b.jpg");
        assert_eq!(key.format().content_type(), "image/jpeg");
    }

    #[test]
    fn nothing_but_our_own_shape_is_a_name() {
        let name = "2b7d4f8a9c1e3b5d7f9a0b2c4d6e8f";
        for wrong in [
            format!("0a/{name}.svg"),
            format!("0a/{name}.webp.html"),
            format!("0a/{name}"),
            format!("0A/{name}.webp"),
            format!("0a/{}.webp", name.to_uppercase()),
            format!("0a/b/{name}.webp"),
            format!("../{name}.webp"),
            format!("0a\\{name}.webp"),
            format!("/0a/{name}.webp"),
            format!("0a/{name}0.webp"),
            format!("0a/{name}.webp\0"),
            String::new(),
        ] {
            assert_eq!(FileKey::parse(&wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_name_of_ours_is_read_back(bits in any::<u128>(), jpeg in any::<bool>()) {
            let format = if jpeg { FileFormat::Jpeg } else { FileFormat::WebP };
            let key = FileKey::new(bits, format);
            prop_assert_eq!(key.format(), format);
            prop_assert_eq!(FileKey::parse(key.as_str()), Some(key));
        }
    }
}
