//! Takes what the stages tell and keeps it as one connection's record.

mod frames;
mod segments;

use serde::{Deserialize, Serialize};

use crate::flow::{Side, Sides, Stamp};
use crate::heartbeat;
use crate::http::{Request, Response};
use crate::limits::Limits;
use crate::prefetch::{prefetch, prefetch_lines};
use crate::tcp::{Gap, Liveness};
use crate::time::Span;
use crate::tls::Alert;
use crate::ws;

use super::beats::Beats;
use super::event::EventKind;
use super::history::History;
use super::idle::{IdleClock, IdleGap};
use super::masks::Masks;
use super::pings::Pings;
use super::record::{Close, Fin, ForeignAnswer, FrameCounts, Reset, Tls, Undelivered, Unparsed, Violation};
use super::stream::Stream;

/// Bounds on one connection's record.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Bounds {
    /// Events.
    pub events: usize,
    /// Items of every other list.
    pub listed: usize,
    /// Pings waiting for their pong.
    pub pings: usize,
    /// The silence from which on a gap is told.
    pub idle: Span,
    /// Bytes of a message that are looked at.
    pub preview: u32,
}

impl Bounds {
    /// The bounds that `limits` set for a connection, with gaps told from `idle` on.
    pub const fn new(limits: &Limits, idle: Span) -> Self {
        Self {
            events: limits.timeline_events,
            listed: limits.listed,
            pings: limits.pings_waiting,
            idle,
            preview: limits.message_preview as u32,
        }
    }
}

/// Cache lines that hold what every frame touches.
const FRONT: usize = 3;

/// The first one of the clocks, counted from the counts of frames on, which take a line for each side; behind it they
/// have one for each side, too.
const CLOCKS: usize = 2;

/// Data frames among which a protocol with heartbeats is looked for.
const BEATS_SOUGHT: u8 = 32;

/// Everything that is known of one connection above TCP's counters.
///
/// What every segment and frame touches stands together at the front, laid out in cache lines.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[repr(C, align(64))]
pub struct Timeline {
    /// The newest segment of either side, and the one before it.
    #[serde(skip)]
    pub(super) segments: (Stamp, Stamp),
    /// The 101, or the first frame where the 101 is not in the capture.
    pub opened: Option<Stamp>,
    /// Heartbeats inside messages; `None` where no such protocol was recognised.
    pub beats: Option<Box<Beats>>,
    start_told: bool,
    /// A Close, FIN or RST was seen.
    pub(super) ending: bool,
    /// Data frames that may still tell a protocol with heartbeats of its own.
    beats_sought: u8,
    /// The masking keys of further frames are to be kept: noted here, for the others are seldom looked at.
    masks_wanted: bool,
    /// Bytes of the next messages that are wanted: noted here likewise.
    preview: u32,
    /// What happened, in order.
    pub history: History,
    bounds: Bounds,
    /// Frames by side.
    pub frames: Sides<FrameCounts>,
    /// The silences; `None` before the WebSocket opened.
    pub idle: Option<IdleClock>,
    /// The first FIN of each side, in order of sight.
    pub fins: Vec<Fin>,
    /// RSTs, as many as the bound allows.
    pub resets: Vec<Reset>,
    /// The masking keys of the client's first frames.
    pub masks: Masks,
    /// Pings by the side that sent them.
    pub pings: Sides<Pings>,
    /// All RSTs.
    pub resets_total: u64,
    /// The HTTP/2 stream that it runs on, where it does.
    pub stream: Option<Box<Stream>>,
    /// Close frames in order of sight.
    pub closes: Vec<Close>,
    /// ICMP errors about its segments, as many as the bound allows.
    pub undelivered: Vec<Undelivered>,
    /// How alive the two directions were at the first end act.
    pub at_end: Option<Box<Sides<Liveness>>>,
    /// What breaks RFC 6455.
    pub violations: Vec<Violation>,
    /// What was not read as frames.
    pub unparsed: Vec<Unparsed>,
    /// The TLS around it, where there is one.
    pub tls: Option<Tls>,
    /// The upgrade request.
    pub request: Option<Request>,
    /// The answer to it.
    pub response: Option<Response>,
    /// The server answered the request with something that is not HTTP.
    pub foreign_answer: Option<ForeignAnswer>,
}

