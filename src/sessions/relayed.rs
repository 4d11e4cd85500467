//! The legs of one session through one proxy or several: on which of them its end began.

use crate::facts::{ActKind, Facts};
use crate::flow::{Side, Stamp};
use crate::time::Span;
use crate::verdict::{Cause, Verdict};

use super::wording::Ends;
use super::{Leg, legs, wording};

/// An end that a proxy passes on reaches the other leg within this time.
const PASSED_ON: Span = Span::from_millis(250);

/// A proxy that ends both legs itself does so within this time.
const TOGETHER: Span = Span::from_millis(100);

/// Where the end of two neighbouring legs began.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Origin {
    /// At the far end of the nearer leg.
    Client,
    /// At the far end of the farther leg.
    Server,
    /// Between the legs.
    Middle,
    /// It cannot be told, or nothing ended it.
    Unknown,
}

/// The verdict on a session whose legs stand in `path`, the client's end first; the verdicts of the legs are
/// corrected by what they show together.
pub(super) fn verdict(legs: &mut [Leg<'_>], path: &[usize]) -> Verdict {
    let between = |pair: &[usize]| origin(legs[pair[0]].facts, legs[pair[1]].facts);
    let origins: Vec<_> = path.windows(2).map(between).collect();
    // The end was passed on toward the client up to here, and toward the server from here on.
    let first = origins.iter().take_while(|origin| **origin == Origin::Server).count();
    let in_between = origins.get(first) == Some(&Origin::Middle);
    let last = if in_between { first + 1 } else { first };
    if in_between {
        ended_in_between(legs, path[first], path[last]);
    }
    for &leg in &path[..first] {
        pass_on(legs, leg, path[first], Side::Server);
    }
    let onward =
        origins[last.min(origins.len())..].iter().take_while(|origin| **origin == Origin::Client).count();
    for &leg in &path[last + 1..=last + onward] {
        pass_on(legs, leg, path[last], Side::Client);
    }
    let ended = |leg: &&usize| legs[**leg].facts.act.is_some();
    let telling = path[first..].iter().find(ended).or_else(|| path.iter().find(ended));
    legs[*telling.unwrap_or(&path[first])].verdict.clone()
}

/// A proxy ended its two legs itself, or one of them.
fn ended_in_between(legs: &mut [Leg<'_>], near: usize, far: usize) {
    let pair = [near, far];
    let silence = legs[near].facts.silence_before_end().min(legs[far].facts.silence_before_end());
    let ends = ends(pair.map(|index| legs[index].facts));
    for index in pair {
        let leg = &mut legs[index];
        if leg.facts.act.is_some() {
            *leg.verdict = wording::ended_in_between(leg.facts, leg.verdict, silence, ends);
        }
    }
    let reader = legs[near].facts.act.is_none() && slow_reader(legs[near].facts);
    if reader && legs[far].verdict.cause == Cause::SlowReader {
        *legs[near].verdict = wording::given_up_on(legs[near].facts, legs[near].verdict);
    }
}

/// Which of a proxy's legs ended, and whether an end of the other side may be missing before that.
fn ends(pair: [&Facts; 2]) -> Ends {
    let mut unseen = false;
    for facts in pair {
        let Some(act) = facts.act else { return Ends::One };
        unseen |= facts.unseen_of(act.from.other()).is_some();
    }
    if unseen { Ends::Both } else { Ends::BothSeen }
}

/// The client does not read what the proxy has for it.
fn slow_reader(near: &Facts) -> bool {
    near.connection.tcp.sides.client.window_closed_since.is_some()
}

/// Corrects the verdict of a leg to which the end of the other one was passed on.
fn pass_on(legs: &mut [Leg<'_>], leg: usize, telling: usize, side: Side) {
    let telling = legs[telling].verdict.clone();
    let leg = &mut legs[leg];
    *leg.verdict = wording::passed_on(leg.facts, leg.verdict, &telling, side);
}

/// Compares the first end acts of two neighbouring legs; a Close that one end wrote is passed on as a frame
/// and needs no help.
fn origin(near: &Facts, far: &Facts) -> Origin {
    let (near_end, far_end) = match (near.act, far.act) {
        (Some(near_end), Some(far_end)) => (near_end, far_end),
        // The proxy ended one of its connections, and the other side had not.
        (Some(end), None) if end.from == Side::Server && !is_close(end.kind) => return Origin::Middle,
        (None, Some(end)) if end.from == Side::Client && !is_close(end.kind) => return Origin::Middle,
        _ => return Origin::Unknown,
    };
    let one_clock = legs::file(near) == legs::file(far);
    let (near_at, far_at) = (since_opened(near, near_end.at), since_opened(far, far_end.at));
    let apart = match one_clock {
        true => far_end.at.time - near_end.at.time,
        false => Span::from_nanos(far_at.as_nanos().saturating_sub(near_at.as_nanos())),
    };
    let closes = is_close(near_end.kind) || is_close(far_end.kind);
    match (near_end.from, far_end.from) {
        (Side::Server, Side::Client) if apart.abs() <= TOGETHER => Origin::Middle,
        _ if closes => Origin::Unknown,
        (Side::Server, Side::Server) if apart <= Span::ZERO && apart.abs() <= PASSED_ON => Origin::Server,
        (Side::Client, Side::Client) if apart >= Span::ZERO && apart <= PASSED_ON => Origin::Client,
        _ => Origin::Unknown,
    }
}

const fn is_close(kind: ActKind) -> bool {
    matches!(kind, ActKind::Close(_))
}

/// Both legs open with the same 101: what came later can be compared without comparing two clocks.
fn since_opened(facts: &Facts, at: Stamp) -> Span {
    at.time - facts.connection.opened().time
}
