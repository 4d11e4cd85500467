//! What a side is asked for: its windows, and its facts at the end.

use crate::tcp::summary::{Liveness, SideSummary};

use super::Half;

impl Half {
    /// How alive this side is right now.
    pub(crate) fn liveness(&self) -> Liveness {
        let Self { unanswered, outstanding, acked_at, .. } = *self;
        Liveness { heard: self.last(), unanswered, outstanding, acked_at }
    }

    /// The facts of this side at the end.
    pub(crate) fn summary(&self) -> SideSummary {
        let counted = &self.counted;
        SideSummary {
            segments: self.segments,
            payload_bytes: self.payload_bytes,
            retransmissions: counted.retransmissions,
            out_of_order: counted.out_of_order,
            lost_in_capture: counted.lost_in_capture,
            zero_windows: counted.zero_windows,
            window_closed_since: counted.window_closed_since,
            keepalive_probes: counted.keepalive_probes,
            keepalive_answered: counted.keepalive_answered,
            last_keepalive: counted.last_keepalive,
            copies: counted.copies,
            isn: self.syn.map(|syn| syn.seq),
            syn: self.syn.map(|syn| syn.at),
            last: self.last(),
            usual_ttl: self.ttls.usual(),
            seen_leaving: self.seen_leaving,
            seen_arriving: self.seen_arriving,
            seen_forwarded: counted.seen_forwarded,
            seen_crossing: counted.seen_crossing,
            unanswered: self.unanswered,
            outstanding: self.outstanding,
            acked: self.acked,
            last_spoke: self.last_spoke,
            worst_unanswered: counted.worst_unanswered,
            spoke_after_reset: counted.spoke_after_reset,
            segments_after_peer_reset: counted.segments_after_peer_reset,
        }
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
}
