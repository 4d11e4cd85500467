//! Heads of messages: where they end, their first line and their fields (RFC 9112 §2–§5).

use std::borrow::Cow;
use std::mem;

use memchr::{memchr, memrchr};

use super::event::GiveUp;
use super::survey::Survey;
use crate::flow::{Side, Stamp};

/// Longest method that is taken for one.
const MAX_METHOD: usize = 24;

/// Packets that are told apart in a head that is not complete; answers the attack of many one-byte segments.
const MAX_PIECES: usize = 1024;

/// What the first line of an answer begins with.
const VERSION_PREFIX: &[u8] = b"HTTP/1.";

/// A complete head, its empty line included, or one that a hole cuts short.
pub(super) struct Head<'b> {
    pub(super) bytes: Cow<'b, [u8]>,
    /// The packet that completed it.
    pub(super) at: Stamp,
    pub(super) complete: bool,
    /// What its fields say of the message.
    pub(super) survey: Result<Survey, GiveUp>,
}

/// What a chunk did to a head.
pub(super) enum Collected<'b> {
    /// The head goes on.
    More,
    /// The head is complete; these bytes come after it.
    Complete(Head<'b>, &'b [u8]),
    /// The chunk was not taken, but for the empty lines before these bytes.
    Failed(GiveUp, &'b [u8]),
}

/// Collects the bytes of one head; copies only where it is split over chunks.
#[derive(Debug)]
pub(super) struct HeadBuffer {
    sender: Side,
    bytes: Vec<u8>,
    end: BlankLine,
    /// The newest packet with a part of it.
    last: Option<Stamp>,
    /// Where the bytes of each packet end.
    packets: Vec<(usize, Stamp)>,
}

impl HeadBuffer {
    /// An empty buffer for a head that `sender` sends.
    pub(super) const fn new(sender: Side) -> Self {
        Self { sender, bytes: Vec::new(), end: BlankLine::new(), last: None, packets: Vec::new() }
    }

    /// Whether nothing of a head was seen yet.
    pub(super) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Adds a chunk, up to `limit` bytes in all.
    pub(super) fn push<'b>(&mut self, chunk: &'b [u8], at: Stamp, limit: usize) -> Collected<'b> {
        let chunk = if self.bytes.is_empty() { skip_blank(chunk) } else { chunk };
        if chunk.is_empty() {
            return Collected::More;
        }
        if !self.may_be_http(chunk) {
            return Collected::Failed(GiveUp::NotHttp, chunk);
        }
        // Most heads come in one piece: the way through their fields shows where they end.
        let surveyed = self.bytes.is_empty().then(|| Survey::up_to_end(chunk));
        let mut end = self.end;
        let found = surveyed.and_then(|(_, end)| end).or_else(|| end.find(chunk));
        if self.bytes.len() + found.unwrap_or(chunk.len()) > limit {
            return Collected::Failed(GiveUp::HeadTooLong, chunk);
        }
        self.end = end;
        self.last = Some(self.last.map_or(at, |last| last.later(at)));
        match (found.and_then(|end| chunk.split_at_checked(end)), surveyed) {
            (None, _) => {
                self.bytes.extend_from_slice(chunk);
                self.note_packet(at);
                Collected::More
            }
            (Some((head, rest)), Some((survey, _))) => {
                Collected::Complete(self.take(Cow::Borrowed(head), true, survey), rest)
            }
            (Some((head, rest)), None) => {
                self.bytes.extend_from_slice(head);
                let bytes = mem::take(&mut self.bytes);
                let survey = Survey::of(&bytes);
                Collected::Complete(self.take(Cow::Owned(bytes), true, survey), rest)
            }
        }
    }

    /// What a hole leaves of the head: its whole lines, or the first line as far as it was seen.
    pub(super) fn cut(&mut self) -> Option<Head<'static>> {
        let mut bytes = mem::take(&mut self.bytes);
        self.packets.clear();
        if let Some(newline) = memrchr(b'\n', &bytes) {
            bytes.truncate(newline + 1);
        }
        let survey = Survey::of(&bytes);
        (!bytes.is_empty()).then(|| self.take(Cow::Owned(bytes), false, survey))
    }

    /// The bytes collected so far, each run with the packet that carried it.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (&[u8], Stamp)> {
        let mut start = 0;
        self.packets.iter().map(move |&(end, at)| {
            let piece = self.bytes.get(start..end).unwrap_or_default();
            start = end;
            (piece, at)
        })
    }

    /// Notes that the newest bytes came in packet `at`.
    fn note_packet(&mut self, at: Stamp) {
        let end = self.bytes.len();
        let is_full = self.packets.len() >= MAX_PIECES;
        match self.packets.last_mut() {
            Some((known, packet)) if *packet == at || is_full => *known = end,
            _ => self.packets.push((end, at)),
        }
    }

    fn take<'b>(&mut self, bytes: Cow<'b, [u8]>, complete: bool, survey: Result<Survey, GiveUp>) -> Head<'b> {
        let at = self.last.take().unwrap_or_default();
        self.end = BlankLine::new();
        self.packets.clear();
        Head { bytes, at, complete, survey }
    }

    /// Whether the head may still be one after `chunk`; looks at the first bytes alone.
    fn may_be_http(&self, chunk: &[u8]) -> bool {
        if self.bytes.len() > MAX_METHOD {
            return true;
        }
        if self.bytes.is_empty() {
            return self.may_begin(chunk);
        }
        let (mut start, mut len) = ([0; MAX_METHOD + 1], 0);
        for part in [&self.bytes, chunk] {
            let taken = part.len().min(start.len() - len);
            start[len..][..taken].copy_from_slice(&part[..taken]);
            len += taken;
        }
        self.may_begin(&start[..len])
    }

    /// Whether a head may begin so.
    fn may_begin(&self, start: &[u8]) -> bool {
        let start = start.get(..=MAX_METHOD).unwrap_or(start);
        match self.sender {
            Side::Server => VERSION_PREFIX.iter().zip(start).all(|(expected, byte)| byte == expected),
            Side::Client => {
                let method = start.iter().take_while(|byte| is_token(**byte)).count();
                (1..=MAX_METHOD).contains(&method) && start.get(method).is_none_or(|byte| *byte == b' ')
            }
        }
    }
}

