//! From rows back to events.

use super::form::Form;
use super::{WIDEST, word};
use crate::flow::{PacketRef, Side, Stamp};
use crate::time::{Span, Timestamp};
use crate::timeline::event::{Event, EventKind, Messages};

/// The bits of numbers by the bytes that they take.
const MASKS: [u64; WIDEST + 1] = {
    let mut masks = [u64::MAX; WIDEST + 1];
    let mut width = 0;
    while width < WIDEST {
        masks[width] = (1 << (8 * width)) - 1;
        width += 1;
    }
    masks
};

/// Reads rows.
pub(super) struct Reader<'a> {
    pub(super) rest: &'a [u8],
    others: std::slice::Iter<'a, EventKind>,
    near: Stamp,
}

impl<'a> Reader<'a> {
    pub(super) fn new(rows: &'a [u8], others: &'a [EventKind]) -> Self {
        Self { rest: rows, others: others.iter(), near: Stamp::default() }
    }

    /// Goes behind an event, which is there.
    pub(super) fn skip(&mut self) -> Option<()> {
        let (form, _) = self.head()?;
        if matches!(form, Form::Other) {
            self.others.next()?;
        }
        for _ in 0..form.pairs() {
            let widths = self.byte()?;
            let (one, other) = (usize::from(widths & 0xf), usize::from(widths >> 4));
            let is_number = one <= WIDEST && other <= WIDEST;
            self.rest = self.rest.get(one + other..).filter(|_| is_number)?;
        }
        Some(())
    }

    /// The form of an event, and the side that it is of.
    #[inline]
    fn head(&mut self) -> Option<(Form, Option<Side>)> {
        let first = self.byte()?;
        let from = match first >> Form::BITS {
            0 => None,
            1 => Some(Side::Client),
            2 => Some(Side::Server),
            _ => return None,
        };
        Some((*Form::ALL.get(usize::from(first & ((1 << Form::BITS) - 1)))?, from))
    }

    pub(super) fn event(&mut self) -> Option<Event> {
        let (form, from) = self.head()?;
        let at = self.stamp()?;
        let kind = match form {
            Form::Other => self.others.next()?.clone(),
            Form::Message => {
                EventKind::Messages(Messages { count: 1, frames: 1, bytes: self.pair()?.0, last: at })
            }
            Form::Messages => EventKind::Messages(self.run()?),
            Form::TlsData => EventKind::TlsData(self.run()?),
            Form::Ping => EventKind::Ping { bytes: self.pair()?.0 },
            Form::Pong => EventKind::Pong { answers: None },
            Form::Answer => EventKind::Pong { answers: Some(self.stamp()?) },
            Form::Syn => EventKind::Syn,
            Form::Established => EventKind::Established,
            Form::UpgradeRequest => EventKind::UpgradeRequest,
            Form::Fin => EventKind::Fin,
            Form::Reset => EventKind::Reset,
            Form::KeepAliveProbe => EventKind::KeepAliveProbe,
            Form::Idle => EventKind::Idle { span: Span::from_nanos(unzigzag(self.pair()?.0)) },
            Form::Retransmission => {
                EventKind::Retransmission { bytes: self.pair()?.0.try_into().ok()?, differs: false }
            }
        };
        Some(Event { at, from, kind })
    }

    fn run(&mut self) -> Option<Messages> {
        let ((count, frames), (bytes, _)) = (self.pair()?, self.pair()?);
        let (count, frames) = (count.try_into().ok()?, frames.try_into().ok()?);
        Some(Messages { count, frames, bytes, last: self.stamp()? })
    }

    #[inline]
    fn stamp(&mut self) -> Option<Stamp> {
        let (packets, nanos) = self.pair()?;
        let word = word(self.near.packet).wrapping_add_signed(unzigzag(packets));
        let nanos = self.near.time.as_nanos().wrapping_add(unzigzag(nanos));
        let packet = PacketRef::new((word >> 48) as u32, word & ((1 << 48) - 1));
        self.near = Stamp { packet, time: Timestamp::from_nanos(nanos) };
        Some(self.near)
    }

    #[inline]
    fn pair(&mut self) -> Option<(u64, u64)> {
        let widths = self.byte()?;
        Some((self.number(widths & 0xf)?, self.number(widths >> 4)?))
    }

    #[inline]
    fn number(&mut self, width: u8) -> Option<u64> {
        let width = usize::from(width);
        let mask = MASKS.get(width)?;
        let bytes = self.rest.first_chunk::<WIDEST>().copied().or_else(|| last(self.rest));
        self.rest = self.rest.get(width..)?;
        Some(u64::from_le_bytes(bytes?) & mask)
    }

    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }
}

/// What is left, as if more came behind it.
#[cold]
fn last(rest: &[u8]) -> Option<[u8; WIDEST]> {
    let mut bytes = [0; WIDEST];
    bytes.get_mut(..rest.len())?.copy_from_slice(rest);
    Some(bytes)
}

/// The number of which [`zigzag`](super::zigzag) made this one.
const fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ (number << 63) as i64 >> 63
}
