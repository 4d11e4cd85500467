//! Packets in parts: any order, overlaps, bounds.

use proptest::prelude::*;

use crate::capture::{LinkType, Packet};
use crate::decode::testing::*;
use crate::decode::{Decoder, FragmentCounts, Skip};
use crate::limits::Limits;
use crate::time::Timestamp;

/// The part of `payload` from `from` to `to` as an IPv4 packet.
fn v4(protocol: u8, id: u16, payload: &[u8], from: usize, to: usize) -> Vec<u8> {
    let mut packet = ipv4(protocol, &payload[from..to]);
    packet[4..6].copy_from_slice(&id.to_be_bytes());
    let more = u16::from(to < payload.len()) << 13;
    packet[6..8].copy_from_slice(&(more | (from / 8) as u16).to_be_bytes());
    packet
}

/// The part of `payload` from `from` to `to` as an IPv6 packet.
fn v6(next: u8, id: u32, payload: &[u8], from: usize, to: usize) -> Vec<u8> {
    let field = from as u16 | u16::from(to < payload.len());
    let mut header = vec![next, 0];
    header.extend(field.to_be_bytes());
    header.extend(id.to_be_bytes());
    ipv6(44, &[&header, &payload[from..to]].concat())
}

/// A decoder, and what it made of the packets so far.
struct Bench(Decoder);

impl Bench {
    fn new() -> Self {
        Self::with(Limits::default())
    }

    fn with(limits: Limits) -> Self {
        Self(Decoder::new(&limits))
    }

    /// The captured and the true length of the payload, after checking what is captured.
    fn push(&mut self, data: &[u8]) -> Result<(usize, u32), Skip> {
        self.push_packet(&packet(LinkType::RAW, data))
    }

    fn push_packet(&mut self, packet: &Packet<'_>) -> Result<(usize, u32), Skip> {
        let segment = self.0.decode(packet)?;
        assert_eq!((segment.source.port, segment.seq, segment.ack), (8080, 100, 200));
        assert!(segment.payload.iter().zip(0..).all(|(byte, at)| *byte == at as u8));
        Ok((segment.payload.len(), segment.payload_len))
    }

    fn at(&mut self, seconds: i64, data: &[u8]) -> Result<(usize, u32), Skip> {
        let time = Timestamp::from_nanos(seconds * 1_000_000_000);
        self.push_packet(&Packet { time, ..packet(LinkType::RAW, data) })
    }

    fn counts(&self) -> (u64, u64, u64) {
        let FragmentCounts { reassembled, dropped, overlapping } = self.0.fragments();
        (reassembled, dropped, overlapping)
    }
}

/// A TCP packet whose payload byte `n` is `n`.
fn counted(len: usize) -> Vec<u8> {
    tcp(&[], &(0..len).map(|at| at as u8).collect::<Vec<_>>())
}

const WAITS: Result<(usize, u32), Skip> = Err(Skip::IpFragment);

#[test]
fn the_last_part_to_arrive_tells_the_segment() {
    let whole = counted(1000);
    let cuts = [(0, 400), (400, 800), (800, whole.len())];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut bench = Bench::new();
        for make in [
            |whole: &[u8], from, to| v4(6, 9, whole, from, to),
            |whole: &[u8], from, to| v6(6, 9, whole, from, to),
        ] {
            let parts = order.map(|index: usize| make(&whole, cuts[index].0, cuts[index].1));
            assert_eq!(bench.push(&parts[0]), WAITS);
            assert_eq!(bench.push(&parts[1]), WAITS);
            assert_eq!(bench.push(&parts[2]), Ok((1000, 1000)));
        }
        assert_eq!(bench.counts(), (2, 0, 0));
    }
}

