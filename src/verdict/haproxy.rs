//! How `HAProxy` ends its connection to a server: with a FIN and at once an RST behind it, or with an RST alone.
//!
//! It sets linger 0 on that side only, so a server sees what no other program between does.

use crate::catalogue::{Catalogue, Fit, Match};
use crate::facts::{ActKind, Class, Facts, JudgedReset};
use crate::flow::Side;
use crate::time::Span;

use super::{Cause, Confidence, Party, Verdict, advice, idle, timers};

/// How soon behind the FIN the RST comes; both are of one call of the same process.
const AT_ONCE: Span = Span::from_millis(2);

/// Its timers that end a quiet connection, the usual one first; it has no value of its own for any.
const TIMERS: [&str; 3] = ["haproxy-timeout-tunnel", "haproxy-timeout-server", "haproxy-timeout-client"];

/// A FIN toward the server and at once an RST behind it, without a Close.
pub(super) fn hung_up(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    let act = facts.act?;
    let reset = behind_fin(facts)?;
    let silence = facts.silence_before_end();
    let timed = idle::whole_silence(facts);
    let (cause, when) = match timed {
        Some(silence) => (
            Cause::IdleTimeout,
            format!("after {silence} in which nobody said anything, as its idle timeout does"),
        ),
        None => (
            Cause::Unknown,
            format!(
                "{silence} after the last message, as it does when it is stopped, when an operator ends the session or \
                 when it has marked the server as down"
            ),
        ),
    };
    let mut verdict = Verdict::new(facts, Party::Intermediary, cause, Confidence::Medium)
        .summary(format!(
            "A proxy between client and server ended its connection to the server without a Close, {when}. A FIN with an \
             RST at once behind it is how HAProxy ends connections to servers."
        ))
        .shown_by(act.at, "FIN from the client's address, no Close before it")
        .shown_by(
            reset.reset.at,
            format!("an RST right behind it ({} later), although nothing had come in between", reset.reset.at.time - act.at.time),
        );
    if let Some(silence) = timed {
        let matches = matches(catalogue, silence);
        verdict.candidates = timers::candidates(&matches);
        verdict = verdict.advise_all(advice::against_silence(
            facts,
            silence,
            matches.first().map(|found| found.timer),
        ));
        verdict = verdict.advise_all(matches.first().map(advice::setting));
    } else {
        verdict = verdict.advise(
            "Look in the proxy's log at this time: HAProxy writes how a session ended (`cD`/`sD` a timeout, `K` an \
             operator, `D` first a server marked down), and a stop or reload (`hard-stop-after`).",
        );
    }
    Some(
        verdict
            .or_else(
                "the client's program closed its sending side, and then aborted",
                true,
                "a program that does both within a millisecond leaves the same two packets",
            )
            .settled_by("The proxy's log at this time; a capture on its other leg: whether the client ended it there first."),
    )
}

/// The RST at once behind the client's FIN, which is the first end act.
fn behind_fin(facts: &Facts) -> Option<&JudgedReset> {
    let act = facts.act.filter(|act| act.from == Side::Client && matches!(act.kind, ActKind::Fin(_)))?;
    let of_client =
        |judged: &&JudgedReset| judged.from() == Side::Client && judged.reset.at.packet > act.at.packet;
    let reset = facts.resets.iter().find(of_client)?;
    let looks = &reset.reset.facts;
    let after = reset.reset.at.time - act.at.time;
    let shape = looks.has_ack && looks.has_timestamps == looks.usual_timestamps && looks.seq_offset == 0;
    (shape && after >= Span::ZERO && after <= AT_ONCE).then_some(reset)
}

/// Its timers, for an end with an RST alone toward the server after a silence that a timer measured.
pub(super) fn by_shape<'a>(facts: &Facts, catalogue: &'a Catalogue, silence: Span) -> Vec<Match<'a>> {
    let alone = match facts.act.map(|act| (act.from, act.kind)) {
        Some((Side::Client, ActKind::Reset(index))) => facts.resets.get(index),
        _ => None,
    };
    let shaped = alone
        .is_some_and(|reset| reset.class == Class::ActiveAbort && reset.reset.facts.unanswered_bytes == 0);
    if shaped { matches(catalogue, silence) } else { Vec::new() }
}

fn matches(catalogue: &Catalogue, silence: Span) -> Vec<Match<'_>> {
    let timers = TIMERS.iter().filter_map(|id| catalogue.timer(id));
    timers.map(|timer| Match { timer, fit: Fit::Wire, measured: silence }).collect()
}
