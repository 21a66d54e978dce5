//! Bounds of a request's address, headers and body. The connection's own (time-outs, how many) are the server's.

use axum::{
    extract::Request,
    http::{StatusCode, header},
};

/// Bytes of a body; a route that takes files raises it for itself.
pub const MOST_BODY: usize = 1 << 20;
/// Bytes of an address: a registered query of a page with its values fits.
const MOST_ADDRESS: usize = 8 << 10;
/// Headers, and bytes of all of them.
const MOST_HEADERS: usize = 64;
const MOST_HEADER_BYTES: usize = 16 << 10;

/// Why a request is not taken, with the status that says so.
pub(super) fn refusal(request: &Request) -> Option<(StatusCode, &'static str)> {
    let address = request
        .uri()
        .path_and_query()
        .map_or(0, |address| address.as_str().len());
    if address > MOST_ADDRESS {
        return Some((StatusCode::URI_TOO_LONG, "The address is too long."));
    }
    let headers = request.headers();
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if headers.len() > MOST_HEADERS || bytes > MOST_HEADER_BYTES {
        return Some((
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "There are too many headers.",
        ));
    }
    // The length is of digits alone, once: what stands before us may read it otherwise (RFC 9112 §6.3).
    let mut lengths = headers.get_all(header::CONTENT_LENGTH).iter();
    let (length, second) = (lengths.next(), lengths.next());
    let ambiguous = second.is_some() || length.is_some_and(|value| !value.as_bytes().iter().all(u8::is_ascii_digit));
    ambiguous.then_some((StatusCode::BAD_REQUEST, "The length of the body is not clear."))
}
