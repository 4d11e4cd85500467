//! Reads the frames of one direction.

use std::ops::ControlFlow;

use super::candidate::{CERTAIN, Candidate};
use super::event::{Event, Frame, GapReason};
use super::framer::{Framer, Walk, Walker};
use super::header::{Header, ReservedBits};
use super::plausible::Plausibility;
use super::resync::Lost;
use super::violation::Judge;
use crate::flow::{Side, Stamp};
use crate::limits::Limits;
use crate::prefetch::prefetch;

/// Turns the bytes that one side sends after the upgrade into [`Event`]s.
///
/// Chunks may be split anywhere. A data frame's payload is only counted, so that a frame of any
/// length costs the same; a hole inside a payload is counted too and framing goes on.
#[derive(Debug)]
#[repr(align(64))]
pub struct Reader {
    sender: Side,
    allowed: ReservedBits,
    /// Places that may be followed at a time while framing is lost.
    candidates: usize,
    judge: Judge,
    doubt: Option<Doubt>,
    mode: Mode,
    /// Bytes of a data frame's payload that are kept.
    preview: usize,
}

/// What keeps an eye on a chain that was believed but is not certain yet.
#[derive(Debug)]
struct Doubt {
    plausibility: Plausibility,
    weight: u32,
    why: GapReason,
}

#[derive(Debug)]
enum Mode {
    Framed(Framer),
    Lost(Box<Lost>),
}

impl Reader {
    /// A reader of the first bytes after the upgrade; `allowed_rsv` is what the extensions define.
    pub fn new(sender: Side, allowed_rsv: ReservedBits, limits: &Limits) -> Self {
        let judge = Judge::new(sender, allowed_rsv);
        let mode = Mode::Framed(Framer::new());
        let candidates = Lost::candidates(limits);
        Self { sender, allowed: allowed_rsv, candidates, judge, doubt: None, mode, preview: 0 }
    }

    /// A reader that starts somewhere within a connection and looks for the first frame.
    ///
    /// Whether compression was negotiated is unknown, so RSV1 is allowed.
    pub fn midstream(sender: Side, limits: &Limits) -> Self {
        let mut reader = Self::new(sender, ReservedBits::RSV1, limits);
        reader.judge.lose_track();
        reader.mode = Mode::Lost(Box::new(reader.lost(GapReason::StartedMidstream, None)));
        reader
    }

    /// Asks for what the next bytes will touch.
    #[inline(always)]
    pub fn prefetch(&self) {
        prefetch(self);
    }

    /// Keeps the beginning of the data frames that begin from now on, at most `bytes` of each and 256.
    #[inline]
    pub fn preview(&mut self, bytes: usize) {
        if self.preview != bytes {
            self.preview = bytes;
            if let Mode::Framed(framer) = &mut self.mode {
                framer.set_preview(bytes);
            }
        }
    }

    /// Whether the reader knows where the next header is.
    pub const fn is_framed(&self) -> bool {
        matches!(self.mode, Mode::Framed(_))
    }

    /// Reads the next bytes, which packet `at` carried.
    #[inline(always)]
    pub fn push(&mut self, mut bytes: &[u8], at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        while !bytes.is_empty() {
            bytes = match &mut self.mode {
                Mode::Framed(_) => self.push_framed(bytes, at, sink),
                Mode::Lost(lost) => match lost.push(bytes, at) {
                    Some((candidate, rest)) => {
                        self.resume(candidate, sink);
                        rest
                    }
                    None => &[],
                },
            };
        }
    }

