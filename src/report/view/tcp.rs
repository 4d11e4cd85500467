//! TCP's part of a connection: how it ended and how healthy it was.

use schemars::JsonSchema;
use serde::Serialize;

use super::{PacketRef, Seconds, Time, Word};

/// How TCP ended.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct TcpEnd {
    /// The first FIN or RST after the handshake, whatever its effect.
    pub first: Option<EndAct>,
    /// The first FIN of each side.
    pub fins: Vec<Fin>,
    /// The RSTs, up to a bound.
    pub resets: Vec<Reset>,
    /// All RSTs, those beyond the bound included.
    pub resets_total: u64,
}

/// A FIN or RST.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct EndAct {
    /// The side whose address sent it.
    pub from: Word,
    /// `fin` or `rst`.
    pub by: Word,
    /// The packet.
    pub packet: PacketRef,
    /// Its time.
    pub time: Time,
}

/// A FIN.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Fin {
    /// The side that sent it.
    pub from: Word,
    /// The packet.
    pub packet: PacketRef,
    /// Its time.
    pub time: Time,
}

/// An RST.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Reset {
    /// The side whose address it carries.
    pub from: Word,
    /// The packet.
    pub packet: PacketRef,
    /// Its time.
    pub time: Time,
    /// `ended_it`, `consequence` or `ignored`.
    pub role: Word,
    /// What kind of stack and situation writes such an RST.
    pub class: Option<Word>,
    /// `endpoint`, `injected` or `unknown`.
    pub origin: Word,
    /// Its header.
    pub facts: ResetFacts,
}

/// What an RST's header says.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct ResetFacts {
    /// Its TTL or hop limit.
    pub ttl: u8,
    /// The TTL that this side's other packets had.
    pub usual_ttl: Option<u8>,
    /// Its IP id; `None` in IPv6.
    pub ip_id: Option<u16>,
    /// It has the ACK flag.
    pub has_ack: bool,
    /// It carries TCP timestamps.
    pub has_timestamps: bool,
    /// Its window field.
    pub window: u16,
    /// Its sequence number minus the next one expected from this side.
    pub seq_offset: Option<i64>,
    /// Its sequence number lies in the receiver's window.
    pub in_window: Option<bool>,
    /// The packet of the other side that it seems to answer.
    pub trigger: Option<PacketRef>,
    /// Time from that packet to it.
    pub trigger_delay_s: Option<Seconds>,
    /// It has the IPv6 flow label of this side's other packets; `None` where they have none.
    pub flow_label_fits: Option<bool>,
    /// Bytes of the other side that this side had received and not answered.
    pub unanswered_bytes: u64,
    /// TCP keep-alive probes of this side that had got no answer.
    pub unanswered_probes: u32,
}

/// TCP's health.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct Tcp {
    /// What the client sent.
    pub client: TcpSide,
    /// What the server sent.
    pub server: TcpSide,
    /// Round-trip time of the TCP handshake, as seen from where the capture was taken.
    pub rtt_s: Option<Seconds>,
}

/// What one side of a TCP connection sent.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize), serde(deny_unknown_fields, bound(deserialize = "'de: 'static")))]
pub struct TcpSide {
    /// Segments.
    pub segments: u64,
    /// Payload bytes, each counted once.
    pub payload_bytes: u64,
    /// Segments that repeat bytes already seen.
    pub retransmissions: u64,
    /// Segments that arrived before an earlier one.
    pub out_of_order: u64,
    /// Bytes that the other side acknowledged but the capture lacks.
    pub lost_in_capture_bytes: u64,
    /// Segments that announce a window of zero.
    pub zero_window: u64,
    /// TCP keep-alive probes.
    pub keepalive_probes: u64,
    /// Packets that the capture holds again: the same ones, seen at another place; no other figure counts them.
    pub copies: u64,
}
