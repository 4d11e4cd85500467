//! Holes within and between frames.

use super::*;

#[test]
fn inside_a_payload_framing_goes_on() {
    let bytes = server_frame(0x82, &[7; 300]);
    let seen = Bench::server().push(&bytes[..50]).gap(100).push(&bytes[150..]).push(b"\x89\x00").finish();
    let data = Seen::Frame { opcode: Opcode::BINARY, fin: true, len: 300, missing: 100, kept: vec![] };
    assert_eq!(seen, [data, control(Opcode::PING, b"")]);
}

#[test]
fn up_to_a_payloads_end_framing_goes_on() {
    let bytes = server_frame(0x82, &[7; 300]);
    let seen = Bench::server().push(&bytes[..50]).gap(254).push(b"\x89\x00").finish();
    let data = Seen::Frame { opcode: Opcode::BINARY, fin: true, len: 300, missing: 254, kept: vec![] };
    assert_eq!(seen, [data, control(Opcode::PING, b"")]);
}

#[test]
fn a_close_without_its_code_says_so() {
    let mut reader = Reader::new(Side::Server, ReservedBits::NONE, &Limits::default());
    let mut closes = Vec::new();
    let mut sink = |event: Event<'_>| {
        if let Event::Frame(frame) = event {
            let close = frame.close().unwrap();
            closes.push((close.code.map(|code| code.0), close.captured, frame.missing));
        }
    };
    reader.push(b"\x88\x05", stamp(1), &mut sink);
    reader.gap(5, GapReason::Snaplen, stamp(1), &mut sink);
    reader.push(b"\x88\x05\x03\xe8b", stamp(2), &mut sink);
    reader.gap(2, GapReason::Snaplen, stamp(2), &mut sink);
    reader.push(b"\x88\x00", stamp(3), &mut sink);
    assert_eq!(closes, [(None, false, 5), (Some(1000), false, 2), (None, true, 0)]);
}

#[test]
fn beyond_a_payload_framing_is_lost() {
    let bytes = server_frame(0x82, &[7; 300]);
    let seen = Bench::server().push(&bytes[..50]).gap(256).push(b"\x81\x05Hello").finish();
    let data = Seen::Frame { opcode: Opcode::BINARY, fin: true, len: 300, missing: 254, kept: vec![] };
    let lost = Seen::Unparsed { bytes: 7, missing: 2, why: GapReason::CaptureGap };
    assert_eq!(seen, [data, lost]);
}

#[test]
fn a_header_cut_by_a_hole_is_unparsed() {
    let seen = Bench::server().push(b"\x81\x00\x81\x7e").gap(9).finish();
    let lost = Seen::Unparsed { bytes: 2, missing: 9, why: GapReason::CaptureGap };
    assert_eq!(seen, [frame(Opcode::TEXT, 0), lost]);
}

#[test]
fn frames_are_found_again_at_a_chunk() {
    let first = client_frame(0x81, b"hello", KEY);
    let second = client_frame(0x82, &[1; 200], KEY);
    let seen = Bench::client().gap(9).push(&first).push(&second).push(b"\x8a\x80abcd").finish();
    let lost = Seen::Unparsed { bytes: 0, missing: 9, why: GapReason::CaptureGap };
    let frames = [frame(Opcode::TEXT, 5), frame(Opcode::BINARY, 200), control(Opcode::PONG, b"")];
    assert_eq!(seen, [&[lost, Seen::Resynced][..], &frames].concat());
}

#[test]
fn a_lone_close_or_ping_is_found_again() {
    let bodies: [(&[u8], &[u8]); 3] =
        [(b"\x88\x02\x03\xe9", b"\x03\xe9"), (b"\x88\x06\x03\xf3boom", b"\x03\xf3boom"), (b"\x89\x00", b"")];
    for (bytes, body) in bodies {
        let seen = Bench::server().gap(9).push(bytes).finish();
        let opcode = Opcode::from_bits(bytes[0]);
        assert_eq!(seen[1..], [Seen::Resynced, control(opcode, body)]);
    }
}

#[test]
fn frames_are_found_again_inside_a_chunk() {
    let tail = [0x41; 100];
    let frames = client_frame(0x81, &[0x20; 30], KEY).repeat(6);
    let seen = Bench::client().gap(9).push(&[&tail[..], &frames].concat()).finish();
    // The first frame proves too little among so many places: a phantom may lead into a chain.
    let lost = Seen::Unparsed { bytes: 136, missing: 9, why: GapReason::CaptureGap };
    assert_eq!(seen[..2], [lost, Seen::Resynced]);
    assert_eq!(seen[2..], vec![frame(Opcode::TEXT, 30); 5]);
}

#[test]
fn packets_cut_by_the_snap_length_form_a_chain() {
    let mut bench = Bench::server().gap(50);
    for len in [200, 300, 250] {
        bench = bench.push(&server_frame(0x82, &vec![7; len])[..40]).gap(len as u64 + 4 - 40);
    }
    let seen = bench.finish();
    let opcodes = seen.iter().filter(|seen| matches!(seen, Seen::Frame { .. })).count();
    assert_eq!(opcodes, 3, "{seen:?}");
}

#[test]
fn a_chain_that_breaks_soon_is_doubted() {
    let seen = Bench::server().gap(9).push(b"\x88\x02\x03\xe9").push(b"plain text").finish();
    let lost = Seen::Unparsed { bytes: 10, missing: 0, why: GapReason::CaptureGap };
    assert_eq!(seen[1..], [Seen::Resynced, control(Opcode::CLOSE, b"\x03\xe9"), lost]);
}

#[test]
fn text_and_zeros_are_not_taken_for_frames() {
    for byte in [0x00, 0x01, 0x20, 0x41, 0x80, 0x81, 0x82, 0x88, 0xff] {
        let mut bench = Bench::server().gap(9);
        for _ in 0..20 {
            bench = bench.push(&[byte; 1448]);
        }
        let seen = bench.finish();
        assert_eq!(seen.len(), 1, "{byte:#x}: {seen:?}");
    }
}
