//! Captures that hold packets twice, or one direction of a connection only.

mod common;

use serde_json::{Value, json};

use common::encode::Encoding;
use common::memory;
use common::session::{Packet, Session, Side, close, frame};
use common::wrap::{ethernet, ipv4};

/// Link type of Linux cooked captures.
const COOKED: u16 = 113;

/// A session with a clean close, as IPv4 packets.
fn packets() -> Vec<Packet> {
    let mut session = Session::open(&|whole| vec![whole]);
    session.say(Side::Client, &frame(Side::Client, 0x81, b"hello"));
    session.say(Side::Server, &frame(Side::Server, 0x89, b"there?"));
    session.say(Side::Client, &frame(Side::Client, 0x8a, b"there?"));
    session.say(Side::Server, &frame(Side::Server, 0x88, &close(1001, "over")));
    session.say(Side::Client, &frame(Side::Client, 0x88, &close(1001, "")));
    session.fin(Side::Server);
    session.fin(Side::Client);
    let ip = |packet: Packet| Packet { data: packet.data[14..].to_vec(), ..packet };
    session.into_packets().into_iter().map(ip).collect()
}

fn report(link: u16, packets: &[Packet]) -> Value {
    memory::report(&Encoding::USUAL.file_of(link, packets))
}

/// What does not depend on how often packets were captured.
fn essence(report: &Value) -> Value {
    let connections = report["connections"].as_array().unwrap();
    assert_eq!(connections.len(), 1, "{connections:?}");
    let each = &connections[0];
    let closes = each["close_frames"].as_array().unwrap().iter();
    let closes: Vec<Value> = closes.map(|each| json!([each["from"], each["code"], each["reason"]])).collect();
    let side = |side: &str| {
        let tcp = &each["tcp"][side];
        ["segments", "payload_bytes", "retransmissions", "out_of_order", "lost_in_capture_bytes"]
            .map(|field| tcp[field].clone())
    };
    json!({
        "kind": each["kind"], "client": each["client"], "status": each["handshake"]["status"],
        "frames": each["frames"], "closes": closes, "close_handshake": each["close_handshake"],
        "unparsed": each["unparsed"], "violations": each["violations"], "heartbeats": each["heartbeats"][0]["sent"],
        "verdict": [each["verdict"]["party"], each["verdict"]["cause"], each["verdict"]["confidence"]],
        "client_tcp": side("client"), "server_tcp": side("server"),
    })
}

/// A place where a packet is captured: its frame around the IP packet.
type Place = fn(&[u8]) -> Vec<u8>;

/// Where the same packet is captured twice.
struct Twice {
    name: &'static str,
    link: u16,
    places: [Place; 2],
    /// Without an identification, as many systems send packets that may not be fragmented.
    is_anonymous: bool,
}

fn tagged(tag: u8, ip: &[u8]) -> Vec<u8> {
    ethernet(0x8100, &[&[0, tag, 8, 0], ip].concat())
}

/// As tcpdump on `any` writes it; 4 is a packet that leaves.
fn cooked(kind: u8, ip: &[u8]) -> Vec<u8> {
    [&[0, kind, 0, 1, 0, 6, 2, 2, 2, 2, 2, 2, 0, 0, 8, 0], ip].concat()
}

/// One hop further.
fn routed(ip: &[u8]) -> Vec<u8> {
    let mut ip = ip.to_vec();
    ip[8] -= 1;
    ip
}

fn mirrored(session: u8, ip: &[u8]) -> Vec<u8> {
    let header = [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 1, 0, session, 0, 0, 0, 0];
    ethernet(0x0800, &ipv4(47, &[&header, &ethernet(0x0800, ip)[..]].concat()))
}

fn tunnelled(ip: &[u8]) -> Vec<u8> {
    let vxlan = [0xc0, 0, 0x12, 0xb5, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 5, 0];
    ethernet(0x0800, &ipv4(17, &[&vxlan, &ethernet(0x0800, ip)[..]].concat()))
}

