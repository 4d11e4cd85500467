//! What flowed on a connection: frames, silences, heartbeats, and what could not be read.

use schemars::JsonSchema;
use serde::Serialize;

use super::{PacketRef, Seconds, Spread, Stamp, Time, Word};

/// WebSocket frames that one side sent.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct FrameCounts {
    /// Text frames.
    pub text: u64,
    /// Binary frames.
    pub binary: u64,
    /// Continuation frames.
    pub continuation: u64,
    /// Pings.
    pub ping: u64,
    /// Pongs.
    pub pong: u64,
    /// Closes.
    pub close: u64,
    /// Frames with a reserved opcode.
    pub other: u64,
    /// Payload bytes of all of them.
    pub bytes: u64,
    /// Messages: text and binary frames together with their continuations.
    pub messages: u64,
}

/// Something that breaks RFC 6455.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Violation {
    /// The side that did it.
    pub from: Word,
    /// Which rule it breaks.
    pub kind: Word,
    /// The packet that shows it.
    pub packet: PacketRef,
    /// That packet's time.
    pub time: Time,
}

/// A stretch of a stream that could not be read as frames.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Unparsed {
    /// The side whose stream it is.
    pub from: Word,
    /// Its length.
    pub bytes: u64,
    /// `capture_gap`, `snaplen`, `started_midstream`, `limit` …
    pub why: Word,
    /// The packet where it starts.
    pub packet: PacketRef,
    /// The packet with which reading went on.
    pub resynced_at: Option<PacketRef>,
}

/// The silences of a connection; of one in TLS that was not decrypted, each record of application data counts
/// as a frame, a Close too, and the complete handshake as the 101.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Idle {
    /// The longest time without a frame.
    pub longest_s: Seconds,
    /// The packet before it.
    pub longest_from: Option<PacketRef>,
    /// The packet after it.
    pub longest_to: Option<PacketRef>,
    /// From the last frame that is no Close to the first Close; without one to the first FIN or RST,
    /// without either to the capture's end.
    pub before_end_s: Seconds,
    /// The same, from the client's last frame.
    pub client_silent_s: Option<Seconds>,
    /// The same, from the server's last frame.
    pub server_silent_s: Option<Seconds>,
    /// The same, from the last TCP segment of any kind.
    pub tcp_silent_s: Option<Seconds>,
    /// The silences at or above the idle threshold, longest first.
    pub gaps: Vec<Gap>,
}

/// One time without a frame.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Gap {
    /// How long it was.
    pub duration_s: Seconds,
    /// The packet before it.
    pub from: PacketRef,
    /// The packet after it.
    pub to: PacketRef,
    /// When it began.
    pub start: Time,
    /// When it was over.
    pub end: Time,
}

/// How long connections were silent before they ended, in steps that tell usual timers apart.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Silences {
    /// Connections that were silent for no longer than a bound, for each bound.
    pub buckets: Vec<Bucket>,
    /// All ended connections.
    pub count: u64,
    /// Their silences together.
    pub sum_s: Seconds,
}

/// A step of [`Silences`].
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Bucket {
    /// The bound.
    pub at_most_s: Seconds,
    /// Connections up to it, those of smaller bounds included.
    pub count: u64,
}

/// A heartbeat of one kind from one side.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Heartbeat {
    /// `ping_pong`, `engine_io`, `signalr`, `tls_inferred`, `tcp_keepalive` …
    pub kind: Word,
    /// The side that sends it.
    pub from: Word,
    /// How many it sent.
    pub sent: u64,
    /// How many the other side answered.
    pub answered: u64,
    /// How many it did not.
    pub unanswered: u64,
    /// Pongs of this side that answer no ping.
    pub unsolicited: u64,
    /// The time between two of them.
    pub interval_s: Option<Spread>,
    /// The time until the answer.
    pub rtt_s: Option<Spread>,
    /// The last one.
    pub last: Option<Stamp>,
    /// Concluded from sizes and times, not read.
    pub inferred: bool,
    /// The sizes and times that led to it, where it is inferred.
    pub why: Option<String>,
}
