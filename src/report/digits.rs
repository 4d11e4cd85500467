//! Digits with zeros in front.

/// The digits of a number below 1,000,000,000.
#[inline]
pub(super) fn nine(number: u32) -> [u8; 9] {
    let mut digits = itoa::Buffer::new();
    // One more digit in front keeps the zeros.
    let text = digits.format(1_000_000_000 + u64::from(number));
    text.as_bytes().last_chunk().copied().unwrap_or([b'0'; 9])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_stand_in_front() {
        for number in [0, 1, 9, 10, 123_456, 100_000_000, 999_999_999] {
            assert_eq!(nine(number).to_vec(), format!("{number:09}").into_bytes());
        }
    }
}
