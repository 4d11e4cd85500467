//! Ends by a Close frame: its sender decided, its code and reason say why.

use crate::catalogue::{Catalogue, CloseMeaning, meaning};
use crate::facts::{ActKind, CloseHandshake, Facts};
use crate::flow::Side;
use crate::timeline::{Close, CloseBody, Unparsed};

use super::heartbeat::{self, Missing};
use super::{Cause, Confidence, Verdict, by_proxy, motive};

pub(super) fn by_endpoint(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    let close = first_close(facts)?;
    let answer = facts.connection.timeline.closes.iter().find(|other| other.from != close.from);
    let (cause, guessed) = cause_of(facts, close, catalogue);
    let unseen = if answer.is_none() { unseen(facts, close.from.other()) } else { None };
    let crossed = facts.close_handshake == CloseHandshake::Simultaneous;
    let proxy = by_proxy::may_have_closed(facts, close, catalogue);
    let doubtful = unseen.is_some() || crossed || proxy.is_some() || guessed;
    let confidence = if doubtful { Confidence::Medium } else { Confidence::High };
    let verdict = Verdict::new(facts, close.from.into(), cause, confidence)
        .shown_by(close.at, format!("the {} closes with {}", close.from, said(close)));
    let verdict = match (facts.close_handshake, answer) {
        (CloseHandshake::Simultaneous, Some(answer)) => crossing(verdict, close, answer),
        (_, Some(answer)) => answered(verdict, close, answer),
        (_, None) => match unseen {
            Some(unseen) => without_other_side(verdict, close, unseen),
            None => unanswered(facts, verdict, close),
        },
    };
    let verdict = match proxy {
        Some(header) => by_proxy::named(verdict, &header),
        None => verdict,
    };
    let verdict = if guessed {
        verdict.or_else(
            format!("the {} had another reason to close", close.from),
            true,
            "its Close does not speak of the ping",
        )
    } else {
        verdict
    };
    let verdict = silent(facts, verdict, close, guessed);
    let verdict = motive::told(facts, catalogue, advised(verdict, close), close);
    Some(settled(pings(facts, verdict, close), close))
}

/// Where nothing at all had come for as long as was agreed, no ping was left without its answer.
fn silent(facts: &Facts, mut verdict: Verdict, close: &Close, guessed: bool) -> Verdict {
    if let Some(missing @ Missing::Anything { .. }) =
        Missing::of(facts, close.from, close.at).filter(|_| guessed)
    {
        verdict.summary = format!(
            "The {} closed the connection with {} {}.",
            close.from,
            said(close),
            missing.why(close.from.other())
        );
    }
    verdict
}

/// A program that does not answer pings has its reason where no packet shows it.
fn settled(verdict: Verdict, close: &Close) -> Verdict {
    if verdict.cause != Cause::MissedHeartbeat || verdict.would_settle.is_some() {
        return verdict;
    }
    let other = close.from.other();
    verdict.settled_by(format!("The {other}'s log at this time, and a capture behind it if it is a proxy."))
}

/// What the Close says, or, as a guess, a pong that the closer had waited for in vain where it says nothing.
fn cause_of(facts: &Facts, close: &Close, catalogue: &Catalogue) -> (Cause, bool) {
    let cause = cause(close, catalogue);
    let plain = matches!(cause, Cause::Normal | Cause::InternalError | Cause::Unknown);
    let in_vain = plain && Missing::of(facts, close.from, close.at).is_some();
    if in_vain { (Cause::MissedHeartbeat, true) } else { (cause, false) }
}

pub(super) fn first_close(facts: &Facts) -> Option<&Close> {
    match facts.act?.kind {
        ActKind::Close(index) => facts.connection.timeline.closes.get(index),
        ActKind::Fin(_) | ActKind::Reset(_) | ActKind::Stream(_) => None,
    }
}

fn answered(verdict: Verdict, close: &Close, answer: &Close) -> Verdict {
    let cause = verdict.cause;
    verdict
        .summary(format!(
            "The {} closed the connection on purpose with {}{}.",
            close.from,
            said(close),
            why(cause, close.from)
        ))
        .shown_by(
            answer.at,
            format!("the {} answers it after {}", answer.from, answer.at.time - close.at.time),
        )
}

fn crossing(verdict: Verdict, close: &Close, answer: &Close) -> Verdict {
    verdict
        .summary(format!(
            "Both sides closed the connection at the same time, neither knowing of the other's Close: the {} with {}, \
             the {} with {}.",
            close.from,
            said(close),
            answer.from,
            said(answer)
        ))
        .shown_by(
            answer.at,
            format!("the {} sends its own Close, before it had received the other", answer.from),
        )
        .or_else(
            format!("the {} was the first to decide", answer.from),
            true,
            "the order in which two Closes pass this point is not the order in which they were sent",
        )
        .settled_by("The logs of both sides: which one decided first, and whether something made both of them close.")
}

/// What of a side is not in the capture, where a Close of its own may have been in it.
fn unseen(facts: &Facts, side: Side) -> Option<&'static str> {
    let unread = |stretch: &Unparsed| stretch.from == side && stretch.resynced_at.is_none();
    if facts.connection.tcp.sides.get(side).segments == 0 {
        Some("what")
    } else if facts.connection.timeline.unparsed.iter().any(unread) {
        Some("the end of what")
    } else {
        None
    }
}

fn without_other_side(verdict: Verdict, close: &Close, unseen: &str) -> Verdict {
    let (cause, other) = (verdict.cause, close.from.other());
    verdict
        .summary(format!(
            "The {} closed with {}{}; {unseen} the {other} sent is not in the capture, so whether this Close began the \
             end or answered one is not known.",
            close.from,
            said(close),
            why(cause, close.from)
        ))
        .or_else(
            format!("the {other} had sent a Close before, and this one answers it"),
            true,
            format!("{unseen} the {other} sent was not captured"),
        )
        .settled_by("A capture that holds both directions.")
}

