//! What a connection's bytes are read as: detected, perhaps TLS, then HTTP, then WebSocket.

mod http;
mod outcome;
mod recognise;

use crate::decode::{Segment, TcpFlags};
use crate::flow::{Side, Sides, Stamp};
use crate::http::Exchange;
use crate::prefetch::prefetch;
use crate::tcp::{self, Data, Gap};
use crate::timeline::{Kind, Timeline};
use crate::ws::Reader;

use super::framing::{Place, frames, reason, tell};
use super::midstream::Midstream;
use super::multiplexed::Multiplexed;
use super::opaque::Opaque;
use super::places::Places;
use super::secure::Secure;
use super::start::Starts;
use super::tracked::Context;

/// The reader of a connection's bytes with the record that it writes.
///
/// What every segment touches stands together at the front, in one cache line.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Reading {
    pub(super) layer: Layer,
    pub(super) timeline: Option<Box<Timeline>>,
    /// The TLS around it, where secrets may open it.
    pub(super) tls: Option<Box<Secure>>,
    /// What it shows without secrets, as long as none opens it; the record is about that then.
    pub(super) opaque: Option<Box<Opaque>>,
    /// The first FIN, as long as there is no record: a server without room closes before it is asked.
    early_fin: Option<Box<tcp::Event>>,
    /// The client turned out to be the other side; what comes until the flow knows is turned round.
    pub(super) swapped: bool,
    /// The SYN was seen, so that the sides are certain.
    pub(super) sides_known: bool,
    /// The SYN was seen: the upgrade lies in the capture, or in a hole of it.
    began_here: bool,
    /// It was seen to be TLS; TLS within TLS is not read.
    pub(super) is_secure: bool,
    pub(super) kind: Kind,
    /// What TLS carries is seen from its middle on.
    pub(super) starts_inside: bool,
    /// It is HTTP of which a part was not seen: bytes that are no message may belong to that.
    is_patchy: bool,
    /// It asked for nothing behind the newest segment that told it something.
    is_settled: bool,
    /// Something else than frames came, of which the others were not told yet.
    has_news: bool,
    /// The side that is the client where nothing but the ports tells.
    pub(super) likely_client: Side,
    /// Where each side's stream starts, as long as there is no record.
    starts: Starts,
    /// The segment before the newest one, and the newest one, as long as there is no record.
    pub(super) segments: [Stamp; 2],
    /// Where the client's chunks stand of which the HTTP exchange keeps bytes.
    kept: Places,
    /// How far the request for an upgrade acknowledges the server.
    asked_at: i64,
}

/// What the bytes are read as.
#[derive(Debug)]
pub(super) enum Layer {
    /// Nothing known was seen yet.
    Detecting {
        /// Chunks that told nothing: a proxy negotiation may come before the first request.
        unknown: u8,
    },
    /// HTTP/1.1, in which a WebSocket may be asked for.
    Http(Box<Exchange>),
    /// A WebSocket whose 101 came before the request that it answers.
    Late(Box<Exchange>, Box<Sides<Reader>>),
    /// HTTP/2, on which WebSockets may be asked for.
    Http2(Box<Multiplexed>),
    /// A connection without its start that may be a WebSocket.
    Midstream(Box<Midstream>),
    /// A WebSocket.
    WebSocket(Box<Sides<Reader>>),
    /// Something else.
    Other {
        /// It is TLS.
        is_tls: bool,
    },
}

impl Layer {
    pub(super) const NEW: Self = Self::Detecting { unknown: 0 };
}

impl Reading {
    pub(super) fn new(syns: Sides<bool>, likely_client: Side) -> Self {
        let sides_known = syns.client || syns.server;
        Self {
            layer: Layer::NEW,
            tls: None,
            opaque: None,
            is_secure: false,
            timeline: None,
            kind: Kind::RefusedUpgrade,
            sides_known,
            starts_inside: false,
            began_here: sides_known,
            starts: Starts::by(syns),
            is_patchy: false,
            is_settled: false,
            has_news: true,
            likely_client,
            swapped: false,
            segments: [Stamp::default(), Stamp::default()],
            kept: Places::default(),
            asked_at: i64::MIN,
            early_fin: None,
        }
    }

