//! Where frames begin and end in a stream of chunks; judges nothing.

use std::mem;
use std::ops::ControlFlow;

use super::event::{CONTROL_KEPT, Frame, PREVIEW_KEPT};
use super::header::{Header, MAX_HEADER, header};
use super::mask::unmask;
use crate::flow::Stamp;

/// Who is told of the points reached while walking along a stream of frames.
pub(super) trait Walker {
    /// A header is complete, of which packet `first` has the first byte and packet `at` the last one; its
    /// payload follows.
    fn header(&mut self, header: &Header, first: Stamp, at: Stamp) -> Walk;

    /// A frame is complete.
    fn frame(&mut self, frame: &Frame<'_>) -> Walk;
}

/// Whether a walk goes on; breaking leaves the framer without a meaning except between frames.
pub(super) type Walk<T = ()> = ControlFlow<T>;

/// Finds the frames of a stream, keeping at most one header and the beginning of one payload.
#[derive(Debug)]
pub(super) struct Framer {
    state: State,
    /// Bytes of a data frame's payload that are kept.
    preview: usize,
}

#[derive(Debug)]
enum State {
    /// Between two frames.
    Between,
    // What begins in one chunk and ends in another is rare enough to be kept elsewhere.
    Header(Box<PartialHeader>),
    Payload(Box<OpenFrame>),
}

/// The bytes of a header that are not yet enough.
#[derive(Debug, Default)]
struct PartialHeader {
    bytes: [u8; MAX_HEADER],
    len: usize,
    first: Stamp,
    at: Stamp,
}

/// A frame whose payload is still arriving.
#[derive(Debug)]
struct OpenFrame {
    header: Header,
    first: Stamp,
    at: Stamp,
    remaining: u64,
    missing: u64,
    /// Only a frame split over chunks whose payload is to be kept needs it.
    kept: Option<Box<Kept>>,
}

/// The beginning of a frame's payload, unmasked.
#[derive(Debug)]
struct Kept {
    bytes: [u8; PREVIEW_KEPT],
    bound: usize,
    len: usize,
}

impl Framer {
    /// A framer that expects a header next.
    pub(super) fn new() -> Self {
        Self { state: State::Between, preview: 0 }
    }

    /// Keeps this many bytes of the data frames that begin from now on.
    pub(super) fn set_preview(&mut self, bytes: usize) {
        self.preview = bytes.min(PREVIEW_KEPT);
    }

    /// Whether the last frame is complete and the next has not begun.
    pub(super) const fn is_between_frames(&self) -> bool {
        matches!(self.state, State::Between)
    }

    /// Bytes held of a header that is not complete, and the packet of the first of them.
    pub(super) const fn partial_header(&self) -> Option<(u64, Stamp)> {
        match &self.state {
            State::Header(partial) => Some((partial.len as u64, partial.first)),
            _ => None,
        }
    }

    /// The header of the frame whose payload is arriving, and the latest packet seen of it.
    pub(super) const fn open_header(&self) -> Option<(&Header, Stamp)> {
        match &self.state {
            State::Payload(open) => Some((&open.header, open.at)),
            State::Between | State::Header(_) => None,
        }
    }

