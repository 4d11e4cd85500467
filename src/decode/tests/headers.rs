//! IP and TCP headers, whole, cut and malformed.

use crate::capture::LinkType;
use crate::decode::testing::*;
use crate::decode::{Ahead, Decoder, Encapsulation, IpFacts, Skip, TcpFlags};
use crate::flow::FlowKey;
use crate::limits::Limits;

#[test]
fn every_field_of_an_ipv4_segment() {
    with_segment(LinkType::ETHERNET, &hello(), |segment| {
        assert_eq!(segment.at.packet.packet(), 7);
        assert_eq!(segment.at.time.as_nanos(), 9);
        assert_eq!(segment.source.to_string(), "10.0.0.1:8080");
        assert_eq!(segment.destination.to_string(), "10.0.0.2:54321");
        let facts = IpFacts { ttl: 64, id: Some(0x1234), dont_fragment: true, flow_label: 0 };
        assert_eq!(segment.ip, facts);
        assert_eq!((segment.seq, segment.ack, segment.window), (100, 200, 0x0102));
        assert_eq!(segment.flags, TcpFlags::PSH.with(TcpFlags::ACK));
        assert_eq!((segment.payload, segment.payload_len), (b"hello" as &[u8], 5));
        assert_eq!((segment.direction, segment.encapsulation), (None, &[] as &[Encapsulation]));
    });
}

#[test]
fn every_field_of_an_ipv6_segment() {
    with_segment(LinkType::IPV6, &ipv6(6, &tcp(&[1; 4], b"hello")), |segment| {
        assert_eq!(segment.source.to_string(), "[fd00::1]:8080");
        let facts = IpFacts { ttl: 55, id: None, dont_fragment: true, flow_label: 0x12345 };
        assert_eq!(segment.ip, facts);
        assert_eq!((segment.options, segment.payload), ([1; 4].as_slice(), b"hello".as_slice()));
    });
}

#[test]
fn what_comes_is_told_where_it_is_seen_at_once() {
    let ahead = |link, data: &[u8]| Decoder::ahead(&packet(link, data));
    let known = |link, data: &[u8], has_payload| {
        with_segment(link, data, |segment| Ahead {
            flow: FlowKey::new(segment.destination, segment.source),
            source_port: segment.source.port,
            has_payload,
        })
    };
    for (link, header) in [
        (LinkType::LINUX_SLL, [&[0; 14][..], &[0x08, 0x00]].concat()),
        (LinkType::LINUX_SLL2, [&[0x08, 0x00][..], &[0; 18]].concat()),
        (LinkType::RAW, Vec::new()),
    ] {
        for ip in [ipv4, ipv6] {
            let data = [&header[..], &ip(6, &tcp(&[1; 4], b"hello"))].concat();
            let headers = data.len() - b"hello".len();
            let told = known(LinkType::RAW, &data[header.len()..], true);
            assert_eq!(ahead(link, &data), Some(told));
            assert_eq!(ahead(link, &data[..headers]), Some(told), "a cut one has payload, too");
            assert_eq!(ahead(link, &data[..headers - 1]), None);
            assert_eq!(ahead(link, &[&data[..], b"and what is behind it"].concat()), Some(told));
            let empty = [&header[..], &ip(6, &tcp(&[1; 4], b""))].concat();
            assert_eq!(ahead(link, &empty), Some(known(LinkType::RAW, &empty[header.len()..], false)));
            assert_eq!(ahead(link, &[&header[..], &ip(17, &tcp(&[], b"udp"))].concat()), None);
        }
    }
    assert_eq!((ahead(LinkType::NULL, &hello()), ahead(LinkType::ETHERNET, &hello())), (None, None));
}

