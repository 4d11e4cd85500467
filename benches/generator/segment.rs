//! A TCP segment that is planned but not yet written.

use super::packet::{ACK, FIN, RST, SYN};

/// The side of a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Side {
    /// Both sides.
    pub(crate) const BOTH: [Self; 2] = [Self::Client, Self::Server];

    /// The opposite side.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// The side's name in the truth file.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Server => "server",
        }
    }
}

/// A segment with its place in the stream: offset 0 is the SYN, offset 1 the first byte.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    /// When the capture sees it, in nanoseconds since the epoch.
    pub(crate) at: u64,
    pub(crate) from: Side,
    pub(crate) flags: u8,
    pub(crate) seq: u64,
    pub(crate) ack: u64,
    pub(crate) id: u16,
    pub(crate) window: u16,
    /// The timestamps option: the value and the echo.
    pub(crate) stamps: (u32, u32),
    /// What the receiver holds beyond the hole it asks for (SACK), as offsets.
    pub(crate) sack: Option<(u64, u64)>,
    pub(crate) payload: Vec<u8>,
}

impl Segment {
    /// The offset after its payload.
    pub(crate) fn end(&self) -> u64 {
        self.seq + self.payload.len() as u64
    }

    /// True if any of `flags` is set.
    pub(crate) fn has(&self, flags: u8) -> bool {
        self.flags & flags != 0
    }

    /// True if the acknowledgement number means something.
    pub(crate) fn acknowledges(&self) -> bool {
        self.has(ACK) && !self.has(SYN)
    }

    /// True if it ends the connection, gently or not.
    pub(crate) fn ends(&self) -> bool {
        self.has(FIN | RST)
    }
}
