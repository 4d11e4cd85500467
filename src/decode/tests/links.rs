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
