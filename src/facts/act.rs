//! End acts: a Close frame, a FIN, an RST or the end of an HTTP/2 stream, and which of them came first.
//!
//! Acknowledgements decide the order where they can: an act whose packet acknowledges the other
//! side's act is a reaction to it, whatever the order in the file.

use crate::flow::{Side, Stamp};
use crate::timeline::Connection;

use super::reset::{JudgedReset, Role};

/// Something that ends a connection.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Act {
    /// The side whose address it carries.
    pub from: Side,
    /// Its packet.
    pub at: Stamp,
    /// What it is.
    pub kind: ActKind,
    /// Where it ends in its sender's stream, where that is known.
    end: Option<i64>,
    /// How far it acknowledges the other side's stream, where it does.
    acked: Option<i64>,
}

/// Kinds of end acts; the number is the index in the timeline's list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ActKind {
    /// A Close frame.
    Close(usize),
    /// A FIN.
    Fin(usize),
    /// An RST.
    Reset(usize),
    /// The end of the HTTP/2 stream.
    Stream(usize),
}

impl Act {
    /// Whether this act's packet acknowledges `other`, which is of the other side.
    fn reacts_to(&self, other: &Self) -> bool {
        match (self.acked, other.end) {
            (Some(acked), Some(end)) => acked >= end,
            _ => false,
        }
    }
}

/// The first end act that counts: a reset that ended nothing does not.
pub(super) fn first(connection: &Connection, resets: &[JudgedReset]) -> Option<Act> {
    let acts = in_order(connection, resets);
    let first = *acts.first()?;
    let earlier = acts.iter().find(|act| act.from != first.from && first.reacts_to(act));
    Some(earlier.filter(|act| !act.reacts_to(&first)).copied().unwrap_or(first))
}

fn in_order(connection: &Connection, resets: &[JudgedReset]) -> Vec<Act> {
    let timeline = &connection.timeline;
    let closes = timeline.closes.iter().enumerate().map(|(index, close)| Act {
        from: close.from,
        at: close.at,
        kind: ActKind::Close(index),
        end: Some(close.end),
        acked: Some(close.acked),
    });
    let fins = timeline.fins.iter().enumerate().map(|(index, fin)| Act {
        from: fin.from,
        at: fin.at,
        kind: ActKind::Fin(index),
        end: Some(fin.end),
        acked: Some(fin.acked),
    });
    let effective = resets.iter().enumerate().filter(|(_, reset)| reset.role != Role::Ignored);
    let resets = effective.map(|(index, judged)| Act {
        from: judged.reset.from,
        at: judged.reset.at,
        kind: ActKind::Reset(index),
        end: None,
        acked: judged.reset.facts.acked,
    });
    let ends = timeline.stream.iter().flat_map(|stream| stream.ends.iter().enumerate());
    let ends = ends.map(|(index, end)| Act {
        from: end.from,
        at: end.at,
        kind: ActKind::Stream(index),
        end: Some(end.end),
        acked: Some(end.acked),
    });
    let mut acts: Vec<_> = closes.chain(ends).chain(fins).chain(resets).collect();
    acts.sort_by_key(|act| (act.at.packet, rank(act.kind)));
    acts
}

/// The order of acts in one packet: a Close goes before the FIN that rides with it.
const fn rank(kind: ActKind) -> u8 {
    match kind {
        ActKind::Close(_) => 0,
        ActKind::Stream(_) => 1,
        ActKind::Fin(_) => 2,
        ActKind::Reset(_) => 3,
    }
}
