mod ends;
mod examples;
mod gaps;
mod midstream;
mod properties;
mod stamps;
mod violation;

use super::*;
use crate::flow::PacketRef;
use crate::time::Timestamp;
use crate::ws::{Frame, Opcode, Violation};

/// What tests compare of an event: all but the stamps, with the payload owned.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Seen {
    Frame { opcode: Opcode, fin: bool, len: u64, missing: u64, kept: Vec<u8> },
    Unfinished { opcode: Opcode, len: u64, missing: u64 },
    Violation(Violation),
    Unparsed { bytes: u64, missing: u64, why: GapReason },
    Resynced,
}

impl Seen {
    fn of(event: &Event<'_>) -> Self {
        match event {
            Event::Frame(frame) => Self::frame(frame),
            Event::Unfinished(frame) => Self::Unfinished {
                opcode: frame.header.opcode,
                len: frame.header.payload_len,
                missing: frame.missing,
            },
            Event::Violation { kind, .. } => Self::Violation(*kind),
            Event::Unparsed { bytes, missing, why, .. } => {
                Self::Unparsed { bytes: *bytes, missing: *missing, why: *why }
            }
            Event::Resynced { .. } => Self::Resynced,
        }
    }

    fn frame(frame: &Frame<'_>) -> Self {
        Self::Frame {
            opcode: frame.header.opcode,
            fin: frame.header.fin,
            len: frame.header.payload_len,
            missing: frame.missing,
            kept: frame.control_payload().unwrap_or_default().to_vec(),
        }
    }
}

fn stamp(packet: u64) -> Stamp {
    Stamp { packet: PacketRef::new(0, packet), time: Timestamp::from_nanos(packet as i64) }
}

/// A reader that remembers what it told.
struct Bench {
    reader: Reader,
    packet: u64,
    seen: Vec<Seen>,
}

impl Bench {
    fn new(reader: Reader) -> Self {
        Self { reader, packet: 0, seen: Vec::new() }
    }

    fn client() -> Self {
        Self::new(Reader::new(Side::Client, ReservedBits::NONE, &Limits::default()))
    }

    fn server() -> Self {
        Self::new(Reader::new(Side::Server, ReservedBits::NONE, &Limits::default()))
    }

    fn push(mut self, bytes: &[u8]) -> Self {
        self.packet += 1;
        let seen = &mut self.seen;
        self.reader.push(bytes, stamp(self.packet), &mut |event| seen.push(Seen::of(&event)));
        self
    }

    fn gap(mut self, bytes: u64) -> Self {
        self.packet += 1;
        let seen = &mut self.seen;
        let mut sink = |event: Event<'_>| seen.push(Seen::of(&event));
        self.reader.gap(bytes, GapReason::CaptureGap, stamp(self.packet), &mut sink);
        self
    }

    fn finish(mut self) -> Vec<Seen> {
        let seen = &mut self.seen;
        self.reader.finish(&mut |event| seen.push(Seen::of(&event)));
        self.seen
    }
}

fn frame(opcode: Opcode, len: u64) -> Seen {
    Seen::Frame { opcode, fin: true, len, missing: 0, kept: Vec::new() }
}

fn control(opcode: Opcode, kept: &[u8]) -> Seen {
    Seen::Frame { opcode, fin: true, len: kept.len() as u64, missing: 0, kept: kept.to_vec() }
}

fn fragment(opcode: Opcode, len: u64) -> Seen {
    Seen::Frame { opcode, fin: false, len, missing: 0, kept: Vec::new() }
}

/// An unmasked frame with a minimal length.
fn server_frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        len @ 0..=125 => bytes.push(len as u8),
        len @ 126..=0xffff => {
            bytes.push(126);
            bytes.extend((len as u16).to_be_bytes());
        }
        len => {
            bytes.push(127);
            bytes.extend((len as u64).to_be_bytes());
        }
    }
    bytes.extend(payload);
    bytes
}

/// A masked frame with a minimal length.
fn client_frame(first: u8, payload: &[u8], key: [u8; 4]) -> Vec<u8> {
    let mut bytes = server_frame(first, payload);
    let at = bytes.len() - payload.len();
    bytes[1] |= 0x80;
    crate::ws::unmask(&mut bytes[at..], key, 0);
    bytes.splice(at..at, key);
    bytes
}

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

fn violations(seen: &[Seen]) -> Vec<Violation> {
    let kinds = seen.iter().filter_map(|seen| match seen {
        Seen::Violation(kind) => Some(*kind),
        _ => None,
    });
    kinds.collect()
}

#[test]
fn every_hole_in_a_stream_of_frames() {
    let sent: Vec<Vec<u8>> = [
        client_frame(0x81, b"{\"type\":\"subscribe\"}", KEY),
        client_frame(0x89, b"", [9, 8, 7, 6]),
        client_frame(0x82, &(0..=255).collect::<Vec<u8>>(), [0x81, 0x82, 0x88, 0x89]),
        client_frame(0x01, b"frag", KEY),
        client_frame(0x80, b"ment", KEY),
        client_frame(0x8a, b"pong", KEY),
        client_frame(0x88, b"\x03\xe8done", KEY),
    ]
    .to_vec();
    let stream = sent.concat();
    let whole = Bench::client().push(&stream).finish();
    for start in 0..stream.len() {
        for end in start + 1..=stream.len() {
            let bench = Bench::client().push(&stream[..start]).gap((end - start) as u64);
            let seen = bench.push(&stream[end..]).finish();
            for frame in seen.iter().filter(|seen| matches!(seen, Seen::Frame { missing: 0, .. })) {
                assert!(whole.contains(frame), "hole {start}..{end}: {frame:?}");
            }
        }
    }
}
