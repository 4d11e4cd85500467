//! What must hold for any bytes.

use proptest::prelude::*;

use crate::capture::{LinkType, Packet};
use crate::decode::Decoder;
use crate::decode::testing::*;
use crate::limits::Limits;

/// Link types with a decoder, and one without.
const LINK_TYPES: [u16; 19] =
    [0, 1, 9, 12, 14, 50, 51, 101, 104, 105, 108, 113, 127, 204, 228, 229, 239, 276, 147];

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
    let in_udp = |port: u16, header: &[u8], inner: &[u8]| {
        let udp = [&[0xc0, 0], port.to_be_bytes().as_slice(), &[0; 4], header, inner].concat();
        ipv4(17, &udp)
    };
    let geneve = in_udp(6081, &[1, 0, 0x65, 0x58, 0, 1, 0, 0, 9, 9, 9, 9], &hello());
    let extended_gtp = [0x34, 0xff, 0, 45, 0, 0, 0, 7, 0, 0, 0, 0x85, 1, 0, 0, 0];
    let gtp = in_udp(2152, &extended_gtp, &v4);
    let llc = [0xaa, 0xaa, 0x03, 0, 0, 0, 0x08, 0x00];
    let wireless = [&[0x88, 0x02], [2; 22].as_slice(), &[0; 2], &llc, &v4].concat();
    let radiotap = [&[0, 0, 17, 0, 3, 0, 0, 0], [0; 9].as_slice(), &wireless].concat();
    let len = v4.len() as u8 + 4;
    let nflog = [&[2, 0, 0, 1, 8, 0, 1, 0, 8, 0, 3, 0, len, 0, 9, 0], v4.as_slice()].concat();
    let tunnelled = vec![
        (101, gre),
        (101, vxlan),
        (1, pppoe),
        (1, mpls),
        (101, geneve),
        (101, gtp),
        (105, wireless),
        (127, radiotap),
        (239, nflog),
    ];
    let plain =
        vec![(1, ethernet(0x0800, &v4)), (1, tagged), (101, v6), (101, extended), (113, cooked), (228, v4)];
    [tunnelled, plain].concat()
}
