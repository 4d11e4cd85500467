//! TLS that no secret opened: what its handshake and the lengths of its records show, and what every verdict
//! on it has to admit.

use crate::catalogue::Catalogue;
use crate::facts::{Act, ActKind, Facts, Mechanism};
use crate::flow::Side;
use crate::time::Span;
use crate::timeline::{IdleClock, Kind, Sealed, TlsAlert};

use super::{Cause, Confidence, Party, Verdict};

/// A record nearer to the end than this may have been a Close.
const NEAR: Span = Span::from_secs(1);

/// The TLS handshake began and was not completed.
pub(super) fn handshake(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    let tls = facts.connection.timeline.tls.as_ref()?;
    let sealed = tls.sealed.as_ref().filter(|sealed| sealed.handshake_failed())?;
    match (tls.fatal_alert(), facts.act) {
        (Some(alert), _) => Some(refused(facts, sealed, alert)),
        (None, Some(act)) if sealed.not_tls.is_none() => Some(broken_off(facts, sealed, act)),
        _ => sealed.not_tls.map(|at| {
            failed(facts, sealed, Party::Server, Confidence::Medium)
                .summary(
                    "TLS was spoken to a port that does not speak it: the server answered the client's hello with something \
                     else, so that there never was a WebSocket.",
                )
                .shown_by(at, "the server's answer, which is no TLS")
                .or_else("something before the server answered for it", true, "it would look the same")
                .settled_by("The server's log at this time, and which port it expects TLS on.")
                .advise("Use ws:// or http:// with this port, or the port on which the server speaks TLS.")
        }),
    }
}

/// An alert ended the handshake.
fn refused(facts: &Facts, sealed: &Sealed, alert: &TlsAlert) -> Verdict {
    let from = alert.from;
    let said = alert.alert.map_or_else(String::new, |alert| format!(" ({})", alert.description));
    let seen = match alert.alert {
        Some(_) => format!("the {from}'s TLS alert{said}"),
        None => {
            format!("a record of the {from} that has the length of a TLS alert, in place of its Finished")
        }
    };
    let confidence = if alert.alert.is_some() { Confidence::Medium } else { Confidence::Low };
    failed(facts, sealed, from.into(), confidence)
        .summary(format!(
            "The TLS handshake failed: the {from} ended it with an alert{said}, so that there never was a WebSocket."
        ))
        .shown_by(alert.at, seen)
        .or_else(
            format!("something before the {from} that ends TLS did it"),
            true,
            "a proxy's alert looks the same",
        )
        .settled_by(format!("The {from}'s log at this time: it names what did not fit."))
        .advise("Compare the versions, cipher suites and certificates that the two sides accept.")
}

/// A FIN or an RST ended it.
fn broken_off(facts: &Facts, sealed: &Sealed, act: Act) -> Verdict {
    let from = act.from;
    let what = if matches!(act.kind, ActKind::Reset(_)) { "an RST" } else { "a FIN" };
    let answered = sealed.hellos.server.is_some();
    let (confidence, reading) = match (from, answered) {
        (Side::Client, true) => (
            Confidence::Medium,
            "right after the server's certificate, as a client does that does not accept it",
        ),
        (_, true) => (Confidence::Low, "after both hellos"),
        (_, false) => (Confidence::Low, "before the server had said anything"),
    };
    failed(facts, sealed, from.into(), confidence)
        .summary(format!(
            "The TLS handshake was not completed: the {from} ended the connection with {what} {reading}; there never was a \
             WebSocket."
        ))
        .shown_by(act.at, format!("{what} of the {from} before the handshake was complete"))
        .or_else(
            format!("the {from} gave up for another reason, or something between the ends did it"),
            true,
            "the same packets would be seen",
        )
        .settled_by(format!("The {from}'s log at this time."))
        .advise("Check whether the client trusts the server's certificate, and whether its name and dates are right.")
}

fn failed(facts: &Facts, sealed: &Sealed, party: Party, confidence: Confidence) -> Verdict {
    let verdict = Verdict::new(facts, party, Cause::TlsFailure, confidence);
    match sealed.hellos.client {
        Some(at) => verdict.shown_by(at, "the client's hello: the handshake begins"),
        None => verdict,
    }
}

