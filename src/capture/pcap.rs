//! Classic pcap: one header, then records of one link type.

use pcap_parser::{PcapHeader, parse_pcap_header};

use crate::limits::Limits;
use crate::time::Timestamp;

use super::Record;
use super::buffer::Buffer;
use super::bytes::ByteOrder;
use super::packet::LinkType;
use super::packets::Records;
use super::stop::Stop;
use super::summary::{CaptureFormat, CaptureSummary};

const HEADER_LEN: usize = 24;

/// The largest packet that libpcap writes; a longer one is believed only under a larger snap length.
const USUAL_SNAPLEN: usize = 262_144;

/// The parts of a pcap header that its records need.
pub(super) struct Pcap {
    order: ByteOrder,
    /// Nanoseconds in a unit of the fraction field.
    fraction_nanos: u16,
    record_header_len: usize,
    link: LinkType,
    longest: usize,
}

impl Pcap {
    /// Reads the file header.
    pub(super) fn open(
        buffer: &mut Buffer,
        summary: &mut CaptureSummary,
        limits: &Limits,
    ) -> Result<Self, Stop> {
        summary.format = CaptureFormat::Pcap;
        buffer.require_for("the file header", HEADER_LEN)?;
        let (header, modified) = parse_header(buffer.filled())
            .ok_or_else(|| Stop::Corrupt("its first 24 bytes are no pcap header".to_owned()))?;
        buffer.take(HEADER_LEN);
        // The upper 16 bits tell the length of the frame check sequence.
        let link = LinkType((header.network.0 & 0xffff) as u16);
        summary.interface(link, header.snaplen);
        if header.version_major != 2 {
            let (major, minor) = (header.version_major, header.version_minor);
            summary.warn(|path| format!("{path}: states pcap version {major}.{minor}; read as version 2.4"));
        }
        let record_header_len = if modified { 24 } else { 16 };
        Ok(Self {
            order: if header.is_bigendian() { ByteOrder::Big } else { ByteOrder::Little },
            fraction_nanos: if header.is_nanosecond_precision() { 1 } else { 1000 },
            record_header_len,
            link,
            longest: (header.snaplen as usize)
                .max(USUAL_SNAPLEN)
                .min(limits.capture_block.saturating_sub(record_header_len)),
        })
    }

    /// The next record.
    pub(super) fn next(&self, buffer: &mut Buffer) -> Result<Record, Stop> {
        buffer.require_for("the record header", self.record_header_len)?;
        let Some(record) = self.record(buffer.filled()) else { return Err(Stop::End) };
        // The length is judged before bytes are awaited.
        if record.captured > self.longest {
            return Err(self.too_long(record.captured));
        }
        let size = self.record_header_len + record.captured;
        buffer.require_for("the packet record", size)?;
        Ok(Record { start: buffer.take(size) + record.start, ..record })
    }

    /// The record whose header is at the beginning of `bytes`.
    #[inline(always)]
    fn record(&self, bytes: &[u8]) -> Option<Record> {
        let header = bytes.first_chunk::<16>()?;
        let [s0, s1, s2, s3, f0, f1, f2, f3, c0, c1, c2, c3, w0, w1, w2, w3] = *header;
        // The narrow types let the compiler see that nothing overflows.
        let seconds = i64::from(self.order.u32([s0, s1, s2, s3]));
        let fraction = u64::from(self.order.u32([f0, f1, f2, f3])) * u64::from(self.fraction_nanos);
        let nanos = (seconds * 1_000_000_000).wrapping_add_unsigned(fraction);
        Some(Record {
            start: self.record_header_len,
            captured: self.order.u32([c0, c1, c2, c3]) as usize,
            time: Timestamp::from_nanos(nanos),
            link: self.link,
            wire_len: self.order.u32([w0, w1, w2, w3]),
            direction: None,
            is_remarked: false,
        })
    }

    /// The stop for a captured length that cannot be.
    #[cold]
    fn too_long(&self, captured: usize) -> Stop {
        let longest = self.longest;
        Stop::Corrupt(format!(
            "the record is damaged: it states {captured} captured bytes, at most {longest} can be"
        ))
    }
}

impl Records for Pcap {
    #[inline(always)]
    fn usual(&mut self, bytes: &[u8]) -> Option<(Record, usize)> {
        let record = self.record(bytes).filter(|record| record.captured <= self.longest)?;
        Some((record, record.start + record.captured))
    }
}

/// Parses a file header of any kind, and tells whether its records have the longer "modified" header.
fn parse_header(bytes: &[u8]) -> Option<(PcapHeader, bool)> {
    let mut header: [u8; HEADER_LEN] = *bytes.first_chunk()?;
    // pcap-parser knows the modified kind in one byte order only, so both go in under a plain magic.
    let (magic, modified) = match header {
        [0x34, 0xcd, 0xb2, 0xa1, ..] => ([0xd4, 0xc3, 0xb2, 0xa1], true),
        [0xa1, 0xb2, 0xcd, 0x34, ..] => ([0xa1, 0xb2, 0xc3, 0xd4], true),
        [a, b, c, d, ..] => ([a, b, c, d], false),
    };
    header.first_chunk_mut::<4>()?.copy_from_slice(&magic);
    let (_, header) = parse_pcap_header(&header).ok()?;
    Some((header, modified))
}
