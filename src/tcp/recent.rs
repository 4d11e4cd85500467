//! The last bytes delivered in one direction, to tell a faithful retransmission from a changed one.

use crate::prefetch::prefetch;

/// How many delivered bytes are remembered; most retransmissions repeat the newest bytes.
const KEPT: usize = 256;

/// A window over the end of a delivered stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent {
    /// Made with the first bytes: many connections never carry any.
    ring: Option<Box<[u8; KEPT]>>,
    end: i64,
    start: i64,
}

impl Recent {
    /// Asks for what the next bytes will touch.
    #[inline(always)]
    pub(crate) fn prefetch(&self) {
        if let Some(ring) = &self.ring {
            let at = place(self.end);
            prefetch(&ring[at]);
            prefetch(&ring[(at + 64) % KEPT]);
        }
    }

    /// Remembers the tail of `bytes`, which were delivered at `offset`.
    #[inline(always)]
    pub(crate) fn delivered(&mut self, offset: i64, bytes: &[u8]) {
        if offset != self.end {
            self.start = offset;
        }
        self.end = offset + bytes.len() as i64;
        let tail = &bytes[bytes.len().saturating_sub(KEPT)..];
        let at = place(self.end - tail.len() as i64);
        let ring = self.ring.get_or_insert_with(|| Box::new([0; KEPT]));
        if let Some(room) = ring.get_mut(at..at + tail.len()) {
            room.copy_from_slice(tail);
        } else {
            let (first, rest) = tail.split_at(KEPT - at);
            ring[at..].copy_from_slice(first);
            ring[..rest.len()].copy_from_slice(rest);
        }
        self.start = self.start.max(self.end - KEPT as i64);
    }

    /// Whether nothing was delivered yet.
    pub(crate) const fn is_empty(&self) -> bool {
        self.ring.is_none()
    }

    /// Whether `bytes` at `offset` differ from what was delivered there.
    ///
    /// `None` where no delivered byte is remembered for the range.
    pub(crate) fn differs(&self, offset: i64, bytes: &[u8]) -> Option<bool> {
        let from = offset.max(self.start);
        let to = (offset + bytes.len() as i64).min(self.end);
        if from >= to {
            return None;
        }
        let ring = self.ring.as_ref()?;
        let known = (from..to).map(|at| ring[place(at)]);
        let given = &bytes[(from - offset) as usize..(to - offset) as usize];
        Some(!known.eq(given.iter().copied()))
    }
}

/// Where the byte at this offset of the stream stands in the ring.
const fn place(offset: i64) -> usize {
    // The ring's length divides 2^64, so that negative offsets go on without a seam.
    offset as usize % KEPT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_compared() {
        let mut recent = Recent::default();
        recent.delivered(0, b"hello ");
        recent.delivered(6, b"world");
        assert_eq!(recent.differs(0, b"hello world"), Some(false));
        assert_eq!(recent.differs(6, b"worlds"), Some(false));
        assert_eq!(recent.differs(6, b"w0rld"), Some(true));
        assert_eq!(recent.differs(11, b"x"), None);
    }

    #[test]
    fn only_the_newest_bytes_are_known() {
        let mut recent = Recent::default();
        recent.delivered(0, &[1; 1000]);
        recent.delivered(1000, &[2; 10]);
        assert_eq!(recent.differs(0, &[9; 700]), None);
        assert_eq!(recent.differs(990, &[1; 10]), Some(false));
        assert_eq!(recent.differs(1000, &[1; 10]), Some(true));
    }

    #[test]
    fn bytes_before_a_hole_are_forgotten() {
        let mut recent = Recent::default();
        recent.delivered(0, b"abc");
        recent.delivered(10, b"def");
        assert_eq!(recent.differs(0, b"xyz"), None);
        assert_eq!(recent.differs(10, b"def"), Some(false));
    }
}
