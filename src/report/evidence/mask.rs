//! Hides credentials in HTTP heads: values of some headers, and queries of request targets; in the header
//! blocks of HTTP/2 likewise.

use std::collections::{HashMap, VecDeque};

use crate::decode::{Segment, TcpFlags};
use crate::flow::Endpoint;
use crate::http::{Veil, is_client_preface, is_server_preface};

use super::super::redact::may_be_secret;

/// Headers whose values nobody needs, in lower case.
const SECRET: [&[u8]; 8] = [
    b"cookie",
    b"set-cookie",
    b"authorization",
    b"proxy-authorization",
    b"referer",
    b"location",
    b"x-api-key",
    b"x-auth-token",
];

/// The header in which browsers' applications pass tokens.
const SUBPROTOCOL: &[u8] = b"sec-websocket-protocol";

/// Bytes of the start of a line that tell what it is.
const LONGEST_NAME: usize = 24;

/// Segment ends remembered per direction, for segments that come again.
const REMEMBERED: usize = 32;

/// Directions followed at once; the oldest is let go.
const DIRECTIONS: usize = 4096;

/// What is put in place of a secret's bytes.
const MASK: u8 = b'x';

/// Where in a head a byte stands.
#[derive(Clone, Debug)]
enum State {
    /// The start of a line, as far as it has come.
    Start(Vec<u8>),
    /// A line of no interest.
    Line,
    /// A request target before its query.
    Target,
    /// A value or query that is hidden.
    Secret { until_space: bool },
    /// In the frames of HTTP/2.
    Http2(Veil),
}

/// Follows the heads of many connections, one segment at a time.
#[derive(Debug, Default)]
pub struct Heads {
    directions: HashMap<(Endpoint, Endpoint), VecDeque<(u32, State)>>,
    order: VecDeque<(Endpoint, Endpoint)>,
}

impl Heads {
    /// The payload of `segment` with each secret's bytes replaced, where it holds any; its length stays.
    pub fn hide(&mut self, segment: &Segment<'_>) -> Option<Vec<u8>> {
        let place = (segment.source, segment.destination);
        if segment.flags.has(TcpFlags::SYN) {
            self.directions.remove(&place);
            self.order.retain(|each| *each != place);
            return None;
        }
        if segment.payload.is_empty() {
            return None;
        }
        if !self.directions.contains_key(&place) {
            self.order.push_back(place);
            if self.order.len() > DIRECTIONS
                && let Some(oldest) = self.order.pop_front()
            {
                self.directions.remove(&oldest);
            }
        }
        let ends = self.directions.entry(place).or_default();
        let known = ends.iter().rev().find(|(seq, _)| *seq == segment.seq);
        let is_http2 = ends.iter().any(|(_, state)| matches!(state, State::Http2(_)));
        let state = match known {
            Some((_, state)) => state.clone(),
            // After a hole a line may go on whose name is not known: it is taken for a new one.
            None if !is_http2 => State::Start(Vec::new()),
            None if Veil::may_begin_with(segment.payload) => State::Http2(Veil::new(is_secret_field)),
            None => return Some(vec![MASK; segment.payload.len()]),
        };
        let (hidden, state) = hide(segment.payload, state);
        let end = segment.seq.wrapping_add(segment.payload_len);
        if !ends.iter().any(|(seq, _)| *seq == end) {
            ends.push_back((end, state));
        }
        if ends.len() > REMEMBERED {
            ends.pop_front();
        }
        (hidden != segment.payload).then_some(hidden)
    }
}

fn hide(payload: &[u8], mut state: State) -> (Vec<u8>, State) {
    let mut hidden = payload.to_vec();
    if matches!(&state, State::Start(name) if name.is_empty()) && begins_http2(payload) {
        state = State::Http2(Veil::new(is_secret_field));
    }
    if let State::Http2(veil) = &mut state {
        veil.hide(&mut hidden);
        return (hidden, state);
    }
    for at in 0..payload.len() {
        let byte = payload[at];
        state = match (byte, state) {
            (b'\n', _) => State::Start(Vec::new()),
            (_, State::Start(name)) => start(name, byte),
            (b'?', State::Target) => State::Secret { until_space: true },
            (b' ', State::Target | State::Secret { until_space: true }) => State::Line,
            // What cannot be in a head ends it: a frame follows.
            (0..=8 | 11..=12 | 14..=31 | 127.., _) => State::Line,
            (b'\r', state) => state,
            (_, State::Secret { until_space }) => {
                if byte != b' ' || until_space {
                    hidden[at] = MASK;
                }
                State::Secret { until_space }
            }
            (_, state) => state,
        };
    }
    hide_tokens(&mut hidden);
    (hidden, state)
}

