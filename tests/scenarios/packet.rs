//! Packets of raw IP: a TCP segment, or an ICMP error that quotes one.

use std::net::IpAddr;

pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const PSH: u8 = 0x08;
pub(crate) const ACK: u8 = 0x10;

/// A packet that the capture holds.
#[derive(Clone, Debug)]
pub(crate) struct Captured {
    pub(crate) nanos: i64,
    pub(crate) data: Vec<u8>,
    pub(crate) label: Option<String>,
    pub(crate) leaves: Option<bool>,
}

/// A segment with what its IP header says.
#[derive(Clone, Debug)]
pub(crate) struct Segment {
    pub(crate) from: (IpAddr, u16),
    pub(crate) to: (IpAddr, u16),
    pub(crate) ttl: u8,
    pub(crate) id: u16,
    pub(crate) dont_fragment: bool,
    pub(crate) flow_label: u32,
    pub(crate) flags: u8,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) window: u16,
    /// TCP timestamps.
    pub(crate) timestamps: Option<u32>,
    pub(crate) payload: Vec<u8>,
}

impl Segment {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut options = Vec::new();
        if self.flags & SYN != 0 {
            options.extend([2, 4, 5, 0xb4, 1, 3, 3, 7]);
        }
        if let Some(value) = self.timestamps {
            options.extend([1, 1, 8, 10]);
            options.extend(value.to_be_bytes());
            options.extend([0; 4]);
        }
        let mut tcp = [self.from.1, self.to.1].map(u16::to_be_bytes).concat();
        tcp.extend([self.seq, self.ack].map(u32::to_be_bytes).concat());
        tcp.extend([((5 + options.len() / 4) << 4) as u8, self.flags]);
        tcp.extend(self.window.to_be_bytes());
        tcp.extend([0; 4]);
        tcp.extend(options);
        tcp.extend(&self.payload);
        let facts =
            Ip { ttl: self.ttl, id: self.id, dont_fragment: self.dont_fragment, flow_label: self.flow_label };
        ip(self.from.0, self.to.0, 6, facts, &tcp)
    }
}

/// What an IP header says beside the addresses.
#[derive(Clone, Copy)]
pub(crate) struct Ip {
    pub(crate) ttl: u8,
    pub(crate) id: u16,
    pub(crate) dont_fragment: bool,
    pub(crate) flow_label: u32,
}

/// An IP packet.
pub(crate) fn ip(from: IpAddr, to: IpAddr, protocol: u8, facts: Ip, payload: &[u8]) -> Vec<u8> {
    match (from, to) {
        (IpAddr::V4(from), IpAddr::V4(to)) => {
            let mut data = vec![0x45, 0];
            data.extend((20 + payload.len() as u16).to_be_bytes());
            data.extend(facts.id.to_be_bytes());
            data.extend([if facts.dont_fragment { 0x40 } else { 0 }, 0, facts.ttl, protocol, 0, 0]);
            data.extend(from.octets());
            data.extend(to.octets());
            data.extend(payload);
            data
        }
        (IpAddr::V6(from), IpAddr::V6(to)) => {
            let mut data = (0x6000_0000 | facts.flow_label).to_be_bytes().to_vec();
            data.extend((payload.len() as u16).to_be_bytes());
            data.extend([protocol, facts.ttl]);
            data.extend(from.octets());
            data.extend(to.octets());
            data.extend(payload);
            data
        }
        _ => panic!("both ends need the same kind of address"),
    }
}

/// An ICMP error from `router` to `to` that quotes the beginning of a packet.
pub(crate) fn icmp(kind: &str, router: IpAddr, to: IpAddr, quoted: &[u8]) -> Vec<u8> {
    let (kind, code, value): (u8, u8, u32) = match (kind, router.is_ipv4()) {
        ("host-unreachable", true) => (3, 1, 0),
        ("prohibited", true) => (3, 13, 0),
        ("too-big", true) => (3, 4, 1280),
        ("time-exceeded", true) => (11, 0, 0),
        ("host-unreachable", false) => (1, 3, 0),
        ("prohibited", false) => (1, 1, 0),
        ("too-big", false) => (2, 0, 1280),
        ("time-exceeded", false) => (3, 0, 0),
        (kind, _) => panic!("what is {kind}?"),
    };
    let mut message = vec![kind, code, 0, 0];
    message.extend(value.to_be_bytes());
    message.extend(&quoted[..quoted.len().min(if router.is_ipv4() { 28 } else { 1200 })]);
    let protocol = if router.is_ipv4() { 1 } else { 58 };
    let facts = Ip { ttl: 63, id: 77, dont_fragment: false, flow_label: 0 };
    ip(router, to, protocol, facts, &message)
}
