//! The usual segment, read in one step: TCP right behind an IP header without options or extensions.
//!
//! Nearly all packets are of this kind, and to go from layer to layer costs several times as much.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::capture::{Direction, LinkType, Packet};
use crate::flow::{Endpoint, FlowKey, Stamp};

use super::ip::{FRAGMENT, PLAIN, TCP, ipv4_facts_of};
use super::segment::{Encapsulation, IpFacts, Segment, TcpFlags};

/// Bytes of an Ethernet header.
const ETHERNET_LEN: usize = 14;

/// Its types for IPv4 and IPv6.
const ETHERNET_IPV4: [u8; 2] = [0x08, 0x00];
const ETHERNET_IPV6: [u8; 2] = [0x86, 0xdd];

/// Bytes of the headers of cooked captures, version 1 and 2.
const SLL_LEN: usize = 16;
const SLL2_LEN: usize = 20;

/// The first four bits of an IPv6 header.
const VERSION_6: u8 = 6;

/// The two headers of a segment and what is behind them.
pub(super) struct Usual<'a, H> {
    ip: &'a H,
    tcp: &'a [u8; 20],
    options: &'a [u8],
    payload: &'a [u8],
    payload_len: u32,
}

/// What is to be known early of a segment, to ask for the memory that it will touch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ahead {
    /// Its flow.
    pub flow: FlowKey,
    /// The port that it comes from.
    pub source_port: u16,
    /// Whether it carries anything.
    pub has_payload: bool,
}

/// What is to be known early of the usual segment right behind the link's header; Ethernet's is read
/// [whole](super::Decoder::at_once) at that time.
pub(super) fn ahead(link: LinkType, data: &[u8]) -> Option<Ahead> {
    let header_len = match link {
        LinkType::LINUX_SLL => SLL_LEN,
        LinkType::LINUX_SLL2 => SLL2_LEN,
        LinkType::RAW | LinkType::IPV4 | LinkType::IPV6 => 0,
        _ => return None,
    };
    let data = data.get(header_len..)?;
    let in_ipv6 = || in_ipv6(data).map(|usual| usual.ahead());
    in_ipv4(data).map(|usual| usual.ahead()).or_else(in_ipv6)
}

/// An IP packet right behind the link's header.
pub(super) enum IpIn<'a> {
    V4(&'a [u8]),
    V6(&'a [u8]),
}

/// The IP packet in an Ethernet frame.
#[inline(always)]
pub(super) fn ip_in_ethernet(data: &[u8]) -> Option<IpIn<'_>> {
    let (header, data) = data.split_first_chunk::<ETHERNET_LEN>()?;
    let [.., high, low] = *header;
    match [high, low] {
        ETHERNET_IPV4 => Some(IpIn::V4(data)),
        ETHERNET_IPV6 => Some(IpIn::V6(data)),
        _ => None,
    }
}

/// The segment in an IPv4 packet without options that is no fragment.
#[inline]
pub(super) fn in_ipv4(data: &[u8]) -> Option<Usual<'_, Ipv4Header>> {
    let (ip, rest) = data.split_first_chunk::<20>()?;
    let [PLAIN, _, l0, l1, _, _, f0, f1, _, TCP, ..] = *ip else { return None };
    if u16::from_be_bytes([f0, f1]) & FRAGMENT != 0 {
        return None;
    }
    let len = usize::from(u16::from_be_bytes([l0, l1])).checked_sub(ip.len())?;
    Usual::behind(ip, rest, len)
}

/// The segment in an IPv6 packet that states its length.
#[inline(always)]
pub(super) fn in_ipv6(data: &[u8]) -> Option<Usual<'_, Ipv6Header>> {
    let (ip, rest) = data.split_first_chunk::<40>()?;
    let [first, _, _, _, l0, l1, TCP, ..] = *ip else { return None };
    let len = usize::from(u16::from_be_bytes([l0, l1]));
    if first >> 4 != VERSION_6 || len == 0 {
        return None;
    }
    Usual::behind(ip, rest, len)
}

impl<'a, H: IpHeader> Usual<'a, H> {
    /// The segment of `len` bytes at the beginning of `data`, which may be cut behind its header.
    #[inline]
    fn behind(ip: &'a H, data: &'a [u8], len: usize) -> Option<Self> {
        let data = data.get(..len).unwrap_or(data);
        let (tcp, rest) = data.split_first_chunk::<20>()?;
        let options_len = (usize::from(tcp[12] >> 4) * 4).checked_sub(tcp.len())?;
        let (options, payload) = rest.split_at_checked(options_len)?;
        let payload_len = len.saturating_sub(tcp.len() + options_len) as u32;
        Some(Self { ip, tcp, options, payload, payload_len })
    }

    /// Sender and receiver.
    #[inline]
    fn ends(&self) -> [Endpoint; 2] {
        let [source, destination] = self.ip.addresses();
        let [p0, p1, q0, q1, ..] = *self.tcp;
        [
            Endpoint { ip: source, port: u16::from_be_bytes([p0, p1]) },
            Endpoint { ip: destination, port: u16::from_be_bytes([q0, q1]) },
        ]
    }

