//! Builds Ethernet packets: IPv4 or IPv6 with TCP or UDP inside, and ARP, with valid checksums.

use std::net::{IpAddr, Ipv4Addr};

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const PSH: u8 = 8;
pub(crate) const ACK: u8 = 16;

const TCP: u8 = 6;
const UDP: u8 = 17;

/// One end of a conversation, as packets name it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Host {
    pub(crate) mac: [u8; 6],
    pub(crate) ip: IpAddr,
    pub(crate) port: u16,
    pub(crate) ttl: u8,
}

/// The fields of a TCP header that vary.
pub(crate) struct TcpHeader<'a> {
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) flags: u8,
    pub(crate) window: u16,
    /// Options, padded to a multiple of four bytes.
    pub(crate) options: &'a [u8],
}

/// Puts a TCP packet into `out`, replacing what was there.
pub(crate) fn tcp(
    out: &mut Vec<u8>,
    from: &Host,
    to: &Host,
    id: u16,
    header: &TcpHeader<'_>,
    payload: &[u8],
) {
    let length = 20 + header.options.len() + payload.len();
    begin(out, from, to, TCP, id, length);
    let start = out.len();
    out.extend_from_slice(&from.port.to_be_bytes());
    out.extend_from_slice(&to.port.to_be_bytes());
    out.extend_from_slice(&header.seq.to_be_bytes());
    out.extend_from_slice(&header.ack.to_be_bytes());
    let words = (5 + header.options.len() / 4) as u8;
    out.extend_from_slice(&[words << 4, header.flags]);
    out.extend_from_slice(&header.window.to_be_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(header.options);
    out.extend_from_slice(payload);
    seal(out, start, 16, from, to, TCP);
}

/// Puts a UDP packet into `out`, replacing what was there.
pub(crate) fn udp(out: &mut Vec<u8>, from: &Host, to: &Host, id: u16, payload: &[u8]) {
    let length = 8 + payload.len();
    begin(out, from, to, UDP, id, length);
    let start = out.len();
    out.extend_from_slice(&from.port.to_be_bytes());
    out.extend_from_slice(&to.port.to_be_bytes());
    out.extend_from_slice(&(length as u16).to_be_bytes());
    out.extend_from_slice(&[0; 2]);
    out.extend_from_slice(payload);
    seal(out, start, 6, from, to, UDP);
}

/// Puts an ARP request (`operation` 1) or reply (2) into `out`, padded as on the wire.
pub(crate) fn arp(out: &mut Vec<u8>, operation: u16, from: ([u8; 6], Ipv4Addr), to: ([u8; 6], Ipv4Addr)) {
    out.clear();
    out.extend_from_slice(if operation == 1 { &[0xff; 6] } else { &to.0 });
    out.extend_from_slice(&from.0);
    out.extend_from_slice(&[8, 6, 0, 1, 8, 0, 6, 4]);
    out.extend_from_slice(&operation.to_be_bytes());
    out.extend_from_slice(&from.0);
    out.extend_from_slice(&from.1.octets());
    out.extend_from_slice(if operation == 1 { &[0; 6] } else { &to.0 });
    out.extend_from_slice(&to.1.octets());
    out.resize(60, 0);
}

/// Writes the Ethernet and IP headers of a packet that carries `length` bytes of `protocol`.
fn begin(out: &mut Vec<u8>, from: &Host, to: &Host, protocol: u8, id: u16, length: usize) {
    out.clear();
    out.extend_from_slice(&to.mac);
    out.extend_from_slice(&from.mac);
    match (from.ip, to.ip) {
        (IpAddr::V4(source), IpAddr::V4(target)) => {
            let total = ((20 + length) as u16).to_be_bytes();
            let id = id.to_be_bytes();
            out.extend_from_slice(&[8, 0, 0x45, 0, total[0], total[1], id[0], id[1], 0x40, 0]);
            out.extend_from_slice(&[from.ttl, protocol, 0, 0]);
            out.extend_from_slice(&source.octets());
            out.extend_from_slice(&target.octets());
            let sum = Sum::default().add(&out[14..34]).finish();
            out[24..26].copy_from_slice(&sum.to_be_bytes());
        }
        (IpAddr::V6(source), IpAddr::V6(target)) => {
            let total = (length as u16).to_be_bytes();
            out.extend_from_slice(&[0x86, 0xdd, 0x60, 0, 0, 0, total[0], total[1], protocol, from.ttl]);
            out.extend_from_slice(&source.octets());
            out.extend_from_slice(&target.octets());
        }
        _ => unreachable!("both ends of a conversation use one IP version"),
    }
}

/// Fills in the checksum at `start + at` of the transport header that begins at `start`.
fn seal(out: &mut [u8], start: usize, at: usize, from: &Host, to: &Host, protocol: u8) {
    let length = (out.len() - start) as u32;
    let sum = Sum::default().add_ip(from.ip).add_ip(to.ip).add(&length.to_be_bytes()).add(&[0, protocol]);
    let sum = sum.add(&out[start..]).finish();
    let sum = if protocol == UDP && sum == 0 { 0xffff } else { sum };
    out[start + at..start + at + 2].copy_from_slice(&sum.to_be_bytes());
}

/// The Internet checksum (RFC 1071) of pieces of even length, the last of any length.
#[derive(Clone, Copy, Default)]
struct Sum(u64);

impl Sum {
    fn add(mut self, bytes: &[u8]) -> Self {
        let (words, rest) = bytes.as_chunks::<4>();
        self.0 += words.iter().map(|&word| u64::from(u32::from_be_bytes(word))).sum::<u64>();
        let mut last = [0; 4];
        last[..rest.len()].copy_from_slice(rest);
        self.0 += u64::from(u32::from_be_bytes(last));
        self
    }

    fn add_ip(self, ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => self.add(&ip.octets()),
            IpAddr::V6(ip) => self.add(&ip.octets()),
        }
    }

    fn finish(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        !(sum as u16)
    }
}
