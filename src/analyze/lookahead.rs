//! What the next packets will touch is asked for while those before them are read: with many connections open,
//! little of it is in the cache, and each step of the way to it waits for the one before.

use crate::capture::{AHEAD, Packet};
use crate::decode::Decoder;
use crate::tcp::{SlotId, Table};

use super::tracked::Tracked;

/// The next packets that were looked at, the nearest one first.
#[derive(Debug)]
pub(super) struct Lookahead([Coming; AHEAD]);

/// A packet that is to come: the slot where its connection probably stands, the port that it comes from, and
/// whether it carries anything, as one number.
#[derive(Clone, Copy, Debug)]
struct Coming(u64);

impl Coming {
    /// One of which nothing is known.
    const UNKNOWN: Self = Self::new(SlotId::NOWHERE, 0, false);

    const fn new(id: SlotId, source_port: u16, has_payload: bool) -> Self {
        Self(id.number() as u64 | (source_port as u64) << 32 | (has_payload as u64) << 48)
    }

    const fn id(self) -> SlotId {
        SlotId::of_number(self.0 as u32)
    }

    const fn source_port(self) -> u16 {
        (self.0 >> 32) as u16
    }

    const fn has_payload(self) -> bool {
        self.0 >> 48 != 0
    }
}

impl Lookahead {
    pub(super) const fn new() -> Self {
        Self([Coming::UNKNOWN; AHEAD])
    }

    /// Goes on by one packet; gives where the connection of the one at hand probably stands.
    ///
    /// Each call does one step for each packet on its way, so that what a step asks for is there in the next one:
    /// the slot, the connection's state, what that points to.
    #[inline(always)]
    pub(super) fn step(&mut self, packet: &Packet<'_>, table: &Table<Tracked>) -> SlotId {
        let [at_hand, next, second] = self.0;
        let third = Decoder::ahead(packet, |ahead| {
            Coming::new(table.find_likely(&ahead.flow), ahead.source_port, ahead.has_payload)
        });
        if let Some((tracked, _)) = table.look(second.id()) {
            tracked.prefetch();
        }
        if let Some((tracked, _)) = table.look(next.id()) {
            tracked.prefetch_behind(next.source_port(), next.has_payload());
        }
        self.0 = [next, second, third.unwrap_or(Coming::UNKNOWN)];
        at_hand.id()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::capture::LinkType;
    use crate::decode::{Segment, TcpFlags};
    use crate::flow::{FlowKey, PacketRef};
    use crate::limits::Limits;
    use crate::time::Timestamp;

    /// A bare SYN from 10.0.0.`host`:`port` in an Ethernet frame.
    fn frame(host: u8, port: u16) -> Vec<u8> {
        let ip = [0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, host, 10, 9, 9, 9];
        let [p0, p1] = port.to_be_bytes();
        let tcp = [p0, p1, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 1, 0, 0, 0, 0, 0];
        [&[0; 12][..], &[8, 0], &ip, &tcp].concat()
    }

    fn packet<'a>(data: &'a [u8], ahead: &'a [u8]) -> Packet<'a> {
        Packet {
            at: PacketRef::new(0, 1),
            time: Timestamp::from_nanos(1),
            link: LinkType::ETHERNET,
            data,
            wire_len: data.len() as u32,
            direction: None,
            is_remarked: false,
            ahead,
        }
    }

    #[test]
    fn what_was_seen_ahead_is_told_when_its_packet_is_at_hand() {
        let frames: Vec<_> = (0..20_u16).map(|index| frame((index % 7) as u8, 5000 + index % 7)).collect();
        let mut table = Table::new(100);
        let mut decoder = Decoder::new(&Limits::default());
        for data in &frames[..6] {
            let packet = packet(data, &[]);
            let segment: Segment<'_> = decoder.decode(&packet).unwrap();
            assert!(
                segment.flags.has(TcpFlags::SYN) && segment.source.ip == Ipv4Addr::new(10, 0, 0, data[29])
            );
            let key = FlowKey::new(segment.source, segment.destination);
            table.insert(key, Tracked::new(&segment), packet.time);
        }
        let mut lookahead = Lookahead::new();
        for (index, data) in frames.iter().enumerate() {
            let ahead = frames.get(index + AHEAD).map_or(&[][..], Vec::as_slice);
            let likely = lookahead.step(&packet(data, ahead), &table);
            let packet = packet(data, &[]);
            let segment = decoder.decode(&packet).unwrap();
            let known = table.find(&FlowKey::new(segment.source, segment.destination));
            let expected = known.filter(|_| index >= AHEAD).unwrap_or(SlotId::NOWHERE);
            assert_eq!(likely, expected, "packet {index}");
        }
    }

    #[test]
    fn a_packet_that_comes_is_one_number() {
        for (port, has_payload) in [(0, false), (80, true), (u16::MAX, false), (u16::MAX, true)] {
            let coming = Coming::new(SlotId::of_number(7), port, has_payload);
            let told = (coming.id(), coming.source_port(), coming.has_payload());
            assert_eq!(told, (SlotId::of_number(7), port, has_payload));
        }
        assert_eq!(Coming::UNKNOWN.id(), SlotId::NOWHERE);
    }
}
