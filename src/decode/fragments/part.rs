//! What the headers of a fragment say (RFC 791 §3.2, RFC 8200 §4.5).

use crate::decode::cursor::Cursor;
use crate::decode::skip::Skip;

/// A part of an IP packet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Part<'a> {
    /// What all parts of a packet have in common beside their addresses.
    pub(super) identification: u32,
    /// Where it belongs in the packet's payload.
    pub(super) offset: u32,
    /// Its true length.
    pub(super) len: u32,
    /// Whether others follow.
    pub(super) more: bool,
    /// The protocol of the payload; in IPv6 that of the first part counts.
    pub(super) protocol: u8,
    /// The bytes that were captured.
    pub(super) data: &'a [u8],
}

impl<'a> Part<'a> {
    /// Reads the IP header at `cursor`, which must be that of a fragment.
    pub(super) fn read(cursor: &Cursor<'a>) -> Result<Self, Skip> {
        let data = cursor.data;
        let part = match data.first().map(|first| first >> 4) {
            Some(4) => Self::read_v4(data),
            Some(6) => Self::read_v6(data),
            _ => None,
        };
        let part = part.ok_or(Skip::TruncatedIpHeader)?;
        let whole = !part.more || part.len.is_multiple_of(8);
        let fits = part.offset + part.len <= LONGEST;
        if whole && fits && part.len > 0 { Ok(part) } else { Err(Skip::MalformedIp) }
    }

    fn read_v4(data: &'a [u8]) -> Option<Self> {
        let &[first, _, l0, l1, i0, i1, f0, f1, _, protocol, ..] = data.first_chunk::<20>()?;
        let header_len = u32::from(first & 0x0f) * 4;
        let field = u16::from_be_bytes([f0, f1]);
        Some(
            Self {
                identification: u32::from(u16::from_be_bytes([i0, i1])),
                offset: u32::from(field & 0x1fff) * 8,
                len: u32::from(u16::from_be_bytes([l0, l1])).saturating_sub(header_len),
                more: field & 0x2000 != 0,
                protocol,
                data: data.get(header_len as usize..)?,
            }
            .without_padding(),
        )
    }

    fn read_v6(data: &'a [u8]) -> Option<Self> {
        let (header, behind) = data.split_first_chunk::<40>()?;
        let (_, place) = pass_extensions(header[6], behind).filter(|&(next, _)| next == FRAGMENT)?;
        let &[protocol, _, f0, f1, i0, i1, i2, i3] = behind.get(place..)?.first_chunk()?;
        let headers_len = u32::try_from(place).ok()? + 8;
        let field = u16::from_be_bytes([f0, f1]);
        Some(
            Self {
                identification: u32::from_be_bytes([i0, i1, i2, i3]),
                offset: u32::from(field & 0xfff8),
                len: u32::from(u16::from_be_bytes([header[4], header[5]])).saturating_sub(headers_len),
                more: field & 1 != 0,
                protocol,
                data: behind.get(headers_len as usize..)?,
            }
            .without_padding(),
        )
    }

    /// Leaves away what is captured beyond the stated length.
    fn without_padding(mut self) -> Self {
        self.data = self.data.get(..self.len as usize).unwrap_or(self.data);
        self
    }
}

/// The header behind the IPv6 extension headers that `bytes` begin with, or a fragment header among them:
/// its number and its place.
pub(super) fn pass_extensions(mut next: u8, bytes: &[u8]) -> Option<(u8, usize)> {
    let mut place = 0_usize;
    loop {
        let unit = match next {
            HOP_BY_HOP | ROUTING | DESTINATION | MOBILITY | HOST_IDENTITY | SHIM6 => (8, 1),
            AUTHENTICATION => (4, 2),
            _ => return Some((next, place)),
        };
        let &[following, len] = bytes.get(place..)?.first_chunk()?;
        next = following;
        place += (usize::from(len) + unit.1) * unit.0;
    }
}

/// Bytes of the longest IP packet.
const LONGEST: u32 = 65_535;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const AUTHENTICATION: u8 = 51;
const DESTINATION: u8 = 60;
const MOBILITY: u8 = 135;
const HOST_IDENTITY: u8 = 139;
const SHIM6: u8 = 140;
