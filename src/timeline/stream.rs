//! What belongs to the HTTP/2 stream that a WebSocket runs on (RFC 8441).

use serde::{Deserialize, Serialize};

use crate::flow::{Side, Stamp};
use crate::http::{ErrorCode, StreamEndBy};

use super::event::EventKind;
use super::recorder::Timeline;

/// The HTTP/2 stream of a WebSocket.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stream {
    /// Its number on the connection.
    pub id: u32,
    /// How each side ended it, in order of sight.
    pub ends: Vec<StreamEnd>,
    /// What was said of the connection as a whole while the stream was open.
    pub go_aways: Vec<GoAway>,
}

/// A side's word that it sends no more on the stream.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct StreamEnd {
    /// The side that said it.
    pub from: Side,
    /// Its packet.
    pub at: Stamp,
    /// How it said it.
    pub by: StreamEndBy,
    /// How far its packet acknowledges the other side's TCP stream.
    pub acked: i64,
    /// Where the packet's bytes end in its sender's TCP stream.
    pub end: i64,
}

/// A side's word that it takes no further streams.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct GoAway {
    /// The side that said it.
    pub from: Side,
    /// Its packet.
    pub at: Stamp,
    /// Why.
    pub error: ErrorCode,
}

impl Stream {
    /// A stream on which nothing was seen.
    pub const fn new(id: u32) -> Self {
        Self { id, ends: Vec::new(), go_aways: Vec::new() }
    }

    /// Whether nothing more can come on it.
    pub fn is_over(&self) -> bool {
        let ended = |side: Side| self.ends.iter().any(|end| end.from == side);
        let reset = self.ends.iter().any(|end| matches!(end.by, StreamEndBy::Reset(_)));
        reset || (ended(Side::Client) && ended(Side::Server))
    }
}

impl Timeline {
    /// A side ends its half of the stream, or all of it.
    pub fn stream_ended(&mut self, end: StreamEnd) {
        self.end_act(end.at);
        let kind = match end.by {
            StreamEndBy::EndStream => EventKind::StreamEnd,
            StreamEndBy::Reset(error) => EventKind::StreamReset { error },
        };
        self.history.push(end.at, Some(end.from), kind);
        let listed = self.listed();
        if let Some(stream) = self.stream.as_mut().filter(|stream| stream.ends.len() < listed) {
            stream.ends.push(end);
        }
    }

    /// A side takes no further streams; the one at hand may go on.
    pub fn go_away(&mut self, go_away: GoAway) {
        self.history.push(go_away.at, Some(go_away.from), EventKind::GoAway { error: go_away.error });
        let listed = self.listed();
        if let Some(stream) = self.stream.as_mut().filter(|stream| stream.go_aways.len() < listed) {
            stream.go_aways.push(go_away);
        }
    }

    /// What ended it first of all: a FIN, an RST, or an end of its stream; and whether that was a reset.
    pub fn first_end(&self) -> Option<(Side, Stamp, bool)> {
        let ends = self.stream.iter().flat_map(|stream| &stream.ends);
        let ends = ends.map(|end| (end.from, end.at, matches!(end.by, StreamEndBy::Reset(_))));
        ends.chain(self.first_fin_or_rst()).min_by_key(|(_, at, _)| at.packet)
    }
}
