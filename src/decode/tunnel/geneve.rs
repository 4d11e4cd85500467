//! Generic network virtualisation encapsulation (RFC 8926).

use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::segment::Encapsulation;
use crate::decode::skip::Skip;

/// Its UDP port.
pub(super) const PORT: u16 = 6081;

/// Takes off a header with its options.
pub(super) fn strip(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let [first, flags, high, low, n0, n1, n2, _] = *cursor.take::<8>()?;
    if first & VERSION != 0 || flags & CONTROL != 0 {
        return Err(Skip::NotTcp);
    }
    cursor.pass(usize::from(first & OPTIONS_LEN) * 4)?;
    wrapping.push(Encapsulation::Geneve(u32::from_be_bytes([0, n0, n1, n2])))?;
    Ok(super::inside(u16::from_be_bytes([high, low])))
}

/// The bits of the version number, which is 0.
const VERSION: u8 = 0xc0;

/// The bits that tell the length of the options in units of four bytes.
const OPTIONS_LEN: u8 = 0x3f;

/// Flag: a message between the ends of the tunnel.
const CONTROL: u8 = 0x80;
