//! The whole way from packets to connections: the only room that knows all stages.

mod detect;
mod ending;
mod framing;
mod lookahead;
mod loose;
mod midstream;
mod multiplexed;
mod notes;
mod opaque;
mod opening;
mod places;
mod reading;
mod records;
mod secure;
mod start;
mod tracked;
mod tracker;
mod upgrade;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::capture::Packet;
use crate::catalogue::Catalogue;
use crate::decode::{Decoder, FragmentCounts, Skip};
use crate::facts::Facts;
use crate::flow::{FlowKey, PacketRef, Side, Stamp};
use crate::limits::Limits;
use crate::sessions::{self, Finding, Members, Session};
use crate::time::{Span, Timestamp};
use crate::tls::KeyLog;
use crate::verdict::Verdict;

pub use opaque::OpaqueTls;
pub use records::Records;

use lookahead::{AHEAD, Coming, Lookahead, What};
use tracker::Tracker;

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
    /// Which connections in TLS are reported although no secret opens them.
    pub opaque: OpaqueTls,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            idle_threshold: Span::from_secs(10),
            told_after: None,
            opaque: OpaqueTls::default(),
        }
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

/// What was found in the captures.
#[derive(Debug, Default)]
pub struct Analysis {
    /// The connections that carried, or tried to carry, a WebSocket, by first packet.
    pub connections: Records,
    /// Sessions seen on two legs.
    pub sessions: Vec<Session>,
    /// What only all connections together show.
    pub findings: Vec<Finding>,
    /// TCP connections that carried something else.
    pub other_tcp_flows: u64,
    /// TCP connections that carried TLS which no secret opened, those among `connections` included.
    pub tls_flows: u64,
    /// Packets that hold no TCP segment, by reason.
    pub skipped: BTreeMap<Skip, u64>,
    /// Packets with more tags and tunnels in one another than are followed, for each capture that has some.
    pub too_deep: Vec<TooDeep>,
    /// What became of IP packets sent in parts.
    pub fragments: FragmentCounts,
    /// Bounds that were reached.
    pub limits_hit: BTreeSet<&'static str>,
}

/// Packets of a capture with more tags and tunnels in one another than are followed.
#[derive(Clone, Copy, Debug)]
pub struct TooDeep {
    /// The first of them.
    pub first: PacketRef,
    /// How many there are.
    pub packets: u64,
}

/// A packet of a connection that its capture has a comment on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Remarked {
    /// The packet.
    pub at: Stamp,
    /// The side that sent it.
    pub from: Side,
}

/// A connection with its facts and its verdict.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What the packets show.
    pub facts: Facts,
    /// Who ended it, and why.
    pub verdict: Verdict,
    /// Its packets that its captures have comments on.
    pub remarked: Vec<Remarked>,
    /// Its number, where the report has told of it already.
    pub number: Option<u32>,
}

impl Analysis {
    /// Counts a packet of the newest capture.
    #[cold]
    fn note_too_deep(&mut self, at: PacketRef) {
        match self.too_deep.last_mut() {
            Some(known) if known.first.file() == at.file() => known.packets += 1,
            _ => self.too_deep.push(TooDeep { first: at, packets: 1 }),
        }
    }
}

impl Analyzer {
    /// An analyzer that has seen nothing.
    pub fn new(options: Options) -> Self {
        Self { decoder: Decoder::new(&options.limits), tracker: Tracker::new(options) }
    }

    /// Takes the next packet of the capture.
    pub fn push(&mut self, packet: &Packet<'_>) {
        self.take(&Coming::alone(packet, self.tracker.table()));
    }

