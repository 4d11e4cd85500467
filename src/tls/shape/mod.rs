//! What a TLS connection shows without its secrets: the hellos, the lengths and times of records, alerts.
//!
//! [`Shape`] takes both directions' bytes, reads record headers and the messages in plain text, and keeps a
//! constant amount per connection. What it tells as [`ShapeEvent`] is seen; what it concludes from lengths
//! and times ([`Inferred`]) says what led to it and is never certain.

mod beat;
mod ending;
mod event;
mod follow;
mod likely;
mod records;
mod series;
mod sizes;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use beat::Beat;
pub use ending::Close;
pub use event::{Inferred, Record, ShapeEvent};
pub use likely::Upgrade;
pub use series::Series;

pub use records::is_record_chain;

use super::event::Negotiated;
use super::handshake::Messages;
use super::suite::Version;
use crate::flow::{Side, Sides, Stamp};
use crate::time::Span;

use beat::Beats;
use ending::Last;
use likely::Likely;
use records::{Piece, Records};
use sizes::Sizes;

/// The application protocol in which a WebSocket has a connection of its own.
const HTTP1: &str = "http/1.1";

/// The one that some clients offer beside it.
const HTTP1_0: &str = "http/1.0";

/// Bytes of handshake messages in plain text that are held for the hellos of one side.
const HELLO: usize = 16 * 1024;

/// Records behind which a handshake of TLS 1.3 is over, whatever they look like.
const HANDSHAKE_RECORDS: u8 = 16;

/// How long after an alert of one side the other side's FIN may come as the answer to it.
const ANSWERED: Span = Span::from_millis(200);

/// How long after a side's alert its own FIN may come: whoever says goodbye closes.
const CLOSED: Span = Span::from_millis(1_000);

/// Records of a connection without its start after which it is believed to be TLS.
const BELIEVED: u32 = 4;

/// Both directions of a TLS connection of which no secret is known.
#[derive(Clone, Debug)]
pub struct Shape {
    sides: Sides<Direction>,
    beats: Beats,
    likely: Likely,
    last: Last,
    rtt: Span,
    close: Option<Box<Close>>,
    offered: Vec<String>,
    negotiated: Negotiated,
    sizes: Sizes,
    established: bool,
    midstream: bool,
    records: u32,
    handshake_records: u8,
    ended: bool,
    /// The side whose alert, of whatever kind, is taken for the end.
    said_goodbye: Option<Side>,
    not_tls: bool,
}

/// One direction.
#[derive(Clone, Debug, Default)]
struct Direction {
    records: Records,
    /// Messages in plain text, until the hello is complete.
    messages: Option<Messages>,
    held: usize,
    hello: bool,
    cipher_changed: bool,
    finished: bool,
    /// A record that may be an alert, as long as nothing else came.
    doubtful: Option<Record>,
}

impl Shape {
    /// A connection that begins with a `ClientHello`.
    pub fn new() -> Self {
        Self::with(false)
    }

    /// A connection whose beginning is not in the capture.
    pub fn midstream() -> Self {
        Self::with(true)
    }

    fn with(midstream: bool) -> Self {
        let side = || Direction {
            records: if midstream { Records::midstream() } else { Records::default() },
            messages: (!midstream).then(Messages::default),
            ..Direction::default()
        };
        Self {
            sides: Sides { client: side(), server: side() },
            negotiated: Negotiated::default(),
            offered: Vec::new(),
            sizes: Sizes::Unknown,
            established: midstream,
            midstream,
            records: 0,
            handshake_records: 0,
            rtt: Span::ZERO,
            beats: Beats::default(),
            likely: Likely::new(midstream),
            last: Last::default(),
            close: None,
            ended: false,
            said_goodbye: None,
            not_tls: false,
        }
    }

    /// What the two sides agreed on, as far as it is in plain text.
    pub const fn negotiated(&self) -> &Negotiated {
        &self.negotiated
    }

    /// The application protocols that the client offered.
    pub fn offered(&self) -> &[String] {
        &self.offered
    }

    /// The handshake was seen to be complete, or is not in the capture.
    pub const fn is_established(&self) -> bool {
        self.established
    }

    /// The handshake is not in the capture.
    pub const fn is_midstream(&self) -> bool {
        self.midstream
    }

    /// Sets the round trip within which answers are expected.
    pub const fn set_round_trip(&mut self, rtt: Span) {
        self.rtt = rtt;
    }