#[test]
fn what_stands_between_is_told_apart() {
    let whole = counted(1000);
    let mut bench = Bench::new();
    let (first, rest) = (v4(6, 9, &whole, 0, 400), v4(6, 9, &whole, 400, whole.len()));
    let others = [
        v4(6, 8, &whole, 400, whole.len()),
        v6(6, 9, &whole, 400, whole.len()),
        ipv4(47, &[&[0, 0, 8, 0], rest.as_slice()].concat()),
    ];
    for other in others {
        assert_eq!(bench.push(&first), WAITS);
        assert_eq!(bench.push(&other), WAITS);
        assert_eq!(bench.push(&rest), Ok((1000, 1000)));
    }
}

#[test]
fn the_first_of_overlapping_parts_counts() {
    let whole = counted(1000);
    let forged = vec![0xee; whole.len()];
    let mut bench = Bench::new();
    assert_eq!(bench.push(&v4(6, 9, &whole, 80, 400)), WAITS);
    assert_eq!(bench.push(&v4(6, 9, &whole, 80, 400)), WAITS);
    assert_eq!(bench.counts(), (0, 0, 0));
    assert_eq!(bench.push(&v4(6, 9, &forged, 80, 240)), WAITS);
    assert_eq!(bench.push(&v4(6, 9, &whole, 0, 160)), WAITS);
    assert_eq!(bench.push(&v4(6, 9, &forged, 160, 400)), WAITS);
    assert_eq!(bench.push(&v4(6, 9, &whole, 320, whole.len())), Ok((1000, 1000)));
    assert_eq!(bench.counts(), (1, 0, 4));
}

#[test]
fn parts_that_come_late_belong_to_another_packet() {
    let whole = counted(1000);
    let (first, rest) = (v4(6, 9, &whole, 0, 400), v4(6, 9, &whole, 400, whole.len()));
    let mut bench = Bench::new();
    assert_eq!(bench.at(100, &first), WAITS);
    assert_eq!(bench.at(131, &rest), WAITS);
    assert_eq!(bench.counts(), (0, 1, 0));
    assert_eq!(bench.at(160, &first), Ok((1000, 1000)));
}

#[test]
fn the_snap_length_cuts_parts_and_not_their_lengths() {
    let whole = counted(1000);
    let mut bench = Bench::new();
    let cut = |bench: &mut Bench, data: &[u8], kept: usize| {
        let packet = Packet { wire_len: data.len() as u32, ..packet(LinkType::RAW, &data[..kept]) };
        bench.push_packet(&packet)
    };
    assert_eq!(cut(&mut bench, &v4(6, 9, &whole, 0, 400), 120), WAITS);
    assert_eq!(cut(&mut bench, &v4(6, 9, &whole, 400, whole.len()), 120), Ok((80, 1000)));
    assert_eq!(cut(&mut bench, &v6(6, 9, &whole, 0, 400), 448), WAITS);
    assert_eq!(cut(&mut bench, &v6(6, 9, &whole, 400, whole.len()), 148), Ok((480, 1000)));
}

#[test]
fn parts_of_other_protocols_are_let_go() {
    let mut bench = Bench::new();
    let udp = [&[0, 53, 0, 53, 0, 0, 0, 0], [0; 5000].as_slice()].concat();
    for id in 0..10_000 {
        assert_eq!(bench.push(&v4(17, id, &udp, 0, 1480)), WAITS);
        assert_eq!(bench.push(&v4(17, id, &udp, 1480, 2960)), WAITS);
        assert_eq!(bench.push(&v6(17, id.into(), &udp, 0, 1480)), WAITS);
        assert_eq!(bench.push(&v4(1, id, &udp, 0, 1480)), WAITS);
    }
    assert_eq!(bench.counts(), (0, 0, 0));
    assert_eq!(bench.0.fragments.waiting.len(), 1024);
    assert!(bench.0.fragments.held <= 1024 * 256);
}

