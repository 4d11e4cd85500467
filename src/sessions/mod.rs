//! WebSocket sessions seen on several legs or in several captures: what one cannot show, all together do.
//!
//! A proxy that terminates TCP hides from each leg what happens on the other. Where a capture holds
//! both, the leg on which the end appears first tells who began it.

mod findings;
mod legs;
mod views;
mod wording;

use findings::Known;

use crate::facts::{ActKind, Facts};
use crate::flow::{Side, Stamp};
use crate::time::Span;
use crate::verdict::{Cause, Verdict};

pub use findings::{Finding, FindingKind};

/// An end that a proxy passes on reaches the other leg within this time.
const PASSED_ON: Span = Span::from_millis(250);

/// A proxy that ends both legs itself does so within this time.
const TOGETHER: Span = Span::from_millis(100);

/// One WebSocket session on several legs, or in several captures.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its connections as indexes, the client's end first.
    pub legs: Vec<usize>,
    /// What joins them.
    pub joined_by: JoinedBy,
    /// How far the clock of the second capture is ahead of the first one's, where both hold one connection.
    pub clock_offset: Option<Span>,
    /// Who ended the session as a whole, and why.
    pub verdict: Verdict,
}

/// What joins the connections of a session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum JoinedBy {
    /// They are one TCP connection in several captures.
    SameFlow,
    /// The key of their upgrade requests.
    Key,
}

impl JoinedBy {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameFlow => "same_flow",
            Self::Key => "sec_websocket_key",
        }
    }
}

/// Where a session's end began.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Origin {
    /// At the far end of the client's leg.
    Client,
    /// At the far end of the server's leg.
    Server,
    /// Between the legs.
    Middle,
    /// It cannot be told, or nothing ended it.
    Unknown,
}

/// A leg: its facts, and its verdict, which the session may correct.
pub struct Leg<'a> {
    /// What its packets show.
    pub facts: &'a Facts,
    /// What it says alone.
    pub verdict: &'a mut Verdict,
}

/// Finds the sessions among connections in the order of their first packets.
///
/// The verdicts of the legs are corrected by what both show together.
pub fn join(legs: &mut [Leg<'_>]) -> Vec<Session> {
    legs::paths(legs).into_iter().map(|path| session(legs, &path)).collect()
}

/// What only all connections together show.
pub fn find(legs: &[Leg<'_>]) -> Vec<Finding> {
    let known = legs.iter().enumerate();
    let known: Vec<_> =
        known.map(|(index, leg)| Known { index, facts: leg.facts, verdict: &*leg.verdict }).collect();
    findings::find(&known)
}

fn session(legs: &mut [Leg<'_>], path: &[Vec<usize>]) -> Session {
    let mut clock_offset = None;
    let views: Vec<_> = path.iter().map(|leg| view(legs, leg, &mut clock_offset)).collect();
    let verdict = match (path, views.as_slice()) {
        ([near, far], _) => proxied(legs, near[0], far[0]),
        (_, [only]) => only.clone(),
        _ => {
            views.iter().max_by_key(|verdict| verdict.confidence).cloned().unwrap_or_else(|| views[0].clone())
        }
    };
    let joined_by = if path.len() == 1 { JoinedBy::SameFlow } else { JoinedBy::Key };
    Session { legs: path.concat(), joined_by, clock_offset, verdict }
}

/// One leg, by all captures that hold it; they are told the same in the end.
fn view(legs: &mut [Leg<'_>], leg: &[usize], clock_offset: &mut Option<Span>) -> Verdict {
    let (first, last) = (leg[0], leg[leg.len() - 1]);
    if first == last {
        return legs[first].verdict.clone();
    }
    let ahead = legs::clock_offset(legs[first].facts, legs[last].facts);
    *clock_offset = clock_offset.or(ahead);
    views::verdict(&legs[first], &legs[last], ahead)
}

/// Two legs of a proxy.
fn proxied(legs: &mut [Leg<'_>], near: usize, far: usize) -> Verdict {
    let pair = [near, far];
    let origin = origin(legs[near].facts, legs[far].facts);
    let silence = legs[near].facts.silence_before_end().min(legs[far].facts.silence_before_end());
    match origin {
        Origin::Middle => {
            let both = pair.iter().all(|&index| legs[index].facts.act.is_some());
            for index in pair {
                let leg = &mut legs[index];
                if leg.facts.act.is_some() {
                    *leg.verdict = wording::ended_in_between(leg.facts, leg.verdict, silence, both);
                }
            }
            let reader = legs[near].facts.act.is_none() && slow_reader(legs[near].facts);
            if reader && legs[far].verdict.cause == Cause::SlowReader {
                *legs[near].verdict = wording::given_up_on(legs[near].facts, legs[near].verdict);
            }
        }
        Origin::Server => pass_on(legs, near, far, Side::Server),
        Origin::Client => pass_on(legs, far, near, Side::Client),
        Origin::Unknown => {}
    }
    let far_tells = origin == Origin::Server || legs[near].facts.act.is_none();
    let telling = if far_tells { far } else { near };
    legs[telling].verdict.clone()
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

/// Compares the first end acts of the two legs; a Close is passed on as a frame and needs no help.
fn origin(near: &Facts, far: &Facts) -> Origin {
    let (near_end, far_end) = match (first_end(near), first_end(far)) {
        (Some(near_end), Some(far_end)) => (near_end, far_end),
        // The proxy ended one of its connections, and the other side had not.
        (Some(end), None) if end.from == Side::Server && far.act.is_none() => return Origin::Middle,
        (None, Some(end)) if end.from == Side::Client && near.act.is_none() => return Origin::Middle,
        _ => return Origin::Unknown,
    };
    let one_clock = legs::file(near) == legs::file(far);
    let (near_at, far_at) = (since_opened(near, near_end.at), since_opened(far, far_end.at));
    let apart = match one_clock {
        true => far_end.at.time - near_end.at.time,
        false => Span::from_nanos(far_at.as_nanos().saturating_sub(near_at.as_nanos())),
    };
    match (near_end.from, far_end.from) {
        (Side::Server, Side::Client) if apart.abs() <= TOGETHER => Origin::Middle,
        (Side::Server, Side::Server) if apart <= Span::ZERO && apart.abs() <= PASSED_ON => Origin::Server,
        (Side::Client, Side::Client) if apart >= Span::ZERO && apart <= PASSED_ON => Origin::Client,
        _ => Origin::Unknown,
    }
}

/// Both legs open with the same 101: what came later can be compared without comparing two clocks.
fn since_opened(facts: &Facts, at: Stamp) -> Span {
    at.time - facts.connection.opened().time
}

struct End {
    from: Side,
    at: Stamp,
}

fn first_end(facts: &Facts) -> Option<End> {
    let act = facts.act?;
    let without_close = matches!(act.kind, ActKind::Fin(_) | ActKind::Reset(_));
    without_close.then_some(End { from: act.from, at: act.at })
}
