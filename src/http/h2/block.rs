//! Header blocks: the payload of HEADERS or `PUSH_PROMISE` with the CONTINUATION frames behind it
//! (RFC 9113 §4.3, §6.2, §6.6, §6.10).

use super::frame::{Flags, Header, Kind};

/// A block that is complete, and what its first frame said.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) stream: u32,
    /// The sender sends no more on the stream.
    pub(super) ends_stream: bool,
    /// The compressed fields; `None` where they are longer than the bound, so that they were not kept.
    pub(super) fields: Option<Vec<u8>>,
    /// It promises a stream, and says nothing about the one that it came on.
    pub(super) is_promise: bool,
}

/// Puts the frames of a block together, up to a bound.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    open: Option<Block>,
}

impl Blocks {
    /// Takes the whole payload of a frame that carries a block's beginning; `None` if it was too long to
    /// keep.
    pub(super) fn begin(&mut self, head: &Header, payload: Option<&[u8]>) -> Option<Block> {
        let is_promise = head.kind == Kind::PUSH_PROMISE;
        let fields = payload.and_then(|payload| fragment(head, payload)).map(<[u8]>::to_vec);
        let ends_stream = !is_promise && head.flags.has(Flags::END_STREAM);
        self.open = Some(Block { stream: head.stream, ends_stream, fields, is_promise });
        self.complete(head)
    }

    /// Takes the payload of a CONTINUATION.
    pub(super) fn go_on(&mut self, head: &Header, payload: Option<&[u8]>, bound: usize) -> Option<Block> {
        let open = self.open.as_mut().filter(|open| open.stream == head.stream)?;
        let room = bound.saturating_sub(open.fields.as_ref().map_or(0, Vec::len));
        match (&mut open.fields, payload) {
            (Some(fields), Some(payload)) if payload.len() <= room => fields.extend_from_slice(payload),
            (fields, _) => *fields = None,
        }
        self.complete(head)
    }

    /// Lets go of a block that a hole cuts.
    pub(super) fn forget(&mut self) {
        self.open = None;
    }

    fn complete(&mut self, head: &Header) -> Option<Block> {
        if head.flags.has(Flags::END_HEADERS) { self.open.take() } else { None }
    }
}

/// The part of a payload that holds fields: without padding, priority and the promised stream.
fn fragment<'a>(head: &Header, payload: &'a [u8]) -> Option<&'a [u8]> {
    let (padding, payload) = match payload.split_first() {
        Some((padding, rest)) if head.flags.has(Flags::PADDED) => (usize::from(*padding), rest),
        _ => (0, payload),
    };
    let before = match head.kind {
        Kind::PUSH_PROMISE => 4,
        _ if head.flags.has(Flags::PRIORITY) => 5,
        _ => 0,
    };
    payload.get(before..payload.len().checked_sub(padding)?)
}
