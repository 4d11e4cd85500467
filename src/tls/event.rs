//! What a session tells.

use super::alert::Alert;
use super::keylog::KeySource;
use super::suite::{CipherSuite, Version};
use crate::flow::{Side, Stamp};

/// Something seen on a connection that speaks TLS.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Event<'a> {
    /// What the two sides agreed on; told again when more of it becomes known.
    Negotiated(&'a Negotiated),
    /// Application data.
    Plain {
        /// Its sender.
        side: Side,
        /// The bytes.
        bytes: &'a [u8],
        /// The packet that completed the record.
        at: Stamp,
    },
    /// Application data that the capture does not hold, or that could not be opened.
    PlainHole {
        /// Its sender.
        side: Side,
        /// How many bytes, where the sizes of the missing records tell.
        bytes: Option<u64>,
        /// The packet with which reading went on.
        at: Stamp,
    },
    /// An alert.
    Alert {
        /// Its sender.
        side: Side,
        /// What it says; `None` where it is encrypted and was not opened.
        alert: Option<Alert>,
        /// The packet that completed it.
        at: Stamp,
    },
    /// The session is not followed any further.
    Undecryptable {
        /// Why.
        why: Why,
        /// The packet that shows it.
        at: Stamp,
    },
}

/// What the two sides of a session agreed on, as far as it was seen.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Negotiated {
    /// The protocol version.
    pub version: Option<Version>,
    /// The cipher suite.
    pub cipher: Option<CipherSuite>,
    /// The name of the server that the client asked for.
    pub sni: Option<String>,
    /// The application protocol that the server chose.
    pub alpn: Option<String>,
    /// Where the secrets came from that open it.
    pub keys_from: Option<KeySource>,
}

/// Why a session is not read.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Why {
    /// The key log has no secret for this session.
    NoKeys,
    /// The secrets that the key log has do not open its records.
    WrongKeys,
    /// A version before TLS 1.2, or one that is not known.
    UnknownVersion,
    /// A cipher suite that is not known.
    UnknownSuite,
    /// TLS compression (RFC 3749).
    Compressed,
    /// The bytes are no TLS records.
    NotTls,
    /// The part of the handshake that the keys depend on is not in the capture.
    HandshakeMissing,
    /// A handshake message is longer than the bound.
    HandshakeTooLong,
    /// A handshake message breaks its own lengths.
    BadHandshake,
    /// Records stopped opening, and no place was found where they do again.
    Lost,
}
