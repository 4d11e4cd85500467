//! Writes values in the layouts of the report, with nothing hidden in its strings.
//!
//! `serde_json` does the same through a dozen calls for every value, which took a fifth of the whole
//! program's time: a report has two million of them.

mod serializer;

use std::io::{self, Write};

use serde::Serialize;

use super::plain::{is_plain, is_plain_byte};
use super::text::Text;
use crate::report::escape::is_hidden;
use crate::report::view::{Clock, Time};

/// Bytes collected before they go to the output.
const BUFFER: usize = 64 * 1024;

/// What comes before a value: as much of it as the value is indented.
type Lead = [u8; 48];

/// What comes between two values; nothing in a report is nested deeper than it is indented here.
const SEPARATOR: &Lead = b",\n                                              ";

/// What comes before the first value of an array.
const ARRAY: &Lead = b"[\n                                              ";

/// What comes before the first value of an object.
const OBJECT: &Lead = b"{\n                                              ";

/// What comes behind the last value of either.
const END: &Lead = b"\n                                               ";

/// Room for such a lead.
const LEAD: usize = size_of::<Lead>();

/// Room for the longest key with its quotes and colon.
const KEY: usize = 48;

/// Bytes of most words.
const WORD: usize = 8;

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
    text: Text,
    /// How much of a [`Lead`] comes before a value here.
    gap: usize,
    /// How much more of it comes between those that they hold.
    step: usize,
    /// How much of a colon and a space comes after a key.
    colon: usize,
    /// The integer that was written last.
    last: i64,
    clock: Clock,
    /// What the output said, once it takes no more.
    failed: Option<io::Error>,
}

impl<'o> Printer<'o> {
    pub(in crate::report) fn new(out: &'o mut dyn Write, layout: Layout) -> Self {
        let (gap, step, colon) = match layout {
            Layout::Indented => (2, 2, 2),
            Layout::Compact => (1, 0, 1),
        };
        let text = Text::with_room(BUFFER + BUFFER / 4);
        Self { out, text, gap, step, colon, last: 0, clock: Clock::default(), failed: None }
    }

