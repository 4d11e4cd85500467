//! One TCP connection: both sides, in the order of the capture.

mod resets;
mod stream;

use crate::decode::{Segment, TcpFlags, TcpOption};
use crate::flow::{Endpoint, Side, Sides, Stamp};
use crate::limits::Limits;
use crate::prefetch::prefetch;
use crate::time::{Span, Timestamp};

use super::half::{Half, Syn};
use super::item::{EventKind, Item, event};
use super::payload::forward;
use super::reduced::Reduced;
use super::summary::{Liveness, Summary};

/// How far behind the newest acknowledgement a quoted segment may lie: its error took time.
const OLD: i64 = 1 << 20;

/// One TCP connection.
///
/// Its client is the sender of the SYN; where the capture starts later, the sender of the first
/// packet until the bytes tell otherwise (see [`Flow::swap_sides`]). What every segment touches stands
/// together.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct Flow {
    last: Stamp,
    established: Option<Stamp>,
    ended: bool,
    /// A FIN or an RST that the receiver accepts was seen.
    ending: bool,
    endpoints: Sides<Endpoint>,
    first: Stamp,
    /// The earliest and the latest time, as far as the capture went back behind it.
    times: (Timestamp, Timestamp),
    syn_ack: Option<Stamp>,
    pending_syn: Option<Syn>,
    halves: Sides<Half>,
}

/// Where a segment belongs that matches a connection's endpoints.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Belongs {
    /// To this connection.
    Here,
    /// To a new one that begins with this segment.
    New,
    /// To a new one that began with a SYN held back until now; see [`Flow::successor`].
    Successor,
}

impl Flow {
    /// A connection whose first packet is `segment`, which is still to be pushed.
    pub fn new(segment: &Segment<'_>) -> Self {
        let from_server = segment.flags.has(TcpFlags::SYN.with(TcpFlags::ACK));
        let (client, server) = if from_server {
            (segment.destination, segment.source)
        } else {
            (segment.source, segment.destination)
        };
        Self::between(Sides { client, server }, segment.at)
    }

    fn between(endpoints: Sides<Endpoint>, first: Stamp) -> Self {
        Self {
            endpoints,
            halves: Sides::default(),
            first,
            last: first,
            times: (first.time, first.time),
            syn_ack: None,
            established: None,
            pending_syn: None,
            ended: false,
            ending: false,
        }
    }

    /// The connection that took this one's place: it starts with the SYN that was held back.
    pub fn successor(&self) -> Option<Self> {
        let syn = self.pending_syn?;
        let mut flow = Self::between(self.endpoints, syn.at);
        flow.halves.client.open_with(syn);
        Some(flow)
    }

    /// Where `segment`, whose endpoints are this connection's, belongs.
    pub fn belongs(&self, segment: &Segment<'_>) -> Belongs {
        if !segment.flags.has(TcpFlags::SYN) {
            return Belongs::Here;
        }
        let side = self.side_of(segment);
        let known = self.halves.get(side).syn;
        let same = known.is_some_and(|syn| syn.seq == segment.seq);
        if segment.flags.has(TcpFlags::ACK) {
            let answers = self.pending_syn.is_some_and(|syn| syn.seq.wrapping_add(1) == segment.ack);
            return if answers && !same { Belongs::Successor } else { Belongs::Here };
        }
        let unanswered = self.syn_ack.is_none() && self.halves.get(side.other()).segments() == 0;
        if !same && (self.ended || (unanswered && known.is_some())) { Belongs::New } else { Belongs::Here }
    }

    /// The two ends.
    pub const fn endpoints(&self) -> &Sides<Endpoint> {
        &self.endpoints
    }

    /// The first packet.
    pub const fn first(&self) -> Stamp {
        self.first
    }

    /// Whether the client's SYN was seen, so that the sides are certain.
    pub const fn syn_seen(&self) -> bool {
        self.halves.client.syn.is_some() || self.halves.server.syn.is_some()
    }

    /// Whether both sides sent a SYN that answers none: who opened it first tells nothing.
    pub fn is_opened_by_both(&self) -> bool {
        let is_bare = |half: &Half| half.syn.is_some_and(|syn| syn.is_bare);
        is_bare(&self.halves.client) && is_bare(&self.halves.server)
    }

