//! Takes values apart for the printer.

use std::fmt::{self, Display, Write as _};

use serde::ser::{
    Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer,
};

use super::super::number::Decimal;
use super::{ARRAY, Lead, OBJECT, Printer, SEPARATOR};
use crate::report::view::{Clock, Time};

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
    /// What comes before its next value; nothing of it is written before the first one.
    lead: &'static Lead,
    /// It is a [`Time`], whose text in UTC says the same as its number does.
    is_time: bool,
}

impl<'p, 'o> Nested<'p, 'o> {
    #[inline(always)]
    const fn begin(printer: &'p mut Printer<'o>, open: &'static Lead, is_time: bool) -> Self {
        printer.gap += printer.step;
        Self { printer, lead: open, is_time }
    }

    fn line(&mut self) {
        self.printer.begin_line(self.lead);
        self.lead = SEPARATOR;
    }

    #[inline]
    fn end_array(self) -> fmt::Result {
        self.printer.end(self.lead, *b"[]");
        Ok(())
    }

    #[inline]
    fn end_object(self) -> fmt::Result {
        self.printer.end(self.lead, *b"{}");
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
        self.end_array()
    }
}

impl SerializeTuple for Nested<'_, '_> {
    type Ok = ();
    type Error = fmt::Error;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> fmt::Result {
        SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> fmt::Result {
        self.end_array()
    }
}

impl SerializeStruct for Nested<'_, '_> {
    type Ok = ();
    type Error = fmt::Error;

    // Put where it is called: the key's length is known there.
    #[inline(always)]
    fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> fmt::Result {
        if self.is_time && key == Time::UTC {
            self.printer.end_time();
            return Ok(());
        }
        self.printer.begin_field(self.lead, key);
        self.lead = SEPARATOR;
        value.serialize(&mut *self.printer)
    }

    fn end(self) -> fmt::Result {
        if self.is_time {
            self.printer.gap -= self.printer.step;
            return Ok(());
        }
        self.end_object()
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
        if text.written().get(start) != Some(&b'"') {
            text.quote_from(start);
        }
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> fmt::Result {
        self.printer.colon();
        value.serialize(&mut *self.printer)
    }

    fn end(self) -> fmt::Result {
        self.end_object()
    }
}

/// Integers of every width, by the widest one.
macro_rules! integers {
    ($($name:ident: $type:ty => $wide:ident),*) => {
        $(#[inline]
        fn $name(self, value: $type) -> fmt::Result {
            self.$wide(value.into())
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
        serialize_i8: i8 => serialize_i64, serialize_i16: i16 => serialize_i64, serialize_i32: i32 => serialize_i64,
        serialize_u8: u8 => serialize_u64, serialize_u16: u16 => serialize_u64, serialize_u32: u32 => serialize_u64
    }

    fn serialize_i64(self, value: i64) -> fmt::Result {
        self.last = value;
        if value >= Clock::NINETEEN {
            self.clock.go_to(Time { unix_ns: value });
            self.text.push(&self.clock.nineteen());
            return Ok(());
        }
        if value < 0 {
            self.text.push(b"-");
        }
        self.number(value.unsigned_abs());
        Ok(())
    }

    // Most numbers are small.
    #[inline]
    fn serialize_u64(self, value: u64) -> fmt::Result {
        match value {
            0..10 => self.text.push(&[b'0' + value as u8]),
            _ => self.number(value),
        }
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> fmt::Result {
        self.text.push_slice(if value { b"true" } else { b"false" });
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
            None if value.fract() == 0.0 => self.text.push_slice(format!("{value:.1}").as_bytes()),
            None => self.text.push_slice(value.to_string().as_bytes()),
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
        self.text.push(b"\"");
        write!(Fragments(self), "{value}")?;
        self.text.push(b"\"");
        Ok(())
    }

    fn serialize_none(self) -> fmt::Result {
        self.serialize_unit()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> fmt::Result {
        value.serialize(self)
    }

    fn serialize_unit(self) -> fmt::Result {
        self.text.push(b"null");
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
        Ok(Nested::begin(self, ARRAY, false))
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, fmt::Error> {
        Ok(Nested::begin(self, ARRAY, false))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, fmt::Error> {
        Ok(Nested::begin(self, OBJECT, false))
    }

    // Put where it is called: the name is known there.
    #[inline(always)]
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Self::SerializeStruct, fmt::Error> {
        Ok(Nested::begin(self, OBJECT, name == Time::NAME))
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
