//! One session in every link type, tunnel, file format, byte order, time resolution and compression: the
//! report on it is the same.

mod common;

use serde_json::Value;

use common::compress::METHODS;
use common::encode::{ETHERNET, Encoding, Kind};
use common::memory::{open, report};
use common::sample::Sample;
use common::session::Packet;
use common::wrap::{LINKS, TUNNELS, fragments};

/// The sessions that are encoded: a clean close, fragmented messages with pings, an idle timeout.
const SESSIONS: [&str; 3] = ["close-1000-by-client", "fragments-with-pings", "nginx-idle-at-client"];

/// The packets of a sample, and the report on it.
struct Session {
    packets: Vec<Packet>,
    expected: Value,
}

impl Session {
    fn all() -> Vec<Self> {
        SESSIONS.map(Self::named).into()
    }

    fn named(name: &str) -> Self {
        let file = std::fs::read(Sample::named(name).path()).unwrap();
        let mut capture = open(&file).unwrap();
        let mut packets = Vec::new();
        while let Some(packet) = capture.next().unwrap() {
            packets.push(Packet { nanos: packet.time.as_nanos() as u64, data: packet.data.to_vec() });
        }
        Self { packets, expected: report(&file)["connections"].clone() }
    }

    /// The session's packets, each made of the IP packet in a frame.
    fn wrapped(&self, wrap: impl Fn(&[u8]) -> Vec<Vec<u8>>) -> Vec<Packet> {
        let frames = |packet: &Packet| {
            let nanos = packet.nanos;
            let ip_len = usize::from(u16::from_be_bytes([packet.data[16], packet.data[17]]));
            wrap(&packet.data[14..14 + ip_len]).into_iter().map(move |data| Packet { nanos, data })
        };
        self.packets.iter().flat_map(frames).collect()
    }
}

/// The connections of a report without the tags and tunnels, and these, joined.
fn connections(file: &[u8]) -> (Value, Vec<String>) {
    let report = report(file);
    assert_eq!(report["captures"][0]["complete"], true, "{}", report["captures"]);
    let mut connections = report["connections"].clone();
    let mut around = Vec::new();
    for connection in connections.as_array_mut().unwrap() {
        let layers = std::mem::replace(&mut connection["encapsulation"], Value::Array(Vec::new()));
        around.push(
            layers
                .as_array()
                .unwrap()
                .iter()
                .map(|name| name.as_str().unwrap())
                .collect::<Vec<_>>()
                .join(" "),
        );
    }
    (connections, around)
}

#[track_caller]
fn assert_same(file: &[u8], session: &Session, what: &str) {
    assert!(connections(file).0 == session.expected, "{what}: the report differs");
}

#[test]
fn every_link_type() {
    for session in Session::all() {
        for link in &LINKS {
            let packets = session.wrapped(|ip| vec![(link.wrap)(ip)]);
            for encoding in [Encoding::USUAL, Encoding::STRANGE] {
                assert_same(&encoding.file_of(link.number, &packets), &session, link.name);
            }
        }
    }
}

#[test]
fn every_tunnel() {
    for session in Session::all() {
        for tunnel in &TUNNELS {
            let packets = session.wrapped(|ip| vec![(tunnel.wrap)(ip)]);
            let (found, around) = connections(&Encoding::USUAL.file(&packets));
            assert_eq!(around, [tunnel.names.join(" ")]);
            assert!(found == session.expected, "{}: the report differs", tunnel.names.join(" "));
        }
    }
}

#[test]
fn every_format_byte_order_and_resolution() {
    let resolutions = [None, Some(6), Some(9), Some(10), Some(0x80 | 30), Some(0x80 | 33)];
    for session in Session::all() {
        for encoding in Encoding::all() {
            assert_same(&encoding.file(&session.packets), &session, &format!("{encoding:?}"));
        }
        for (resolution, big_endian) in resolutions.into_iter().flat_map(|each| [(each, false), (each, true)])
        {
            let kind = Kind::PcapNg { resolution, strange_blocks: false };
            let file = Encoding { big_endian, kind }.file(&session.packets);
            assert_same(&file, &session, &format!("{resolution:?}"));
        }
    }
}

