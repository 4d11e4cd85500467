//! ICMP errors that quote a TCP segment: RFC 792, RFC 1191, RFC 1812 §5.2.7, RFC 4443.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::flow::{Endpoint, Stamp};

use super::ip::{Ip, TCP};

const ICMP: u8 = 1;
const ICMPV6: u8 = 58;

/// Bytes of an ICMP header.
const HEADER: usize = 8;

/// An ICMP error about a TCP segment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct IcmpError {
    /// The packet that brought it.
    pub at: Stamp,
    /// Who sent it: a router, or the host that the segment was for.
    pub router: IpAddr,
    /// What it says.
    pub kind: IcmpKind,
    /// Sender of the segment that it quotes.
    pub source: Endpoint,
    /// Receiver of that segment.
    pub destination: Endpoint,
    /// That segment's sequence number.
    pub seq: u32,
}

/// What an ICMP error says of a segment.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum IcmpKind {
    /// The network, host or port cannot be reached.
    Unreachable,
    /// A rule forbids it.
    Prohibited,
    /// It passed too many routers.
    TimeExceeded,
    /// It does not fit the next link, which takes as many bytes as this, where the router says so.
    TooBig(Option<u32>),
}

impl IcmpKind {
    const fn v4(kind: u8, code: u8, mtu: u16) -> Option<Self> {
        match (kind, code) {
            (3, 4) => Some(Self::TooBig(if mtu == 0 { None } else { Some(mtu as u32) })),
            (3, 9 | 10 | 13) => Some(Self::Prohibited),
            (3, _) => Some(Self::Unreachable),
            (11, _) => Some(Self::TimeExceeded),
            _ => None,
        }
    }

    const fn v6(kind: u8, code: u8, mtu: u32) -> Option<Self> {
        match (kind, code) {
            (1, 1 | 5 | 6) => Some(Self::Prohibited),
            (1, _) => Some(Self::Unreachable),
            (2, _) => Some(Self::TooBig(if mtu == 0 { None } else { Some(mtu) })),
            (3, _) => Some(Self::TimeExceeded),
            _ => None,
        }
    }
}

/// The error in the payload of an IP packet, where it is one about a TCP segment.
#[cold]
pub(super) fn error(ip: &Ip, message: &[u8], at: Stamp) -> Option<IcmpError> {
    let (&[kind, code, _, _, m0, m1, m2, m3], quoted) = message.split_first_chunk::<HEADER>()?;
    let kind = match ip.protocol {
        ICMP => IcmpKind::v4(kind, code, u16::from_be_bytes([m2, m3])),
        ICMPV6 => IcmpKind::v6(kind, code, u32::from_be_bytes([m0, m1, m2, m3])),
        _ => None,
    }?;
    let (source, destination, segment) = quoted_ip(quoted)?;
    let &[s0, s1, d0, d1, q0, q1, q2, q3] = segment.first_chunk()?;
    Some(IcmpError {
        at,
        router: ip.source,
        kind,
        source: Endpoint { ip: source, port: u16::from_be_bytes([s0, s1]) },
        destination: Endpoint { ip: destination, port: u16::from_be_bytes([d0, d1]) },
        seq: u32::from_be_bytes([q0, q1, q2, q3]),
    })
}

/// Addresses and payload of a quoted IP packet that begins a TCP segment.
///
/// A quote may end anywhere behind the first 8 bytes of the segment, so its lengths are not looked at.
fn quoted_ip(quoted: &[u8]) -> Option<(IpAddr, IpAddr, &[u8])> {
    let address = |from: usize| -> Option<[u8; 4]> { quoted.get(from..)?.first_chunk().copied() };
    let long = |from: usize| -> Option<[u8; 16]> { quoted.get(from..)?.first_chunk().copied() };
    let first = *quoted.first()?;
    match first >> 4 {
        4 => {
            let header = usize::from(first & 0x0f) * 4;
            let later_fragment = u16::from_be_bytes([*quoted.get(6)?, *quoted.get(7)?]) & 0x1fff != 0;
            let tcp = *quoted.get(9)? == TCP && !later_fragment && header >= 20;
            tcp.then_some(())?;
            Some((address(12)?.into(), address(16)?.into(), quoted.get(header..)?))
        }
        6 if *quoted.get(6)? == TCP => Some((long(8)?.into(), long(24)?.into(), quoted.get(40..)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 254));

    fn from(protocol: u8) -> Ip {
        Ip { source: ROUTER, destination: ROUTER, facts: Default::default(), protocol }
    }

    fn quote() -> Vec<u8> {
        let mut quote = vec![0x45, 0, 0, 40, 0, 1, 0x40, 0, 60, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        quote.extend([0xc3, 0x50, 0, 80, 0, 0, 1, 0]);
        quote
    }

    fn of(kind: u8, code: u8, rest: [u8; 4], quote: &[u8]) -> Option<IcmpError> {
        let message = [&[kind, code, 0, 0][..], &rest, quote].concat();
        error(&from(ICMP), &message, Stamp::default())
    }

    #[test]
    fn errors_name_the_segment_that_they_quote() {
        let error = of(3, 13, [0; 4], &quote()).unwrap();
        assert_eq!((error.kind, error.router, error.seq), (IcmpKind::Prohibited, ROUTER, 256));
        assert_eq!((error.source.to_string(), error.destination.port), ("10.0.0.1:50000".to_owned(), 80));
        assert_eq!(of(3, 4, [0, 0, 5, 0], &quote()).unwrap().kind, IcmpKind::TooBig(Some(1280)));
        assert_eq!(of(3, 1, [0; 4], &quote()).unwrap().kind, IcmpKind::Unreachable);
        assert_eq!(of(11, 0, [0; 4], &quote()).unwrap().kind, IcmpKind::TimeExceeded);
    }

    #[test]
    fn what_is_no_error_or_quotes_no_segment_is_nothing() {
        assert_eq!(of(8, 0, [0; 4], &quote()), None);
        for len in 0..quote().len() {
            assert_eq!(of(3, 1, [0; 4], &quote()[..len]), None, "{len}");
        }
        let (mut udp, mut fragment, mut short) = (quote(), quote(), quote());
        (udp[9], fragment[7], short[0]) = (17, 1, 0x44);
        assert_eq!([udp, fragment, short].map(|quote| of(3, 1, [0; 4], &quote)), [None; 3]);
    }
}
