//! The Huffman code of header strings (RFC 7541 Appendix B).
//!
//! The code is canonical: within one length, codes rise with the symbols. The lengths alone say it all.

/// Bits of the code of each byte, then of the end-of-string symbol.
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28,
    28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6,
    6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7,
    8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7,
    15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24,
    23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23,
    23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26,
    26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20,
    21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27,
    27, 27, 26, 30,
];

/// Bits of the longest code.
const LONGEST: usize = 30;

/// The end-of-string symbol, which never appears (RFC 7541 §5.2).
const END: u16 = 256;

/// The code by length: the first code, how many there are, and where their symbols begin.
struct Lengths {
    first: [u32; LONGEST + 1],
    count: [u32; LONGEST + 1],
    start: [usize; LONGEST + 1],
}

const BY_LENGTH: Lengths = by_length();
const SYMBOLS: [u16; 257] = symbols();

const fn by_length() -> Lengths {
    let mut lengths = Lengths { first: [0; LONGEST + 1], count: [0; LONGEST + 1], start: [0; LONGEST + 1] };
    let mut symbol = 0;
    while symbol < LENGTHS.len() {
        lengths.count[LENGTHS[symbol] as usize] += 1;
        symbol += 1;
    }
    let mut bits = 1;
    while bits <= LONGEST {
        lengths.first[bits] = (lengths.first[bits - 1] + lengths.count[bits - 1]) << 1;
        lengths.start[bits] = lengths.start[bits - 1] + lengths.count[bits - 1] as usize;
        bits += 1;
    }
    lengths
}

/// The symbols by length of their code, then by value.
const fn symbols() -> [u16; 257] {
    let mut sorted = [0; 257];
    let (mut bits, mut next) = (1, 0);
    while bits <= LONGEST {
        let mut symbol = 0;
        while symbol < LENGTHS.len() {
            if LENGTHS[symbol] as usize == bits {
                sorted[next] = symbol as u16;
                next += 1;
            }
            symbol += 1;
        }
        bits += 1;
    }
    sorted
}

/// The bytes that a string stands for; `None` where it breaks the code.
pub(super) fn decode(coded: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(coded.len() * 8 / 5);
    let (mut code, mut bits) = (0_u32, 0);
    for byte in coded {
        for shift in (0..8).rev() {
            code = code << 1 | u32::from(byte >> shift & 1);
            bits += 1;
            if let Some(symbol) = symbol(code, bits) {
                bytes.push(u8::try_from(symbol).ok().filter(|_| symbol != END)?);
                (code, bits) = (0, 0);
            }
        }
        if bits > LONGEST {
            return None;
        }
    }
    // Up to seven bits of padding, all of them ones.
    (bits < 8 && code == (1 << bits) - 1).then_some(bytes)
}

fn symbol(code: u32, bits: usize) -> Option<u16> {
    let (first, count) = (*BY_LENGTH.first.get(bits)?, *BY_LENGTH.count.get(bits)?);
    let index = code.checked_sub(first).filter(|index| *index < count)?;
    SYMBOLS.get(BY_LENGTH.start.get(bits)? + index as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        let digits: Vec<_> = text.bytes().filter(|byte| *byte != b' ').collect();
        digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    /// The strings of RFC 7541 Appendix C.4 and C.6.
    #[test]
    fn strings_of_the_rfc() {
        let cases = [
            ("f1e3 c2e5 f23a 6ba0 ab90 f4ff", "www.example.com"),
            ("a8eb 1064 9cbf", "no-cache"),
            ("25a8 49e9 5ba9 7d7f", "custom-key"),
            ("25a8 49e9 5bb8 e8b4 bf", "custom-value"),
            ("6402", "302"),
            ("aec3 771a 4b", "private"),
            ("d07a be94 1054 d444 a820 0595 040b 8166 e082 a62d 1bff", "Mon, 21 Oct 2013 20:13:21 GMT"),
            ("9d29 ad17 1863 c78f 0b97 c8e9 ae82 ae43 d3", "https://www.example.com"),
        ];
        for (coded, plain) in cases {
            assert_eq!(decode(&unhex(coded)).as_deref(), Some(plain.as_bytes()), "{plain}");
        }
    }

    #[test]
    fn what_breaks_the_code_is_refused() {
        assert_eq!(decode(&[]), Some(Vec::new()));
        // Padding of zeros, padding of a whole byte, and the end-of-string symbol.
        assert_eq!(decode(&[0x00]), None);
        assert_eq!(decode(&unhex("a8eb 1064 9cbf ff")), None);
        assert_eq!(decode(&[0xff; 4]), None);
        assert_eq!(decode(&[0xff; 100]), None);
    }

    /// Every byte's own code leads back to it.
    #[test]
    fn each_code_is_found() {
        for wanted in 0..=255_u16 {
            let bits = usize::from(LENGTHS[usize::from(wanted)]);
            let place = SYMBOLS.iter().position(|symbol| *symbol == wanted).unwrap();
            let code = BY_LENGTH.first[bits] + (place - BY_LENGTH.start[bits]) as u32;
            let whole = u64::from(code) << (64 - bits) | u64::MAX >> bits;
            let bytes = whole.to_be_bytes();
            assert_eq!(decode(&bytes[..bits.div_ceil(8)]), Some(vec![wanted as u8]));
        }
    }
}