fn unanswered(facts: &Facts, verdict: Verdict, close: &Close) -> Verdict {
    let (cause, other) = (verdict.cause, close.from.other());
    let ended = facts.connection.timeline.first_end().is_some();
    let answer = if ended { "never answered the Close" } else { "had not answered when the capture ended" };
    let verdict = verdict.summary(format!(
        "The {} closed the connection with {}{}; the {other} {answer}.",
        close.from,
        said(close),
        why(cause, close.from)
    ));
    let verdict = match close.acked_at {
        Some(at) => {
            verdict.shown_by(at, format!("the {other}'s host received it; its application did not answer"))
        }
        None => verdict.shown_by(close.at, format!("the {other}'s host did not even acknowledge it")),
    };
    let fin = facts.connection.timeline.fins.iter().find(|fin| fin.from == close.from);
    match fin {
        Some(fin) => verdict.shown_by(
            fin.at,
            format!("the {} ends TCP {} after its Close", fin.from, fin.at.time - close.at.time),
        ),
        None => verdict,
    }
}

/// A sign of life that the closer waited for in vain is why it closed.
fn pings(facts: &Facts, verdict: Verdict, close: &Close) -> Verdict {
    let waiting = facts.connection.timeline.pings.get(close.from).waiting();
    match (verdict.cause, waiting.last(), Missing::of(facts, close.from, close.at)) {
        (Cause::MissedHeartbeat, Some(ping), _) => verdict.shown_by(
            ping.at,
            format!(
                "the {}'s ping that got no pong, {} before its Close: {}",
                close.from,
                close.at.time - ping.at.time,
                heartbeat::state(facts, close.from, ping)
            ),
        ),
        (Cause::MissedHeartbeat, None, Some(missing)) => match missing.shown(facts, close.from) {
            Some((at, fact)) => verdict.shown_by(at, fact),
            None => verdict.shown_by(close.at, format!("it comes {}", missing.why(close.from.other()))),
        },
        _ => verdict,
    }
}

fn advised(verdict: Verdict, close: &Close) -> Verdict {
    let other = close.from.other();
    match verdict.cause {
        Cause::MissedHeartbeat => verdict.advise(format!(
            "Find out why the {other}'s application did not answer pings (blocked event loop, suspended process, \
             overload); raising the ping timeout on the {} only hides it.",
            close.from
        )),
        Cause::MessageTooBig => verdict.advise(format!(
            "Send smaller messages from the {other}, or raise the largest message size that the {} takes.",
            close.from
        )),
        Cause::ProtocolError | Cause::BadData => verdict.advise(format!(
            "Look at what the {other} sent just before the Close: the {} could not accept it.",
            close.from
        )),
        Cause::Restart | Cause::GoingAway if close.from == Side::Server => {
            verdict.advise("Expected on a deploy or restart: let clients reconnect after a random delay.")
        }
        Cause::InternalError => verdict.advise(format!("Read the {}'s log at this time: it met an error.", close.from)),
        Cause::Overload => verdict.advise("Let clients wait before they try again; add capacity."),
        _ => verdict,
    }
}

pub(super) fn cause(close: &Close, catalogue: &Catalogue) -> Cause {
    if close.body == CloseBody::NotCaptured {
        return Cause::Unknown;
    }
    match meaning(catalogue, close.code(), close.reason()) {
        CloseMeaning::Normal => Cause::Normal,
        CloseMeaning::GoingAway => Cause::GoingAway,
        CloseMeaning::ProtocolError => Cause::ProtocolError,
        CloseMeaning::BadData => Cause::BadData,
        CloseMeaning::Policy => Cause::Policy,
        CloseMeaning::MessageTooBig => Cause::MessageTooBig,
        CloseMeaning::InternalError => Cause::InternalError,
        CloseMeaning::IdleTimeout => Cause::IdleTimeout,
        CloseMeaning::LifetimeLimit => Cause::LifetimeLimit,
        CloseMeaning::MissedHeartbeat => Cause::MissedHeartbeat,
        CloseMeaning::SlowReader => Cause::SlowReader,
        CloseMeaning::Restart => Cause::Restart,
        CloseMeaning::Overload => Cause::Overload,
        CloseMeaning::BadGateway => Cause::BadGateway,
        CloseMeaning::Application => Cause::Application,
        CloseMeaning::Unknown => Cause::Unknown,
    }
}

/// The code and reason, as a reader would say them.
pub(super) fn said(close: &Close) -> String {
    match &close.body {
        CloseBody::Empty => "a Close without a code".to_owned(),
        CloseBody::NotCaptured => "a Close whose code the capture does not hold".to_owned(),
        CloseBody::Code(code, reason) if reason.is_empty() => format!("code {code}"),
        CloseBody::Code(code, reason) => format!("code {code} and the reason “{reason}”"),
    }
}

fn why(cause: Cause, closer: Side) -> String {
    let other = closer.other();
    match cause {
        Cause::MissedHeartbeat => format!(" because the {other} did not answer its pings"),
        Cause::MessageTooBig => format!(" because the {other} sent too big a message"),
        Cause::ProtocolError => format!(" because the {other} broke the protocol"),
        Cause::BadData => format!(" because the {other} sent data it could not accept"),
        Cause::IdleTimeout => {
            " because nothing had been said for as long as its idle timeout allows".to_owned()
        }
        Cause::LifetimeLimit => " because the connection had lived for as long as it allows".to_owned(),
        Cause::SlowReader => format!(" because the {other} read too slowly"),
        _ => String::new(),
    }
}