    /// The protocols agreed on or offered leave a WebSocket of its own connection no room.
    pub fn is_excluded(&self) -> bool {
        match (self.negotiated.version, &self.negotiated.alpn) {
            (_, Some(chosen)) => chosen != HTTP1,
            // The answer is encrypted: it may be anything that was offered.
            (Some(Version::TLS13), None) => self.offers_more(),
            _ => false,
        }
    }

    /// The client would also speak another protocol.
    fn offers_more(&self) -> bool {
        self.offered.iter().any(|offered| offered != HTTP1 && offered != HTTP1_0)
    }

    /// Whether it may carry a WebSocket, as seen until `end`.
    pub fn is_likely(&self, end: Stamp) -> bool {
        if self.is_excluded() || (self.midstream && self.records < BELIEVED) {
            return false;
        }
        let failed = self.ended && !self.established && self.sides.client.hello;
        let never = (failed || self.not_tls) && !self.offers_more();
        never || self.beats.any() || self.likely.is_likely(end)
    }

    /// Whether nothing that comes can show that it carries a WebSocket, or too much has gone by without a
    /// sign of one: `patience` bytes.
    pub fn is_hopeless(&self, patience: u64, end: Stamp) -> bool {
        let out = self.likely.is_out() || self.likely.bytes() > patience;
        self.is_excluded() || (out && !self.is_likely(end))
    }

    /// What lengths and times suggest.
    pub fn inferred(&self) -> Inferred {
        Inferred {
            beats: self.beats.found(self.sizes),
            upgrade: self.likely.upgrade().filter(|_| self.established),
            close: self.close.as_deref().cloned(),
        }
    }

    /// Exchanges the sides of everything seen so far.
    pub fn swap_sides(&mut self) {
        self.sides.swap();
        self.beats.swap_sides();
        self.likely.swap_sides();
        self.last.swap_sides();
        self.said_goodbye = self.said_goodbye.map(Side::other);
        for direction in [&mut self.sides.client, &mut self.sides.server] {
            if let Some(record) = &mut direction.doubtful {
                record.side = record.side.other();
            }
        }
    }

    /// Passes over bytes of a side, if they are no more than the middle of a record of application data.
    pub const fn pass(&mut self, side: Side, bytes: &[u8]) -> bool {
        self.sides.get_mut(side).records.pass(bytes)
    }

    /// Takes the next bytes of a side, which end at `end` of its stream.
    pub fn push(&mut self, side: Side, bytes: &[u8], at: Stamp, end: i64, sink: &mut impl FnMut(ShapeEvent)) {
        let mut input = bytes;
        while let Some(piece) = self.sides.get_mut(side).records.next(&mut input) {
            let here = end - input.len() as i64;
            match piece {
                Piece::Handshake(content) => self.handshake(side, content, at, sink),
                Piece::End(head) => self.record(side, head, at, here, sink),
                Piece::NotARecord => {
                    let is_answer =
                        self.sides.client.hello && side == Side::Server && !self.sides.server.hello;
                    if is_answer && !self.established {
                        self.not_tls = true;
                        sink(ShapeEvent::NotTls { side, at, is_http: bytes.starts_with(b"HTTP/") });
                    }
                }
            }
        }
    }

    /// Goes over a hole in a side's stream that ends at `end` of it.
    pub fn gap(&mut self, side: Side, bytes: u64, at: Stamp, end: i64, sink: &mut impl FnMut(ShapeEvent)) {
        let direction = self.sides.get_mut(side);
        direction.messages = None;
        if let Some(head) = direction.records.gap(bytes) {
            self.record(side, head, at, end, sink);
        }
    }

    /// A side ends the connection's bytes at `at`, with a FIN or an RST; to be told before that is kept.
    pub fn end(&mut self, side: Side, at: Stamp, sink: &mut impl FnMut(ShapeEvent)) {
        let other = self.sides.get_mut(side.other());
        let answered = other.doubtful.take_if(|record| at.time - record.at.time <= ANSWERED);
        let own = &mut self.sides.get_mut(side).doubtful;
        let mut alerts = [answered, own.take_if(|record| at.time - record.at.time <= CLOSED)];
        alerts.sort_by_key(|record| record.map(|record| record.at.packet));
        if !self.ended {
            self.settle(sink);
        }
        for record in alerts.into_iter().flatten() {
            self.note_end(record.side, record.at);
            sink(ShapeEvent::Alert { side: record.side, alert: None, at: record.at, inferred: true });
        }
        self.note_end(side, at);
    }

    /// Nothing comes any more.
    pub fn finish(&mut self, sink: &mut impl FnMut(ShapeEvent)) {
        self.settle(sink);
    }
}

impl Default for Shape {
    fn default() -> Self {
        Self::new()
    }
}
