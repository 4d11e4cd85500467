//! The facts of a request that asks for a WebSocket (RFC 6455 §4.1).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::head::{Field, Head, RequestLine, fields};
use super::intermediary::{self, ViaHeader};
use super::key::{self, Accept, KeyHash};
use super::value::{self, MAX_ITEMS, list, names, text, text_or};
use crate::flow::Stamp;

/// A request that asks for a WebSocket, or tries to.
///
/// Cookies and credentials are never kept.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The packet that completed its head.
    pub at: Stamp,
    /// Whether the whole head was seen; otherwise a hole hides the rest of it.
    pub complete: bool,
    /// The method; GET in a proper request, CONNECT on HTTP/2.
    pub method: Cow<'static, str>,
    /// The target as sent; its query may hold credentials.
    pub target: String,
    /// The host asked for, with its port.
    pub host: Option<String>,
    /// `Sec-WebSocket-Version`.
    pub version: Option<Cow<'static, str>>,
    /// The subprotocols offered.
    pub subprotocols: Vec<String>,
    /// What a proper request has and this one has not; empty where the head is not complete.
    pub missing: Vec<Requirement>,
    /// What tells the key from others: the same on each leg that passes it on.
    pub key_hash: Option<KeyHash>,
    /// Fields that name an intermediary on the client's side.
    pub via: Vec<ViaHeader>,
}

/// What RFC 6455 §4.1 demands of a request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Requirement {
    /// The method GET.
    Get,
    /// HTTP/1.1 or later.
    Http11,
    /// A `Host` field.
    Host,
    /// `Upgrade` with `websocket`.
    Upgrade,
    /// `Connection` with `Upgrade`.
    Connection,
    /// `Sec-WebSocket-Key` with 16 bytes in base64.
    Key,
    /// `Sec-WebSocket-Version: 13`.
    Version,
}

impl Requirement {
    /// The requirement in the header's own words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Http11 => "HTTP/1.1",
            Self::Host => "Host",
            Self::Upgrade => "Upgrade: websocket",
            Self::Connection => "Connection: Upgrade",
            Self::Key => "Sec-WebSocket-Key",
            Self::Version => "Sec-WebSocket-Version: 13",
        }
    }
}

/// What the fields must show, noted while they pass.
#[derive(Default)]
struct Shown<'a> {
    host: bool,
    upgrade: bool,
    connection: bool,
    key: Option<Cow<'a, [u8]>>,
}

/// Collects the facts of a request, and what its answer must fit if its key was seen.
pub(super) fn parse(head: &Head<'_>, line: &RequestLine<'_>) -> (Request, Option<Accept>) {
    let method = text_or(line.method, "GET");
    let mut request = Request { at: head.at, complete: head.complete, method, ..Request::default() };
    let mut shown = Shown::default();
    for field in fields(&head.bytes) {
        request.note(&field, &mut shown);
        intermediary::collect(&mut request.via, &field);
    }
    request.set_target(line.target);
    let key = shown.key.as_deref();
    request.key_hash = key.map(KeyHash::of);
    if head.complete {
        request.missing = missing(&request, line, &shown);
    }
    (request, key.map(Accept::of))
}

impl Request {
    /// The target's path without its query.
    pub fn path(&self) -> &str {
        let path = absolute(&self.target).map_or(self.target.as_str(), |(_, path)| path);
        path.split_once('?').map_or(path, |(path, _)| path)
    }

    fn note<'a>(&mut self, field: &Field<'a>, shown: &mut Shown<'a>) {
        let value = &field.value;
        if field.is("host") {
            shown.host = true;
            self.host.get_or_insert_with(|| text(value));
        } else if field.is("upgrade") {
            shown.upgrade |= names(value, "websocket");
        } else if field.is("connection") {
            shown.connection |= names(value, "upgrade");
        } else if field.is("sec-websocket-key") {
            shown.key.get_or_insert_with(|| value.clone());
        } else if field.is("sec-websocket-version") {
            self.version.get_or_insert_with(|| text_or(value, "13"));
        } else if field.is("sec-websocket-protocol") {
            let room = MAX_ITEMS.saturating_sub(self.subprotocols.len());
            self.subprotocols.extend(list(value).map(text).take(room));
        }
    }

    /// Notes a field of an extended CONNECT (RFC 8441 §4), whose first line came as fields too.
    pub(super) fn note_extended_connect(&mut self, field: &Field<'_>) {
        match field.name {
            b":method" => self.method = text_or(&field.value, "CONNECT"),
            b":path" => self.set_target(&field.value),
            b":authority" => self.host = Some(text(&field.value)),
            _ => {
                self.note(field, &mut Shown::default());
                intermediary::collect(&mut self.via, field);
            }
        }
    }

    /// What an extended CONNECT must show and does not: key and `Upgrade` have no place there.
    pub(super) fn judge_extended_connect(&mut self) {
        let lacks_version = self.complete && self.version.as_deref() != Some("13");
        self.missing = if lacks_version { vec![Requirement::Version] } else { Vec::new() };
    }

    /// Takes the target: an absolute one names the host too (RFC 9112 §3.2.2).
    fn set_target(&mut self, target: &[u8]) {
        self.target = value::target(target);
        if let Some((authority, _)) = absolute(&self.target) {
            self.host.get_or_insert_with(|| authority.chars().take(256).collect());
        }
    }
}

