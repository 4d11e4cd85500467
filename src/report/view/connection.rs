//! A connection in the report.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    FrameCounts, Heartbeat, Idle, PacketRef, Seconds, Sides, Stamp, Tcp, TcpEnd, TcpSide, Time,
    TimelineEvent, Unparsed, Verdict, Violation, Wireshark, Word,
};

/// One TCP connection (or HTTP/2 stream) that carried, or tried to carry, a WebSocket.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Connection {
    /// 1, 2, … by first packet. With `--follow` it is given when the connection, or another one that is
    /// recognised by then, has ended, and stays: one recognised later has a higher number, even if it
    /// began before.
    pub id: u32,
    /// `websocket`, `websocket_midstream`, `refused_upgrade` or `opaque_tls`.
    pub kind: Word,
    /// The side that sent the SYN, or whose frames are masked.
    pub client: Endpoint,
    /// The other side.
    pub server: Endpoint,
    /// Tags and tunnels around the connection, such as `vlan:7`.
    pub encapsulation: Vec<String>,
    /// The HTTP/2 stream, where it is one.
    pub http2_stream: Option<u32>,
    /// How that stream ended.
    pub http2_end: Option<Http2End>,
    /// The TLS layer, where there is one.
    pub tls: Option<Tls>,
    /// The upgrade, where the capture holds it.
    pub handshake: Option<Handshake>,
    /// Time of the 101, or of the first packet seen.
    pub opened: Time,
    /// Time of the first FIN or RST, or the first end of its HTTP/2 stream; `None` while open.
    pub ended: Option<Time>,
    /// From `opened` to `ended`, or to the last packet of the capture.
    pub duration_s: Seconds,
    /// The capture holds the SYN.
    pub start_seen: bool,
    /// The capture holds an end act.
    pub end_seen: bool,
    /// WebSocket frames by opcode.
    pub frames: Sides<FrameCounts>,
    /// What broke RFC 6455.
    pub violations: Vec<Violation>,
    /// Stretches that could not be read as frames.
    pub unparsed: Vec<Unparsed>,
    /// Close frames in order of sight.
    pub close_frames: Vec<CloseFrame>,
    /// Which sides sent a Close, and in which order.
    pub close_handshake: Word,
    /// How TCP ended.
    pub tcp_end: TcpEnd,
    /// The silences.
    pub idle: Idle,
    /// Heartbeats per kind and side.
    pub heartbeats: Vec<Heartbeat>,
    /// TCP's health.
    pub tcp: Tcp,
    /// Where on the path the capture was taken.
    pub vantage: Vantage,
    /// The connection in one line.
    pub signature: String,
    /// Its events in order.
    pub timeline: Vec<TimelineEvent>,
    /// Events that the timeline does not show.
    pub timeline_omitted: u64,
    /// How many events of the timeline come before those; `None` where it shows all.
    pub timeline_omitted_at: Option<u64>,
    /// Who ended it, and why.
    pub verdict: Verdict,
    /// Where to look in Wireshark.
    pub wireshark: Wireshark,
}

impl Connection {
    /// The side that spoke, as its peer's acknowledgements show, and of which the capture holds no packet.
    pub fn unseen(&self) -> Option<Word> {
        let is_unseen = |side: &TcpSide| side.segments == 0 && side.lost_in_capture_bytes > 0;
        match (is_unseen(&self.tcp.client), is_unseen(&self.tcp.server)) {
            (true, _) => Some("client"),
            (_, true) => Some("server"),
            _ => None,
        }
    }
}

/// One end of a connection.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Endpoint {
    /// Its address.
    pub ip: IpAddr,
    /// Its port.
    pub port: u16,
    /// The name that the capture file gives to the address.
    pub name: Option<String>,
}

/// How an HTTP/2 stream ended, and what was said of its connection meanwhile.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Http2End {
    /// `END_STREAM` and `RST_STREAM` on the stream, in order of sight.
    pub ends: Vec<Http2EndFrame>,
    /// GOAWAY on the connection while the stream was open.
    pub go_aways: Vec<Http2EndFrame>,
}

/// A frame that ends an HTTP/2 stream or connection.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Http2EndFrame {
    /// The side that sent it.
    pub from: Word,
    /// `end_stream`, `rst_stream` or `goaway`.
    pub by: Word,
    /// The error code by its registered name, or as a number; `None` where the frame has none.
    pub error: Option<String>,
    /// The packet that completed it.
    pub packet: PacketRef,
    /// That packet's time.
    pub time: Time,
}