const TWICE: [Twice; 9] = [
    Twice {
        name: "a span port in both directions",
        link: 1,
        places: [|ip| ethernet(0x0800, ip), |ip| ethernet(0x0800, ip)],
        is_anonymous: false,
    },
    Twice {
        name: "in one VLAN and out of another",
        link: 1,
        places: [|ip| tagged(7, ip), |ip| tagged(9, ip)],
        is_anonymous: true,
    },
    Twice {
        name: "with a tag and without it",
        link: 1,
        places: [|ip| tagged(7, ip), |ip| ethernet(0x0800, ip)],
        is_anonymous: true,
    },
    Twice {
        name: "-i any on a router",
        link: COOKED,
        places: [|ip| cooked(0, ip), |ip| cooked(4, &routed(ip))],
        is_anonymous: true,
    },
    Twice {
        name: "-i any on a bridge",
        link: COOKED,
        places: [|ip| cooked(0, ip), |ip| cooked(4, ip)],
        is_anonymous: true,
    },
    Twice {
        name: "a router's span port",
        link: 1,
        places: [|ip| ethernet(0x0800, ip), |ip| ethernet(0x0800, &routed(ip))],
        is_anonymous: true,
    },
    Twice {
        name: "an ERSPAN mirror of both directions",
        link: 1,
        places: [|ip| mirrored(100, ip), |ip| mirrored(100, ip)],
        is_anonymous: false,
    },
    Twice {
        name: "two ERSPAN sessions",
        link: 1,
        places: [|ip| mirrored(100, ip), |ip| mirrored(101, ip)],
        is_anonymous: true,
    },
    Twice {
        name: "in a VXLAN and behind its end",
        link: 1,
        places: [tunnelled, |ip| ethernet(0x0800, ip)],
        is_anonymous: true,
    },
];

impl Twice {
    fn captured(&self, packets: &[Packet]) -> Vec<Packet> {
        let both = packets.iter().flat_map(|packet| {
            let mut ip = packet.data.clone();
            if self.is_anonymous {
                ip[4..6].copy_from_slice(&[0, 0]);
            }
            let at = |place: Place, nanos| Packet { nanos, data: place(&ip) };
            [at(self.places[0], packet.nanos), at(self.places[1], packet.nanos + 40_000)]
        });
        both.collect()
    }
}

#[test]
fn a_packet_captured_twice_is_counted_once() {
    let packets = packets();
    let once: Vec<Packet> =
        packets.iter().map(|each| Packet { data: ethernet(0x0800, &each.data), ..*each }).collect();
    let usual = essence(&report(1, &once));
    assert_eq!(usual["closes"].as_array().unwrap().len(), 2);
    for twice in &TWICE {
        let report = report(twice.link, &twice.captured(&packets));
        assert_eq!(essence(&report), usual, "{}", twice.name);
        let tcp = &report["connections"][0]["tcp"];
        let copies = ["client", "server"].map(|side| tcp[side]["copies"].as_u64().unwrap());
        assert_eq!(copies.iter().sum::<u64>() as usize, packets.len(), "{}", twice.name);
    }
}

#[test]
fn several_packets_may_pass_one_place_before_they_come_to_the_other() {
    // Systems hand packets on in small groups.
    let parts = |whole: common::session::Segment| {
        let part = |(index, bytes): (usize, &[u8])| common::session::Segment {
            offset: index * 100,
            bytes: bytes.to_vec(),
            ..whole
        };
        whole.bytes.chunks(100).enumerate().map(part).collect()
    };
    let mut session = Session::open(&parts);
    for _ in 0..3 {
        session.say(Side::Server, &frame(Side::Server, 0x82, &[7; 1600]));
        session.say(Side::Client, &frame(Side::Client, 0x82, &[7; 1600]));
    }
    session.say(Side::Server, &frame(Side::Server, 0x88, &close(1001, "over")));
    session.fin(Side::Server);
    let ip = |packet: Packet| Packet { data: packet.data[14..].to_vec(), ..packet };
    let packets: Vec<Packet> = session.into_packets().into_iter().map(ip).collect();
    let once: Vec<Packet> =
        packets.iter().map(|each| Packet { data: ethernet(0x0800, &each.data), ..*each }).collect();
    // Acknowledgements without payload count as segments there: nothing tells them from others like them.
    let essence = |report: &Value| {
        let mut essence = essence(report);
        ["client_tcp", "server_tcp"].into_iter().for_each(|side| essence[side][0] = Value::Null);
        essence
    };
    let usual = essence(&report(1, &once));
    let twice_at_places = TWICE.iter().filter(|twice| twice.is_anonymous);
    for twice in twice_at_places {
        let group = |group: &[Packet]| {
            let both = twice.captured(group);
            let (first, second): (Vec<_>, Vec<_>) =
                both.into_iter().enumerate().partition(|(at, _)| at % 2 == 0);
            first.into_iter().chain(second).map(|(_, packet)| packet).collect::<Vec<_>>()
        };
        let same_sender = |a: &Packet, b: &Packet| a.data[12..16] == b.data[12..16];
        let groups = packets.chunk_by(same_sender).flat_map(|run| run.chunks(8));
        let report = report(twice.link, &groups.flat_map(group).collect::<Vec<_>>());
        assert_eq!(essence(&report), usual, "{}", twice.name);
    }
}