    /// Gives the segment of `packet`, in no tags or tunnels, and its flow.
    #[inline(always)]
    pub(super) fn give(self, packet: &Packet<'a>, take: impl FnOnce(Segment<'a>, FlowKey)) -> bool {
        take(self.segment(packet, packet.direction, &[]), self.flow());
        true
    }

    /// What is to be known early of the segment.
    #[inline]
    fn ahead(&self) -> Ahead {
        let [source, _] = self.ends();
        Ahead { flow: self.flow(), source_port: source.port, has_payload: self.payload_len > 0 }
    }

    /// The flow that it belongs to.
    #[inline]
    fn flow(&self) -> FlowKey {
        let [source, destination] = self.ends();
        FlowKey::new(source, destination)
    }

    /// The segment of `packet`, which went in `direction`, in these tags and tunnels.
    #[inline(always)]
    pub(super) fn segment(
        &self,
        packet: &Packet<'a>,
        direction: Option<Direction>,
        encapsulation: &'a [Encapsulation],
    ) -> Segment<'a> {
        let [_, _, _, _, s0, s1, s2, s3, a0, a1, a2, a3, _, flags, w0, w1, ..] = *self.tcp;
        let [source, destination] = self.ends();
        Segment {
            at: Stamp { packet: packet.at, time: packet.time },
            source,
            destination,
            ip: self.ip.facts(),
            seq: u32::from_be_bytes([s0, s1, s2, s3]),
            ack: u32::from_be_bytes([a0, a1, a2, a3]),
            flags: TcpFlags(flags),
            window: u16::from_be_bytes([w0, w1]),
            options: self.options,
            payload: self.payload,
            payload_len: self.payload_len,
            direction,
            encapsulation,
        }
    }
}

/// What a segment takes from an IP header.
pub(super) trait IpHeader {
    /// Sender and receiver.
    fn addresses(&self) -> [IpAddr; 2];

    /// What else it says.
    fn facts(&self) -> IpFacts;
}

/// A header of IPv4 without options.
type Ipv4Header = [u8; 20];

impl IpHeader for Ipv4Header {
    #[inline]
    fn addresses(&self) -> [IpAddr; 2] {
        let [.., s0, s1, s2, s3, d0, d1, d2, d3] = *self;
        [Ipv4Addr::new(s0, s1, s2, s3).into(), Ipv4Addr::new(d0, d1, d2, d3).into()]
    }

    #[inline]
    fn facts(&self) -> IpFacts {
        let [_, _, _, _, i0, i1, f0, f1, ttl, ..] = *self;
        ipv4_facts_of(ttl, [i0, i1], u16::from_be_bytes([f0, f1]))
    }
}

/// A header of IPv6 without extensions.
type Ipv6Header = [u8; 40];

impl IpHeader for Ipv6Header {
    #[inline]
    fn addresses(&self) -> [IpAddr; 2] {
        let address = |at: usize| {
            let bytes: [u8; 16] = std::array::from_fn(|byte| self[at + byte]);
            IpAddr::V6(Ipv6Addr::from(bytes))
        };
        [address(8), address(24)]
    }

    #[inline]
    fn facts(&self) -> IpFacts {
        let [_, f1, f2, f3, _, _, _, ttl, ..] = *self;
        let flow_label = u32::from_be_bytes([0, f1 & 0x0f, f2, f3]);
        IpFacts { ttl, id: None, dont_fragment: true, flow_label }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::decode::cursor::{Cursor, Wrapping};
    use crate::decode::testing::{ipv4, ipv6, packet, tcp};
    use crate::decode::{ip, tcp as general};

    /// The segment by way of the layers.
    fn by_layers(data: &[u8]) -> Option<String> {
        let (packet, wrapping) = (packet(LinkType::RAW, data), Wrapping::new(8));
        let mut cursor = Cursor::new(&packet);
        let ip = ip::strip(&mut cursor).ok().filter(|ip| ip.protocol == TCP)?;
        general::segment(&packet, &ip, cursor, &wrapping).ok().map(|segment| format!("{segment:?}"))
    }

    fn in_one_step(data: &[u8]) -> Option<String> {
        let packet = packet(LinkType::RAW, data);
        let ipv4 = in_ipv4(data).map(|usual| usual.segment(&packet, None, &[]));
        let ipv6 = || in_ipv6(data).map(|usual| usual.segment(&packet, None, &[]));
        ipv4.or_else(ipv6).map(|segment| format!("{segment:?}"))
    }

    #[test]
    fn whole_and_cut_segments_are_usual_ones() {
        let segment = tcp(&[1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2], b"hello");
        for data in [ipv4(TCP, &segment), ipv6(TCP, &segment)] {
            for len in [data.len(), data.len() - 3, data.len() - 5] {
                assert!(in_one_step(&data[..len]).is_some());
                assert_eq!(in_one_step(&data[..len]), by_layers(&data[..len]));
            }
            assert!(in_one_step(&data[..data.len() - 6]).is_none(), "its options are cut");
        }
    }

    proptest! {
        #[test]
        fn a_segment_reads_the_same_in_both_ways(
            version_6 in any::<bool>(),
            options in prop::collection::vec(any::<u8>(), 0..24),
            payload in prop::collection::vec(any::<u8>(), 0..32),
            padding in prop::collection::vec(any::<u8>(), 0..8),
            changes in prop::collection::vec((0..64_usize, any::<u8>()), 0..4),
            cut in 0..128_usize,
        ) {
            let segment = tcp(&options, &payload);
            let mut data = if version_6 { ipv6(TCP, &segment) } else { ipv4(TCP, &segment) };
            data.extend(padding);
            for (place, value) in changes {
                if let Some(byte) = data.get_mut(place) {
                    *byte = value;
                }
            }
            data.truncate(cut.max(20));
            if let Some(usual) = in_one_step(&data) {
                prop_assert_eq!(Some(usual), by_layers(&data));
            }
        }
    }
}
