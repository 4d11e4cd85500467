//! One session in every link type, tunnel, file format, byte order, time resolution and compression: the
//! report on it is the same.

mod common;

use std::io::Cursor;

use serde_json::Value;
use whoclosed::analyze::{Analyzer, Options};
use whoclosed::capture::{Capture, CaptureError};
use whoclosed::limits::Limits;
use whoclosed::report::{Contents, View, json};

use common::compress::METHODS;
use common::encode::{ETHERNET, Encoding, Kind};
use common::sample::Sample;
use common::session::Packet;
use common::wrap::{LINKS, TUNNELS, ethernet, fragments, ipv4};

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

fn open(file: &[u8]) -> Result<Capture, CaptureError> {
    Capture::open(Box::new(Cursor::new(file.to_vec())), "t.pcap".to_owned(), 0, &Limits::default())
}

/// The report on a file that can be opened.
fn report_on(mut capture: Capture) -> Value {
    let mut analyzer = Analyzer::new(Options::default());
    while let Some(packet) = capture.next().unwrap() {
        analyzer.push(&packet);
    }
    analyzer.end_capture();
    analyzer.note_lost(0, capture.summary().dropped.unwrap_or_default());
    let view = View::new(analyzer.finish(), vec![capture.into_summary()], Contents::default());
    let mut text = Vec::new();
    json::write(&view, &mut text).unwrap();
    serde_json::from_slice(&text).unwrap()
}

fn report(file: &[u8]) -> Value {
    report_on(open(file).unwrap())
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

/// Every kind of file of one session.
fn files(session: &Session) -> Vec<(String, Vec<u8>)> {
    let plain = Encoding::all()
        .into_iter()
        .map(|encoding| (format!("{encoding:?}"), encoding.file(&session.packets)));
    let usual = Encoding::USUAL.file(&session.packets);
    let compressed = METHODS.iter().map(|method| {
        let streams = usual.chunks(300).flat_map(method.compress).collect();
        (method.name.to_owned(), streams)
    });
    plain.chain(compressed).collect()
}

/// Checks what a damaged file gives, where it gives anything: a warning unless all was there.
fn check(file: &[u8], what: &str) -> Option<u64> {
    let mut capture = open(file).ok()?;
    while capture.next().unwrap().is_some() {}
    let summary = capture.into_summary();
    assert!(summary.complete || !summary.warnings.is_empty(), "{what}");
    Some(summary.packets)
}

#[test]
fn a_cut_at_any_byte_keeps_what_is_before_it() {
    let session = Session::named(SESSIONS[0]);
    for (what, file) in files(&session) {
        let mut most = 0;
        for cut in 0..file.len() {
            let packets = check(&file[..cut], &what).unwrap_or_default();
            assert!(packets >= most, "{what} at {cut}");
            most = packets;
            if cut % 101 == 0 {
                open(&file[..cut]).map(report_on).ok();
            }
        }
        assert!(most >= session.packets.len() as u64 - 3, "{what}: {most}");
    }
}

#[test]
fn random_bytes_behind_a_good_start() {
    let session = Session::named(SESSIONS[0]);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for (what, file) in files(&session) {
        for _ in 0..60 {
            let kept = random() as usize % file.len();
            let noise = (0..random() % 600).map(|_| random() as u8);
            let damaged: Vec<u8> = file[..kept].iter().copied().chain(noise).collect();
            check(&damaged, &what);
            open(&damaged).map(report_on).ok();
        }
    }
}

/// A pcapng with a field of its third packet's block set, and the packets of a report on it.
fn with_field(session: &Session, big_endian: bool, offset: usize, value: u32) -> (Value, u64) {
    let kind = Kind::PcapNg { resolution: None, strange_blocks: false };
    let encoding = Encoding { big_endian, kind };
    let before = encoding.file(&session.packets[..2]).len();
    let mut file = encoding.file(&session.packets);
    let value = if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
    file[before + offset..before + offset + 4].copy_from_slice(&value);
    let capture = report(&file)["captures"][0].clone();
    let packets = capture["packets"].as_u64().unwrap();
    (capture, packets)
}

#[test]
fn wrong_lengths_and_interfaces() {
    let session = Session::named(SESSIONS[0]);
    let all = session.packets.len() as u64;
    for big_endian in [false, true] {
        for len in [0, 1, 11, u32::MAX, u32::MAX - 3] {
            let (capture, packets) = with_field(&session, big_endian, 4, len);
            assert_eq!((packets, &capture["complete"]), (2, &Value::Bool(false)), "{capture}");
            assert!(capture["warnings"][0].as_str().unwrap().contains("packet 3 at byte "), "{capture}");
        }
        for (offset, value) in [(8, 1), (8, u32::MAX), (20, u32::MAX), (20, 100_000)] {
            let (capture, packets) = with_field(&session, big_endian, offset, value);
            assert_eq!((packets, &capture["complete"]), (all, &Value::Bool(true)), "{capture}");
            assert!(capture["warnings"][0].as_str().unwrap().contains("packet 3 at byte "), "{capture}");
        }
    }
    let usual = Encoding::USUAL;
    let before = usual.file(&session.packets[..2]).len();
    for captured in [u32::MAX, 300_000] {
        let mut file = usual.file(&session.packets);
        file[before + 8..before + 12].copy_from_slice(&captured.to_le_bytes());
        let capture = report(&file)["captures"][0].clone();
        assert_eq!((&capture["packets"], &capture["complete"]), (&Value::from(2), &Value::Bool(false)));
    }
}

#[test]
fn a_thousand_tunnels_in_one_another_are_counted_and_left() {
    let session = Session::named(SESSIONS[0]);
    let last = session.packets.last().unwrap();
    let ip = &last.data[14..];
    let tags = [0x81, 0, 0, 7].repeat(999);
    let labels = [0, 0, 0x10, 64].repeat(1000);
    let nested = [
        ethernet(0x8100, &[&[0, 7], &tags[..], &[8, 0], ip].concat()),
        ethernet(0x8847, &[&labels[..], &[0, 0, 0x11, 64], ip].concat()),
        ethernet(0x0800, &(0..1000).fold(ip.to_vec(), |inner, _| ipv4(4, &inner))),
    ];
    for data in nested {
        let mut packets: Vec<_> = session.packets.iter().map(copy).collect();
        packets.push(Packet { nanos: last.nanos, data });
        let report = report(&Encoding::USUAL.file(&packets));
        assert_eq!(report["summary"]["skipped_packets"]["nested_too_deep"], 1, "{}", report["summary"]);
        assert!(report["connections"] == session.expected);
    }
}

fn copy(packet: &Packet) -> Packet {
    Packet { nanos: packet.nanos, data: packet.data.clone() }
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