/// Whether a byte may be part of a token (RFC 9110 §5.6.2).
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

/// The chunk without the empty lines that may come before a first line (RFC 9112 §2.2).
fn skip_blank(chunk: &[u8]) -> &[u8] {
    let blank = chunk.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    chunk.get(blank..).unwrap_or_default()
}

/// Looks for an empty line over any number of chunks, each byte once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum BlankLine {
    /// The current line is empty so far.
    Empty,
    /// It holds a carriage return alone.
    Cr,
    /// It holds more.
    Text,
}

impl BlankLine {
    /// A search that begins at a line's start.
    pub(super) const fn new() -> Self {
        Self::Empty
    }

    /// Where the bytes after the first empty line begin.
    pub(super) fn find(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut start = 0;
        while let Some(line) = bytes.get(start..).filter(|line| !line.is_empty()) {
            let newline = memchr(b'\n', line);
            self.extend(line.get(..newline.unwrap_or(line.len())).unwrap_or_default());
            start += newline? + 1;
            if mem::replace(self, Self::Empty) != Self::Text {
                return Some(start);
            }
        }
        None
    }

    fn extend(&mut self, bytes: &[u8]) {
        *self = match (*self, bytes) {
            (state, []) => state,
            (Self::Empty, [b'\r']) => Self::Cr,
            _ => Self::Text,
        };
    }
}

/// The first line of a request: method and target (RFC 9112 §3).
pub(super) struct RequestLine<'a> {
    pub(super) method: &'a [u8],
    pub(super) target: &'a [u8],
    /// Whether the version is HTTP/1.1 or a later 1.x.
    pub(super) is_http_1_1: bool,
}

impl<'a> RequestLine<'a> {
    /// Reads the first line of `head`.
    pub(super) fn parse(head: &'a [u8]) -> Option<Self> {
        let (line, _) = split_line(head);
        let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        let minor = version.strip_prefix(VERSION_PREFIX)?;
        words.next().is_none().then_some(Self { method, target, is_http_1_1: minor != b"0" })
    }
}

/// The status in the first line of an answer, which may be cut behind it (RFC 9112 §4).
pub(super) fn status(head: &[u8]) -> Option<u16> {
    let (line, _) = split_line(head);
    let (_minor, rest) = line.strip_prefix(VERSION_PREFIX)?.split_first()?;
    let (digits, reason) = rest.trim_ascii_start().split_first_chunk::<3>()?;
    let is_whole = reason.first().is_none_or(u8::is_ascii_whitespace);
    number(digits).filter(|status| *status >= 100 && is_whole)
}

/// The number that three digits make.
fn number(digits: &[u8; 3]) -> Option<u16> {
    let all_digits = digits.iter().all(u8::is_ascii_digit);
    all_digits.then(|| digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0')))
}

/// A line behind the first one of a head.
pub(super) struct Line<'a> {
    pub(super) text: &'a [u8],
    /// What comes behind it; first those lines that go on with it.
    pub(super) behind: &'a [u8],
}

/// A header field: its name as sent and its value with folds undone (RFC 9112 §5).
pub(super) struct Field<'a> {
    pub(super) name: &'a [u8],
    pub(super) value: Cow<'a, [u8]>,
}

impl Field<'_> {
    /// Whether this is the field `name`, in any case.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

