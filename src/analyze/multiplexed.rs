//! An HTTP/2 connection: each WebSocket on it has a record of its own.

use crate::flow::{Side, Sides, Stamp};
use crate::http::{Http2, Response, StreamEvent};
use crate::limits::Limits;
use crate::tcp::{self, Data, Gap, GapReason};
use crate::timeline::{GoAway, Kind, Stream, StreamEnd, Timeline};
use crate::ws::{Reader, ReservedBits};

use super::framing::{Place, frames, new_timeline, reason, tell};
use super::loose::{Joined, Loose};
use super::tracked::Context;

/// The frames of an HTTP/2 connection, and the WebSockets found on it.
#[derive(Debug)]
pub(super) struct Multiplexed {
    http2: Http2,
    records: Records,
    /// The sides turned out to be the other way round.
    turned: bool,
}

/// The WebSockets of a connection.
#[derive(Debug, Default)]
struct Records {
    open: Vec<Record>,
    /// Those on which nothing more can come.
    over: Vec<Record>,
    /// More were asked for than may be followed.
    too_many: bool,
    /// The streams without their start, where the connection's own is missing.
    loose: Option<Loose>,
    /// A stream has just shown that the sides are the other way round.
    turning: bool,
}

/// A WebSocket on a stream.
#[derive(Debug)]
struct Record {
    id: u32,
    timeline: Box<Timeline>,
    /// `None` before it is open.
    readers: Option<Box<Sides<Reader>>>,
    /// Its start was not seen.
    is_midstream: bool,
}

/// What an event is told with.
struct Step<'c> {
    context: &'c Context,
    place: Place,
    hole: GapReason,
    segments: [Stamp; 2],
}

impl Multiplexed {
    pub(super) fn new(limits: &Limits) -> Self {
        Self { http2: Http2::new(limits), records: Records::default(), turned: false }
    }

    /// A connection without its start; the sides may be the other way round.
    pub(super) fn midstream(limits: &Limits, may_turn: bool) -> Self {
        let records = Records { loose: Some(Loose::new(may_turn)), ..Records::default() };
        Self { http2: Http2::midstream(limits), records, turned: false }
    }

    /// Whether the sides have turned out to be the other way round.
    pub(super) const fn take_turn(&mut self) -> bool {
        std::mem::replace(&mut self.turned, false)
    }

    /// Takes the next bytes of a side.
    pub(super) fn push(&mut self, data: &Data<'_>, context: &Context, segments: [Stamp; 2]) {
        let Self { http2, records, turned } = self;
        let place = Place { end: data.offset + data.bytes.len() as i64, acked: data.acked };
        let step = Step { context, place, hole: GapReason::CaptureGap, segments };
        http2.push(data.side, data.bytes, data.at, &mut |event| records.take(event, &step));
        records.settle();
        if std::mem::take(&mut records.turning) {
            http2.swap_sides();
            *turned = true;
        }
    }

    /// Takes a hole of known length.
    pub(super) fn gap(&mut self, gap: &Gap, context: &Context, segments: [Stamp; 2]) {
        self.hole(gap.side, Some(gap.bytes), gap.at, gap.why, context, segments);
    }

    /// Takes a hole of unknown length in a side's decrypted bytes.
    pub(super) fn lose(&mut self, side: Side, at: Stamp, context: &Context) {
        self.hole(side, None, at, GapReason::CaptureGap, context, [at; 2]);
    }

    fn hole(
        &mut self,
        side: Side,
        bytes: Option<u64>,
        at: Stamp,
        why: GapReason,
        context: &Context,
        segments: [Stamp; 2],
    ) {
        let Self { http2, records, .. } = self;
        let step = Step { context, place: Place { end: 0, acked: 0 }, hole: why, segments };
        http2.gap(side, bytes, at, &mut |event| records.take(event, &step));
    }