impl Timeline {
    /// An empty record.
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            history: History::new(bounds.events),
            tls: None,
            stream: None,
            request: None,
            response: None,
            foreign_answer: None,
            opened: None,
            frames: Sides::default(),
            pings: Sides::default(),
            beats: None,
            beats_sought: BEATS_SOUGHT,
            masks_wanted: true,
            preview: bounds.preview,
            idle: None,
            masks: Masks::default(),
            closes: Vec::new(),
            violations: Vec::new(),
            unparsed: Vec::new(),
            fins: Vec::new(),
            undelivered: Vec::new(),
            resets: Vec::new(),
            resets_total: 0,
            at_end: None,
            segments: (Stamp::default(), Stamp::default()),
            start_told: false,
            ending: false,
        }
    }

    /// Notes the newest segment of either side, and the one `before` it, which what is told next is about.
    pub const fn note_segments(&mut self, [before, newest]: [Stamp; 2]) {
        self.segments = (newest, before);
    }

    /// Asks for what the next frame of a side will touch.
    #[inline(always)]
    pub fn prefetch(&self, side: Side) {
        prefetch_lines(&self.segments, 0..FRONT);
        let counts = self.frames.get(side);
        prefetch(counts);
        prefetch_lines(&self.frames.client, CLOCKS..CLOCKS + 1);
        prefetch_lines(counts, CLOCKS + 1..CLOCKS + 2);
    }

    /// Exchanges the sides of everything told so far.
    pub fn swap_sides(&mut self) {
        self.history.swap_sides();
        self.frames.swap();
        self.pings.swap();
        self.masks = Masks::default();
        self.masks_wanted = true;
        if let Some(beats) = &mut self.beats {
            beats.swap_sides();
        }
        if let Some(idle) = &mut self.idle {
            idle.swap_sides();
        }
        self.closes.iter_mut().for_each(|close| close.from = close.from.other());
        self.violations.iter_mut().for_each(|violation| violation.from = violation.from.other());
        self.unparsed.iter_mut().for_each(|unparsed| unparsed.from = unparsed.from.other());
        self.undelivered.iter_mut().for_each(|each| each.from = each.from.other());
        self.fins.iter_mut().for_each(|fin| fin.from = fin.from.other());
        self.resets.iter_mut().for_each(|reset| reset.from = reset.from.other());
    }

    /// Whether TCP's start was told and no end began.
    pub const fn is_settled(&self) -> bool {
        self.start_told && !self.ending
    }

    /// Whether TCP's start is still to be told.
    pub const fn wants_start(&self) -> bool {
        !self.start_told
    }

    /// TCP's start, told afterwards when the connection is recognised.
    pub fn tcp_start(&mut self, syns: &Sides<Option<Stamp>>, established: Option<Stamp>) {
        self.start_told = true;
        for side in [Side::Client, Side::Server] {
            if let Some(at) = *syns.get(side) {
                self.history.push(at, Some(side), EventKind::Syn);
            }
        }
        if let Some(at) = established {
            self.history.push(at, Some(Side::Client), EventKind::Established);
        }
    }

    /// The request that asks for a WebSocket; a later one on the same connection replaces it, unless it only
    /// comes behind the 101 that answers it.
    pub fn upgrade_request(&mut self, request: Request) {
        self.history.push(request.at, Some(Side::Client), EventKind::UpgradeRequest);
        self.request = Some(request);
        if self.opened.is_none() {
            self.response = None;
        }
    }

    /// The answer to the upgrade request.
    pub fn upgrade_response(&mut self, response: Response) {
        let status = response.status;
        self.history.push(response.at, Some(Side::Server), EventKind::UpgradeResponse { status });
        let path = self.request.as_ref().map_or("", Request::path);
        let kind = heartbeat::Kind::of_upgrade(path, response.subprotocol.as_deref());
        self.set_beats(kind);
        self.response = Some(response);
    }

    /// The answer to the upgrade request is not HTTP, and may be a TLS alert.
    pub const fn foreign_answer(&mut self, at: Stamp, is_tls: bool) {
        self.foreign_answer = Some(ForeignAnswer { at, is_tls });
    }

    /// The WebSocket is open from here on: the 101, or the first frame seen.
    pub fn open(&mut self, at: Stamp) {
        self.opened = Some(at);
        let asked = self.request.as_ref().map(|request| request.at);
        self.idle = Some(IdleClock::new(at, asked, self.bounds.idle, self.bounds.listed));
    }

    /// Reads heartbeats of this protocol from now on.
    fn set_beats(&mut self, kind: Option<heartbeat::Kind>) {
        self.beats = kind.map(|kind| Box::new(Beats::new(kind, Sides::default())));
        let is_wanted = self.beats.is_some() || self.beats_sought > 0;
        self.preview = if is_wanted { self.bounds.preview } else { 0 };
    }

    /// Bytes of the next messages that are wanted, to find or to read heartbeats in them.
    pub const fn preview(&self) -> usize {
        self.preview as usize
    }

    /// Something that breaks RFC 6455.
    pub fn violation(&mut self, from: Side, at: Stamp, kind: ws::Violation) {
        self.history.push(at, Some(from), EventKind::Violation(kind));
        if self.violations.len() < self.bounds.listed {
            self.violations.push(Violation { from, at, kind });
        }
    }

    /// Framing was found again in a side's stream.
    pub fn resynced(&mut self, from: Side, at: Stamp) {
        self.history.push(at, Some(from), EventKind::Resynced);
        let last = self.unparsed.iter_mut().rev().find(|unparsed| unparsed.from == from);
        if let Some(unparsed) = last {
            unparsed.resynced_at.get_or_insert(at);
        }
    }

    /// A stretch of a side's stream that was not read as frames.
    pub fn unparsed(&mut self, unparsed: Unparsed) {
        if self.unparsed.len() < self.bounds.listed {
            self.unparsed.push(unparsed);
        }
    }

    /// A hole in a side's stream.
    pub fn gap(&mut self, gap: &Gap) {
        self.history.push(gap.at, Some(gap.side), EventKind::Gap { bytes: gap.bytes, why: gap.why });
    }

    /// A TLS alert; it ends nothing by itself.
    pub fn tls_alert(&mut self, from: Side, at: Stamp, alert: Option<Alert>) {
        self.history.push(at, Some(from), EventKind::TlsAlert(alert));
    }

    /// Whether an end act was seen whose surroundings are not noted yet.
    pub fn wants_liveness(&self) -> bool {
        self.ending && self.at_end.is_none()
    }

    /// Notes how alive the directions are at the first end act.
    pub fn note_liveness(&mut self, liveness: Sides<Liveness>) {
        self.at_end = Some(Box::new(liveness));
    }

    /// Whether a Close still waits for its acknowledgement.
    pub fn wants_acknowledgement(&self) -> bool {
        self.ending && self.closes.iter().any(|close| close.acked_at.is_none())
    }

    /// Notes how far each side's stream was acknowledged, in the packet `at`.
    pub fn note_acknowledged(&mut self, acked: &Sides<i64>, at: Stamp) {
        for close in self.closes.iter_mut().filter(|close| close.acked_at.is_none()) {
            if *acked.get(close.from) >= close.end {
                close.acked_at = Some(at);
            }
        }
    }

    /// The capture ended with the packet `at`.
    pub fn finish(&mut self, at: Stamp) {
        let newest = self.segments.0;
        self.told_gap(|idle, _| idle.finish(at, newest));
        self.pings.client.settle();
        self.pings.server.settle();
    }

    /// Something ends it in the packet `at`.
    pub(super) fn end_act(&mut self, at: Stamp) {
        self.ending = true;
        self.told_gap(|idle, before| idle.end(at, before));
    }

    /// Items of a list that are kept.
    pub(super) const fn listed(&self) -> usize {
        self.bounds.listed
    }

    /// Runs the idle clock and tells a gap that it gives.
    pub(super) fn told_gap(&mut self, step: impl FnOnce(&mut IdleClock, Stamp) -> Option<IdleGap>) {
        let before = self.segments.1;
        if let Some(gap) = self.idle.as_mut().and_then(|idle| step(idle, before)) {
            self.history.push(gap.from, None, EventKind::Idle { span: gap.span() });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::mem::offset_of;

    use super::*;
    use crate::timeline::event::Event;

    /// Bytes of a cache line.
    const LINE: usize = 64;

    #[test]
    fn messages_are_wanted_while_heartbeats_are_sought_or_read() {
        let mut timeline = Timeline::new(Bounds::new(&Limits::default(), Span::from_secs(10)));
        assert_eq!(timeline.preview(), Limits::default().message_preview);
        timeline.beats_sought = 0;
        timeline.set_beats(None);
        assert_eq!(timeline.preview(), 0);
        // An upgrade may tell a protocol that the messages before it did not.
        timeline.set_beats(Some(heartbeat::Kind::EngineIo));
        assert_eq!(timeline.preview(), Limits::default().message_preview);
    }

    #[test]
    fn what_every_frame_touches_begins_a_cache_line() {
        assert_eq!(offset_of!(Timeline, history), LINE);
        assert_eq!((size_of::<Event>(), size_of::<FrameCounts>()), (LINE, LINE));
        const { assert!(LINE + History::TOUCHED <= FRONT * LINE) };
        assert_eq!(
            (offset_of!(Timeline, frames), offset_of!(Timeline, idle)),
            (4 * LINE, (4 + CLOCKS) * LINE)
        );
        assert_eq!((IdleClock::COMMON, IdleClock::OWN), (1, LINE));
    }
}
