//! Each violation, and that parsing goes on behind it.

use super::*;

#[test]
fn one_each_and_parsing_goes_on() {
    let long_ping = server_frame(0x89, &[0; 126]);
    let cases: [(&[u8], Violation); 12] = [
        (b"\x81\x80\0\0\0\0", Violation::MaskedServerFrame),
        (b"\xc1\x00", Violation::ReservedBits),
        (b"\xa9\x00", Violation::ReservedBits),
        (b"\x83\x00", Violation::ReservedOpcode),
        (b"\x8b\x00", Violation::ReservedOpcode),
        (&long_ping, Violation::ControlTooLong),
        (b"\x09\x00", Violation::FragmentedControl),
        (b"\x80\x00", Violation::UnexpectedContinuation),
        (b"\x01\x00\x81\x00", Violation::MissingContinuation),
        (b"\x81\x7e\x00\x01a", Violation::NonMinimalLength),
        (b"\x81\x7f\0\0\0\0\0\0\xff\xff", Violation::NonMinimalLength),
        (b"\x81\x7e\x00\x7d", Violation::NonMinimalLength),
    ];
    for (bytes, kind) in cases {
        let seen = Bench::server().push(bytes).push(&vec![0; 65_535]).finish();
        assert_eq!(violations(&seen).first(), Some(&kind));
        let alone = Bench::server().push(bytes).finish();
        assert_eq!(violations(&alone), [kind]);
    }
}

#[test]
fn unmasked_client_frame() {
    let seen = Bench::client().push(b"\x81\x00").push(&client_frame(0x81, b"a", KEY)).finish();
    let unmasked = Seen::Violation(Violation::UnmaskedClientFrame);
    assert_eq!(seen, [unmasked, frame(Opcode::TEXT, 0), frame(Opcode::TEXT, 1)]);
}

#[test]
fn close_bodies() {
    let cases: [(&[u8], &[Violation]); 9] = [
        (b"", &[]),
        (b"\x03\xe8", &[]),
        (b"\x0f\xa0bye", &[]),
        (b"\x03", &[Violation::CloseOneByte]),
        (b"\x03\xed", &[Violation::BadCloseCode]),
        (b"\x00\x00", &[Violation::BadCloseCode]),
        (b"\x03\xe8\xff", &[Violation::BadCloseUtf8]),
        (b"\x03\xe8\xe2\x82", &[Violation::BadCloseUtf8]),
        (b"\x03\xee\xff", &[Violation::BadCloseCode, Violation::BadCloseUtf8]),
    ];
    for (body, kinds) in cases {
        let seen = Bench::server().push(&server_frame(0x88, body)).finish();
        assert_eq!(violations(&seen), kinds);
        assert_eq!(seen.last(), Some(&control(Opcode::CLOSE, body)));
    }
}

#[test]
fn a_long_close_keeps_its_beginning() {
    let body = [b"\x03\xe8", "é".repeat(100).as_bytes()].concat();
    let seen = Bench::server().push(&server_frame(0x88, &body)).finish();
    assert_eq!(violations(&seen), [Violation::ControlTooLong]);
    let kept =
        Seen::Frame { opcode: Opcode::CLOSE, fin: true, len: 202, missing: 0, kept: body[..125].to_vec() };
    assert_eq!(seen[1], kept);
}

#[test]
fn data_after_close() {
    let seen = Bench::server().push(b"\x88\x00\x81\x00\x88\x00").finish();
    assert_eq!(violations(&seen), [Violation::DataAfterClose; 2]);
}

#[test]
fn control_frames_may_come_between_fragments() {
    let seen = Bench::server().push(b"\x01\x01a\x89\x00\x00\x01b\x80\x00\x81\x00").finish();
    assert_eq!(violations(&seen), []);
}

#[test]
fn compression_marks_first_frames_only() {
    let reader = Reader::new(Side::Server, ReservedBits::RSV1, &Limits::default());
    let seen = Bench::new(reader).push(b"\x41\x01a\xc0\x00\xc9\x00\xd1\x00\xc2\x00").finish();
    assert_eq!(violations(&seen), [Violation::ReservedBits; 3]);
}

#[test]
fn an_impossible_length_ends_framing() {
    let close = server_frame(0x88, b"\x03\xe8bye");
    let bytes = b"\x82\x7f\x80\0\0\0\0\0\0\0\xffabc";
    let seen = Bench::server().push(bytes).push(&close).finish();
    let expected = [
        Seen::Violation(Violation::LengthTooLarge),
        Seen::Unparsed { bytes: 14, missing: 0, why: GapReason::BadLength },
        Seen::Resynced,
        control(Opcode::CLOSE, b"\x03\xe8bye"),
    ];
    assert_eq!(seen, expected);
}
