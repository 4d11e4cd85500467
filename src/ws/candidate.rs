//! A chain of frames that may be real: followed until there is evidence enough, or a contradiction.

use std::ops::ControlFlow;

use super::event::Frame;
use super::framer::{Framer, Walk, Walker};
use super::header::Header;
use super::plausible::{LANDING, LONE_CONTROL, Plausibility, end_weight, payload_weight};
use crate::flow::Stamp;

/// Evidence in bits that proves a chain at any place, whatever number of places was tried.
pub(super) const CERTAIN: u32 = 96;

/// Complete frames held back for one candidate; few can be as many without being certain.
pub(super) const MAX_PENDING: usize = 32;

/// What a chunk did to a candidate.
pub(super) enum Fate<'b> {
    /// Something contradicts the chain.
    Dead,
    /// The chunk fits.
    Alive,
    /// The chain is certain; these bytes of the chunk come after it.
    Certain(&'b [u8]),
}

/// A possible chain of frames, its evidence, and the frames to tell once it is believed.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) framer: Framer,
    pub(super) chain: Chain,
    /// Where the chain begins.
    pub(super) start: Start,
}

/// Where a candidate begins within a stretch without framing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    /// Bytes of the stretch before it.
    pub(super) bytes: u64,
    /// Bytes of holes before it.
    pub(super) missing: u64,
    /// The packet with its first byte.
    pub(super) at: Stamp,
    /// Whether it starts a chunk.
    pub(super) at_chunk: bool,
    /// How many such places were tried in the stretch, this one included; never zero.
    pub(super) tries: u64,
}

/// The frames of a candidate and what they weigh.
#[derive(Debug)]
pub(super) struct Chain {
    plausibility: Plausibility,
    /// Evidence in bits.
    pub(super) weight: u32,
    /// Headers seen.
    pub(super) headers: usize,
    /// Complete frames, to be told once the chain is believed.
    pub(super) pending: Vec<Pending>,
    /// The newest header.
    pub(super) last: Option<Header>,
    one_chunk: bool,
    contradicted: bool,
}

/// A complete frame held back, its kept payload owned.
#[derive(Debug)]
pub(super) struct Pending {
    header: Header,
    first: Stamp,
    at: Stamp,
    missing: u64,
    kept: Box<[u8]>,
    /// Evidence in bits that this frame is real, given that a real one follows.
    proof: u32,
}

impl Candidate {
    /// A candidate that begins with the next byte.
    pub(super) fn new(plausibility: Plausibility, start: Start) -> Self {
        Self { framer: Framer::new(), chain: Chain::new(plausibility), start }
    }

    /// Follows the chain through a chunk.
    pub(super) fn push<'b>(&mut self, bytes: &'b [u8], at: Stamp) -> Fate<'b> {
        let Self { framer, chain, .. } = self;
        chain.one_chunk = false;
        match framer.push(bytes, at, chain) {
            ControlFlow::Break(_) if chain.contradicted => Fate::Dead,
            ControlFlow::Break(rest) => Fate::Certain(rest),
            ControlFlow::Continue(()) => {
                self.weigh_end(bytes.len());
                Fate::Alive
            }
        }
    }

    /// Follows the chain over a hole; false where it does not lead over.
    pub(super) fn gap(&mut self, bytes: u64) -> bool {
        let Self { framer, chain, .. } = self;
        let walk = match framer.gap(bytes, chain) {
            // Being certain is noticed with the next chunk.
            ControlFlow::Break(0) if !chain.contradicted => ControlFlow::Continue(()),
            walk => walk,
        };
        if walk.is_continue() {
            self.weigh_end(usize::MAX);
        }
        walk.is_continue()
    }

    /// Leaves out the first frames unless their own evidence is `needed`.
    ///
    /// A phantom whose length happens to meet a real header leads into a chain that proves itself,
    /// but not the phantom.
    pub(super) fn trim(&mut self, needed: u32) {
        let weak = self.chain.pending.iter().take_while(|pending| pending.proof < needed).count();
        for Pending { header, missing, .. } in self.chain.pending.drain(..weak) {
            let size = header.payload_len.saturating_add(header.size() as u64);
            self.start.bytes = self.start.bytes.saturating_add(size.saturating_sub(missing));
            self.start.missing = self.start.missing.saturating_add(missing);
        }
        let open = self.framer.open_header().map(|(_, at)| at);
        if weak > 0
            && let Some(at) = self.chain.pending.first().map(|pending| pending.first).or(open)
        {
            self.start.at = at;
        }
    }

    /// Whether the chain ends between two frames.
    pub(super) const fn is_exact(&self) -> bool {
        self.framer.is_between_frames()
    }

    /// Adds the weight of meeting a chunk's end.
    fn weigh_end(&mut self, chunk: usize) {
        let Some(header) = &self.chain.last else { return };
        if !self.framer.is_between_frames() {
            return;
        }
        self.chain.weight += end_weight(header, self.chain.one_chunk);
        let size = header.payload_len.saturating_add(header.size() as u64);
        let lone = self.chain.headers > 1 || self.start.at_chunk;
        if header.opcode.is_control() && self.chain.one_chunk && lone && size == chunk as u64 {
            self.chain.weight += LONE_CONTROL;
        }
        if let Some(pending) = self.chain.pending.last_mut() {
            pending.proof = pending.proof.max(self.chain.weight);
        }
    }
}

impl Chain {
    const fn new(plausibility: Plausibility) -> Self {
        Self {
            plausibility,
            weight: 0,
            headers: 0,
            pending: Vec::new(),
            last: None,
            one_chunk: false,
            contradicted: false,
        }
    }

    /// What to judge further headers by, and the weight so far; `None` once the chain is certain.
    pub(super) fn doubt(&self) -> Option<(Plausibility, u32)> {
        (self.weight < CERTAIN).then_some((self.plausibility, self.weight))
    }

    /// Adds a weight; false where there is none, as the chain is contradicted.
    fn add(&mut self, weight: Option<u32>) -> bool {
        self.weight = self.weight.saturating_add(weight.unwrap_or(0));
        weight.is_some()
    }

    /// Holds a frame back, unless that settles the chain.
    fn hold(&mut self, frame: &Frame<'_>) -> Walk {
        self.pending.push(Pending::new(frame, self.weight + LANDING));
        if self.weight >= CERTAIN {
            ControlFlow::Break(())
        } else if self.pending.len() >= MAX_PENDING {
            self.contradict()
        } else {
            ControlFlow::Continue(())
        }
    }

    const fn contradict(&mut self) -> Walk {
        self.contradicted = true;
        ControlFlow::Break(())
    }
}

impl Walker for Chain {
    fn header(&mut self, header: &Header, _: Stamp, _: Stamp) -> Walk {
        let weight = self.plausibility.header(header);
        if !self.add(weight) {
            return self.contradict();
        }
        self.headers += 1;
        self.last = Some(*header);
        self.one_chunk = true;
        ControlFlow::Continue(())
    }

    fn frame(&mut self, frame: &Frame<'_>) -> Walk {
        if self.add(payload_weight(frame)) { self.hold(frame) } else { self.contradict() }
    }
}

impl Pending {
    fn new(frame: &Frame<'_>, proof: u32) -> Self {
        let Frame { header, first, at, missing, kept } = *frame;
        Self { header: *header, first, at, missing, kept: kept.into(), proof }
    }

    /// The frame as it was.
    pub(super) fn frame(&self) -> Frame<'_> {
        let Self { header, first, at, missing, .. } = self;
        Frame { header, first: *first, at: *at, missing: *missing, kept: &self.kept }
    }
}
