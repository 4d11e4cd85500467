//! Plays a scenario through the library.

use std::collections::HashMap;

use whoclosed::analyze::OpaqueTls;
use whoclosed::capture::{Direction, LinkType, Packet};
use whoclosed::flow::PacketRef;
use whoclosed::report::{Contents, View};
use whoclosed::time::Timestamp;
use whoclosed::tls::KeySource;
use whoclosed::{Analyzer, Options};

use crate::file::Connection;
use crate::packet::Captured;
use crate::wire;

const START: i64 = 1_700_000_000_000_000_000;

/// The report on what was played, and the packets of its labels.
pub(crate) struct Played {
    pub(crate) report: View,
    pub(crate) labels: HashMap<String, u64>,
    /// How many packets there are.
    pub(crate) packets: u64,
}

/// Plays connections in one capture file, or in several.
pub(crate) fn play(connections: &[Connection]) -> Played {
    let mut packets: Vec<(u32, Captured)> = Vec::new();
    let mut keys = String::new();
    for connection in connections {
        for index in 0..connection.times {
            let made = wire::told(connection, index);
            keys += &made.keys;
            packets.extend(made.packets.into_iter().map(|packet| (connection.file, packet)));
        }
    }
    packets.sort_by_key(|(file, packet)| (*file, packet.nanos));
    // Whether a connection may be a WebSocket is not asked here.
    let sealed = connections.iter().any(|connection| connection.tls.as_deref() == Some("sealed"));
    let opaque = if sealed { OpaqueTls::All } else { OpaqueTls::default() };
    let mut analyzer = Analyzer::new(Options { opaque, ..Options::default() });
    analyzer.keys_mut().read(keys.as_bytes(), KeySource::KeyLog);
    let mut labels = HashMap::new();
    let (mut file, mut number) = (0, 0);
    for (of, packet) in &packets {
        if *of != file {
            analyzer.end_capture();
            (file, number) = (*of, 0);
        }
        number += 1;
        if let Some(label) = &packet.label {
            labels.insert(label.clone(), number);
        }
        analyzer.push(&captured(packet, file, number));
    }
    Played {
        report: View::new(analyzer.finish(), Vec::new(), Contents::default()),
        labels,
        packets: packets.len() as u64,
    }
}

fn captured(packet: &Captured, file: u32, number: u64) -> Packet<'_> {
    let direction = packet.leaves.map(|leaves| if leaves { Direction::Out } else { Direction::In });
    Packet {
        at: PacketRef::new(file, number),
        time: Timestamp::from_nanos(START + packet.nanos),
        link: LinkType::RAW,
        data: &packet.data,
        wire_len: packet.data.len() as u32,
        direction,
        is_remarked: false,
    }
}
