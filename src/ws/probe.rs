//! Whether a chunk of an unknown stream looks like WebSocket frames.

use super::candidate::{Candidate, Fate, Start};
use super::header::ReservedBits;
use super::plausible::Plausibility;
use super::resync::ENOUGH;
use crate::flow::{Side, Stamp};

/// What a chunk from the start of an unknown stream looks like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Probe {
    /// The side that would send such frames: masked ones the client, others the server.
    pub sender: Side,
    /// Headers found one after another.
    pub frames: usize,
    /// Whether the last frame ends exactly at the chunk's end.
    pub exact: bool,
    /// How strongly this speaks for WebSocket: the power of two by which chance is less likely.
    pub weight: u32,
}

impl Probe {
    /// Whether chance and other protocols are practically excluded by this chunk alone.
    pub const fn is_convincing(&self) -> bool {
        self.weight >= ENOUGH && (self.exact || self.frames >= 4)
    }
}

/// Judges a chunk that starts where a segment's payload does; `None` where no frame starts there.
///
/// RSV1 is allowed, since compression may have been negotiated before. In a long chain the first
/// frames are enough: then `exact` is false although the chain may go on to the chunk's end.
pub fn probe(bytes: &[u8]) -> Option<Probe> {
    let masked = bytes.get(1)? & 0x80 != 0;
    let sender = if masked { Side::Client } else { Side::Server };
    let start = Start { bytes: 0, missing: 0, at: Stamp::default(), at_chunk: true };
    let mut candidate = Candidate::new(Plausibility::new(sender, ReservedBits::RSV1), start);
    let exact = match candidate.push(bytes, Stamp::default()) {
        Fate::Dead => return None,
        Fate::Alive => candidate.is_exact(),
        Fate::Certain(rest) => rest.is_empty(),
    };
    let chain = candidate.chain;
    (chain.headers > 0).then_some(Probe { sender, frames: chain.headers, exact, weight: chain.weight })
}
