//! One side of a connection: what it sent, and what it heard.

mod told;

use std::num::NonZeroU32;

use crate::decode::{Direction, Segment};
use crate::flow::Stamp;
use crate::prefetch::prefetch_lines;
use crate::time::{Span, Timestamp};

use super::assembler::Assembler;
use super::habits::{IpIds, Ttls};
use super::newest::{Digests, Newest, Place};
use super::reset::Trigger;
use super::seq::Unwrapper;
use super::summary::{Outstanding, Unanswered};

/// Cache lines that hold what every segment of the peer touches; one of the side itself touches the first of them.
const FRONT: usize = 3;

/// All those that payload of the side itself touches beside its [own](OWN) ones.
const STREAM: usize = 4;

/// Those behind them that hold what every segment of the side itself touches.
const OWN: usize = 2;

/// A segment that fills a hole this soon after later ones overtook it on the path; after a longer
/// time it is the retransmission of a segment lost before the capture point.
const OVERTAKEN: Span = Span::from_millis(3);

/// What a SYN says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Syn {
    pub(crate) at: Stamp,
    pub(crate) seq: u32,
    pub(crate) window_scale: Option<u8>,
    /// It answered no SYN: the side opened the connection.
    pub(crate) is_bare: bool,
    /// A bare SYN was sent again to answer the peer's: both sides opened the connection.
    pub(crate) has_answered: bool,
}

/// A side's first FIN.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fin {
    /// Offset past its last byte of payload.
    pub(crate) offset: i64,
}

/// One side of a connection.
///
/// What segments of its peer touch stands together at the front, in whole cache lines, behind it what payload of the
/// side itself touches as well, and then what only those of the side itself do: with many connections open, the cost
/// of a segment is the number of lines that it needs.
#[derive(Debug, Default)]
#[repr(C, align(64))]
pub(crate) struct Half {
    /// How far the peer has acknowledged this side.
    pub(crate) acked: i64,
    /// Offset past the highest payload byte sent.
    pub(crate) sent: i64,
    pub(crate) seq: Option<Unwrapper>,
    pub(crate) fin: Option<Fin>,
    probes_waiting: u32,
    /// The raw window of the newest segment.
    pub(crate) window: Option<u16>,
    unanswered: Unanswered,
    /// The packet with which the peer last acknowledged something new.
    acked_at: Option<Stamp>,
    /// How many segments its worst effort took that its peer did not answer.
    worst_segments: u32,
    outstanding: Option<Outstanding>,
    pub(crate) assembler: Assembler,
    /// How far this side had acknowledged its peer when it last sent payload.
    acked_at_output: i64,
    digests: Digests,
    /// Where copies of its packets are captured, after the packets themselves.
    second_place: Option<Place>,
    last_spoke: Option<Stamp>,
    highest_at: Timestamp,
    segments: u64,
    payload_bytes: u64,
    pub(crate) ids: IpIds,
    pub(crate) timestamps: bool,
    seen_leaving: bool,
    seen_arriving: bool,
    /// An RST was seen in this side's name or in its peer's.
    reset: bool,
    peer_reset: bool,
    /// The IPv6 flow label of its newest packet.
    pub(crate) flow_label: Option<NonZeroU32>,
    pub(crate) ttls: Ttls,
    newest: Newest,
    pub(crate) syn: Option<Syn>,
    /// What few segments change.
    pub(crate) counted: Counted,
}

/// What few segments of a side change.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) retransmissions: u64,
    pub(crate) out_of_order: u64,
    pub(crate) lost_in_capture: u64,
    pub(crate) zero_windows: u64,
    pub(crate) window_closed_since: Option<Stamp>,
    keepalive_probes: u64,
    keepalive_answered: u64,
    last_keepalive: Option<Stamp>,
    copies: u64,
    seen_forwarded: bool,
    seen_crossing: bool,
    worst_unanswered: Unanswered,
    /// Its newest RST, or SYN that belongs to another connection.
    last_aside: Option<Stamp>,
    spoke_after_reset: Option<Stamp>,
    segments_after_peer_reset: u32,
}

impl Half {
    /// The offset of a sequence number; the first one seen becomes the start.
    #[inline(always)]
    pub(crate) fn offset(&mut self, seq: u32) -> i64 {
        self.seq.get_or_insert_with(|| Unwrapper::starting_at(seq)).offset(seq)
    }

    /// Asks for what every segment of either side will touch.
    #[inline(always)]
    pub(crate) fn prefetch(&self) {
        prefetch_lines(&self.acked, 0..1);
    }

    /// Asks for what a segment of this side will touch beside that.
    #[inline(always)]
    pub(crate) fn prefetch_own(&self) {
        prefetch_lines(&self.acked_at_output, 0..OWN);
    }