    /// Goes over a hole of `bytes` bytes, which packet `at` revealed.
    pub fn gap(&mut self, bytes: u64, why: GapReason, at: Stamp, sink: &mut impl FnMut(Event<'_>)) {
        if bytes == 0 {
            return;
        }
        match &mut self.mode {
            Mode::Framed(framer) => {
                let held = framer.partial_header();
                let mut teller = Teller { judge: &mut self.judge, doubt: None, lost: None, sink };
                if let ControlFlow::Break(beyond) = framer.gap(bytes, &mut teller) {
                    let (held, at) = held.unwrap_or((0, at));
                    self.lose(why, at, held, beyond);
                }
            }
            Mode::Lost(lost) => {
                if let Some(candidate) = lost.gap(bytes, at) {
                    self.resume(candidate, sink);
                }
            }
        }
    }

    /// Tells what the end of the stream leaves unfinished.
    pub fn finish(&mut self, sink: &mut impl FnMut(Event<'_>)) {
        match &mut self.mode {
            Mode::Framed(framer) => {
                if let Some((bytes, at)) = framer.partial_header() {
                    sink(Event::Unparsed { bytes, missing: 0, why: GapReason::StreamEnd, at });
                }
                framer.finish(&mut |frame| sink(Event::Unfinished(&frame)));
            }
            Mode::Lost(lost) => {
                if let Some(at) = lost.at {
                    sink(Event::Unparsed { bytes: lost.bytes, missing: lost.missing, why: lost.why, at });
                }
            }
        }
        self.mode = Mode::Framed(Framer::new());
    }

    /// Reads bytes while framing holds; gives back those after a header that ends it.
    #[inline]
    fn push_framed<'b>(&mut self, bytes: &'b [u8], at: Stamp, sink: &mut impl FnMut(Event<'_>)) -> &'b [u8] {
        let Self { judge, doubt, mode: Mode::Framed(framer), .. } = self else { return bytes };
        let mut teller = Teller { judge, doubt: doubt.as_mut(), lost: None, sink };
        let walk = framer.push(bytes, at, &mut teller);
        let (ControlFlow::Break(rest), Some((doubted, size, first))) = (walk, teller.lost) else {
            return &[];
        };
        let why = match doubt.take() {
            Some(doubt) if doubted => doubt.why,
            _ => GapReason::BadLength,
        };
        self.lose(why, first, size, 0);
        rest
    }

    fn lose(&mut self, why: GapReason, at: Stamp, bytes: u64, missing: u64) {
        let mut lost = self.lost(why, Some(at));
        (lost.bytes, lost.missing) = (bytes, missing);
        self.judge.lose_track();
        self.doubt = None;
        self.mode = Mode::Lost(Box::new(lost));
    }

    fn lost(&self, why: GapReason, at: Option<Stamp>) -> Lost {
        Lost::new(self.sender, self.allowed, self.candidates, why, at)
    }

    /// Goes on with a chain of frames that is believed.
    fn resume(&mut self, candidate: Candidate, sink: &mut impl FnMut(Event<'_>)) {
        let Candidate { mut framer, chain, start } = candidate;
        framer.set_preview(self.preview);
        let Mode::Lost(lost) = &self.mode else { return };
        self.doubt =
            chain.doubt().map(|(plausibility, weight)| Doubt { plausibility, weight, why: lost.why });
        if (start.bytes, start.missing) != (0, 0) {
            let at = lost.at.unwrap_or(start.at);
            sink(Event::Unparsed { bytes: start.bytes, missing: start.missing, why: lost.why, at });
        }
        sink(Event::Resynced { at: start.at });
        for pending in &chain.pending {
            let frame = pending.frame();
            self.judge.header(frame.header, frame.first, sink);
            self.judge.frame(&frame, sink);
            sink(Event::Frame(&frame));
        }
        if let Some((header, at)) = framer.open_header() {
            self.judge.header(header, at, sink);
        }
        self.mode = Mode::Framed(framer);
    }
}

impl Doubt {
    /// Whether a further header fits the chain.
    fn allows(&mut self, header: &Header) -> bool {
        if self.weight >= CERTAIN {
            return true;
        }
        let weight = self.plausibility.header(header);
        self.weight = self.weight.saturating_add(weight.unwrap_or(0));
        weight.is_some()
    }
}

/// Tells of frames as events; ends the walk where no next header can be found.
struct Teller<'a, S> {
    judge: &'a mut Judge,
    doubt: Option<&'a mut Doubt>,
    /// Why the walk ended: whether the chain is doubted, and the length and first packet of the header that
    /// shows it.
    lost: Option<(bool, u64, Stamp)>,
    sink: &'a mut S,
}

impl<S: FnMut(Event<'_>)> Walker for Teller<'_, S> {
    #[inline]
    fn header(&mut self, header: &Header, first: Stamp, at: Stamp) -> Walk {
        let doubted = self.doubt.as_mut().is_some_and(|doubt| !doubt.allows(header));
        if !doubted {
            self.judge.header(header, at, self.sink);
            if header.has_legal_length() {
                return ControlFlow::Continue(());
            }
        }
        self.lost = Some((doubted, header.size() as u64, first));
        ControlFlow::Break(())
    }

    #[inline]
    fn frame(&mut self, frame: &Frame<'_>) -> Walk {
        self.judge.frame(frame, self.sink);
        (self.sink)(Event::Frame(frame));
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests;
