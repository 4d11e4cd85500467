//! WebSocket sessions seen on two legs of one proxy: what one leg cannot show, both together do.
//!
//! A proxy that terminates TCP hides from each leg what happens on the other. Where a capture holds
//! both, the leg on which the end appears first tells who began it.

mod findings;
mod wording;

use std::collections::HashMap;

use findings::Known;

use crate::facts::{ActKind, Facts};
use crate::flow::{Side, Stamp};
use crate::time::Span;
use crate::timeline::Kind;
use crate::verdict::Verdict;

pub use findings::{Finding, FindingKind};

/// An end that a proxy passes on reaches the other leg within this time.
const PASSED_ON: Span = Span::from_millis(250);

/// A proxy that ends both legs itself does so within this time.
const TOGETHER: Span = Span::from_millis(100);

/// One WebSocket session on two legs.
#[derive(Clone, Debug)]
pub struct Session {
    /// The legs as indexes into the connections, the client's end first.
    pub legs: [usize; 2],
    /// Who ended the session as a whole, and why.
    pub verdict: Verdict,
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
/// The key of the upgrade request is random and passes proxies unchanged: the same key on two
/// connections is proof. The verdicts of the legs are corrected by what both show together.
pub fn join(legs: &mut [Leg<'_>]) -> Vec<Session> {
    pairs(legs).into_iter().map(|pair| session(legs, pair)).collect()
}

/// What only all connections together show.
pub fn find(legs: &[Leg<'_>]) -> Vec<Finding> {
    let known = legs.iter().enumerate();
    let known: Vec<_> =
        known.map(|(index, leg)| Known { index, facts: leg.facts, verdict: &*leg.verdict }).collect();
    findings::find(&known)
}

/// Pairs of connections of one capture with the same key, the earlier request first.
fn pairs(legs: &[Leg<'_>]) -> Vec<[usize; 2]> {
    let mut by_key: HashMap<(u32, &str), Vec<usize>> = HashMap::new();
    for (index, leg) in legs.iter().enumerate() {
        let connection = &leg.facts.connection;
        let request = connection.timeline.request.as_ref();
        if let (Kind::WebSocket, Some(request)) = (connection.kind, request)
            && let Some(key) = &request.key_hash
        {
            by_key.entry((request.at.packet.file(), key)).or_default().push(index);
        }
    }
    let proxied = |pair: &[usize; 2]| {
        let ends = pair.map(|index| *legs[index].facts.connection.tcp.endpoints.get(Side::Client));
        ends[0] != ends[1]
    };
    let mut pairs: Vec<[usize; 2]> =
        by_key.into_values().filter_map(|found| found.try_into().ok()).filter(proxied).collect();
    for pair in &mut pairs {
        pair.sort_by_key(|&index| {
            legs[index].facts.connection.timeline.request.as_ref().map(|request| request.at.time)
        });
    }
    pairs.sort_unstable();
    pairs
}

fn session(legs: &mut [Leg<'_>], pair: [usize; 2]) -> Session {
    let [near, far] = pair;
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
        }
        Origin::Server => pass_on(legs, near, far, Side::Server),
        Origin::Client => pass_on(legs, far, near, Side::Client),
        Origin::Unknown => {}
    }
    let far_tells = origin == Origin::Server || legs[near].facts.act.is_none();
    let telling = if far_tells { far } else { near };
    Session { legs: pair, verdict: legs[telling].verdict.clone() }
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
    let apart = far_end.at.time - near_end.at.time;
    match (near_end.from, far_end.from) {
        (Side::Server, Side::Client) if apart.abs() <= TOGETHER => Origin::Middle,
        (Side::Server, Side::Server) if apart <= Span::ZERO && apart.abs() <= PASSED_ON => Origin::Server,
        (Side::Client, Side::Client) if apart >= Span::ZERO && apart <= PASSED_ON => Origin::Client,
        _ => Origin::Unknown,
    }
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
