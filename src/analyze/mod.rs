//! The whole way from packets to connections: the only room that knows all stages.

mod detect;
mod ending;
mod framing;
mod midstream;
mod multiplexed;
mod opening;
mod reading;
mod secure;
mod tracked;
mod upgrade;

use std::collections::{BTreeMap, BTreeSet};

use crate::capture::Packet;
use crate::catalogue::Catalogue;
use crate::decode::{Decoder, IcmpError, Segment, Skip};
use crate::facts::Facts;
use crate::flow::{FlowKey, Stamp};
use crate::limits::Limits;
use crate::sessions::{self, Finding, Leg, Session, join};
use crate::tcp::{Belongs, Flow, SlotId, Table};
use crate::time::{Span, Timestamp};
use crate::timeline::Connection;
use crate::tls::KeyLog;
use crate::verdict::{Verdict, judge};

use ending::Ending;
use tracked::{Concluded, Context, Full, Next, Step, Tracked};

/// What the user may set about the analysis.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Bounds on memory.
    pub limits: Limits,
    /// The silence from which on a gap is listed.
    pub idle_threshold: Span,
    /// For captures that are still being written: a connection is judged once it was quiet for this
    /// long after its first FIN or RST, to be taken with [`Analyzer::take_told`]. Without it, late
    /// packets are waited for.
    pub told_after: Option<Span>,
}

impl Default for Options {
    fn default() -> Self {
        Self { limits: Limits::default(), idle_threshold: Span::from_secs(10), told_after: None }
    }
}

/// Follows the connections of one capture after another.
///
/// Packets go in with [`push`](Self::push) in the order of their file; [`end_capture`](Self::end_capture)
/// closes a file; [`finish`](Self::finish) gives what was found.
#[derive(Debug)]
pub struct Analyzer {
    decoder: Decoder,
    tracker: Tracker,
}

/// The connections being followed, and what was found so far.
#[derive(Debug)]
struct Tracker {
    context: Context,
    /// The user's catalogue, where there is one.
    catalogue: Option<Catalogue>,
    table: Table<Tracked>,
    found: Analysis,
    /// Connections tracked with their bytes.
    full: usize,
    /// Bytes held beyond holes, over all connections.
    held: usize,
    /// Timeline events of the connections that are done.
    told: usize,
    last: Stamp,
    /// Those that are told as soon as they have ended.
    ending: Option<Ending>,
}

/// What was found in the captures.
#[derive(Clone, Debug, Default)]
pub struct Analysis {
    /// The connections that carried, or tried to carry, a WebSocket, by first packet.
    pub connections: Vec<Judged>,
    /// Sessions seen on two legs.
    pub sessions: Vec<Session>,
    /// What only all connections together show.
    pub findings: Vec<Finding>,
    /// TCP connections that carried something else.
    pub other_tcp_flows: u64,
    /// TCP connections that carried TLS.
    pub tls_flows: u64,
    /// Packets that hold no TCP segment, by reason.
    pub skipped: BTreeMap<Skip, u64>,
    /// Bounds that were reached.
    pub limits_hit: BTreeSet<&'static str>,
}

/// A connection with its facts and its verdict.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What the packets show.
    pub facts: Facts,
    /// Who ended it, and why.
    pub verdict: Verdict,
}

impl Analyzer {
    /// An analyzer that has seen nothing.
    pub fn new(options: Options) -> Self {
        Self { decoder: Decoder::new(&options.limits), tracker: Tracker::new(options) }
    }

    /// Takes the next packet of the capture.
    pub fn push(&mut self, packet: &Packet<'_>) {
        let Self { decoder, tracker } = self;
        tracker.last = Stamp { packet: packet.at, time: packet.time };
        match decoder.decode(packet) {
            Ok(segment) => tracker.segment(&segment),
            Err(skip) => {
                *tracker.found.skipped.entry(skip).or_default() += 1;
                if let Some(error) = decoder.take_icmp_error() {
                    tracker.icmp_error(&error);
                }
            }
        }
        tracker.expire(packet.time);
    }

    /// Notes that the capture with the index `file` says it lost packets: what rests on an absence is
    /// less sure then. Known at the capture's end, and before [`finish`](Self::finish).
    pub fn note_lost(&mut self, file: u32, packets: u64) {
        let was_there = |judged: &&mut Judged| {
            let tcp = &judged.facts.connection.tcp;
            tcp.first.packet.file() <= file && file <= tcp.last.packet.file()
        };
        let judged = self.tracker.found.connections.iter_mut().filter(was_there);
        judged.for_each(|judged| judged.verdict.weaken_by_lost(&judged.facts, packets));
    }

