//! One tracked connection: its TCP, what its bytes are read as, and its record.

use crate::decode::{Encapsulation, IcmpError, Segment, TcpFlags};
use crate::flow::{Side, Sides, Stamp};
use crate::limits::Limits;
use crate::tcp::{Belongs, Event, EventKind, Flow, Item, PathError, Reduced};
use crate::time::Span;
use crate::timeline::{Bounds, Connection, Kind};
use crate::tls::KeyLog;

use super::Options;
use super::opaque::OpaqueTls;
use super::opening::Opening;
use super::reading::Reading;

/// What a connection needs to know of the analysis.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) limits: Limits,
    pub(super) idle_threshold: Span,
    /// Which connections in TLS without secrets are reported.
    pub(super) opaque: OpaqueTls,
    /// Timeline events that a new record may keep.
    pub(super) events: usize,
    /// The TLS secrets that are known.
    pub(super) keys: KeyLog,
}

impl Context {
    pub(super) fn new(options: &Options) -> Self {
        let limits = options.limits;
        let keys = KeyLog::new(&limits);
        Self {
            limits,
            idle_threshold: options.idle_threshold,
            opaque: options.opaque,
            events: limits.timeline_events,
            keys,
        }
    }

    pub(super) const fn bounds(&self) -> Bounds {
        let mut bounds = Bounds::new(&self.limits, self.idle_threshold);
        bounds.events = self.events;
        bounds
    }
}

/// A connection in the table.
#[derive(Debug)]
pub(super) enum Tracked {
    /// It has begun, no more.
    Opening(Box<Opening>),
    /// Followed with its bytes.
    Full(Box<Full>),
    /// It carries something else.
    Reduced { flow: Reduced, is_tls: bool },
    /// It was judged already; late packets of it are nothing new.
    Told(Reduced),
}

/// What is to be done with a connection after a segment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Next {
    /// Go on with it.
    GoOn,
    /// It carries something else.
    Reduce { is_tls: bool },
}

/// What comes of a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) next: Next,
    /// What it changed for the others.
    pub(super) change: Option<Change>,
}

/// A connection before and with a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) before: State,
    pub(super) now: State,
}

impl Change {
    /// From one state to another one.
    fn between(before: State, now: State) -> Option<Self> {
        (before != now).then_some(Self { before, now })
    }
}

/// What the others need to know of a connection.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct State {
    /// Bytes held beyond holes.
    pub(super) held: usize,
    /// It has ended.
    pub(super) has_ended: bool,
    /// Something was seen that may end it.
    pub(super) is_ending: bool,
    /// There is a record of it.
    pub(super) has_record: bool,
}

/// What a connection was.
pub(super) enum Concluded {
    /// It carried, or tried to carry, a WebSocket, or on HTTP/2 several.
    #[expect(
        clippy::vec_box,
        reason = "a list has room for four from the start, and nearly always there is one"
    )]
    Connections(Vec<Box<Connection>>),
    /// It carried TLS.
    Tls,
    /// It carried something else.
    Other,
    /// It was judged before.
    Told,
}

impl Tracked {
    /// A connection that begins with `segment`, which is still to be pushed.
    #[inline(never)]
    pub(super) fn new(segment: &Segment<'_>) -> Self {
        let full = || Self::Full(Box::new(Full::new(Flow::new(segment), segment.encapsulation)));
        Opening::new(segment).map_or_else(full, |opening| Self::Opening(Box::new(opening)))
    }

    /// Asks for what every segment will touch first.
    #[inline]
    pub(super) fn prefetch(&self) {
        if let Self::Full(full) = self {
            full.flow.prefetch();
            full.reading.prefetch();
        }
    }

    /// Asks for what the segment will touch behind that, which must be there.
    #[inline(always)]
    pub(super) fn prefetch_behind(&self, source_port: u16, has_payload: bool) {
        if let Self::Full(full) = self {
            full.prefetch_behind(source_port, has_payload);
        }
    }

    /// Makes room for what its second segment brings.
    #[inline]
    pub(super) fn unfold(&mut self, context: &Context) {
        if let Self::Opening(opening) = self {
            *self = Self::Full(opening.unfold(context));
        }
    }

    /// Whether its bytes are followed, or will be.
    pub(super) const fn is_full(&self) -> bool {
        matches!(self, Self::Opening(_) | Self::Full(_))
    }

    #[inline]
    pub(super) fn belongs(&self, segment: &Segment<'_>) -> Belongs {
        match self {
            Self::Full(full) => full.flow.belongs(segment),
            Self::Reduced { flow, .. } | Self::Told(flow) if flow.is_followed_by(segment) => Belongs::New,
            Self::Opening(_) | Self::Reduced { .. } | Self::Told(_) => Belongs::Here,
        }
    }

