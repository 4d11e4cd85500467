//! One pass over a head's fields: how the message is framed and whether it is about WebSocket.

use super::body::Body;
use super::event::GiveUp;
use super::head::{Field, fields, lines};
use super::value::names;

/// Most header fields of one head.
const MAX_FIELDS: usize = 256;

/// What every head is asked, cheaply.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Survey {
    content_length: Option<u64>,
    chunked: bool,
    /// `Upgrade` names `websocket`.
    pub(super) upgrade_websocket: bool,
    /// `Upgrade` names `h2c`: HTTP/2 without TLS (RFC 7540 §3.2).
    pub(super) upgrade_h2c: bool,
    /// `Upgrade` is there.
    pub(super) has_upgrade: bool,
    /// A `Sec-WebSocket-Key` or `Sec-WebSocket-Version` is there.
    pub(super) has_websocket_field: bool,
    /// `Expect: 100-continue` is there: the body may never come (RFC 9110 §10.1.1).
    pub(super) expects_continue: bool,
}

impl Survey {
    /// Surveys the fields of `head`.
    pub(super) fn of(head: &[u8]) -> Result<Self, GiveUp> {
        Self::up_to_end(head).0
    }

    /// Surveys the fields of the head with which `bytes` begin, and tells where it ends if it does.
    pub(super) fn up_to_end(bytes: &[u8]) -> (Result<Self, GiveUp>, Option<usize>) {
        let (mut survey, mut count) = (Self::default(), 0);
        let blank = lines(bytes).find(|line| {
            count += 1;
            if may_matter(line.text) {
                line.field().iter().for_each(|field| survey.note(field));
            }
            line.text.is_empty()
        });
        let head = blank.as_ref().map_or(bytes, |blank| &bytes[..bytes.len() - blank.behind.len()]);
        // Not every line is a field.
        let too_many = count > MAX_FIELDS && fields(head).nth(MAX_FIELDS).is_some();
        let survey = if too_many { Err(GiveUp::TooManyHeaders) } else { Ok(survey) };
        // A carriage return alone is no line yet.
        let ends = blank.is_some() && head.ends_with(b"\n");
        (survey, ends.then_some(head.len()))
    }

    fn note(&mut self, field: &Field<'_>) {
        let value = &field.value;
        if field.is("content-length") {
            self.content_length = self.content_length.or_else(|| length(value));
        } else if field.is("transfer-encoding") {
            self.chunked |= names(value, "chunked");
        } else if field.is("upgrade") {
            self.has_upgrade = true;
            self.upgrade_websocket |= names(value, "websocket");
            self.upgrade_h2c |= names(value, "h2c");
        } else if field.is("sec-websocket-key") || field.is("sec-websocket-version") {
            self.has_websocket_field = true;
        } else if field.is("expect") {
            self.expects_continue |= names(value, "100-continue");
        }
    }

    /// Whether a request asks for a WebSocket, or did before a proxy took a part of it away.
    pub(super) const fn is_attempt(&self) -> bool {
        self.upgrade_websocket || self.has_websocket_field
    }

    /// The body of a request (RFC 9112 §6.3).
    pub(super) fn request_body(&self) -> Option<Body> {
        match (self.chunked, self.content_length) {
            (true, _) => Some(Body::chunked()),
            (false, Some(0) | None) => None,
            (false, Some(length)) => Some(Body::Length(length)),
        }
    }

    /// The body of an answer that has one (RFC 9112 §6.3).
    pub(super) fn response_body(&self) -> Option<Body> {
        match (self.chunked, self.content_length) {
            (false, None) => Some(Body::UntilClose),
            _ => self.request_body(),
        }
    }
}

/// Whether a line may be one of the fields that are asked for, by its first letters alone.
const fn may_matter(line: &[u8]) -> bool {
    let [first, second, third, rest @ ..] = line else { return false };
    match &[*first | 0x20, *second | 0x20, *third | 0x20] {
        // `Content-Length`; no `Content-Type` and no `Connection`.
        b"con" => matches!(rest, [_, _, _, _, _, b'l' | b'L', ..]),
        b"tra" | b"upg" | b"sec" | b"exp" => true,
        // White space may stand before a name.
        _ => first.is_ascii_whitespace(),
    }
}

/// Reads a length; of a repeated one, as `5, 5`, the first.
fn length(value: &[u8]) -> Option<u64> {
    let digits = value.split(|byte| *byte == b',').next()?.trim_ascii();
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |length, digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        length.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::super::head::BlankLine;
    use super::*;

    fn survey(fields: &str) -> Survey {
        Survey::of(format!("GET / HTTP/1.1\r\n{fields}\r\n").as_bytes()).unwrap()
    }

    #[test]
    fn fields_are_found_in_any_case_and_behind_white_space() {
        for name in ["Upgrade", "UPGRADE", "upgrade ", " \tUpgrade"] {
            let survey = survey(&format!("{name}: h2c,\r\n websocket\r\n"));
            assert!(survey.upgrade_websocket && survey.upgrade_h2c && survey.has_upgrade, "{name:?}");
        }
        assert!(survey("SEC-websocket-key:\r\n").has_websocket_field);
        assert!(survey("X-Upgrade: 1\r\nsec-websocket-version: 13\r\n").has_websocket_field);
        assert!(survey("expect: 100-Continue\r\n").expects_continue);
        assert!(!survey("Upgraded: websocket\r\nno field\r\n Upgrade: websocket\r\n").has_upgrade);
    }

    #[test]
    fn the_end_is_behind_the_first_empty_line() {
        for text in [
            "GET /\r\na: b\r\n\r\n x\r\n\r\n",
            "GET /\n\nb",
            "GET /\r\n x\r\n \r\na\r\r\n\n\n",
            "GET /\r\n\r\r\n",
        ] {
            for end in 1..=text.len() {
                let bytes = &text.as_bytes()[..end];
                assert_eq!(Survey::up_to_end(bytes).1, BlankLine::new().find(bytes), "{text:?} to {end}");
            }
        }
    }

    #[test]
    fn lengths() {
        let body = |value: &str| survey(&format!("Content-Length: {value}\r\n")).request_body();
        assert_eq!(body("18446744073709551615"), Some(Body::Length(u64::MAX)));
        assert_eq!(body("5, 7"), Some(Body::Length(5)));
        for value in ["", "18446744073709551616", "+5", "5x", ", 5", "0"] {
            assert_eq!(body(value), None, "{value:?}");
        }
    }

    #[test]
    fn only_fields_count() {
        let head = |fields: usize| {
            format!("GET / HTTP/1.1\r\n{}{}\r\n", "none\r\n".repeat(999), "A: b\r\n".repeat(fields))
        };
        assert!(Survey::of(head(MAX_FIELDS).as_bytes()).is_ok());
        assert!(matches!(Survey::of(head(MAX_FIELDS + 1).as_bytes()), Err(GiveUp::TooManyHeaders)));
    }
}
