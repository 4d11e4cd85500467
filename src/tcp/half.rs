//! One side of a connection: what it sent, and what it heard.

use crate::decode::{Direction, Segment};
use crate::flow::Stamp;
use crate::time::Span;

use super::assembler::Assembler;
use super::duplicate::Duplicates;
use super::habits::{IpIds, Ttls};
use super::reset::Trigger;
use super::seq::Unwrapper;
use super::summary::{Liveness, Outstanding, SideSummary, Unanswered};

/// A segment that fills a hole this soon after later ones overtook it on the path; after a longer
/// time it is the retransmission of a segment lost before the capture point.
const OVERTAKEN: Span = Span::from_millis(3);

/// What a SYN says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Syn {
    pub(crate) at: Stamp,
    pub(crate) seq: u32,
    pub(crate) window_scale: Option<u8>,
}

/// A side's first FIN.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fin {
    /// Offset past its last byte of payload.
    pub(crate) offset: i64,
}

/// The newest pure position of a side, to recognise what an RST answers.
#[derive(Clone, Copy, Debug)]
struct Position {
    at: Stamp,
    ack: u32,
    has_payload: bool,
}

/// One side of a connection.
#[derive(Debug, Default)]
pub(crate) struct Half {
    pub(crate) seq: Option<Unwrapper>,
    pub(crate) syn: Option<Syn>,
    pub(crate) fin: Option<Fin>,
    /// Offset past the highest payload byte sent.
    pub(crate) sent: i64,
    /// How far the peer has acknowledged this side.
    pub(crate) acked: i64,
    /// The raw window of the newest segment.
    pub(crate) window: Option<u16>,
    pub(crate) assembler: Assembler,
    pub(crate) duplicates: Duplicates,
    pub(crate) ttls: Ttls,
    pub(crate) ids: IpIds,
    pub(crate) timestamps: bool,
    pub(crate) reset: Option<Stamp>,
    pub(crate) peer_reset: Option<Stamp>,
    /// How far this side had acknowledged its peer when it last sent payload.
    acked_at_output: i64,
    highest_at: Stamp,
    probes_waiting: u32,
    positions: [Option<Position>; 4],
    next_position: u8,
    outstanding: Option<Outstanding>,
    pub(crate) counted: SideSummary,
}

impl Half {
    /// The offset of a sequence number; the first one seen becomes the start.
    pub(crate) fn offset(&mut self, seq: u32) -> i64 {
        self.seq.get_or_insert_with(|| Unwrapper::starting_at(seq)).offset(seq)
    }

    /// Notes a segment of this side, whatever it carries.
    pub(crate) fn note(&mut self, segment: &Segment<'_>) {
        self.counted.segments += 1;
        self.counted.last = Some(segment.at);
        match segment.direction {
            Some(Direction::Out) => self.counted.seen_leaving = true,
            Some(Direction::In) => self.counted.seen_arriving = true,
            None => {}
        }
    }

    /// Notes what a genuine segment tells of its sender's habits; an RST must not teach them.
    pub(crate) fn note_habits(&mut self, segment: &Segment<'_>) {
        self.ttls.note(segment.ip.ttl);
        self.ids.note(segment.ip.id);
        self.timestamps |= segment.timestamps().is_some();
        self.counted.last_spoke = Some(segment.at);
        if self.reset.is_some() && self.counted.spoke_after_reset.is_none() {
            self.counted.spoke_after_reset = Some(segment.at);
        }
        if self.peer_reset.is_some() {
            self.counted.segments_after_peer_reset += 1;
        }
        let position = Position { at: segment.at, ack: segment.ack, has_payload: segment.payload_len > 0 };
        self.positions[usize::from(self.next_position)] = Some(position);
        self.next_position = (self.next_position + 1) % self.positions.len() as u8;
    }

    /// Notes payload beyond the highest sent, with what its segment acknowledges.
    pub(crate) fn note_output(&mut self, end: i64, acked: i64, at: Stamp) {
        self.counted.payload_bytes += (end - self.sent).max(0) as u64;
        self.counted.unanswered.stale_retransmissions = 0;
        self.sent = end;
        self.acked_at_output = acked;
        self.highest_at = at;
        if let Some(seq) = &mut self.seq {
            seq.advance(end);
        }
    }

