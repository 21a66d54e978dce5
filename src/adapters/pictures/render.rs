//! From the bytes of a picture to the files that are kept: pixels only. Whatever else was in the file (places, cameras,
//! names, colour profiles, a small picture of the uncropped scene, a second file behind the first) stays behind.
//!
//! Runs in [`super::worker`], never in the server. The order matters for memory: limits before decoding, then the one
//! large step down, and only then turning and everything else, on small pictures. Between the first step and the last,
//! colours are multiplied by their opacity, or the colour of what cannot be seen would bleed into what can.

use super::container::{self, Format};
use bytes::Bytes;
use domain::{
    file::FileFormat,
    ports::{Picture, PictureError, Rendition},
};
use image::{
    DynamicImage, ImageDecoder, ImageError, Limits, Rgb, RgbImage, Rgba, RgbaImage,
    codecs::{gif::GifDecoder, jpeg::JpegDecoder, jpeg::JpegEncoder, png::PngDecoder, webp::WebPDecoder},
    imageops::FilterType,
    metadata::Orientation,
};
use std::io::Cursor;

/// The most pixels of a picture from outside.
const MOST_PIXELS: u64 = 40_000_000;
/// The most memory of a decoder: below the limit of the process, so that most are refused in good order.
const MOST_DECODED: u64 = 400 * 1024 * 1024;
/// Pixels across of what is kept, for telephones, tablets and large screens; never more than the picture has.
const WIDTHS: [u32; Picture::MOST_SIZES] = [400, 800, 1200];
/// No file is higher than this many times its width: long posters, not ribbons.
const MOST_HEIGHT: u32 = 3;
/// Of the WebP files, of 100.
const WEBP_QUALITY: f32 = 78.0;
/// Of the JPEG, of 100.
const JPEG_QUALITY: u8 = 82;
/// Pixels across of what the blur is made of.
const BLUR_WIDTH: u32 = 32;

/// Re-encodes a picture.
///
/// # Errors
/// `TooLarge`, `TooHeavy`, `Unreadable`.
pub(super) fn render(bytes: &[u8]) -> Result<Picture, PictureError> {
    if bytes.len() > domain::media::MOST_BYTES {
        return Err(PictureError::TooLarge);
    }
    let largest = first_frame(bytes)?;
    let sizes = widths(largest.width()).into_iter().map(|width| webp(&largest, width));
    Ok(Picture {
        sizes: sizes.collect::<Result<_, _>>()?,
        preview: jpeg(&largest)?,
        blurhash: blurhash(&largest)?,
    })
}

/// Those of [`WIDTHS`] below the largest, and the largest.
fn widths(largest: u32) -> Vec<u32> {
    let smaller = WIDTHS.into_iter().filter(|width| *width < largest);
    smaller.chain([largest]).collect()
}

/// The picture, or its first frame, upright and in the largest size that is kept.
fn first_frame(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    let format = container::inspect(bytes)?;
    let input = Cursor::new(bytes);
    match format {
        Format::Jpeg => decode(JpegDecoder::new(input).map_err(reason)?),
        Format::Png => {
            let essentials = Cursor::new(container::png_essentials(bytes));
            decode(PngDecoder::with_limits(essentials, limits()).map_err(reason)?)
        }
        Format::WebP => decode(WebPDecoder::new(input).map_err(reason)?),
        Format::Gif => decode(GifDecoder::new(input).map_err(reason)?),
    }
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_DECODED);
    limits
}

fn decode(mut decoder: impl ImageDecoder) -> Result<DynamicImage, PictureError> {
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_DECODED {
        return Err(PictureError::TooLarge);
    }
    if width == 0 || height == 0 {
        return Err(PictureError::Unreadable);
    }
    decoder.set_limits(limits()).map_err(reason)?;
    // A note about the orientation that cannot be read is as if there were none.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = multiplied(DynamicImage::from_decoder(decoder).map_err(reason)?);
    let (width, height) = target(picture.width(), picture.height(), is_on_its_side(orientation));
    let mut small = shrunk(&picture, width, height);
    drop(picture);
    small.apply_orientation(orientation);
    Ok(small)
}

fn is_on_its_side(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    )
}

/// The size of the largest file, as the picture lies in memory.
fn target(width: u32, height: u32, on_its_side: bool) -> (u32, u32) {
    if on_its_side {
        let (height, width) = target(height, width, false);
        return (width, height);
    }
    let [.., most] = WIDTHS;
    let (wide, high) = (f64::from(width), f64::from(height));
    let scale = (f64::from(most) / wide)
        .min(f64::from(most * MOST_HEIGHT) / high)
        .min(1.0);
    (rounded(wide * scale), rounded(high * scale))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a length between 1 and a few thousand"
)]
fn rounded(length: f64) -> u32 {
    length.round().max(1.0) as u32
}

fn shrunk_to_width(picture: &DynamicImage, width: u32) -> DynamicImage {
    let scale = f64::from(width) / f64::from(picture.width());
    shrunk(picture, width, rounded(f64::from(picture.height()) * scale))
}

/// In two steps: a fast one to twice the size, a good one from there.
fn shrunk(picture: &DynamicImage, width: u32, height: u32) -> DynamicImage {
    let (twice_width, twice_height) = (width * 2, height * 2);
    if (picture.width(), picture.height()) == (width, height) {
        picture.clone()
    } else if picture.width() > twice_width && picture.height() > twice_height {
        let twice = picture.thumbnail_exact(twice_width, twice_height);
        twice.resize_exact(width, height, FilterType::CatmullRom)
    } else {
        picture.resize_exact(width, height, FilterType::CatmullRom)
    }
}

