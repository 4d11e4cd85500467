//! A TCP segment with the facts of the IP packet that carried it.

use std::fmt;

use crate::capture::Direction;
use crate::flow::{Endpoint, Stamp};

/// One TCP segment, borrowing its bytes from the packet.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'a> {
    /// Packet and time.
    pub at: Stamp,
    /// Sender.
    pub source: Endpoint,
    /// Receiver.
    pub destination: Endpoint,
    /// What the IP header says beside the addresses.
    pub ip: IpFacts,
    /// Sequence number of the first payload byte (of the SYN where there is one).
    pub seq: u32,
    /// Acknowledgement number; meaningful only with the ACK flag.
    pub ack: u32,
    /// Control bits.
    pub flags: TcpFlags,
    /// Window as on the wire, unscaled.
    pub window: u16,
    /// The bytes of the TCP options that were captured.
    pub options: &'a [u8],
    /// The payload bytes that were captured.
    pub payload: &'a [u8],
    /// The payload's true length; larger than `payload` when the snap length cut the packet.
    pub payload_len: u32,
    /// Direction relative to the capturing host, where the link layer or the file tells.
    pub direction: Option<Direction>,
    /// Tags and tunnels around the IP packet, outermost first.
    pub encapsulation: &'a [Encapsulation],
}

/// What an IP header says beside the addresses.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct IpFacts {
    /// IPv4 time to live or IPv6 hop limit.
    pub ttl: u8,
    /// IPv4 identification; `None` for IPv6.
    pub id: Option<u16>,
    /// The IPv4 don't-fragment bit; `true` for IPv6.
    pub dont_fragment: bool,
    /// IPv6 flow label; 0 for IPv4.
    pub flow_label: u32,
}

/// TCP control bits (RFC 9293 §3.1).
#[derive(Clone, Copy, Default, Eq, PartialEq)]
pub struct TcpFlags(pub u8);

impl TcpFlags {
    /// No more data from the sender.
    pub const FIN: Self = Self(0x01);
    /// Synchronise sequence numbers.
    pub const SYN: Self = Self(0x02);
    /// Reset the connection.
    pub const RST: Self = Self(0x04);
    /// Push.
    pub const PSH: Self = Self(0x08);
    /// The acknowledgement number is meaningful.
    pub const ACK: Self = Self(0x10);
    /// The urgent pointer is meaningful.
    pub const URG: Self = Self(0x20);

    /// Whether all bits of `flags` are set.
    pub const fn has(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Both sets of bits.
    pub const fn with(self, flags: Self) -> Self {
        Self(self.0 | flags.0)
    }
}

impl fmt::Debug for TcpFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (Self::SYN, 'S'),
            (Self::FIN, 'F'),
            (Self::RST, 'R'),
            (Self::PSH, 'P'),
            (Self::ACK, 'A'),
            (Self::URG, 'U'),
        ];
        names.iter().filter(|(flag, _)| self.has(*flag)).try_for_each(|(_, name)| write!(f, "{name}"))
    }
}

/// A tag or tunnel around an IP packet; displayed as `vlan:7`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Encapsulation {
    /// 802.1Q or 802.1ad tag with its VLAN identifier.
    Vlan(u16),
    /// PPP over Ethernet with its session identifier.
    Pppoe(u16),
    /// One MPLS label.
    Mpls(u32),
    /// IPv4 or IPv6 directly in IPv4 or IPv6.
    IpInIp,
    /// GRE with its key, if there is one.
    Gre(Option<u32>),
    /// Mirrored frames of an ERSPAN session.
    Erspan(u16),
    /// VXLAN with its network identifier.
    Vxlan(u32),
    /// Geneve with its network identifier.
    Geneve(u32),
    /// GTP-U with its tunnel endpoint identifier.
    Gtp(u32),
}

impl fmt::Display for Encapsulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vlan(id) => write!(f, "vlan:{id}"),
            Self::Pppoe(session) => write!(f, "pppoe:{session}"),
            Self::Mpls(label) => write!(f, "mpls:{label}"),
            Self::IpInIp => f.write_str("ip-in-ip"),
            Self::Gre(None) => f.write_str("gre"),
            Self::Gre(Some(key)) => write!(f, "gre:{key}"),
            Self::Erspan(session) => write!(f, "erspan:{session}"),
            Self::Vxlan(network) => write!(f, "vxlan:{network}"),
            Self::Geneve(network) => write!(f, "geneve:{network}"),
            Self::Gtp(endpoint) => write!(f, "gtp:{endpoint}"),
        }
    }
}
