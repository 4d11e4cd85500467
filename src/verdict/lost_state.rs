//! Ends by an RST that answers a packet: its sender, or what answers in its place, knows no such connection.

use crate::catalogue::Catalogue;
use crate::facts::{Class, Facts, JudgedReset};
use crate::flow::Stamp;
use crate::time::Span;
use crate::timeline::EventKind;

use super::reset::{ending_reset, looks, triggered};
use super::{Cause, Confidence, Party, Verdict, timers};

/// After a shorter silence, a rule that rejects is the better reading than a box that forgot.
const FORGETTING: Span = Span::from_secs(10);

/// A shorter silence is none.
const MOMENT: Span = Span::from_millis(100);

/// Attempts in vain before an RST that mean that the path was lost first.
const ATTEMPTS: u32 = 3;

/// A shorter way does not tell a near box from a far host.
const TELLING: Span = Span::from_millis(2);

/// A box that answers for a host is nearer by this many hops at most.
const NEARER: i16 = 16;

/// A pause that stands out of those before it by this factor is no usual one.
const OUTSTANDING: i64 = 3;

/// A shorter pause is everyday.
const PAUSE: Span = Span::from_secs(3);

pub(super) fn answered(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    let judged =
        ending_reset(facts).filter(|judged| matches!(judged.class, Class::Reactive | Class::Reject))?;
    let sides = &facts.connection.tcp.sides;
    let in_vain = sides.client.worst_unanswered.segments.max(sides.server.worst_unanswered.segments);
    if in_vain >= ATTEMPTS {
        return Some(after_a_lost_path(facts, judged, in_vain));
    }
    let elsewhere = judged.class == Class::Reject || judged.reset.facts.comes_from_elsewhere();
    if elsewhere && !comes_from_the_host(facts, judged) {
        return Some(answered_by_a_box(facts, judged, catalogue));
    }
    let from = judged.from();
    if let Some(syn) = came_back(facts, judged) {
        return Some(restarted(facts, judged, syn));
    }
    if let Some((spoke, pause)) = spoke_again(facts, judged) {
        return Some(queued_behind_loss(facts, judged, spoke, pause));
    }
    let silence = facts.silence_before(judged.reset.facts.trigger.map(|trigger| trigger.at));
    let mut verdict = Verdict::new(facts, from.into(), Cause::LostState, Confidence::Medium)
        .summary(format!(
            "The {from}'s host answered that it knows no such connection: it had lost it without a word \
             (a restart, a crash, a failover), {}.",
            after(silence)
        ))
        .shown_by(judged.reset.at, format!("an RST that answers a packet: {}", looks(judged)));
    let trigger = judged.reset.facts.trigger.map(|trigger| trigger.at);
    let forgetting = timers::forgetting(facts, catalogue, silence, trigger);
    let bound = forgetting.as_ref().map_or(String::new(), |forgetting| format!("; {}", forgetting.bound()));
    if let Some(forgetting) = forgetting {
        verdict.advice.push(forgetting.advice());
        verdict.candidates = forgetting.candidates;
    }
    let verdict = match fell_silent(facts, judged) {
        Some((usual, spoke)) => verdict.or_else(
            format!("the path was lost for a while, and the {from} had given up when it was back"),
            true,
            format!(
                "the {from} had spoken every {usual}, and was not heard for {} before the RST",
                judged.reset.at.time - spoke.time
            ),
        ),
        None => verdict,
    };
    let verdict = if silence < FORGETTING {
        verdict.or_else(
            "a rule on the path began to reject the connection, or its address was given to another host or container",
            true,
            "no silence came before in which anything forgets a connection",
        )
    } else {
        verdict
    };
    Some(
        triggered(verdict, judged)
            .or_else(
                "a NAT, load balancer or firewall on the path forgot the connection and answered in its place",
                silence >= Span::from_secs(60),
                format!("there was a silence of {silence} before{bound}"),
            )
            .settled_by(format!("A capture at the {from}'s host: whether the packet arrives and who answers it."))
            .advise(match silence < FORGETTING {
                true => format!(
                    "Check whether the {from} restarted or failed over, and whether a firewall rule or the address of a \
                     container or service changed at this time; a heartbeat does not help against that."
                ),
                false => format!(
                    "Check whether the {from} restarted or failed over, and whether something on the path forgets idle \
                     connections; pings keep such state alive."
                ),
            }),
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

/// Whether an RST with another TTL than its sender's other packets comes as late as the host's own answers do.
///
/// A kernel's answer without a socket has the system's TTL, also where a program had set another one for its
/// connection (Linux `tcp_v4_send_reset`). A box that is nearer by some hops shows a TTL higher by as many.
fn comes_from_the_host(facts: &Facts, judged: &JudgedReset) -> bool {
    let reset = &judged.reset.facts;
    let from = judged.from();
    let (Some(trigger), Some(delays), Some(usual)) =
        (reset.trigger, facts.connection.tcp.handshake_delays, reset.usual_ttl)
    else {
        return false;
    };
    let far = *delays.get(from.other());
    let as_late =
        far >= TELLING && trigger.delay.as_nanos().saturating_mul(5) >= far.as_nanos().saturating_mul(4);
    let nearer = (1..=NEARER).contains(&(i16::from(reset.ttl) - i16::from(usual)));
    let spoke_later = facts.connection.tcp.sides.get(from).spoke_after_reset.is_some();
    as_late && !nearer && !spoke_later && !reset.from_capturing_host
}

fn answered_by_a_box(facts: &Facts, judged: &JudgedReset, catalogue: &Catalogue) -> Verdict {
    let from = judged.from();
    let silence = facts.silence_before(judged.reset.facts.trigger.map(|trigger| trigger.at));
    let mut verdict = Verdict::new(facts, Party::Network, Cause::LostState, Confidence::Medium)
        .summary(format!(
            "Something on the path (a NAT, load balancer or firewall) answered for the {from} that there is no such \
             connection, {}: {}.",
            after(silence),
            if judged.is_too_quick {
                format!("the answer came sooner than the {from} can give it")
            } else {
                format!("the answer did not come from as far away as the {from}'s other packets")
            }
        ))
        .shown_by(judged.reset.at, format!("the RST: {}", looks(judged)));
    let trigger = judged.reset.facts.trigger.map(|trigger| trigger.at);
    let forgetting = timers::forgetting(facts, catalogue, silence, trigger);
    let bound = forgetting.as_ref().map_or(String::new(), |forgetting| format!("; {}", forgetting.bound()));
    if let Some(forgetting) = forgetting {
        verdict.advice.push(forgetting.advice());
        verdict.candidates = forgetting.candidates;
    }
    let verdict = match trigger.filter(|_| !bound.is_empty()) {
        Some(at) => verdict.shown_by(at, format!("a silence of {silence} came before it{bound}")),
        None => verdict,
    };
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
        .advise(match silence < FORGETTING {
            true => {
                "Find the box on the path that rejects the connection or lost its state (a new firewall rule, a restart, a \
                 failover): no idle timeout is so short, so pings do not help against it."
            }
            false => {
                "Find the box on the path that forgets or rejects the connection (NAT or firewall idle timeout, rule \
                 change), and send pings more often than its timeout."
            }
        })
}

/// A silence before an end, in words.
fn after(silence: Span) -> String {
    match silence < MOMENT {
        true => "while messages were going to and fro".to_owned(),
        false => format!("after {silence} without a message"),
    }
}

/// A frame of the RST's sender just before it, after a pause that stands out of all its pauses before.
///
/// A host that sends data and knows no connection a moment later had closed its socket before, and its FIN
/// was not on the wire: it was still sending again what had been lost.
fn spoke_again(facts: &Facts, judged: &JudgedReset) -> Option<(Stamp, Span)> {
    let idle = facts.connection.timeline.idle.as_ref()?;
    let spoke = idle.spoke(judged.from());
    let trigger = judged.reset.facts.trigger?;
    let just = judged.reset.at.time - spoke.time;
    let rtt = facts.connection.tcp.rtt()?;
    let at_once = just.as_nanos() <= rtt.as_nanos().saturating_mul(2).saturating_add(10_000_000);
    let answers = trigger.has_payload && trigger.at.packet > spoke.packet;
    let rhythm = idle.rhythm(judged.from());
    let pause = rhythm.newest().filter(|pause| *pause >= PAUSE)?;
    let before = spoke.time - facts.connection.opened().time;
    let only_one = || before - pause;
    let longest = rhythm.longest_before().unwrap_or_else(only_one);
    let stands_out = pause >= longest.times(OUTSTANDING);
    (judged.class == Class::Reactive && at_once && answers && stands_out).then_some((spoke, pause))
}

fn queued_behind_loss(facts: &Facts, judged: &JudgedReset, spoke: Stamp, pause: Span) -> Verdict {
    let (from, other) = (judged.from(), judged.from().other());
    let verdict = Verdict::new(facts, Party::Network, Cause::PathLost, Confidence::Medium)
        .summary(format!(
            "The path was lost for a while: after {pause} without a message the {from} was heard again and, a moment \
             later, answered the {other} with an RST; it had given the connection up before, and its own end had not got \
             through."
        ))
        .shown_by(spoke, format!("the {from} is heard again after {pause}"))
        .shown_by(judged.reset.at, format!("the RST, although no FIN came before it: {}", looks(judged)));
    triggered(verdict, judged)
        .or_else(
            "a firewall rule on the path began to reject the connection at this moment",
            true,
            format!("it would let the {from}'s message through and answer the reply in its name"),
        )
        .settled_by(format!("A capture at the {from}'s host over the whole time: whether it sent the message again and again."))
        .advise("Check the path between the two during the silence; pings with a short timeout notice such a loss sooner.")
}

/// The pace of the RST's sender and its last frame, where it spoke by itself at a steady pace and then
/// stopped long before the RST.
fn fell_silent(facts: &Facts, judged: &JudgedReset) -> Option<(Span, Stamp)> {
    let idle = facts.connection.timeline.idle.as_ref()?;
    let frames = &facts.connection.timeline.frames;
    let (from, other) = (judged.from(), judged.from().other());
    let by_itself = frames.get(other).total() * 2 < frames.get(from).total();
    let usual = idle.rhythm(from).steady().filter(|_| by_itself)?;
    let silent = judged.reset.at.time - idle.spoke(from).time;
    let long = silent >= PAUSE && silent.as_nanos() >= usual.as_nanos().saturating_mul(5);
    long.then(|| (usual, idle.spoke(from)))
}
