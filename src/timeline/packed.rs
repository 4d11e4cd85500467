//! A history as a few bytes for each event: most of what waits for the report are events, and each of them is
//! near the one before it.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::flow::{PacketRef, Side, Stamp};
use crate::time::{Span, Timestamp};

use super::event::{Event, EventKind, Messages};
use super::history::History;

/// Bytes that most events take, or fewer.
const ROW: usize = 32;

/// Bytes of the widest number.
const WIDEST: usize = 8;

/// What a history becomes.
#[derive(Serialize, Deserialize)]
struct Packed<'a, K> {
    bound: usize,
    kept: usize,
    kept_before_omission: usize,
    omitted: u64,
    #[serde(borrow)]
    rows: Bytes<'a>,
    /// The kinds that are no [`Form`] of a row.
    others: Vec<K>,
}

impl Serialize for History {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut rows = Rows { bytes: Vec::with_capacity(ROW * self.len() + WIDEST), ..Rows::default() };
        self.kept().for_each(|event| rows.push(event));
        // The last number is read as if it were a wide one.
        rows.bytes.extend_from_slice(&[0; WIDEST]);
        let packed = Packed {
            bound: self.bound(),
            kept: self.len(),
            kept_before_omission: self.kept_before_omission(),
            omitted: self.omitted(),
            rows: Bytes(&rows.bytes),
            others: rows.others,
        };
        packed.serialize(to)
    }
}

impl<'de> Deserialize<'de> for History {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Packed { bound, kept, kept_before_omission, omitted, rows, others } = Packed::deserialize(from)?;
        let mut reader = Reader { rest: rows.0, others: others.into_iter(), near: Stamp::default() };
        // A row has a byte or more, whatever was said of how many there are.
        let mut events = Vec::with_capacity(kept.min(rows.0.len()));
        for _ in 0..kept {
            events.push(reader.event().ok_or_else(|| D::Error::custom("no event"))?);
        }
        Ok(Self::of_kept(bound, events, kept_before_omission, omitted))
    }
}

struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Bytes<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        <&[u8]>::deserialize(from).map(Self)
    }
}

/// What follows the stamp in a row: the first byte has its number and the side.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Form {
    /// Nothing: the kind is among the others.
    Other,
    /// A run, as the next two.
    Messages,
    TlsData,
    /// Bytes of the payload.
    Ping,
    /// Nothing, as of all those behind it but two.
    Pong,
    /// The ping's stamp.
    Answer,
    Syn,
    Established,
    UpgradeRequest,
    Fin,
    Reset,
    KeepAliveProbe,
    /// Its length.
    Idle,
    /// Bytes that were sent again, as they were.
    Retransmission,
}

impl Form {
    /// All of them by their numbers.
    const ALL: [Self; 14] = [
        Self::Other,
        Self::Messages,
        Self::TlsData,
        Self::Ping,
        Self::Pong,
        Self::Answer,
        Self::Syn,
        Self::Established,
        Self::UpgradeRequest,
        Self::Fin,
        Self::Reset,
        Self::KeepAliveProbe,
        Self::Idle,
        Self::Retransmission,
    ];

    /// Bits of its number.
    const BITS: u32 = 4;

    const fn of(kind: &EventKind) -> Self {
        match kind {
            EventKind::Messages(_) => Self::Messages,
            EventKind::TlsData(_) => Self::TlsData,
            EventKind::Ping { .. } => Self::Ping,
            EventKind::Pong { answers: None } => Self::Pong,
            EventKind::Pong { answers: Some(_) } => Self::Answer,
            EventKind::Syn => Self::Syn,
            EventKind::Established => Self::Established,
            EventKind::UpgradeRequest => Self::UpgradeRequest,
            EventKind::Fin => Self::Fin,
            EventKind::Reset => Self::Reset,
            EventKind::KeepAliveProbe => Self::KeepAliveProbe,
            EventKind::Idle { .. } => Self::Idle,
            EventKind::Retransmission { differs: false, .. } => Self::Retransmission,
            _ => Self::Other,
        }
    }
}

/// Rows that are written one after the other.
#[derive(Default)]
struct Rows<'a> {
    bytes: Vec<u8>,
    others: Vec<&'a EventKind>,
    /// What the next stamp is told from.
    near: Stamp,
}

impl<'a> Rows<'a> {
    fn push(&mut self, event: &'a Event) {
        let side = match event.from {
            None => 0,
            Some(Side::Client) => 1,
            Some(Side::Server) => 2,
        };
        self.bytes.push(Form::of(&event.kind) as u8 | side << Form::BITS);
        self.stamp(event.at);
        match &event.kind {
            EventKind::Messages(run) | EventKind::TlsData(run) => self.run(run),
            EventKind::Ping { bytes } => self.pair(*bytes, 0),
            EventKind::Pong { answers } => answers.iter().for_each(|ping| self.stamp(*ping)),
            EventKind::Idle { span } => self.pair(zigzag(span.as_nanos()), 0),
            EventKind::Retransmission { bytes, differs: false } => self.pair((*bytes).into(), 0),
            kind if matches!(Form::of(kind), Form::Other) => self.others.push(kind),
            _ => {}
        }
    }

    fn run(&mut self, run: &Messages) {
        let Messages { count, frames, bytes, last } = *run;
        self.pair(count.into(), frames.into());
        self.pair(bytes, 0);
        self.stamp(last);
    }

    #[inline]
    fn stamp(&mut self, at: Stamp) {
        let packets = word(at.packet).wrapping_sub(word(self.near.packet));
        let nanos = at.time.as_nanos().wrapping_sub(self.near.time.as_nanos());
        self.pair(zigzag(packets as i64), zigzag(nanos));
        self.near = at;
    }

    /// A byte that tells how wide two numbers are, then those.
    #[inline]
    fn pair(&mut self, first: u64, second: u64) {
        let (one, other) = (width(first), width(second));
        let mut row = [0; 1 + 2 * WIDEST];
        row[0] = (one | other << 4) as u8;
        row[1..][..WIDEST].copy_from_slice(&first.to_le_bytes());
        row[1 + one..][..WIDEST].copy_from_slice(&second.to_le_bytes());
        let end = self.bytes.len() + 1 + one + other;
        self.bytes.extend_from_slice(&row);
        self.bytes.truncate(end);
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

const fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ (number << 63) as i64 >> 63
}

/// A packet as one number.
fn word(packet: PacketRef) -> u64 {
    u64::from(packet.file()) << 48 | packet.packet()
}

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
struct Reader<'a> {
    rest: &'a [u8],
    others: std::vec::IntoIter<EventKind>,
    near: Stamp,
}

impl Reader<'_> {
    fn event(&mut self) -> Option<Event> {
        let first = self.byte()?;
        let from = match first >> Form::BITS {
            0 => None,
            1 => Some(Side::Client),
            2 => Some(Side::Server),
            _ => return None,
        };
        let form = *Form::ALL.get(usize::from(first & ((1 << Form::BITS) - 1)))?;
        let at = self.stamp()?;
        let kind = match form {
            Form::Other => self.others.next()?,
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
        let mask = MASKS.get(usize::from(width))?;
        let bytes = self.rest.first_chunk::<WIDEST>()?;
        self.rest = self.rest.get(usize::from(width)..)?;
        Some(u64::from_le_bytes(*bytes) & mask)
    }

    #[inline]
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }
}

#[cfg(test)]
mod tests;
