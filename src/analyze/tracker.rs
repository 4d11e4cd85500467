//! The connections being followed, from one segment to the next, and what became of those that ended.

use crate::catalogue::Catalogue;
use crate::decode::{IcmpError, Segment};
use crate::facts::{Facts, Mechanism};
use crate::flow::{Endpoint, FlowKey, Side, Sides, Stamp};
use crate::tcp::{Belongs, SlotId, Summary, Table};
use crate::time::Timestamp;
use crate::timeline::{Connection, Kind};
use crate::verdict::judge;

use super::ending::Ending;
use super::tracked::{Change, Concluded, Context, Next, Step, Tracked};
use super::{Analysis, Judged, Options, Records, Remarked};

/// The connections being followed, and what was found so far.
#[derive(Debug)]
pub(super) struct Tracker {
    pub(super) context: Context,
    /// The user's catalogue, where there is one.
    pub(super) catalogue: Option<Catalogue>,
    table: Table<Tracked>,
    pub(super) found: Analysis,
    /// Connections tracked with their bytes.
    full: usize,
    /// Bytes held beyond holes, over all connections.
    held: usize,
    /// Timeline events of the connections that are done.
    told: usize,
    pub(super) last: Stamp,
    /// Those that are told as soon as they have ended.
    ending: Option<Ending>,
    /// The first packets of those of which a record began, where they are told.
    pub(super) begun: Vec<Stamp>,
    /// Segments that their captures have comments on, with sender and receiver; as many as comments are kept.
    remarked: Vec<(Stamp, [Endpoint; 2])>,
    /// The capture is over: what is judged now ends with it.
    is_over: bool,
}

impl Tracker {
    pub(super) fn new(options: Options) -> Self {
        Self {
            catalogue: None,
            table: Table::new(options.limits.flows),
            context: Context::new(&options),
            found: Analysis {
                connections: Records::new(options.limits.records_in_memory),
                ..Analysis::default()
            },
            full: 0,
            held: 0,
            told: 0,
            last: Stamp::default(),
            ending: options.told_after.map(|quiet| Ending::new(quiet, options.limits.flows_reassembled)),
            begun: Vec::new(),
            remarked: Vec::new(),
            is_over: false,
        }
    }

    pub(super) fn take_told(&mut self) -> Vec<Judged> {
        let told = self.found.connections.take();
        let events = |judged: &Judged| judged.facts.connection.timeline.history.len();
        self.told = self.told.saturating_sub(told.iter().map(events).sum());
        told
    }

    /// Lets go of what ended long enough before `now`.
    #[inline]
    pub(super) fn expire(&mut self, now: Timestamp) {
        if self.ending.is_some() || self.table.has_due(now) {
            self.expire_due(now);
        }
    }

    #[cold]
    fn expire_due(&mut self, now: Timestamp) {
        while let Some(key) = self.ending.as_mut().and_then(|ending| ending.next(now)) {
            self.tell(key, now);
        }
        while let Some(done) = self.table.take_expired(now) {
            self.conclude(done);
        }
    }