    /// The records that still change.
    pub(super) fn timelines_mut(&mut self) -> impl Iterator<Item = &mut Timeline> {
        self.records.open.iter_mut().map(|record| &mut *record.timeline)
    }

    /// Something on the TCP level; of streams that are over, only the connection's end is told.
    pub(super) fn tcp(&mut self, event: &tcp::Event) {
        self.timelines_mut().for_each(|timeline| timeline.tcp(event));
        if matches!(event.kind, tcp::EventKind::Fin { .. } | tcp::EventKind::Reset(_)) {
            self.records.over.iter_mut().for_each(|record| record.timeline.tcp(event));
        }
    }

    /// The streams have ended.
    pub(super) fn finish(&mut self) {
        for Record { timeline, readers, .. } in &mut self.records.open {
            let Some(readers) = readers else { continue };
            for side in [Side::Client, Side::Server] {
                let place = Place { end: 0, acked: 0 };
                readers.get_mut(side).finish(&mut |event| tell(timeline, side, event, place));
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.records.open.is_empty() && self.records.over.is_empty()
    }

    /// Whether more WebSockets were asked for than may be followed.
    pub(super) const fn had_too_many(&self) -> bool {
        self.records.too_many
    }

    /// The records by stream.
    pub(super) fn into_records(self) -> Vec<(Kind, Box<Timeline>)> {
        let Records { mut open, over, .. } = self.records;
        open.extend(over);
        open.sort_by_key(|record| record.id);
        let kind = |record: &Record| {
            let opened = record.timeline.opened.is_some();
            match record.is_midstream {
                true => Kind::Midstream,
                false if opened => Kind::WebSocket,
                false => Kind::RefusedUpgrade,
            }
        };
        open.into_iter().map(|record| (kind(&record), record.timeline)).collect()
    }
}

impl Records {
    fn take(&mut self, event: StreamEvent<'_>, step: &Step<'_>) {
        match event {
            StreamEvent::Request { stream, request } => {
                if self.open.len() + self.over.len() >= step.context.limits.http2_records {
                    return self.too_many = true;
                }
                let mut timeline = new_timeline(step.context, step.segments);
                timeline.stream = Some(Box::new(Stream::new(stream)));
                timeline.upgrade_request(request);
                self.open.push(Record { id: stream, timeline, readers: None, is_midstream: false });
            }
            StreamEvent::TooMany { .. } => self.too_many = true,
            StreamEvent::GoAway { side, error, at, .. } => {
                let go_away = GoAway { from: self.side(side), at, error };
                self.open.iter_mut().for_each(|record| record.timeline.go_away(go_away));
            }
            StreamEvent::Lost { side, .. } => {
                let side = self.side(side);
                self.loose.iter_mut().for_each(Loose::forget_all);
                self.open.iter_mut().for_each(|record| record.lose(side, &step.context.limits));
            }
            StreamEvent::Opened { stream, response } => {
                self.with(stream, |record| record.open(response, step));
            }
            StreamEvent::Refused { stream, response } => {
                self.with(stream, |record| record.timeline.upgrade_response(response));
            }
            StreamEvent::AnswerMissing { stream } => {
                self.with(stream, |record| record.read(ReservedBits::RSV1, &step.context.limits));
            }
            StreamEvent::Data { stream, side, bytes, at } => {
                self.data(stream, self.side(side), bytes, at, step);
            }
            StreamEvent::Hole { stream, side, bytes, at } => {
                let side = self.side(side);
                self.loose.iter_mut().for_each(|loose| loose.forget(stream));
                self.with(stream, |record| record.gap(side, bytes, at, step));
            }
            StreamEvent::Ended { stream, side, by, at } => {
                let from = self.side(side);
                self.loose.iter_mut().for_each(|loose| loose.forget(stream));
                self.with(stream, |record| {
                    let Place { end, acked } = step.place;
                    record.timeline.stream_ended(StreamEnd { from, at, by, acked, end });
                });
            }
        }
    }

    /// A side as it is, in the chunk that shows which one it is.
    const fn side(&self, side: Side) -> Side {
        if self.turning { side.other() } else { side }
    }

    /// Takes the next bytes on a stream, which may be one without its start.
    fn data(&mut self, stream: u32, side: Side, bytes: &[u8], at: Stamp, step: &Step<'_>) {
        let record = self.open.iter_mut().find(|record| record.id == stream);
        match (record, &mut self.loose) {
            (Some(Record { timeline, readers: Some(readers), .. }), _) => {
                frames(readers, timeline, side, bytes, at, step.place);
            }
            // What was on its way when a stream was reset is no new one.
            (None, Some(loose)) if !self.over.iter().any(|record| record.id == stream) => {
                let Place { end, acked } = step.place;
                let data = Data { side, offset: end - bytes.len() as i64, bytes, at, acked };
                if let Some(joined) = loose.push(stream, &data, &step.context.limits) {
                    self.join(stream, joined, step);
                }
            }
            _ => {}
        }
    }

    /// A stream without its start is a WebSocket.
    fn join(&mut self, stream: u32, joined: Joined, step: &Step<'_>) {
        let limits = &step.context.limits;
        if self.open.len() + self.over.len() >= limits.http2_records {
            return self.too_many = true;
        }
        let turns = joined.client == Side::Server;
        self.turning |= turns;
        let mut timeline = new_timeline(step.context, step.segments);
        timeline.stream = Some(Box::new(Stream::new(stream)));
        let [client, server] = [Side::Client, Side::Server].map(|side| Reader::midstream(side, limits));
        let mut readers = Box::new(Sides { client, server });
        for held in joined.held {
            let side = if turns { held.side.other() } else { held.side };
            let place = Place { end: held.end, acked: held.acked };
            frames(&mut readers, &mut timeline, side, &held.bytes, held.at, place);
        }
        self.open.push(Record { id: stream, timeline, readers: Some(readers), is_midstream: true });
    }

    fn with(&mut self, id: u32, step: impl FnOnce(&mut Record)) {
        if let Some(record) = self.open.iter_mut().find(|record| record.id == id) {
            step(record);
        }
    }

    /// Sets those aside on which nothing more can come.
    fn settle(&mut self) {
        let is_over =
            |record: &mut Record| record.timeline.stream.as_ref().is_some_and(|stream| stream.is_over());
        self.over.extend(self.open.extract_if(.., is_over));
    }
}

impl Record {
    fn open(&mut self, response: Response, step: &Step<'_>) {
        let allowed = if response.may_be_compressed() { ReservedBits::RSV1 } else { ReservedBits::NONE };
        self.timeline.open(response.at);
        self.timeline.upgrade_response(response);
        self.read(allowed, &step.context.limits);
    }

    fn read(&mut self, allowed: ReservedBits, limits: &Limits) {
        let [client, server] = [Side::Client, Side::Server].map(|side| Reader::new(side, allowed, limits));
        self.readers = Some(Box::new(Sides { client, server }));
    }

    fn gap(&mut self, side: Side, bytes: u64, at: Stamp, step: &Step<'_>) {
        let Some(readers) = &mut self.readers else { return };
        let (timeline, place) = (&mut self.timeline, step.place);
        readers
            .get_mut(side)
            .gap(bytes, reason(step.hole), at, &mut |event| tell(timeline, side, event, place));
    }

    /// Any number of a side's bytes may be missing: frames are looked for anew behind them.
    fn lose(&mut self, side: Side, limits: &Limits) {
        let Some(readers) = &mut self.readers else { return };
        let (timeline, place) = (&mut self.timeline, Place { end: 0, acked: 0 });
        let reader = readers.get_mut(side);
        reader.finish(&mut |event| tell(timeline, side, event, place));
        *reader = Reader::midstream(side, limits);
    }
}
