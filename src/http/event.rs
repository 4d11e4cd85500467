//! What an exchange tells.

use super::request::Request;
use super::response::Response;
use crate::flow::{Side, Stamp};

/// Something seen on a connection that speaks HTTP/1.1.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// A request that asks for a WebSocket, or tries to.
    Request(Request),
    /// The answer 101 (Switching Protocols); all that follows is `Data` and `Hole`.
    Upgraded(Response),
    /// Any other final answer to such a request; the connection may carry a further attempt.
    Refused(Response),
    /// The answer to such a request lies in a hole; all that follows is `Data` and `Hole`.
    AnswerMissing {
        /// The packet that revealed the hole.
        at: Stamp,
    },
    /// A CONNECT was granted, or an upgrade to HTTP/2: the `Data` and `Hole` that follow are a connection of their
    /// own.
    Tunnel {
        /// The packet that completed the answer.
        at: Stamp,
    },
    /// Bytes that belong to the WebSocket or the tunnel.
    Data {
        /// Their sender.
        side: Side,
        /// The bytes.
        bytes: &'a [u8],
        /// The packet that carried them.
        at: Stamp,
    },
    /// Missing bytes of the WebSocket or the tunnel, perhaps with the end of a head before it.
    Hole {
        /// Their sender.
        side: Side,
        /// How many are missing.
        bytes: u64,
        /// The packet that revealed the hole.
        at: Stamp,
    },
    /// The connection is not followed any further; what was held of the client comes behind as `Data` and `Hole`.
    GivenUp {
        /// Why.
        why: GiveUp,
        /// The side whose bytes made it so.
        side: Side,
        /// The packet that shows it.
        at: Stamp,
    },
}

/// Why an exchange is not followed any further.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum GiveUp {
    /// The bytes are no HTTP/1 message.
    NotHttp,
    /// A head is longer than the bound.
    HeadTooLong,
    /// A head has more header fields than anyone sends.
    TooManyHeaders,
    /// A chunked body breaks its own coding.
    BadBody,
    /// A hole hides where the next message begins.
    Hole,
    /// The connection was switched to another protocol than WebSocket.
    OtherProtocol,
    /// More requests wait for an answer than the bound allows.
    TooManyRequests,
}
