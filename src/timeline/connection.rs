//! A connection as the later stages take it: its timeline, its TCP, and where its capture ended.

use serde::{Deserialize, Serialize};

use crate::flow::Stamp;
use crate::tcp::Summary;

use super::recorder::Timeline;

/// One connection that carried, or tried to carry, a WebSocket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Connection {
    /// What it turned out to be.
    pub kind: Kind,
    /// What happened on it; boxed, as connections are handed on several times.
    pub timeline: Box<Timeline>,
    /// What its TCP was like.
    pub tcp: Summary,
    /// Tags and tunnels around it, outermost first, as the report writes them.
    pub encapsulation: Vec<String>,
    /// The last packet of its capture, of whatever connection.
    pub capture_end: Stamp,
}

impl Connection {
    /// When it opened: the 101, or the first packet seen.
    pub fn opened(&self) -> Stamp {
        self.timeline.opened.unwrap_or(self.tcp.first)
    }
}

/// What a connection turned out to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Kind {
    /// A WebSocket whose upgrade was seen.
    WebSocket,
    /// A WebSocket whose upgrade is not in the capture.
    Midstream,
    /// An upgrade that was asked for and not granted.
    RefusedUpgrade,
    /// TLS that no secret opened, and that may have carried a WebSocket.
    OpaqueTls,
}

impl Kind {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::WebSocket => "websocket",
            Self::Midstream => "websocket_midstream",
            Self::RefusedUpgrade => "refused_upgrade",
            Self::OpaqueTls => "opaque_tls",
        }
    }
}
