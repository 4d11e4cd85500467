//! One TCP connection: keeps the numbers of both sides and plans segments in the order of their times.

use std::collections::VecDeque;

use super::loss;
use super::packet::{self, ACK, FIN, Host, PSH, RST, SYN, TcpHeader};
use super::rng::Rng;
use super::segment::{Segment, Side};

pub(crate) const MICRO: u64 = 1_000;
pub(crate) const MILLI: u64 = 1_000_000;
pub(crate) const SECOND: u64 = 1_000_000_000;

/// What one side of the connection sends with.
#[derive(Clone, Debug)]
struct End {
    host: Host,
    isn: u32,
    /// The offset of the next byte to send.
    next: u64,
    /// The offset up to which it has received the other side's bytes.
    received: u64,
    id: u16,
    window: u16,
    clock: u32,
    /// The other side's latest time value.
    echo: u32,
    /// The most payload bytes it puts in a segment: one MSS, or many where the card segments.
    largest: usize,
}

/// A connection being planned.
pub(crate) struct Tcp {
    ends: [End; 2],
    /// The time that planning has reached.
    pub(crate) clock: u64,
    /// The time between a server's packet and the client's answer to it.
    round_trip: u64,
    timestamps: bool,
    mss: usize,
    /// Segments to write, in time order.
    pub(crate) queue: VecDeque<Segment>,
    /// How likely a data segment is reordered or retransmitted.
    pub(crate) disturbance: f64,
    /// A copy to send again after the other side's next segment.
    pub(crate) late: Option<Segment>,
    /// Segments that came out of order, and segments sent again.
    pub(crate) disturbed: loss::Counts,
}

impl Tcp {
    /// A connection between two hosts whose SYN is due at `clock`.
    pub(crate) fn new(rng: &mut Rng, client: Host, server: Host, clock: u64) -> Self {
        let timestamps = rng.chance(0.85);
        let mss = if client.ip.is_ipv6() { 1440 } else { 1460 };
        let largest = mss - if timestamps { 12 } else { 0 };
        let mut end = |host| End {
            host,
            isn: rng.next() as u32,
            next: 0,
            received: 0,
            id: rng.next() as u16,
            window: rng.between(1_000, 1_040) as u16,
            clock: rng.next() as u32,
            echo: 0,
            largest,
        };
        let ends = [end(client), end(server)];
        Self {
            ends,
            clock,
            round_trip: rng.wait(25 * MILLI) + MILLI,
            timestamps,
            mss,
            queue: VecDeque::new(),
            disturbance: 0.0,
            late: None,
            disturbed: loss::Counts::default(),
        }
    }

    /// Lets both sides hand segments of up to `count` times the MSS to their network card.
    pub(crate) fn offload(&mut self, count: usize) {
        for end in &mut self.ends {
            end.largest = (end.largest * count).min(65_000);
        }
    }

    /// The address and port of a side.
    pub(crate) fn host(&self, side: Side) -> &Host {
        &self.ends[side as usize].host
    }

    /// The offset of the next byte that `side` sends.
    pub(crate) fn next(&self, side: Side) -> u64 {
        self.ends[side as usize].next
    }

    /// The most payload bytes that `side` puts in a segment.
    pub(crate) fn largest(&self, side: Side) -> usize {
        self.ends[side as usize].largest
    }

    /// The round trip time.
    pub(crate) fn round_trip(&self) -> u64 {
        self.round_trip
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, nanos: u64) {
        self.clock += nanos;
    }

    /// Lets everything sent so far reach `side`, whose answer can follow: the capture is near the server.
    pub(crate) fn reach(&mut self, rng: &mut Rng, side: Side) {
        let delay = match side {
            Side::Client => self.round_trip + rng.wait(200 * MICRO),
            Side::Server => 30 * MICRO + rng.wait(100 * MICRO),
        };
        self.clock += delay;
        self.receive(side);
    }

    /// Notes that `side` has received everything sent to it, without any time passing.
    pub(crate) fn receive(&mut self, side: Side) {
        let sent = self.ends[side.other() as usize].next;
        let echo = self.time_value(side.other());
        let end = &mut self.ends[side as usize];
        end.received = sent;
        end.echo = echo;
    }

