//! IEEE 802.1Q and 802.1ad tags.

use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::segment::Encapsulation;
use crate::decode::skip::Skip;

/// Takes off a tag behind its `EtherType`.
pub(super) fn strip(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let [tag_high, tag_low, high, low] = *cursor.take::<4>()?;
    wrapping.push(Encapsulation::Vlan(u16::from_be_bytes([tag_high & 0x0f, tag_low])))?;
    Ok(super::ethernet::behind([high, low]))
}
