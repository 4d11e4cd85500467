//! The newest segments of a side, kept for two questions: is a segment the same packet captured
//! twice (`-i any` on a router, span ports in both directions, two interfaces of one host), and
//! which packet does an RST of the other side answer?

use std::hash::{Hash, Hasher};

use crate::decode::{Direction, Encapsulation, Segment, TcpFlags};
use crate::flow::Stamp;
use crate::time::Span;

use super::reset::Trigger;

/// Copies of one packet follow each other closely; TCP's own repeats wait for a round trip or more.
const NEAR: Span = Span::from_millis(5);

/// How many of a side's newest segments are kept.
const KEPT: usize = 4;

/// Digests of the newest segments, small enough to be compared with every further one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Digests {
    digests: [u32; KEPT],
    next: u8,
}

/// The newest segments themselves, looked at where a digest matches.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Newest {
    segments: [Option<Kept>; KEPT],
}

#[derive(Clone, Copy, Debug)]
struct Kept {
    at: Stamp,
    seq: u32,
    ack: u32,
    len: u32,
    window: u16,
    id: Option<u16>,
    ttl: u8,
    flags: TcpFlags,
    direction: Option<Direction>,
    around: u32,
}

/// What tells apart the places at which packets on their way are captured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    ttl: u8,
    direction: Option<Direction>,
    around: u32,
}

impl Place {
    /// Where `segment` was captured.
    pub(crate) fn of(segment: &Segment<'_>) -> Self {
        let around = around(segment.encapsulation);
        Self { ttl: segment.ip.ttl, direction: segment.direction, around }
    }
}

impl Digests {
    /// Whether `segment` is a copy of one of the `newest`; if not, it is kept among them.
    #[inline]
    pub(crate) fn is_copy(&mut self, newest: &mut Newest, segment: &Segment<'_>) -> bool {
        let digest = digest(segment);
        if self.digests.contains(&digest) && newest.has(segment) {
            return true;
        }
        let place = usize::from(self.next) % KEPT;
        self.digests[place] = digest;
        newest.segments[place] = Some(Kept::new(segment));
        self.next = (place as u8 + 1) % KEPT as u8;
        false
    }
}

impl Newest {
    /// The newest packet whose acknowledgement number is `seq`, for an RST seen at `at`.
    pub(crate) fn trigger(&self, seq: u32, at: Stamp) -> Option<Trigger> {
        let could = |kept: &&Kept| kept.ack == seq && !kept.flags.has(TcpFlags::RST);
        let newest = self.segments.iter().flatten().filter(could).max_by_key(|kept| kept.at.packet)?;
        let delay = at.time - newest.at.time;
        Some(Trigger { at: newest.at, delay, has_payload: newest.len > 0 })
    }

    /// Whether `segment` is a copy of a packet that was seen at another place.
    pub(crate) fn is_elsewhere(&self, segment: &Segment<'_>) -> bool {
        let given = Kept::new(segment);
        let mut known = self.segments.iter().flatten();
        known.any(|known| known.place() != given.place() && same_packet(known, &given))
    }

    /// Whether `segment` is a copy of a packet that was seen going the other way through the capturing host.
    pub(crate) fn crosses(&self, segment: &Segment<'_>) -> bool {
        let given = Kept::new(segment);
        let mut known = self.segments.iter().flatten();
        known.any(|known| other_direction(known, &given) && same_packet(known, &given))
    }

    #[cold]
    fn has(&self, segment: &Segment<'_>) -> bool {
        let given = Kept::new(segment);
        self.segments.iter().flatten().any(|known| same_packet(known, &given))
    }
}

impl Kept {
    #[inline]
    fn new(segment: &Segment<'_>) -> Self {
        Self {
            at: segment.at,
            seq: segment.seq,
            ack: segment.ack,
            len: segment.payload_len,
            window: segment.window,
            id: segment.ip.id,
            ttl: segment.ip.ttl,
            flags: segment.flags,
            direction: segment.direction,
            around: around(segment.encapsulation),
        }
    }

    const fn place(&self) -> Place {
        Place { ttl: self.ttl, direction: self.direction, around: self.around }
    }
}

/// A digest of the tags and tunnels around a packet; 0 where there are none.
#[inline]
fn around(encapsulation: &[Encapsulation]) -> u32 {
    if encapsulation.is_empty() { 0 } else { digest_of(encapsulation) }
}

#[cold]
fn digest_of(encapsulation: &[Encapsulation]) -> u32 {
    // FNV-1a: whoever chose tags that collide had his packets counted as sent again, no more.
    let mut hasher = Fnv(0x811c_9dc5);
    encapsulation.hash(&mut hasher);
    hasher.0
}

struct Fnv(u32);

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }

    fn finish(&self) -> u64 {
        self.0.into()
    }
}

/// Equal for equal segments; others are rarely equal.
#[inline]
fn digest(segment: &Segment<'_>) -> u32 {
    let flags = u32::from(segment.flags.0) << 24 | u32::from(segment.window);
    segment.seq ^ segment.ack.rotate_left(9) ^ segment.payload_len.rotate_left(19) ^ flags
}

fn same_packet(known: &Kept, given: &Kept) -> bool {
    let same_segment = known.seq == given.seq
        && known.ack == given.ack
        && known.len == given.len
        && known.flags == given.flags
        && known.window == given.window
        && known.id == given.id;
    same_segment && (given.at.time - known.at.time).abs() <= NEAR && seen_elsewhere(known, given)
}

/// A copy shows itself by another hop count, another direction, other tags or tunnels around it, or an
/// identification that a sender would not use again so soon.
fn seen_elsewhere(known: &Kept, given: &Kept) -> bool {
    let other_place = known.ttl != given.ttl || known.around != given.around;
    other_place || other_direction(known, given) || given.id.is_some_and(|id| id != 0)
}

fn other_direction(known: &Kept, given: &Kept) -> bool {
    matches!((known.direction, given.direction), (Some(before), Some(now)) if before != now)
}
