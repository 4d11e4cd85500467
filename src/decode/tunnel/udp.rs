//! Tunnels in UDP, told by their destination port.

use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::skip::Skip;

use super::vxlan;

/// Whether this header is that of a tunnel that is known.
pub(super) fn is_tunnel(packet: &[u8]) -> bool {
    matches!(packet, [_, _, high, low, ..] if u16::from_be_bytes([*high, *low]) == vxlan::PORT)
}

/// Takes off a UDP header and goes on in a tunnel that is known.
pub(super) fn strip(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let Ok([_, _, high, low, ..]) = cursor.take::<8>() else { return Err(Skip::NotTcp) };
    match u16::from_be_bytes([*high, *low]) {
        vxlan::PORT => vxlan::strip(cursor, wrapping),
        _ => Err(Skip::NotTcp),
    }
}
