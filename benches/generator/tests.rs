//! Tests of the capture generator. They stand apart because a `cargo bench` target cannot hold any.

#[path = "mod.rs"]
mod generator;

use generator::profile::{self, PROFILES, Profile};

mod numbers {
    use crate::generator::rng::Rng;

    #[test]
    fn the_seed_decides_the_sequence() {
        let draw = |seed| {
            let mut rng = Rng::new(seed);
            [rng.next(), rng.next(), rng.next()]
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn draws_stay_inside_their_bounds() {
        let mut rng = Rng::new(7);
        for _ in 0..1000 {
            assert!(rng.below(3) < 3);
            assert!((5..=6).contains(&rng.between(5, 6)));
            assert!(rng.wait(100) <= 800);
            assert_ne!(rng.weighted(&[1, 0, 1]), 1);
        }
    }
}

mod frames {
    use crate::generator::frame::{Opcode, header, payload};

    #[test]
    fn the_masked_hello_of_the_rfc() {
        let key = Some([0x37, 0xfa, 0x21, 0x3d]);
        let mut out = Vec::new();
        header(&mut out, Opcode::Text, true, 5, key);
        payload(&mut out, b"Hel", 0, key);
        payload(&mut out, b"lo", 3, key);
        assert_eq!(out, [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
    }

    #[test]
    fn all_three_length_forms() {
        let size = |length| {
            let mut out = Vec::new();
            header(&mut out, Opcode::Binary, true, length, None);
            out.len()
        };
        assert_eq!([size(125), size(126), size(65_535), size(65_536)], [2, 4, 4, 10]);
    }
}

mod witnessing {
    use crate::generator::packet::ACK;
    use crate::generator::record::Close;
    use crate::generator::segment::{Segment, Side};
    use crate::generator::witness::{What, Witness};

    fn segment(from: Side, seq: u64, length: usize, ack: u64) -> Segment {
        let payload = vec![0; length];
        Segment { at: 0, from, flags: ACK, seq, ack, id: 0, window: 0, stamps: (0, 0), sack: None, payload }
    }

    fn close_at(start: u64, end: u64) -> Witness {
        let mut witness = Witness::new();
        let close = Close { from: Side::Client, code: None, reason: None, packet: None, delivered: None };
        witness.record.closes.push(close);
        witness.mark(Side::Client, start, end, What::Close(0));
        witness
    }

    #[test]
    fn a_frame_before_its_predecessor_is_carried_first_and_delivered_later() {
        let mut witness = close_at(11, 15);
        witness.see(&segment(Side::Client, 11, 4, 1), 7);
        witness.see(&segment(Side::Client, 1, 10, 1), 8);
        let close = &witness.record.closes[0];
        assert_eq!((close.packet, close.delivered), (Some(7), Some(8)));
    }

    #[test]
    fn an_acknowledged_hole_is_missing_and_takes_its_frame_along() {
        let mut witness = close_at(3, 7);
        witness.see(&segment(Side::Client, 6, 5, 1), 1);
        witness.see(&segment(Side::Server, 1, 0, 11), 2);
        witness.see(&segment(Side::Client, 1, 5, 1), 3);
        assert_eq!(witness.record.missing_bytes, [5, 0]);
        assert_eq!(witness.record.closes[0].packet, None);
    }
}

/// A small capture of `profile` with its truth.
fn made(profile: Profile, seed: u64) -> (Vec<u8>, serde_json::Value) {
    let (mut capture, mut truth) = (Vec::new(), Vec::new());
    let profile = Profile { open: 20, ..profile };
    let summary = generator::generate(profile, 500_000, seed, &mut capture, &mut truth).unwrap();
    let truth: serde_json::Value = serde_json::from_slice(&truth).unwrap();
    let totals = &truth["totals"];
    assert_eq!(totals["packets"], summary.packets);
    assert_eq!(totals["bytes"], summary.bytes);
    assert_eq!(totals["tcp_connections"], summary.tcp_connections);
    assert_eq!(totals["websockets"], summary.websockets);
    (capture, truth)
}

/// The times and the bytes of the packets of a capture.
fn packets(capture: &[u8]) -> Vec<(u64, &[u8])> {
    let number = |at: usize| u64::from(u32::from_le_bytes(capture[at..at + 4].try_into().unwrap()));
    let (mut packets, mut at) = (Vec::new(), 24);
    while at < capture.len() {
        let length = number(at + 8) as usize;
        packets.push((number(at) * 1_000_000 + number(at + 4), &capture[at + 16..at + 16 + length]));
        at += 16 + length;
    }
    packets
}

/// True if the transport checksum of an IP packet is right.
fn checksum_holds(packet: &[u8]) -> bool {
    let (addresses, transport, protocol) = match packet[12] {
        8 => (&packet[26..34], &packet[34..], packet[23]),
        _ => (&packet[22..54], &packet[54..], packet[20]),
    };
    let length = (transport.len() as u32).to_be_bytes();
    let bytes = [addresses, &length, &[0, protocol], transport, &[0]].concat();
    let pairs = bytes.chunks_exact(2).map(|pair| u64::from(u16::from_be_bytes([pair[0], pair[1]])));
    pairs.sum::<u64>().is_multiple_of(0xffff)
}

#[test]
fn every_profile_makes_valid_packets_in_time_order() {
    for profile in PROFILES {
        let (capture, truth) = made(profile, 1);
        let packets = packets(&capture);
        assert_eq!(truth["totals"]["packets"], packets.len(), "{}", profile.name);
        assert_eq!(truth["totals"]["bytes"], capture.len(), "{}", profile.name);
        assert!(!profile.about.is_empty());
        assert!(packets.is_sorted_by_key(|packet| packet.0), "{}", profile.name);
        let mut with_ip = packets.iter().filter(|packet| packet.1[12..14] != [8, 6]);
        assert!(with_ip.all(|packet| checksum_holds(packet.1)), "{}", profile.name);
    }
}

#[test]
fn the_seed_decides_the_capture() {
    let profile = profile::named("lossy").unwrap();
    assert_eq!(made(profile, 3), made(profile, 3));
    assert_ne!(made(profile, 3).0, made(profile, 4).0);
}

#[test]
fn the_totals_are_the_sums_of_the_connections() {
    for profile in PROFILES {
        let (_, truth) = made(profile, 2);
        let connections = truth["connections"].as_array().unwrap();
        for side in ["client", "server"] {
            for column in ["text", "binary", "continuation", "ping", "pong", "close", "payload_bytes"] {
                let sum: u64 = connections.iter().map(|c| c["frames"][side][column].as_u64().unwrap()).sum();
                assert_eq!(truth["totals"]["frames"][side][column], sum);
            }
        }
    }
}

#[test]
fn nothing_is_missing_unless_packets_are_dropped() {
    for profile in PROFILES.into_iter().filter(|profile| profile.missing == 0.0) {
        let (_, truth) = made(profile, 5);
        for connection in truth["connections"].as_array().unwrap() {
            assert_eq!(connection["missing_bytes"]["client"], 0, "{}: {connection}", profile.name);
            assert_eq!(connection["missing_bytes"]["server"], 0, "{}: {connection}", profile.name);
            let closes = connection["close_frames"].as_array().unwrap();
            assert!(closes.iter().all(|close| close["delivered_packet"].is_number()), "{connection}");
        }
    }
}

#[test]
fn dropped_packets_leave_their_mark() {
    let (_, truth) = made(profile::named("dropped").unwrap(), 6);
    assert!(truth["totals"]["missing_packets"].as_u64().unwrap() > 0);
    let connections = truth["connections"].as_array().unwrap();
    assert!(connections.iter().any(|c| c["missing_bytes"]["server"].as_u64().unwrap() > 0));
}
