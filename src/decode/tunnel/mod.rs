//! Tunnels that hold IP packets again, one file for each.

mod erspan;
mod geneve;
mod gre;
mod gtp;
mod mpls;
mod pppoe;
mod udp;
mod vxlan;

use super::Layer;
use super::cursor::{Cursor, Wrapping};
use super::segment::Encapsulation;
use super::skip::Skip;

/// Goes on behind an `EtherType` that is neither IP nor a VLAN tag.
pub(super) fn in_ethernet(
    ether_type: u16,
    cursor: &mut Cursor<'_>,
    wrapping: &mut Wrapping,
) -> Result<Layer, Skip> {
    match ether_type {
        mpls::UNICAST | mpls::MULTICAST => mpls::strip(cursor, wrapping),
        pppoe::SESSION => pppoe::strip(cursor, wrapping),
        _ => Err(Skip::NotIp),
    }
}

/// Goes on behind an IP header of another protocol than TCP.
pub(super) fn in_ip(protocol: u8, cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    match protocol {
        IPV4 | IPV6 => wrapping.push(Encapsulation::IpInIp).map(|()| Layer::Ip),
        GRE => gre::strip(cursor, wrapping),
        UDP => udp::strip(cursor, wrapping),
        MPLS => mpls::strip(cursor, wrapping),
        _ => Err(Skip::NotTcp),
    }
}

/// What the `EtherType` in a tunnel's header stands for.
const fn inside(ether_type: u16) -> Layer {
    match ether_type {
        TRANSPARENT_ETHERNET => Layer::Ethernet,
        _ => Layer::EtherType(ether_type),
    }
}

/// Whether an IP protocol is followed.
pub(super) const fn is_in_ip(protocol: u8) -> bool {
    matches!(protocol, IPV4 | IPV6 | GRE | UDP | MPLS)
}

/// Whether a UDP packet is followed, by its header.
pub(super) fn is_in_udp(packet: &[u8]) -> bool {
    udp::is_tunnel(packet)
}

/// `EtherType` of PPP over Ethernet, which is a link type as well.
pub(super) const PPPOE: u16 = pppoe::SESSION;

/// `EtherType` of a whole Ethernet frame in a tunnel.
const TRANSPARENT_ETHERNET: u16 = 0x6558;

/// IP protocol number of IPv4 in IP.
const IPV4: u8 = 4;

/// IP protocol number of UDP.
pub(super) const UDP: u8 = 17;

/// IP protocol number of IPv6 in IP.
const IPV6: u8 = 41;

/// IP protocol number of generic routing encapsulation.
const GRE: u8 = 47;

/// IP protocol number of multiprotocol label switching.
const MPLS: u8 = 137;
