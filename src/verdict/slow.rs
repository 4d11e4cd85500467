//! A program that stopped reading: its receive window is closed, and someone loses patience.

use crate::catalogue::Catalogue;
use crate::facts::{Facts, Mechanism};
use crate::flow::{Side, Stamp};
use crate::time::Span;

use super::{Cause, Confidence, Verdict};

/// A window that is closed for less is an everyday pause.
const PATIENCE: Span = Span::from_secs(1);

/// The connection was ended while one side did not read.
pub(super) fn reader(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
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
    let verdict = Verdict::new(facts, closer.into(), Cause::SlowReader, Confidence::Medium)
        .summary(format!(
            "The {slow} had stopped reading (its receive window had been closed for {waited}) when the {closer} broke the \
             connection off without a Close."
        ))
        .shown_by(since, format!("the {slow} closes its receive window: its program does not read"))
        .shown_by(act.at, format!("the {closer} ends the connection"))
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

/// The side whose receive window is closed at the end, and since when.
pub(super) fn stopped_reading(facts: &Facts) -> Option<(Side, Stamp)> {
    let closed = |side| Some((side, facts.connection.tcp.sides.get(side).window_closed_since?));
    closed(Side::Client).or_else(|| closed(Side::Server))
}
