//! The Point-to-Point Protocol (RFC 1661).

use crate::capture::Direction;
use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::skip::Skip;

/// Takes off a protocol number, with the address and control bytes in front where they are.
pub(in crate::decode) fn strip(cursor: &mut Cursor<'_>) -> Result<Layer, Skip> {
    if cursor.data.starts_with(&[0xff, 0x03]) {
        cursor.take::<2>()?;
    }
    let [first] = *cursor.take::<1>()?;
    // An odd first byte is a whole number: protocol field compression.
    let protocol = if first & 1 == 1 {
        u16::from(first)
    } else {
        let [second] = *cursor.take::<1>()?;
        u16::from_be_bytes([first, second])
    };
    match protocol {
        0x0021 | 0x0057 => Ok(Layer::Ip),
        0x0281 => Ok(Layer::EtherType(MPLS)),
        _ => Err(Skip::NotIp),
    }
}

/// Takes off a byte that is 0 in front of received packets.
pub(super) fn strip_direction(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let [sent] = *cursor.take::<1>()?;
    wrapping.direction = Some(if sent == 0 { Direction::In } else { Direction::Out });
    Ok(Layer::Ppp)
}

/// Takes off a header of Cisco's: an address, a zero and an `EtherType`.
pub(super) fn strip_cisco(cursor: &mut Cursor<'_>) -> Result<Layer, Skip> {
    match *cursor.take::<4>()? {
        [0x0f | 0x8f, 0, high, low] => Ok(Layer::EtherType(u16::from_be_bytes([high, low]))),
        _ => Err(Skip::NotIp),
    }
}

/// `EtherType` of MPLS.
const MPLS: u16 = 0x8847;
