//! Versions and cipher suites.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::hash::Hash;

/// A protocol version as it is written on the wire.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct Version(pub u16);

impl Version {
    /// TLS 1.2 (RFC 5246).
    pub const TLS12: Self = Self(0x0303);
    /// TLS 1.3 (RFC 8446).
    pub const TLS13: Self = Self(0x0304);
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0x0300 => f.write_str("SSL 3.0"),
            0x0301..=0x0304 => write!(f, "TLS 1.{}", self.0 - 0x0301),
            other => write!(f, "version {other:#06x}"),
        }
    }
}

/// How records are protected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Bulk {
    Aes128Gcm,
    Aes256Gcm,
    ChaCha20,
    Aes128Ccm,
    Aes256Ccm,
    Aes128Ccm8,
    Aes256Ccm8,
    Aes128Cbc(Hash),
    Aes256Cbc(Hash),
}

impl Bulk {
    /// What a look at a record's last byte costs, in looks at one block of AES.
    pub(super) const fn peek_cost(self) -> u64 {
        match self {
            Self::ChaCha20 => 32,
            _ => 1,
        }
    }

    /// Bytes of the tag at a record's end; none for a MAC.
    pub(super) const fn tag_len(self) -> usize {
        match self {
            Self::Aes128Ccm8 | Self::Aes256Ccm8 => 8,
            Self::Aes128Cbc(_) | Self::Aes256Cbc(_) => 0,
            _ => 16,
        }
    }

    /// Bytes of its key.
    pub(super) const fn key_len(self) -> usize {
        match self {
            Self::Aes128Gcm | Self::Aes128Ccm | Self::Aes128Ccm8 | Self::Aes128Cbc(_) => 16,
            Self::Aes256Gcm | Self::ChaCha20 | Self::Aes256Ccm | Self::Aes256Ccm8 | Self::Aes256Cbc(_) => 32,
        }
    }
}

/// A cipher suite; an unknown number prints as itself.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct CipherSuite(pub u16);

/// What a known suite stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Suite {
    /// The key exchange in its name; none in TLS 1.3.
    exchange: &'static str,
    pub(super) bulk: Bulk,
    /// The hash of its key schedule.
    pub(super) hash: Hash,
}

impl CipherSuite {
    /// Whether records under it can be opened, with the right secrets.
    pub fn is_decrypted(self) -> bool {
        self.suite().is_some()
    }

    /// What it stands for, where it is known.
    pub(super) fn suite(self) -> Option<Suite> {
        use Bulk::{
            Aes128Cbc, Aes128Ccm, Aes128Ccm8, Aes128Gcm, Aes256Cbc, Aes256Ccm, Aes256Ccm8, Aes256Gcm,
            ChaCha20,
        };
        use Hash::{Sha1, Sha256, Sha384};
        let bulk = match self.0 {
            0x1301 | 0x9c | 0x9e | 0xa2 | 0xa6 | 0xa8 | 0xaa | 0xac => Aes128Gcm,
            0x1302 | 0x9d | 0x9f | 0xa3 | 0xa7 | 0xa9 | 0xab | 0xad => Aes256Gcm,
            0xc02b | 0xc02d | 0xc02f | 0xc031 | 0xd001 => Aes128Gcm,
            0xc02c | 0xc02e | 0xc030 | 0xc032 | 0xd002 => Aes256Gcm,
            0x1303 | 0xcca8..=0xccae => ChaCha20,
            0x1304 | 0xc09c | 0xc09e | 0xc0a4 | 0xc0a6 | 0xc0ac | 0xd005 => Aes128Ccm,
            0xc09d | 0xc09f | 0xc0a5 | 0xc0a7 | 0xc0ad => Aes256Ccm,
            0x1305 | 0xc0a0 | 0xc0a2 | 0xc0a8 | 0xc0aa | 0xc0ae | 0xd003 => Aes128Ccm8,
            0xc0a1 | 0xc0a3 | 0xc0a9 | 0xc0ab | 0xc0af => Aes256Ccm8,
            0x2f | 0x32 | 0x33 | 0x34 | 0x8c | 0x90 | 0x94 => Aes128Cbc(Sha1),
            0x35 | 0x38 | 0x39 | 0x3a | 0x8d | 0x91 | 0x95 => Aes256Cbc(Sha1),
            0xc004 | 0xc009 | 0xc00e | 0xc013 | 0xc018 | 0xc035 => Aes128Cbc(Sha1),
            0xc005 | 0xc00a | 0xc00f | 0xc014 | 0xc019 | 0xc036 => Aes256Cbc(Sha1),
            0x3c | 0x40 | 0x67 | 0x6c | 0xae | 0xb2 | 0xb6 => Aes128Cbc(Sha256),
            0xc023 | 0xc025 | 0xc027 | 0xc029 | 0xc037 => Aes128Cbc(Sha256),
            0x3d | 0x6a | 0x6b | 0x6d => Aes256Cbc(Sha256),
            0xaf | 0xb3 | 0xb7 | 0xc024 | 0xc026 | 0xc028 | 0xc02a | 0xc038 => Aes256Cbc(Sha384),
            _ => return None,
        };
        let hash = match bulk {
            Aes256Gcm | Aes256Cbc(Sha384) => Sha384,
            _ => Sha256,
        };
        Some(Suite { exchange: self.exchange(), bulk, hash })
    }

