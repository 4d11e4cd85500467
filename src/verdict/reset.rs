//! Ends by an RST: forged, answered without a connection, given up, or aborted.

use crate::catalogue::Catalogue;
use crate::facts::{ActKind, Class, Facts, JudgedReset, Mechanism};
use crate::flow::Stamp;
use crate::tcp::IpIdFit;
use crate::time::Span;
use crate::timeline::EventKind;

use super::{Cause, Confidence, Party, Verdict, timers};

/// After a shorter silence, a rule that rejects is the better reading than a box that forgot.
const FORGETTING: Span = Span::from_secs(10);

/// Attempts in vain before an RST that mean that the path was lost first.
const ATTEMPTS: u32 = 3;

pub(super) fn injected(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    let judged = ending_reset(facts).filter(|judged| judged.class == Class::Injected)?;
    let (from, reset) = (judged.from(), &judged.reset);
    if let Some(twin) = judged.twin {
        return Some(forged_to_both(facts, judged, twin));
    }
    let spoke = facts.connection.tcp.sides.get(from).spoke_after_reset;
    let certain = spoke.is_some() && (!reset.facts.ttl_seen || reset.facts.ip_id_fit == IpIdFit::Breaks);
    let confidence = if certain { Confidence::High } else { Confidence::Medium };
    let mut verdict = Verdict::new(facts, Party::Injector, Cause::FirewallReset, confidence)
        .summary(format!(
            "Something on the path ended the connection with a forged RST in the {from}'s name; the {from} itself did \
             not send it."
        ))
        .shown_by(reset.at, format!("the RST: {}", looks(judged)));
    if let Some(spoke) = spoke {
        verdict = verdict.shown_by(spoke, format!("the {from} keeps talking after “its” RST"));
    }
    Some(
        verdict
            .or_else(
                format!("the {from}'s host sent it while packets were still on their way"),
                false,
                "what it sent later is newer than the RST",
            )
            .settled_by(format!("A capture at the {from}'s host: the RST is not there."))
            .advise("Look for a firewall, IPS or content filter on the path, and its log at this time."),
    )
}

/// An RST to each end in the other's name: no pair of hosts sends that.
fn forged_to_both(facts: &Facts, judged: &JudgedReset, twin: Stamp) -> Verdict {
    let (from, other) = (judged.from(), judged.from().other());
    let sides = &facts.connection.tcp.sides;
    let odd = !judged.reset.facts.ttl_seen || judged.reset.facts.ip_id_fit == IpIdFit::Breaks;
    let spoke = [from, other].into_iter().find_map(|side| Some((side, sides.get(side).spoke_after_reset?)));
    let confidence = if odd && spoke.is_some() { Confidence::High } else { Confidence::Medium };
    let verdict = Verdict::new(facts, Party::Injector, Cause::FirewallReset, confidence)
        .summary(format!(
            "Something on the path ended the connection with forged RSTs to both sides, each in the other side's \
             name, {} apart; neither side sent them.",
            (twin.time - judged.reset.at.time).abs()
        ))
        .shown_by(judged.reset.at, format!("the RST in the {from}'s name: {}", looks(judged)))
        .shown_by(twin, format!("the RST in the {other}'s name, although a host never answers an RST with one"));
    let verdict = match spoke {
        Some((side, at)) => verdict.shown_by(at, format!("the {side} keeps talking after “its” RST")),
        None => verdict,
    };
    verdict
        .or_else(
            "both sides broke it off at the same moment, each on its own",
            false,
            "that takes a common reason within one round trip",
        )
        .settled_by("A capture at either host: the RST in its name is not sent there.")
        .advise("Look for a firewall, IPS, content filter or load balancer on the path, and its log at this time.")
}

pub(super) fn gave_up(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    let judged = ending_reset(facts).filter(|judged| judged.class == Class::KeepaliveGaveUp)?;
    let (from, other) = (judged.from(), judged.from().other());
    let probes = judged.reset.facts.unanswered_probes;
    let verdict = Verdict::new(facts, Party::Network, Cause::PathLost, Confidence::Medium).summary(format!(
        "The {other} could not be reached any more: {probes} TCP keep-alive probes of the {from} got no answer, then \
         its kernel gave up."
    ));
    let verdict = match facts.quiet.and_then(|quiet| quiet.last_heard) {
        Some(heard) => verdict.shown_by(heard, format!("the last packet of the {other}")),
        None => verdict,
    };
    let verdict = match facts.connection.tcp.sides.get(from).last_keepalive {
        Some(probe) => verdict.shown_by(probe, "the last probe, unanswered like those before"),
        None => verdict,
    };
    Some(
        verdict
            .shown_by(judged.reset.at, format!("the {from}'s kernel gives up: {}", looks(judged)))
            .or_else(format!("the {other}'s host crashed or lost power"), true, "it leaves the same silence")
            .settled_by(format!("A capture at the {other}'s host: whether the probes arrive."))
            .advise(format!(
                "Check the path to the {other} and its host at the time of its last packet; pings of the application \
                 notice such a loss sooner than TCP does."
            )),
    )
}

