//! Captures that hold the packets of one side only.

use crate::flow::{Side, Stamp};
use crate::tcp::Summary;
use crate::time::Span;
use crate::timeline::Connection;

use super::Act;

/// What a capture of one direction shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct OneSided {
    /// The side whose packets it holds.
    pub seen: Side,
    /// Bytes that those packets acknowledge to the other side; its FIN counts as one.
    pub acknowledged: i64,
    /// For how long they had acknowledged nothing new when the end began; `None` where no end was seen.
    pub alone: Option<Span>,
}

/// Finds that a capture holds one side's packets, although these acknowledge what the other side said.
pub(super) fn find(connection: &Connection, act: Option<&Act>) -> Option<OneSided> {
    let seen = only(&connection.tcp)?;
    let other = seen.other();
    let acknowledged = connection.tcp.sides.get(other).acked;
    let alone = act.map(|act| act.at.time - last_heard(connection, other).time);
    Some(OneSided { seen, acknowledged, alone })
}

/// The only side of which there are packets, where it was spoken to.
pub(super) fn only(tcp: &Summary) -> Option<Side> {
    let is_unseen = |side: Side| tcp.sides.get(side).segments == 0 && tcp.sides.get(side).acked > 0;
    [Side::Client, Side::Server].into_iter().find(|side| is_unseen(side.other()))
}

/// The packet that was the last to acknowledge something new of `other` up to the end act.
fn last_heard(connection: &Connection, other: Side) -> Stamp {
    let at_end = connection.timeline.at_end.as_ref();
    at_end.and_then(|sides| sides.get(other).acked_at).unwrap_or(connection.tcp.first)
}
