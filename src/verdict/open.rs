//! Nothing ended the connection in this capture.

use crate::catalogue::Catalogue;
use crate::facts::{Facts, Mechanism};

use super::{Cause, Confidence, Party, Verdict};

pub(super) fn still_open(facts: &Facts, _: &Catalogue) -> Option<Verdict> {
    if facts.mechanism != Mechanism::StillOpen {
        return None;
    }
    let last = facts.connection.tcp.last;
    let verdict = Verdict::new(facts, Party::None, Cause::Unknown, Confidence::High)
        .summary("The connection was still open when the capture ended.")
        .shown_by(last, "the connection's last packet; no Close, FIN or RST before it");
    let resets = facts.resets.iter().map(|judged| judged.reset.at);
    Some(
        resets.fold(verdict, |verdict, at| {
            verdict.shown_by(at, "an RST that had no effect: both sides went on")
        }),
    )
}
