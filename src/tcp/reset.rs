//! The facts of an RST segment, noted when it arrives; what it did is judged elsewhere.

use serde::{Deserialize, Serialize};

use crate::flow::Stamp;
use crate::time::Span;

/// What an RST looks like beside the segments that its sender sent before.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct ResetFacts {
    /// IPv4 time to live or IPv6 hop limit.
    pub ttl: u8,
    /// The most frequent one of the sender's other packets.
    pub usual_ttl: Option<u8>,
    /// Whether the sender used this one in any other packet.
    pub ttl_seen: bool,
    /// IPv4 identification.
    pub ip_id: Option<u16>,
    /// How the identification relates to the sender's other packets.
    pub ip_id_fit: IpIdFit,
    /// The don't-fragment bit.
    pub dont_fragment: bool,
    /// Whether it has the ACK bit.
    pub has_ack: bool,
    /// Whether it carries TCP timestamps.
    pub has_timestamps: bool,
    /// Whether the sender's other packets carry TCP timestamps.
    pub usual_timestamps: bool,
    /// The window as on the wire.
    pub window: u16,
    /// Its sequence number relative to the next one expected of the sender.
    pub seq_offset: i64,
    /// Whether the receiver must take it: its sequence number lies in the receiver's window.
    pub in_window: Option<bool>,
    /// How far it acknowledges the other side's stream, where it does.
    pub acked: Option<i64>,
    /// The newest packet of the other side whose acknowledgement number is this sequence number.
    pub trigger: Option<Trigger>,
    /// Whether it has the IPv6 flow label of the sender's other packets; `None` where those have none. Linux
    /// answers with another label when it has no socket.
    pub flow_label_fits: Option<bool>,
    /// The capturing host forwards the sender's packets, but sent this one itself.
    pub from_capturing_host: bool,
    /// Bytes that the sender had acknowledged and not answered with anything.
    pub unanswered_bytes: i64,
    /// Unanswered keep-alive probes that the sender had sent.
    pub unanswered_probes: u32,
}

impl ResetFacts {
    /// The shape that a host (or a REJECT rule) answers a packet with for which it has no socket:
    /// no ACK, no options, window 0 (Linux `tcp_v4_send_reset`).
    pub const fn is_reactive_shape(&self) -> bool {
        !self.has_ack && !self.has_timestamps && self.window == 0
    }

    /// It comes from another distance than its sender's other packets, where there are any to compare with.
    pub const fn comes_from_elsewhere(&self) -> bool {
        !self.ttl_seen && self.usual_ttl.is_some()
    }

    /// Its TTL or its IP identification does not fit its sender's other packets.
    pub const fn has_odd_header(&self) -> bool {
        self.comes_from_elsewhere() || matches!(self.ip_id_fit, IpIdFit::Breaks)
    }
}

/// How an RST's IP identification relates to its sender's other packets.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub enum IpIdFit {
    /// Nothing to compare with, or the sender has no recognisable policy.
    #[default]
    Unknown,
    /// It goes on where the sender's counter stood.
    Continues,
    /// The sender counts, and this one does not continue.
    Breaks,
    /// It is 0, as kernels use for answers without a socket.
    Zero,
}

/// The packet that an RST seems to answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// That packet.
    pub at: Stamp,
    /// Time from it to the RST.
    pub delay: Span,
    /// Whether it carried payload.
    pub has_payload: bool,
}