    /// Lets time pass without a packet, for a capture that is still being written.
    pub fn pass_time(&mut self, now: Timestamp) {
        self.tracker.expire(now);
    }

    /// Whether connections have been judged that nobody took yet.
    pub const fn has_told(&self) -> bool {
        !self.tracker.found.connections.is_empty()
    }

    /// The connections judged since the last call, in the order in which they ended; they are not
    /// given again by [`finish`](Self::finish).
    pub fn take_told(&mut self) -> Vec<Judged> {
        self.tracker.take_told()
    }

    /// Takes connections back that [`take_told`](Self::take_told) gave, for [`finish`](Self::finish).
    pub fn give_back(&mut self, judged: Vec<Judged>) {
        self.tracker.found.connections.extend(judged);
    }

    /// The TLS secrets that are known, to add to; without any, TLS is not read.
    pub const fn keys_mut(&mut self) -> &mut KeyLog {
        &mut self.tracker.context.keys
    }

    /// Judges by this catalogue from now on, instead of by the one that comes with the program.
    pub fn set_catalogue(&mut self, catalogue: Catalogue) {
        self.tracker.catalogue = Some(catalogue);
    }

    /// The capture is over: what is still tracked ends with it.
    pub fn end_capture(&mut self) {
        self.tracker.end_capture();
    }

    /// Gives what was found.
    pub fn finish(mut self) -> Analysis {
        self.end_capture();
        let mut found = self.tracker.found;
        found.connections.sort_by_cached_key(|judged| judged.facts.connection.tcp.first.packet);
        let legs = found.connections.iter_mut();
        let mut legs: Vec<_> =
            legs.map(|judged| Leg { facts: &judged.facts, verdict: &mut judged.verdict }).collect();
        found.sessions = join(&mut legs);
        let catalogue = self.tracker.catalogue.as_ref();
        sessions::compare(&mut legs, catalogue.unwrap_or_else(|| Catalogue::built_in()));
        found.findings = sessions::find(&legs);
        found
    }
}

impl Tracker {
    fn new(options: Options) -> Self {
        Self {
            catalogue: None,
            table: Table::new(options.limits.flows),
            context: Context::new(&options),
            found: Analysis::default(),
            full: 0,
            held: 0,
            told: 0,
            last: Stamp::default(),
            ending: options.told_after.map(|quiet| Ending::new(quiet, options.limits.flows_reassembled)),
        }
    }

    fn take_told(&mut self) -> Vec<Judged> {
        let told = std::mem::take(&mut self.found.connections);
        let events = |judged: &Judged| judged.facts.connection.timeline.history.len();
        self.told = self.told.saturating_sub(told.iter().map(events).sum());
        told
    }

    fn expire(&mut self, now: Timestamp) {
        while let Some(key) = self.ending.as_mut().and_then(|ending| ending.next(now)) {
            self.tell(key, now);
        }
        while let Some(done) = self.table.take_expired(now) {
            self.conclude(done);
        }
    }

    fn end_capture(&mut self) {
        let left: Vec<_> = self.table.drain().collect();
        left.into_iter().for_each(|tracked| self.conclude(tracked));
    }

    /// Judges a connection that is ending; what still comes of it is not told.
    fn tell(&mut self, key: FlowKey, now: Timestamp) {
        let (Some(id), Some(ending)) = (self.table.find(&key), &mut self.ending) else { return };
        let Some((tracked, active)) = self.table.look(id) else { return };
        if !tracked.is_ending() || ending.goes_on(key, active, now) {
            return;
        }
        let Some(told) = tracked.told() else { return };
        self.table.mark_ended(id, active);
        if let Some(tracked) = self.table.touch(id, active) {
            let tracked = std::mem::replace(tracked, told);
            self.conclude(tracked);
        }
    }

    fn segment(&mut self, segment: &Segment<'_>) {
        let key = FlowKey::new(segment.source, segment.destination);
        let Some((id, tracked)) = self.table.find_active(&key, segment.at.time) else {
            return self.begin(key, Tracked::new(segment), segment);
        };
        tracked.unfold(&self.context);
        match tracked.belongs(segment) {
            Belongs::Here => {
                let step = tracked.push(segment, &self.context);
                self.stepped(id, segment, step);
            }
            Belongs::New => {
                self.end(id);
                self.begin(key, Tracked::new(segment), segment);
            }
            Belongs::Successor => {
                let successor = tracked.successor().unwrap_or_else(|| Flow::new(segment));
                self.end(id);
                let full = Full::new(successor, segment.encapsulation);
                self.begin(key, Tracked::Full(Box::new(full)), segment);
            }
        }
    }

