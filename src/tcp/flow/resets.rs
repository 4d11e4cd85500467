//! What an RST is told with: what it looks like beside everything that was seen before it.

use crate::decode::{Direction, Segment, TcpFlags};
use crate::flow::Side;
use crate::tcp::item::{EventKind, Item, event};
use crate::tcp::reset::ResetFacts;

use super::Flow;

impl Flow {
    /// Takes an RST.
    pub(super) fn reset(&mut self, side: Side, segment: &Segment<'_>, sink: &mut impl FnMut(Item<'_>)) {
        self.ended = true;
        self.settle(segment.at, sink);
        let facts = self.reset_facts(side, segment);
        self.ending |= facts.in_window != Some(false);
        self.halves.get_mut(side).note(segment);
        self.halves.get_mut(side).note_aside(segment);
        self.halves.get_mut(side).note_reset(false);
        self.halves.get_mut(side.other()).note_reset(true);
        sink(event(side, segment.at, EventKind::Reset(facts)));
    }

    fn reset_facts(&mut self, side: Side, segment: &Segment<'_>) -> ResetFacts {
        let has_ack = segment.flags.has(TcpFlags::ACK);
        let scale = self.halves.get(side).scale();
        let peer = self.halves.get_mut(side.other());
        let acked = has_ack.then(|| peer.offset(segment.ack));
        let trigger = peer.trigger(segment.seq, segment.at);
        let receive_window = peer.receive_window(scale);
        let half = self.halves.get_mut(side);
        let offset = half.offset(segment.seq);
        let next = half.next_offset();
        ResetFacts {
            ttl: segment.ip.ttl,
            usual_ttl: half.ttls.usual(),
            ttl_seen: half.ttls.has(segment.ip.ttl),
            ip_id: segment.ip.id,
            ip_id_fit: half.ids.fit(segment.ip.id),
            dont_fragment: segment.ip.dont_fragment,
            has_ack,
            has_timestamps: segment.timestamps().is_some(),
            usual_timestamps: half.timestamps,
            window: segment.window,
            seq_offset: offset - next,
            in_window: half.in_window(offset, receive_window),
            acked,
            trigger,
            flow_label_fits: half.flow_label.map(|usual| usual.get() == segment.ip.flow_label),
            from_capturing_host: segment.direction == Some(Direction::Out) && half.arrives_first(),
            unanswered_bytes: half.unanswered_input(acked.unwrap_or_default()),
            unanswered_probes: half.probes_waiting(),
        }
    }
}
