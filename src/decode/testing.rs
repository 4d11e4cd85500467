//! Packets made by hand, for tests.

use crate::capture::{LinkType, Packet};
use crate::limits::Limits;

use super::{Decoder, Segment, Skip};

/// A TCP header with these options, and its payload.
pub(super) fn tcp(options: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x1f, 0x90, 0xd4, 0x31, 0, 0, 0, 100, 0, 0, 0, 200];
    bytes.push(((20 + options.len()) as u8 / 4) << 4);
    bytes.extend([0x18, 0x01, 0x02, 0xba, 0xad, 0, 0]);
    bytes.extend(options);
    bytes.extend(payload);
    bytes
}

/// An IPv4 packet from `10.0.0.1` to `10.0.0.2`.
pub(super) fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x45, 0];
    bytes.extend((20 + payload.len() as u16).to_be_bytes());
    bytes.extend([0x12, 0x34, 0x40, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    bytes.extend(payload);
    bytes
}

/// An IPv6 packet from `fd00::1` to `fd00::2` with flow label 0x12345.
pub(super) fn ipv6(next_header: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x60, 0x01, 0x23, 0x45];
    bytes.extend((payload.len() as u16).to_be_bytes());
    bytes.extend([next_header, 55]);
    for last in [1, 2] {
        bytes.extend([0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    bytes.extend(payload);
    bytes
}

/// An Ethernet frame.
pub(super) fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![2; 12];
    bytes.extend(ether_type.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A tag of VLAN `id`, to stand before the next type and its payload.
pub(super) fn tag(tag_type: u16, id: u16) -> Vec<u8> {
    [tag_type.to_be_bytes(), (0xe000 | id).to_be_bytes()].concat()
}

/// An Ethernet frame of an IPv4 packet with `hello`.
pub(super) fn hello() -> Vec<u8> {
    ethernet(0x0800, &ipv4(6, &tcp(&[], b"hello")))
}

/// Packet 7 of a capture, whole.
pub(super) fn packet(link: LinkType, data: &[u8]) -> Packet<'_> {
    Packet {
        at: crate::flow::PacketRef::new(0, 7),
        time: crate::time::Timestamp::from_nanos(9),
        link,
        data,
        wire_len: data.len() as u32,
        direction: None,
        is_remarked: false,
    }
}

/// Decodes a whole packet and shows the segment to `check`.
pub(super) fn with_segment<T>(link: LinkType, data: &[u8], check: impl FnOnce(Segment<'_>) -> T) -> T {
    check(Decoder::new(&Limits::default()).decode(&packet(link, data)).unwrap())
}

/// Why a whole packet is skipped.
pub(super) fn skip(link: LinkType, data: &[u8]) -> Skip {
    Decoder::new(&Limits::default()).decode(&packet(link, data)).unwrap_err()
}

/// How the tags and tunnels around `hello` are displayed.
pub(super) fn wrapping(link: LinkType, data: &[u8]) -> Vec<String> {
    let mut shown = Vec::new();
    with_segment(link, data, |segment| {
        assert_eq!(segment.payload, b"hello");
        assert_eq!(segment.payload_len, 5);
        shown = segment.encapsulation.iter().map(ToString::to_string).collect();
    });
    shown
}
