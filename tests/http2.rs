//! HTTP/2 connections that are not begun as usual: by an upgrade from HTTP/1.1, or before the capture.

mod common;

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use common::encode::Encoding;
use common::sample::Sample;
use common::session::{Session, Side};
use serde_json::Value;

fn run(input: &[u8]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whoclosed"));
    let command = command.args(["--format", "json", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap()
}

fn connections(report: &Value) -> &[Value] {
    report["connections"].as_array().unwrap()
}

/// A frame of HTTP/2.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let len = (payload.len() as u32).to_be_bytes();
    [&len[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A field without indexing, as it is.
fn field(name: &str, value: &str) -> Vec<u8> {
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    [vec![0], text(name), text(value)].concat()
}

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn connect() -> Vec<u8> {
    let fields = [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "http"),
        (":path", "/live"),
        (":authority", "lab"),
        ("sec-websocket-version", "13"),
    ];
    fields.map(|(name, value)| field(name, value)).concat()
}

#[test]
fn an_upgrade_to_http2_is_followed() {
    let mut session = Session::connected(&|whole| vec![whole]);
    session.say(
        Side::Client,
        b"GET / HTTP/1.1\r\nHost: lab\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    );
    let switched = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    // RFC 8441 §3: the server allows extended CONNECT.
    let settings = frame(SETTINGS, 0, 0, &[0, 8, 0, 0, 0, 1]);
    let page =
        [frame(HEADERS, END_HEADERS, 1, &field(":status", "200")), frame(DATA, END_STREAM, 1, b"page")];
    session.say(Side::Server, &[&switched[..], &settings, &page.concat()].concat());
    let asked = frame(HEADERS, END_HEADERS, 3, &connect());
    session.say(Side::Client, &[PREFACE, &frame(SETTINGS, 0, 0, &[]), &asked].concat());
    session.say(Side::Server, &frame(HEADERS, END_HEADERS, 3, &field(":status", "200")));
    session.say(Side::Client, &frame(DATA, 0, 3, &[0x81, 0x82, 1, 2, 3, 4, b'h' ^ 1, b'i' ^ 2]));
    session.say(Side::Client, &frame(DATA, 0, 3, &[0x88, 0x82, 1, 2, 3, 4, 0x03 ^ 1, 0xe8 ^ 2]));
    session.say(Side::Server, &frame(DATA, END_STREAM, 3, &[0x88, 2, 0x03, 0xe8]));
    session.say(Side::Client, &frame(DATA, END_STREAM, 3, &[]));
    session.fin(Side::Client);
    let report = run(&Encoding::USUAL.file(&session.into_packets()));
    let [connection] = connections(&report) else { panic!("{report}") };
    assert_eq!((&connection["kind"], &connection["http2_stream"]), (&"websocket".into(), &3.into()));
    assert_eq!(connection["handshake"]["path"], "/live");
    assert_eq!(connection["frames"]["client"]["text"], 1);
    assert_eq!(connection["close_handshake"], "client_then_server");
}

#[test]
fn an_upgrade_to_http2_that_is_refused_leaves_http() {
    let mut session = Session::connected(&|whole| vec![whole]);
    session.say(Side::Client, b"GET / HTTP/1.1\r\nHost: lab\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
    session.say(Side::Server, b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage");
    session.fin(Side::Client);
    let report = run(&Encoding::USUAL.file(&session.into_packets()));
    assert_eq!((connections(&report).len(), &report["summary"]["other_tcp_flows"]), (0, &1.into()));
}

/// The packets of a pcap file, behind its header.
fn packets(capture: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = &capture[24..];
    let mut packets = Vec::new();
    while !rest.is_empty() {
        let len = u32::from_le_bytes(rest[8..12].try_into().unwrap());
        let (packet, behind) = rest.split_at(16 + len as usize);
        packets.push(packet.to_vec());
        rest = behind;
    }
    packets
}

/// The capture without its first packets, of which `change` may change the others.
fn behind(name: &str, first: usize, change: &dyn Fn(&mut [u8])) -> Vec<u8> {
    let capture = fs::read(Sample::named(name).path()).unwrap();
    let mut kept = packets(&capture).split_off(first);
    kept.iter_mut().for_each(|packet| change(packet));
    [&capture[..24], &kept.concat()].concat()
}

/// A sample's connections, and the number of packets up to the last answer that opens one of them.
fn whole(name: &str) -> (Vec<Value>, usize) {
    let report = run(&fs::read(Sample::named(name).path()).unwrap());
    let opened =
        connections(&report).iter().map(|each| each["handshake"]["response_packet"]["packet"].as_u64());
    let opened = opened.max().flatten().unwrap();
    (connections(&report).to_vec(), opened as usize)
}

/// Cases in clear in which every WebSocket says something after the last one is open.
const CASES: [&str; 2] = ["http2-close-1000", "http2-two-streams"];

#[test]
fn a_connection_that_began_before_the_capture_is_found() {
    for name in CASES {
        let (all, opened) = whole(name);
        let report = run(&behind(name, opened, &|_| {}));
        assert!(!connections(&report).is_empty(), "{name}: {report}");
        for found in connections(&report) {
            let same = all.iter().find(|each| each["http2_stream"] == found["http2_stream"]).unwrap();
            let about = format!("{name}, stream {}", found["http2_stream"]);
            assert_eq!(
                (&found["kind"], &found["start_seen"]),
                (&"websocket_midstream".into(), &false.into()),
                "{about}"
            );
            for side in ["client", "server"] {
                assert_eq!(found[side], same[side], "{about}");
            }
            for what in ["close_frames", "close_handshake"] {
                let codes = |connection: &Value| match connection[what].as_array() {
                    Some(list) => list.iter().map(|close| close["code"].clone()).collect(),
                    None => connection[what].clone(),
                };
                assert_eq!(codes(found), codes(same), "{about}: {what}");
            }
        }
    }
}

#[test]
fn masks_tell_the_client_where_the_ports_are_misleading() {
    // Both ports are high, and the server's the higher one.
    let change = |packet: &mut [u8]| {
        let tcp = 16 + 14 + 20;
        for at in [tcp, tcp + 2] {
            let to: u16 = if packet[at..at + 2] == [0, 80] { 50_001 } else { 40_000 };
            packet[at..at + 2].copy_from_slice(&to.to_be_bytes());
        }
    };
    let swapped = |packet: &mut [u8]| {
        let tcp = 16 + 14 + 20;
        for at in [tcp, tcp + 2] {
            let to: u16 = if packet[at..at + 2] == [0, 80] { 50_001 } else { 443 };
            packet[at..at + 2].copy_from_slice(&to.to_be_bytes());
        }
    };
    let name = CASES[0];
    let (all, opened) = whole(name);
    for change in [&change as &dyn Fn(&mut [u8]), &swapped] {
        let report = run(&behind(name, opened, change));
        let [found] = connections(&report) else { panic!("{report}") };
        assert_eq!(found["client"]["ip"], all[0]["client"]["ip"]);
        assert_eq!(found["close_handshake"], "client_then_server");
        assert_eq!(found["frames"]["client"]["close"], 1);
        assert_eq!(found["violations"].as_array().unwrap().len(), 0);
    }
}

#[test]
fn what_was_on_its_way_when_a_stream_was_reset_is_no_new_one() {
    const PING: u8 = 6;
    const RST_STREAM: u8 = 3;
    let mut session = Session::connected(&|whole| vec![whole]);
    session.say(Side::Client, &frame(PING, 0, 0, &[0; 8]));
    session.say(Side::Server, &frame(PING, 1, 0, &[0; 8]));
    let hello = [0x81, 0x85, 1, 2, 3, 4, b'h' ^ 1, b'e' ^ 2, b'l' ^ 3, b'l' ^ 4, b'o' ^ 1];
    let text = [&[0x81, 5][..], b"hello"].concat();
    for _ in 0..4 {
        session.say(Side::Client, &frame(DATA, 0, 7, &hello));
        session.say(Side::Server, &frame(DATA, 0, 7, &text));
    }
    session.say(Side::Client, &frame(RST_STREAM, 0, 7, &[0, 0, 0, 8]));
    for _ in 0..8 {
        session.say(Side::Server, &frame(DATA, 0, 7, &text));
    }
    session.fin(Side::Client);
    let report = run(&Encoding::USUAL.file(&session.into_packets().split_off(3)));
    let [connection] = connections(&report) else { panic!("{report}") };
    assert_eq!(connection["kind"], "websocket_midstream");
    assert_eq!(connection["frames"]["client"]["text"], 4);
    assert_eq!(connection["verdict"]["observed"]["mechanism"], "http2_stream_reset");
}

#[test]
fn pages_over_http2_without_their_start_are_no_websockets() {
    let mut session = Session::connected(&|whole| vec![whole]);
    for stream in (1..400).step_by(2) {
        session
            .say(Side::Client, &frame(HEADERS, END_HEADERS | END_STREAM, stream, &[0x82, 0x84, 0x87, 0xbe]));
        let head = frame(HEADERS, END_HEADERS, stream, &[0x88, 0xbf]);
        session.say(Side::Server, &[head, frame(DATA, END_STREAM, stream, b"{\"a page\": [0, 1]}")].concat());
    }
    session.fin(Side::Client);
    let packets = session.into_packets().split_off(5);
    let report = run(&Encoding::USUAL.file(&packets));
    assert_eq!((connections(&report).len(), &report["summary"]["other_tcp_flows"]), (0, &1.into()));
}
