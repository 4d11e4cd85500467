//! The closer had sent pings in vain.

use crate::catalogue::Catalogue;
use crate::facts::{Facts, Mechanism};

use super::{Cause, Confidence, Verdict, spoken};

pub(super) fn missed(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    if !matches!(facts.mechanism, Mechanism::FinWithoutClose | Mechanism::RstWithoutClose) {
        return None;
    }
    let act = facts.act?;
    let (closer, other) = (act.from, act.from.other());
    let pings = facts.connection.timeline.pings.get(closer);
    let ping = pings.waiting().next()?;
    let waited = act.at.time - ping.at.time;
    if pings.rtt.max().is_some_and(|slowest| waited <= slowest) {
        return None;
    }
    let received = facts.connection.tcp.sides.get(closer).acked >= ping.end;
    let state = if received {
        format!("the {other}'s host acknowledged it, its application sent no pong")
    } else {
        format!("the {other}'s host did not acknowledge it")
    };
    let verdict = Verdict::new(facts, closer.into(), Cause::MissedHeartbeat, Confidence::Medium)
        .summary(format!(
            "The {closer} ended the connection without a Close {} after a ping that the {other} never answered.",
            spoken(waited)
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
