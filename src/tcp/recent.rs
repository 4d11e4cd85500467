//! The last bytes delivered in one direction, to tell a faithful retransmission from a changed one.

use crate::prefetch::prefetch;

/// How many delivered bytes are remembered; most retransmissions repeat the newest bytes.
const KEPT: usize = 256;

/// Bytes that are copied at once.
const STEP: usize = 32;

/// A window over the end of a delivered stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recent {
    /// A ring of as many bytes as are kept, with room behind it, so that bytes which go beyond its end need no
    /// second copy. Made with the first bytes: many connections never carry any.
    ring: Option<Box<[u8; 2 * KEPT]>>,
    end: i64,
    /// Bytes before `end` that are remembered.
    known: u16,
    /// How many bytes of the newest round through the ring, and of the one before, stand in the room behind it.
    beyond: [u16; 2],
}

impl Recent {
    /// Asks for what the next bytes will touch.
    #[inline(always)]
    pub(crate) fn prefetch(&self) {
        if let Some(ring) = &self.ring {
            let at = place(self.end);
            prefetch(&ring[at]);
            prefetch(&ring[at + 64]);
        }
    }

    /// Remembers the tail of `bytes`, which were delivered at `offset`.
    #[inline(always)]
    pub(crate) fn delivered(&mut self, offset: i64, bytes: &[u8]) {
        let tail = &bytes[bytes.len().saturating_sub(KEPT)..];
        if offset != self.end || tail.len() == KEPT {
            (self.known, self.beyond) = (0, [0; 2]);
        }
        self.end = offset + bytes.len() as i64;
        let at = place(self.end - tail.len() as i64);
        let ring = self.ring.get_or_insert_with(|| Box::new([0; 2 * KEPT]));
        copy(&mut ring[at..at + tail.len()], tail);
        self.known = (usize::from(self.known) + tail.len()).min(KEPT) as u16;
        let [newest, before] = self.beyond;
        let over = (at + tail.len()).saturating_sub(KEPT) as u16;
        let begins = over > 0 || at == 0;
        self.beyond = if begins { [over, newest] } else { [newest, before] };
    }

    /// Whether nothing was delivered yet.
    pub(crate) const fn is_empty(&self) -> bool {
        self.ring.is_none()
    }

    /// Whether `bytes` at `offset` differ from what was delivered there.
    ///
    /// `None` where no delivered byte is remembered for the range.
    pub(crate) fn differs(&self, offset: i64, bytes: &[u8]) -> Option<bool> {
        let from = offset.max(self.end - i64::from(self.known));
        let to = (offset + bytes.len() as i64).min(self.end);
        if from >= to {
            return None;
        }
        let ring = self.ring.as_ref()?;
        let known = (from..to).map(|at| ring[self.index(at)]);
        let given = &bytes[(from - offset) as usize..(to - offset) as usize];
        Some(!known.eq(given.iter().copied()))
    }

    /// Where the remembered byte at this offset of the stream stands.
    fn index(&self, offset: i64) -> usize {
        let round = |offset: i64| offset.div_euclid(KEPT as i64);
        let [newest, before] = self.beyond;
        let beyond = if round(offset) == round(self.end - 1) { newest } else { before };
        let place = place(offset);
        if place < usize::from(beyond) { place + KEPT } else { place }
    }
}

/// Where the byte at this offset of the stream stands in the ring.
const fn place(offset: i64) -> usize {
    // The ring's length divides 2^64, so that negative offsets go on without a seam.
    offset as usize % KEPT
}

/// Copies all of `from`, of any length, to as many bytes.
// The length of a payload cannot be foreseen: for most, steps that overlap cost less than to guess how many there are.
#[inline(always)]
fn copy(to: &mut [u8], from: &[u8]) {
    const STEPS: usize = 4;
    if to.len() != from.len() || !(STEP..=STEPS * STEP).contains(&from.len()) {
        return to.copy_from_slice(from);
    }
    let last = from.len() - STEP;
    for step in 0..STEPS {
        let at = (step * STEP).min(last);
        to[at..at + STEP].copy_from_slice(&from[at..at + STEP]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn it_knows_the_newest_bytes_however_they_came(
            start in -600_i64..600,
            parts in prop::collection::vec((1..400_usize, prop::bool::weighted(0.1)), 1..20),
            asked in (0..700_i64, 1..300_usize),
            changed in prop::option::of(0..300_usize),
        ) {
            let mut recent = Recent::default();
            let byte = |offset: i64| (offset ^ offset >> 7) as u8;
            let bytes = |offset: i64, len: usize| (offset..offset + len as i64).map(byte).collect::<Vec<_>>();
            let (mut begun, mut end) = (start, start);
            for (len, is_behind_hole) in parts {
                if is_behind_hole {
                    end += 5;
                    begun = end;
                }
                recent.delivered(end, &bytes(end, len));
                end += len as i64;
            }
            let known = begun.max(end - KEPT as i64)..end;
            let (back, len) = asked;
            let mut given = bytes(end - back, len);
            let overlap = (end - back..end - back + len as i64).filter(|offset| known.contains(offset));
            prop_assert_eq!(recent.differs(end - back, &given), overlap.clone().next().map(|_| false));
            if let Some(place) = changed.filter(|place| *place < len) {
                given[place] ^= 1;
                let is_known = known.contains(&(end - back + place as i64));
                prop_assert_eq!(recent.differs(end - back, &given), overlap.clone().next().map(|_| is_known));
            }
        }
    }
}