fn multiplied(picture: DynamicImage) -> DynamicImage {
    if !picture.color().has_alpha() {
        return picture;
    }
    let mut pixels = picture.into_rgba8();
    for [red, green, blue, alpha] in pixels.as_chunks_mut().0 {
        if *alpha < 255 {
            *red = shaded(*red, *alpha);
            *green = shaded(*green, *alpha);
            *blue = shaded(*blue, *alpha);
        }
    }
    pixels.into()
}

#[expect(clippy::cast_possible_truncation, reason = "a product of two bytes by 255 is a byte")]
fn shaded(colour: u8, alpha: u8) -> u8 {
    (u16::from(colour) * u16::from(alpha) / 255) as u8
}

/// The colours as they were before [`multiplied`].
fn divided(mut pixels: RgbaImage) -> RgbaImage {
    for [colours @ .., alpha] in pixels.as_chunks_mut::<4>().0 {
        let opacity = u16::from(*alpha).max(1);
        *colours = colours.map(|colour| u8::try_from(u16::from(colour) * 255 / opacity).unwrap_or(u8::MAX));
    }
    pixels
}

fn webp(largest: &DynamicImage, width: u32) -> Result<Rendition, PictureError> {
    let small = shrunk_to_width(largest, width);
    let (width, height) = (small.width(), small.height());
    let bytes = if small.color().has_alpha() {
        let pixels = divided(small.into_rgba8());
        webp::Encoder::from_rgba(&pixels, width, height).encode_simple(false, WEBP_QUALITY)
    } else {
        let pixels = small.into_rgb8();
        webp::Encoder::from_rgb(&pixels, width, height).encode_simple(false, WEBP_QUALITY)
    };
    let bytes = bytes.map_err(|_memory| PictureError::TooHeavy)?;
    Ok(Rendition {
        format: FileFormat::WebP,
        width,
        height,
        bytes: Bytes::copy_from_slice(&bytes),
    })
}

fn jpeg(largest: &DynamicImage) -> Result<Rendition, PictureError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
        .encode_image(&on_white(largest))
        .map_err(reason)?;
    Ok(Rendition {
        format: FileFormat::Jpeg,
        width: largest.width(),
        height: largest.height(),
        bytes: bytes.into(),
    })
}

/// JPEG knows no transparency.
fn on_white(picture: &DynamicImage) -> RgbImage {
    let Some(pixels) = picture.as_rgba8() else {
        return picture.to_rgb8();
    };
    let mut white = RgbImage::new(pixels.width(), pixels.height());
    for (Rgb(out), Rgba([colours @ .., alpha])) in white.pixels_mut().zip(pixels.pixels()) {
        *out = colours.map(|colour| colour.saturating_add(255 - alpha));
    }
    white
}

fn blurhash(largest: &DynamicImage) -> Result<String, PictureError> {
    let small = shrunk_to_width(largest, BLUR_WIDTH.min(largest.width()));
    let pixels = DynamicImage::from(on_white(&small)).into_rgba8();
    let (width, height) = pixels.dimensions();
    let (across, down) = if height > width { (3, 4) } else { (4, 3) };
    blurhash::encode(across, down, width, height, &pixels).map_err(|_impossible| PictureError::Unreadable)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err calls")]
fn reason(error: ImageError) -> PictureError {
    match error {
        ImageError::Limits(_) => PictureError::TooLarge,
        _ => PictureError::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_kept_in_up_to_three_widths_and_never_enlarged() {
        assert_eq!(widths(1200), [400, 800, 1200]);
        assert_eq!(widths(1000), [400, 800, 1000]);
        assert_eq!(widths(800), [400, 800]);
        assert_eq!(widths(120), [120]);
    }

    #[test]
    fn the_largest_size_fits_a_screen_also_when_the_picture_lies_on_its_side() {
        assert_eq!(target(2400, 1600, false), (1200, 800));
        assert_eq!(target(2400, 1600, true), (1800, 1200));
        assert_eq!(target(300, 200, false), (300, 200));
        assert_eq!(target(1, 40_000_000, false), (1, 3600));
        assert_eq!(target(40_000_000, 1, false), (1200, 1));
    }

    #[test]
    fn what_shines_through_is_white_in_a_jpeg() {
        let pixels = RgbaImage::from_fn(2, 1, |x, _| Rgba([200, 0, 0, if x == 0 { 0 } else { 255 }]));
        let white = on_white(&multiplied(pixels.into()));
        assert_eq!(white.get_pixel(0, 0).0, [255, 255, 255]);
        assert_eq!(white.get_pixel(1, 0).0, [200, 0, 0]);
    }

    #[test]
    fn the_colour_of_what_cannot_be_seen_does_not_bleed() {
        let pixels = RgbaImage::from_fn(400, 400, |x, y| {
            if (x + y) % 2 == 0 {
                Rgba([200, 100, 0, 255])
            } else {
                Rgba([0, 0, 255, 0])
            }
        });
        let small = divided(shrunk(&multiplied(pixels.into()), 50, 50).into_rgba8());
        let Rgba([red, green, blue, alpha]) = *small.get_pixel(25, 25);
        assert!(
            red.abs_diff(200) < 4 && green.abs_diff(100) < 4 && blue < 4,
            "{red} {green} {blue}"
        );
        assert!(alpha.abs_diff(127) < 4);
    }
}
