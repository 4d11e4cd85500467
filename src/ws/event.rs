//! What a reader tells: frames, violations, and stretches it could not read.

use serde::{Deserialize, Serialize};

use super::close::Close;
use super::header::Header;
use super::opcode::Opcode;
use super::violation::Violation;
use crate::flow::Stamp;

/// Bytes of a control frame's payload that are kept: all that RFC 6455 §5.5 allows.
pub(super) const CONTROL_KEPT: usize = 125;

/// Bytes of a data frame's payload that can be kept, where someone wants its beginning.
pub(super) const PREVIEW_KEPT: usize = 256;

/// Something seen in one direction of a WebSocket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Event<'a> {
    /// A frame whose last byte was seen or is known to lie in a hole.
    Frame(&'a Frame<'a>),
    /// A frame that the stream's end cut short, with the rest of its payload counted as missing.
    Unfinished(&'a Frame<'a>),
    /// Something that RFC 6455 forbids.
    Violation {
        /// What is wrong.
        kind: Violation,
        /// The packet that shows it.
        at: Stamp,
    },
    /// A stretch that could not be parsed, told once when it ends.
    Unparsed {
        /// Bytes that were there but have no known place in a frame.
        bytes: u64,
        /// Bytes of holes within the stretch.
        missing: u64,
        /// What the stretch began with.
        why: GapReason,
        /// The packet where it began.
        at: Stamp,
    },
    /// Framing holds again; the `Unparsed` before it tells what was passed over, if anything was.
    Resynced {
        /// The packet with the first byte of the first frame that is read again.
        at: Stamp,
    },
}

/// Why bytes are missing from a stream or could not be parsed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum GapReason {
    /// The capture missed packets that the peer received.
    CaptureGap,
    /// The snap length cut packets short.
    Snaplen,
    /// A bound on memory was reached.
    Limit,
    /// The capture starts within the connection.
    StartedMidstream,
    /// A declared length is impossible, so that the next header cannot be found.
    BadLength,
    /// The stream ended within a header.
    StreamEnd,
}

impl GapReason {
    /// The reason in the report's words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CaptureGap => "capture_gap",
            Self::Snaplen => "snaplen",
            Self::Limit => "limit",
            Self::StartedMidstream => "started_midstream",
            Self::BadLength => "bad_length",
            Self::StreamEnd => "stream_end",
        }
    }
}

/// One frame: its header, where it was seen, and for control frames its payload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Frame<'a> {
    /// The header as sent.
    pub header: &'a Header,
    /// The packet with the frame's first byte.
    pub first: Stamp,
    /// The packet that completed the frame: the latest that carried any of its bytes.
    pub at: Stamp,
    /// Payload bytes that lie in holes of the stream.
    pub missing: u64,
    pub(super) kept: &'a [u8],
}

impl<'a> Frame<'a> {
    /// A control frame's unmasked payload up to 125 bytes or the first hole; `None` for data frames.
    pub fn control_payload(&self) -> Option<&'a [u8]> {
        self.header.opcode.is_control().then_some(self.kept)
    }

    /// The beginning of a data frame's unmasked payload, where [`Reader::preview`](super::Reader::preview) asked
    /// for it; it ends at a hole. Compressed payload is given as it is.
    pub fn preview(&self) -> Option<&'a [u8]> {
        (!self.header.opcode.is_control()).then_some(self.kept).filter(|kept| !kept.is_empty())
    }

    /// Whether a control frame's payload was captured and kept whole.
    pub const fn is_payload_whole(&self) -> bool {
        self.kept.len() as u64 == self.header.payload_len
    }

    /// Code and reason of a Close frame; `None` for any other frame.
    pub fn close(&self) -> Option<Close<'a>> {
        (self.header.opcode == Opcode::CLOSE).then(|| Close::new(self.kept, self.is_payload_whole()))
    }
}
