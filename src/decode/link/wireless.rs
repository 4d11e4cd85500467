//! Data frames of IEEE 802.11 that are not encrypted, with or without a radiotap header in front.

use crate::decode::Layer;
use crate::decode::cursor::Cursor;
use crate::decode::skip::Skip;

/// Takes off a radiotap header and the frame's header behind it.
pub(super) fn strip_radiotap(cursor: &mut Cursor<'_>) -> Result<Layer, Skip> {
    let &[_, _, l0, l1, p0, p1, p2, p3] = cursor.data.first_chunk().ok_or(Skip::TruncatedLinkHeader)?;
    let len = usize::from(u16::from_le_bytes([l0, l1]));
    let header = cursor.data.get(..len).ok_or(Skip::TruncatedLinkHeader)?;
    let padded = flags(header, u32::from_le_bytes([p0, p1, p2, p3])) & DATA_PAD != 0;
    cursor.pass(len)?;
    strip_frame(cursor, padded)
}

/// Takes off a frame's header.
pub(super) fn strip(cursor: &mut Cursor<'_>) -> Result<Layer, Skip> {
    strip_frame(cursor, false)
}

/// Takes off a frame's header, after which there may be bytes that align what follows.
fn strip_frame(cursor: &mut Cursor<'_>, padded: bool) -> Result<Layer, Skip> {
    let before = cursor.data.len();
    let header = *cursor.take::<24>()?;
    let [control, flags, ..] = header;
    let [sequence, _] = [header[22], header[23]];
    let in_parts = flags & MORE_FRAGMENTS != 0 || sequence & FRAGMENT_NUMBER != 0;
    if control & TYPE != DATA || control & NO_DATA != 0 || flags & PROTECTED != 0 || in_parts {
        return Err(Skip::NotIp);
    }
    if flags & TO_AND_FROM_DS == TO_AND_FROM_DS {
        cursor.take::<6>()?;
    }
    if control & QOS != 0 {
        let [qos, _] = *cursor.take::<2>()?;
        if qos & AGGREGATE != 0 {
            return Err(Skip::NotIp);
        }
        if flags & ORDER != 0 {
            cursor.take::<4>()?;
        }
    }
    if padded {
        let len = before - cursor.data.len();
        cursor.pass(len.next_multiple_of(4) - len)?;
    }
    Ok(Layer::Llc)
}

/// The radiotap flags, which stand behind a time where there is one.
fn flags(header: &[u8], present: u32) -> u8 {
    let is_last = |word: &[u8]| word.last().is_none_or(|last| last & 0x80 == 0);
    let words = header.get(4..).unwrap_or_default().chunks_exact(4);
    let mut place = 4 + words.clone().position(is_last).map_or(0, |last| (last + 1) * 4);
    if present & TIME != 0 {
        place = place.next_multiple_of(8) + 8;
    }
    if present & FLAGS == 0 { 0 } else { header.get(place).copied().unwrap_or_default() }
}

/// Radiotap: the time is there.
const TIME: u32 = 1;

/// Radiotap: the flags are there.
const FLAGS: u32 = 2;

/// Radiotap flag: what follows the frame's header is aligned.
const DATA_PAD: u8 = 0x20;

/// The bits of the protocol version and the type.
const TYPE: u8 = 0x0f;

/// A data frame of version 0.
const DATA: u8 = 0x08;

/// Subtypes without data have this bit.
const NO_DATA: u8 = 0x40;

/// Subtypes with quality of service have this bit.
const QOS: u8 = 0x80;

/// Flags: between access points, which takes a fourth address.
const TO_AND_FROM_DS: u8 = 0x03;

/// Flag: further parts of the frame's data follow.
const MORE_FRAGMENTS: u8 = 0x04;

/// Flag: encrypted.
const PROTECTED: u8 = 0x40;

/// Flag: with quality of service, a further field is there.
const ORDER: u8 = 0x80;

/// The bits of the part's number.
const FRAGMENT_NUMBER: u8 = 0x0f;

/// In the quality of service: several packets in one frame.
const AGGREGATE: u8 = 0x80;
