//! Puts the payload of one direction back in order.
//!
//! In-order bytes pass through without a copy; only bytes beyond a hole are kept, under a bound. A
//! hole is closed by its bytes, or declared when the peer acknowledged past it: then the capture
//! missed what the peer received.

use serde::{Deserialize, Serialize};

use crate::flow::Stamp;
use crate::time::{Span, Timestamp};

use super::recent::Recent;

/// Segments of the same connection that may still bring a hole's bytes after the peer acknowledged
/// past it: capture files can hold packets a little out of order.
const GRACE_SEGMENTS: u32 = 4;

/// How long a hole may stay open after the peer acknowledged past it.
const GRACE_TIME: Span = Span::from_secs(1);

/// The part of a segment that carries payload, as the assembler takes it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk<'a> {
    /// Stream offset of the first byte.
    pub(crate) offset: i64,
    /// The captured bytes.
    pub(crate) bytes: &'a [u8],
    /// The true length; larger than `bytes` when the snap length cut the packet.
    pub(crate) len: i64,
    /// The packet that carries the bytes.
    pub(crate) at: Stamp,
    /// How far that packet acknowledges the other direction.
    pub(crate) acked: i64,
}

impl Chunk<'_> {
    const fn end(&self) -> i64 {
        self.offset + self.len
    }

    /// The part before the stream offset `end`, which lies within the chunk.
    fn until(self, end: i64) -> Self {
        let len = end - self.offset;
        Self { bytes: self.bytes.get(..len as usize).unwrap_or(self.bytes), len, ..self }
    }
}

/// What the assembler has to tell, in stream order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Output<'a> {
    /// The next bytes of the stream.
    Bytes {
        /// Stream offset of the first byte.
        offset: i64,
        /// The bytes.
        bytes: &'a [u8],
        /// The packet that carried them.
        at: Stamp,
        /// How far that packet acknowledges the other direction.
        acked: i64,
    },
    /// Bytes that will not come.
    Gap {
        /// How many.
        bytes: u64,
        /// Where they end in the stream.
        end: i64,
        /// Why.
        why: GapReason,
        /// The packet that shows it.
        at: Stamp,
    },
}

/// Why bytes of a stream are missing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum GapReason {
    /// The peer acknowledged bytes that the capture does not hold.
    CaptureGap,
    /// The snap length cut the packet.
    Snaplen,
    /// A bound on held bytes was reached.
    Limit,
}

impl GapReason {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CaptureGap => "capture_gap",
            Self::Snaplen => "snaplen",
            Self::Limit => "limit",
        }
    }
}

/// How a chunk relates to what the stream already holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Placement {
    /// Bytes that were there before.
    pub(crate) repeated: i64,
    /// Whether repeated bytes differ from the first copy; `None` where that copy is gone.
    pub(crate) differs: Option<bool>,
}

/// Bounds on what one direction may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Bytes beyond a hole.
    pub(crate) bytes: usize,
    /// Pieces beyond a hole.
    pub(crate) pieces: usize,
}

#[derive(Clone, Debug)]
struct Piece {
    offset: i64,
    bytes: Vec<u8>,
    len: i64,
    at: Stamp,
    acked: i64,
}

impl Piece {
    const fn end(&self) -> i64 {
        self.offset + self.len
    }

    fn as_chunk(&self) -> Chunk<'_> {
        Chunk { offset: self.offset, bytes: &self.bytes, len: self.len, at: self.at, acked: self.acked }
    }
}

/// Reassembly of one direction; what every segment touches stands at the front.
#[derive(Clone, Debug, Default)]
#[repr(C)]
pub(crate) struct Assembler {
    /// Everything before this offset was delivered or declared missing.
    next: i64,
    /// The peer acknowledged up to here.
    acked: i64,
    /// Segments seen since the peer acknowledged past `next`, and when it first did.
    grace: u32,
    grace_since: Timestamp,
    /// Sorted by offset, disjoint, all beyond `next`.
    pieces: Vec<Piece>,
    held: usize,
    recent: Recent,
}

impl Assembler {
    /// Bytes at the beginning that an acknowledgement touches.
    #[cfg(test)]
    pub(crate) const ACKNOWLEDGED: usize = std::mem::offset_of!(Self, grace) + size_of::<u32>();

    /// Asks for what the next chunk will touch.
    #[inline(always)]
    pub(crate) fn prefetch(&self) {
        self.recent.prefetch();
    }

    /// Bytes held beyond a hole.
    pub(crate) const fn held(&self) -> usize {
        self.held
    }

