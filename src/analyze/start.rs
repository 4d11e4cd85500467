//! Whether the first bytes seen of a side are the first that it sent.

use crate::decode::{Segment, TcpFlags};
use crate::flow::{Side, Sides};

/// What is known of where each side's stream starts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Starts {
    known: Sides<bool>,
    /// The number of the first byte, by the side's SYN.
    first: Sides<Option<u32>>,
}

impl Starts {
    /// Both starts are known by SYNs that these are.
    pub(super) const fn by(syns: Sides<bool>) -> Self {
        Self { known: syns, first: Sides { client: None, server: None } }
    }

    /// Whether the first bytes that TCP gives of a side are the first that it sent.
    pub(super) const fn is_known(&self, side: Side) -> bool {
        *self.known.get(side)
    }

    pub(super) const fn are_known(&self) -> bool {
        self.known.client && self.known.server
    }

    /// Takes note of a segment of `side`.
    pub(super) fn note(&mut self, side: Side, segment: &Segment<'_>) {
        if segment.flags.has(TcpFlags::SYN) {
            *self.known.get_mut(side) = true;
            *self.first.get_mut(side) = Some(segment.seq.wrapping_add(1));
        } else if segment.flags.has(TcpFlags::ACK) && *self.first.get(side) == Some(segment.seq) {
            // It has said nothing yet: what it acknowledges is the other side's SYN, though that was not seen.
            *self.known.get_mut(side.other()) = true;
        }
    }
}