    /// Writes a value and a newline.
    pub(in crate::report) fn print(&mut self, value: &impl Serialize) -> io::Result<()> {
        value.serialize(&mut *self).map_err(io::Error::other)?;
        self.text.push(b"\n");
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Hands the rest of the text over.
    pub(in crate::report) fn finish(mut self) -> io::Result<()> {
        self.hand_over();
        self.failed.map_or(Ok(()), Err)
    }

    fn hand_over(&mut self) {
        if self.failed.is_none() {
            self.failed = self.out.write_all(self.text.written()).err();
        }
        self.text.clear();
    }

    /// How much of a lead is wanted.
    #[inline(always)]
    fn gap(&self) -> usize {
        self.gap.min(LEAD)
    }

    /// Starts the line of the next value.
    #[inline]
    fn begin_line(&mut self, lead: &Lead) {
        // As much as there may be is copied, which takes less than to copy just what is wanted.
        *self.text.room() = *lead;
        self.text.keep(self.gap());
    }

    /// Starts the line of the next value with its key, which the caller knows: it is copied as a whole.
    #[inline(always)]
    fn begin_field(&mut self, lead: &Lead, key: &'static str) {
        if key.len() + 4 > KEY {
            self.begin_line(lead);
            self.string(key);
            return self.colon();
        }
        let gap = self.gap();
        let room: &mut [u8; LEAD + KEY] = self.text.room();
        room[..LEAD].copy_from_slice(lead);
        let length = put_key(&mut room[gap..gap + KEY], key);
        self.text.keep(gap + length + self.colon);
    }

    #[inline]
    fn colon(&mut self) {
        *self.text.room() = *b": ";
        self.text.keep(self.colon);
    }

    #[inline(never)]
    fn number(&mut self, value: u64) {
        self.text.push_number(value);
    }

    fn string(&mut self, text: &str) {
        // Most are words, which take no room for what a long one needs.
        if text.len() <= WORD { self.any_string(text) } else { self.long_string(text) }
    }

    #[inline(never)]
    fn long_string(&mut self, text: &str) {
        self.any_string(text);
    }

    #[inline(always)]
    fn any_string(&mut self, text: &str) {
        if is_plain(text.as_bytes()) {
            self.text.push_quoted(text.as_bytes());
        } else {
            self.quote(text);
        }
    }

    #[inline(never)]
    fn quote(&mut self, text: &str) {
        self.text.push(b"\"");
        self.escaped(text);
        self.text.push(b"\"");
    }

    /// A part of a string.
    fn fragment(&mut self, text: &str) {
        if is_plain(text.as_bytes()) {
            self.text.push_slice(text.as_bytes());
        } else {
            self.escaped(text);
        }
    }

    fn escaped(&mut self, text: &str) {
        let (mut written, mut at) = (0, 0);
        while let Some(&byte) = text.as_bytes().get(at) {
            if is_plain_byte(byte) {
                at += 1;
                continue;
            }
            // A byte that is not plain begins a letter: those that go on with one are passed with it.
            let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
            let end = at + letter.len_utf8();
            if let Some(escape) = Escape::of(letter) {
                self.text.push_slice(&text.as_bytes()[written..at]);
                self.escape(letter, escape);
                written = end;
            }
            at = end;
        }
        self.text.push_slice(&text.as_bytes()[written..]);
    }

    fn escape(&mut self, letter: char, escape: Escape) {
        match escape {
            Escape::Short(byte) => self.text.push(&[b'\\', byte]),
            Escape::Units => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    self.text.push_slice(format!("\\u{unit:04x}").as_bytes());
                }
            }
        }
    }

    /// The moment whose number was written just now: its text in UTC, behind which it is over.
    #[inline]
    fn end_time(&mut self) {
        self.clock.go_to(Time { unix_ns: self.last });
        let gap = self.gap();
        let room: &mut [u8; 2 * LEAD + KEY + 40] = self.text.room();
        room[..LEAD].copy_from_slice(SEPARATOR);
        let mut length = gap + put_key(&mut room[gap..gap + KEY], Time::UTC) + self.colon;
        let text = &mut room[length..length + 32];
        text[0] = b'"';
        text[1..31].copy_from_slice(self.clock.utc());
        text[31] = b'"';
        length += 32;
        room[length..length + LEAD].copy_from_slice(END);
        length += gap.saturating_sub(self.step + 1);
        room[length] = b'}';
        self.text.keep(length + 1);
    }

    /// Ends an array or object.
    fn end(&mut self, lead: &Lead, [open, close]: [u8; 2]) {
        self.gap -= self.step;
        let mut length = self.gap().saturating_sub(1);
        let room: &mut [u8; LEAD + 1] = self.text.room();
        if lead[0] == open {
            room[0] = open;
            length = 1;
        } else {
            room[..LEAD].copy_from_slice(END);
        }
        room[length] = close;
        self.text.keep(length + 1);
        if self.text.len() >= BUFFER {
            self.hand_over();
        }
    }
}

/// How a letter is written that does not stand as it is.
enum Escape {
    /// As a letter behind a backslash.
    Short(u8),
    /// By its numbers in UTF-16.
    Units,
}

impl Escape {
    fn of(letter: char) -> Option<Self> {
        let short = match letter {
            '"' => b'"',
            '\\' => b'\\',
            '\n' => b'n',
            '\r' => b'r',
            '\t' => b't',
            '\u{8}' => b'b',
            '\u{c}' => b'f',
            _ => return is_hidden(letter).then_some(Self::Units),
        };
        Some(Self::Short(short))
    }
}

/// Writes a key in quotes, with a colon and a space that do not count.
#[inline(always)]
fn put_key(room: &mut [u8], key: &'static str) -> usize {
    let length = key.len() + 2;
    room[0] = b'"';
    room[1..length - 1].copy_from_slice(key.as_bytes());
    room[length - 1..length + 2].copy_from_slice(b"\": ");
    length
}

#[cfg(test)]
mod tests;
