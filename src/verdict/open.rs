//! Nothing ended the connection in this capture.

use crate::catalogue::Catalogue;
use crate::facts::{Facts, Mechanism};

use crate::flow::{Side, Stamp};
use crate::time::Span;
use crate::timeline::IdleGap;

use super::{Cause, Confidence, Party, Verdict, spoken};

pub(super) fn still_open(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    if facts.mechanism != Mechanism::StillOpen {
        return None;
    }
    let last = facts.connection.tcp.last;
    let quiet = facts.connection.capture_end.time - last.time;
    let verdict = Verdict::new(facts, Party::None, Cause::Unknown, Confidence::Medium)
        .summary("The connection was still open when the capture ended.")
        .shown_by(
            last,
            format!(
                "the connection's last packet, {} before the capture's end; no Close, FIN or RST",
                spoken(quiet)
            ),
        )
        .or_else(
            "it was lost, or ended elsewhere, without a packet that this capture shows",
            broke_off(facts, quiet),
            format!("nothing was sent for the last {}", spoken(quiet)),
        )
        .settled_by(
            "A capture that goes on until the connection ends, or one at the other end over the same time.",
        );
    let verdict = match stopped_reading(facts) {
        Some((side, since)) => verdict.shown_by(
            since,
            format!("the {side} has closed its receive window since then: its program does not read"),
        ),
        None => verdict,
    };
    let resets = facts.resets.iter().map(|judged| judged.reset.at);
    Some(
        resets.fold(verdict, |verdict, at| {
            verdict.shown_by(at, "an RST that had no effect: both sides went on")
        }),
    )
}

/// A silence at the end that is much longer than any before it.
fn broke_off(facts: &Facts, quiet: Span) -> bool {
    let gaps = facts.connection.timeline.idle.as_ref().map_or(&[][..], |idle| idle.gaps());
    let before = gaps.iter().filter(|gap| gap.to.packet != facts.connection.capture_end.packet);
    let longest = before.map(IdleGap::span).max().unwrap_or(Span::from_secs(1));
    quiet.as_nanos() > longest.as_nanos().saturating_mul(3)
}

fn stopped_reading(facts: &Facts) -> Option<(Side, Stamp)> {
    let sides = [Side::Client, Side::Server].into_iter();
    let mut closed =
        sides.filter_map(|side| Some((side, facts.connection.tcp.sides.get(side).window_closed_since?)));
    closed.next()
}
