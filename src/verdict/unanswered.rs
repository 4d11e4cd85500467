//! The request that asks for a WebSocket got no answer.

use crate::facts::{Facts, Quiet, Silence};
use crate::flow::{Side, Stamp};
use crate::time::Span;
use crate::timeline::ForeignAnswer;

use super::refused::HTTPS;
use super::{Cause, Confidence, Party, Verdict};

/// A client that goes sooner had a reason of its own; a server that is well answers in less.
const PATIENCE: Span = Span::from_secs(1);

/// A request that was sent so often in vain shows that the path or the host is gone.
const ATTEMPTS: u32 = 3;

/// What became of a request that was not answered.
pub(super) fn upgrade(facts: &Facts) -> Verdict {
    if let Some(answer) = facts.connection.timeline.foreign_answer {
        return foreign(facts, answer);
    }
    match facts.connection.timeline.first_end() {
        None => waiting(facts),
        Some((Side::Client, at, is_reset)) => given_up(facts, at, is_reset),
        Some((Side::Server, at, is_reset)) => match is_for_tls(facts, at) {
            true => to_tls_port(facts, at, is_reset),
            false => hung_up(facts, at, is_reset),
        },
    }
}

/// The answer may be among what the capture does not hold.
pub(super) fn unseen(facts: &Facts) -> Verdict {
    let verdict = asked(facts, Verdict::new(facts, Party::Unknown, Cause::Unknown, Confidence::Low));
    let (verdict, ended) = match facts.connection.timeline.first_end() {
        None => (verdict, ", nor is an end of the connection".to_owned()),
        Some((from, at, is_reset)) => {
            let end = end(is_reset);
            let ended = format!(". The {from}'s address ended the connection with {end}{}", after(facts, at));
            (verdict.shown_by(at, format!("{end} from the {from}'s address")), ended)
        }
    };
    verdict
        .summary(format!(
            "Whether the WebSocket was opened is not known: the answer to the upgrade is not in the capture{ended}."
        ))
        .or_else("it was open, and this is its end", true, "bytes of the server are missing where the answer would be")
        .or_else("it was refused", true, "the answer is not in the capture")
        .settled_by("The server's log at this time, or a capture that lost nothing.")
}

/// The answer came when the client had gone: the WebSocket never opened for it.
pub(super) fn too_late(facts: &Facts) -> Option<Verdict> {
    let timeline = &facts.connection.timeline;
    let response = timeline.response.as_ref()?;
    let (from, at, is_reset) = timeline.first_end()?;
    let late = from == Side::Client && timeline.request.is_some() && response.at.packet > at.packet;
    // What was said nevertheless is no matter of the upgrade.
    let silent = timeline.frames.client.total() == 0;
    (late && silent).then(|| {
        given_up(facts, at, is_reset)
            .shown_by(response.at, format!("the answer, {} too late", response.at.time - at.time))
    })
}

/// Whether the request was hung up on, although it went in plain text to the port of HTTPS.
fn is_for_tls(facts: &Facts, end: Stamp) -> bool {
    let request = facts.connection.timeline.request.as_ref();
    let asked = request.is_some_and(|request| request.at.packet < end.packet);
    asked && facts.connection.tcp.endpoints.server.port == HTTPS
}

/// What listens for TLS hangs up on what is none.
fn to_tls_port(facts: &Facts, at: Stamp, is_reset: bool) -> Verdict {
    let end = end(is_reset);
    asked(facts, Verdict::new(facts, Party::Client, Cause::TlsFailure, Confidence::Medium))
        .summary(format!(
            "The WebSocket was never opened: the client had sent its request in plain text to port {HTTPS}, which is for \
             TLS, and the server's address ended the connection with {end}{}.",
            after(facts, at)
        ))
        .shown_by(at, format!("{end} from the server's address, without an answer"))
        .or_else(
            "the server, or a proxy there, hung up for another reason",
            true,
            "it would look the same here",
        )
        .settled_by("The log of what listens at the server's address, and whether it expects TLS on this port.")
        .advise("Let the client use wss:// for this port, or the port that the server has for ws://.")
}

/// What answers is no HTTP server: a TLS server tells so with an alert.
fn foreign(facts: &Facts, answer: ForeignAnswer) -> Verdict {
    let (what, party, cause, confidence) = match answer.is_tls {
        true => (
            "with a TLS alert: the client had sent it in plain text to a port that speaks TLS",
            Party::Client,
            Cause::TlsFailure,
            Confidence::High,
        ),
        false => ("with something that is not HTTP", Party::Server, Cause::Refused, Confidence::Medium),
    };
    let verdict = asked(facts, Verdict::new(facts, party, cause, confidence))
        .summary(format!("The WebSocket was never opened: the server answered the upgrade request {what}."))
        .shown_by(answer.at, "the answer");
    if answer.is_tls {
        return verdict
            .advise("Let the client use wss:// for this port, or the port that the server has for ws://.");
    }
    verdict
        .settled_by("What listens at the server's address.")
        .advise("Check the port: what listens there does not speak HTTP.")
}