    /// Whether bytes that fill a hole at `at` were overtaken rather than sent again.
    pub(crate) fn was_overtaken(&self, at: Stamp) -> bool {
        (at.time - self.highest_at.time).abs() <= OVERTAKEN
    }

    /// Notes an attempt to reach the peer: payload or a probe.
    pub(crate) fn note_attempt(&mut self, at: Stamp) {
        let Unanswered { since, last, segments, .. } = &mut self.counted.unanswered;
        since.get_or_insert(at);
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

    /// Notes payload sent for the first time or again.
    pub(crate) fn note_outstanding(&mut self, again: bool, at: Stamp) {
        let new = Outstanding { since: at, last: at, retransmissions: 0 };
        let outstanding = self.outstanding.get_or_insert(new);
        outstanding.last = at;
        outstanding.retransmissions = outstanding.retransmissions.saturating_add(u32::from(again));
    }

    /// Notes how far the peer acknowledges this side.
    pub(crate) fn note_acknowledged(&mut self, acked: i64, at: Stamp) {
        if acked <= self.acked {
            return;
        }
        self.acked = acked;
        let left = acked < self.sent;
        self.outstanding = left.then_some(Outstanding { since: at, last: at, retransmissions: 0 });
    }

    /// Notes that the peer was heard.
    pub(crate) fn heard_peer(&mut self) {
        if self.probes_waiting > 0 {
            self.counted.keepalive_answered += u64::from(self.probes_waiting.min(1));
            self.probes_waiting = 0;
        }
        let unanswered = self.counted.unanswered;
        if unanswered.segments == 0 {
            return;
        }
        if unanswered.segments > self.counted.worst_unanswered.segments {
            self.counted.worst_unanswered = unanswered;
        }
        let stale_retransmissions = unanswered.stale_retransmissions;
        self.counted.unanswered = Unanswered { stale_retransmissions, ..Unanswered::default() };
    }

    /// Whether this side's packets reach the capturing host before they leave it.
    pub(crate) const fn arrives_first(&self) -> bool {
        self.counted.seen_arriving && !self.counted.seen_leaving
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
        let positions = self.positions.iter().flatten().filter(|position| position.ack == seq);
        let newest = positions.max_by_key(|position| position.at.packet)?;
        let delay = at.time - newest.at.time;
        Some(Trigger { at: newest.at, delay, has_payload: newest.has_payload })
    }

    /// How alive this side is right now.
    pub(crate) const fn liveness(&self) -> Liveness {
        Liveness {
            heard: self.counted.last,
            unanswered: self.counted.unanswered,
            outstanding: self.outstanding,
        }
    }

    /// The facts of this side at the end.
    pub(crate) fn summary(&self) -> SideSummary {
        let mut summary = self.counted.clone();
        summary.syn = self.syn.map(|syn| syn.at);
        summary.usual_ttl = self.ttls.usual();
        summary.acked = self.acked;
        summary.outstanding = self.outstanding;
        summary.unanswered.bytes = (self.sent - self.acked).max(0) as u64;
        summary
    }

    /// Starts the side's numbering at its SYN.
    pub(crate) fn open(&mut self, syn: Syn) {
        self.seq = Some(Unwrapper::starting_at(syn.seq.wrapping_add(1)));
        self.syn = Some(syn);
    }

    /// The power of two that this side's windows are multiplied by.
    pub(crate) fn scale(&self) -> Option<u8> {
        self.syn.and_then(|syn| syn.window_scale)
    }

    /// The next sequence number this side would send, as an offset.
    pub(crate) fn next_offset(&self) -> i64 {
        self.sent + i64::from(self.fin.is_some_and(|fin| fin.offset == self.sent))
    }

    /// The window this side offers, in bytes; scaled only where both sides agreed on it.
    pub(crate) fn receive_window(&self, peer_scale: Option<u8>) -> Option<i64> {
        let window = i64::from(self.window?);
        match (&self.syn, self.scale(), peer_scale) {
            (None, _, _) => None,
            (Some(_), Some(scale), Some(_)) => Some(window << scale.min(14)),
            _ => Some(window),
        }
    }

    /// Whether a number at `offset` lies in the window that the peer offers this side.
    pub(crate) fn in_window(&self, offset: i64, window: Option<i64>) -> Option<bool> {
        let expected = self.acked;
        if offset == expected {
            return Some(true);
        }
        window.map(|window| offset > expected && offset < expected + window)
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
