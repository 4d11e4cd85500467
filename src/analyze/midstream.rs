//! A connection of which a part is not in the capture: bytes are held until enough of them read as a
//! chain of WebSocket headers, whose masking tells the sides, until segments are chains of HTTP/2 frames, or
//! until one begins with the head of an HTTP message.

use crate::flow::{Side, Sides, Stamp};
use crate::http::{Exchange, is_frame_chain};
use crate::limits::Limits;
use crate::tcp::{Data, Gap};
use crate::ws::probe;

use super::detect::{Head, whole_line};

/// How much evidence the chunks of one side must give together; see [`crate::ws::Probe::weight`].
const ENOUGH: u32 = 40;

/// Segments that are chains of HTTP/2 frames, of either side, after which it is believed to be HTTP/2.
const CHAINS: u8 = 2;

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
    /// The newest bytes begin an HTTP message; this side is the client.
    Http(Side),
    /// Frames of HTTP/2; which side is the client is not told.
    Http2,
    /// Something else.
    Other,
}

/// The search for the place from which on a connection can be read.
#[derive(Debug, Default)]
pub(super) struct Midstream {
    /// It is HTTP, in which a hole hides where the next message begins.
    is_http: bool,
    held: Vec<Held>,
    bytes: usize,
    chunks: usize,
    weights: Sides<u32>,
    /// Segments that were chains of HTTP/2 frames.
    chains: u8,
    /// The exchange to go on with once an answer is found, where an upgrade was asked for before the hole; it
    /// takes what the client sends until then.
    asked: Option<Box<Exchange>>,
}

impl Midstream {
    /// A search behind a hole in HTTP: a body may go on for long before the next head comes.
    pub(super) fn in_http(asked: Option<Box<Exchange>>) -> Self {
        Self { is_http: true, asked, ..Self::default() }
    }

    /// Takes a hole in a side's bytes.
    pub(super) fn gap(&mut self, gap: &Gap) {
        if let Some(exchange) = self.asked.as_mut().filter(|_| gap.side == Side::Client) {
            exchange.gap(gap.side, gap.bytes, gap.at, &mut |_| {});
        }
    }

    /// The exchange to go on with: the newest bytes are the first line of an answer.
    pub(super) fn into_exchange(self, limits: &Limits) -> Box<Exchange> {
        self.asked.unwrap_or_else(|| Box::new(Exchange::new(limits)))
    }

    /// Takes the next bytes of a side.
    pub(super) fn push(&mut self, data: &Data<'_>, limits: &Limits) -> Found {
        self.chunks += 1;
        let head = whole_line(data.bytes);
        if head == Some(Head::Request) {
            // It asks for something else now.
            self.asked = None;
        } else if let Some(exchange) = self.asked.as_mut().filter(|_| data.side == Side::Client) {
            exchange.push(data.side, data.bytes, data.at, &mut |_| {});
        }
        if let Some(head) = head {
            return Found::Http(if head == Head::Request { data.side } else { data.side.other() });
        }
        if self.is_http && self.chunks > limits.midstream_chunks {
            // By now chance would find frames in what is none.
            self.held = Vec::new();
            return if self.chunks > limits.http_chunks { Found::Other } else { Found::Nothing };
        }
        self.hold(data, limits);
        if !self.is_http && is_frame_chain(data.bytes) {
            self.chains += 1;
            return match self.chains {
                CHAINS.. => Found::Http2,
                _ if self.chunks > limits.midstream_chunks => Found::Other,
                _ => Found::Nothing,
            };
        }
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