    /// A segment of either side was seen.
    #[inline]
    pub(super) fn segment(&mut self, segment: &Segment<'_>, side: impl FnOnce() -> Side) {
        let is_syn = segment.flags.has(TcpFlags::SYN);
        self.sides_known |= is_syn;
        self.began_here |= is_syn;
        self.segments = [self.segments[1], segment.at];
        if self.timeline.is_none() && !self.starts.are_known() && self.opaque.is_none() {
            self.starts.note(side(), segment);
        }
    }

    /// Lets the records know of the newest segments, before they are told of something.
    #[inline(always)]
    fn note_segments(&mut self) {
        self.is_settled = false;
        match (&mut self.timeline, &mut self.layer) {
            (Some(timeline), _) => timeline.note_segments(self.segments),
            (None, Layer::Http2(http2)) => {
                http2.timelines_mut().for_each(|timeline| timeline.note_segments(self.segments));
            }
            _ => {}
        }
    }

    /// Whether something else than frames came since the others were told.
    #[inline]
    pub(super) const fn has_news(&self) -> bool {
        self.has_news
    }

    /// Notes that something may have changed for the others.
    pub(super) const fn note_news(&mut self) {
        self.has_news = true;
    }

    /// Notes that they were told.
    pub(super) const fn note_told(&mut self) {
        self.has_news = false;
    }

    /// Asks for what every segment will touch.
    #[inline(always)]
    pub(super) fn prefetch(&self) {
        prefetch(&self.layer);
        prefetch(&self.segments);
    }

    /// Asks for what the next bytes of a side will touch.
    #[inline(always)]
    pub(super) fn prefetch_record(&self, side: Side) {
        if let (Layer::WebSocket(readers), Some(timeline)) = (&self.layer, &self.timeline) {
            timeline.prefetch(side);
            readers.get(side).prefetch();
        }
    }

    /// The next bytes of a side.
    #[inline(always)]
    pub(super) fn data(&mut self, data: &Data<'_>, context: &Context) {
        self.note_segments();
        let data = Data { side: self.side(data.side), ..*data };
        if self.opaque.is_some() {
            self.note_news();
            self.opaque_data(&data, context);
        }
        match self.tls.take() {
            None => self.plain_here(&data, context),
            Some(tls) => {
                self.note_news();
                self.secure(tls, &data, context);
            }
        }
    }

    /// The next bytes of a side, as they are or decrypted.
    #[inline(never)]
    pub(super) fn plain(&mut self, data: &Data<'_>, context: &Context) {
        self.plain_here(data, context);
    }

    // What comes unencrypted is read in one function, without calls.
    #[inline(always)]
    fn plain_here(&mut self, data: &Data<'_>, context: &Context) {
        if let (Layer::WebSocket(readers), Some(timeline)) = (&mut self.layer, &mut self.timeline) {
            let place = Place { end: data.offset + data.bytes.len() as i64, acked: data.acked };
            frames(readers, timeline, data.side, data.bytes, data.at, place);
        } else {
            self.other(data, context);
        }
    }

    /// The next bytes of a side that are no frames, or not known to be.
    fn other(&mut self, data: &Data<'_>, context: &Context) {
        self.note_news();
        let joins_tls = matches!(self.layer, Layer::Midstream(_))
            && (self.may_join_tls(data, context) || self.is_tls_midstream(data));
        match &mut self.layer {
            _ if joins_tls => self.begin_tls(data.side, data, context),
            Layer::Http(_) | Layer::Late(..) => self.http(data, context),
            Layer::Http2(http2) => {
                http2.push(data, context, self.segments);
                let turned = http2.take_turn();
                self.swapped ^= turned;
                self.sides_known |= turned;
            }
            Layer::Detecting { unknown } => {
                let unknown = *unknown;
                self.detect(data, unknown, context);
            }
            Layer::Midstream(search) => {
                let found = search.push(data, &context.limits);
                self.found(found, data, context);
            }
            Layer::WebSocket(_) | Layer::Other { .. } => {}
        }
    }

    /// A hole in a side's stream.
    pub(super) fn gap(&mut self, gap: &Gap, context: &Context) {
        self.note_segments();
        self.note_news();
        let gap = Gap { side: self.side(gap.side), ..*gap };
        self.timelines_mut().for_each(|timeline| timeline.gap(&gap));
        if self.opaque.is_some() {
            self.opaque_gap(&gap, context);
        }
        match self.tls.take() {
            None => self.plain_gap(&gap, context),
            Some(tls) => self.secure_gap(tls, &gap),
        }
    }