    /// Plans a SYN, which nobody need answer.
    pub(crate) fn syn(&mut self) {
        let syn = self.segment(Side::Client, SYN, Vec::new());
        self.push(syn);
        self.ends[Side::Client as usize].next = 1;
    }

    /// Plans the three-way handshake.
    pub(crate) fn open(&mut self, rng: &mut Rng) {
        self.syn();
        if rng.chance(self.disturbance) {
            self.repeat_last(SECOND);
        }
        self.reach(rng, Side::Server);
        let answer = self.segment(Side::Server, SYN | ACK, Vec::new());
        self.push(answer);
        self.ends[Side::Server as usize].next = 1;
        self.reach(rng, Side::Client);
        self.ack(Side::Client);
    }

    /// Plans data cut at `ends` (ascending, the last is the length) and at the largest segment size.
    pub(crate) fn send(&mut self, rng: &mut Rng, from: Side, bytes: &[u8], ends: &[usize]) {
        let mut burst = Vec::with_capacity(ends.len());
        let mut start = 0;
        for &end in ends {
            for piece in bytes[start..end].chunks(self.largest(from)) {
                burst.push(self.data(from, piece));
                self.clock += 2 * MICRO + rng.below(20 * MICRO);
            }
            start = end;
        }
        if let Some(last) = burst.last_mut() {
            last.flags |= PSH;
        }
        if self.disturbance > 0.0 {
            loss::disturb(self, rng, &mut burst);
        }
        for segment in burst {
            self.push(segment);
        }
    }

    /// Plans a bare acknowledgement by `from` of all that reached it.
    pub(crate) fn ack(&mut self, from: Side) {
        let ack = self.segment(from, ACK, Vec::new());
        self.push(ack);
    }

    /// Plans acknowledgements by `from` for every `step` bytes of what is on its way to it.
    pub(crate) fn acks(&mut self, rng: &mut Rng, from: Side, step: u64) {
        let sent = self.next(from.other());
        self.clock += self.round_trip / 4;
        let mut received = self.ends[from as usize].received;
        self.receive(from);
        while received < sent {
            received = (received + step).min(sent);
            self.ends[from as usize].received = received;
            self.clock += 5 * MICRO + rng.below(40 * MICRO);
            self.ack(from);
        }
    }

    /// Plans a FIN by `from`.
    pub(crate) fn fin(&mut self, rng: &mut Rng, from: Side) {
        let fin = self.segment(from, FIN | ACK, Vec::new());
        self.push(fin);
        self.ends[from as usize].next += 1;
        if rng.chance(5.0 * self.disturbance) {
            self.overtake();
        } else if rng.chance(self.disturbance) {
            self.repeat_last(200 * MILLI);
        }
    }

    /// Lets the FIN just planned come before the data that its side sent right before it.
    fn overtake(&mut self) {
        let segments = self.queue.make_contiguous();
        let [.., data, fin] = segments else { return };
        if data.from == fin.from && !data.payload.is_empty() {
            std::mem::swap(&mut data.at, &mut fin.at);
            std::mem::swap(data, fin);
            self.disturbed.reordered += 1;
        }
    }

    /// Plans an RST by `from`: without ACK it answers a segment of a connection that is gone.
    pub(crate) fn rst(&mut self, from: Side, with_ack: bool) {
        let flags = if with_ack { RST | ACK } else { RST };
        let mut rst = self.segment(from, flags, Vec::new());
        rst.window = 0;
        rst.ack = if with_ack { rst.ack } else { 0 };
        self.push(rst);
    }

    /// Plans a TCP keep-alive probe by `from` and its answer.
    pub(crate) fn probe(&mut self, rng: &mut Rng, from: Side) {
        let mut probe = self.segment(from, ACK, Vec::new());
        probe.seq -= 1;
        self.push(probe);
        self.reach(rng, from.other());
        self.ack(from.other());
        self.clock += self.round_trip;
    }

