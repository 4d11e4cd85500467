//! What a frame is: RFC 6455 §5.2, field "opcode".

use std::fmt;

use serde::{Deserialize, Serialize};

/// The four-bit opcode of a frame; an undefined value keeps its number.
#[derive(Clone, Copy, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct Opcode(u8);

impl Opcode {
    /// A further fragment of the message that is open.
    pub const CONTINUATION: Self = Self(0x0);
    /// A text message or its first fragment.
    pub const TEXT: Self = Self(0x1);
    /// A binary message or its first fragment.
    pub const BINARY: Self = Self(0x2);
    /// The sender closes the connection (RFC 6455 §5.5.1).
    pub const CLOSE: Self = Self(0x8);
    /// Asks the peer for a Pong (RFC 6455 §5.5.2).
    pub const PING: Self = Self(0x9);
    /// Answers a Ping, or comes unasked (RFC 6455 §5.5.3).
    pub const PONG: Self = Self(0xA);

    /// The opcode in the low four bits of a frame's first byte.
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & 0x0f)
    }

    /// The opcode's number.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether this is a control frame, defined or not: the high bit is set (RFC 6455 §5.5).
    pub const fn is_control(self) -> bool {
        self.0 & 0x8 != 0
    }

    /// Whether RFC 6455 §11.8 gives this opcode a meaning.
    pub const fn is_defined(self) -> bool {
        matches!(self.0, 0x0..=0x2 | 0x8..=0xA)
    }

    /// The opcode in one lower-case word, `other` where it is undefined.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CONTINUATION => "continuation",
            Self::TEXT => "text",
            Self::BINARY => "binary",
            Self::CLOSE => "close",
            Self::PING => "ping",
            Self::PONG => "pong",
            _ => "other",
        }
    }
}

impl fmt::Display for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_defined() { f.write_str(self.name()) } else { write!(f, "opcode {:#x}", self.0) }
    }
}

impl fmt::Debug for Opcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_of_sixteen_are_defined() {
        let all = (0..=15).map(Opcode::from_bits);
        assert_eq!(all.filter(|opcode| opcode.is_defined()).count(), 6);
    }

    #[test]
    fn undefined_opcodes_keep_their_number() {
        assert_eq!(Opcode::from_bits(0xfb).to_string(), "opcode 0xb");
        assert_eq!(Opcode::from_bits(0x0b).name(), "other");
        assert!(Opcode::from_bits(0x0b).is_control());
        assert!(!Opcode::from_bits(0x03).is_control());
    }
}
