//! Why a connection is closed: status codes and the Close frame's body (RFC 6455 §5.5.1, §7.4).

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A Close frame's status code; an unregistered value keeps its number.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct CloseCode(pub u16);

impl CloseCode {
    /// The purpose of the connection is fulfilled.
    pub const NORMAL: Self = Self(1000);
    /// A server goes down or a browser leaves the page.
    pub const GOING_AWAY: Self = Self(1001);
    /// The peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// The peer sent a type of data that cannot be accepted.
    pub const UNSUPPORTED_DATA: Self = Self(1003);
    /// Reserved without a meaning; not for the wire.
    pub const RESERVED: Self = Self(1004);
    /// Stands in APIs for a Close without a code; not for the wire.
    pub const NO_STATUS: Self = Self(1005);
    /// Stands in APIs for an end without a Close; not for the wire.
    pub const ABNORMAL: Self = Self(1006);
    /// A message's data did not fit its type, as text that is not UTF-8.
    pub const INVALID_DATA: Self = Self(1007);
    /// A message violates the endpoint's policy.
    pub const POLICY_VIOLATION: Self = Self(1008);
    /// A message is larger than the endpoint takes.
    pub const MESSAGE_TOO_BIG: Self = Self(1009);
    /// The client misses an extension that the server did not negotiate.
    pub const MANDATORY_EXTENSION: Self = Self(1010);
    /// The endpoint met an unexpected condition.
    pub const INTERNAL_ERROR: Self = Self(1011);
    /// The service restarts (IANA registry).
    pub const SERVICE_RESTART: Self = Self(1012);
    /// The service is overloaded; try again later (IANA registry).
    pub const TRY_AGAIN_LATER: Self = Self(1013);
    /// A gateway got an invalid response from its upstream (IANA registry).
    pub const BAD_GATEWAY: Self = Self(1014);
    /// Stands in APIs for a failed TLS handshake; not for the wire.
    pub const TLS_HANDSHAKE: Self = Self(1015);

    /// Whether an endpoint may put this code into a Close frame (RFC 6455 §7.4 and the IANA registry).
    pub const fn is_legal_on_wire(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }

    /// The code in words, by its range where it has no name of its own.
    pub const fn name(self) -> &'static str {
        match self.0 {
            1000 => "normal closure",
            1001 => "going away",
            1002 => "protocol error",
            1003 => "unsupported data",
            1004 => "reserved",
            1005 => "no status received",
            1006 => "abnormal closure",
            1007 => "invalid data",
            1008 => "policy violation",
            1009 => "message too big",
            1010 => "mandatory extension",
            1011 => "internal error",
            1012 => "service restart",
            1013 => "try again later",
            1014 => "bad gateway",
            1015 => "TLS handshake failure",
            0..=999 => "unused",
            1016..=2999 => "unassigned",
            3000..=3999 => "registered",
            4000..=4999 => "private use",
            5000.. => "out of range",
        }
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0, self.name())
    }
}

impl fmt::Debug for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The body of a Close frame as far as the capture shows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Close<'a> {
    /// The status code; `None` where the body is empty or its first two bytes were not captured.
    pub code: Option<CloseCode>,
    /// The reason with U+FFFD for what is not UTF-8; `None` where no byte of one was seen.
    pub reason: Option<Cow<'a, str>>,
    /// Whether the whole body was seen, so that a missing code is a code that was not sent.
    pub captured: bool,
    valid_utf8: bool,
}

impl<'a> Close<'a> {
    /// Reads an unmasked body; `captured` tells whether `body` is all of it.
    pub(super) fn new(body: &'a [u8], captured: bool) -> Self {
        let (code, reason) = match body.split_first_chunk() {
            Some((code, reason)) => (Some(CloseCode(u16::from_be_bytes(*code))), reason),
            None => (None, &[][..]),
        };
        let valid_utf8 = match std::str::from_utf8(reason) {
            Ok(_) => true,
            Err(error) => error.error_len().is_none() && !captured,
        };
        let reason = (!reason.is_empty()).then(|| String::from_utf8_lossy(reason));
        Self { code, reason, captured, valid_utf8 }
    }

    /// Whether the reason is UTF-8 as far as it was seen (RFC 6455 §5.5.1).
    pub const fn is_valid_utf8(&self) -> bool {
        self.valid_utf8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn legal_codes_are_those_of_the_registry() {
        let legal: Vec<u16> = (0..3000).filter(|code| CloseCode(*code).is_legal_on_wire()).collect();
        let named = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
        assert_eq!(legal, named);
        assert!(CloseCode(3000).is_legal_on_wire() && CloseCode(4999).is_legal_on_wire());
        assert!(!CloseCode(5000).is_legal_on_wire() && !CloseCode(u16::MAX).is_legal_on_wire());
    }

    #[test]
    fn codes_print_number_and_name() {
        assert_eq!(CloseCode::INTERNAL_ERROR.to_string(), "1011 (internal error)");
        assert_eq!(CloseCode(4123).to_string(), "4123 (private use)");
        assert_eq!(CloseCode(7).to_string(), "7 (unused)");
    }

    #[test]
    fn body_of_code_and_reason() {
        let close = Close::new(b"\x03\xe9bye", true);
        assert_eq!(close.code, Some(CloseCode::GOING_AWAY));
        assert_eq!(close.reason.as_deref(), Some("bye"));
        assert!(close.is_valid_utf8());
    }

    #[test]
    fn empty_body_differs_from_uncaptured_body() {
        let empty = Close::new(b"", true);
        let unseen = Close::new(b"", false);
        assert_eq!((empty.code, empty.captured), (None, true));
        assert_eq!((unseen.code, unseen.captured), (None, false));
    }

    #[test]
    fn a_character_cut_by_the_capture_is_no_violation() {
        assert!(Close::new(b"\x03\xe8\xe2\x82", false).is_valid_utf8());
        assert!(!Close::new(b"\x03\xe8\xe2\x82", true).is_valid_utf8());
        let broken = Close::new(b"\x03\xe8a\xffb", false);
        assert!(!broken.is_valid_utf8());
        assert_eq!(broken.reason.as_deref(), Some("a\u{fffd}b"));
    }
}