    /// The suites of TLS 1.3, the usual ones first.
    pub(super) const ALL_TLS13: [Self; 5] =
        [Self(0x1301), Self(0x1302), Self(0x1303), Self(0x1304), Self(0x1305)];

    /// What the suites of TLS 1.3 stand for.
    pub(super) fn all_tls13() -> impl Iterator<Item = Suite> {
        Self::ALL_TLS13.into_iter().filter_map(Self::suite)
    }

    /// The key exchange of a known suite of TLS 1.2.
    const fn exchange(self) -> &'static str {
        match self.0 {
            0x2f | 0x35 | 0x3c | 0x3d | 0x9c | 0x9d | 0xc09c | 0xc09d | 0xc0a0 | 0xc0a1 => "RSA",
            0x32 | 0x38 | 0x40 | 0x6a | 0xa2 | 0xa3 => "DHE_DSS",
            0x33 | 0x39 | 0x67 | 0x6b | 0x9e | 0x9f | 0xc09e | 0xc09f | 0xc0a2 | 0xc0a3 | 0xccaa => "DHE_RSA",
            0x34 | 0x3a | 0x6c | 0x6d | 0xa6 | 0xa7 => "DH_anon",
            0x8c | 0x8d | 0xa8 | 0xa9 | 0xae | 0xaf | 0xc0a4 | 0xc0a5 | 0xc0a8 | 0xc0a9 | 0xccab => "PSK",
            0x90 | 0x91 | 0xaa | 0xab | 0xb2 | 0xb3 | 0xc0a6 | 0xc0a7 | 0xccad => "DHE_PSK",
            0xc0aa | 0xc0ab => "PSK_DHE",
            0x94 | 0x95 | 0xac | 0xad | 0xb6 | 0xb7 | 0xccae => "RSA_PSK",
            0xc004 | 0xc005 | 0xc025 | 0xc026 | 0xc02d | 0xc02e => "ECDH_ECDSA",
            0xc009 | 0xc00a | 0xc023 | 0xc024 | 0xc02b | 0xc02c | 0xc0ac..=0xc0af | 0xcca9 => "ECDHE_ECDSA",
            0xc00e | 0xc00f | 0xc029 | 0xc02a | 0xc031 | 0xc032 => "ECDH_RSA",
            0xc013 | 0xc014 | 0xc027 | 0xc028 | 0xc02f | 0xc030 | 0xcca8 => "ECDHE_RSA",
            0xc018 | 0xc019 => "ECDH_anon",
            0xc035..=0xc038 | 0xccac | 0xd001..=0xd005 => "ECDHE_PSK",
            _ => "",
        }
    }
}

impl fmt::Display for CipherSuite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(suite) = self.suite() else { return write!(f, "suite {:#06x}", self.0) };
        f.write_str("TLS_")?;
        if !suite.exchange.is_empty() {
            write!(f, "{}_WITH_", suite.exchange)?;
        }
        let names_hash = suite.exchange.is_empty() || self.0 >= 0xd001;
        let ccm_hash = if names_hash { "_SHA256" } else { "" };
        match suite.bulk {
            Bulk::Aes128Gcm => f.write_str("AES_128_GCM_SHA256"),
            Bulk::Aes256Gcm => f.write_str("AES_256_GCM_SHA384"),
            Bulk::ChaCha20 => f.write_str("CHACHA20_POLY1305_SHA256"),
            Bulk::Aes128Ccm => write!(f, "AES_128_CCM{ccm_hash}"),
            Bulk::Aes256Ccm => write!(f, "AES_256_CCM{ccm_hash}"),
            Bulk::Aes128Ccm8 => write!(f, "AES_128_CCM_8{ccm_hash}"),
            Bulk::Aes256Ccm8 => write!(f, "AES_256_CCM_8{ccm_hash}"),
            Bulk::Aes128Cbc(mac) => write!(f, "AES_128_CBC_{}", mac.suite_name()),
            Bulk::Aes256Cbc(mac) => write!(f, "AES_256_CBC_{}", mac.suite_name()),
        }
    }
}

impl Hash {
    /// Its name at the end of a cipher suite's name.
    const fn suite_name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_have_their_registered_names() {
        let cases = [
            (0x1301, "TLS_AES_128_GCM_SHA256"),
            (0x1303, "TLS_CHACHA20_POLY1305_SHA256"),
            (0x1305, "TLS_AES_128_CCM_8_SHA256"),
            (0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"),
            (0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"),
            (0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
            (0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
            (0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
            (0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"),
            (0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
            (0xd005, "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256"),
            (0x000a, "suite 0x000a"),
        ];
        for (number, name) in cases {
            assert_eq!(CipherSuite(number).to_string(), name);
        }
    }

    #[test]
    fn every_known_suite_of_tls12_has_a_key_exchange() {
        let known = (0..=u16::MAX).map(CipherSuite).filter(|suite| suite.suite().is_some());
        for suite in known.filter(|suite| suite.0 >> 8 != 0x13) {
            assert!(!suite.exchange().is_empty(), "{suite}");
        }
    }

    #[test]
    fn versions_print_as_people_call_them() {
        assert_eq!(Version::TLS13.to_string(), "TLS 1.3");
        assert_eq!(Version(0x0301).to_string(), "TLS 1.0");
        assert_eq!(Version(0x7f1c).to_string(), "version 0x7f1c");
    }
}
