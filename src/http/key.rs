//! `Sec-WebSocket-Key` and `Sec-WebSocket-Accept` (RFC 6455 §1.3, §4.1).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// What RFC 6455 §1.3 appends to the key before hashing it.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Whether a key is 16 bytes in base64.
pub(super) fn is_valid(key: &[u8]) -> bool {
    // As many bytes as a text of the right length might come to.
    let mut bytes = [0; 18];
    STANDARD.decode_slice(key, &mut bytes).is_ok_and(|len| len == 16)
}

/// The value of `Sec-WebSocket-Accept` that answers a key.
pub(super) fn accept(key: &[u8]) -> String {
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// The first 16 hexadecimal digits of the key's SHA-1: tells keys apart without showing them.
pub(super) fn hash(key: &[u8]) -> String {
    let halves = Sha1::digest(key).into_iter().take(8).flat_map(|byte| [byte >> 4, byte & 0xf]);
    halves.filter_map(|half| char::from_digit(half.into(), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_of_the_rfc_example() {
        assert_eq!(accept(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn hashes_are_hexadecimal() {
        assert_eq!(hash(b"abc"), "a9993e364706816a");
    }

    #[test]
    fn keys_are_sixteen_bytes() {
        assert!(is_valid(b"dGhlIHNhbXBsZSBub25jZQ=="));
        assert!(!is_valid(b"dGhlIHNhbXBsZQ=="));
        assert!(!is_valid(b"not base64 at all !!!!!!"));
        assert!(!is_valid(b""));
    }

    #[test]
    fn hash_is_sixteen_digits() {
        assert_eq!(hash(b"abc"), "a9993e364706816a");
    }
}