    /// Asks for what a segment of its peer will touch beside that.
    #[inline(always)]
    pub(crate) fn prefetch_front(&self) {
        prefetch_lines(&self.acked, 1..FRONT);
    }

    /// Asks for what payload of this side will touch as well.
    #[inline(always)]
    pub(crate) fn prefetch_stream(&self) {
        prefetch_lines(&self.acked, 1..STREAM);
        self.assembler.prefetch();
    }

    /// Whether `segment` is a copy of a packet that was seen just before, which is counted then.
    #[inline(always)]
    pub(crate) fn is_copy(&mut self, segment: &Segment<'_>) -> bool {
        if self.second_place.is_some() && self.is_late_copy(segment) {
            self.counted.copies += 1;
            return true;
        }
        let is_copy = self.digests.is_copy(&mut self.newest, segment);
        if is_copy {
            self.note_copy(segment);
        }
        is_copy
    }

    #[cold]
    fn note_copy(&mut self, segment: &Segment<'_>) {
        self.counted.copies += 1;
        if self.newest.is_elsewhere(segment) {
            self.second_place = Some(Place::of(segment));
        }
        self.counted.seen_forwarded |= self.ttls.usual().is_some_and(|ttl| ttl != segment.ip.ttl);
        self.counted.seen_crossing |= self.newest.crosses(segment);
    }

    /// Whether `segment` brings known bytes at the place where copies were captured: several packets may pass
    /// one place before the first of them comes to the other.
    #[cold]
    fn is_late_copy(&self, segment: &Segment<'_>) -> bool {
        let end = |seq: Unwrapper| seq.offset(segment.seq) + i64::from(segment.payload_len);
        let is_known = segment.payload_len > 0 && self.seq.is_some_and(|seq| end(seq) <= self.sent);
        is_known && self.second_place == Some(Place::of(segment))
    }

    /// Notes a segment of this side, whatever it carries.
    pub(crate) const fn note(&mut self, segment: &Segment<'_>) {
        self.segments += 1;
        match segment.direction {
            Some(Direction::Out) => self.seen_leaving = true,
            Some(Direction::In) => self.seen_arriving = true,
            None => {}
        }
    }

    /// Notes a segment that is none of its stream.
    pub(crate) const fn note_aside(&mut self, segment: &Segment<'_>) {
        self.counted.last_aside = Some(segment.at);
    }

    /// Its newest segment.
    fn last(&self) -> Option<Stamp> {
        let Self { last_spoke, counted: Counted { last_aside, .. }, .. } = *self;
        last_spoke.into_iter().chain(last_aside).max_by_key(|at| at.packet)
    }

    /// Notes what a genuine segment tells of its sender's habits; an RST must not teach them.
    #[inline(always)]
    pub(crate) fn note_habits(&mut self, segment: &Segment<'_>) {
        self.ttls.note(segment.ip.ttl);
        self.ids.note(segment.ip.id);
        self.timestamps = self.timestamps || segment.timestamps().is_some();
        self.flow_label = NonZeroU32::new(segment.ip.flow_label);
        self.last_spoke = Some(segment.at);
        if self.reset {
            self.counted.spoke_after_reset.get_or_insert(segment.at);
        }
        if self.peer_reset {
            self.counted.segments_after_peer_reset += 1;
        }
    }

    /// Notes that an RST was sent in this side's name, or in its peer's.
    pub(crate) const fn note_reset(&mut self, of_peer: bool) {
        if of_peer {
            self.peer_reset = true;
        } else {
            self.reset = true;
        }
    }

    /// Notes payload beyond the highest sent, with what its segment acknowledges.
    pub(crate) fn note_output(&mut self, end: i64, acked: i64, at: Stamp) {
        self.payload_bytes += (end - self.sent).max(0) as u64;
        self.unanswered.stale_retransmissions = 0;
        self.sent = end;
        self.acked_at_output = acked;
        self.highest_at = at.time;
        if let Some(seq) = &mut self.seq {
            seq.advance(end);
        }
    }

    /// Whether bytes that fill a hole at `at` were overtaken rather than sent again.
    pub(crate) fn was_overtaken(&self, at: Stamp) -> bool {
        (at.time - self.highest_at).abs() <= OVERTAKEN
    }

    /// Notes an attempt to reach the peer: payload or a probe.
    pub(crate) fn note_attempt(&mut self, at: Stamp) {
        let Unanswered { since, last, segments, .. } = &mut self.unanswered;
        *since = Some(since.unwrap_or(at));
        *last = Some(at);
        *segments = segments.saturating_add(1);
    }

    /// Notes a keep-alive probe.
    pub(crate) fn note_probe(&mut self, at: Stamp) {
        self.counted.keepalive_probes += 1;
        self.counted.last_keepalive = Some(at);
        self.probes_waiting = self.probes_waiting.saturating_add(1);
        self.note_attempt(at);
    }

