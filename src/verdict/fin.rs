//! Ends by a FIN without a Close: a program closed its socket or died with nothing left to read.

use crate::catalogue::Catalogue;
use crate::facts::{Act, Facts, Mechanism};
use crate::flow::{Side, Stamp};
use crate::time::Span;
use crate::timeline::Kind;

use super::{Cause, Confidence, Verdict};

pub(super) fn without_close(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    if facts.mechanism != Mechanism::FinWithoutClose {
        return None;
    }
    let act = facts.act?;
    let from = act.from;
    let silence = facts.silence_before_end();
    let goodbye = goodbye(facts, act);
    let told = match goodbye {
        Some(Some(_)) if facts.connection.kind == Kind::OpaqueTls => {
            "a TLS alert went before it, a close_notify by its place: the program there closed it and did not die"
                .to_owned()
        }
        Some(Some(_)) => {
            "a TLS close_notify went before it: the program there closed it and did not die".to_owned()
        }
        Some(None) => {
            "no TLS close_notify went before it: the program there died, or its library leaves that out"
                .to_owned()
        }
        None => format!("FIN from the {from}'s address, no Close before it"),
    };
    if let Some(after) = at_once(facts, act.at) {
        return Some(turned_away(facts, act, after, told));
    }
    Some(
        Verdict::new(facts, from.into(), Cause::ProcessExit, Confidence::Medium)
            .summary(format!(
                "The connection was ended from the {from}'s address without a Close, {silence} after the last message: the \
                 program there closed its socket or died."
            ))
            .shown_by(goodbye.flatten().unwrap_or(act.at), told)
            .or_else(
                "a proxy at that address ended it, or passed on an end from behind it",
                true,
                "proxies turn a crash or RST behind them into such a FIN",
            )
            .settled_by(format!("The {from}'s log at this time, or a capture on its host or behind the proxy."))
            .advise(format!("Look for a crash, kill, restart or a terminate() call in the {from}'s log at this time.")),
    )
}

/// A connection that says nothing and ends sooner than this was turned away or given up.
const AT_ONCE: Span = Span::from_secs(1);

/// How soon after the upgrade the end came, where it came at once and nobody had said anything.
fn at_once(facts: &Facts, end: Stamp) -> Option<Span> {
    let timeline = &facts.connection.timeline;
    let after = end.time - timeline.opened.filter(|_| timeline.response.is_some())?.time;
    let silent = timeline.frames.client.total() + timeline.frames.server.total() == 0;
    (silent && after < AT_ONCE).then_some(after)
}

fn turned_away(facts: &Facts, act: Act, after: Span, told: String) -> Verdict {
    let from = act.from;
    let (what, advice) = match from {
        Side::Server => (
            "the upgrade had been granted, and then the program there turned the client away or failed",
            "Look in the server's log at this time: no room for another connection, a login that failed after the upgrade, \
             an error when the session starts; let it say so with a Close and a code.",
        ),
        Side::Client => (
            "the program there left again at once or failed",
            "Look in the client's log at this time for what made it leave right after the upgrade.",
        ),
    };
    let verdict = Verdict::new(facts, from.into(), Cause::ProcessExit, Confidence::Medium).summary(format!(
        "The connection was ended from the {from}'s address without a Close, {after} after it had opened and before \
         anything was said: {what}."
    ));
    let verdict = match &facts.connection.timeline.response {
        Some(response) => verdict.shown_by(response.at, "the upgrade is granted"),
        None => verdict,
    };
    verdict
        .shown_by(act.at, told)
        .or_else(
            "a proxy at that address ended it, or passed on an end from behind it",
            true,
            "proxies turn a crash or RST behind them into such a FIN",
        )
        .settled_by(format!("The {from}'s log at this time, or a capture on its host or behind the proxy."))
        .advise(advice)
}

/// The packet of the TLS `close_notify` that went before the end, or that there was none; `None` where that
/// cannot be told.
fn goodbye(facts: &Facts, act: Act) -> Option<Option<Stamp>> {
    let tls = facts.connection.timeline.tls.as_ref()?;
    if tls.sealed.is_some() {
        return Some(tls.probable_goodbye(act.from, act.at).map(|alert| alert.at));
    }
    tls.alerts_are_read(act.from).then(|| tls.goodbye(act.from, act.at))
}
