//! The names of a picture's files follow from its identifier, so that a job that is tried again writes the same files
//! once more, and that a removed picture's files can be found without its row. Pure.

use super::model::{Files, MediaFile};
use crate::{
    file::{FileFormat, FileKey},
    id::MediaId,
    ports::{Picture, Rendition},
};
use bytes::Bytes;
use sha2::{Digest, Sha256};

/// What to put into the file store before [`super::record_ready`].
pub fn to_keep(id: MediaId, picture: &Picture) -> Vec<(FileKey, Bytes)> {
    let sizes = (0..).zip(&picture.sizes).map(|(nth, size)| (size_key(id, nth), size));
    sizes
        .chain([(preview_key(id), &picture.preview)])
        .map(|(key, rendition)| (key, rendition.bytes.clone()))
        .collect()
}

/// Every name that a picture's files can have.
pub fn every_key(id: MediaId) -> Vec<FileKey> {
    (0..Picture::MOST_SIZES)
        .map(|nth| size_key(id, nth))
        .chain([preview_key(id)])
        .collect()
}

/// The files of a picture, as its row lists them.
pub(super) fn listed(id: MediaId, picture: &Picture) -> Files {
    let file = |key, rendition: &Rendition| MediaFile {
        key,
        width: rendition.width,
        height: rendition.height,
    };
    Files {
        sizes: (0..)
            .zip(&picture.sizes)
            .map(|(nth, size)| file(size_key(id, nth), size))
            .collect(),
        preview: Some(file(preview_key(id), &picture.preview)),
    }
}

fn size_key(id: MediaId, nth: usize) -> FileKey {
    key(id, &format!("size {nth}"), FileFormat::WebP)
}

fn preview_key(id: MediaId) -> FileKey {
    key(id, "preview", FileFormat::Jpeg)
}

fn key(id: MediaId, part: &str, format: FileFormat) -> FileKey {
    let digest = Sha256::new()
        .chain_update(id.0.as_bytes())
        .chain_update(part)
        .finalize();
    let bits = digest
        .iter()
        .take(16)
        .fold(0, |bits, byte| bits << 8 | u128::from(*byte));
    FileKey::new(bits, format)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn the_files_of_a_picture_have_names_of_their_own_that_never_change() {
        let (one, other) = (MediaId(Uuid::from_u128(1)), MediaId(Uuid::from_u128(2)));
        let mut keys = every_key(one);
        assert_eq!(keys, every_key(one));
        assert_eq!(keys[0].as_str(), "d4/9fc415f4dd3af2a12b71f0842bd525.webp");
        keys.extend(every_key(other));
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 2 * (Picture::MOST_SIZES + 1));
    }
}