impl<'a> Line<'a> {
    /// The field that it is, if it is one.
    pub(super) fn field(&self) -> Option<Field<'a>> {
        let colon = memchr(b':', self.text)?;
        let (name, value) = (&self.text[..colon], self.text[colon + 1..].trim_ascii());
        let mut field = Field { name: name.trim_ascii(), value: Cow::Borrowed(value) };
        let mut behind = self.behind;
        while is_fold(behind) {
            let (fold, further) = split_line(behind);
            behind = further;
            let value = field.value.to_mut();
            if !value.is_empty() {
                value.push(b' ');
            }
            value.extend_from_slice(fold.trim_ascii());
        }
        Some(field)
    }
}

/// The lines of a head behind the first one.
pub(super) fn lines(head: &[u8]) -> impl Iterator<Item = Line<'_>> {
    let (_, mut rest) = split_line(head);
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (text, behind) = split_line(rest);
        rest = behind;
        while is_fold(rest) {
            rest = split_line(rest).1;
        }
        Some(Line { text, behind })
    })
}

/// Whether a line goes on with the one before it.
const fn is_fold(line: &[u8]) -> bool {
    matches!(line, [b' ' | b'\t', ..])
}

/// The fields of a head; lines that are none are passed over.
pub(super) fn fields(head: &[u8]) -> impl Iterator<Item = Field<'_>> {
    lines(head).filter_map(|line| line.field())
}

/// The first line of a head without its end, and what is behind it.
fn split_line(head: &[u8]) -> (&[u8], &[u8]) {
    let (line, rest) = match memchr(b'\n', head) {
        Some(end) => (&head[..end], &head[end + 1..]),
        None => (head, &[][..]),
    };
    (line.strip_suffix(b"\r").unwrap_or(line), rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::PacketRef;

    #[test]
    fn blank_lines_are_found_over_any_split() {
        for text in ["a\r\n\r\nb", "a\n\nb", "a\r\nc\n\r\nb", "\r\nb", "a\r\r\n\n\r\nb"] {
            let bytes = text.as_bytes();
            let end = BlankLine::new().find(bytes).unwrap();
            for cut in 0..end {
                let mut line = BlankLine::new();
                assert_eq!(line.find(&bytes[..cut]), None, "{text:?} at {cut}");
                assert_eq!(line.find(&bytes[cut..]), Some(end - cut), "{text:?} at {cut}");
            }
        }
    }

    #[test]
    fn pieces_keep_their_packets() {
        let at = |packet| Stamp { packet: PacketRef::new(0, packet), ..Stamp::default() };
        let mut head = HeadBuffer::new(Side::Client);
        for (bytes, packet) in [(&b"GE"[..], 1), (b"T", 1), (b" /", 2)] {
            assert!(matches!(head.push(bytes, at(packet), 100), Collected::More));
        }
        assert!(head.pieces().eq([(&b"GET"[..], at(1)), (b" /", at(2))]));
        for packet in 3..5_000 {
            assert!(matches!(head.push(b"x", at(packet), 10_000), Collected::More));
        }
        assert_eq!(head.pieces().count(), MAX_PIECES);
        assert_eq!(head.pieces().map(|(bytes, _)| bytes.len()).sum::<usize>(), 5 + 4_997);
    }

    #[test]
    fn fields_are_unfolded_and_trimmed() {
        let head = b"GET / HTTP/1.1\r\nA : 1\r\n  2\r\nno field\r\n x\r\nb:\r\n\t3 \r\nc: d:e\r\n\r\n";
        let seen: Vec<(String, String)> = fields(head)
            .map(|field| (field.name.escape_ascii().to_string(), field.value.escape_ascii().to_string()))
            .collect();
        let expected = [("A", "1 2"), ("b", "3"), ("c", "d:e")];
        assert_eq!(seen, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn status_lines() {
        let status = |line: &str| status(line.as_bytes());
        assert_eq!(status("HTTP/1.1 101 Switching Protocols\r\n"), Some(101));
        assert_eq!(status("HTTP/1.0  200\r\n"), Some(200));
        assert_eq!(status("HTTP/1.1 101"), Some(101));
        for line in ["HTTP/1.1 10", "HTTP/1.1 1011 x", "HTTP/1.1 099 x", "HTTP/1.1 +20 x", "HTTP/2 200 x"] {
            assert_eq!(status(line), None, "{line}");
        }
    }

    #[test]
    fn request_lines() {
        let target = |line: &str| {
            RequestLine::parse(line.as_bytes()).map(|line| line.target.escape_ascii().to_string())
        };
        assert_eq!(target("GET  /a?b HTTP/1.1 \r\n").as_deref(), Some("/a?b"));
        for line in ["GET /\r\n", "GET / HTTP/2.0\r\n", "GET /a b HTTP/1.1\r\n", "\r\n"] {
            assert_eq!(target(line), None, "{line:?}");
        }
    }
}
