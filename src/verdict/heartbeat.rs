//! The closer had sent pings in vain.

use crate::catalogue::Catalogue;
use crate::facts::{Facts, Mechanism};
use crate::flow::{Side, Stamp};
use crate::time::Span;
use crate::timeline::WaitingPing;

use super::{Cause, Confidence, Verdict};

/// A pong that is younger than this may simply be on its way.
const PONG_WAIT: Span = Span::from_secs(1);

pub(super) fn missed(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    if !matches!(facts.mechanism, Mechanism::FinWithoutClose | Mechanism::RstWithoutClose) {
        return None;
    }
    let act = facts.act?;
    let (closer, other) = (act.from, act.from.other());
    let ping = in_vain(facts, closer, act.at)?;
    let waited = act.at.time - ping.at.time;
    let state = state(facts, closer, ping);
    let verdict = Verdict::new(facts, closer.into(), Cause::MissedHeartbeat, Confidence::Medium)
        .summary(format!(
            "The {closer} ended the connection without a Close {waited} after a ping that the {other} never answered."
        ))
        .shown_by(ping.at, format!("the {closer}'s ping: {state}"))
        .shown_by(act.at, format!("the {closer} ends the connection"))
        .or_else(
            format!("the {closer}'s process ended for another reason"),
            true,
            "a killed process leaves the same FIN or RST",
        )
        .settled_by(format!("The {closer}'s log at this time: a library that misses pongs says so."))
        .advise(format!(
            "Find out why the {other} did not answer pings: a library with pongs switched off, a blocked event loop, \
             a suspended process."
        ));
    Some(verdict)
}

/// How far a ping got that was not answered.
pub(super) fn state(facts: &Facts, closer: Side, ping: &WaitingPing) -> String {
    let other = closer.other();
    if facts.connection.tcp.sides.get(closer).acked >= ping.end {
        format!("the {other}'s host acknowledged it, its application sent no pong")
    } else {
        format!("the {other}'s host did not acknowledge it")
    }
}

/// The oldest ping of `side` that was still without a pong at `end`, although it had waited longer
/// than any before.
pub(super) fn in_vain(facts: &Facts, side: Side, end: Stamp) -> Option<&WaitingPing> {
    let pings = facts.connection.timeline.pings.get(side);
    let oldest = pings.waiting().next()?;
    let waited = end.time - oldest.at.time;
    let slow = waited >= PONG_WAIT && pings.rtt.max().is_none_or(|slowest| waited > slowest);
    slow.then_some(oldest)
}
