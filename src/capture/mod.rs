//! BYTES → PACKETS: reads capture files; the only room that knows their formats.
//!
//! A damaged capture is not an error: what stands before the damage is read, and the
//! [`CaptureSummary`] tells what happened. Only an input that is no capture at all, or that cannot
//! be read from its first byte on, is a [`CaptureError`].

mod buffer;
mod bytes;
mod clock;
mod compressed;
mod error;
mod input;
mod order;
mod overlap;
mod packet;
mod packets;
mod pcap;
mod pcapng;
mod recognise;
mod remarks;
mod stop;
mod summary;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::flow::PacketRef;
use crate::limits::Limits;
use crate::time::Timestamp;

use buffer::Buffer;
use input::Input;
use pcap::Pcap;
use pcapng::PcapNg;
use recognise::Recognised;
use stop::Stop;

pub use error::CaptureError;
pub use order::{Planned, in_order};
pub use overlap::Overlap;
pub use packet::{Direction, LinkType, Packet};
pub use packets::Packets;
pub use pcapng::Secrets;
pub use remarks::{About, Comment, InterfaceSummary, Remarks};
pub use summary::{CaptureFormat, CaptureSummary, Compression};

/// A capture being read, packet by packet.
pub struct Capture {
    buffer: Buffer,
    reader: Reader,
    summary: CaptureSummary,
    /// Bytes read from the file itself, which may be compressed.
    file_bytes: Arc<AtomicU64>,
    file: u32,
    ended: bool,
}

