//! What the report says about a capture file itself.

use std::fmt;

use crate::limits::Limits;
use crate::time::{Span, Timestamp};

use super::packet::LinkType;
use super::remarks::Remarks;

/// Packets of several queues or interfaces are not always written in order; a clock that was set jumps further.
const OUT_OF_ORDER: Span = Span::from_secs(2);

/// What is known about one capture file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CaptureSummary {
    /// The name it was given with; `-` is standard input.
    pub path: String,
    /// Its file format.
    pub format: CaptureFormat,
    /// How it is compressed.
    pub compression: Compression,
    /// Link-layer types in the order in which the file states them.
    pub link_types: Vec<LinkType>,
    /// Packets so far, those that could not be read included, as Wireshark numbers them.
    pub packets: u64,
    /// Bytes of the file read.
    pub bytes: u64,
    /// Time of the earliest packet.
    pub first: Option<Timestamp>,
    /// Time of the latest packet.
    pub last: Option<Timestamp>,
    /// The largest snap length of its interfaces; `None` where it is unlimited or not stated.
    pub snaplen: Option<u32>,
    /// Packets that the capturing host says it lost; `None` where the file does not say.
    pub dropped: Option<u64>,
    /// Packets that an earlier file of the same set holds too, and that were left out here.
    pub repeated: u64,
    /// What the file says beside its packets.
    pub remarks: Remarks,
    /// `false` if the file is cut short or damaged, so that its end is missing.
    pub complete: bool,
    /// What is wrong with the file, in words.
    pub warnings: Vec<String>,
    /// Further warnings that were not kept.
    pub warnings_omitted: u64,
    warnings_limit: usize,
    link_types_limit: usize,
    /// The time of the packet before.
    previous: Timestamp,
}

impl CaptureSummary {
    /// The summary of a capture of which nothing has been read.
    pub(super) fn new(path: String, limits: &Limits) -> Self {
        Self {
            path,
            format: CaptureFormat::Pcap,
            compression: Compression::None,
            link_types: Vec::new(),
            packets: 0,
            bytes: 0,
            first: None,
            last: None,
            snaplen: None,
            dropped: None,
            repeated: 0,
            remarks: Remarks::new(limits),
            complete: true,
            warnings: Vec::new(),
            warnings_omitted: 0,
            warnings_limit: limits.capture_warnings,
            link_types_limit: limits.capture_link_types,
            previous: Timestamp::from_nanos(i64::MIN),
        }
    }

    /// Counts a packet captured at `time`.
    #[inline]
    pub(super) fn count(&mut self, time: Timestamp) {
        self.packets += 1;
        let before = std::mem::replace(&mut self.previous, time);
        match self.last {
            Some(last) if time >= last => self.last = Some(time),
            _ => self.count_early(time, before),
        }
    }

    /// Counts the first packet, or one that is earlier than another before it.
    #[cold]
    fn count_early(&mut self, time: Timestamp, before: Timestamp) {
        self.first = Some(self.first.map_or(time, |first| first.min(time)));
        self.last = Some(self.last.map_or(time, |last| last.max(time)));
        if time < before && before - time > OUT_OF_ORDER {
            self.went_back(before - time);
        }
    }

    /// Notes that the newest packet is much earlier than the one before it.
    #[cold]
    fn went_back(&mut self, by: Span) {
        let (packet, seconds) = (self.packets, by.as_secs_f64());
        self.warn(|path| {
            format!(
                "{path}: packet {packet} is {seconds:.3} s earlier than the one before it, as if the clock had been \
                 set back: times across it do not fit together"
            )
        });
    }

    /// Notes an interface with its link type and snap length; a snap length of 0 is none.
    pub(super) fn interface(&mut self, link: LinkType, snaplen: u32) {
        let snaplen = Some(snaplen).filter(|&snaplen| snaplen > 0);
        self.snaplen = if self.link_types.is_empty() {
            snaplen
        } else {
            self.snaplen.zip(snaplen).map(|(known, new)| known.max(new))
        };
        if self.link_types.len() < self.link_types_limit && !self.link_types.contains(&link) {
            self.link_types.push(link);
        }
    }

