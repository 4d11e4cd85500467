//! What a session tells.

use serde::{Deserialize, Serialize};

use super::alert::Alert;
use super::keylog::KeySource;
use super::suite::{CipherSuite, Version};
use crate::flow::{Side, Sides, Stamp};

/// Something seen on a connection that speaks TLS.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Event<'a> {
    /// The client turned out to be the other side; from here on events name the sides as they are.
    Turned,
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
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
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
    /// The numbers of each side's first records that were opened, where the handshake is not in the
    /// capture and they had to be searched.
    pub found_at: Sides<Option<u64>>,
}

/// Why a session is not read.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
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
    /// Its keys depend on the `ServerHello`, which is not in the capture.
    ServerHelloMissing,
    /// The streams ended before anything was protected by the session's keys.
    HandshakeUnfinished,
    /// The handshake is not in the capture, and no secret opens its records with the numbers tried.
    NotFound,
    /// Likewise, and the search was given up as all searches together had taken too many tries.
    SearchGivenUp,
    /// A handshake message is longer than the bound.
    HandshakeTooLong,
    /// A handshake message breaks its own lengths.
    BadHandshake,
    /// Records stopped opening, and no place was found where they do again.
    Lost,
    /// What the secrets open is TLS again, which is not read.
    InnerTls,
}

impl Why {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoKeys => "no_keys",
            Self::WrongKeys => "wrong_keys",
            Self::UnknownVersion => "unknown_version",
            Self::UnknownSuite => "unknown_suite",
            Self::Compressed => "compressed",
            Self::NotTls => "not_tls",
            Self::HandshakeMissing => "handshake_missing",
            Self::ServerHelloMissing => "server_hello_missing",
            Self::HandshakeUnfinished => "handshake_unfinished",
            Self::NotFound => "not_found",
            Self::SearchGivenUp => "search_given_up",
            Self::HandshakeTooLong => "handshake_too_long",
            Self::BadHandshake => "bad_handshake",
            Self::Lost => "lost",
            Self::InnerTls => "inner_tls",
        }
    }

    /// A sentence that tells it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoKeys => "No secret of this session is known.",
            Self::WrongKeys => "The secrets known for this session do not open its records.",
            Self::UnknownVersion => "Only TLS 1.2 and TLS 1.3 are decrypted.",
            Self::UnknownSuite => "Its cipher suite is not one of those that are decrypted.",
            Self::Compressed => "It uses TLS compression, which is not read.",
            Self::NotTls => "One side sent what is no TLS.",
            Self::HandshakeMissing => {
                "The part of its handshake that decryption needs is not in the capture."
            }
            Self::ServerHelloMissing => {
                "The keys of TLS 1.2 depend on its ServerHello, which is not in the capture."
            }
            Self::HandshakeUnfinished => "The connection, or the capture, ended before the handshake did.",
            Self::NotFound => {
                "Its handshake is not in the capture, and no secret opens its records with the numbers tried; \
                 --tls-search tries more. TLS 1.2 cannot be opened without the handshake."
            }
            Self::SearchGivenUp => {
                "Its handshake is not in the capture, and the search for its secret was given up, as all \
                 searches together had taken too many tries; a key log of fewer sessions takes fewer."
            }
            Self::HandshakeTooLong => "A message of its handshake is longer than what is read.",
            Self::BadHandshake => "A message of its handshake contradicts its own lengths.",
            Self::Lost => "From one record on, its secrets no longer open what follows.",
            Self::InnerTls => "Inside, it carries TLS again, which is not read.",
        }
    }
}
