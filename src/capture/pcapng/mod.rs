//! pcapng: sections of blocks, each section with its own byte order and interfaces.

mod block;
mod interface;
mod names;
mod packets;
mod secrets;
mod statistics;

use pcap_parser::pcapng::parse_sectionheaderblock;

use crate::limits::Limits;
use crate::time::Timestamp;

use super::Record;
use super::buffer::Buffer;
use super::bytes::ByteOrder;
use super::packets::Records;
use super::remarks::About;
use super::stop::Stop;
use super::summary::{CaptureFormat, CaptureSummary};

use block::{BlockHead, BlockType};
use interface::Interface;
pub use secrets::Secrets;
use statistics::Lost;

/// The section being read.
pub(super) struct PcapNg {
    order: ByteOrder,
    /// The section's interfaces; `None` where the description could not be read.
    interfaces: Vec<Option<Interface>>,
    /// Interfaces that the sections before have listed.
    listed_before: usize,
    lost: Lost,
    /// The time of the packet before, for packets that state none.
    previous: Timestamp,
    /// Secrets that nobody took yet.
    secrets: Vec<Secrets>,
    longest_block: usize,
    longest_options: usize,
    most_interfaces: usize,
    /// Bytes of secrets that may still be held.
    room_for_secrets: usize,
    most_secrets: usize,
}

impl PcapNg {
    /// Reads the first section header.
    pub(super) fn open(
        buffer: &mut Buffer,
        summary: &mut CaptureSummary,
        limits: &Limits,
    ) -> Result<Self, Stop> {
        summary.format = CaptureFormat::PcapNg;
        let mut pcapng = Self {
            order: ByteOrder::Little,
            interfaces: Vec::new(),
            listed_before: 0,
            lost: Lost::default(),
            previous: Timestamp::default(),
            secrets: Vec::new(),
            longest_block: limits.capture_block,
            longest_options: limits.capture_options,
            most_interfaces: limits.capture_interfaces,
            room_for_secrets: limits.capture_secrets,
            most_secrets: limits.capture_secrets,
        };
        let head = pcapng.frame(buffer)?;
        pcapng.section(head.block(buffer), summary)?;
        buffer.take(head.len);
        pcapng.preamble(buffer, summary)?;
        Ok(pcapng)
    }

    /// Takes in what stands before the first packet, as far as it was read already: its secrets are
    /// to be known before it.
    fn preamble(&mut self, buffer: &mut Buffer, summary: &mut CaptureSummary) -> Result<(), Stop> {
        while let Some(start) = buffer.filled().first_chunk() {
            let head = BlockHead::read(start, &mut self.order, self.longest_block);
            let Ok(head) = head else { return Ok(()) };
            if head.kind.ends_preamble() || buffer.filled().len() < head.len {
                return Ok(());
            }
            self.read(head.kind, head.block(buffer), summary)?;
            buffer.take(head.len);
        }
        Ok(())
    }