    /// A data segment of `from` with the next bytes of its stream.
    fn data(&mut self, from: Side, piece: &[u8]) -> Segment {
        let segment = self.segment(from, ACK, piece.to_vec());
        self.ends[from as usize].next = segment.end();
        segment
    }

    /// A segment of `from` as its next one would be now.
    pub(crate) fn segment(&mut self, from: Side, flags: u8, payload: Vec<u8>) -> Segment {
        let stamps = (self.time_value(from), self.ends[from as usize].echo);
        let at = self.clock;
        let end = &mut self.ends[from as usize];
        end.id = end.id.wrapping_add(1);
        let (seq, ack, id) = (end.next, end.received, end.id);
        let window = if flags & SYN != 0 { 64_240 } else { end.window };
        Segment { at, from, flags, seq, ack, id, window, stamps, sack: None, payload }
    }

    /// A segment that `from` sends again now, from the same place of its stream.
    pub(crate) fn again(&mut self, original: &Segment, payload: Vec<u8>, seq: u64) -> Segment {
        let fresh = self.segment(original.from, original.flags, payload);
        Segment { seq, ack: original.ack.max(fresh.ack), ..fresh }
    }

    fn repeat_last(&mut self, after: u64) {
        let Some(last) = self.queue.back().cloned() else { return };
        self.clock += after;
        let copy = self.again(&last, Vec::new(), last.seq);
        self.push(Segment { window: last.window, ..copy });
        self.disturbed.retransmitted += 1;
    }

    /// Queues a segment; a late copy follows the first segment of its receiver.
    fn push(&mut self, segment: Segment) {
        let from = segment.from;
        let reset = segment.has(RST);
        self.clock = self.clock.max(segment.at);
        self.queue.push_back(segment);
        if reset {
            self.late = None;
        }
        if let Some(copy) = self.late.take_if(|copy| copy.from != from) {
            self.clock += self.round_trip / 2;
            let copy = self.again(&copy, copy.payload.clone(), copy.seq);
            self.disturbed.retransmitted += 1;
            self.queue.push_back(copy);
        }
    }

    fn time_value(&self, side: Side) -> u32 {
        self.ends[side as usize].clock.wrapping_add((self.clock / MILLI) as u32)
    }

    /// Puts the packet of a segment into `out`.
    pub(crate) fn encode(&self, segment: &Segment, out: &mut Vec<u8>) {
        let (from, to) = (&self.ends[segment.from as usize], &self.ends[segment.from.other() as usize]);
        let mut options = Vec::with_capacity(24);
        self.options(segment, to.isn, &mut options);
        let has_ack = segment.has(ACK);
        let header = TcpHeader {
            seq: from.isn.wrapping_add(segment.seq as u32),
            ack: if has_ack { to.isn.wrapping_add(segment.ack as u32) } else { 0 },
            flags: segment.flags,
            window: segment.window,
            options: &options,
        };
        packet::tcp(out, &from.host, &to.host, segment.id, &header, &segment.payload);
    }

    fn options(&self, segment: &Segment, peer_isn: u32, out: &mut Vec<u8>) {
        let syn = segment.has(SYN);
        if syn {
            let mss = (self.mss as u16).to_be_bytes();
            out.extend_from_slice(&[2, 4, mss[0], mss[1], 4, 2]);
            out.extend_from_slice(if self.timestamps { &[] } else { &[1, 1] });
        } else if self.timestamps && !segment.has(RST) {
            out.extend_from_slice(&[1, 1]);
        }
        if self.timestamps && (syn || !segment.has(RST)) {
            out.extend_from_slice(&[8, 10]);
            out.extend_from_slice(&segment.stamps.0.to_be_bytes());
            out.extend_from_slice(&segment.stamps.1.to_be_bytes());
        }
        if syn {
            out.extend_from_slice(&[1, 3, 3, 7]);
        }
        if let Some((left, right)) = segment.sack {
            out.extend_from_slice(&[1, 1, 5, 10]);
            for edge in [left, right] {
                out.extend_from_slice(&peer_isn.wrapping_add(edge as u32).to_be_bytes());
            }
        }
    }
}