    /// The connection that took its place with a SYN which was held back until `segment` answered it.
    #[cold]
    pub(super) fn successor(&self, segment: &Segment<'_>) -> Option<Self> {
        let flow = match self {
            Self::Full(full) => full.flow.successor()?,
            Self::Opening(_) | Self::Reduced { .. } | Self::Told(_) => return None,
        };
        Some(Self::Full(Box::new(Full::new(flow, segment.encapsulation))))
    }

    pub(super) fn held(&self) -> usize {
        match self {
            Self::Full(full) => full.flow.held(),
            Self::Opening(_) | Self::Reduced { .. } | Self::Told(_) => 0,
        }
    }

    /// Whether a FIN or an RST was seen that may have ended it, and it was not judged yet.
    pub(super) const fn is_ending(&self) -> bool {
        match self {
            Self::Full(full) => full.flow.is_ending(),
            Self::Opening(_) | Self::Reduced { .. } | Self::Told(_) => false,
        }
    }

    /// Its first packet, where it is followed with its bytes.
    pub(super) const fn first_packet(&self) -> Option<Stamp> {
        match self {
            Self::Full(full) => Some(full.flow.first()),
            Self::Opening(_) | Self::Reduced { .. } | Self::Told(_) => None,
        }
    }

    /// What is left of it once it is judged.
    pub(super) fn told(&self) -> Option<Self> {
        match self {
            Self::Full(full) => Some(Self::Told(full.flow.reduced())),
            Self::Opening(_) | Self::Reduced { .. } | Self::Told(_) => None,
        }
    }

    /// Takes its next segment.
    #[inline(always)]
    pub(super) fn push(&mut self, segment: &Segment<'_>, context: &Context) -> Step {
        match self {
            Self::Full(full) => full.step(segment, context),
            // The segment is the one that it holds.
            Self::Opening(_) => Step { next: Next::GoOn, change: None },
            Self::Reduced { flow, .. } | Self::Told(flow) => {
                let state = |flow: &Reduced| State { has_ended: flow.has_ended(), ..State::default() };
                let before = state(flow);
                flow.push(segment);
                Step { next: Next::GoOn, change: Change::between(before, state(flow)) }
            }
        }
    }

    /// Takes an ICMP error about one of its segments.
    pub(super) fn icmp_error(&mut self, error: &IcmpError) {
        if let Self::Full(full) = self {
            full.icmp_error(error);
        }
    }

    /// Gives the bytes that are held beyond holes.
    pub(super) fn release(&mut self, context: &Context) {
        if let Self::Full(full) = self {
            full.release(context);
        }
    }

    /// Lets the bytes go.
    pub(super) fn reduce(&mut self, is_tls: bool) {
        if let Self::Full(full) = self {
            *self = Self::Reduced { flow: full.flow.reduced(), is_tls };
        }
    }

    /// A bound that it reached, by the name in the report.
    pub(super) fn limit_hit(&self) -> Option<&'static str> {
        match self {
            Self::Full(full) => full.reading.limit_hit(),
            Self::Opening(_) | Self::Reduced { .. } | Self::Told(_) => None,
        }
    }

    pub(super) fn conclude(self, context: &Context, capture_end: Stamp) -> Concluded {
        match self {
            Self::Full(full) => full.conclude(context, capture_end),
            Self::Reduced { is_tls: true, .. } => Concluded::Tls,
            Self::Opening(_) | Self::Reduced { is_tls: false, .. } => Concluded::Other,
            Self::Told(_) => Concluded::Told,
        }
    }
}

/// A connection followed with its bytes.
#[derive(Debug)]
#[repr(C)]
pub(super) struct Full {
    flow: Flow,
    reading: Reading,
    encapsulation: Box<[String]>,
    /// What the others know of it.
    known: State,
}

impl Full {
    pub(super) fn new(flow: Flow, encapsulation: &[Encapsulation]) -> Self {
        let encapsulation = encapsulation.iter().map(ToString::to_string).collect();
        let ends = flow.endpoints();
        // Servers listen on lower ports than those that clients are given.
        let likely_client = if ends.client.port < ends.server.port { Side::Server } else { Side::Client };
        let (Sides { client, server }, _) = flow.start();
        let syns = Sides { client: client.is_some(), server: server.is_some() };
        Self { reading: Reading::new(syns, likely_client), flow, encapsulation, known: State::default() }
    }

