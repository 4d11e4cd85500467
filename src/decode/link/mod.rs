//! Link layers, one file for each family.

mod cooked;
pub(super) mod ethernet;
mod loopback;
mod nflog;
pub(super) mod ppp;
mod vlan;
mod wireless;

use crate::capture::LinkType;

use super::cursor::{Cursor, Wrapping};
use super::skip::Skip;
use super::{Layer, tunnel};

/// `EtherType` of IPv4.
const IPV4: u16 = 0x0800;

/// `EtherType` of IPv6.
const IPV6: u16 = 0x86dd;

/// Takes off what the capture's link type puts in front.
#[inline]
pub(super) fn outermost(
    link: LinkType,
    cursor: &mut Cursor<'_>,
    wrapping: &mut Wrapping,
) -> Result<Layer, Skip> {
    match link {
        LinkType::ETHERNET => Ok(Layer::Ethernet),
        LinkType::LINUX_SLL => cooked::strip_v1(cursor, wrapping),
        LinkType::LINUX_SLL2 => cooked::strip_v2(cursor, wrapping),
        LinkType::PPP_WITH_DIRECTION => ppp::strip_direction(cursor, wrapping),
        LinkType::PPP_ETHER => Ok(Layer::EtherType(tunnel::PPPOE)),
        LinkType::C_HDLC => ppp::strip_cisco(cursor),
        LinkType::IEEE802_11 => wireless::strip(cursor),
        LinkType::RADIOTAP => wireless::strip_radiotap(cursor),
        LinkType::NFLOG => nflog::strip(cursor, wrapping),
        LinkType::PPP | LinkType::PPP_HDLC => Ok(Layer::Ppp),
        LinkType::NULL | LinkType::LOOP => loopback::strip(cursor),
        LinkType::RAW | LinkType::RAW_BSD | LinkType::RAW_OPENBSD | LinkType::IPV4 | LinkType::IPV6 => {
            Ok(Layer::Ip)
        }
        _ => Err(Skip::UnknownLinkType),
    }
}

/// Goes on behind an `EtherType`.
#[inline]
pub(super) fn behind(
    ether_type: u16,
    cursor: &mut Cursor<'_>,
    wrapping: &mut Wrapping,
) -> Result<Layer, Skip> {
    match ether_type {
        IPV4 | IPV6 => Ok(Layer::Ip),
        0x8100 | 0x88a8 | 0x9100 | 0x9200 => vlan::strip(cursor, wrapping),
        _ => tunnel::in_ethernet(ether_type, cursor, wrapping),
    }
}
