//! The secret that makes pseudonyms the same in several reports.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Fewer bytes could be guessed, and with them the originals.
const LEAST: usize = 16;

/// A secret for pseudonyms; who has it can test which original a pseudonym stands for.
#[derive(Clone)]
pub struct RedactionKey(Zeroizing<Vec<u8>>);

impl RedactionKey {
    /// A key of these bytes, of which white space at the end does not count; `None` for fewer than 16.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.trim_ascii_end();
        (bytes.len() >= LEAST).then(|| Self(Zeroizing::new(bytes.to_vec())))
    }

    /// A number that depends on the key, on the kind of thing and on the thing (HMAC-SHA-256, RFC 2104).
    pub(super) fn hash(&self, space: &[u8], original: &[u8]) -> u64 {
        // HMAC takes keys of any length, so this never fails.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return 0 };
        mac.update(&(space.len() as u64).to_be_bytes());
        mac.update(space);
        mac.update(original);
        let digest = mac.finalize().into_bytes();
        digest.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_at_least_sixteen_bytes() {
        assert!(RedactionKey::new(b"0123456789abcde\n\n").is_none());
        assert!(RedactionKey::new(b"0123456789abcdef\n").is_some());
    }

    #[test]
    fn key_space_and_original_all_count() {
        let (a, b) = (
            RedactionKey::new(b"0123456789abcdef").unwrap(),
            RedactionKey::new(b"0123456789abcdeg").unwrap(),
        );
        assert_eq!(a.hash(b"host", b"x"), a.clone().hash(b"host", b"x"));
        assert_ne!(a.hash(b"host", b"x"), b.hash(b"host", b"x"));
        assert_ne!(a.hash(b"host", b"x"), a.hash(b"path", b"x"));
        assert_ne!(a.hash(b"host", b"x"), a.hash(b"hos", b"tx"));
    }
}
