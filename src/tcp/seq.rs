//! Sequence numbers (RFC 9293 §3.4): 32 bits on the wire, 64-bit stream offsets inside.

/// Distance from `from` to `to` around the 2^32 circle; negative when `to` is behind.
pub(crate) const fn distance(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from) as i32
}

/// Turns the wire's sequence numbers of one direction into offsets that never wrap.
///
/// Offset 0 is the first byte after the SYN, or the first byte seen where the SYN is not in the
/// capture; earlier bytes then have negative offsets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unwrapper {
    seq: u32,
    offset: i64,
}

impl Unwrapper {
    /// A direction whose offset 0 has the sequence number `seq`.
    pub(crate) const fn starting_at(seq: u32) -> Self {
        Self { seq, offset: 0 }
    }

    /// The offset of `seq`, taken as the one nearest to what was last seen.
    pub(crate) const fn offset(&self, seq: u32) -> i64 {
        self.offset + distance(self.seq, seq) as i64
    }

    /// Remembers that the direction has advanced to `offset`, so that nearness stays right.
    pub(crate) const fn advance(&mut self, offset: i64) {
        if offset > self.offset {
            self.seq = self.seq.wrapping_add((offset - self.offset) as u32);
            self.offset = offset;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_go_on_over_the_wrap() {
        let mut direction = Unwrapper::starting_at(0xffff_fff0);
        assert_eq!(direction.offset(0x10), 0x20);
        direction.advance(0x20);
        assert_eq!(direction.offset(0xffff_fff0), 0);
        assert_eq!(direction.offset(0x11), 0x21);
    }

    #[test]
    fn bytes_before_the_start_are_negative() {
        assert_eq!(Unwrapper::starting_at(100).offset(90), -10);
    }

    #[test]
    fn many_wraps_are_followed() {
        let mut direction = Unwrapper::starting_at(7);
        for step in 1..20_i64 {
            let target = step * 0x4000_0000;
            assert_eq!(direction.offset(7_u32.wrapping_add(target as u32)), target);
            direction.advance(target);
        }
    }
}
