//! Ends of an HTTP/2 stream without a Close (RFC 8441 §5, RFC 9113 §7).

use crate::catalogue::Catalogue;
use crate::facts::{ActKind, Facts};
use crate::flow::{Side, Stamp};
use crate::http::{ErrorCode, StreamEndBy};
use crate::timeline::{GoAway, Stream, StreamEnd};

use super::{Cause, Confidence, Verdict};

pub(super) fn ended(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    let stream = facts.connection.timeline.stream.as_deref()?;
    let act = facts.act?;
    let farewell = farewell(stream, act.from, act.at);
    match act.kind {
        ActKind::Stream(index) => Some(by_stream(facts, stream, stream.ends.get(index)?, farewell)),
        ActKind::Fin(_) | ActKind::Reset(_) => Some(gone(facts, act.from, act.at, farewell?)),
        ActKind::Close(_) => None,
    }
}

/// What the side said of the whole connection before `at`.
fn farewell(stream: &Stream, from: Side, at: Stamp) -> Option<GoAway> {
    let said = |each: &&GoAway| each.from == from && each.at.packet <= at.packet;
    stream.go_aways.iter().rev().find(said).copied()
}

fn by_stream(facts: &Facts, stream: &Stream, end: &StreamEnd, farewell: Option<GoAway>) -> Verdict {
    let from = end.from;
    let error = reset_with(stream, end);
    let (cause, why) = match (error, farewell) {
        (_, Some(GoAway { error: ErrorCode::NO_ERROR, .. })) => {
            (Cause::GoingAway, ": it had said before that it is going away".to_owned())
        }
        (error, _) => meaning(error, from),
    };
    let how = match error {
        None => "END_STREAM, which ends a stream as a FIN ends a connection".to_owned(),
        Some(error) => format!("RST_STREAM with {error}"),
    };
    let silence = facts.silence_before_end();
    let verdict = Verdict::new(facts, from.into(), cause, Confidence::Medium)
        .summary(format!(
            "The HTTP/2 stream of the WebSocket was ended from the {from}'s address without a Close, {silence} after the \
             last message{why}."
        ))
        .shown_by(end.at, how);
    settled(told(verdict, farewell), from, cause)
}

/// The connection ended under the stream, after its side had said that it would.
fn gone(facts: &Facts, from: Side, at: Stamp, farewell: GoAway) -> Verdict {
    let (cause, why) = match farewell.error {
        ErrorCode::NO_ERROR => (Cause::GoingAway, ": it had said that it is going away".to_owned()),
        error => meaning(Some(error), from),
    };
    let verdict = Verdict::new(facts, from.into(), cause, Confidence::Medium).summary(format!(
        "The {from} ended the whole HTTP/2 connection, and the WebSocket on it without a Close{why}."
    ));
    settled(told(verdict, Some(farewell)).shown_by(at, "the end of the connection"), from, cause)
}

/// With which error the side reset the stream in the packet of this end.
fn reset_with(stream: &Stream, end: &StreamEnd) -> Option<ErrorCode> {
    let of_end = |other: &&StreamEnd| other.from == end.from && other.at.packet == end.at.packet;
    stream.ends.iter().filter(of_end).find_map(|other| match other.by {
        StreamEndBy::Reset(error) => Some(error),
        StreamEndBy::EndStream => None,
    })
}

/// What an error code says of the cause (RFC 9113 §7).
fn meaning(error: Option<ErrorCode>, from: Side) -> (Cause, String) {
    let other = from.other();
    match error {
        None | Some(ErrorCode::NO_ERROR) => {
            (Cause::ProcessExit, ": the program there ended it, or a proxy there passed on such an end".to_owned())
        }
        Some(ErrorCode::CANCEL) => (
            Cause::ProcessExit,
            ": the program there gave the WebSocket up, as a browser does whose page is gone, or a proxy there passed on an \
             end"
                .to_owned(),
        ),
        Some(ErrorCode::CONNECT_ERROR) => {
            (Cause::UpstreamEnded, ": the connection behind it was reset or closed".to_owned())
        }
        Some(ErrorCode::INTERNAL_ERROR) => (Cause::InternalError, ": something failed there".to_owned()),
        Some(ErrorCode::ENHANCE_YOUR_CALM) => {
            (Cause::Overload, format!(": the {other} sends more than it will take, often too many pings"))
        }
        Some(ErrorCode::REFUSED_STREAM) => (Cause::Overload, ": it did not take the stream".to_owned()),
        Some(
            ErrorCode::PROTOCOL_ERROR
            | ErrorCode::FLOW_CONTROL_ERROR
            | ErrorCode::STREAM_CLOSED
            | ErrorCode::FRAME_SIZE_ERROR
            | ErrorCode::COMPRESSION_ERROR,
        ) => (Cause::ProtocolError, format!(": in its view the {other} broke the protocol")),
        Some(_) => (Cause::Unknown, String::new()),
    }
}

fn told(verdict: Verdict, farewell: Option<GoAway>) -> Verdict {
    match farewell {
        Some(go_away) => verdict.shown_by(go_away.at, format!("GOAWAY with {}", go_away.error)),
        None => verdict,
    }
}

fn settled(verdict: Verdict, from: Side, cause: Cause) -> Verdict {
    let verdict = match cause {
        Cause::GoingAway => {
            verdict.advise("Let clients come back after a random delay when a server goes away.")
        }
        Cause::ProtocolError => {
            verdict.advise(format!("Look for the protocol error in the {from}'s log at this time."))
        }
        _ => verdict.advise(format!("Look for the end of this request in the {from}'s log at this time.")),
    };
    verdict
        .or_else(
            "a proxy at that address ended the stream, or passed on an end from behind it",
            true,
            "an end of the connection behind a proxy becomes an end of the stream in front of it",
        )
        .settled_by(format!("The {from}'s log at this time, or a capture behind the proxy where it is one."))
}
