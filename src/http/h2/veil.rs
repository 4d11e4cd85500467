//! Overwrites values of fields in the header blocks of one direction, so that the rest is read as before.
//!
//! A string keeps its length and loses its Huffman flag, so that any bytes in its place are valid
//! (RFC 7541 §5.2). The table is not kept: a name that only it knows is taken for one to be judged.

use std::borrow::Cow;

use super::frame::{Flags, HEADER, Header, Kind, PREFACE, header};
use super::hpack::{known_name, plain};
use super::resume::chain_holds;

/// Bytes of a name, as it is coded, that are looked at.
const LONGEST_NAME: usize = 48;

/// What is put in place of each byte.
const MASK: u8 = b'x';

/// Whether the value of the field `name` is to be hidden; the value is `None` where it is not whole,
/// and the name where it is not known.
pub type Judge = fn(name: Option<&[u8]>, value: Option<&[u8]>) -> bool;

/// Where a direction stands between two chunks.
#[derive(Clone, Debug)]
pub struct Veil {
    place: Place,
    text: Text,
    judge: Judge,
}

/// Where in a frame.
#[derive(Clone, Copy, Debug)]
enum Place {
    Preface(usize),
    Header {
        bytes: [u8; HEADER],
        len: usize,
    },
    /// In a header block's frame: bytes before the fields, of the fields, and of the padding behind.
    Block {
        before: u32,
        padded: bool,
        left: u32,
        padding: u32,
    },
    Other {
        left: u32,
    },
}

/// Where in the fields of a block.
#[derive(Clone, Debug)]
enum Text {
    /// At a field's first byte.
    Field,
    /// In an integer that goes on; what comes when it is complete.
    More { value: u64, shift: u32, then: Then },
    /// At the first byte of a name's length.
    NameLength,
    /// In a name.
    Name { left: u64, coded: bool, bytes: Vec<u8> },
    /// At the first byte of a value's length.
    ValueLength(Option<Vec<u8>>),
    /// In a value.
    Value { left: u64, hidden: bool },
}

/// What an integer is for.
#[derive(Clone, Debug)]
enum Then {
    Nothing,
    Index,
    NameLength { coded: bool },
    ValueLength { name: Option<Vec<u8>>, coded: bool, at: Option<usize> },
}

impl Veil {
    /// At the start of a direction, preface included.
    pub const fn new(judge: Judge) -> Self {
        let place = Place::Header { bytes: [0; HEADER], len: 0 };
        Self { place, text: Text::Field, judge }
    }

    /// Whether `bytes`, behind a hole, begin with frames.
    pub fn may_begin_with(bytes: &[u8]) -> bool {
        chain_holds(bytes)
    }

    /// Takes the next bytes of the direction and overwrites what is to be hidden.
    pub fn hide(&mut self, bytes: &mut [u8]) {
        let mut at = 0;
        while at < bytes.len() {
            at += self.step(bytes, at).max(1);
        }
    }

    /// Takes some bytes at `at`, and says how many.
    fn step(&mut self, bytes: &mut [u8], at: usize) -> usize {
        let here = bytes.len() - at;
        match &mut self.place {
            Place::Preface(left) => {
                let taken = here.min(*left);
                *left -= taken;
                if *left == 0 {
                    self.begin();
                }
                taken
            }
            Place::Header { bytes: held, len } => {
                held[*len] = bytes[at];
                *len += 1;
                if *len == HEADER {
                    let held = *held;
                    self.frame(&held);
                }
                1
            }
            Place::Other { left } => {
                let taken = here.min(*left as usize);
                *left -= taken as u32;
                self.end_of_frame();
                taken
            }
            Place::Block { before, padded, left, padding } => {
                *left -= 1;
                if std::mem::take(padded) {
                    *padding = u32::from(bytes[at]).min(*left);
                } else if *before > 0 {
                    *before -= 1;
                } else if *left >= *padding {
                    let end = at + 1 + (*left - *padding) as usize;
                    self.text(bytes, at, end);
                }
                self.end_of_frame();
                1
            }
        }
    }