impl Capture {
    /// Opens the capture at `path`, or standard input for `-`; `file_index` is its place in the order given.
    pub fn open_path(path: &Path, file_index: u32, limits: &Limits) -> Result<Self, CaptureError> {
        let name = path.display().to_string();
        if name == "-" {
            return Self::open(Box::new(std::io::stdin()), name, file_index, limits);
        }
        let file = File::open(path).map_err(|cause| opening_failed(&name, cause))?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(CaptureError::Directory { name });
        }
        Self::open(Box::new(file), name, file_index, limits)
    }

    /// Starts to read a capture from `input`; `name` is what messages and the report call it.
    pub fn open(
        input: Box<dyn Read + Send>,
        name: String,
        file_index: u32,
        limits: &Limits,
    ) -> Result<Self, CaptureError> {
        let mut input = Input::open(input, &name, limits)?;
        let mut summary = CaptureSummary::new(name, limits);
        summary.compression = input.compression;
        let opened = match input.recognised {
            Recognised::Pcap => Pcap::open(&mut input.buffer, &mut summary, limits).map(Reader::Pcap),
            Recognised::PcapNg => PcapNg::open(&mut input.buffer, &mut summary, limits).map(Reader::PcapNg),
            _ => return Err(CaptureError::unsupported(&input, &summary.path)),
        };
        let reader = opened.map_err(|stop| CaptureError::at_start(stop, &input, &summary))?;
        let Input { buffer, file_bytes, .. } = input;
        summary.bytes = file_bytes.load(Ordering::Relaxed);
        Ok(Self { buffer, reader, summary, file_bytes, file: file_index, ended: false })
    }

    /// The next packet, or `None` at the end.
    ///
    /// Damage and failed reads end the capture early and are told in the summary. The one `Err` is
    /// [`CaptureError::NotYet`], for an input whose `read` answers `WouldBlock`: nothing is lost, and
    /// the next call goes on. A compressed input must wait instead.
    #[expect(clippy::should_implement_trait, reason = "the packet borrows the read buffer")]
    pub fn next(&mut self) -> Result<Option<Packet<'_>>, CaptureError> {
        let Some(record) = self.next_record()? else { return Ok(None) };
        let at = PacketRef::new(self.file, self.summary.packets);
        Ok(Some(record.packet(at, self.buffer.at(record.start, record.captured))))
    }

    /// The next packet's record, counted.
    fn next_record(&mut self) -> Result<Option<Record>, CaptureError> {
        if self.ended {
            return Ok(None);
        }
        let found = match &mut self.reader {
            Reader::Pcap(pcap) => pcap.next(&mut self.buffer),
            Reader::PcapNg(pcapng) => pcapng.next(&mut self.buffer, &mut self.summary),
        };
        let record = match found {
            Ok(record) => record,
            Err(stop) if stop.is_pause() => {
                return Err(CaptureError::NotYet { name: self.summary.path.clone() });
            }
            Err(stop) => {
                self.end(stop);
                return Ok(None);
            }
        };
        self.summary.count(record.time);
        Ok(Some(record))
    }

    /// Gives `take` the next packet, and those behind it that are in memory and need nothing but to be read; those
    /// that it does not ask for come again, but for the first one. `false` at the end.
    ///
    /// Many packets are read faster so than by [`next`](Self::next), whose errors this has.
    pub fn next_packets(&mut self, take: impl FnOnce(&mut Packets<'_>)) -> Result<bool, CaptureError> {
        let Some(record) = self.next_record()? else { return Ok(false) };
        let has_secrets = self.has_secrets();
        let Self { buffer, reader, summary, file, .. } = self;
        let at = PacketRef::new(*file, summary.packets);
        let first = record.packet(at, buffer.at(record.start, record.captured));
        // Secrets are for the packets behind them.
        let rest = if has_secrets { &[] } else { buffer.filled() };
        let mut packets = Packets::new(reader, summary, *file, first, rest);
        take(&mut packets);
        let taken = rest.len() - packets.left();
        buffer.take(taken);
        Ok(true)
    }

    /// Whether secrets were found that nobody took yet.
    pub fn has_secrets(&self) -> bool {
        matches!(&self.reader, Reader::PcapNg(pcapng) if pcapng.has_secrets())
    }

    /// Secrets that the capture holds, found since the last call; those at its beginning are there at once.
    pub fn take_secrets(&mut self) -> Vec<Secrets> {
        match &mut self.reader {
            Reader::Pcap(_) => Vec::new(),
            Reader::PcapNg(pcapng) => pcapng.take_secrets(),
        }
    }

    /// What is known of the capture so far; complete once [`next`](Self::next) has returned `None`.
    pub fn summary(&self) -> &CaptureSummary {
        &self.summary
    }

    /// The summary of a capture that is no longer needed.
    pub fn into_summary(self) -> CaptureSummary {
        self.summary
    }

    /// Bytes read from the file so far, compressed as they are, for a progress bar.
    pub fn bytes_read(&self) -> u64 {
        self.file_bytes.load(Ordering::Relaxed)
    }

    /// Ends the capture and keeps a warning if it did not end after a whole record.
    #[cold]
    fn end(&mut self, stop: Stop) {
        self.ended = true;
        self.summary.bytes = self.bytes_read();
        if let Reader::PcapNg(pcapng) = &self.reader {
            self.summary.lost(pcapng.lost());
        }
        let Some(reason) = stop.reason() else { return };
        let (packet, offset) = (self.summary.packets.saturating_add(1), self.buffer.offset());
        let whence = match self.summary.compression {
            Compression::None => "",
            _ => " of the decompressed capture",
        };
        self.summary.complete = false;
        self.summary.warn(|path| {
            format!(
                "{path}: packet {packet} at byte {offset}{whence}: {reason}; only the packets before it are reported"
            )
        });
    }
}

/// What tells the records of one file format apart.
enum Reader {
    /// Classic pcap.
    Pcap(Pcap),
    /// pcapng.
    PcapNg(PcapNg),
}

/// A packet found in the read buffer.
#[derive(Clone, Copy, Debug)]
struct Record {
    /// Position of its first byte in the buffer, or in its record.
    start: usize,
    /// Number of captured bytes.
    captured: usize,
    time: Timestamp,
    link: LinkType,
    wire_len: u32,
    direction: Option<Direction>,
    is_remarked: bool,
}

impl Record {
    /// The packet with its bytes.
    #[inline(always)]
    const fn packet<'a>(&self, at: PacketRef, data: &'a [u8]) -> Packet<'a> {
        let Self { time, link, wire_len, direction, is_remarked, .. } = *self;
        Packet { at, time, link, data, wire_len, direction, is_remarked }
    }
}

/// The error for a path that cannot be opened.
fn opening_failed(name: &str, cause: std::io::Error) -> CaptureError {
    let name = name.to_owned();
    match cause.kind() {
        ErrorKind::NotFound => CaptureError::NotFound { name },
        ErrorKind::PermissionDenied => CaptureError::PermissionDenied { name },
        _ => CaptureError::Unopenable { name, cause },
    }
}