    /// Attaches an ICMP error to the connection whose segment it quotes.
    fn icmp_error(&mut self, error: &IcmpError) {
        let id = self.table.find(&FlowKey::new(error.source, error.destination));
        let tracked = id.and_then(|id| self.table.touch(id, error.at.time));
        if let Some(tracked) = tracked {
            tracked.icmp_error(error);
        }
    }

    fn begin(&mut self, key: FlowKey, mut tracked: Tracked, segment: &Segment<'_>) {
        let limits = &self.context.limits;
        if self.full >= limits.flows_reassembled || self.table.is_full() {
            self.found.limits_hit.insert("flows");
            if let Some(quietest) = self.table.evict(Tracked::is_full) {
                self.conclude(quietest);
            }
            if self.table.is_full()
                && let Some(quietest) = self.table.evict(|_| true)
            {
                self.conclude(quietest);
            }
        }
        self.full += 1;
        self.share_events();
        let step = tracked.push(segment, &self.context);
        let id = self.table.insert(key, tracked, segment.at.time);
        self.stepped(id, segment, step);
    }

    /// Takes in what a segment changed in its connection.
    #[inline]
    fn stepped(&mut self, id: SlotId, segment: &Segment<'_>, step: Step) {
        self.held = (self.held + step.held).saturating_sub(step.held_before);
        if step.has_ended {
            self.table.mark_ended(id, segment.at.time);
        }
        if step.is_ending
            && let Some(ending) = &mut self.ending
        {
            ending.add(FlowKey::new(segment.source, segment.destination), segment.at.time);
        }
        match step.next {
            Next::GoOn if self.held > self.context.limits.out_of_order_total => self.release(id),
            Next::GoOn => {}
            Next::Reduce { is_tls } => self.reduce(id, segment, is_tls),
        }
    }

    /// Gives what a connection holds, so that all together stay under their bound.
    fn release(&mut self, id: SlotId) {
        self.found.limits_hit.insert("out_of_order_total");
        let Some(tracked) = self.table.touch(id, self.last.time) else { return };
        self.held = self.held.saturating_sub(tracked.held());
        tracked.release(&self.context);
    }

    /// Stops following the bytes of a connection that carries something else.
    fn reduce(&mut self, id: SlotId, segment: &Segment<'_>, is_tls: bool) {
        let Some(tracked) = self.table.touch(id, segment.at.time) else { return };
        self.held = self.held.saturating_sub(tracked.held());
        tracked.reduce(is_tls);
        self.full = self.full.saturating_sub(1);
    }

    fn end(&mut self, id: SlotId) {
        if let Some(tracked) = self.table.remove(id) {
            self.conclude(tracked);
        }
    }

    fn conclude(&mut self, tracked: Tracked) {
        if tracked.is_full() {
            self.full = self.full.saturating_sub(1);
            self.held = self.held.saturating_sub(tracked.held());
        }
        if let Some(limit) = tracked.limit_hit() {
            self.found.limits_hit.insert(limit);
        }
        match tracked.conclude(&self.context, self.last) {
            Concluded::Connections(connections) => {
                connections.into_iter().for_each(|connection| self.judge(connection));
            }
            Concluded::Tls => self.found.tls_flows += 1,
            Concluded::Other => self.found.other_tcp_flows += 1,
            Concluded::Told => {}
        }
    }

    fn judge(&mut self, connection: Connection) {
        self.told += connection.timeline.history.len();
        self.share_events();
        let facts = Facts::gather(connection);
        let catalogue = self.catalogue.as_ref().unwrap_or_else(|| Catalogue::built_in());
        let verdict = judge(&facts, catalogue);
        self.found.connections.push(Judged { facts, verdict });
    }

    /// Gives each connection that begins from now on its share of the events that may be kept.
    fn share_events(&mut self) {
        let limits = &self.context.limits;
        let share = limits.timeline_total.saturating_sub(self.told) / (self.full + 1);
        let least = limits.timeline_least.min(limits.timeline_events);
        self.context.events = share.clamp(least, limits.timeline_events);
    }
}
