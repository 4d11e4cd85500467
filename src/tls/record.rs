//! The record layer: what stands before each record's content (RFC 8446 §5.1, RFC 5246 §6.2.1).

use nom::number::complete::{be_u8, be_u16};
use nom::{IResult, Parser};

/// Bytes of a record's header.
pub(super) const HEADER: usize = 5;

/// Bytes of the longest protected content: 2^14 and what protection may add (RFC 5246 §6.2.3).
pub(super) const MAX_BODY: usize = (1 << 14) + 2048;

/// What a record carries.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct ContentType(pub(super) u8);

impl ContentType {
    pub(super) const CHANGE_CIPHER_SPEC: Self = Self(20);
    pub(super) const ALERT: Self = Self(21);
    pub(super) const HANDSHAKE: Self = Self(22);
    pub(super) const APPLICATION_DATA: Self = Self(23);
}

/// A whole record as it was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    pub(super) kind: ContentType,
    pub(super) header: [u8; HEADER],
    pub(super) body: &'a [u8],
}

impl<'a> Record<'a> {
    /// Bytes of the record with its header.
    pub(super) const fn wire_len(&self) -> usize {
        HEADER + self.body.len()
    }

    /// The record as it was sent.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        [&self.header, self.body].concat()
    }

    /// The record that is the whole of `bytes`.
    pub(super) fn whole(bytes: &'a [u8]) -> Option<Self> {
        let (header, body) = bytes.split_first_chunk()?;
        Some(Self { kind: ContentType(header[0]), header: *header, body })
    }
}

/// The length of the record that `bytes` begin with, header included; `Err` where they are no record.
pub(super) fn record_len(bytes: &[u8; HEADER]) -> Result<usize, NotARecord> {
    let fields: IResult<&[u8], _> = (be_u8, be_u16, be_u16).parse(bytes);
    match fields {
        Ok((_, (20..=24, 0x0300..=0x0304, len))) if usize::from(len) <= MAX_BODY => {
            Ok(HEADER + usize::from(len))
        }
        _ => Err(NotARecord),
    }
}

/// The bytes are no record header.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NotARecord;
