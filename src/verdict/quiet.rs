//! A side that was not heard any more: the path or its host is gone.

use crate::catalogue::Catalogue;
use crate::facts::{Facts, Quiet, Silence};
use crate::tcp::IcmpKind;
use crate::time::Span;
use crate::timeline::Undelivered;

use super::{Cause, Confidence, Party, Verdict, timers};

pub(super) fn unheard(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    let quiet = facts.quiet?;
    let verdict = match quiet.kind {
        Silence::Everything => gone(facts, catalogue, &quiet),
        Silence::Acknowledgements => unacknowledged(facts, &quiet),
        Silence::BeyondHere => one_way(facts, &quiet),
    };
    let verdict = match quiet.undelivered {
        Some(undelivered) => told_by_router(verdict, &quiet, &undelivered),
        None => verdict,
    };
    Some(verdict.settled_by(format!(
        "A capture at the {}'s host over the same time: whether the packets arrived there, and whether it answered.",
        quiet.side
    )))
}

/// A router's word: it names the place, and often the reason.
fn told_by_router(mut verdict: Verdict, quiet: &Quiet, undelivered: &Undelivered) -> Verdict {
    let router = undelivered.error.router;
    let (lost, advice) = match undelivered.error.kind {
        IcmpKind::Prohibited => (
            "a rule prohibits its packets".to_owned(),
            format!(
                "Read the firewall rules of {router} and their changes: it says that it prohibits these packets."
            ),
        ),
        IcmpKind::TooBig(mtu) => (
            mtu.map_or_else(
                || "its packets are too big for the next link".to_owned(),
                |mtu| format!("its packets are too big for the next link, which takes {mtu} bytes at most"),
            ),
            format!(
                "Let the {}'s host receive ICMP “packet too big” messages and heed them, or lower its MTU (or clamp the \
                 MSS) to what the path takes.",
                undelivered.from
            ),
        ),
        IcmpKind::TimeExceeded => (
            "its packets passed too many routers".to_owned(),
            format!("Look for a routing loop behind {router}."),
        ),
        _ => (
            format!("the {} is unreachable, so its host or the link to it is gone", quiet.side),
            format!(
                "Look at what is behind {router} on the way to the {}: it could not reach it.",
                quiet.side
            ),
        ),
    };
    verdict.summary = format!(
        "{}; a router ({router}) told the {} that {lost}.",
        verdict.summary.trim_end_matches('.'),
        undelivered.from
    );
    verdict.confidence = Confidence::High;
    verdict.alternatives.clear();
    verdict.advice.insert(0, advice);
    verdict.shown_by(undelivered.at, format!("an ICMP error from {router}: {lost}"))
}

fn gone(facts: &Facts, catalogue: &Catalogue, quiet: &Quiet) -> Verdict {
    let (quiet_side, witness) = (quiet.side, quiet.side.other());
    let mut verdict = Verdict::new(facts, Party::Network, Cause::PathLost, Confidence::Medium).summary(format!(
        "The {quiet_side} fell silent without a word: nothing came back to what the {witness} sent {} times in {}, so \
         the path or the {quiet_side}'s host was gone.",
        quiet.attempts,
        quiet.last_attempt.time - quiet.first_attempt.time,
    ));
    if let Some(heard) = quiet.last_heard {
        verdict = verdict.shown_by(heard, format!("the last packet of the {quiet_side}"));
    }
    verdict = verdict
        .shown_by(quiet.first_attempt, format!("the {witness}'s first packet that was not acknowledged"))
        .shown_by(quiet.last_attempt, format!("its last attempt, {} in all", quiet.attempts));
    if let Some(act) = facts.act {
        verdict = verdict.shown_by(act.at, format!("the {} gave up", act.from));
    }
    let verdict = verdict.or_else(
        format!("the {quiet_side}'s host crashed or lost power"),
        true,
        "a host that is gone leaves the same silence as a path that is gone",
    );
    let before = quiet.last_heard.map_or(Span::ZERO, |heard| quiet.first_attempt.time - heard.time);
    match timers::forgetting(facts, catalogue, before, Some(quiet.first_attempt)) {
        Some(forgetting) => forgotten(verdict, before, forgetting),
        None => verdict.advise(silence_advice(facts)),
    }
}

/// A silence came before: something may have forgotten the connection, and drops its packets since.
fn forgotten(mut verdict: Verdict, before: Span, forgetting: timers::Forgetting) -> Verdict {
    let fact =
        format!("nothing was said for {before} before the first packet in vain; {}", forgetting.bound());
    let advice = forgetting.advice();
    verdict.candidates = forgetting.candidates;
    verdict
        .or_else(
            "a NAT, load balancer or firewall on the path forgot the quiet connection and drops its packets",
            true,
            fact,
        )
        .advise(advice)
}

fn unacknowledged(facts: &Facts, quiet: &Quiet) -> Verdict {
    let (deaf, witness) = (quiet.side, quiet.side.other());
    Verdict::new(facts, Party::Network, Cause::PathLost, Confidence::Medium)
        .summary(format!(
            "What the {witness} sent no longer reached the {deaf}: it was sent {} times in {} and never acknowledged, \
             although packets of the {deaf} still came: one direction of the path was lost.",
            quiet.attempts,
            quiet.last_attempt.time - quiet.first_attempt.time,
        ))
        .shown_by(quiet.first_attempt, format!("nothing that the {witness} sends is acknowledged from here on"))
        .shown_by(quiet.last_attempt, "the last attempt to send it")
        .or_else(
            format!("a firewall near the {deaf} drops what the {witness} sends"),
            true,
            "only one direction is affected",
        )
        .advise("Check firewalls and routes for this one direction at the time of the first attempt.")
}

fn one_way(facts: &Facts, quiet: &Quiet) -> Verdict {
    let (answering, repeating) = (quiet.side, quiet.side.other());
    Verdict::new(facts, Party::Network, Cause::PathLost, Confidence::Medium)
        .summary(format!(
            "The {answering}'s packets no longer reached the {repeating}, which sent the same data again {} times \
             although it had been acknowledged: one direction of the path was lost.",
            quiet.attempts
        ))
        .shown_by(quiet.last_attempt, format!("the {repeating} repeats what was acknowledged"))
        .or_else(
            format!("a firewall near the {repeating} drops what the {answering} sends"),
            true,
            "only one direction is affected",
        )
}

fn silence_advice(facts: &Facts) -> String {
    let before = facts.silence_before_end();
    if before >= Span::from_secs(30) {
        "Check firewalls, NAT and load balancers on the path for an idle timeout shorter than this silence, and send \
         pings more often than it."
            .to_owned()
    } else {
        "Check the path and the host at the time of the last packet heard; a heartbeat with a short timeout makes \
         the loss noticed sooner."
            .to_owned()
    }
}