/// The TLS layer of a connection.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Tls {
    /// The version agreed on.
    pub version: Option<String>,
    /// The cipher suite agreed on.
    pub cipher: Option<String>,
    /// The server name that the client asked for.
    pub sni: Option<String>,
    /// The application protocol agreed on.
    pub alpn: Option<String>,
    /// The inside could be read.
    pub decrypted: bool,
    /// `keylog` or `dsb`: where the keys came from.
    pub keys_from: Option<Word>,
    /// Alerts in order of sight.
    pub alerts: Vec<TlsAlert>,
    /// The numbers of the first records that could be read of each side, where the handshake is not in the
    /// capture: they were found by trying the secrets of the key log.
    pub found_at_record: Option<Sides<Option<u64>>>,
    /// Why its inside could not be read, or not to its end.
    pub not_decrypted: Option<NotDecrypted>,
    /// The application protocols that the client offered, where the connection was not decrypted.
    pub alpn_offered: Vec<String>,
    /// The client's hello, likewise.
    pub client_hello: Option<Stamp>,
    /// The server's hello, likewise.
    pub server_hello: Option<Stamp>,
    /// The handshake was complete, likewise.
    pub established: Option<Stamp>,
    /// What the lengths and times of its records suggest, likewise; heartbeats are among `heartbeats`.
    pub inferred: Vec<TlsInferred>,
}

/// Why the inside of a TLS connection could not be read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct NotDecrypted {
    /// The reason, as a word: `no_keys`, `wrong_keys`, `unknown_version`, `unknown_suite`, `compressed`,
    /// `not_tls`, `handshake_missing`, `server_hello_missing`, `handshake_unfinished`, `not_found`, `search_given_up`,
    /// `handshake_too_long`, `bad_handshake`, `lost`, `inner_tls`.
    pub reason: Word,
    /// The reason, as a sentence.
    pub text: Word,
}

/// What the lengths and times of records suggest; nothing of it was read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct TlsInferred {
    /// `upgrade` (the 101), `close`, `close_echo`, `alert` (a `close_notify` by its place).
    pub kind: Word,
    /// The side that sent it.
    pub from: Word,
    /// The packet that completed the record.
    pub packet: PacketRef,
    /// That packet's time.
    pub time: Time,
    /// `medium` or `low`; never `high`.
    pub confidence: Word,
    /// The lengths and times that led to it.
    pub why: String,
}

/// A TLS alert.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct TlsAlert {
    /// The side that sent it.
    pub from: Word,
    /// `warning`, `fatal`, or `None` where it is encrypted.
    pub level: Option<Word>,
    /// What it says, or `None` where it is encrypted.
    pub description: Option<String>,
    /// Only its length and its place say that it is one.
    pub inferred: bool,
    /// The packet that completed it.
    pub packet: PacketRef,
    /// That packet's time.
    pub time: Time,
}

/// The HTTP upgrade.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Handshake {
    /// The packet that completed the request.
    pub request_packet: Option<PacketRef>,
    /// The packet that completed the answer's head.
    pub response_packet: Option<PacketRef>,
    /// The request's method.
    pub method: Option<String>,
    /// The Host header.
    pub host: Option<String>,
    /// The path, without its query unless asked for.
    pub path: Option<String>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// The Server header of the answer.
    pub server_header: Option<String>,
    /// Headers that name an intermediary, as `Name: value`.
    pub via: Vec<String>,
    /// The subprotocol that the server chose.
    pub subprotocol: Option<String>,
    /// The extensions that the server accepted.
    pub extensions: Vec<String>,
    /// `Sec-WebSocket-Accept` fits the key.
    pub accept_valid: Option<bool>,
    /// A hash of `Sec-WebSocket-Key`, to find the same session elsewhere.
    pub key_hash: Option<String>,
}

/// A Close frame.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct CloseFrame {
    /// The side that sent it.
    pub from: Word,
    /// The close code; `None` for an empty body.
    pub code: Option<u16>,
    /// What the code is called; `not captured` where the capture does not hold the body.
    pub name: Option<String>,
    /// The reason; `None` where there is none.
    pub reason: Option<String>,
    /// The packet that completed it.
    pub packet: PacketRef,
    /// That packet's time.
    pub time: Time,
}

/// Where on the path the capture was taken.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Vantage {
    /// `client`, `server`, `proxy`, `between` or `unknown`.
    pub at: Word,
    /// The facts that say so.
    pub why: Vec<String>,
}
