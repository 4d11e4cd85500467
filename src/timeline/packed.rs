//! Events as rows of a few bytes each: most of what a connection takes in memory, and all that waits for the report,
//! are events, and each of them is near the one before it.

mod form;
mod reader;
#[cfg(test)]
mod tests;

use std::iter;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::flow::{PacketRef, Side, Stamp};

use super::event::{Event, EventKind, Messages};

use form::Form;
use reader::Reader;

/// Bytes that most events take, or fewer.
const ROW: usize = 32;

/// Events that room is made for at first; then for twice as many each time.
const MANY: usize = 8;

/// Bytes of the widest number.
const WIDEST: usize = 8;

/// Events in the order they were told.
#[derive(Clone, Debug, Default)]
#[repr(C)]
pub(super) struct Rows {
    bytes: Vec<u8>,
    /// What the next stamp is told from.
    near: Stamp,
    count: u32,
    /// Events that may still be added.
    room: u32,
    /// The kinds that are no [`Form`] of a row; they are few.
    #[expect(clippy::box_collection, reason = "few have some, and the rest is to fit into a cache line")]
    others: Option<Box<Vec<EventKind>>>,
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (Bytes(&self.bytes), self.near, self.room, self.others()).serialize(to)
    }
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (bytes, near, room, others) = <(&[u8], Stamp, u32, Vec<EventKind>)>::deserialize(from)?;
        let mut reader = Reader::new(bytes, &others);
        let mut count = 0;
        while !reader.rest.is_empty() {
            reader.skip().ok_or_else(|| D::Error::custom("no event"))?;
            count += 1;
        }
        let others = (!others.is_empty()).then(|| Box::new(others));
        Ok(Self { bytes: bytes.into(), near, count, room, others })
    }
}

/// Bytes that are written as a whole.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self.0)
    }
}

impl Rows {
    /// None, and room for some.
    pub(super) fn with_room(events: usize) -> Self {
        Self { room: events.min(u32::MAX as usize) as u32, ..Self::default() }
    }

    /// How many events there are.
    pub(super) const fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there is no room for one more.
    pub(super) const fn is_full(&self) -> bool {
        self.room == 0
    }

