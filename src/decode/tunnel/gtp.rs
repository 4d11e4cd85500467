//! GPRS tunnelling protocol, user plane (3GPP TS 29.281).

use crate::decode::Layer;
use crate::decode::cursor::{Cursor, Wrapping};
use crate::decode::segment::Encapsulation;
use crate::decode::skip::Skip;

/// Its UDP port.
pub(super) const PORT: u16 = 2152;

/// Takes off a header with its extensions.
pub(super) fn strip(cursor: &mut Cursor<'_>, wrapping: &mut Wrapping) -> Result<Layer, Skip> {
    let [flags, message, _, _, t0, t1, t2, t3] = *cursor.take::<8>()?;
    if flags & VERSION != VERSION_1 || message != USER_DATA {
        return Err(Skip::NotTcp);
    }
    if flags & OPTIONAL_FIELDS != 0 {
        let [_, _, _, extension] = *cursor.take::<4>()?;
        pass_extensions(extension, cursor)?;
    }
    wrapping.push(Encapsulation::Gtp(u32::from_be_bytes([t0, t1, t2, t3])))?;
    Ok(Layer::Ip)
}

/// Passes over extension headers; each states its length in units of four bytes and ends with the next kind.
fn pass_extensions(mut kind: u8, cursor: &mut Cursor<'_>) -> Result<(), Skip> {
    while kind != 0 {
        let [units, _, _, next] = *cursor.take::<4>()?;
        kind = match units {
            0 => return Err(Skip::NotTcp),
            1 => next,
            _ => {
                cursor.pass((usize::from(units) - 2) * 4)?;
                cursor.take::<4>()?[3]
            }
        };
    }
    Ok(())
}

/// The bits of the version number and of the protocol type.
const VERSION: u8 = 0xf0;

/// Version 1 of GTP, not of GTP'.
const VERSION_1: u8 = 0x30;

/// Flags: an extension, a sequence number or a packet number is there; if one is, all fields are.
const OPTIONAL_FIELDS: u8 = 0x07;

/// The message that holds a packet of a user.
const USER_DATA: u8 = 0xff;
