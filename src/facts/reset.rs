//! What each RST did, and what kind of RST it is.
//!
//! Linux sends two shapes: an abort (`R+A`, timestamps, real window, identification goes on) and an
//! answer to a packet without a socket (bare `R`, no options, window 0, identification 0). The
//! second shape is genuine: missing options and zeros are no sign of forgery.

use crate::flow::{Side, Stamp};
use crate::time::Span;
use crate::timeline::{Connection, Reset};

/// Keep-alive probes without an answer that make an RST the kernel's giving up.
const PROBES: u32 = 2;

/// Shorter delays do not tell a near hop from a far one.
const TELLING_DELAY: Span = Span::from_millis(1);

/// How far apart two RSTs may be that one box sent, one to each end.
const PAIRED: Span = Span::from_secs(1);

/// An RST with what it did.
#[derive(Clone, Copy, Debug)]
pub struct JudgedReset {
    /// The RST.
    pub reset: Reset,
    /// What it did.
    pub role: Role,
    /// What kind it is.
    pub class: Class,
    /// Whether its sender is who it says.
    pub origin: Origin,
    /// It comes when an answer to a packet of the other side would.
    pub is_answer: bool,
    /// It comes sooner after the packet that it answers than its sender can answer.
    pub is_too_quick: bool,
    /// An RST in the other side's name at the same time, although neither explains the other.
    pub twin: Option<Stamp>,
}

/// What an RST did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Role {
    /// It ended the connection.
    EndedIt,
    /// It followed from an end that had begun before.
    Consequence,
    /// The connection went on.
    Ignored,
}

/// What kind of RST it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Class {
    /// A socket was closed with unread data, or aborted on purpose.
    ActiveAbort,
    /// A host (or a box in its name) answered a packet for which it has no connection.
    Reactive,
    /// The same, but from somewhere else than the host in whose name it was sent.
    Reject,
    /// A kernel gave up after unanswered keep-alive probes.
    KeepaliveGaveUp,
    /// The named sender did not send it.
    Injected,
    /// The connection went on.
    Ineffective,
    /// It followed from an end that had begun before.
    Consequence,
    /// It fits none of these.
    Unclassified,
}

/// Whether an RST's sender is who it says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// Nothing speaks against it.
    Endpoint,
    /// Something else sent it in the endpoint's name.
    Injected,
    /// It cannot be told.
    Unknown,
}

impl Role {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EndedIt => "ended_it",
            Self::Consequence => "consequence",
            Self::Ignored => "ignored",
        }
    }
}

impl Class {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ActiveAbort => "active_abort",
            Self::Reactive => "reactive",
            Self::Reject => "reject",
            Self::KeepaliveGaveUp => "keepalive_gave_up",
            Self::Injected => "injected",
            Self::Ineffective => "ineffective",
            Self::Consequence => "consequence",
            Self::Unclassified => "unclassified",
        }
    }
}

impl Origin {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Injected => "injected",
            Self::Unknown => "unknown",
        }
    }
}

/// Judges the RSTs of a connection, in order of sight.
pub(super) fn judge(connection: &Connection) -> Vec<JudgedReset> {
    let resets = &connection.timeline.resets;
    let mut ended = end_without_reset(connection);
    let mut judged = Vec::with_capacity(resets.len());
    for (index, reset) in resets.iter().enumerate() {
        let begun = ended.is_some_and(|at| at.packet < reset.at.packet);
        let forged = is_forged(connection, reset);
        let role = match () {
            () if begun => Role::Consequence,
            () if went_on(connection, reset) || was_challenged(reset, &resets[index + 1..]) => Role::Ignored,
            () => Role::EndedIt,
        };
        if role == Role::EndedIt {
            ended = Some(reset.at);
        }
        let quick = is_too_quick(connection, reset);
        let class = class(connection, reset, role, forged);
        judged.push(JudgedReset {
            reset: *reset,
            role,
            class,
            origin: origin(class, reset, forged, quick),
            is_answer: is_answer(connection, reset),
            is_too_quick: quick,
            twin: None,
        });
    }
    pair(&mut judged);
    judged
}

/// Finds the RSTs that something between the two ends sent to both of them, each in the other's name.
///
/// A host never answers an RST with an RST (RFC 9293 §3.5.2), so neither is the consequence of the other.
fn pair(judged: &mut [JudgedReset]) {
    let Some(first) = judged.iter().position(|each| each.role == Role::EndedIt) else { return };
    let one = judged[first];
    let unexplained = |each: &JudgedReset| !each.answers() && each.reset.facts.unanswered_probes < PROBES;
    let second = judged.iter().position(|other| {
        let apart = other.reset.at.time - one.reset.at.time;
        other.from() != one.from() && apart >= Span::ZERO && apart <= PAIRED && unexplained(other)
    });
    let Some(second) = second.filter(|_| unexplained(&one)) else { return };
    let twin = judged[second].reset.at;
    for (index, twin) in [(first, twin), (second, one.reset.at)] {
        judged[index].twin = Some(twin);
        judged[index].class = Class::Injected;
        judged[index].origin = Origin::Injected;
    }
}

/// The first Close or FIN.
fn end_without_reset(connection: &Connection) -> Option<Stamp> {
    let closes = connection.timeline.closes.iter().map(|close| close.at);
    let fins = connection.timeline.fins.iter().map(|fin| fin.at);
    closes.chain(fins).min_by_key(|at| at.packet)
}