    /// Notes payload sent again although the peer had acknowledged it, if it `is_stale`.
    pub(crate) fn note_stale(&mut self, is_stale: bool) {
        self.unanswered.stale_retransmissions += u32::from(is_stale);
    }

    /// Notes payload sent for the first time or again.
    pub(crate) fn note_outstanding(&mut self, again: bool, at: Stamp) {
        let new = Outstanding { since: at, last: at, retransmissions: 0 };
        let Outstanding { since, retransmissions, .. } = self.outstanding.unwrap_or(new);
        let retransmissions = retransmissions.saturating_add(again.into());
        self.outstanding = Some(Outstanding { since, last: at, retransmissions });
    }

    /// Notes how far the peer acknowledges this side.
    pub(crate) fn note_acknowledged(&mut self, acked: i64, at: Stamp) {
        if acked <= self.acked {
            return;
        }
        self.acked = acked;
        self.acked_at = Some(at);
        let left = acked < self.sent;
        self.outstanding = left.then_some(Outstanding { since: at, last: at, retransmissions: 0 });
    }

    /// Notes that the peer was heard.
    // What cannot be foreseen is written either way: that costs less than to guess wrong.
    #[inline(always)]
    pub(crate) fn heard_peer(&mut self) {
        if self.probes_waiting > 0 {
            self.counted.keepalive_answered += u64::from(self.probes_waiting.min(1));
            self.probes_waiting = 0;
        }
        let Unanswered { segments, stale_retransmissions, .. } = self.unanswered;
        if segments > self.worst_segments {
            self.note_worst();
        }
        self.unanswered = Unanswered { stale_retransmissions, ..Unanswered::default() };
    }

    #[cold]
    fn note_worst(&mut self) {
        self.worst_segments = self.unanswered.segments;
        self.counted.worst_unanswered = self.unanswered;
    }

    /// Whether this side's packets reach the capturing host before they leave it.
    pub(crate) const fn arrives_first(&self) -> bool {
        self.seen_arriving && !self.seen_leaving
    }

    /// Unanswered keep-alive probes.
    pub(crate) const fn probes_waiting(&self) -> u32 {
        self.probes_waiting
    }

    /// How many bytes beyond what it had acknowledged at its last output this side has acknowledged.
    pub(crate) const fn unanswered_input(&self, acked: i64) -> i64 {
        let bytes = acked - self.acked_at_output;
        if bytes > 0 { bytes } else { 0 }
    }

    /// This side's newest packet whose acknowledgement number is `seq`, for an RST seen at `at`.
    pub(crate) fn trigger(&self, seq: u32, at: Stamp) -> Option<Trigger> {
        self.newest.trigger(seq, at)
    }

    /// Segments sent, copies of the same packet left out.
    pub(crate) const fn segments(&self) -> u64 {
        self.segments
    }

    /// Whether not a byte was sent.
    pub(crate) const fn is_silent(&self) -> bool {
        self.payload_bytes == 0 && self.assembler.next() == 0
    }

    /// Starts the side's numbering at its SYN, which a connection before it held back.
    pub(crate) fn open_with(&mut self, syn: Syn) {
        self.open(syn);
        self.segments = 1;
        self.counted.last_aside = Some(syn.at);
    }

    /// Starts the side's numbering at its SYN.
    pub(crate) fn open(&mut self, syn: Syn) {
        self.seq = Some(Unwrapper::starting_at(syn.seq.wrapping_add(1)));
        self.syn = Some(syn);
    }

    /// One number before the next, with nothing outstanding: a keep-alive or window probe.
    pub(crate) fn is_probe(&self, offset: i64, len: i64) -> bool {
        len <= 1 && offset + 1 == self.sent && self.acked >= self.sent && self.fin.is_none()
    }

    /// Notes a probe of the peer, or of its closed window.
    pub(crate) fn note_probe_or_window_probe(&mut self, window_closed: bool, at: Stamp) {
        if window_closed {
            self.note_attempt(at);
        } else {
            self.note_probe(at);
        }
    }

    /// Goes on at `offset`, where bytes before it are not in the capture.
    pub(crate) fn note_unseen(&mut self, offset: i64) {
        if offset > self.sent {
            self.sent = offset;
            if let Some(seq) = &mut self.seq {
                seq.advance(offset);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::*;

    #[test]
    fn what_every_segment_touches_stands_at_the_front() {
        assert_eq!(offset_of!(Half, unanswered), 64);
        assert!(offset_of!(Half, assembler) + Assembler::ACKNOWLEDGED <= FRONT * 64);
        assert_eq!(offset_of!(Half, acked_at_output), STREAM * 64);
        // The first of the times to live is the usual one.
        assert!(offset_of!(Half, ttls) + 8 <= (STREAM + OWN) * 64);
    }
}
