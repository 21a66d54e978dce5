//! Pictures through the real worker: what is refused, what is kept, and what stays behind.

use bytes::Bytes;
use domain::{
    file::FileFormat,
    ports::{Picture, PictureError, PictureWorker, Rendition},
};
use flate2::{Compression, Crc, write::ZlibEncoder};
use image::{
    DynamicImage, ExtendedColorType, Frame, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage,
    codecs::{gif::GifEncoder, jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder},
};
use kermesse::adapters::pictures::PictureProcess;
use std::{
    io::{Cursor, Write},
    time::{Duration, Instant},
};

const RED: Rgb<u8> = Rgb([220, 20, 20]);
const BLUE: Rgb<u8> = Rgb([20, 20, 220]);
/// Words of the metadata that must not come through.
const TRACES: [&[u8]; 4] = [b"ADA CAMERA", b"Exif", b"GPS", b"SERIAL"];

async fn render(bytes: impl Into<Bytes>) -> Result<Picture, PictureError> {
    PictureProcess::new(env!("CARGO_BIN_EXE_kermesse"))
        .render(bytes.into())
        .await
}

async fn refusal(bytes: impl Into<Bytes>) -> PictureError {
    render(bytes).await.expect_err("a refusal")
}

fn files(picture: &Picture) -> impl Iterator<Item = &Rendition> {
    picture.sizes.iter().chain([&picture.preview])
}

fn widths(picture: &Picture) -> Vec<u32> {
    picture.sizes.iter().map(|size| size.width).collect()
}

/// Left half red, right half blue.
fn flag(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { RED } else { BLUE })
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// What a telephone writes: an orientation, a camera, its number, and where it was.
fn exif(orientation: u16) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        let mut entry = Vec::new();
        entry.extend_from_slice(&tag.to_le_bytes());
        entry.extend_from_slice(&kind.to_le_bytes());
        entry.extend_from_slice(&count.to_le_bytes());
        entry.extend_from_slice(&value.to_le_bytes());
        entry
    };
    let (camera, place) = (b"ADA CAMERA SERIAL 4711\0", b"GPS 50.8466 N 4.3528 E\0");
    let ifd_end = 8 + 2 + 3 * 12 + 4;
    let mut exif = b"II*\0\x08\0\0\0\x03\0".to_vec();
    exif.extend(entry(0x010f, 2, 23, ifd_end));
    exif.extend(entry(0x0112, 3, 1, orientation.into()));
    exif.extend(entry(0x8825, 4, 1, ifd_end + 23));
    exif.extend_from_slice(&[0; 4]);
    exif.extend_from_slice(camera);
    exif.extend_from_slice(place);
    exif
}

fn with_exif(picture: &RgbImage, format: ImageFormat, orientation: u16) -> Vec<u8> {
    fn write(mut encoder: impl ImageEncoder, picture: &RgbImage, exif: Vec<u8>) {
        encoder.set_exif_metadata(exif).unwrap();
        encoder
            .write_image(picture, picture.width(), picture.height(), ExtendedColorType::Rgb8)
            .unwrap();
    }
    let (mut bytes, exif) = (Vec::new(), exif(orientation));
    match format {
        ImageFormat::Jpeg => write(JpegEncoder::new(&mut bytes), picture, exif),
        ImageFormat::Png => write(PngEncoder::new(&mut bytes), picture, exif),
        _ => write(WebPEncoder::new_lossless(&mut bytes), picture, exif),
    }
    bytes
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(data);
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes()[..], &kind, data, &crc.sum().to_be_bytes()].concat()
}