/// What does not rest on exact times.
fn coarse(connections: &Value) -> Vec<Value> {
    let parts = |connection: &Value| {
        let mut closes = connection["close_frames"].clone();
        for close in closes.as_array_mut().unwrap() {
            close["time"] = Value::Null;
        }
        let verdict = &connection["verdict"];
        let words = ["party", "cause", "confidence"].map(|word| verdict[word].clone());
        Value::Array(vec![connection["frames"].clone(), closes, words.to_vec().into()])
    };
    connections.as_array().unwrap().iter().map(parts).collect()
}

#[test]
fn coarse_resolutions() {
    for session in Session::all() {
        for resolution in [3, 2, 0x80 | 10, 0x80 | 16] {
            let kind = Kind::PcapNg { resolution: Some(resolution), strange_blocks: true };
            let file = Encoding { big_endian: true, kind }.file(&session.packets);
            assert_eq!(coarse(&connections(&file).0), coarse(&session.expected), "{resolution}");
        }
    }
}

/// A report without the numbers of packets, for encodings that make more of them.
fn unnumbered(value: &Value) -> Value {
    match value {
        Value::Object(fields) if fields.len() == 2 && fields.contains_key("packet") => Value::Null,
        // A filter of packets by their numbers.
        Value::Object(fields) if fields.len() == 2 && fields.contains_key("file") => Value::Null,
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), unnumbered(value))).collect()
        }
        Value::Array(values) => values.iter().map(unnumbered).collect(),
        other => other.clone(),
    }
}

#[test]
fn ip_fragments_in_order_and_not() {
    for session in Session::all() {
        for (most, backwards) in [(64, false), (64, true), (24, true), (8, false)] {
            let packets = session.wrapped(|ip| {
                let mut frames = fragments(ip, most);
                if backwards {
                    frames.reverse();
                }
                frames
            });
            assert!(packets.len() > session.packets.len());
            let (found, _) = connections(&Encoding::USUAL.file(&packets));
            assert!(
                unnumbered(&found) == unnumbered(&session.expected),
                "{most}, {backwards}: the report differs"
            );
        }
    }
}

#[test]
fn every_compression_of_every_format() {
    for session in Session::all() {
        for encoding in [Encoding::USUAL, Encoding::STRANGE] {
            let file = encoding.file_of(ETHERNET, &session.packets);
            for method in &METHODS {
                let whole = (method.compress)(&file);
                let parts: Vec<u8> = file.chunks(500).flat_map(method.compress).collect();
                for compressed in [whole, parts] {
                    let report = report(&compressed);
                    assert_eq!(report["captures"][0]["compression"], method.name);
                    assert_eq!(report["captures"][0]["bytes"], compressed.len());
                    assert_same(&compressed, &session, method.name);
                }
            }
        }
    }
}

/// An interface statistics block that tells of packets lost on interface 0.
fn lost(packets: u64) -> Vec<u8> {
    let head = [5_u32, 40, 0, 0, 0].map(u32::to_le_bytes).concat();
    let option = [&[5, 0, 8, 0][..], &packets.to_le_bytes(), &[0; 4]].concat();
    [head, option, 40_u32.to_le_bytes().to_vec()].concat()
}

#[test]
fn a_capture_that_lost_packets_says_so_and_what_rests_on_absence_is_less_sure() {
    let kind = Kind::PcapNg { resolution: None, strange_blocks: false };
    let encoding = Encoding { big_endian: false, kind };
    for (name, before, after) in
        [("nginx-idle-at-client", "medium", "low"), ("close-1000-by-client", "high", "high")]
    {
        let session = Session::named(name);
        let file = encoding.file(&session.packets);
        let of = |packets| report(&[file.clone(), lost(packets)].concat());
        let confidence = |report: &Value| report["connections"][0]["verdict"]["confidence"].clone();
        assert_eq!(confidence(&of(0)), before, "{name}");
        let report = of(7);
        assert_eq!(confidence(&report), after, "{name}");
        assert_eq!(report["captures"][0]["dropped"], 7);
        let warnings = report["captures"][0]["warnings"].to_string();
        assert!(warnings.contains("lost 7 packets"), "{warnings}");
    }
}
