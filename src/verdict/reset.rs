//! Ends by an RST: forged, given up, or aborted.

use crate::catalogue::{Catalogue, Ending, Fit, Stands};
use crate::facts::{ActKind, Class, Facts, JudgedReset, Mechanism};
use crate::flow::Stamp;
use crate::tcp::IpIdFit;
use crate::time::Span;

use super::{Cause, Confidence, Party, Verdict, advice, idle, timers};

/// After a shorter silence no load balancer resets a connection.
const IDLE: Span = Span::from_secs(60);

pub(super) fn injected(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    let judged = ending_reset(facts).filter(|judged| judged.class == Class::Injected)?;
    let (from, reset) = (judged.from(), &judged.reset);
    if let Some(twin) = judged.twin {
        return Some(after_idleness(facts, catalogue, forged_to_both(facts, judged, twin)));
    }
    let spoke = facts.connection.tcp.sides.get(from).spoke_after_reset;
    let certain = spoke.is_some() && reset.facts.has_odd_header();
    let confidence = if certain { Confidence::High } else { Confidence::Medium };
    let (surely, disowned) = match spoke {
        Some(_) => ("", format!("the {from} itself went on as if it had not sent it")),
        None => ("probably ", format!("it does not look like what the {from} itself sends")),
    };
    let mut verdict = Verdict::new(facts, Party::Injector, Cause::FirewallReset, confidence)
        .summary(format!(
            "Something on the path {surely}ended the connection with a forged RST in the {from}'s name: {disowned}."
        ))
        .shown_by(reset.at, format!("the RST: {}", looks(judged)));
    if let Some(spoke) = spoke {
        verdict = verdict.shown_by(spoke, format!("the {from} keeps talking after “its” RST"));
    }
    let (other_reading, speaks_for, fact) = match spoke {
        Some(_) => (
            format!("the {from}'s host sent it while packets were still on their way"),
            false,
            "what it sent later is newer than the RST",
        ),
        None => (
            format!("the {from}'s host, or what answers in its place, sent it by another route"),
            true,
            "only its header speaks against that, and nothing was heard of the host afterwards that would",
        ),
    };
    Some(
        verdict
            .or_else(other_reading, speaks_for, fact)
            .settled_by(format!("A capture at the {from}'s host: the RST is not there."))
            .advise("Look for a firewall, IPS or content filter on the path, and its log at this time."),
    )
}

/// A load balancer that resets both ends when its idle timer fires, as some do, and not a filter.
fn after_idleness(facts: &Facts, catalogue: &Catalogue, mut verdict: Verdict) -> Verdict {
    let silence = facts.silence_before_end();
    if silence < IDLE {
        return verdict;
    }
    let clocks = timers::clocks(facts);
    let mut matches = catalogue.matches(&idle::KINDS, &clocks, &[Ending::Rst], &timers::headers(facts), None);
    matches.retain(|found| found.timer.stands == Stands::Between && found.fit != Fit::Header);
    if matches.is_empty() && idle::whole_silence(facts).is_none() {
        return verdict;
    }
    verdict.cause = Cause::IdleTimeout;
    verdict.summary = format!(
        "After {silence} without a message something on the path reset the connection toward both ends at once, each in the \
         other's name, as a load balancer does whose idle timer fires; no two hosts send such a pair."
    );
    verdict.confidence = verdict.confidence.min(Confidence::Medium);
    verdict.candidates = timers::candidates(&matches);
    verdict.advice = advice::against_silence(facts, silence, matches.first().map(|found| found.timer));
    verdict.advise_all(matches.first().map(advice::setting)).or_else(
        "a firewall or filter cut the connection on purpose at this moment",
        true,
        "its RSTs would look the same; that they came after so round a silence speaks for a timer",
    )
}

/// An RST to each end in the other's name: no pair of hosts sends that.
fn forged_to_both(facts: &Facts, judged: &JudgedReset, twin: Stamp) -> Verdict {
    let (from, other) = (judged.from(), judged.from().other());
    let sides = &facts.connection.tcp.sides;
    let odd = judged.reset.facts.has_odd_header();
    let spoke = [from, other].into_iter().find_map(|side| Some((side, sides.get(side).spoke_after_reset?)));
    let confidence = if odd && spoke.is_some() { Confidence::High } else { Confidence::Medium };
    let verdict = Verdict::new(facts, Party::Injector, Cause::FirewallReset, confidence)
        .summary(format!(
            "Something on the path ended the connection with forged RSTs to both sides, each in the other side's \
             name, {} apart; no two hosts send such a pair.",
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

pub(super) fn ending_reset(facts: &Facts) -> Option<&JudgedReset> {
    match facts.act?.kind {
        ActKind::Reset(index) => facts.resets.get(index),
        ActKind::Close(_) | ActKind::Fin(_) | ActKind::Stream(_) => None,
    }
}

pub(super) fn triggered(verdict: Verdict, judged: &JudgedReset) -> Verdict {
    match judged.reset.facts.trigger {
        Some(trigger) => verdict
            .shown_by(trigger.at, format!("the packet that the RST answers, {} before it", trigger.delay)),
        None => verdict,
    }
}

pub(super) fn looks(judged: &JudgedReset) -> String {
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