/// A PNG of eight-bit grey whose header promises this size, whatever its data are.
fn png(width: u32, height: u32, chunks: &[Vec<u8>], pixels: &[u8]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend(chunk(*b"IHDR", &header));
    bytes.extend(chunks.concat());
    bytes.extend(chunk(*b"IDAT", &deflated(pixels)));
    bytes.extend(chunk(*b"IEND", b""));
    bytes
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn is_near(pixel: Rgb<u8>, colour: Rgb<u8>) -> bool {
    pixel
        .0
        .iter()
        .zip(colour.0)
        .all(|(one, other)| one.abs_diff(other) < 40)
}

#[tokio::test]
async fn a_picture_is_kept_for_screens_and_for_previews_of_links() {
    let picture = render(written(&flag(1600, 1000).into(), ImageFormat::Jpeg))
        .await
        .unwrap();
    assert_eq!(widths(&picture), [400, 800, 1200]);
    assert_eq!((picture.preview.width, picture.preview.height), (1200, 750));
    assert!(picture.blurhash.len() >= 6);
    for file in files(&picture) {
        let format = match file.format {
            FileFormat::WebP => ImageFormat::WebP,
            FileFormat::Jpeg => ImageFormat::Jpeg,
        };
        let kept = image::load_from_memory_with_format(&file.bytes, format)
            .unwrap()
            .to_rgb8();
        assert_eq!(kept.dimensions(), (file.width, file.height));
        assert!(is_near(*kept.get_pixel(5, 5), RED));
        assert!(is_near(*kept.get_pixel(file.width - 5, 5), BLUE));
    }
}

#[tokio::test]
async fn every_format_is_read_and_none_is_enlarged() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let picture = render(written(&flag(300, 200).into(), format)).await.unwrap();
        assert_eq!(widths(&picture), [300], "{format:?}");
    }
    let dot = render(written(&flag(1, 1).into(), ImageFormat::Png)).await.unwrap();
    assert_eq!(widths(&dot), [1]);
}

#[tokio::test]
async fn the_place_and_the_camera_stay_behind_and_the_picture_stands_upright() {
    // EXIF 6: the left side of what is stored is the top of what is seen.
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let bytes = with_exif(&flag(600, 300), format, 6);
        assert!(TRACES.iter().any(|trace| contains(&bytes, trace)));
        let picture = render(bytes).await.unwrap();
        assert_eq!(
            (picture.preview.width, picture.preview.height),
            (300, 600),
            "{format:?}"
        );
        for file in files(&picture) {
            assert!(TRACES.iter().all(|trace| !contains(&file.bytes, trace)), "{format:?}");
            let kept = image::load_from_memory(&file.bytes).unwrap().to_rgb8();
            assert!(is_near(*kept.get_pixel(file.width / 2, 10), RED), "{format:?}");
            assert!(is_near(*kept.get_pixel(file.width / 2, file.height - 10), BLUE));
        }
    }
}

#[tokio::test]
async fn what_is_kept_has_nothing_but_pixels() {
    let text = chunk(*b"tEXt", b"Author\0ADA CAMERA");
    let international = chunk(*b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta GPS/>");
    let rows = [0].iter().chain(&[90; 50]).copied().collect::<Vec<u8>>().repeat(50);
    let picture = render(png(50, 50, &[text, international], &rows)).await.unwrap();
    for file in files(&picture) {
        match file.format {
            FileFormat::WebP => assert!(!contains(&file.bytes, b"XMP ") && !contains(&file.bytes, b"ICCP")),
            FileFormat::Jpeg => assert_eq!(jpeg_segments(&file.bytes), [0xe0, 0xc0, 0xdb, 0xc4, 0xda]),
        }
        assert!(TRACES.iter().all(|trace| !contains(&file.bytes, trace)));
    }
}

/// The markers before the coded data, in the order of their first appearance: APP0 (JFIF), frame, tables, scan.
fn jpeg_segments(bytes: &[u8]) -> Vec<u8> {
    let (mut at, mut markers) = (2, Vec::new());
    loop {
        let marker = bytes[at + 1];
        if !markers.contains(&marker) {
            markers.push(marker);
        }
        if marker == 0xda {
            return markers;
        }
        at += 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
    }
}

#[tokio::test]
async fn a_second_file_behind_the_first_stays_behind() {
    let script = b"<script>alert(1)</script>";
    let object = br#"{"@context":"https://www.w3.org/ns/activitystreams","type":"Person"}"#;
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif] {
        let both = [&written(&flag(60, 60).into(), format)[..], script, object].concat();
        let picture = render(both).await.unwrap();
        assert!(files(&picture).all(|file| !contains(&file.bytes, script) && !contains(&file.bytes, object)));
    }
}

#[tokio::test]
async fn what_is_no_picture_is_refused_whatever_it_calls_itself() {
    for text in [
        &b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"[..],
        b"<!doctype html><script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n<!doctype html><script>alert(1)</script>",
        b"GIF89a=1;alert(1)",
        b"\xff\xd8\xff\xe0<html>\xff\xd9",
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"%PDF-1.7\n",
        b"\x7fELF\x02\x01\x01",
        b"{\"type\":\"Person\"}",
        b"AddType text/html .png",
        b"",
    ] {
        let refusal = refusal(text).await;
        assert!(
            matches!(refusal, PictureError::Unreadable | PictureError::TooLarge),
            "{text:?}: {refusal:?}"
        );
    }
    let bitmap = [&b"BM"[..], &[0; 100]].concat();
    assert_eq!(refusal(bitmap).await, PictureError::Unreadable);
}

