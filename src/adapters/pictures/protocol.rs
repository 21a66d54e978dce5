//! How the process hands a picture over: a line of JSON that says the sizes, then the bytes of the files, one after the
//! other. Who reads it checks everything, because the process may have been taken over by what it decoded.

use bytes::Bytes;
use domain::{
    file::FileFormat,
    ports::{Picture, Rendition},
};
use serde::{Deserialize, Serialize};
use std::io::{self, Write};

/// The most bytes of an answer.
pub(super) const MOST_BYTES: usize = 8 * 1024 * 1024;
/// The most bytes of its first line.
const MOST_HEAD: usize = 2_000;
/// The most pixels of a side: a little more than is ever made.
const MOST_SIDE: u32 = 4_000;
/// The letters of a blurhash (base 83).
const BLURHASH: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    sizes: Vec<Part>,
    preview: Part,
    blurhash: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    width: u32,
    height: u32,
    bytes: usize,
}

impl Part {
    fn of(rendition: &Rendition) -> Self {
        Self {
            width: rendition.width,
            height: rendition.height,
            bytes: rendition.bytes.len(),
        }
    }

    /// Takes its bytes off the front of `rest`.
    fn take(&self, rest: &mut &[u8], format: FileFormat) -> Option<Rendition> {
        let (bytes, more) = rest.split_at_checked(self.bytes)?;
        *rest = more;
        let fits = |side| (1..=MOST_SIDE).contains(&side);
        let is_what_it_says = match format {
            FileFormat::WebP => bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"),
            FileFormat::Jpeg => bytes.starts_with(&[0xff, 0xd8, 0xff]),
        };
        (fits(self.width) && fits(self.height) && is_what_it_says).then(|| Rendition {
            format,
            width: self.width,
            height: self.height,
            bytes: Bytes::copy_from_slice(bytes),
        })
    }
}

pub(super) fn write(out: &mut impl Write, picture: &Picture) -> io::Result<()> {
    let head = Head {
        sizes: picture.sizes.iter().map(Part::of).collect(),
        preview: Part::of(&picture.preview),
        blurhash: picture.blurhash.clone(),
    };
    serde_json::to_writer(&mut *out, &head)?;
    out.write_all(b"\n")?;
    for rendition in picture.sizes.iter().chain([&picture.preview]) {
        out.write_all(&rendition.bytes)?;
    }
    Ok(())
}

/// Reads an answer; `None` where anything is wrong with it.
pub(super) fn read(answer: &[u8]) -> Option<Picture> {
    if answer.len() > MOST_BYTES {
        return None;
    }
    let end = answer.iter().take(MOST_HEAD).position(|byte| *byte == b'\n')?;
    let (head, rest) = answer.split_at_checked(end)?;
    let (_, mut rest) = rest.split_first()?;
    let head: Head = serde_json::from_slice(head).ok()?;
    let is_blurhash = (6..=40).contains(&head.blurhash.len()) && head.blurhash.chars().all(|c| BLURHASH.contains(c));
    if !is_blurhash || !(1..=Picture::MOST_SIZES).contains(&head.sizes.len()) {
        return None;
    }
    let sizes = head
        .sizes
        .iter()
        .map(|part| part.take(&mut rest, FileFormat::WebP))
        .collect::<Option<Vec<_>>>()?;
    let preview = head.preview.take(&mut rest, FileFormat::Jpeg)?;
    let is_ordered = sizes.is_sorted_by_key(|size| size.width);
    (is_ordered && rest.is_empty()).then_some(Picture {
        sizes,
        preview,
        blurhash: head.blurhash,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn picture() -> Picture {
        let rendition = |format, width, bytes: &'static [u8]| Rendition {
            format,
            width,
            height: 2,
            bytes: Bytes::from_static(bytes),
        };
        Picture {
            sizes: vec![
                rendition(FileFormat::WebP, 400, b"RIFF\n123WEBP small"),
                rendition(FileFormat::WebP, 800, b"RIFF1234WEBP larger"),
            ],
            preview: rendition(FileFormat::Jpeg, 800, b"\xff\xd8\xff\xe0 preview"),
            blurhash: "LEHV6nWB2yk8pyo0adR*.7kCMdnj".into(),
        }
    }

    fn written(picture: &Picture) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, picture).unwrap();
        bytes
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(read(&written(&picture())), Some(picture()));
    }

    #[test]
    fn an_answer_that_is_not_as_agreed_is_refused() {
        let good = written(&picture());
        for end in 0..good.len() {
            assert_eq!(read(&good[..end]), None, "{end}");
        }
        assert_eq!(read(&[&good[..], b"more"].concat()), None);
        let change = |change: fn(&mut Picture)| {
            let mut changed = picture();
            change(&mut changed);
            read(&written(&changed))
        };
        assert_eq!(change(|picture| picture.sizes.clear()), None);
        assert_eq!(change(|picture| picture.sizes.extend(picture.sizes.clone())), None);
        assert_eq!(change(|picture| picture.sizes.reverse()), None);
        assert_eq!(change(|picture| picture.sizes[0].width = 0), None);
        assert_eq!(change(|picture| picture.preview.height = 70_000), None);
        assert_eq!(change(|picture| picture.blurhash = "<script>alert".into()), None);
        assert_eq!(
            change(|picture| picture.preview.bytes = Bytes::from_static(b"<svg/>")),
            None
        );
        assert_eq!(
            change(|picture| picture.sizes[0].bytes = Bytes::from_static(b"<html>")),
            None
        );
    }

    proptest! {
        #[test]
        fn no_answer_makes_the_server_fall(answer in prop::collection::vec(any::<u8>(), 0..400)) {
            drop(read(&answer));
        }
    }
}
