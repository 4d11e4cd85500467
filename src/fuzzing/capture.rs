//! Any bytes read as a capture file.

use std::io::{Cursor, Read};

use crate::capture::{
    About, Capture, CaptureError, CaptureFormat, Comment, Compression, InterfaceSummary, LinkType, Packet,
};
use crate::limits::Limits;
use crate::time::Timestamp;

/// Bounds small enough for short inputs to reach them.
fn limits() -> Limits {
    Limits {
        capture_buffer: 64,
        capture_block: 4096,
        capture_listed: 3,
        capture_text: 16,
        capture_names: 300,
        ..Limits::default()
    }
}

/// Reads `data` whole and in pieces, packet by packet and many at once; its first two bytes are the sizes of the
/// pieces.
///
/// # Panics
///
/// When packets hold more than a file that is not compressed, their numbers do not rise, the pieces matter, or how
/// many packets are read at once.
pub fn capture(data: &[u8]) {
    let Some((&sizes, file)) = data.split_first_chunk::<2>() else { return };
    let whole = || Box::new(Cursor::new(file.to_vec()));
    let pieces = || Box::new(Pieces { bytes: file.to_vec(), at: 0, sizes, turn: 0 });
    let told = read(whole(), file.len(), one_by_one);
    if let Ok(told) = &told {
        told.check(file.len());
    }
    assert_eq!(told, read(pieces(), file.len(), one_by_one), "the same file in pieces of {sizes:?}");
    assert_eq!(told, read(whole(), file.len(), together), "the same file, many packets at once");
    assert_eq!(told, read(pieces(), file.len(), together), "many at once, in pieces of {sizes:?}");
}

/// What was read from a file.
#[derive(Debug, PartialEq)]
struct Told {
    packets: Vec<Seen>,
    counted: u64,
    format: CaptureFormat,
    compression: Compression,
    warnings: Vec<String>,
    /// What it says beside its packets.
    interfaces: Vec<InterfaceSummary>,
    comments: Vec<Comment>,
    complete: bool,
}

#[derive(Debug, PartialEq)]
struct Seen {
    number: u64,
    time: Timestamp,
    link: LinkType,
    data: Vec<u8>,
    wire_len: u32,
}

impl Told {
    fn check(&self, file: usize) {
        let data: usize = self.packets.iter().map(|packet| packet.data.len()).sum();
        let compressed = self.compression != Compression::None;
        assert!(compressed || data <= file, "packets hold {data} bytes, the file {file}");
        let numbers = self.packets.iter().map(|packet| packet.number);
        assert!(numbers.clone().is_sorted_by(|one, next| one < next), "numbers rise");
        assert!(numbers.clone().all(|number| (1..=self.counted).contains(&number)));
        let bounds = limits();
        assert!(
            self.interfaces.len() <= bounds.capture_listed && self.comments.len() <= bounds.capture_listed
        );
        for comment in &self.comments {
            // A byte that is no text becomes a mark of three, and one more tells that the text was cut.
            assert!(!comment.text.is_empty() && comment.text.len() <= 3 * bounds.capture_text + 3);
            if let About::Packet(number) = comment.about {
                assert!((1..=self.counted).contains(&number), "a comment on packet {number}");
            }
        }
        if self.format == CaptureFormat::Pcap {
            assert!(numbers.eq(1..=self.counted), "numbers are consecutive");
        }
    }
}

impl Seen {
    fn new(packet: &Packet<'_>) -> Self {
        Self {
            number: packet.at.packet(),
            time: packet.time,
            link: packet.link,
            data: packet.data.to_vec(),
            wire_len: packet.wire_len,
        }
    }
}

fn one_by_one(capture: &mut Capture) -> Result<Vec<Seen>, CaptureError> {
    let mut packets = Vec::new();
    while let Some(packet) = capture.next()? {
        packets.push(Seen::new(&packet));
    }
    Ok(packets)
}

fn together(capture: &mut Capture) -> Result<Vec<Seen>, CaptureError> {
    let mut packets = Vec::new();
    while capture.next_packets(|read| packets.extend(read.map(|packet| Seen::new(&packet))))? {}
    Ok(packets)
}

fn read(
    input: Box<dyn Read + Send>,
    len: usize,
    packets: impl Fn(&mut Capture) -> Result<Vec<Seen>, CaptureError>,
) -> Result<Told, String> {
    let mut capture =
        Capture::open(input, "fuzz".to_owned(), 0, &limits()).map_err(|error| error.to_string())?;
    let packets = packets(&mut capture).map_err(|error| error.to_string())?;
    let summary = capture.into_summary();
    assert!(summary.bytes <= len as u64, "read more than there is");
    assert!(summary.bytes == len as u64 || !summary.complete, "a complete file is read to its end");
    Ok(Told {
        packets,
        counted: summary.packets,
        format: summary.format,
        compression: summary.compression,
        warnings: summary.warnings,
        interfaces: summary.remarks.interfaces,
        comments: summary.remarks.comments,
        complete: summary.complete,
    })
}

/// An input that gives its bytes in pieces of two sizes in turn.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    sizes: [u8; 2],
    turn: usize,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let size = self.sizes.get(self.turn % 2).map_or(1, |&size| usize::from(size) + 1);
        self.turn += 1;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let got = size.min(rest.len()).min(into.len());
        into[..got].copy_from_slice(&rest[..got]);
        self.at += got;
        Ok(got)
    }
}
