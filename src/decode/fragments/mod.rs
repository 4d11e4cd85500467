//! IP packets sent in parts: held under bounds until they are whole.

mod part;
#[cfg(test)]
mod tests;
mod train;

use std::collections::HashMap;
use std::net::IpAddr;

use crate::limits::Limits;
use crate::time::{Span, Timestamp};

use super::cursor::{Cursor, Wrapping};
use super::ip::{self, Ip};
use super::segment::Encapsulation;
use super::skip::Skip;
use super::tunnel;

use part::Part;
use train::Train;

/// Bytes that a train takes in the table beside its parts.
const TRAIN_COST: usize = 256;

/// A train whose parts come further apart than this is not one: identifications are used again.
const PATIENCE: Span = Span::from_secs(30);

/// What became of IP packets that were sent in parts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct FragmentCounts {
    /// Packets put together from all their parts.
    pub reassembled: u64,
    /// Packets with parts missing: too many waited, or the rest did not come, or not in time.
    pub dropped: u64,
    /// Parts that contradict another one of the same packet in place or bytes.
    pub overlapping: u64,
}

/// The parts that wait for others.
#[derive(Debug)]
pub(super) struct Fragments {
    waiting: HashMap<Key, Train>,
    /// What all trains take in memory.
    held: usize,
    most_held: usize,
    most_trains: usize,
    most_stretches: usize,
    counts: FragmentCounts,
}

/// What the parts of one packet have in common.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Key {
    source: IpAddr,
    destination: IpAddr,
    identification: u32,
    /// The protocol, which only in IPv4 every part must state alike.
    protocol: Option<u8>,
    /// The tags and tunnels around it: networks may use the same addresses.
    layers: Vec<Encapsulation>,
}

impl Fragments {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            waiting: HashMap::new(),
            held: 0,
            most_held: limits.ip_fragments,
            most_trains: limits.ip_fragment_trains,
            most_stretches: limits.ip_fragment_pieces,
            counts: FragmentCounts::default(),
        }
    }

    pub(super) const fn counts(&self) -> FragmentCounts {
        self.counts
    }

    /// Packets that still wait for parts.
    pub(super) fn unfinished(&self) -> u64 {
        self.waiting.values().filter(|train| !train.is_unwanted()).count() as u64
    }

    /// Takes in the fragment at `cursor`; with the last part to arrive, the whole packet is at `cursor`, its
    /// payload in `room`.
    #[cold]
    #[inline(never)]
    pub(super) fn push<'a>(
        &mut self,
        cursor: &mut Cursor<'a>,
        wrapping: &Wrapping,
        time: Timestamp,
        room: &'a mut Vec<u8>,
    ) -> Result<Ip, Skip> {
        let part = Part::read(cursor)?;
        let ip = ip::addressed(cursor.data)?;
        let v4 = ip.source.is_ipv4();
        if v4 && !is_wanted(part.protocol) {
            return Err(Skip::IpFragment);
        }
        let key = Key {
            source: ip.source,
            destination: ip.destination,
            identification: part.identification,
            protocol: v4.then_some(part.protocol),
            layers: wrapping.layers().to_vec(),
        };
        let (train, total) = self.take(key, &part, time).ok_or(Skip::IpFragment)?;
        let protocol = train.protocol.ok_or(Skip::MalformedIp)?;
        *room = train.into_payload(total);
        let protocol = if v4 { (protocol, 0) } else { behind(protocol, room)? };
        cursor.data = room.get(protocol.1..).unwrap_or_default();
        cursor.wire_len = (total as usize).saturating_sub(protocol.1);
        Ok(Ip { protocol: protocol.0, ..ip })
    }

    /// Adds a part to its train; the train and its length once it is complete.
    fn take(&mut self, key: Key, part: &Part<'_>, time: Timestamp) -> Option<(Train, u32)> {
        let mut train = match self.remove(&key) {
            Some(train) if (time - train.since).abs() <= PATIENCE => train,
            Some(old) => {
                self.counts.dropped += u64::from(!old.is_unwanted());
                Train::new(time)
            }
            None => Train::new(time),
        };
        if !train.is_unwanted() {
            self.counts.overlapping += u64::from(train.add(part));
            if let Some(total) = train.complete() {
                self.counts.reassembled += 1;
                return Some((train, total));
            }
            self.judge(&mut train, part);
        }
        self.insert(key, train);
        None
    }

    /// Lets go the parts of what is no TCP, and of what comes in too many pieces.
    fn judge(&mut self, train: &mut Train, part: &Part<'_>) {
        if part.offset == 0 && !holds_tcp(train) {
            train.unwant();
        }
        if train.stretches() > self.most_stretches {
            self.counts.dropped += 1;
            train.unwant();
        }
    }

    fn remove(&mut self, key: &Key) -> Option<Train> {
        let train = self.waiting.remove(key)?;
        self.held = self.held.saturating_sub(train.cost() + TRAIN_COST);
        Some(train)
    }

    /// Puts a train in the table; the oldest make room for it.
    fn insert(&mut self, key: Key, train: Train) {
        let cost = train.cost() + TRAIN_COST;
        while !self.waiting.is_empty()
            && (self.held + cost > self.most_held || self.waiting.len() >= self.most_trains)
        {
            self.drop_oldest();
        }
        self.held += cost;
        self.waiting.insert(key, train);
    }

    fn drop_oldest(&mut self) {
        let oldest = self.waiting.iter().min_by_key(|(_, train)| train.since);
        let Some(key) = oldest.map(|(key, _)| key.clone()) else { return };
        let train = self.remove(&key);
        self.counts.dropped += u64::from(train.is_some_and(|train| !train.is_unwanted()));
    }
}

/// Whether an IP protocol can lead to TCP.
const fn is_wanted(protocol: u8) -> bool {
    protocol == ip::TCP || tunnel::is_in_ip(protocol)
}

/// Whether a train whose first part is there can lead to TCP.
fn holds_tcp(train: &Train) -> bool {
    let (Some(protocol), Some(start)) = (train.protocol, train.start()) else { return false };
    match part::pass_extensions(protocol, start) {
        Some((tunnel::UDP, place)) => start.get(place..).is_some_and(tunnel::is_in_udp),
        Some((protocol, _)) => is_wanted(protocol),
        None => true,
    }
}

/// The protocol behind the extension headers that an IPv6 payload begins with, and its place.
fn behind(protocol: u8, payload: &[u8]) -> Result<(u8, usize), Skip> {
    part::pass_extensions(protocol, payload).ok_or(Skip::TruncatedIpHeader)
}