    /// Whether there are secrets to take.
    pub(super) const fn has_secrets(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// The secrets that were found since the last call.
    pub(super) fn take_secrets(&mut self) -> Vec<Secrets> {
        self.room_for_secrets = self.most_secrets;
        std::mem::take(&mut self.secrets)
    }

    /// Packets that the capture says it lost.
    pub(super) fn lost(&self) -> Option<u64> {
        self.lost.total(self.lost_by_interfaces())
    }

    /// The next packet; other blocks on the way are taken in or skipped.
    pub(super) fn next(&mut self, buffer: &mut Buffer, summary: &mut CaptureSummary) -> Result<Record, Stop> {
        loop {
            let head = self.frame(buffer)?;
            let found = self.read(head.kind, head.block(buffer), summary)?;
            let offset = buffer.offset();
            let start = buffer.take(head.len);
            match found {
                Found::Packet(record) => {
                    self.previous = record.time;
                    return Ok(Record { start: start + record.start, ..record });
                }
                Found::Unreadable(reason) => skip_packet(&reason, offset, summary),
                Found::Numbered => summary.packets += 1,
                Found::Nothing => {}
            }
        }
    }

    /// The type and length of the block at the beginning of `bytes`.
    #[inline]
    fn head(&self, bytes: &[u8]) -> Option<BlockHead> {
        let mut order = self.order;
        BlockHead::read(bytes.first_chunk()?, &mut order, self.longest_block).ok()
    }

    /// Waits for a whole block and tells its type and length; a section header sets the byte order.
    #[inline]
    fn frame(&mut self, buffer: &mut Buffer) -> Result<BlockHead, Stop> {
        buffer.require_for("the block header", BlockHead::LEN)?;
        let Some(start) = buffer.filled().first_chunk() else { return Err(Stop::End) };
        let head = BlockHead::read(start, &mut self.order, self.longest_block)?;
        buffer.require_for("the block", head.len)?;
        Ok(head)
    }

    /// Reads one whole block.
    fn read(&mut self, kind: BlockType, block: &[u8], summary: &mut CaptureSummary) -> Result<Found, Stop> {
        let packet = match kind {
            BlockType::ENHANCED_PACKET => self.enhanced_packet(block, summary),
            BlockType::SIMPLE_PACKET => self.simple_packet(block),
            BlockType::PACKET => self.obsolete_packet(block),
            BlockType::SECTION_HEADER => return self.section(block, summary).map(|()| Found::Nothing),
            BlockType::INTERFACE_DESCRIPTION => {
                self.interface(block, summary);
                return Ok(Found::Nothing);
            }
            BlockType::DECRYPTION_SECRETS => {
                self.secrets(block, summary);
                return Ok(Found::Nothing);
            }
            BlockType::INTERFACE_STATISTICS => {
                self.statistics(block, summary);
                return Ok(Found::Nothing);
            }
            BlockType::NAME_RESOLUTION => {
                self.names(block, summary);
                return Ok(Found::Nothing);
            }
            kind if kind.is_numbered() => return Ok(Found::Numbered),
            _ => return Ok(Found::Nothing),
        };
        Ok(packet.map_or_else(Found::Unreadable, Found::Packet))
    }

    /// Begins a new section.
    fn section(&mut self, block: &[u8], summary: &mut CaptureSummary) -> Result<(), Stop> {
        self.lost.next_section(self.lost_by_interfaces());
        self.interfaces.clear();
        self.listed_before = summary.remarks.described();
        let parsed =
            if block.len() > self.longest_options { None } else { parse_sectionheaderblock(block).ok() };
        let Some((_, header)) = parsed else {
            return Err(Stop::Corrupt("the section header is damaged".to_owned()));
        };
        for text in statistics::comments(&header.options) {
            summary.remarks.comment(About::Capture, text);
        }
        let (major, minor) = (header.major_version, header.minor_version);
        if major != 1 {
            summary
                .warn(|path| format!("{path}: states pcapng version {major}.{minor}; read as version 1.0"));
        }
        Ok(())
    }

    /// Keeps the secrets of a block until they are taken.
    fn secrets(&mut self, block: &[u8], summary: &mut CaptureSummary) {
        let Some(secrets) = Secrets::read(block, self.order) else { return };
        match self.room_for_secrets.checked_sub(secrets.key_log().len()) {
            Some(room) => {
                self.room_for_secrets = room;
                self.secrets.push(secrets);
            }
            None => summary.warn(|path| format!("{path}: it has more secrets than are kept at once")),
        }
    }

    /// Notes an interface description; one that cannot be read keeps its number.
    fn interface(&mut self, block: &[u8], summary: &mut CaptureSummary) {
        let id = self.interfaces.len();
        if id >= self.most_interfaces {
            return;
        }
        let fits = block.len() <= self.longest_options;
        let interface =
            if fits { Interface::read(block, self.order, id as u32, &mut summary.remarks) } else { None };
        match &interface {
            Some(interface) => summary.interface(interface.link, interface.snaplen),
            None => summary.warn(|path| {
                format!("{path}: the description of interface {id} is damaged; its packets are skipped")
            }),
        }
        self.interfaces.push(interface);
    }

    /// Keeps the names of addresses.
    fn names(&self, block: &[u8], summary: &mut CaptureSummary) {
        let mut all_kept = true;
        names::read(block, self.order, &mut |ip, name| all_kept &= summary.remarks.name(ip, name));
        if !all_kept {
            summary.warn(|path| format!("{path}: it names more addresses than are kept"));
        }
    }

    /// Notes what an interface lost.
    fn statistics(&mut self, block: &[u8], summary: &mut CaptureSummary) {
        if block.len() > self.longest_options {
            return;
        }
        let Some((id, lost)) = statistics::read(block, self.order) else { return };
        if let Some(Some(interface)) = self.interfaces.get_mut(id as usize) {
            interface.lost = Some(lost);
            summary.remarks.lost_on(self.listed_before, id, lost);
        }
    }

    /// Packets lost in this section, by the statistics of its interfaces.
    fn lost_by_interfaces(&self) -> Option<u64> {
        let stated = self.interfaces.iter().flatten().filter_map(|interface| interface.lost);
        stated.reduce(u64::saturating_add)
    }
}

impl Records for PcapNg {
    /// An enhanced packet block without options.
    #[inline]
    fn usual(&mut self, bytes: &[u8]) -> Option<(Record, usize)> {
        let head = self.head(bytes).filter(|head| head.kind == BlockType::ENHANCED_PACKET)?;
        let record = self.plain_packet(bytes.get(..head.len)?)?;
        self.previous = record.time;
        Some((record, head.len))
    }
}

/// What a block holds.
enum Found {
    /// A packet; its start is relative to the block.
    Packet(Record),
    /// A packet that cannot be read, and why.
    Unreadable(String),
    /// No packet, but Wireshark gives it a number in the row of packets.
    Numbered,
    /// No packet.
    Nothing,
}

/// Counts a packet that cannot be read, so that the numbers of those after it stay right.
#[cold]
fn skip_packet(reason: &str, offset: u64, summary: &mut CaptureSummary) {
    summary.packets += 1;
    let packet = summary.packets;
    summary.warn(|path| format!("{path}: packet {packet} at byte {offset} is skipped: {reason}"));
}
