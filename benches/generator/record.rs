//! What is true of one connection: what was sent, and in which packets of the capture the decisive acts are.

use std::fmt::Write;

use super::frame::Opcode;
use super::packet::Host;
use super::segment::Side;

/// Why a connection is in the truth file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    WebSocket,
    RefusedUpgrade,
}

/// The frames that one side sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Frames {
    pub(crate) by_opcode: [u64; 6],
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
}

/// A Close frame.
#[derive(Clone, Debug)]
pub(crate) struct Close {
    pub(crate) from: Side,
    pub(crate) code: Option<u16>,
    pub(crate) reason: Option<String>,
    /// The packet that brought the last of its own bytes.
    pub(crate) packet: Option<u64>,
    /// The packet with which it and everything before it was there.
    pub(crate) delivered: Option<u64>,
}

/// The first FIN or RST.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FirstEnd {
    pub(crate) from: Side,
    pub(crate) by: &'static str,
    pub(crate) packet: u64,
}

/// The truth about one connection.
#[derive(Debug)]
pub(crate) struct Record {
    /// None where the connection has nothing to do with WebSocket.
    pub(crate) kind: Option<Kind>,
    pub(crate) frames: [Frames; 2],
    pub(crate) closes: Vec<Close>,
    pub(crate) mechanism: &'static str,
    pub(crate) closer: Option<Side>,
    pub(crate) first_packet: Option<u64>,
    pub(crate) request_packet: Option<u64>,
    pub(crate) response_packet: Option<u64>,
    pub(crate) first_end: Option<FirstEnd>,
    pub(crate) missing_packets: u64,
    pub(crate) missing_bytes: [u64; 2],
}

impl Record {
    /// The record of a connection about which nothing is known yet.
    pub(crate) fn new() -> Self {
        Self {
            kind: None,
            frames: Default::default(),
            closes: Vec::new(),
            mechanism: "still_open",
            closer: None,
            first_packet: None,
            request_packet: None,
            response_packet: None,
            first_end: None,
            missing_packets: 0,
            missing_bytes: [0; 2],
        }
    }

    /// Counts a frame that `from` sends.
    pub(crate) fn frame(&mut self, from: Side, opcode: Opcode, fin: bool, length: usize) {
        let frames = &mut self.frames[from as usize];
        frames.by_opcode[opcode as usize] += 1;
        frames.bytes += length as u64;
        frames.messages += u64::from(fin && !opcode.is_control());
    }

    /// Says who ends the connection and how.
    pub(crate) fn ends(&mut self, mechanism: &'static str, closer: Side) {
        self.mechanism = mechanism;
        self.closer = Some(closer);
    }

    /// The record as one line of JSON.
    pub(crate) fn json(&self, client: &Host, server: &Host) -> String {
        let mut out = String::with_capacity(768);
        let kind = if self.kind == Some(Kind::WebSocket) { "websocket" } else { "refused_upgrade" };
        out.push_str(&format!(
            r#"{{"kind":"{kind}","client":{},"server":{},"first_packet":{},"#,
            endpoint(client),
            endpoint(server),
            number(self.first_packet)
        ));
        out.push_str(&format!(
            r#""handshake":{{"request_packet":{},"response_packet":{}}},"#,
            number(self.request_packet),
            number(self.response_packet)
        ));
        out.push_str(&format!(r#""frames":{},"close_frames":["#, frames_json(&self.frames)));
        let closes: Vec<_> = self.closes.iter().map(close_json).collect();
        out.push_str(&closes.join(","));
        out.push_str(&format!(
            r#"],"first_end":{},"mechanism":"{}","closer":"{}","#,
            self.first_end.map_or_else(|| "null".into(), |end| end_json(&end)),
            self.mechanism,
            self.closer.map_or("none", Side::name)
        ));
        let [client, server] = self.missing_bytes;
        out.push_str(&format!(
            r#""missing_packets":{},"missing_bytes":{{"client":{client},"server":{server}}}}}"#,
            self.missing_packets
        ));
        out
    }
}

/// Frame counts of both sides as JSON.
pub(crate) fn frames_json(frames: &[Frames; 2]) -> String {
    let sides = Side::BOTH.map(|side| format!(r#""{}":{}"#, side.name(), side_json(&frames[side as usize])));
    format!("{{{}}}", sides.join(","))
}

fn side_json(frames: &Frames) -> String {
    let [continuation, text, binary, close, ping, pong] = frames.by_opcode;
    let (messages, bytes) = (frames.messages, frames.bytes);
    format!(
        r#"{{"text":{text},"binary":{binary},"continuation":{continuation},"ping":{ping},"pong":{pong},"close":{close},"messages":{messages},"payload_bytes":{bytes}}}"#
    )
}

fn endpoint(host: &Host) -> String {
    format!(r#"{{"ip":"{}","port":{}}}"#, host.ip, host.port)
}

fn close_json(close: &Close) -> String {
    let code = close.code.map_or_else(|| "null".into(), |code| code.to_string());
    let reason = close.reason.as_deref().map_or_else(|| "null".into(), quoted);
    let (from, packet, delivered) = (close.from.name(), number(close.packet), number(close.delivered));
    format!(
        r#"{{"from":"{from}","code":{code},"reason":{reason},"packet":{packet},"delivered_packet":{delivered}}}"#
    )
}

fn end_json(end: &FirstEnd) -> String {
    format!(r#"{{"from":"{}","by":"{}","packet":{}}}"#, end.from.name(), end.by, end.packet)
}

fn number(value: Option<u64>) -> String {
    value.map_or_else(|| "null".into(), |value| value.to_string())
}

/// A JSON string.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c < ' ' => write!(out, "\\u{:04x}", c as u32).expect("a String takes all text"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
