//! What a record's length tells of the bytes inside: the overhead of the version and cipher suite.

use std::ops::RangeInclusive;

use crate::tls::hash::Hash;
use crate::tls::suite::{Bulk, CipherSuite, Version};

/// Bytes of an unmasked frame's header, where its payload is no longer than that of a control frame
/// (RFC 6455 §5.2).
pub(super) const UNMASKED: u16 = 2;

/// Bytes of a masked one's.
pub(super) const MASKED: u16 = 6;

/// Bytes of the longest payload of a control frame (RFC 6455 §5.5).
const CONTROL: u16 = 125;

/// Bytes of an alert (RFC 8446 §6).
const ALERT: u16 = 2;

/// Bytes of a handshake message's header (RFC 8446 §4).
const MESSAGE_HEADER: u16 = 4;

/// How much longer records are than what they carry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sizes {
    /// The suite is not known: the handshake is not in the capture. Only differences tell.
    Unknown,
    /// Always this many bytes more.
    Exact { overhead: u16, hash: u16 },
    /// CBC: padded to blocks of 16 bytes, with this many bytes beside.
    Blocks { beside: u16 },
}

impl Sizes {
    /// Those of a version and suite.
    pub(super) fn of(version: Version, cipher: CipherSuite) -> Self {
        let Some(suite) = cipher.suite() else { return Self::Unknown };
        let hash = if suite.hash == Hash::Sha384 { 48 } else { 32 };
        let tag = match suite.bulk {
            Bulk::Aes128Ccm8 | Bulk::Aes256Ccm8 => 8,
            Bulk::Aes128Cbc(mac) | Bulk::Aes256Cbc(mac) => return Self::cbc(mac),
            _ => 16,
        };
        let beside = match (version, suite.bulk) {
            // The content type inside (RFC 8446 §5.2).
            (Version::TLS13, _) => 1,
            (_, Bulk::ChaCha20) => 0,
            // The explicit nonce (RFC 5288 §3).
            _ => 8,
        };
        Self::Exact { overhead: tag + beside, hash }
    }

    const fn cbc(mac: Hash) -> Self {
        const VECTOR: u16 = 16;
        let mac = match mac {
            Hash::Sha1 => 20,
            Hash::Sha256 => 32,
            Hash::Sha384 => 48,
        };
        // Padding rounds the text and its code up together, or the text alone (RFC 7366 §3): either way
        // the text is shorter than what is left by one to sixteen bytes.
        Self::Blocks { beside: VECTOR + mac }
    }

    /// How many bytes a record of this length may carry.
    pub(super) fn plain(self, record: u16) -> Option<RangeInclusive<u16>> {
        match self {
            Self::Unknown => None,
            Self::Exact { overhead, .. } => {
                let plain = record.checked_sub(overhead)?;
                Some(plain..=plain)
            }
            Self::Blocks { beside } => {
                let most = record.checked_sub(beside + 1)?;
                Some(most.saturating_sub(15)..=most)
            }
        }
    }

    /// Whether a record of this length may hold one frame no longer than a control frame, with a header of
    /// `header` bytes.
    pub(super) fn is_small(self, record: u16, header: u16) -> bool {
        match self.plain(record) {
            Some(plain) => *plain.end() >= header && *plain.start() <= header + CONTROL,
            None => record <= LARGEST_OVERHEAD + header + CONTROL,
        }
    }

    /// The payload, where an unmasked and a masked frame that carry the same one may be in records of these
    /// lengths.
    pub(super) fn pair(self, unmasked: u16, masked: u16) -> Option<RangeInclusive<u16>> {
        if !self.is_small(unmasked, UNMASKED) || !self.is_small(masked, MASKED) {
            return None;
        }
        let (Some(one), Some(other)) = (self.plain(unmasked), self.plain(masked)) else {
            // Without the suite, the difference of the lengths is that of the headers.
            return (masked.checked_sub(unmasked) == Some(MASKED - UNMASKED)).then_some(0..=CONTROL);
        };
        let from = one.start().saturating_sub(UNMASKED).max(other.start().saturating_sub(MASKED));
        let to = (one.end() - UNMASKED).min(other.end() - MASKED).min(CONTROL);
        (from <= to).then_some(from..=to)
    }

    /// Whether a protected record of this length may be an alert, where nothing but its length tells.
    pub(super) fn is_alert(self, record: u16) -> bool {
        matches!(self, Self::Exact { overhead, .. } if record == overhead + ALERT)
    }

    /// Whether a protected record of this length may be a Finished message of TLS 1.3.
    pub(super) fn is_finished(self, record: u16) -> bool {
        matches!(self, Self::Exact { overhead, hash } if record == overhead + MESSAGE_HEADER + hash)
    }

    /// Bytes that it adds, in words.
    pub(super) fn in_words(self) -> String {
        match self {
            Self::Unknown => "an unknown overhead".to_owned(),
            Self::Exact { overhead, .. } => format!("{overhead} bytes of overhead each"),
            Self::Blocks { .. } => "padded to blocks of 16 bytes".to_owned(),
        }
    }
}

/// Bytes of the largest overhead that is common.
const LARGEST_OVERHEAD: u16 = 24;

#[cfg(test)]
mod tests {
    use super::*;

    const TLS13: Sizes = Sizes::Exact { overhead: 17, hash: 32 };

    #[test]
    fn overheads_are_those_of_the_suites() {
        let of = |version, suite| Sizes::of(version, CipherSuite(suite));
        assert_eq!(of(Version::TLS13, 0x1301), TLS13);
        assert_eq!(of(Version::TLS13, 0x1302), Sizes::Exact { overhead: 17, hash: 48 });
        assert_eq!(of(Version::TLS13, 0x1305), Sizes::Exact { overhead: 9, hash: 32 });
        assert_eq!(of(Version::TLS12, 0xc02f), Sizes::Exact { overhead: 24, hash: 32 });
        assert_eq!(of(Version::TLS12, 0xcca8), Sizes::Exact { overhead: 16, hash: 32 });
        assert_eq!(of(Version::TLS12, 0xc013), Sizes::Blocks { beside: 36 });
        assert_eq!(of(Version::TLS12, 0x000a), Sizes::Unknown);
    }

    /// The lengths that were seen of Closes, pings and alerts inside TLS 1.3.
    #[test]
    fn frames_and_their_masked_likes_are_pairs() {
        assert_eq!(TLS13.pair(21, 25), Some(2..=2));
        assert_eq!(TLS13.pair(19, 23), Some(0..=0));
        assert_eq!(TLS13.pair(21, 21), None);
        assert_eq!(TLS13.pair(145, 149), None);
        assert!(TLS13.is_alert(19) && !TLS13.is_alert(23));
        assert!(TLS13.is_finished(53) && !TLS13.is_finished(69));
    }

    #[test]
    fn blocks_tell_a_range() {
        let cbc = Sizes::Blocks { beside: 36 };
        assert_eq!(cbc.plain(64), Some(12..=27));
        assert_eq!(cbc.pair(48, 48), Some(0..=5));
        assert_eq!(cbc.pair(48, 96), None);
        assert_eq!(cbc.plain(20), None);
    }

    #[test]
    fn without_the_suite_the_difference_tells() {
        assert_eq!(Sizes::Unknown.pair(30, 34), Some(0..=125));
        assert_eq!(Sizes::Unknown.pair(30, 33), None);
        assert_eq!(Sizes::Unknown.pair(400, 404), None);
    }
}
