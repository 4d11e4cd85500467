//! A side that spoke at a steady pace, and then was not heard any more, although nothing ended the connection.

use crate::catalogue::Catalogue;
use crate::facts::{Facts, Mechanism};
use crate::flow::Side;
use crate::time::Span;

use super::{Cause, Confidence, Party, Verdict};

/// A shorter silence is a pause, whatever the pace.
const SHORTEST: Span = Span::from_secs(3);

/// Beats in a row that did not come.
const MISSED: i64 = 5;

/// Nobody speaks any more, and nobody ended it: as a lead, packets no longer get here.
pub(super) fn broke_off(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    if facts.mechanism != Mechanism::StillOpen || !facts.resets.is_empty() {
        return None;
    }
    let (side, usual, silent) =
        [Side::Server, Side::Client].into_iter().find_map(|side| lost(facts, side))?;
    let idle = facts.connection.timeline.idle.as_ref()?;
    let sides = &facts.connection.tcp.sides;
    let verdict = Verdict::new(facts, Party::Network, Cause::PathLost, Confidence::Low)
        .summary(format!(
            "The connection was still open when the capture ended, but the {side}, which had sent something every {usual}, \
             was not heard for the last {silent}: a lead that the path between them was lost, and no more than a lead."
        ))
        .shown_by(idle.spoke(side), format!("the {side}'s last message at its pace of one every {usual}"));
    let verdict = match sides.get(side.other()).last {
        Some(last) => verdict.shown_by(last, format!("the {}'s last packet", side.other())),
        None => verdict,
    };
    Some(
        verdict
            .or_else(
                format!("the {side}'s program stopped sending, and the connection is well"),
                true,
                "nothing was sent that could go unanswered",
            )
            .settled_by(format!(
                "A capture at the {side}'s host over the same time: whether it goes on sending. A capture that goes on \
                 until someone speaks again."
            ))
            .advise(format!(
                "Let the {} send pings with a short timeout: it notices such a loss, and its captures then show it.",
                side.other()
            )),
    )
}

/// The usual pause of a side that kept a pace, and how long it has been silent since.
fn lost(facts: &Facts, side: Side) -> Option<(Side, Span, Span)> {
    let connection = &facts.connection;
    let idle = connection.timeline.idle.as_ref()?;
    let usual = idle.rhythm(side).steady()?;
    let spoke = idle.spoke(side).time;
    let silent = connection.capture_end.time - spoke;
    let long = silent >= SHORTEST && silent.as_nanos() >= usual.as_nanos().saturating_mul(MISSED);
    // What came later shows that the path still carries packets.
    let quiet = connection.tcp.last.time - spoke <= usual;
    (long && quiet).then_some((side, usual, silent))
}
