//! Both directions of an HTTP/2 connection, and the WebSockets on it.

use super::block::{Block, Blocks};
use super::event::{ErrorCode, StreamEndBy, StreamEvent};
use super::frame::{Header, Kind};
use super::half::{Half, Part};
use super::head::{RequestHead, ResponseHead};
use super::hpack::Decoder;
use super::stream::{State, Stream};
use crate::flow::{Side, Sides, Stamp};
use crate::http::{Request, Response};
use crate::limits::Limits;

/// Follows an HTTP/2 connection for the WebSockets on it.
#[derive(Debug)]
pub struct Http2 {
    halves: Sides<Half>,
    streams: Streams,
}

/// What the frames of both directions come to.
#[derive(Debug)]
struct Streams {
    decoders: Sides<Decoder>,
    blocks: Sides<Blocks>,
    /// Those that asked for a WebSocket and are not over, by id.
    open: Vec<Stream>,
    /// Most of them at once.
    most: usize,
    /// The connection's start was not seen, so that any stream may be a WebSocket.
    is_midstream: bool,
    /// Bytes of a header block that are kept.
    head: usize,
    /// Bytes that a client may send before the answer.
    early: usize,
}

impl Http2 {
    /// A connection of which nothing was seen.
    pub fn new(limits: &Limits) -> Self {
        let half = || Half::new(limits.http_head);
        let decoder = || Decoder::new(limits.http2_table);
        Self {
            halves: Sides { client: half(), server: half() },
            streams: Streams {
                decoders: Sides { client: decoder(), server: decoder() },
                blocks: Sides::default(),
                open: Vec::new(),
                most: limits.http2_streams,
                is_midstream: false,
                head: limits.http_head,
                early: limits.early_data,
            },
        }
    }

    /// A connection whose beginning was not seen: what header compression remembers is not known, and data on
    /// streams without their start is told all the same.
    pub fn midstream(limits: &Limits) -> Self {
        let mut http2 = Self::new(limits);
        let half = || Half::midstream(limits.http_head);
        http2.halves = Sides { client: half(), server: half() };
        http2.streams.is_midstream = true;
        http2
    }

    /// Exchanges the sides of everything seen so far.
    pub fn swap_sides(&mut self) {
        let Streams { decoders, blocks, open, .. } = &mut self.streams;
        self.halves.swap();
        decoders.swap();
        blocks.swap();
        open.iter_mut().for_each(|stream| stream.ended.swap());
    }

