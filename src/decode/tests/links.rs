//! Every link layer.

use crate::capture::LinkType;
use crate::decode::testing::*;
use crate::decode::{Direction, Encapsulation, Skip};

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
fn point_to_point_links_in_other_wrappings() {
    let ip = ipv4(6, &tcp(&[], b"hello"));
    let behind = |header: &[u8]| [header, ip.as_slice()].concat();
    assert_eq!(wrapping(LinkType::PPP_ETHER, &behind(&[0x11, 0, 0, 9, 0, 62, 0, 0x21])), ["pppoe:9"]);
    for address in [0x0f, 0x8f] {
        assert!(wrapping(LinkType::C_HDLC, &behind(&[address, 0, 0x08, 0])).is_empty());
    }
    assert_eq!(skip(LinkType::C_HDLC, &behind(&[0x0e, 0, 0x08, 0])), Skip::NotIp);
    for (sent, direction) in [(0, Direction::In), (1, Direction::Out)] {
        with_segment(LinkType::PPP_WITH_DIRECTION, &behind(&[sent, 0xff, 0x03, 0, 0x21]), |segment| {
            assert_eq!((segment.direction, segment.payload), (Some(direction), b"hello".as_slice()));
        });
    }
}

/// A frame of 802.11 with this start of its header and these fields behind it.
fn wireless(control: [u8; 2], fields: &[u8]) -> Vec<u8> {
    let llc = [0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00];
    [&control, [2; 20].as_slice(), &[0x10, 0], fields, &llc, &ipv4(6, &tcp(&[], b"hello"))].concat()
}

#[test]
fn wireless_data_frames() {
    let plain = [wireless([0x08, 0x01], &[]), wireless([0x08, 0x03], &[2; 6])];
    let with_quality = [wireless([0x88, 0x02], &[0; 2]), wireless([0x88, 0x83], &[0; 12])];
    for frame in plain.iter().chain(&with_quality) {
        assert!(wrapping(LinkType::IEEE802_11, frame).is_empty());
    }
    // A beacon, no data, encrypted, in parts, aggregated.
    for control in [[0x80, 0], [0x48, 1], [0x08, 0x41], [0x08, 0x05]] {
        assert_eq!(skip(LinkType::IEEE802_11, &wireless(control, &[])), Skip::NotIp);
    }
    assert_eq!(skip(LinkType::IEEE802_11, &wireless([0x88, 1], &[0x80, 0])), Skip::NotIp);
    assert_eq!(skip(LinkType::IEEE802_11, &wireless([0x08, 1], &[])[..20]), Skip::TruncatedLinkHeader);
}

#[test]
fn radiotap_headers() {
    let behind = |header: &[u8], frame: &[u8]| [header, frame].concat();
    let frame = wireless([0x88, 0x02], &[0; 2]);
    let padded = wireless([0x88, 0x02], &[0; 4]);
    let short = [0, 0, 8, 0, 0, 0, 0, 0];
    assert!(wrapping(LinkType::RADIOTAP, &behind(&short, &frame)).is_empty());
    let mut extended = [0; 33];
    extended[..12].copy_from_slice(&[0, 0, 33, 0, 3, 0, 0, 0x80, 0, 0, 0, 0]);
    assert!(wrapping(LinkType::RADIOTAP, &behind(&extended, &frame)).is_empty());
    extended[24] = 0x20;
    assert!(wrapping(LinkType::RADIOTAP, &behind(&extended, &padded)).is_empty());
    assert_eq!(skip(LinkType::RADIOTAP, &extended), Skip::TruncatedLinkHeader);
    assert_eq!(skip(LinkType::RADIOTAP, &short[..7]), Skip::TruncatedLinkHeader);
}

#[test]
fn logged_packets() {
    let ip = ipv4(6, &tcp(&[], b"hello"));
    let attribute = |big: bool, kind: u16, value: &[u8]| {
        let mut bytes = Vec::new();
        for field in [4 + value.len() as u16, kind] {
            bytes.extend(if big { field.to_be_bytes() } else { field.to_le_bytes() });
        }
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    };
    for big in [false, true] {
        for (hook, direction) in [(1, Some(Direction::In)), (3, Some(Direction::Out)), (2, None)] {
            let parts = [
                vec![2, 0, 0, 1],
                attribute(big, 1, &[8, 0, hook, 0]),
                attribute(big, 10, b"why\0\0"),
                attribute(big, 9, &ip),
                attribute(big, 11, &[0; 4]),
            ];
            with_segment(LinkType::NFLOG, &parts.concat(), |segment| {
                assert_eq!((segment.direction, segment.payload), (direction, b"hello".as_slice()));
            });
        }
    }
    assert_eq!(skip(LinkType::NFLOG, &[2, 0, 0, 1, 3, 0, 1, 0]), Skip::NotIp);
    assert_eq!(skip(LinkType::NFLOG, &[2, 0, 0, 1, 9, 0, 1, 0]), Skip::TruncatedLinkHeader);
}

#[test]
fn raw_links() {
    for link in [LinkType::RAW, LinkType::RAW_BSD, LinkType::RAW_OPENBSD, LinkType::IPV4] {
        assert!(wrapping(link, &ipv4(6, &tcp(&[], b"hello"))).is_empty());
    }
    assert_eq!(skip(LinkType(147), &hello()), Skip::UnknownLinkType);
}

#[test]
fn point_to_point_links() {
    let ip = ipv4(6, &tcp(&[], b"hello"));
    for header in [[0xff, 0x03, 0x00, 0x21].as_slice(), &[0x00, 0x21], &[0x21]] {
        assert!(wrapping(LinkType::PPP, &[header, ip.as_slice()].concat()).is_empty());
    }
}

#[test]
fn the_file_tells_the_direction_where_the_link_does_not() {
    use crate::capture::Packet;
    use crate::decode::Decoder;
    use crate::limits::Limits;

    let mut decoder = Decoder::new(&Limits::default());
    let direction = Some(Direction::Out);
    let hello = hello();
    let plain = Packet { direction, ..packet(LinkType::ETHERNET, &hello) };
    assert_eq!(decoder.decode(&plain).unwrap().direction, direction);
    assert_eq!(decoder.decode(&packet(LinkType::ETHERNET, &hello)).unwrap().direction, None);
    let ip = ipv4(6, &tcp(&[], b"hello"));
    for (packet_type, expected) in [(0, Direction::In), (5, Direction::Out)] {
        let cooked = [&[0, packet_type, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 8, 0], ip.as_slice()].concat();
        let cooked = Packet { direction, ..packet(LinkType::LINUX_SLL, &cooked) };
        assert_eq!(decoder.decode(&cooked).unwrap().direction, Some(expected));
    }
}
