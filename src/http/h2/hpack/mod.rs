//! Header compression (RFC 7541), read by one who may have missed a part.
//!
//! No crate does: a field whose index points at what a hole hides is unknown here and not an error,
//! and reading goes on with the next one.

mod huffman;
mod integer;
mod known;
mod table;

use std::borrow::Cow;

use integer::integer;
use table::{Entry, Table};

/// The decoder of one direction.
#[derive(Debug)]
pub(super) struct Decoder {
    table: Table,
    /// Bytes of fields that one block may unfold to; small indices stand for long fields.
    unfolded: usize,
}

/// A field of a block, as far as it is known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Field<'a> {
    pub(super) name: Option<Cow<'a, [u8]>>,
    pub(super) value: Option<Cow<'a, [u8]>>,
}

/// How a block was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Read {
    /// All of its fields are known.
    Whole,
    /// Some are not.
    InPart,
}

/// A string of a block, where it is known, and what comes behind it.
type Text<'b> = (Option<Cow<'b, [u8]>>, &'b [u8]);

/// A name, perhaps of the table, a value, and what comes behind them.
type Literal<'t, 'b> = (Option<Cow<'t, [u8]>>, Option<Cow<'b, [u8]>>, &'b [u8]);

impl Decoder {
    /// A decoder that remembers up to `bound` bytes of fields.
    pub(super) fn new(bound: usize) -> Self {
        Self { table: Table::new(bound), unfolded: bound.saturating_mul(4) }
    }

    /// A block was missed.
    pub(super) fn forget(&mut self) {
        self.table.forget();
    }

    /// Reads a block and gives its fields to `sink`.
    pub(super) fn block(&mut self, block: &[u8], sink: &mut impl FnMut(&Field<'_>)) -> Read {
        let (mut rest, mut read, mut room) = (block, Read::Whole, self.unfolded);
        while !rest.is_empty() {
            let Some((field, after)) = self.field(rest) else {
                // What the rest would have remembered is missed.
                self.forget();
                return Read::InPart;
            };
            rest = after;
            let Some(field) = field else { continue };
            let len = |text: &Option<Cow<'_, [u8]>>| text.as_ref().map_or(0, |text| text.len());
            let taken = len(&field.name) + len(&field.value);
            if field.name.is_none() || field.value.is_none() || taken > room {
                read = Read::InPart;
            }
            if taken <= room {
                room -= taken;
                sink(&field);
            }
        }
        read
    }

    /// Reads one representation (RFC 7541 §6) and what comes behind it.
    fn field<'t, 'b: 't>(&'t mut self, bytes: &'b [u8]) -> Option<(Option<Field<'t>>, &'b [u8])> {
        match bytes.first()? {
            0x80.. => {
                let (index, rest) = integer(bytes, 7)?;
                let (name, value) = self.table.get(index).unwrap_or_default();
                let field = Field { name: name.map(Cow::Borrowed), value: value.map(Cow::Borrowed) };
                Some((Some(field), rest))
            }
            0x40.. => {
                let (name, value, rest) = self.literal(bytes, 6)?;
                let owned = |text: &Option<Cow<'_, [u8]>>| text.as_ref().map(|text| text.as_ref().into());
                let entry = Entry { name: owned(&name), value: owned(&value) };
                let name = name.map(|name| Cow::Owned(name.into_owned()));
                self.table.insert(entry);
                Some((Some(Field { name, value }), rest))
            }
            0x20.. => {
                let (max, rest) = integer(bytes, 5)?;
                self.table.resize(max as usize);
                Some((None, rest))
            }
            _ => {
                let (name, value, rest) = self.literal(bytes, 4)?;
                Some((Some(Field { name, value }), rest))
            }
        }
    }

    /// A name, given by its index or as it is, and a value.
    fn literal<'t, 'b: 't>(&'t self, bytes: &'b [u8], bits: u32) -> Option<Literal<'t, 'b>> {
        let (index, rest) = integer(bytes, bits)?;
        let (name, rest) = match index {
            0 => text(rest)?,
            index => (self.table.get(index).and_then(|(name, _)| name).map(Cow::Borrowed), rest),
        };
        let (value, rest) = text(rest)?;
        Some((name, value, rest))
    }
}

/// The name of the field with this index, if every endpoint knows it.
pub(super) fn known_name(index: u64) -> Option<&'static [u8]> {
    let index = usize::try_from(index).ok()?.checked_sub(1)?;
    known::FIELDS.get(index).map(|(name, _)| *name)
}

/// What a string stands for; `None` where it breaks the Huffman code.
pub(super) fn plain(text: &[u8], is_huffman: bool) -> Option<Cow<'_, [u8]>> {
    if is_huffman { huffman::decode(text).map(Cow::Owned) } else { Some(Cow::Borrowed(text)) }
}

/// A string (RFC 7541 §5.2); one that breaks the Huffman code is unknown.
fn text(bytes: &[u8]) -> Option<Text<'_>> {
    let is_huffman = bytes.first()? & 0x80 != 0;
    let (len, rest) = integer(bytes, 7)?;
    let (text, rest) = rest.split_at_checked(len as usize)?;
    Some((plain(text, is_huffman), rest))
}

#[cfg(test)]
mod tests;