    pub(super) fn end_capture(&mut self) {
        let left: Vec<_> = self.table.drain().collect();
        if left.is_empty() {
            return;
        }
        self.found.connections.settle();
        self.is_over = true;
        left.into_iter().for_each(|tracked| self.conclude(tracked));
        self.is_over = false;
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

    /// Notes that the capture has a comment on a segment.
    #[cold]
    pub(super) fn remark(&mut self, segment: &Segment<'_>) {
        self.remarked.push((segment.at, [segment.source, segment.destination]));
    }

    /// The segments of a connection that there are comments on.
    fn remarked_of(&self, tcp: &Summary) -> Vec<Remarked> {
        let Sides { client, server } = tcp.endpoints;
        let packets = tcp.first.packet..=tcp.last.packet;
        let of_this = self.remarked.iter().filter(|(at, _)| packets.contains(&at.packet));
        let side = |(at, ends): &(Stamp, [Endpoint; 2])| {
            let from = match *ends {
                ends if ends == [client, server] => Side::Client,
                ends if ends == [server, client] => Side::Server,
                _ => return None,
            };
            Some(Remarked { at: *at, from })
        };
        of_this.filter_map(side).collect()
    }

    /// The connections, to look ahead.
    pub(super) const fn table(&self) -> &Table<Tracked> {
        &self.table
    }

    /// Takes a segment of the flow `key`, which is probably of the connection in the slot `likely`.
    #[inline(always)]
    pub(super) fn segment(&mut self, segment: &Segment<'_>, key: &FlowKey, likely: SlotId) {
        let Some((id, tracked)) = self.table.find_active(key, likely, segment.at.time) else {
            return self.begin(*key, None, segment);
        };
        if likely != id {
            tracked.prefetch();
        }
        tracked.unfold(&self.context);
        match tracked.belongs(segment) {
            Belongs::Here => {
                let step = tracked.push(segment, &self.context);
                self.stepped(id, segment, step);
            }
            Belongs::New => self.replace(id, *key, None, segment),
            Belongs::Successor => {
                let successor = tracked.successor(segment);
                self.replace(id, *key, successor, segment);
            }
        }
    }

    /// Ends a connection, in whose place another one begins.
    #[cold]
    fn replace(&mut self, id: SlotId, key: FlowKey, successor: Option<Tracked>, segment: &Segment<'_>) {
        self.end(id);
        self.begin(key, successor, segment);
    }

    /// Attaches an ICMP error to the connection whose segment it quotes.
    pub(super) fn icmp_error(&mut self, error: &IcmpError) {
        let id = self.table.find(&FlowKey::new(error.source, error.destination));
        let tracked = id.and_then(|id| self.table.touch(id, error.at.time));
        if let Some(tracked) = tracked {
            tracked.icmp_error(error);
        }
    }

    /// Follows a connection that begins with a segment, or that began with one which was held back.
    #[inline(never)]
    fn begin(&mut self, key: FlowKey, tracked: Option<Tracked>, segment: &Segment<'_>) {
        let mut tracked = tracked.unwrap_or_else(|| Tracked::new(segment));
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
    #[inline(always)]
    fn stepped(&mut self, id: SlotId, segment: &Segment<'_>, step: Step) {
        if let Some(change) = step.change {
            self.changed(id, segment, change);
        }
        match step.next {
            Next::GoOn if self.held > self.context.limits.out_of_order_total => self.release(id),
            Next::GoOn => {}
            Next::Reduce { is_tls } => self.reduce(id, segment, is_tls),
        }
    }

    /// Takes in that a connection is in another state.
    #[inline(never)]
    fn changed(&mut self, id: SlotId, segment: &Segment<'_>, Change { before, now }: Change) {
        self.held = (self.held + now.held).saturating_sub(before.held);
        if now.has_record && !before.has_record && self.ending.is_some() {
            self.begun.extend(self.table.look(id).and_then(|(tracked, _)| tracked.first_packet()));
        }
        if now.has_ended && !before.has_ended {
            self.table.mark_ended(id, segment.at.time);
        }
        if now.is_ending
            && !before.is_ending
            && let Some(ending) = &mut self.ending
        {
            ending.add(FlowKey::new(segment.source, segment.destination), segment.at.time);
        }
    }

    /// Gives what a connection holds, so that all together stay under their bound.
    #[cold]
    fn release(&mut self, id: SlotId) {
        self.found.limits_hit.insert("out_of_order_total");
        let Some(tracked) = self.table.touch(id, self.last.time) else { return };
        self.held = self.held.saturating_sub(tracked.held());
        tracked.release(&self.context);
    }

    /// Stops following the bytes of a connection that carries something else.
    #[inline(never)]
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

    fn judge(&mut self, mut connection: Box<Connection>) {
        self.limit_events(&mut connection);
        self.found.tls_flows += u64::from(connection.kind == Kind::OpaqueTls);
        self.told += connection.timeline.history.len();
        self.share_events();
        let remarked = self.remarked_of(&connection.tcp);
        let facts = Facts::gather(connection);
        let catalogue = self.catalogue.as_ref().unwrap_or_else(|| Catalogue::built_in());
        let verdict = judge(&facts, catalogue);
        let judged = Judged { facts, verdict, remarked, number: None };
        if self.is_over && judged.facts.mechanism == Mechanism::StillOpen {
            self.found.connections.push_open(judged, catalogue);
        } else {
            self.found.connections.push(&judged, catalogue);
        }
    }

    /// Keeps a connection for the report.
    pub(super) fn keep(&mut self, judged: &Judged) {
        let catalogue = self.catalogue.as_ref().unwrap_or_else(|| Catalogue::built_in());
        self.found.connections.push(judged, catalogue);
    }

    /// Keeps the events of all that are done under their bound; the shares of those that were open at once may
    /// come to more.
    fn limit_events(&mut self, connection: &mut Connection) {
        let limits = &self.context.limits;
        let history = &mut connection.timeline.history;
        let least = limits.timeline_least.min(limits.timeline_events);
        history.trim(limits.timeline_reported.saturating_sub(self.told).max(least));
        if history.is_short_of(limits.timeline_events) {
            self.found.limits_hit.insert("timeline_total");
        }
    }

    /// Gives each connection that begins from now on its share of the events that may be kept.
    fn share_events(&mut self) {
        let limits = &self.context.limits;
        let share = limits.timeline_total.saturating_sub(self.told) / (self.full + 1);
        let least = limits.timeline_least.min(limits.timeline_events);
        self.context.events = share.clamp(least, limits.timeline_events);
    }
}
