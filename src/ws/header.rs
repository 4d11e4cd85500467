//! The header of a frame (RFC 6455 §5.2); it is read, never judged.

use std::fmt;

use nom::combinator::cond;
use nom::number::streaming::{be_u8, be_u16, be_u32, be_u64};
use nom::{IResult, Parser};

use super::opcode::Opcode;

/// Bytes of the longest header: two, an eight-byte length and a masking key.
pub(super) const MAX_HEADER: usize = 14;

/// The bits RSV1, RSV2 and RSV3 of a frame, or the set of them that is allowed.
#[derive(Clone, Copy, Default, Eq, Hash, PartialEq)]
pub struct ReservedBits(u8);

impl ReservedBits {
    /// No reserved bit.
    pub const NONE: Self = Self(0);
    /// RSV1, which permessage-deflate sets on compressed messages (RFC 7692 §6).
    pub const RSV1: Self = Self(0b100);
    /// RSV2, used by no registered extension.
    pub const RSV2: Self = Self(0b010);
    /// RSV3, used by no registered extension.
    pub const RSV3: Self = Self(0b001);

    /// The bits of both sets.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every bit of this set is in `allowed`.
    pub const fn within(self, allowed: Self) -> bool {
        self.0 & !allowed.0 == 0
    }

    /// Whether no bit is set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Debug for ReservedBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03b}", self.0)
    }
}

/// How a header writes the payload length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LengthForm {
    /// In seven bits, up to 125.
    Seven,
    /// In two further bytes.
    Sixteen,
    /// In eight further bytes.
    SixtyFour,
}

/// What a frame says before its payload.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Header {
    /// The FIN bit: this is the last frame of its message.
    pub fin: bool,
    /// The reserved bits that are set.
    pub rsv: ReservedBits,
    /// What the frame is.
    pub opcode: Opcode,
    /// The masking key where the MASK bit is set.
    pub mask: Option<[u8; 4]>,
    /// The payload length as declared, bit 63 included.
    pub payload_len: u64,
    /// The form the length is written in.
    pub form: LengthForm,
}

impl Header {
    /// Bytes of the header itself.
    pub const fn size(&self) -> usize {
        let length = match self.form {
            LengthForm::Seven => 2,
            LengthForm::Sixteen => 4,
            LengthForm::SixtyFour => 10,
        };
        if self.mask.is_some() { length + 4 } else { length }
    }

    /// Whether the shortest form is used, as RFC 6455 §5.2 demands.
    pub const fn is_minimal(&self) -> bool {
        match self.form {
            LengthForm::Seven => true,
            LengthForm::Sixteen => self.payload_len > 125,
            LengthForm::SixtyFour => self.payload_len > 0xffff,
        }
    }

    /// Whether the length keeps bit 63 clear, as RFC 6455 §5.2 demands.
    pub const fn has_legal_length(&self) -> bool {
        self.payload_len >> 63 == 0
    }

    /// Whether this frame ends a text or binary message.
    pub const fn ends_message(&self) -> bool {
        self.fin && matches!(self.opcode, Opcode::CONTINUATION | Opcode::TEXT | Opcode::BINARY)
    }
}

/// Reads one header; `Incomplete` until all of its bytes are there.
#[inline(always)]
pub(super) fn header(input: &[u8]) -> IResult<&[u8], Header> {
    let (input, (first, second)) = (be_u8, be_u8).parse(input)?;
    let (input, (form, payload_len)) = length(second & 0x7f, input)?;
    let (input, key) = cond(second & 0x80 != 0, be_u32).parse(input)?;
    let header = Header {
        fin: first & 0x80 != 0,
        rsv: ReservedBits((first >> 4) & 0b111),
        opcode: Opcode::from_bits(first),
        mask: key.map(u32::to_be_bytes),
        payload_len,
        form,
    };
    Ok((input, header))
}

/// Reads the extended payload length that `short`, the seven-bit length, announces.
#[inline]
fn length(short: u8, input: &[u8]) -> IResult<&[u8], (LengthForm, u64)> {
    match short {
        126 => be_u16.map(|len| (LengthForm::Sixteen, u64::from(len))).parse(input),
        127 => be_u64.map(|len| (LengthForm::SixtyFour, len)).parse(input),
        len => Ok((input, (LengthForm::Seven, u64::from(len)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Header {
        let (rest, header) = header(bytes).unwrap();
        assert!(rest.is_empty());
        assert_eq!(header.size(), bytes.len());
        header
    }

    #[test]
    fn every_field_of_the_first_byte() {
        let header = read(&[0b1101_0010, 0]);
        assert!(header.fin);
        assert_eq!(header.rsv, ReservedBits::RSV1.with(ReservedBits::RSV3));
        assert_eq!(header.opcode, Opcode::BINARY);
        assert_eq!(header.mask, None);
    }

    #[test]
    fn three_forms_of_length() {
        let cases: [(&[u8], u64, bool); 8] = [
            (&[0x82, 0], 0, true),
            (&[0x82, 125], 125, true),
            (&[0x82, 126, 0, 125], 125, false),
            (&[0x82, 126, 0, 126], 126, true),
            (&[0x82, 126, 0xff, 0xff], 65_535, true),
            (&[0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff], 65_535, false),
            (&[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0], 65_536, true),
            (&[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], 1 << 63, true),
        ];
        for (bytes, len, minimal) in cases {
            let header = read(bytes);
            assert_eq!((header.payload_len, header.is_minimal()), (len, minimal));
            assert_eq!(header.has_legal_length(), len < 1 << 63);
        }
    }

    #[test]
    fn masking_key_follows_the_length() {
        assert_eq!(read(&[0x81, 0x85, 1, 2, 3, 4]).mask, Some([1, 2, 3, 4]));
        assert_eq!(read(&[0x81, 0xfe, 1, 0, 9, 8, 7, 6]).mask, Some([9, 8, 7, 6]));
    }

    #[test]
    fn every_prefix_is_incomplete() {
        let longest = [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4];
        assert_eq!(longest.len(), MAX_HEADER);
        for end in 0..longest.len() {
            assert!(header(&longest[..end]).unwrap_err().is_incomplete());
        }
        assert_eq!(read(&longest).payload_len, 65_536);
    }
}
