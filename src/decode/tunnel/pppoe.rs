//! PPP over Ethernet (RFC 2516).

use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::segment::Encapsulation;
use crate::decode::skip::Skip;

/// `EtherType` of the session stage.
pub(super) const SESSION: u16 = 0x8864;

/// Takes off a session header.
pub(super) fn strip(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let [_, _, high, low, _, _] = *cursor.take::<6>()?;
    wrapping.push(Encapsulation::Pppoe(u16::from_be_bytes([high, low])))?;
    Ok(Layer::Ppp)
}
