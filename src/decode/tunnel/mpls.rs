//! Multiprotocol label switching (RFC 3032).

use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::segment::Encapsulation;
use crate::decode::skip::Skip;

/// `EtherType` of unicast packets.
pub(super) const UNICAST: u16 = 0x8847;

/// `EtherType` of multicast packets.
pub(super) const MULTICAST: u16 = 0x8848;

/// Takes off the whole label stack.
pub(super) fn strip(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    loop {
        let [high, middle, low, _] = *cursor.take::<4>()?;
        wrapping.push(Encapsulation::Mpls(u32::from_be_bytes([0, high, middle, low]) >> 4))?;
        if low & BOTTOM != 0 {
            return inside(cursor);
        }
    }
}

/// Tells what is carried; the labels do not, so its first four bits must.
fn inside(cursor: &mut Cursor<'_>) -> Result<Layer, Skip> {
    match cursor.data.first().ok_or(Skip::TruncatedLinkHeader)? >> 4 {
        4 | 6 => Ok(Layer::Ip),
        // The control word of RFC 4448 in front of an Ethernet frame.
        0 => cursor.take::<4>().map(|_| Layer::Ethernet),
        _ => Err(Skip::NotIp),
    }
}

/// Set in the last label.
const BOTTOM: u8 = 0x01;
