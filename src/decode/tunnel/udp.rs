//! Tunnels in UDP, told by their destination port.

use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::skip::Skip;

use super::{geneve, gtp, mpls, vxlan};

/// Whether this header is that of a tunnel that is known.
pub(super) fn is_tunnel(packet: &[u8]) -> bool {
    matches!(packet, [_, _, high, low, ..] if tunnel(u16::from_be_bytes([*high, *low])).is_some())
}

/// Takes off a UDP header and goes on in a tunnel that is known.
pub(super) fn strip(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let Ok([_, _, high, low, ..]) = cursor.take::<8>() else { return Err(Skip::NotTcp) };
    let tunnel = tunnel(u16::from_be_bytes([*high, *low])).ok_or(Skip::NotTcp)?;
    tunnel(cursor, wrapping)
}

/// What takes off a tunnel's header.
type Strip = fn(&mut Cursor<'_>, &mut Wrapping) -> Result<Layer, Skip>;

/// The tunnel that a port belongs to.
fn tunnel(port: u16) -> Option<Strip> {
    match port {
        vxlan::PORT => Some(vxlan::strip),
        vxlan::LINUX_PORT => Some(vxlan::strip_linux),
        vxlan::GPE_PORT => Some(vxlan::strip_gpe),
        geneve::PORT => Some(geneve::strip),
        gtp::PORT => Some(gtp::strip),
        mpls::PORT => Some(mpls::strip),
        _ => None,
    }
}
