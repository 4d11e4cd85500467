//! TLS that no secret opened: what the lengths of its records show, and what every verdict on it has to admit.

use crate::catalogue::Catalogue;
use crate::facts::{Facts, Mechanism};
use crate::time::Span;
use crate::timeline::{IdleClock, Kind};

use super::{Cause, Confidence, Verdict};

/// A record nearer to the end than this may have been a Close.
const NEAR: Span = Span::from_secs(1);

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
