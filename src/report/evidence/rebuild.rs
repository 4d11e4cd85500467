//! Writes a segment's headers anew, as a packet without link layer, tunnels and payload.

use std::net::IpAddr;

use crate::decode::Segment;

/// The IP packet of `segment` between other addresses, and its length on the wire.
///
/// Checksums are right for the payload that was captured; `with_payload` keeps it in the packet.
pub fn rebuild(
    segment: &Segment<'_>,
    source: IpAddr,
    destination: IpAddr,
    with_payload: bool,
) -> (Vec<u8>, u32) {
    let mut tcp = tcp_header(segment);
    let tcp_len = tcp.len() as u32 + segment.payload_len;
    let mut packet = match (source, destination) {
        (IpAddr::V4(source), IpAddr::V4(destination)) => {
            ipv4_header(segment, source.octets(), destination.octets(), tcp_len)
        }
        _ => ipv6_header(segment, octets16(source), octets16(destination), tcp_len),
    };
    if segment.payload.len() as u32 == segment.payload_len {
        let sum = pseudo_header(source, destination, tcp_len) + sum(&tcp) + sum(segment.payload);
        tcp[16..18].copy_from_slice(&fold(sum).to_be_bytes());
    }
    let wire_len = packet.len() as u32 + tcp_len;
    packet.extend(tcp);
    if with_payload {
        packet.extend(segment.payload);
    }
    (packet, wire_len)
}

/// A packet with another payload of the same length, which begins at `start` behind a TCP header of
/// `header_len` bytes; its checksum is as right as it was (RFC 1624).
pub fn with_payload(packet: &[u8], start: usize, header_len: usize, payload: &[u8]) -> Vec<u8> {
    let mut new = packet.to_vec();
    let old = &packet[start..start + payload.len()];
    let place = start.checked_sub(header_len).map(|header| header + 16..header + 18);
    if let Some(checksum) = place.and_then(|place| new.get_mut(place)) {
        let was = u64::from(!u16::from_be_bytes([checksum[0], checksum[1]]));
        // Taking away is adding the complement of each word, of which there are as many as words.
        let words = payload.len().div_ceil(2) as u64;
        let sum = was + (words * 0xffff - sum(old)) + sum(payload);
        checksum.copy_from_slice(&fold(sum).to_be_bytes());
    }
    new[start..start + payload.len()].copy_from_slice(payload);
    new
}

fn tcp_header(segment: &Segment<'_>) -> Vec<u8> {
    let options = &segment.options[..segment.options.len().min(40) / 4 * 4];
    let mut tcp = [segment.source.port, segment.destination.port].map(u16::to_be_bytes).concat();
    tcp.extend([segment.seq, segment.ack].map(u32::to_be_bytes).concat());
    tcp.extend([(((20 + options.len()) / 4) << 4) as u8, segment.flags.0]);
    tcp.extend([segment.window, 0, 0].map(u16::to_be_bytes).concat());
    tcp.extend(options);
    tcp
}

fn ipv4_header(segment: &Segment<'_>, source: [u8; 4], destination: [u8; 4], tcp_len: u32) -> Vec<u8> {
    let total = u16::try_from(20 + tcp_len).unwrap_or(u16::MAX);
    let flags = u16::from(segment.ip.dont_fragment) << 14;
    let mut header = vec![0x45, 0];
    header.extend([total, segment.ip.id.unwrap_or_default(), flags].map(u16::to_be_bytes).concat());
    header.extend([segment.ip.ttl, 6, 0, 0]);
    header.extend([source, destination].concat());
    let checksum = fold(sum(&header)).to_be_bytes();
    header[10..12].copy_from_slice(&checksum);
    header
}

fn ipv6_header(segment: &Segment<'_>, source: [u8; 16], destination: [u8; 16], tcp_len: u32) -> Vec<u8> {
    let mut header = (6 << 28 | segment.ip.flow_label & 0xf_ffff).to_be_bytes().to_vec();
    header.extend(u16::try_from(tcp_len).unwrap_or(u16::MAX).to_be_bytes());
    header.extend([6, segment.ip.ttl]);
    header.extend([source, destination].concat());
    header
}

fn octets16(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

/// The sum over what TCP's checksum covers of the IP header (RFC 9293 §3.1).
fn pseudo_header(source: IpAddr, destination: IpAddr, tcp_len: u32) -> u64 {
    let address = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => sum(&ip.octets()),
        IpAddr::V6(ip) => sum(&ip.octets()),
    };
    address(source) + address(destination) + 6 + u64::from(tcp_len)
}

/// The sum of the 16-bit words (RFC 1071), not folded yet.
fn sum(bytes: &[u8]) -> u64 {
    let word = |pair: &[u8]| u64::from(pair[0]) << 8 | pair.get(1).copied().map_or(0, u64::from);
    bytes.chunks(2).map(word).sum()
}

fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