/// Authority without user information, and path, of a target in absolute form.
fn absolute(target: &str) -> Option<(&str, &str)> {
    if target.starts_with('/') {
        return None;
    }
    let (_, rest) = target.split_once("://").filter(|(scheme, _)| !scheme.contains(['/', '?']))?;
    let path = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(path)?;
    let host = authority.rsplit('@').next().unwrap_or(authority);
    Some((host, if path.is_empty() { "/" } else { path }))
}

fn missing(request: &Request, line: &RequestLine<'_>, shown: &Shown<'_>) -> Vec<Requirement> {
    let checks = [
        (Requirement::Get, line.method == b"GET"),
        (Requirement::Http11, line.is_http_1_1),
        (Requirement::Host, shown.host),
        (Requirement::Upgrade, shown.upgrade),
        (Requirement::Connection, shown.connection),
        (Requirement::Key, shown.key.as_deref().is_some_and(key::is_valid)),
        (Requirement::Version, request.version.as_deref() == Some("13")),
    ];
    checks.iter().filter(|(_, met)| !met).map(|(requirement, _)| *requirement).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::survey::Survey;

    fn request(head: &str) -> Request {
        let (survey, bytes) = (Ok(Survey::default()), Cow::Borrowed(head.as_bytes()));
        let head = Head { bytes, at: Stamp::default(), complete: true, survey };
        parse(&head, &RequestLine::parse(head.bytes.as_ref()).unwrap()).0
    }

    const PROPER: &str = "GET /chat?token=s3cret HTTP/1.1\r\nHost: server.example.com\r\n\
        Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\n\
        Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
        User-Agent: test/1\r\nCookie: a=b\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n";

    #[test]
    fn facts_of_a_proper_request() {
        let request = request(PROPER);
        assert_eq!(request.missing, []);
        assert_eq!(request.path(), "/chat");
        assert_eq!(request.target, "/chat?token=s3cret");
        assert_eq!(request.host.as_deref(), Some("server.example.com"));
        assert_eq!(request.subprotocols, ["chat", "superchat"]);
        assert_eq!(request.key_hash, Some(KeyHash::of(b"dGhlIHNhbXBsZSBub25jZQ==")));
        assert_eq!(request.via.len(), 1);
    }

    #[test]
    fn each_requirement_is_missed() {
        let cases = [
            ("GET /", "POST /", Requirement::Get),
            ("HTTP/1.1", "HTTP/1.0", Requirement::Http11),
            ("Host:", "X-Host:", Requirement::Host),
            ("Upgrade: websocket", "Upgrade: h2c", Requirement::Upgrade),
            (", Upgrade", "", Requirement::Connection),
            ("nonce", "none", Requirement::Version),
            ("bm9uY2U=", "bm9uY2U", Requirement::Key),
            ("Version: 13", "Version: 8", Requirement::Version),
        ];
        for (from, to, requirement) in cases {
            if PROPER.contains(from) {
                assert_eq!(request(&PROPER.replace(from, to)).missing, [requirement], "{from}");
            }
        }
    }

    #[test]
    fn absolute_target_names_the_host() {
        let request =
            request("GET http://user:pw@proxy.example:8080/a?b HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
        assert_eq!(request.host.as_deref(), Some("proxy.example:8080"));
        assert_eq!(request.path(), "/a");
    }

    #[test]
    fn a_url_inside_a_query_is_no_absolute_target() {
        let request = request("GET /a?next=http://b/c HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
        assert_eq!((request.path(), request.host.as_deref()), ("/a", None));
    }
}
