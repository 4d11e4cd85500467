//! Writes values in the layouts of the report, with nothing hidden in its strings.
//!
//! `serde_json` does the same through a dozen calls for every value, which took a fifth of the whole
//! program's time: a report has two million of them.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use serde::ser::{
    Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer,
};

use super::number::Decimal;
use super::plain::is_plain;
use crate::report::escape::is_hidden;

/// Bytes collected before they go to the output.
const BUFFER: usize = 64 * 1024;

/// What comes between two values; nothing in a report is nested deeper than it is indented here.
const SEPARATOR: &[u8; 48] = b",\n                                              ";

/// What comes before the first value of several.
const START: &[u8; 48] = b"\n                                               ";

/// How values stand in the text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::report) enum Layout {
    /// One in a line, indented by two spaces.
    Indented,
    /// All in one line, without spaces.
    Compact,
}

/// Writes values and what they hold.
pub(in crate::report) struct Printer<'o> {
    out: &'o mut dyn Write,
    text: Vec<u8>,
    layout: Layout,
    /// How much of [`SEPARATOR`] comes between two values here.
    gap: usize,
    /// What the output said, once it takes no more.
    failed: Option<io::Error>,
}

impl<'o> Printer<'o> {
    pub(in crate::report) fn new(out: &'o mut dyn Write, layout: Layout) -> Self {
        let gap = match layout {
            Layout::Indented => 2,
            Layout::Compact => 1,
        };
        Self { out, text: Vec::with_capacity(BUFFER + BUFFER / 4), layout, gap, failed: None }
    }

    /// Writes a value and a newline.
    pub(in crate::report) fn print(&mut self, value: &impl Serialize) -> io::Result<()> {
        value.serialize(&mut *self).map_err(io::Error::other)?;
        self.text.push(b'\n');
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Hands the rest of the text over.
    pub(in crate::report) fn finish(mut self) -> io::Result<()> {
        self.hand_over();
        self.failed.map_or(Ok(()), Err)
    }

    fn hand_over(&mut self) {
        if self.failed.is_none() {
            self.failed = self.out.write_all(&self.text).err();
        }
        self.text.clear();
    }

    /// Starts the line of the next value.
    #[inline]
    fn line(&mut self, first: bool) {
        // As much as there may be is copied, which takes less than to copy just what is wanted.
        let (blank, length) = if first { (START, self.gap - 1) } else { (SEPARATOR, self.gap) };
        let end = self.text.len() + length;
        self.text.extend_from_slice(blank);
        self.text.truncate(end.min(self.text.len()));
    }

    #[inline]
    fn key(&mut self, key: &'static str) {
        self.text.push(b'"');
        self.text.extend_from_slice(key.as_bytes());
        self.text.push(b'"');
        self.colon();
    }

    #[inline]
    fn colon(&mut self) {
        match self.layout {
            Layout::Indented => self.text.extend_from_slice(b": "),
            Layout::Compact => self.text.push(b':'),
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push(b'"');
        self.fragment(text);
        self.text.push(b'"');
    }

    /// A part of a string.
    fn fragment(&mut self, text: &str) {
        if is_plain(text.as_bytes()) {
            self.text.extend_from_slice(text.as_bytes());
        } else {
            self.escaped(text);
        }
    }

    fn escaped(&mut self, text: &str) {
        let mut written = 0;
        for (at, letter) in text.char_indices() {
            let short = match letter {
                '"' => b'"',
                '\\' => b'\\',
                '\n' => b'n',
                '\r' => b'r',
                '\t' => b't',
                '\u{8}' => b'b',
                '\u{c}' => b'f',
                letter if is_hidden(letter) => 0,
                _ => continue,
            };
            self.text.extend_from_slice(&text.as_bytes()[written..at]);
            written = at + letter.len_utf8();
            if short == 0 {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    let _ = write!(self.text, "\\u{unit:04x}");
                }
            } else {
                self.text.extend_from_slice(&[b'\\', short]);
            }
        }
        self.text.extend_from_slice(&text.as_bytes()[written..]);
    }

    fn integer(&mut self, value: impl itoa::Integer) {
        self.text.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    fn step(&self) -> usize {
        match self.layout {
            Layout::Indented => 2,
            Layout::Compact => 0,
        }
    }

    fn begin(&mut self, open: u8, close: u8) -> Nested<'_, 'o> {
        self.text.push(open);
        self.gap += self.step();
        Nested { printer: self, is_empty: true, close }
    }
}

/// Gives text to a string that has begun.
struct Fragments<'p, 'o>(&'p mut Printer<'o>);

impl fmt::Write for Fragments<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.fragment(text);
        Ok(())
    }
}

