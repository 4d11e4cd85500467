//! Ends by a FIN without a Close: a program closed its socket or died with nothing left to read.

use crate::catalogue::Catalogue;
use crate::facts::{Facts, Mechanism};

use super::{Cause, Confidence, Verdict};

pub(super) fn without_close(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    if facts.mechanism != Mechanism::FinWithoutClose {
        return None;
    }
    let act = facts.act?;
    let from = act.from;
    let silence = facts.silence_before_end();
    let readable = facts.connection.timeline.tls.as_ref().filter(|tls| tls.alerts_are_read(from));
    let goodbye = readable.map(|tls| tls.goodbye(from, act.at));
    let told = match goodbye {
        Some(Some(_)) => {
            "a TLS close_notify went before it: the program there closed it and did not die".to_owned()
        }
        Some(None) => {
            "no TLS close_notify went before it: the program there died, or its library leaves that out"
                .to_owned()
        }
        None => format!("FIN from the {from}'s address, no Close before it"),
    };
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