fn begins_http2(payload: &[u8]) -> bool {
    is_client_preface(payload) || is_server_preface(payload)
}

/// Whether a field of HTTP/2 is hidden; one that is not known is, and one that is not whole where it
/// could hold a secret.
fn is_secret_field(name: Option<&[u8]>, value: Option<&[u8]>) -> bool {
    match name {
        None => true,
        Some(b":path") => value.is_none_or(|value| value.contains(&b'?')),
        Some(SUBPROTOCOL) => {
            let tokens = |value: &[u8]| {
                str::from_utf8(value).is_ok_and(|text| text.split(',').map(str::trim).any(may_be_secret))
            };
            value.is_none_or(tokens)
        }
        Some(name) => SECRET.contains(&name),
    }
}

/// The state behind one more byte of a line's start.
fn start(mut name: Vec<u8>, byte: u8) -> State {
    match byte {
        b':' if SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(&name)) => {
            State::Secret { until_space: false }
        }
        b' ' if !name.is_empty() && name.iter().all(u8::is_ascii_uppercase) => State::Target,
        b':' | b' ' | 0..=31 | 127.. => State::Line,
        _ if name.len() >= LONGEST_NAME => State::Line,
        _ => {
            name.push(byte);
            State::Start(name)
        }
    }
}

/// Hides tokens that are passed as subprotocols.
fn hide_tokens(payload: &mut [u8]) {
    let mut at = 0;
    while at < payload.len() {
        let end =
            payload[at..].iter().position(|&byte| byte == b'\n').map_or(payload.len(), |len| at + len + 1);
        let line = &mut payload[at..end];
        at = end;
        let Some(name) = line.get(..SUBPROTOCOL.len()) else { continue };
        if !name.eq_ignore_ascii_case(SUBPROTOCOL) || line.get(SUBPROTOCOL.len()) != Some(&b':') {
            continue;
        }
        for token in
            line[SUBPROTOCOL.len() + 1..].split_mut(|byte| matches!(byte, b',' | b' ' | b'\r' | b'\n'))
        {
            if str::from_utf8(token).is_ok_and(may_be_secret) {
                token.fill(MASK);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(parts: &[&str]) -> String {
        let mut state = State::Start(Vec::new());
        let mut all = Vec::new();
        for part in parts {
            let (bytes, next) = hide(part.as_bytes(), state);
            state = next;
            all.extend(bytes);
        }
        String::from_utf8(all).unwrap()
    }

    #[test]
    fn secrets_go_and_everything_else_stays_in_its_place() {
        let head = "GET /live?token=7 HTTP/1.1\r\nHost: a?b\r\nCookie: a=b; c\r\nSec-WebSocket-Key: k?\r\n\
            AUTHORIZATION: Basic x7\r\nSec-WebSocket-Protocol: chat, eyJ7\r\n\r\nok";
        let wanted = "GET /live?xxxxxxx HTTP/1.1\r\nHost: a?b\r\nCookie: xxxx x\r\nSec-WebSocket-Key: k?\r\n\
            AUTHORIZATION: xxxxx xx\r\nSec-WebSocket-Protocol: chat, xxxx\r\n\r\nok";
        assert_eq!(hidden(&[head]), wanted);
        for cut in 0..head.len() - 24 {
            // A token in a subprotocol is seen only where its line is whole.
            if !(head.find("Sec-WebSocket-Protocol").unwrap()..).contains(&cut) {
                assert_eq!(hidden(&[&head[..cut], &head[cut..]]), wanted, "{cut}");
            }
        }
    }

    #[test]
    fn header_blocks_of_http2_are_masked() {
        let mut payload = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x1b\x01\x04\0\0\0\x01".to_vec();
        payload.extend(b"\x0f\x11\x06s3cret\x04\x05/live\x0f\x28\x08a=s3cret");
        let (bytes, _) = hide(&payload, State::Start(Vec::new()));
        let shown = String::from_utf8_lossy(&bytes);
        assert!(!shown.contains("s3cret") && shown.contains("/live"), "{shown}");
    }

    #[test]
    fn frames_are_left_alone() {
        let (bytes, _) = hide(b"\n\x81\x05Cookie: a\x81\x02ab", State::Start(Vec::new()));
        assert_eq!(bytes, b"\n\x81\x05Cookie: a\x81\x02ab");
    }
}
