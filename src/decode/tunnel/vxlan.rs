//! Virtual extensible local area networks (RFC 7348), and their generic extension.

use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::segment::Encapsulation;
use crate::decode::skip::Skip;

use super::mpls;

/// Its UDP port.
pub(super) const PORT: u16 = 4789;

/// The UDP port that Linux takes where none is set.
pub(super) const LINUX_PORT: u16 = 8472;

/// The UDP port of the generic extension.
pub(super) const GPE_PORT: u16 = 4790;

/// Takes off a header; a packet without its mark is something else on the same port.
pub(super) fn strip(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let [flags, _, _, _, high, middle, low, _] = *cursor.take::<8>()?;
    if flags & VALID_IDENTIFIER == 0 {
        return Err(Skip::NotTcp);
    }
    wrapping.push(Encapsulation::Vxlan(u32::from_be_bytes([0, high, middle, low])))?;
    Ok(Layer::Ethernet)
}

/// Takes off a header on the port that Linux used before there was one; what else is on it is told by its zeros.
pub(super) fn strip_linux(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    match cursor.data {
        [VALID_IDENTIFIER, 0, 0, 0, _, _, _, 0, ..] => strip(cursor, wrapping),
        _ => Err(Skip::NotTcp),
    }
}

/// Takes off a header of the generic extension, which says what is inside.
pub(super) fn strip_gpe(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let [flags, _, _, inside, ..] = *cursor.data.first_chunk::<8>().ok_or(Skip::TruncatedLinkHeader)?;
    let ethernet = strip(cursor, wrapping)?;
    match inside {
        _ if flags & NEXT_PROTOCOL == 0 => Ok(ethernet),
        1 | 2 => Ok(Layer::Ip),
        3 => Ok(ethernet),
        5 => Ok(Layer::EtherType(mpls::UNICAST)),
        _ => Err(Skip::NotIp),
    }
}

/// Flag: the network identifier is valid, as it always is.
const VALID_IDENTIFIER: u8 = 0x08;

/// Flag of the generic extension: what is inside is told.
const NEXT_PROTOCOL: u8 = 0x04;