    const fn begin(&mut self) {
        self.place = Place::Header { bytes: [0; HEADER], len: 0 };
    }

    fn end_of_frame(&mut self) {
        if matches!(self.place, Place::Other { left: 0 } | Place::Block { left: 0, .. }) {
            self.begin();
        }
    }

    fn frame(&mut self, held: &[u8; HEADER]) {
        if PREFACE.starts_with(held) {
            self.place = Place::Preface(PREFACE.len() - HEADER);
            return;
        }
        let Ok((_, head)) = header(held) else { return self.begin() };
        let Header { len: left, kind, flags, .. } = head;
        let begins = matches!(kind, Kind::HEADERS | Kind::PUSH_PROMISE);
        if begins {
            self.text = Text::Field;
        }
        self.place = if begins || kind == Kind::CONTINUATION {
            let before = match kind {
                Kind::PUSH_PROMISE => 4,
                Kind::HEADERS if flags.has(Flags::PRIORITY) => 5,
                _ => 0,
            };
            Place::Block { before, padded: begins && flags.has(Flags::PADDED), left, padding: 0 }
        } else {
            Place::Other { left }
        };
        self.end_of_frame();
    }

    /// Takes the byte of a block at `at`; the block's bytes in this frame end at `end`.
    fn text(&mut self, bytes: &mut [u8], at: usize, end: usize) {
        let byte = bytes[at];
        self.text = match std::mem::replace(&mut self.text, Text::Field) {
            Text::Field => match byte {
                0x80.. => number(byte, 0x7f, Then::Nothing),
                0x40.. => number(byte, 0x3f, Then::Index),
                0x20.. => number(byte, 0x1f, Then::Nothing),
                _ => number(byte, 0x0f, Then::Index),
            },
            Text::NameLength => number(byte, 0x7f, Then::NameLength { coded: byte & 0x80 != 0 }),
            Text::ValueLength(name) => {
                let then = Then::ValueLength { name, coded: byte & 0x80 != 0, at: Some(at) };
                number(byte, 0x7f, then)
            }
            Text::More { value, shift, then } => {
                let value = value.saturating_add(u64::from(byte & 0x7f) << shift.min(56));
                match byte & 0x80 {
                    0 => Text::More { value, shift: u32::MAX, then },
                    _ => Text::More { value, shift: shift.saturating_add(7), then },
                }
            }
            Text::Name { left, coded, bytes: mut name } => {
                if name.len() < LONGEST_NAME {
                    name.push(byte);
                }
                name_goes_on(left - 1, coded, name)
            }
            Text::Value { left, hidden } => {
                if hidden {
                    bytes[at] = MASK;
                }
                value_goes_on(left - 1, hidden)
            }
        };
        self.complete(bytes, at + 1, end);
    }

    /// Goes on to what an integer that is complete stands before.
    fn complete(&mut self, bytes: &mut [u8], next: usize, end: usize) {
        let Text::More { value, shift: u32::MAX, then } = &mut self.text else { return };
        let value = *value;
        self.text = match std::mem::replace(then, Then::Nothing) {
            Then::Nothing => Text::Field,
            Then::Index if value == 0 => Text::NameLength,
            Then::Index => Text::ValueLength(known_name(value).map(<[u8]>::to_vec)),
            Then::NameLength { coded } => name_goes_on(value, coded, Vec::new()),
            Then::ValueLength { name, coded, at } => {
                let whole = usize::try_from(value).ok().and_then(|len| next.checked_add(len));
                let whole = whole.filter(|stop| *stop <= end).and_then(|stop| bytes.get(next..stop));
                let read = whole.and_then(|text| plain(text, coded));
                let hidden = (self.judge)(name.as_deref(), read.as_deref());
                if let Some(length) = at.and_then(|at| bytes.get_mut(at)).filter(|_| hidden) {
                    *length &= 0x7f;
                }
                value_goes_on(value, hidden)
            }
        };
    }
}

