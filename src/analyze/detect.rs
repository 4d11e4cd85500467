//! What a connection carries, told from its first bytes.

use crate::flow::Side;
use crate::http::{is_client_preface, is_server_preface};

/// What the first bytes of a side look like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum First {
    /// An HTTP/1.x request.
    HttpRequest,
    /// An HTTP/1.x answer.
    HttpResponse,
    /// A TLS record.
    Tls,
    /// HTTP/2, as this side begins it.
    Http2(Side),
    /// None of these.
    Unknown,
}

/// The methods that can start a connection on which a WebSocket is asked for later.
const METHODS: [&[u8]; 9] =
    [b"GET ", b"POST ", b"HEAD ", b"PUT ", b"OPTIONS ", b"DELETE ", b"PATCH ", b"CONNECT ", b"TRACE "];

/// Judges the first bytes; the shorter they are, the less they have to fit.
pub(super) fn first(bytes: &[u8]) -> First {
    let starts = |with: &[u8]| {
        let common = bytes.len().min(with.len());
        common > 0 && bytes[..common] == with[..common]
    };
    // A client may send empty lines before its request (RFC 9112 §2.2).
    if METHODS.iter().any(|method| starts(method)) || starts(b"\r\n") {
        return First::HttpRequest;
    }
    match bytes {
        [20..=23, 3, 0..=4, ..] | [22] | [22, 3] => First::Tls,
        _ if starts(b"HTTP/1.") => First::HttpResponse,
        _ if is_client_preface(bytes) => First::Http2(Side::Client),
        _ if is_server_preface(bytes) => First::Http2(Side::Server),
        _ => First::Unknown,
    }
}

/// What the first line of an HTTP message begins.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Head {
    /// A request.
    Request,
    /// An answer.
    Response,
}

/// The message that `bytes` begin with, where its whole first line is there and leaves no doubt: for
/// streams of which anything may have been lost.
pub(super) fn whole_line(bytes: &[u8]) -> Option<Head> {
    let is_request = || METHODS.iter().any(|method| bytes.starts_with(method));
    if !bytes.starts_with(b"HTTP/1.") && !is_request() {
        return None;
    }
    let line = &bytes[..memchr::memmem::find(bytes, b"\r\n")?];
    match line {
        [b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0' | b'1', b' ', a, b, c, rest @ ..] => {
            let is_status = [a, b, c].into_iter().all(u8::is_ascii_digit);
            (is_status && matches!(rest, [] | [b' ', ..])).then_some(Head::Response)
        }
        _ if line.ends_with(b" HTTP/1.1") || line.ends_with(b" HTTP/1.0") => Some(Head::Request),
        _ => None,
    }
}

/// The length of a PROXY protocol header at the start of `bytes`, which a load balancer puts before
/// the client's own bytes (`HAProxy`'s proxy-protocol.txt, versions 1 and 2).
pub(super) fn proxy_header(bytes: &[u8]) -> usize {
    if bytes.starts_with(b"PROXY ") {
        let line = &bytes[..bytes.len().min(LONGEST_PROXY_LINE)];
        return memchr::memchr(b'\n', line).map_or(0, |end| end + 1);
    }
    match bytes.strip_prefix(PROXY_V2) {
        Some([_, _, high, low, rest @ ..]) => {
            let len = usize::from(u16::from_be_bytes([*high, *low]));
            PROXY_V2.len() + 4 + len.min(rest.len())
        }
        _ => 0,
    }
}

/// A version 1 header is never longer.
const LONGEST_PROXY_LINE: usize = 107;

/// How a version 2 header starts.
const PROXY_V2: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_header_is_measured() {
        assert_eq!(proxy_header(b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nGET /"), 34);
        assert_eq!(proxy_header(b"PROXY but never ends"), 0);
        let v2 = [PROXY_V2, &[0x21, 0x11, 0, 3, 1, 2, 3], b"GET /"].concat();
        assert_eq!(proxy_header(&v2), 19);
        assert_eq!(proxy_header(&v2[..17]), 17);
        assert_eq!(proxy_header(b"GET / HTTP/1.1"), 0);
    }

    #[test]
    fn only_a_whole_first_line_begins_a_message_for_sure() {
        assert_eq!(whole_line(b"GET /chat HTTP/1.1\r\nHost: a\r\n"), Some(Head::Request));
        assert_eq!(whole_line(b"HTTP/1.1 101 Switching Protocols\r\n"), Some(Head::Response));
        assert_eq!(whole_line(b"HTTP/1.1 200\r\n"), Some(Head::Response));
        for other in
            [&b"GET /chat HTTP/1.1"[..], b"GET me\r\n", b"HTTP/1.1 2000 x\r\n", b"HTTP/1.1 is old\r\n"]
        {
            assert_eq!(whole_line(other), None, "{}", other.escape_ascii());
        }
    }

    #[test]
    fn protocols_are_told_apart() {
        assert_eq!(first(b"GET /chat HTTP/1.1\r\n"), First::HttpRequest);
        assert_eq!(first(b"G"), First::HttpRequest);
        assert_eq!(first(b"HTTP/1.1 101 "), First::HttpResponse);
        assert_eq!(first(&[22, 3, 1, 2, 0]), First::Tls);
        assert_eq!(first(&[0x81, 0x85, 1, 2]), First::Unknown);
        assert_eq!(first(b"SSH-2.0-x"), First::Unknown);
        assert_eq!(first(b"PRI * HTTP/2.0"), First::Http2(Side::Client));
        assert_eq!(first(&[0, 0, 6, 4, 0, 0, 0, 0, 0, 0]), First::Http2(Side::Server));
        assert_eq!(first(b"GETX"), First::Unknown);
    }
}
