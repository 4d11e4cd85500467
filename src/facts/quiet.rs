//! A side that is not heard any more although it is spoken to.
//!
//! The side whose segments go unanswered is the witness, not the culprit. TCP acknowledges
//! everything that arrives, so an unanswered segment means that the path or the peer's host is gone,
//! not that an application is slow.

use crate::flow::{Side, Sides, Stamp};
use crate::tcp::{Liveness, SideSummary, Summary};
use crate::time::Span;
use crate::timeline::{Connection, Undelivered};

use super::act::Act;
use super::one_sided;
use super::reset::JudgedReset;

/// The shortest time of unanswered attempts that means something.
const SHORTEST: Span = Span::from_secs(1);

/// Attempts that mean something.
const FEWEST: u32 = 2;

/// Retransmissions of acknowledged bytes that mean that the acknowledgements do not arrive.
const FEWEST_STALE: u32 = 3;

/// A side that is not heard any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Quiet {
    /// The side that is not heard.
    pub side: Side,
    /// Its last segment.
    pub last_heard: Option<Stamp>,
    /// The other side's first attempt to reach it that was not answered.
    pub first_attempt: Stamp,
    /// The last one.
    pub last_attempt: Stamp,
    /// How many attempts.
    pub attempts: u32,
    /// What exactly is missing.
    pub kind: Silence,
    /// A router's word on what became of the attempts.
    pub undelivered: Option<Undelivered>,
}

/// What is missing of a side.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Silence {
    /// Every packet.
    Everything,
    /// Its acknowledgements: its packets still come, but show that it hears nothing any more.
    Acknowledgements,
    /// Nothing at this vantage point, but its peer goes on as if nothing arrived.
    BeyondHere,
}

/// Looks at the first end act, or at the capture's end where there is none.
pub(super) fn find(connection: &Connection, act: Option<&Act>, resets: &[JudgedReset]) -> Option<Quiet> {
    let tcp = &connection.tcp;
    // What was not captured is not unanswered.
    if one_sided::only(tcp).is_some() {
        return None;
    }
    let liveness = match (act, &connection.timeline.at_end) {
        (Some(_), Some(at_end)) => **at_end,
        (Some(_), None) => return None,
        (None, _) => Sides { client: liveness(tcp, Side::Client), server: liveness(tcp, Side::Server) },
    };
    let later = if act.is_none() { connection.capture_end } else { Stamp::default() };
    let sides = [Side::Client, Side::Server];
    let unheard = sides.into_iter().find_map(|witness| unheard(witness, &liveness, tcp, later));
    let answered_by_reset = act.is_none() && !resets.is_empty();
    unheard
        .or_else(|| sides.into_iter().find_map(|witness| unacknowledged(witness, &liveness, tcp, later)))
        .or_else(|| sides.into_iter().find_map(|witness| deaf(witness, &liveness)))
        .filter(|_| !answered_by_reset)
        .map(|quiet| Quiet { undelivered: undelivered(connection, &quiet), ..quiet })
}

/// The first ICMP error about the attempts.
fn undelivered(connection: &Connection, quiet: &Quiet) -> Option<Undelivered> {
    let errors = connection.timeline.undelivered.iter();
    let about =
        |each: &&Undelivered| each.from == quiet.side.other() && each.at.packet >= quiet.first_attempt.packet;
    errors.copied().filter(|each| about(&each)).min_by_key(|each| each.at.packet)
}

fn liveness(tcp: &Summary, side: Side) -> Liveness {
    let summary = tcp.sides.get(side);
    let SideSummary { last: heard, unanswered, outstanding, .. } = *summary;
    Liveness { heard, unanswered, outstanding, acked_at: None }
}

fn unheard(witness: Side, liveness: &Sides<Liveness>, tcp: &Summary, later: Stamp) -> Option<Quiet> {
    let unanswered = liveness.get(witness).unanswered;
    let (first, last) = (unanswered.since?, unanswered.last?);
    // A direction of which nothing was captured proves nothing by its absence.
    let last_heard = liveness.get(witness.other()).heard?;
    let trying = last.time.max(later.time) - first.time;
    if unanswered.segments < FEWEST || trying < patience(tcp) {
        return None;
    }
    Some(Quiet {
        side: witness.other(),
        last_heard: Some(last_heard),
        first_attempt: first,
        last_attempt: last,
        attempts: unanswered.segments,
        kind: Silence::Everything,
        undelivered: None,
    })
}

/// The side is heard, but acknowledges nothing of what its peer sends again and again.
fn unacknowledged(witness: Side, liveness: &Sides<Liveness>, tcp: &Summary, later: Stamp) -> Option<Quiet> {
    let outstanding = liveness.get(witness).outstanding?;
    let trying = outstanding.last.time.max(later.time) - outstanding.since.time;
    let tells = outstanding.retransmissions >= FEWEST && trying >= patience(tcp);
    tells.then_some(Quiet {
        side: witness.other(),
        last_heard: liveness.get(witness.other()).heard,
        first_attempt: outstanding.since,
        last_attempt: outstanding.last,
        attempts: outstanding.retransmissions + 1,
        kind: Silence::Acknowledgements,
        undelivered: None,
    })
}

/// How long attempts must go on before they count as being in vain.
fn patience(tcp: &Summary) -> Span {
    tcp.rtt().map_or(SHORTEST, |rtt| SHORTEST.max(Span::from_nanos(rtt.as_nanos().saturating_mul(4))))
}

fn deaf(witness: Side, liveness: &Sides<Liveness>) -> Option<Quiet> {
    let unanswered = liveness.get(witness).unanswered;
    let last = liveness.get(witness).heard?;
    (unanswered.stale_retransmissions >= FEWEST_STALE).then_some(Quiet {
        side: witness.other(),
        last_heard: liveness.get(witness.other()).heard,
        first_attempt: last,
        last_attempt: last,
        attempts: unanswered.stale_retransmissions,
        kind: Silence::BeyondHere,
        undelivered: None,
    })
}
