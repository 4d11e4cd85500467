//! WebSocket sessions seen on several legs or in several captures: what one cannot show, all together do.
//!
//! A proxy that terminates TCP hides from each leg what happens on the other. Where a capture holds
//! both, the leg on which the end appears first tells who began it.

mod digest;
mod findings;
mod legs;
mod relayed;
mod restart;
mod views;
mod wording;

use findings::Known;
use legs::Path;

use crate::facts::Facts;
use crate::time::Span;
use crate::verdict::Verdict;

pub use digest::{Digest, EndAct, How};
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

/// All connections, in the order of their first packets: of each the essence at hand, the rest to be read.
pub trait Members {
    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The essence of one.
    fn digest(&self, index: usize) -> &Digest;

    /// The facts of one, and its verdict.
    fn read(&self, index: usize) -> Option<(Facts, Verdict)>;

    /// Replaces the verdict on one.
    fn correct(&mut self, index: usize, facts: Facts, verdict: Verdict);
}

/// A leg: its facts, and its verdict, which the session may correct.
struct Leg<'a> {
    /// What its packets show.
    facts: &'a Facts,
    /// What it says alone.
    verdict: &'a mut Verdict,
}

/// Finds the sessions among connections.
///
/// The verdicts of the legs are corrected by what both show together.
pub fn join(members: &mut impl Members) -> Vec<Session> {
    let mut found = Vec::new();
    for group in legs::alike(members, |_, digest| digest.key) {
        found.extend(look(members, &group, legs::by_key));
    }
    let mut joined = vec![false; members.len()];
    found.iter().flat_map(|(path, _): &(Path, _)| path).flatten().for_each(|&index| joined[index] = true);
    for group in legs::alike(members, |index, digest| digest.mask.filter(|_| !joined[index])) {
        found.extend(look(members, &group, legs::by_masks));
    }
    found.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    found.into_iter().map(|(_, session)| session).collect()
}

/// Corrects the verdicts on connections by what happened to others at the same time.
pub fn compare(members: &mut impl Members) {
    restart::correct(members);
}

/// What only all connections together show.
pub fn find(members: &impl Members) -> Vec<Finding> {
    let known = (0..members.len()).map(|index| Known { index, digest: members.digest(index) });
    findings::find(&known.collect::<Vec<_>>())
}

/// The session of a group of connections, where `path` finds that they are one.
fn look(
    members: &mut impl Members,
    group: &[usize],
    path: fn(&[Leg<'_>]) -> Option<(Path, JoinedBy)>,
) -> Option<(Path, Session)> {
    let read: Option<Vec<_>> = group.iter().map(|&index| members.read(index)).collect();
    let (facts, alone): (Vec<Facts>, Vec<Verdict>) = read?.into_iter().unzip();
    let mut verdicts = alone.clone();
    let legs = facts.iter().zip(&mut verdicts);
    let mut legs: Vec<_> = legs.map(|(facts, verdict)| Leg { facts, verdict }).collect();
    let (path, joined_by) = path(&legs)?;
    let session = session(&mut legs, &path, joined_by);
    for (((index, facts), verdict), alone) in group.iter().zip(facts).zip(verdicts).zip(alone) {
        if verdict != alone {
            members.correct(*index, facts, verdict);
        }
    }
    let of_all = |leg: &Vec<usize>| leg.iter().map(|&index| group[index]).collect::<Vec<_>>();
    let path: Path = path.iter().map(of_all).collect();
    Some((path.clone(), Session { legs: path.concat(), ..session }))
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
