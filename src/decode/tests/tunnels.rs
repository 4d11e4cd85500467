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
