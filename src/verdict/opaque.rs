//! TLS that no secret opened: what its handshake and the lengths of its records show, and what every verdict
//! on it has to admit.

use crate::catalogue::Catalogue;
use crate::facts::{Act, ActKind, Facts, Mechanism};
use crate::flow::Side;
use crate::time::Span;
use crate::timeline::{IdleClock, Kind, NotTls, Sealed, TlsAlert};

use super::{Cause, Confidence, Party, Verdict};

/// A record nearer to the end than this may have been a Close.
const NEAR: Span = Span::from_secs(1);

/// The TLS handshake began and was not completed.
pub(super) fn handshake(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    let tls = facts.connection.timeline.tls.as_ref()?;
    if facts.mechanism == Mechanism::TlsAlert
        && let Some(alert) = facts.act.and_then(|act| tls.broken_by(act.at))
        && !tls.sealed.as_ref().is_some_and(|sealed| sealed.handshake_failed())
    {
        return Some(broken(facts, alert));
    }
    let sealed = tls.sealed.as_ref().filter(|sealed| sealed.handshake_failed())?;
    match (tls.fatal_alert(), facts.act) {
        (Some(alert), _) => Some(refused(facts, sealed, alert)),
        (None, Some(act)) if sealed.not_tls.is_none() => Some(broken_off(facts, sealed, act)),
        _ => sealed.not_tls.map(|answer| to_plain_port(facts, sealed, answer)),
    }
}

/// What listens there answers the client's hello with what is no TLS, most often with an HTTP error.
fn to_plain_port(facts: &Facts, sealed: &Sealed, answer: NotTls) -> Verdict {
    let what = if answer.is_http { "plain HTTP" } else { "something that is no TLS" };
    let verdict = failed(facts, sealed, Party::Client, Confidence::Medium)
        .summary(format!(
            "The client spoke TLS to a port that does not speak it: the server answered the client's hello with {what}, so \
             that there never was a WebSocket."
        ))
        .shown_by(answer.at, format!("the server's answer: {what}"));
    let verdict = match facts.act {
        Some(act) => verdict.shown_by(act.at, format!("the end of TCP, from the {}'s address", act.from)),
        None => verdict,
    };
    let verdict = verdict
        .or_else("something before the server answered for it", true, "it would look the same")
        .settled_by("The server's log at this time, and which port it expects TLS on.");
    verdict.advise("Let the client use ws:// (http://) with this port, or wss:// with the port on which the server speaks TLS.")
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
        .advise(remedy(alert.alert.map(|alert| alert.description.0)))
}

/// What to change for an alert of the handshake (RFC 8446 §6.2).
fn remedy(alert: Option<u8>) -> &'static str {
    match alert {
        Some(70) => {
            "Let both sides accept one and the same TLS version: the one that the client offered is switched off here."
        }
        Some(40 | 47 | 71) => {
            "Compare the TLS versions, cipher suites, groups and signature algorithms that the two sides accept: they have \
             none in common, or one of them is required."
        }
        Some(42..=46 | 48) => {
            "Check the certificate that the other side showed: its names, its dates, and whether the one that turned it \
             down trusts its issuer and knows the certificates in between."
        }
        Some(49) => {
            "Check the access rules of the side that sent the alert: the certificate was sound, and was not let in."
        }
        Some(112) => "Check the name that the client asks for (SNI): the server knows no site of that name.",
        Some(116) => "Give the client a certificate of its own: the server requires one.",
        Some(120) => {
            "Let both sides agree on the protocol (ALPN): a WebSocket needs http/1.1, or h2 with extended CONNECT on both \
             sides."
        }
        _ => "Compare the versions, cipher suites and certificates that the two sides accept.",
    }
}

/// An alert ended a connection that was open.
fn broken(facts: &Facts, alert: &TlsAlert) -> Verdict {
    let from = alert.from;
    let said = alert.alert.map_or_else(String::new, |alert| format!(" ({})", alert.description));
    let verdict = Verdict::new(facts, from.into(), Cause::TlsFailure, Confidence::Medium)
        .summary(format!(
            "The {from} ended the connection with a fatal TLS alert{said} and without a Close: what it had received, or what \
             happened inside it, made its TLS give up."
        ))
        .shown_by(alert.at, format!("the {from}'s TLS alert{said}"));
    let verdict = match facts.act {
        Some(act) => verdict.shown_by(act.at, format!("the end of TCP, from the {}'s address", act.from)),
        None => verdict,
    };
    verdict
        .or_else(
            format!("something before the {from} that ends TLS did it"),
            true,
            "a proxy's alert looks the same",
        )
        .settled_by(format!("The {from}'s log at this time: its TLS library tells what it did not accept."))
        .advise(format!(
            "Look for the TLS error in the {from}'s log at this time; where it could not read a record, look for a box on the \
             path that changes packets, and for a key that one side changed without the other."
        ))
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
    let verdict = failed(facts, sealed, from.into(), confidence)
        .summary(format!(
            "The TLS handshake was not completed: the {from} ended the connection with {what} {reading}; there never was a \
             WebSocket."
        ))
        .shown_by(act.at, format!("{what} of the {from} before the handshake was complete"));
    if from == Side::Server && !answered {
        return verdict
            .or_else(
                "what listens there does not speak TLS, and hangs up on what it cannot read",
                true,
                "not one byte of TLS came from it",
            )
            .settled_by("The server's log at this time, and which port it expects TLS on.")
            .advise(
                "Check that this port speaks TLS; if it does not, let the client use ws:// (http://) with it. If it does, look \
                 in the server's log for why it hung up (a name it does not know, no room, an access rule).",
            );
    }
    verdict
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
