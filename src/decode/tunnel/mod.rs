//! Tunnels that hold IP packets again.

use super::Layer;
use super::cursor::{Cursor, Wrapping};
use super::skip::Skip;

/// Goes on behind an `EtherType` that is neither IP nor a VLAN tag.
pub(super) fn in_ethernet(
    _ether_type: u16,
    _cursor: &mut Cursor<'_>,
    _wrapping: &mut Wrapping,
) -> Result<Layer, Skip> {
    Err(Skip::NotIp)
}

/// Goes on behind an IP header of another protocol than TCP.
pub(super) fn in_ip(
    _protocol: u8,
    _cursor: &mut Cursor<'_>,
    _wrapping: &mut Wrapping,
) -> Result<Layer, Skip> {
    Err(Skip::NotTcp)
}
