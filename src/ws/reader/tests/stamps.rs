//! The packets of a frame.

use super::*;

#[test]
fn a_frame_names_its_first_and_its_latest_packet() {
    let mut reader = Reader::new(Side::Server, ReservedBits::NONE, &Limits::default());
    let mut seen = Vec::new();
    let mut sink = |event: Event<'_>| {
        if let Event::Frame(frame) = event {
            seen.push((frame.first.packet.packet(), frame.at.packet.packet()));
        }
    };
    // Packet 9 fills a hole that packet 4 was held back for.
    for (bytes, packet) in [(&b"\x81"[..], 3), (b"\x02a", 9), (b"b\x81\x00\x81", 4), (b"\x00", 5)] {
        reader.push(bytes, stamp(packet), &mut sink);
    }
    assert_eq!(seen, [(3, 9), (4, 4), (4, 5)]);
}