    #[inline(always)]
    pub(super) fn push(&mut self, segment: &Segment<'_>, context: &Context) -> Next {
        let Self { flow, reading, .. } = self;
        reading.segment(segment, || flow.side_of(segment));
        flow.push(segment, &context.limits, &mut |item| take(reading, &item, context));
        if segment.flags.has(TcpFlags::SYN) && flow.is_opened_by_both() {
            reading.doubt_sides();
        }
        self.settle(context)
    }

    /// Asks for what the segment will touch behind pointers in the front of the state.
    #[inline(always)]
    fn prefetch_behind(&self, source_port: u16, has_payload: bool) {
        let side = self.flow.side_of_port(source_port);
        self.flow.prefetch_behind(side, has_payload);
        if has_payload {
            self.reading.prefetch_record(side);
        }
    }

    /// Takes a segment; tells what it changed.
    #[inline(always)]
    fn step(&mut self, segment: &Segment<'_>, context: &Context) -> Step {
        let held = self.flow.held();
        let next = self.push(segment, context);
        // Frames and acknowledgements alone change nothing for the others.
        if !self.reading.has_news() && self.flow.held() == held {
            debug_assert_eq!(self.known, self.state(), "a change that is no news");
            return Step { next, change: None };
        }
        Step { next, change: self.tell_others() }
    }

    /// What the others do not know yet.
    #[inline(never)]
    fn tell_others(&mut self) -> Option<Change> {
        self.reading.note_told();
        let (before, now) = (self.known, self.state());
        self.known = now;
        Change::between(before, now)
    }

    /// What the others need to know of it now.
    #[inline]
    fn state(&self) -> State {
        State {
            held: self.flow.held(),
            has_ended: self.flow.has_ended(),
            is_ending: self.flow.is_ending(),
            has_record: self.reading.has_record(),
        }
    }

    fn icmp_error(&mut self, error: &IcmpError) {
        let Some(side) = self.flow.quoted(error) else { return };
        let told = PathError { router: error.router, kind: error.kind };
        self.reading.tcp(&Event { side, at: error.at, kind: EventKind::IcmpError(told) });
    }

    /// Brings the record in line with what the segment showed.
    #[inline]
    fn settle(&mut self, context: &Context) -> Next {
        if self.reading.is_settled(self.flow.has_ended()) { Next::GoOn } else { self.settle_now(context) }
    }

    #[inline(never)]
    fn settle_now(&mut self, context: &Context) -> Next {
        let Self { flow, reading, .. } = self;
        reading.note_news();
        reading.opaque_round_trip(flow);
        if reading.take_swap() {
            flow.swap_sides();
        }
        reading.tell_early_fin();
        reading.settle_opaque(flow);
        for timeline in reading.timelines_mut() {
            if timeline.wants_start() {
                let (syns, established) = flow.start();
                timeline.tcp_start(&syns, established);
            }
            if timeline.wants_acknowledgement() {
                timeline.note_acknowledged(&flow.acked(), flow.last());
            }
            if timeline.wants_liveness() {
                timeline.note_liveness(flow.liveness());
            }
        }
        reading.next(flow.is_over(), context)
    }

    fn release(&mut self, context: &Context) {
        let Self { flow, reading, .. } = self;
        flow.release(&mut |item| take(reading, &item, context));
        self.settle(context);
        self.known.held = self.flow.held();
    }

    fn conclude(mut self: Box<Self>, context: &Context, capture_end: Stamp) -> Concluded {
        self.release(context);
        self.reading.finish(context);
        let is_tls = self.reading.is_tls();
        let records = self.reading.into_records(context);
        if records.is_empty() {
            return if is_tls { Concluded::Tls } else { Concluded::Other };
        }
        let tcp = self.flow.summary();
        let encapsulation = self.encapsulation;
        let connections = records.into_iter().filter_map(|(kind, mut timeline)| {
            timeline.finish(capture_end);
            let is_shown = timeline.frames != Sides::default() || timeline.response.is_some();
            let is_empty = kind == Kind::Midstream && !is_shown;
            let (tcp, encapsulation) = (tcp.clone(), encapsulation.to_vec());
            let connection = Connection { kind, timeline, tcp, encapsulation, capture_end };
            (!is_empty).then(|| Box::new(connection))
        });
        let connections: Vec<_> = connections.collect();
        if connections.is_empty() { Concluded::Other } else { Concluded::Connections(connections) }
    }
}

#[inline(always)]
fn take(reading: &mut Reading, item: &Item<'_>, context: &Context) {
    match item {
        Item::Data(data) => reading.data(data, context),
        Item::Gap(gap) => reading.gap(gap, context),
        Item::Event(event) => reading.tcp(event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_takes_a_size_that_memory_is_handed_out_in() {
        assert!(size_of::<Full>() <= 2048, "{}", size_of::<Full>());
    }
}
