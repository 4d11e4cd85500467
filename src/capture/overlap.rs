//! Files of one set that overlap: a packet that both hold is taken once.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use crate::limits::Limits;
use crate::time::Timestamp;

use super::{Capture, Packet, Planned};

/// Bytes of a packet by which it is recognised, with its time and length: all headers, and some more.
const COMPARED: usize = 128;

/// Remembers the packets of a file from the time on at which the next one of its set begins.
///
/// Two captures never stamp the same bytes with the same time, so that captures of their own which
/// only look alike are not mistaken for files that overlap. Memory is bounded by
/// [`Limits::overlap_packets`]; packets beyond it are read twice, and [`is_full`](Self::is_full) says so.
#[derive(Debug)]
pub struct Overlap {
    hasher: RandomState,
    /// Packets of the files before.
    known: HashSet<(Timestamp, u64)>,
    /// Packets of this file.
    noted: HashSet<(Timestamp, u64)>,
    most: usize,
    /// The latest time of a known packet.
    known_until: Option<Timestamp>,
    /// Packets from this time on are noted.
    note_from: Option<Timestamp>,
    repeated: u64,
    full: bool,
}

impl Overlap {
    /// Nothing is known yet.
    pub fn new(limits: &Limits) -> Self {
        Self {
            hasher: RandomState::new(),
            known: HashSet::new(),
            noted: HashSet::new(),
            most: limits.overlap_packets,
            known_until: None,
            note_from: None,
            repeated: 0,
            full: false,
        }
    }

    /// Whether the first packet of a file is one that the files before it hold.
    pub fn holds_start_of(&self, planned: &Planned, limits: &Limits) -> bool {
        if self.known.is_empty() && self.noted.is_empty() {
            return false;
        }
        let Ok(mut capture) = Capture::open_path(&planned.path, 0, limits) else { return false };
        let Ok(Some(packet)) = capture.next() else { return false };
        let print = self.print(&packet);
        self.known.contains(&print) || self.noted.contains(&print)
    }

    /// The next file does not go on where those before it ended.
    pub fn forget(&mut self) {
        self.known.clear();
        self.noted.clear();
    }

    /// A file is read next that begins at `first`; the one behind it in its set begins at `next`.
    pub fn begin(&mut self, first: Option<Timestamp>, next: Option<Timestamp>) {
        self.known.extend(self.noted.drain());
        self.known.retain(|(time, _)| first.is_some_and(|first| *time >= first));
        self.known_until = self.known.iter().map(|(time, _)| *time).max();
        self.note_from = next;
        (self.repeated, self.full) = (0, false);
    }

    /// Whether packets of this file may be in one before it or behind it; else there is nothing to ask.
    pub const fn is_expected(&self) -> bool {
        self.known_until.is_some() || self.note_from.is_some()
    }

    /// Whether the packet was in a file before; it is noted for the files behind.
    #[inline]
    pub fn is_repeated(&mut self, packet: &Packet<'_>) -> bool {
        let may_be_known = self.known_until.is_some_and(|until| packet.time <= until);
        let is_to_note = self.note_from.is_some_and(|from| packet.time >= from);
        (may_be_known || is_to_note) && self.look(packet, is_to_note)
    }

    /// Packets of this file that one before it holds.
    pub const fn repeated(&self) -> u64 {
        self.repeated
    }

    /// Whether more packets of this file overlap than are remembered.
    pub const fn is_full(&self) -> bool {
        self.full
    }

    fn look(&mut self, packet: &Packet<'_>, is_to_note: bool) -> bool {
        let print = self.print(packet);
        if self.known.contains(&print) {
            self.repeated += 1;
            return true;
        }
        if is_to_note {
            if self.known.len() + self.noted.len() < self.most {
                self.noted.insert(print);
            } else {
                self.full = true;
            }
        }
        false
    }

    fn print(&self, packet: &Packet<'_>) -> (Timestamp, u64) {
        let start = packet.data.get(..COMPARED).unwrap_or(packet.data);
        (packet.time, self.hasher.hash_one((packet.link, packet.wire_len, start)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::LinkType;
    use crate::flow::PacketRef;

    fn packet(nanos: i64, data: &[u8]) -> Packet<'_> {
        Packet {
            at: PacketRef::default(),
            time: Timestamp::from_nanos(nanos),
            link: LinkType::ETHERNET,
            data,
            wire_len: data.len() as u32,
            direction: None,
            is_remarked: false,
        }
    }

    fn at(nanos: i64) -> Option<Timestamp> {
        Some(Timestamp::from_nanos(nanos))
    }

    #[test]
    fn what_both_files_hold_is_known_in_the_second_only() {
        let mut overlap = Overlap::new(&Limits::default());
        overlap.begin(at(1), at(10));
        for (nanos, data) in [(5, b"a"), (10, b"b"), (10, b"b"), (12, b"c")] {
            assert!(!overlap.is_repeated(&packet(nanos, data)), "{nanos}");
        }
        overlap.begin(at(10), None);
        assert!(overlap.is_repeated(&packet(10, b"b")) && overlap.is_repeated(&packet(12, b"c")));
        assert!(!overlap.is_repeated(&packet(12, b"d")) && !overlap.is_repeated(&packet(5, b"a")));
        assert_eq!(overlap.repeated(), 2);
    }

    #[test]
    fn three_files_may_hold_the_same() {
        let mut overlap = Overlap::new(&Limits::default());
        overlap.begin(at(1), at(2));
        overlap.is_repeated(&packet(4, b"x"));
        overlap.begin(at(2), at(3));
        assert!(overlap.is_repeated(&packet(4, b"x")));
        overlap.begin(at(3), None);
        assert!(overlap.is_repeated(&packet(4, b"x")));
    }

    #[test]
    fn memory_is_bounded() {
        let mut overlap = Overlap::new(&Limits { overlap_packets: 2, ..Limits::default() });
        overlap.begin(at(0), at(0));
        for nanos in 0..5 {
            overlap.is_repeated(&packet(nanos, b"x"));
        }
        assert!(overlap.is_full());
        assert_eq!(overlap.noted.len(), 2);
    }
}
