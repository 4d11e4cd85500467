//! Multiprotocol label switching (RFC 3032).

use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::segment::Encapsulation;
use crate::decode::skip::Skip;

/// `EtherType` of unicast packets.
pub(super) const UNICAST: u16 = 0x8847;

/// `EtherType` of multicast packets.
pub(super) const MULTICAST: u16 = 0x8848;

/// The UDP port of label stacks in UDP (RFC 7510).
pub(super) const PORT: u16 = 6635;

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

/// Tells what is carried; the labels do not, so its first bytes must.
fn inside(cursor: &mut Cursor<'_>) -> Result<Layer, Skip> {
    let (first, behind_word) = match cursor.data {
        [first, _, _, _, behind @ ..] => (*first, behind),
        _ => return Err(Skip::TruncatedLinkHeader),
    };
    match first >> 4 {
        // The control word of RFC 4448 in front of an Ethernet frame, or an address that begins like it.
        0 if is_frame(behind_word) || !is_frame(cursor.data) => cursor.take::<4>().map(|_| Layer::Ethernet),
        4 if is_ipv4(cursor) => Ok(Layer::Ip),
        _ if is_frame(cursor.data) => Ok(Layer::Ethernet),
        4 | 6 => Ok(Layer::Ip),
        _ => Err(Skip::NotIp),
    }
}

/// Whether an IPv4 header says a length that can be.
fn is_ipv4(cursor: &Cursor<'_>) -> bool {
    match *cursor.data {
        [0x45..=0x4f, _, high, low, ..] => {
            let stated = usize::from(u16::from_be_bytes([high, low]));
            stated == 0 || (20..=cursor.wire_len).contains(&stated)
        }
        _ => false,
    }
}

/// Whether this is an Ethernet frame of an IP packet or with a tag.
const fn is_frame(data: &[u8]) -> bool {
    let [_, _, _, _, _, _, _, _, _, _, _, _, high, low, first, ..] = *data else { return false };
    matches!((high, low, first >> 4), (0x08, 0x00, 4) | (0x86, 0xdd, 6) | (0x81, 0x00, _) | (0x88, 0xa8, _))
}

/// Set in the last label.
const BOTTOM: u8 = 0x01;
