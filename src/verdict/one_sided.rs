//! What a verdict has to admit where the capture holds one side's packets only.
//!
//! What the other side did is told by acknowledgements alone: an end that came long after the last of them
//! answers nothing, and only then its sender is named.

use crate::facts::{ACKNOWLEDGING, ActKind, Facts, OneSided};
use crate::flow::Side;
use crate::time::Span;
use crate::timeline::Close;
use crate::ws::CloseCode;

use super::close::{first_close, said};
use super::{Cause, Confidence, Party, Verdict, heartbeat};

/// An answer comes sooner after what it answers.
const ALONE: Span = Span::from_millis(500);

/// Codes by which servers end connections; a client sends them in answer (RFC 6455 §7.4.1 and its registry).
const OF_SERVERS: [CloseCode; 5] = [
    CloseCode::POLICY_VIOLATION,
    CloseCode::INTERNAL_ERROR,
    CloseCode::SERVICE_RESTART,
    CloseCode::TRY_AGAIN_LATER,
    CloseCode::BAD_GATEWAY,
];

pub(super) fn admit(facts: &Facts, verdict: Verdict) -> Verdict {
    let Some(side) = facts.one_sided else { return verdict };
    let OneSided { seen, acknowledged, .. } = side;
    let other = seen.other();
    let close = first_close(facts);
    let by_server = close.is_some_and(|close| close.code().is_some_and(|code| OF_SERVERS.contains(&code)));
    let verdict = match verdict.party {
        _ if stands(facts, &verdict, &side) => at_most(verdict, Confidence::Medium),
        Party::Injector => provoked(verdict, other),
        Party::None => at_most(verdict, Confidence::Low),
        Party::Unknown => verdict,
        _ => match (close, seen) {
            (Some(_), Side::Server) if by_server => at_most(verdict, Confidence::Medium),
            (Some(close), Side::Client) if by_server => echoed(verdict, close),
            (Some(_), _) => Verdict { party: Party::Unknown, ..at_most(verdict, Confidence::Low) },
            (None, _) => unknown(facts, verdict, seen),
        },
    };
    let bytes = format!("{acknowledged} byte{}", if acknowledged == 1 { "" } else { "s" });
    verdict
        .shown_by(
            facts.connection.tcp.last,
            format!(
                "the capture holds packets of the {seen} only, up to this one; they acknowledge {bytes} of the {other}"
            ),
        )
        .settled_by("A capture that holds both directions.")
}

/// Whether what was seen proves it, whatever the other side did.
fn stands(facts: &Facts, verdict: &Verdict, side: &OneSided) -> bool {
    let OneSided { seen, alone, .. } = *side;
    let alone = alone.unwrap_or(Span::ZERO);
    let alert = facts.connection.timeline.tls.as_ref().and_then(|tls| tls.fatal_alert());
    let broke = verdict.cause == Cause::TlsFailure
        && alert.is_some_and(|alert| alert.from == seen && alert.alert.is_some());
    broke || alone >= ALONE && follows(facts, verdict, seen, alone)
}

/// Whether a verdict holds where the end answers nothing, as nothing new was heard for so long.
fn follows(facts: &Facts, verdict: &Verdict, seen: Side, alone: Span) -> bool {
    let Some(act) = facts.act else { return false };
    match (act.kind, verdict.cause) {
        // Nothing was acknowledged since a ping of its own, so no pong came.
        (_, Cause::MissedHeartbeat) => heartbeat::in_vain(facts, seen, act.at).is_some(),
        (ActKind::Close(_), _) => true,
        // The silence is one of both sides: neither spoke in it.
        (ActKind::Fin(_), Cause::IdleTimeout) => facts.silence_before_end() - alone <= ACKNOWLEDGING,
        (ActKind::Fin(_), cause) => cause == Cause::ProcessExit,
        (ActKind::Reset(_) | ActKind::Stream(_), _) => false,
    }
}

/// An RST that does not look like its sender's may answer a packet that is not in the capture.
fn provoked(verdict: Verdict, other: Side) -> Verdict {
    at_most(verdict, Confidence::Medium)
        .or_else(
            format!("a firewall that had forgotten the connection answered a packet of the {other} with it"),
            true,
            format!("what the {other} sent was not captured"),
        )
        .or_else(
            "it ended nothing: its receiver ignored it",
            true,
            format!("what the {other} did afterwards was not captured"),
        )
}

/// The client sends a code of servers.
fn echoed(verdict: Verdict, close: &Close) -> Verdict {
    let mut verdict = Verdict { party: Party::Server, ..at_most(verdict, Confidence::Low) };
    verdict.alternatives.clear();
    verdict
        .summary(format!(
            "The client closed with {}. Servers use this code, so the client's Close probably answers one of the \
             server, which is not in the capture.",
            said(close)
        ))
        .or_else(
            "the client closed by itself with this code",
            true,
            "no Close of the server is in the capture",
        )
}

/// What was seen may answer what was not.
fn unknown(facts: &Facts, verdict: Verdict, seen: Side) -> Verdict {
    let other = seen.other();
    let own = format!("the {seen} ended it by itself");
    let answer = format!("what the {other} sent was not captured");
    let verdict = Verdict {
        party: Party::Unknown,
        cause: Cause::Unknown,
        confidence: Confidence::Low,
        alternatives: Vec::new(),
        candidates: Vec::new(),
        advice: Vec::new(),
        ..verdict
    };
    let ended = match facts.act.map(|act| act.kind) {
        Some(ActKind::Reset(_)) => "ended the connection with an RST",
        Some(_) => "ended the connection without a Close",
        None => {
            return verdict.summary(format!(
                "The capture holds packets of the {seen} only, and no end: whether the {other} ended the connection is not \
                 known."
            ));
        }
    };
    verdict
        .summary(format!(
            "The {seen} {ended}; what the {other} sent is not in the capture, so whether the {seen} began the end or \
             answered one is not known."
        ))
        .or_else(own, true, "it is the first end that the capture shows")
        .or_else(format!("the {other} had ended it before"), true, answer)
}

fn at_most(verdict: Verdict, most: Confidence) -> Verdict {
    let confidence = verdict.confidence.min(most);
    Verdict { confidence, ..verdict }
}