/// Whether the segment in an Ethernet frame is seen at once; if so, it is the one found by way of the layers.
fn is_at_once(data: &[u8]) -> bool {
    let packet = packet(LinkType::ETHERNET, data);
    let mut at_once = None;
    let is_usual = Decoder::at_once(&packet, |segment, flow| at_once = Some((segment, flow)));
    assert_eq!(is_usual, at_once.is_some());
    if let Some((segment, flow)) = at_once {
        assert_eq!(flow, FlowKey::new(segment.destination, segment.source));
        let mut decoder = Decoder::new(&Limits::default());
        let by_layers = decoder.decode_layers(&packet).map(|segment| format!("{segment:?}"));
        assert_eq!(by_layers, Ok(format!("{segment:?}")));
    }
    is_usual
}

#[test]
fn what_is_seen_at_once_is_what_the_layers_hold() {
    for (ether_type, ip) in [(0x0800, ipv4 as fn(u8, &[u8]) -> Vec<u8>), (0x86dd, ipv6)] {
        let data = ethernet(ether_type, &ip(6, &tcp(&[1; 4], b"hello")));
        let headers = data.len() - b"hello".len();
        assert!(is_at_once(&data) && is_at_once(&data[..headers]));
        assert!(is_at_once(&[&data[..], &[0; 6]].concat()), "padding");
        (0..headers).for_each(|cut| assert!(!is_at_once(&data[..cut]), "cut at {cut}"));
        assert!(!is_at_once(&ethernet(ether_type, &ip(17, &tcp(&[], b"udp")))));
        assert!(!is_at_once(&ethernet(ether_type ^ 0x86dd ^ 0x0800, &data[14..])), "not what the frame says");
        assert!(!is_at_once(&ethernet(0x8100, &[&[0, 7], &data[12..]].concat())), "behind a tag");
    }
}

#[test]
fn ethernet_padding_is_no_payload() {
    let mut padded = ethernet(0x0800, &ipv4(6, &tcp(&[], b"")));
    padded.resize(60, 0);
    with_segment(LinkType::ETHERNET, &padded, |segment| {
        assert_eq!((segment.payload, segment.payload_len), (&[] as &[u8], 0));
    });
}

#[test]
fn offload_leaves_lengths_of_zero() {
    let mut v4 = ipv4(6, &tcp(&[], b"hello"));
    v4[2..4].fill(0);
    let mut v6 = ipv6(6, &tcp(&[], b"hello"));
    v6[4..6].fill(0);
    for data in [v4, v6] {
        let mut packet = packet(LinkType::RAW, &data);
        packet.wire_len += 1000;
        let mut decoder = Decoder::new(&Limits::default());
        let segment = decoder.decode(&packet).unwrap();
        assert_eq!((segment.payload, segment.payload_len), (b"hello" as &[u8], 1005));
    }
}

#[test]
fn snap_length_cuts_the_payload_and_not_its_length() {
    for ip in [ipv4(6, &tcp(&[1; 12], &[7; 1000])), ipv6(6, &tcp(&[1; 12], &[7; 1000]))] {
        let whole = ethernet(if ip[0] == 0x45 { 0x0800 } else { 0x86dd }, &ip);
        let headers = whole.len() - 1000;
        for kept in headers..headers + 10 {
            let mut packet = packet(LinkType::ETHERNET, &whole[..kept]);
            packet.wire_len = whole.len() as u32;
            let mut decoder = Decoder::new(&Limits::default());
            let segment = decoder.decode(&packet).unwrap();
            assert_eq!((segment.payload.len(), segment.payload_len), (kept - headers, 1000));
        }
    }
}

#[test]
fn a_cut_tcp_header_is_read_as_far_as_its_flags() {
    let whole = ethernet(0x0800, &ipv4(6, &tcp(&[1; 12], &[7; 50])));
    let mut decoder = Decoder::new(&Limits::default());
    for kept in 34..66 {
        let mut packet = packet(LinkType::ETHERNET, &whole[..kept]);
        packet.wire_len = whole.len() as u32;
        match decoder.decode(&packet) {
            Ok(segment) => {
                assert!(kept >= 48);
                assert_eq!((segment.source.port, segment.seq, segment.ack), (8080, 100, 200));
                assert_eq!(segment.flags, TcpFlags::PSH.with(TcpFlags::ACK));
                assert_eq!(segment.window, if kept >= 50 { 0x0102 } else { 0 });
                assert_eq!(segment.options.len(), kept.saturating_sub(54));
                assert_eq!((segment.payload.len(), segment.payload_len), (0, 50));
            }
            Err(skip) => assert!(kept < 48 && skip == Skip::TruncatedTcpHeader),
        }
    }
}

