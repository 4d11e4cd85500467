//! IPv4 with its options and IPv6 with its extension headers.

use std::net::IpAddr;

use etherparse::err::ip::LaxHeaderSliceError;
use etherparse::err::ipv6_exts::HeaderSliceError;
use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice, LaxIpSlice};

use super::cursor::Cursor;
use super::segment::IpFacts;
use super::skip::Skip;

/// IP protocol number of TCP.
pub(super) const TCP: u8 = 6;

/// What an IP header says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ip {
    pub(super) source: IpAddr,
    pub(super) destination: IpAddr,
    pub(super) facts: IpFacts,
    /// Protocol number of what is behind the last extension header.
    pub(super) protocol: u8,
}

/// Takes off an IP header; what is left is the payload with the length that the header states.
#[inline]
pub(super) fn strip(cursor: &mut Cursor<'_>) -> Result<Ip, Skip> {
    let (slice, stopped) = LaxIpSlice::from_slice(cursor.data).map_err(|error| match error {
        LaxHeaderSliceError::Len(_) => Skip::TruncatedIpHeader,
        LaxHeaderSliceError::Content(_) => Skip::MalformedIp,
    })?;
    let (ip, payload, stated_len) = match &slice {
        LaxIpSlice::Ipv4(ipv4) => {
            let header = ipv4.header();
            (ipv4_facts(header), ipv4.payload(), ipv4_len(header)?)
        }
        LaxIpSlice::Ipv6(ipv6) => {
            let header = ipv6.header();
            (ipv6_facts(header), ipv6.payload(), ipv6_len(header))
        }
    };
    // First, as what is behind a fragment header need not be one.
    if payload.fragmented {
        return Err(Skip::IpFragment);
    }
    if let Some((error, _)) = stopped {
        return Err(match error {
            HeaderSliceError::Len(_) => Skip::TruncatedIpHeader,
            HeaderSliceError::Content(_) => Skip::MalformedIp,
        });
    }
    let true_len = stated_len.unwrap_or(cursor.wire_len);
    let headers_len = cursor.data.len().min(true_len).saturating_sub(payload.payload.len());
    cursor.data = payload.payload;
    cursor.wire_len = true_len.saturating_sub(headers_len);
    Ok(Ip { protocol: payload.ip_number.0, ..ip })
}

/// Addresses and facts alone, without the payload's protocol.
#[cold]
pub(super) fn addressed(bytes: &[u8]) -> Result<Ip, Skip> {
    // By other functions than every packet goes through, so that the compiler leaves those in one piece.
    match bytes.first().map(|first| first >> 4) {
        Some(4) => Ipv4HeaderSlice::from_slice(bytes).map(ipv4_facts).map_err(|_| Skip::MalformedIp),
        _ => Ipv6HeaderSlice::from_slice(bytes).map(ipv6_facts).map_err(|_| Skip::MalformedIp),
    }
}

/// Addresses and facts of an IPv4 header.
#[inline]
fn ipv4_facts(header: Ipv4HeaderSlice<'_>) -> Ip {
    Ip {
        source: IpAddr::V4(header.source_addr()),
        destination: IpAddr::V4(header.destination_addr()),
        facts: IpFacts {
            ttl: header.ttl(),
            id: Some(header.identification()),
            dont_fragment: header.dont_fragment(),
            flow_label: 0,
        },
        protocol: 0,
    }
}

/// Addresses and facts of an IPv6 header.
fn ipv6_facts(header: Ipv6HeaderSlice<'_>) -> Ip {
    Ip {
        source: IpAddr::V6(header.source_addr()),
        destination: IpAddr::V6(header.destination_addr()),
        facts: IpFacts {
            ttl: header.hop_limit(),
            id: None,
            dont_fragment: true,
            flow_label: header.flow_label().value(),
        },
        protocol: 0,
    }
}

/// The length that an IPv4 packet states; segmentation offload leaves it 0 in the sender's capture.
#[inline]
fn ipv4_len(header: Ipv4HeaderSlice<'_>) -> Result<Option<usize>, Skip> {
    match usize::from(header.total_len()) {
        0 => Ok(None),
        len if len < header.slice().len() => Err(Skip::MalformedIp),
        len => Ok(Some(len)),
    }
}

/// The length that an IPv6 packet states; 0 is offload or a jumbogram.
fn ipv6_len(header: Ipv6HeaderSlice<'_>) -> Option<usize> {
    match usize::from(header.payload_length()) {
        0 => None,
        len => Some(header.header_len().saturating_add(len)),
    }
}
