//! How the bytes of an answer are packed: Brotli where the reader takes it, else gzip, else plain.

use super::language::weighted;
use axum::http::{HeaderMap, HeaderValue, header};
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::{Compression, read::GzEncoder};
use std::io::{self, Read};

/// Quality 9 costs 35 times as much for 1 %.
const BROTLI_QUALITY: i32 = 5;
/// Of gzip: asked by old clients and programs, once for each page.
const GZIP_LEVEL: u32 = 5;
/// Shorter texts do not become smaller.
const LEAST_BYTES: usize = 200;
/// The most codings of a reader that are looked at.
const MOST_ACCEPTED: usize = 20;

/// A content coding (RFC 9110 §8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Identity];

    /// The one of ours that the reader prefers; Brotli where several are equal.
    pub(super) fn accepted(asked: &HeaderMap) -> Self {
        let mut weights = [(Self::Brotli, 0), (Self::Gzip, 0)];
        let header = asked.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
        for range in header.unwrap_or_default().split(',').take(MOST_ACCEPTED) {
            let (name, weight) = weighted(range);
            for (encoding, most) in &mut weights {
                if encoding.name().is_some_and(|own| own.eq_ignore_ascii_case(name)) {
                    *most = weight;
                }
            }
        }
        let [(_, brotli), (_, gzip)] = weights;
        match (brotli, gzip) {
            (0, 0) => Self::Identity,
            (brotli, gzip) if brotli >= gzip => Self::Brotli,
            _ => Self::Gzip,
        }
    }

    fn name(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }

    /// The value of `Content-Encoding`.
    pub(super) fn header(self) -> Option<HeaderValue> {
        self.name().map(HeaderValue::from_static)
    }

    /// What distinguishes the validators of the same answer in several codings.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => "-b",
            Self::Gzip => "-g",
            Self::Identity => "",
        }
    }

    /// Packs a text.
    pub(super) fn pack(self, plain: &Bytes) -> io::Result<Bytes> {
        match self {
            Self::Brotli => brotli(plain),
            Self::Gzip => gzip(plain),
            Self::Identity => Ok(plain.clone()),
        }
    }
}

/// Whether packing pays.
pub(super) fn pays(plain: &[u8]) -> bool {
    plain.len() >= LEAST_BYTES
}

fn brotli(plain: &[u8]) -> io::Result<Bytes> {
    let params = BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: window(plain.len()),
        size_hint: plain.len(),
        ..BrotliEncoderParams::default()
    };
    let mut packed = Vec::with_capacity(plain.len() / 4 + 64);
    brotli::BrotliCompress(&mut &*plain, &mut packed, &params)?;
    packed.shrink_to_fit();
    Ok(packed.into())
}

/// The smallest window that holds the whole text, in bits: the usual one of 4 MB takes longer to clear than a page to pack.
/// Not below 17: for smaller ones, the library takes its dearest search of matches, which clears 32 MB for each text.
fn window(length: usize) -> i32 {
    let bits = usize::BITS - length.leading_zeros();
    i32::try_from(bits).unwrap_or(22).clamp(17, 22)
}

fn gzip(plain: &[u8]) -> io::Result<Bytes> {
    let mut packed = Vec::with_capacity(plain.len() / 4 + 64);
    GzEncoder::new(plain, Compression::new(GZIP_LEVEL)).read_to_end(&mut packed)?;
    packed.shrink_to_fit();
    Ok(packed.into())
}

/// Undoes [`Encoding::Brotli`] of a text of `length` bytes.
pub(super) fn unpack(packed: &[u8], length: usize) -> io::Result<Bytes> {
    let mut plain = Vec::with_capacity(length);
    brotli::BrotliDecompress(&mut &*packed, &mut plain)?;
    Ok(plain.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Encoding::{Brotli, Gzip, Identity};

    #[test]
    fn the_reader_s_best_coding_of_ours_wins() {
        let table = [
            ("gzip, deflate, br, zstd", Brotli),
            ("gzip", Gzip),
            ("gzip;q=1.0, br;q=0.5", Gzip),
            ("BR", Brotli),
            ("br;q=0, gzip;q=0.1", Gzip),
            ("br;q=0", Identity),
            ("identity", Identity),
            ("*", Identity),
            ("", Identity),
            ("brotli, xgzip", Identity),
        ];
        for (header, expected) in table {
            let mut asked = HeaderMap::new();
            asked.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(header));
            assert_eq!(Encoding::accepted(&asked), expected, "{header}");
        }
        assert_eq!(Encoding::accepted(&HeaderMap::new()), Identity);
    }

    #[test]
    fn what_is_packed_can_be_read_again() {
        let plain = Bytes::from("kermesse ".repeat(500));
        let brotli = Brotli.pack(&plain).unwrap();
        assert!(brotli.len() < 100);
        assert_eq!(unpack(&brotli, plain.len()).unwrap(), plain);
        let mut gunzipped = Vec::new();
        let gzip = Gzip.pack(&plain).unwrap();
        flate2::read::GzDecoder::new(&*gzip)
            .read_to_end(&mut gunzipped)
            .unwrap();
        assert_eq!(gunzipped, plain);
        assert_eq!(Identity.pack(&plain).unwrap(), plain);
    }
}
