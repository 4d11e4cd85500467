//! The JSON report.

use std::io::{self, BufWriter, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::View;
use super::escape::is_hidden;

/// Bytes collected before they go to the output.
const BUFFER: usize = 64 * 1024;

/// What comes between two values; nothing in a report is nested deeper than it is indented here.
const SEPARATOR: &[u8] = b",\n                                        ";

/// Writes the report as one JSON document, indented by two spaces, with a newline at its end.
///
/// Characters that a terminal would act on or hide are written as `\uXXXX`, so the file can be
/// shown as it is; a JSON reader gets the same text.
pub fn write(view: &View, out: &mut dyn Write) -> io::Result<()> {
    // Values come in small pieces, each of which would be a call through the pointer.
    let mut out = BufWriter::with_capacity(BUFFER, out);
    let mut serializer = Serializer::with_formatter(&mut out, Readable::default());
    view.serialize(&mut serializer)?;
    out.write_all(b"\n")?;
    out.flush()
}

/// A number without an exponent.
pub(super) fn number<W: ?Sized + Write>(out: &mut W, value: f64) -> io::Result<()> {
    if value.fract() == 0.0 { write!(out, "{value:.1}") } else { write!(out, "{value}") }
}

/// A piece of a string, with hidden characters escaped.
pub(super) fn text<W: ?Sized + Write>(out: &mut W, fragment: &str) -> io::Result<()> {
    let mut rest = fragment;
    let is_plain = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    while !is_plain(rest)
        && let Some((at, c)) = rest.char_indices().find(|&(_, c)| is_hidden(c))
    {
        out.write_all(&rest.as_bytes()[..at])?;
        for unit in c.encode_utf16(&mut [0; 2]) {
            write!(out, "\\u{unit:04x}")?;
        }
        rest = &rest[at + c.len_utf8()..];
    }
    out.write_all(rest.as_bytes())
}

/// The usual indented layout, with hidden characters escaped and numbers without exponents.
#[derive(Default)]
struct Readable {
    depth: usize,
    /// The array or object being written holds something.
    filled: bool,
}

impl Readable {
    fn begin<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        out.write_all(bracket)
    }

    /// Starts the line of the next value.
    fn line<W: ?Sized + Write>(&self, out: &mut W, first: bool) -> io::Result<()> {
        let end = (2 + 2 * self.depth).min(SEPARATOR.len());
        out.write_all(&SEPARATOR[usize::from(first)..end])
    }

    fn end<W: ?Sized + Write>(&mut self, out: &mut W, bracket: &[u8]) -> io::Result<()> {
        self.depth -= 1;
        if self.filled {
            self.line(out, true)?;
        }
        self.filled = true;
        out.write_all(bracket)
    }
}

impl Formatter for Readable {
    fn write_f64<W: ?Sized + Write>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        number(out, value)
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        text(out, fragment)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.line(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.begin(out, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.end(out, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.line(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn json(view: &View) -> String {
        let mut out = Vec::new();
        write(view, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_empty_report_has_every_field() {
        insta::assert_snapshot!(json(&View::default()).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }

    #[test]
    fn a_connection_has_every_field() {
        let view = fixture::view([fixture::idle_kill(1)]);
        insta::assert_snapshot!(json(&view).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }

    #[test]
    fn hostile_text_is_harmless_and_comes_back_whole() {
        let hostile = fixture::hostile(1);
        let path = hostile.handshake.as_ref().unwrap().path.clone().unwrap();
        let text = json(&fixture::view([hostile]));
        assert_eq!(text.chars().find(|&c| c != '\n' && is_hidden(c)), None);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["connections"][0]["handshake"]["path"], path);
    }

    #[test]
    fn durations_have_no_exponent() {
        let mut connection = fixture::clean_close(1);
        connection.duration_s.0 = 1;
        connection.idle.longest_s.0 = -60_000_000_000;
        let text = json(&fixture::view([connection]));
        assert!(text.contains("\"duration_s\": 0.000000001,"), "{text}");
        assert!(text.contains("\"longest_s\": -60.0,"), "{text}");
    }
}
