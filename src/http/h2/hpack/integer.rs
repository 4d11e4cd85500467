//! Integers of header blocks (RFC 7541 §5.1).

/// Bytes that an integer may take behind its first one: enough for any that means something.
const MAX_MORE: usize = 5;

/// Reads an integer whose first byte gives it `bits` bits, and what comes behind it.
pub(super) fn integer(bytes: &[u8], bits: u32) -> Option<(u32, &[u8])> {
    let (first, mut rest) = bytes.split_first()?;
    let most = (1_u32 << bits) - 1;
    let mut value = u32::from(*first) & most;
    if value < most {
        return Some((value, rest));
    }
    for shift in (0..).step_by(7).take(MAX_MORE) {
        let (byte, after) = rest.split_first()?;
        rest = after;
        let part = u32::from(byte & 0x7f);
        value = part.checked_shl(shift).filter(|all| all >> shift == part)?.checked_add(value)?;
        if byte & 0x80 == 0 {
            return Some((value, rest));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_the_rfc() {
        assert_eq!(integer(&[0b0000_1010, 9], 5), Some((10, &[9][..])));
        assert_eq!(integer(&[0b0001_1111, 0b1001_1010, 0b0000_1010], 5), Some((1337, &[][..])));
        assert_eq!(integer(&[0b0010_1010], 8), Some((42, &[][..])));
    }

    #[test]
    fn cut_and_endless_integers_are_refused() {
        assert_eq!(integer(&[], 7), None);
        assert_eq!(integer(&[0x7f], 7), None);
        assert_eq!(integer(&[0x7f, 0xff, 0xff, 0xff, 0xff, 0x0f], 7), None);
        assert_eq!(integer(&[0x7f, 0x80, 0x80, 0x80, 0x80, 0x00], 7), Some((127, &[][..])));
        assert_eq!(integer(&[0x7f, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 7), None);
    }
}