    /// Takes the next bytes of a side.
    pub fn push(&mut self, side: Side, bytes: &[u8], at: Stamp, sink: &mut impl FnMut(StreamEvent<'_>)) {
        let Self { halves, streams } = self;
        halves.get_mut(side).push(bytes, at, &mut |part, at| streams.part(side, part, at, sink));
    }

    /// Takes a hole in a side's stream: so many bytes, or a number that is not known.
    pub fn gap(&mut self, side: Side, bytes: Option<u64>, at: Stamp, sink: &mut impl FnMut(StreamEvent<'_>)) {
        let Self { halves, streams } = self;
        halves.get_mut(side).gap(bytes, at, &mut |part, at| streams.part(side, part, at, sink));
    }
}

impl Streams {
    fn part(&mut self, side: Side, part: Part<'_>, at: Stamp, sink: &mut impl FnMut(StreamEvent<'_>)) {
        match part {
            Part::Data { stream, bytes } => self.data(side, stream, bytes, at, sink),
            Part::Hole { stream, bytes } => {
                if self.is_open(stream) {
                    sink(StreamEvent::Hole { stream, side, bytes, at });
                }
            }
            Part::End { stream } => self.end(side, stream, StreamEndBy::EndStream, at, sink),
            Part::Frame { head, payload } => self.frame(side, &head, payload, at, sink),
            Part::Lost => {
                self.decoders.get_mut(side).forget();
                self.blocks.get_mut(side).forget();
                sink(StreamEvent::Lost { side, at });
            }
        }
    }

    fn frame(
        &mut self,
        side: Side,
        head: &Header,
        payload: Option<&[u8]>,
        at: Stamp,
        sink: &mut impl FnMut(StreamEvent<'_>),
    ) {
        let block = match head.kind {
            Kind::HEADERS | Kind::PUSH_PROMISE => self.blocks.get_mut(side).begin(head, payload),
            Kind::CONTINUATION => self.blocks.get_mut(side).go_on(head, payload, self.head),
            Kind::RST_STREAM => {
                let error = ErrorCode(number(payload, 0).unwrap_or_default());
                return self.end(side, head.stream, StreamEndBy::Reset(error), at, sink);
            }
            Kind::GOAWAY => {
                let last = number(payload, 0).unwrap_or_default() & 0x7fff_ffff;
                let error = ErrorCode(number(payload, 4).unwrap_or_default());
                return sink(StreamEvent::GoAway { side, last, error, at });
            }
            _ => None,
        };
        if let Some(block) = block {
            self.block(side, &block, at, sink);
        }
    }

    fn block(&mut self, side: Side, block: &Block, at: Stamp, sink: &mut impl FnMut(StreamEvent<'_>)) {
        let Some(fields) = &block.fields else {
            self.decoders.get_mut(side).forget();
            return self.ended_by_block(side, block, at, sink);
        };
        match side {
            Side::Client => {
                let mut head = RequestHead::default();
                let read = self.decoders.client.block(fields, &mut |field| head.field(field));
                if let Some(request) = head.finish(read, at) {
                    self.ask(block.stream, request, sink);
                }
            }
            Side::Server if block.is_promise || self.find(block.stream).is_none() => {
                self.decoders.server.block(fields, &mut |_| {});
            }
            Side::Server => {
                let mut head = ResponseHead::default();
                let read = self.decoders.server.block(fields, &mut |field| head.field(field));
                if let Some(response) = head.finish(read, at) {
                    self.answer(block.stream, response, sink);
                }
            }
        }
        self.ended_by_block(side, block, at, sink);
    }

    fn ended_by_block(
        &mut self,
        side: Side,
        block: &Block,
        at: Stamp,
        sink: &mut impl FnMut(StreamEvent<'_>),
    ) {
        if block.ends_stream {
            self.end(side, block.stream, StreamEndBy::EndStream, at, sink);
        }
    }

    fn ask(&mut self, id: u32, request: Request, sink: &mut impl FnMut(StreamEvent<'_>)) {
        let Err(place) = self.open.binary_search_by_key(&id, |stream| stream.id) else { return };
        if self.open.len() >= self.most {
            return sink(StreamEvent::TooMany { stream: id });
        }
        self.open.insert(place, Stream::new(id, State::Asked));
        sink(StreamEvent::Request { stream: id, request });
    }

    fn answer(&mut self, id: u32, response: Response, sink: &mut impl FnMut(StreamEvent<'_>)) {
        let Some(stream) = self.find(id).filter(|stream| stream.state == State::Asked) else { return };
        if !(200..300).contains(&response.status) {
            stream.state = State::Refused;
            return sink(StreamEvent::Refused { stream: id, response });
        }
        sink(StreamEvent::Opened { stream: id, response });
        stream.open(sink);
    }

    fn data(&mut self, side: Side, id: u32, bytes: &[u8], at: Stamp, sink: &mut impl FnMut(StreamEvent<'_>)) {
        let early = self.early;
        if self.is_midstream {
            self.meet(id);
        }
        let Some(stream) = self.find(id) else { return };
        match (stream.state, side) {
            (State::Open | State::Unknown, _) => {
                return sink(StreamEvent::Data { stream: id, side, bytes, at });
            }
            (State::Refused, _) => return,
            (State::Asked, Side::Client) if stream.early.len() + bytes.len() <= early => {
                stream.early.extend_from_slice(bytes);
                return stream.early_at = at;
            }
            (State::Asked, _) => {}
        }
        sink(StreamEvent::AnswerMissing { stream: id });
        stream.open(sink);
        sink(StreamEvent::Data { stream: id, side, bytes, at });
    }

    fn end(
        &mut self,
        side: Side,
        id: u32,
        by: StreamEndBy,
        at: Stamp,
        sink: &mut impl FnMut(StreamEvent<'_>),
    ) {
        let Ok(place) = self.open.binary_search_by_key(&id, |stream| stream.id) else { return };
        let Some(stream) = self.open.get_mut(place) else { return };
        let is_reset = matches!(by, StreamEndBy::Reset(_));
        if stream.end(side) || is_reset {
            sink(StreamEvent::Ended { stream: id, side, by, at });
        }
        if is_reset || stream.is_over() {
            self.open.remove(place);
        }
    }

    /// Follows a stream whose start was not seen, if there is room.
    fn meet(&mut self, id: u32) {
        if self.find(id).is_some() {
            return;
        }
        if self.open.len() >= self.most {
            let Some(spent) = self.open.iter().position(Stream::is_spent) else { return };
            self.open.remove(spent);
        }
        let place = self.open.partition_point(|stream| stream.id < id);
        self.open.insert(place, Stream::new(id, State::Unknown));
    }

    fn is_open(&mut self, id: u32) -> bool {
        self.find(id).is_some_and(|stream| matches!(stream.state, State::Open | State::Unknown))
    }

    fn find(&mut self, id: u32) -> Option<&mut Stream> {
        let place = self.open.binary_search_by_key(&id, |stream| stream.id).ok()?;
        self.open.get_mut(place)
    }
}

impl Stream {
    /// It is a WebSocket; what the client sent before that belongs to it.
    fn open(&mut self, sink: &mut impl FnMut(StreamEvent<'_>)) {
        self.state = State::Open;
        let early = std::mem::take(&mut self.early);
        if !early.is_empty() {
            let (stream, at) = (self.id, self.early_at);
            sink(StreamEvent::Data { stream, side: Side::Client, bytes: &early, at });
        }
    }
}

/// The four bytes at `from` of a payload as a number.
fn number(payload: Option<&[u8]>, from: usize) -> Option<u32> {
    let bytes = payload?.get(from..from.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests;
