//! Linux cooked captures, which `tcpdump -i any` writes.

use crate::capture::Direction;
use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::skip::Skip;

/// In the place of an `EtherType`: an 802.2 header follows.
const LINUX_802_2: u16 = 0x0004;

/// Takes off a header of the first version.
pub(super) fn strip_v1(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let [type_high, type_low, .., high, low] = *cursor.take::<16>()?;
    wrapping.direction = direction(u16::from_be_bytes([type_high, type_low])).or(wrapping.direction);
    Ok(behind([high, low]))
}

/// Takes off a header of the second version.
pub(super) fn strip_v2(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let [high, low, _, _, _, _, _, _, _, _, packet_type, ..] = *cursor.take::<20>()?;
    wrapping.direction = direction(u16::from(packet_type)).or(wrapping.direction);
    Ok(behind([high, low]))
}

/// What the protocol field stands for.
fn behind(protocol: [u8; 2]) -> Layer {
    match u16::from_be_bytes(protocol) {
        LINUX_802_2 => Layer::Llc,
        ether_type => Layer::EtherType(ether_type),
    }
}

/// What the packet type tells about the direction.
const fn direction(packet_type: u16) -> Option<Direction> {
    match packet_type {
        0..=3 => Some(Direction::In),
        4 => Some(Direction::Out),
        _ => None,
    }
}
