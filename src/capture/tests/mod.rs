//! Whole capture files in, packets and summaries out.

mod compressed;
mod inputs;
mod pcap;
mod pcapng;
mod properties;

use super::Packet;
use super::testing::*;

/// The bytes of all packets.
fn data(seen: &[Seen]) -> Vec<&[u8]> {
    seen.iter().map(|packet| packet.data.as_slice()).collect()
}

#[test]
fn packets_that_are_not_asked_for_come_again() {
    let records = (0..7_u8).map(|index| pcap_record(Little, (1, 0), &[index], 1));
    let file = [pcap_header(Little, 0xa1b2_c3d4, 65535, 1), records.flatten().collect()].concat();
    let mut capture = open(&file).unwrap();
    let mut seen = Vec::new();
    let mut take = |count| {
        let number_and_byte = |packet: Packet<'_>| (packet.at.packet(), packet.data[0]);
        capture.next_packets(|packets| seen.extend(packets.take(count).map(number_and_byte))).unwrap()
    };
    assert!(take(3) && take(1) && take(9) && !take(9));
    assert_eq!(seen, (0..7).map(|index| (u64::from(index) + 1, index)).collect::<Vec<_>>());
    assert_eq!(capture.summary().packets, 7);
}

#[test]
fn packets_are_the_same_one_by_one_and_together() {
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
                alone.push(format!("{packet:?}"));
            }
            let (mut together, mut reads) = (Vec::new(), 0);
            let mut capture = open(&file).unwrap();
            while capture
                .next_packets(|packets| together.extend(packets.map(|packet| format!("{packet:?}"))))
                .unwrap()
            {
                reads += 1;
            }
            assert_eq!((together, reads), (alone, 1));
        }
    }
}