/// The receiver took no notice: both sides kept talking.
fn went_on(connection: &Connection, reset: &Reset) -> bool {
    let sender = connection.tcp.sides.get(reset.from);
    let receiver = connection.tcp.sides.get(reset.from.other());
    let later = |stamp: Option<Stamp>| {
        stamp.is_some_and(|at| at.packet > reset.at.packet && at.time - reset.at.time > patience(connection))
    };
    let refused = reset.facts.in_window == Some(false);
    let talking = later(sender.last_spoke) && later(receiver.last_spoke);
    let frames_later = connection.timeline.closes.iter().any(|close| close.at.packet > reset.at.packet);
    talking && (refused || frames_later || receiver.segments_after_peer_reset > 2)
}

/// The receiver answered an RST that was not exact with a challenge (RFC 5961 §3.2), and the answer to that,
/// an exact RST of the same address, is what ended the connection.
fn was_challenged(reset: &Reset, later: &[Reset]) -> bool {
    let exact = |next: &&Reset| next.from == reset.from && next.facts.seq_offset <= 0;
    let challenge =
        |next: &Reset| next.facts.trigger.is_some_and(|trigger| trigger.at.packet > reset.at.packet);
    reset.facts.seq_offset > 0 && later.iter().find(exact).is_some_and(challenge)
}

/// A host that keeps talking after its own RST did not send it.
fn is_forged(connection: &Connection, reset: &Reset) -> bool {
    let spoke = connection.tcp.sides.get(reset.from).spoke_after_reset;
    let facts = &reset.facts;
    let talks_on =
        spoke.is_some_and(|at| at.time - reset.at.time >= Span::ZERO && at.packet > reset.at.packet);
    let odd_header = facts.has_odd_header();
    let abort_like = facts.has_ack && facts.usual_timestamps && !facts.has_timestamps;
    let unprovoked = facts.is_reactive_shape() && !is_answer(connection, reset);
    let other_hop = facts.comes_from_elsewhere();
    let spoke_later = talks_on && (odd_header || !in_flight(connection, reset, spoke));
    spoke_later || (other_hop && (abort_like || unprovoked))
}

/// Whether an RST of the reactive shape comes when an answer to its trigger would.
fn is_answer(connection: &Connection, reset: &Reset) -> bool {
    let Some(trigger) = reset.facts.trigger else { return false };
    let odd_id = reset.facts.ip_id.is_some_and(|id| id != 0);
    trigger.delay <= patience(connection) && !odd_id
}

/// Whether what the sender said after its RST may have been on its way already.
fn in_flight(connection: &Connection, reset: &Reset, spoke: Option<Stamp>) -> bool {
    spoke.is_none_or(|at| at.time - reset.at.time <= patience(connection))
}

/// A round trip with a margin.
fn patience(connection: &Connection) -> Span {
    let rtt = connection.tcp.rtt().unwrap_or(Span::from_millis(200));
    Span::from_nanos(rtt.as_nanos().saturating_mul(2)).max(Span::from_millis(10))
}

/// An answer that came back sooner than the handshake's answer from that side is from a nearer hop.
fn is_too_quick(connection: &Connection, reset: &Reset) -> bool {
    let (Some(trigger), Some(delays)) = (reset.facts.trigger, connection.tcp.handshake_delays) else {
        return false;
    };
    let usual = *delays.get(reset.from.other());
    usual >= TELLING_DELAY && trigger.delay.as_nanos().saturating_mul(4) < usual.as_nanos()
}

/// It answers as a kernel or a REJECT rule does, but not from where its named sender is.
fn is_reject(connection: &Connection, reset: &Reset, forged: bool) -> bool {
    let facts = &reset.facts;
    let as_a_kernel = facts.ip_id.unwrap_or(0) == 0 && facts.dont_fragment;
    let other_hop = facts.comes_from_elsewhere();
    let elsewhere = other_hop || facts.from_capturing_host || is_too_quick(connection, reset) || forged;
    facts.is_reactive_shape() && is_answer(connection, reset) && as_a_kernel && elsewhere
}

fn class(connection: &Connection, reset: &Reset, role: Role, forged: bool) -> Class {
    let facts = &reset.facts;
    match role {
        Role::Ignored => Class::Ineffective,
        Role::EndedIt if is_reject(connection, reset, forged) => Class::Reject,
        _ if forged => Class::Injected,
        Role::Consequence => Class::Consequence,
        Role::EndedIt if facts.unanswered_probes >= PROBES && facts.has_ack => Class::KeepaliveGaveUp,
        Role::EndedIt if facts.is_reactive_shape() => Class::Reactive,
        Role::EndedIt if facts.has_ack && facts.has_timestamps == facts.usual_timestamps => {
            Class::ActiveAbort
        }
        Role::EndedIt => Class::Unclassified,
    }
}

fn origin(class: Class, reset: &Reset, forged: bool, quick: bool) -> Origin {
    match class {
        _ if forged => Origin::Injected,
        Class::Reject if reset.facts.from_capturing_host || quick => Origin::Injected,
        Class::Reject => Origin::Unknown,
        Class::Unclassified | Class::Ineffective => Origin::Unknown,
        _ if !reset.facts.ttl_seen => Origin::Unknown,
        _ => Origin::Endpoint,
    }
}

impl JudgedReset {
    /// It is a host's answer to a packet for which it has no connection, or looks like one.
    const fn answers(&self) -> bool {
        self.is_answer && self.reset.facts.is_reactive_shape()
    }

    /// The side in whose name it was sent.
    pub const fn from(&self) -> Side {
        self.reset.from
    }
}
