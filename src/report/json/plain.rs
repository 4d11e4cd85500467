//! Tells strings that stand in JSON as they are, many bytes at once.

/// A byte in each place.
const fn all(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// True where all of `text` is printable ASCII that needs no backslash.
#[inline]
pub(super) fn is_plain(text: &[u8]) -> bool {
    if let Some(&last) = text.last_chunk() {
        // The last eight may have been looked at already.
        let whole = text.as_chunks().0.iter().fold(0, |marks, &bytes| marks | marks_in(bytes));
        return whole | marks_in(last) == 0;
    }
    if let (Some(&[a, b, c, d]), Some(&[e, f, g, h])) = (text.first_chunk(), text.last_chunk()) {
        return marks_in([a, b, c, d, e, f, g, h]) == 0;
    }
    text.iter().copied().all(is_plain_byte)
}

/// True for a byte that stands in JSON as it is, whatever is around it.
#[inline]
pub(super) const fn is_plain_byte(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')
}

/// Not zero where one of the bytes is not plain.
#[inline]
const fn marks_in(bytes: [u8; 8]) -> u64 {
    let bytes = u64::from_ne_bytes(bytes);
    // A carry or borrow goes on only from a byte that is marked itself, so none is marked in vain.
    let above = bytes | bytes.wrapping_add(all(1));
    let below = bytes.wrapping_sub(all(b' ')) & !bytes;
    (above | below | zeros(bytes ^ all(b'"')) | zeros(bytes ^ all(b'\\'))) & all(0x80)
}

/// Marks where a byte is zero.
const fn zeros(bytes: u64) -> u64 {
    bytes.wrapping_sub(all(1)) & !bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_told_at_every_place() {
        for length in 1..20 {
            for place in 0..length {
                for byte in 0..=u8::MAX {
                    let mut text = vec![b'a'; length];
                    text[place] = byte;
                    let plain = matches!(byte, 0x20..=0x7e) && byte != b'"' && byte != b'\\';
                    assert_eq!(is_plain(&text), plain, "{byte} at {place} of {length}");
                }
            }
        }
        assert!(is_plain(b""));
    }

    #[test]
    fn neighbours_do_not_hide_each_other() {
        for pair in 0..=u16::MAX {
            let pair = pair.to_ne_bytes();
            let plain = pair.iter().all(|&byte| is_plain(&[byte]));
            assert_eq!(is_plain(&[b"abc".as_slice(), &pair, b"def"].concat()), plain, "{pair:?}");
        }
    }
}
