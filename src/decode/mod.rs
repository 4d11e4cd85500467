//! PACKETS → SEGMENTS: link layers, IP and TCP headers; the only room that knows etherparse.
//!
//! Each layer is a file with one function that takes its header off a cursor and tells the
//! layer behind it; [`Decoder::decode`] goes from one to the next until it meets TCP.

mod cursor;
mod fragments;
mod icmp;
mod ip;
mod link;
mod options;
mod segment;
mod skip;
mod tcp;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod tunnel;
mod usual;

use crate::capture::{LinkType, Packet};
use crate::flow::{FlowKey, Stamp};
use crate::limits::Limits;

use cursor::{Cursor, Wrapping};
use fragments::Fragments;
use link::{ethernet, ppp};

pub use crate::capture::Direction;
pub use fragments::FragmentCounts;
pub use icmp::{IcmpError, IcmpKind};
pub use options::{SackBlocks, TcpOption, TcpOptions};
pub use segment::{Encapsulation, IpFacts, Segment, TcpFlags};
pub use skip::Skip;
pub use usual::Ahead;
use usual::IpIn;

/// Decodes packets to TCP segments.
#[derive(Debug)]
pub struct Decoder {
    wrapping: Wrapping,
    fragments: Fragments,
    /// Payloads put together from fragments, which may hold fragments again.
    whole: [Vec<u8>; 2],
    /// What the newest packet says of a segment, where it is an ICMP error.
    icmp_error: Option<IcmpError>,
}

impl Decoder {
    /// A decoder that follows as many tags and tunnels as `limits` allow.
    pub fn new(limits: &Limits) -> Self {
        Self {
            wrapping: Wrapping::new(limits.decode_nesting),
            fragments: Fragments::new(limits),
            whole: Default::default(),
            icmp_error: None,
        }
    }

    /// The TCP segment in `packet`, or why there is none.
    #[inline(always)]
    pub fn decode<'a>(&'a mut self, packet: &Packet<'a>) -> Result<Segment<'a>, Skip> {
        let mut usual = None;
        Self::at_once(packet, |segment, _| usual = Some(segment));
        usual.map_or_else(|| self.decode_layers(packet), Ok)
    }

    /// Gives the TCP segment in `packet` and its flow to `take` if it is of the usual kind, for which nothing but its
    /// own bytes is needed; `false` if not.
    // Given from two places: to bring both together costs as much as to read it.
    #[inline(always)]
    pub fn at_once<'a>(packet: &Packet<'a>, take: impl FnOnce(Segment<'a>, FlowKey)) -> bool {
        if packet.link != LinkType::ETHERNET {
            return false;
        }
        match usual::ip_in_ethernet(packet.data) {
            Some(IpIn::V4(data)) => usual::in_ipv4(data).is_some_and(|usual| usual.give(packet, take)),
            Some(IpIn::V6(data)) => usual::in_ipv6(data).is_some_and(|usual| usual.give(packet, take)),
            None => false,
        }
    }

    /// What is seen at once of a packet that is not of the usual kind.
    #[inline(never)]
    pub fn ahead(packet: &Packet<'_>) -> Option<Ahead> {
        usual::ahead(packet.link, packet.data)
    }

    /// Goes from layer to layer.
    #[inline(never)]
    fn decode_layers<'a>(&'a mut self, packet: &Packet<'a>) -> Result<Segment<'a>, Skip> {
        let Self { wrapping, fragments, whole, icmp_error } = self;
        wrapping.clear(packet.direction);
        let mut rooms = whole.iter_mut();
        let mut cursor = Cursor::new(packet);
        let mut layer = link::outermost(packet.link, &mut cursor, wrapping)?;
        let ip = loop {
            layer = match layer {
                Layer::Ip => {
                    if let Some(usual) = usual::in_ipv4(cursor.data) {
                        return Ok(usual.segment(packet, wrapping.direction, wrapping.layers()));
                    }
                    if let Some(usual) = usual::in_ipv6(cursor.data) {
                        return Ok(usual.segment(packet, wrapping.direction, wrapping.layers()));
                    }
                    let ip = match ip::strip(&mut cursor) {
                        Err(Skip::IpFragment) => {
                            let room = rooms.next().ok_or(Skip::IpFragment)?;
                            fragments.push(&mut cursor, wrapping, packet.time, room)?
                        }
                        stripped => stripped?,
                    };
                    if ip.protocol == ip::TCP {
                        break ip;
                    }
                    *icmp_error =
                        icmp::error(&ip, cursor.data, Stamp { packet: packet.at, time: packet.time });
                    tunnel::in_ip(ip.protocol, &mut cursor, wrapping)?
                }
                Layer::Ethernet => ethernet::strip(&mut cursor)?,
                Layer::EtherType(ether_type) => link::behind(ether_type, &mut cursor, wrapping)?,
                Layer::Llc => ethernet::strip_llc(&mut cursor)?,
                Layer::Ppp => ppp::strip(&mut cursor)?,
            };
        };
        tcp::segment(packet, &ip, cursor, wrapping)
    }

    /// The ICMP error about a TCP segment that the newest packet was, for which [`Self::decode`] gave
    /// [`Skip::NotTcp`]; it is given once.
    pub const fn take_icmp_error(&mut self) -> Option<IcmpError> {
        self.icmp_error.take()
    }

    /// What became of IP packets sent in parts so far; those that still wait are not counted.
    pub const fn fragments(&self) -> FragmentCounts {
        self.fragments.counts()
    }

    /// What became of them if no part comes any more.
    pub fn fragments_at_end(&self) -> FragmentCounts {
        let counts = self.fragments.counts();
        FragmentCounts { dropped: counts.dropped + self.fragments.unfinished(), ..counts }
    }
}

/// What the rest of a packet begins with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Layer {
    /// An Ethernet header.
    Ethernet,
    /// What this `EtherType` stands for.
    EtherType(u16),
    /// An IPv4 or IPv6 header.
    Ip,
    /// An 802.2 logical link control header.
    Llc,
    /// A PPP protocol number.
    Ppp,
}