/// Nothing came back to the request, although it was sent again and again.
fn unheard(facts: &Facts, end: Option<(Stamp, bool)>) -> Option<Verdict> {
    let unheard = |quiet: &Quiet| quiet.side == Side::Server && quiet.kind != Silence::BeyondHere;
    let quiet = facts.quiet.filter(|quiet| unheard(quiet) && !is_acknowledged(facts))?;
    // The FIN with which the client goes was an attempt of another kind.
    let goes = end.is_some_and(|(at, _)| at.packet <= quiet.last_attempt.packet);
    let attempts = quiet.attempts.saturating_sub(u32::from(goes));
    if attempts < ATTEMPTS {
        return None;
    }
    let given_up = match end {
        Some((at, is_reset)) => {
            format!("; the client gave up with {}{}", self::end(is_reset), after(facts, at))
        }
        None => String::new(),
    };
    let verdict = asked(facts, Verdict::new(facts, Party::Network, Cause::PathLost, Confidence::Medium)).summary(format!(
        "The WebSocket was never opened: the upgrade request was sent again and again, {} times in {}, and never \
         acknowledged, so the path or the server's host was gone{given_up}.",
        attempts,
        quiet.last_attempt.time - quiet.first_attempt.time
    ));
    let verdict = match quiet.last_heard {
        Some(heard) => verdict.shown_by(heard, "the last packet of the server"),
        None => verdict,
    };
    Some(
        verdict
            .shown_by(quiet.last_attempt, "the last attempt")
            .or_else(
                "a firewall on the path lets the connection open and drops the request",
                true,
                "it leaves the same silence",
            )
            .settled_by("A capture at the server: whether the request arrives, and whether an answer is sent.")
            .advise(
                "Check the path and firewalls between the two, and whether larger packets get through: the handshake's small \
                 ones did.",
            ),
    )
}

fn waiting(facts: &Facts) -> Verdict {
    if let Some(verdict) = unheard(facts, None) {
        return verdict;
    }
    let request = facts.connection.timeline.request.as_ref();
    let waited = request
        .map_or(String::new(), |_| format!(", {} after it", waited(facts, facts.connection.capture_end)));
    asked(facts, Verdict::new(facts, Party::Unknown, Cause::Refused, Confidence::Low))
        .summary(format!(
            "The WebSocket was never opened: no answer to the upgrade request had come when the capture ended{waited}."
        ))
        .settled_by("A capture that goes on longer, or one at the server.")
}

/// The client went before an answer came: who waited is the witness, not the culprit.
fn given_up(facts: &Facts, at: Stamp, is_reset: bool) -> Verdict {
    if let Some(verdict) = unheard(facts, Some((at, is_reset))) {
        return verdict;
    }
    let (end, after) = (end(is_reset), after(facts, at));
    let acknowledged = is_acknowledged(facts);
    let (party, confidence, told) = match (waited(facts, at) >= PATIENCE, acknowledged) {
        (false, _) => (
            Party::Client,
            Confidence::Medium,
            format!(
                "the client did not wait for the answer to its upgrade request and ended the connection with {end}{after}"
            ),
        ),
        (true, true) => (
            Party::Server,
            Confidence::Medium,
            format!(
                "the server's host received the upgrade request and nothing answered it; the client gave up with {end}{after}"
            ),
        ),
        (true, false) => (
            Party::Unknown,
            Confidence::Low,
            format!("the upgrade request was never acknowledged; the client gave up with {end}{after}"),
        ),
    };
    let verdict = asked(facts, Verdict::new(facts, party, Cause::Refused, confidence))
        .summary(format!("The WebSocket was never opened: {told}."))
        .shown_by(at, format!("{end} from the client, before any answer"));
    let verdict = match party {
        Party::Server => verdict.or_else(
            "a proxy at that address waited in vain for a server behind it",
            true,
            "it would look the same here",
        ),
        _ => verdict,
    };
    verdict
        .or_else(
            "the answer was sent and did not reach this point",
            false,
            "no packet of the server tells of an answer",
        )
        .settled_by("A capture at the server: whether the request arrives, and whether an answer is sent.")
        .advise(
            "Find out why the server, or the proxy before it, took so long to answer the upgrade request.",
        )
}

/// Whether the server's host received all that the client had said.
fn is_acknowledged(facts: &Facts) -> bool {
    let client = &facts.connection.tcp.sides.client;
    client.acked >= client.payload_bytes as i64
}

fn hung_up(facts: &Facts, at: Stamp, is_reset: bool) -> Verdict {
    let end = end(is_reset);
    let verdict = Verdict::new(facts, Party::Server, Cause::Refused, Confidence::Medium);
    let request = facts.connection.timeline.request.as_ref();
    let (told, shown) = match request.is_some_and(|request| request.at.packet > at.packet) {
        true => (
            format!(
                "the server's address took the connection and ended it with {end} before the upgrade request came"
            ),
            "before any request",
        ),
        false => (
            format!(
                "instead of answering the upgrade request, the server's address ended the connection with {end}{}",
                after(facts, at)
            ),
            "without an answer",
        ),
    };
    asked(facts, verdict)
        .summary(format!("The WebSocket was never opened: {told}."))
        .shown_by(at, format!("{end} from the server's address, {shown}"))
        .or_else(
            "a proxy at that address hung up, because of what happened behind it",
            true,
            "it would look the same here",
        )
        .settled_by("The log of what listens at the server's address, and a capture behind it if it is a proxy.")
        .advise(
            "Check that a WebSocket server listens there, that it speaks the protocol of the address (wss:// for TLS, \
             ws:// without), and that it has room for another connection.",
        )
}

fn asked(facts: &Facts, verdict: Verdict) -> Verdict {
    match &facts.connection.timeline.request {
        Some(request) => verdict.shown_by(request.at, "the upgrade request"),
        None => verdict.shown_by(facts.connection.tcp.first, "the connection's first packet"),
    }
}

fn after(facts: &Facts, at: Stamp) -> String {
    let request = facts.connection.timeline.request.as_ref();
    request.map_or(String::new(), |_| format!(", {} after the request", waited(facts, at)))
}

/// How long the request had been unanswered in the packet `at`.
fn waited(facts: &Facts, at: Stamp) -> Span {
    let request = facts.connection.timeline.request.as_ref();
    request.map_or(Span::ZERO, |request| at.time - request.at.time)
}

const fn end(is_reset: bool) -> &'static str {
    if is_reset { "an RST" } else { "a FIN" }
}
