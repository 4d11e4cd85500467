//! Whole capture files in, packets and summaries out.

mod compressed;
mod inputs;
mod pcap;
mod pcapng;
mod properties;

use super::testing::*;

/// The bytes of all packets.
fn data(seen: &[Seen]) -> Vec<&[u8]> {
    seen.iter().map(|packet| packet.data.as_slice()).collect()
}

#[test]
fn a_packet_hints_at_the_next_one() {
    let packets: [&[u8]; 3] = [b"one", b"second", b"third one"];
    for order in [Little, Big] {
        let mut pcap = pcap_header(order, 0xa1b2_c3d4, 65535, 1);
        let mut pcapng = [section(order), interface(order, 1, 65535, &[])].concat();
        for data in packets {
            pcap.extend(pcap_record(order, (7, 8), data, 3));
            pcapng.extend(enhanced(order, 0, 5, data, &[]));
        }
        for file in [pcap, pcapng] {
            let mut capture = open(&file).unwrap();
            for (index, data) in packets.into_iter().enumerate() {
                let packet = capture.next().unwrap().unwrap();
                assert_eq!(packet.data, data);
                let next = packets.get(index + 1).copied().unwrap_or_default();
                assert!(packet.next.starts_with(next), "{next:?} in {:?}", packet.next);
            }
        }
    }
}