    /// Forgets them, and keeps their memory; there is room for `events` then.
    pub(super) fn clear(&mut self, events: usize) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        *self = Self { bytes, ..Self::with_room(events) };
    }

    fn others(&self) -> &[EventKind] {
        self.others.as_deref().map_or(&[], Vec::as_slice)
    }

    /// Whether there may be one of a kind that is no form of a row.
    pub(super) fn has_other(&self, wanted: impl Fn(&EventKind) -> bool) -> bool {
        self.others().iter().any(wanted)
    }

    /// The events.
    pub(super) fn iter(&self) -> impl Iterator<Item = Event> {
        let mut reader = Reader::new(&self.bytes, self.others());
        iter::from_fn(move || reader.event())
    }

    /// Adds an event.
    pub(super) fn push(&mut self, event: &Event) {
        self.count += 1;
        self.room = self.room.saturating_sub(1);
        if self.bytes.capacity() - self.bytes.len() < ROW {
            self.bytes.reserve_exact(self.bytes.len().max(MANY * ROW));
        }
        match &event.kind {
            // Most are of these two.
            EventKind::Messages(Messages { count: 1, frames: 1, bytes, last }) if *last == event.at => {
                self.head(event, Form::Message, Some(*bytes));
            }
            EventKind::Messages(run) => {
                self.head(event, Form::Messages, None);
                self.run(run);
            }
            _ => self.push_other(event),
        }
    }

    /// Adds an event that is no run of messages.
    #[inline(never)]
    fn push_other(&mut self, event: &Event) {
        let form = Form::of(event);
        let number = match event.kind {
            EventKind::Ping { bytes } => Some(bytes),
            EventKind::Idle { span } => Some(zigzag(span.as_nanos())),
            EventKind::Retransmission { bytes, differs: false } => Some(bytes.into()),
            _ => None,
        };
        self.head(event, form, number);
        match &event.kind {
            EventKind::TlsData(run) => self.run(run),
            EventKind::Pong { answers: Some(ping) } => self.stamp(*ping),
            kind if matches!(form, Form::Other) => {
                self.others.get_or_insert_default().push(kind.clone());
            }
            _ => {}
        }
    }

    /// The number of the form, the side, the stamp, and a number that may follow.
    #[inline]
    fn head(&mut self, event: &Event, form: Form, number: Option<u64>) {
        let side = match event.from {
            None => 0,
            Some(Side::Client) => 1,
            Some(Side::Server) => 2,
        };
        let first = form as u8 | side << Form::BITS;
        let (packets, nanos) = self.step_to(event.at);
        let (one, other, third) = (width(packets), width(nanos), width(number.unwrap_or_default()));
        let behind = 2 + one + other;
        let whole = behind + 1 + third;
        if whole > size_of::<u128>() {
            return self.wide_head(first, (packets, nanos), number);
        }
        // Put together in a register: the processor would wait for bytes that are written and read again at another
        // width.
        let widths = u128::from(first) | u128::from(one as u8 | (other as u8) << 4) << 8;
        let stamp = u128::from(packets) << 16 | u128::from(nanos) << (16 + 8 * one);
        let is_last = number.is_none();
        let number = u128::from(number.unwrap_or_default()) << 8 | third as u128;
        let len = if is_last { behind } else { whole };
        self.append(widths | stamp | number << (8 * behind), len);
    }

    #[cold]
    fn wide_head(&mut self, first: u8, (packets, nanos): (u64, u64), number: Option<u64>) {
        self.bytes.push(first);
        self.pair(packets, nanos);
        number.into_iter().for_each(|number| self.pair(number, 0));
    }

    /// Adds the first bytes of a register.
    #[inline]
    fn append(&mut self, row: u128, len: usize) {
        let end = self.bytes.len() + len;
        self.bytes.extend_from_slice(&row.to_le_bytes());
        self.bytes.truncate(end);
    }

    fn run(&mut self, run: &Messages) {
        let Messages { count, frames, bytes, last } = *run;
        self.pair(count.into(), frames.into());
        self.pair(bytes, 0);
        self.stamp(last);
    }

    fn stamp(&mut self, at: Stamp) {
        let (packets, nanos) = self.step_to(at);
        self.pair(packets, nanos);
    }

    /// How far a stamp is from the one before, which it takes the place of.
    #[inline]
    fn step_to(&mut self, at: Stamp) -> (u64, u64) {
        let packets = word(at.packet).wrapping_sub(word(self.near.packet));
        let nanos = at.time.as_nanos().wrapping_sub(self.near.time.as_nanos());
        self.near = at;
        (zigzag(packets as i64), zigzag(nanos))
    }

    /// A byte that tells how wide two numbers are, then those.
    fn pair(&mut self, first: u64, second: u64) {
        let (one, other) = (width(first), width(second));
        let widths = (one | other << 4) as u8;
        if one + other < 2 * WIDEST {
            let row = u128::from(widths) | u128::from(first) << 8 | u128::from(second) << (8 + 8 * one);
            self.append(row, 1 + one + other);
        } else {
            self.bytes.push(widths);
            self.bytes.extend([first, second].into_iter().flat_map(u64::to_le_bytes));
        }
    }
}

/// Bytes that a number takes.
const fn width(number: u64) -> usize {
    (u64::BITS - number.leading_zeros()).div_ceil(8) as usize
}

/// A number that is near zero on either side, as one that is small.
const fn zigzag(number: i64) -> u64 {
    (number << 1 ^ number >> 63) as u64
}

/// A packet as one number.
fn word(packet: PacketRef) -> u64 {
    u64::from(packet.file()) << 48 | packet.packet()
}
