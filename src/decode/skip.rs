//! Why a packet holds no segment.

use std::fmt;

/// Why a packet is skipped.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Skip {
    /// No decoder for the capture's link-layer type.
    UnknownLinkType,
    /// Cut before the end of a header below IP.
    TruncatedLinkHeader,
    /// Neither IPv4 nor IPv6, or encrypted below IP: ARP, spanning tree, and so on.
    NotIp,
    /// Cut before the end of the IP header.
    TruncatedIpHeader,
    /// An IP header that contradicts itself.
    MalformedIp,
    /// A part of an IP packet: where the packet holds a segment, the part that arrives last tells it.
    IpFragment,
    /// Another protocol than TCP: UDP, ICMP, and so on.
    NotTcp,
    /// Cut before the end of the fields of the TCP header that are needed.
    TruncatedTcpHeader,
    /// A TCP header that contradicts itself or does not fit its IP packet.
    MalformedTcp,
    /// More tags and tunnels than are followed.
    NestedTooDeep,
}

impl Skip {
    /// The name that the report counts such packets under.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnknownLinkType => "unknown_link_type",
            Self::TruncatedLinkHeader => "truncated_link_header",
            Self::NotIp => "not_ip",
            Self::TruncatedIpHeader => "truncated_ip_header",
            Self::MalformedIp => "malformed_ip",
            Self::IpFragment => "ip_fragment",
            Self::NotTcp => "not_tcp",
            Self::TruncatedTcpHeader => "truncated_tcp_header",
            Self::MalformedTcp => "malformed_tcp",
            Self::NestedTooDeep => "nested_too_deep",
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
