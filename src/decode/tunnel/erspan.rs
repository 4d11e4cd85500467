//! Encapsulated remote switch port analyser: mirrored Ethernet frames in GRE.

use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::segment::Encapsulation;
use crate::decode::skip::Skip;

/// GRE protocol type of types I and II.
pub(super) const TYPE_II: u16 = 0x88be;

/// Takes off a header of type II.
pub(super) fn strip(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let [_, _, high, low, ..] = *cursor.take::<8>()?;
    wrapping.push(Encapsulation::Erspan(u16::from_be_bytes([high, low]) & SESSION))?;
    Ok(Layer::Ethernet)
}

/// The bits of the session identifier.
const SESSION: u16 = 0x03ff;