/// An integer (RFC 7541 §5.1) by its first byte.
fn number(byte: u8, most: u8, then: Then) -> Text {
    let value = byte & most;
    let shift = if value == most { 0 } else { u32::MAX };
    Text::More { value: value.into(), shift, then }
}

fn name_goes_on(left: u64, coded: bool, bytes: Vec<u8>) -> Text {
    match left {
        0 => Text::ValueLength(plain(&bytes, coded).map(Cow::into_owned)),
        _ => Text::Name { left, coded, bytes },
    }
}

const fn value_goes_on(left: u64, hidden: bool) -> Text {
    match left {
        0 => Text::Field,
        _ => Text::Value { left, hidden },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::h2::hpack::Decoder;

    fn judge(name: Option<&[u8]>, value: Option<&[u8]>) -> bool {
        match name {
            Some(b"cookie" | b"x-token") | None => true,
            Some(b":path") => value.is_none_or(|value| value.contains(&b'?')),
            _ => false,
        }
    }

    /// A request with a cookie in Huffman code, a token with a name of its own, and a query.
    fn request() -> Vec<u8> {
        let mut block = vec![0x82, 0x04, 4, b'/', b'?', b'a', b'b', 0x60, 0x84, 0xd0, 0x7a, 0xbe, 0x94];
        block.extend(b"\x40\x07x-token\x06secret\x00\x04name\x05value");
        [
            &PREFACE[..],
            &[0, 0, block.len() as u8 + 1 + 5 + 2, 1, 0x2c, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9],
            &block,
            &[0, 0],
        ]
        .concat()
    }

    fn read(bytes: &[u8]) -> Vec<String> {
        let block = &bytes[PREFACE.len() + HEADER + 6..bytes.len() - 2];
        let mut fields = Vec::new();
        Decoder::new(4096).block(block, &mut |field| {
            let text = |text: &Option<Cow<'_, [u8]>>| {
                String::from_utf8_lossy(text.as_deref().unwrap_or(b"?")).into_owned()
            };
            fields.push(format!("{}={}", text(&field.name), text(&field.value)));
        });
        fields
    }

    #[test]
    fn what_is_secret_goes_and_the_rest_is_read_as_before() {
        let mut bytes = request();
        assert_eq!(read(&bytes)[1..], [":path=/?ab", "cookie=Mon, ", "x-token=secret", "name=value"]);
        Veil::new(judge).hide(&mut bytes);
        let wanted = [":method=GET", ":path=xxxx", "cookie=xxxx", "x-token=xxxxxx", "name=value"];
        assert_eq!(read(&bytes), wanted);
    }

    /// Where a length stands in another chunk than its string, the flag stays; the bytes go all the same.
    #[test]
    fn secrets_go_wherever_the_bytes_are_cut() {
        let whole = request();
        for cut in 0..whole.len() {
            let mut bytes = whole.clone();
            let mut veil = Veil::new(judge);
            let (first, second) = bytes.split_at_mut(cut);
            veil.hide(first);
            veil.hide(second);
            let shown = |secret: &[u8]| memchr::memmem::find(&bytes, secret).is_some();
            assert!(!shown(b"secret") && !shown(&[0xd0, 0x7a, 0xbe]) && !shown(b"?ab"), "{cut}");
            assert!(shown(b"value"), "{cut}");
        }
    }

    proptest::proptest! {
        /// Any bytes keep their number and place.
        #[test]
        fn any_bytes_are_taken(chunks in proptest::collection::vec(proptest::collection::vec(0_u8.., 0..100), 0..20)) {
            let mut veil = Veil::new(judge);
            for mut chunk in chunks {
                veil.hide(&mut chunk);
            }
        }
    }
}
