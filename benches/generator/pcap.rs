//! Writes packets as a classic pcap file with microsecond times.

use std::io::{self, BufWriter, Write};

const MAGIC: u32 = 0xa1b2_c3d4;
const SNAPLEN: u32 = 262_144;
const ETHERNET: u32 = 1;
const BUFFER: usize = 1 << 20;

/// A capture being written, and how much of it there is.
pub(crate) struct PcapWriter<W: Write> {
    out: BufWriter<W>,
    packets: u64,
    bytes: u64,
}

impl<W: Write> PcapWriter<W> {
    /// Starts a capture with its file header.
    pub(crate) fn new(out: W) -> io::Result<Self> {
        let mut header = [0; 24];
        header[0..4].copy_from_slice(&MAGIC.to_le_bytes());
        header[4..6].copy_from_slice(&2_u16.to_le_bytes());
        header[6..8].copy_from_slice(&4_u16.to_le_bytes());
        header[16..20].copy_from_slice(&SNAPLEN.to_le_bytes());
        header[20..24].copy_from_slice(&ETHERNET.to_le_bytes());
        let mut out = BufWriter::with_capacity(BUFFER, out);
        out.write_all(&header)?;
        Ok(Self { out, packets: 0, bytes: 24 })
    }

    /// Appends a packet seen `nanos` nanoseconds after the epoch and returns its 1-based number.
    pub(crate) fn write(&mut self, nanos: u64, packet: &[u8]) -> io::Result<u64> {
        let length = (packet.len() as u32).to_le_bytes();
        let mut header = [0; 16];
        header[0..4].copy_from_slice(&((nanos / 1_000_000_000) as u32).to_le_bytes());
        header[4..8].copy_from_slice(&((nanos % 1_000_000_000 / 1_000) as u32).to_le_bytes());
        header[8..12].copy_from_slice(&length);
        header[12..16].copy_from_slice(&length);
        self.out.write_all(&header)?;
        self.out.write_all(packet)?;
        self.packets += 1;
        self.bytes += 16 + packet.len() as u64;
        Ok(self.packets)
    }

    /// Packets written so far.
    pub(crate) fn packets(&self) -> u64 {
        self.packets
    }

    /// Bytes written so far, headers included.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes out what is still in the buffer.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
