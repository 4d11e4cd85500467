//! Nothing ended the connection in this capture.

use crate::catalogue::Catalogue;
use crate::facts::{Facts, Mechanism};
use crate::flow::Side;
use crate::time::Span;
use crate::timeline::IdleGap;

use super::slow::stopped_reading;
use super::{Cause, Confidence, Party, Verdict, heartbeat};

/// A shorter silence at the capture's end says nothing.
const TELLING: Span = Span::from_secs(1);

pub(super) fn still_open(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    if facts.mechanism != Mechanism::StillOpen {
        return None;
    }
    let last = facts.connection.tcp.last;
    let quiet = facts.connection.capture_end.time - last.time;
    let until = if quiet > Span::ZERO { format!(", {quiet} later") } else { String::new() };
    let verdict = Verdict::new(facts, Party::None, Cause::Unknown, Confidence::Medium)
        .summary(format!("The connection was still open when the capture ended{}.", but(facts)))
        .shown_by(last, format!("its last packet: no Close, FIN or RST up to the capture's end{until}"));
    let verdict = match stopped_reading(facts) {
        Some((side, since)) => verdict
            .shown_by(since, format!("the {side} closes its receive window: its program does not read")),
        None => verdict,
    };
    let verdict = match stopped_reading(facts) {
        Some((side, _)) => verdict.or_else(
            format!("the {} has ended it already", side.other()),
            true,
            format!(
                "its FIN would wait behind what the {side} does not read, and is not seen before that is read"
            ),
        ),
        None => verdict,
    };
    let resets = facts.resets.iter().map(|judged| judged.reset.at);
    let verdict = resets
        .fold(verdict, |verdict, at| verdict.shown_by(at, "an RST that had no effect: both sides went on"));
    Some(doubted(facts, verdict, quiet).settled_by(
        "A capture that goes on until the connection ends, or one at the other end over the same time.",
    ))
}

/// A packet that would show an end may have come later, or not have come here.
fn doubted(facts: &Facts, verdict: Verdict, quiet: Span) -> Verdict {
    if quiet < TELLING {
        return verdict.or_else(
            "it ended right after this capture",
            true,
            "the capture ends with its traffic",
        );
    }
    verdict.or_else(
        "it was lost, or ended elsewhere, without a packet that this capture shows",
        broke_off(facts, quiet),
        format!("nothing was sent for the last {quiet}"),
    )
}

/// What is wrong with it although it is open.
fn but(facts: &Facts) -> String {
    if let Some((side, since)) = stopped_reading(facts) {
        let waited = facts.connection.capture_end.time - since.time;
        return format!(", but the {side} had stopped reading for the last {waited}");
    }
    let end = facts.connection.capture_end;
    let in_vain = |side: Side| heartbeat::in_vain(facts, side, end).map(|_| side);
    let Some(side) = in_vain(Side::Client).or_else(|| in_vain(Side::Server)) else { return String::new() };
    let pings = facts.connection.timeline.pings.get(side);
    let answered = if pings.answered == 0 { "none".to_owned() } else { pings.answered.to_string() };
    format!(", but the {} answered {answered} of the {side}'s {} pings", side.other(), pings.sent)
}

/// A silence at the end that is much longer than any before it.
fn broke_off(facts: &Facts, quiet: Span) -> bool {
    let gaps = facts.connection.timeline.idle.as_ref().map_or(&[][..], |idle| idle.gaps());
    let before = gaps.iter().filter(|gap| gap.to.packet != facts.connection.capture_end.packet);
    let longest = before.map(IdleGap::span).max().unwrap_or(Span::from_secs(1));
    quiet.as_nanos() > longest.as_nanos().saturating_mul(3)
}
