//! WebSocket sessions seen on several legs or in several captures: what one cannot show, all together do.
//!
//! A proxy that terminates TCP hides from each leg what happens on the other. Where a capture holds
//! both, the leg on which the end appears first tells who began it.

mod findings;
mod legs;
mod relayed;
mod restart;
mod views;
mod wording;

use findings::Known;

use crate::catalogue::Catalogue;
use crate::facts::Facts;
use crate::time::Span;
use crate::verdict::Verdict;

pub use findings::{Finding, FindingKind};

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
    /// The same frames of a client at the same time, with the same masking keys.
    Timing,
}

impl JoinedBy {
    /// The report's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameFlow => "same_flow",
            Self::Key => "sec_websocket_key",
            Self::Timing => "timing",
        }
    }
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
    legs::paths(legs).into_iter().map(|(path, joined_by)| session(legs, &path, joined_by)).collect()
}

/// Corrects the verdicts on connections by what happened to others at the same time.
pub fn compare(legs: &mut [Leg<'_>], catalogue: &Catalogue) {
    restart::correct(legs, catalogue);
}

/// What only all connections together show.
pub fn find(legs: &[Leg<'_>]) -> Vec<Finding> {
    let known = legs.iter().enumerate();
    let known: Vec<_> =
        known.map(|(index, leg)| Known { index, facts: leg.facts, verdict: &*leg.verdict }).collect();
    findings::find(&known)
}

fn session(legs: &mut [Leg<'_>], path: &[Vec<usize>], joined_by: JoinedBy) -> Session {
    let mut clock_offset = None;
    let views: Vec<_> = path.iter().map(|leg| view(legs, leg, &mut clock_offset)).collect();
    let verdict = match views.as_slice() {
        [only] => only.clone(),
        _ => relayed::verdict(legs, &path.iter().map(|leg| leg[0]).collect::<Vec<_>>()),
    };
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
