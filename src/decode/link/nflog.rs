//! Packets that a Linux firewall logged.

use crate::capture::Direction;
use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::skip::Skip;

/// Takes off the header and the attributes; one of them is the packet.
pub(super) fn strip(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    cursor.take::<4>()?;
    loop {
        let (kind, len) = attribute(*cursor.take::<4>()?)?;
        match kind {
            PAYLOAD => {
                // Another attribute may stand behind it.
                cursor.data = cursor.data.get(..len).unwrap_or(cursor.data);
                return Ok(Layer::Ip);
            }
            PACKET_HEADER => wrapping.direction = direction(cursor.data).or(wrapping.direction),
            _ => {}
        }
        cursor.pass(len.next_multiple_of(4))?;
    }
}

/// Kind and length of an attribute, written in the byte order of the capturing host; kinds are small.
fn attribute(header: [u8; 4]) -> Result<(u8, usize), Skip> {
    let [a, b, ..] = header;
    let (kind, len) = match header {
        [_, _, kind, 0] => (kind, u16::from_le_bytes([a, b])),
        [_, _, 0, kind] => (kind, u16::from_be_bytes([a, b])),
        _ => return Err(Skip::NotIp),
    };
    let len = usize::from(len).checked_sub(4).ok_or(Skip::NotIp)?;
    Ok((kind, len))
}

/// What the place in the firewall tells about the direction.
fn direction(header: &[u8]) -> Option<Direction> {
    match header.get(2) {
        Some(&LOCAL_IN) => Some(Direction::In),
        Some(&LOCAL_OUT) => Some(Direction::Out),
        _ => None,
    }
}

/// Attribute: protocol and place in the firewall.
const PACKET_HEADER: u8 = 1;

/// Attribute: the packet from its IP header on.
const PAYLOAD: u8 = 9;

/// Place: packets to this host.
const LOCAL_IN: u8 = 1;

/// Place: packets from this host.
const LOCAL_OUT: u8 = 3;
