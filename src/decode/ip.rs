//! IPv4 with its options and IPv6 with its extension headers.

use std::net::{IpAddr, Ipv4Addr};

use etherparse::err::ip::LaxHeaderSliceError;
use etherparse::err::ipv6_exts::HeaderSliceError;
use etherparse::{Ipv4HeaderSlice, Ipv6HeaderSlice, LaxIpSlice};

use super::cursor::Cursor;
use super::segment::IpFacts;
use super::skip::Skip;

/// IP protocol number of TCP.
pub(super) const TCP: u8 = 6;

/// Bytes of an IPv4 header without options.
const PLAIN_LEN: usize = 20;

/// Its first byte: version 4, five words.
pub(super) const PLAIN: u8 = 0x45;

/// IP protocol number of the authentication header, which the header is followed through.
const AUTHENTICATION: u8 = 51;

/// Flags and offset of a fragment (RFC 791 §3.1).
const DONT_FRAGMENT: u16 = 0x4000;
const MORE_FRAGMENTS: u16 = 0x2000;
const FRAGMENT_OFFSET: u16 = 0x1fff;

/// What is set in a fragment alone.
pub(super) const FRAGMENT: u16 = MORE_FRAGMENTS | FRAGMENT_OFFSET;

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
    match plain(cursor) {
        Some(ip) => Ok(ip),
        None => strip_any(cursor),
    }
}

/// Takes off an IPv4 header without options, of a packet that is neither cut nor a fragment.
///
/// Most packets without TCP, or with tunnels, are of this kind, and the crate's general way costs several
/// times as much.
#[inline]
fn plain(cursor: &mut Cursor<'_>) -> Option<Ip> {
    let (header, rest) = cursor.data.split_first_chunk::<PLAIN_LEN>()?;
    let [PLAIN, _, l0, l1, i0, i1, f0, f1, ttl, protocol, _, _, addresses @ ..] = *header else {
        return None;
    };
    let fragment = u16::from_be_bytes([f0, f1]);
    let len = usize::from(u16::from_be_bytes([l0, l1])).checked_sub(PLAIN_LEN)?;
    if fragment & FRAGMENT != 0 || protocol == AUTHENTICATION {
        return None;
    }
    let [s0, s1, s2, s3, d0, d1, d2, d3] = addresses;
    cursor.data = rest.get(..len)?;
    cursor.wire_len = len;
    Some(Ip {
        source: IpAddr::V4(Ipv4Addr::new(s0, s1, s2, s3)),
        destination: IpAddr::V4(Ipv4Addr::new(d0, d1, d2, d3)),
        facts: ipv4_facts_of(ttl, [i0, i1], fragment),
        protocol,
    })
}

/// The facts of an IPv4 header with this time to live, identification, and word of flags and offset.
#[inline]
pub(super) const fn ipv4_facts_of(ttl: u8, id: [u8; 2], fragment: u16) -> IpFacts {
    let id = Some(u16::from_be_bytes(id));
    IpFacts { ttl, id, dont_fragment: fragment & DONT_FRAGMENT != 0, flow_label: 0 }
}

/// Takes off an IP header of any kind.
fn strip_any(cursor: &mut Cursor<'_>) -> Result<Ip, Skip> {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_plain_header_reads_the_same_in_both_ways(
            first in prop_oneof![Just(PLAIN), any::<u8>()],
            len in 0..64_u16,
            fragment in prop_oneof![Just(0), Just(DONT_FRAGMENT), any::<u16>()],
            protocol in prop_oneof![Just(TCP), any::<u8>()],
            rest in prop::collection::vec(any::<u8>(), 0..64),
            padding in 0..8_usize,
        ) {
            let mut data = vec![first, 0];
            data.extend(len.to_be_bytes());
            data.extend([7, 8]);
            data.extend(fragment.to_be_bytes());
            data.extend([64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
            data.extend(rest);
            let cursor = Cursor { data: &data, wire_len: data.len() + padding };
            let (mut in_place, mut in_general) = (cursor, cursor);
            if let Some(plain) = plain(&mut in_place) {
                let general = strip_any(&mut in_general).unwrap();
                prop_assert_eq!(format!("{plain:?}"), format!("{general:?}"));
                prop_assert_eq!(in_place.data, in_general.data);
                prop_assert_eq!(in_place.wire_len, in_general.wire_len);
            } else {
                prop_assert_eq!(in_place.data, &data[..]);
            }
        }
    }
}
