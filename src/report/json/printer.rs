//! Writes values in the layout of the report: indented by two spaces, nothing hidden in its strings.
//!
//! `serde_json` does the same through a dozen calls for every value, which took a fifth of the whole
//! program's time: a report has half a million of them.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};

use serde::ser::{
    Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple, Serializer,
};

use crate::report::escape::is_hidden;

/// Bytes collected before they go to the output.
const BUFFER: usize = 64 * 1024;

/// What comes between two values; nothing in a report is nested deeper than it is indented here.
const SEPARATOR: &[u8] = b",\n                                        ";

/// Writes one value and what it holds.
pub(super) struct Printer<'o> {
    out: &'o mut dyn Write,
    text: Vec<u8>,
    depth: usize,
    /// What the output said, once it takes no more.
    failed: Option<io::Error>,
}

impl<'o> Printer<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> Self {
        Self { out, text: Vec::with_capacity(BUFFER + BUFFER / 4), depth: 0, failed: None }
    }

    /// Ends the text with a newline, and hands the rest of it over.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.text.push(b'\n');
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
    fn line(&mut self, first: bool) {
        let end = (2 + 2 * self.depth).min(SEPARATOR.len());
        self.text.extend_from_slice(&SEPARATOR[usize::from(first)..end]);
    }

    fn string(&mut self, text: &str) {
        self.text.push(b'"');
        self.fragment(text);
        self.text.push(b'"');
    }

    /// A part of a string.
    fn fragment(&mut self, text: &str) {
        // All bytes are looked at, so that many are at once.
        let plain = |byte: u8| matches!(byte, b' '..=b'~') & (byte != b'"') & (byte != b'\\');
        if text.bytes().fold(true, |all, byte| all & plain(byte)) {
            self.text.extend_from_slice(text.as_bytes());
        } else {
            text.chars().for_each(|letter| self.letter(letter));
        }
    }

    fn letter(&mut self, letter: char) {
        let short = match letter {
            '"' => b'"',
            '\\' => b'\\',
            '\n' => b'n',
            '\r' => b'r',
            '\t' => b't',
            '\u{8}' => b'b',
            '\u{c}' => b'f',
            letter if is_hidden(letter) => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    let _ = write!(self.text, "\\u{unit:04x}");
                }
                return;
            }
            letter => return self.text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        };
        self.text.extend_from_slice(&[b'\\', short]);
    }

    fn integer(&mut self, value: impl itoa::Integer) {
        self.text.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    fn begin(&mut self, open: u8, close: u8) -> Nested<'_, 'o> {
        self.text.push(open);
        self.depth += 1;
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
pub(super) struct Nested<'p, 'o> {
    printer: &'p mut Printer<'o>,
    is_empty: bool,
    close: u8,
}

impl Nested<'_, '_> {
    fn line(&mut self) {
        self.printer.line(self.is_empty);
        self.is_empty = false;
    }

    fn finish(self) -> fmt::Result {
        let Self { printer, is_empty, close } = self;
        printer.depth -= 1;
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

    fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> fmt::Result {
        self.line();
        let text = &mut self.printer.text;
        text.push(b'"');
        text.extend_from_slice(key.as_bytes());
        text.extend_from_slice(b"\": ");
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
        self.printer.text.extend_from_slice(b": ");
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
        super::number(&mut self.text, value).map_err(|_| fmt::Error)
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
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn print(value: &impl Serialize) -> String {
        let mut out = Vec::new();
        let mut printer = Printer::new(&mut out);
        value.serialize(&mut printer).unwrap();
        printer.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            Just(Value::Null),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            let array = prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from);
            let object = prop::collection::btree_map(any::<String>(), inner, 0..4);
            prop_oneof![array, object.prop_map(|map| Value::Object(map.into_iter().collect()))]
        })
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_as_the_same(value in value()) {
            let text = print(&value);
            prop_assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), &value);
            prop_assert!(!text.contains(|letter| letter != '\n' && is_hidden(letter)));
        }

        #[test]
        fn plain_values_have_the_usual_layout(
            value in prop::collection::vec(prop::collection::btree_map("[ -~]{0,4}", "[ -~\n\t\r]{0,9}", 0..3), 0..3)
        ) {
            prop_assert_eq!(print(&value), serde_json::to_string_pretty(&value).unwrap() + "\n");
        }
    }

    #[test]
    fn numbers_are_keys_in_quotes() {
        assert_eq!(print(&BTreeMap::from([(1000, 3)])), "{\n  \"1000\": 3\n}\n");
        assert_eq!(print(&json!({ "a": [] })), "{\n  \"a\": []\n}\n");
        assert_eq!(print(&f64::NAN), "null\n");
    }

    #[test]
    fn an_output_that_fails_is_told() {
        struct Full;
        impl Write for Full {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut full = Full;
        let mut printer = Printer::new(&mut full);
        vec!["x".repeat(BUFFER); 3].serialize(&mut printer).unwrap();
        assert_eq!(printer.finish().unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
