//! Whole packets in, segments out.

use proptest::prelude::*;

use crate::capture::LinkType;
use crate::limits::Limits;

use super::testing::*;
use super::*;

#[test]
fn every_field_of_an_ipv4_segment() {
    with_segment(LinkType::ETHERNET, &hello(), |segment| {
        assert_eq!(segment.at.packet.packet, 7);
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
fn vlan_tags_to_the_bound_and_not_beyond() {
    let inner = ipv4(6, &tcp(&[], b"hello"));
    let tagged = |types: &[u16]| {
        let tags: Vec<u8> = types.iter().zip(1..).flat_map(|(tag_type, id)| tag(*tag_type, id)).collect();
        [vec![2; 12], tags, vec![0x08, 0x00], inner.clone()].concat()
    };
    let shown = wrapping(LinkType::ETHERNET, &tagged(&[0x88a8, 0x8100, 0x9100, 0x9200]));
    assert_eq!(shown, ["vlan:1", "vlan:2", "vlan:3", "vlan:4"]);
    assert_eq!(wrapping(LinkType::ETHERNET, &tagged(&[0x8100; 8])).len(), 8);
    assert_eq!(skip(LinkType::ETHERNET, &tagged(&[0x8100; 9])), Skip::NestedTooDeep);
}

#[test]
fn logical_link_control() {
    let inner = ipv4(6, &tcp(&[], b"hello"));
    let snap = [&[0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00], inner.as_slice()].concat();
    let direct = [&[0x06, 0x06, 0x03], inner.as_slice()].concat();
    for payload in [&snap, &direct] {
        assert!(wrapping(LinkType::ETHERNET, &ethernet(payload.len() as u16, payload)).is_empty());
    }
    let spanning_tree = [0x42, 0x42, 0x03, 0, 0, 0, 0, 0];
    assert_eq!(skip(LinkType::ETHERNET, &ethernet(38, &spanning_tree)), Skip::NotIp);
}

#[test]
fn cooked_captures_tell_the_direction() {
    let inner = [tag(0x8100, 7), vec![0x08, 0x00], ipv4(6, &tcp(&[], b"hello"))].concat();
    let (protocol, rest) = inner.split_at(2);
    for (packet_type, direction) in
        [(0, Some(Direction::In)), (3, Some(Direction::In)), (4, Some(Direction::Out)), (5, None)]
    {
        let v1 = [&[0, packet_type, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0], inner.as_slice()].concat();
        let header = [0, 0, 0, 0, 0, 9, 0, 1, packet_type, 6, 2, 2, 2, 2, 2, 2, 0, 0];
        let v2 = [protocol, &header, rest].concat();
        for (link, data) in [(LinkType::LINUX_SLL, v1), (LinkType::LINUX_SLL2, v2)] {
            with_segment(link, &data, |segment| {
                assert_eq!(segment.direction, direction);
                assert_eq!(segment.encapsulation, [Encapsulation::Vlan(7)]);
                assert_eq!(segment.payload, b"hello");
            });
        }
    }
}

#[test]
fn loopback_in_both_byte_orders() {
    for family in [2, 24, 28, 30] {
        for header in [[family, 0, 0, 0], [0, 0, 0, family]] {
            for link in [LinkType::NULL, LinkType::LOOP] {
                let data = [header.as_slice(), &ipv4(6, &tcp(&[], b"hello"))].concat();
                assert!(wrapping(link, &data).is_empty());
            }
        }
    }
    assert_eq!(skip(LinkType::NULL, &[9, 0, 0, 0, 0x45]), Skip::NotIp);
}

#[test]
fn raw_links() {
    for link in [LinkType::RAW, LinkType::RAW_BSD, LinkType::RAW_OPENBSD, LinkType::IPV4] {
        assert!(wrapping(link, &ipv4(6, &tcp(&[], b"hello"))).is_empty());
    }
    assert_eq!(skip(LinkType(147), &hello()), Skip::UnknownLinkType);
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
        let mut fragment = ipv4(6, &tcp(&[], b"hello"));
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
        assert_eq!(skip(LinkType::RAW, &ipv6(44, &[&fragment, tcp.as_slice()].concat())), Skip::IpFragment);
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
fn tunnels_are_followed() {
    let ip = ipv4(6, &tcp(&[], b"hello"));
    let frame = hello();
    let behind = |header: &[u8], inner: &[u8]| [header, inner].concat();
    let on_wire =
        |ether_type, payload: Vec<u8>| wrapping(LinkType::ETHERNET, &ethernet(ether_type, &payload));
    let in_ip = |protocol, payload: Vec<u8>| wrapping(LinkType::RAW, &ipv4(protocol, &payload));

    assert_eq!(on_wire(0x8864, behind(&[0x11, 0, 0x12, 0x34, 0, 62, 0, 0x21], &ip)), ["pppoe:4660"]);
    let labels = [0x00, 0x01, 0x00, 64, 0x00, 0x02, 0x01, 64];
    assert_eq!(on_wire(0x8847, behind(&labels, &ip)), ["mpls:16", "mpls:32"]);
    let control_word = behind(&[0, 0, 0, 0], &frame);
    assert_eq!(on_wire(0x8847, behind(&labels[4..], &control_word)), ["mpls:32"]);

    assert_eq!(in_ip(4, ip.clone()), ["ip-in-ip"]);
    assert_eq!(in_ip(41, ipv6(6, &tcp(&[], b"hello"))), ["ip-in-ip"]);
    assert_eq!(in_ip(47, behind(&[0, 0, 0x08, 0x00], &ip)), ["gre"]);
    let all_fields = [0xb0, 0, 0x65, 0x58, 9, 9, 0, 0, 0, 0, 0, 42, 0, 0, 0, 1];
    assert_eq!(in_ip(47, behind(&all_fields, &frame)), ["gre:42"]);
    let pptp = [0x30, 0x81, 0x88, 0x0b, 0, 64, 0, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0x03, 0x21];
    assert_eq!(in_ip(47, behind(&pptp, &ip)), ["gre:7"]);
    let erspan = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 1, 0x18, 0x64, 0, 0, 0, 0];
    assert_eq!(in_ip(47, behind(&erspan, &frame)), ["erspan:100"]);
    let vxlan = [0xc0, 0, 0x12, 0xb5, 0, 0, 0, 0, 0x08, 0, 0, 0, 0, 0x10, 0, 0];
    assert_eq!(in_ip(17, behind(&vxlan, &frame)), ["vxlan:4096"]);
}

#[test]
fn tunnels_end_at_the_bound_and_where_they_are_none() {
    let nest = |times| (0..times).fold(ipv4(6, &tcp(&[], b"hello")), |inner, _| ipv4(4, &inner));
    assert_eq!(wrapping(LinkType::RAW, &nest(8)).len(), 8);
    assert_eq!(skip(LinkType::RAW, &nest(9)), Skip::NestedTooDeep);
    let labels = [[0, 1, 0, 64]; 9].concat();
    assert_eq!(skip(LinkType::ETHERNET, &ethernet(0x8847, &labels)), Skip::NestedTooDeep);
    let no_vxlan = [0xc0, 0, 0x12, 0xb5, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(skip(LinkType::RAW, &ipv4(17, &no_vxlan)), Skip::NotTcp);
    assert_eq!(skip(LinkType::RAW, &ipv4(47, &[0x40, 0, 8, 0, 0, 0])), Skip::NotTcp);
    assert_eq!(skip(LinkType::ETHERNET, &ethernet(0x8864, &[0x11, 0, 0, 1, 0, 6, 0xc0, 0x21])), Skip::NotIp);
}

#[test]
fn point_to_point_links() {
    let ip = ipv4(6, &tcp(&[], b"hello"));
    for header in [[0xff, 0x03, 0x00, 0x21].as_slice(), &[0x00, 0x21], &[0x21]] {
        assert!(wrapping(LinkType::PPP, &[header, ip.as_slice()].concat()).is_empty());
    }
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

/// Link types with a decoder, and one without.
const LINK_TYPES: [u16; 13] = [0, 1, 9, 12, 14, 50, 101, 108, 113, 228, 229, 276, 147];

/// Checks that a segment's slices fit its length.
fn check(link: u16, data: &[u8], wire_len: u32) {
    let mut decoder = Decoder::new(&Limits::default());
    let packet = Packet { wire_len, ..packet(LinkType(link), data) };
    if let Ok(segment) = decoder.decode(&packet) {
        assert!(segment.payload.len() as u64 <= u64::from(segment.payload_len));
        assert!(segment.payload.len() + segment.options.len() + 14 <= data.len());
        assert!(segment.tcp_options().count() <= 40);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_skipped(
        link in prop::sample::select(LINK_TYPES.to_vec()),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        wire_len in any::<u32>(),
    ) {
        check(link, &bytes, wire_len);
    }

    #[test]
    fn damaged_packets_are_decoded_or_skipped(
        good in prop::sample::select(good_packets()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..5),
        cut in any::<prop::sample::Index>(),
    ) {
        let (link, mut bytes) = good;
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let wire_len = bytes.len() as u32;
        bytes.truncate(cut.index(bytes.len()) + 1);
        check(link, &bytes, wire_len);
    }
}

/// Packets that are decoded.
fn good_packets() -> Vec<(u16, Vec<u8>)> {
    let (v4, v6) = (ipv4(6, &tcp(&[1; 12], b"hello")), ipv6(6, &tcp(&[1; 12], b"hello")));
    let extended = ipv6(0, &[&[6, 0, 1, 4, 0, 0, 0, 0], tcp(&[], b"hello").as_slice()].concat());
    let tagged = [vec![2; 12], tag(0x8100, 7), vec![0x86, 0xdd], v6.clone()].concat();
    let cooked = [vec![0, 4, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 0x08, 0x00], v4.clone()].concat();
    let gre =
        ipv4(47, &[&[0xb0, 0, 0x65, 0x58, 9, 9, 0, 0, 0, 0, 0, 42, 0, 0, 0, 1], hello().as_slice()].concat());
    let vxlan = [0xc0, 0, 0x12, 0xb5, 0, 0, 0, 0, 0x08, 0, 0, 0, 0, 0x10, 0, 0];
    let vxlan = ipv4(17, &[&vxlan, hello().as_slice()].concat());
    let pppoe = ethernet(0x8864, &[&[0x11, 0, 0, 9, 0, 62, 0, 0x21], v4.as_slice()].concat());
    let mpls = ethernet(0x8847, &[&[0, 1, 0, 64, 0, 2, 1, 64], v4.as_slice()].concat());
    let tunnelled = vec![(101, gre), (101, vxlan), (1, pppoe), (1, mpls)];
    let plain =
        vec![(1, ethernet(0x0800, &v4)), (1, tagged), (101, v6), (101, extended), (113, cooked), (228, v4)];
    [tunnelled, plain].concat()
}
