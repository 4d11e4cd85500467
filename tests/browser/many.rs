//! A capture of as many connections as a test wants.

use std::fs;
use std::path::Path;

use crate::common::encode::Encoding;
use crate::common::session::{Packet, Session, Side, close, frame};

/// Where an Ethernet frame of IPv4 has the two addresses.
const ADDRESSES: [usize; 2] = [26, 30];

/// Writes a capture of `count` connections, one after the other and each of a client of its own; every
/// second one is closed with 1000 by the server, the others are reset by the client.
pub(crate) fn write(path: &Path, count: usize, url: &str) {
    let packets: Vec<Packet> = (0..count).flat_map(|number| connection(number, url)).collect();
    fs::write(path, Encoding::USUAL.file(&packets)).unwrap();
}

fn connection(number: usize, url: &str) -> Vec<Packet> {
    let mut session = Session::upgraded(url, "", &|whole| vec![whole]);
    session.say(Side::Client, &frame(Side::Client, 0x81, b"hello"));
    if number.is_multiple_of(2) {
        session.say(Side::Server, &frame(Side::Server, 0x88, &close(1000, "")));
        session.say(Side::Client, &frame(Side::Client, 0x88, &close(1000, "")));
        session.fin(Side::Server);
        session.fin(Side::Client);
    } else {
        session.rst(Side::Client);
    }
    let mut packets = session.into_packets();
    let [high, low] = u16::try_from(number).unwrap().to_be_bytes();
    for packet in &mut packets {
        packet.nanos += number as u64 * 100_000_000;
        for at in ADDRESSES {
            // The client is 10.0.0.1, the server 10.0.0.2.
            if packet.data[at + 3] == 1 {
                packet.data[at + 1..at + 3].copy_from_slice(&[high + 1, low]);
            }
        }
    }
    packets
}