    /// Takes the next packets of the capture, which is faster than one [by](Self::push) one: those behind a packet are
    /// looked at before it is followed.
    #[inline]
    pub fn push_all<'a>(&mut self, packets: impl Iterator<Item = Packet<'a>>) {
        let mut lookahead = Lookahead::new();
        for packet in packets {
            self.take(lookahead.step(&packet, self.tracker.table()));
        }
        for _ in 0..AHEAD {
            self.take(lookahead.step_behind(self.tracker.table()));
        }
    }

    // What a usual packet goes through is inlined into this, from its segment to the frames: the calls would
    // cost a tenth of it.
    #[inline(never)]
    fn take(&mut self, coming: &Coming<'_>) {
        let Self { decoder, tracker } = self;
        let (decoded, its_flow);
        let (segment, flow) = match &coming.what {
            What::Nothing => return,
            What::Segment(segment, flow) => {
                tracker.last = segment.at;
                (segment, flow)
            }
            What::Packet(packet) => {
                tracker.last = Stamp { packet: packet.at, time: packet.time };
                match decoder.decode(packet) {
                    Ok(segment) => decoded = segment,
                    Err(skip) => return self.skip(packet, skip),
                }
                its_flow = FlowKey::new(decoded.source, decoded.destination);
                (&decoded, &its_flow)
            }
        };
        if coming.is_remarked {
            tracker.remark(segment);
        }
        tracker.segment(segment, flow, coming.likely);
        tracker.expire(segment.at.time);
    }

    /// Passes over a packet that holds no segment.
    fn skip(&mut self, packet: &Packet<'_>, skip: Skip) {
        let Self { decoder, tracker } = self;
        *tracker.found.skipped.entry(skip).or_default() += 1;
        if skip == Skip::NestedTooDeep {
            tracker.found.note_too_deep(packet.at);
        }
        if let Some(error) = decoder.take_icmp_error() {
            tracker.icmp_error(&error);
        }
        tracker.expire(packet.time);
    }

    /// Notes how many packets each capture, by its index, says that it lost: what rests on an absence is
    /// less sure then. Known at the captures' end, and before [`finish`](Self::finish).
    pub fn note_lost(&mut self, lost: &[u64]) {
        if lost.iter().all(|packets| *packets == 0) {
            return;
        }
        let found = &mut self.tracker.found.connections;
        for index in 0..found.len() {
            let digest = found.digest(index);
            let files = digest.first.packet.file() as usize..=digest.last_file as usize;
            let packets = files.filter_map(|file| lost.get(file)).sum();
            if packets > 0
                && let Some((facts, mut verdict)) = found.read(index)
            {
                verdict.weaken_by_lost(&facts, packets);
                found.correct(index, facts, verdict);
            }
        }
    }

    /// Lets time pass without a packet, for a capture that is still being written.
    pub fn pass_time(&mut self, now: Timestamp) {
        self.tracker.expire(now);
    }

    /// Whether connections have been judged that nobody took yet.
    pub fn has_told(&self) -> bool {
        !self.tracker.found.connections.is_empty()
    }

    /// The connections judged since the last call, in the order in which they ended; they are not
    /// given again by [`finish`](Self::finish).
    pub fn take_told(&mut self) -> Vec<Judged> {
        self.tracker.take_told()
    }

    /// The first packets of the connections that were recognised as such since the last call, of which
    /// each will be among those that are told or found at the end.
    pub fn take_begun(&mut self) -> Vec<Stamp> {
        std::mem::take(&mut self.tracker.begun)
    }

    /// Takes connections back that [`take_told`](Self::take_told) gave, for [`finish`](Self::finish).
    pub fn give_back(&mut self, judged: Vec<Judged>) {
        judged.iter().for_each(|judged| self.tracker.keep(judged));
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
        if self.tracker.context.keys.search().is_exhausted() {
            found.limits_hit.insert("tls_search");
        }
        found.fragments = self.decoder.fragments_at_end();
        found.connections.sort();
        found.sessions = sessions::join(&mut found.connections);
        sessions::compare(&mut found.connections);
        found.findings = sessions::find(&found.connections);
        if found.connections.is_stuck() {
            found.limits_hit.insert("records_in_memory");
        }
        found
    }
}
