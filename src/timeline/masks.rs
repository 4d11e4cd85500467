//! The masking keys of a client's first frames: proxies pass them on unchanged, so they tell that two
//! connections carry the same session where no key of an upgrade does.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;
use crate::ws::Header;

/// Frames that are remembered.
const KEPT: usize = 4;

/// Fewer frames are no proof.
const FEWEST: usize = 2;

/// The masking keys, opcodes and lengths of a client's first frames.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Masks {
    prints: [u64; KEPT],
    count: usize,
    first: Timestamp,
}

impl Masks {
    /// The client sent a frame; tells whether the next ones are wanted as well.
    pub(crate) fn frame(&mut self, header: &Header, at: Timestamp) -> bool {
        // Some clients mask with zeros, which is as good as no mask.
        let Some(mask) = header.mask.map(u32::from_be_bytes).filter(|mask| *mask != 0) else { return true };
        if self.count == 0 {
            self.first = at;
        }
        if let Some(print) = self.prints.get_mut(self.count) {
            let shape = (header.payload_len << 8) ^ u64::from(header.opcode.bits());
            *print = (u64::from(mask) << 32) | (shape & 0xffff_ffff);
            self.count += 1;
        }
        self.count < KEPT
    }

    /// The first of them, by which the same ones are found.
    pub fn first(&self) -> Option<u64> {
        (self.count >= FEWEST).then_some(self.prints[0])
    }

    /// When the first frame was seen.
    pub const fn first_at(&self) -> Timestamp {
        self.first
    }

    /// Whether both are of the same frames: several of them, with keys that are not always the same one.
    pub fn are_of_the_same(&self, other: &Self) -> bool {
        let count = self.count.min(other.count);
        let known = &self.prints[..count];
        let varied = known.iter().any(|print| print >> 32 != known[0] >> 32);
        count >= FEWEST && varied && *known == other.prints[..count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::{LengthForm, Opcode, ReservedBits};

    fn masks(frames: &[(u32, u64)]) -> Masks {
        let mut masks = Masks::default();
        for &(mask, payload_len) in frames {
            let mask = Some(mask.to_be_bytes());
            let (rsv, opcode, form) = (ReservedBits::NONE, Opcode::TEXT, LengthForm::Seven);
            let header = Header { fin: true, rsv, opcode, payload_len, mask, form };
            masks.frame(&header, Timestamp::from_nanos(1));
        }
        masks
    }

    #[test]
    fn the_same_frames_are_known_again() {
        let near = masks(&[(7, 5), (9, 5), (11, 300)]);
        assert!(near.are_of_the_same(&masks(&[(7, 5), (9, 5)])));
        assert!(near.are_of_the_same(&masks(&[(7, 5), (9, 5), (11, 300), (12, 1), (13, 1)])));
        assert_eq!(near.first(), masks(&[(7, 5), (9, 5)]).first());
    }

    #[test]
    fn what_merely_looks_alike_is_not_the_same() {
        let near = masks(&[(7, 5), (9, 5), (11, 300)]);
        assert!(!near.are_of_the_same(&masks(&[(7, 5)])));
        assert!(!near.are_of_the_same(&masks(&[(7, 5), (9, 6)])));
        assert!(!near.are_of_the_same(&masks(&[(7, 5), (10, 5)])));
        let constant = masks(&[(7, 5), (7, 5), (7, 300)]);
        assert!(!constant.are_of_the_same(&constant));
        let zero = masks(&[(0, 5), (0, 5), (0, 300)]);
        assert_eq!((zero.first(), zero.are_of_the_same(&zero)), (None, false));
    }
}
