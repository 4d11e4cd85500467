//! Readers that start within a connection.

use super::*;

#[test]
fn starts_with_the_first_frame() {
    let bench = Bench::new(Reader::midstream(Side::Client, &Limits::default()));
    let bytes = client_frame(0xc1, &[5; 20], KEY);
    let seen = bench.push(&bytes).push(&bytes).push(&bytes).finish();
    assert_eq!(seen[0], Seen::Resynced);
    assert_eq!(seen[1..], vec![frame(Opcode::TEXT, 20); 3]);
}

#[test]
fn what_cannot_be_read_is_counted() {
    let bench = Bench::new(Reader::midstream(Side::Server, &Limits::default()));
    let seen = bench.push(b"tail of a message").finish();
    let lost = Seen::Unparsed { bytes: 17, missing: 0, why: GapReason::StartedMidstream };
    assert_eq!(seen, [lost]);
}

#[test]
fn an_unknown_message_may_go_on() {
    let bench = Bench::new(Reader::midstream(Side::Server, &Limits::default()));
    let seen = bench.push(b"\x80\x02ab\x89\x00\x81\x02ab\x88\x02\x03\xe8").finish();
    assert_eq!(violations(&seen), []);
    assert_eq!(seen.len(), 5);
}
