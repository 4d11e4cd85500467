//! One connection in two captures: what one place shows and the other does not.

use crate::facts::{ActKind, Class, Facts, JudgedReset, Mechanism};
use crate::flow::Side;
use crate::time::Span;
use crate::verdict::{Alternative, Cause, Confidence, Evidence, Party, Verdict};

use super::Leg;

/// A capture that ends sooner after an end than this may have missed it.
const MARGIN: Span = Span::from_millis(500);

/// The verdict on a connection that two captures hold, the one nearer to the client first.
///
/// `ahead` tells how far the second clock is ahead of the first.
pub(super) fn verdict(near: &Leg<'_>, far: &Leg<'_>, ahead: Option<Span>) -> Verdict {
    forged(near, far, Side::Server, ahead)
        .or_else(|| forged(far, near, Side::Client, ahead.map(|ahead| Span::from_nanos(-ahead.as_nanos()))))
        .or_else(|| lost(near, far))
        .unwrap_or_else(|| surer(near, far))
}

/// An RST of `side` ends the connection in one capture, and the other, nearer to that side, has none.
fn forged(shows: &Leg<'_>, at_sender: &Leg<'_>, side: Side, ahead: Option<Span>) -> Option<Verdict> {
    let judged = ending_reset(shows.facts).filter(|judged| judged.from() == side)?;
    let sender = &at_sender.facts.connection;
    let absent = !at_sender.facts.resets.iter().any(|other| other.from() == side);
    // The other capture must go on for long enough, by its own clock, to have seen it.
    let seen_until = sender.capture_end.time - judged.reset.at.time;
    let covered = Span::from_nanos(seen_until.as_nanos().saturating_sub(ahead?.as_nanos()));
    if !absent || covered < MARGIN {
        return None;
    }
    let answer = matches!(judged.class, Class::Reactive | Class::Reject);
    let mut verdict = shows.verdict.clone();
    verdict.alternatives.clear();
    let what = if answer {
        (verdict.party, verdict.cause, verdict.confidence) =
            (Party::Network, Cause::LostState, Confidence::Medium);
        verdict.alternatives = vec![Alternative {
            reading: "an IPS or filter between the two cut it on purpose".to_owned(),
            speaks_for: false,
            fact: "it looks like the answer of a box that does not know the connection".to_owned(),
        }];
        "a NAT, load balancer or firewall between the two answered in its place"
    } else {
        let sure = Confidence::High;
        (verdict.party, verdict.cause, verdict.confidence) = (Party::Injector, Cause::FirewallReset, sure);
        "something between the two forged it"
    };
    verdict.summary = format!(
        "The RST that ended the connection carries the {side}'s address, but the capture nearer to the {side} does not \
         have it: {what}."
    );
    verdict.evidence = vec![
        Evidence { at: judged.reset.at, fact: format!("the RST in the {side}'s name, in this capture only") },
        Evidence {
            at: sender.tcp.last,
            fact: format!(
                "the connection's last packet in the capture nearer to the {side}, which has no such RST"
            ),
        },
    ];
    verdict.candidates.clear();
    verdict.would_settle = None;
    Some(verdict)
}

/// Each capture shows a side that speaks and is not heard, or an end that did not arrive.
fn lost(near: &Leg<'_>, far: &Leg<'_>) -> Option<Verdict> {
    let silent = |leg: &Leg<'_>| leg.facts.mechanism == Mechanism::Silence;
    let both = silent(near) && silent(far);
    let telling = if silent(near) { near } else { far };
    let other = if silent(near) { far } else { near };
    let unheard = telling.facts.quiet.filter(|_| silent(telling))?;
    let alive = other.facts.connection.tcp.sides.get(unheard.side).last_spoke?;
    if !both && other.facts.mechanism != Mechanism::StillOpen {
        return None;
    }
    let mut verdict = telling.verdict.clone();
    (verdict.party, verdict.cause, verdict.confidence) = (Party::Network, Cause::PathLost, Confidence::High);
    verdict.alternatives.clear();
    verdict.would_settle = None;
    let fact = format!("the {}'s last packet in the capture nearer to it", unheard.side);
    verdict.cite(alive, fact);
    Some(verdict)
}

/// The surer one; the nearer to the one that ended it where both are alike.
fn surer(near: &Leg<'_>, far: &Leg<'_>) -> Verdict {
    let by_server = near.facts.closer() == Some(Side::Server);
    let open = |leg: &Leg<'_>| leg.facts.act.is_none();
    let far_is_surer = match (open(near), open(far)) {
        (true, false) => true,
        (false, true) => false,
        _ if far.verdict.confidence == near.verdict.confidence => by_server,
        _ => far.verdict.confidence > near.verdict.confidence,
    };
    let leg = if far_is_surer { far } else { near };
    leg.verdict.clone()
}

fn ending_reset(facts: &Facts) -> Option<&JudgedReset> {
    match facts.act?.kind {
        ActKind::Reset(index) => facts.resets.get(index),
        ActKind::Close(_) | ActKind::Fin(_) | ActKind::Stream(_) => None,
    }
}