    /// A hole in a side's bytes, as they are or decrypted.
    pub(super) fn plain_gap(&mut self, gap: &Gap, context: &Context) {
        match &mut self.layer {
            Layer::WebSocket(readers) => {
                let Some(timeline) = &mut self.timeline else { return };
                let reader = readers.get_mut(gap.side);
                // What the missing packet acknowledges is not known: it proves no reaction.
                let place = Place { end: gap.end, acked: 0 };
                reader.gap(gap.bytes, reason(gap.why), gap.at, &mut |event| {
                    tell(timeline, gap.side, event, place);
                });
            }
            Layer::Http(_) | Layer::Late(..) => self.http_gap(gap, context),
            Layer::Http2(http2) => http2.gap(gap, context, self.segments),
            Layer::Detecting { .. } => self.layer = Layer::Midstream(Box::default()),
            Layer::Midstream(search) => search.gap(gap),
            Layer::Other { .. } => {}
        }
    }

    /// Something on the TCP level.
    pub(super) fn tcp(&mut self, event: &tcp::Event) {
        self.note_segments();
        self.note_news();
        let side = self.side(event.side);
        let event = tcp::Event { side, ..*event };
        if self.opaque.is_some() {
            self.opaque_end(&event, side);
        }
        if let Some(timeline) = &mut self.timeline {
            timeline.tcp(&event);
        } else if self.opaque.is_some() {
            self.opaque_tcp(&event);
        } else if let Layer::Http2(http2) = &mut self.layer {
            http2.tcp(&event);
        } else if self.sides_known && matches!(event.kind, tcp::EventKind::Fin { .. }) {
            self.early_fin.get_or_insert_with(|| Box::new(event));
        }
    }

    /// Tells a new record of the FIN that came before it.
    pub(super) fn tell_early_fin(&mut self) {
        let Some(fin) = self.early_fin.take_if(|_| self.timeline.is_some() || self.opaque.is_some()) else {
            return;
        };
        match &mut self.timeline {
            Some(timeline) => timeline.tcp(&fin),
            None => self.opaque_tcp(&fin),
        }
    }

    /// Both sides opened the connection: only what they say tells which one is the client.
    pub(super) const fn doubt_sides(&mut self) {
        self.sides_known = !matches!(self.layer, Layer::Detecting { .. });
    }

    /// Whether the flow has to exchange its sides.
    pub(super) const fn take_swap(&mut self) -> bool {
        std::mem::replace(&mut self.swapped, false)
    }

    /// The records: one, or on HTTP/2 one for each WebSocket that is open.
    pub(super) fn timelines_mut(&mut self) -> impl Iterator<Item = &mut Timeline> {
        let http2 =
            if let Layer::Http2(http2) = &mut self.layer { Some(http2.timelines_mut()) } else { None };
        self.timeline.as_deref_mut().into_iter().chain(http2.into_iter().flatten())
    }

    /// A bound that was reached, by its name in the report.
    pub(super) fn limit_hit(&self) -> Option<&'static str> {
        match &self.layer {
            Layer::Http2(http2) if http2.had_too_many() => Some("http2_streams"),
            _ => None,
        }
    }

    /// Whether there is a record of it, or what may become one.
    pub(super) const fn has_record(&self) -> bool {
        self.timeline.is_some() || self.opaque.is_some()
    }

    /// Whether it is TLS that no secret opened.
    pub(super) fn is_tls(&self) -> bool {
        match &self.layer {
            Layer::Other { is_tls } => *is_tls,
            _ => self.tls.as_ref().map_or_else(|| self.opaque.is_some(), |tls| !tls.is_open()),
        }
    }

    /// A hole of unknown size in a side's decrypted bytes: frames are looked for anew behind it.
    pub(super) fn lose(&mut self, side: Side, context: &Context) {
        let newest = self.segments[1];
        match (&mut self.layer, &mut self.timeline) {
            (Layer::Http2(http2), _) => http2.lose(side, newest, context),
            (Layer::WebSocket(readers) | Layer::Late(_, readers), Some(timeline)) => {
                let reader = readers.get_mut(side);
                reader.finish(&mut |event| tell(timeline, side, event, Place { end: 0, acked: 0 }));
                *reader = Reader::midstream(side, &context.limits);
            }
            (Layer::Detecting { .. } | Layer::Http(_), _) => self.layer = Layer::Midstream(Box::default()),
            _ => {}
        }
    }

    const fn side(&self, side: Side) -> Side {
        if self.swapped { side.other() } else { side }
    }
}