    /// Walks along `bytes`; where the sink breaks, gives back the bytes after that point.
    pub(super) fn push<'b>(
        &mut self,
        mut bytes: &'b [u8],
        at: Stamp,
        walker: &mut impl Walker,
    ) -> Walk<&'b [u8]> {
        while !bytes.is_empty() {
            let (rest, walk) = match &mut self.state {
                State::Between => self.start_frames(bytes, at, walker),
                State::Header(_) => self.continue_header(bytes, at, walker),
                State::Payload(_) => self.continue_payload(bytes, at, walker),
            };
            if walk.is_break() {
                return ControlFlow::Break(rest);
            }
            bytes = rest;
        }
        ControlFlow::Continue(())
    }

    /// Reads frames that begin in `bytes`, without touching the state while they end there too.
    #[inline]
    fn start_frames<'b>(
        &mut self,
        mut bytes: &'b [u8],
        at: Stamp,
        walker: &mut impl Walker,
    ) -> (&'b [u8], Walk) {
        while !bytes.is_empty() {
            let Ok((after, header)) = header(bytes) else {
                self.state = State::Header(Box::new(PartialHeader::starting(bytes, at)));
                return (&[], ControlFlow::Continue(()));
            };
            if walker.header(&header, at, at).is_break() {
                return (after, ControlFlow::Break(()));
            }
            let Some((payload, rest)) = split_payload(after, header.payload_len) else {
                let mut open = OpenFrame::new(header, at, at, self.preview);
                open.take(after, at);
                self.state = State::Payload(Box::new(open));
                return (&[], ControlFlow::Continue(()));
            };
            bytes = rest;
            if whole_frame(&header, payload, at, self.preview, walker).is_break() {
                return (bytes, ControlFlow::Break(()));
            }
        }
        (bytes, ControlFlow::Continue(()))
    }

    /// Adds bytes to a header that an earlier chunk began.
    fn continue_header<'b>(
        &mut self,
        bytes: &'b [u8],
        at: Stamp,
        walker: &mut impl Walker,
    ) -> (&'b [u8], Walk) {
        let State::Header(partial) = &mut self.state else { return (bytes, ControlFlow::Continue(())) };
        let had = partial.len;
        partial.add(bytes, at);
        let Ok((_, header)) = header(partial.seen()) else { return (&[], ControlFlow::Continue(())) };
        let (first, at) = (partial.first, partial.at);
        let rest = bytes.get(header.size().saturating_sub(had)..).unwrap_or_default();
        self.state = State::Payload(Box::new(OpenFrame::new(header, first, at, self.preview)));
        let walk = match walker.header(&header, first, at) {
            ControlFlow::Continue(()) if header.payload_len == 0 => self.complete(walker),
            walk => walk,
        };
        (rest, walk)
    }

    /// Counts bytes of a payload that an earlier chunk began.
    fn continue_payload<'b>(
        &mut self,
        bytes: &'b [u8],
        at: Stamp,
        walker: &mut impl Walker,
    ) -> (&'b [u8], Walk) {
        let State::Payload(open) = &mut self.state else { return (bytes, ControlFlow::Continue(())) };
        let (payload, rest) = split_payload(bytes, open.remaining).unwrap_or((bytes, &[]));
        open.take(payload, at);
        let walk = if open.remaining == 0 { self.complete(walker) } else { ControlFlow::Continue(()) };
        (rest, walk)
    }

    /// Goes over a hole; where it reaches beyond the payload, gives back how many bytes of it do.
    pub(super) fn gap(&mut self, bytes: u64, walker: &mut impl Walker) -> Walk<u64> {
        let State::Payload(open) = &mut self.state else { return ControlFlow::Break(bytes) };
        let inside = bytes.min(open.remaining);
        open.remaining -= inside;
        open.missing += inside;
        let walk = if open.remaining == 0 { self.complete(walker) } else { ControlFlow::Continue(()) };
        match bytes - inside {
            0 if walk.is_continue() => ControlFlow::Continue(()),
            beyond => ControlFlow::Break(beyond),
        }
    }

    /// Hands over a frame that the end of the stream cuts short.
    pub(super) fn finish(&mut self, sink: &mut impl FnMut(Frame<'_>)) {
        if let State::Payload(mut open) = mem::replace(&mut self.state, State::Between) {
            open.missing += open.remaining;
            sink(open.frame());
        }
    }

    /// Hands over the open frame and expects a header next.
    fn complete(&mut self, walker: &mut impl Walker) -> Walk {
        match mem::replace(&mut self.state, State::Between) {
            State::Payload(open) => walker.frame(&open.frame()),
            State::Between | State::Header(_) => ControlFlow::Continue(()),
        }
    }
}

impl PartialHeader {
    fn starting(bytes: &[u8], at: Stamp) -> Self {
        let mut partial = Self { first: at, at, ..Self::default() };
        partial.add(bytes, at);
        partial
    }

    fn add(&mut self, bytes: &[u8], at: Stamp) {
        let free = self.bytes.iter_mut().skip(self.len);
        self.len += free.zip(bytes).map(|(slot, byte)| *slot = *byte).count();
        self.at = self.at.later(at);
    }

    fn seen(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl OpenFrame {
    fn new(header: Header, first: Stamp, at: Stamp, preview: usize) -> Self {
        let bound = kept_of(&header, preview);
        let kept = (bound > 0).then(|| Box::new(Kept::new(bound)));
        Self { header, first, at, remaining: header.payload_len, missing: 0, kept }
    }

    /// Counts `payload`, and keeps it if it continues a payload to be kept without a hole.
    fn take(&mut self, payload: &[u8], at: Stamp) {
        if payload.is_empty() {
            return;
        }
        self.remaining -= payload.len() as u64;
        self.at = self.at.later(at);
        if let Some(kept) = &mut self.kept
            && self.missing == 0
        {
            kept.add(payload, self.header.mask);
        }
    }

    fn frame(&self) -> Frame<'_> {
        Frame {
            header: &self.header,
            first: self.first,
            at: self.at,
            missing: self.missing,
            kept: self.kept.as_ref().map_or(&[], |kept| kept.seen()),
        }
    }
}

impl Kept {
    const fn new(bound: usize) -> Self {
        Self { bytes: [0; PREVIEW_KEPT], bound, len: 0 }
    }

    fn add(&mut self, payload: &[u8], mask: Option<[u8; 4]>) {
        let free = self.bytes.get_mut(self.len..self.bound).unwrap_or_default();
        let len = free.len().min(payload.len());
        let (Some(slots), Some(payload)) = (free.get_mut(..len), payload.get(..len)) else { return };
        slots.copy_from_slice(payload);
        if let Some(key) = mask {
            unmask(slots, key, self.len as u64);
        }
        self.len += len;
    }

    fn seen(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// Splits `bytes` after `len` of them; `None` where there are fewer.
#[inline]
fn split_payload(bytes: &[u8], len: u64) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(usize::try_from(len).ok()?)
}

/// Bytes of a frame's payload that are kept.
#[inline]
fn kept_of(header: &Header, preview: usize) -> usize {
    if header.opcode.is_control() { CONTROL_KEPT } else { preview }
}

/// Hands over a frame that lies within one chunk.
#[inline]
fn whole_frame(header: &Header, payload: &[u8], at: Stamp, preview: usize, walker: &mut impl Walker) -> Walk {
    let bound = kept_of(header, preview);
    let mut unmasked;
    let kept = match header.mask {
        _ if bound == 0 => &[],
        None => payload.get(..bound).unwrap_or(payload),
        mask => {
            unmasked = Kept::new(bound);
            unmasked.add(payload, mask);
            unmasked.seen()
        }
    };
    walker.frame(&Frame { header, first: at, at, missing: 0, kept })
}
