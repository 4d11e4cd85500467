//! Ends by a Close frame: its sender decided, its code and reason say why.

use crate::catalogue::{Catalogue, CloseMeaning, Wording, meaning};
use crate::facts::{ActKind, CloseHandshake, Facts};
use crate::flow::Side;
use crate::timeline::{Close, CloseBody, Violation};
use crate::ws::CloseCode;

use super::heartbeat::{self, Missing};
use super::{Cause, Confidence, Verdict, answers, by_proxy, motive};

pub(super) fn by_endpoint(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    let close = first_close(facts)?;
    let answer = facts.connection.timeline.closes.iter().find(|other| other.from != close.from);
    let wording = wording(close, catalogue);
    let (cause, guessed) = cause_of(facts, close, catalogue, wording);
    let unseen = if answer.is_none() { facts.unseen_of(close.from.other()) } else { None };
    let crossed = facts.close_handshake == CloseHandshake::Simultaneous;
    let proxy = by_proxy::may_have_closed(facts, close, catalogue);
    let unshown = is_unshown_violation(facts, close);
    let second = by_proxy::second_close(facts, close);
    let unnamed = by_proxy::may_be_unnamed(facts, close);
    let doubtful =
        unseen.is_some() || crossed || proxy.is_some() || unnamed || guessed || unshown || second.is_some();
    let reason = if unshown {
        format!(
            " saying that the {} broke the protocol, of which nothing is to be seen here",
            close.from.other()
        )
    } else {
        why(cause, close.from)
    };
    let confidence = if doubtful { Confidence::Medium } else { Confidence::High };
    let verdict = Verdict::new(facts, close.from.into(), cause, confidence)
        .shown_by(close.at, format!("the {} closes with {}", close.from, said(close)));
    let verdict = match (facts.close_handshake, answer) {
        (CloseHandshake::Simultaneous, Some(answer)) => answers::crossing(verdict, close, answer),
        (_, Some(answer)) => answers::answered(verdict, close, answer, &reason),
        (_, None) => match unseen {
            Some(unseen) => answers::without_other_side(verdict, close, unseen, &reason),
            None => answers::unanswered(facts, verdict, close, &reason),
        },
    };
    let verdict = match proxy {
        Some(header) => by_proxy::named(verdict, &header),
        None if unnamed => by_proxy::unnamed(verdict),
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
    let verdict = match second {
        Some(second) => by_proxy::another_writer(verdict, close, second),
        None => verdict,
    };
    let verdict = if unshown { not_seen_here(verdict, close) } else { verdict };
    let verdict = silent(facts, verdict, close, guessed);
    let verdict = motive::told(facts, catalogue, advised(verdict, close), close, wording);
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

/// The closer says that its peer broke the protocol, and what the peer sent here is as it should be.
///
/// Whether compressed or text data was sound cannot be seen, and has a code of its own for text (1007).
fn is_unshown_violation(facts: &Facts, close: &Close) -> bool {
    let broke = |violation: &Violation| violation.from != close.from;
    close.code() == Some(CloseCode::PROTOCOL_ERROR) && !facts.connection.timeline.violations.iter().any(broke)
}

fn not_seen_here(verdict: Verdict, close: &Close) -> Verdict {
    let (from, other) = (close.from, close.from.other());
    verdict
        .or_else(
            format!(
                "what reached the {from} is not what the {other} sent here: a proxy between them changed it or added to it"
            ),
            true,
            format!("nothing that the {other} sent here breaks the protocol"),
        )
        .settled_by(format!("A capture at the {from}'s host: what it received before this Close."))
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
fn cause_of(facts: &Facts, close: &Close, catalogue: &Catalogue, wording: Option<&Wording>) -> (Cause, bool) {
    let cause = worded_cause(close, catalogue, wording);
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
        Cause::Policy => verdict.advise(format!(
            "Look in the {}'s log for the rule that the {other} broke: a login that is missing or has run out, its \
             origin, a limit on how much or how often it sends.",
            close.from
        )),
        Cause::BadGateway => verdict.advise(format!(
            "Look at the server behind the {}, and at the connection between the two, at this time.",
            close.from
        )),
        Cause::LifetimeLimit => verdict.advise(format!(
            "No heartbeat helps against it: let the {other} connect again before the limit, or raise the limit of the {}.",
            close.from
        )),
        Cause::SlowReader => verdict.advise(format!(
            "Find out why the {other} read too slowly (blocked, overloaded, behind a slow link), or send it less."
        )),
        Cause::Application => verdict.advise(format!(
            "Look up in the application's own documents, or in the {}'s log, what its code says: codes from 3000 on are \
             not those of the protocol.",
            close.from
        )),
        _ => verdict,
    }
}

/// Why a Close was sent, as its code and its reason say.
pub(super) fn cause(close: &Close, catalogue: &Catalogue) -> Cause {
    worded_cause(close, catalogue, wording(close, catalogue))
}

/// The library whose words the reason is.
fn wording<'a>(close: &Close, catalogue: &'a Catalogue) -> Option<&'a Wording> {
    let (code, reason) = (close.code()?, close.reason()?);
    catalogue.wording(code.0, reason)
}

fn worded_cause(close: &Close, catalogue: &Catalogue, wording: Option<&Wording>) -> Cause {
    if close.body == CloseBody::NotCaptured {
        return Cause::Unknown;
    }
    match meaning(catalogue, close.code(), close.reason(), wording) {
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
        CloseBody::Empty => "a Close that gives no code".to_owned(),
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
        Cause::InternalError => " because something failed inside it".to_owned(),
        Cause::Overload => " because it has more to do than it can".to_owned(),
        Cause::Policy => format!(" because the {other} broke one of its rules"),
        Cause::BadGateway => " because a server behind it failed".to_owned(),
        _ => String::new(),
    }
}