pub(super) fn lost_state(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    let judged =
        ending_reset(facts).filter(|judged| matches!(judged.class, Class::Reactive | Class::Reject))?;
    let sides = &facts.connection.tcp.sides;
    let in_vain = sides.client.worst_unanswered.segments.max(sides.server.worst_unanswered.segments);
    if in_vain >= ATTEMPTS {
        return Some(after_a_lost_path(facts, judged, in_vain));
    }
    if judged.class == Class::Reject || !judged.reset.facts.ttl_seen {
        return Some(answered_by_a_box(facts, judged, catalogue));
    }
    let from = judged.from();
    if let Some(syn) = came_back(facts, judged) {
        return Some(restarted(facts, judged, syn));
    }
    let silence = facts.silence_before(judged.reset.facts.trigger.map(|trigger| trigger.at));
    let mut verdict = Verdict::new(facts, from.into(), Cause::LostState, Confidence::Medium)
        .summary(format!(
            "The {from}'s host answered that it knows no such connection: it had lost it without a word \
             (a restart, a crash, a failover), after {silence} without a message."
        ))
        .shown_by(judged.reset.at, format!("an RST that answers a packet: {}", looks(judged)));
    verdict.candidates = timers::may_have_forgotten(facts, catalogue, silence);
    Some(
        triggered(verdict, judged)
            .or_else(
                "a NAT, load balancer or firewall on the path forgot the connection and answered in its place",
                silence >= Span::from_secs(60),
                format!("there was a silence of {silence} before"),
            )
            .settled_by(format!("A capture at the {from}'s host: whether the packet arrives and who answers it."))
            .advise(format!(
                "Check whether the {from} restarted or failed over, and whether something on the path forgets idle \
                 connections; pings keep such state alive."
            )),
    )
}

/// The SYN with which the sender of an RST had begun anew from the same port.
fn came_back(facts: &Facts, judged: &JudgedReset) -> Option<Stamp> {
    let events = facts.connection.timeline.history.events();
    let syn = events.iter().rfind(|event| {
        matches!(event.kind, EventKind::SynOnOpenConnection)
            && event.from == Some(judged.from())
            && event.at.packet < judged.reset.at.packet
    });
    syn.map(|event| event.at)
}

fn restarted(facts: &Facts, judged: &JudgedReset, syn: Stamp) -> Verdict {
    let (from, other) = (judged.from(), judged.from().other());
    let verdict = Verdict::new(facts, from.into(), Cause::LostState, Confidence::Medium)
        .summary(format!(
            "The {from}'s host had restarted or lost the connection without a word: it began a new one from the same \
             port, and when the {other} spoke of the old one it answered with an RST."
        ))
        .shown_by(syn, format!("the {from} begins a new connection from the same port"))
        .shown_by(judged.reset.at, format!("the RST that gives the old one up: {}", looks(judged)));
    triggered(verdict, judged)
        .or_else(
            "a NAT gave the same port to another connection",
            true,
            "behind a NAT several hosts share one address",
        )
        .settled_by(format!(
            "The {from}'s system log: whether it restarted. Behind a NAT, a capture behind it."
        ))
        .advise(format!("Look for a restart of the {from}'s host before the new connection."))
}

pub(super) fn abort(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    if facts.mechanism != Mechanism::RstWithoutClose {
        return None;
    }
    let judged = ending_reset(facts)?;
    let (from, reset) = (judged.from(), &judged.reset);
    let confidence = if judged.class == Class::ActiveAbort { Confidence::Medium } else { Confidence::Low };
    let party =
        if facts.connection.tcp.sides.get(from).last_spoke.is_some() { from.into() } else { Party::Unknown };
    let verdict = Verdict::new(facts, party, Cause::ProcessExit, confidence);
    Some(
        broken_off(facts, verdict, judged)
            .shown_by(reset.at, format!("the RST: {}", looks(judged)))
            .or_else(
                "a proxy at that address aborted it, or passed on an end from behind it",
                true,
                format!("the capture shows only what came from the {from}'s address"),
            )
            .or_else("something on the path forged it", false, "its header fits the sender's other packets")
            .settled_by(format!("The {from}'s log at this time, or a capture on its host."))
            .advise(format!("Look for a crash, a kill or an abort in the {from}'s log at this time.")),
    )
}

