//! Ethernet II and IEEE 802.3.

use crate::decode::Layer;
use crate::decode::cursor::Cursor;
use crate::decode::skip::Skip;

/// The smallest `EtherType`; smaller numbers are lengths.
const FIRST_ETHER_TYPE: u16 = 0x0600;

/// Takes off an Ethernet header.
#[inline]
pub(in crate::decode) fn strip(cursor: &mut Cursor<'_>) -> Result<Layer, Skip> {
    let [.., high, low] = *cursor.take::<14>()?;
    Ok(behind([high, low]))
}

/// What two bytes behind the addresses or a tag stand for: an `EtherType`, or the length of an 802.2 packet.
#[inline]
pub(super) const fn behind(bytes: [u8; 2]) -> Layer {
    match u16::from_be_bytes(bytes) {
        0..FIRST_ETHER_TYPE => Layer::Llc,
        ether_type => Layer::EtherType(ether_type),
    }
}

/// Takes off an 802.2 header: IP directly, or SNAP with an `EtherType`.
pub(in crate::decode) fn strip_llc(cursor: &mut Cursor<'_>) -> Result<Layer, Skip> {
    match *cursor.take::<3>()? {
        [0x06, 0x06, 0x03] => Ok(Layer::Ip),
        [0xaa, 0xaa, 0x03] => match *cursor.take::<5>()? {
            [0x00, 0x00, 0x00 | 0xf8, high, low] => Ok(Layer::EtherType(u16::from_be_bytes([high, low]))),
            _ => Err(Skip::NotIp),
        },
        _ => Err(Skip::NotIp),
    }
}