/// An array or object that has begun.
pub(in crate::report) struct Nested<'p, 'o> {
    printer: &'p mut Printer<'o>,
    is_empty: bool,
    close: u8,
}

impl Nested<'_, '_> {
    #[inline]
    fn line(&mut self) {
        self.printer.line(self.is_empty);
        self.is_empty = false;
    }

    fn finish(self) -> fmt::Result {
        let Self { printer, is_empty, close } = self;
        printer.gap -= printer.step();
        if !is_empty {
            printer.line(true);
        }
        printer.text.push(close);
        if printer.text.len() >= BUFFER {
            printer.hand_over();
        }
        Ok(())
    }
}

impl SerializeSeq for Nested<'_, '_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> fmt::Result {
        self.line();
        value.serialize(&mut *self.printer)
    }

    fn end(self) -> fmt::Result {
        self.finish()
    }
}

impl SerializeTuple for Nested<'_, '_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> fmt::Result {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> fmt::Result {
        self.finish()
    }
}

impl SerializeStruct for Nested<'_, '_> {
    type Ok = ();
    type Error = fmt::Error;

    // Put where it is called: the key's length is known there.
    #[inline(always)]
    fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> fmt::Result {
        self.line();
        self.printer.key(key);
        value.serialize(&mut *self.printer)
    }

    fn end(self) -> fmt::Result {
        self.finish()
    }
}

impl SerializeMap for Nested<'_, '_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> fmt::Result {
        self.line();
        let start = self.printer.text.len();
        key.serialize(&mut *self.printer)?;
        // A number is a key as well, in quotes.
        let text = &mut self.printer.text;
        if text.get(start) != Some(&b'"') {
            text.insert(start, b'"');
            text.push(b'"');
        }
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> fmt::Result {
        self.printer.colon();
        value.serialize(&mut *self.printer)
    }

    fn end(self) -> fmt::Result {
        self.finish()
    }
}

/// Integers of every width.
macro_rules! integers {
    ($($name:ident: $type:ty),*) => {
        $(fn $name(self, value: $type) -> fmt::Result {
            self.integer(value);
            Ok(())
        })*
    };
}

impl<'p, 'o> Serializer for &'p mut Printer<'o> {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Nested<'p, 'o>;
    type SerializeTuple = Nested<'p, 'o>;
    type SerializeMap = Nested<'p, 'o>;
    type SerializeStruct = Nested<'p, 'o>;
    // No value of a report has one of these forms.
    type SerializeTupleStruct = Impossible<(), fmt::Error>;
    type SerializeTupleVariant = Impossible<(), fmt::Error>;
    type SerializeStructVariant = Impossible<(), fmt::Error>;

    integers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64
    }

    fn serialize_bool(self, value: bool) -> fmt::Result {
        self.text.extend_from_slice(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> fmt::Result {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> fmt::Result {
        if !value.is_finite() {
            return self.serialize_unit();
        }
        match Decimal::of(value) {
            Some(decimal) => decimal.write(&mut self.text),
            // A number without an exponent.
            None if value.fract() == 0.0 => write!(self.text, "{value:.1}").map_err(|_| fmt::Error)?,
            None => write!(self.text, "{value}").map_err(|_| fmt::Error)?,
        }
        Ok(())
    }

    fn serialize_char(self, value: char) -> fmt::Result {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> fmt::Result {
        self.string(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> fmt::Result {
        value.serialize(self)
    }

    fn collect_str<T: ?Sized + Display>(self, value: &T) -> fmt::Result {
        self.text.push(b'"');
        write!(Fragments(self), "{value}")?;
        self.text.push(b'"');
        Ok(())
    }

    fn serialize_none(self) -> fmt::Result {
        self.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> fmt::Result {
        value.serialize(self)
    }

    fn serialize_unit(self) -> fmt::Result {
        self.text.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> fmt::Result {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> fmt::Result {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &'static str, value: &T) -> fmt::Result {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> fmt::Result {
        Err(fmt::Error)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, fmt::Error> {
        Ok(self.begin(b'[', b']'))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, fmt::Error> {
        Ok(self.begin(b'[', b']'))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, fmt::Error> {
        Ok(self.begin(b'{', b'}'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, fmt::Error> {
        Ok(self.begin(b'{', b'}'))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), fmt::Error>, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), fmt::Error>, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), fmt::Error>, fmt::Error> {
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests;