/// Data that its program had not read makes a kernel end a closed or dead socket with an RST; without
/// such data it takes an abort on purpose.
fn broken_off(facts: &Facts, verdict: Verdict, judged: &JudgedReset) -> Verdict {
    let (from, other) = (judged.from(), judged.from().other());
    let bytes = judged.reset.facts.unanswered_bytes;
    let after = facts.silence_before_end();
    let last = facts.connection.timeline.idle.as_ref().map(|idle| idle.spoke(other));
    match last.filter(|_| bytes > 0 && judged.class == Class::ActiveAbort) {
        Some(last) => verdict
            .summary(format!(
                "The {from} broke the connection off with an RST and no Close, {after} after the last message; what the \
                 {other} had sent it ({bytes} bytes) was not answered: its program died or closed without having read \
                 everything, or aborted on purpose."
            ))
            .shown_by(last, format!("the {other}'s last message: received by the {from}'s host, not answered")),
        None => verdict.summary(format!(
            "The {from} broke the connection off with an RST and no Close, {after} after the last message: its program \
             aborted on purpose, crashed or was killed."
        )),
    }
}

fn ending_reset(facts: &Facts) -> Option<&JudgedReset> {
    match facts.act?.kind {
        ActKind::Reset(index) => facts.resets.get(index),
        ActKind::Close(_) | ActKind::Fin(_) => None,
    }
}

fn after_a_lost_path(facts: &Facts, judged: &JudgedReset, in_vain: u32) -> Verdict {
    let from = judged.from();
    let verdict = Verdict::new(facts, Party::Network, Cause::PathLost, Confidence::Medium)
        .summary(format!(
            "The path was lost for a while ({in_vain} attempts in vain); when packets got through again, the {from} \
             no longer knew the connection and answered with an RST."
        ))
        .shown_by(judged.reset.at, format!("the RST that answers it: {}", looks(judged)));
    triggered(verdict, judged)
        .or_else(format!("the {from}'s host was down for that time"), true, "it leaves the same silence")
        .settled_by(format!("A capture at the {from}'s host over the whole time."))
}

fn answered_by_a_box(facts: &Facts, judged: &JudgedReset, catalogue: &Catalogue) -> Verdict {
    let from = judged.from();
    let silence = facts.silence_before(judged.reset.facts.trigger.map(|trigger| trigger.at));
    let mut verdict = Verdict::new(facts, Party::Network, Cause::LostState, Confidence::Medium)
        .summary(format!(
            "A NAT, load balancer or firewall on the path answered for the {from} that there is no such connection, \
             after {silence} without a message; the {from} itself did not."
        ))
        .shown_by(judged.reset.at, format!("the RST: {}", looks(judged)));
    verdict.candidates = timers::may_have_forgotten(facts, catalogue, silence);
    let verdict = triggered(verdict, judged);
    let verdict = match facts.connection.tcp.handshake_delays.filter(|_| judged.is_too_quick) {
        Some(delays) => verdict.shown_by(
            judged.reset.at,
            format!(
                "it came sooner than the {from} can answer: the way there and back takes {}",
                delays.get(from.other())
            ),
        ),
        None => verdict.or_else(
            format!("the {from}'s host sent it by another route, or with another TTL than its program's"),
            false,
            "its TTL differs from that of the other packets, and nothing else does",
        ),
    };
    verdict
        .or_else(
            "a firewall rule rejects the connection's packets, or an IPS cut it on purpose",
            silence < FORGETTING,
            format!("there was a silence of {silence} before; a rule answers after any"),
        )
        .settled_by(format!("A capture at the {from}'s host: the RST is not sent there."))
        .advise(
            "Find the box on the path that forgets or rejects the connection (NAT or firewall idle timeout, rule \
             change), and send pings more often than its timeout.",
        )
}

fn triggered(verdict: Verdict, judged: &JudgedReset) -> Verdict {
    match judged.reset.facts.trigger {
        Some(trigger) => verdict
            .shown_by(trigger.at, format!("the packet that the RST answers, {} before it", trigger.delay)),
        None => verdict,
    }
}

fn looks(judged: &JudgedReset) -> String {
    let (facts, from) = (&judged.reset.facts, judged.from());
    let usual = match facts.usual_ttl {
        Some(ttl) if ttl != facts.ttl => format!(" (the {from}'s other packets: {ttl})"),
        Some(_) => format!(", like the {from}'s other packets"),
        None => String::new(),
    };
    let ack = if facts.has_ack { "with ACK" } else { "without ACK" };
    let id = match facts.ip_id_fit {
        IpIdFit::Continues => format!(", its IP id continues the {from}'s counter"),
        IpIdFit::Breaks => format!(", its IP id does not fit the {from}'s other packets"),
        IpIdFit::Zero => ", its IP id is 0".to_owned(),
        IpIdFit::Unknown => String::new(),
    };
    let label = match facts.flow_label_fits {
        Some(false) => {
            format!(", its IPv6 flow label is not the one of the {from}'s other packets: no socket sent it")
        }
        _ => String::new(),
    };
    format!("TTL {}{usual}; {ack}{id}{label}", facts.ttl)
}
