//! What a capture says it lost, and which way its packets went.

use pcap_parser::pcapng::{
    OptionCode, PcapNGOption, parse_interfacestatisticsblock_be, parse_interfacestatisticsblock_le,
};

use crate::capture::bytes::ByteOrder;
use crate::capture::packet::Direction;

/// The options that are there: pcap-parser reads on after their end.
pub(super) fn options<'a>(
    options: &'a [PcapNGOption<'_>],
) -> impl Iterator<Item = (OptionCode, &'a [u8])> + 'a {
    let stated = options.iter().take_while(|option| option.code != OptionCode::EndOfOpt);
    stated.filter_map(|option| option.as_bytes().ok().map(|value| (option.code, value)))
}

/// The comments among the options of any block.
pub(super) fn comments<'a>(stated: &'a [PcapNGOption<'_>]) -> impl Iterator<Item = &'a [u8]> + 'a {
    options(stated).filter(|(code, _)| *code == OptionCode::Comment).map(|(_, value)| value)
}

/// Packets that the capture lost, as far as it says.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Lost {
    /// Those of the sections that are over.
    before: Option<u64>,
    /// Those counted with the packets of this section.
    by_packets: Option<u64>,
}

impl Lost {
    /// Adds what a packet says was lost before it.
    pub(super) fn add(&mut self, count: u64) {
        self.by_packets = Some(self.by_packets.unwrap_or_default().saturating_add(count));
    }

    /// Begins a new section.
    pub(super) fn next_section(&mut self, by_interfaces: Option<u64>) {
        *self = Self { before: self.total(by_interfaces), by_packets: None };
    }

    /// All of them; the two ways to count tell of the same packets.
    pub(super) fn total(&self, by_interfaces: Option<u64>) -> Option<u64> {
        let here = self.by_packets.max(by_interfaces);
        match (self.before, here) {
            (Some(before), Some(here)) => Some(before.saturating_add(here)),
            (before, here) => before.or(here),
        }
    }
}

/// The interface that a statistics block is about, and the packets lost on it so far.
pub(super) fn read(block: &[u8], order: ByteOrder) -> Option<(u32, u64)> {
    let parsed = match order {
        ByteOrder::Big => parse_interfacestatisticsblock_be(block),
        ByteOrder::Little => parse_interfacestatisticsblock_le(block),
    };
    let (_, statistics) = parsed.ok()?;
    let mut lost = None;
    for (code, value) in options(&statistics.options) {
        if matches!(code, INTERFACE_DROPS | SYSTEM_DROPS)
            && let Ok(value) = value.try_into()
        {
            lost = Some(lost.unwrap_or(0_u64).saturating_add(order.u64(value)));
        }
    }
    Some((statistics.if_id, lost?))
}

/// What the options of a packet say: its direction, and the packets lost before it.
#[cold]
pub(super) fn of_packet(stated: &[PcapNGOption<'_>], order: ByteOrder) -> (Option<Direction>, Option<u64>) {
    let (mut direction, mut lost) = (None, None);
    for (code, value) in options(stated) {
        match code {
            PACKET_FLAGS => {
                direction = match order.u32_at(value, 0).unwrap_or_default() & 3 {
                    1 => Some(Direction::In),
                    2 => Some(Direction::Out),
                    _ => None,
                };
            }
            PACKET_DROPS => lost = value.try_into().ok().map(|value| order.u64(value)).or(lost),
            _ => {}
        }
    }
    (direction, lost)
}

/// Of an enhanced packet: flags, the lowest two of which tell the direction.
const PACKET_FLAGS: OptionCode = OptionCode(2);

/// Of an enhanced packet: packets lost since the one before.
const PACKET_DROPS: OptionCode = OptionCode(4);

/// Of interface statistics: packets that the interface lost for want of room.
const INTERFACE_DROPS: OptionCode = OptionCode(5);

/// Of interface statistics: packets that the operating system lost.
const SYSTEM_DROPS: OptionCode = OptionCode(7);
