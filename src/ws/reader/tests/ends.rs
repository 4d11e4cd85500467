//! What the end of a stream leaves unfinished.

use super::*;

#[test]
fn an_unfinished_frame_is_told() {
    let seen = Bench::server().push(b"\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xffabc").finish();
    let missing = (1 << 63) - 1 - 3;
    let unfinished = Seen::Unfinished { opcode: Opcode::BINARY, len: (1 << 63) - 1, missing };
    assert_eq!(seen, [unfinished]);
}

#[test]
fn an_unfinished_header_is_told() {
    let seen = Bench::server().push(b"\x82").finish();
    assert_eq!(seen, [Seen::Unparsed { bytes: 1, missing: 0, why: GapReason::StreamEnd }]);
}
