//! What the frames of an HTTP/2 connection tell about its WebSockets.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::flow::{Side, Stamp};
use crate::http::{Request, Response};

/// Something seen on an HTTP/2 connection.
#[derive(Clone, Debug, PartialEq)]
pub enum StreamEvent<'a> {
    /// A request that asks for a WebSocket on a new stream.
    Request {
        /// The stream.
        stream: u32,
        /// The request.
        request: Request,
    },
    /// An answer of the class 2xx: the stream is a WebSocket from here on.
    Opened {
        /// The stream.
        stream: u32,
        /// The answer.
        response: Response,
    },
    /// Any other final answer.
    Refused {
        /// The stream.
        stream: u32,
        /// The answer.
        response: Response,
    },
    /// The server sends data on the stream though its answer was not seen: a hole hides it.
    AnswerMissing {
        /// The stream.
        stream: u32,
    },
    /// Bytes of the WebSocket.
    Data {
        /// The stream.
        stream: u32,
        /// Their sender.
        side: Side,
        /// The bytes.
        bytes: &'a [u8],
        /// The packet that carried them.
        at: Stamp,
    },
    /// Missing bytes of the WebSocket, whose number is known.
    Hole {
        /// The stream.
        stream: u32,
        /// Their sender.
        side: Side,
        /// How many are missing.
        bytes: u64,
        /// The packet that revealed the hole.
        at: Stamp,
    },
    /// A side said that it sends no more on the stream.
    Ended {
        /// The stream.
        stream: u32,
        /// That side.
        side: Side,
        /// How it said so.
        by: StreamEndBy,
        /// The packet that completed it.
        at: Stamp,
    },
    /// A side takes no further streams, and says why.
    GoAway {
        /// That side.
        side: Side,
        /// The highest stream that it still serves.
        last: u32,
        /// Why.
        error: ErrorCode,
        /// The packet that completed it.
        at: Stamp,
    },
    /// A hole hides where the next frame of a side begins: each of its streams may miss any number of
    /// bytes.
    Lost {
        /// That side.
        side: Side,
        /// The packet that revealed the hole.
        at: Stamp,
    },
    /// More WebSockets are open than the bound allows; this one is not followed.
    TooMany {
        /// The stream.
        stream: u32,
    },
}

/// How a side ends its half of a stream.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub enum StreamEndBy {
    /// The flag `END_STREAM`, which is to a stream what a FIN is to TCP.
    EndStream,
    /// `RST_STREAM`, which ends both halves at once.
    Reset(ErrorCode),
}

/// Why a stream or a connection is ended (RFC 9113 §7).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub struct ErrorCode(pub u32);

impl ErrorCode {
    /// No error.
    pub const NO_ERROR: Self = Self(0x0);
    /// The peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self(0x1);
    /// Something failed inside.
    pub const INTERNAL_ERROR: Self = Self(0x2);
    /// The peer sent more than it was allowed.
    pub const FLOW_CONTROL_ERROR: Self = Self(0x3);
    /// SETTINGS were not acknowledged in time.
    pub const SETTINGS_TIMEOUT: Self = Self(0x4);
    /// A frame came for a stream that is closed.
    pub const STREAM_CLOSED: Self = Self(0x5);
    /// A frame has a wrong size.
    pub const FRAME_SIZE_ERROR: Self = Self(0x6);
    /// The stream was not processed.
    pub const REFUSED_STREAM: Self = Self(0x7);
    /// The stream is not wanted any more.
    pub const CANCEL: Self = Self(0x8);
    /// The state of header compression is lost.
    pub const COMPRESSION_ERROR: Self = Self(0x9);
    /// The connection behind a CONNECT was reset or closed abnormally.
    pub const CONNECT_ERROR: Self = Self(0xa);
    /// The peer causes too much load.
    pub const ENHANCE_YOUR_CALM: Self = Self(0xb);
    /// TLS is not good enough.
    pub const INADEQUATE_SECURITY: Self = Self(0xc);
    /// The request is to be made over HTTP/1.1.
    pub const HTTP_1_1_REQUIRED: Self = Self(0xd);

    /// The name in the registry, where it has one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::NO_ERROR => "NO_ERROR",
            Self::PROTOCOL_ERROR => "PROTOCOL_ERROR",
            Self::INTERNAL_ERROR => "INTERNAL_ERROR",
            Self::FLOW_CONTROL_ERROR => "FLOW_CONTROL_ERROR",
            Self::SETTINGS_TIMEOUT => "SETTINGS_TIMEOUT",
            Self::STREAM_CLOSED => "STREAM_CLOSED",
            Self::FRAME_SIZE_ERROR => "FRAME_SIZE_ERROR",
            Self::REFUSED_STREAM => "REFUSED_STREAM",
            Self::CANCEL => "CANCEL",
            Self::COMPRESSION_ERROR => "COMPRESSION_ERROR",
            Self::CONNECT_ERROR => "CONNECT_ERROR",
            Self::ENHANCE_YOUR_CALM => "ENHANCE_YOUR_CALM",
            Self::INADEQUATE_SECURITY => "INADEQUATE_SECURITY",
            Self::HTTP_1_1_REQUIRED => "HTTP_1_1_REQUIRED",
            _ => return None,
        })
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "error {:#x}", self.0),
        }
    }
}
