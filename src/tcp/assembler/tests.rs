//! The assembler, chunk by chunk.

use super::*;
use crate::flow::PacketRef;
use crate::time::Timestamp;

const BOUNDS: Bounds = Bounds { bytes: 1000, pieces: 8 };

fn stamp(packet: u64) -> Stamp {
    Stamp { packet: PacketRef::new(0, packet), time: Timestamp::from_nanos(packet as i64) }
}

fn chunk(offset: i64, bytes: &[u8], packet: u64) -> Chunk<'_> {
    Chunk { offset, bytes, len: bytes.len() as i64, at: stamp(packet), acked: 0 }
}

/// An assembler that writes what it gives: bytes as they are, `_` for each missing one.
#[derive(Default)]
struct Case {
    assembler: Assembler,
    text: String,
    carriers: Vec<u64>,
}

impl Case {
    fn run(&mut self, step: impl FnOnce(&mut Assembler, &mut dyn FnMut(Output<'_>))) {
        let Self { assembler, text, carriers } = self;
        step(assembler, &mut |output| match output {
            Output::Bytes { bytes, at, .. } => {
                text.push_str(std::str::from_utf8(bytes).unwrap());
                carriers.push(at.packet.packet());
            }
            Output::Gap { bytes, .. } => text.push_str(&"_".repeat(bytes as usize)),
        });
    }

    fn push(&mut self, offset: i64, bytes: &str, packet: u64) -> Placement {
        let mut placement = Placement::default();
        self.run(|assembler, sink| {
            placement = assembler.push(chunk(offset, bytes.as_bytes(), packet), BOUNDS, &mut |o| sink(o));
        });
        placement
    }

    fn finish(&mut self) -> &str {
        self.run(|assembler, sink| assembler.finish(stamp(99), &mut |o| sink(o)));
        &self.text
    }
}

#[test]
fn in_order_passes_through() {
    let mut case = Case::default();
    case.push(0, "ab", 1);
    case.push(2, "cd", 2);
    assert_eq!(case.finish(), "abcd");
}

#[test]
fn late_bytes_close_the_hole_and_keep_their_packets() {
    let mut case = Case::default();
    case.push(2, "cd", 1);
    case.push(4, "ef", 2);
    assert_eq!(case.push(0, "ab", 3), Placement::default());
    assert_eq!((case.text.as_str(), case.carriers.as_slice()), ("abcdef", [3, 1, 2].as_slice()));
    assert_eq!(case.assembler.held(), 0);
}

#[test]
fn overlaps_keep_the_first_copy() {
    let mut case = Case::default();
    case.push(0, "abcd", 1);
    let placement = case.push(2, "cdEF", 2);
    assert_eq!(placement, Placement { repeated: 2, differs: Some(false) });
    assert_eq!(case.push(4, "xx", 3), Placement { repeated: 2, differs: Some(true) });
    assert_eq!(case.finish(), "abcdEF");
}

#[test]
fn overlaps_beyond_a_hole_keep_the_first_copy_too() {
    let mut case = Case::default();
    case.push(4, "ef", 1);
    let placement = case.push(2, "cdXXgh", 2);
    assert_eq!((placement.repeated, placement.differs), (2, Some(true)));
    case.push(0, "ab", 3);
    assert_eq!(case.finish(), "abcdefgh");
}

#[test]
fn what_fills_a_hole_leaves_held_bytes_alone() {
    let mut case = Case::default();
    case.push(2, "cd", 1);
    case.push(6, "gh", 2);
    let placement = case.push(0, "abXXefYYij", 3);
    assert_eq!((placement.repeated, placement.differs), (4, Some(true)));
    assert_eq!((case.text.as_str(), case.carriers.as_slice()), ("abcdefghij", [3, 1, 3, 2, 3].as_slice()));
}

#[test]
fn a_hole_is_declared_after_the_peer_acknowledged_past_it() {
    let mut case = Case::default();
    case.push(0, "ab", 1);
    case.push(4, "ef", 2);
    for _ in 0..=GRACE_SEGMENTS {
        assert_eq!(case.text, "ab");
        case.run(|assembler, sink| assembler.acknowledged(6, stamp(3), &mut |o| sink(o)));
    }
    assert_eq!(case.text, "ab__ef");
}

#[test]
fn a_hole_is_told_of_where_the_bytes_after_it_were_seen() {
    let mut assembler = Assembler::default();
    let mut gaps = Vec::new();
    let mut note = |output: Output<'_>| {
        if let Output::Gap { bytes, at, .. } = output {
            gaps.push((bytes, at.packet.packet()));
        }
    };
    assembler.push(chunk(2, b"cd", 1), BOUNDS, &mut note);
    assembler.push(chunk(7, b"hi", 2), BOUNDS, &mut note);
    for packet in 3..=4 + u64::from(GRACE_SEGMENTS) {
        assembler.acknowledged(4, stamp(packet), &mut note);
    }
    assembler.finish(stamp(99), &mut note);
    assert_eq!(gaps, [(2, 1), (3, 2)]);
}

#[test]
fn a_packet_cut_by_the_snap_length_leaves_a_gap() {
    let mut case = Case::default();
    let cut = Chunk { len: 5, ..chunk(0, b"abc", 1) };
    case.run(|assembler, sink| {
        assembler.push(cut, BOUNDS, &mut |o| sink(o));
    });
    case.push(5, "fg", 2);
    assert_eq!(case.finish(), "abc__fg");
}

#[test]
fn the_bound_on_pieces_declares_the_hole() {
    let mut case = Case::default();
    for piece in 0..9_i64 {
        case.push(2 + piece * 2, "x", 1);
    }
    assert_eq!(case.text, "__x");
    assert!(case.assembler.pieces.len() <= BOUNDS.pieces);
}

#[test]
fn what_lies_before_the_start_is_a_repeat() {
    let mut case = Case::default();
    case.push(0, "ab", 1);
    let placement = case.push(-4, "wxyz", 2);
    assert_eq!((placement.repeated, placement.differs), (4, None));
    assert_eq!(case.finish(), "ab");
}

#[test]
fn a_stream_may_start_before_what_was_acknowledged_of_it() {
    let mut case = Case::default();
    assert!(case.assembler.start_at(-6));
    case.push(-6, "first ", 1);
    case.push(0, "second", 2);
    assert_eq!(case.text, "first second");
    assert!(!case.assembler.start_at(-20), "bytes of it were seen");
    case.push(-20, "too late", 3);
    assert_eq!(case.text, "first second");
    let mut held = Case::default();
    held.push(9, "behind", 1);
    assert!(!held.assembler.start_at(-1), "bytes of it are held");
}
