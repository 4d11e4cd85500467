//! Encapsulated remote switch port analyser: mirrored frames in GRE.

use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::segment::Encapsulation;
use crate::decode::skip::Skip;

/// GRE protocol type of types I and II.
pub(super) const TYPE_II: u16 = 0x88be;

/// GRE protocol type of type III.
pub(super) const TYPE_III: u16 = 0x22eb;

/// Takes off a header of type II.
pub(super) fn strip_ii(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let [_, _, high, low, ..] = *cursor.take::<8>()?;
    wrapping.push(Encapsulation::Erspan(u16::from_be_bytes([high, low]) & SESSION))?;
    Ok(Layer::Ethernet)
}

/// Takes off a header of type III, which may have a part that the platform needs.
pub(super) fn strip_iii(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let [_, _, high, low, _, _, _, _, _, _, kind, flags] = *cursor.take::<12>()?;
    if flags & PLATFORM != 0 {
        cursor.take::<8>()?;
    }
    wrapping.push(Encapsulation::Erspan(u16::from_be_bytes([high, low]) & SESSION))?;
    match kind >> 2 & FRAME_TYPE {
        0 => Ok(Layer::Ethernet),
        2 => Ok(Layer::Ip),
        _ => Err(Skip::NotIp),
    }
}

/// The bits of the kind of frame that is mirrored.
const FRAME_TYPE: u8 = 0x1f;

/// Flag: the platform's part is there.
const PLATFORM: u8 = 0x01;

/// The bits of the session identifier.
const SESSION: u16 = 0x03ff;
