//! What the next packets will touch is asked for while those before them are read: with many connections open,
//! little of it is in the cache, and each step of the way to it waits for the one before.

use crate::capture::Packet;
use crate::decode::{Ahead, Decoder, Segment};
use crate::flow::FlowKey;
use crate::tcp::{HintId, SlotId, Table};

use super::tracked::Tracked;

/// How many packets are read before the one at hand is followed.
pub(super) const AHEAD: usize = 4;

/// Packets that are kept: those and the newest one, as many as make the place of one a few bits of its number.
const KEPT: usize = 8;

/// The packets that were read and not followed yet.
pub(super) struct Lookahead<'a> {
    kept: [Coming<'a>; KEPT],
    /// Packets so far, those included that were none.
    count: usize,
}

/// A packet that is to come.
pub(super) struct Coming<'a> {
    pub(super) what: What<'a>,
    pub(super) is_remarked: bool,
    source_port: u16,
    has_payload: bool,
    hint: HintId,
    /// The slot where its connection probably stands.
    pub(super) likely: SlotId,
}

/// What is known of a packet that is to come.
pub(super) enum What<'a> {
    /// There is none.
    Nothing,
    /// Its segment, and the flow of that.
    Segment(Segment<'a>, FlowKey),
    /// It is still to be decoded.
    Packet(Packet<'a>),
}

impl<'a> Coming<'a> {
    const NONE: Self = Self {
        what: What::Nothing,
        is_remarked: false,
        source_port: 0,
        has_payload: false,
        hint: HintId::NONE,
        likely: SlotId::NOWHERE,
    };

    /// A packet that is at hand at once.
    pub(super) fn alone(packet: &Packet<'a>, table: &Table<Tracked>) -> Self {
        let mut coming = Self::NONE;
        coming.read(packet, table);
        coming.likely = table.find_likely(coming.hint);
        coming
    }

    // Written in its place: to put it together and then copy it costs as much as to decode it.
    #[inline(always)]
    fn read(&mut self, packet: &Packet<'a>, table: &Table<Tracked>) {
        let is_usual = Decoder::at_once(packet, |segment, flow| {
            self.source_port = segment.source.port;
            self.has_payload = segment.payload_len > 0;
            self.hint = table.hint(&flow);
            self.what = What::Segment(segment, flow);
        });
        if !is_usual {
            self.read_undecoded(packet, table);
        }
        self.is_remarked = packet.is_remarked;
    }

    #[inline(never)]
    fn read_undecoded(&mut self, packet: &Packet<'a>, table: &Table<Tracked>) {
        *self = Self { what: What::Packet(*packet), ..Self::NONE };
        if let Some(Ahead { flow, source_port, has_payload }) = Decoder::ahead(packet) {
            self.source_port = source_port;
            self.has_payload = has_payload;
            self.hint = table.hint(&flow);
        }
    }
}

impl<'a> Lookahead<'a> {
    pub(super) const fn new() -> Self {
        Self { kept: [const { Coming::NONE }; KEPT], count: 0 }
    }

    /// Takes the next packet; gives the one that is at hand now.
    #[inline(always)]
    pub(super) fn step(&mut self, packet: &Packet<'a>, table: &Table<Tracked>) -> &Coming<'a> {
        self.kept[self.count % KEPT].read(packet, table);
        self.advance(table)
    }

    /// Goes on where no packet comes any more, likewise.
    pub(super) fn step_behind(&mut self, table: &Table<Tracked>) -> &Coming<'a> {
        self.kept[self.count % KEPT] = Coming::NONE;
        self.advance(table)
    }

    /// Each call does one step for each packet on its way, so that what a step asks for is there in the next one: the
    /// hint, the slot that it names, the connection's state, what that points to.
    #[inline(always)]
    fn advance(&mut self, table: &Table<Tracked>) -> &Coming<'a> {
        let newest = self.count;
        self.count = newest.wrapping_add(1);
        let third = &mut self.kept[newest.wrapping_sub(1) % KEPT];
        third.likely = table.find_likely(third.hint);
        let second = &self.kept[newest.wrapping_sub(2) % KEPT];
        if let Some((tracked, _)) = table.look(second.likely) {
            tracked.prefetch();
        }
        let next = &self.kept[newest.wrapping_sub(3) % KEPT];
        if let Some((tracked, _)) = table.look(next.likely) {
            tracked.prefetch_behind(next.source_port, next.has_payload);
        }
        &self.kept[newest.wrapping_sub(AHEAD) % KEPT]
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::capture::LinkType;
    use crate::flow::PacketRef;
    use crate::limits::Limits;
    use crate::time::Timestamp;

    /// A bare SYN from 10.0.0.`host`:`port` in an Ethernet frame, with or without a tag.
    fn frame(host: u8, port: u16, tagged: bool) -> Vec<u8> {
        let ip = [0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, host, 10, 9, 9, 9];
        let [p0, p1] = port.to_be_bytes();
        let tcp = [p0, p1, 0, 80, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 1, 0, 0, 0, 0, 0];
        let tag: &[u8] = if tagged { &[0x81, 0, 0, 7] } else { &[] };
        [&[0; 12][..], tag, &[8, 0], &ip, &tcp].concat()
    }

    fn packet(data: &[u8], number: u64) -> Packet<'_> {
        Packet {
            at: PacketRef::new(0, number),
            time: Timestamp::from_nanos(1),
            link: LinkType::ETHERNET,
            data,
            wire_len: data.len() as u32,
            direction: None,
            is_remarked: false,
        }
    }

    /// The numbers of packets in the order in which they are at hand, with the slots told for them.
    fn at_hand(frames: &[Vec<u8>], table: &Table<Tracked>) -> Vec<(u64, SlotId)> {
        let mut lookahead = Lookahead::new();
        let mut packets = frames.iter().zip(1..).map(|(data, number)| packet(data, number));
        let steps = 0..frames.len() + AHEAD;
        let told = steps.filter_map(|_| {
            let coming = match packets.next() {
                Some(packet) => lookahead.step(&packet, table),
                None => lookahead.step_behind(table),
            };
            let at = match &coming.what {
                What::Nothing => return None,
                What::Segment(segment, _) => segment.at.packet,
                What::Packet(packet) => packet.at,
            };
            Some((at.packet(), coming.likely))
        });
        told.collect()
    }

    #[test]
    fn each_packet_is_given_once_with_its_slot() {
        let frames: Vec<_> =
            (0..20_u16).map(|index| frame((index % 7) as u8, 5000 + index % 7, index % 7 == 3)).collect();
        let mut table = Table::new(100);
        let mut decoder = Decoder::new(&Limits::default());
        let mut expected = Vec::new();
        for (data, number) in frames.iter().zip(1..) {
            let packet = packet(data, number);
            let segment: Segment<'_> = decoder.decode(&packet).unwrap();
            assert_eq!(segment.source.ip, Ipv4Addr::new(10, 0, 0, (segment.source.port - 5000) as u8));
            let key = FlowKey::new(segment.source, segment.destination);
            if number <= 6 {
                table.insert(key, Tracked::new(&segment), packet.time);
            }
            // Behind a tag no flow is seen at once.
            let slot = table.find(&key).filter(|_| segment.encapsulation.is_empty());
            expected.push((number, slot.unwrap_or(SlotId::NOWHERE)));
        }
        assert_eq!(at_hand(&frames, &table), expected);
        assert_eq!(at_hand(&frames[..2], &table), expected[..2]);
        assert_eq!(at_hand(&[], &table), []);
        let alone = frames.iter().map(|data| Coming::alone(&packet(data, 1), &table).likely);
        assert!(alone.eq(expected.iter().map(|(_, slot)| *slot)));
    }
}
