//! `Sec-WebSocket-Key` and `Sec-WebSocket-Accept` (RFC 6455 §1.3, §4.1).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

/// What RFC 6455 §1.3 appends to the key before hashing it.
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Whether a key is 16 bytes in base64.
pub(super) fn is_valid(key: &[u8]) -> bool {
    // As many bytes as a text of the right length might come to.
    let mut bytes = [0; 18];
    STANDARD.decode_slice(key, &mut bytes).is_ok_and(|len| len == 16)
}

/// What answers a key: the value of `Sec-WebSocket-Accept` before its base64.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accept([u8; 20]);

impl Accept {
    /// What answers `key`.
    pub(super) fn of(key: &[u8]) -> Self {
        Self(Sha1::new().chain_update(key).chain_update(GUID).finalize().into())
    }

    /// Whether `value` is the value of `Sec-WebSocket-Accept` that it makes.
    pub(super) fn is(&self, value: &[u8]) -> bool {
        let mut text = [0; 28];
        STANDARD.encode_slice(self.0, &mut text).is_ok_and(|len| &text[..len] == value)
    }
}

/// The first 64 bits of a key's SHA-1, shown as hexadecimal digits: tells keys apart without showing them.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct KeyHash(pub u64);

impl KeyHash {
    /// The hash of `key`.
    pub(super) fn of(key: &[u8]) -> Self {
        let [a, b, c, d, e, f, g, h, ..]: [u8; 20] = Sha1::digest(key).into();
        Self(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_of_the_rfc_example() {
        let accept = Accept::of(b"dGhlIHNhbXBsZSBub25jZQ==");
        assert!(accept.is(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        for other in [
            "",
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo",
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo==",
            "S3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        ] {
            assert!(!accept.is(other.as_bytes()), "{other}");
        }
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
        assert_eq!(KeyHash::of(b"abc").to_string(), "a9993e364706816a");
        assert_eq!(KeyHash(0xa).to_string(), "000000000000000a");
    }
}
