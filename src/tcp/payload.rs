//! The payload of one side: put in order, and told apart from what was there before.

use crate::flow::Side;
use crate::limits::Limits;

use super::assembler::{Bounds, Chunk, Output};
use super::half::Half;
use super::item::{Data, EventKind, Gap, Item, event};

impl Half {
    /// Takes a segment's payload: gives what is in order now, and tells what was sent again.
    #[inline(always)]
    pub(crate) fn take(
        &mut self,
        side: Side,
        chunk: Chunk<'_>,
        limits: &Limits,
        sink: &mut impl FnMut(Item<'_>),
    ) {
        let end = chunk.offset + chunk.len;
        if chunk.offset < 0 {
            self.start_before(chunk.offset);
        }
        let (behind, stale) = (chunk.offset < self.sent, end <= self.acked);
        let (repeated, differs) = self.assemble(side, chunk, limits, sink);
        // What its peer has acknowledged before it was seen comes late in the capture only.
        if repeated > 0 || !stale {
            self.note_attempt(chunk.at);
        }
        if repeated > 0 {
            self.counted.retransmissions += 1;
            self.note_stale(stale);
            let bytes = repeated.min(i64::from(u32::MAX)) as u32;
            sink(event(side, chunk.at, EventKind::Retransmission { bytes, differs }));
        } else if behind && self.was_overtaken(chunk.at) {
            self.counted.out_of_order += 1;
        } else if behind {
            self.counted.retransmissions += 1;
        }
        if !stale {
            self.note_outstanding(repeated > 0, chunk.at);
        }
        if end > self.sent {
            self.note_output(end, chunk.acked, chunk.at);
        }
    }

    /// Lets the stream start before the place where it was thought to start, if nothing tells where it does.
    #[cold]
    fn start_before(&mut self, offset: i64) {
        if self.syn.is_none() && self.assembler.start_at(offset) {
            self.sent = offset;
        }
    }

    #[inline(always)]
    fn assemble(
        &mut self,
        side: Side,
        chunk: Chunk<'_>,
        limits: &Limits,
        sink: &mut impl FnMut(Item<'_>),
    ) -> (i64, Option<bool>) {
        let bounds = Bounds { bytes: limits.out_of_order_bytes, pieces: limits.out_of_order_pieces };
        let lost = &mut self.counted.lost_in_capture;
        let placement = self.assembler.push(chunk, bounds, &mut |output| forward(side, output, lost, sink));
        (placement.repeated, placement.differs)
    }
}

/// Passes on what the assembler gives; counts bytes that the capture lacks in `lost`.
pub(super) fn forward(side: Side, output: Output<'_>, lost: &mut u64, sink: &mut impl FnMut(Item<'_>)) {
    match output {
        Output::Bytes { offset, bytes, at, acked } => {
            sink(Item::Data(Data { side, offset, bytes, at, acked }));
        }
        Output::Gap { bytes, end, why, at } => {
            *lost = lost.saturating_add(bytes);
            sink(Item::Gap(Gap { side, bytes, end, why, at }));
        }
    }
}
