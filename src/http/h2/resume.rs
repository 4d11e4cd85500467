//! Where frames begin again behind a hole: at a chain of headers that may all be such.

use super::frame::{HEADER, header};

/// Headers after which a chain is believed though it does not end with the bytes.
const CHAIN: usize = 8;

/// The first place in `bytes` from which a chain of frames holds up to the end of them.
///
/// Looks at no more than [`CHAIN`] headers from each place, whatever the bytes.
pub(super) fn resume(bytes: &[u8]) -> Option<usize> {
    (0..bytes.len().saturating_sub(HEADER - 1))
        .find(|start| chain_holds(bytes.get(*start..).unwrap_or_default()))
}

/// Whether bytes in the middle of a connection begin with frames, up to their end or for long.
///
/// A single frame that goes on behind the bytes proves nothing; one that ends with them does.
pub fn chain_holds(mut bytes: &[u8]) -> bool {
    for known in 0..CHAIN {
        if bytes.is_empty() {
            return known > 0;
        }
        let Ok((rest, header)) = header(bytes) else { return known > 1 };
        if !header.is_plausible() {
            return false;
        }
        match rest.get(header.len as usize..) {
            Some(next) => bytes = next,
            None => return known > 0,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: [u8; 17] = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];

    #[test]
    fn a_chain_that_ends_with_the_bytes_is_found() {
        let bytes = [&[0xaa, 0xbb, 0xcc][..], &PING, &PING].concat();
        assert_eq!(resume(&bytes), Some(3));
        assert_eq!(resume(&PING), Some(0));
    }

    #[test]
    fn one_frame_that_goes_on_is_not_enough() {
        let data = [0, 1, 0, 0, 0, 0, 0, 0, 1, b'x'];
        assert_eq!(resume(&data), None);
        assert_eq!(resume(&[&PING[..], &data].concat()), Some(0));
        assert_eq!(resume(b"nothing of the kind, only text"), None);
        assert_eq!(resume(&[]), None);
    }
}
