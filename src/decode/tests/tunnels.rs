//! Every tunnel.

use crate::capture::LinkType;
use crate::decode::Skip;
use crate::decode::testing::*;

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

/// A UDP packet to `port`.
fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    [&[0xc0, 0], port.to_be_bytes().as_slice(), &[0; 4], payload].concat()
}

#[test]
fn tunnels_in_udp() {
    let (ip, frame) = (ipv4(6, &tcp(&[], b"hello")), hello());
    let behind = |header: &[u8], inner: &[u8]| [header, inner].concat();
    let in_udp = |port, payload: Vec<u8>| wrapping(LinkType::RAW, &ipv4(17, &udp(port, &payload)));

    assert_eq!(in_udp(8472, behind(&[8, 0, 0, 0, 0, 0, 1, 0], &frame)), ["vxlan:1"]);
    for (next, inner) in [([0x0c, 1], &ip), ([0x0c, 3], &frame), ([0x08, 0], &frame)] {
        let header = [next[0], 0, 0, next[1], 0, 0, 5, 0];
        assert_eq!(in_udp(4790, behind(&header, inner)), ["vxlan:5"]);
    }
    let labelled = behind(&[0, 0, 0x11, 64], &ip);
    let header = [0x0c, 0, 0, 5, 0, 0, 5, 0];
    assert_eq!(in_udp(4790, behind(&header, &labelled)), ["vxlan:5", "mpls:1"]);
    assert_eq!(in_udp(6635, labelled.clone()), ["mpls:1"]);
    assert_eq!(wrapping(LinkType::RAW, &ipv4(137, &labelled)), ["mpls:1"]);

    assert_eq!(in_udp(6081, behind(&[0, 0, 0x65, 0x58, 0, 1, 0, 0], &frame)), ["geneve:256"]);
    assert_eq!(in_udp(6081, behind(&[1, 0, 8, 0, 0, 1, 0, 0, 9, 9, 9, 9], &ip)), ["geneve:256"]);

    assert_eq!(in_udp(2152, behind(&[0x30, 0xff, 0, 45, 0, 0, 0, 7], &ip)), ["gtp:7"]);
    let with_sequence = [0x32, 0xff, 0, 49, 0, 0, 0, 7, 0, 1, 0, 0];
    assert_eq!(in_udp(2152, behind(&with_sequence, &ip)), ["gtp:7"]);
    let extended = [0x34, 0xff, 0, 61, 0, 0, 0, 7, 0, 0, 0, 0x85, 1, 0, 0, 0xc0, 2, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(in_udp(2152, behind(&extended, &ip)), ["gtp:7"]);
}

#[test]
fn mirrors_and_pseudo_wires() {
    let (ip, frame) = (ipv4(6, &tcp(&[], b"hello")), hello());
    let erspan = |kind: u8, flags: u8, rest: &[u8], inner: &[u8]| {
        let gre = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1];
        let header = [0x20, 1, 0x18, 0x64, 0, 0, 0, 0, 0, 0, kind << 2, flags];
        wrapping(LinkType::RAW, &ipv4(47, &[&gre, header.as_slice(), rest, inner].concat()))
    };
    assert_eq!(erspan(0, 0, &[], &frame), ["erspan:100"]);
    assert_eq!(erspan(0, 1, &[0; 8], &frame), ["erspan:100"]);
    assert_eq!(erspan(2, 0, &[], &ip), ["erspan:100"]);

    let wire =
        |inner: &[u8]| wrapping(LinkType::ETHERNET, &ethernet(0x8847, &[&[0, 0, 0x11, 64], inner].concat()));
    for first in [0x00, 0x02, 0x4c, 0x6c, 0xf0] {
        let mut frame = frame.clone();
        frame[..6].copy_from_slice(&[first, 0x1b, 0xff, 0xee, 0x11, 0x22]);
        assert_eq!(wire(&frame), ["mpls:1"]);
        assert_eq!(wire(&[&[0, 0, 0, 9], frame.as_slice()].concat()), ["mpls:1"]);
    }
    assert_eq!(wire(&ip), ["mpls:1"]);
    assert_eq!(wire(&ipv6(6, &tcp(&[], b"hello"))), ["mpls:1"]);
}

#[test]
fn a_thousand_tunnels_are_too_many() {
    let gre = |inner: Vec<u8>| ipv4(47, &[&[0, 0, 0x65, 0x58], ethernet(0x0800, &inner).as_slice()].concat());
    let vxlan = |inner: Vec<u8>| {
        let header = [8, 0, 0, 0, 0, 0, 1, 0];
        ipv4(17, &udp(4789, &[header.as_slice(), &ethernet(0x0800, &inner)].concat()))
    };
    let plain = |inner: Vec<u8>| ipv4(4, &inner);
    let wraps: [&dyn Fn(Vec<u8>) -> Vec<u8>; 3] = [&gre, &vxlan, &plain];
    for wrap in wraps {
        let nested = (0..1000).fold(ipv4(6, &tcp(&[], b"hello")), |inner, _| wrap(inner));
        assert_eq!(skip(LinkType::RAW, &nested), Skip::NestedTooDeep);
    }
    let tags = tag(0x8100, 1).repeat(1000);
    assert_eq!(skip(LinkType::ETHERNET, &[vec![2; 12], tags].concat()), Skip::NestedTooDeep);
    let labels = [0, 1, 0, 64].repeat(1000);
    assert_eq!(skip(LinkType::ETHERNET, &ethernet(0x8847, &labels)), Skip::NestedTooDeep);
}

#[test]
fn what_is_no_tunnel_on_its_port_is_not_followed() {
    let on = |port, start: &[u8]| {
        let payload = [start, &[0; 60]].concat();
        skip(LinkType::RAW, &ipv4(17, &udp(port, &payload)))
    };
    assert_eq!(on(8472, &[8, 0, 0, 1]), Skip::NotTcp);
    assert_eq!(on(6081, &[0x40]), Skip::NotTcp);
    assert_eq!(on(6081, &[0, 0x80]), Skip::NotTcp);
    assert_eq!(on(2152, &[0x30, 1]), Skip::NotTcp);
    assert_eq!(on(2152, &[0x34, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]), Skip::NotTcp);
    assert_eq!(on(53, &[0x30, 0xff]), Skip::NotTcp);
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
