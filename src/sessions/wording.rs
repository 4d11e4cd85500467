//! What two legs together say about one of them.

use crate::facts::{Facts, Mechanism};
use crate::flow::Side;
use crate::time::Span;
use crate::verdict::{Alternative, BETWEEN_LEGS, Cause, Confidence, Evidence, PASSED_ON, Party, Verdict};

/// Shorter silences are everyday pauses.
const IDLE: Span = Span::from_millis(2_500);

/// How much of a proxy's ends on its two legs was seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ends {
    /// One leg was still open.
    One,
    /// Both ended; of an end of the connection a part is not in the capture that may hold an end before it.
    Both,
    /// Both ended, and nothing is missing before it.
    BothSeen,
}

/// The proxy ended both legs, or this one, and neither end had spoken.
pub(super) fn ended_in_between(facts: &Facts, alone: &Verdict, silence: Span, ends: Ends) -> Verdict {
    let mut verdict = alone.clone();
    verdict.rule = BETWEEN_LEGS;
    verdict.party = Party::Intermediary;
    let sure = ends == Ends::BothSeen;
    let both = ends != Ends::One;
    verdict.confidence = if sure { Confidence::High } else { Confidence::Medium };
    verdict.alternatives.clear();
    verdict.would_settle = None;
    let closed = matches!(facts.mechanism, Mechanism::CloseHandshake | Mechanism::CloseUnanswered);
    let when = if closed {
        verdict.would_settle = Some("The proxy's log at this time: a reload, a stop.".to_owned());
        verdict.candidates.clear();
        "with a Close of its own, while neither end had closed".to_owned()
    } else if silence >= IDLE && verdict.cause != Cause::SlowReader {
        verdict.cause = Cause::IdleTimeout;
        format!("after {:.3} s in which nobody said anything: its idle timeout", silence.as_secs_f64())
    } else {
        if verdict.cause != Cause::SlowReader {
            verdict.cause = Cause::Unknown;
        }
        verdict.would_settle = Some("The proxy's log at this time: a reload, a stop, a limit.".to_owned());
        verdict.candidates.clear();
        verdict.advice =
            vec!["Read the proxy's log at this time: it ended the connection itself.".to_owned()];
        match verdict.cause {
            Cause::SlowReader => "because one side had stopped reading".to_owned(),
            _ => "while both ends were well: it was stopped or reloaded, or an operator or a limit of it ended them".to_owned(),
        }
    };
    if !both {
        verdict.would_settle = Some(
            "The proxy's log at this time: why it ended this connection; a capture that goes on until its other one ends."
                .to_owned(),
        );
    }
    verdict.summary = if both {
        format!("The proxy between client and server ended both of its connections {when}.")
    } else {
        let why = if verdict.cause == Cause::Unknown { String::new() } else { format!(" {when}") };
        format!(
            "The proxy between client and server ended this connection itself{why}, while its other one was still open."
        )
    };
    if ends == Ends::Both {
        verdict.alternatives.push(Alternative {
            reading: "an end of the session ended it first, and the proxy passed that on".to_owned(),
            speaks_for: true,
            fact: "a part of what was sent is not in the capture".to_owned(),
        });
    }
    if let Some(act) = facts.act {
        let fact = "this leg's first end act comes from the proxy, and neither end had spoken before";
        verdict.evidence = vec![Evidence { at: act.at, fact: fact.to_owned() }];
    }
    verdict
}

/// The proxy ended its other leg because the client on this one had stopped reading; what it sent to end
/// this one waits behind the data that the client does not read.
pub(super) fn given_up_on(facts: &Facts, alone: &Verdict) -> Verdict {
    let mut verdict = alone.clone();
    (verdict.party, verdict.cause) = (Party::Intermediary, Cause::SlowReader);
    verdict.confidence = Confidence::Medium;
    verdict.summary =
        "The client had stopped reading; the proxy lost patience and ended its connection to the server, \
                       while the client's was still open when the capture ended."
            .to_owned();
    if let Some(since) = facts.connection.tcp.sides.client.window_closed_since {
        verdict.cite(since, "the client closes its receive window: its program does not read");
    }
    verdict.advice = vec!["Find out why the client's program stopped reading, or send it less.".to_owned()];
    verdict
}

/// The proxy only passed on an end that began at `side`, on the other leg; that leg's verdict tells
/// who it was and how sure that is.
pub(super) fn passed_on(facts: &Facts, alone: &Verdict, telling: &Verdict, side: Side) -> Verdict {
    let mut verdict = alone.clone();
    verdict.rule = PASSED_ON;
    verdict.party = telling.party;
    verdict.cause = Cause::UpstreamEnded;
    verdict.confidence = telling.confidence;
    verdict.alternatives.clear();
    verdict.candidates.clear();
    verdict.would_settle = telling.would_settle.clone();
    let by_proxy = telling.party == Party::Intermediary;
    verdict.summary = if by_proxy {
        format!(
            "Another proxy, toward the {side}, ended its connections, and the end was passed on to this one: the cause is to \
             be found on the leg of this session that ended first."
        )
    } else {
        format!(
            "The {side} ended its connection to the proxy, and the proxy passed the end on: the cause is to be found on \
             the {side}'s leg of this session."
        )
    };
    if let Some(act) = facts.act {
        let fact = format!("the proxy ends this leg after the one toward the {side} has ended");
        verdict.evidence = vec![Evidence { at: act.at, fact }];
    }
    verdict.advice = vec![if by_proxy {
        "Look at the leg of this session that ended first.".to_owned()
    } else {
        format!("Look at the other leg of this session: the {side} ended it there first.")
    }];
    verdict
}