#[test]
fn copies_that_go_the_other_way_tell_where_the_capture_sits() {
    let vantage = |name: &str| {
        let twice = TWICE.iter().find(|twice| twice.name == name).unwrap();
        report(twice.link, &twice.captured(&packets()))["connections"][0]["vantage"].clone()
    };
    for name in ["-i any on a bridge", "-i any on a router"] {
        let vantage = vantage(name);
        assert_eq!(vantage["at"], "between", "{name}");
        let why = vantage["why"][0].as_str().unwrap();
        assert!(why.starts_with("the same packets were seen arriving and leaving"), "{name}: {why}");
    }
    let mirrored = vantage("a span port in both directions").to_string();
    assert!(!mirrored.contains("arriving and leaving"), "{mirrored}");
}

#[test]
fn a_packet_sent_again_is_no_copy() {
    let packets = packets();
    let again: Vec<Packet> = packets
        .iter()
        .enumerate()
        .flat_map(|(index, packet)| {
            let mut later = packet.clone();
            later.data[4..6].copy_from_slice(&(index as u16 + 1000).to_be_bytes());
            later.nanos += 300_000;
            [packet.clone(), later]
        })
        .map(|packet| Packet { data: ethernet(0x0800, &packet.data), ..packet })
        .collect();
    let tcp = &report(1, &again)["connections"][0]["tcp"];
    for side in ["client", "server"] {
        assert_eq!(tcp[side]["copies"], 0, "{side}");
        assert!(tcp[side]["retransmissions"].as_u64().unwrap() >= 3, "{side}: {tcp}");
    }
}

/// What one side sent, as Ethernet frames.
fn of_side(side: Side) -> Vec<Packet> {
    let source: [u8; 4] = if side == Side::Client { [10, 0, 0, 1] } else { [10, 0, 0, 2] };
    let own = packets().into_iter().filter(|packet| packet.data[12..16] == source);
    own.map(|packet| Packet { data: ethernet(0x0800, &packet.data), ..packet }).collect()
}

#[test]
fn one_direction_shows_its_frames_and_no_more_than_they_tell() {
    for (side, other, frames) in [
        (Side::Client, "server", ["text", "pong", "close"]),
        (Side::Server, "client", ["ping", "ping", "close"]),
    ] {
        let packets = of_side(side);
        // Up to the Close: what comes behind it alone is no frame.
        let last = packets.iter().rposition(|packet| packet.data.len() > 54).unwrap();
        for start in 0..=last {
            let report = report(1, &packets[start..]);
            let connections = report["connections"].as_array().unwrap();
            // A short Close alone might be anything.
            let Some(each) = connections.first() else {
                assert_eq!(start, last, "{side:?} from {start}");
                continue;
            };
            let what = format!("{side:?} from {start}: {each}");
            let (own, seen) = (side.name(), if start <= 2 { &frames[..] } else { &["close"] });
            for kind in seen {
                assert_eq!(each["frames"][own][*kind], 1, "{kind} {what}");
            }
            let sent = each["frames"][other].as_object().unwrap();
            assert!(sent.values().all(|count| count == 0), "{what}");
            assert_eq!(each["client"]["port"], 50_000, "{what}");
            assert_eq!(each["close_handshake"], format!("{own}_only"), "{what}");
            let verdict = &each["verdict"];
            // It comes so soon after the other side was heard that it may be an answer.
            assert_eq!(verdict["party"], "unknown", "{what}");
            assert_eq!(verdict["confidence"], "low", "{what}");
            let says = format!("what the {other} sent is not in the capture");
            assert!(verdict["summary"].as_str().unwrap().contains(&says), "{what}");
        }
    }
}