/// Lengths and times suggest a Close.
pub(super) fn closed(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    if facts.mechanism != Mechanism::NotCaptured {
        return None;
    }
    let close = facts.connection.timeline.tls.as_ref()?.sealed.as_ref()?.close.as_ref()?;
    let (from, act) = (close.from, facts.act?);
    let confidence =
        if close.is_plain && close.echo.is_some() { Confidence::Medium } else { Confidence::Low };
    let answer =
        if close.echo.is_some() { "and the other side answered it" } else { "which nobody answered" };
    let verdict = Verdict::new(facts, from.into(), Cause::Unknown, confidence)
        .summary(format!(
            "The {from} probably closed it with a Close frame, {answer}; its code is hidden, so the reason is not known."
        ))
        .shown_by(close.at, format!("a record of the {from}, the last but for what answers it"));
    let verdict = match close.echo {
        Some(echo) => verdict.shown_by(
            echo,
            format!("the last record of the {}, {} later", from.other(), echo.time - close.at.time),
        ),
        None => verdict,
    };
    let verdict = verdict.shown_by(act.at, format!("the end of TCP, from the {}'s address", act.from));
    Some(
        verdict
            .or_else(
                "the last records were messages, and the end came for another reason",
                true,
                "a message and its answer may have the same lengths",
            )
            .settled_by(format!("The {from}'s log at this time."))
            .advise(format!("Look into the {from}'s log for a close at this time, and its code and reason.")),
    )
}

/// What a verdict on a connection that was not opened has to admit.
pub(super) fn admit(facts: &Facts, verdict: Verdict) -> Verdict {
    let connection = &facts.connection;
    let Some(sealed) = connection.timeline.tls.as_ref().and_then(|tls| tls.sealed.as_ref()) else {
        return verdict;
    };
    if connection.kind != Kind::OpaqueTls || sealed.handshake_failed() {
        return verdict;
    }
    let mut verdict = orderly(facts, verdict);
    let settles = verdict.would_settle.take();
    let settles = settles.map_or_else(String::new, |text| format!(" {text}"));
    verdict.summary.push_str(" It is TLS that no secret opened: what was said is not known.");
    let verdict = match hidden_close(facts) {
        Some(after) => verdict.or_else(
            "a Close inside TLS went before the end",
            true,
            format!("the last record came {after} before it, and is not readable"),
        ),
        None => verdict,
    };
    let agreed = connection.timeline.tls.as_ref().map(|tls| &tls.negotiated);
    if agreed.and_then(|agreed| agreed.cipher).is_some_and(|cipher| !cipher.is_decrypted()) {
        return verdict
            .settled_by(format!("A capture behind the place where TLS ends shows the frames and the Close codes.{settles}"))
            .advise(
                "Next time, capture behind the place where TLS ends, or let one end offer AES-GCM or ChaCha20-Poly1305 only: this \
                 cipher suite is not decrypted, with a key log or without.",
            );
    }
    verdict
        .settled_by(format!(
            "A key log, or a capture behind the place where TLS ends: either shows the frames and the Close codes.{settles}"
        ))
        .advise(
            "Next time, let one end write its TLS secrets: `whoclosed capture-help keys` tells how for browsers, Node, Python, \
             nginx, Envoy and Java.",
        )
}

/// A side that says goodbye in TLS and then closes has ended it in order: that no Close went before is not seen.
fn orderly(facts: &Facts, verdict: Verdict) -> Verdict {
    let (Some(after), Some(act)) = (hidden_close(facts), facts.act) else { return verdict };
    let tls = facts.connection.timeline.tls.as_ref();
    let has_goodbye = tls.is_some_and(|tls| tls.probable_goodbye(act.from, act.at).is_some());
    if verdict.cause != Cause::ProcessExit || !has_goodbye {
        return verdict;
    }
    let from = act.from;
    let summary = format!(
        "The connection was ended from the {from}'s address in order, with a goodbye of TLS and a FIN, {after} after the \
         last record."
    );
    Verdict { cause: Cause::Unknown, confidence: Confidence::Low, summary, ..verdict }
}

/// How long before the end the last record came, where it may have been a Close of which nothing else tells.
fn hidden_close(facts: &Facts) -> Option<Span> {
    let ended = matches!(facts.mechanism, Mechanism::FinWithoutClose | Mechanism::RstWithoutClose);
    let silence = facts.connection.timeline.idle.as_ref().and_then(IdleClock::before_end)?;
    (ended && silence.before_end <= NEAR).then_some(silence.before_end)
}
