//! One direction of an HTTP/2 connection: its frames, wherever chunks and holes fall.

use super::frame::{Flags, HEADER, Header, Kind, PREFACE, header};
use super::resume::resume;
use crate::flow::Stamp;

/// What one direction shows.
#[derive(Debug)]
pub(super) enum Part<'a> {
    /// Bytes of a DATA frame, padding left out.
    Data { stream: u32, bytes: &'a [u8] },
    /// Bytes of a DATA frame that a hole hides.
    Hole { stream: u32, bytes: u64 },
    /// A DATA frame is complete and the last of its stream.
    End { stream: u32 },
    /// Any other frame that matters is complete; the payload is `None` where it was not kept.
    Frame { head: Header, payload: Option<&'a [u8]> },
    /// Framing is lost.
    Lost,
}

/// Where a direction stands.
#[derive(Debug)]
enum State {
    /// In the client's preface; so many bytes of it are to come.
    Preface(usize),
    /// In a header; what there is of it.
    Header { bytes: [u8; HEADER], len: usize },
    /// In a payload.
    Payload(Payload),
    /// Behind a hole that hides where the next frame begins.
    Lost,
}

impl State {
    const NEXT: Self = Self::Header { bytes: [0; HEADER], len: 0 };
}

/// A payload that is being read.
#[derive(Debug)]
struct Payload {
    head: Header,
    /// Bytes still to come.
    left: u32,
    kind: Content,
}

/// What is done with a payload.
#[derive(Debug)]
enum Content {
    /// DATA; the length of the padding comes first where there is any.
    Data { padding: Option<u32> },
    /// Kept until it is complete.
    Kept(Vec<u8>),
    /// Passed over; told when complete if it was to be kept.
    Skipped { told: bool },
}

/// Reads the frames of one direction.
#[derive(Debug)]
pub(super) struct Half {
    state: State,
    /// Bytes of a payload that are kept at most.
    bound: usize,
}

impl Half {
    pub(super) const fn new(bound: usize) -> Self {
        Self { state: State::NEXT, bound }
    }

    /// A direction whose beginning was not seen.
    pub(super) const fn midstream(bound: usize) -> Self {
        Self { state: State::Lost, bound }
    }

    /// Takes the next bytes.
    pub(super) fn push(&mut self, mut bytes: &[u8], at: Stamp, sink: &mut impl FnMut(Part<'_>, Stamp)) {
        while !bytes.is_empty() {
            bytes = match &mut self.state {
                State::Preface(left) => {
                    let taken = bytes.len().min(*left);
                    *left -= taken;
                    if *left == 0 {
                        self.state = State::NEXT;
                    }
                    bytes.get(taken..).unwrap_or_default()
                }
                State::Header { .. } => self.header(bytes, at, sink),
                State::Payload(_) => self.payload(bytes, at, sink),
                State::Lost => match resume(bytes) {
                    None => return,
                    Some(start) => {
                        self.state = State::NEXT;
                        bytes.get(start..).unwrap_or_default()
                    }
                },
            };
        }
    }

    /// Takes a hole of so many bytes, or of a length that is not known.
    pub(super) fn gap(&mut self, bytes: Option<u64>, at: Stamp, sink: &mut impl FnMut(Part<'_>, Stamp)) {
        let missing = bytes.and_then(|bytes| u32::try_from(bytes).ok());
        match (&mut self.state, missing) {
            (State::Payload(payload), Some(missing)) if payload.can_miss(missing) => {
                payload.miss(missing, at, sink);
                self.settle(at, sink);
            }
            (State::Lost, _) => {}
            _ => {
                self.state = State::Lost;
                sink(Part::Lost, at);
            }
        }
    }

    fn header<'b>(&mut self, bytes: &'b [u8], at: Stamp, sink: &mut impl FnMut(Part<'_>, Stamp)) -> &'b [u8] {
        let State::Header { bytes: held, len } = &mut self.state else { return bytes };
        let taken = bytes.len().min(HEADER - *len);
        let (new, rest) = bytes.split_at(taken);
        held.iter_mut().skip(*len).zip(new).for_each(|(to, from)| *to = *from);
        *len += taken;
        if *len < HEADER {
            return rest;
        }
        if PREFACE.starts_with(held) {
            self.state = State::Preface(PREFACE.len() - HEADER);
        } else if let Ok((_, head)) = header(held) {
            self.state = State::Payload(Payload::new(head, self.bound));
            self.settle(at, sink);
        }
        rest
    }

    fn payload<'b>(
        &mut self,
        bytes: &'b [u8],
        at: Stamp,
        sink: &mut impl FnMut(Part<'_>, Stamp),
    ) -> &'b [u8] {
        let State::Payload(payload) = &mut self.state else { return bytes };
        let taken = bytes.len().min(payload.left as usize);
        let (new, rest) = bytes.split_at(taken);
        if matches!(&payload.kind, Content::Kept(held) if held.is_empty())
            && new.len() == payload.left as usize
        {
            let head = payload.head;
            self.state = State::NEXT;
            sink(Part::Frame { head, payload: Some(new) }, at);
            return rest;
        }
        payload.take(new, at, sink);
        self.settle(at, sink);
        rest
    }

    /// Tells of a payload that is complete.
    fn settle(&mut self, at: Stamp, sink: &mut impl FnMut(Part<'_>, Stamp)) {
        let State::Payload(payload) = &self.state else { return };
        if payload.left > 0 {
            return;
        }
        let head = payload.head;
        match &payload.kind {
            Content::Data { .. } if head.flags.has(Flags::END_STREAM) => {
                sink(Part::End { stream: head.stream }, at);
            }
            Content::Kept(held) => sink(Part::Frame { head, payload: Some(held) }, at),
            Content::Skipped { told: true } => sink(Part::Frame { head, payload: None }, at),
            Content::Data { .. } | Content::Skipped { told: false } => {}
        }
        self.state = State::NEXT;
    }
}

impl Payload {
    fn new(head: Header, bound: usize) -> Self {
        let matters = matches!(
            head.kind,
            Kind::HEADERS | Kind::CONTINUATION | Kind::PUSH_PROMISE | Kind::RST_STREAM | Kind::GOAWAY
        );
        let kind = match head.kind {
            Kind::DATA => Content::Data { padding: (!head.flags.has(Flags::PADDED)).then_some(0) },
            _ if matters && head.len as usize <= bound => Content::Kept(Vec::new()),
            _ => Content::Skipped { told: matters },
        };
        Self { head, left: head.len, kind }
    }

    /// Takes bytes of the payload, no more than are left.
    fn take(&mut self, bytes: &[u8], at: Stamp, sink: &mut impl FnMut(Part<'_>, Stamp)) {
        self.left -= bytes.len() as u32;
        match &mut self.kind {
            Content::Data { padding } => {
                let (padding, bytes) = match (*padding, bytes.split_first()) {
                    (None, Some((length, rest))) => (*padding.insert(u32::from(*length)), rest),
                    (known, _) => (known.unwrap_or_default(), bytes),
                };
                let of_padding = padding.saturating_sub(self.left) as usize;
                let data = bytes.get(..bytes.len().saturating_sub(of_padding)).unwrap_or_default();
                if !data.is_empty() {
                    sink(Part::Data { stream: self.head.stream, bytes: data }, at);
                }
            }
            Content::Kept(held) => held.extend_from_slice(bytes),
            Content::Skipped { .. } => {}
        }
    }

    /// Whether a hole of so many bytes lies in the payload, and hides nothing of how it is made up.
    const fn can_miss(&self, bytes: u32) -> bool {
        bytes <= self.left && !matches!(self.kind, Content::Data { padding: None })
    }

    fn miss(&mut self, bytes: u32, at: Stamp, sink: &mut impl FnMut(Part<'_>, Stamp)) {
        self.left -= bytes;
        match self.kind {
            Content::Data { padding } => {
                let of_padding = padding.unwrap_or_default().saturating_sub(self.left);
                let missing = u64::from(bytes.saturating_sub(of_padding));
                if missing > 0 {
                    sink(Part::Hole { stream: self.head.stream, bytes: missing }, at);
                }
            }
            Content::Kept(_) => self.kind = Content::Skipped { told: true },
            Content::Skipped { .. } => {}
        }
    }
}
