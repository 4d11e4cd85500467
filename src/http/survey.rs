//! One pass over a head's fields: how the message is framed and whether it is about WebSocket.

use super::body::Body;
use super::event::GiveUp;
use super::head::fields;
use super::value::names;

/// Most header fields of one head.
const MAX_FIELDS: usize = 256;

/// What every head is asked, cheaply.
#[derive(Debug, Default)]
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
        let mut survey = Self::default();
        for (index, field) in fields(head).enumerate() {
            if index >= MAX_FIELDS {
                return Err(GiveUp::TooManyHeaders);
            }
            let value = &field.value;
            if field.is("content-length") {
                survey.content_length = survey.content_length.or_else(|| length(value));
            } else if field.is("transfer-encoding") {
                survey.chunked |= names(value, "chunked");
            } else if field.is("upgrade") {
                survey.has_upgrade = true;
                survey.upgrade_websocket |= names(value, "websocket");
                survey.upgrade_h2c |= names(value, "h2c");
            } else if field.is("sec-websocket-key") || field.is("sec-websocket-version") {
                survey.has_websocket_field = true;
            } else if field.is("expect") {
                survey.expects_continue |= names(value, "100-continue");
            }
        }
        Ok(survey)
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

/// Reads a length; of a repeated one, as `5, 5`, the first.
fn length(value: &[u8]) -> Option<u64> {
    let digits = value.split(|byte| *byte == b',').next()?.trim_ascii();
    let all_digits = digits.iter().all(u8::is_ascii_digit);
    all_digits.then(|| std::str::from_utf8(digits).ok()?.parse().ok())?
}
