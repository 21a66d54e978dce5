//! Looks at the outside of a picture, without decoding anything: what it is by its first bytes, how many frames or scans
//! it has, and whether a JPEG ends. Some decoders fill the missing half of a cut file with grey, and none counts frames
//! without unpacking them.
//!
//! Each walk goes over the bytes once, from length to length, and stops where the bytes stop.

use domain::ports::PictureError;

/// The most frames of an animation, and the most scans of a progressive JPEG.
pub(super) const MOST_PARTS: usize = 300;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Jpeg,
    Png,
    WebP,
    Gif,
}

/// What a file is, by its first bytes; its name and what a server says of it are of no interest.
///
/// # Errors
/// `Unreadable` for anything but the four formats and for a JPEG that does not end; `TooLarge` for too many frames.
pub(super) fn inspect(bytes: &[u8]) -> Result<Format, PictureError> {
    let (format, parts) = if let Some(rest) = bytes.strip_prefix(&[0xff, 0xd8]) {
        (Format::Jpeg, jpeg_scans(rest).ok_or(PictureError::Unreadable)?)
    } else if let Some(rest) = bytes.strip_prefix(PNG) {
        (Format::Png, png_frames(rest))
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        (Format::Gif, gif_frames(bytes).unwrap_or(0))
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        (Format::WebP, webp_frames(bytes.get(12..).unwrap_or_default()))
    } else {
        return Err(PictureError::Unreadable);
    };
    if parts > MOST_PARTS {
        return Err(PictureError::TooLarge);
    }
    Ok(format)
}

fn be16(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk().map(|two| usize::from(u16::from_be_bytes(*two)))
}

/// ITU-T T.81, annex B: segments with lengths, then coded data in which 0xff is followed by 0 or a restart marker.
/// `None`: the picture does not end.
fn jpeg_scans(mut rest: &[u8]) -> Option<usize> {
    let mut scans = 0;
    loop {
        let start = rest.iter().position(|byte| *byte == 0xff)?;
        let (marker, more) = rest.get(start + 1..)?.split_first()?;
        rest = match marker {
            0xd9 => return (scans > 0).then_some(scans),
            0xff => rest.get(start + 1..)?,
            0x00 | 0x01 | 0xd0..=0xd8 => more,
            marker => {
                scans += usize::from(*marker == 0xda);
                if scans > MOST_PARTS {
                    return Some(scans);
                }
                more.get(be16(more)?..)?
            }
        };
    }
}

/// PNG third edition, 5.3: length, type, data, checksum. Each frame of an animation has an `fcTL`.
fn png_frames(mut rest: &[u8]) -> usize {
    let mut frames = 0;
    while let Some((chunk, more)) = png_chunk(rest) {
        frames += usize::from(png_kind(chunk) == b"fcTL");
        rest = more;
    }
    frames
}

fn png_chunk(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
    rest.split_at_checked(length.checked_add(12)?)
}

fn png_kind(chunk: &[u8]) -> &[u8] {
    chunk.get(4..8).unwrap_or_default()
}

/// A PNG without the chunks that no pixel depends on: its texts and profiles may unpack to giants. Of those, only the one
/// with the orientation stays. What follows a broken chunk stays as it is: the decoder refuses it.
pub(super) fn png_essentials(bytes: &[u8]) -> Vec<u8> {
    let (signature, mut rest) = bytes.split_at_checked(PNG.len()).unwrap_or((bytes, &[]));
    let mut kept = signature.to_vec();
    while let Some((chunk, more)) = png_chunk(rest) {
        let kind = png_kind(chunk);
        if matches!(kind, b"tRNS" | b"eXIf") || kind.first().is_some_and(u8::is_ascii_uppercase) {
            kept.extend_from_slice(chunk);
        }
        rest = more;
    }
    kept.extend_from_slice(rest);
    kept
}

/// RFC 9649: type, length, data, padded to even. Each frame of an animation is an `ANMF`.
fn webp_frames(mut rest: &[u8]) -> usize {
    let mut frames = 0;
    while let Some((head, more)) = rest.split_first_chunk::<8>() {
        let [kind @ .., a, b, c, d] = *head;
        frames += usize::from(&kind == b"ANMF");
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        let padded = length.checked_add(length % 2);
        let Some(next) = padded.and_then(|end| more.get(end..)) else {
            break;
        };
        rest = next;
    }
    frames
}

/// The specification of 1989: a screen, then blocks: images (0x2c), extensions (0x21), the end (0x3b).
fn gif_frames(bytes: &[u8]) -> Option<usize> {
    let (screen, rest) = bytes.get(6..)?.split_first_chunk::<7>()?;
    let mut rest = rest.get(colour_table(screen[4])..)?;
    let mut frames = 0;
    loop {
        rest = match rest.split_first() {
            Some((0x21, extension)) => after_blocks(extension.get(1..)?),
            Some((0x2c, image)) => {
                frames += 1;
                let (place, image) = image.split_first_chunk::<9>()?;
                after_blocks(image.get(colour_table(place[8]) + 1..)?)
            }
            _ => return Some(frames),
        };
    }
}

