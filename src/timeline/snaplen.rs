//! What the snap length cost a connection.

use crate::flow::Stamp;
use crate::tcp::GapReason;
use crate::ws;

use super::event::EventKind;
use super::record::Reason;
use super::recorder::Timeline;

impl Timeline {
    /// Where the snap length took bytes from it.
    pub fn cut_by_snaplen(&self) -> impl Iterator<Item = Stamp> {
        let snaplen = GapReason::Snaplen;
        let unparsed =
            self.unparsed.iter().filter(|each| each.why == Reason::Framing(ws::GapReason::Snaplen));
        let is_cut = move |kind: &EventKind| matches!(kind, EventKind::Gap { why, .. } if *why == snaplen);
        let gaps = self.history.rare(is_cut);
        unparsed.map(|each| each.at).chain(gaps.map(|event| event.at))
    }
}