#[tokio::test]
async fn half_a_picture_is_none() {
    let noise = RgbImage::from_fn(200, 200, |x, y| {
        Rgb([x * y, x ^ y, x * 7 + y * 13].map(|mixed| mixed.to_le_bytes()[0]))
    });
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let whole = written(&noise.clone().into(), format);
        for part in [4, 2] {
            let half = whole[..whole.len() * (part - 1) / part].to_vec();
            assert_eq!(refusal(half).await, PictureError::Unreadable, "{format:?}");
        }
    }
}

#[tokio::test]
async fn a_small_file_that_promises_a_giant_is_refused_at_once() {
    let started = Instant::now();
    let bomb = png(30_000, 30_000, &[], &vec![0; 1_000_000]);
    assert!(bomb.len() < 2_000);
    assert_eq!(refusal(bomb).await, PictureError::TooLarge);
    assert_eq!(
        refusal(png(1_000_000_000, 1, &[], &[0; 10])).await,
        PictureError::TooLarge
    );
    assert!(refusal(png(1, u32::MAX, &[], &[0; 10])).await.is_lasting());
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn text_and_profiles_that_unpack_to_giants_do_no_harm() {
    let packed = deflated(&vec![b'a'; 100_000_000]);
    let text = chunk(*b"zTXt", &[&b"Comment\0\0"[..], &packed].concat());
    let profile = chunk(*b"iCCP", &[&b"profile\0\0"[..], &packed].concat());
    for bomb in [text, profile] {
        let started = Instant::now();
        let outcome = render(png(2, 2, &[bomb], &[0, 1, 2, 0, 3, 4])).await;
        assert!(outcome.is_ok());
        assert!(started.elapsed() < Duration::from_secs(3));
    }
}

#[tokio::test]
async fn of_an_animation_the_first_frame_is_kept_and_a_long_one_is_refused() {
    let animation = |frames: u32| {
        let mut bytes = Vec::new();
        let mut encoder = GifEncoder::new_with_speed(&mut bytes, 30);
        let colour = |nth| {
            if nth == 0 {
                [220, 20, 20, 255]
            } else {
                [20, 20, 220, 255]
            }
        };
        let frames = (0..frames).map(|nth| Frame::new(RgbaImage::from_pixel(20, 20, Rgba(colour(nth)))));
        encoder.encode_frames(frames).unwrap();
        drop(encoder);
        bytes
    };
    let picture = render(animation(300)).await.unwrap();
    let kept = image::load_from_memory(&picture.sizes[0].bytes).unwrap().to_rgb8();
    assert!(is_near(*kept.get_pixel(10, 10), RED));
    assert_eq!(refusal(animation(301)).await, PictureError::TooLarge);
}

#[tokio::test]
async fn transparency_is_kept_for_screens_and_white_in_previews() {
    let pixels = RgbaImage::from_fn(100, 100, |x, _| Rgba([220, 20, 20, if x < 50 { 0 } else { 255 }]));
    let picture = render(written(&pixels.into(), ImageFormat::Png)).await.unwrap();
    let screen = image::load_from_memory(&picture.sizes[0].bytes).unwrap().to_rgba8();
    assert_eq!(screen.get_pixel(5, 50).0[3], 0);
    let preview = image::load_from_memory(&picture.preview.bytes).unwrap().to_rgb8();
    assert!(is_near(*preview.get_pixel(5, 50), Rgb([255, 255, 255])));
    assert!(is_near(*preview.get_pixel(95, 50), RED));
}

#[tokio::test]
async fn the_largest_picture_that_is_allowed_is_read_within_the_limits_and_a_larger_one_is_not() {
    let allowed = render(png(8_000, 5_000, &[], &vec![0; 8_001 * 5_000])).await.unwrap();
    assert_eq!(widths(&allowed), [400, 800, 1200]);
    assert_eq!(refusal(png(8_001, 5_000, &[], &[0; 100])).await, PictureError::TooLarge);
}

#[tokio::test]
async fn a_ribbon_is_made_to_fit() {
    let ribbon = render(png(1, 20_000, &[], &[0, 90].repeat(20_000))).await.unwrap();
    assert_eq!((ribbon.preview.width, ribbon.preview.height), (1, 3_600));
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
