//! Masking of client payloads (RFC 6455 §5.3).

/// Masks or unmasks `bytes`, whose first byte is byte `offset` of the frame's payload.
pub fn unmask(bytes: &mut [u8], mut key: [u8; 4], offset: u64) {
    key.rotate_left((offset % 4) as usize);
    let (words, tail) = bytes.as_chunks_mut::<4>();
    for word in words {
        *word = (u32::from_ne_bytes(*word) ^ u32::from_ne_bytes(key)).to_ne_bytes();
    }
    for (byte, key) in tail.iter_mut().zip(key) {
        *byte ^= key;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

    #[test]
    fn example_of_the_rfc() {
        let mut bytes = [0x7f, 0x9f, 0x4d, 0x51, 0x58];
        unmask(&mut bytes, KEY, 0);
        assert_eq!(&bytes, b"Hello");
    }

    #[test]
    fn pieces_equal_the_whole() {
        let mut whole: Vec<u8> = (0..23).collect();
        unmask(&mut whole, KEY, 0);
        for cut in 0..23 {
            let mut pieces: Vec<u8> = (0..23).collect();
            let (left, right) = pieces.split_at_mut(cut);
            unmask(left, KEY, 0);
            unmask(right, KEY, cut as u64);
            assert_eq!(pieces, whole);
        }
    }
}
