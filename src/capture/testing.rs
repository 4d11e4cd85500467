//! Capture files made by hand, for tests.

use std::io::Read;

use crate::limits::Limits;

use super::bytes::ByteOrder;
use super::{Capture, CaptureError, LinkType};

pub(super) use ByteOrder::{Big, Little};

/// A packet as the tests compare it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Seen {
    pub(super) number: u64,
    pub(super) nanos: i64,
    pub(super) link: LinkType,
    pub(super) data: Vec<u8>,
    pub(super) wire_len: u32,
}

/// Everything a capture gives, and its summary.
pub(super) fn read_all(mut capture: Capture) -> (Vec<Seen>, super::CaptureSummary) {
    let mut seen = Vec::new();
    while let Some(packet) = capture.next().unwrap() {
        seen.push(Seen {
            number: packet.at.packet(),
            nanos: packet.time.as_nanos(),
            link: packet.link,
            data: packet.data.to_vec(),
            wire_len: packet.wire_len,
        });
    }
    assert!(capture.next().unwrap().is_none(), "the end stays the end");
    (seen, capture.into_summary())
}

/// Opens bytes as a capture called `t.pcap`.
pub(super) fn open(bytes: &[u8]) -> Result<Capture, CaptureError> {
    open_with(Box::new(std::io::Cursor::new(bytes.to_vec())), &Limits::default())
}

/// Opens an input as a capture called `t.pcap`, under limits.
pub(super) fn open_with(input: Box<dyn Read + Send>, limits: &Limits) -> Result<Capture, CaptureError> {
    Capture::open(input, "t.pcap".to_owned(), 0, limits)
}

/// Opens and reads bytes as a capture.
pub(super) fn read(bytes: &[u8]) -> (Vec<Seen>, super::CaptureSummary) {
    read_all(open(bytes).unwrap())
}

/// An input that gives its bytes in pieces of the sizes given, over and over.
pub(super) struct Pieces {
    pub(super) bytes: Vec<u8>,
    pub(super) sizes: Vec<usize>,
    pub(super) at: usize,
    pub(super) turn: usize,
}

impl Pieces {
    pub(super) fn new(bytes: &[u8], sizes: &[usize]) -> Self {
        Self { bytes: bytes.to_vec(), sizes: sizes.to_vec(), at: 0, turn: 0 }
    }
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()];
        self.turn += 1;
        let rest = &self.bytes[self.at..];
        let got = size.min(rest.len()).min(into.len());
        into[..got].copy_from_slice(&rest[..got]);
        self.at += got;
        Ok(got)
    }
}

impl ByteOrder {
    pub(super) fn put16(self, value: u16) -> [u8; 2] {
        if self == Big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    pub(super) fn put32(self, value: u32) -> [u8; 4] {
        if self == Big { value.to_be_bytes() } else { value.to_le_bytes() }
    }

    pub(super) fn put64(self, value: i64) -> [u8; 8] {
        if self == Big { value.to_be_bytes() } else { value.to_le_bytes() }
    }
}

/// A pcap file header.
pub(super) fn pcap_header(order: ByteOrder, magic: u32, snaplen: u32, link: u32) -> Vec<u8> {
    let mut file = order.put32(magic).to_vec();
    file.extend(order.put16(2));
    file.extend(order.put16(4));
    file.extend([0; 8]);
    file.extend(order.put32(snaplen));
    file.extend(order.put32(link));
    file
}

/// A pcap record with its own captured length.
pub(super) fn pcap_record(order: ByteOrder, time: (u32, u32), data: &[u8], wire_len: u32) -> Vec<u8> {
    let mut record = Vec::new();
    for field in [time.0, time.1, data.len() as u32, wire_len] {
        record.extend(order.put32(field));
    }
    record.extend(data);
    record
}

/// A microsecond pcap of Ethernet packets `0…n`, packet `i` being `i` repeated `10 + i` times.
pub(super) fn small_pcap(packets: u8) -> Vec<u8> {
    let mut file = pcap_header(Little, 0xa1b2_c3d4, 65535, 1);
    for i in 0..packets {
        let data = vec![i; 10 + usize::from(i)];
        file.extend(pcap_record(Little, (u32::from(i), 7), &data, 100));
    }
    file
}

/// A pcapng block.
pub(super) fn block(order: ByteOrder, kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let len = order.put32(padded as u32 + 12);
    let mut block = order.put32(kind).to_vec();
    block.extend(len);
    block.extend(body);
    block.resize(8 + padded, 0);
    block.extend(len);
    block
}

/// A section header of unknown length.
pub(super) fn section(order: ByteOrder) -> Vec<u8> {
    let mut body = order.put32(0x1a2b_3c4d).to_vec();
    body.extend(order.put16(1));
    body.extend(order.put16(0));
    body.extend(order.put64(-1));
    block(order, 0x0a0d_0d0a, &body)
}

/// An option.
pub(super) fn option(order: ByteOrder, code: u16, value: &[u8]) -> Vec<u8> {
    let mut option = order.put16(code).to_vec();
    option.extend(order.put16(value.len() as u16));
    option.extend(value);
    option.resize(4 + value.len().next_multiple_of(4), 0);
    option
}

/// An interface description.
pub(super) fn interface(order: ByteOrder, link: u16, snaplen: u32, options: &[u8]) -> Vec<u8> {
    let mut body = order.put16(link).to_vec();
    body.extend([0; 2]);
    body.extend(order.put32(snaplen));
    body.extend(options);
    block(order, 1, &body)
}

/// An enhanced packet.
pub(super) fn enhanced(order: ByteOrder, interface: u32, ticks: u64, data: &[u8], options: &[u8]) -> Vec<u8> {
    let len = data.len() as u32;
    let mut body = Vec::new();
    for field in [interface, (ticks >> 32) as u32, ticks as u32, len, len] {
        body.extend(order.put32(field));
    }
    body.extend(data);
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend(options);
    block(order, 6, &body)
}

/// A pcapng of two sections of different byte order with all kinds of packets and an unknown block.
pub(super) fn mixed_pcapng() -> Vec<u8> {
    let mut file = Vec::new();
    for order in [Little, Big] {
        file.extend(section(order));
        file.extend(interface(order, 1, 65535, &[]));
        let mut options = option(order, 9, &[9]);
        options.extend(option(order, 14, &order.put64(-2)));
        file.extend(interface(order, 113, 0, &options));
        file.extend(enhanced(order, 0, 5_000_000, b"first", &option(order, 2, &[0; 4])));
        file.extend(block(order, 0x7777, b"unknown"));
        let mut simple = order.put32(3).to_vec();
        simple.extend(b"two");
        file.extend(block(order, 3, &simple));
        file.extend(enhanced(order, 1, 5_000_000_000, b"third!!", &[]));
    }
    file
}