    /// Notes how many packets the capture lost, which weakens whatever rests on an absence.
    pub(super) fn lost(&mut self, count: Option<u64>) {
        self.dropped = count;
        if let Some(count) = count.filter(|&count| count > 0) {
            let packets = if count == 1 { "packet" } else { "packets" };
            self.warn(|path| {
                format!("{path}: the capture lost {count} {packets}: what is missing may have been there")
            });
        }
    }

    /// Notes how many packets were left out because an earlier file holds them, or could not all be found.
    pub fn overlapped(&mut self, repeated: u64, is_full: bool) {
        self.repeated = repeated;
        if repeated > 0 {
            let packets = if repeated == 1 { "packet is" } else { "packets are" };
            self.warn(|path| {
                format!("{path}: {repeated} {packets} in an earlier file too; each is counted once")
            });
        }
        if is_full {
            self.warn(|path| format!("{path}: it overlaps with the next file by more than can be compared"));
        }
    }

    /// Keeps a warning, made from the capture's name, as long as there is room for it.
    pub(super) fn warn(&mut self, text: impl FnOnce(&str) -> String) {
        if self.warnings.len() < self.warnings_limit {
            let warning = text(&self.path);
            self.warnings.push(warning);
        } else {
            self.warnings_omitted = self.warnings_omitted.saturating_add(1);
        }
    }
}

/// A capture file format that is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CaptureFormat {
    /// Classic pcap, in microseconds or nanoseconds, either byte order.
    Pcap,
    /// pcapng.
    PcapNg,
}

impl CaptureFormat {
    /// `pcap` or `pcapng`, as the report writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pcap => "pcap",
            Self::PcapNg => "pcapng",
        }
    }
}

impl fmt::Display for CaptureFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a capture file is compressed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, also by pigz and bgzip.
    Gzip,
    /// Zstandard.
    Zstd,
    /// lz4 frames.
    Lz4,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
}

impl Compression {
    /// `none`, `gzip` and so on, as the report writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }

    /// The command that decompresses to standard output.
    pub(super) const fn command(self) -> &'static str {
        match self {
            Self::None => "cat",
            Self::Gzip => "zcat",
            Self::Zstd => "zstdcat --long=31",
            Self::Lz4 => "lz4cat",
            Self::Bzip2 => "bzcat",
            Self::Xz => "xzcat",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> CaptureSummary {
        CaptureSummary::new("x.pcap".to_owned(), &Limits { capture_warnings: 2, ..Limits::default() })
    }

    #[test]
    fn warnings_are_bounded() {
        let mut summary = summary();
        for number in 0..5 {
            summary.warn(|path| format!("{path}: {number}"));
        }
        assert_eq!(summary.warnings, ["x.pcap: 0", "x.pcap: 1"]);
        assert_eq!(summary.warnings_omitted, 3);
    }

    #[test]
    fn the_largest_snap_length_wins_and_none_is_larger() {
        let mut summary = summary();
        summary.interface(LinkType::ETHERNET, 96);
        summary.interface(LinkType::ETHERNET, 65535);
        summary.interface(LinkType::RAW, 200);
        assert_eq!(summary.snaplen, Some(65535));
        assert_eq!(summary.link_types, [LinkType::ETHERNET, LinkType::RAW]);
        summary.interface(LinkType::RAW, 0);
        summary.interface(LinkType::RAW, 100);
        assert_eq!(summary.snaplen, None);
    }

    #[test]
    fn first_and_last_are_by_time() {
        let mut summary = summary();
        for nanos in [5, 3, 9, 4] {
            summary.count(Timestamp::from_nanos(nanos));
        }
        assert_eq!(summary.first, Some(Timestamp::from_nanos(3)));
        assert_eq!(summary.last, Some(Timestamp::from_nanos(9)));
        assert_eq!(summary.packets, 4);
        assert!(summary.warnings.is_empty());
    }

    #[test]
    fn a_clock_that_jumps_back_is_told_of() {
        let mut summary = summary();
        for millis in [0, 5000, 3001, 1000, 1001, 1002] {
            summary.count(Timestamp::from_nanos(millis * 1_000_000));
        }
        assert_eq!(
            summary.warnings,
            [
                "x.pcap: packet 4 is 2.001 s earlier than the one before it, as if the clock had been set back: times \
              across it do not fit together"
            ]
        );
    }
}
