//! Whole capture files in, packets and summaries out.

mod compressed;
mod inputs;
mod pcap;
mod pcapng;
mod properties;

use super::testing::*;
use super::{AHEAD, Packet};

/// The bytes of all packets.
fn data(seen: &[Seen]) -> Vec<&[u8]> {
    seen.iter().map(|packet| packet.data.as_slice()).collect()
}

#[test]
fn packets_are_the_same_one_by_one_and_together_and_tell_what_comes() {
    let packets: Vec<Vec<u8>> = (0..40_u8).map(|index| vec![index; usize::from(index)]).collect();
    for order in [Little, Big] {
        let mut pcap = pcap_header(order, 0xa1b2_c3d4, 65535, 1);
        let mut pcapng = [section(order), interface(order, 1, 65535, &[])].concat();
        for data in &packets {
            pcap.extend(pcap_record(order, (7, 8), data, 40));
            pcapng.extend(enhanced(order, 0, 5, data, &[]));
        }
        for file in [pcap, pcapng] {
            let mut alone = Vec::new();
            let mut capture = open(&file).unwrap();
            while let Some(packet) = capture.next().unwrap() {
                assert!(packet.ahead.is_empty());
                alone.push(format!("{packet:?}"));
            }
            let (mut together, mut reads) = (Vec::new(), 0);
            let mut capture = open(&file).unwrap();
            while capture
                .next_packets(|packet| {
                    let coming = packets.get(together.len() + AHEAD).filter(|_| !together.is_empty());
                    assert!(packet.ahead.starts_with(coming.map_or(&[], Vec::as_slice)));
                    together.push(format!("{:?}", Packet { ahead: &[], ..*packet }));
                })
                .unwrap()
            {
                reads += 1;
            }
            assert_eq!((together, reads), (alone, 1));
        }
    }
}
