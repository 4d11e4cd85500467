//! What an ordinary segment brings: acknowledgement, payload, FIN and window.

use crate::decode::{Segment, TcpFlags};
use crate::flow::{Side, Stamp};
use crate::limits::Limits;
use crate::tcp::assembler::Chunk;
use crate::tcp::half::Fin;
use crate::tcp::item::{EventKind, Item, event};
use crate::tcp::payload::forward;

use super::Flow;

impl Flow {
    /// Takes what the segment acknowledges; gives it as an offset in the peer's stream.
    #[inline(always)]
    pub(super) fn acknowledge(
        &mut self,
        side: Side,
        segment: &Segment<'_>,
        sink: &mut impl FnMut(Item<'_>),
    ) -> i64 {
        let peer = self.halves.get_mut(side.other());
        peer.heard_peer();
        if !segment.flags.has(TcpFlags::ACK) {
            return 0;
        }
        let offset = peer.offset(segment.ack);
        // The acknowledgement of a FIN covers one number that is no byte.
        let limit = peer.fin.map_or(i64::MAX, |fin| fin.offset);
        let acked = offset.min(limit);
        let unseen = acked > peer.sent;
        peer.note_acknowledged(acked, segment.at);
        let lost = &mut peer.counted.lost_in_capture;
        peer.assembler
            .acknowledged(acked, segment.at, &mut |output| forward(side.other(), output, lost, sink));
        peer.note_unseen(peer.assembler.next());
        if unseen {
            // It acknowledges what the capture does not hold: it does hear its peer.
            self.halves.get_mut(side).heard_peer();
        }
        if self.established.is_none() {
            self.establish(side, segment.at);
        }
        offset
    }

    /// Takes an acknowledgement that may complete the three-way handshake.
    #[cold]
    fn establish(&mut self, side: Side, at: Stamp) {
        if side == Side::Client && self.syn_ack.is_some() {
            self.established = Some(at);
        }
    }

    /// Takes what the segment carries: a probe, payload, a FIN.
    pub(super) fn payload(
        &mut self,
        side: Side,
        segment: &Segment<'_>,
        acked: i64,
        limits: &Limits,
        sink: &mut impl FnMut(Item<'_>),
    ) {
        let syn = u32::from(segment.flags.has(TcpFlags::SYN));
        let peer_window = self.halves.get(side.other()).window;
        let half = self.halves.get_mut(side);
        let offset = half.offset(segment.seq.wrapping_add(syn));
        let fin = segment.flags.has(TcpFlags::FIN);
        let len = i64::from(segment.payload_len);
        if syn == 0 && !fin && half.is_probe(offset, len) {
            let closed = peer_window == Some(0);
            half.note_probe_or_window_probe(closed, segment.at);
            let kind = if closed { EventKind::ZeroWindowProbe } else { EventKind::KeepAliveProbe };
            return sink(event(side, segment.at, kind));
        }
        if len > 0 {
            let chunk = Chunk { offset, bytes: segment.payload, len, at: segment.at, acked };
            half.take(side, chunk, limits, sink);
        }
        if fin {
            self.fin(side, offset + len, acked, segment.at, sink);
        }
    }

    fn fin(&mut self, side: Side, offset: i64, acked: i64, at: Stamp, sink: &mut impl FnMut(Item<'_>)) {
        let half = self.halves.get_mut(side);
        if half.fin.is_some() || half.acked <= offset {
            half.note_attempt(at);
        }
        if half.fin.is_some() {
            half.counted.retransmissions += 1;
            return;
        }
        half.fin = Some(Fin { offset });
        self.ending = true;
        self.ended |= self.halves.client.fin.is_some() && self.halves.server.fin.is_some();
        self.settle(at, sink);
        sink(event(side, at, EventKind::Fin { acked, end: offset + 1 }));
    }

    /// Declares the holes that were acknowledged, so that what lies behind them comes before an end.
    pub(super) fn settle(&mut self, at: Stamp, sink: &mut impl FnMut(Item<'_>)) {
        for side in [Side::Client, Side::Server] {
            let half = self.halves.get_mut(side);
            let lost = &mut half.counted.lost_in_capture;
            half.assembler.declare_acknowledged(at, &mut |output| forward(side, output, lost, sink));
        }
    }

    /// Takes the window that the segment offers.
    #[inline(always)]
    pub(super) fn window(&mut self, side: Side, segment: &Segment<'_>, sink: &mut impl FnMut(Item<'_>)) {
        let half = self.halves.get_mut(side);
        let before = half.window.replace(segment.window);
        let closed_now = segment.window == 0 && !segment.flags.has(TcpFlags::SYN);
        if closed_now && before != Some(0) {
            half.counted.zero_windows += 1;
            half.counted.window_closed_since = Some(segment.at);
            sink(event(side, segment.at, EventKind::ZeroWindow));
        } else if !closed_now && before == Some(0) && half.counted.window_closed_since.take().is_some() {
            sink(event(side, segment.at, EventKind::WindowOpened));
        }
    }
}
