//! Generic routing encapsulation (RFC 2784, RFC 2890), and version 1 as PPTP has it (RFC 2637).

use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::segment::Encapsulation;
use crate::decode::skip::Skip;

use super::erspan;

/// Takes off a header with the fields that its flags tell.
pub(super) fn strip(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let [flags, version, high, low] = *cursor.take::<4>()?;
    if flags & ROUTING != 0 {
        return Err(Skip::NotTcp);
    }
    if flags & CHECKSUM != 0 {
        cursor.take::<4>()?;
    }
    let key = if flags & KEY != 0 { Some(u32::from_be_bytes(*cursor.take()?)) } else { None };
    let sequenced = flags & SEQUENCE != 0;
    if sequenced {
        cursor.take::<4>()?;
    }
    let protocol = u16::from_be_bytes([high, low]);
    match version & VERSION {
        0 => {}
        1 => return strip_pptp(version, protocol, key, cursor, wrapping),
        _ => return Err(Skip::NotTcp),
    }
    match protocol {
        erspan::TYPE_II if sequenced => erspan::strip_ii(cursor, wrapping),
        erspan::TYPE_III => erspan::strip_iii(cursor, wrapping),
        // Without a sequence number it is type I, which has no header of its own.
        erspan::TYPE_II => wrapping.push(Encapsulation::Gre(key)).map(|()| Layer::Ethernet),
        _ => wrapping.push(Encapsulation::Gre(key)).map(|()| super::inside(protocol)),
    }
}

/// Goes on in version 1, whose key is a payload length and a call identifier.
fn strip_pptp(
    version: u8,
    protocol: u16,
    key: Option<u32>,
    cursor: &mut Cursor<'_>,
    wrapping: &mut Wrapping,
) -> Result<Layer, Skip> {
    if version & ACKNOWLEDGEMENT != 0 {
        cursor.take::<4>()?;
    }
    if protocol != PPP || cursor.data.is_empty() {
        return Err(Skip::NotTcp);
    }
    wrapping.push(Encapsulation::Gre(key.map(|key| key & 0xffff)))?;
    Ok(Layer::Ppp)
}

/// Flag: checksum present.
const CHECKSUM: u8 = 0x80;

/// Flag: source routes present, which nobody sends any more.
const ROUTING: u8 = 0x40;

/// Flag: key present.
const KEY: u8 = 0x20;

/// Flag: sequence number present.
const SEQUENCE: u8 = 0x10;

/// Flag of version 1: acknowledgement number present.
const ACKNOWLEDGEMENT: u8 = 0x80;

/// The bits of the version number.
const VERSION: u8 = 0x07;

/// Protocol type of PPP in version 1.
const PPP: u16 = 0x880b;
