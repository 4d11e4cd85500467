//! The facts of the answer to a request for a WebSocket (RFC 6455 §4.2.2).

use serde::{Deserialize, Serialize};

use super::extensions::Extension;
use super::head::{Field, Head, fields};
use super::intermediary::{self, ViaHeader};
use super::key::Accept;
use super::value::text;
use crate::flow::Stamp;

/// The final answer to a request that asks for a WebSocket.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The packet that completed its head.
    pub at: Stamp,
    /// Whether the whole head was seen; otherwise a hole hides the rest of it.
    pub complete: bool,
    /// The status code; 101 where the upgrade succeeded, 200 on HTTP/2.
    pub status: u16,
    /// `Server`.
    pub server: Option<String>,
    /// Fields that name the server product or an intermediary.
    pub via: Vec<ViaHeader>,
    /// The subprotocol chosen.
    pub subprotocol: Option<String>,
    /// The extensions accepted.
    pub extensions: Vec<Extension>,
    /// Whether `Sec-WebSocket-Accept` fits the key; `None` where either was not seen, or without 101.
    pub accept_valid: Option<bool>,
}

/// Collects the facts of an answer and checks a 101 against what the request's key asks for.
pub(super) fn parse(head: &Head<'_>, status: u16, accept: Option<&Accept>) -> Response {
    let mut response = Response { at: head.at, complete: head.complete, status, ..Response::default() };
    let mut accepted = None;
    for field in fields(&head.bytes) {
        if field.is("sec-websocket-accept") {
            accepted.get_or_insert(field.value);
        } else {
            response.note_field(&field);
        }
    }
    if status == 101
        && let (Some(accept), Some(accepted)) = (accept, accepted)
    {
        response.accept_valid = Some(accept.is(&accepted));
    }
    response
}

impl Response {
    /// Whether permessage-deflate was accepted, so that RSV1 marks compressed messages (RFC 7692).
    pub fn is_compressed(&self) -> bool {
        self.extensions.iter().any(Extension::is_permessage_deflate)
    }

    /// Whether RSV1 may mark compressed messages: a hole can hide that the extension was accepted.
    pub fn may_be_compressed(&self) -> bool {
        !self.complete || self.is_compressed()
    }

    /// Notes a field, which may be one of an answer on HTTP/2.
    pub(super) fn note_field(&mut self, field: &Field<'_>) {
        let value = &field.value;
        if field.is("server") {
            self.server.get_or_insert_with(|| text(value));
        } else if field.is("sec-websocket-protocol") {
            self.subprotocol.get_or_insert_with(|| text(value));
        } else if field.is("sec-websocket-extensions") {
            Extension::parse_into(&mut self.extensions, value);
        }
        intermediary::collect(&mut self.via, field);
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::http::survey::Survey;

    const PROPER: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
        Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\
        Server: nginx\r\nVia: 1.1 a\r\n\r\n";

    fn response(head: &str, status: u16, complete: bool) -> Response {
        let (survey, bytes) = (Ok(Survey::default()), Cow::Borrowed(head.as_bytes()));
        let head = Head { bytes, at: Stamp::default(), complete, survey };
        parse(&head, status, Some(&Accept::of(b"dGhlIHNhbXBsZSBub25jZQ==")))
    }

    #[test]
    fn facts_of_a_proper_answer() {
        let response = response(PROPER, 101, true);
        assert_eq!((response.status, response.accept_valid), (101, Some(true)));
        assert_eq!(response.subprotocol.as_deref(), Some("chat"));
        assert_eq!(response.server.as_deref(), Some("nginx"));
        assert!(response.is_compressed() && response.may_be_compressed());
        assert_eq!(response.via.len(), 2);
    }

    #[test]
    fn only_the_accept_of_a_101_is_checked() {
        let accept =
            |status, from: &str, to: &str| response(&PROPER.replace(from, to), status, true).accept_valid;
        assert_eq!(accept(101, "s3pPLMBi", "AAAAAAAA"), Some(false));
        assert_eq!(accept(101, "Sec-WebSocket-Accept", "X-Accept"), None);
        assert_eq!(accept(403, "101 Switching Protocols", "403 Forbidden"), None);
    }

    #[test]
    fn a_cut_answer_may_be_compressed() {
        let response = response("HTTP/1.1 101 Switching Protocols\r\n", 101, false);
        assert_eq!((response.status, response.accept_valid), (101, None));
        assert!(response.may_be_compressed() && !response.is_compressed());
    }
}
