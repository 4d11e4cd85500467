//! Virtual extensible local area networks (RFC 7348).

use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::segment::Encapsulation;
use crate::decode::skip::Skip;

/// Its UDP port.
pub(super) const PORT: u16 = 4789;

/// Takes off a header; a packet without its mark is something else on the same port.
pub(super) fn strip(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let [flags, _, _, _, high, middle, low, _] = *cursor.take::<8>()?;
    if flags & VALID_IDENTIFIER == 0 {
        return Err(Skip::NotTcp);
    }
    wrapping.push(Encapsulation::Vxlan(u32::from_be_bytes([0, high, middle, low])))?;
    Ok(Layer::Ethernet)
}

/// Flag: the network identifier is valid, as it always is.
const VALID_IDENTIFIER: u8 = 0x08;