    /// Whether an RST or both FINs were seen.
    pub const fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether a FIN was seen, or an RST that its receiver accepts.
    pub const fn is_ending(&self) -> bool {
        self.ending
    }

    /// Whether nothing of interest can come any more: both streams are complete up to their FIN, or
    /// the connection ended before a byte was sent.
    pub fn is_over(&self) -> bool {
        let Sides { client, server } = &self.halves;
        let complete = |half: &Half| half.fin.is_some_and(|fin| half.assembler.next() >= fin.offset);
        self.ended && (complete(client) && complete(server) || self.is_silent())
    }

    /// Whether neither side has sent a byte.
    fn is_silent(&self) -> bool {
        self.halves.client.is_silent() && self.halves.server.is_silent()
    }

    /// Bytes held beyond holes.
    pub fn held(&self) -> usize {
        self.halves.client.assembler.held() + self.halves.server.assembler.held()
    }

    /// Exchanges client and server, for a connection whose start is not in the capture.
    pub const fn swap_sides(&mut self) {
        self.endpoints.swap();
        self.halves.swap();
    }

    /// Asks for what every segment will touch first.
    #[inline(always)]
    pub fn prefetch(&self) {
        prefetch(&self.last);
        self.halves.client.prefetch();
        self.halves.server.prefetch();
    }

    /// Asks for what a segment of `side` will touch behind that.
    #[inline(always)]
    pub fn prefetch_behind(&self, side: Side, has_payload: bool) {
        let half = self.halves.get(side);
        half.prefetch_own();
        self.halves.get(side.other()).prefetch_front();
        if has_payload {
            half.prefetch_stream();
        }
    }

    /// The side whose port this is.
    #[inline]
    pub fn side_of_port(&self, port: u16) -> Side {
        if port == self.endpoints.client.port { Side::Client } else { Side::Server }
    }

