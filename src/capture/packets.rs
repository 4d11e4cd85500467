//! The packets that are in memory and need nothing but to be read: nearly all are of that kind.

use crate::flow::PacketRef;

use super::packet::Packet;
use super::summary::CaptureSummary;
use super::{Reader, Record};

/// Records of one file format.
pub(super) trait Records {
    /// The record at the beginning of `bytes`, with its whole length, which may be more than is there; `None` where
    /// it is not known, or not all that is to be done.
    fn usual(&mut self, bytes: &[u8]) -> Option<(Record, usize)>;
}

/// Packets that follow each other in the read buffer, read as they are asked for.
pub struct Packets<'a> {
    reader: &'a mut Reader,
    summary: &'a mut CaptureSummary,
    file: u32,
    /// One that was read already.
    first: Option<Packet<'a>>,
    /// The bytes behind it.
    rest: &'a [u8],
}

impl<'a> Packets<'a> {
    /// The packet `first` and those at the beginning of `rest`, which are of the file with the index `file`.
    #[inline]
    pub(super) const fn new(
        reader: &'a mut Reader,
        summary: &'a mut CaptureSummary,
        file: u32,
        first: Packet<'a>,
        rest: &'a [u8],
    ) -> Self {
        Self { reader, summary, file, first: Some(first), rest }
    }

    /// How many bytes are left.
    #[inline]
    pub(super) const fn left(&self) -> usize {
        self.rest.len()
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Packet<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Packet<'a>> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        let (record, len) = match self.reader {
            Reader::Pcap(pcap) => pcap.usual(self.rest),
            Reader::PcapNg(pcapng) => pcapng.usual(self.rest),
        }?;
        let (taken, rest) = self.rest.split_at_checked(len)?;
        let data = taken.get(record.start..)?.get(..record.captured)?;
        self.rest = rest;
        self.summary.count(record.time);
        Some(record.packet(PacketRef::new(self.file, self.summary.packets), data))
    }
}
