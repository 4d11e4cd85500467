//! The facts of the answer to a request for a WebSocket (RFC 6455 §4.2.2).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::extensions::Extension;
use super::head::{Field, Head, StatusLine, fields};
use super::intermediary::{self, ViaHeader};
use super::request::Offer;
use super::value::{names, text};
use crate::flow::Stamp;

/// The final answer to a request that asks for a WebSocket.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The packet with the answer's first byte.
    pub first: Stamp,
    /// The packet that completed its head.
    pub at: Stamp,
    /// Whether the whole head was seen; otherwise a hole hides the rest of it.
    pub complete: bool,
    /// The status code; 101 where the upgrade succeeded, 200 on HTTP/2.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
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
    /// What is wrong with a 101; empty for another status or where the head is not complete.
    pub faults: Vec<Fault>,
}

/// What RFC 6455 §4.2.2 forbids in a 101.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Fault {
    /// No `Upgrade` with `websocket`.
    NoUpgrade,
    /// No `Connection` with `Upgrade`.
    NoConnection,
    /// No `Sec-WebSocket-Accept`.
    NoAccept,
    /// A `Sec-WebSocket-Accept` that does not fit the key.
    BadAccept,
    /// A subprotocol that was not offered.
    SubprotocolNotOffered,
    /// An extension that was not offered.
    ExtensionNotOffered,
}

impl Fault {
    /// The fault in lower snake case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoUpgrade => "no_upgrade",
            Self::NoConnection => "no_connection",
            Self::NoAccept => "no_accept",
            Self::BadAccept => "bad_accept",
            Self::SubprotocolNotOffered => "subprotocol_not_offered",
            Self::ExtensionNotOffered => "extension_not_offered",
        }
    }
}

/// What the fields must show, noted while they pass.
#[derive(Default)]
struct Shown<'a> {
    upgrade: bool,
    connection: bool,
    accept: Option<Cow<'a, [u8]>>,
}

/// Collects the facts of an answer and checks a 101 against the offer.
pub(super) fn parse(head: &Head<'_>, offer: &Offer) -> Option<Box<Response>> {
    let line = StatusLine::parse(&head.bytes)?;
    let mut response = Box::new(Response {
        first: head.first,
        at: head.at,
        complete: head.complete,
        status: line.status,
        reason: text(line.reason),
        ..Response::default()
    });
    let mut shown = Shown::default();
    for field in fields(&head.bytes) {
        response.note(&field, &mut shown);
        intermediary::collect(&mut response.via, &field);
    }
    if line.status == 101 {
        response.check(offer, &shown);
    }
    Some(response)
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

    /// Notes a field of an answer on HTTP/2.
    pub(super) fn note_field(&mut self, field: &Field<'_>) {
        self.note(field, &mut Shown::default());
        intermediary::collect(&mut self.via, field);
    }

    fn note<'a>(&mut self, field: &Field<'a>, shown: &mut Shown<'a>) {
        let value = &field.value;
        if field.is("server") {
            self.server.get_or_insert_with(|| text(value));
        } else if field.is("upgrade") {
            shown.upgrade |= names(value, "websocket");
        } else if field.is("connection") {
            shown.connection |= names(value, "upgrade");
        } else if field.is("sec-websocket-accept") {
            shown.accept.get_or_insert_with(|| value.clone());
        } else if field.is("sec-websocket-protocol") {
            self.subprotocol.get_or_insert_with(|| text(value));
        } else if field.is("sec-websocket-extensions") {
            Extension::parse_into(&mut self.extensions, value);
        }
    }

    fn check(&mut self, offer: &Offer, shown: &Shown<'_>) {
        let fits = |seen: &[u8]| offer.accept.as_ref().map(|accept| accept.as_bytes() == seen);
        self.accept_valid = shown.accept.as_deref().and_then(fits);
        if !self.complete {
            return;
        }
        let checks = [
            (Fault::NoUpgrade, shown.upgrade),
            (Fault::NoConnection, shown.connection),
            (Fault::NoAccept, shown.accept.is_some()),
            (Fault::BadAccept, self.accept_valid != Some(false)),
            (Fault::SubprotocolNotOffered, self.subprotocol_fits(offer)),
            (Fault::ExtensionNotOffered, self.extensions_fit(offer)),
        ];
        self.faults = checks.iter().filter(|(_, met)| !met).map(|(fault, _)| *fault).collect();
    }

    fn subprotocol_fits(&self, offer: &Offer) -> bool {
        let (Some(chosen), Some(offered)) = (&self.subprotocol, &offer.subprotocols) else { return true };
        offered.contains(chosen)
    }

    fn extensions_fit(&self, offer: &Offer) -> bool {
        let Some(offered) = &offer.extensions else { return true };
        let was_offered = |name: &str| offered.iter().any(|offered| offered.eq_ignore_ascii_case(name));
        self.extensions.iter().all(|extension| was_offered(&extension.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::survey::Survey;

    const PROPER: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
        Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\
        Server: nginx\r\nVia: 1.1 a\r\n\r\n";

    fn offer() -> Offer {
        Offer {
            accept: Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=".to_owned()),
            subprotocols: Some(vec!["chat".to_owned()]),
            extensions: Some(vec!["permessage-deflate".to_owned()]),
        }
    }

    fn response(head: &str, offer: &Offer) -> Response {
        let (survey, bytes) = (Ok(Survey::default()), Cow::Borrowed(head.as_bytes()));
        let head = Head { bytes, first: Stamp::default(), at: Stamp::default(), complete: true, survey };
        *parse(&head, offer).unwrap()
    }

    #[test]
    fn facts_of_a_proper_answer() {
        let response = response(PROPER, &offer());
        assert_eq!((response.status, response.reason.as_str()), (101, "Switching Protocols"));
        assert_eq!(response.accept_valid, Some(true));
        assert_eq!(response.subprotocol.as_deref(), Some("chat"));
        assert_eq!(response.server.as_deref(), Some("nginx"));
        assert!(response.is_compressed() && response.may_be_compressed());
        assert_eq!((response.via.len(), response.faults.len()), (2, 0));
    }

    #[test]
    fn each_fault_is_found() {
        let cases = [
            ("Upgrade: websocket", "Upgrade: h2c", Fault::NoUpgrade),
            ("Connection: Upgrade", "Connection: close", Fault::NoConnection),
            ("Sec-WebSocket-Accept", "X-Accept", Fault::NoAccept),
            ("s3pPLMBi", "AAAAAAAA", Fault::BadAccept),
            ("Protocol: chat", "Protocol: other", Fault::SubprotocolNotOffered),
            ("permessage-deflate", "x-other", Fault::ExtensionNotOffered),
        ];
        for (from, to, fault) in cases {
            assert_eq!(response(&PROPER.replace(from, to), &offer()).faults, [fault]);
        }
    }

    #[test]
    fn a_cut_answer_has_no_faults_and_may_be_compressed() {
        let (survey, bytes) =
            (Ok(Survey::default()), Cow::Borrowed(&b"HTTP/1.1 101 Switching Protocols\r\n"[..]));
        let head = Head { bytes, first: Stamp::default(), at: Stamp::default(), complete: false, survey };
        let response = *parse(&head, &offer()).unwrap();
        assert_eq!((response.status, response.accept_valid, response.faults.len()), (101, None, 0));
        assert!(response.may_be_compressed() && !response.is_compressed());
    }

    #[test]
    fn nothing_is_wrong_with_what_cannot_be_checked() {
        let response = response(PROPER, &Offer::default());
        assert_eq!((response.accept_valid, response.faults.len()), (None, 0));
    }
}