/// Bytes of the table of colours that these flags announce.
fn colour_table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Behind a chain of blocks, each with its length in front, the last one empty.
fn after_blocks(mut rest: &[u8]) -> &[u8] {
    while let Some((length, more)) = rest.split_first() {
        rest = more.get(usize::from(*length)..).unwrap_or_default();
        if *length == 0 {
            break;
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{
        DynamicImage, ExtendedColorType, Frame, ImageFormat, RgbaImage,
        codecs::{gif::GifEncoder, jpeg::JpegEncoder},
    };
    use proptest::prelude::*;
    use std::io::Cursor;

    fn written(format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(40, 30).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn gif(frames: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = GifEncoder::new_with_speed(&mut bytes, 30);
        let frame = Frame::new(RgbaImage::new(2, 2));
        encoder.encode_frames(std::iter::repeat_n(frame, frames)).unwrap();
        drop(encoder);
        bytes
    }

    #[test]
    fn four_formats_are_known_by_their_first_bytes() {
        for (format, expected) in [
            (ImageFormat::Jpeg, Format::Jpeg),
            (ImageFormat::Png, Format::Png),
            (ImageFormat::WebP, Format::WebP),
            (ImageFormat::Gif, Format::Gif),
        ] {
            assert_eq!(inspect(&written(format)), Ok(expected));
        }
        for other in [
            &b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..],
            b"<?xml version='1.0'?><svg/>",
            b"%PDF-1.7",
            b"\x7fELF",
            b"BM",
            b"II*\0",
            b"\0\0\0\x20ftypavif",
            b"{\"@context\":\"https://www.w3.org/ns/activitystreams\"}",
            b"",
        ] {
            assert_eq!(inspect(other), Err(PictureError::Unreadable));
        }
    }

    #[test]
    fn frames_are_counted_without_decoding_them() {
        assert_eq!(gif_frames(&gif(7)), Some(7));
        assert_eq!(inspect(&gif(300)), Ok(Format::Gif));
        assert_eq!(inspect(&gif(301)), Err(PictureError::TooLarge));

        let chunk =
            |kind: &[u8], length: u32| [&length.to_be_bytes()[..], kind, &vec![0; length as usize + 4]].concat();
        let png = [chunk(b"IHDR", 13), chunk(b"fcTL", 26).repeat(301)].concat();
        assert_eq!(
            inspect(&[&b"\x89PNG\r\n\x1a\n"[..], &png].concat()),
            Err(PictureError::TooLarge)
        );

        let frame = [&b"ANMF"[..], &3u32.to_le_bytes(), &[0; 4]].concat();
        let webp = [&b"RIFF\0\0\0\0WEBP"[..], &frame.repeat(301)].concat();
        assert_eq!(inspect(&webp), Err(PictureError::TooLarge));
    }

    #[test]
    fn of_a_png_only_what_makes_its_pixels_is_decoded() {
        let chunk = |kind: &[u8; 4]| [&[0, 0, 0, 2][..], kind, b"abCRC."].concat();
        let with = |kinds: &[&[u8; 4]]| [PNG.to_vec(), kinds.iter().flat_map(|kind| chunk(kind)).collect()].concat();
        let all = with(&[b"IHDR", b"iCCP", b"PLTE", b"tRNS", b"eXIf", b"zTXt", b"IDAT", b"IEND"]);
        let essential = with(&[b"IHDR", b"PLTE", b"tRNS", b"eXIf", b"IDAT", b"IEND"]);
        assert_eq!(png_essentials(&all), essential);
        assert_eq!(png_essentials(&all[..all.len() - 1]), essential[..essential.len() - 1]);
    }

    #[test]
    fn a_jpeg_that_does_not_end_is_refused_and_so_is_one_with_endless_scans() {
        let mut bytes = Vec::new();
        let pixels = vec![90; 64 * 64 * 3];
        JpegEncoder::new(&mut bytes)
            .encode(&pixels, 64, 64, ExtendedColorType::Rgb8)
            .unwrap();
        assert_eq!(inspect(&bytes), Ok(Format::Jpeg));
        assert_eq!(
            inspect(&[&bytes[..], b"what cameras put behind"].concat()),
            Ok(Format::Jpeg)
        );
        assert_eq!(inspect(&bytes[..bytes.len() - 2]), Err(PictureError::Unreadable));
        let scan = b"\xff\xda\0\x02 data \xff\0 data \xff\xd0 data";
        let scans = [&b"\xff\xd8"[..], &scan.repeat(301), b"\xff\xd9"].concat();
        assert_eq!(inspect(&scans), Err(PictureError::TooLarge));
    }

    #[test]
    fn fuzz_heads_of_pictures() {
        let words = [
            "IHDR", "IDAT", "IEND", "acTL", "fcTL", "fdAT", "zTXt", "GIF89a", "RIFF", "WEBP", "VP8X", "ANMF", "\u{ff}",
            "\0\0\0\0",
        ];
        domain::fuzz::run("picture", &words, |bytes| {
            let essentials = png_essentials(bytes);
            assert!(essentials.len() <= bytes.len());
            assert_eq!(png_essentials(&essentials), essentials, "twice is once");
            (format!("{:?}", inspect(bytes)), essentials.len().min(200) / 10)
        });
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_walk_fall(kind in 0..4usize, rest in prop::collection::vec(any::<u8>(), 0..600)) {
            let start = [&b"\xff\xd8\xff"[..], b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\0\0\0\0WEBP"][kind];
            let bytes = [start, &rest].concat();
            let _ = inspect(&bytes);
            prop_assert!(png_essentials(&bytes).len() <= bytes.len());
        }
    }
}
