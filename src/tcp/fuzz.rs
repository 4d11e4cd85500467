//! The assembler beside a naive model that remembers every byte.

use crate::flow::{PacketRef, Stamp};
use crate::time::Timestamp;

use super::assembler::{Assembler, Bounds, Chunk, Output, Placement};

/// Bounds small enough for short inputs to reach them.
const BOUNDS: Bounds = Bounds { bytes: 200, pieces: 6 };

/// Bytes that lie before the start of the stream.
const BEFORE: i64 = 16;

/// Bytes of the longest stream.
const LONGEST: usize = 2048;

/// Plays `data` as operations of four bytes on an assembler and on its model.
///
/// # Panics
///
/// When what is delivered does not tile the stream, or is not the first copy of each byte.
pub fn tcp_assembler(data: &[u8]) {
    let mut pair = Pair { assembler: Assembler::default(), model: Model::new(), at: Stamp::default() };
    for &operation in data.as_chunks::<4>().0 {
        pair.apply(operation);
    }
    pair.finish();
}

struct Pair {
    assembler: Assembler,
    model: Model,
    at: Stamp,
}

impl Pair {
    /// The first byte tells what happens, the next two where, the last how much.
    fn apply(&mut self, [kind, high, low, len]: [u8; 4]) {
        let number = self.at.packet.packet() + 1;
        let time = self.at.time.as_nanos() + i64::from(kind >> 4) * 20_000_000;
        self.at = Stamp { packet: PacketRef::new(0, number), time: Timestamp::from_nanos(time) };
        let offset = i64::from(u16::from_be_bytes([high, low]) % 1024) - BEFORE;
        match kind % 8 {
            0..=5 => self.push(offset, usize::from(len % 64) + 1, kind),
            6 => {
                let Self { assembler, model, at } = self;
                assembler.acknowledged(offset, *at, &mut |output| model.told(&output));
            }
            _ => {
                let Self { assembler, model, at } = self;
                assembler.declare_acknowledged(*at, &mut |output| model.told(&output));
            }
        }
        self.check();
    }

    /// Most copies of a byte agree; those of kinds 4 and 5 do not. Kind 5 is cut by the snap length.
    fn push(&mut self, offset: i64, len: usize, kind: u8) {
        let byte = |at: i64| if kind % 8 < 4 { at as u8 } else { kind };
        let bytes: Vec<u8> = (0..len as i64).map(|index| byte(offset + index)).collect();
        let captured = if kind % 8 == 5 { &bytes[..len / 2] } else { &bytes };
        let chunk = Chunk { offset, bytes: captured, len: len as i64, at: self.at, acked: 0 };
        let known = self.model.place(&chunk);
        let Self { assembler, model, .. } = self;
        let placement = assembler.push(chunk, BOUNDS, &mut |output| model.told(&output));
        assert_eq!(placement.repeated, known.repeated);
        assert!(placement.differs != Some(true) || known.differs == Some(true), "{placement:?}, {known:?}");
    }

    fn finish(&mut self) {
        let Self { assembler, model, at } = self;
        assembler.finish(*at, &mut |output| model.told(&output));
        self.check();
        assert_eq!(self.assembler.held(), 0);
        let end = self.model.first.iter().rposition(|byte| *byte != Byte::Unseen).map_or(0, |last| last + 1);
        assert!(self.model.next >= end, "all that was seen is told");
    }

    fn check(&self) {
        assert_eq!(self.assembler.next(), self.model.next as i64);
        assert_eq!(self.assembler.held(), self.model.held());
        assert!(self.assembler.held() <= BOUNDS.bytes);
    }
}

/// What is known of one byte of the stream.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Byte {
    Unseen,
    /// Its first copy.
    Seen(u8),
    /// The snap length cut its first copy off.
    Cut,
}

/// Every byte of the stream, and how far it was told.
struct Model {
    first: Vec<Byte>,
    next: usize,
}

impl Model {
    fn new() -> Self {
        Self { first: vec![Byte::Unseen; LONGEST], next: 0 }
    }

    /// Remembers the bytes of `chunk` that are new, and tells how many are not.
    fn place(&mut self, chunk: &Chunk<'_>) -> Placement {
        let (mut repeated, mut differs) = (0, None);
        for index in 0..chunk.len {
            let byte = chunk.bytes.get(index as usize).map_or(Byte::Cut, |&byte| Byte::Seen(byte));
            let at = usize::try_from(chunk.offset + index);
            match at.ok().map(|at| (at < self.next, &mut self.first[at])) {
                Some((false, first @ Byte::Unseen)) => *first = byte,
                Some((_, &mut first)) => {
                    repeated += 1;
                    let compared = matches!((first, byte), (Byte::Seen(_), Byte::Seen(_)));
                    differs = differs.max(compared.then_some(first != byte));
                }
                None => repeated += 1,
            }
        }
        Placement { repeated, differs }
    }

    /// Asserts that what the assembler tells continues the stream with the first copy of each byte.
    fn told(&mut self, output: &Output<'_>) {
        match *output {
            Output::Bytes { offset, bytes, .. } => {
                assert_eq!(offset, self.next as i64, "the stream goes on without a step");
                assert!(!bytes.is_empty());
                for &byte in bytes {
                    assert_eq!(
                        self.first[self.next],
                        Byte::Seen(byte),
                        "the first copy of byte {}",
                        self.next
                    );
                    self.next += 1;
                }
            }
            Output::Gap { bytes, .. } => {
                assert!(bytes > 0);
                for _ in 0..bytes {
                    let byte = self.first[self.next];
                    assert!(!matches!(byte, Byte::Seen(_)), "byte {} is there: {byte:?}", self.next);
                    self.next += 1;
                }
            }
        }
    }

    /// Bytes that wait behind a hole.
    fn held(&self) -> usize {
        self.first[self.next..].iter().filter(|byte| matches!(byte, Byte::Seen(_))).count()
    }
}
