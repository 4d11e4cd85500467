//! A connection whose start is not in the capture: bytes are held until enough of them read as a
//! chain of WebSocket headers, whose masking tells the sides.

use crate::flow::{Side, Sides, Stamp};
use crate::limits::Limits;
use crate::tcp::Data;
use crate::ws::probe;

/// How much evidence the chunks of one side must give together; see [`crate::ws::Probe::weight`].
const ENOUGH: u32 = 40;

/// Bytes of a side, held until it is clear what they are.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) side: Side,
    pub(super) bytes: Vec<u8>,
    pub(super) at: Stamp,
    pub(super) acked: i64,
    pub(super) end: i64,
}

/// What the bytes seen so far tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Found {
    /// Not enough yet.
    Nothing,
    /// WebSocket frames; this side's are masked, so it is the client.
    WebSocket(Side),
    /// Something else.
    Other,
}

/// The search for WebSocket frames in a connection without its start.
#[derive(Debug, Default)]
pub(super) struct Midstream {
    held: Vec<Held>,
    bytes: usize,
    chunks: usize,
    weights: Sides<u32>,
}

impl Midstream {
    /// Takes the next bytes of a side.
    pub(super) fn push(&mut self, data: &Data<'_>, limits: &Limits) -> Found {
        self.chunks += 1;
        self.hold(data, limits);
        let Some(probe) = probe(data.bytes) else {
            *self.weights.get_mut(data.side) = 0;
            return if self.chunks > limits.midstream_chunks { Found::Other } else { Found::Nothing };
        };
        let weight = self.weights.get_mut(data.side);
        *weight = if probe.exact { weight.saturating_add(probe.weight) } else { 0 };
        if probe.is_convincing() || *weight >= ENOUGH {
            let client = if probe.sender == Side::Client { data.side } else { data.side.other() };
            return Found::WebSocket(client);
        }
        if self.chunks > limits.midstream_chunks { Found::Other } else { Found::Nothing }
    }

    /// What was held, in the order of the capture.
    pub(super) fn into_held(self) -> Vec<Held> {
        self.held
    }

    fn hold(&mut self, data: &Data<'_>, limits: &Limits) {
        self.bytes += data.bytes.len();
        while self.bytes > limits.midstream_bytes && !self.held.is_empty() {
            self.bytes -= self.held.remove(0).bytes.len();
        }
        if data.bytes.len() <= limits.midstream_bytes {
            let end = data.offset + data.bytes.len() as i64;
            let bytes = data.bytes.to_vec();
            self.held.push(Held { side: data.side, bytes, at: data.at, acked: data.acked, end });
        } else {
            self.bytes -= data.bytes.len();
        }
    }
}
