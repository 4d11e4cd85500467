//! What made TLS itself fail: in its handshake, or by a fatal alert on a connection that was open.

use crate::catalogue::Catalogue;
use crate::facts::{Act, ActKind, Facts, Mechanism};
use crate::flow::Side;
use crate::timeline::{NotTls, Sealed, TlsAlert};

use super::{Cause, Confidence, Party, Verdict};

/// The TLS handshake began and was not completed, or a fatal alert ended a connection that was open.
pub(super) fn failure(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
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
