//! What a conversation speaks through: the connection, the randomness, the texts and the witness.

use super::frame::{self, Opcode};
use super::pool::Pool;
use super::record::Close;
use super::rng::Rng;
use super::segment::Side;
use super::tcp::Tcp;
use super::witness::{What, Witness};

/// A connection in use.
pub(crate) struct Line<'a> {
    pub(crate) tcp: &'a mut Tcp,
    pub(crate) rng: &'a mut Rng,
    pub(crate) pool: &'a Pool,
    pub(crate) witness: &'a mut Witness,
}

/// Bytes that one side is about to send, and where frames end in them.
pub(crate) struct Burst {
    pub(crate) from: Side,
    pub(crate) bytes: Vec<u8>,
    pub(crate) ends: Vec<usize>,
}

impl Burst {
    /// Nothing yet.
    pub(crate) fn new(from: Side) -> Self {
        Self { from, bytes: Vec::new(), ends: Vec::new() }
    }

    /// Ends a segment here.
    pub(crate) fn cut(&mut self) {
        self.ends.push(self.bytes.len());
    }
}

impl Line<'_> {
    /// A masking key if `from` has to mask.
    pub(crate) fn mask(&mut self, from: Side) -> Option<[u8; 4]> {
        (from == Side::Client).then(|| self.rng.bytes())
    }

    /// Adds a frame to a burst and to the record.
    pub(crate) fn frame(&mut self, burst: &mut Burst, opcode: Opcode, fin: bool, payload: &[u8]) {
        let mask = self.mask(burst.from);
        frame::header(&mut burst.bytes, opcode, fin, payload.len(), mask);
        frame::payload(&mut burst.bytes, payload, 0, mask);
        burst.cut();
        self.witness.record.frame(burst.from, opcode, fin, payload.len());
    }

    /// Adds a Close frame to a burst and to the record.
    pub(crate) fn close(&mut self, burst: &mut Burst, code: Option<u16>, reason: &str) {
        let mut body = code.map_or_else(Vec::new, |code| code.to_be_bytes().to_vec());
        body.extend_from_slice(reason.as_bytes());
        let index = self.witness.record.closes.len();
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        self.witness.record.closes.push(Close {
            from: burst.from,
            code,
            reason,
            packet: None,
            delivered: None,
        });
        let start = burst.bytes.len();
        self.frame(burst, Opcode::Close, true, &body);
        self.mark(burst, start, What::Close(index));
    }

    /// Asks for the packet of the bytes from `start` to the end of the burst.
    pub(crate) fn mark(&mut self, burst: &Burst, start: usize, what: What) {
        let base = self.tcp.next(burst.from);
        let (start, end) = (base + start as u64, base + burst.bytes.len() as u64);
        self.witness.mark(burst.from, start, end, what);
    }

    /// Sends a burst: mostly a segment per cut, at times all together, or cut anywhere.
    pub(crate) fn send(&mut self, mut burst: Burst) {
        let length = burst.bytes.len();
        match self.rng.below(20) {
            0 | 1 => burst.ends.clear(),
            2 if length > 1 => {
                burst.ends.push(1 + self.rng.index(length - 1));
                burst.ends.sort_unstable();
            }
            _ => {}
        }
        if burst.ends.last() != Some(&length) {
            burst.ends.push(length);
        }
        self.tcp.send(self.rng, burst.from, &burst.bytes, &burst.ends);
    }

    /// Sends plain bytes in as few segments as they need.
    pub(crate) fn send_bytes(&mut self, from: Side, bytes: &[u8]) {
        self.tcp.send(self.rng, from, bytes, &[bytes.len()]);
    }

    /// Lets what was sent reach `side`.
    pub(crate) fn reach(&mut self, side: Side) {
        self.tcp.reach(self.rng, side);
    }

    /// Lets what was sent reach `side`, which acknowledges it.
    pub(crate) fn reach_and_ack(&mut self, side: Side) {
        self.reach(side);
        self.tcp.ack(side);
    }
}
