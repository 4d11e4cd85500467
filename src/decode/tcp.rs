//! The TCP header.

use etherparse::TcpSlice;
use etherparse::err::tcp::HeaderSliceError;

use crate::capture::Packet;
use crate::flow::{Endpoint, Stamp};

use super::cursor::{Cursor, Wrapping};
use super::ip::Ip;
use super::segment::{Segment, TcpFlags};
use super::skip::Skip;

/// Bytes of a header without options.
const MIN_HEADER_LEN: usize = 20;

/// The segment at `cursor`, the payload of an IP packet.
#[inline]
pub(super) fn segment<'a>(
    packet: &Packet<'a>,
    ip: &Ip,
    cursor: Cursor<'a>,
    wrapping: &'a Wrapping,
) -> Result<Segment<'a>, Skip> {
    let header = match TcpSlice::from_slice(cursor.data) {
        Ok(tcp) => Header::whole(&tcp),
        Err(HeaderSliceError::Content(_)) => return Err(Skip::MalformedTcp),
        Err(HeaderSliceError::Len(_)) => Header::cut(cursor)?,
    };
    let payload_len = cursor.wire_len.checked_sub(header.len).ok_or(Skip::MalformedTcp)?;
    Ok(Segment {
        at: Stamp { packet: packet.at, time: packet.time },
        source: Endpoint { ip: ip.source, port: header.source_port },
        destination: Endpoint { ip: ip.destination, port: header.destination_port },
        ip: ip.facts,
        seq: header.seq,
        ack: header.ack,
        flags: header.flags,
        window: header.window,
        options: header.options,
        payload: header.payload,
        payload_len: u32::try_from(payload_len).unwrap_or(u32::MAX),
        direction: wrapping.direction,
        encapsulation: wrapping.layers(),
    })
}

/// What a TCP header says, and what is behind it.
struct Header<'a> {
    source_port: u16,
    destination_port: u16,
    seq: u32,
    ack: u32,
    flags: TcpFlags,
    window: u16,
    len: usize,
    options: &'a [u8],
    payload: &'a [u8],
}

impl<'a> Header<'a> {
    /// Reads a header that is all there.
    #[inline]
    fn whole(tcp: &TcpSlice<'a>) -> Self {
        let bytes = tcp.header_slice();
        Self {
            source_port: tcp.source_port(),
            destination_port: tcp.destination_port(),
            seq: tcp.sequence_number(),
            ack: tcp.acknowledgment_number(),
            flags: TcpFlags(bytes.get(13).copied().unwrap_or_default()),
            window: tcp.window_size(),
            len: tcp.header_len(),
            options: bytes.get(MIN_HEADER_LEN..).unwrap_or_default(),
            payload: tcp.payload(),
        }
    }

    /// Reads a header that the snap length cut, if it reaches to the flags.
    #[cold]
    fn cut(cursor: Cursor<'a>) -> Result<Self, Skip> {
        if cursor.wire_len < MIN_HEADER_LEN {
            return Err(Skip::MalformedTcp);
        }
        let Some(&[s0, s1, d0, d1, q0, q1, q2, q3, a0, a1, a2, a3, offset, flags]) =
            cursor.data.first_chunk()
        else {
            return Err(Skip::TruncatedTcpHeader);
        };
        let len = usize::from(offset >> 4) * 4;
        if len < MIN_HEADER_LEN {
            return Err(Skip::MalformedTcp);
        }
        let window = cursor.data.get(14..).and_then(|rest| rest.first_chunk());
        Ok(Self {
            source_port: u16::from_be_bytes([s0, s1]),
            destination_port: u16::from_be_bytes([d0, d1]),
            seq: u32::from_be_bytes([q0, q1, q2, q3]),
            ack: u32::from_be_bytes([a0, a1, a2, a3]),
            flags: TcpFlags(flags),
            window: window.map_or(0, |window| u16::from_be_bytes(*window)),
            len,
            options: cursor.data.get(MIN_HEADER_LEN..).unwrap_or_default(),
            payload: &[],
        })
    }
}
