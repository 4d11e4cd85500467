//! The examples of RFC 6455 §5.7.

use super::*;

#[test]
fn unmasked_text() {
    let seen = Bench::server().push(b"\x81\x05Hello").finish();
    assert_eq!(seen, [frame(Opcode::TEXT, 5)]);
}

#[test]
fn masked_text() {
    let seen = Bench::client().push(b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58").finish();
    assert_eq!(seen, [frame(Opcode::TEXT, 5)]);
}

#[test]
fn fragmented_text() {
    let seen = Bench::server().push(b"\x01\x03Hel\x80\x02lo").finish();
    assert_eq!(seen, [fragment(Opcode::TEXT, 3), frame(Opcode::CONTINUATION, 2)]);
}

#[test]
fn ping_and_masked_pong() {
    let ping = Bench::server().push(b"\x89\x05Hello").finish();
    assert_eq!(ping, [control(Opcode::PING, b"Hello")]);
    let pong = Bench::client().push(b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58").finish();
    assert_eq!(pong, [control(Opcode::PONG, b"Hello")]);
}

#[test]
fn longer_lengths() {
    for len in [0, 125, 126, 256, 65_535, 65_536] {
        let seen = Bench::server().push(&server_frame(0x82, &vec![0; len])).finish();
        assert_eq!(seen, [frame(Opcode::BINARY, len as u64)]);
    }
}
