//! Decimal digits, eight at a time.

/// The most digits that a number has, and room for the last eight to be written as a whole.
pub(super) const MOST: usize = 24;

/// Ten to the power of eight.
const EIGHT: u64 = 100_000_000;

/// The same to the power of sixteen.
const SIXTEEN: u64 = EIGHT * EIGHT;

/// Writes a number at the start of the room, and tells how many digits it has.
#[inline]
pub(super) fn write(number: u64, room: &mut [u8; MOST]) -> usize {
    match number {
        0..10 => {
            room[0] = b'0' + number as u8;
            1
        }
        10..EIGHT => start(number, room),
        EIGHT..SIXTEEN => {
            let length = start(number / EIGHT, room);
            room[length..length + 8].copy_from_slice(&eight(number % EIGHT));
            length + 8
        }
        _ => {
            let length = start(number / SIXTEEN, room);
            room[length..length + 8].copy_from_slice(&eight(number / EIGHT % EIGHT));
            room[length + 8..length + 16].copy_from_slice(&eight(number % EIGHT));
            length + 16
        }
    }
}

/// The digits of a number below 1,000,000,000, with zeros in front.
#[inline]
pub(super) fn nine(number: u32) -> [u8; 9] {
    let mut text = [b'0'; 9];
    text[0] += (u64::from(number) / EIGHT) as u8;
    text[1..].copy_from_slice(&eight(u64::from(number) % EIGHT));
    text
}

/// Writes a number below 100,000,000 that is not zero.
#[inline]
fn start(number: u64, room: &mut [u8; MOST]) -> usize {
    let values = values(number);
    let zeros = (values.trailing_zeros() / 8) as usize;
    let text = (values | ZEROS) >> (8 * zeros);
    room[..8].copy_from_slice(&text.to_le_bytes());
    8 - zeros
}

/// The digits of a number below 100,000,000, with zeros in front.
#[inline]
const fn eight(number: u64) -> [u8; 8] {
    (values(number) | ZEROS).to_le_bytes()
}

/// The digit zero in each place.
const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);

/// The values of eight digits, the first in the lowest byte.
///
/// The number is parted into halves that stand side by side in one word, and each of them again, by a product
/// and a shift that are exact for numbers of so few digits. No part reaches into its neighbour.
#[inline]
const fn values(number: u64) -> u64 {
    let (four, rest) = (number / 10_000, number % 10_000);
    let fours = four | rest << 32;
    let two = (fours.wrapping_mul(10_486) >> 20) & 0x7f_0000_007f;
    let twos = two | fours.wrapping_sub(two.wrapping_mul(100)) << 16;
    let one = (twos.wrapping_mul(103) >> 10) & 0x000f_000f_000f_000f;
    one | twos.wrapping_sub(one.wrapping_mul(10)) << 8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(number: u64) -> String {
        let mut room = [b'x'; MOST];
        let length = write(number, &mut room);
        str::from_utf8(&room[..length]).unwrap().to_owned()
    }

    #[test]
    fn every_half_has_its_digits() {
        for half in 0..10_000 {
            assert_eq!(eight(half), format!("{half:08}").as_bytes());
            assert_eq!(
                eight(half * 10_000 + 9_999 - half),
                format!("{half:04}{:04}", 9_999 - half).as_bytes()
            );
        }
    }

    #[test]
    fn numbers_of_every_length() {
        for power in 0..20 {
            let ten = 10_u64.pow(power);
            for number in [ten - 1, ten, ten + 1, ten.saturating_mul(9)] {
                assert_eq!(written(number), number.to_string());
            }
        }
        assert_eq!(written(u64::MAX), u64::MAX.to_string());
    }

    proptest! {
        #[test]
        fn all_numbers(number in any::<u64>(), shift in 0..64_u32) {
            let number = number >> shift;
            prop_assert_eq!(written(number), number.to_string());
        }

        #[test]
        fn parts_of_a_second(nanos in 0..1_000_000_000_u32) {
            prop_assert_eq!(nine(nanos).to_vec(), format!("{nanos:09}").into_bytes());
        }
    }
}
