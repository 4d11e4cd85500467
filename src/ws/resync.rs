//! Finding the frames again in a stream whose framing was lost.
//!
//! Most senders write whole frames, so a chunk (a segment, a TLS record) often starts with a header.
//! Each chunk's start, and within bounds each place inside it, may begin a [`Candidate`]; one is
//! believed when its evidence exceeds what chance could bring about in the number of places tried.

use super::candidate::{Candidate, Fate, MAX_PENDING, Start};
use super::event::{CONTROL_KEPT, GapReason};
use super::header::ReservedBits;
use super::plausible::{Plausibility, may_start};
use crate::flow::{Side, Stamp};
use crate::limits::Limits;

/// Evidence in bits that a chain from the first chunk's start needs; each doubling of tries adds one.
const ENOUGH: u32 = 20;

/// Evidence in bits that a chain from inside a chunk needs; each doubling of tries adds one.
const ENOUGH_INSIDE: u32 = 26;

/// Evidence in bits that the first frame of a believed chain needs of its own; likewise.
const ENOUGH_FIRST: u32 = 14;

/// Evidence in bits within one chunk that makes a chain from inside it worth following.
const WORTH_FOLLOWING: u32 = 20;

/// Bytes that one candidate may hold: its frames with the payloads of control frames.
const CANDIDATE_COST: usize = MAX_PENDING * 2 * CONTROL_KEPT;

/// A stretch of stream without framing, and the places where it may hold again.
#[derive(Debug)]
pub(super) struct Lost {
    /// What the stretch began with.
    pub(super) why: GapReason,
    /// The packet where it began; unknown until the first chunk of a reader that starts lost.
    pub(super) at: Option<Stamp>,
    /// Bytes seen.
    pub(super) bytes: u64,
    /// Bytes of holes.
    pub(super) missing: u64,
    chunks: u64,
    places: u64,
    plausibility: Plausibility,
    candidates: Vec<Candidate>,
    max_candidates: usize,
}

impl Lost {
    /// How many places may be followed at a time within `limits`.
    pub(super) fn candidates(limits: &Limits) -> usize {
        (limits.resync_buffer / CANDIDATE_COST).clamp(1, 8)
    }

    /// A stretch that begins here.
    pub(super) fn new(
        sender: Side,
        allowed: ReservedBits,
        max_candidates: usize,
        why: GapReason,
        at: Option<Stamp>,
    ) -> Self {
        Self {
            why,
            at,
            bytes: 0,
            missing: 0,
            chunks: 0,
            places: 0,
            plausibility: Plausibility::new(sender, allowed),
            candidates: Vec::new(),
            max_candidates,
        }
    }

    /// Looks at a chunk; gives the candidate that is now believed and the bytes after its frames.
    pub(super) fn push<'b>(&mut self, bytes: &'b [u8], at: Stamp) -> Option<(Candidate, &'b [u8])> {
        self.at.get_or_insert(at);
        self.chunks += 1;
        let certain = self.follow(bytes, at).or_else(|| self.try_start(bytes, at));
        let certain = certain.or_else(|| self.try_inside(bytes, at));
        self.bytes += bytes.len() as u64;
        let (mut candidate, rest) = match certain {
            Some(certain) => certain,
            None => (self.believe()?, &[][..]),
        };
        candidate.trim(ENOUGH_FIRST + candidate.start.tries.ilog2());
        Some((candidate, rest))
    }

    /// Goes over a hole; gives the candidate that is now believed.
    pub(super) fn gap(&mut self, bytes: u64, at: Stamp) -> Option<Candidate> {
        self.at.get_or_insert(at);
        self.missing += bytes;
        self.candidates.retain_mut(|candidate| candidate.gap(bytes));
        let mut candidate = self.believe()?;
        candidate.trim(ENOUGH_FIRST + candidate.start.tries.ilog2());
        Some(candidate)
    }

    /// Lets the candidates of earlier chunks go on.
    fn follow<'b>(&mut self, bytes: &'b [u8], at: Stamp) -> Option<(Candidate, &'b [u8])> {
        let mut index = 0;
        while let Some(candidate) = self.candidates.get_mut(index) {
            match candidate.push(bytes, at) {
                Fate::Alive => index += 1,
                Fate::Dead => drop(self.candidates.swap_remove(index)),
                Fate::Certain(rest) => return Some((self.candidates.swap_remove(index), rest)),
            }
        }
        None
    }

    /// Tries a chain from the chunk's start.
    fn try_start<'b>(&mut self, bytes: &'b [u8], at: Stamp) -> Option<(Candidate, &'b [u8])> {
        let mut candidate = self.candidate(0, at);
        match candidate.push(bytes, at) {
            Fate::Dead => None,
            Fate::Certain(rest) => Some((candidate, rest)),
            Fate::Alive => {
                self.keep(candidate);
                None
            }
        }
    }

    /// Tries chains from the places inside the chunk, as long as the budget lasts.
    fn try_inside<'b>(&mut self, bytes: &'b [u8], at: Stamp) -> Option<(Candidate, &'b [u8])> {
        // A strong candidate needs no rivals.
        if self.candidates.iter().any(|candidate| candidate.chain.weight >= WORTH_FOLLOWING) {
            return None;
        }
        let sender = self.plausibility.sender();
        let mut budget = 64 + bytes.len() / 4;
        for (index, pair) in bytes.windows(2).enumerate().skip(1) {
            let [first, second] = pair else { break };
            self.places += 1;
            if !may_start(*first, *second, sender) {
                continue;
            }
            let mut candidate = self.candidate(index, at);
            let fate = candidate.push(bytes.get(index..).unwrap_or_default(), at);
            budget = budget.saturating_sub(candidate.chain.headers);
            match fate {
                Fate::Certain(rest) => return Some((candidate, rest)),
                Fate::Alive if candidate.chain.weight >= WORTH_FOLLOWING => {
                    // Later places would only find the rest of the same chain.
                    self.keep(candidate);
                    break;
                }
                Fate::Alive | Fate::Dead if budget == 0 => break,
                Fate::Alive | Fate::Dead => {}
            }
        }
        None
    }

    /// A candidate that begins at `index` of the chunk being looked at.
    fn candidate(&self, index: usize, at: Stamp) -> Candidate {
        let bytes = self.bytes + index as u64;
        let at_chunk = index == 0;
        let tries = if at_chunk { self.chunks } else { self.places };
        let start = Start { bytes, missing: self.missing, at, at_chunk, tries: tries.max(1) };
        Candidate::new(self.plausibility, start)
    }

    /// Keeps a candidate, in place of the weakest where there are too many.
    fn keep(&mut self, candidate: Candidate) {
        if self.candidates.len() < self.max_candidates {
            self.candidates.push(candidate);
        } else if let Some(weakest) = self.candidates.iter_mut().min_by_key(|kept| kept.chain.weight)
            && weakest.chain.weight < candidate.chain.weight
        {
            *weakest = candidate;
        }
    }

    /// Takes out the candidate with the most evidence if that is enough.
    fn believe(&mut self) -> Option<Candidate> {
        let (index, best) =
            self.candidates.iter().enumerate().max_by_key(|(_, candidate)| candidate.chain.weight)?;
        let enough = if best.start.at_chunk { ENOUGH } else { ENOUGH_INSIDE };
        let needed = enough + best.start.tries.ilog2();
        let believed = best.chain.weight >= needed && (best.chain.headers > 1 || best.is_exact());
        believed.then(|| self.candidates.swap_remove(index))
    }
}