#[test]
fn tunnels_in_parts_and_parts_in_tunnels() {
    let whole = counted(1000);
    let mut bench = Bench::new();
    let header = [0xc0, 0, 0x12, 0xb5, 0, 0, 0, 0, 0x08, 0, 0, 0, 0, 0x10, 0, 0];
    let inner = |from, to| [header.as_slice(), &ethernet(0x0800, &v4(6, 5, &whole, from, to))].concat();
    let (first, second) = (inner(0, 800), inner(800, whole.len()));
    // The inner packet is in two parts, and the tunnel's packet with the first one again.
    assert_eq!(bench.push(&ipv4(17, &second)), WAITS);
    assert_eq!(bench.push(&v4(17, 7, &first, 400, first.len())), WAITS);
    assert_eq!(bench.push(&v4(17, 7, &first, 0, 400)), Ok((1000, 1000)));
    assert_eq!(bench.counts(), (2, 0, 0));
}

#[test]
fn extension_headers_in_the_parts_are_passed() {
    let whole = [vec![60, 0, 1, 4, 0, 0, 0, 0, 6, 0, 1, 4, 0, 0, 0, 0], counted(1000)].concat();
    let mut bench = Bench::new();
    assert_eq!(bench.push(&v6(60, 9, &whole, 0, 8)), WAITS);
    assert_eq!(bench.push(&v6(60, 9, &whole, 8, 400)), WAITS);
    assert_eq!(bench.push(&v6(17, 9, &whole, 400, whole.len())), Ok((1000, 1000)));
}

#[test]
fn what_waits_is_bounded() {
    let whole = counted(4000);
    let mut bench = Bench::with(Limits { ip_fragments: 10_000, ..Limits::default() });
    for id in 0..100 {
        assert_eq!(bench.at(i64::from(id), &v4(6, id, &whole, 0, 1600)), WAITS);
        assert!(bench.0.fragments.held <= 10_000);
    }
    assert_eq!(bench.counts(), (0, 95, 0));
    assert_eq!(bench.at(99, &v4(6, 98, &whole, 1600, whole.len())), Ok((4000, 4000)));
    let mut bench = Bench::with(Limits { ip_fragment_pieces: 10, ..Limits::default() });
    let parts = (0..whole.len()).step_by(16);
    for from in parts.rev().skip(1) {
        assert_eq!(bench.push(&v4(6, 1, &whole, from, from + 16)), WAITS);
    }
    assert_eq!(bench.counts(), (0, 1, 0));
}

#[test]
fn parts_that_cannot_be_are_malformed() {
    let whole = counted(1000);
    let mut bench = Bench::new();
    assert_eq!(bench.push(&v4(6, 1, &whole, 0, 401)), Err(Skip::MalformedIp));
    assert_eq!(bench.push(&v4(6, 1, &whole, 400, 400)), Err(Skip::MalformedIp));
    let mut beyond = v4(6, 1, &whole, 400, whole.len());
    beyond[6..8].copy_from_slice(&0x1fff_u16.to_be_bytes());
    assert_eq!(bench.push(&beyond), Err(Skip::MalformedIp));
    assert_eq!(bench.push(&v6(6, 1, &whole, 0, 401)), Err(Skip::MalformedIp));
    assert_eq!(bench.push(&v6(6, 1, &whole, 0, 400)[..44]), Err(Skip::TruncatedIpHeader));
}

proptest! {
    #[test]
    fn any_parts_stay_under_the_bounds(
        parts in prop::collection::vec((0..4_u16, 0..60_usize, 1..60_usize, any::<bool>(), any::<bool>()), 1..200)
    ) {
        let whole = counted(1004);
        let limits = Limits { ip_fragments: 5000, ip_fragment_pieces: 8, ..Limits::default() };
        let mut bench = Bench::with(limits);
        for (id, from, len, is_v4, last) in parts {
            let end = if last { whole.len() } else { ((from + len) * 8).min(whole.len()) };
            let packet = if is_v4 { v4(6, id, &whole, from * 8, end) } else { v6(6, id.into(), &whole, from * 8, end) };
            let _ = bench.push(&packet);
            let held: usize = bench.0.fragments.waiting.values().map(|train| train.cost() + 256).sum();
            prop_assert_eq!(held, bench.0.fragments.held);
            prop_assert!(held <= 5000 + 1024 + 256);
        }
    }
}
