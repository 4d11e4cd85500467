//! From HTTP to WebSocket: what an exchange tells, written to the record.

use crate::flow::{Side, Sides, Stamp};
use crate::http;
use crate::limits::Limits;
use crate::tcp::{self, Data};
use crate::timeline::Timeline;
use crate::ws::{Reader, ReservedBits};

use super::framing::{Place, frames, new_timeline, reason, tell};
use super::places::Places;
use super::tracked::Context;

/// What an HTTP exchange came to while it took one chunk.
pub(super) struct HttpStep<'c> {
    pub(super) timeline: Option<Box<Timeline>>,
    pub(super) state: HttpState,
    context: &'c Context,
    /// The side and the packet of the chunk, and where it stands.
    chunk: (Side, Stamp, Place),
    /// Where the chunks before it stand of which the exchange keeps bytes.
    pub(super) kept: Places,
    /// Why bytes are missing that the exchange tells of.
    pub(super) hole: tcp::GapReason,
    /// The segment before the newest one, and the newest one.
    segments: [Stamp; 2],
    /// How far a request for an upgrade acknowledges the other side, where the chunk completes one.
    pub(super) asked_at: Option<i64>,
}

/// Where an exchange stands.
pub(super) enum HttpState {
    Going,
    Open(Box<Sides<Reader>>),
    Tunnel(Vec<Passed>),
    /// A hole hides what the messages were: the rest tells, if anything.
    Lost(Vec<Passed>),
    /// What comes is no HTTP; with what was held of the client.
    GivenUp(Vec<Passed>),
}

/// Bytes that are no part of the exchange.
pub(super) struct Passed {
    side: Side,
    bytes: Vec<u8>,
    at: Stamp,
    place: Place,
}

impl Passed {
    /// They as a part of their side's stream.
    pub(super) fn data(&self) -> Data<'_> {
        let Self { side, bytes, at, place } = self;
        let offset = place.end.saturating_sub_unsigned(bytes.len() as u64);
        Data { side: *side, offset, bytes, at: *at, acked: place.acked }
    }
}

impl<'c> HttpStep<'c> {
    pub(super) const fn new(
        timeline: Option<Box<Timeline>>,
        state: HttpState,
        context: &'c Context,
        chunk: (Side, Stamp, Place),
        kept: Places,
        segments: [Stamp; 2],
    ) -> Self {
        let hole = tcp::GapReason::CaptureGap;
        Self { timeline, state, context, chunk, kept, hole, segments, asked_at: None }
    }

    pub(super) fn take(&mut self, event: http::Event<'_>) {
        match event {
            http::Event::Request(request) => {
                let new = || new_timeline(self.context, self.segments);
                let timeline = self.timeline.get_or_insert_with(new);
                let at = request.at;
                timeline.upgrade_request(request);
                self.asked_at = Some(self.place_of(Side::Client, at).acked);
            }
            http::Event::Upgraded(response) => self.upgraded(response),
            http::Event::Refused(response) => {
                if let Some(timeline) = &mut self.timeline {
                    timeline.upgrade_response(response);
                }
            }
            http::Event::AnswerMissing { .. } if self.timeline.is_some() => {
                self.open(|side, limits| Reader::new(side, ReservedBits::RSV1, limits));
            }
            // The request lies in a hole, too: it may have asked for anything.
            http::Event::AnswerMissing { .. } => self.state = HttpState::Lost(Vec::new()),
            http::Event::Tunnel { .. } => self.state = HttpState::Tunnel(Vec::new()),
            http::Event::Data { side, bytes, at } => self.data(side, bytes, at),
            http::Event::Hole { side, bytes, at } => {
                if let (HttpState::Open(readers), Some(timeline)) = (&mut self.state, &mut self.timeline) {
                    // What a missing packet acknowledges is not known: it proves no reaction.
                    let (why, place) = (reason(self.hole), Place { end: 0, acked: 0 });
                    readers
                        .get_mut(side)
                        .gap(bytes, why, at, &mut |event| tell(timeline, side, event, place));
                }
            }
            http::Event::GivenUp { why: http::GiveUp::Hole, .. } => self.state = HttpState::Lost(Vec::new()),
            http::Event::GivenUp { .. } => self.state = HttpState::GivenUp(Vec::new()),
        }
    }

    fn data(&mut self, side: Side, bytes: &[u8], at: Stamp) {
        let place = self.place_of(side, at);
        match (&mut self.state, &mut self.timeline) {
            (HttpState::Open(readers), Some(timeline)) => frames(readers, timeline, side, bytes, at, place),
            (HttpState::Tunnel(inside) | HttpState::Lost(inside) | HttpState::GivenUp(inside), _) => {
                inside.push(Passed { side, bytes: bytes.to_vec(), at, place });
            }
            _ => {}
        }
    }

    /// Where bytes of `side` stand that packet `at` carried: of the chunk, or of one before it.
    fn place_of(&mut self, side: Side, at: Stamp) -> Place {
        let (of, packet, place) = self.chunk;
        if (of, packet) == (side, at) {
            return place;
        }
        self.kept.of(at).unwrap_or(Place { end: 0, acked: 0 })
    }

    fn upgraded(&mut self, response: http::Response) {
        let allowed = if response.may_be_compressed() { ReservedBits::RSV1 } else { ReservedBits::NONE };
        let new = || new_timeline(self.context, self.segments);
        let timeline = self.timeline.get_or_insert_with(new);
        timeline.open(response.at);
        timeline.upgrade_response(response);
        self.open(|side, limits| Reader::new(side, allowed, limits));
    }

    fn open(&mut self, reader: impl Fn(Side, &Limits) -> Reader) {
        let limits = &self.context.limits;
        let (client, server) = (reader(Side::Client, limits), reader(Side::Server, limits));
        self.state = HttpState::Open(Box::new(Sides { client, server }));
    }
}
