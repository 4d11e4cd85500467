//! What is known of a connection's TCP at its end, as plain values.

use serde::{Deserialize, Serialize};

use crate::flow::{Endpoint, Sides, Stamp};
use crate::time::{Span, Timestamp};

/// Counters and facts of one connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Summary {
    /// The two ends.
    pub endpoints: Sides<Endpoint>,
    /// The first packet.
    pub first: Stamp,
    /// The last packet.
    pub last: Stamp,
    /// The earliest and the latest time of its packets: a capture may go back in time.
    pub times: (Timestamp, Timestamp),
    /// The client's SYN is in the capture.
    pub syn_seen: bool,
    /// The packet that completed the three-way handshake.
    pub established: Option<Stamp>,
    /// SYN to SYN-ACK, and SYN-ACK to its acknowledgement: which half of the round trip lies where.
    pub handshake_delays: Option<Sides<Span>>,
    /// Each side's facts.
    pub sides: Sides<SideSummary>,
}

impl Summary {
    /// The round-trip time of the three-way handshake.
    pub fn rtt(&self) -> Option<Span> {
        let delays = self.handshake_delays?;
        Some(Span::from_nanos(delays.client.as_nanos().saturating_add(delays.server.as_nanos())))
    }
}

/// Counters and facts of one side of a connection.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SideSummary {
    /// Segments sent, copies of the same packet left out.
    pub segments: u64,
    /// Payload bytes sent, repeats left out.
    pub payload_bytes: u64,
    /// Segments that repeat payload, a SYN or a FIN.
    pub retransmissions: u64,
    /// Segments that arrived behind later ones.
    pub out_of_order: u64,
    /// Bytes that the peer acknowledged and the capture does not hold.
    pub lost_in_capture: u64,
    /// Times the side closed its receive window.
    pub zero_windows: u64,
    /// The window is closed at the end of the capture, since this packet.
    pub window_closed_since: Option<Stamp>,
    /// Keep-alive probes sent.
    pub keepalive_probes: u64,
    /// Keep-alive probes that the peer answered.
    pub keepalive_answered: u64,
    /// The last keep-alive probe.
    pub last_keepalive: Option<Stamp>,
    /// Copies of packets that were captured twice.
    pub copies: u64,
    /// Its initial sequence number, which a NAT leaves as it is.
    pub isn: Option<u32>,
    /// The side's SYN.
    pub syn: Option<Stamp>,
    /// The side's last segment of any kind.
    pub last: Option<Stamp>,
    /// The most frequent time to live of its packets.
    pub usual_ttl: Option<u8>,
    /// A packet left the capturing host in this direction.
    pub seen_leaving: bool,
    /// A packet reached the capturing host in this direction.
    pub seen_arriving: bool,
    /// Copies of a packet showed another time to live: it was captured on both sides of a router.
    pub seen_forwarded: bool,
    /// Copies of its packets were seen going the other way through the capturing host.
    pub seen_crossing: bool,
    /// What the side sent and heard nothing of.
    pub unanswered: Unanswered,
    /// What the peer has not acknowledged at the end.
    pub outstanding: Option<Outstanding>,
    /// How far the peer has acknowledged this side's stream.
    pub acked: i64,
    /// The side's last segment that is no RST.
    pub last_spoke: Option<Stamp>,
    /// The longest run of attempts that were answered in the end, or not at all.
    pub worst_unanswered: Unanswered,
    /// The side's first segment after an RST in its own name: it did not send that RST.
    pub spoke_after_reset: Option<Stamp>,
    /// Segments that are no RST, sent after an RST in the peer's name.
    pub segments_after_peer_reset: u32,
}

/// How alive a side is at some moment.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Liveness {
    /// Its last segment so far.
    pub heard: Option<Stamp>,
    /// What it has sent without hearing from its peer.
    pub unanswered: Unanswered,
    /// What it has sent and its peer, heard or not, has not acknowledged.
    pub outstanding: Option<Outstanding>,
    /// The packet with which its peer last acknowledged something new of it.
    pub acked_at: Option<Stamp>,
}

/// Payload that the peer does not acknowledge.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Outstanding {
    /// The first of it was sent, or the acknowledgements stood still, since here.
    pub since: Stamp,
    /// The last attempt to send it.
    pub last: Stamp,
    /// How often it was sent again.
    pub retransmissions: u32,
}

/// A side's efforts since it last heard from its peer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
pub struct Unanswered {
    /// The first segment with payload or probe since the peer's last packet.
    pub since: Option<Stamp>,
    /// The last one.
    pub last: Option<Stamp>,
    /// How many.
    pub segments: u32,
    /// Retransmissions of bytes that the peer had acknowledged: its answers do not get through.
    pub stale_retransmissions: u32,
}
