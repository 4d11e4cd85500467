//! A program that stopped reading: its receive window is closed, and someone loses patience.

use crate::catalogue::{Catalogue, Clocks, Ending, Fit, TimerKind, near_whole};
use crate::facts::{Facts, Mechanism};
use crate::flow::{Side, Stamp};
use crate::time::Span;

use super::{Candidate, Cause, Confidence, Verdict, timers};

/// A window that is closed for less is an everyday pause.
const PATIENCE: Span = Span::from_secs(1);

/// The connection was ended while one side did not read.
pub(super) fn reader(facts: &Facts, catalogue: &Catalogue) -> Option<Verdict> {
    if !matches!(facts.mechanism, Mechanism::FinWithoutClose | Mechanism::RstWithoutClose) {
        return None;
    }
    let act = facts.act?;
    let (slow, since) = stopped_reading(facts)?;
    let waited = act.at.time - since.time;
    if waited < PATIENCE {
        return None;
    }
    let closer = act.from;
    let mut verdict = Verdict::new(facts, closer.into(), Cause::SlowReader, Confidence::Medium)
        .summary(format!(
            "The {slow} had stopped reading (its receive window had been closed for {waited}) when the {closer} broke the \
             connection off without a Close."
        ))
        .shown_by(since, format!("the {slow} closes its receive window: its program does not read"))
        .shown_by(act.at, format!("the {closer} ends the connection"))
        ;
    verdict.candidates = write_timers(facts, catalogue, closer, waited);
    let verdict = verdict
        .or_else(
            format!("a proxy at the {closer}'s address gave up, for what happens behind it"),
            true,
            "a proxy stops reading when it cannot pass on what it has read",
        )
        .settled_by(format!("The log of the {closer} at this time, and a capture behind it if it is a proxy."))
        .advise(format!(
            "Find out why the {slow}'s program stopped reading (blocked, overloaded, behind a slow link), or send it \
             less: a limit on what waits for a slow reader keeps it from blocking others."
        ));
    Some(verdict)
}

/// How much sooner than its value a timer seems to fire: it starts with the last write that got through.
const EARLY: Span = Span::from_millis(350);

/// How much later: a window closes before the last write that fits.
const LATE: Span = Span::from_millis(120);

/// The timers of writes that fit how long the window had been closed; those of named products with a changed
/// value only where it is about whole seconds.
fn write_timers(facts: &Facts, catalogue: &Catalogue, closer: Side, waited: Span) -> Vec<Candidate> {
    let ending = match facts.mechanism {
        Mechanism::RstWithoutClose => Ending::Rst,
        _ => Ending::Fin,
    };
    let kinds = [TimerKind::WriteStall];
    let headers = timers::headers(facts);
    let mut matches = catalogue.matches(&kinds, &Clocks::silent(waited), &[ending], &headers, Some(closer));
    matches.retain(|found| found.fit != Fit::Header || near_whole(waited, EARLY, LATE));
    timers::candidates(&matches)
}

/// The side whose receive window is closed at the end, and since when.
pub(super) fn stopped_reading(facts: &Facts) -> Option<(Side, Stamp)> {
    let closed = |side| Some((side, facts.connection.tcp.sides.get(side).window_closed_since?));
    closed(Side::Client).or_else(|| closed(Side::Server))
}