#[test]
fn cuts_in_lower_headers_are_told_apart() {
    let whole = hello();
    assert_eq!(skip(LinkType::ETHERNET, &whole[..13]), Skip::TruncatedLinkHeader);
    assert_eq!(skip(LinkType::ETHERNET, &whole[..14]), Skip::TruncatedIpHeader);
    assert_eq!(skip(LinkType::ETHERNET, &whole[..33]), Skip::TruncatedIpHeader);
    assert_eq!(skip(LinkType::IPV6, &ipv6(6, &[])[..39]), Skip::TruncatedIpHeader);
    assert_eq!(skip(LinkType::IPV6, &ipv6(0, &[6, 1, 0, 0])), Skip::TruncatedIpHeader);
}

#[test]
fn what_contradicts_itself_is_malformed() {
    let change = |offset: usize, value: u8| {
        let mut bytes = ipv4(6, &tcp(&[], b"hello"));
        bytes[offset] = value;
        skip(LinkType::RAW, &bytes)
    };
    assert_eq!(change(0, 0x44), Skip::MalformedIp);
    assert_eq!(change(0, 0x75), Skip::MalformedIp);
    assert_eq!(change(3, 19), Skip::MalformedIp);
    assert_eq!(change(3, 39), Skip::MalformedTcp);
    assert_eq!(change(32, 0x40), Skip::MalformedTcp);
    assert_eq!(change(32, 0x70), Skip::MalformedTcp);
}

#[test]
fn other_protocols_and_fragments() {
    assert_eq!(skip(LinkType::ETHERNET, &ethernet(0x0806, &[0; 28])), Skip::NotIp);
    assert_eq!(skip(LinkType::RAW, &ipv4(17, &[0; 8])), Skip::NotTcp);
    for (offset, value) in [(6, 0x20), (7, 1)] {
        let mut fragment = ipv4(6, &tcp(&[], b"four"));
        fragment[offset] = value;
        assert_eq!(skip(LinkType::RAW, &fragment), Skip::IpFragment);
    }
}

#[test]
fn ipv6_extension_headers() {
    let tcp = tcp(&[], b"hello");
    let raw = |next: u8| vec![next, 1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let chain = [raw(43), raw(60), raw(44), vec![6, 0, 0, 0, 0, 0, 0, 1], tcp.clone()].concat();
    assert!(wrapping(LinkType::RAW, &ipv6(0, &chain)).is_empty());
    for fragment in [[6, 0, 0, 1, 0, 0, 0, 1], [6, 0, 0, 8, 0, 0, 0, 1]] {
        let eights = &tcp[..24];
        assert_eq!(skip(LinkType::RAW, &ipv6(44, &[&fragment, eights].concat())), Skip::IpFragment);
    }
    assert_eq!(skip(LinkType::RAW, &ipv6(59, &[])), Skip::NotTcp);
}

#[test]
fn ipv4_options_are_passed() {
    let mut bytes = ipv4(6, &tcp(&[], b"hello"));
    bytes[0] = 0x46;
    bytes[3] += 4;
    bytes.splice(20..20, [1; 4]);
    assert!(wrapping(LinkType::RAW, &bytes).is_empty());
}

#[test]
fn timestamps_by_both_ways() {
    let usual = [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2];
    let unusual = [8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1];
    for options in [usual, unusual] {
        with_segment(LinkType::RAW, &ipv4(6, &tcp(&options, b"")), |segment| {
            assert_eq!(segment.timestamps(), Some((1, 2)));
        });
    }
    with_segment(LinkType::RAW, &ipv4(6, &tcp(&[], b"")), |segment| {
        assert_eq!(segment.timestamps(), None);
    });
}
