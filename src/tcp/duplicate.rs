//! The same packet captured twice: `-i any` on a router, span ports in both directions, two
//! interfaces of one host.

use crate::decode::{Direction, Segment, TcpFlags};
use crate::time::{Span, Timestamp};

/// Copies of one packet follow each other closely; TCP's own repeats wait for a round trip or more.
const NEAR: Span = Span::from_millis(5);

/// How many of a side's newest segments are compared.
const COMPARED: usize = 4;

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Fingerprint {
    seq: u32,
    ack: u32,
    len: u32,
    window: u16,
    flags: TcpFlags,
    id: Option<u16>,
    ttl: u8,
    direction: Option<Direction>,
    time: Timestamp,
}

/// The newest segments of one side.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Duplicates {
    newest: [Fingerprint; COMPARED],
    next: u8,
}

impl Duplicates {
    /// Whether `segment` is a copy of one that was seen just before; if not, it is remembered.
    pub(crate) fn is_copy(&mut self, segment: &Segment<'_>) -> bool {
        let given = Fingerprint {
            seq: segment.seq,
            ack: segment.ack,
            len: segment.payload_len,
            window: segment.window,
            flags: segment.flags,
            id: segment.ip.id,
            ttl: segment.ip.ttl,
            direction: segment.direction,
            time: segment.at.time,
        };
        if self.newest.iter().any(|known| same_packet(known, &given)) {
            return true;
        }
        self.newest[usize::from(self.next)] = given;
        self.next = (self.next + 1) % COMPARED as u8;
        false
    }
}

fn same_packet(known: &Fingerprint, given: &Fingerprint) -> bool {
    let same_segment = known.seq == given.seq
        && known.ack == given.ack
        && known.len == given.len
        && known.flags == given.flags
        && known.window == given.window
        && known.id == given.id;
    same_segment && (given.time - known.time).abs() <= NEAR && seen_elsewhere(known, given)
}

/// A copy shows itself by another hop count, another direction, or an identification that a sender
/// would not use again so soon.
fn seen_elsewhere(known: &Fingerprint, given: &Fingerprint) -> bool {
    let other_direction = match (known.direction, given.direction) {
        (Some(before), Some(now)) => before != now,
        _ => false,
    };
    known.ttl != given.ttl || other_direction || given.id.is_some_and(|id| id != 0)
}