    /// Everything before this offset was delivered or declared missing.
    pub(crate) const fn next(&self) -> i64 {
        self.next
    }

    /// Lets the stream start at `offset`, before the place where it was thought to start, as long as nothing
    /// of it was seen: a capture may hold an acknowledgement before the bytes that it is for.
    #[cold]
    pub(crate) fn start_at(&mut self, offset: i64) -> bool {
        let is_fresh = self.next == 0 && self.pieces.is_empty() && self.recent.is_empty();
        if is_fresh {
            self.next = offset;
        }
        is_fresh
    }

    /// Takes a chunk and gives what is in order now.
    #[inline(always)]
    pub(crate) fn push(
        &mut self,
        chunk: Chunk<'_>,
        bounds: Bounds,
        sink: &mut impl FnMut(Output<'_>),
    ) -> Placement {
        if chunk.offset == self.next && self.pieces.is_empty() {
            self.deliver_next(chunk, sink);
            return Placement::default();
        }
        self.push_out_of_order(chunk, bounds, sink)
    }

    #[inline(never)]
    fn push_out_of_order(
        &mut self,
        chunk: Chunk<'_>,
        bounds: Bounds,
        sink: &mut impl FnMut(Output<'_>),
    ) -> Placement {
        let placement = self.place(&chunk);
        if chunk.offset <= self.next {
            self.deliver_around_held(chunk, sink);
        } else {
            self.insert(&chunk);
            self.enforce(bounds, chunk.at, sink);
        }
        placement
    }

    /// The peer acknowledged up to `offset`, in a packet seen at `at`.
    ///
    /// Called for every segment of the peer.
    #[inline]
    pub(crate) fn acknowledged(&mut self, offset: i64, at: Stamp, sink: &mut impl FnMut(Output<'_>)) {
        // Not the maximum: one acknowledgement that the peer cannot have meant must not stick.
        self.acked = offset;
        if self.acked <= self.next {
            self.grace = 0;
        } else {
            self.count_grace(at, sink);
        }
    }

    /// Counts the grace that an acknowledged hole is given.
    #[inline(never)]
    fn count_grace(&mut self, at: Stamp, sink: &mut impl FnMut(Output<'_>)) {
        if self.grace == 0 {
            self.grace_since = at.time;
        }
        self.grace += 1;
        if self.grace > GRACE_SEGMENTS || at.time - self.grace_since > GRACE_TIME {
            self.declare_acknowledged(at, sink);
        }
    }

    /// Nothing more will come: gives all that is held, with the holes between.
    pub(crate) fn finish(&mut self, at: Stamp, sink: &mut impl FnMut(Output<'_>)) {
        self.declare_acknowledged(at, sink);
        while let Some(first) = self.pieces.first() {
            let (to, shown) = (first.offset, first.at);
            self.skip_to(to, GapReason::CaptureGap, shown, sink);
            self.drain(sink);
        }
    }

    /// Declares the holes before the offset that the peer acknowledged.
    ///
    /// A hole is told of where the bytes after it were seen, not where the wait for it ended: no
    /// later packet may come before the frames that follow. Without such bytes it is told of at `at`.
    pub(crate) fn declare_acknowledged(&mut self, at: Stamp, sink: &mut impl FnMut(Output<'_>)) {
        while self.acked > self.next {
            let acked = self.acked;
            let (to, shown) =
                self.pieces.first().map_or((acked, at), |first| (first.offset.min(acked), first.at));
            self.skip_to(to, GapReason::CaptureGap, shown, sink);
            self.drain(sink);
        }
        self.grace = 0;
    }

    #[inline(never)]
    fn skip_to(&mut self, to: i64, why: GapReason, at: Stamp, sink: &mut impl FnMut(Output<'_>)) {
        if to > self.next {
            sink(Output::Gap { bytes: (to - self.next) as u64, end: to, why, at });
            self.next = to;
        }
    }

    /// Delivers the part of `chunk` that lies at or beyond `next`; its start must not lie beyond.
    #[inline(never)]
    fn deliver(&mut self, chunk: Chunk<'_>, sink: &mut impl FnMut(Output<'_>)) {
        let end = chunk.end();
        if end > self.next {
            let known = (self.next - chunk.offset).max(0) as usize;
            let bytes = chunk.bytes.get(known..).unwrap_or_default();
            self.deliver_next(Chunk { offset: self.next, bytes, len: end - self.next, ..chunk }, sink);
        }
    }

    /// Delivers a chunk that lies at `next`.
    #[inline(always)]
    fn deliver_next(&mut self, chunk: Chunk<'_>, sink: &mut impl FnMut(Output<'_>)) {
        let Chunk { offset, bytes, at, acked, .. } = chunk;
        if !bytes.is_empty() {
            self.recent.delivered(offset, bytes);
            sink(Output::Bytes { offset, bytes, at, acked });
            self.next += bytes.len() as i64;
        }
        if self.next < chunk.end() {
            self.skip_to(chunk.end(), GapReason::Snaplen, at, sink);
        }
    }

    /// Delivers a chunk that fills a hole; what is held within it came first, so it stays.
    fn deliver_around_held(&mut self, chunk: Chunk<'_>, sink: &mut impl FnMut(Output<'_>)) {
        while let Some(held) = self.pieces.first().map(|piece| piece.offset)
            && held < chunk.end()
        {
            self.deliver(chunk.until(held), sink);
            self.drain(sink);
        }
        self.deliver(chunk, sink);
        self.drain(sink);
    }

    fn drain(&mut self, sink: &mut impl FnMut(Output<'_>)) {
        let ready = self.pieces.iter().take_while(|piece| piece.offset <= self.next).count();
        if ready == 0 {
            return self.drain_rest();
        }
        let mut pieces = std::mem::take(&mut self.pieces);
        let mut used = 0;
        for piece in &pieces {
            if piece.offset > self.next {
                break;
            }
            self.deliver(piece.as_chunk(), sink);
            self.held -= piece.bytes.len();
            used += 1;
        }
        pieces.drain(..used);
        self.pieces = pieces;
        self.drain_rest();
    }

    fn drain_rest(&mut self) {
        if self.pieces.is_empty() {
            self.held = 0;
        }
    }

    /// Compares `chunk` with what was delivered or is held.
    fn place(&self, chunk: &Chunk<'_>) -> Placement {
        let mut repeated = (self.next.min(chunk.end()) - chunk.offset).max(0);
        let mut differs = self.recent.differs(chunk.offset, chunk.bytes).filter(|_| repeated > 0);
        let first = self.pieces.partition_point(|piece| piece.end() <= chunk.offset);
        for piece in self.pieces[first..].iter().take_while(|piece| piece.offset < chunk.end()) {
            repeated += piece.end().min(chunk.end()) - piece.offset.max(chunk.offset);
            let same = same_bytes(piece, chunk);
            differs = Some(differs.unwrap_or(false) || !same);
        }
        Placement { repeated, differs }
    }

    /// Holds the parts of `chunk` that are not held yet.
    fn insert(&mut self, chunk: &Chunk<'_>) {
        let mut from = chunk.offset;
        let mut index = self.pieces.partition_point(|piece| piece.end() <= from);
        while from < chunk.end() {
            let (held_from, held_to) =
                self.pieces.get(index).map_or((i64::MAX, i64::MAX), |piece| (piece.offset, piece.end()));
            if from < held_from {
                let to = chunk.end().min(held_from);
                self.hold(index, chunk, from, to);
                index += 1;
            }
            from = from.max(held_to);
            index += 1;
        }
    }

    fn hold(&mut self, index: usize, chunk: &Chunk<'_>, from: i64, to: i64) {
        let start = ((from - chunk.offset) as usize).min(chunk.bytes.len());
        let end = ((to - chunk.offset) as usize).min(chunk.bytes.len());
        let bytes = chunk.bytes[start..end].to_vec();
        self.held += bytes.len();
        let piece = Piece { offset: from, bytes, len: to - from, at: chunk.at, acked: chunk.acked };
        self.pieces.insert(index, piece);
    }

    fn enforce(&mut self, bounds: Bounds, at: Stamp, sink: &mut impl FnMut(Output<'_>)) {
        while self.held > bounds.bytes || self.pieces.len() > bounds.pieces {
            let Some(first) = self.pieces.first() else { return };
            let to = first.offset;
            self.skip_to(to, GapReason::Limit, at, sink);
            self.drain(sink);
        }
    }
}

fn same_bytes(piece: &Piece, chunk: &Chunk<'_>) -> bool {
    let from = piece.offset.max(chunk.offset);
    let to = (piece.offset + piece.bytes.len() as i64).min(chunk.offset + chunk.bytes.len() as i64);
    if from >= to {
        return true;
    }
    let part = |bytes: &[u8], offset: i64| bytes[(from - offset) as usize..(to - offset) as usize].to_vec();
    part(&piece.bytes, piece.offset) == part(chunk.bytes, chunk.offset)
}

#[cfg(test)]
mod tests;
