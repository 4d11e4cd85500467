//! Bytes read as steps of a connection: what each side sends, with holes between.

use crate::flow::{PacketRef, Side, Stamp};
use crate::time::Timestamp;

/// What happens next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step<'a> {
    pub(super) side: Side,
    pub(super) what: What<'a>,
    pub(super) at: Stamp,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What<'a> {
    Bytes(&'a [u8]),
    Hole(u64),
}

/// Reads steps: one byte for side and kind, one for the length, then the bytes.
pub(super) fn steps(mut data: &[u8]) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    while let Some((&[kind, len], rest)) = data.split_first_chunk::<2>() {
        let side = if kind & 1 == 0 { Side::Client } else { Side::Server };
        let (what, after) = match kind >> 1 {
            // Holes are rare, so that most inputs get far.
            0x40.. => (What::Hole(u64::from(len) + 1), rest),
            scale => {
                let len = usize::from(len) << (scale % 4);
                let (bytes, after) = rest.split_at_checked(len).unwrap_or((rest, &[]));
                (What::Bytes(bytes), after)
            }
        };
        let number = steps.len() as u64 + 1;
        let packet = PacketRef::new(0, number);
        steps.push(Step { side, what, at: Stamp { packet, time: Timestamp::from_nanos(number as i64) } });
        data = after;
    }
    steps
}