    /// Takes the next segment and tells what it brought.
    #[inline(always)]
    pub fn push(&mut self, segment: &Segment<'_>, limits: &Limits, sink: &mut impl FnMut(Item<'_>)) {
        let side = self.side_of(segment);
        let half = self.halves.get_mut(side);
        if half.is_copy(segment) {
            return;
        }
        if segment.at.time < self.last.time {
            self.times = widened(self.times, self.last.time, segment.at.time);
        }
        self.last = segment.at;
        if segment.flags.has(TcpFlags::RST) {
            return self.reset(side, segment, sink);
        }
        half.note(segment);
        if segment.flags.has(TcpFlags::SYN) && !self.open(side, segment, sink) {
            self.halves.get_mut(side).note_aside(segment);
            return;
        }
        self.halves.get_mut(side).note_habits(segment);
        let acked = self.acknowledge(side, segment, sink);
        self.payload(side, segment, acked, limits, sink);
        self.window(side, segment, sink);
    }

    /// Gives what is held, with the holes before it: the capture is over, the connection is let go,
    /// or a bound over all connections was reached.
    pub fn release(&mut self, sink: &mut impl FnMut(Item<'_>)) {
        let last = self.last;
        for side in [Side::Client, Side::Server] {
            let half = self.halves.get_mut(side);
            let lost = &mut half.counted.lost_in_capture;
            half.assembler.finish(last, &mut |output| forward(side, output, lost, sink));
        }
    }

    /// The SYN of each side, and the packet that completed the three-way handshake.
    pub fn start(&self) -> (Sides<Option<Stamp>>, Option<Stamp>) {
        let syn = |half: &Half| half.syn.map(|syn| syn.at);
        let syns = Sides { client: syn(&self.halves.client), server: syn(&self.halves.server) };
        (syns, self.established)
    }

    /// What remains of a connection whose bytes are not of interest.
    pub fn reduced(&self) -> Reduced {
        Reduced {
            syn: self.halves.client.syn.map(|syn| syn.seq),
            fins: (self.halves.client.fin.is_some(), self.halves.server.fin.is_some()),
            client: self.endpoints.client,
            ended: self.ended,
            silent: self.is_silent(),
        }
    }

    /// How far each side's stream was acknowledged.
    pub const fn acked(&self) -> Sides<i64> {
        Sides { client: self.halves.client.acked, server: self.halves.server.acked }
    }

    /// From where to where a side's stream may still be on its way: what is not acknowledged long since,
    /// and the next byte.
    pub(super) fn sent(&self, side: Side) -> (i64, i64) {
        let half = self.halves.get(side);
        (half.acked - OLD, half.next_offset())
    }

    /// The place of a sequence number in a side's stream, where its numbering is known.
    pub(super) fn offset(&mut self, side: Side, seq: u32) -> Option<i64> {
        let half = self.halves.get_mut(side);
        half.seq.is_some().then(|| half.offset(seq))
    }

    /// The newest packet.
    pub const fn last(&self) -> Stamp {
        self.last
    }

    /// How alive each direction is right now.
    pub fn liveness(&self) -> Sides<Liveness> {
        Sides { client: self.halves.client.liveness(), server: self.halves.server.liveness() }
    }

    /// The round-trip time of the three-way handshake, where the capture holds it.
    pub fn round_trip(&self) -> Option<Span> {
        let syn = self.halves.client.syn.filter(|_| self.syn_ack.is_some())?;
        Some(self.established?.time - syn.at.time)
    }

    /// Everything countable about the connection.
    pub fn summary(&self) -> Summary {
        let syn = self.halves.client.syn.map(|syn| syn.at);
        let delays = match (syn, self.syn_ack, self.established) {
            (Some(syn), Some(syn_ack), Some(ack)) => {
                Some(Sides { client: syn_ack.time - syn.time, server: ack.time - syn_ack.time })
            }
            _ => None,
        };
        Summary {
            endpoints: self.endpoints,
            first: self.first,
            last: self.last,
            times: (self.times.0, self.times.1.max(self.last.time)),
            syn_seen: syn.is_some(),
            established: self.established,
            handshake_delays: delays,
            sides: Sides { client: self.halves.client.summary(), server: self.halves.server.summary() },
        }
    }

    /// The side that sent `segment`, which is of this connection.
    #[inline]
    pub fn side_of(&self, segment: &Segment<'_>) -> Side {
        let Sides { client, server } = &self.endpoints;
        // The ports nearly always differ.
        if client.port == server.port && segment.source.ip != client.ip {
            return Side::Server;
        }
        self.side_of_port(segment.source.port)
    }

    /// Takes a SYN; says whether it belongs to this connection's start.
    fn open(&mut self, side: Side, segment: &Segment<'_>, sink: &mut impl FnMut(Item<'_>)) -> bool {
        let answers = segment.flags.has(TcpFlags::ACK);
        let syn = Syn {
            at: segment.at,
            seq: segment.seq,
            window_scale: window_scale(segment),
            is_bare: !answers,
            has_answered: false,
        };
        let half = self.halves.get_mut(side);
        match &mut half.syn {
            // A simultaneous open or a split handshake (RFC 9293 §3.5).
            Some(known) if known.seq == syn.seq && answers && known.is_bare && !known.has_answered => {
                known.has_answered = true;
            }
            Some(known) if known.seq == syn.seq => half.counted.retransmissions += 1,
            None if half.seq.is_none() || side == Side::Server => {
                half.open(syn);
                if answers {
                    self.syn_ack = Some(segment.at);
                }
            }
            _ => {
                self.pending_syn = Some(syn);
                sink(event(side, segment.at, EventKind::SynOnOpenConnection));
                return false;
            }
        }
        true
    }
}

/// The earliest and the latest time of a connection whose packets go back from `last` to `now`.
#[cold]
fn widened(
    (earliest, latest): (Timestamp, Timestamp),
    last: Timestamp,
    now: Timestamp,
) -> (Timestamp, Timestamp) {
    (earliest.min(now), latest.max(last))
}

fn window_scale(segment: &Segment<'_>) -> Option<u8> {
    segment.tcp_options().find_map(|option| match option {
        TcpOption::WindowScale(shift) => Some(shift),
        _ => None,
    })
}

#[cfg(test)]
mod tests;
