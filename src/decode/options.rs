//! TCP options (RFC 9293 §3.2, RFC 7323, RFC 2018).

use super::segment::Segment;

/// One TCP option.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TcpOption<'a> {
    /// The largest segment that the sender takes.
    MaximumSegmentSize(u16),
    /// The power of two that the sender's later windows are multiplied by.
    WindowScale(u8),
    /// The sender understands selective acknowledgements.
    SackPermitted,
    /// Ranges that were received beyond the acknowledgement number.
    Sack(SackBlocks<'a>),
    /// A clock value of the sender, and the latest one seen from the other side.
    Timestamps {
        /// The sender's clock.
        value: u32,
        /// The other side's clock, meaningful only with the ACK flag.
        echo: u32,
    },
    /// Any other option.
    Other {
        /// Its kind.
        kind: u8,
        /// Its bytes behind kind and length.
        data: &'a [u8],
    },
}

/// The ranges of a selective acknowledgement, as pairs of first and one-past-last sequence number.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SackBlocks<'a>(&'a [u8]);

impl Iterator for SackBlocks<'_> {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<Self::Item> {
        let (block, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        let [a, b, c, d, e, f, g, h] = *block;
        Some((u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])))
    }
}

/// Iterates over the options of a segment and ends at the first malformed or cut one.
#[derive(Clone, Copy, Debug)]
pub struct TcpOptions<'a>(&'a [u8]);

impl<'a> Iterator for TcpOptions<'a> {
    type Item = TcpOption<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (kind, rest) = self.0.split_first()?;
            match *kind {
                END => return None,
                NOP => self.0 = rest,
                kind => return self.sized(kind, rest),
            }
        }
    }
}

impl<'a> TcpOptions<'a> {
    /// Reads an option that states its length.
    fn sized(&mut self, kind: u8, rest: &'a [u8]) -> Option<TcpOption<'a>> {
        let bytes = std::mem::take(&mut self.0);
        let len = usize::from(*rest.first()?);
        let data = bytes.get(2..len)?;
        self.0 = bytes.get(len..)?;
        Some(match (kind, data) {
            (2, [high, low]) => TcpOption::MaximumSegmentSize(u16::from_be_bytes([*high, *low])),
            (3, [shift]) => TcpOption::WindowScale(*shift),
            (4, []) => TcpOption::SackPermitted,
            (5, blocks) if blocks.len().is_multiple_of(8) => TcpOption::Sack(SackBlocks(blocks)),
            (TIMESTAMPS, [a, b, c, d, e, f, g, h]) => TcpOption::Timestamps {
                value: u32::from_be_bytes([*a, *b, *c, *d]),
                echo: u32::from_be_bytes([*e, *f, *g, *h]),
            },
            (kind, data) => TcpOption::Other { kind, data },
        })
    }
}

impl<'a> Segment<'a> {
    /// The TCP options.
    pub const fn tcp_options(&self) -> TcpOptions<'a> {
        TcpOptions(self.options)
    }

    /// Value and echo of the timestamps option.
    #[inline]
    pub fn timestamps(&self) -> Option<(u32, u32)> {
        // RFC 7323 appendix A: nearly every segment has its options laid out like this.
        if let [NOP, NOP, TIMESTAMPS, 10, a, b, c, d, e, f, g, h] = *self.options {
            return Some((u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])));
        }
        self.tcp_options().find_map(|option| match option {
            TcpOption::Timestamps { value, echo } => Some((value, echo)),
            _ => None,
        })
    }
}

/// Ends the options.
const END: u8 = 0;

/// Fills a byte.
const NOP: u8 = 1;

/// Kind of the timestamps option.
const TIMESTAMPS: u8 = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn options(bytes: &[u8]) -> Vec<TcpOption<'_>> {
        TcpOptions(bytes).collect()
    }

    #[test]
    fn options_of_a_syn() {
        let bytes = [2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7];
        let expected = [
            TcpOption::MaximumSegmentSize(1460),
            TcpOption::SackPermitted,
            TcpOption::Timestamps { value: 1, echo: 2 },
            TcpOption::WindowScale(7),
        ];
        assert_eq!(options(&bytes), expected);
    }

    #[test]
    fn selective_acknowledgements() {
        let bytes = [1, 1, 5, 18, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 9];
        let Some(TcpOption::Sack(blocks)) = options(&bytes).pop() else { panic!("no SACK") };
        assert_eq!(blocks.collect::<Vec<_>>(), [(1, 2), (5, 9)]);
    }

    #[test]
    fn malformed_options_end_the_iteration() {
        assert_eq!(options(&[3, 3, 7, 2, 0, 3, 3, 7]), [TcpOption::WindowScale(7)]);
        assert_eq!(options(&[2, 1, 3, 3, 7]), []);
        assert_eq!(options(&[2, 4, 5]), []);
        assert_eq!(options(&[8]), []);
        assert_eq!(options(&[0, 3, 3, 7]), []);
    }

    #[test]
    fn wrong_lengths_are_other_options() {
        assert_eq!(options(&[3, 4, 7, 7]), [TcpOption::Other { kind: 3, data: &[7, 7] }]);
        assert_eq!(options(&[254, 2]), [TcpOption::Other { kind: 254, data: &[] }]);
    }

    proptest! {
        #[test]
        fn any_options_end(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert!(TcpOptions(&bytes).count() <= bytes.len());
        }
    }
}
