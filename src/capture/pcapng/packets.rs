//! The three kinds of packet blocks.

use pcap_parser::pcapng::{
    EnhancedPacketBlock, parse_enhancedpacketblock_be, parse_enhancedpacketblock_le,
    parse_simplepacketblock_be, parse_simplepacketblock_le,
};

use crate::capture::Record;
use crate::capture::bytes::ByteOrder;
use crate::capture::remarks::About;
use crate::capture::summary::CaptureSummary;

use super::PcapNg;
use super::interface::Interface;
use super::statistics;

/// Position of the packet in an enhanced and in an obsolete packet block.
const DATA: usize = 28;

/// Position of the captured length in them.
const CAPTURED: usize = 20;

/// Position of the packet in a simple packet block.
const SIMPLE_DATA: usize = 12;

/// The length that ends a block.
const TRAILER: usize = 4;

impl PcapNg {
    /// Reads an enhanced packet block.
    #[inline]
    pub(super) fn enhanced_packet(
        &mut self,
        block: &[u8],
        summary: &mut CaptureSummary,
    ) -> Result<Record, String> {
        let packet = self.enhanced(block)?;
        let (mut direction, mut is_remarked) = (None, false);
        if !packet.options.is_empty() {
            let lost;
            (direction, lost) = statistics::of_packet(&packet.options, self.order);
            lost.into_iter().for_each(|lost| self.lost.add(lost));
            for text in statistics::comments(&packet.options) {
                // The packet is counted behind this.
                is_remarked |= summary.remarks.comment(About::Packet(summary.packets + 1), text);
            }
        }
        self.record(&packet).map(|record| Record { direction, is_remarked, ..record })
    }

    /// The packet of an enhanced packet block, if it has no options.
    #[inline]
    pub(super) fn plain_packet(&self, block: &[u8]) -> Option<Record> {
        let packet = self.enhanced(block).ok().filter(|packet| packet.options.is_empty())?;
        self.record(&packet).ok()
    }

    #[inline]
    fn enhanced<'a>(&self, block: &'a [u8]) -> Result<EnhancedPacketBlock<'a>, String> {
        self.check_captured(block)?;
        let parsed = match self.order {
            ByteOrder::Big => parse_enhancedpacketblock_be(block),
            ByteOrder::Little => parse_enhancedpacketblock_le(block),
        };
        parsed.map_or_else(|_| Err(damaged()), |(_, packet)| Ok(packet))
    }

    /// What an enhanced packet block says beside its options.
    #[inline]
    fn record(&self, packet: &EnhancedPacketBlock<'_>) -> Result<Record, String> {
        let interface = self.described(packet.if_id)?;
        Ok(Record {
            start: DATA,
            captured: packet.caplen as usize,
            time: interface.clock.time(ticks(packet.ts_high, packet.ts_low)),
            link: interface.link,
            wire_len: packet.origlen,
            direction: None,
            is_remarked: false,
        })
    }

    /// Reads a packet block of the obsolete kind.
    pub(super) fn obsolete_packet(&self, block: &[u8]) -> Result<Record, String> {
        self.check_captured(block)?;
        let field = |offset| self.order.u32_at(block, offset).unwrap_or_default();
        let id = self.order.u16_at(block, 8).unwrap_or_default();
        let interface = self.described(u32::from(id))?;
        Ok(Record {
            start: DATA,
            captured: field(CAPTURED) as usize,
            time: interface.clock.time(ticks(field(12), field(16))),
            link: interface.link,
            wire_len: field(24),
            direction: None,
            is_remarked: false,
        })
    }

    /// Reads a simple packet block: the first interface, no time, cut to the snap length.
    pub(super) fn simple_packet(&self, block: &[u8]) -> Result<Record, String> {
        let parsed = match self.order {
            ByteOrder::Big => parse_simplepacketblock_be(block),
            ByteOrder::Little => parse_simplepacketblock_le(block),
        };
        let Ok((_, packet)) = &parsed else { return Err(damaged()) };
        let interface = self.described(0)?;
        let snaplen = if interface.snaplen == 0 { u32::MAX } else { interface.snaplen };
        Ok(Record {
            start: SIMPLE_DATA,
            captured: (packet.origlen.min(snaplen) as usize).min(packet.data.len()),
            time: self.previous,
            link: interface.link,
            wire_len: packet.origlen,
            direction: None,
            is_remarked: false,
        })
    }

    /// Checks that the stated packet fits its block, and that the options behind it are not too many.
    #[inline]
    fn check_captured(&self, block: &[u8]) -> Result<(), String> {
        let stated = self.order.u32_at(block, CAPTURED).unwrap_or(u32::MAX) as usize;
        let room = block.len().saturating_sub(DATA + TRAILER);
        match room.checked_sub(stated) {
            Some(options) if options <= self.longest_options => Ok(()),
            Some(options) => {
                Err(format!("{options} bytes of options, at most {} can be", self.longest_options))
            }
            None => Err(format!("it states {stated} captured bytes, its block has room for {room}")),
        }
    }

    /// The interface with this number.
    #[inline]
    fn described(&self, id: u32) -> Result<&Interface, String> {
        match self.interfaces.get(id as usize) {
            Some(Some(interface)) => Ok(interface),
            Some(None) => Err(format!("the description of its interface {id} is damaged")),
            None => Err(format!("its interface {id} is not described")),
        }
    }
}

/// The reason for a block that pcap-parser rejects.
#[cold]
fn damaged() -> String {
    "its block is damaged".to_owned()
}

/// The two halves of a time joined.
#[inline]
fn ticks(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}
