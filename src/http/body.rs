//! Bodies of messages, passed over without being kept (RFC 9112 §6, §7).

use super::event::GiveUp;
use super::head::BlankLine;

/// A body that is being passed over.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Body {
    /// So many bytes.
    Length(u64),
    /// Chunks and trailers.
    Chunked(Chunked),
    /// Everything up to the connection's end.
    UntilClose,
}

/// A place in the chunked coding (RFC 9112 §7.1).
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Chunked {
    /// In the line with a chunk's size, whose digits may be over.
    Size { size: u64, digits: bool, over: bool },
    /// In a chunk's data, with so many bytes to go.
    Data(u64),
    /// In the line end after a chunk's data.
    DataEnd,
    /// In the trailer section.
    Trailer(BlankLine),
}

impl Body {
    /// A chunked body before its first chunk.
    pub(super) const fn chunked() -> Self {
        Self::Chunked(Chunked::SIZE)
    }

    /// Whether its length was stated, so that its end is known.
    pub(super) const fn has_length(&self) -> bool {
        matches!(self, Self::Length(_))
    }

    /// Passes over bytes of the body; gives those after it, or `None` while it goes on.
    pub(super) fn take<'b>(&mut self, bytes: &'b [u8]) -> Result<Option<&'b [u8]>, GiveUp> {
        match self {
            Self::Length(remaining) => Ok(skip(remaining, bytes)),
            Self::Chunked(chunked) => chunked.take(bytes),
            Self::UntilClose => Ok(None),
        }
    }

    /// Passes over bytes, if it goes on behind them for certain.
    pub(super) const fn pass(&mut self, bytes: &[u8]) -> bool {
        match self {
            Self::Length(remaining) | Self::Chunked(Chunked::Data(remaining))
                if *remaining > bytes.len() as u64 =>
            {
                *remaining -= bytes.len() as u64;
                true
            }
            Self::UntilClose => true,
            _ => false,
        }
    }

    /// Passes over a hole and tells whether it is certain to lie within the body.
    pub(super) const fn skip_hole(&mut self, bytes: u64) -> bool {
        match self {
            Self::Length(remaining) | Self::Chunked(Chunked::Data(remaining)) if *remaining >= bytes => {
                *remaining -= bytes;
                true
            }
            Self::UntilClose => true,
            _ => false,
        }
    }
}

impl Chunked {
    const SIZE: Self = Self::Size { size: 0, digits: false, over: false };

    fn take<'b>(&mut self, mut bytes: &'b [u8]) -> Result<Option<&'b [u8]>, GiveUp> {
        while let Some((byte, after)) = bytes.split_first() {
            bytes = match self {
                Self::Size { .. } => {
                    self.size_byte(*byte)?;
                    after
                }
                Self::Data(remaining) => match skip(remaining, bytes) {
                    Some(rest) => {
                        *self = Self::DataEnd;
                        rest
                    }
                    None => return Ok(None),
                },
                Self::DataEnd => {
                    match byte {
                        b'\r' => {}
                        b'\n' => *self = Self::SIZE,
                        _ => return Err(GiveUp::BadBody),
                    }
                    after
                }
                Self::Trailer(end) => return Ok(end.find(bytes).and_then(|end| bytes.get(end..))),
            };
        }
        Ok(None)
    }

    /// Reads a byte of the line with a chunk's size.
    fn size_byte(&mut self, byte: u8) -> Result<(), GiveUp> {
        let Self::Size { size, digits, over } = self else { return Ok(()) };
        match (char::from(byte).to_digit(16), byte) {
            (_, b'\n') if !*digits => return Err(GiveUp::BadBody),
            (_, b'\n') if *size == 0 => *self = Self::Trailer(BlankLine::new()),
            (_, b'\n') => *self = Self::Data(*size),
            (Some(digit), _) if !*over => {
                let shifted = size.checked_mul(16).ok_or(GiveUp::BadBody)?;
                *size = shifted | u64::from(digit);
                *digits = true;
            }
            _ if *digits => *over = true,
            (None, b' ' | b'\t') => {}
            _ => return Err(GiveUp::BadBody),
        }
        Ok(())
    }
}

/// Counts `bytes` against `remaining`; gives those beyond it once it is used up.
fn skip<'b>(remaining: &mut u64, bytes: &'b [u8]) -> Option<&'b [u8]> {
    let len = usize::try_from(*remaining).unwrap_or(usize::MAX).min(bytes.len());
    *remaining -= len as u64;
    if *remaining == 0 { bytes.get(len..) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNKED: &[u8] = b"5;a=b\r\nhello\r\n00A \r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nnext";

    #[test]
    fn chunked_ends_after_the_trailers() {
        assert_eq!(Body::chunked().take(CHUNKED), Ok(Some(&b"next"[..])));
        assert_eq!(Body::chunked().take(b"0\n\nnext"), Ok(Some(&b"next"[..])));
    }

    #[test]
    fn chunked_split_at_any_byte() {
        for cut in 0..CHUNKED.len() - 4 {
            let (left, right) = CHUNKED.split_at(cut);
            let mut body = Body::chunked();
            assert_eq!(body.take(left), Ok(None), "cut at {cut}");
            assert_eq!(body.take(right), Ok(Some(&b"next"[..])), "cut at {cut}");
        }
    }

    #[test]
    fn broken_chunks_are_noticed() {
        let broken: [&[u8]; 4] = [b"\r\n", b"zz\r\n", b"1\r\nab", b"11111111111111111\r\n"];
        for bytes in broken {
            assert_eq!(Body::chunked().take(bytes), Err(GiveUp::BadBody));
        }
    }

    #[test]
    fn a_length_ends_where_it_says() {
        let mut body = Body::Length(5);
        assert_eq!(body.take(b"hel"), Ok(None));
        assert_eq!(body.take(b"lonext"), Ok(Some(&b"next"[..])));
    }

    #[test]
    fn holes_are_passed_over_only_inside() {
        let mut body = Body::Length(5);
        assert!(body.skip_hole(3));
        assert!(!body.skip_hole(3));
        assert_eq!(body.take(b"lonext"), Ok(Some(&b"next"[..])));
        let mut chunked = Body::chunked();
        assert!(!chunked.skip_hole(1));
        assert_eq!(chunked.take(b"5\r\nh"), Ok(None));
        assert!(chunked.skip_hole(4));
        assert_eq!(chunked.take(b"\r\n0\r\n\r\n"), Ok(Some(&b""[..])));
        assert!(Body::UntilClose.skip_hole(u64::MAX));
    }
}
